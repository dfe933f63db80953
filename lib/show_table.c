#include "lib/show_private.h"

#include "lib/escape.h"

#include <string.h>

enum {
    GAP = 2,
    MOST_TEXT = 32, /* columns of words; longer ones are cut */
};

/* How one column looks. */
struct look {
    unsigned width;
    bool chosen; /* has room */
};

struct layout {
    struct dc_show *s;
    const struct dc_table *table;
    struct dc_rows rows;
    struct dc_survey survey;
    struct look looks[DC_TABLE_COLUMNS];
    size_t cut; /* cells */
};

/* The cell's text into s->cell; of one that stands in a column. */
static void format(const struct layout *layout, size_t i, const struct dc_row *row) {
    struct dc_cell cell = dc_table_cell(&layout->table->columns[i], row);
    struct dc_buf *out = &layout->s->cell;
    out->len = 0;
    if (cell.kind == DC_CELL_NONE)
        dc_buf_text(out, "-");
    else
        dc_cell_text(&cell, &layout->s->cells, layout->survey.scale, out);
}

static size_t format_title(const struct layout *layout, size_t i) {
    const struct dc_column *column = &layout->table->columns[i];
    struct dc_buf *out = &layout->s->cell;
    out->len = 0;
    dc_table_title(column, out);
    if (column->unit == DC_NS) {
        dc_buf_text(out, " ");
        dc_buf_text(out, dc_scale_name(layout->survey.scale));
    }
    return dc_escaped_width(out->data, out->len);
}

/* ---- layout ---- */

/* Columns for so many columns' worth of words: they must not fill the screen. */
static unsigned limited(const struct layout *layout, size_t i, size_t width) {
    unsigned screen = layout->s->text.width, indent = layout->s->item_indent;
    unsigned most = screen - indent;
    if (most > MOST_TEXT && !layout->table->columns[i].wide)
        most = MOST_TEXT;
    return width > most ? most : (unsigned)width;
}

static void measure(struct layout *layout) {
    struct dc_row row;
    for (size_t i = 0; i < layout->survey.n; i++)
        layout->looks[i].width = limited(layout, i, format_title(layout, i));
    while (dc_rows_next(&layout->rows, &row)) {
        for (size_t i = 0; i < layout->survey.n; i++) {
            struct look *look = &layout->looks[i];
            if (!dc_survey_shows(&layout->survey, i))
                continue;
            format(layout, i, &row);
            const struct dc_buf *text = &layout->s->cell;
            unsigned width = limited(layout, i, dc_escaped_width(text->data, text->len));
            look->width = width > look->width ? width : look->width;
        }
    }
    dc_rows_rewind(&layout->rows);
}

static unsigned column_width(const struct layout *layout, size_t i, bool first) {
    enum { BAR = 2 };
    bool divided = dc_survey_divided(&layout->survey, layout->table->columns, i);
    return (first ? 0 : GAP) + (divided && !first ? BAR : 0) + layout->looks[i].width;
}

/* A wide column gets what the others leave of the screen, and not too little. */
static void narrow(struct layout *layout) {
    enum { LEAST = 40 };
    unsigned used = layout->s->item_indent, screen = layout->s->text.width, before = 0;
    struct look *wide = NULL;
    bool first = true;
    for (size_t i = 0; i < layout->survey.n; i++) {
        if (!dc_survey_shows(&layout->survey, i))
            continue;
        used += column_width(layout, i, first);
        first = false;
        if (!layout->table->columns[i].wide)
            continue;
        wide = &layout->looks[i];
        before = used - wide->width;
    }
    if (!wide || used <= screen)
        return;
    /* Those behind it give way first. */
    unsigned others = used - wide->width;
    unsigned room = others + LEAST < screen ? screen - others : LEAST;
    if (before + room > screen)
        room = before < screen ? screen - before : 1;
    wide->width = room < wide->width ? room : wide->width;
}

/* Columns in their order, as long as there is room; one at least. */
static void choose(struct layout *layout) {
    unsigned used = layout->s->item_indent, width = layout->s->text.width;
    bool first = true, room = true;
    for (size_t i = 0; i < layout->survey.n; i++) {
        if (!dc_survey_shows(&layout->survey, i))
            continue;
        used += column_width(layout, i, first);
        room &= first || used <= width;
        layout->looks[i].chosen = room;
        first = false;
    }
}

/* ---- rows ---- */

static void put_padded(struct layout *layout, size_t i, bool last) {
    const struct dc_buf *text = &layout->s->cell;
    struct dc_text *t = &layout->s->text;
    unsigned width = layout->looks[i].width;
    size_t has = dc_escaped_width(text->data, text->len);
    bool left = layout->table->columns[i].left;
    unsigned blank = has < width ? width - (unsigned)has : 0, start = t->column;
    layout->cut += has > width;
    dc_text_put(t, "%*s", (int)(left ? 0 : blank), "");
    dc_text_cut(t, text->data, text->len, width);
    if (!last && t->column < start + width) /* what was cut may be shorter, too */
        dc_text_put(t, "%*s", (int)(start + width - t->column), "");
}

