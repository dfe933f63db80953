/*
 * Any bytes through the reader and back: no crash, no leak, and what was accepted comes
 * out as JSON that is accepted again and stays as it is.
 *
 * The first byte of the input chooses options; the rest is the text.
 */
#include "lib/lex.h"
#include "lib/model.h"
#include "lib/reader.h"
#include "lib/report.h"
#include "lib/uniform.h"
#include "lib/wire.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STRICT = 1, ASSUME_SINGLE = 2, PRETTY = 4, LIMITED = 8, EXACT = 16 };

static void require(bool condition) {
    if (!condition)
        abort();
}

static bool is_json(const struct dc_buf *buf) {
    struct dc_lex lex;
    dc_lex_init(&lex, buf->data, buf->len, NULL);
    return dc_lex_skip(&lex, NULL) == 0 && dc_lex_peek(&lex) < 0;
}

static void write_wire(const struct dc_report *report, bool ascii, bool pretty,
                       struct dc_buf *out) {
    struct dc_writer w;
    struct dc_error err;
    dc_buf_init(out, dc_alloc_libc);
    dc_writer_init(&w, dc_buf_sink(out), ascii, pretty);
    require(dc_wire_write(&w, report->root, report->declared, report->text, report->len,
                          dc_alloc_libc, &err) == 0);
    require(dc_writer_finish(&w) == 0 && is_json(out));
}

static void check_uniform(const struct dc_report *report, unsigned flags) {
    struct dc_uniform_options options = {.alloc = dc_alloc_libc,
                                         .exact_numbers = flags & EXACT};
    struct dc_model model;
    struct dc_writer w;
    struct dc_buf out;
    struct dc_error err;
    dc_model_init(&model, report, "file");
    dc_buf_init(&out, dc_alloc_libc);
    dc_writer_init(&w, dc_buf_sink(&out), true, flags & PRETTY);
    require(dc_uniform_write(&w, &model, &options, &err) == 0);
    require(dc_writer_finish(&w) == 0);
    /* An object of ours may stand around a value that is 127 deep. */
    for (size_t i = 0; i < out.len; i++)
        require((out.data[i] >= 0x20 && out.data[i] < 0x7f) || out.data[i] == '\n');
    dc_buf_done(&out);
    for (size_t i = 0; i < model.n_snapshots; i++) {
        const struct dc_snapshot *s = &model.snapshots[i];
        require(s->parked + s->not_parked + s->unavailable == s->vcpus);
        dc_buf_init(&out, dc_alloc_libc);
        dc_snapshot_ids(s, DC_NOT_PARKED, 40, &out);
        dc_buf_done(&out);
    }
}

static int read_text(struct dc_report *report, const char *text, size_t len,
                     unsigned flags, size_t *used, struct dc_error *err) {
    struct dc_report_options options = {.alloc = dc_alloc_libc,
                                        .max_memory = flags & LIMITED ? 64 << 10 : 0,
                                        .strict = flags & STRICT,
                                        .assume_single = flags & ASSUME_SINGLE};
    return dc_report_read(report, text, len, used, &options, err);
}

static void count_fault(void *ctx, const struct dc_error *err) {
    size_t *count = ctx;
    require(err->code != DC_OK && *err->message && err->line > 0);
    ++*count;
}

/* What is refused at the first fault is refused where all of them are asked for. */
static void check_faults(const char *text, size_t len, unsigned flags, size_t used,
                         bool good) {
    size_t count = 0;
    struct dc_faults faults = {count_fault, &count};
    struct dc_report_options options = {.alloc = dc_alloc_libc,
                                        .strict = flags & STRICT,
                                        .assume_single = flags & ASSUME_SINGLE,
                                        .faults = &faults};
    struct dc_report report;
    struct dc_error err;
    bool again = dc_report_read(&report, text, len, &used, &options, &err) == 0;
    require(again == good && (count > 0) == !good);
    if (again)
        dc_report_done(&report);
}

static void check_wire(const struct dc_report *report, unsigned flags) {
    struct dc_buf once, twice, shown;
    struct dc_report again;
    struct dc_error err;
    size_t used = 0;
    write_wire(report, false, false, &once);
    require(read_text(&again, once.data, once.len, 0, &used, &err) == 0);
    require(used == once.len && again.variant == report->variant &&
            again.unknown == report->unknown);
    write_wire(&again, false, false, &twice);
    require(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    write_wire(&again, true, flags & PRETTY, &shown);
    dc_buf_done(&once);
    dc_buf_done(&twice);
    dc_buf_done(&shown);
    dc_report_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    unsigned flags = *data == '{' || *data == '"' || *data == ' ' ? 0 : *data;
    size_t skip = flags != 0, len = size - skip, used = 0;
    char *text = malloc(len ? len : 1); /* nothing readable behind it */
    require(text != NULL);
    memcpy(text, data + skip, len);
    do {
        struct dc_report report;
        struct dc_error err = {.code = DC_OK};
        size_t before = used;
        if (read_text(&report, text, len, flags, &used, &err) < 0) {
            require(err.code != DC_OK && *err.message);
            require(strlen(err.pointer) < sizeof(err.pointer));
            if (!(flags & LIMITED))
                check_faults(text, len, flags, before, false);
            break;
        }
        check_faults(text, len, flags, before, true);
        check_wire(&report, flags);
        check_uniform(&report, flags);
        dc_report_done(&report);
    } while (dc_report_more(text, len, &used));
    free(text);
    return 0;
}
