#include "lib/show_diff_private.h"

#include "lib/escape.h"

#include <stdio.h>
#include <string.h>

enum {
    INDENT = 2,
    HANG = 8,         /* of what is folded */
    FEW_LINES = 3,    /* that a value may take */
    WIDEST_NAME = 36, /* columns that are kept free for a name, or a value, in a group */
    SIDE_LINES = 8,   /* of a row side by side */
    LEAST_SIDE = 24,  /* columns of a value side by side */
};

void dc_diff_group_init(struct dc_diff_group *group, struct dc_text *text,
                        const struct dc_diff *diff, bool sides, struct dc_alloc alloc) {
    group->text = text;
    group->diff = diff;
    group->sides = sides;
    group->failed = false;
    group->n = 0;
    group->section = -1;
    group->snapshot = NULL;
    dc_diff_words_init(&group->words, alloc);
    dc_buf_init(&group->parent, alloc);
    dc_buf_init(&group->trial, alloc);
    dc_buf_init(&group->held, alloc);
}

void dc_diff_group_done(struct dc_diff_group *group) {
    dc_diff_words_done(&group->words);
    dc_buf_done(&group->parent);
    dc_buf_done(&group->trial);
    dc_buf_done(&group->held);
}

/* ---- one line ---- */

/* What a line holds, as it is: not escaped. */
struct part {
    const char *p;
    size_t len;
    unsigned width; /* columns, at most PART_MOST */
};
enum { PART_MOST = 1 << 16 };

static struct part part_of(const struct dc_diff_group *group, size_t from, size_t to) {
    struct part part = {group->held.data + from, to - from, PART_MOST};
    if (part.len < PART_MOST / DC_PIECE_MAX)
        part.width = (unsigned)dc_escaped_width(part.p, part.len);
    return part;
}

struct parts {
    struct part name, a, b, note;
};

static struct parts parts_of(const struct dc_diff_group *group,
                             const struct dc_diff_line *line) {
    return (struct parts){
        part_of(group, line->name, line->a), part_of(group, line->a, line->b),
        part_of(group, line->b, line->note), part_of(group, line->note, line->end)};
}

void dc_diff_put_folded(struct dc_text *text, const char *s, size_t len, unsigned hang) {
    char note[64];
    size_t left = dc_text_fold(text, s, len, hang, FEW_LINES);
    if (left == 0)
        return;
    int n = snprintf(note, sizeof(note), "(%zu bytes left out; --json has them)", left);
    dc_text_put(text, "\n%*s", (int)hang, "");
    dc_text_fold(text, note, (size_t)n, hang, 0);
}

static void put_sign(struct dc_text *text, char sign) {
    dc_text_style(text, sign == '-'   ? DC_STYLE_BAD
                        : sign == '+' ? DC_STYLE_GOOD
                                      : DC_STYLE_PLAIN);
    dc_text_put(text, "%c ", sign);
    dc_text_style(text, DC_STYLE_PLAIN);
}

static void put_note(struct dc_text *text, struct part note) {
    if (note.len == 0)
        return;
    if (text->column + note.width + 1 > text->width)
        dc_text_put(text, "\n%*s", HANG, "");
    else
        dc_text_put(text, " ");
    dc_text_style(text, DC_STYLE_FAINT);
    dc_text_fold(text, note.p, note.len, HANG, 0);
    dc_text_style(text, DC_STYLE_PLAIN);
}

/* Where the line has no room for all of it the values have lines of their own, both one
   line where that has room. */
static void put_long(struct dc_text *text, const struct parts *parts, char sign) {
    const struct part *first = sign == '+' ? &parts->b : &parts->a;
    bool both = sign == ' ' && (parts->a.len > 0 || parts->b.len > 0);
    bool room = HANG + parts->a.width + parts->b.width + 4 <= text->width;
    dc_text_fold(text, parts->name.p, parts->name.len, HANG, 0);
    if (parts->a.len + parts->b.len + parts->note.len > 0 && text->column < text->width)
        dc_text_put(text, ":");
    if (first->len > 0) {
        dc_text_put(text, "\n%*s", HANG, "");
        dc_diff_put_folded(text, first->p, first->len, HANG);
    }
    if (both) {
        if (room)
            dc_text_put(text, " -> ");
        else
            dc_text_put(text, "\n%*s-> ", HANG - 3, "");
        dc_diff_put_folded(text, parts->b.p, parts->b.len, HANG);
    }
    put_note(text, parts->note);
}

