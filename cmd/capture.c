#include "capture/capture.h"
#include "cmd/capture_progress.h"
#include "cmd/capture_reports.h"
#include "cmd/capture_signals.h"
#include "cmd/capture_tell.h"
#include "cmd/fail.h"
#include "cmd/memory_image.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    OPT_GUEST,
    OPT_VCPUS,
    OPT_MEMORY,
    OPT_TRIGGER,
    OPT_LATCH,
    OPT_EXIT_KIND,
    OPT_POLL,
    OPT_WATCH_BY,
    OPT_DUAL,
    OPT_WATCHDOG,
    OPT_EVERY,
    OPT_COUNT,
    OPT_CONTROL,
    OPT_STATS,
    OPT_STATS_TIMEOUT,
    OPT_AFTER,
    OPT_FULL,
    OPT_DUMP,
    OPT_IMAGE,
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
     "What leads to the main report; several with commas or by repeating it. \"latch\" "
     "(default): the guest's latch is set; \"watchpoint\": an error is written to the "
     "exit kind; \"exit-kind\": the same, by looking at it; \"timer=MS\": that much time "
     "has passed; \"none\"."},
    {0, "latch", "PLACE",
     "Where the latch is: [*]SYMBOL[+OFFSET] or [*]0xADDRESS[+OFFSET] (default "
     "err_exit_detected)."},
    {0, "exit-kind", "PLACE", "Where the exit kind is (default *scx_root)."},
    {0, "poll", "US",
     "How often to look at what is not watched: 100 to 1000000 us (default 1000)."},
    {0, "watch-by", "HOW",
     "How latch and exit kind are watched: \"auto\" (default), \"hardware\" (a "
     "watchpoint), "
     "\"slot\" (a read-only memory slot), \"poll\"."},
    {0, "dual", NULL,
     "Take an early snapshot when a task has waited for half the watchdog's time; the "
     "main "
     "report then has both."},
    {0, "watchdog", "MS",
     "The guest's watchdog time (default 20 ms for each vCPU, at least 500)."},
    {0, "every", "MS", "Capture periodically, beside the main report."},
    {0, "count", "N", "How many periodic captures to make (default: no end)."},
    {0, "control", "PATH",
     "Serve a control socket there: capture, status, stop, answered in JSON."},
    {0, "stats", "PATH",
     "Ask a scheduler for its statistics before each freeze, at this socket (often "
     "/var/run/scx/root/stats); all samples of the run stand in each report."},
    {0, "stats-timeout", "MS",
     "Deadline of each such question, by which a freeze may begin later (default 500)."},
    {0, "after", "WHAT",
     "What becomes of the guest after the main report: \"kill\" (default), \"resume\", "
     "\"hold\" (it stays frozen)."},
    {0, "full", NULL,
     "Read all that KVM gives of each vCPU: debug registers, FPU and vector registers, "
     "MSRs, local APIC, pending events."},
    {0, "dump", "RANGE",
     "Show guest memory in a full report, may be repeated: \"SYMBOL[:LEN]\", from a "
     "symbol "
     "of the guest on, or \"0xADDRESS:LEN\"; 1 MiB at most."},
    {0, "memory-image", "FILE",
     "Write the guest's memory there too, as a core file for gdb, while its vCPUs are "
     "frozen."},
    {0, "timeout", "MS",
     "Deadline of the rendezvous (default 30000): vCPUs that have not parked by then "
     "make the report degraded."},
    {0, "run-for", "MS", "End the run so long after the start of the guest."},
    {'o', "output", "FILE",
     "Write the main report there, and others beside it; \"-\" for standard output. "
     "Default: dumpctl-YYYYMMDD-HHMMSS.failure-dump.json in this folder."},
    {0, "force", NULL, "Replace files of an earlier run."},
    {0, "no-realtime", NULL, "Do not raise priorities for the freeze."},
    {0, "inject", "FAULT",
     "A testing aid, may be repeated: \"stuck=ID[,ID...]\", the thread of that vCPU does "
     "not park; \"fault=ID\", that vCPU waits in the kernel for memory that never "
     "comes; \"unreadable=ID\", its registers cannot be read; \"late=ID[:MS]\", it says "
     "30 ms late, or MS, that it has parked."},
    {0, NULL, NULL, NULL},
};

