#include "lib/show_like.h"

#include "lib/value_text.h"

#include <string.h>

const struct dc_list *dc_like_members(const struct dc_rec *value) {
    return dc_list_of(value->type == &dc_type_RV_STRUCT ? value : NULL,
                      DC_AT_RV_STRUCT_members);
}

const struct dc_rec *dc_like_member(const struct dc_rec *value, size_t at) {
    if (!value || value->type != &dc_type_RV_STRUCT)
        return value;
    const struct dc_list *members = dc_like_members(value);
    if (at >= members->count)
        return NULL;
    return dc_record(dc_list_rec(members, at), DC_AT_MEMBER_value);
}

struct dc_cell dc_like_cell(const struct dc_rec *value) {
    if (!value)
        return (struct dc_cell){.kind = DC_CELL_NONE};
    return (struct dc_cell){.kind = DC_CELL_VALUE, .value = value};
}

static struct dc_cell make_cell(const struct dc_column *column,
                                const struct dc_row *row) {
    const struct dc_rec *value = dc_record(row->rec, column->field);
    return dc_like_cell(dc_like_member(value, (size_t)column->arg));
}

bool dc_like_is_flat(const struct dc_rec *value) {
    if (value->type != &dc_type_RV_STRUCT)
        return dc_value_is_scalar(value);
    struct dc_list_walk walk = dc_list_walk(dc_like_members(value));
    while (dc_list_next(&walk))
        if (!dc_value_is_scalar(dc_record(walk.value.rec, DC_AT_MEMBER_value)))
            return false;
    return dc_like_members(value)->count > 0;
}

static bool same_str(struct dc_str a, struct dc_str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool dc_like_same(const struct dc_rec *a, const struct dc_rec *b) {
    bool structs = a->type == &dc_type_RV_STRUCT;
    if (structs != (b->type == &dc_type_RV_STRUCT))
        return false;
    if (!structs)
        return true;
    struct dc_list_walk one = dc_list_walk(dc_like_members(a)),
                        other = dc_list_walk(dc_like_members(b));
    if (dc_like_members(a)->count != dc_like_members(b)->count ||
        !same_str(dc_string(a, DC_AT_RV_STRUCT_type_name),
                  dc_string(b, DC_AT_RV_STRUCT_type_name)))
        return false;
    while (dc_list_next(&one) && dc_list_next(&other))
        if (!same_str(dc_string(one.value.rec, DC_AT_MEMBER_name),
                      dc_string(other.value.rec, DC_AT_MEMBER_name)))
            return false;
    return true;
}

/* Names that are empty, or there twice, do not tell columns apart: in data one of them
   would be lost. */
static bool is_taken(const struct dc_like *shape, int field, struct dc_str name) {
    for (size_t i = 0; i < shape->n; i++)
        if (shape->columns[i].field == field && same_str(shape->columns[i].name, name))
            return true;
    return name.len == 0;
}

bool dc_like_add(struct dc_like *shape, const struct dc_rec *value, int field,
                 const char *alone, bool quiet) {
    struct dc_column column = {
        .title = alone, .field = field, .make = make_cell, .quiet = quiet};
    if (value->type != &dc_type_RV_STRUCT) {
        if (shape->n == DC_LIKE_COLUMNS)
            return false;
        shape->columns[shape->n++] = column;
        return true;
    }
    for (struct dc_list_walk walk = dc_list_walk(dc_like_members(value));
         dc_list_next(&walk);) {
        struct dc_str name = dc_string(walk.value.rec, DC_AT_MEMBER_name);
        if (shape->n == DC_LIKE_COLUMNS || is_taken(shape, field, name))
            return false;
        column.name = name;
        column.title = NULL;
        column.arg = (int)walk.index;
        shape->columns[shape->n++] = column;
    }
    return true;
}