/* `name` and `value` are the columns for a name and a first value; 0: as they come. */
static void put_line(struct dc_text *text, const struct parts *parts, char sign,
                     unsigned name, unsigned value) {
    unsigned gap = name > parts->name.width ? name - parts->name.width : 0;
    unsigned pad = value > parts->a.width && sign == ' ' ? value - parts->a.width : 0;
    bool arrow = sign == ' ' && (parts->a.len > 0 || parts->b.len > 0);
    size_t width = text->column + parts->name.width + gap + 2 + parts->a.width +
                   parts->b.width + pad + (arrow ? 4 : 0);
    if (width > text->width) {
        put_long(text, parts, sign);
        return;
    }
    dc_text_add(text, parts->name.p, parts->name.len);
    if (parts->a.len + parts->b.len + parts->note.len == 0)
        return;
    dc_text_put(text, name ? " %*s" : ":%*s", (int)gap, "");
    if (parts->a.len + parts->b.len > 0)
        dc_text_put(text, " ");
    dc_text_add(text, parts->a.p, parts->a.len);
    if (arrow)
        dc_text_put(text, "%*s -> ", (int)pad, "");
    dc_text_add(text, parts->b.p, parts->b.len);
    put_note(text, parts->note);
}

/* ---- side by side ---- */

/* How many bytes of a part `columns` have room for: up to a blank, where there is one. */
static size_t slice_of(const struct part *part, unsigned columns) {
    size_t n = 0, blank = 0;
    unsigned used = 0;
    while (n < part->len) {
        struct dc_piece piece = dc_escape(part->p + n, part->len - n);
        if (used + piece.width > columns)
            return blank > 0 ? blank : n;
        used += piece.width;
        n += piece.taken;
        if (part->p[n - 1] == ' ')
            blank = n;
    }
    return n;
}

/* Returns the columns that it took. */
static unsigned put_slice(struct dc_text *text, struct part *part, unsigned columns) {
    size_t n = slice_of(part, columns);
    unsigned used = (unsigned)dc_escaped_width(part->p, n);
    dc_text_add(text, part->p, n);
    part->p += n;
    part->len -= n;
    return used;
}

/* One line of three columns; nothing is written behind the last that has something. */
static void put_columns(struct dc_text *text, struct parts *parts, unsigned name,
                        unsigned side, const char *middle) {
    unsigned used = put_slice(text, &parts->name, name);
    if (parts->a.len + parts->b.len == 0)
        return;
    dc_text_put(text, "%*s", (int)(name - used) + 2, "");
    used = put_slice(text, &parts->a, side);
    if (parts->b.len == 0)
        return;
    dc_text_put(text, "%*s%s", (int)(side - used) + 1, "", middle);
    put_slice(text, &parts->b, side);
}

static size_t left_of(const struct parts *parts) {
    return parts->name.len + parts->a.len + parts->b.len;
}

static void put_sides(struct dc_text *text, struct parts *parts, char sign) {
    unsigned indent = text->column + 2, room = text->width - indent;
    unsigned side = (room - 5) * 3 / 10, name = room - 2 * side - 5;
    bool both = sign == ' ' && parts->a.len + parts->b.len > 0;
    unsigned line = 1;
    put_sign(text, sign);
    put_columns(text, parts, name, side, both ? "| " : "  ");
    for (; line < SIDE_LINES && left_of(parts) > 0; line++) {
        dc_text_put(text, "\n%*s", (int)indent, "");
        put_columns(text, parts, name, side, both ? "| " : "  ");
    }
    if (left_of(parts) > 0)
        dc_text_put(text, "\n%*s(the rest is left out; --json has it)", (int)indent, "");
    if (line > 1 && parts->note.len > 0) /* below the second value */
        dc_text_put(text, "\n%*s", (int)(indent + name + side + 3), "");
    put_note(text, parts->note);
}

/* ---- a group ---- */

static void put_heading(struct dc_diff_group *group) {
    struct dc_text *text = group->text;
    if (group->parent.len == 0)
        return;
    dc_text_put(text, "%*s", 2 * INDENT, "");
    dc_text_style(text, DC_STYLE_TITLE);
    dc_text_fold(text, group->parent.data, group->parent.len, HANG, 0);
    dc_text_style(text, DC_STYLE_PLAIN);
    dc_text_put(text, "\n");
}

static unsigned larger(unsigned so_far, unsigned width) {
    return width > so_far && width <= WIDEST_NAME ? width : so_far;
}

/* Names and first values of a group stand below each other. */
static void put_aligned(struct dc_diff_group *group) {
    unsigned name = 0, value = 0;
    for (size_t i = 0; i < group->n; i++) {
        struct parts parts = parts_of(group, &group->lines[i]);
        name = larger(name, parts.name.width);
        if (group->lines[i].sign == ' ')
            value = larger(value, parts.a.width);
    }
    put_heading(group);
    for (size_t i = 0; i < group->n; i++) {
        struct parts parts = parts_of(group, &group->lines[i]);
        dc_text_put(group->text, "%*s", 2 * INDENT, "");
        put_sign(group->text, group->lines[i].sign);
        put_line(group->text, &parts, group->lines[i].sign, name ? name : 1, value);
        dc_text_put(group->text, "\n");
    }
}

