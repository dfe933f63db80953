#include "cmd/stats_tell.h"

#include "cmd/fail.h"
#include "cmd/output.h"
#include "lib/model.h"
#include "lib/report.h"
#include "lib/text.h"
#include "lib/wire.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What a terminal gets of a text from a scheduler: its lines, and those that one of them is
   folded to. */
enum { MOST_LINES = 20, MOST_FOLDED = 6 };

/* ---- the reason, read ---- */

struct reason {
    struct dc_report report;
    bool read;
    struct dc_buf text; /* in one line */
    struct dc_buf resp; /* what the scheduler said, escapes resolved; empty: no string */
};

/* The string "resp" of an object of free JSON. */
static void find_resp(struct dc_str args, struct dc_buf *out) {
    struct dc_lex lex;
    struct dc_string_token token;
    dc_lex_init(&lex, args.p, args.len, NULL);
    if (dc_lex_peek(&lex) != '{' || dc_lex_open(&lex, '{') < 0)
        return;
    for (bool first = true; dc_lex_more(&lex, '}', first) > 0; first = false) {
        if (dc_lex_key(&lex, &token) < 0)
            return;
        bool resp = token.raw.len == 4 && memcmp(token.raw.p, "resp", 4) == 0;
        if (!resp || dc_lex_peek(&lex) != '"') {
            dc_lex_pass(&lex, NULL);
            continue;
        }
        if (dc_lex_string(&lex, &token) < 0)
            return;
        while (token.raw.len > 0) {
            char piece[4];
            dc_buf_add(out, piece, dc_unescape_one(&token.raw, piece));
        }
    }
}

static void add_late(const struct cap_stats_answer *answer, struct dc_buf *out) {
    char text[80];
    snprintf(text, sizeof(text), "no answer within %" PRIu64 " ms%s", answer->deadline_ms,
             answer->error == EAGAIN ? ": as many wait to be let in as may" : "");
    dc_buf_text(out, text);
}

/* The reference's words stand where they are true of a socket on this machine. */
static void add_words(struct reason *reason, const struct cap_stats_answer *answer) {
    const struct dc_rec *root = reason->report.root;
    bool relayed = answer->end == CAP_END_ANSWERED;
    if (answer->end == CAP_END_STOPPED && answer->missing == CAP_CANCELLED) {
        dc_buf_text(&reason->text, "interrupted");
    } else if (answer->end == CAP_END_LATE) {
        add_late(answer, &reason->text);
    } else if (root->type == &dc_type_NO_SCHEDULER && !relayed) {
        struct dc_str words = dc_string(root, DC_AT_NO_SCHEDULER_reason);
        dc_buf_add(&reason->text, words.p, words.len);
    } else if (dc_missing_text(root, &reason->text, NULL) < 0) {
        reason->text.failed = true;
    }
}

static void read_reason(struct reason *reason, const struct cap_stats_answer *answer) {
    const struct dc_report_options how = {.alloc = dc_alloc_libc};
    const struct dc_buf *json = &answer->json;
    size_t used = 0;
    dc_buf_init(&reason->text, dc_alloc_libc);
    dc_buf_init(&reason->resp, dc_alloc_libc);
    reason->read =
        dc_report_read(&reason->report, json->data, json->len, &used, &how, NULL) == 0;
    if (!reason->read) { /* too deep for a document, or no memory: as it came */
        dc_buf_add(&reason->text, json->data, json->len);
        return;
    }
    add_words(reason, answer);
    const struct dc_rec *root = reason->report.root;
    if (root->type != &dc_type_SCHEDULER_ERROR)
        return;
    const union dc_slot *args = dc_slot(root, DC_AT_SCHEDULER_ERROR_args);
    if (args)
        find_resp(*args->any, &reason->resp);
}

static void done(struct reason *reason) {
    dc_buf_done(&reason->text);
    dc_buf_done(&reason->resp);
    if (reason->read)
        dc_report_done(&reason->report);
}

/* ---- words ---- */

