#include "lib/show_diff.h"

#include "lib/number.h"

#include <string.h>

enum {
    MOST_IDS = 28,     /* columns */
    MOST_TEXT = 60,    /* bytes of a value */
    MOST_SECTIONS = 4, /* names */
};

static void add_number(struct dc_buf *out, uint64_t value) {
    char text[DC_NUMBER_MAX];
    dc_buf_add(out, text, dc_format_u64(value, text));
}

static void add_kind(struct dc_buf *out, uint64_t value) {
    add_number(out, value);
    dc_buf_text(out, " (");
    dc_buf_text(out, dc_exit_kind_name((uint32_t)value));
    dc_buf_text(out, ")");
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
    case DC_DIFF_NUMBER:
    case DC_DIFF_ELEMENTS:
        add_number(out, value.number);
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
        add_kind(out, value.number);
        break;
    case DC_DIFF_OBJECT:
        dc_buf_text(out, "present");
        break;
    }
}

/* Cut at a code point. */
static void add_short(struct dc_buf *out, struct dc_diff_value value) {
    if (value.kind != DC_DIFF_TEXT || value.text.len <= MOST_TEXT) {
        dc_diff_value_text(value, out);
        return;
    }
    size_t len = MOST_TEXT;
    while (len > 0 && ((unsigned char)value.text.p[len] & 0xc0) == 0x80)
        len--;
    dc_buf_add(out, value.text.p, len);
    dc_buf_text(out, "...");
}

static void add_values(struct dc_buf *out, const struct dc_diff_row *row) {
    add_short(out, row->a);
    dc_buf_text(out, " -> ");
    add_short(out, row->b);
}

static void add_state(struct dc_buf *out, const struct dc_diff_row *row) {
    dc_buf_text(out, row->ids->count == 1 ? "vCPU " : "vCPUs ");
    dc_diff_ids_text(row->ids, MOST_IDS, out);
    dc_buf_text(out, " ");
    add_values(out, row);
}

static void add_first_row(struct dc_buf *out, const struct dc_diff_row *row) {
    static const char *const bare[] = {"variant", "cause", "missing_stats"};
    bool named = true;
    for (size_t i = 0; i < sizeof(bare) / sizeof(bare[0]); i++)
        named = named && strcmp(row->what, bare[i]) != 0;
    if (row->snapshot) {
        dc_buf_text(out, row->snapshot);
        dc_buf_text(out, " ");
    }
    if (row->ids) {
        add_state(out, row);
        return;
    }
    if (strcmp(row->what, "reason") == 0) {
        dc_buf_text(out, "reason differs");
        return;
    }
    if (named) {
        dc_buf_text(out, row->path ? row->path : row->what);
        dc_buf_text(out, " ");
    }
    add_values(out, row);
}

static bool has_row(const struct dc_diff *diff, const char *what) {
    for (size_t i = 0; i < diff->n_rows; i++)
        if (strcmp(diff->rows[i].what, what) == 0)
            return true;
    return false;
}

static void add_rest(const struct dc_diff *diff, struct dc_buf *out) {
    size_t shown = 0, total = 0;
    const char *last = "";
    for (size_t i = 0; i < diff->n_rows; i++) {
        const struct dc_diff_row *row = &diff->rows[i];
        if (row->class != DC_DIFF_COUNTS || row->first)
            continue;
        if (++total > MOST_SECTIONS)
            continue;
        dc_buf_text(out, shown++ ? ", " : "");
        if (row->snapshot) {
            dc_buf_text(out, row->snapshot);
            dc_buf_text(out, " ");
        }
        last = row->path ? row->path : row->what;
        dc_buf_text(out, last);
    }
    if (total == 0)
        return;
    if (total > shown) {
        dc_buf_text(out, " and ");
        add_number(out, total - shown);
        dc_buf_text(out, " more");
    }
    bool plural = total > 1 || (*last && last[strlen(last) - 1] == 's');
    dc_buf_text(out, plural ? " differ" : " differs");
}

void dc_diff_summary(const struct dc_diff *diff, struct dc_buf *out) {
    /* The name of a missing-stats reason says more than its text. */
    bool named = has_row(diff, "missing_stats");
    size_t start = out->len, n_first = 0;
    for (size_t i = 0; i < diff->n_rows; i++) {
        const struct dc_diff_row *row = &diff->rows[i];
        n_first += row->first;
        if (!row->first || (named && strcmp(row->what, "cause") == 0))
            continue;
        if (out->len > start)
            dc_buf_text(out, "; ");
        add_first_row(out, row);
    }
    if (out->len > start && dc_diff_count(diff, DC_DIFF_COUNTS) > n_first)
        dc_buf_text(out, "; ");
    add_rest(diff, out);
}
