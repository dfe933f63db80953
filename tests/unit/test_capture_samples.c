/*
 * Statistics of a run, on a source without KVM and against the scripted scheduler: when it
 * is asked, what its reports say of that, and what a scheduler that fails can do to a run
 * (scheduler-stats 4 and 7.6). What a run keeps is in test_capture_samples_store.c.
 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <unistd.h>

#include "capture/clock.h"
#include "lib/model.h"
#include "lib/samples.h"
#include "lib/wire.h"
#include "tests/unit/samples_aid.h"
#include "tests/unit/script_aid.h"

#define LATCH CAP_ON(CAP_TRIGGER_LATCH)
#define WATCHPOINT CAP_ON(CAP_TRIGGER_WATCHPOINT)

/* A run that asks. */
static bool begin_run(const char *const *words, uint64_t timeout_ms, unsigned triggers) {
    begin_samples(words, timeout_ms);
    if (!begin(triggers))
        return false;
    aid.samples = samples;
    options.dual = false;
    return true;
}

static void end_run(void) {
    end();
    end_samples();
}

/* ---- reports ---- */

/* `decode --wire` of a report that capture has written is that report. */
static void check_wire(const struct dc_report *report, const struct dc_buf *text) {
    struct dc_buf out;
    struct dc_writer w;
    struct dc_error err;
    dc_buf_init(&out, dc_alloc_libc);
    dc_writer_init(&w, dc_buf_sink(&out), true, false);
    CHECK_EQ_I64(dc_wire_write(&w, report->root, report->declared, report->text,
                               report->len, dc_alloc_libc, &err),
                 0);
    CHECK_EQ_I64(dc_writer_finish(&w), 0);
    CHECK_MEM(out.data, out.len, text->data, text->len);
    dc_buf_done(&out);
}

/* What the samples of a document come to. */
static struct dc_coverage cover(const struct aid_document *document) {
    const struct dc_report_options plain = {.alloc = dc_alloc_libc};
    struct dc_coverage coverage = {0};
    struct dc_report report;
    struct dc_model model;
    struct dc_error err;
    size_t used = 0;
    if (!CHECK(document != NULL))
        return coverage;
    if (CHECK(dc_report_read(&report, document->text.data, document->text.len, &used,
                             &plain, &err) == 0)) {
        check_wire(&report, &document->text);
        dc_model_init(&model, &report, NULL);
        coverage = dc_samples_cover(dc_model_main(&model)->samples);
    }
    dc_report_done(&report);
    return coverage;
}

static bool holds(const struct aid_document *document, const char *words) {
    const struct dc_buf *text = &document->text;
    return memmem(text->data, text->len, words, strlen(words)) != NULL;
}

enum { NO_SCHEDULER = 1, CANCELLED = 3, SCHEDULER_ERROR, MISSING_RESP }; /* choices */

static void every_report_has_the_samples_up_to_it(void) {
    if (!begin_run(AID_SCRIPT("reply={\"n\":1}", "error=22:busy", "silent", "args={}",
                              "close", "reply={\"n\":6}"),
                   100, 0))
        return;
    options.every_ms = 5;
    options.count = 6;
    go(NULL);
    CHECK_EQ_U64(run.documents.count, 6);
    for (size_t i = 0; i < run.documents.count; i++) {
        const struct aid_document *document = &run.documents.list[i];
        CHECK_EQ_U64(cover(document).samples, i + 1);
        CHECK_STR(document->result.sample, document->tag);
        CHECK_EQ_U64(document->result.outcome, CAP_COMPLETE);
    }
    const struct aid_document *last = aid_document(&run.documents, "periodic_005");
    struct dc_coverage coverage = cover(last);
    CHECK_EQ_U64(coverage.have, 2);
    CHECK_EQ_U64(coverage.missing[SCHEDULER_ERROR], 1);
    CHECK_EQ_U64(coverage.missing[CANCELLED], 1);
    CHECK_EQ_U64(coverage.missing[MISSING_RESP], 1);
    CHECK_EQ_U64(coverage.missing[NO_SCHEDULER], 1);
    CHECK(holds(last,
                "\"offset_ms\":5,\"phase\":\"idle\",\"stats\":{\"n\":1},\"first\":true"));
    CHECK(holds(last, "\"missing_stats\":\"Cancelled\",\"deadline_ms\":100,"));
    CHECK(holds(last, "\"stats_sample\":\"periodic_005\""));
    CHECK_EQ_U64(run.end.samples.asked, 6);
    CHECK_EQ_U64(run.end.samples.have, 2);
    end_run();
}

