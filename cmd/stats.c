#include "cmd/stats_options.h"

#include "capture/stats_probe.h"
#include "cmd/fail.h"
#include "cmd/sandbox.h"
#include "cmd/stats_print.h"
#include "cmd/stats_signals.h"
#include "cmd/stats_tell.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

static const char details[] =
    "Asks a running scheduler for its statistics, as schedulers that are built on "
    "scx_stats offer them, and prints each field with its value, and with the "
    "description and the unit that the scheduler gives. There is always an end: each "
    "request has a deadline (--timeout).\n"
    "\n"
    "For a person and for --openmetrics the descriptions are asked for too, behind the "
    "statistics and on the same connection. With --json exactly one request is sent, "
    "unless --meta or --watch asks for more, and each is answered by one line: "
    "{\"stats\":...}, {\"stats_meta\":...}, or, where there are none, "
    "{\"missing_stats\":REASON}. Integers are exact: jq 1.6 rounds those above 2^53.\n"
    "\n"
    "Where there are no statistics the reason stands on standard error. Many schedulers "
    "tell what has changed since the last request on the same connection: --watch keeps "
    "one, and marks the first answer on each.\n"
    "\n"
    "Exit codes: 0 there were statistics (--watch: at least once; --probe: a scheduler "
    "answers); 1 there were none; 2 usage, or the output could not be written.\n"
    "\n"
    "Examples:\n"
    "  dumpctl stats\n"
    "  dumpctl stats --watch 2\n"
    "  dumpctl stats --json | grep -o '\"nr_dispatched\":[0-9]*'\n"
    "  dumpctl stats --target sched_samples --arg nr_samples=4\n"
    "  dumpctl stats --openmetrics >scx.prom\n"
    "  dumpctl stats --probe --timeout 2000\n";

/* How long descriptions are waited for that nobody has named: the values wait with us. */
enum { DESCRIPTIONS_MS = 1000 };

struct stats {
    struct cmd_common common;
    struct cmd_stats_options options;
    struct cmd_output out;
    struct cmd_stats_print print;
    struct cap_stats *client;
    bool described;   /* stats_meta is known, or was asked for in vain */
    bool meta_failed; /* it was; a connection that it cost is no reason to ask again */
    bool meta_told;
    uint64_t had; /* answers with statistics */
    struct dc_buf
        told; /* the reason told last under --watch, as JSON; empty: none since the
                           last statistics */
};

/* ---- requests ---- */

/* Signals end it. */
static int ask(struct stats *stats, bool meta, struct cap_stats_answer *answer,
               struct dc_error *err) {
    struct cap_stats_request request = stats->options.request;
    if (meta)
        request = (struct cap_stats_request){
            .meta = true, .timeout_ms = stats->options.meta ? 0 : DESCRIPTIONS_MS};
    cmd_stats_signals_catch();
    int rc = cap_stats_ask(stats->client, &request, answer, err);
    cmd_stats_signals_release();
    return rc;
}

/* Nothing is said of it where a signal has ended it: who sent that knows. */
static void tell_meta_missing(struct stats *stats,
                              const struct cap_stats_answer *answer) {
    if (!stats->meta_told && !cmd_stats_signalled())
        cmd_stats_tell_undescribed(answer, stats->options.meta);
    stats->meta_told = true;
}

/* Values stay even where nothing describes them. */
static int learn(struct stats *stats, struct dc_error *err) {
    struct cap_stats_answer answer;
    struct dc_error why;
    if (ask(stats, true, &answer, err) < 0)
        return -1;
    stats->described = true;
    stats->meta_failed = !answer.have;
    if (!answer.have) {
        tell_meta_missing(stats, &answer);
    } else if (cmd_stats_print_meta(&stats->print, &answer.json, &why) < 0) {
        stats->meta_failed = true;
        if (!stats->meta_told)
            cmd_note(&stats->common, "no descriptions of the fields: stats_meta: %s",
                     why.message);
        stats->meta_told = true;
    }
    cap_stats_answer_done(&answer);
    return 0;
}

/* Whether stats_meta is to be asked for behind this answer: another connection may lead to
   another scheduler, unless it is new because of stats_meta itself. */
static bool wants_meta(struct stats *stats, const struct cap_stats_answer *answer) {
    if (answer->first) {
        stats->described = stats->described && stats->meta_failed;
        stats->meta_failed = false;
    }
    return !stats->described && !(stats->common.json && !stats->options.meta);
}

