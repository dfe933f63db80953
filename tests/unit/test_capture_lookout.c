/*
 * The lookout by itself, on a source without KVM and with a clock of the test: how watches
 * are armed, moved and given up, and that nothing is missed meanwhile.
 */
#include "tests/unit/unit.h"

#include "capture/clock.h"
#include "tests/unit/source_aid.h"

#define KIND CAP_SIGHT_EXIT_KIND
#define MS CAP_NS_PER_MS
#define OTHER UINT64_C(0xa800)

static struct aid_source aid;
static struct cap_freeze *freeze;
static struct cap_lookout lookout;
static struct cap_sight_config configs[CAP_SIGHTS];
static uint64_t now_ns;

static bool begin(enum cap_watch_by by, bool hardware, bool slot) {
    struct dc_error err;
    if (aid_source_open(&aid, 2))
        return false;
    freeze = cap_freeze_new(&aid.memory.source, &err);
    aid.means = (struct cap_watch_means){.hardware = hardware, .slot = slot};
    aid.arming.armed = 2;
    configs[CAP_SIGHT_LATCH] = (struct cap_sight_config){
        .wanted = true, .place = &aid.latch, .watch_by = CAP_WATCH_BY_POLL};
    configs[KIND] = (struct cap_sight_config){
        .wanted = true, .place = &aid.exit_kind, .watch_by = by, .alone = true};
    now_ns = CAP_NS_PER_S;
    return CHECK(freeze != NULL);
}

/* What a test wants to be different from the start goes between begin() and this. */
static void open_it(void) {
    cap_lookout_init(&lookout, &aid.memory.source, freeze, 100 * CAP_NS_PER_US,
                     &aid.means, configs);
    cap_lookout_started(&lookout);
}

static void scan_after(uint64_t ms) {
    now_ns += ms * MS;
    cap_lookout_scan(&lookout, now_ns);
}

static struct cap_sighting look(void) {
    struct cap_sighting seen;
    bool any = cap_lookout_look(&lookout, &seen);
    CHECK(any == (seen.watchpoint || seen.exit_kind || seen.latch));
    return seen;
}

static enum cap_watch_kind kind_in_force(void) {
    return aid.watches[KIND].kind;
}

static void end(void) {
    cap_freeze_free(freeze);
    aid_source_close(&aid);
}

/* ---- arming ---- */

static void three_failures_give_a_kind_up(void) {
    if (!begin(CAP_WATCH_BY_AUTO, true, false))
        return;
    aid.fail_arms = 3;
    open_it();
    scan_after(5);
    CHECK_EQ_U64(lookout.sights[KIND].kind, CAP_WATCH_HARDWARE); /* twice is not enough */
    scan_after(5);
    CHECK_EQ_U64(lookout.sights[KIND].kind, CAP_WATCH_POLL);
    scan_after(1000);
    CHECK_EQ_U64(aid.arms, 3);
    aid_store(&aid, AID_EXIT_KIND, 1024);
    CHECK(look().exit_kind);
    char text[64];
    cap_lookout_means(&lookout, KIND, false, text);
    CHECK_STR(text, "poll every 100 us"); /* and says so */
    end();
}

static void failures_that_are_not_in_a_row_do_not_count(void) {
    if (!begin(CAP_WATCH_BY_AUTO, true, false))
        return;
    aid.fail_arms = 2;
    open_it();
    scan_after(5);
    scan_after(5);
    CHECK_EQ_U64(kind_in_force(), CAP_WATCH_HARDWARE);
    aid_store64(&aid, AID_POINTER, OTHER);
    aid.fail_arms = 2;
    for (int i = 0; i < 3; i++)
        scan_after(250);
    CHECK_EQ_U64(kind_in_force(), CAP_WATCH_HARDWARE);
    CHECK_EQ_U64(aid.watches[KIND].request.physical, OTHER);
    end();
}

static void vcpus_that_cannot_be_armed_end_a_hardware_watch(void) {
    if (!begin(CAP_WATCH_BY_AUTO, true, false))
        return;
    aid.arming = (struct cap_watch_arming){.armed = 1, .failed = 1, .error = 22};
    open_it();
    CHECK_EQ_U64(kind_in_force(), CAP_WATCH_HARDWARE);
    scan_after(5);
    CHECK_EQ_U64(kind_in_force(), CAP_WATCH_NONE);
    aid_store(&aid, AID_EXIT_KIND, 1024); /* by whichever vCPU */
    CHECK(look().exit_kind);
    end();
}