/* The words are there without colour, too. */
static enum dc_style style_of(const struct layout *layout, size_t i,
                              const struct dc_row *row) {
    const struct dc_column *column = &layout->table->columns[i];
    if (!row)
        return DC_STYLE_FAINT;
    if (!column->warns)
        return DC_STYLE_PLAIN;
    struct dc_cell cell = dc_table_cell(column, row);
    return dc_cell_is_zero(&cell) ? DC_STYLE_FAINT : DC_STYLE_WARN;
}

/* `row` NULL: the titles. */
static void put_line(struct layout *layout, const struct dc_row *row) {
    struct dc_text *t = &layout->s->text;
    bool first = true;
    size_t last = 0;
    for (size_t i = 0; i < layout->survey.n; i++)
        if (layout->looks[i].chosen)
            last = i;
    dc_text_put(t, "%*s", (int)layout->s->item_indent, "");
    for (size_t i = 0; i < layout->survey.n; i++) {
        if (!layout->looks[i].chosen)
            continue;
        if (!first)
            dc_text_put(t, dc_survey_divided(&layout->survey, layout->table->columns, i)
                               ? " |  "
                               : "  ");
        enum dc_style style = style_of(layout, i, row);
        if (style != DC_STYLE_PLAIN)
            dc_text_style(t, style);
        if (row)
            format(layout, i, row);
        else
            (void)format_title(layout, i);
        put_padded(layout, i, i == last);
        if (style != DC_STYLE_PLAIN)
            dc_text_style(t, DC_STYLE_PLAIN);
        first = false;
    }
    dc_text_put(t, "\n");
}

static bool is_cut(const struct layout *layout, size_t i, const struct dc_row *row) {
    format(layout, i, row);
    return dc_escaped_width(layout->s->cell.data, layout->s->cell.len) >
           layout->looks[i].width;
}

/* With --all: what had no column, or not all of its words. */
static void put_rest(struct layout *layout, const struct dc_row *row) {
    struct dc_show *s = layout->s;
    dc_show_restart(s);
    for (size_t i = 0; i < layout->survey.n; i++) {
        struct dc_cell cell = dc_table_cell(&layout->table->columns[i], row);
        bool list = cell.kind == DC_CELL_LIST && cell.list->count > 0;
        if (cell.kind == DC_CELL_NONE)
            continue;
        if (layout->looks[i].chosen && !list && !is_cut(layout, i, row))
            continue;
        dc_show_add(s, s->scratch.len > 0 ? "  " : "");
        bool ns = cell.unit == DC_NS && !list && !s->options->exact;
        dc_show_add_title(s, &layout->table->columns[i]);
        dc_show_add(s, "=");
        dc_cell_text(&cell, &s->cells, ns ? layout->survey.scale : DC_SCALE_OWN,
                     &s->scratch);
        dc_show_add(s, ns ? " " : "");
        dc_show_add(s, ns ? dc_scale_name(layout->survey.scale) : "");
    }
    if (s->scratch.len > 0)
        dc_show_note(s, s->item_indent + 4, DC_STYLE_PLAIN);
}

/* ---- what is not there ---- */

static void add_columns_left(const struct layout *layout) {
    struct dc_show *s = layout->s;
    unsigned width = s->item_indent;
    bool any = false, first = true;
    for (size_t i = 0; i < layout->survey.n; i++) {
        const struct look *look = &layout->looks[i];
        if (!dc_survey_shows(&layout->survey, i))
            continue;
        width += column_width(layout, i, first);
        first = false;
        if (look->chosen || s->options->all)
            continue;
        if (any)
            dc_show_add(s, ", ");
        else
            dc_show_add_hint(s, "no room for ");
        any = true;
        dc_show_add_title(s, &layout->table->columns[i]);
    }
    if (!any)
        return;
    dc_show_add(s, ": --width=");
    dc_show_add_u64(s, width);
}

static void put_hints(struct layout *layout) {
    struct dc_show *s = layout->s;
    dc_show_restart(s);
    dc_show_add_rows_left(s, &layout->rows);
    add_columns_left(layout);
    dc_show_add_zero_columns(s, layout->table, &layout->survey);
    if (layout->cut > 0 && !s->options->all)
        dc_show_add_hint(s, "words are cut: --all");
    if (s->scratch.len == 0)
        return;
    dc_show_add(s, ")");
    dc_show_note(s, s->item_indent, DC_STYLE_FAINT);
}

void dc_show_text_table(struct dc_show *s, const struct dc_table *table) {
    struct layout layout = {.s = s, .table = table};
    struct dc_row row;
    dc_rows_pick(&layout.rows, table, dc_show_most(s, table->most));
    if (layout.rows.shown == 0)
        return;
    layout.survey = dc_rows_survey(&layout.rows, s->options->exact, s->options->all);
    measure(&layout);
    narrow(&layout);
    choose(&layout);
    put_line(&layout, NULL);
    while (dc_rows_next(&layout.rows, &row)) {
        put_line(&layout, &row);
        if (s->options->all)
            put_rest(&layout, &row);
    }
    put_hints(&layout);
}
