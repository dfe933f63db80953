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
     "demo:SCENARIO, one of clean, error, stall (default), spin; or a FILE, a static "
     "64-bit ELF program made for it (dumpctl-capture(1) says how)."},
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
};

/* The only thing that our signal handler touches. */
static atomic_int cancelled;

static void on_signal(int number) {
    atomic_store(&cancelled, number);
}

static void catch_signals(void) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaction(numbers[i], &action, NULL);
}

/* ---- options ---- */

static int take_number(const struct capture *capture, int option, const char *value,
                       uint64_t least, uint64_t most, uint64_t *number) {
    unsigned long long parsed;
    if (cmd_parse_number(value, least, most, &parsed) < 0) {
        cmd_usage(capture->verb, &capture->common,
                  "--%s takes a number from %" PRIu64 " to %" PRIu64 ", not \"%s\"",
                  options[option].name, least, most, value);
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
        return take_number(capture, OPT_TRIGGER, value + n, 0, CAP_MAX_MS,
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
        rc = take_number(capture, option, value, 1, UINT32_MAX, &number);
        capture->run.vcpus = (uint32_t)number;
        return rc;
    case OPT_MEMORY:
        rc = take_number(capture, option, value, 4, 3072, &number);
        capture->run.memory_mib = (uint32_t)number;
        return rc;
    case OPT_TRIGGER:
        return take_trigger(capture, value);
    case OPT_TIMEOUT:
        return take_number(capture, option, value, 1, CAP_MAX_MS,
                           &capture->run.timeout_ms);
    case OPT_RUN_FOR:
        return take_number(capture, option, value, 1, CAP_MAX_MS,
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

static int write_path(struct dc_sink sink, const struct cap_result *result,
                      const char *path, bool json) {
    struct dc_writer w;
    dc_writer_init(&w, sink, true, false);
    if (!json)
        return sink.write(sink.ctx, path, strlen(path));
    dc_write_open(&w, '{');
    dc_write_name(&w, "report");
    dc_write_text(&w, path);
    dc_write_name(&w, "variant");
    dc_write_text(&w, cap_report_is_full(result) ? "single" : "degraded");
    dc_write_name(&w, "parked");
    dc_write_u64(&w, result->parked - result->unavailable);
    dc_write_name(&w, "total");
    dc_write_u64(&w, result->vcpu_count);
    dc_write_close(&w, '}');
    return dc_writer_finish(&w);
}

static int tell_path(const struct capture *capture, const struct cap_result *result,
                     const struct cmd_report_file *file) {
    struct cmd_output out;
    if (file->to_stdout)
        return EXIT_DONE;
    cmd_output_open(&out, &capture->common, false);
    if (write_path(out.sink, result, file->path, capture->common.json) == 0)
        out.sink.write(out.sink.ctx, "\n", 1);
    return cmd_output_finish(&out, &capture->common, EXIT_DONE);
}

static void tell_summary(const struct capture *capture, const struct cap_result *result) {
    char kind[64] = "";
    if (result->exit_kind_state == CAP_EXIT_KIND_READ)
        snprintf(kind, sizeof(kind), ", exit_kind %u (%s)", result->exit_kind,
                 dc_exit_kind_name(result->exit_kind));
    cmd_note(&capture->common,
             "%s report: parked %u/%u, trigger %s%s, last vCPU parked %.1f ms after the "
             "first kick",
             cap_report_is_full(result) ? "full" : "degraded",
             result->parked - result->unavailable, result->vcpu_count, result->trigger,
             kind, (double)result->freeze_latency_us / 1e3);
    if (result->threads_lost)
        cmd_note(&capture->common, "a vCPU thread could not be ended within 10 s");
}

static int write_report(const struct capture *capture, const struct cap_result *result,
                        struct cmd_report_file *file) {
    struct dc_buf report;
    int rc = -1;
    bool ascii = file->to_stdout && isatty(STDOUT_FILENO);
    dc_buf_init(&report, dc_alloc_libc);
    if (cap_report_write(dc_buf_sink(&report), ascii, result, time(NULL)) < 0) {
        struct dc_error err;
        dc_fail(&err, DC_ENOMEM, "out of memory: the report is lost");
        cmd_fail(&capture->common, &err);
    } else {
        rc = cmd_report_file_write(file, report.data, report.len);
    }
    dc_buf_done(&report);
    if (rc < 0)
        return EXIT_TROUBLE;
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
    int code = result.outcome == CAP_NOTHING ? tell_nothing(capture, &result)
                                             : write_report(capture, &result, file);
    cap_result_free(&result);
    return code;
}

static int run(const struct cmd_verb *verb, int argc, char **argv) {
    struct capture capture = {.verb = verb, .run = CAP_OPTIONS_DEFAULT};
    struct cmd_report_file file;
    int code = EXIT_TROUBLE;
    cmd_common_init(&capture.common);
    if (take_options(&capture, argc, argv) == 0 &&
        cmd_report_file_open(&file, &capture.common, capture.output, capture.force) ==
            0) {
        catch_signals();
        code = run_guest(&capture, &file);
        cmd_report_file_close(&file);
    }
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
