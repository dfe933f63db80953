/*
 * The state machine of the coordinator, on a source without KVM: what becomes of an early
 * snapshot (F3) and of who waits, whichever way the run ends. The table of properties is in
 * test_capture_rendezvous.c.
 */
#include "tests/unit/unit.h"

#include "capture/clock.h"
#include "capture/report.h"
#include "tests/unit/script_aid.h"

/* Somebody on CPU 1 has waited for so long. */
static void wait_for(struct aid_source *self, uint64_t jiffies) {
    aid_store64(self, AID_JIFFIES, 1000);
    aid_store64(self, AID_RUNNABLE + 8, 1000 - jiffies);
}

/* In how many documents the early snapshot stands. */
static unsigned early_copies(void) {
    unsigned copies = 0;
    for (size_t i = 0; i < run.documents.count; i++) {
        const struct aid_document *document = &run.documents.list[i];
        copies += document->result.trigger == CAP_TRIGGER_EARLY;
        copies += document->has_early && document->early.trigger == CAP_TRIGGER_EARLY;
    }
    return copies;
}

#define LATCH CAP_ON(CAP_TRIGGER_LATCH)
#define WATCHPOINT CAP_ON(CAP_TRIGGER_WATCHPOINT)

/* ---- F3 ---- */

static void by_guest(struct aid_source *self, uint32_t number) {
    if (number == 5)
        self->life = CAP_ENDED;
}

static void by_crash(struct aid_source *self, uint32_t number) {
    if (number == 5)
        self->life = CAP_FAILED;
}

static void by_cancel(struct aid_source *self, uint32_t number) {
    (void)self;
    if (number == 5)
        atomic_store(&cancel, 2);
}

static void by_stop(struct aid_source *self, uint32_t number) {
    if (number == 5)
        atomic_store(&self->live.stop, 1);
}

static void by_itself(struct aid_source *self, uint32_t number) {
    (void)self;
    (void)number;
}

static void by_latch(struct aid_source *self, uint32_t number) {
    if (number == 5)
        aid_store(self, AID_LATCH, 1);
}

static void by_flip(struct aid_source *self, uint32_t number) {
    if (number == 5) {
        aid_store(self, AID_EXIT_KIND, 1024);
        aid_store(self, AID_EXIT_KIND, 0);
    }
    if (number == 8)
        self->life = CAP_ENDED;
}

/* Only the freeze for the early snapshot is complete. */
static void park_first(struct aid_source *self, uint32_t id, uint32_t kick) {
    if (id != 2 || cap_board_wanted(self->memory.source.board) == 1)
        aid_park(self, id, kick);
}

#define NEVER_FIRED "early-only-late-never-fired"

static const struct f3_case {
    const char *what;
    aid_look_fn *script;
    aid_act_fn *act; /* NULL: all park */
    unsigned triggers;
    uint64_t run_for_ms, every_ms;
    enum cap_after after;
    enum cap_ending ending;
    const char *tag; /* that the early snapshot gets; NULL: it is in the main report */
    bool has_main;
} f3_cases[] = {
    {"guest", by_guest, NULL, LATCH, 0, 0, 0, CAP_ENDED_BY_GUEST, NEVER_FIRED, false},
    {"cancel", by_cancel, NULL, LATCH, 0, 0, 0, CAP_ENDED_BY_CANCEL, NEVER_FIRED, false},
    {"stop", by_stop, NULL, LATCH, 0, 0, 0, CAP_ENDED_BY_STOP, NEVER_FIRED, false},
    {"run-for", by_itself, NULL, LATCH, 30, 0, 0, CAP_ENDED_BY_TIME, NEVER_FIRED, false},
    {"count", by_itself, NULL, 0, 0, 100, 0, CAP_ENDED_BY_COUNT, NEVER_FIRED, false},
    {"crash", by_crash, NULL, LATCH, 0, 0, 0, CAP_ENDED_BY_REPORT,
     "early-pre-late-degraded", true},
    {"late", by_latch, NULL, LATCH, 0, 0, 0, CAP_ENDED_BY_REPORT, NULL, true},
    {"late, hold", by_latch, NULL, LATCH, 30, 0, CAP_AFTER_HOLD, CAP_ENDED_BY_REPORT,
     NULL, true},
    {"late, resume", by_latch, NULL, LATCH, 30, 0, CAP_AFTER_RESUME, CAP_ENDED_BY_TIME,
     NULL, true},
    {"late degraded", by_latch, park_first, LATCH, 0, 0, 0, CAP_ENDED_BY_REPORT,
     "early-pre-late-degraded", true},
    {"suppressed", by_flip, NULL, WATCHPOINT, 0, 0, 0, CAP_ENDED_BY_GUEST,
     "early-only-late-suppressed", false},
};

