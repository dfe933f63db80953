/*
 * The coordinator's loop and state machine on a source without KVM (source_aid.h): which
 * report comes of what, in every order, and that nothing pending is lost.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "capture/clock.h"
#include "capture/report.h"
#include "tests/unit/source_aid.h"

/* One run on 4 vCPUs with this script. */
static struct aid_run run_script(struct aid_source *aid, aid_look_fn *script,
                                 const struct cap_options *options) {
    aid->at_look = script;
    return aid_coordinate(aid, options, 100);
}

static void latch_at_3(struct aid_source *aid, uint32_t look) {
    if (look == 3)
        aid_store(aid, AID_LATCH, 1);
}

static void latch_leads_to_the_main_report(void) {
    struct aid_source aid;
    struct cap_options options = aid_options();
    if (aid_source_open(&aid, 4))
        return;
    struct aid_run run = run_script(&aid, latch_at_3, &options);
    const struct aid_document *document = aid_document(&run.documents, NULL);

    CHECK_EQ_I64(run.failed, 0);
    CHECK_EQ_U64(run.end.ending, CAP_ENDED_BY_REPORT);
    CHECK(run.end.main_made && !run.end.main_degraded);
    CHECK_EQ_U64(run.documents.count, 1);
    if (CHECK(document != NULL)) {
        CHECK_EQ_U64(document->result.trigger, CAP_TRIGGER_LATCH);
        CHECK_EQ_U64(document->result.outcome, CAP_COMPLETE);
        CHECK_STR(document->result.seen_by, "poll every 100 us");
        CHECK_EQ_U64(document->result.vcpus[3].registers.general.rip, 1);
        CHECK(!document->result.final_pass);
    }
    CHECK_EQ_U64(aid.stops, 1);
    CHECK_EQ_U64(aid.settled, 1);
    aid_documents_free(&run.documents);
    aid_source_close(&aid);
}

/* The latch is watched by a slot: nothing is polled, and the hit is what wakes. */
static void watched_latch_is_seen_by_its_slot(void) {
    struct aid_source aid;
    struct cap_options options = aid_options();
    if (aid_source_open(&aid, 2))
        return;
    aid.means.slot = true;
    struct aid_run run = run_script(&aid, latch_at_3, &options);
    const struct aid_document *document = aid_document(&run.documents, NULL);
    if (CHECK(document != NULL))
        CHECK_STR(document->result.seen_by, "read-only slot");
    CHECK_EQ_U64(aid.arms, 1);
    aid_documents_free(&run.documents);
    aid_source_close(&aid);
}

static void flip_and_error(struct aid_source *aid, uint32_t look) {
    if (look == 3) {
        aid_store(aid, AID_EXIT_KIND, 1024);
        aid_store(aid, AID_EXIT_KIND, 0);
    }
    if (look == 10)
        aid_store(aid, AID_EXIT_KIND, 1025);
}

/* A suppressed hit does not end error capture: the next one is reported. */
static void suppression_is_not_the_end(void) {
    struct aid_source aid;
    struct cap_options options = aid_options();
    options.triggers = CAP_ON(CAP_TRIGGER_WATCHPOINT);
    if (aid_source_open(&aid, 2))
        return;
    aid.means.slot = true;
    struct aid_run run = run_script(&aid, flip_and_error, &options);
    const struct aid_document *document = aid_document(&run.documents, NULL);
    CHECK_EQ_U64(run.end.suppressed, 1);
    if (CHECK(document != NULL)) {
        CHECK_EQ_U64(document->result.trigger, CAP_TRIGGER_WATCHPOINT);
        CHECK_EQ_U64(document->result.gate, CAP_GATE_ERROR);
        CHECK_EQ_U64(document->result.exit_kind, 1025);
    }
    aid_documents_free(&run.documents);
    aid_source_close(&aid);
}

static void old_then_latch(struct aid_source *aid, uint32_t look) {
    if (look == 2) {
        aid_store64(aid, AID_JIFFIES, 500);
        aid_store64(aid, AID_RUNNABLE + 8, 390);
    }
    if (look == 40)
        aid_store(aid, AID_LATCH, 7);
}