static void nobody_is_asked_unless_that_was_configured(void) {
    if (!begin(LATCH))
        return;
    options.every_ms = 5;
    options.count = 1;
    options.dual = false;
    options.triggers = 0;
    go(NULL);
    const struct aid_document *document = aid_document(&run.documents, "periodic_000");
    CHECK_EQ_U64(cover(document).samples, 0);
    CHECK(!holds(document, "\"stats_source\""));
    CHECK(!holds(document, "\"stats_s"));
    CHECK_EQ_U64(run.end.samples.asked, 0);
    end();
}

/* ---- the order ---- */

/* How often the scheduler had been asked when the first vCPU was kicked, by freeze. */
static size_t asked_at_kick[8];

static void note_asked(struct aid_source *self, uint32_t id, uint32_t kick) {
    uint64_t epoch = cap_board_wanted(self->memory.source.board);
    if (id == 0 && kick == 1 && epoch <= 8)
        asked_at_kick[epoch - 1] = aid_scheduler_asked(&scheduler);
    aid_park(self, id, kick);
}

static void by_latch(struct aid_source *self, uint32_t number) {
    if (number == 5)
        aid_store(self, AID_LATCH, 1);
}

/* Early, late; one question before each freeze, and none inside. */
static void the_question_comes_before_the_freeze(void) {
    if (!begin_run(AID_SCRIPT("reply={\"n\":1}"), AID_PLENTY_MS, LATCH))
        return;
    options.dual = true;
    aid.act = note_asked;
    aid_store64(&aid, AID_JIFFIES, 1000);
    aid_store64(&aid, AID_RUNNABLE + 8, 1000 - 110);
    go(by_latch);
    const struct aid_document *document = aid_document(&run.documents, NULL);
    CHECK_EQ_U64(cover(document).samples, 2);
    CHECK_EQ_U64(asked_at_kick[0], 1);
    CHECK_EQ_U64(asked_at_kick[1], 2);
    CHECK_EQ_U64(aid_scheduler_asked(&scheduler), 2);
    CHECK_STR(document->result.sample, "main");
    CHECK_STR(document->early.sample, "early");
    CHECK(holds(document, "\"tag\":\"main\",\"elapsed_ms\":"));
    CHECK(holds(document, "\"phase\":\"took_early\",\"stats\":{\"n\":1},\"took_us\":"));
    end_run();
}

/* Inside a freeze nobody is waited for. */
static void ask_now(struct aid_source *self) {
    (void)self;
    cap_samples_freeze(samples, true); /* twice does no harm */
    CHECK(says(take("inside"), "\"DuringFreeze\""));
}

static void who_asks_in_a_freeze_is_told_so_at_once(void) {
    if (!begin_run(AID_SCRIPT("reply={}"), AID_PLENTY_MS, LATCH))
        return;
    aid.at_collect = ask_now;
    options.after = CAP_AFTER_RESUME;
    options.run_for_ms = 20;
    go(by_latch);
    CHECK_EQ_U64(aid_scheduler_asked(&scheduler), 1);
    CHECK(take("behind")->have); /* the guest was let go */
    end_run();
}

static void by_flip(struct aid_source *self, uint32_t number) {
    if (number == 5) {
        aid_store(self, AID_EXIT_KIND, 1024);
        aid_store(self, AID_EXIT_KIND, 0);
    }
    if (number == 8)
        aid_store(self, AID_EXIT_KIND, 1025);
}

static void a_suppressed_hit_has_a_sample_and_no_report(void) {
    if (!begin_run(AID_SCRIPT("reply={}"), AID_PLENTY_MS, WATCHPOINT))
        return;
    aid.means.slot = true;
    go(by_flip);
    const struct aid_document *document = aid_document(&run.documents, NULL);
    CHECK_EQ_U64(run.end.suppressed, 1);
    CHECK_EQ_U64(cover(document).samples, 2);
    CHECK_STR(cap_samples_at(samples, 0)->tag, "suppressed");
    CHECK_STR(cap_samples_at(samples, 1)->tag, "main");
    CHECK_STR(document->result.sample, "main");
    end_run();
}

