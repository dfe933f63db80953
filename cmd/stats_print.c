#include "cmd/stats_print.h"

#include "cmd/fail.h"
#include "cmd/stats_signals.h"
#include "lib/stats_table.h"
#include "lib/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MOST_LINES = 8, MOST_REMARKS = 12, MOST_RENAMED = 8 };

void cmd_stats_print_init(struct cmd_stats_print *print,
                          const struct cmd_stats_options *options,
                          const struct cmd_common *common, struct cmd_output *out) {
    *print = (struct cmd_stats_print){.options = options, .common = common, .out = out};
}

static void forget_before(struct cmd_stats_print *print) {
    if (print->has_before)
        dc_stats_rows_done(&print->before);
    print->has_before = false;
}

static void forget_meta(struct cmd_stats_print *print) {
    forget_before(print); /* its rows point into the meta */
    if (print->has_meta)
        dc_stats_meta_done(&print->meta);
    print->has_meta = false;
}

void cmd_stats_print_done(struct cmd_stats_print *print) {
    forget_meta(print);
}

void cmd_stats_print_gap(struct cmd_stats_print *print) {
    print->missed++;
}

const char *cmd_stats_time(char text[CMD_STATS_TIME]) {
    struct tm local;
    time_t now = time(NULL);
    text[0] = '\0';
    if (localtime_r(&now, &local))
        strftime(text, CMD_STATS_TIME, "%Y-%m-%d %H:%M:%S", &local);
    return text;
}

/* Gives a whole text to the output. */
static int publish(struct cmd_stats_print *print, struct dc_buf *text,
                   struct dc_error *err) {
    struct dc_sink sink = print->out->sink;
    int rc;
    if (!dc_buf_ok(text))
        rc = dc_fail(err, DC_ENOMEM, "out of memory");
    else
        rc = sink.write(sink.ctx, text->data, text->len);
    dc_buf_done(text);
    return rc;
}

/* ---- JSON ---- */

int cmd_stats_print_json(struct cmd_stats_print *print, const char *name,
                         const struct dc_buf *json, struct dc_error *err) {
    struct dc_buf line;
    struct dc_writer w;
    dc_buf_init(&line, dc_alloc_libc);
    dc_writer_init(&w, dc_buf_sink(&line), true, false);
    dc_write_open(&w, '{');
    dc_write_name(&w, name);
    dc_write_value(&w, (struct dc_span){json->data, json->len});
    dc_write_close(&w, '}');
    dc_write_newline(&w);
    (void)!dc_writer_finish(&w); /* the buffer remembers */
    return publish(print, &line, err);
}

int cmd_stats_print_meta(struct cmd_stats_print *print, const struct dc_buf *json,
                         struct dc_error *err) {
    forget_meta(print);
    if (!json)
        return 0;
    if (dc_stats_meta_read(&print->meta, json->data, json->len, dc_alloc_libc, err) < 0)
        return -1;
    print->has_meta = true;
    return 0;
}

/* ---- OpenMetrics ---- */

static void left_out(void *ctx, struct dc_str path, enum dc_om_why why) {
    struct cmd_stats_print *print = ctx;
    if (print->n_remarks++ >= MOST_REMARKS)
        return;
    dc_buf_text(&print->remarks, print->n_remarks > 1 ? ", " : "");
    dc_buf_add(&print->remarks, path.p, path.len);
    dc_buf_text(&print->remarks, " (");
    dc_buf_text(&print->remarks, dc_om_why_words(why));
    dc_buf_text(&print->remarks, ")");
}

static void renamed(void *ctx, struct dc_str path, const char *wanted, const char *name) {
    struct cmd_stats_print *print = ctx;
    if (!print->remarked && print->n_renamed++ < MOST_RENAMED)
        cmd_note(print->common, "%.*s is called %s: another metric is called %s",
                 (int)path.len, path.p, name, wanted);
}

/* Once for a run: what can be no metric stays so. */
static void tell_remarks(struct cmd_stats_print *print) {
    size_t more = print->n_remarks > MOST_REMARKS ? print->n_remarks - MOST_REMARKS : 0;
    if (!print->remarked && print->n_renamed > MOST_RENAMED)
        cmd_note(print->common,
                 "%zu more have a number behind their name for that reason",
                 print->n_renamed - MOST_RENAMED);
    if (!print->remarked && print->n_remarks > 0 && dc_buf_ok(&print->remarks)) {
        char rest[40] = "";
        if (more > 0)
            snprintf(rest, sizeof(rest), " and %zu more", more);
        cmd_note(print->common, "no metrics: %.*s%s", (int)print->remarks.len,
                 print->remarks.data, rest);
    }
    print->remarked = true;
}

