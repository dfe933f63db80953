#include "cmd/capture_options.h"

#include "cmd/fail.h"
#include "cmd/report_file.h"

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
    OPT_VIEW,
};

const struct cmd_option cmd_capture_option_table[] = {
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
    {0, "view", NULL,
     "Show on a full screen how the vCPUs park, and each report as it is written."},
    {0, NULL, NULL, NULL},
};

/* A command line that is being read. */
struct taking {
    struct cmd_capture_options *options;
    const struct cmd_verb *verb;
    struct cmd_common *common;
    bool triggers_given;
};

static int take_number(const struct taking *taking, const char *name, const char *value,
                       uint64_t least, uint64_t most, uint64_t *number) {
    unsigned long long parsed;
    char limit[32] = "what KVM allows"; /* found out later */
    if (cmd_parse_number(value, least, most, &parsed) < 0) {
        if (most < UINT32_MAX)
            snprintf(limit, sizeof(limit), "%" PRIu64, most);
        cmd_usage(taking->verb, taking->common,
                  "%s takes a number from %" PRIu64 " to %s, not \"%s\"", name, least,
                  limit, value);
        return -1;
    }
    *number = parsed;
    return 0;
}

/* A number for one of the options that take one. */
static int take_u32(const struct taking *taking, const char *name, const char *value,
                    uint64_t least, uint64_t most, uint32_t *number) {
    uint64_t parsed = 0;
    int rc = take_number(taking, name, value, least, most, &parsed);
    *number = (uint32_t)parsed;
    return rc;
}

static int take_ms(const struct taking *taking, const char *name, const char *value,
                   uint64_t *number) {
    return take_number(taking, name, value, 1, CAP_MAX_MS, number);
}

/* One word of --trigger. */
static int take_trigger_word(struct taking *taking, const char *word) {
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
            taking->options->run.triggers |= names[i].bits;
            return 0;
        }
    }
    if (strncmp(word, timer, n) == 0) {
        taking->options->run.triggers |= CAP_ON(CAP_TRIGGER_TIMER);
        return take_number(taking, "--trigger timer=MS", word + n, 0, CAP_MAX_MS,
                           &taking->options->run.timer_ms);
    }
    cmd_usage(taking->verb, taking->common,
              "--trigger takes \"latch\", \"watchpoint\", \"exit-kind\", \"timer=MS\" or "
              "\"none\", not \"%s\"",
              word);
    return -1;
}

static int take_trigger(struct taking *taking, const char *value) {
    char word[64];
    if (!taking->triggers_given)
        taking->options->run.triggers = 0;
    taking->triggers_given = true;
    for (const char *at = value;; at++) {
        size_t n = strcspn(at, ",");
        snprintf(word, sizeof(word), "%.*s", (int)(n < sizeof(word) ? n : sizeof(word)),
                 at);
        if (take_trigger_word(taking, word) < 0)
            return -1;
        at += n;
        if (*at == '\0')
            return 0;
    }
}

/* A word of a list, by its place in it. */
static int take_choice(const struct taking *taking, const char *name, const char *value,
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
    cmd_usage(taking->verb, taking->common, "%s takes %s, not \"%s\"", name, list, value);
    return -1;
}

static int take_watch_by(struct taking *taking, const char *value) {
    static const char *const words[] = {"auto", "hardware", "slot", "poll"};
    unsigned choice = 0;
    int rc = take_choice(taking, "--watch-by", value, words, 4, &choice);
    taking->options->run.watch_by = (enum cap_watch_by)choice;
    return rc;
}

static int take_after(struct taking *taking, const char *value) {
    static const char *const words[] = {"kill", "resume", "hold"};
    unsigned choice = 0;
    int rc = take_choice(taking, "--after", value, words, 3, &choice);
    taking->options->run.after = (enum cap_after)choice;
    return rc;
}

static int take_inject(struct taking *taking, const char *value) {
    struct dc_error err;
    if (cap_inject_parse(&taking->options->run.inject, value, &err) == 0)
        return 0;
    cmd_fail(taking->common, &err);
    return -1;
}

static int take_dump(struct taking *taking, const char *value) {
    struct dc_error err;
    if (cap_dump_parse(&taking->options->run.dumps, value, &err) == 0)
        return 0;
    cmd_fail(taking->common, &err);
    return -1;
}

