#include "lib/json_schema_private.h"

#include "lib/number.h"

#include <stdio.h>

static const char DIALECT[] = "https://json-schema.org/draft/2020-12/schema";

void dc_js_text(struct dc_writer *w, const char *name, const char *text) {
    dc_write_name(w, name);
    dc_write_text(w, text);
}

void dc_js_open(struct dc_writer *w, const char *name, char bracket) {
    dc_write_name(w, name);
    dc_write_open(w, bracket);
}

/* ---- which types ---- */

void dc_types_add(struct dc_types *types, const struct dc_type *type) {
    for (size_t i = 0; i < types->count; i++)
        if (types->all[i] == type)
            return;
    if (types->count < DC_MOST_TYPES)
        types->all[types->count++] = type;
}

void dc_types_add_needed(struct dc_types *types) {
    for (size_t i = 0; i < types->count; i++) {
        const struct dc_type *type = types->all[i];
        for (size_t k = 0; k < type->n_choices; k++)
            if (type->choices[k]->n_fields > 0)
                dc_types_add(types, type->choices[k]);
        for (size_t k = 0; k < type->n_fields; k++)
            if (type->fields[k].type)
                dc_types_add(types, type->fields[k].type);
    }
}

/* ---- values ---- */

void dc_js_ref(struct dc_writer *w, const struct dc_type *type) {
    char ref[80];
    snprintf(ref, sizeof(ref), "#/$defs/%s", type->name);
    dc_js_text(w, "$ref", ref);
}

void dc_js_range(struct dc_writer *w, enum dc_kind kind) {
    static const struct {
        enum dc_kind kind;
        int64_t least;
        uint64_t most;
    } ranges[] = {
        {DC_U8, 0, UINT8_MAX},          {DC_U32, 0, UINT32_MAX},
        {DC_U64, 0, UINT64_MAX},        {DC_I32, INT32_MIN, INT32_MAX},
        {DC_I64, INT64_MIN, INT64_MAX},
    };
    dc_js_text(w, "type", "integer");
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (ranges[i].kind != kind)
            continue;
        dc_write_name(w, "minimum");
        dc_write_i64(w, ranges[i].least);
        dc_write_name(w, "maximum");
        dc_write_u64(w, ranges[i].most);
    }
}

/* The members of a schema object for one value of the field. */
static void write_kind(struct dc_writer *w, const struct dc_field *field) {
    switch (field->kind) {
    case DC_BOOL:
        dc_js_text(w, "type", "boolean");
        break;
    case DC_F64:
        dc_js_text(w, "type", "number");
        break;
    case DC_STRING:
        dc_js_text(w, "type", "string");
        break;
    case DC_RECORD:
        dc_js_ref(w, field->type);
        break;
    case DC_ANY:
        break;
    default:
        dc_js_range(w, field->kind);
    }
}

/* {"anyOf": [{...}, {"type": "null"}]} without the outer braces. */
static void write_nullable(struct dc_writer *w, const struct dc_field *field,
                           void (*write)(struct dc_writer *, const struct dc_field *)) {
    dc_js_open(w, "anyOf", '[');
    dc_write_open(w, '{');
    write(w, field);
    dc_write_close(w, '}');
    dc_write_open(w, '{');
    dc_js_text(w, "type", "null");
    dc_write_close(w, '}');
    dc_write_close(w, ']');
}

static void write_shape(struct dc_writer *w, const struct dc_field *field) {
    enum { TEN = 10 };
    if (field->shape == DC_ONE) {
        write_kind(w, field);
        return;
    }
    dc_js_text(w, "type", "array");
    dc_js_open(w, "items", '{');
    if (field->shape == DC_HOLES)
        write_nullable(w, field, write_kind);
    else
        write_kind(w, field);
    dc_write_close(w, '}');
    if (field->shape != DC_LIST_OF_10)
        return;
    dc_write_name(w, "minItems");
    dc_write_u64(w, TEN);
    dc_write_name(w, "maxItems");
    dc_write_u64(w, TEN);
}