/* ---- time ---- */

static void a_silent_scheduler_costs_each_freeze_its_deadline(void) {
    enum { DEADLINE_MS = 40, CAPTURES = 3 };
    if (!begin_run(AID_SCRIPT("silent"), DEADLINE_MS, 0))
        return;
    options.every_ms = 5;
    options.count = CAPTURES;
    go(NULL);
    CHECK_EQ_U64(run.documents.count, CAPTURES);
    CHECK_EQ_U64(cover(&run.documents.list[2]).missing[CANCELLED], CAPTURES);
    for (size_t i = 0; i < CAPTURES; i++) {
        const struct cap_sample *sample = cap_samples_at(samples, i);
        CHECK_EQ_U64(sample->deadline_ms, DEADLINE_MS);
        CHECK(sample->took_us >= DEADLINE_MS * 1000);
        CHECK(sample->took_us < 10000000);
        CHECK(sample->elapsed_ms >= (i + 1) * DEADLINE_MS);
    }
    end_run();
}

/* The guest stood still for a while between two samples. */
static void a_freeze_is_no_time_of_the_guest(void) {
    enum { PAUSE_MS = 60 };
    const uint64_t start_ns = cap_now_ns();
    const struct cap_samples_request request = {
        .tag = "x", .phase = "idle", .start_ns = start_ns};
    begin_samples(AID_SCRIPT("reply={}"), AID_PLENTY_MS);
    cap_samples_take(samples, &request);
    for (uint64_t i = 1; i <= 2; i++) {
        cap_samples_freeze(samples, true);
        cap_samples_freeze(samples, true);
        usleep(PAUSE_MS * 1000);
        cap_samples_freeze(samples, false);
        const struct cap_sample *sample = cap_samples_take(samples, &request);
        uint64_t past_ms = (cap_now_ns() - start_ns) / CAP_NS_PER_MS;
        CHECK(sample->have);
        CHECK(sample->elapsed_ms + i * PAUSE_MS <= past_ms);
    }
    end_samples();
}

static void none_parks(struct aid_source *self, uint32_t id, uint32_t kick) {
    (void)self, (void)id, (void)kick;
}

/* The time to give up is that of the rendezvous. All in all the run took no less than the
   question and that. */
static void a_question_is_no_time_of_the_rendezvous(void) {
    enum { DEADLINE_MS = 400 };
    char text[64];
    if (!begin_run(AID_SCRIPT("silent"), DEADLINE_MS, LATCH))
        return;
    aid.act = none_parks;
    uint64_t start_ns = cap_now_ns();
    go(by_latch);
    uint64_t past_us = (cap_now_ns() - start_ns) / CAP_NS_PER_US;
    const struct aid_document *document = aid_document(&run.documents, NULL);
    const struct cap_sample *sample = cap_samples_at(samples, 0);
    if (CHECK(document != NULL)) {
        const struct cap_result *result = &document->result;
        CHECK_EQ_U64(result->outcome, CAP_TIMEOUT);
        CHECK_EQ_U64(result->latch_at_trigger, CAP_LATCH_TRIGGERED);
        CHECK(result->elapsed_us >= options.timeout_ms * 1000);
        CHECK(result->elapsed_us + sample->took_us <= past_us);
        snprintf(text, sizeof(text), "acknowledgement: %llums;",
                 (unsigned long long)result->elapsed_us / 1000);
        CHECK(holds(document, text));
    }
    CHECK(sample->took_us >= DEADLINE_MS * 1000);
    end_run();
}

static void nobody_there_costs_no_time(void) {
    if (!begin_run(AID_SCRIPT("reply={}"), AID_PLENTY_MS, 0))
        return;
    aid_scheduler_kill(&scheduler);
    options.every_ms = 5;
    options.count = 3;
    go(NULL);
    CHECK_EQ_U64(run.documents.count, 3);
    CHECK_EQ_U64(cover(&run.documents.list[2]).missing[NO_SCHEDULER], 3);
    CHECK(run.end.run_us < AID_PLENTY_MS * 1000);
    end_run();
}

