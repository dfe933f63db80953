#include "cmd/capture_tell.h"

#include "capture/report.h"
#include "cmd/capture_signals.h"
#include "cmd/fail.h"
#include "cmd/later.h"
#include "cmd/output.h"
#include "lib/model.h"
#include "lib/samples.h"
#include "lib/writer.h"

#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- who is missing ---- */

/* "2,5-7" for the vCPUs in that state; a long list is cut. Returns how many there are. */
static uint32_t list_ids(const struct cap_result *result, enum cap_vcpu_state state,
                         char *text, size_t size) {
    enum { ROOM = 48 }; /* for a range and " (+1023 more)" */
    uint32_t count = 0, listed = 0;
    size_t used = 0;
    *text = '\0';
    for (uint32_t i = 0, end; i < result->vcpu_count; i = end) {
        for (end = i; end < result->vcpu_count && result->vcpus[end].state == state;)
            end++;
        if (end == i) {
            end++;
            continue;
        }
        count += end - i;
        if (used + ROOM > size)
            continue;
        listed = count;
        used += (size_t)snprintf(text + used, size - used, "%s%u", used ? "," : "", i);
        if (end - i > 1)
            used += (size_t)snprintf(text + used, size - used, "-%u", end - 1);
    }
    if (listed < count)
        snprintf(text + used, size - used, " (+%u more)", count - listed);
    return count;
}

/* "; not_parked: vCPUs 2,5", or nothing. */
static void say_ids(const struct cap_result *result, enum cap_vcpu_state state,
                    const char *name, char *text, size_t size) {
    char ids[128];
    uint32_t count = list_ids(result, state, ids, sizeof(ids));
    *text = '\0';
    if (count > 0)
        snprintf(text, size, "; %s: vCPU%s %s", name, count > 1 ? "s" : "", ids);
}

/* ---- the place ---- */

static void write_ids(struct dc_writer *w, const struct cap_result *result) {
    dc_write_open(w, '[');
    for (uint32_t id = 0; id < result->vcpu_count; id++)
        if (result->vcpus[id].state == CAP_NOT_PARKED)
            dc_write_u64(w, id);
    dc_write_close(w, ']');
}

static int write_object(struct dc_sink sink, const struct cap_document *document,
                        const struct cap_delivery *delivery) {
    const struct cap_result *result = document->result;
    struct dc_writer w;
    dc_writer_init(&w, sink, true, false);
    dc_write_open(&w, '{');
    dc_write_name(&w, "report");
    dc_write_text(&w, delivery->path);
    if (document->tag) {
        dc_write_name(&w, "tag");
        dc_write_text(&w, delivery->tag);
    }
    dc_write_name(&w, "variant");
    dc_write_text(&w, cap_document_variant(document));
    dc_write_name(&w, "outcome");
    dc_write_text(&w, cap_outcome_name(result->outcome));
    dc_write_name(&w, "trigger");
    dc_write_text(&w, cap_trigger_name(result->trigger));
    dc_write_name(&w, "parked");
    dc_write_u64(&w, result->parked - result->unavailable);
    dc_write_name(&w, "total");
    dc_write_u64(&w, result->vcpu_count);
    dc_write_name(&w, "not_parked");
    write_ids(&w, result);
    dc_write_close(&w, '}');
    return dc_writer_finish(&w);
}

/* As it is for a program, escaped for a person. */
static int write_path(struct dc_sink sink, bool tty, const char *path) {
    struct dc_text text;
    if (!tty)
        return sink.write(sink.ctx, path, strlen(path));
    dc_text_init(&text, sink, false, UINT_MAX);
    dc_text_add(&text, path, strlen(path));
    return dc_text_finish(&text);
}

/* Standard output may be a pipe that nobody reads, which a capture waits for like any other
   program; but not beyond its own end, since the report is in its file. False: that end was
   asked for, and still nothing is taken. */
