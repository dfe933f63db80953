#include "view/sheet_table.h"

enum { GAP = 2, BAR = 2, MOST_WORDS = 36 };

/* The cell, or the title, into `out`. */
static void text_of(const struct view_sheet *sheet, const struct dc_outline_line *line,
                    size_t column, struct dc_buf *out) {
    const struct dc_outline_table *table = line->cells.table;
    out->len = 0;
    if (line->kind == DC_OUTLINE_ROW) {
        dc_outline_cell(&sheet->outline, line, column, out);
        return;
    }
    dc_outline_title(table, column, out);
    if (table->sorted && table->sorted_by == column)
        dc_buf_text(out, table->falling ? " v" : " ^");
}

void view_table_measure(struct view *view, const struct view_sheet *sheet,
                        const struct dc_outline_line *line) {
    const struct dc_outline_table *table = line->cells.table;
    struct dc_buf text;
    unsigned most = view->canvas.width / 2;
    most = most < MOST_WORDS ? most : MOST_WORDS;
    dc_buf_init(&text, view->canvas.alloc);
    for (size_t i = 0; i < table->survey.n; i++) {
        if (!dc_survey_shows(&table->survey, i))
            continue;
        text_of(sheet, line, i, &text);
        unsigned width = view_canvas_width(&view->canvas, text.data, text.len);
        width = width < most ? width : most;
        if (width > table->widths[i])
            table->widths[i] = width;
    }
    view_canvas_forget(&view->canvas, &text);
}

static unsigned space_of(const struct dc_outline_table *table, size_t column) {
    bool divided = dc_survey_divided(&table->survey, table->columns, column);
    return GAP + (divided ? BAR : 0) + table->widths[column];
}

static size_t next_shown(const struct dc_outline_table *table, size_t column) {
    while (column < table->survey.n && !dc_survey_shows(&table->survey, column))
        column++;
    return column;
}

/* The column behind the first one from which on the selected one is seen. */
static size_t window_of(const struct dc_outline_table *table, size_t selected,
                        unsigned room) {
    size_t first = next_shown(table, 0), from = next_shown(table, first + 1);
    unsigned used = first < table->survey.n ? table->widths[first] : 0;
    for (size_t i = from; i <= selected && i < table->survey.n; i++)
        if (dc_survey_shows(&table->survey, i))
            used += space_of(table, i);
    while (from < selected && from < table->survey.n && used > room) {
        used -= space_of(table, from);
        from = next_shown(table, from + 1);
    }
    return from;
}

static void put_cell(struct view *view, const struct view_sheet *sheet,
                     const struct dc_outline_line *line, size_t column,
                     struct view_pen *pen) {
    const struct dc_outline_table *table = line->cells.table;
    unsigned width = table->widths[column], style = pen->style;
    struct dc_buf text;
    dc_buf_init(&text, view->canvas.alloc);
    text_of(sheet, line, column, &text);
    unsigned has = view_canvas_width(&view->canvas, text.data, text.len);
    unsigned start = pen->x;
    if (line->kind == DC_OUTLINE_TITLES && column == sheet->column)
        pen->style = DC_STYLE_TITLE | VIEW_REVERSE;
    if (line->kind == DC_OUTLINE_ROW && table->columns[column].warns &&
        !(pen->style & VIEW_REVERSE)) {
        struct dc_cell cell = dc_table_cell(&table->columns[column], &line->cells.row);
        pen->style = dc_cell_is_zero(&cell) ? DC_STYLE_FAINT : DC_STYLE_WARN;
    }
    if (!table->columns[column].left && has < width)
        view_pen_tab(pen, start + width - has);
    view_pen_cut(pen, text.data ? text.data : "", text.len, width);
    view_pen_tab(pen, start + width);
    pen->style = style;
    view_canvas_forget(pen->canvas, &text);
}

void view_table_draw(struct view *view, const struct view_sheet *sheet,
                     const struct dc_outline_line *line, struct view_pen *pen) {
    const struct dc_outline_table *table = line->cells.table;
    size_t first = next_shown(table, 0);
    if (first == table->survey.n)
        return;
    unsigned room = view_pen_room(pen) - 1; /* for the mark of what is behind */
    size_t from = window_of(table, sheet->column, room), i = from;
    put_cell(view, sheet, line, first, pen);
    bool behind = from != next_shown(table, first + 1);
    for (; i < table->survey.n; i = next_shown(table, i + 1)) {
        unsigned space = space_of(table, i);
        if (i > from && space > view_pen_room(pen) - 1)
            break;
        view_pen_put(pen, "%s",
                     i == from && behind && line->kind == DC_OUTLINE_TITLES ? "< "
                                                                            : "  ");
        if (dc_survey_divided(&table->survey, table->columns, i))
            view_pen_put(pen, "| ");
        put_cell(view, sheet, line, i, pen);
    }
    if (i < table->survey.n && line->kind == DC_OUTLINE_TITLES) {
        view_pen_tab(pen, pen->end - 1);
        view_pen_put(pen, ">");
    }
}
