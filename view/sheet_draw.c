#include "view/sheet_table.h"

#include "lib/series.h"

#include <stdio.h>
#include <string.h>

enum { STEP = 2, HANG = 2, NAMES = 26, LEAST_MEANING = 16 };

unsigned view_sheet_indent(const struct view_canvas *canvas,
                           const struct dc_outline_line *line) {
    unsigned deep = line->level * STEP, most = canvas->width / 3;
    return 1 + (deep < most ? deep : most);
}

/* ---- lines ---- */

static void put_paragraph(const struct view_sheet *sheet, const struct view_row *row,
                          struct view_pen *pen, struct dc_buf *text) {
    size_t name = 0;
    unsigned style = pen->style;
    text->len = 0;
    if (row->line->kind != DC_OUTLINE_NOTE && row->from == 0) {
        dc_outline_name(row->line, text);
        name = text->len + 1;
        text->len = 0;
    }
    view_sheet_paragraph(sheet, row->line, text);
    if (text->len < row->from + row->len)
        return; /* no memory, which is told when all is drawn */
    if (row->from > 0)
        view_pen_put(pen, "%*s", HANG, "");
    name = name < row->len ? name : row->len;
    pen->style = DC_STYLE_TITLE | (style & VIEW_REVERSE);
    if (name > 0)
        view_pen_add(pen, text->data, name);
    pen->style = style;
    if (row->len > name)
        view_pen_add(pen, text->data + row->from + name, row->len - name);
}

static unsigned names_width(const struct view_pen *pen) {
    unsigned most = view_pen_room(pen) * 2 / 5;
    return most < NAMES ? most : NAMES;
}

static void put_field(const struct view_sheet *sheet, const struct dc_outline_line *line,
                      struct view_pen *pen, struct dc_buf *text) {
    const char *meaning = line->cells.table->columns[line->cells.column].meaning;
    unsigned width = names_width(pen), start = pen->x, style = pen->style;
    text->len = 0;
    dc_outline_name(line, text);
    view_pen_cut(pen, text->data, text->len, width);
    view_pen_tab(pen, start + width);
    view_pen_put(pen, "  ");
    text->len = 0;
    dc_outline_words(&sheet->outline, line, text);
    start = pen->x;
    view_pen_cut(pen, text->data ? text->data : "", text->len, view_pen_room(pen));
    view_pen_tab(pen, start + NAMES / 2);
    if (!meaning || view_pen_room(pen) < LEAST_MEANING)
        return;
    pen->style = DC_STYLE_FAINT | (style & VIEW_REVERSE);
    view_pen_put(pen, "  ");
    view_pen_cut(pen, meaning, strlen(meaning), view_pen_room(pen));
    pen->style = style;
}

static void put_tree(const struct view_sheet *sheet, const struct dc_outline_line *line,
                     struct view_pen *pen, struct dc_buf *text) {
    unsigned style = pen->style;
    view_pen_put(pen, "%s ", !line->folds ? " " : line->inside ? "-" : "+");
    text->len = 0;
    dc_outline_name(line, text);
    bool item = line->kind == DC_OUTLINE_ITEM;
    size_t what = item ? strlen(line->text.what) + 1 : 0;
    what = what < text->len ? what : text->len;
    pen->style = DC_STYLE_FAINT | (style & VIEW_REVERSE);
    if (what > 0)
        view_pen_add(pen, text->data, what);
    pen->style = style;
    if (text->len > what)
        view_pen_cut(pen, text->data + what, text->len - what, view_pen_room(pen));
    if (text->len > 0)
        view_pen_put(pen, item ? " " : " = ");
    text->len = 0;
    dc_outline_words(&sheet->outline, line, text);
    if (item)
        pen->style = DC_STYLE_FAINT | (style & VIEW_REVERSE);
    view_pen_cut(pen, text->data ? text->data : "", text->len, view_pen_room(pen));
    pen->style = style;
}