static void dual_has_both_halves(void) {
    struct aid_source aid;
    struct cap_options options = aid_options();
    options.dual = true;
    if (aid_source_open(&aid, 2))
        return;
    struct aid_run run = run_script(&aid, old_then_latch, &options);
    const struct aid_document *document = aid_document(&run.documents, NULL);
    CHECK_EQ_U64(run.documents.count, 1);
    if (CHECK(document && document->dual && document->has_early)) {
        CHECK_EQ_U64(document->early.trigger, CAP_TRIGGER_EARLY);
        CHECK_EQ_U64(document->early.vcpus[0].registers.general.rip, 1);
        CHECK_EQ_U64(document->result.vcpus[0].registers.general.rip, 2);
        CHECK_EQ_U64(document->early_max_age_jiffies, 110);
        CHECK_EQ_U64(document->early_threshold_jiffies, 100);
        CHECK_STR(document->early_skipped_reason, "");
    }
    aid_documents_free(&run.documents);
    aid_source_close(&aid);
}

static void periodic_captures_are_counted(void) {
    struct aid_source aid;
    struct cap_options options = aid_options();
    options.triggers = 0;
    options.every_ms = 2;
    options.count = 3;
    if (aid_source_open(&aid, 2))
        return;
    struct aid_run run = run_script(&aid, NULL, &options);
    CHECK_EQ_U64(run.end.ending, CAP_ENDED_BY_COUNT);
    CHECK_EQ_U64(run.documents.count, 3);
    CHECK(aid_document(&run.documents, "periodic_000") != NULL);
    CHECK(aid_document(&run.documents, "periodic_002") != NULL);
    CHECK_EQ_U64(aid.thaws, 3);
    aid_documents_free(&run.documents);
    aid_source_close(&aid);
}

/* With nothing to look at, the coordinator sleeps until the next thing is due. */
/* ---- what a screen is told ---- */

struct moments {
    uint32_t starts, decisions, thaws;
    bool bad;
};

static void at_waiting(void *context, uint64_t elapsed_us) {
    struct moments *moments = context;
    moments->starts += elapsed_us == 0;
    moments->bad |= moments->decisions > 0 && elapsed_us == 0;
}

static void at_progress(void *context, const struct cap_progress *progress) {
    struct moments *moments = context;
    moments->decisions += progress->decided;
    moments->bad |= moments->starts != 1 || progress->total != 2;
}

static void at_thaw(void *context) {
    struct moments *moments = context;
    moments->thaws++;
    moments->bad |= moments->thaws > moments->decisions;
}

static void start_freezes_and_thaws_are_told(void) {
    struct aid_source aid;
    struct moments moments = {0};
    struct cap_options options = aid_options();
    options.every_ms = 2;
    options.count = 3;
    options.triggers = CAP_ON(CAP_TRIGGER_TIMER);
    options.timer_ms = 50;
    options.waiting = at_waiting;
    options.progress = at_progress;
    options.thawed = at_thaw;
    options.progress_context = &moments;
    if (aid_source_open(&aid, 2))
        return;
    struct aid_run run = run_script(&aid, NULL, &options);
    CHECK_EQ_U64(run.documents.count, 4);
    CHECK_EQ_U64(moments.starts, 1);
    CHECK_EQ_U64(moments.decisions, 4);
    CHECK_EQ_U64(moments.thaws, 3); /* behind the main report the guest is ended */
    CHECK(!moments.bad);
    aid_documents_free(&run.documents);
    aid_source_close(&aid);
}

static void waiting_for_nothing_costs_nothing(void) {
    struct aid_source aid;
    struct cap_options options = aid_options();
    options.triggers = 0;
    options.run_for_ms = 300;
    if (aid_source_open(&aid, 2))
        return;
    struct aid_run run = run_script(&aid, NULL, &options);
    CHECK_EQ_U64(run.end.ending, CAP_ENDED_BY_TIME);
    CHECK(aid.looks < 30);
    aid_documents_free(&run.documents);
    aid_source_close(&aid);
}