static bool wait_for_stdout(void) {
    enum { SLICE_MS = 200 };
    struct pollfd ready = {.fd = STDOUT_FILENO, .events = POLLOUT};
    bool ending;
    do {
        ending = atomic_load(cmd_capture_signals_cancel()) != 0;
        if (poll(&ready, 1, SLICE_MS) > 0)
            return true;
    } while (!ending);
    return false;
}

static int tell_path(const struct cmd_common *common, const struct cap_document *document,
                     const struct cap_delivery *delivery) {
    struct cmd_output out;
    if (common->later) {
        struct dc_sink sink = cmd_later_out(common->later);
        return write_path(sink, isatty(STDOUT_FILENO), delivery->path) |
               sink.write(sink.ctx, "\n", 1);
    }
    if (!wait_for_stdout()) {
        cmd_note(common, "standard output takes nothing; the report is in %s",
                 delivery->path);
        return -1;
    }
    cmd_output_open(&out, common, false);
    int rc = common->json ? write_object(out.sink, document, delivery)
                          : write_path(out.sink, out.tty, delivery->path);
    if (rc == 0)
        out.sink.write(out.sink.ctx, "\n", 1);
    if (cmd_output_finish(&out, common, EXIT_DONE) == EXIT_DONE)
        return 0;
    cmd_note(common, "the report is in %s", delivery->path);
    return -1;
}

/* ---- the summary ---- */

static void say_kill(const struct cap_result *result, char *text, size_t size) {
    int number = atomic_load(cmd_capture_signals_cancel());
    if (number)
        snprintf(text, size,
                 "vCPU rendezvous aborted by signal %d (%s) after %" PRIu64 " ms", number,
                 sigabbrev_np(number), result->elapsed_us / 1000);
    else
        snprintf(text, size,
                 "vCPU rendezvous aborted by the control socket after %" PRIu64 " ms",
                 result->elapsed_us / 1000);
}

static void say_cause(const struct cap_result *result, char *text, size_t size) {
    char crash[CAP_CRASH_TEXT];
    switch (result->outcome) {
    case CAP_CRASHED:
        snprintf(text, size, "guest crashed (vCPU %u: %s)", result->event_vcpu,
                 cap_crash_text(&result->vcpus[result->event_vcpu], crash));
        break;
    case CAP_KILLED:
        say_kill(result, text, size);
        break;
    case CAP_UNREADABLE:
        snprintf(text, size, "vCPU register read failed");
        break;
    default:
        snprintf(text, size, "vCPU rendezvous timed out after %" PRIu64 " ms",
                 result->timeout_ms);
        break;
    }
}

/* "trigger latch, exit_kind 1026 (SCX_EXIT_ERROR_STALL)" */
static void say_trigger(const struct cap_result *result, char *text, size_t size) {
    size_t used =
        (size_t)snprintf(text, size, "trigger %s", cap_trigger_name(result->trigger));
    if (result->exit_kind_state == CAP_EXIT_KIND_READ)
        snprintf(text + used, size - used, ", exit_kind %u (%s)", result->exit_kind,
                 dc_exit_kind_name(result->exit_kind));
}

/* Why they did not park, of the first few; the report says it of all. */
static void tell_why(const struct cmd_common *common, const char *before,
                     const struct cap_result *result) {
    enum { FEW = 4 };
    char text[CAP_WHY_TEXT];
    uint32_t told = 0, left = 0;

    for (uint32_t id = 0; id < result->vcpu_count; id++) {
        const struct cap_vcpu_result *vcpu = &result->vcpus[id];
        if (vcpu->state != CAP_NOT_PARKED)
            continue;
        if (told == FEW) {
            left++;
            continue;
        }
        cmd_note(common, "%svcpu %u not_parked: %s", before, id,
                 cap_why_text(&vcpu->why, text));
        told++;
    }
    if (left > 0)
        cmd_note(common, "%sand %u more, see `dumpctl show`", before, left);
}

