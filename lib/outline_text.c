/* The words of lines. */
#include "lib/outline_private.h"
#include "lib/show_private.h"

#include "lib/number.h"

#include <string.h>

void dc_outline_title(const struct dc_outline_table *table, size_t column,
                      struct dc_buf *out) {
    const struct dc_column *of = &table->columns[column];
    dc_table_title(of, out);
    if (of->unit != DC_NS || table->n_rows == 0)
        return;
    dc_buf_text(out, " ");
    dc_buf_text(out, dc_scale_name(table->survey.scale));
}

void dc_outline_cell(const struct dc_outline *outline, const struct dc_outline_line *line,
                     size_t column, struct dc_buf *out) {
    const struct dc_outline_table *table = line->cells.table;
    struct dc_cell cell = dc_table_cell(&table->columns[column], &line->cells.row);
    char number[DC_NUMBER_MAX];
    if (cell.kind == DC_CELL_NONE)
        dc_buf_text(out, "-");
    else if (cell.kind == DC_CELL_VALUE && cell.value->type == &dc_type_RV_UINT)
        dc_buf_add(out, number, /* what nearly all values are, at once */
                   dc_format_u64(dc_u64(cell.value, DC_AT_RV_UINT_value), number));
    else
        dc_cell_text(&cell, &outline->cells, table->survey.scale, out);
}

static void add_str(struct dc_buf *out, struct dc_str str) {
    dc_buf_add(out, str.p, str.len);
}

static void add_index(struct dc_buf *out, size_t index) {
    char text[DC_NUMBER_MAX];
    dc_buf_text(out, "[");
    dc_buf_add(out, text, dc_format_u64(index, text));
    dc_buf_text(out, "]");
}

void dc_outline_name(const struct dc_outline_line *line, struct dc_buf *out) {
    switch ((enum dc_outline_kind)line->kind) {
    case DC_OUTLINE_ITEM:
        dc_buf_text(out, line->text.what);
        dc_buf_text(out, " ");
        add_str(out, line->text.name);
        break;
    case DC_OUTLINE_FACT:
    case DC_OUTLINE_FINDING:
        add_str(out, line->text.name);
        break;
    case DC_OUTLINE_FIELD:
        dc_table_title(&line->cells.table->columns[line->cells.column], out);
        break;
    case DC_OUTLINE_VALUE:
        if (line->value.element)
            add_index(out, line->value.index);
        else
            add_str(out, line->value.name);
        break;
    case DC_OUTLINE_PLOT:
        dc_buf_text(out, line->plot->name);
        break;
    case DC_OUTLINE_SERIES:
        add_str(out, line->series->name);
        break;
    case DC_OUTLINE_CHANGE:
        add_str(out, line->change->path);
        break;
    case DC_OUTLINE_NOTE:
    case DC_OUTLINE_TITLES:
    case DC_OUTLINE_ROW:
        break;
    }
}

static void add_field(const struct dc_outline *outline,
                      const struct dc_outline_line *line, struct dc_buf *out) {
    struct dc_cell cell =
        dc_table_cell(&line->cells.table->columns[line->cells.column], &line->cells.row);
    dc_cell_text(&cell, &outline->cells, DC_SCALE_OWN, out);
}

static void add_change(const struct dc_outline_change *change, struct dc_buf *out) {
    add_str(out, change->a);
    dc_buf_text(out, change->sign == ' ' ? " -> " : "");
    add_str(out, change->b);
    dc_buf_text(out, change->note.len ? " " : "");
    add_str(out, change->note);
}

static void add_words(const struct dc_outline *outline,
                      const struct dc_outline_line *line, bool whole,
                      struct dc_buf *out) {
    switch ((enum dc_outline_kind)line->kind) {
    case DC_OUTLINE_NOTE:
    case DC_OUTLINE_FACT:
    case DC_OUTLINE_FINDING:
    case DC_OUTLINE_ITEM:
        add_str(out, line->text.words);
        break;
    case DC_OUTLINE_FIELD:
        add_field(outline, line, out);
        break;
    case DC_OUTLINE_VALUE:
        if (!line->value.rec) {
            dc_buf_text(out, "<unmapped>");
        } else if (whole) {
            const struct dc_cell cell = {.kind = DC_CELL_VALUE, .value = line->value.rec};
            dc_cell_text(&cell, &outline->cells, DC_SCALE_OWN, out);
        } else {
            dc_outline_value_words(outline, line->value.rec, !line->inside, out);
        }
        break;
    case DC_OUTLINE_PLOT:
        dc_show_add_last(line->plot, &outline->cells, out);
        break;
    case DC_OUTLINE_SERIES:
        add_str(out, line->series->words);
        break;
    case DC_OUTLINE_CHANGE:
        add_change(line->change, out);
        break;
    case DC_OUTLINE_TITLES:
    case DC_OUTLINE_ROW:
        break;
    }
}

void dc_outline_words(const struct dc_outline *outline,
                      const struct dc_outline_line *line, struct dc_buf *out) {
    add_words(outline, line, false, out);
}

void dc_outline_whole(const struct dc_outline *outline,
                      const struct dc_outline_line *line, struct dc_buf *out) {
    add_words(outline, line, true, out);
}

void dc_outline_search_text(const struct dc_outline *outline,
                            const struct dc_outline_line *line, struct dc_buf *out) {
    if (line->kind == DC_OUTLINE_ROW) {
        const struct dc_survey *survey = &line->cells.table->survey;
        for (size_t i = 0; i < survey->n; i++) {
            if (!dc_survey_shows(survey, i))
                continue;
            dc_outline_cell(outline, line, i, out);
            dc_buf_text(out, "\t");
        }
        return;
    }
    dc_outline_name(line, out);
    dc_buf_text(out, "\t");
    if (line->kind != DC_OUTLINE_TITLES)
        dc_outline_words(outline, line, out);
}
