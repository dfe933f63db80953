/*
 * Watches without KVM: what is chosen and armed, what is a hit and what is not. The names of
 * tests begin with the property that they hold: G, C and W are its numbers.
 */
#include "tests/unit/watch_aid.h"

#include <errno.h>

#define A UINT64_C(0x300000)
#define B UINT64_C(0x300100)

static struct cap_watch_arming arming_of(const struct aid_bench *bench, unsigned index) {
    struct cap_watch_arming arming = {0};
    for (uint32_t id = 0; id < AID_VCPUS; id++)
        if (!cap_watches_arming(&bench->watches, index, id, &arming))
            arming.pending++;
    return arming;
}

/* ---- arithmetic and choice ---- */

static void c16_dr7(void) {
    CHECK_EQ_U64(cap_watch_dr7(0), 0);
    CHECK_EQ_U64(cap_watch_dr7(1), 0xd0703);
    CHECK_EQ_U64(cap_watch_dr7(2), 0xd0070c);
    CHECK_EQ_U64(cap_watch_dr7(3), 0xdd070f);
}

static void choice_follows_the_means(void) {
    static const struct {
        struct cap_watch_means means;
        enum cap_watch_by by;
        bool costly;
        int result;
        enum cap_watch_kind kind;
    } rows[] = {
        {{true, true}, CAP_WATCH_BY_AUTO, true, 0, CAP_WATCH_HARDWARE},
        {{false, true}, CAP_WATCH_BY_AUTO, false, 0, CAP_WATCH_SLOT},
        {{false, true}, CAP_WATCH_BY_AUTO, true, 0, CAP_WATCH_POLL},
        {{false, false}, CAP_WATCH_BY_AUTO, false, 0, CAP_WATCH_POLL},
        {{true, true}, CAP_WATCH_BY_SLOT, true, 0, CAP_WATCH_SLOT},
        {{true, true}, CAP_WATCH_BY_POLL, false, 0, CAP_WATCH_POLL},
        {{true, true}, CAP_WATCH_BY_HARDWARE, false, 0, CAP_WATCH_HARDWARE},
        {{false, true}, CAP_WATCH_BY_HARDWARE, false, -1, CAP_WATCH_NONE},
        {{true, false}, CAP_WATCH_BY_SLOT, false, -1, CAP_WATCH_NONE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum cap_watch_kind kind = CAP_WATCH_NONE;
        struct dc_error err = {0};
        CHECK_EQ_I64(
            cap_watch_choose(&rows[i].means, rows[i].by, rows[i].costly, &kind, &err),
            rows[i].result);
        CHECK_EQ_U64(kind, rows[i].kind);
        CHECK_EQ_U64(err.code, rows[i].result ? DC_ECANNOT : DC_OK);
    }
    CHECK_STR(cap_watch_kind_name(CAP_WATCH_HARDWARE), "hardware watchpoint");
    CHECK_STR(cap_watch_kind_name(CAP_WATCH_SLOT), "read-only slot");
}

static void impossible_requests_are_refused(void) {
    static const struct cap_watch_request bad[] = {
        {A + 2, A, AID_EDGE},
        {A, A + 1, AID_EDGE},
        {AID_RAM_BYTES, A, AID_EDGE},
        {UINT64_MAX - 3, A, AID_EDGE},
        {A, A, 0},
    };
    struct aid_bench bench;

    if (!aid_set_up(&bench))
        return;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct dc_error err = {0};
        CHECK_EQ_I64(
            cap_watches_set(&bench.watches, 0, CAP_WATCH_HARDWARE, &bad[i], true, &err),
            -1);
        CHECK_EQ_U64(err.code, DC_EUSAGE);
        CHECK_EQ_U64(bench.watches.watch[0].kind, CAP_WATCH_NONE);
    }
    CHECK_EQ_I64(aid_set(&bench, 0, AID_RAM_BYTES - 4), CAP_WATCH_SET);
    aid_tear_down(&bench);
}

/* ---- arming ---- */