static void tell_degraded(const struct cmd_common *common, const char *before,
                          const struct cap_result *result) {
    char cause[64 + CAP_CRASH_TEXT], missing[192], unread[192], trigger[96];
    say_cause(result, cause, sizeof(cause));
    say_ids(result, CAP_NOT_PARKED, "not_parked", missing, sizeof(missing));
    say_ids(result, CAP_UNAVAILABLE, "unavailable", unread, sizeof(unread));
    say_trigger(result, trigger, sizeof(trigger));
    cmd_note(common, "%sdegraded report: %s; parked %u/%u%s%s; %s", before, cause,
             result->parked - result->unavailable, result->vcpu_count, missing, unread,
             trigger);
    tell_why(common, before, result);
}

static void tell_summary(const struct cmd_common *common,
                         const struct cap_document *document,
                         const struct cap_delivery *delivery) {
    const struct cap_result *result = document->result;
    char before[CAP_TAG + 8] = "", trigger[96];

    if (document->tag)
        snprintf(before, sizeof(before), "%s: ", delivery->tag);
    if (result->outcome != CAP_COMPLETE) {
        tell_degraded(common, before, result);
        return;
    }
    say_trigger(result, trigger, sizeof(trigger));
    cmd_note(common,
             "%s%s report: parked %u/%u, %s, last vCPU parked %.1f ms after the first "
             "kick",
             before, document->dual ? "dual" : "full", result->parked, result->vcpu_count,
             trigger, (double)result->freeze_latency_us / 1e3);
    if (result->gate == CAP_GATE_NO_VALUE)
        cmd_note(common,
                 "%sthe exit kind could not be read to confirm the watchpoint; "
                 "captured all the same",
                 before);
    if (result->gate == CAP_GATE_LATCH)
        cmd_note(common,
                 "%sthe exit kind is no error any more; captured because of the "
                 "latch",
                 before);
}

int cmd_capture_tell(const struct cmd_common *common, const struct cap_document *document,
                     const struct cap_delivery *delivery, bool to_stdout) {
    tell_summary(common, document, delivery);
    return to_stdout ? 0 : tell_path(common, document, delivery);
}

void cmd_capture_tell_after(const struct cmd_common *common, enum cap_after after) {
    if (after == CAP_AFTER_HOLD)
        cmd_note(common, "the guest stays frozen; Ctrl-C, SIGTERM or the control socket "
                         "ends it");
    else if (after == CAP_AFTER_RESUME)
        cmd_note(common, "the guest goes on");
}

/* ---- statistics ---- */

/* In words; the sample has the reason as JSON. */
static void say_missing(const struct cap_sample *sample, struct dc_buf *text) {
    const struct dc_report_options options = {.alloc = dc_alloc_libc};
    struct dc_report report;
    struct dc_model model;
    struct dc_error err;
    size_t used = 0;

    if (dc_report_read(&report, sample->json, sample->len, &used, &options, &err) == 0) {
        dc_model_init(&model, &report, NULL);
        if (dc_samples_why(model.missing, sample->deadline_ms, text, &err) < 0)
            text->failed = true;
    } else {
        dc_buf_add(text, sample->json, sample->len);
    }
    dc_report_done(&report);
}

void cmd_capture_tell_missing(const struct cmd_common *common,
                              const struct cap_document *document, unsigned *told) {
    const char *tag = document->result->sample;
    const struct cap_sample *sample =
        document->samples ? cap_samples_find(document->samples, tag) : NULL;
    struct dc_buf text;

    if (!sample || sample->have || (*told >> sample->missing & 1))
        return;
    *told |= 1u << sample->missing;
    dc_buf_init(&text, dc_alloc_libc);
    say_missing(sample, &text);
    if (sample->deadline_ms > 0) {
        dc_buf_text(&text, " from ");
        dc_buf_text(&text, cap_samples_path(document->samples));
    }
    cmd_note(common, "%s: no statistics: %.*s", tag, dc_buf_ok(&text) ? (int)text.len : 0,
             text.data ? text.data : "");
    dc_buf_done(&text);
}

