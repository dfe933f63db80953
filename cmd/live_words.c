#include "cmd/live_words.h"

#include "cmd/capture_progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- now ---- */

/* The main report is there, or will never be; the guest does that still. */
static void say_guest(const struct cmd_capture_live *live, const char *does,
                      struct cmd_live_words *out) {
    bool written = atomic_load(&live->main) == CMD_LIVE_MAIN_WRITTEN;
    snprintf(out->words, sizeof(out->words),
             "the main report %s written; the guest %s until q ends it",
             written ? "is" : "could not be", does);
}

static void say_running(const struct cmd_capture_live *live,
                        const struct cap_options *options, struct cmd_live_words *out) {
    double waited = (double)atomic_load(&live->waited_us) / 1e6;
    unsigned reports = atomic_load(&live->reports);
    char also[48] = "";
    snprintf(out->what, sizeof(out->what), "running");
    if (reports > 0)
        snprintf(also, sizeof(also), "; %u report%s so far", reports,
                 reports == 1 ? "" : "s");
    if (atomic_load(&live->main) != CMD_LIVE_MAIN_TO_COME)
        say_guest(live, "goes on", out);
    else
        snprintf(out->words, sizeof(out->words), "waiting for %s, %.1f s%s",
                 cmd_progress_awaited(options), waited, also);
}

static void say_freeze(const struct cmd_capture_live *live,
                       const struct cap_options *options, bool freezing,
                       struct cmd_live_words *out) {
    unsigned parked = atomic_load(&live->parked), total = atomic_load(&live->total);
    double took = (double)atomic_load(&live->freeze_us) / 1e6;
    bool held = options->after == CAP_AFTER_HOLD;
    snprintf(out->what, sizeof(out->what), freezing ? "freezing" : "frozen");
    if (freezing)
        snprintf(out->words, sizeof(out->words),
                 "rendezvous: parked %u/%u, %.1f s of at most %.1f s", parked, total,
                 took, (double)options->timeout_ms / 1e3);
    else if (held && atomic_load(&live->goes_on))
        say_guest(live, "stays frozen", out);
    else
        snprintf(out->words, sizeof(out->words),
                 "rendezvous over after %.1f s: parked %u/%u; making the report", took,
                 parked, total);
}

void cmd_live_say_now(const struct cmd_capture_live *live,
                      const struct cap_options *options, struct cmd_live_words *out) {
    enum cmd_live_doing doing = (enum cmd_live_doing)atomic_load(&live->doing);
    if (doing == CMD_LIVE_RUNNING)
        say_running(live, options, out);
    else
        say_freeze(live, options, doing == CMD_LIVE_FREEZING, out);
}

/* ---- the end ---- */

/* The last line that was told, without the program's name. */
static void last_told(const struct dc_buf *told, char *text, size_t size) {
    static const char name[] = "dumpctl: ";
    size_t to = told->len > 0 ? told->len - 1 : 0, from = to;
    while (from > 0 && told->data[from - 1] != '\n')
        from--;
    if (to - from > sizeof(name) - 1 &&
        memcmp(told->data + from, name, sizeof(name) - 1) == 0)
        from += sizeof(name) - 1;
    snprintf(text, size, "%.*s", (int)(to - from), told->data ? told->data + from : "");
}

void cmd_live_say_end(const struct cmd_capture_live *live, bool wrong,
                      const struct dc_buf *told, struct cmd_live_words *out) {
    unsigned reports = atomic_load(&live->reports), lost = atomic_load(&live->lost);
    char also[64] = "";
    if (lost > 0)
        snprintf(also, sizeof(also), "; %u could not be written (i says why)", lost);
    else if (wrong)
        snprintf(also, sizeof(also), "; something went wrong (i says what)");
    snprintf(out->what, sizeof(out->what), "over");
    if (reports > 0 || lost > 0)
        snprintf(out->words, sizeof(out->words), "it is over, with %u report%s%s",
                 reports, reports == 1 ? "" : "s", also);
    else
        last_told(told, out->words, sizeof(out->words));
}

/* ---- what it was asked for ---- */

static void add(struct cmd_live_facts *facts, const char *name, const char *value) {
    facts->facts[facts->count++] = (struct view_fact){name, value};
}

static void put(struct cmd_live_facts *facts, const char *name, const char *fmt, ...)
    DC_PRINTF(3, 4);

static void put(struct cmd_live_facts *facts, const char *name, const char *fmt, ...) {
    char *value = facts->values[facts->count];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(value, CMD_LIVE_FACT, fmt, ap);
    va_end(ap);
    add(facts, name, value);
}

static void put_triggers(struct cmd_live_facts *facts,
                         const struct cap_options *options) {
    static const enum cap_trigger triggers[] = {CAP_TRIGGER_LATCH, CAP_TRIGGER_WATCHPOINT,
                                                CAP_TRIGGER_EXIT_KIND, CAP_TRIGGER_TIMER};
    char *text = facts->values[facts->count];
    size_t used = 0;
    for (size_t i = 0; i < sizeof(triggers) / sizeof(triggers[0]); i++)
        if (options->triggers & CAP_ON(triggers[i]))
            used += (size_t)snprintf(text + used, CMD_LIVE_FACT - used, "%s%s",
                                     used ? ", " : "", cap_trigger_name(triggers[i]));
    if (options->triggers & CAP_ON(CAP_TRIGGER_TIMER))
        snprintf(text + used, CMD_LIVE_FACT - used, " after %llu ms",
                 (unsigned long long)options->timer_ms);
    add(facts, "trigger", used ? text : "none");
}

static void put_period(struct cmd_live_facts *facts, const struct cap_options *options) {
    unsigned long long ms = options->every_ms;
    if (options->count > 0)
        put(facts, "periodic captures", "%u, every %llu ms", options->count, ms);
    else if (ms > 0)
        put(facts, "periodic captures", "every %llu ms", ms);
}

void cmd_live_list(struct cmd_live_facts *facts, const struct cap_options *options,
                   const char *output) {
    static const char *const after[] = {[CAP_AFTER_KILL] = "is ended",
                                        [CAP_AFTER_RESUME] = "goes on",
                                        [CAP_AFTER_HOLD] = "stays frozen"};
    facts->count = 0;
    add(facts, "guest", options->guest);
    put(facts, "vCPUs", "%u", options->vcpus);
    put(facts, "memory", "%u MiB", options->memory_mib);
    put_triggers(facts, options);
    put_period(facts, options);
    if (options->dual)
        add(facts, "early snapshot", "wanted (--dual)");
    if (options->stats)
        add(facts, "statistics from", options->stats);
    if (options->control)
        add(facts, "control socket", options->control);
    put(facts, "rendezvous deadline", "%llu ms", (unsigned long long)options->timeout_ms);
    if (options->run_for_ms > 0)
        put(facts, "run ends after", "%llu ms", (unsigned long long)options->run_for_ms);
    add(facts, "then the guest", after[options->after]);
    add(facts, "report", output);
}