static void c16_both_go_into_one_call_and_only_once(void) {
    struct aid_bench bench;

    if (!aid_set_up(&bench))
        return;
    CHECK(cap_watches_arm(&bench.watches, 0, 0));
    CHECK_EQ_U64(aid_calls, 0); /* nothing is wanted, nothing is set */
    CHECK_EQ_I64(aid_set(&bench, 0, A), CAP_WATCH_SET);
    CHECK_EQ_I64(aid_set(&bench, 1, B), CAP_WATCH_SET);
    CHECK_EQ_U64(arming_of(&bench, 0).pending, AID_VCPUS);
    for (int turn = 0; turn < 3; turn++)
        CHECK(cap_watches_arm(&bench.watches, 0, 0));
    CHECK_EQ_U64(aid_calls, 1);
    CHECK_EQ_U64(aid_debug[0].control, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP);
    CHECK_EQ_U64(aid_debug[0].arch.debugreg[0], AID_VIRTUAL + A);
    CHECK_EQ_U64(aid_debug[0].arch.debugreg[1], AID_VIRTUAL + B);
    CHECK_EQ_U64(aid_debug[0].arch.debugreg[7], 0xdd070f);
    CHECK_EQ_U64(arming_of(&bench, 0).armed, 1);
    CHECK_EQ_U64(arming_of(&bench, 0).pending, AID_VCPUS - 1);
    CHECK_EQ_I64(aid_set(&bench, 0, A), CAP_WATCH_SET); /* it is so already */
    CHECK_EQ_U64(arming_of(&bench, 0).armed, 1);
    aid_tear_down(&bench);
}

static void w29_disarm_switches_off(void) {
    struct aid_bench bench;

    if (!aid_set_up(&bench))
        return;
    aid_set(&bench, 0, A);
    CHECK(cap_watches_arm(&bench.watches, 0, 0));
    CHECK_EQ_I64(
        cap_watches_set(&bench.watches, 0, CAP_WATCH_HARDWARE, NULL, false, NULL),
        CAP_WATCH_SET);
    CHECK(cap_watches_arm(&bench.watches, 0, 0));
    CHECK_EQ_U64(aid_calls, 2);
    CHECK_EQ_U64(aid_debug[0].control, 0);
    CHECK_EQ_U64(aid_debug[0].arch.debugreg[7], 0);
    CHECK_EQ_U64(arming_of(&bench, 0).armed, 0);
    aid_tear_down(&bench);
}

static void c16_three_failures_give_up(void) {
    static const int failing[] = {EINTR, ENXIO, EINVAL, EINTR, ENXIO, 0, -1};
    struct aid_bench bench;

    if (!aid_set_up(&bench))
        return;
    aid_poke(&bench, A, AID_EDGE);
    aid_set(&bench, 0, A);
    aid_answers = failing;
    CHECK(!cap_watches_arm(&bench.watches, 0, 0)); /* a signal: not into the guest */
    CHECK_EQ_U64(aid_calls, 1);
    CHECK_EQ_U64(arming_of(&bench, 0).pending, AID_VCPUS);
    CHECK(!cap_watches_arm(&bench.watches, 0, 0));
    CHECK_EQ_U64(aid_calls, 4);
    CHECK(cap_watches_arm(&bench.watches, 0, 0));
    CHECK_EQ_U64(aid_calls, 5);
    CHECK_EQ_U64(arming_of(&bench, 0).failed, 1);
    CHECK_EQ_I64(arming_of(&bench, 0).error, ENXIO);
    cap_watches_debug(&bench.watches, 0, 1); /* no exit of this vCPU counts any more */
    CHECK(!cap_watches_hit(&bench.watches, 0, NULL));
    aid_set(&bench, 1, B);
    CHECK(cap_watches_arm(&bench.watches, 0, 0));
    CHECK_EQ_U64(aid_calls, 5); /* it does not try again, though it would work now */
    CHECK_EQ_U64(arming_of(&bench, 1).failed, 1);
    CHECK(cap_watches_arm(&bench.watches, 1, 1));
    CHECK_EQ_U64(arming_of(&bench, 1).armed, 1); /* the others are not concerned */
    aid_tear_down(&bench);
}

