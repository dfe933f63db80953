/* Rendered values (wire-format 5) as trees of lines. */
#include "lib/outline_private.h"

#include "lib/number.h"
#include "lib/value_text.h"

#include <string.h>

/* What is inside: members of a struct, elements of an array, what a pointer points at, the
   part of a value that is there. */
static const struct dc_list *parts_of(const struct dc_rec *value) {
    if (value->type == &dc_type_RV_ARRAY)
        return dc_list_of(value, DC_AT_RV_ARRAY_elements);
    return dc_list_of(value->type == &dc_type_RV_STRUCT ? value : NULL,
                      DC_AT_RV_STRUCT_members);
}

static const struct dc_rec *inner_of(const struct dc_rec *value, const char **name) {
    *name = "*";
    if (value->type == &dc_type_RV_PTR)
        return dc_record(value, DC_AT_RV_PTR_deref);
    *name = "partial";
    if (value->type == &dc_type_RV_TRUNCATED)
        return dc_record(value, DC_AT_RV_TRUNCATED_partial);
    return NULL;
}

bool dc_outline_value_folds(const struct dc_rec *value) {
    const char *name;
    return parts_of(value)->count > 0 || inner_of(value, &name);
}

static bool add_part(struct dc_outline *outline, struct dc_outline_block *block,
                     struct dc_str name, const struct dc_rec *value) {
    struct dc_outline_line *line = dc_outline_add(outline, block, DC_OUTLINE_VALUE);
    if (!line)
        return false;
    line->value.name = name;
    line->value.rec = value;
    line->folds = value && dc_outline_value_folds(value);
    line->style = value && !line->folds && dc_value_is_zero(value) ? DC_STYLE_FAINT
                                                                   : DC_STYLE_PLAIN;
    return true;
}

bool dc_outline_value_parts(struct dc_outline *outline, struct dc_outline_block *block,
                            const struct dc_rec *value) {
    const char *name;
    const struct dc_rec *inner = inner_of(value, &name);
    bool array = value->type == &dc_type_RV_ARRAY;
    if (inner)
        return add_part(outline, block, (struct dc_str){name, strlen(name)}, inner);
    for (struct dc_list_walk walk = dc_list_walk(parts_of(value)); dc_list_next(&walk);) {
        const struct dc_rec *part =
            array ? walk.value.rec : dc_record(walk.value.rec, DC_AT_MEMBER_value);
        struct dc_str label = {"", 0};
        if (!array)
            label = dc_string(walk.value.rec, DC_AT_MEMBER_name);
        if (!array && label.len == 0)
            label = (struct dc_str){"<anon>", 6};
        if (!add_part(outline, block, label, part))
            return false;
        block->lines[block->count - 1].value.element = array;
        block->lines[block->count - 1].value.index = walk.index;
    }
    return true;
}

/* ---- in words ---- */

static void add_count(struct dc_buf *out, uint64_t count) {
    char text[DC_NUMBER_MAX];
    dc_buf_add(out, text, dc_format_u64(count, text));
}

/* "struct cpu_ctx, 12 members"; "array, 4096 of 8192 elements" */
static void add_shape(const struct dc_rec *value, struct dc_buf *out) {
    size_t count = parts_of(value)->count;
    if (value->type == &dc_type_RV_STRUCT) {
        struct dc_str name = dc_string(value, DC_AT_RV_STRUCT_type_name);
        dc_buf_text(out, name.len ? "struct " : "struct");
        dc_buf_add(out, name.p, name.len);
        dc_buf_text(out, ", ");
        add_count(out, count);
        dc_buf_text(out, count == 1 ? " member" : " members");
        return;
    }
    uint64_t len = dc_u64(value, DC_AT_RV_ARRAY_len);
    dc_buf_text(out, "array, ");
    add_count(out, count);
    if (count != len) {
        dc_buf_text(out, " of ");
        add_count(out, len);
    }
    dc_buf_text(out, len == 1 ? " element" : " elements");
}

/* The beginning of bytes: of thousands nobody reads the end. */
static void add_bytes(const struct dc_rec *value, size_t limit, struct dc_buf *out) {
    struct dc_str hex = dc_string(value, DC_AT_RV_BYTES_hex);
    dc_buf_add(out, hex.p, hex.len < limit ? hex.len : limit);
    dc_buf_text(out, hex.len > limit ? "..." : "");
}

void dc_outline_value_words(const struct dc_outline *outline, const struct dc_rec *value,
                            bool folded, struct dc_buf *out) {
    enum { LIMIT = 400 };
    bool has_parts = parts_of(value)->count > 0;
    size_t len = out->len;
    if (folded || !dc_outline_value_folds(value)) {
        if (dc_value_add_inline(value, &outline->cells, out, LIMIT))
            return;
        out->len = len;
    }
    if (has_parts)
        add_shape(value, out);
    else if (value->type == &dc_type_RV_BYTES)
        add_bytes(value, LIMIT, out);
    else if (value->type == &dc_type_RV_PTR && dc_has(value, DC_AT_RV_PTR_deref)) {
        const struct dc_cell cell = {.kind = DC_CELL_NUMBER,
                                     .unit = DC_ADDRESS,
                                     .number = dc_u64(value, DC_AT_RV_PTR_value)};
        dc_cell_text(&cell, &outline->cells, DC_SCALE_OWN, out);
    } else if (value->type == &dc_type_RV_TRUNCATED) {
        dc_buf_text(out, "truncated: ");
        add_count(out, dc_u64(value, DC_AT_RV_TRUNCATED_had));
        dc_buf_text(out, " of ");
        add_count(out, dc_u64(value, DC_AT_RV_TRUNCATED_needed));
        dc_buf_text(out, " bytes");
    } else {
        dc_value_add_line(value, &outline->cells, out);
    }
}
