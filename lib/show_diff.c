#include "lib/show_diff.h"

#include "lib/escape.h"
#include "lib/number.h"
#include "lib/text.h"

#include <string.h>

enum { INDENT = 2, HANG = 6, FEW_LINES = 3, ROOM_FOR_IDS = 15, MOST_LISTED = 64 };

struct show_diff {
    struct dc_text text;
    const struct dc_diff *diff;
    const struct dc_show_diff_options *options;
    struct dc_buf a, b, note; /* for what is being put together */
};

static void restart(struct show_diff *s) {
    s->a.len = s->b.len = 0;
}

static void add(struct show_diff *s, const char *text) {
    dc_buf_text(&s->a, text);
}

static void add_number(struct show_diff *s, uint64_t value) {
    char text[DC_NUMBER_MAX];
    dc_buf_add(&s->a, text, dc_format_u64(value, text));
}

/* ---- one row ---- */

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

static void put_folded(struct show_diff *s, const struct dc_buf *buf) {
    char number[DC_NUMBER_MAX];
    size_t left = dc_text_fold(&s->text, buf->data, buf->len, HANG, FEW_LINES);
    if (left == 0)
        return;
    s->note.len = 0;
    dc_buf_text(&s->note, "(");
    dc_buf_add(&s->note, number, dc_format_u64(left, number));
    dc_buf_text(&s->note, " bytes left out; --json has them)");
    dc_text_put(&s->text, "\n%*s", HANG, "");
    dc_text_fold(&s->text, s->note.data, s->note.len, HANG, 0);
}

/* "old -> new" behind the label, on two lines where one is too short. */
static void put_values(struct show_diff *s, const struct dc_diff_row *row) {
    restart(s);
    dc_diff_value_text(row->a, &s->a);
    dc_diff_value_text(row->b, &s->b);
    bool elements = row->a.kind == DC_DIFF_ELEMENTS && row->b.kind == DC_DIFF_ELEMENTS;
    if (elements && row->a.number == row->b.number) {
        dc_text_put(&s->text, "%llu element%s, not the same",
                    (unsigned long long)row->a.number, row->a.number == 1 ? "" : "s");
        return;
    }
    size_t most = s->text.width;
    size_t both = s->a.len + s->b.len < 2 * most
                      ? dc_escaped_width(s->a.data, s->a.len) +
                            dc_escaped_width(s->b.data, s->b.len)
                      : most;
    bool fits = s->text.column + both + strlen(" ->  elements") <= most;
    put_folded(s, &s->a);
    if (fits)
        dc_text_put(&s->text, " -> ");
    else
        dc_text_put(&s->text, "\n%*s-> ", HANG - 3, "");
    put_folded(s, &s->b);
    if (elements)
        dc_text_put(&s->text, " elements");
}

static enum dc_style style_of_state(struct dc_str name) {
    return dc_str_is(name, "parked")       ? DC_STYLE_GOOD
           : dc_str_is(name, "not_parked") ? DC_STYLE_BAD
                                           : DC_STYLE_WARN;
}

static void put_state(struct show_diff *s, const struct dc_diff_row *row) {
    dc_text_put(&s->text, "%*s", INDENT, "");
    if (row->snapshot)
        dc_text_put(&s->text, "%s ", row->snapshot);
    dc_text_style(&s->text, style_of_state(row->a.text));
    dc_text_str(&s->text, row->a.text);
    dc_text_style(&s->text, DC_STYLE_PLAIN);
    put_break(s, row->b.text.len + strlen(" -> :"));
    dc_text_put(&s->text, " -> ");
    dc_text_style(&s->text, style_of_state(row->b.text));
    dc_text_str(&s->text, row->b.text);
    dc_text_style(&s->text, DC_STYLE_PLAIN);
    dc_text_put(&s->text, ":");
    put_break(s, ROOM_FOR_IDS);
    dc_text_put(&s->text, row->ids->count == 1 ? " vCPU " : " vCPUs ");
    restart(s);
    dc_diff_ids_text(row->ids, s->text.width - s->text.column, &s->a);
    dc_text_add(&s->text, s->a.data, s->a.len);
}

/* ---- registers ---- */

static void add_regs(struct show_diff *s, const struct dc_diff_regs *regs) {
    add_number(s, regs->changed);
    add(s, " of ");
    add_number(s, regs->compared);
    add(s, regs->compared == 1 ? " vCPU" : " vCPUs");
    add(s, " (instruction_pointer moved on ");
    add_number(s, regs->moved);
    add(s, ", stood still on ");
    add_number(s, regs->compared - regs->moved);
    add(s, ")");
}

