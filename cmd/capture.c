#include "capture/report.h"
#include "cmd/capture_progress.h"
#include "cmd/fail.h"
#include "cmd/output.h"
#include "cmd/report_file.h"
#include "lib/buf.h"
#include "lib/model.h"
#include "lib/writer.h"

#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    OPT_GUEST,
    OPT_VCPUS,
    OPT_MEMORY,
    OPT_TRIGGER,
    OPT_TIMEOUT,
    OPT_RUN_FOR,
    OPT_OUTPUT,
    OPT_FORCE,
    OPT_NO_REALTIME,
    OPT_INJECT,
};

static const struct cmd_option options[] = {
    {'g', "guest", "GUEST",
     "demo:SCENARIO, one of stall (default), error, late-error, flip, relapse, clean, "
     "spin, storm, halt, uninit, crash, ask; or a FILE, a static 64-bit ELF program made "
     "for it (dumpctl-capture(1) says how)."},
    {'n', "vcpus", "N", "vCPUs, from 1 to what KVM allows (default 4)."},
    {'m', "memory", "MIB", "Memory of the guest, 4 to 3072 MiB (default 64)."},
    {'t', "trigger", "WHAT",
     "\"latch\" (default): the guest's u32 err_exit_detected is set; \"timer=MS\": that "
     "much time has passed."},
    {0, "timeout", "MS",
     "Deadline of the rendezvous (default 30000): vCPUs that have not parked by then "
     "make "
     "the report degraded."},
    {0, "run-for", "MS",
     "Give up, with exit code 1, when nothing triggered for so long."},
    {'o', "output", "FILE",
     "Write the report there, \"-\" for standard output. Default: "
     "dumpctl-YYYYMMDD-HHMMSS.failure-dump.json in this folder."},
    {0, "force", NULL, "Replace FILE where it exists."},
    {0, "no-realtime", NULL, "Do not raise priorities for the freeze."},
    {0, "inject", "FAULT",
     "A testing aid, may be repeated: \"stuck=ID[,ID...]\", the thread of that vCPU does "
     "not park; \"fault=ID\", that vCPU waits in the kernel for memory that never "
     "comes."},
    {0, NULL, NULL, NULL},
};

static const char details[] =
    "Runs a guest on /dev/kvm, waits for the trigger, stops all vCPUs at a rendezvous, "
    "reads their registers and writes a failure dump: \"single\" where every vCPU "
    "parked, "
    "else \"degraded\", which names those that did not. Then the guest is ended. The "
    "path "
    "of the report, alone, is printed on standard output; everything else on standard "
    "error.\n"
    "\n"
    "SIGINT or SIGTERM during the rendezvous end it with what is there (degraded); "
    "before "
    "the trigger nothing is written.\n"
    "\n"
    "Exit codes: 0 full report; 1 nothing to capture (the guest ended, --run-for passed, "
    "or a signal came before the trigger); 2 usage, a guest that is none, an output that "
    "cannot be written; 3 degraded report; 4 cannot run here (no /dev/kvm, no "
    "permission).\n"
    "\n"
    "Examples:\n"
    "  dumpctl capture\n"
    "  dumpctl capture --guest demo:stall --vcpus 8 -o full.json\n"
    "  dumpctl capture --vcpus 8 --inject stuck=2,5 --timeout 500 -o degraded.json\n"
    "  dumpctl capture --guest demo:spin --trigger timer=200 -o - | dumpctl show -\n";

struct capture {
    const struct cmd_verb *verb;
    struct cmd_common common;
    struct cap_options run;
    const char *output;
    bool force;
    bool direct; /* what is written leaves nothing to clean up behind a signal */
};

/* The only thing that our signal handler touches. */
static atomic_int cancelled;

static void on_signal(int number) {
    atomic_store(&cancelled, number);
}

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

/* What they did before, while they are caught. */
static struct sigaction before[SIGNALS];
static bool caught;