static const char details[] =
    "Runs a guest on /dev/kvm, waits for a trigger, stops all vCPUs at a rendezvous, "
    "reads their registers and writes a failure dump: \"single\" where every vCPU parked "
    "(\"dual\" with --dual), else \"degraded\", which names those that did not. The path "
    "of each report, alone on a line, is printed on standard output; everything else on "
    "standard error.\n"
    "\n"
    "SIGUSR1, the control socket, the guest's doorbell and --every capture too, without "
    "ending the run: these reports stand beside the main one, as "
    "NAME.snapshot.TAG.json.\n"
    "\n"
    "SIGINT or SIGTERM during the rendezvous end it with what is there (degraded); "
    "before "
    "the trigger they end the run.\n"
    "\n"
    "Exit codes: 0 full report; 1 nothing to capture (the guest ended, --run-for passed, "
    "the exit-kind gate suppressed it, or a signal came before the trigger); 2 usage, a "
    "guest that is none, an output that cannot be written; 3 degraded report; 4 cannot "
    "run "
    "here (no /dev/kvm, no permission).\n"
    "\n"
    "Examples:\n"
    "  dumpctl capture\n"
    "  dumpctl capture --guest demo:stall --vcpus 8 --dual -o both.json\n"
    "  dumpctl capture --trigger latch,watchpoint --guest demo:error\n"
    "  dumpctl capture --vcpus 8 --inject stuck=2,5 --timeout 500 -o degraded.json\n"
    "  dumpctl capture --guest demo:spin --every 100 --count 5 -o run.json\n"
    "  dumpctl capture --every 500 --stats /var/run/scx/root/stats -o run.json\n"
    "  dumpctl capture --guest demo:spin --trigger timer=200 -o - | dumpctl show -\n";

struct capture {
    const struct cmd_verb *verb;
    struct cmd_common common;
    struct cap_options run;
    const char *output;
    const char *image; /* path, or NULL */
    bool force;
    bool triggers_given;
};

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

/* A number for one of the options that take one. */
static int take_u32(const struct capture *capture, const char *name, const char *value,
                    uint64_t least, uint64_t most, uint32_t *number) {
    uint64_t parsed = 0;
    int rc = take_number(capture, name, value, least, most, &parsed);
    *number = (uint32_t)parsed;
    return rc;
}

static int take_ms(const struct capture *capture, const char *name, const char *value,
                   uint64_t *number) {
    return take_number(capture, name, value, 1, CAP_MAX_MS, number);
}

/* One word of --trigger. */
static int take_trigger_word(struct capture *capture, const char *word) {
    static const struct {
        const char *name;
        unsigned bits;
    } names[] = {
        {"latch", CAP_ON(CAP_TRIGGER_LATCH)},
        {"watchpoint", CAP_ON(CAP_TRIGGER_WATCHPOINT)},
        {"exit-kind", CAP_ON(CAP_TRIGGER_EXIT_KIND)},
        {"none", 0},
    };
    static const char timer[] = "timer=";
    size_t n = sizeof(timer) - 1;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i].name, word) == 0) {
            capture->run.triggers |= names[i].bits;
            return 0;
        }
    }
    if (strncmp(word, timer, n) == 0) {
        capture->run.triggers |= CAP_ON(CAP_TRIGGER_TIMER);
        return take_number(capture, "--trigger timer=MS", word + n, 0, CAP_MAX_MS,
                           &capture->run.timer_ms);
    }
    cmd_usage(capture->verb, &capture->common,
              "--trigger takes \"latch\", \"watchpoint\", \"exit-kind\", \"timer=MS\" or "
              "\"none\", not \"%s\"",
              word);
    return -1;
}