static const struct dc_diff_pair *pair_of(const struct dc_diff *diff,
                                          const struct dc_diff_row *row) {
    for (size_t i = 0; i < diff->n_pairs; i++)
        if (&diff->pairs[i].regs == row->regs)
            return &diff->pairs[i];
    return NULL;
}

/* "vCPU 3 regs.rax: 0x1 -> 0x2"; `name` may come from outside. */
static void put_listed(struct show_diff *s, size_t vcpu, const char *name,
                       struct dc_diff_value a, struct dc_diff_value b) {
    restart(s);
    dc_diff_value_text(a, &s->a);
    dc_diff_value_text(b, &s->b);
    dc_text_put(&s->text, "%*svCPU %zu ", 2 * INDENT, "", vcpu);
    dc_text_add(&s->text, name, strlen(name));
    dc_text_put(&s->text, ":");
    put_break(s, s->a.len + 1);
    dc_text_put(&s->text, " ");
    put_folded(s, &s->a);
    put_break(s, s->b.len + strlen(" -> "));
    dc_text_put(&s->text, " -> ");
    put_folded(s, &s->b);
    dc_text_put(&s->text, "\n");
}

static void put_unlisted(struct show_diff *s, size_t count) {
    if (count > MOST_LISTED)
        dc_text_put(&s->text, "%*s(+%zu more; --json has them)\n", 2 * INDENT, "",
                    count - MOST_LISTED);
}

static void put_registers(struct show_diff *s, const struct dc_diff_row *row) {
    size_t count = 0;
    put_label(s, row);
    restart(s);
    add_regs(s, row->regs);
    put_folded(s, &s->a);
    dc_text_put(&s->text, "\n");
    struct dc_diff_regs_walk walk = dc_diff_regs_walk(pair_of(s->diff, row));
    while (!s->text.failed && dc_diff_regs_next(&walk))
        if (count++ < MOST_LISTED)
            put_listed(s, walk.vcpu, walk.field->name, walk.a, walk.b);
    put_unlisted(s, count);
}

static void put_details(struct show_diff *s, const struct dc_diff_row *row) {
    size_t count = 0;
    struct dc_diff_details_walk walk = dc_diff_details_walk(row->details);
    while (!s->text.failed && dc_diff_details_next(&walk))
        if (count++ < MOST_LISTED)
            put_listed(s, walk.vcpu, walk.path, walk.a, walk.b);
    put_unlisted(s, count);
}

static void put_row(struct show_diff *s, const struct dc_diff_row *row) {
    if (row->regs) {
        put_registers(s, row);
        return;
    }
    if (row->ids) {
        put_state(s, row);
    } else {
        put_label(s, row);
        if (row->a.kind == DC_DIFF_NONE && row->b.kind == DC_DIFF_NONE)
            dc_text_put(&s->text, "not the same");
        else
            put_values(s, row);
    }
    dc_text_put(&s->text, "\n");
    if (row->details)
        put_details(s, row);
}

/* ---- remarks ---- */

/* What s->a holds, as a paragraph. */
static void put_remark(struct show_diff *s) {
    dc_text_style(&s->text, DC_STYLE_FAINT);
    dc_text_fold(&s->text, s->a.data, s->a.len, INDENT, 0);
    dc_text_style(&s->text, DC_STYLE_PLAIN);
    dc_text_put(&s->text, "\n");
}

static void add_name(struct show_diff *s, const struct dc_diff_row *row) {
    if (row->snapshot) {
        add(s, row->snapshot);
        add(s, " ");
    }
    add(s, row->path ? row->path : row->what);
}

/* Rows with values, or with counts of registers; then the names of the others. */
static size_t add_ignored(struct show_diff *s, bool valued, size_t shown) {
    bool first = true;
    for (size_t i = 0; i < s->diff->n_rows; i++) {
        const struct dc_diff_row *row = &s->diff->rows[i];
        bool list = row->a.kind == DC_DIFF_ELEMENTS || row->b.kind == DC_DIFF_ELEMENTS;
        if (row->class != DC_DIFF_IGNORED || valued == list)
            continue;
        add(s, shown++ == 0 ? "" : first || valued ? "; " : ", ");
        if (first && list)
            add(s, "addresses and times in ");
        first = false;
        add_name(s, row);
        if (list)
            continue;
        add(s, row->regs ? " of " : " ");
        if (row->regs) {
            add_regs(s, row->regs);
            continue;
        }
        dc_diff_value_text(row->a, &s->a);
        add(s, " -> ");
        dc_diff_value_text(row->b, &s->a);
    }
    return shown;
}