/* Options that say what runs and what becomes of its reports. */
static int take_plain(struct taking *taking, int option, const char *value) {
    switch (option) {
    case OPT_GUEST:
        taking->options->run.guest = value;
        return 0;
    case OPT_OUTPUT:
        taking->options->output = value;
        return 0;
    case OPT_FORCE:
        taking->options->force = true;
        return 0;
    case OPT_NO_REALTIME:
        taking->options->run.allow_realtime = false;
        return 0;
    case OPT_DUAL:
        taking->options->run.dual = true;
        return 0;
    case OPT_VIEW:
        taking->options->view = true;
        return 0;
    case OPT_CONTROL:
        taking->options->run.control = value;
        return 0;
    case OPT_STATS:
        taking->options->run.stats = value;
        return 0;
    case OPT_FULL:
        taking->options->run.full = true;
        return 0;
    case OPT_DUMP:
        return take_dump(taking, value);
    case OPT_IMAGE:
        taking->options->image = value;
        return 0;
    case OPT_LATCH:
        taking->options->run.latch = value;
        return 0;
    case OPT_EXIT_KIND:
        taking->options->run.exit_kind = value;
        return 0;
    default:
        return take_inject(taking, value);
    }
}

static int take_option(struct taking *taking, int option, const char *value) {
    struct cap_options *run = &taking->options->run;
    switch (option) {
    case OPT_VCPUS:
        return take_u32(taking, "--vcpus", value, 1, UINT32_MAX, &run->vcpus);
    case OPT_MEMORY:
        return take_u32(taking, "--memory", value, 4, 3072, &run->memory_mib);
    case OPT_TRIGGER:
        return take_trigger(taking, value);
    case OPT_POLL:
        return take_u32(taking, "--poll", value, CAP_MIN_POLL_US, CAP_MAX_POLL_US,
                        &run->poll_us);
    case OPT_WATCH_BY:
        return take_watch_by(taking, value);
    case OPT_WATCHDOG:
        return take_ms(taking, "--watchdog", value, &run->watchdog_ms);
    case OPT_EVERY:
        return take_ms(taking, "--every", value, &run->every_ms);
    case OPT_COUNT:
        return take_u32(taking, "--count", value, 1, 1000000, &run->count);
    case OPT_AFTER:
        return take_after(taking, value);
    case OPT_STATS_TIMEOUT:
        return take_ms(taking, "--stats-timeout", value, &run->stats_timeout_ms);
    case OPT_TIMEOUT:
        return take_ms(taking, "--timeout", value, &run->timeout_ms);
    case OPT_RUN_FOR:
        return take_ms(taking, "--run-for", value, &run->run_for_ms);
    default:
        return take_plain(taking, option, value);
    }
}

/* What one option says of another. */
static int check(struct taking *taking) {
    const char *words = NULL;
    if (taking->options->force && !taking->options->image &&
        (!taking->options->output || strcmp(taking->options->output, "-") == 0))
        words = "--force has no meaning without -o FILE or --memory-image FILE";
    else if (taking->options->run.count > 0 && taking->options->run.every_ms == 0)
        words = "--count has no meaning without --every";
    else if (taking->options->run.stats_timeout_ms > 0 && !taking->options->run.stats)
        words = "--stats-timeout has no meaning without --stats";
    else if (taking->options->view && taking->common->json)
        words = "--view and --json exclude each other";
    else if (taking->options->view && cmd_report_file_is_direct(taking->options->output))
        words = "--view needs a regular file for its reports (-o)";
    /* Who captures periodically waits for nothing else unless he says so. */
    if (taking->options->run.every_ms > 0 && !taking->triggers_given)
        taking->options->run.triggers = 0;
    if (words)
        cmd_usage(taking->verb, taking->common, "%s", words);
    return words ? -1 : 0;
}

int cmd_capture_take_options(struct cmd_capture_options *options,
                             const struct cmd_verb *verb, struct cmd_common *common,
                             int argc, char **argv) {
    struct taking taking = {.options = options, .verb = verb, .common = common};
    const char *value;
    int option;
    *options = (struct cmd_capture_options){.run = CAP_OPTIONS_DEFAULT};
    while ((option = cmd_next_option(verb, argc, argv, common, &value)) >= 0)
        if (take_option(&taking, option, value) < 0)
            return -1;
    if (option < -1)
        return -1;
    if (optind < argc) {
        cmd_usage(verb, common, "unexpected operand \"%s\"", argv[optind]);
        return -1;
    }
    return check(&taking);
}

void cmd_capture_options_done(struct cmd_capture_options *options) {
    cap_inject_free(&options->run.inject);
    cap_dump_requests_free(&options->run.dumps);
}