static int take_trigger(struct capture *capture, const char *value) {
    char word[64];
    if (!capture->triggers_given)
        capture->run.triggers = 0;
    capture->triggers_given = true;
    for (const char *at = value;; at++) {
        size_t n = strcspn(at, ",");
        snprintf(word, sizeof(word), "%.*s", (int)(n < sizeof(word) ? n : sizeof(word)),
                 at);
        if (take_trigger_word(capture, word) < 0)
            return -1;
        at += n;
        if (*at == '\0')
            return 0;
    }
}

/* A word of a list, by its place in it. */
static int take_choice(const struct capture *capture, const char *name, const char *value,
                       const char *const words[], size_t count, unsigned *choice) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], value) == 0) {
            *choice = (unsigned)i;
            return 0;
        }
    }
    char list[128] = "";
    for (size_t i = 0, used = 0; i < count && used < sizeof(list); i++)
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s\"%s\"",
                                 i == 0           ? ""
                                 : i + 1 == count ? " or "
                                                  : ", ",
                                 words[i]);
    cmd_usage(capture->verb, &capture->common, "%s takes %s, not \"%s\"", name, list,
              value);
    return -1;
}

static int take_watch_by(struct capture *capture, const char *value) {
    static const char *const words[] = {"auto", "hardware", "slot", "poll"};
    unsigned choice = 0;
    int rc = take_choice(capture, "--watch-by", value, words, 4, &choice);
    capture->run.watch_by = (enum cap_watch_by)choice;
    return rc;
}

static int take_after(struct capture *capture, const char *value) {
    static const char *const words[] = {"kill", "resume", "hold"};
    unsigned choice = 0;
    int rc = take_choice(capture, "--after", value, words, 3, &choice);
    capture->run.after = (enum cap_after)choice;
    return rc;
}

static int take_inject(struct capture *capture, const char *value) {
    struct dc_error err;
    if (cap_inject_parse(&capture->run.inject, value, &err) == 0)
        return 0;
    cmd_fail(&capture->common, &err);
    return -1;
}

static int take_dump(struct capture *capture, const char *value) {
    struct dc_error err;
    if (cap_dump_parse(&capture->run.dumps, value, &err) == 0)
        return 0;
    cmd_fail(&capture->common, &err);
    return -1;
}

/* Options that say what runs and what becomes of its reports. */
static int take_plain(struct capture *capture, int option, const char *value) {
    switch (option) {
    case OPT_GUEST:
        capture->run.guest = value;
        return 0;
    case OPT_OUTPUT:
        capture->output = value;
        return 0;
    case OPT_FORCE:
        capture->force = true;
        return 0;
    case OPT_NO_REALTIME:
        capture->run.allow_realtime = false;
        return 0;
    case OPT_DUAL:
        capture->run.dual = true;
        return 0;
    case OPT_CONTROL:
        capture->run.control = value;
        return 0;
    case OPT_STATS:
        capture->run.stats = value;
        return 0;
    case OPT_FULL:
        capture->run.full = true;
        return 0;
    case OPT_DUMP:
        return take_dump(capture, value);
    case OPT_IMAGE:
        capture->image = value;
        return 0;
    case OPT_LATCH:
        capture->run.latch = value;
        return 0;
    case OPT_EXIT_KIND:
        capture->run.exit_kind = value;
        return 0;
    default:
        return take_inject(capture, value);
    }
}

static int take_option(struct capture *capture, int option, const char *value) {
    struct cap_options *run = &capture->run;
    switch (option) {
    case OPT_VCPUS:
        return take_u32(capture, "--vcpus", value, 1, UINT32_MAX, &run->vcpus);
    case OPT_MEMORY:
        return take_u32(capture, "--memory", value, 4, 3072, &run->memory_mib);
    case OPT_TRIGGER:
        return take_trigger(capture, value);
    case OPT_POLL:
        return take_u32(capture, "--poll", value, CAP_MIN_POLL_US, CAP_MAX_POLL_US,
                        &run->poll_us);
    case OPT_WATCH_BY:
        return take_watch_by(capture, value);
    case OPT_WATCHDOG:
        return take_ms(capture, "--watchdog", value, &run->watchdog_ms);
    case OPT_EVERY:
        return take_ms(capture, "--every", value, &run->every_ms);
    case OPT_COUNT:
        return take_u32(capture, "--count", value, 1, 1000000, &run->count);
    case OPT_AFTER:
        return take_after(capture, value);
    case OPT_STATS_TIMEOUT:
        return take_ms(capture, "--stats-timeout", value, &run->stats_timeout_ms);
    case OPT_TIMEOUT:
        return take_ms(capture, "--timeout", value, &run->timeout_ms);
    case OPT_RUN_FOR:
        return take_ms(capture, "--run-for", value, &run->run_for_ms);
    default:
        return take_plain(capture, option, value);
    }
}

