/* The rows of a table in another order. */
#include "lib/outline_private.h"

#include <stdlib.h>
#include <string.h>

/* What a cell is sorted by; made once for each row. */
struct key {
    enum { KEY_NEGATIVE, KEY_NUMBER, KEY_REAL, KEY_TEXT, KEY_ABSENT } kind;
    uint32_t row; /* as it stands in the report */
    union {
        uint64_t number; /* of a negative one: it rises with the number */
        double real;
        struct dc_str text;
    };
};

static struct dc_cell unwrapped(struct dc_cell cell) {
    static const struct dc_type *const numbers[] = {&dc_type_RV_UINT, &dc_type_RV_INT,
                                                    &dc_type_RV_BOOL, &dc_type_RV_CHAR,
                                                    &dc_type_RV_ENUM, &dc_type_RV_PTR};
    static const int fields[] = {DC_AT_RV_UINT_value, DC_AT_RV_INT_value,
                                 DC_AT_RV_BOOL_value, DC_AT_RV_CHAR_value,
                                 DC_AT_RV_ENUM_value, DC_AT_RV_PTR_value};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (cell.value->type == numbers[i])
            return dc_cell_of(cell.value, (size_t)fields[i]);
    if (cell.value->type == &dc_type_RV_FLOAT)
        return dc_cell_of(cell.value, DC_AT_RV_FLOAT_value);
    return cell;
}

static struct key key_of(const struct dc_column *column, const struct dc_row *row) {
    struct dc_cell cell = dc_table_cell(column, row);
    struct key key = {.kind = KEY_ABSENT};
    if (cell.kind == DC_CELL_VALUE)
        cell = unwrapped(cell);
    switch (cell.kind) {
    case DC_CELL_NUMBER:
    case DC_CELL_TRUTH:
        key.kind = KEY_NUMBER;
        key.number = cell.number;
        break;
    case DC_CELL_SIGNED:
        key.kind = cell.integer < 0 ? KEY_NEGATIVE : KEY_NUMBER;
        key.number = (uint64_t)cell.integer;
        break;
    case DC_CELL_REAL:
        key.kind = KEY_REAL;
        key.real = cell.real;
        break;
    case DC_CELL_LIST:
        key.kind = KEY_NUMBER;
        key.number = cell.list->count;
        break;
    case DC_CELL_TEXT:
        key.kind = KEY_TEXT;
        key.text = cell.text;
        break;
    case DC_CELL_NONE:
    case DC_CELL_VALUE:
    case DC_CELL_JSON:
    case DC_CELL_REASON:
        break;
    }
    return key;
}

static int compare_text(struct dc_str a, struct dc_str b) {
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len ? memcmp(a.p, b.p, len) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* Rows that are equal stay as they stand in the report, whichever way it goes. */
static int by_place(const struct key *a, const struct key *b) {
    return (a->row > b->row) - (a->row < b->row);
}

static int compare(const struct key *a, const struct key *b) {
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    switch (a->kind) {
    case KEY_NEGATIVE:
    case KEY_NUMBER:
        return (a->number > b->number) - (a->number < b->number);
    case KEY_REAL:
        return (a->real > b->real) - (a->real < b->real);
    case KEY_TEXT:
        return compare_text(a->text, b->text);
    case KEY_ABSENT:
        break;
    }
    return 0;
}

static int rising(const void *a, const void *b) {
    int order = compare(a, b);
    return order ? order : by_place(a, b);
}

static int falling_order(const void *one, const void *other) {
    const struct key *a = one, *b = other;
    bool absent = a->kind == KEY_ABSENT || b->kind == KEY_ABSENT; /* last all the same */
    int order = absent ? compare(a, b) : compare(b, a);
    return order ? order : by_place(a, b);
}

const struct dc_outline_line *dc_outline_rows(const struct dc_outline_line *line) {
    return &line->block->lines[line->cells.table->first];
}

/* The order in which the rows of a table stand, sorted by a column. */
static void sort(struct dc_outline_table *table, const struct dc_outline_line *rows,
                 size_t column, bool falling, struct key *keys) {
    for (size_t i = 0; i < table->n_rows; i++) {
        keys[i] = key_of(&table->columns[column], &rows[i].cells.row);
        keys[i].row = (uint32_t)i;
    }
    qsort(keys, table->n_rows, sizeof(*keys), falling ? falling_order : rising);
    for (size_t i = 0; i < table->n_rows; i++)
        table->order[i] = keys[i].row;
}

int dc_outline_sort(struct dc_outline *outline, struct dc_outline_line *line,
                    size_t column, bool falling, struct dc_error *err) {
    struct dc_outline_table *table = line->cells.table;
    bool sorted = column != SIZE_MAX;
    if (table->n_rows == 0)
        return 0;
    if (sorted && !table->order)
        table->order =
            dc_arena_get(&line->block->arena, table->n_rows * sizeof(*table->order));
    struct key *keys = NULL;
    if (sorted && table->order)
        keys = outline->alloc.resize(outline->alloc.ctx, NULL,
                                     table->n_rows * sizeof(*keys));
    if (sorted && !keys)
        return dc_fail(err, DC_ENOMEM, "out of memory for sorting");
    if (sorted)
        sort(table, dc_outline_rows(line), column, falling, keys);
    if (keys)
        outline->alloc.resize(outline->alloc.ctx, keys, 0);
    table->sorted = sorted;
    table->sorted_by = column;
    table->falling = falling;
    return dc_outline_collect(outline, err);
}