/* The eight blocks, and what stands for them where the terminal knows ASCII only; there a
   gap is a blank. */
static void put_blocks(struct view_pen *pen, const struct dc_buf *blocks) {
    static const char letters[] = "_.:-=+*#";
    enum { BYTES = 3, FIRST = 0x81, GAP = sizeof(DC_SERIES_NONE) - 1 };
    if (!pen->canvas->ascii) {
        view_pen_add(pen, blocks->data, blocks->len);
        return;
    }
    for (size_t i = 0; i < blocks->len;) {
        bool gap = blocks->data[i] == DC_SERIES_NONE[0];
        unsigned level =
            gap ? 0 : (unsigned char)blocks->data[i + BYTES - 1] - (unsigned)FIRST;
        view_pen_put(pen, "%c", gap ? ' ' : letters[level < 8 ? level : 7]);
        i += gap ? (size_t)GAP : BYTES;
    }
}

static void put_plot(const struct view_sheet *sheet, const struct dc_outline_line *line,
                     struct view_pen *pen, struct dc_buf *text) {
    enum { WORDS = 30, LEAST = 8, MOST = 400 };
    unsigned width = names_width(pen), start = pen->x, style = pen->style;
    view_pen_cut(pen, line->plot->name, strlen(line->plot->name), width);
    view_pen_tab(pen, start + width);
    view_pen_put(pen, "  ");
    unsigned room = view_pen_room(pen);
    unsigned blocks = room > WORDS + LEAST ? room - WORDS : LEAST;
    text->len = 0;
    dc_plot_spark(line->plot, blocks < MOST ? blocks : MOST, text);
    pen->style = DC_STYLE_GOOD | (style & VIEW_REVERSE);
    put_blocks(pen, text);
    pen->style = style;
    view_pen_put(pen, "  ");
    text->len = 0;
    dc_outline_words(&sheet->outline, line, text);
    view_pen_cut(pen, text->data, text->len, view_pen_room(pen));
}

static void put_series(const struct dc_outline_series *series, struct view_pen *pen) {
    unsigned width = names_width(pen), start = pen->x, style = pen->style;
    const struct dc_buf blocks = {.data = (char *)series->blocks.p,
                                  .len = series->blocks.len};
    view_pen_cut(pen, series->name.p, series->name.len, width);
    view_pen_tab(pen, start + width);
    view_pen_put(pen, "  ");
    pen->style = DC_STYLE_GOOD | (style & VIEW_REVERSE);
    put_blocks(pen, &blocks);
    pen->style = style;
    view_pen_put(pen, "  ");
    view_pen_cut(pen, series->words.p, series->words.len, view_pen_room(pen));
}

static void put_change(const struct view_sheet *sheet, const struct dc_outline_line *line,
                       struct view_pen *pen, struct dc_buf *text) {
    unsigned width = view_pen_room(pen) / 2, start, style = pen->style;
    char sign = line->change->sign;
    pen->style = (sign == '-'   ? DC_STYLE_BAD
                  : sign == '+' ? DC_STYLE_GOOD
                                : DC_STYLE_PLAIN) |
                 (style & VIEW_REVERSE);
    view_pen_put(pen, "%c ", sign);
    pen->style = style;
    start = pen->x;
    view_pen_cut(pen, line->change->path.p, line->change->path.len, width);
    view_pen_tab(pen, start + width);
    view_pen_put(pen, " ");
    text->len = 0;
    dc_outline_words(&sheet->outline, line, text);
    view_pen_cut(pen, text->data ? text->data : "", text->len, view_pen_room(pen));
}

