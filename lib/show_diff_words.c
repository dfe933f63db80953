#include "lib/show_diff_private.h"

#include "lib/number.h"
#include "lib/value_text.h"

#include <math.h>
#include <string.h>

enum { MOST_IDS = 28 /* columns */ };

static const struct dc_cell_style exact = {.exact = true, .all = true};

void dc_diff_words_init(struct dc_diff_words *words, struct dc_alloc alloc) {
    words->sign = ' ';
    dc_buf_init(&words->name, alloc);
    dc_buf_init(&words->a, alloc);
    dc_buf_init(&words->b, alloc);
    dc_buf_init(&words->note, alloc);
}

void dc_diff_words_done(struct dc_diff_words *words) {
    dc_buf_done(&words->name);
    dc_buf_done(&words->a);
    dc_buf_done(&words->b);
    dc_buf_done(&words->note);
}

bool dc_diff_words_ok(const struct dc_diff_words *words) {
    return dc_buf_ok(&words->name) && dc_buf_ok(&words->a) && dc_buf_ok(&words->b) &&
           dc_buf_ok(&words->note);
}

/* ---- values ---- */

void dc_diff_add_number(struct dc_buf *out, uint64_t value) {
    char text[DC_NUMBER_MAX];
    dc_buf_add(out, text, dc_format_u64(value, text));
}

/* Free JSON without its white space. */
static void add_free(struct dc_buf *out, struct dc_str text) {
    struct dc_writer w;
    dc_writer_init(&w, dc_buf_sink(out), false, false);
    dc_write_value(&w, (struct dc_span){text.p, text.len});
    if (dc_writer_finish(&w) < 0)
        out->failed = true;
}

void dc_diff_value_text(struct dc_diff_value value, struct dc_buf *out) {
    char text[DC_NUMBER_MAX];
    switch (value.kind) {
    case DC_DIFF_NONE:
        dc_buf_text(out, "none");
        break;
    case DC_DIFF_TEXT:
        dc_buf_add(out, value.text.p, value.text.len);
        if (value.text.len == 0)
            dc_buf_text(out, "\"\"");
        break;
    case DC_DIFF_JSON:
        add_free(out, value.text);
        break;
    case DC_DIFF_NUMBER:
    case DC_DIFF_ELEMENTS:
        dc_diff_add_number(out, value.number);
        break;
    case DC_DIFF_SIGNED:
        dc_buf_add(out, text, dc_format_i64(value.integer, text));
        break;
    case DC_DIFF_REAL:
        dc_buf_add(out, text, dc_format_f64(value.real, text));
        break;
    case DC_DIFF_TRUTH:
        dc_buf_text(out, value.number ? "true" : "false");
        break;
    case DC_DIFF_HEX:
        dc_buf_add(out, text, dc_format_hex(value.number, 0, text));
        break;
    case DC_DIFF_KIND:
        dc_diff_add_number(out, value.number);
        dc_buf_text(out, " (");
        dc_buf_text(out, dc_exit_kind_name((uint32_t)value.number));
        dc_buf_text(out, ")");
        break;
    case DC_DIFF_OBJECT:
        dc_buf_text(out, "present");
        break;
    case DC_DIFF_VALUE:
        dc_value_add_line(value.value, &exact, out);
        break;
    }
}

/* Whether two values are of two kinds, so that they may look the same. */
static bool kinds_differ(const struct dc_diff_row *row) {
    return row->a.kind == DC_DIFF_VALUE && row->b.kind == DC_DIFF_VALUE &&
           row->a.value->type != row->b.value->type;
}

/* An address with the name of its function. */
static void add_value(const struct dc_diff *diff, int side, const struct dc_diff_row *row,
                      struct dc_buf *out) {
    const struct dc_symbols *symbols = diff->options.symbols[side];
    const struct dc_diff_value value = side == 0 ? row->a : row->b;
    if (kinds_differ(row)) {
        dc_buf_text(out, value.value->type->name);
        dc_buf_text(out, " ");
    }
    dc_diff_value_text(value, out);
    if (value.kind != DC_DIFF_HEX || !symbols)
        return;
    size_t before = out->len;
    dc_buf_text(out, " (");
    if (dc_symbols_add(symbols, value.number, out))
        dc_buf_text(out, ")");
    else
        out->len = before;
}

/* ---- how far they are apart ---- */

/* Three digits or so: a rate is no more exact than that. */
static void add_rate(struct dc_buf *out, double rate) {
    char text[DC_NUMBER_MAX];
    double size = fabs(rate), unit = size >= 100 ? 1 : size >= 10 ? 10 : 100;
    if (size < 1e15)
        rate = (double)(int64_t)(rate * unit + (rate < 0 ? -0.5 : 0.5)) / unit;
    size_t n = dc_format_f64(rate, text);
    if (n > 2 && memcmp(text + n - 2, ".0", 2) == 0)
        n -= 2;
    dc_buf_add(out, text, n);
}

static void add_delta(struct dc_buf *out, const struct dc_diff_delta *delta) {
    char text[DC_NUMBER_MAX];
    if (delta->kind == DC_DELTA_REAL) {
        dc_buf_text(out, delta->negative ? "" : "+");
        dc_buf_add(out, text, dc_format_f64(delta->real, text));
        return;
    }
    dc_buf_text(out, delta->negative ? "-" : "+");
    dc_diff_add_number(out, delta->whole);
}