static void hardware_that_is_pending_is_polled_beside(void) {
    if (!begin(CAP_WATCH_BY_HARDWARE, true, true))
        return;
    aid.arming = (struct cap_watch_arming){.armed = 1, .pending = 1};
    open_it();
    scan_after(5);
    CHECK(cap_lookout_slice(&lookout, now_ns) <= 100 * CAP_NS_PER_US);
    (void)look();
    memcpy(aid.bytes + AID_EXIT_KIND, &(uint32_t){1024}, 4); /* by who is not armed */
    CHECK(look().exit_kind);
    memset(aid.bytes + AID_EXIT_KIND, 0, 4);
    aid.arming = (struct cap_watch_arming){.armed = 2};
    scan_after(5);
    (void)look();
    memcpy(aid.bytes + AID_EXIT_KIND, &(uint32_t){1024}, 4);
    CHECK(!look().exit_kind); /* from now on the watch alone counts */
    end();
}

static void slot_is_armed_under_a_freeze_of_its_own(void) {
    if (!begin(CAP_WATCH_BY_SLOT, false, true))
        return;
    aid_store64(&aid, AID_POINTER, 0);
    open_it();
    CHECK_EQ_U64(aid.arms, 0);
    aid_store64(&aid, AID_POINTER, AID_EXIT_KIND);
    scan_after(5);
    CHECK_EQ_U64(kind_in_force(), CAP_WATCH_SLOT);
    CHECK_EQ_U64(aid.thaws, 1);
    scan_after(250);
    CHECK_EQ_U64(aid.thaws, 1); /* what is in force needs none */
    end();
}

static void never_parks(struct aid_source *self, uint32_t id, uint32_t kick) {
    if (id != 1)
        aid_park(self, id, kick);
}

/* It is thawed all the same, and after three times polled. */
static void slot_that_finds_no_freeze_is_given_up(void) {
    if (!begin(CAP_WATCH_BY_SLOT, false, true))
        return;
    aid_store64(&aid, AID_POINTER, 0);
    open_it();
    aid_store64(&aid, AID_POINTER, AID_EXIT_KIND);
    aid.act = never_parks;
    for (int i = 0; i < 5; i++)
        scan_after(5);
    CHECK_EQ_U64(aid.thaws, 3);
    CHECK_EQ_U64(aid.arms, 0);
    CHECK_EQ_U64(cap_board_wanted(aid.memory.source.board), 0);
    aid_store(&aid, AID_EXIT_KIND, 1024);
    CHECK(look().exit_kind);
    end();
}

/* ---- what was there before ---- */

static void value_from_before_the_arming_is_seen_by_one_look(void) {
    if (!begin(CAP_WATCH_BY_AUTO, false, true))
        return;
    aid_store(&aid, AID_EXIT_KIND, 1024);
    open_it();
    CHECK_EQ_U64(kind_in_force(), CAP_WATCH_SLOT);
    struct cap_sighting first = look();
    CHECK(first.exit_kind && !first.watchpoint);
    CHECK_EQ_U64(first.watchpoint_ns, 0);
    CHECK(!look().exit_kind); /* it is no store, and is not one again and again */
    aid_store(&aid, AID_EXIT_KIND, 1025);
    struct cap_sighting second = look();
    CHECK(second.watchpoint && !second.exit_kind && second.watchpoint_ns > 0);
    cap_lookout_forget(&lookout);
    CHECK(!look().watchpoint);
    end();
}

/* ---- places that move ---- */

static void g3_rebinding_never_pairs_one_place_with_the_value_of_another(void) {
    static const enum cap_watch_by bys[] = {CAP_WATCH_BY_HARDWARE, CAP_WATCH_BY_SLOT};
    for (size_t i = 0; i < 2; i++) {
        if (!begin(bys[i], true, true))
            return;
        open_it();
        scan_after(0);
        (void)look();
        CHECK_EQ_U64(aid.watches[KIND].request.physical, AID_EXIT_KIND);
        aid_store64(&aid, AID_POINTER, OTHER);
        aid.again = 1; /* hardware takes two turns */
        scan_after(250);
        CHECK_EQ_U64(kind_in_force(), CAP_WATCH_NONE);
        aid_store(&aid, AID_EXIT_KIND, 1024); /* of who is gone */
        struct cap_sighting seen = look();
        CHECK(!seen.watchpoint && !seen.exit_kind);
        scan_after(5);
        CHECK_EQ_U64(aid.watches[KIND].request.physical, OTHER);
        CHECK_EQ_U64(aid.watches[KIND].request.virtual, OTHER);
        (void)look();
        aid_store(&aid, AID_EXIT_KIND, 1025);
        seen = look();
        CHECK(!seen.watchpoint && !seen.exit_kind);
        aid_store(&aid, OTHER, 1026);
        CHECK(look().watchpoint);
        end();
    }
}

static void g3_nothing_is_missed_between_two_bindings(void) {
    if (!begin(CAP_WATCH_BY_HARDWARE, true, true))
        return;
    open_it();
    scan_after(0);
    (void)look();
    aid_store64(&aid, AID_POINTER, OTHER);
    aid.again = 2;
    scan_after(250);
    aid_store(&aid, OTHER, 1024);
    CHECK(look().exit_kind);
    CHECK(cap_lookout_slice(&lookout, now_ns) <= 100 * CAP_NS_PER_US);
    end();
}