/* Whether --addresses would count some of what is ignored. */
static bool has_addresses(const struct dc_diff *diff) {
    for (size_t i = 0; i < diff->n_rows; i++) {
        const struct dc_diff_row *row = &diff->rows[i];
        if (row->class == DC_DIFF_IGNORED &&
            (row->regs || row->a.kind == DC_DIFF_ELEMENTS || row->a.kind == DC_DIFF_HEX))
            return !diff->options.addresses;
    }
    return false;
}

static void put_ignored(struct show_diff *s) {
    if (dc_diff_count(s->diff, DC_DIFF_IGNORED) == 0)
        return;
    restart(s);
    add(s, "not counted as a difference: ");
    add_ignored(s, false, add_ignored(s, true, 0));
    if (has_addresses(s->diff))
        add(s, " (--addresses counts addresses and registers)");
    put_remark(s);
}

static bool is_in_first(const struct dc_diff_row *row) {
    return row->a.kind != DC_DIFF_NONE &&
           !(row->a.kind == DC_DIFF_ELEMENTS && row->a.number == 0);
}

static void put_missed(struct show_diff *s, bool in_first) {
    size_t shown = 0;
    restart(s);
    add(s, "not compared: ");
    for (size_t i = 0; i < s->diff->n_rows; i++) {
        const struct dc_diff_row *row = &s->diff->rows[i];
        if (row->class != DC_DIFF_MISSED || is_in_first(row) != in_first)
            continue;
        add(s, shown++ ? ", " : "");
        add_name(s, row);
    }
    if (shown == 0)
        return;
    add(s, in_first ? " (only in the first report)" : " (only in the second report)");
    put_remark(s);
}

static void put_side(struct show_diff *s, int side) {
    static const char *const reports[] = {"the first report", "the second report"};
    const struct dc_snapshot *snapshot = dc_diff_snapshot(s->diff, side);
    const struct dc_model *model = side == 0 ? s->diff->a : s->diff->b;
    const struct dc_model *other = side == 0 ? s->diff->b : s->diff->a;
    if (snapshot && model->variant == DC_DUAL && other->variant != DC_DUAL) {
        restart(s);
        add(s, "of ");
        add(s, reports[side]);
        add(s, " the late half is compared");
        put_remark(s);
    }
    const struct dc_snapshot *main = dc_model_main(model);
    if (main && main->placeholder) {
        restart(s);
        add(s, reports[side]);
        add(s, " is a placeholder: the capture produced nothing");
        put_remark(s);
    }
}

/* ---- the whole ---- */

static void put_headline(struct show_diff *s) {
    restart(s);
    dc_buf_text(&s->a, s->options->names[0]);
    add(s, " -> ");
    add(s, s->options->names[1]);
    add(s, ": ");
    dc_diff_summary(s->diff, &s->a);
    dc_text_style(&s->text, DC_STYLE_TITLE);
    if (s->options->brief)
        dc_text_add(&s->text, s->a.data, s->a.len);
    else
        dc_text_fold(&s->text, s->a.data, s->a.len, HANG, 0);
    dc_text_style(&s->text, DC_STYLE_PLAIN);
    dc_text_put(&s->text, "\n");
}

static void put_all(struct show_diff *s) {
    bool differs = dc_diff_count(s->diff, DC_DIFF_COUNTS) > 0;
    if (differs)
        put_headline(s);
    if (s->options->brief || s->diff->n_rows == 0)
        return;
    for (size_t i = 0; i < s->diff->n_rows; i++)
        if (s->diff->rows[i].class == DC_DIFF_COUNTS)
            put_row(s, &s->diff->rows[i]);
    put_side(s, 0);
    put_side(s, 1);
    put_ignored(s);
    put_missed(s, true);
    put_missed(s, false);
}

int dc_show_diff(struct dc_sink sink, const struct dc_diff *diff,
                 const struct dc_show_diff_options *options, struct dc_error *err) {
    struct show_diff s = {.diff = diff, .options = options};
    dc_text_init(&s.text, sink, options->colour, options->width);
    dc_buf_init(&s.a, options->alloc);
    dc_buf_init(&s.b, options->alloc);
    dc_buf_init(&s.note, options->alloc);
    put_all(&s);
    bool memory = dc_buf_ok(&s.a) && dc_buf_ok(&s.b) && dc_buf_ok(&s.note);
    bool written = dc_text_finish(&s.text) == 0;
    dc_buf_done(&s.a);
    dc_buf_done(&s.b);
    dc_buf_done(&s.note);
    if (!memory)
        return dc_fail(err, DC_ENOMEM, "out of memory");
    return written ? 0 : dc_fail(err, DC_EIO, "cannot be written");
}