/* Time per time is a share. */
static void add_rates(struct dc_buf *out, const struct dc_diff_row *row) {
    double unit = row->is_time ? 1e7 : 1;
    const char *per = row->is_time ? " % of the time" : "/s";
    dc_buf_text(out, row->rate.kind == DC_RATE_EACH ? "; " : ", ");
    add_rate(out, row->rate.a / unit);
    dc_buf_text(out, per);
    if (row->rate.kind != DC_RATE_EACH)
        return;
    dc_buf_text(out, " -> ");
    add_rate(out, row->rate.b / unit);
    dc_buf_text(out, per);
}

static void add_note(const struct dc_diff_row *row, struct dc_buf *out) {
    if (row->of > 0) {
        dc_buf_text(out, "(");
        dc_diff_add_number(out, row->count);
        dc_buf_text(out, " of ");
        dc_diff_add_number(out, row->of);
        dc_buf_text(out, " elements differ, the first is [");
        dc_diff_add_number(out, row->where);
        dc_buf_text(out, "])");
        return;
    }
    if (strcmp(row->what, "reordered") == 0) {
        dc_buf_text(out, "in another order");
        return;
    }
    if (row->a.kind == DC_DIFF_ELEMENTS || row->b.kind == DC_DIFF_ELEMENTS) {
        dc_buf_text(out, "elements");
        return;
    }
    if (row->delta.kind == DC_DELTA_NONE)
        return;
    dc_buf_text(out, "(");
    add_delta(out, &row->delta);
    if (row->rate.kind != DC_RATE_NONE)
        add_rates(out, row);
    dc_buf_text(out, ")");
}

/* ---- rows ---- */

static bool is_nothing(struct dc_diff_value value) {
    return value.kind == DC_DIFF_NONE || value.kind == DC_DIFF_OBJECT;
}

/* Of two long texts that begin alike what comes before the difference is of no use: what is
   cut at the end must not be all that differs. */
static void skip_common(struct dc_buf *a, struct dc_buf *b) {
    enum { LONG = 160, KEPT = 40 };
    static const char dots[] = "...";
    size_t same = 0, n = sizeof(dots) - 1;
    if (a->len < LONG || b->len < LONG || a->failed || b->failed)
        return;
    while (same < a->len && same < b->len && a->data[same] == b->data[same])
        same++;
    if (same < LONG / 2)
        return;
    same -= KEPT;
    while (same > n && ((unsigned char)a->data[same] & 0xc0) == 0x80)
        same--; /* not inside a character */
    for (int side = 0; side < 2; side++) {
        struct dc_buf *buf = side == 0 ? a : b;
        memmove(buf->data + n, buf->data + same, buf->len - same);
        memcpy(buf->data, dots, n);
        buf->len -= same - n;
    }
}

void dc_diff_words_set(struct dc_diff_words *words, const struct dc_diff *diff,
                       const struct dc_diff_row *row, bool whole_path) {
    words->name.len = words->a.len = words->b.len = words->note.len = 0;
    words->sign = strcmp(row->what, "removed") == 0 ? '-'
                  : strcmp(row->what, "added") == 0 ? '+'
                                                    : ' ';
    if (whole_path || !row->at)
        dc_diff_row_path(row, &words->name);
    else
        dc_diff_step_add(row->at, &words->name);
    bool none = is_nothing(row->a) && is_nothing(row->b);
    if (!none && words->sign != '+')
        add_value(diff, 0, row, &words->a);
    if (!none && words->sign != '-')
        add_value(diff, 1, row, &words->b);
    skip_common(&words->a, &words->b);
    add_note(row, &words->note);
}

void dc_diff_regs_text(const struct dc_diff_regs *regs, struct dc_buf *out) {
    dc_diff_add_number(out, regs->changed);
    dc_buf_text(out, " of ");
    dc_diff_add_number(out, regs->compared);
    dc_buf_text(out, regs->compared == 1 ? " vCPU" : " vCPUs");
    dc_buf_text(out, " (instruction_pointer ");
    if (regs->moved.count > 0) {
        dc_buf_text(out, regs->moved.count == 1 ? "moved on vCPU " : "moved on vCPUs ");
        dc_diff_ids_text(&regs->moved, MOST_IDS, out);
    }
    if (regs->still.count > 0) {
        dc_buf_text(out, regs->moved.count > 0 ? ", stood still on vCPU"
                                               : "stood still on vCPU");
        dc_buf_text(out, regs->still.count == 1 ? " " : "s ");
        dc_diff_ids_text(&regs->still, MOST_IDS, out);
    }
    dc_buf_text(out, ")");
}

void dc_diff_counts_text(const struct dc_diff *diff, int section, struct dc_buf *out) {
    const struct dc_diff_counts *counts = &diff->counts[section];
    size_t one_sided = counts->added + counts->removed;
    const struct {
        size_t n;
        const char *word;
    } parts[] = {{dc_diff_below(diff, section) - one_sided, " changed"},
                 {counts->added, " added"},
                 {counts->removed, " removed"}};
    const char *before = ": ";
    if (diff->n_pairs == 2)
        return;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].n == 0)
            continue;
        dc_buf_text(out, before);
        dc_diff_add_number(out, parts[i].n);
        dc_buf_text(out, parts[i].word);
        before = ", ";
    }
}

size_t dc_diff_unchanged(const struct dc_diff *diff) {
    size_t n = 0;
    for (int i = 0; i < DC_DIFF_N_SECTIONS; i++) {
        const struct dc_diff_counts *counts = &diff->counts[i];
        n += counts->present && counts->changed + counts->added + counts->removed == 0;
    }
    return n;
}
