#include "view/entry.h"

#include "lib/number.h"

#include <stdio.h>
#include <string.h>

enum { NAMES = 28 };

static struct dc_str words(const struct dc_buf *buf) {
    return (struct dc_str){buf->data ? buf->data : "", buf->len};
}

/* Nanoseconds that are told in a larger unit. */
static bool is_rounded(const struct dc_cell *cell, const struct dc_buf *text) {
    bool number = cell->kind == DC_CELL_NUMBER || cell->kind == DC_CELL_SIGNED;
    bool exact = text->len >= 3 && memcmp(text->data + text->len - 3, " ns", 3) == 0;
    return number && cell->unit == DC_NS && text->len > 0 && !exact;
}

static void add_cell(struct view *view, const struct view_sheet *sheet,
                     const struct dc_outline_line *line, size_t column,
                     struct dc_buf *name, struct dc_buf *value) {
    const struct dc_column *of = &line->cells.table->columns[column];
    struct dc_cell cell = dc_table_cell(of, &line->cells.row);
    if (cell.kind == DC_CELL_NONE)
        return;
    name->len = value->len = 0;
    dc_table_title(of, name);
    dc_cell_text(&cell, &sheet->outline.cells, DC_SCALE_OWN, value);
    if (is_rounded(&cell, value)) {
        dc_buf_text(value, " (");
        dc_cell_text(&cell, &sheet->outline.cells, DC_SCALE_NS, value);
        dc_buf_text(value, " ns)");
    }
    bool zero = dc_cell_is_zero(&cell);
    view_lines_add(&view->lines, words(name), words(value), of->meaning,
                   zero        ? DC_STYLE_FAINT
                   : of->warns ? DC_STYLE_WARN
                               : DC_STYLE_PLAIN);
}

/* ---- a plot ---- */

struct chart {
    unsigned columns, rows;
    int64_t least;
    uint64_t span; /* from the least value to the greatest */
};

/* How high a value stands, in eighths of a row; something is seen of every value. */
static unsigned height_of(const struct chart *chart, int64_t value) {
    unsigned __int128 above = (uint64_t)value - (uint64_t)chart->least;
    unsigned most = chart->rows * 8;
    if (chart->span == 0)
        return value == 0 ? 1 : most / 2;
    return 1 + (unsigned)(above * (most - 1) / chart->span);
}

static void add_block(struct view *view, unsigned eighths, struct dc_buf *out) {
    static const char *const blocks[] = {
        " ",      "\u2581", "\u2582", "\u2583", "\u2584",
        "\u2585", "\u2586", "\u2587", "\u2588",
    };
    if (view->canvas.ascii)
        dc_buf_text(out, eighths >= 4 ? "#" : eighths > 0 ? "_" : " ");
    else
        dc_buf_text(out, blocks[eighths < 8 ? eighths : 8]);
}

static void add_chart(struct view *view, const struct dc_plot *plot,
                      const struct dc_plot_facts *facts, struct dc_buf *line) {
    enum { ROWS = 8, MARGIN = 4 };
    const struct chart chart = {.columns = view->canvas.width - MARGIN,
                                .rows = ROWS,
                                .least = facts->least,
                                .span = (uint64_t)facts->most - (uint64_t)facts->least};
    for (unsigned row = ROWS; row-- > 0;) {
        line->len = 0;
        for (struct dc_plot_parts p = dc_plot_parts(plot, chart.columns);
             dc_plot_next(&p);) {
            unsigned height = height_of(&chart, p.value), below = row * 8;
            add_block(view, height > below ? height - below : 0, line);
        }
        view_lines_raw(&view->lines, words(line), DC_STYLE_GOOD);
    }
}

static void add_number(struct view *view, const char *name, int64_t value,
                       const char *unit) {
    char text[DC_NUMBER_MAX + 16];
    size_t n = dc_format_i64(value, text);
    memcpy(text + n, unit, strlen(unit));
    view_lines_add(&view->lines, (struct dc_str){name, strlen(name)},
                   (struct dc_str){text, n + strlen(unit)}, NULL, DC_STYLE_PLAIN);
}

static void add_plot(struct view *view, const struct dc_plot *plot, struct dc_buf *line) {
    struct dc_plot_facts facts = dc_plot_look(plot);
    if (plot->meaning)
        view_lines_words(&view->lines, plot->meaning, DC_STYLE_PLAIN);
    add_chart(view, plot, &facts, line);
    view_lines_title(&view->lines, "", DC_STYLE_PLAIN);
    add_number(view, "greatest", facts.most, "");
    add_number(view, "least", facts.least, "");
    add_number(view, "first", facts.first, "");
    add_number(view, "last", facts.last, "");
    if (facts.moved) {
        add_number(view, "moved last at", (int64_t)facts.moved_ms, " ms");
        add_number(view, "by", facts.moved_by, "");
    }
    add_number(view, "from", (int64_t)facts.first_ms, " ms");
    add_number(view, "to", (int64_t)facts.last_ms, " ms");
    add_number(view, "samples", (int64_t)facts.count, "");
}

/* ---- the line ---- */

static void add_words(struct view *view, const struct view_sheet *sheet,
                      const struct dc_outline_line *line, struct dc_buf *text) {
    text->len = 0;
    dc_outline_whole(&sheet->outline, line, text);
    if (line->kind != DC_OUTLINE_CHANGE) {
        view_lines_text(&view->lines, words(text), DC_STYLE_PLAIN);
        return;
    }
    const struct dc_outline_change *change = line->change;
    const char *const *names = view->pair.names;
    view_lines_add(&view->lines, (struct dc_str){names[0], strlen(names[0])}, change->a,
                   NULL, DC_STYLE_PLAIN);
    view_lines_add(&view->lines, (struct dc_str){names[1], strlen(names[1])}, change->b,
                   NULL, DC_STYLE_PLAIN);
    view_lines_text(&view->lines, change->note, DC_STYLE_FAINT);
}

void view_entry_build(struct view *view) {
    const struct view_sheet *sheet = view_sheet(view);
    const struct dc_outline_line *line = view_sheet_line(sheet);
    struct view_lines *lines = &view->lines;
    struct dc_buf name, value;
    view_lines_begin(lines);
    view_lines_column(lines, NAMES);
    if (!line)
        return;
    dc_buf_init(&name, view->canvas.alloc);
    dc_buf_init(&value, view->canvas.alloc);
    if (line->kind == DC_OUTLINE_ROW) {
        for (size_t i = 0; i < line->cells.table->survey.n; i++)
            add_cell(view, sheet, line, i, &name, &value);
    } else if (line->kind == DC_OUTLINE_FIELD) {
        add_cell(view, sheet, line, line->cells.column, &name, &value);
    } else {
        dc_outline_name(line, &name);
        if (name.len > 0)
            view_lines_text(lines, words(&name), DC_STYLE_TITLE);
        if (line->kind == DC_OUTLINE_PLOT)
            add_plot(view, line->plot, &value);
        else
            add_words(view, sheet, line, &value);
    }
    lines->text.failed |= !dc_buf_ok(&name) || !dc_buf_ok(&value);
    dc_buf_done(&name);
    dc_buf_done(&value);
}