/* What stands in the registers of a vCPU that cannot change them is the watch before. */
static void g3_failed_change_leaves_no_pair(void) {
    static const int failing[] = {0, ENXIO, -1};
    struct aid_bench bench;

    if (!aid_set_up(&bench))
        return;
    aid_poke(&bench, B, AID_EDGE);
    aid_answers = failing;
    aid_set(&bench, 0, A);
    CHECK(cap_watches_arm(&bench.watches, 0, 0));
    CHECK_EQ_I64(aid_set(&bench, 0, B), CAP_WATCH_AGAIN);
    CHECK_EQ_I64(aid_set(&bench, 0, B), CAP_WATCH_SET);
    CHECK(cap_watches_arm(&bench.watches, 0, 0));
    CHECK_EQ_U64(aid_debug[0].arch.debugreg[0], AID_VIRTUAL + A);
    cap_watches_debug(&bench.watches, 0, 1);
    CHECK(!cap_watches_hit(&bench.watches, 0, NULL));
    aid_calls = 0;
    cap_watches_set(&bench.watches, 0, CAP_WATCH_NONE, NULL, false, NULL);
    CHECK(cap_watches_arm(&bench.watches, 0, 0));
    CHECK_EQ_U64(aid_calls, 1); /* W29: switching off is worth another try */
    CHECK_EQ_I64(aid_set(&bench, 0, A), CAP_WATCH_SET);
    CHECK(cap_watches_arm(&bench.watches, 0, 0));
    CHECK_EQ_U64(arming_of(&bench, 0).failed, 0); /* A stands there still */
    aid_tear_down(&bench);
}

/* ---- hits ---- */

static void g1_value_below_threshold_leaves_no_latch(void) {
    struct aid_bench bench;

    if (!aid_set_up(&bench))
        return;
    aid_set(&bench, 0, A);
    CHECK(cap_watches_arm(&bench.watches, 1, 1));
    aid_poke(&bench, A, AID_EDGE - 1);
    aid_poke(&bench, A + 4, AID_EDGE); /* a neighbour */
    uint32_t before = aid_rings(&bench);
    cap_watches_debug(&bench.watches, 1, 1);
    CHECK(!cap_watches_hit(&bench.watches, 0, NULL));
    CHECK_EQ_U64(aid_rings(&bench), before);
    aid_poke(&bench, A, AID_EDGE);
    cap_watches_debug(&bench.watches, 1, 0xffff0ff0 | 1 << 14); /* not ours */
    cap_watches_debug(&bench.watches, 1, 2);
    cap_watches_debug(&bench.watches, 0, 1); /* armed on vCPU 1 alone */
    CHECK(!cap_watches_hit(&bench.watches, 0, NULL));
    CHECK_EQ_U64(aid_rings(&bench), before);
    cap_watches_debug(&bench.watches, 1, 1);
    CHECK(cap_watches_hit(&bench.watches, 0, NULL));
    aid_tear_down(&bench);
}

static void g2_many_hits_are_one_event(void) {
    struct aid_bench bench;
    struct cap_watch_hit hit = {0};

    if (!aid_set_up(&bench))
        return;
    aid_set(&bench, 1, A);
    for (int id = 0; id < AID_VCPUS; id++)
        CHECK(cap_watches_arm(&bench.watches, (uint32_t)id, id));
    uint32_t before = aid_rings(&bench);
    for (uint32_t turn = 0; turn < 5; turn++)
        for (uint32_t id = AID_VCPUS; id-- > 0;) {
            aid_poke(&bench, A, AID_EDGE + turn * AID_VCPUS + id);
            cap_watches_debug(&bench.watches, id, 2);
        }
    CHECK_EQ_U64(aid_rings(&bench), before + 1);
    CHECK(cap_watches_hit(&bench.watches, 1, &hit));
    CHECK_EQ_U64(hit.vcpu, AID_VCPUS - 1);
    CHECK_EQ_U64(hit.value, AID_EDGE + AID_VCPUS - 1);
    CHECK(hit.ns > 0);
    cap_watches_reset(&bench.watches, 1);
    CHECK(!cap_watches_hit(&bench.watches, 1, NULL));
    cap_watches_debug(&bench.watches, 0, 2);
    CHECK_EQ_U64(aid_rings(&bench), before + 2);
    CHECK(cap_watches_hit(&bench.watches, 1, &hit));
    CHECK_EQ_U64(hit.vcpu, 0);
    aid_tear_down(&bench);
}

