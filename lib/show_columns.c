#include "lib/show_private.h"

#include <string.h>

/* Whether one of the chosen columns shows the field, or stands for it. */
static bool is_chosen(const struct dc_column *chosen, size_t count, size_t field) {
    for (size_t i = 0; i < count; i++)
        if (chosen[i].field == (int)field)
            return true;
    return false;
}

size_t dc_show_columns(const struct dc_type *type, const struct dc_column *chosen,
                       size_t count, struct dc_column *out) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (chosen[i].title && !chosen[i].title[0])
            continue;
        out[n] = chosen[i];
        if (chosen[i].field >= 0) {
            const struct dc_field *field = &type->fields[chosen[i].field];
            out[n].title = chosen[i].title ? chosen[i].title : field->name;
            out[n].member = chosen[i].make ? chosen[i].member : field->name;
            out[n].meaning = chosen[i].meaning ? chosen[i].meaning : field->meaning;
            out[n].unit = chosen[i].make ? chosen[i].unit : field->unit;
            out[n].left = chosen[i].left || field->kind == DC_STRING;
        }
        n++;
    }
    /* What upstream adds tomorrow is shown without a line of code here. */
    for (size_t i = 0; i < type->n_fields && n < DC_SHOW_COLUMNS; i++) {
        const struct dc_field *field = &type->fields[i];
        if (is_chosen(chosen, count, i) || field->kind == DC_RECORD)
            continue;
        out[n++] = (struct dc_column){.title = field->name,
                                      .member = field->name,
                                      .field = (int)i,
                                      .unit = field->unit,
                                      .left = field->kind == DC_STRING,
                                      .quiet = !dc_schema_is_key(type, field->name),
                                      .meaning = field->meaning};
    }
    return n;
}

/* ---- what a table leaves out ---- */

void dc_show_add_title(struct dc_show *s, const struct dc_column *column) {
    if (column->title)
        dc_show_add(s, column->title);
    else
        dc_show_add_short(s, column->name);
}

void dc_show_add_hint(struct dc_show *s, const char *words) {
    dc_show_add(s, s->scratch.len > 0 ? "; " : "(");
    dc_show_add(s, words);
}

void dc_show_add_rows_left(struct dc_show *s, const struct dc_rows *rows) {
    const struct dc_table *table = rows->table;
    if (rows->shown == rows->total)
        return;
    dc_show_add_hint(s, "+");
    dc_show_add_u64(s, rows->total - rows->shown);
    dc_show_add(s, " more");
    if (table->before && table->by) {
        dc_show_add(s, ", by ");
        dc_show_add(s, table->by);
    }
    dc_show_add(s, table->few ? table->few : ": --all");
}

void dc_show_add_zero_columns(struct dc_show *s, const struct dc_table *table,
                              const struct dc_survey *survey) {
    bool any = false;
    for (size_t i = 0; i < survey->n; i++) {
        if (!((survey->present & survey->quiet) >> i & 1))
            continue;
        if (any)
            dc_show_add(s, ", ");
        else
            dc_show_add_hint(s, "zero or empty: ");
        any = true;
        dc_show_add_title(s, &table->columns[i]);
    }
}