/* A hit on the old place that was not looked at yet is forgotten with it. */
static void g3_hit_of_the_old_place_is_none_of_the_new_one(void) {
    if (!begin(CAP_WATCH_BY_SLOT, false, true))
        return;
    open_it();
    scan_after(0);
    (void)look();
    aid_store(&aid, AID_EXIT_KIND, 1024);
    aid_store64(&aid, AID_POINTER, OTHER);
    scan_after(250);
    struct cap_sighting seen = look();
    CHECK(!seen.watchpoint && !seen.exit_kind);
    end();
}

static void g4_pointer_to_nowhere_neither_crashes_nor_triggers(void) {
    static const uint64_t nowhere[] = {
        0,          1, AID_EXIT_KIND + 2, AID_MEMORY, AID_MEMORY - 2, UINT64_C(1) << 47,
        UINT64_MAX, 3, UINT64_MAX - 3};
    static const enum cap_watch_by bys[] = {CAP_WATCH_BY_HARDWARE, CAP_WATCH_BY_SLOT};
    for (size_t i = 0; i < 2; i++)
        for (size_t n = 0; n < sizeof(nowhere) / sizeof(nowhere[0]); n++) {
            if (!begin(bys[i], true, true))
                return;
            aid_store64(&aid, AID_POINTER, nowhere[n]);
            open_it();
            scan_after(5);
            struct cap_sighting seen = look();
            CHECK(!seen.watchpoint && !seen.exit_kind);
            CHECK_EQ_U64(aid.arms, 0);
            aid_store64(&aid, AID_POINTER, AID_EXIT_KIND); /* the scheduler comes */
            scan_after(5);
            CHECK_EQ_U64(aid.arms, 1);
            aid_store(&aid, AID_EXIT_KIND, 1024);
            CHECK(look().watchpoint);
            end();
        }
}

/* ---- the latch ---- */

static void g10_latch_out_of_bounds_is_sticky_and_no_trigger(void) {
    static const uint64_t pointer = UINT64_C(0xc000);
    if (!begin(CAP_WATCH_BY_POLL, false, false))
        return;
    aid.latch = (struct cap_place_expr){.known = true, .indirect = true, .base = pointer};
    aid_store64(&aid, pointer, AID_LATCH);
    open_it();
    CHECK(!look().latch);
    CHECK(!lookout.latch_was_out);
    aid_store64(&aid, pointer, AID_MEMORY - 3);
    memset(aid.bytes + AID_MEMORY - 8, 0xff, 8);
    CHECK(!look().latch);
    CHECK_EQ_U64(cap_lookout_latch(&lookout), CAP_LATCH_OUT_OF_BOUNDS);
    CHECK(lookout.latch_was_out);
    aid_store64(&aid, pointer, AID_LATCH);
    CHECK(!look().latch);
    CHECK(lookout.latch_was_out);
    end();
}

/* Set before the watch came into force, or seen by it and cleared again: both count. */
static void latch_that_is_watched_is_looked_at_as_well(void) {
    if (!begin(CAP_WATCH_BY_POLL, false, true))
        return;
    configs[CAP_SIGHT_LATCH].watch_by = CAP_WATCH_BY_SLOT;
    configs[CAP_SIGHT_LATCH].alone = true;
    aid_store(&aid, AID_LATCH, 1);
    open_it();
    CHECK_EQ_U64(aid.watches[CAP_SIGHT_LATCH].kind, CAP_WATCH_SLOT);
    CHECK(look().latch);
    aid_store(&aid, AID_LATCH, 0);
    CHECK(!look().latch);
    aid_store(&aid, AID_LATCH, 3);
    aid_store(&aid, AID_LATCH, 0);
    struct cap_sighting seen = look();
    CHECK(seen.latch && seen.latch_ns > 0);
    end();
}

int main(void) {
    UNIT_RUN(three_failures_give_a_kind_up);
    UNIT_RUN(failures_that_are_not_in_a_row_do_not_count);
    UNIT_RUN(vcpus_that_cannot_be_armed_end_a_hardware_watch);
    UNIT_RUN(hardware_that_is_pending_is_polled_beside);
    UNIT_RUN(slot_is_armed_under_a_freeze_of_its_own);
    UNIT_RUN(slot_that_finds_no_freeze_is_given_up);
    UNIT_RUN(value_from_before_the_arming_is_seen_by_one_look);
    UNIT_RUN(g3_rebinding_never_pairs_one_place_with_the_value_of_another);
    UNIT_RUN(g3_nothing_is_missed_between_two_bindings);
    UNIT_RUN(g3_hit_of_the_old_place_is_none_of_the_new_one);
    UNIT_RUN(g4_pointer_to_nowhere_neither_crashes_nor_triggers);
    UNIT_RUN(g10_latch_out_of_bounds_is_sticky_and_no_trigger);
    UNIT_RUN(latch_that_is_watched_is_looked_at_as_well);
    return unit_done();
}