static void f3_case(const struct f3_case *c) {
    unsigned bad = unit_state()->bad;
    if (!begin(c->triggers))
        return;
    wait_for(&aid, 110);
    aid.means.slot = true;
    aid.act = c->act ? c->act : aid_park;
    if (c->run_for_ms > 0)
        options.run_for_ms = c->run_for_ms;
    options.every_ms = c->every_ms;
    options.count = c->every_ms > 0;
    options.after = c->after;
    go(c->script);
    CHECK_EQ_U64(early_copies(), 1);
    CHECK_EQ_U64(run.end.ending, c->ending);
    CHECK_EQ_U64(run.end.main_made, c->has_main);
    CHECK_EQ_U64(run.end.undelivered, 0);
    const struct aid_document *main_one = aid_document(&run.documents, NULL);
    const struct aid_document *sibling =
        c->tag ? aid_document(&run.documents, c->tag) : NULL;
    CHECK((main_one != NULL) == c->has_main);
    CHECK((sibling != NULL) == (c->tag != NULL));
    CHECK(!main_one || main_one->dual == (c->tag == NULL));
    const struct cap_result *early = sibling    ? &sibling->result
                                     : main_one ? &main_one->early
                                                : NULL;
    if (CHECK(early && early->vcpus)) { /* as it was at its freeze */
        CHECK_EQ_U64(early->outcome, CAP_COMPLETE);
        CHECK_EQ_U64(early->vcpus[3].registers.general.rip, 1);
    }
    CHECK(!atomic_load(&aid.live.early_held));
    if (unit_state()->bad > bad)
        printf("# that was: %s\n", c->what);
    end();
}

static void f3_early_snapshot_is_given_out_once_whichever_way_the_run_ends(void) {
    for (size_t i = 0; i < sizeof(f3_cases) / sizeof(f3_cases[0]); i++)
        f3_case(&f3_cases[i]);
}

/* The dual report could not be kept: the early half gets a file of its own. */
static void f3_early_snapshot_outlives_a_late_one_that_was_not_kept(void) {
    if (!begin(LATCH))
        return;
    wait_for(&aid, 110);
    aid.refuse = 1;
    go(by_latch);
    CHECK_EQ_U64(run.end.undelivered, 1);
    CHECK(!run.end.main_made);
    CHECK_EQ_U64(early_copies(), 1);
    CHECK_EQ_U64(run.documents.count, 1);
    end();
}

/* ---- dual ---- */

static void never_2(struct aid_source *self, uint32_t id, uint32_t kick) {
    if (id != 2 || cap_board_wanted(self->memory.source.board) != 1)
        aid_park(self, id, kick);
}

static void degraded_early_is_a_sibling_and_the_late_one_says_so(void) {
    if (!begin(LATCH))
        return;
    wait_for(&aid, 110);
    aid.act = never_2;
    go(by_latch);
    const struct aid_document *early = aid_document(&run.documents, "early-degraded");
    const struct aid_document *main_one = aid_document(&run.documents, NULL);
    char reason[CAP_REASON] = "", text[2 * CAP_REASON];
    if (CHECK(early != NULL)) {
        CHECK_EQ_U64(early->result.outcome, CAP_TIMEOUT);
        cap_reason_text(&early->result, reason);
        CHECK(strstr(reason, "; 3/4 vCPUs parked") != NULL);
    }
    if (CHECK(main_one != NULL)) {
        CHECK(main_one->dual && !main_one->has_early);
        snprintf(text, sizeof(text),
                 "early capture degraded (%s); see tagged sibling at "
                 "SNAPSHOT_TAG_EARLY_DEGRADED",
                 reason);
        CHECK_STR(main_one->early_skipped_reason, text);
        CHECK_EQ_U64(main_one->early_max_age_jiffies, 0);
    }
    CHECK_EQ_U64(run.documents.count, 2);
    CHECK_EQ_U64(run.end.siblings_degraded, 1);
    end();
}

static uint64_t age_at_the_end;

static void old_and_latch(struct aid_source *self, uint32_t number) {
    if (number != 2)
        return;
    wait_for(self, age_at_the_end);
    aid_store(self, AID_LATCH, 1);
}