/* But for a SIGHUP that nohup has us ignore. */
static void catch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < SIGNALS; i++) {
        sigaction(signals[i], NULL, &before[i]);
        if (signals[i] != SIGHUP || before[i].sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
    caught = true;
}

/* From here on they end the program, also in a write that blocks. */
static void release_signals(void) {
    for (size_t i = 0; i < SIGNALS && caught; i++)
        sigaction(signals[i], &before[i], NULL);
    caught = false;
}

/* ---- options ---- */

static int take_number(const struct capture *capture, const char *name, const char *value,
                       uint64_t least, uint64_t most, uint64_t *number) {
    unsigned long long parsed;
    char limit[32] = "what KVM allows"; /* found out later */
    if (cmd_parse_number(value, least, most, &parsed) < 0) {
        if (most < UINT32_MAX)
            snprintf(limit, sizeof(limit), "%" PRIu64, most);
        cmd_usage(capture->verb, &capture->common,
                  "%s takes a number from %" PRIu64 " to %s, not \"%s\"", name, least,
                  limit, value);
        return -1;
    }
    *number = parsed;
    return 0;
}

static int take_trigger(struct capture *capture, const char *value) {
    static const char timer[] = "timer=";
    size_t n = sizeof(timer) - 1;
    if (strcmp(value, "latch") == 0) {
        capture->run.trigger = CAP_TRIGGER_LATCH;
        return 0;
    }
    if (strncmp(value, timer, n) == 0) {
        capture->run.trigger = CAP_TRIGGER_TIMER;
        return take_number(capture, "--trigger timer=MS", value + n, 0, CAP_MAX_MS,
                           &capture->run.timer_ms);
    }
    cmd_usage(capture->verb, &capture->common,
              "--trigger takes \"latch\" or \"timer=MS\", not \"%s\"", value);
    return -1;
}

static int take_inject(struct capture *capture, const char *value) {
    struct dc_error err;
    if (cap_inject_parse(&capture->run.inject, value, &err) == 0)
        return 0;
    cmd_fail(&capture->common, &err);
    return -1;
}

static int take_option(struct capture *capture, int option, const char *value) {
    uint64_t number = 0;
    int rc = 0;
    switch (option) {
    case OPT_GUEST:
        capture->run.guest = value;
        return 0;
    case OPT_VCPUS:
        rc = take_number(capture, "--vcpus", value, 1, UINT32_MAX, &number);
        capture->run.vcpus = (uint32_t)number;
        return rc;
    case OPT_MEMORY:
        rc = take_number(capture, "--memory", value, 4, 3072, &number);
        capture->run.memory_mib = (uint32_t)number;
        return rc;
    case OPT_TRIGGER:
        return take_trigger(capture, value);
    case OPT_TIMEOUT:
        return take_number(capture, "--timeout", value, 1, CAP_MAX_MS,
                           &capture->run.timeout_ms);
    case OPT_RUN_FOR:
        return take_number(capture, "--run-for", value, 1, CAP_MAX_MS,
                           &capture->run.run_for_ms);
    case OPT_OUTPUT:
        capture->output = value;
        return 0;
    case OPT_FORCE:
        capture->force = true;
        return 0;
    case OPT_NO_REALTIME:
        capture->run.allow_realtime = false;
        return 0;
    default:
        return take_inject(capture, value);
    }
}

static int take_options(struct capture *capture, int argc, char **argv) {
    const char *value;
    int option;
    while ((option = cmd_next_option(capture->verb, argc, argv, &capture->common,
                                     &value)) >= 0)
        if (take_option(capture, option, value) < 0)
            return -1;
    if (option < -1)
        return -1;
    if (optind < argc) {
        cmd_usage(capture->verb, &capture->common, "unexpected operand \"%s\"",
                  argv[optind]);
        return -1;
    }
    if (capture->force && (!capture->output || strcmp(capture->output, "-") == 0)) {
        cmd_usage(capture->verb, &capture->common,
                  "--force has no meaning without -o FILE");
        return -1;
    }
    return 0;
}

/* ---- what came out ---- */

static int tell_nothing(const struct capture *capture, const struct cap_result *result) {
    const struct cmd_common *common = &capture->common;
    if (result->nothing == CAP_NOTHING_ENDED)
        cmd_note(common,
                 "nothing to capture: the guest ended by itself after %.1f s (vCPU %u, "
                 "status %" PRIu64 ")",
                 (double)result->run_us / 1e6, result->event_vcpu, result->end_status);
    else if (result->nothing == CAP_NOTHING_RUN_FOR)
        cmd_note(common, "nothing to capture: no trigger in %" PRIu64 " ms (--run-for)",
                 capture->run.run_for_ms);
    else
        cmd_note(common, "nothing to capture: stopped by signal %d (%s) before a trigger",
                 atomic_load(&cancelled), sigabbrev_np(atomic_load(&cancelled)));
    return EXIT_DIFFERENT;
}

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

static void write_ids(struct dc_writer *w, const struct cap_result *result) {
    dc_write_open(w, '[');
    for (uint32_t id = 0; id < result->vcpu_count; id++)
        if (result->vcpus[id].state == CAP_NOT_PARKED)
            dc_write_u64(w, id);
    dc_write_close(w, ']');
}

static int write_object(struct dc_sink sink, const struct cap_result *result,
                        const char *path) {
    struct dc_writer w;
    dc_writer_init(&w, sink, true, false);
    dc_write_open(&w, '{');
    dc_write_name(&w, "report");
    dc_write_text(&w, path);
    dc_write_name(&w, "variant");
    dc_write_text(&w, cap_report_is_full(result) ? "single" : "degraded");
    dc_write_name(&w, "outcome");
    dc_write_text(&w, cap_outcome_name(result->outcome));
    dc_write_name(&w, "trigger");
    dc_write_text(&w, result->trigger);
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
static int write_path(const struct cmd_output *out, const char *path) {
    struct dc_text text;
    if (!out->tty)
        return out->sink.write(out->sink.ctx, path, strlen(path));
    dc_text_init(&text, out->sink, false, UINT_MAX);
    dc_text_add(&text, path, strlen(path));
    return dc_text_finish(&text);
}

static int tell_path(const struct capture *capture, const struct cap_result *result,
                     const struct cmd_report_file *file) {
    struct cmd_output out;
    if (file->to_stdout)
        return EXIT_DONE;
    cmd_output_open(&out, &capture->common, false);
    int rc = capture->common.json ? write_object(out.sink, result, file->path)
                                  : write_path(&out, file->path);
    if (rc == 0)
        out.sink.write(out.sink.ctx, "\n", 1);
    int code = cmd_output_finish(&out, &capture->common, EXIT_DONE);
    if (code != EXIT_DONE)
        cmd_note(&capture->common, "the report is in %s", file->path);
    return code;
}

static void say_cause(const struct cap_result *result, char *text, size_t size) {
    char crash[CAP_CRASH_TEXT];
    switch (result->outcome) {
    case CAP_CRASHED:
        snprintf(text, size, "guest crashed (vCPU %u: %s)", result->event_vcpu,
                 cap_crash_text(&result->vcpus[result->event_vcpu], crash));
        break;
    case CAP_KILLED:
        snprintf(text, size,
                 "vCPU rendezvous aborted by signal %d (%s) after %" PRIu64 " ms",
                 atomic_load(&cancelled), sigabbrev_np(atomic_load(&cancelled)),
                 result->elapsed_us / 1000);
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

/* "; not_parked: vCPUs 2,5", or nothing. */
static void say_ids(const struct cap_result *result, enum cap_vcpu_state state,
                    const char *name, char *text, size_t size) {
    char ids[128];
    uint32_t count = list_ids(result, state, ids, sizeof(ids));
    *text = '\0';
    if (count > 0)
        snprintf(text, size, "; %s: vCPU%s %s", name, count > 1 ? "s" : "", ids);
}

static void tell_degraded(const struct capture *capture, const struct cap_result *result,
                          const char *kind) {
    char cause[64 + CAP_CRASH_TEXT], missing[192], unread[192];
    say_cause(result, cause, sizeof(cause));
    say_ids(result, CAP_NOT_PARKED, "not_parked", missing, sizeof(missing));
    say_ids(result, CAP_UNAVAILABLE, "unavailable", unread, sizeof(unread));
    cmd_note(&capture->common, "degraded report: %s; parked %u/%u%s%s; trigger %s%s",
             cause, result->parked - result->unavailable, result->vcpu_count, missing,
             unread, result->trigger, kind);
}

static void tell_summary(const struct capture *capture, const struct cap_result *result) {
    char kind[64] = "";
    if (result->exit_kind_state == CAP_EXIT_KIND_READ)
        snprintf(kind, sizeof(kind), ", exit_kind %u (%s)", result->exit_kind,
                 dc_exit_kind_name(result->exit_kind));
    if (!cap_report_is_full(result)) {
        tell_degraded(capture, result, kind);
        return;
    }
    cmd_note(
        &capture->common,
        "full report: parked %u/%u, trigger %s%s, last vCPU parked %.1f ms after the "
        "first kick",
        result->parked, result->vcpu_count, result->trigger, kind,
        (double)result->freeze_latency_us / 1e3);
}

/* The report has no other place left. Streamed: memory may be what is missing. */
static int tell_report(const struct capture *capture, const struct cap_result *result) {
    struct dc_sink sink = cmd_stderr();
    release_signals();
    cmd_note(&capture->common, "the report could not be written; here it is");
    (void)!cap_report_write(sink, isatty(STDERR_FILENO), result);
    sink.write(sink.ctx, "\n", 1);
    return EXIT_TROUBLE;
}

static int write_report(const struct capture *capture, const struct cap_result *result,
                        struct cmd_report_file *file) {
    struct dc_buf report;
    int rc = -1;
    bool ascii = file->to_stdout && isatty(STDOUT_FILENO);
    dc_buf_init(&report, dc_alloc_libc);
    if (cap_report_write(dc_buf_sink(&report), ascii, result) < 0 ||
        !dc_buf_ok(&report)) {
        struct dc_error err;
        dc_fail(&err, DC_ENOMEM, "out of memory for the report");
        cmd_fail(&capture->common, &err);
    } else {
        rc = cmd_report_file_write(file, report.data, report.len);
    }
    dc_buf_done(&report);
    if (rc < 0)
        return tell_report(capture, result);
    release_signals();
    tell_summary(capture, result);
    int code = cap_report_is_full(result) ? EXIT_DONE : EXIT_DEGRADED;
    int told = tell_path(capture, result, file);
    return told == EXIT_DONE ? code : told;
}

static int run_guest(struct capture *capture, struct cmd_report_file *file) {
    struct cmd_progress progress;
    struct cap_result result;
    struct dc_error err;
    capture->run.cancel = &cancelled;
    cmd_progress_begin(&progress, &capture->run, capture->common.json);
    int rc = cap_run(&capture->run, &result, &err);
    cmd_progress_end(&progress);
    if (rc < 0)
        return cmd_fail(&capture->common, &err);
    if (capture->direct) /* its reader may never read */
        release_signals();
    int code = result.outcome == CAP_NOTHING ? tell_nothing(capture, &result)
                                             : write_report(capture, &result, file);
    if (result.threads_lost)
        cmd_note(&capture->common, "a vCPU thread could not be ended within 10 s");
    cap_result_free(&result);
    return code;
}

/* Signals are caught before there is a temporary file that they could leave behind; but
   not yet while a FIFO waits for its other side. */
static int open_and_run(struct capture *capture) {
    struct cmd_report_file file;
    capture->direct = cmd_report_file_is_direct(capture->output);
    if (!capture->direct)
        catch_signals();
    if (cmd_report_file_open(&file, &capture->common, capture->output, capture->force) <
        0)
        return EXIT_TROUBLE;
    if (capture->direct)
        catch_signals();
    int code = run_guest(capture, &file);
    cmd_report_file_close(&file);
    return code;
}

static int run(const struct cmd_verb *verb, int argc, char **argv) {
    struct capture capture = {.verb = verb, .run = CAP_OPTIONS_DEFAULT};
    int code = EXIT_TROUBLE;
    cmd_common_init(&capture.common);
    if (take_options(&capture, argc, argv) == 0)
        code = open_and_run(&capture);
    cap_inject_free(&capture.run.inject);
    return code;
}

const struct cmd_verb cmd_capture = {
    .name = "capture",
    .summary = "run a guest on /dev/kvm, freeze it when a trigger fires, write a report",
    .synopsis = "[OPTION...]",
    .shared = CMD_JSON,
    .options = options,
    .details = details,
    .run = run,
};