static void flip_and_crash(struct aid_source *aid, uint32_t look) {
    if (look != 3)
        return;
    aid_store(aid, AID_EXIT_KIND, 1024);
    aid_store(aid, AID_EXIT_KIND, 0);
    aid->life = CAP_FAILED;
    aid->event_vcpu = 1;
}

/* A suppressed hit does not hide the crash that is seen in the same look. */
static void crash_behind_a_suppressed_hit_is_reported(void) {
    struct aid_source aid;
    struct cap_options options = aid_options();
    options.triggers = CAP_ON(CAP_TRIGGER_WATCHPOINT);
    if (aid_source_open(&aid, 2))
        return;
    aid.means.slot = true;
    struct aid_run run = run_script(&aid, flip_and_crash, &options);
    const struct aid_document *document = aid_document(&run.documents, NULL);
    CHECK_EQ_U64(run.end.suppressed, 1);
    if (CHECK(document != NULL)) {
        CHECK_EQ_U64(document->result.outcome, CAP_CRASHED);
        CHECK_EQ_U64(document->result.event_vcpu, 1);
    }
    aid_documents_free(&run.documents);
    aid_source_close(&aid);
}

static atomic_int asked;

static void ask_in_the_main_capture(struct aid_source *aid, uint32_t id, uint32_t kick) {
    atomic_store(&asked, 1);
    aid_park(aid, id, kick);
}

/* The signal comes when the guest is frozen for the last time: it gets that snapshot. */
static void signal_in_the_last_capture_is_served(void) {
    struct aid_source aid;
    struct cap_options options = aid_options();
    options.ask = &asked;
    if (aid_source_open(&aid, 2))
        return;
    aid.act = ask_in_the_main_capture;
    struct aid_run run = run_script(&aid, latch_at_3, &options);
    CHECK_EQ_U64(run.documents.count, 2);
    CHECK(aid_document(&run.documents, NULL) != NULL);
    CHECK(aid_document(&run.documents, "signal") != NULL);
    CHECK_EQ_I64(atomic_load(&asked), 0);
    aid_documents_free(&run.documents);
    aid_source_close(&aid);
}

static void latch_and_end(struct aid_source *aid, uint32_t look) {
    if (look != 3)
        return;
    aid_store(aid, AID_LATCH, 1);
    aid->life = CAP_ENDED;
}

static void never_parks_1(struct aid_source *aid, uint32_t id, uint32_t kick) {
    if (id != 1)
        aid_park(aid, id, kick);
}

/* The last look has a second, and the report says that, not the option. */
static void final_pass_is_short_and_says_so(void) {
    struct aid_source aid;
    struct cap_options options = aid_options();
    options.timeout_ms = 30000;
    options.run_for_ms = 0;
    if (aid_source_open(&aid, 2))
        return;
    aid.act = never_parks_1;
    struct aid_run run = run_script(&aid, latch_and_end, &options);
    const struct aid_document *document = aid_document(&run.documents, NULL);
    if (CHECK(document != NULL)) {
        CHECK(document->result.final_pass);
        CHECK_EQ_U64(document->result.outcome, CAP_TIMEOUT);
        CHECK_EQ_U64(document->result.timeout_ms, 1000);
    }
    aid_documents_free(&run.documents);
    aid_source_close(&aid);
}

int main(void) {
    UNIT_RUN(latch_leads_to_the_main_report);
    UNIT_RUN(watched_latch_is_seen_by_its_slot);
    UNIT_RUN(suppression_is_not_the_end);
    UNIT_RUN(dual_has_both_halves);
    UNIT_RUN(periodic_captures_are_counted);
    UNIT_RUN(start_freezes_and_thaws_are_told);
    UNIT_RUN(waiting_for_nothing_costs_nothing);
    UNIT_RUN(crash_behind_a_suppressed_hit_is_reported);
    UNIT_RUN(signal_in_the_last_capture_is_served);
    UNIT_RUN(final_pass_is_short_and_says_so);
    return unit_done();
}