static void tell_samples(const struct cmd_common *common,
                         const struct cap_samples_tally *tally) {
    char missing[256] = "";
    size_t used = 0;

    if (tally->have == tally->asked)
        return;
    for (unsigned i = 0; i < CAP_N_MISSING && used < sizeof(missing); i++)
        if (tally->missing[i] > 0)
            used += (size_t)snprintf(
                missing + used, sizeof(missing) - used, "%s%s %u", used ? ", " : "",
                cap_missing_name((enum cap_missing)i), tally->missing[i]);
    cmd_note(common, "statistics: %u of %u samples have them; missing: %s", tally->have,
             tally->asked, missing);
}

/* ---- the end ---- */

static void say_ending(const struct cap_options *options, const struct cap_end *end,
                       char *text, size_t size) {
    int number = atomic_load(cmd_capture_signals_cancel());
    switch (end->ending) {
    case CAP_ENDED_BY_GUEST:
        snprintf(text, size,
                 "the guest ended by itself after %.1f s (vCPU %u, status %" PRIu64 ")",
                 (double)end->run_us / 1e6, end->event_vcpu, end->end_status);
        break;
    case CAP_ENDED_BY_CRASH:
        snprintf(text, size, "the guest crashed after %.1f s (vCPU %u)",
                 (double)end->run_us / 1e6, end->event_vcpu);
        break;
    case CAP_ENDED_BY_TIME:
        snprintf(text, size, "no trigger in %" PRIu64 " ms (--run-for)",
                 options->run_for_ms);
        break;
    case CAP_ENDED_BY_STOP:
        snprintf(text, size, "stopped through the control socket before a trigger");
        break;
    case CAP_ENDED_BY_COUNT:
        snprintf(text, size, "no periodic capture is left to make");
        break;
    default:
        snprintf(text, size, "stopped by signal %d (%s) before a trigger", number,
                 number ? sigabbrev_np(number) : "none");
        break;
    }
}

static void tell_details(const struct cmd_common *common, const struct cap_end *end) {
    tell_samples(common, &end->samples);
    if (end->suppressed > 0)
        cmd_note(common,
                 "suppressed by the exit-kind gate: %u watchpoint hit%s, each below 1024 "
                 "again when the guest was frozen",
                 end->suppressed, end->suppressed == 1 ? "" : "s");
    if (end->latch_was_out)
        cmd_note(common,
                 "the latch was outside of the guest's memory at some look, where "
                 "it cannot trigger");
    if (end->periodic_late > 0)
        cmd_note(common, "%u periodic capture%s took longer than a period",
                 end->periodic_late, end->periodic_late == 1 ? "" : "s");
    if (end->periodic_given_up)
        cmd_note(common, "no more periodic captures after two timeouts in a row");
    if (end->threads_lost)
        cmd_note(common, "a vCPU thread could not be ended within 10 s");
}

static int code_of(const struct cap_end *end) {
    if (end->undelivered > 0)
        return EXIT_TROUBLE;
    if (end->main_made)
        return end->main_degraded ? EXIT_DEGRADED : EXIT_DONE;
    if (end->siblings > 0)
        return end->siblings_degraded > 0 ? EXIT_DEGRADED : EXIT_DONE;
    return EXIT_DIFFERENT;
}

int cmd_capture_tell_end(const struct cmd_common *common,
                         const struct cap_options *options, const struct cap_end *end) {
    char ending[160];

    say_ending(options, end, ending, sizeof(ending));
    tell_details(common, end);
    if (!end->main_made && end->undelivered == 0 && end->siblings == 0)
        cmd_note(common, "nothing to capture: %s", ending);
    else if (!end->main_made && end->undelivered == 0 &&
             end->ending != CAP_ENDED_BY_COUNT)
        cmd_note(common, "no main report: %s", ending);
    return code_of(end);
}
