#include "lib/show_diff_private.h"

#include <string.h>

enum {
    MOST_IDS = 28,     /* columns */
    MOST_TEXT = 60,    /* bytes of a value */
    MOST_SECTIONS = 4, /* names */
};

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

static bool is_bare(const char *what) {
    static const char *const bare[] = {"variant", "cause", "missing_stats"};
    for (size_t i = 0; i < sizeof(bare) / sizeof(bare[0]); i++)
        if (strcmp(what, bare[i]) == 0)
            return true;
    return false;
}

static void add_first_row(struct dc_buf *out, const struct dc_diff_row *row) {
    if (row->snapshot) {
        dc_buf_text(out, row->snapshot);
        dc_buf_text(out, " ");
    }
    if (row->ids) {
        add_state(out, row);
    } else if (strcmp(row->what, "reason") == 0) {
        dc_buf_text(out, "reason differs");
    } else {
        if (!is_bare(row->what)) {
            dc_buf_text(out, row->what);
            dc_buf_text(out, " ");
        }
        add_values(out, row);
    }
}

static bool is_first(const struct dc_diff_row *row) {
    return row->first && row->class == DC_DIFF_COUNTS;
}

static bool has_first(const struct dc_diff *diff, const char *what) {
    for (size_t i = 0; i < diff->n_rows; i++)
        if (is_first(&diff->rows[i]) && strcmp(diff->rows[i].what, what) == 0)
            return true;
    return false;
}

size_t dc_diff_below(const struct dc_diff *diff, int section) {
    const struct dc_diff_counts *counts = &diff->counts[section];
    size_t n = counts->changed + counts->added + counts->removed;
    for (size_t i = 0; i < diff->n_rows; i++)
        n -= is_first(&diff->rows[i]) && diff->rows[i].section == section;
    return n;
}

/* "7 differences in maps (4), tasks (3)"; `more`: behind others that were named. */
static void add_rest(const struct dc_diff *diff, bool more, struct dc_buf *out) {
    size_t total = 0, sections = 0, shown = 0, told = 0;
    for (int i = 0; i < DC_DIFF_N_SECTIONS; i++) {
        total += dc_diff_below(diff, i);
        sections += dc_diff_below(diff, i) > 0;
    }
    if (total == 0)
        return;
    dc_diff_add_number(out, total);
    dc_buf_text(out, more ? " more" : "");
    dc_buf_text(out, total == 1 ? " difference in " : " differences in ");
    for (int i = 0; i < DC_DIFF_N_ORDERED; i++) {
        size_t n = dc_diff_below(diff, dc_diff_order[i]);
        if (n == 0 || shown == MOST_SECTIONS)
            continue;
        told += n;
        dc_buf_text(out, shown++ ? ", " : "");
        dc_buf_text(out, dc_diff_section_name(dc_diff_order[i]));
        if (sections == 1)
            continue;
        dc_buf_text(out, " (");
        dc_diff_add_number(out, n);
        dc_buf_text(out, ")");
    }
    if (sections == shown)
        return;
    dc_buf_text(out, " and ");
    dc_diff_add_number(out, total - told);
    dc_buf_text(out, " in ");
    dc_diff_add_number(out, sections - shown);
    dc_buf_text(out, sections - shown == 1 ? " more section" : " more sections");
}

void dc_diff_summary(const struct dc_diff *diff, struct dc_buf *out) {
    /* The name of a missing-stats reason says more than its text. */
    bool named = has_first(diff, "missing_stats");
    size_t start = out->len, n_first = 0;
    for (size_t i = 0; i < diff->n_rows; i++) {
        const struct dc_diff_row *row = &diff->rows[i];
        if (!is_first(row))
            continue;
        n_first++;
        if (named && strcmp(row->what, "cause") == 0)
            continue;
        if (out->len > start)
            dc_buf_text(out, "; ");
        add_first_row(out, row);
    }
    if (out->len > start && dc_diff_total(diff) > n_first)
        dc_buf_text(out, "; ");
    add_rest(diff, n_first > 0, out);
}
