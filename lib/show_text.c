#include "lib/show_private.h"

#include "lib/escape.h"
#include "lib/number.h"
#include "lib/value_text.h"

#include <string.h>

enum {
    STEP = 2,
    GAP = 2,
    LEAST_ROOM = 12,    /* columns behind the indent */
    MOST_LINES = 12,    /* of one value, without --all; */
    MOST_IF_ASKED = 100 /* of those that were asked for, with --map */
};

/* A blank and `words`; the blank goes where a line is folded there. */
static size_t put_words(struct dc_show *s, struct dc_str words, unsigned indent,
                        unsigned lines) {
    s->cell.len = 0;
    dc_buf_text(&s->cell, " ");
    dc_buf_add(&s->cell, words.p, words.len);
    return dc_text_fold(&s->text, s->cell.data, s->cell.len, indent, lines);
}

static struct dc_str words_of(const struct dc_show *s) {
    return (struct dc_str){s->scratch.data, s->scratch.len};
}

/* A name with its colon, which must not be parted from it. */
static void put_title(struct dc_show *s, const char *name, bool colon, unsigned indent) {
    s->cell.len = 0;
    dc_buf_text(&s->cell, name);
    dc_buf_text(&s->cell, colon ? ":" : "");
    dc_text_fold(&s->text, s->cell.data, s->cell.len, indent, 0);
}

static void text_section(struct dc_show *s, const struct dc_section *section) {
    struct dc_text *t = &s->text;
    dc_text_put(t, "\n%*s", (int)s->indent, "");
    const char *name = section->member ? section->member : section->name;
    dc_text_style(t, DC_STYLE_TITLE);
    put_title(s, name, s->scratch.len > 0, s->indent + STEP);
    dc_text_style(t, DC_STYLE_PLAIN);
    if (s->scratch.len > 0)
        put_words(s, words_of(s), s->indent + STEP, 0);
    dc_text_put(t, "\n");
    s->item_indent = s->indent + STEP;
    s->zeros = 0;
}

static void text_section_end(struct dc_show *s) {
    s->item_indent = s->indent + STEP;
    if (s->zeros == 0)
        return;
    dc_show_restart(s);
    dc_show_add(s, "(");
    dc_show_add_count(s, s->zeros, "zero value", "zero values");
    dc_show_add(s, " left out of structs: --all)");
    dc_show_note(s, s->item_indent, DC_STYLE_FAINT);
}

static bool text_item(struct dc_show *s, const char *what, struct dc_str name,
                      const struct dc_table *table, const struct dc_row *row) {
    (void)table, (void)row; /* the words say it */
    struct dc_text *t = &s->text;
    unsigned indent = s->item_indent + STEP;
    dc_text_put(t, "%*s%s", (int)s->item_indent, "", what);
    dc_text_style(t, DC_STYLE_TITLE);
    put_words(s, name, indent, s->options->all ? 0 : 2);
    dc_text_style(t, DC_STYLE_PLAIN);
    if (s->scratch.len > 0)
        put_words(s, words_of(s), indent, 0);
    dc_text_put(t, "\n");
    s->item_indent += STEP;
    return true;
}

static void text_item_end(struct dc_show *s) {
    s->item_indent -= STEP;
}

static void note_left_out(struct dc_show *s, size_t bytes) {
    if (bytes == 0)
        return;
    dc_show_restart(s);
    dc_show_add(s, "(");
    dc_show_add_count(s, bytes, "byte", "bytes");
    dc_show_add(s, " left out: --all)");
    dc_show_note(s, s->item_indent, DC_STYLE_FAINT);
}

static void text_note(struct dc_show *s, enum dc_style style) {
    enum { LINES = 4 };
    struct dc_text *t = &s->text;
    dc_text_put(t, "%*s", (int)s->item_indent, "");
    dc_text_style(t, style);
    size_t left_out = dc_text_fold(t, s->scratch.data, s->scratch.len,
                                   s->item_indent + STEP, s->options->all ? 0 : LINES);
    dc_text_style(t, DC_STYLE_PLAIN);
    dc_text_put(t, "\n");
    note_left_out(s, left_out);
}

static void text_fact(struct dc_show *s, const char *label, enum dc_style style) {
    enum { LINES = 6 };
    dc_show_field(s, s->item_indent, label, style, LINES);
}