static void put_line(struct view *view, const struct view_sheet *sheet,
                     const struct view_row *row, struct view_pen *pen,
                     struct dc_buf *text) {
    switch ((enum dc_outline_kind)row->line->kind) {
    case DC_OUTLINE_NOTE:
    case DC_OUTLINE_FACT:
    case DC_OUTLINE_FINDING:
        put_paragraph(sheet, row, pen, text);
        break;
    case DC_OUTLINE_FIELD:
        put_field(sheet, row->line, pen, text);
        break;
    case DC_OUTLINE_TITLES:
    case DC_OUTLINE_ROW:
        view_table_draw(view, sheet, row->line, pen);
        break;
    case DC_OUTLINE_ITEM:
    case DC_OUTLINE_VALUE:
        put_tree(sheet, row->line, pen, text);
        break;
    case DC_OUTLINE_PLOT:
        put_plot(sheet, row->line, pen, text);
        break;
    case DC_OUTLINE_SERIES:
        put_series(row->line->series, pen);
        break;
    case DC_OUTLINE_CHANGE:
        put_change(sheet, row->line, pen, text);
        break;
    }
}

static void draw_row(struct view *view, const struct view_sheet *sheet,
                     const struct view_row *row, unsigned y, struct dc_buf *text) {
    struct view_pen pen = view_pen(&view->canvas, 0, y, view->canvas.width);
    bool selected = row->line == view_sheet_line(sheet);
    pen.style = row->line->style | (selected ? VIEW_REVERSE : 0);
    view_pen_put(&pen, "%c", selected && row->from == 0 ? '>' : ' ');
    view_pen_tab(&pen, view_sheet_indent(&view->canvas, row->line));
    put_line(view, sheet, row, &pen, text);
    if (selected)
        view_pen_tab(&pen, view->canvas.width);
}

/* ---- the window ---- */

/* The titles of the table whose rows stand at the top; NULL: none have to be held there. */
static const struct dc_outline_line *titles_above(const struct view_sheet *sheet) {
    if (sheet->top >= sheet->count ||
        sheet->rows[sheet->top].line->kind != DC_OUTLINE_ROW)
        return NULL;
    const struct dc_outline_table *table = sheet->rows[sheet->top].line->cells.table;
    for (size_t at = sheet->top; at-- > 0;)
        if (sheet->rows[at].line->kind == DC_OUTLINE_TITLES &&
            sheet->rows[at].line->cells.table == table)
            return sheet->rows[at].line;
    return NULL;
}

unsigned view_sheet_pinned(const struct view_sheet *sheet) {
    return titles_above(sheet) != NULL;
}

/* As little as is needed for the whole selected line to be seen. */
static void follow(struct view *view, struct view_sheet *sheet) {
    unsigned from, to;
    view_body(view, &from, &to);
    size_t page = to - from, end = sheet->cursor;
    const struct dc_outline_line *line = view_sheet_line(sheet);
    while (end + 1 < sheet->count && sheet->rows[end + 1].line == line &&
           end + 1 < sheet->cursor + page)
        end++;
    view_scroll_to(end, sheet->count, page, &sheet->top);
    /* What stands above the first line is no line to be selected, but seen. */
    if (sheet->cursor <= 1 && sheet->top == 1)
        sheet->top = 0;
    if (sheet->cursor < sheet->top)
        sheet->top = sheet->cursor;
    if (view_sheet_pinned(sheet) && end - sheet->top + 1 >= page)
        sheet->top++;
    if (sheet->cursor < sheet->top)
        sheet->top = sheet->cursor;
}

void view_sheet_draw(struct view *view) {
    struct view_sheet *sheet = view_sheet(view);
    struct dc_buf text;
    unsigned from, to;
    view_body(view, &from, &to);
    follow(view, sheet);
    const struct dc_outline_line *titles = titles_above(sheet);
    for (size_t at = sheet->top; at < sheet->count && at - sheet->top < to - from; at++)
        if (sheet->rows[at].line->kind == DC_OUTLINE_ROW ||
            sheet->rows[at].line->kind == DC_OUTLINE_TITLES)
            view_table_measure(view, sheet, sheet->rows[at].line);
    dc_buf_init(&text, view->canvas.alloc);
    if (titles) {
        const struct view_row row = {.line = (struct dc_outline_line *)titles};
        view_table_measure(view, sheet, titles);
        draw_row(view, sheet, &row, from++, &text);
    }
    for (size_t at = sheet->top; at < sheet->count && from < to; at++)
        draw_row(view, sheet, &sheet->rows[at], from++, &text);
    if (sheet->count == 0) {
        struct view_pen pen = view_pen(&view->canvas, 1, from, view->canvas.width);
        view_pen_put(&pen, sheet->filter[0] ? "No line matches the filter. Esc ends it."
                                            : "There is nothing here.");
    }
    view_canvas_forget(&view->canvas, &text);
}

