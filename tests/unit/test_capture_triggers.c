/*
 * What sets freezes off, property by property: the coordinator and its lookout on a source
 * without KVM. The table of properties is in test_capture_rendezvous.c.
 */
#include "tests/unit/unit.h"

#include "capture/clock.h"
#include "tests/unit/source_aid.h"

#define BEYOND UINT64_C(0x20000) /* mapped, but no memory */
#define POINTER UINT64_C(0xc000) /* of a latch that is reached through it */
#define FAR_AWAY (UINT64_C(1) << 46)

static struct aid_source aid;
static atomic_int cancel, ask;
static struct cap_options options;
static struct aid_run run;

static bool begin(uint32_t vcpus, unsigned triggers) {
    atomic_store(&cancel, 0);
    atomic_store(&ask, 0);
    options = aid_options();
    options.triggers = triggers;
    options.cancel = &cancel;
    options.ask = &ask;
    return aid_source_open(&aid, vcpus) == 0;
}

/* Each look is soon followed by the next. */
static aid_look_fn *script;

static void look(struct aid_source *self, uint32_t number) {
    cap_board_ring(self->memory.source.board);
    if (script)
        script(self, number);
}

static void go(aid_look_fn *what) {
    script = what;
    aid.at_look = look;
    run = aid_coordinate(&aid, &options, 100);
    CHECK_EQ_I64(run.failed, 0);
}

static void end(void) {
    aid_documents_free(&run.documents);
    aid_source_close(&aid);
}

static const struct cap_result *result_of(const char *tag) {
    const struct aid_document *document = aid_document(&run.documents, tag);
    static const struct cap_result none = {.outcome = CAP_KILLED};
    return CHECK(document != NULL) ? &document->result : &none;
}

#define LATCH CAP_ON(CAP_TRIGGER_LATCH)
#define WATCHPOINT CAP_ON(CAP_TRIGGER_WATCHPOINT)

/* ---- watchpoints ---- */

static void small_values(struct aid_source *self, uint32_t number) {
    if (number == 3) {
        aid_store(self, AID_EXIT_KIND, 1);
        aid_store(self, AID_EXIT_KIND, 64);
        aid_store(self, AID_EXIT_KIND, 1023);
    }
    if (number == 6)
        self->life = CAP_ENDED;
}

static void g1_value_below_the_threshold_leaves_no_event(void) {
    static const bool slot[] = {true, false};
    for (size_t i = 0; i < 2; i++) {
        if (!begin(2, WATCHPOINT))
            return;
        aid.means = (struct cap_watch_means){.slot = slot[i], .hardware = !slot[i]};
        go(small_values);
        CHECK_EQ_U64(run.documents.count, 0);
        CHECK_EQ_U64(run.end.suppressed, 0);
        CHECK_EQ_U64(aid.thaws, 0); /* it has not even been frozen */
        CHECK(!aid.watches[CAP_SIGHT_EXIT_KIND].hit);
        end();
    }
}

static void many_values(struct aid_source *self, uint32_t number) {
    for (uint32_t i = 0; number == 3 && i < 100; i++)
        aid_store(self, AID_EXIT_KIND, 1024 + i);
    if (number == 10)
        self->life = CAP_ENDED;
}

static void many_flips(struct aid_source *self, uint32_t number) {
    many_values(self, number);
    if (number == 3)
        aid_store(self, AID_EXIT_KIND, 0);
}

static void g2_many_hits_between_two_looks_are_one_event(void) {
    if (!begin(2, WATCHPOINT))
        return;
    aid.means.slot = true;
    options.after = CAP_AFTER_RESUME;
    go(many_values);
    CHECK_EQ_U64(run.documents.count, 1);
    CHECK_EQ_U64(result_of(NULL)->exit_kind, 1123);
    end();
    if (!begin(2, WATCHPOINT))
        return;
    aid.means.slot = true;
    go(many_flips);
    CHECK_EQ_U64(run.documents.count, 0);
    CHECK_EQ_U64(run.end.suppressed, 1);
    CHECK_EQ_U64(aid.thaws, 1);
    end();
}