static void text_finding(struct dc_show *s, const char *name, const char *from) {
    struct dc_text *t = &s->text;
    dc_show_add(s, "  [");
    dc_show_add(s, from);
    dc_show_add(s, "]");
    dc_text_put(t, "%*s", (int)s->item_indent, "");
    dc_text_style(t, DC_STYLE_TITLE);
    put_title(s, name, true, s->item_indent + STEP);
    dc_text_style(t, DC_STYLE_PLAIN);
    put_words(s, words_of(s), s->item_indent + STEP, 0);
    dc_text_put(t, "\n");
}

/* ---- records ---- */

/* What s->scratch holds, on this line or the next; not parted where one can hold it.
   Returns how many bytes were left out. */
static size_t put_part(struct dc_show *s) {
    enum { LINES = 4 };
    struct dc_text *t = &s->text;
    unsigned indent = s->item_indent;
    bool fresh = t->column <= indent;
    size_t width = dc_escaped_width(s->scratch.data, s->scratch.len);
    if (!fresh && t->column + GAP + width > t->width)
        dc_text_put(t, "\n%*s", (int)indent, "");
    else if (!fresh)
        dc_text_put(t, "%*s", GAP, "");
    return dc_text_fold(t, s->scratch.data, s->scratch.len, indent + STEP,
                        s->options->all ? 0 : LINES);
}

/* Names of members that are zero, where they are quiet. */
static void put_quiet(struct dc_show *s, const struct dc_table *table,
                      const struct dc_row *row) {
    dc_show_restart(s);
    for (size_t i = 0; i < table->n_columns && !s->options->all; i++) {
        struct dc_cell cell = dc_table_cell(&table->columns[i], row);
        if (!table->columns[i].quiet || cell.kind == DC_CELL_NONE ||
            !dc_cell_is_zero(&cell))
            continue;
        dc_show_add(s, s->scratch.len > 0 ? ", " : "(zero: ");
        dc_table_title(&table->columns[i], &s->scratch);
    }
    if (s->scratch.len == 0)
        return;
    dc_show_add(s, ")");
    dc_text_style(&s->text, DC_STYLE_FAINT);
    (void)put_part(s);
    dc_text_style(&s->text, DC_STYLE_PLAIN);
}

static void text_record(struct dc_show *s, const struct dc_table *table,
                        const struct dc_row *row) {
    size_t left_out = 0;
    dc_text_put(&s->text, "%*s", (int)s->item_indent, "");
    for (size_t i = 0; i < table->n_columns; i++) {
        struct dc_cell cell = dc_table_cell(&table->columns[i], row);
        bool zero = dc_cell_is_zero(&cell) && table->columns[i].quiet;
        if (cell.kind == DC_CELL_NONE || (zero && !s->options->all))
            continue;
        dc_show_restart(s);
        dc_table_title(&table->columns[i], &s->scratch);
        dc_show_add(s, ": ");
        dc_cell_text(&cell, &s->cells, DC_SCALE_OWN, &s->scratch);
        left_out += put_part(s);
    }
    put_quiet(s, table, row);
    dc_text_put(&s->text, "\n");
    note_left_out(s, left_out);
}

/* ---- values ---- */

struct lines {
    struct dc_show *s;
    size_t shown, left_out;
};

static void put_line(void *ctx, unsigned indent, const struct dc_buf *line) {
    struct lines *lines = ctx;
    struct dc_show *s = lines->s;
    bool all = s->options->all;
    size_t most = s->options->maps ? MOST_IF_ASKED : MOST_LINES;
    if (!all && lines->shown >= most) {
        lines->left_out++;
        return;
    }
    lines->shown++;
    if (indent + LEAST_ROOM > s->text.width)
        indent = s->text.width - LEAST_ROOM; /* deep values on a narrow screen */
    dc_text_put(&s->text, "%*s", (int)indent, "");
    size_t rest =
        dc_text_fold(&s->text, line->data, line->len, indent + STEP, all ? 0 : 3);
    dc_text_put(&s->text, "\n");
    lines->left_out += rest > 0;
}