static void backstop_makes_a_copy_of_the_late_snapshot(void) {
    if (!begin(LATCH))
        return;
    age_at_the_end = 130;
    go(old_and_latch);
    const struct aid_document *main_one = aid_document(&run.documents, NULL);
    if (CHECK(main_one && main_one->has_early)) {
        CHECK_EQ_U64(main_one->early.trigger, CAP_TRIGGER_LATCH);
        CHECK_EQ_U64(main_one->early.vcpus[0].registers.general.rip, 1);
        CHECK_EQ_U64(main_one->result.vcpus[0].registers.general.rip, 1);
        CHECK_EQ_U64(main_one->early_max_age_jiffies, 130);
        CHECK_EQ_U64(main_one->early_threshold_jiffies, THRESHOLD);
    }
    CHECK_EQ_U64(run.documents.count, 1);
    end();
}

static void skipped_reason_is(uint64_t age, const char *text) {
    if (!begin(LATCH))
        return;
    age_at_the_end = age;
    go(old_and_latch);
    const struct aid_document *main_one = aid_document(&run.documents, NULL);
    if (CHECK(main_one && main_one->dual && !main_one->has_early))
        CHECK_STR(main_one->early_skipped_reason, text);
    end();
}

static void late_one_says_why_there_is_no_early_one(void) {
    skipped_reason_is(THRESHOLD - 1,
                      "max_age never crossed threshold (peak=99j, threshold=100j)");
    skipped_reason_is(1000, "scx_tick stall \xe2\x80\x94 no per-task runnable_at data");
}

static void old_twice(struct aid_source *self, uint32_t number) {
    wait_for(self, number < 5 ? 110 : 500);
    if (number == 50)
        aid_store(self, AID_LATCH, 1);
}

static void there_is_one_early_snapshot_at_most(void) {
    if (!begin(LATCH))
        return;
    go(old_twice);
    const struct aid_document *main_one = aid_document(&run.documents, NULL);
    if (CHECK(main_one && main_one->has_early))
        CHECK_EQ_U64(main_one->early_max_age_jiffies, 110);
    CHECK_EQ_U64(aid.thaws, 2);
    end();
}

/* ---- crashes ---- */

static void crash_is_reported_once_with_all_registers(void) {
    static const enum cap_after afters[] = {CAP_AFTER_KILL, CAP_AFTER_RESUME};
    for (size_t i = 0; i < 2; i++) {
        if (!begin(LATCH))
            return;
        options.dual = false;
        options.after = afters[i];
        aid.event_vcpu = 3;
        go(by_crash);
        const struct aid_document *main_one = aid_document(&run.documents, NULL);
        if (CHECK(main_one != NULL)) {
            CHECK_EQ_U64(main_one->result.outcome, CAP_CRASHED);
            CHECK_EQ_U64(main_one->result.trigger, CAP_TRIGGER_CRASH);
            CHECK_EQ_U64(main_one->result.event_vcpu, 3);
            CHECK_EQ_U64(main_one->result.parked, 4);
            CHECK_EQ_U64(main_one->result.vcpus[3].state, CAP_PARKED);
            CHECK_EQ_U64(main_one->result.vcpus[3].registers.general.rip, 1);
            CHECK_EQ_U64(main_one->result.vcpus[3].facts.life, CAP_FAILED);
        }
        CHECK_EQ_U64(run.documents.count, 1);
        CHECK_EQ_U64(aid.thaws, 1);
        end();
    }
}

/* ---- hold ---- */

static bool frozen_in_hold;
static unsigned refused, answers;

static void count_answer(void *context) {
    (void)context;
    answers++;
}

static uint64_t ask_desk(const char *tag) {
    struct cap_request request = {
        .asker = CAP_ASK_CONTROL, .unattended = true, .answered = count_answer};
    snprintf(request.tag, sizeof(request.tag), "%s", tag);
    return cap_desk_ask(aid.desk, &request);
}

static void latch_and_hold(struct aid_source *self, uint32_t number) {
    by_latch(self, number);
    if (number == 8) {
        frozen_in_hold = atomic_load(&self->live.frozen) && self->thaws == 0;
        refused = ask_desk("held") == 0;
    }
}

static void hold_until_stop(struct aid_source *self, uint32_t number) {
    latch_and_hold(self, number);
    if (number == 10)
        atomic_store(&self->live.stop, 1);
}

static void hold_until_cancel(struct aid_source *self, uint32_t number) {
    latch_and_hold(self, number);
    if (number == 10)
        atomic_store(&cancel, 2);
}