/* ---- one sample ---- */

static int line(struct stats *stats, const char *name,
                const struct cap_stats_answer *answer, struct dc_error *err) {
    if (answer->deadline_ms > 0)
        cmd_note(&stats->common, "no answer within %" PRIu64 " ms", answer->deadline_ms);
    return cmd_stats_print_json(&stats->print, answer->have ? name : "missing_stats",
                                &answer->json, err);
}

static int line_of_meta(struct stats *stats, struct dc_error *err) {
    struct cap_stats_answer answer;
    if (ask(stats, true, &answer, err) < 0)
        return -1;
    stats->described = true;
    stats->meta_failed = !answer.have;
    int rc = line(stats, "stats_meta", &answer, err);
    cap_stats_answer_done(&answer);
    return rc;
}

static int sample_json(struct stats *stats, const struct cap_stats_answer *answer,
                       struct dc_error *err) {
    bool again = answer->first && stats->options.watch_us > 0;
    bool meta = wants_meta(stats, answer) && (answer->have || !stats->options.watch_us);
    if (again)
        cmd_note(&stats->common, "first answer on its connection: deltas begin there");
    if (line(stats, "stats", answer, err) < 0)
        return -1;
    return meta && !cmd_stats_signalled() ? line_of_meta(stats, err) : 0;
}

static bool was_told(const struct stats *stats, const struct cap_stats_answer *answer) {
    const struct dc_buf *told = &stats->told, *now = &answer->json;
    return dc_buf_ok(told) && told->len == now->len && now->len > 0 &&
           memcmp(told->data, now->data, now->len) == 0;
}

/* Under --watch a reason that lasts is told in full once. */
static void tell_gap(struct stats *stats, const struct cap_stats_answer *answer) {
    char when[CMD_STATS_TIME];
    if (!stats->options.watch_us) {
        cmd_stats_tell(answer);
    } else if (!cmd_stats_signalled()) {
        cmd_stats_tell_watch(answer, cmd_stats_time(when), was_told(stats, answer));
        dc_buf_done(&stats->told);
        dc_buf_init(&stats->told, dc_alloc_libc);
        dc_buf_add(&stats->told, answer->json.data, answer->json.len);
    }
}

/* What --meta has asked for, where there are no statistics to print it behind. */
static int describe_gap(struct stats *stats, struct dc_error *err) {
    if (learn(stats, err) < 0)
        return -1;
    return cmd_stats_print_described(&stats->print, err);
}

static int sample_text(struct stats *stats, const struct cap_stats_answer *answer,
                       uint64_t now_us, struct dc_error *err) {
    if (!answer->have) {
        bool meta = stats->options.meta && !stats->options.watch_us;
        tell_gap(stats, answer);
        cmd_stats_print_gap(&stats->print);
        return meta && !cmd_stats_signalled() ? describe_gap(stats, err) : 0;
    }
    dc_buf_done(&stats->told);
    if (wants_meta(stats, answer) && learn(stats, err) < 0)
        return -1;
    return cmd_stats_print_sample(&stats->print, answer, now_us, err);
}

/* 0; -1: the end, with err->code DC_OK where the output has ended. */
static int sample(struct stats *stats, struct dc_error *err) {
    struct cap_stats_answer answer;
    err->code = DC_OK;
    if (ask(stats, false, &answer, err) < 0)
        return -1;
    stats->had += answer.have;
    uint64_t now_us = cmd_stats_now_us(); /* what is asked behind it takes time, too */
    int rc = stats->common.json ? sample_json(stats, &answer, err)
                                : sample_text(stats, &answer, now_us, err);
    cap_stats_answer_done(&answer);
    return rc;
}

/* ---- all samples ---- */

/* Samples keep to the beat; beats that a slow answer has missed are left out. */
static uint64_t next_beat(uint64_t begin_us, uint64_t every_us) {
    uint64_t now_us = cmd_stats_now_us();
    return begin_us + ((now_us - begin_us) / every_us + 1) * every_us;
}