static bool has_sides(const struct dc_diff_group *group) {
    return group->sides && group->text->width >= 4 * LEAST_SIDE;
}

/* A line without others beside it, or without a heading: it has the whole path. */
static void put_alone(struct dc_diff_group *group, const struct dc_diff_line *line) {
    struct parts parts = parts_of(group, line);
    group->trial.len = 0;
    dc_buf_add(&group->trial, group->parent.data, group->parent.len);
    if (line->dotted && group->parent.len > 0)
        dc_buf_text(&group->trial, ".");
    dc_buf_add(&group->trial, parts.name.p, parts.name.len);
    if (!dc_buf_ok(&group->trial)) {
        group->failed = true;
        return;
    }
    parts.name = (struct part){group->trial.data, group->trial.len, PART_MOST};
    if (parts.name.len < PART_MOST / DC_PIECE_MAX)
        parts.name.width = (unsigned)dc_escaped_width(parts.name.p, parts.name.len);
    dc_text_put(group->text, "%*s", INDENT, "");
    if (has_sides(group)) {
        put_sides(group->text, &parts, line->sign);
    } else {
        put_sign(group->text, line->sign);
        put_line(group->text, &parts, line->sign, 0, 0);
    }
    dc_text_put(group->text, "\n");
}

void dc_diff_group_end(struct dc_diff_group *group) {
    bool alone = group->n == 1 || has_sides(group);
    if (group->n > 0 && !alone)
        put_aligned(group);
    for (size_t i = 0; alone && i < group->n; i++)
        put_alone(group, &group->lines[i]);
    group->n = 0;
    group->held.len = 0;
}

/* "maps: 3 changed, 1 added" */
static void put_section(struct dc_diff_group *group) {
    struct dc_text *text = group->text;
    dc_text_style(text, DC_STYLE_TITLE);
    if (group->snapshot)
        dc_text_put(text, "%s ", group->snapshot);
    dc_text_put(text, "%s", dc_diff_section_name(group->section));
    dc_text_style(text, DC_STYLE_PLAIN);
    group->trial.len = 0;
    dc_diff_counts_text(group->diff, group->section, &group->trial);
    dc_text_fold(text, group->trial.data, group->trial.len, INDENT, 0);
    dc_text_put(text, "\n");
}

/* Whether the row stands beside those that wait. */
static bool is_beside(struct dc_diff_group *group, const struct dc_diff_row *row) {
    group->trial.len = 0;
    if (row->at->up)
        dc_diff_path_add(row->at->up, &group->trial);
    return group->n < DC_DIFF_GROUP &&
           dc_str_same((struct dc_str){group->trial.data, group->trial.len},
                       (struct dc_str){group->parent.data, group->parent.len});
}

static void hold(struct dc_diff_group *group, const struct dc_buf *buf, size_t *at) {
    *at = group->held.len;
    dc_buf_add(&group->held, buf->data, buf->len);
}

static void hold_line(struct dc_diff_group *group, const struct dc_diff_step *at) {
    struct dc_diff_line *line = &group->lines[group->n++];
    line->sign = group->words.sign;
    line->dotted = at->kind == DC_STEP_WORD || at->kind == DC_STEP_MEMBER;
    hold(group, &group->words.name, &line->name);
    hold(group, &group->words.a, &line->a);
    hold(group, &group->words.b, &line->b);
    hold(group, &group->words.note, &line->note);
    line->end = group->held.len;
}

void dc_diff_group_add(struct dc_diff_group *group, const struct dc_diff_row *row) {
    bool section = row->section != group->section || row->snapshot != group->snapshot;
    bool beside = !section && group->n > 0 && is_beside(group, row);
    if (!beside)
        dc_diff_group_end(group);
    if (section) {
        group->section = row->section;
        group->snapshot = row->snapshot;
        put_section(group);
    }
    if (!beside) {
        group->parent.len = 0;
        if (row->at->up)
            dc_diff_path_add(row->at->up, &group->parent);
    }
    dc_diff_words_set(&group->words, group->diff, row, false);
    group->failed |= !dc_diff_words_ok(&group->words);
    if (group->failed)
        return;
    hold_line(group, row->at);
    group->failed |= !dc_buf_ok(&group->held) || !dc_buf_ok(&group->parent) ||
                     !dc_buf_ok(&group->trial);
}