static void text_value(struct dc_show *s, const struct dc_rec *value) {
    struct lines out = {.s = s};
    struct dc_value_lines lines = {.style = &s->cells,
                                   .width = s->text.width,
                                   .line = put_line,
                                   .ctx = &out,
                                   .buf = &s->cell,
                                   .trial = &s->trial};
    s->cell.len = 0;
    if (s->scratch.len > 0) {
        dc_buf_add(&s->cell, s->scratch.data, s->scratch.len);
        dc_buf_text(&s->cell, ": ");
    }
    lines.indent = s->item_indent;
    if (value) {
        dc_value_write(&lines, s->item_indent, value);
    } else {
        dc_buf_text(&s->cell, "<unmapped>");
        dc_value_break(&lines);
    }
    s->zeros += lines.zeros;
    if (out.left_out == 0)
        return;
    dc_show_restart(s);
    dc_show_add(s, "(");
    dc_show_add_count(s, out.left_out, "line is", "lines are");
    dc_show_add(s, " cut or left out: --all)");
    dc_show_note(s, s->item_indent + STEP, DC_STYLE_FAINT);
}

/* ---- plots ---- */

void dc_show_add_last(const struct dc_plot *plot, const struct dc_cell_style *style,
                      struct dc_buf *out) {
    struct dc_plot_facts facts = dc_plot_look(plot);
    struct dc_cell cell = {
        .kind = DC_CELL_SIGNED, .unit = plot->unit, .integer = facts.last};
    char number[DC_NUMBER_MAX];
    dc_buf_text(out, "last ");
    dc_cell_text(&cell, style, DC_SCALE_OWN, out);
    if (!facts.moved)
        return;
    cell.integer = facts.moved_by;
    dc_buf_text(out, facts.moved_by < 0 ? " (" : " (+");
    dc_cell_text(&cell, style, DC_SCALE_OWN, out);
    dc_buf_text(out, " at ");
    dc_buf_add(out, number, dc_format_u64(facts.moved_ms, number));
    dc_buf_text(out, " ms)");
}

/* All lines have one number of blocks, so that a column of them is one moment. */
static void text_plot(struct dc_show *s, const struct dc_plot *plot) {
    enum { NAME = 27, WORDS = 28, LEAST = 8, MOST_BLOCKS = 60 };
    struct dc_text *t = &s->text;
    unsigned used = s->item_indent + NAME + GAP + WORDS;
    bool narrow = t->width < s->item_indent + NAME + GAP + LEAST;
    unsigned blocks = t->width < used + LEAST ? LEAST : t->width - used;
    dc_show_restart(s);
    dc_show_add(s, "  ");
    dc_show_add_last(plot, &s->cells, &s->scratch);
    s->cell.len = 0;
    dc_plot_spark(plot, blocks < MOST_BLOCKS ? blocks : MOST_BLOCKS, &s->cell);
    int blank = narrow ? 0 : NAME - (int)strlen(plot->name);
    dc_text_put(t, "%*s", (int)s->item_indent + blank, "");
    dc_text_fold(t, plot->name, strlen(plot->name), s->item_indent + STEP, 0);
    if (narrow && t->column + GAP + LEAST > t->width)
        dc_text_put(t, "\n%*s", (int)(s->item_indent + STEP), "");
    else
        dc_text_put(t, "%*s", GAP, "");
    dc_text_style(t, DC_STYLE_GOOD);
    dc_text_add(t, s->cell.data, s->cell.len);
    dc_text_style(t, DC_STYLE_PLAIN);
    dc_text_fold(t, s->scratch.data, s->scratch.len, s->item_indent + STEP, 0);
    dc_text_put(t, "\n");
}

static void text_vcpus(struct dc_show *s, const struct dc_snapshot *snapshot) {
    enum { ROOM = 14 };
    dc_text_put(&s->text, "\n");
    dc_show_vcpus(s, s->indent, snapshot, ROOM);
}

const struct dc_show_ops dc_show_text = {
    .rows = 1,
    .section = text_section,
    .section_end = text_section_end,
    .item = text_item,
    .item_end = text_item_end,
    .note = text_note,
    .fact = text_fact,
    .finding = text_finding,
    .record = text_record,
    .table = dc_show_text_table,
    .value = text_value,
    .plot = text_plot,
    .series = dc_show_text_series,
    .vcpus = text_vcpus,
};