static bool may_be_null(const struct dc_field *field) {
    return field->rule == DC_OPTIONAL || field->rule == DC_NULLED ||
           field->rule == DC_LAST;
}

static void write_default(struct dc_writer *w, const struct dc_field *field) {
    bool has_default = field->rule == DC_DEFAULTED || field->rule == DC_WRITTEN;
    if (!has_default || (field->shape == DC_ONE && field->kind == DC_RECORD))
        return;
    dc_write_name(w, "default");
    if (field->shape != DC_ONE) {
        dc_write_open(w, '[');
        dc_write_close(w, ']');
    } else if (field->kind == DC_BOOL) {
        dc_write_bool(w, false);
    } else if (field->kind == DC_STRING) {
        dc_write_text(w, "");
    } else {
        dc_write_u64(w, 0);
    }
}

/* The meaning with the unit behind it. */
void dc_js_description(struct dc_writer *w, const struct dc_field *field) {
    static const char *const units[] = {
        [DC_PLAIN] = "",         [DC_ADDRESS] = " (address)", [DC_BYTES] = " (bytes)",
        [DC_PAGES] = " (pages)", [DC_NS] = " (ns)",           [DC_US] = " (us)",
        [DC_MS] = " (ms)",       [DC_JIFFIES] = " (jiffies)", [DC_BITMAP] = " (bit set)",
    };
    char text[256];
    snprintf(text, sizeof(text), "%s%s", field->meaning, units[field->unit]);
    dc_js_text(w, "description", text);
}

/* ---- types ---- */

static void write_fields(struct dc_writer *w, const struct dc_type *type) {
    dc_js_open(w, "properties", '{');
    for (size_t i = 0; i < type->n_fields; i++) {
        const struct dc_field *field = &type->fields[i];
        dc_js_open(w, field->name, '{');
        dc_js_description(w, field);
        if (may_be_null(field))
            write_nullable(w, field, write_shape);
        else
            write_shape(w, field);
        write_default(w, field);
        dc_write_close(w, '}');
    }
    dc_write_close(w, '}');
}

static void write_required(struct dc_writer *w, const struct dc_type *type) {
    dc_js_open(w, "required", '[');
    for (size_t i = 0; i < type->n_fields; i++) {
        enum dc_rule rule = type->fields[i].rule;
        if (rule == DC_REQUIRED || rule == DC_TAG || rule == DC_VALUE)
            dc_write_text(w, type->fields[i].name);
    }
    dc_write_close(w, ']');
}

/* One of the members with the rule DC_EITHER, and no other. */
void dc_js_alternatives(struct dc_writer *w, const struct dc_type *type) {
    bool open = false;
    for (size_t i = 0; i < type->n_fields; i++) {
        if (type->fields[i].rule != DC_EITHER)
            continue;
        if (!open)
            dc_js_open(w, "oneOf", '[');
        open = true;
        dc_write_open(w, '{');
        dc_js_open(w, "required", '[');
        dc_write_text(w, type->fields[i].name);
        dc_write_close(w, ']');
        dc_write_close(w, '}');
    }
    if (open)
        dc_write_close(w, ']');
}

/* "type": "object" with the one property NAME, which is needed; left open for more. */
static void open_property(struct dc_writer *w, const char *name) {
    dc_js_text(w, "type", "object");
    dc_js_open(w, "required", '[');
    dc_write_text(w, name);
    dc_write_close(w, ']');
    dc_js_open(w, "properties", '{');
    dc_js_open(w, name, '{');
}

static void close_property(struct dc_writer *w) {
    dc_write_close(w, '}');
    dc_write_close(w, '}');
}

