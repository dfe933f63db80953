/*
 * Any line of a scheduler's socket, decoded: always an answer, of JSON in its one form, and
 * of no more memory than the line accounts for; a reason is one that lib reads and writes as
 * it stands. And the bytes as they come: however they are cut, the line is the same.
 */
#include "capture/stats_line.h"
#include "capture/stats_reply.h"
#include "lib/report.h"
#include "lib/wire.h"
#include "tests/fuzz/output.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- memory, counted in front of each block ---- */

static size_t bytes, most_bytes;

static void *resize_and_count(void *ctx, void *p, size_t size) {
    size_t *block = p ? (size_t *)p - 2 : NULL, *moved;
    (void)ctx;
    bytes -= block ? *block : 0;
    if (size == 0) {
        free(block);
        return NULL;
    }
    moved = realloc(block, size + 2 * sizeof(*block));
    require(moved != NULL);
    *moved = size;
    bytes += size;
    most_bytes = bytes > most_bytes ? bytes : most_bytes;
    return moved + 2;
}

static const struct dc_alloc counting = {resize_and_count, NULL};

/* ---- what every answer must be ---- */

static bool is_same(const struct dc_buf *a, const struct dc_buf *b) {
    return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

/* Written once more it does not change: names sorted and single, numbers in their form. */
static void check_canonical(const struct dc_buf *json) {
    struct dc_buf again;
    dc_buf_init(&again, dc_alloc_libc);
    cap_reason_any(&again, (struct dc_span){json->data, json->len});
    require(dc_buf_ok(&again) && is_same(json, &again));
    dc_buf_done(&again);
}

static void check_reason(const struct cap_stats_answer *answer) {
    struct dc_report_options options = {.alloc = dc_alloc_libc};
    struct dc_report report;
    struct dc_error err;
    struct dc_writer w;
    struct dc_buf again;
    size_t used = 0;
    require(dc_report_read(&report, answer->json.data, answer->json.len, &used, &options,
                           &err) == 0);
    require(report.variant == DC_MISSING_STATS && report.unknown == 0);
    require(strcmp(report.root->type->tag_value, cap_missing_name(answer->missing)) == 0);
    dc_buf_init(&again, dc_alloc_libc);
    dc_writer_init(&w, dc_buf_sink(&again), false, false);
    require(dc_wire_write(&w, report.root, report.declared, report.text, report.len,
                          dc_alloc_libc, &err) == 0);
    require(dc_writer_finish(&w) == 0 && is_same(&answer->json, &again));
    dc_buf_done(&again);
    dc_report_done(&report);
}

static void check_line(const char *line, size_t len) {
    struct cap_stats_answer answer;
    struct dc_error err;
    struct dc_lex lex;
    bytes = most_bytes = 0;
    cap_stats_answer_init(&answer, counting);
    require(cap_stats_decode(line, len, &answer, &err) == 0);
    require(answer.end == CAP_END_ANSWERED || answer.end == CAP_END_GARBLED);
    require(answer.end == CAP_END_ANSWERED ||
            (!answer.have && answer.missing == CAP_NO_SCHEDULER));
    cap_stats_answer_limit(&answer, 0);
    /* A digit may become 20 ("1e19"), a byte U+FFFD; sorting takes what 127 objects inside
       each other take at once. */
    require(most_bytes <= 64 * len + 128 * 8192);
    dc_lex_init(&lex, answer.json.data, answer.json.len, &err);
    require(dc_lex_skip(&lex, NULL) == 0 && lex.pos == lex.end);
    require(!memchr(answer.json.data, '\n', answer.json.len));
    if (answer.have)
        check_canonical(&answer.json);
    else
        check_reason(&answer);
    cap_stats_answer_done(&answer);
    require(bytes == 0);
}

/* ---- pieces ---- */

/* The bytes in pieces of `step`, as a socket may give them, with a cap of `cap`. */
static void check_pieces(const char *data, size_t size, size_t cap, size_t step) {
    const char *newline = memchr(data, '\n', size);
    size_t line_len = newline ? (size_t)(newline - data) : size, at = 0;
    struct cap_stats_line line;
    cap_stats_line_init(&line, cap, counting);
    while (at < size && !line.whole && !cap_stats_line_is_too_long(&line)) {
        size_t n = 0;
        char *space = cap_stats_line_space(&line, &n);
        require(space && n > 0);
        n = n < step ? n : step;
        n = n < size - at ? n : size - at;
        memcpy(space, data + at, n);
        cap_stats_line_added(&line, n);
        at += n;
    }
    require(line.room <= cap + 1);
    require(cap_stats_line_is_too_long(&line) == (line_len > cap));
    require(line.whole == (newline && line_len <= cap));
    require(!line.whole || line.len == line_len);
    require(line.used <= cap + 1 &&
            memcmp(line.data ? line.data : "", data, line.used) == 0);
    cap_stats_line_done(&line);
    require(bytes == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *newline = size ? memchr(data, '\n', size) : NULL;
    size_t len = newline ? (size_t)(newline - (const char *)data) : size;
    char *line = calloc(1, len ? len : 1); /* nothing readable behind it */
    require(line != NULL);
    memcpy(line, data, len);
    check_line(line, len);
    free(line);
    if (size > 0 && size < 10000) {
        check_pieces((const char *)data, size, size + 1, 1 + data[0] % 7);
        check_pieces((const char *)data, size, size / 2, 1 + data[0]);
        check_pieces((const char *)data, size, len, size);
    }
    return 0;
}