/* What the caller may do about it, or "". */
static const char *remedy(const struct cap_stats_answer *answer) {
    switch (answer->end) {
    case CAP_END_NO_WAY:
        return answer->error == ENOENT ? "; --socket names another place" : "";
    case CAP_END_LATE:
        return "; --probe tells whether its process answers at all, --timeout waits "
               "longer";
    case CAP_END_TOO_LARGE:
        return answer->missing == CAP_REQUEST_TOO_LARGE
                   ? "; --max-reply sends longer requests"
                   : "; --max-reply takes longer answers";
    case CAP_END_GARBLED:
        return "; is it the socket of a scheduler?";
    default:
        return "";
    }
}

/* For a person a line is as wide as the screen, for a program it is a line. */
static void begin(struct dc_text *t) {
    dc_text_init(t, cmd_stderr(NULL), false,
                 isatty(STDERR_FILENO) ? cmd_output_screen_width() : UINT_MAX);
}

static void put_text(struct dc_text *line, const struct dc_buf *text) {
    if (!dc_buf_ok(text))
        dc_text_put(line, "out of memory");
    else
        dc_text_fold(line, text->data, text->len, 2,
                     isatty(STDERR_FILENO) ? MOST_FOLDED : 0);
}

/* `when` may be NULL. */
static void tell_line(const struct cap_stats_answer *answer, const char *when,
                      const char *what, const char *todo) {
    struct reason reason;
    struct dc_text line;
    read_reason(&reason, answer);
    begin(&line);
    dc_text_put(&line, "dumpctl: %s%s%s: ", when ? when : "", when ? ": " : "", what);
    put_text(&line, &reason.text);
    dc_text_fold(&line, todo, strlen(todo), 2, 0);
    dc_text_put(&line, "\n");
    (void)!dc_text_finish(&line); /* there is no place to tell it */
    done(&reason);
}

void cmd_stats_tell_watch(const struct cap_stats_answer *answer, const char *when,
                          bool again) {
    struct dc_text line;
    if (!again) {
        tell_line(answer, when, "no statistics", remedy(answer));
        return;
    }
    begin(&line);
    dc_text_put(&line, "dumpctl: %s: no statistics: as before\n", when);
    (void)!dc_text_finish(&line);
}

void cmd_stats_tell_undescribed(const struct cap_stats_answer *answer, bool named) {
    const char *todo = remedy(answer);
    if (answer->end == CAP_END_LATE)
        todo = named ? "; --timeout waits longer"
                     : "; --meta waits for them as long as --timeout says";
    tell_line(answer, NULL, "no descriptions of the fields", todo);
}

/* ---- what a scheduler says in several lines ---- */

static size_t count_lines(const struct dc_buf *text) {
    size_t lines = text->len > 0;
    for (size_t i = 0; i + 1 < text->len; i++)
        lines += text->data[i] == '\n';
    return lines;
}

static void put_lines(struct dc_text *t, const struct dc_buf *text) {
    bool tty = isatty(STDERR_FILENO);
    size_t lines = count_lines(text), most = tty ? MOST_LINES : SIZE_MAX, shown = 0;
    const char *p = text->data, *end = p + text->len;
    for (; p < end && shown < most; shown++) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        size_t len = newline ? (size_t)(newline - p) : (size_t)(end - p);
        dc_text_put(t, len ? "  " : "");
        dc_text_fold(t, p, len, 2, tty ? MOST_FOLDED : 0);
        dc_text_put(t, "\n");
        p += len + 1;
    }
    if (shown < lines)
        dc_text_put(t, "  (+%zu more lines; --json has them all)\n", lines - shown);
}

void cmd_stats_tell(const struct cap_stats_answer *answer) {
    struct reason reason;
    struct dc_text t;
    read_reason(&reason, answer);
    bool said = reason.resp.len > 0 && dc_buf_ok(&reason.resp);
    if (!said) {
        done(&reason);
        tell_line(answer, NULL, "no statistics", remedy(answer));
        return;
    }
    begin(&t);
    dc_text_put(&t, "dumpctl: no statistics: scheduler returned errno=%" PRIi64 ":",
                dc_i64(reason.report.root, DC_AT_SCHEDULER_ERROR_errno));
    if (count_lines(&reason.resp) > 1) {
        dc_text_put(&t, "\n");
        put_lines(&t, &reason.resp);
    } else {
        dc_text_put(&t, " ");
        put_text(&t, &reason.resp);
        dc_text_put(&t, "\n");
    }
    (void)!dc_text_finish(&t);
    done(&reason);
}