static void hold_ends_by_stop_cancel_and_time(void) {
    static aid_look_fn *const scripts[] = {hold_until_stop, hold_until_cancel,
                                           latch_and_hold};
    for (size_t i = 0; i < 3; i++) {
        frozen_in_hold = false;
        refused = 0;
        if (!begin(LATCH))
            return;
        options.dual = false;
        options.after = CAP_AFTER_HOLD;
        options.run_for_ms = i == 2 ? 200 : 60000;
        go(scripts[i]);
        CHECK(frozen_in_hold);
        CHECK_EQ_U64(refused, 1);
        CHECK_EQ_U64(run.end.ending, CAP_ENDED_BY_REPORT);
        CHECK_EQ_U64(run.documents.count, 1);
        CHECK(run.end.main_made && !run.end.main_degraded);
        CHECK_EQ_U64(aid.thaws, 1);
        CHECK_EQ_U64(aid.stops, 1);
        end();
    }
}

/* ---- who waits ---- */

static void ask_and(struct aid_source *self, uint32_t number) {
    if (number == 5)
        CHECK(ask_desk("pending") != 0);
    if (number == 20)
        self->life = CAP_ENDED;
}

static void ask_and_end(struct aid_source *self, uint32_t number) {
    ask_and(self, number);
    by_guest(self, number);
}

static void ask_and_crash(struct aid_source *self, uint32_t number) {
    ask_and(self, number);
    by_crash(self, number);
}

static void ask_and_cancel(struct aid_source *self, uint32_t number) {
    ask_and(self, number);
    by_cancel(self, number);
}

static void ask_and_stop(struct aid_source *self, uint32_t number) {
    ask_and(self, number);
    by_stop(self, number);
}

static void ask_and_latch(struct aid_source *self, uint32_t number) {
    ask_and(self, number);
    by_latch(self, number);
}

/* In the same look as the end: one answer for each ticket, whatever comes of it. */
static void request_that_is_pending_at_the_end_is_answered(void) {
    static aid_look_fn *const scripts[] = {ask_and,        ask_and_end,  ask_and_crash,
                                           ask_and_cancel, ask_and_stop, ask_and_latch};
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
        for (int refuse = 0; refuse <= 2; refuse++) {
            answers = 0;
            if (!begin(LATCH))
                return;
            options.dual = false;
            aid.refuse = refuse;
            go(scripts[i]);
            if (!CHECK_EQ_U64(answers, 1))
                printf("# script %zu, refuse %d\n", i, refuse);
            end();
        }
}

/* ---- what is not kept ---- */

static void undelivered_documents_are_counted_and_end_nothing(void) {
    if (!begin(0))
        return;
    options.dual = false;
    options.every_ms = 1;
    options.count = 5;
    aid.refuse = 2;
    go(NULL);
    CHECK_EQ_U64(run.end.undelivered, 2);
    CHECK_EQ_U64(run.end.siblings, 3);
    CHECK_EQ_U64(run.documents.count, 3);
    CHECK(aid_document(&run.documents, "periodic_002") != NULL); /* no number twice */
    CHECK(aid_document(&run.documents, "periodic_004") != NULL);
    CHECK_EQ_U64(atomic_load(&aid.live.documents), 3);
    end();
}

static void source_that_does_not_start_leaves_nothing(void) {
    if (!begin(LATCH))
        return;
    aid.fail_start = true;
    aid.at_look = look;
    run = aid_coordinate(&aid, &options, THRESHOLD);
    CHECK(run.failed != 0);
    CHECK_STR(run.err.message, "it does not start");
    CHECK_EQ_U64(run.documents.count, 0);
    CHECK_EQ_U64(aid.looks, 0);
    end();
}

int main(void) {
    UNIT_RUN(f3_early_snapshot_is_given_out_once_whichever_way_the_run_ends);
    UNIT_RUN(f3_early_snapshot_outlives_a_late_one_that_was_not_kept);
    UNIT_RUN(degraded_early_is_a_sibling_and_the_late_one_says_so);
    UNIT_RUN(backstop_makes_a_copy_of_the_late_snapshot);
    UNIT_RUN(late_one_says_why_there_is_no_early_one);
    UNIT_RUN(there_is_one_early_snapshot_at_most);
    UNIT_RUN(crash_is_reported_once_with_all_registers);
    UNIT_RUN(hold_ends_by_stop_cancel_and_time);
    UNIT_RUN(request_that_is_pending_at_the_end_is_answered);
    UNIT_RUN(undelivered_documents_are_counted_and_end_nothing);
    UNIT_RUN(source_that_does_not_start_leaves_nothing);
    return unit_done();
}
