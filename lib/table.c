#include "lib/table.h"

#include <string.h>

struct dc_cell dc_table_cell(const struct dc_column *column, const struct dc_row *row) {
    if (column->make)
        return column->make(column, row);
    if (!row->rec)
        return (struct dc_cell){.kind = DC_CELL_NONE};
    return dc_cell_of(row->rec, (size_t)column->field);
}

void dc_table_title(const struct dc_column *column, struct dc_buf *out) {
    if (column->title)
        dc_buf_text(out, column->title);
    else
        dc_buf_add(out, column->name.p, column->name.len);
}

/* ---- which rows ---- */

/* The next row of the list that counts. */
static bool next_counting(struct dc_rows *rows, struct dc_row *row) {
    const struct dc_table *table = rows->table;
    while (dc_list_next(&rows->walk)) {
        *row = (struct dc_row){rows->walk.index, rows->walk.value.rec};
        if (!table->filter || table->filter(table->ctx, row))
            return true;
    }
    return false;
}

/* Puts a row to its place among the best. */
static void insert(struct dc_rows *rows, size_t most, const struct dc_row *row) {
    bool (*before)(const struct dc_row *, const struct dc_row *) = rows->table->before;
    if (rows->shown == most && (!before || !before(row, &rows->best[most - 1])))
        return;
    size_t at = rows->shown < most ? rows->shown++ : most - 1;
    for (; before && at > 0 && before(row, &rows->best[at - 1]); at--)
        rows->best[at] = rows->best[at - 1];
    rows->best[at] = *row;
}

void dc_rows_pick(struct dc_rows *rows, const struct dc_table *table, size_t most) {
    struct dc_row row;
    rows->table = table;
    rows->total = rows->shown = rows->next = 0;
    rows->walk = dc_list_walk(table->list);
    if (most > DC_ROWS_MOST)
        most = DC_ROWS_MOST;
    while (next_counting(rows, &row)) {
        rows->total++;
        if (most > 0)
            insert(rows, most, &row);
    }
    rows->ranked = most > 0 && rows->total > most;
    if (!rows->ranked)
        rows->shown = rows->total;
    dc_rows_rewind(rows);
}

void dc_rows_rewind(struct dc_rows *rows) {
    rows->next = 0;
    rows->walk = dc_list_walk(rows->table->list);
}

bool dc_rows_next(struct dc_rows *rows, struct dc_row *row) {
    if (!rows->ranked)
        return next_counting(rows, row);
    if (rows->next == rows->shown)
        return false;
    *row = rows->best[rows->next++];
    return true;
}

/* ---- columns ---- */

static uint64_t ns_of(const struct dc_cell *cell) {
    if (cell->unit != DC_NS)
        return 0;
    if (cell->kind == DC_CELL_SIGNED)
        return cell->integer > 0 ? (uint64_t)cell->integer : -(uint64_t)cell->integer;
    return cell->kind == DC_CELL_NUMBER ? cell->number : 0;
}

struct dc_survey dc_rows_survey(struct dc_rows *rows, bool exact, bool all) {
    const struct dc_table *table = rows->table;
    struct dc_survey survey = {.scale = DC_SCALE_NS};
    uint64_t most = 0, filled = 0;
    uint64_t known = 0; /* of these columns no other cell tells more */
    struct dc_row row;
    dc_rows_rewind(rows);
    survey.n = table->n_columns < DC_TABLE_COLUMNS ? table->n_columns : DC_TABLE_COLUMNS;
    while (dc_rows_next(rows, &row)) {
        for (size_t i = 0; i < survey.n; i++) {
            if (known >> i & 1)
                continue;
            struct dc_cell cell = dc_table_cell(&table->columns[i], &row);
            uint64_t ns = ns_of(&cell);
            bool full = !dc_cell_is_zero(&cell);
            most = ns > most ? ns : most;
            survey.present |= (uint64_t)(cell.kind != DC_CELL_NONE) << i;
            filled |= (uint64_t)full << i;
            known |= (uint64_t)(full && cell.unit != DC_NS) << i;
        }
    }
    for (size_t i = 0; i < survey.n && !all; i++)
        survey.quiet |= (uint64_t)(table->columns[i].quiet && !(filled >> i & 1)) << i;
    if (!exact)
        survey.scale = dc_scale_for(most);
    dc_rows_rewind(rows);
    return survey;
}

bool dc_survey_shows(const struct dc_survey *survey, size_t column) {
    return column < survey->n && survey->present >> column & 1 &&
           !(survey->quiet >> column & 1);
}

bool dc_survey_divided(const struct dc_survey *survey, const struct dc_column *columns,
                       size_t column) {
    while (!columns[column].divided && column > 0 && !dc_survey_shows(survey, column - 1))
        column--;
    return columns[column].divided;
}