/* The choice's own schema, and the tag that says so. */
static void write_tagged(struct dc_writer *w, const char *tag,
                         const struct dc_type *choice) {
    dc_write_open(w, '{');
    dc_js_ref(w, choice);
    open_property(w, tag);
    dc_js_text(w, "const", choice->tag_value);
    close_property(w);
    dc_write_close(w, '}');
}

/* {"NAME": {...}}, or for a choice without fields "NAME" and {"NAME": null}. */
static void write_named(struct dc_writer *w, const struct dc_type *choice) {
    if (choice->n_fields == 0) {
        dc_write_open(w, '{');
        dc_js_text(w, "const", choice->tag_value);
        dc_write_close(w, '}');
    }
    dc_write_open(w, '{');
    open_property(w, choice->tag_value);
    if (choice->n_fields == 0)
        dc_js_text(w, "type", "null");
    else
        dc_js_ref(w, choice);
    close_property(w);
    dc_write_name(w, "additionalProperties");
    dc_write_bool(w, false);
    dc_write_close(w, '}');
}

static void write_union(struct dc_writer *w, const struct dc_type *type) {
    dc_js_open(w, "oneOf", '[');
    for (size_t i = 0; i < type->n_choices; i++) {
        if (type->tag)
            write_tagged(w, type->tag, type->choices[i]);
        else
            write_named(w, type->choices[i]);
    }
    dc_write_close(w, ']');
}

static void write_type(struct dc_writer *w, const struct dc_type *type) {
    dc_js_open(w, type->name, '{');
    dc_js_text(w, "description", type->meaning);
    if (type->choices) {
        write_union(w, type);
    } else {
        dc_js_text(w, "type", "object");
        write_fields(w, type);
        write_required(w, type);
        dc_js_alternatives(w, type);
    }
    dc_write_close(w, '}');
}

/* ---- whole schemas ---- */

static void write_defs(struct dc_writer *w, struct dc_types *types) {
    dc_types_add_needed(types);
    dc_js_open(w, "$defs", '{');
    for (size_t i = 0; i < types->count; i++)
        write_type(w, types->all[i]);
    dc_write_close(w, '}');
}

void dc_js_begin(struct dc_writer *w, const char *title) {
    dc_js_text(w, "$schema", DIALECT);
    dc_js_text(w, "title", title);
}

/* Only at the top of a document does the value of "schema" count (wire-format 1.2). */
static bool is_variant(const struct dc_type *type) {
    return type->n_fields > 0 && type->fields[0].rule == DC_TAG;
}

void dc_json_schema_write(struct dc_writer *w, const struct dc_type *type) {
    struct dc_types types = {.count = 0};
    dc_types_add(&types, type);
    dc_write_open(w, '{');
    dc_js_begin(w, type->name);
    dc_js_ref(w, type);
    if (is_variant(type)) {
        open_property(w, type->fields[0].name);
        dc_js_text(w, "const", type->tag_value);
        close_property(w);
    }
    write_defs(w, &types);
    dc_write_close(w, '}');
}

void dc_json_schema_write_any(struct dc_writer *w) {
    static const struct dc_type *const variants[] = {
        &dc_type_SINGLE, &dc_type_DUAL, &dc_type_DEGRADED, &dc_type_DEBUG_CAPTURE};
    struct dc_types types = {.count = 0};
    dc_write_open(w, '{');
    dc_js_begin(w, "a document that dumpctl reads");
    dc_js_open(w, "oneOf", '[');
    for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
        dc_types_add(&types, variants[i]);
        write_tagged(w, variants[i]->fields[0].name, variants[i]);
    }
    dc_types_add(&types, &dc_type_REASON);
    dc_types_add(&types, &dc_type_SAMPLE);
    for (size_t i = types.count - 2; i < types.count; i++) {
        dc_write_open(w, '{');
        dc_js_ref(w, types.all[i]);
        dc_write_close(w, '}');
    }
    dc_write_close(w, ']');
    write_defs(w, &types);
    dc_write_close(w, '}');
}