/* ---- the end ---- */

static void latch_and_end(struct aid_source *self, uint32_t number) {
    if (number != 3)
        return;
    aid_store(self, AID_LATCH, 1);
    self->life = CAP_ENDED;
}

static void latch_and_crash(struct aid_source *self, uint32_t number) {
    latch_and_end(self, number);
    if (number == 3)
        self->life = CAP_FAILED;
}

static void latch_and_cancel(struct aid_source *self, uint32_t number) {
    if (number != 3)
        return;
    aid_store(self, AID_LATCH, 1);
    atomic_store(&cancel, 2);
}

static void latch_and_stop(struct aid_source *self, uint32_t number) {
    if (number != 3)
        return;
    aid_store(self, AID_LATCH, 1);
    atomic_store(&self->live.stop, 1);
}

static void latch_and_all(struct aid_source *self, uint32_t number) {
    latch_and_end(self, number);
    latch_and_cancel(self, number);
    latch_and_stop(self, number);
}

/* Not at the first kick: the last pass has its time although the run was cancelled. */
static void park_at_second_kick(struct aid_source *self, uint32_t id, uint32_t kick) {
    if (id != 1 || kick == 2)
        aid_park(self, id, kick);
}

static void g5_trigger_set_just_before_the_end_is_still_seen(void) {
    static aid_look_fn *const ends[] = {latch_and_end, latch_and_crash, latch_and_cancel,
                                        latch_and_stop, latch_and_all};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (!begin(4, LATCH))
            return;
        aid.act = park_at_second_kick;
        options.timeout_ms = 60000;
        go(ends[i]);
        const struct cap_result *result = result_of(NULL);
        CHECK_EQ_U64(result->outcome, CAP_COMPLETE);
        CHECK_EQ_U64(result->trigger, CAP_TRIGGER_LATCH);
        CHECK_EQ_U64(result->parked, 4);
        CHECK(result->final_pass);
        CHECK_EQ_U64(run.end.ending, CAP_ENDED_BY_REPORT);
        CHECK_EQ_U64(run.documents.count, 1);
        end();
    }
}

/* A watched word, likewise: the hit counts although the slot's vCPU has ended. */
static void hit_and_end(struct aid_source *self, uint32_t number) {
    if (number != 3)
        return;
    aid_store(self, AID_EXIT_KIND, 1026);
    self->life = CAP_ENDED;
}

static void g5_watchpoint_hit_just_before_the_end_is_still_seen(void) {
    if (!begin(4, WATCHPOINT))
        return;
    aid.means.slot = true;
    go(hit_and_end);
    CHECK_EQ_U64(result_of(NULL)->outcome, CAP_COMPLETE);
    CHECK_EQ_U64(result_of(NULL)->trigger, CAP_TRIGGER_WATCHPOINT);
    CHECK(result_of(NULL)->final_pass);
    end();
}

static void never_parks(struct aid_source *self, uint32_t id, uint32_t kick) {
    if (id != 1)
        aid_park(self, id, kick);
}

/* The last pass is no way to hang: a second at most, whatever --timeout says. */
static void g5_final_pass_of_a_cancelled_run_is_short(void) {
    if (!begin(4, LATCH))
        return;
    aid.act = never_parks;
    options.timeout_ms = CAP_MAX_MS;
    go(latch_and_cancel);
    CHECK_EQ_U64(result_of(NULL)->outcome, CAP_TIMEOUT);
    CHECK_EQ_U64(result_of(NULL)->parked, 3);
    CHECK(run.end.main_degraded);
    end();
}

/* ---- done ---- */

