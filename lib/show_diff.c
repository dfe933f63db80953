#include "lib/show_diff_private.h"

#include "lib/escape.h"

#include <string.h>

enum { INDENT = 2, HANG = 6, ROOM_FOR_IDS = 15 };

struct show_diff {
    struct dc_text text;
    const struct dc_diff *diff;
    const struct dc_show_diff_options *options;
    struct dc_buf a; /* for what is being put together */
    struct dc_diff_group group;
};

/* ---- rows that are no members of sections ---- */

static void put_label(struct show_diff *s, const struct dc_diff_row *row) {
    dc_text_put(&s->text, "%*s", INDENT, "");
    dc_text_style(&s->text, DC_STYLE_FAINT);
    if (row->snapshot)
        dc_text_put(&s->text, "%s ", row->snapshot);
    dc_text_put(&s->text, "%s:", row->path ? row->path : row->what);
    dc_text_style(&s->text, DC_STYLE_PLAIN);
    dc_text_put(&s->text, " ");
}

/* A new line where the next `columns` have no room on this one. */
static void put_break(struct show_diff *s, size_t columns) {
    if (s->text.column + columns > s->text.width)
        dc_text_put(&s->text, "\n%*s", HANG - 3, "");
}

/* "old -> new" behind the label, on two lines where one is too short. */
static void put_values(struct show_diff *s, const struct dc_diff_row *row) {
    size_t most = s->text.width, middle;
    s->a.len = 0;
    dc_diff_value_text(row->a, &s->a);
    middle = s->a.len;
    dc_diff_value_text(row->b, &s->a);
    if (!dc_buf_ok(&s->a))
        return;
    size_t both = s->a.len < 2 * most ? dc_escaped_width(s->a.data, s->a.len) : most;
    bool fits = s->text.column + both + strlen(" -> ") <= most;
    dc_diff_put_folded(&s->text, s->a.data, middle, HANG);
    if (fits)
        dc_text_put(&s->text, " -> ");
    else
        dc_text_put(&s->text, "\n%*s-> ", HANG - 3, "");
    dc_diff_put_folded(&s->text, s->a.data + middle, s->a.len - middle, HANG);
}

static void put_state_name(struct show_diff *s, struct dc_str name) {
    dc_text_style(&s->text, dc_str_is(name, "parked")       ? DC_STYLE_GOOD
                            : dc_str_is(name, "not_parked") ? DC_STYLE_BAD
                                                            : DC_STYLE_WARN);
    dc_text_str(&s->text, name);
    dc_text_style(&s->text, DC_STYLE_PLAIN);
}

static void put_state(struct show_diff *s, const struct dc_diff_row *row) {
    dc_text_put(&s->text, "%*s", INDENT, "");
    if (row->snapshot)
        dc_text_put(&s->text, "%s ", row->snapshot);
    put_state_name(s, row->a.text);
    put_break(s, row->b.text.len + strlen(" -> :"));
    dc_text_put(&s->text, " -> ");
    put_state_name(s, row->b.text);
    dc_text_put(&s->text, ":");
    put_break(s, ROOM_FOR_IDS);
    dc_text_put(&s->text, row->ids->count == 1 ? " vCPU " : " vCPUs ");
    s->a.len = 0;
    dc_diff_ids_text(row->ids, s->text.width - s->text.column, &s->a);
    dc_text_add(&s->text, s->a.data, s->a.len);
}

static void put_row(struct show_diff *s, const struct dc_diff_row *row) {
    if (row->ids) {
        put_state(s, row);
    } else {
        put_label(s, row);
        put_values(s, row);
    }
    dc_text_put(&s->text, "\n");
}

static int add_row(void *ctx, const struct dc_diff_row *row) {
    struct show_diff *s = ctx;
    if (row->at)
        dc_diff_group_add(&s->group, row);
    else
        put_row(s, row);
    return s->text.failed || s->group.failed ? -1 : 0;
}

/* ---- how much differs in each section ---- */