static int samples(struct stats *stats, struct dc_error *err) {
    const struct cmd_stats_options *options = &stats->options;
    uint64_t begin_us = cmd_stats_now_us();
    for (uint64_t n = 1;; n++) {
        if (sample(stats, err) < 0)
            return -1;
        if (!options->watch_us || (options->count && n >= options->count) ||
            cmd_stats_signalled())
            return 0;
        cmd_stats_signals_catch();
        cmd_stats_sleep(next_beat(begin_us, options->watch_us));
        cmd_stats_signals_release();
        if (cmd_stats_signalled())
            return 0;
    }
}

static int run_samples(struct stats *stats) {
    struct dc_error err;
    int code = EXIT_DONE;
    tzset(); /* before the sandbox: it reads a file */
    cmd_sandbox(NULL, 0);
    if (samples(stats, &err) < 0 && !cmd_output_ended(&stats->out))
        code = cmd_fail(&stats->common, &err);
    else if (stats->had == 0)
        code = EXIT_DIFFERENT;
    uint64_t discarded = cap_stats_discarded(stats->client);
    if (discarded > 0)
        cmd_note(&stats->common, "%" PRIu64 " bytes came that nobody had asked for",
                 discarded);
    return code;
}

static int run_client(struct stats *stats) {
    struct dc_error err;
    stats->client = cap_stats_new(&stats->options.client, &err);
    if (!stats->client)
        return cmd_fail(&stats->common, &err);
    int code;
    if (cmd_stats_signals_init(stats->client, &err) < 0) {
        code = cmd_fail(&stats->common, &err);
    } else {
        cmd_output_open(&stats->out, &stats->common,
                        !stats->options.watch_us && !stats->options.openmetrics);
        cmd_stats_print_init(&stats->print, &stats->options, &stats->common, &stats->out);
        code = cmd_output_finish(&stats->out, &stats->common, run_samples(stats));
        cmd_stats_print_done(&stats->print);
    }
    cmd_stats_signals_done();
    cap_stats_free(stats->client);
    dc_buf_done(&stats->told);
    return code;
}

/* ---- --probe ---- */

static int print_probe(struct stats *stats, const struct cap_stats_probe_result *result) {
    struct dc_text t;
    if (stats->common.json) {
        json_t *object = json_pack(
            "{s:s,s:o,s:o,s:o}", "probe", cap_stats_probe_name(result->state), "text",
            cmd_json_string(result->text), "stats_us",
            result->stats_us ? json_integer((json_int_t)result->stats_us) : json_null(),
            "meta_us",
            result->meta_us ? json_integer((json_int_t)result->meta_us) : json_null());
        int rc = cmd_output_json(&stats->out, object, false);
        json_decref(object);
        return rc;
    }
    bool folded = stats->out.tty || stats->common.width > 0;
    dc_text_init(&t, stats->out.sink, false, folded ? stats->out.width : UINT32_MAX);
    dc_text_fold(&t, result->text, strlen(result->text), 2, 0);
    dc_text_put(&t, "\n");
    return dc_text_finish(&t);
}

static int run_probe(struct stats *stats) {
    struct cap_stats_probe_result result;
    struct dc_error err;
    cmd_output_open(&stats->out, &stats->common, false);
    cmd_sandbox(NULL, 0);
    int code;
    if (cap_stats_probe(&stats->options.client, &result, &err) < 0) {
        code = cmd_fail(&stats->common, &err);
    } else {
        (void)!print_probe(stats, &result); /* cmd_output_finish() tells */
        code = result.state == CAP_PROBE_ANSWERS ? EXIT_DONE : EXIT_DIFFERENT;
    }
    return cmd_output_finish(&stats->out, &stats->common, code);
}

static int run(const struct cmd_verb *verb, int argc, char **argv) {
    struct stats stats = {.had = 0};
    int code = EXIT_TROUBLE;
    dc_buf_init(&stats.told, dc_alloc_libc);
    cmd_common_init(&stats.common);
    if (cmd_stats_take_options(&stats.options, verb, &stats.common, argc, argv) == 0)
        code = stats.options.probe ? run_probe(&stats) : run_client(&stats);
    cmd_stats_options_done(&stats.options);
    return code;
}

const struct cmd_verb cmd_stats = {
    .name = "stats",
    .summary = "ask a running scheduler for its statistics, or say why there are none",
    .synopsis = "[OPTION...]",
    .shared = CMD_JSON | CMD_TEXT,
    .options = cmd_stats_option_table,
    .details = details,
    .run = run,
};