static void errors_after_errors(struct aid_source *self, uint32_t number) {
    if (number == 2)
        aid_store(self, AID_LATCH, 1);
    if (number == 5)
        aid_store(self, AID_EXIT_KIND, 1025);
    if (number == 7)
        aid_store(self, AID_LATCH, 2);
    if (number == 9)
        atomic_store(&ask, 1);
    if (number == 12)
        self->life = CAP_FAILED;
}

static void g7_after_done_there_is_no_second_error_report(void) {
    if (!begin(2, LATCH | WATCHPOINT | CAP_ON(CAP_TRIGGER_EXIT_KIND) |
                      CAP_ON(CAP_TRIGGER_TIMER)))
        return;
    aid.means.slot = true;
    options.timer_ms = 5000;
    options.after = CAP_AFTER_RESUME;
    go(errors_after_errors);
    CHECK_EQ_U64(result_of(NULL)->trigger, CAP_TRIGGER_LATCH);
    CHECK_EQ_U64(result_of("signal")->trigger, CAP_TRIGGER_SIGNAL); /* still served */
    CHECK_EQ_U64(run.documents.count, 2);
    CHECK_EQ_U64(run.end.ending, CAP_ENDED_BY_CRASH);
    CHECK(run.end.main_made);
    end();
}

static void flips_then_latch(struct aid_source *self, uint32_t number) {
    if (number == 5 || number == 10 || number == 15) {
        aid_store(self, AID_EXIT_KIND, 1024);
        aid_store(self, AID_EXIT_KIND, 0);
    }
    if (number == 20)
        aid_store(self, AID_LATCH, 1);
}

static void g7_suppression_does_not_end_error_capture(void) {
    if (!begin(2, LATCH | WATCHPOINT))
        return;
    aid.means.slot = true;
    go(flips_then_latch);
    CHECK_EQ_U64(run.end.suppressed, 3);
    CHECK_EQ_U64(result_of(NULL)->trigger, CAP_TRIGGER_LATCH);
    CHECK_EQ_U64(run.documents.count, 1);
    end();
}

/* ---- places that are none ---- */

static void end_at_9(struct aid_source *self, uint32_t number) {
    if (number == 9)
        self->life = CAP_ENDED;
}

static void g10_latch_outside_of_memory_is_never_a_trigger(void) {
    static const uint64_t places[] = {BEYOND,   AID_MEMORY - 2, UINT64_C(0x3ffffffe),
                                      FAR_AWAY, UINT64_MAX,     UINT64_MAX - 3};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        for (int indirect = 0; indirect <= 1; indirect++) {
            if (!begin(2, LATCH))
                return;
            memset(aid.bytes + AID_MEMORY - 64, 0xff, 64);
            aid.means = (struct cap_watch_means){.slot = true, .hardware = true};
            aid.latch = (struct cap_place_expr){.known = true, .base = places[i]};
            if (indirect)
                aid.latch = (struct cap_place_expr){
                    .known = true, .indirect = true, .base = POINTER};
            aid_store64(&aid, POINTER, places[i]);
            go(end_at_9);
            CHECK_EQ_U64(run.documents.count, 0);
            CHECK_EQ_U64(run.end.ending, CAP_ENDED_BY_GUEST);
            end();
        }
}

int main(void) {
    UNIT_RUN(g1_value_below_the_threshold_leaves_no_event);
    UNIT_RUN(g2_many_hits_between_two_looks_are_one_event);
    UNIT_RUN(g5_trigger_set_just_before_the_end_is_still_seen);
    UNIT_RUN(g5_watchpoint_hit_just_before_the_end_is_still_seen);
    UNIT_RUN(g5_final_pass_of_a_cancelled_run_is_short);
    UNIT_RUN(g7_after_done_there_is_no_second_error_report);
    UNIT_RUN(g7_suppression_does_not_end_error_capture);
    UNIT_RUN(g10_latch_outside_of_memory_is_never_a_trigger);
    return unit_done();
}