static void put_counts(struct show_diff *s, int section) {
    const struct dc_diff_counts *counts = &s->diff->counts[section];
    size_t ignored = 0;
    for (int why = 0; why < DC_DIFF_N_WHYS; why++)
        ignored += counts->ignored[why];
    if (counts->changed + counts->added + counts->removed + ignored == 0)
        return;
    dc_text_put(&s->text, "  %-10s %8zu %8zu %8zu ", dc_diff_section_name(section),
                counts->changed, counts->added, counts->removed);
    dc_text_style(&s->text, DC_STYLE_FAINT);
    dc_text_put(&s->text, "%8zu\n", ignored);
    dc_text_style(&s->text, DC_STYLE_PLAIN);
}

static void put_stat(struct show_diff *s) {
    dc_text_style(&s->text, DC_STYLE_FAINT);
    dc_text_put(&s->text, "  %-10s %8s %8s %8s %8s\n", "section", "changed", "added",
                "removed", "ignored");
    dc_text_style(&s->text, DC_STYLE_PLAIN);
    for (int i = 0; i < DC_DIFF_N_ORDERED; i++)
        put_counts(s, dc_diff_order[i]);
    size_t n = dc_diff_unchanged(s->diff);
    if (n > 0)
        dc_text_put(&s->text, "  %zu section%s unchanged\n", n, n == 1 ? "" : "s");
}

/* ---- the whole ---- */

static void put_remark(void *ctx, const struct dc_buf *remark) {
    struct show_diff *s = ctx;
    dc_text_style(&s->text, DC_STYLE_FAINT);
    if (!remark->failed)
        dc_text_fold(&s->text, remark->data, remark->len, INDENT, 0);
    dc_text_style(&s->text, DC_STYLE_PLAIN);
    dc_text_put(&s->text, "\n");
}

static void put_headline(struct show_diff *s) {
    s->a.len = 0;
    dc_buf_text(&s->a, s->options->names[0]);
    dc_buf_text(&s->a, " -> ");
    dc_buf_text(&s->a, s->options->names[1]);
    dc_buf_text(&s->a, ": ");
    dc_diff_summary(s->diff, &s->a);
    if (dc_diff_total(s->diff) == 0)
        dc_buf_text(&s->a, "no difference that counts");
    if (!dc_buf_ok(&s->a))
        return;
    dc_text_style(&s->text, DC_STYLE_TITLE);
    if (s->options->form == DC_SHOW_DIFF_BRIEF)
        dc_text_add(&s->text, s->a.data, s->a.len);
    else
        dc_text_fold(&s->text, s->a.data, s->a.len, HANG, 0);
    dc_text_style(&s->text, DC_STYLE_PLAIN);
    dc_text_put(&s->text, "\n");
}

static int put_all(struct show_diff *s, struct dc_error *err) {
    bool differs = dc_diff_total(s->diff) > 0;
    bool all =
        s->options->form == DC_SHOW_DIFF_ALL || s->options->form == DC_SHOW_DIFF_SIDES;
    if (differs || (all && s->options->several && !dc_diff_is_silent(s->diff)))
        put_headline(s);
    if (s->options->form == DC_SHOW_DIFF_BRIEF)
        return 0;
    if (s->options->form == DC_SHOW_DIFF_STAT) {
        if (differs)
            put_stat(s);
        return 0;
    }
    if (dc_diff_first_remarks(s->diff, s->options->alloc, put_remark, s, err) < 0 ||
        dc_diff_each(s->diff, DC_DIFF_COUNTS, add_row, s, err) < 0)
        return -1;
    dc_diff_group_end(&s->group);
    return dc_diff_remarks(s->diff, s->options->alloc, put_remark, s, err);
}

int dc_show_diff(struct dc_sink sink, const struct dc_diff *diff,
                 const struct dc_show_diff_options *options, struct dc_error *err) {
    struct show_diff s = {.diff = diff, .options = options};
    dc_text_init(&s.text, sink, options->colour, options->width);
    dc_buf_init(&s.a, options->alloc);
    dc_diff_group_init(&s.group, &s.text, diff, options->form == DC_SHOW_DIFF_SIDES,
                       options->alloc);
    int rc = put_all(&s, err);
    if (rc == 0 && (!dc_buf_ok(&s.a) || s.group.failed))
        rc = dc_fail(err, DC_ENOMEM, "out of memory");
    bool written = dc_text_finish(&s.text) == 0;
    dc_buf_done(&s.a);
    dc_diff_group_done(&s.group);
    if (rc < 0)
        return -1;
    return written ? 0 : dc_fail(err, DC_EIO, "cannot be written");
}