static int print_openmetrics(struct cmd_stats_print *print,
                             const struct dc_stats_rows *rows, struct dc_error *err) {
    const struct dc_om_remarks remarks = {left_out, renamed, print};
    dc_buf_init(&print->remarks, dc_alloc_libc);
    print->n_remarks = 0;
    print->n_renamed = 0;
    int rc = dc_openmetrics_write(print->out->sink, rows,
                                  print->has_meta ? &print->meta : NULL, print->out->tty,
                                  &remarks, dc_alloc_libc, err);
    if (rc == 0)
        tell_remarks(print);
    dc_buf_done(&print->remarks);
    return rc;
}

/* ---- for a person ---- */

static void put_head(struct dc_text *t, const struct cmd_stats_print *print,
                     const struct cap_stats_answer *answer, uint64_t elapsed_us) {
    char time_text[CMD_STATS_TIME], words[160];
    const char *target = print->options->target;
    dc_text_style(t, DC_STYLE_TITLE);
    dc_text_fold(t, print->options->client.path, strlen(print->options->client.path), 2,
                 0);
    dc_text_style(t, DC_STYLE_PLAIN);
    if (target) {
        dc_text_put(t, ", target ");
        dc_text_cut(t, target, strlen(target), t->width / 2);
    }
    snprintf(words, sizeof(words), ", %s, answered in %" PRIu64 ".%03" PRIu64 " ms",
             cmd_stats_time(time_text), answer->took_us / 1000, answer->took_us % 1000);
    dc_text_fold(t, words, strlen(words), 2, 0);
    if (print->has_before) {
        snprintf(words, sizeof(words),
                 ", %" PRIu64 ".%03" PRIu64 " s after the last sample",
                 elapsed_us / 1000000, elapsed_us / 1000 % 1000);
        dc_text_fold(t, words, strlen(words), 2, 0);
    }
    if (print->missed > 0) {
        snprintf(words, sizeof(words), ", after %" PRIu64 " without statistics",
                 print->missed);
        dc_text_fold(t, words, strlen(words), 2, 0);
    }
    dc_text_put(t, "\n");
}

static void put_warm_up(struct dc_text *t) {
    static const char words[] =
        "(warm-up: first answer on its connection; deltas begin here)";
    dc_text_style(t, DC_STYLE_FAINT);
    dc_text_fold(t, words, strlen(words), 1, 0);
    dc_text_style(t, DC_STYLE_PLAIN);
    dc_text_put(t, "\n");
}

static void put_sample(struct dc_text *t, struct cmd_stats_print *print,
                       const struct cap_stats_answer *answer,
                       const struct dc_stats_rows *rows, uint64_t elapsed_us) {
    const struct dc_stats_table table = {
        .rows = rows,
        .before = print->has_before ? &print->before : NULL,
        .elapsed_us = elapsed_us,
        .described = !print->has_before,
        .lines = print->out->tty ? MOST_LINES : 0,
    };
    if (print->samples > 0)
        dc_text_put(t, "\n");
    put_head(t, print, answer, elapsed_us);
    if (answer->first)
        put_warm_up(t);
    dc_text_put(t, "\n");
    dc_stats_table_write(t, &table);
    if (print->options->meta && print->has_meta && answer->first) {
        dc_text_put(t, "\n");
        dc_stats_meta_write(t, &print->meta);
    }
}

static int print_text(struct cmd_stats_print *print,
                      const struct cap_stats_answer *answer,
                      const struct dc_stats_rows *rows, uint64_t now_us,
                      struct dc_error *err) {
    struct dc_buf text;
    struct dc_text t;
    dc_buf_init(&text, dc_alloc_libc);
    dc_text_init(&t, dc_buf_sink(&text), print->out->colour, print->out->width);
    put_sample(&t, print, answer, rows, now_us - print->before_us);
    (void)!dc_text_finish(&t); /* the buffer remembers */
    return publish(print, &text, err);
}

int cmd_stats_print_described(struct cmd_stats_print *print, struct dc_error *err) {
    struct dc_buf text;
    struct dc_text t;
    if (!print->has_meta)
        return 0;
    dc_buf_init(&text, dc_alloc_libc);
    dc_text_init(&t, dc_buf_sink(&text), print->out->colour, print->out->width);
    dc_stats_meta_write(&t, &print->meta);
    (void)!dc_text_finish(&t); /* the buffer remembers */
    return publish(print, &text, err);
}

int cmd_stats_print_sample(struct cmd_stats_print *print,
                           const struct cap_stats_answer *answer, uint64_t now_us,
                           struct dc_error *err) {
    const struct dc_stats_meta *meta = print->has_meta ? &print->meta : NULL;
    struct dc_stats_rows rows;
    if (answer->first)
        forget_before(print);
    if (dc_stats_rows_read(&rows, answer->json.data, answer->json.len, meta,
                           print->options->target, dc_alloc_libc, err) < 0)
        return -1;
    int rc = print->options->openmetrics ? print_openmetrics(print, &rows, err)
                                         : print_text(print, answer, &rows, now_us, err);
    forget_before(print);
    print->before = rows;
    print->has_before = true;
    print->before_us = now_us;
    print->samples++;
    print->missed = 0;
    return rc;
}