static void g3_rebind_takes_two_turns(void) {
    struct aid_bench bench;

    if (!aid_set_up(&bench))
        return;
    aid_poke(&bench, A, AID_EDGE);
    aid_poke(&bench, B, AID_EDGE);
    aid_set(&bench, 0, A);
    CHECK(cap_watches_arm(&bench.watches, 0, 0));
    CHECK_EQ_I64(aid_set(&bench, 0, B), CAP_WATCH_AGAIN);
    cap_watches_debug(&bench.watches, 0, 1); /* of A, late */
    CHECK(!cap_watches_hit(&bench.watches, 0, NULL));
    CHECK(cap_watches_arm(&bench.watches, 0, 0));
    CHECK_EQ_U64(aid_debug[0].control, 0);
    CHECK(cap_watches_arm(&bench.watches, 1, 1)); /* it never sees A */
    CHECK_EQ_I64(aid_set(&bench, 0, B), CAP_WATCH_SET);
    cap_watches_debug(&bench.watches, 0, 1); /* even later */
    CHECK(!cap_watches_hit(&bench.watches, 0, NULL));
    CHECK(cap_watches_arm(&bench.watches, 0, 0));
    cap_watches_debug(&bench.watches, 0, 1);
    CHECK(cap_watches_hit(&bench.watches, 0, NULL));
    aid_tear_down(&bench);
}

/* The request's checks keep such a place out; the exit does not rely on them. */
static void g4_no_memory_behind_it_is_no_hit(void) {
    struct aid_bench bench;

    if (!aid_set_up(&bench))
        return;
    aid_set(&bench, 0, A);
    CHECK(cap_watches_arm(&bench.watches, 0, 0));
    uint64_t size = bench.ram.size;
    bench.ram.size = 0;
    cap_watches_debug(&bench.watches, 0, 1);
    CHECK(!cap_watches_store(&bench.watches, 0, A, "12345678", 8));
    bench.ram.size = size;
    CHECK(!cap_watches_hit(&bench.watches, 0, NULL));
    CHECK(!cap_watches_store(&bench.watches, 0, AID_RAM_BYTES - 7, "12345678", 8));
    CHECK(!cap_watches_store(&bench.watches, 0, UINT64_MAX - 3, "12345678", 8));
    CHECK(!cap_watches_store(&bench.watches, 0, A, "", 0));
    aid_tear_down(&bench);
}

/* Where KVM emulates a store, for a page that the other watch made read-only, no data
   breakpoint meets it. */
static void store_hits_hardware_watches_too(void) {
    struct aid_bench bench;
    struct cap_watch_hit hit = {0};
    uint32_t value = AID_EDGE + 5;

    if (!aid_set_up(&bench))
        return;
    aid_set(&bench, 0, A);
    CHECK(cap_watches_arm(&bench.watches, 2, 2));
    CHECK(cap_watches_store(&bench.watches, 2, A + 4, &value, 4));
    CHECK(!cap_watches_hit(&bench.watches, 0, NULL));
    CHECK(cap_watches_store(&bench.watches, 2, A, &value, 4));
    CHECK(cap_watches_hit(&bench.watches, 0, &hit));
    CHECK_EQ_U64(hit.vcpu, 2);
    CHECK_EQ_U64(hit.value, value);
    aid_tear_down(&bench);
}

int main(void) {
    UNIT_RUN(c16_dr7);
    UNIT_RUN(choice_follows_the_means);
    UNIT_RUN(impossible_requests_are_refused);
    UNIT_RUN(c16_both_go_into_one_call_and_only_once);
    UNIT_RUN(w29_disarm_switches_off);
    UNIT_RUN(c16_three_failures_give_up);
    UNIT_RUN(g3_failed_change_leaves_no_pair);
    UNIT_RUN(g1_value_below_threshold_leaves_no_latch);
    UNIT_RUN(g2_many_hits_are_one_event);
    UNIT_RUN(g3_rebind_takes_two_turns);
    UNIT_RUN(g4_no_memory_behind_it_is_no_hit);
    UNIT_RUN(store_hits_hardware_watches_too);
    return unit_done();
}