/* ---- the end of a run ---- */

/* What ends the run while the scheduler is asked, as a signal or the control socket do. */
static void *end_it(void *by_stop) {
    if (!aid_scheduler_wait_asked(&scheduler, 1))
        return NULL;
    if (by_stop)
        atomic_store(&aid.live.stop, 1);
    else
        atomic_store(&cancel, 2);
    cap_samples_cancel(samples);
    return NULL;
}

static void end_while_asked(bool by_stop) {
    pthread_t thread;
    if (!begin_run(AID_SCRIPT("silent"), AID_PLENTY_MS, LATCH))
        return;
    options.run_for_ms = 4 * AID_PLENTY_MS;
    if (pthread_create(&thread, NULL, end_it, by_stop ? &thread : NULL) != 0)
        abort();
    go(by_latch);
    pthread_join(thread, NULL);
    const struct aid_document *document = aid_document(&run.documents, NULL);
    CHECK(run.end.run_us < AID_PLENTY_MS * 1000);
    /* The trigger came before: it has its report, and the reason has no deadline. */
    CHECK_EQ_U64(cover(document).missing[CANCELLED], 1);
    CHECK_EQ_U64(document->result.outcome, CAP_COMPLETE);
    CHECK_EQ_U64(cap_samples_at(samples, 0)->deadline_ms, 0);
    end_run();
}

static void p9_a_cancel_wakes_who_waits(void) {
    end_while_asked(false);
}

static void p9_a_stop_wakes_who_waits(void) {
    end_while_asked(true);
}

/* The run was over before: nothing is sent, and nobody waits. */
static void p8_who_is_cancelled_already_does_not_ask(void) {
    if (!begin_run(AID_SCRIPT("silent"), AID_PLENTY_MS, LATCH))
        return;
    atomic_store(&cancel, 2);
    aid_store(&aid, AID_LATCH, 1);
    go(NULL);
    CHECK_EQ_U64(cover(aid_document(&run.documents, NULL)).missing[CANCELLED], 1);
    CHECK_EQ_U64(aid_scheduler_asked(&scheduler), 0);
    CHECK(run.end.run_us < AID_PLENTY_MS * 1000);
    end_run();
}

/* A report that is given to two has one freeze, and one sample. */
static void ask_by_signal(struct aid_source *self, const struct cap_document *document) {
    (void)self;
    if (!document->tag)
        atomic_store(options.ask, 1);
}

static void a_report_from_the_same_freeze_names_the_same_sample(void) {
    static atomic_int asked;
    if (!begin_run(AID_SCRIPT("reply={}"), AID_PLENTY_MS, LATCH))
        return;
    options.ask = &asked;
    options.after = CAP_AFTER_HOLD;
    options.run_for_ms = 50;
    aid.at_deliver = ask_by_signal;
    go(by_latch);
    const struct aid_document *sibling = aid_document(&run.documents, "signal");
    if (CHECK(sibling != NULL))
        CHECK_STR(sibling->result.sample, "main");
    CHECK_EQ_U64(cover(sibling).samples, 1);
    end_run();
}

int main(void) {
    UNIT_RUN(every_report_has_the_samples_up_to_it);
    UNIT_RUN(nobody_is_asked_unless_that_was_configured);
    UNIT_RUN(the_question_comes_before_the_freeze);
    UNIT_RUN(who_asks_in_a_freeze_is_told_so_at_once);
    UNIT_RUN(a_suppressed_hit_has_a_sample_and_no_report);
    UNIT_RUN(a_silent_scheduler_costs_each_freeze_its_deadline);
    UNIT_RUN(a_freeze_is_no_time_of_the_guest);
    UNIT_RUN(a_question_is_no_time_of_the_rendezvous);
    UNIT_RUN(nobody_there_costs_no_time);
    UNIT_RUN(p9_a_cancel_wakes_who_waits);
    UNIT_RUN(p9_a_stop_wakes_who_waits);
    UNIT_RUN(p8_who_is_cancelled_already_does_not_ask);
    UNIT_RUN(a_report_from_the_same_freeze_names_the_same_sample);
    return unit_done();
}