/* ---- the status line ---- */

/* "cpu_ctx > value > vtime": where a line stands. */
static void put_path(const struct view_sheet *sheet, struct view_pen *pen) {
    enum { LEVELS = 32 };
    const struct dc_outline_line *path[LEVELS];
    size_t n = 0, at = sheet->cursor;
    unsigned start = pen->x;
    struct dc_buf text;
    path[n++] = view_sheet_line(sheet);
    while (at-- > 0 && n < LEVELS)
        if (sheet->rows[at].line->level < path[n - 1]->level)
            path[n++] = sheet->rows[at].line;
    dc_buf_init(&text, sheet->outline.alloc);
    while (n-- > 0) {
        text.len = 0;
        dc_outline_name(path[n], &text);
        if (text.len == 0) /* the value of a map */
            continue;
        if (pen->x > start)
            view_pen_put(pen, " > ");
        view_pen_cut(pen, text.data, text.len, view_pen_room(pen));
    }
    view_canvas_forget(pen->canvas, &text);
}

static void put_column(const struct view_sheet *sheet, const struct dc_outline_line *line,
                       struct view_pen *pen) {
    const struct dc_outline_table *table = line->cells.table;
    struct dc_buf text;
    if (!dc_survey_shows(&table->survey, sheet->column))
        return;
    const struct dc_column *column = &table->columns[sheet->column];
    dc_buf_init(&text, sheet->outline.alloc);
    dc_outline_title(table, sheet->column, &text);
    dc_buf_text(&text, " ");
    dc_outline_cell(&sheet->outline, line, sheet->column, &text);
    if (column->meaning) {
        dc_buf_text(&text, ": ");
        dc_buf_text(&text, column->meaning);
    }
    view_pen_cut(pen, text.data ? text.data : "", text.len, view_pen_room(pen));
    view_canvas_forget(pen->canvas, &text);
}

void view_sheet_status(struct view *view, struct view_pen *pen) {
    const struct view_sheet *sheet = view_sheet(view);
    const struct dc_outline_line *line = view_sheet_line(sheet);
    const char *meaning = NULL;
    if (!line)
        return;
    if (line->kind == DC_OUTLINE_ROW)
        put_column(sheet, line, pen);
    else if (line->level > 0)
        put_path(sheet, pen);
    else if (line->kind == DC_OUTLINE_FIELD)
        meaning = line->cells.table->columns[line->cells.column].meaning;
    else if (line->kind == DC_OUTLINE_PLOT)
        meaning = line->plot->meaning;
    if (!meaning && line->kind != DC_OUTLINE_ROW && line->level == 0 &&
        view->tabs.current >= VIEW_TAB_SECTIONS)
        meaning = dc_sections[view_tab_section(view->tabs.current)].meaning;
    if (meaning)
        view_pen_cut(pen, meaning, strlen(meaning), view_pen_room(pen));
}

void view_sheet_place(const struct view *view, char *text, size_t size) {
    const struct view_sheet *sheet = &view->sheets[view->tabs.current];
    size_t at = sheet->count ? sheet->cursor + 1 : 0;
    int n = 0;
    text[0] = '\0';
    if (sheet->filter[0])
        n = snprintf(text, size, "filter %.24s  ", sheet->filter);
    if (n >= 0 && (size_t)n < size)
        snprintf(text + n, size - (size_t)n, "%zu/%zu", at, sheet->count);
}