/* What one option says of another. */
static int check(struct capture *capture) {
    const char *words = NULL;
    if (capture->force && !capture->image &&
        (!capture->output || strcmp(capture->output, "-") == 0))
        words = "--force has no meaning without -o FILE or --memory-image FILE";
    else if (capture->run.count > 0 && capture->run.every_ms == 0)
        words = "--count has no meaning without --every";
    else if (capture->run.stats_timeout_ms > 0 && !capture->run.stats)
        words = "--stats-timeout has no meaning without --stats";
    /* Who captures periodically waits for nothing else unless he says so. */
    if (capture->run.every_ms > 0 && !capture->triggers_given)
        capture->run.triggers = 0;
    if (words)
        cmd_usage(capture->verb, &capture->common, "%s", words);
    return words ? -1 : 0;
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
    return check(capture);
}

/* ---- the run ---- */

static int run_guest(struct capture *capture, struct cmd_capture_reports *reports,
                     struct cmd_memory_image *image) {
    struct cmd_progress progress;
    struct cap_end end;
    struct dc_error err;
    capture->run.cancel = cmd_capture_signals_cancel();
    capture->run.asking = cmd_capture_signals_asking();
    capture->run.ask = cmd_capture_signals_ask();
    capture->run.deliver = cmd_capture_reports_deliver;
    capture->run.deliver_context = reports;
    cmd_progress_begin(&progress, &capture->run, capture->common.json);
    reports->progress = &progress;
    reports->after = capture->run.after;
    int rc = cap_run(&capture->run, &end, &err);
    cmd_progress_end(&progress);
    reports->progress = NULL;
    if (rc < 0)
        return cmd_fail(&capture->common, &err);
    int failed = cmd_memory_image_finish(image, &end);
    int code = cmd_capture_tell_end(&capture->common, &capture->run, &end);
    return failed ? EXIT_TROUBLE : code;
}

/* Signals are caught before there is a temporary file that they could leave behind; but
   not yet while a FIFO waits for its other side. */
static int open_and_run(struct capture *capture) {
    struct cmd_capture_reports reports;
    bool direct = cmd_report_file_is_direct(capture->output);
    if (!direct)
        cmd_capture_signals_catch();
    if (cmd_capture_reports_open(&reports, &capture->common, capture->output,
                                 capture->force) < 0)
        return EXIT_TROUBLE;
    cmd_capture_signals_catch();
    struct cmd_memory_image image;
    int code = EXIT_TROUBLE;
    if (cmd_memory_image_open(&image, &capture->common, capture->image, capture->force,
                              &reports.main, &capture->run.image_fd) == 0) {
        cmd_capture_signals_guard(image.file.folder_fd, image.file.temporary);
        code = run_guest(capture, &reports, &image);
    }
    cmd_capture_signals_guard(-1, "");
    cmd_memory_image_close(&image);
    cmd_capture_signals_done();
    return cmd_capture_reports_close(&reports) < 0 ? EXIT_TROUBLE : code;
}

static int run(const struct cmd_verb *verb, int argc, char **argv) {
    struct capture capture = {.verb = verb, .run = CAP_OPTIONS_DEFAULT};
    int code = EXIT_TROUBLE;
    cmd_common_init(&capture.common);
    if (take_options(&capture, argc, argv) == 0)
        code = open_and_run(&capture);
    cap_inject_free(&capture.run.inject);
    cap_dump_requests_free(&capture.run.dumps);
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
