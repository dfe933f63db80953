#include "lib/json_schema_private.h"

#include "lib/uniform.h"

/* What a member is in the uniform shape: lib/uniform_value.c writes it. */

static void write_pattern(struct dc_writer *w, const char *pattern) {
    dc_js_text(w, "type", "string");
    dc_js_text(w, "pattern", pattern);
}

/* A number up to 2^53, else its digits as a string; --numbers=exact: a number always. */
static void write_integer(struct dc_writer *w, const struct dc_field *field) {
    if (field->kind != DC_U64 && field->kind != DC_I64) {
        dc_js_range(w, field->kind);
        return;
    }
    dc_js_open(w, "anyOf", '[');
    dc_write_open(w, '{');
    dc_js_range(w, field->kind);
    dc_write_close(w, '}');
    dc_write_open(w, '{');
    write_pattern(w, "^-?[0-9]{16,20}$");
    dc_write_close(w, '}');
    dc_write_close(w, ']');
}

static bool is_hex(const struct dc_field *field) {
    bool is_unsigned =
        field->kind == DC_U8 || field->kind == DC_U32 || field->kind == DC_U64;
    return is_unsigned && (field->unit == DC_ADDRESS || field->unit == DC_BITMAP);
}

/* Of a union without a tag: the choice's name, and its members beside it. */
static void write_choice(struct dc_writer *w, const struct dc_type *type) {
    dc_js_text(w, "type", "object");
    dc_js_open(w, "required", '[');
    dc_write_text(w, "name");
    dc_write_close(w, ']');
    dc_js_open(w, "properties", '{');
    dc_js_open(w, "name", '{');
    dc_js_open(w, "enum", '[');
    for (size_t i = 0; i < type->n_choices; i++)
        dc_write_text(w, type->choices[i]->tag_value);
    dc_write_close(w, ']');
    dc_write_close(w, '}');
    dc_write_close(w, '}');
}

static void write_kind(struct dc_writer *w, const struct dc_field *field) {
    if (is_hex(field))
        write_pattern(w, "^0x[0-9a-f]{1,16}$");
    else if (field->kind == DC_BOOL)
        dc_js_text(w, "type", "boolean");
    else if (field->kind == DC_F64)
        dc_js_text(w, "type", "number");
    else if (field->kind == DC_STRING)
        dc_js_text(w, "type", "string");
    else if (field->kind == DC_RECORD && field->type->choices &&
             field->type != &dc_type_RV)
        write_choice(w, field->type);
    else if (field->kind == DC_RECORD && field->type != &dc_type_RV)
        dc_js_ref(w, field->type);
    else if (field->kind != DC_RECORD && field->kind != DC_ANY)
        write_integer(w, field);
}

/* A rendered value is plain JSON of any kind: no constraint, but null has a meaning. */
static void write_element(struct dc_writer *w, const struct dc_field *field) {
    if (field->shape != DC_HOLES) {
        write_kind(w, field);
        return;
    }
    dc_js_open(w, "anyOf", '[');
    dc_write_open(w, '{');
    write_kind(w, field);
    dc_write_close(w, '}');
    dc_write_open(w, '{');
    dc_js_text(w, "type", "null");
    dc_write_close(w, '}');
    dc_write_close(w, ']');
}

static void write_member(struct dc_writer *w, const struct dc_field *field) {
    dc_js_open(w, field->name, '{');
    dc_js_description(w, field);
    if (field->shape == DC_ONE) {
        write_kind(w, field);
    } else {
        dc_js_text(w, "type", "array");
        dc_js_open(w, "items", '{');
        write_element(w, field);
        dc_write_close(w, '}');
    }
    dc_write_close(w, '}');
}

/* Lists, and values that have a default, are always there. */
static bool is_always_there(const struct dc_field *field) {
    if (field->shape != DC_ONE || field->rule == DC_REQUIRED || field->rule == DC_VALUE)
        return true;
    return field->kind != DC_RECORD &&
           (field->rule == DC_DEFAULTED || field->rule == DC_WRITTEN);
}

static void write_members(struct dc_writer *w, const struct dc_type *type) {
    for (size_t i = 0; i < type->n_fields; i++)
        if (!dc_uniform_has_own_form(type, i))
            write_member(w, &type->fields[i]);
}

static void write_type(struct dc_writer *w, const struct dc_type *type) {
    dc_js_open(w, type->name, '{');
    dc_js_text(w, "description", type->meaning);
    dc_js_text(w, "type", "object");
    dc_js_open(w, "properties", '{');
    write_members(w, type);
    dc_write_close(w, '}');
    dc_js_open(w, "required", '[');
    for (size_t i = 0; i < type->n_fields; i++)
        if (!dc_uniform_has_own_form(type, i) && is_always_there(&type->fields[i]))
            dc_write_text(w, type->fields[i].name);
    dc_write_close(w, ']');
    dc_js_alternatives(w, type);
    dc_write_close(w, '}');
}

/* ---- the shape's own members ---- */

enum own_kind {
    OWN_COUNT,
    OWN_VALUE,
    OWN_BOOL,
    OWN_TEXT,
    OWN_TEXT_OR_NULL,
    OWN_STATE,
    OWN_PHASE
};

/* OWN_VALUE: a number of the report, beyond 2^53 its digits as a string. */
struct own {
    const char *name;
    enum own_kind kind;
    bool required;
    const char *meaning;
};

static void write_words(struct dc_writer *w, const char *const *words) {
    dc_js_open(w, "enum", '[');
    for (; *words; words++)
        dc_write_text(w, *words);
    dc_write_close(w, ']');
}

static void write_own(struct dc_writer *w, const struct own *own) {
    static const char *const states[] = {"parked", "not_parked", "unavailable", NULL};
    static const char *const phases[] = {"only", "early", "late", NULL};
    dc_js_open(w, own->name, '{');
    dc_js_text(w, "description", own->meaning);
    if (own->kind == OWN_COUNT) {
        dc_js_text(w, "type", "integer");
        dc_write_name(w, "minimum");
        dc_write_u64(w, 0);
    } else if (own->kind == OWN_TEXT_OR_NULL || own->kind == OWN_VALUE) {
        dc_js_open(w, "type", '[');
        dc_write_text(w, "string");
        dc_write_text(w, own->kind == OWN_VALUE ? "integer" : "null");
        dc_write_close(w, ']');
    } else if (own->kind == OWN_STATE || own->kind == OWN_PHASE) {
        write_words(w, own->kind == OWN_STATE ? states : phases);
    } else {
        dc_js_text(w, "type", own->kind == OWN_BOOL ? "boolean" : "string");
    }
    dc_write_close(w, '}');
}

static void write_own_required(struct dc_writer *w, const struct own *own, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (own[i].required)
            dc_write_text(w, own[i].name);
}

static void open_object(struct dc_writer *w, const char *name) {
    dc_js_open(w, name, '{');
    dc_js_text(w, "type", "object");
    dc_js_open(w, "properties", '{');
}

static void name_ref(struct dc_writer *w, const char *name, const struct dc_type *type) {
    dc_js_open(w, name, '{');
    dc_js_ref(w, type);
    dc_write_close(w, '}');
}

static void name_array(struct dc_writer *w, const char *name, const char *ref) {
    dc_js_open(w, name, '{');
    dc_js_text(w, "type", "array");
    dc_js_open(w, "items", '{');
    dc_js_text(w, "$ref", ref);
    dc_write_close(w, '}');
    dc_write_close(w, '}');
}

static void write_vcpu(struct dc_writer *w) {
    static const struct own own[] = {
        {"id", OWN_COUNT, true, "vCPU, 0 is the BSP"},
        {"state", OWN_STATE, true,
         "not_parked: never stopped; unavailable: no registers"},
    };
    enum { N = sizeof(own) / sizeof(own[0]) };
    open_object(w, "UniformVcpu");
    for (size_t i = 0; i < N; i++)
        write_own(w, &own[i]);
    name_ref(w, "regs", &dc_type_VCPU_REGS);
    name_ref(w, "detail", &dc_type_VCPU);
    dc_write_close(w, '}');
    dc_js_open(w, "required", '[');
    write_own_required(w, own, N);
    dc_write_close(w, ']');
    dc_write_close(w, '}');
}

static void write_snapshot(struct dc_writer *w) {
    static const struct own own[] = {
        {"phase", OWN_PHASE, true, "which half of a dual report, or the only one"},
        {"is_placeholder", OWN_BOOL, true, "the capture produced nothing"},
        {"total", OWN_COUNT, true, "vCPUs"},
        {"parked", OWN_COUNT, true, "of these: parked"},
        {"not_parked", OWN_COUNT, true, "of these: never parked"},
        {"unavailable", OWN_COUNT, true, "of these: without registers"},
    };
    enum { N = sizeof(own) / sizeof(own[0]) };
    open_object(w, "UniformSnapshot");
    for (size_t i = 0; i < N; i++)
        write_own(w, &own[i]);
    name_array(w, "vcpus", "#/$defs/UniformVcpu");
    write_members(w, &dc_type_SINGLE);
    write_members(w, &dc_type_DEGRADED);
    name_ref(w, "dumpctl", &dc_type_DUMPCTL);
    dc_write_close(w, '}');
    dc_js_open(w, "required", '[');
    write_own_required(w, own, N);
    dc_write_text(w, "vcpus");
    dc_write_close(w, ']');
    dc_write_close(w, '}');
}

static void write_exit_kind(struct dc_writer *w) {
    static const struct own own[] = {
        {"name", OWN_TEXT, true, "the kernel's name of it, or unknown"},
        {"value", OWN_COUNT, true, "its number"},
    };
    enum { N = sizeof(own) / sizeof(own[0]) };
    dc_js_open(w, "exit_kind", '{');
    dc_js_open(w, "type", '[');
    dc_write_text(w, "object");
    dc_write_text(w, "null");
    dc_write_close(w, ']');
    dc_js_open(w, "properties", '{');
    for (size_t i = 0; i < N; i++)
        write_own(w, &own[i]);
    dc_write_close(w, '}');
    dc_write_close(w, '}');
}

static void write_missing(struct dc_writer *w) {
    static const struct own own[] = {
        {"name", OWN_TEXT, true, "the reason"},
        {"text", OWN_TEXT, true, "the reason in words"},
    };
    enum { N = sizeof(own) / sizeof(own[0]) };
    open_object(w, "missing_stats");
    for (size_t i = 0; i < N; i++)
        write_own(w, &own[i]);
    dc_write_close(w, '}');
    dc_js_open(w, "required", '[');
    write_own_required(w, own, N);
    dc_write_close(w, ']');
    dc_write_close(w, '}');
}

static void write_variant(struct dc_writer *w) {
    static const char *const variants[] = {"single", "dual", "degraded", "missing_stats",
                                           NULL};
    dc_js_open(w, "variant", '{');
    write_words(w, variants);
    dc_write_close(w, '}');
    dc_js_open(w, "version", '{');
    dc_write_name(w, "const");
    dc_write_u64(w, DC_UNIFORM_VERSION);
    dc_write_close(w, '}');
}

static void write_document(struct dc_writer *w) {
    static const struct own own[] = {
        {"file", OWN_TEXT_OR_NULL, true, "the input, - for standard input"},
        {"document", OWN_COUNT, false,
         "which one of the input, from 1, where it holds several"},
        {"cause", OWN_TEXT, false, "what happened, in a few words"},
        {"reason", OWN_TEXT, false, "degraded: its own words"},
        {"watchpoint_hit", OWN_BOOL, false, "degraded"},
        {"bss_latch_state", OWN_TEXT, false, "degraded"},
        {"elapsed_ms", OWN_VALUE, false, "degraded: from the trigger to giving up"},
        {"early_max_age_jiffies", OWN_VALUE, false, "dual"},
        {"early_threshold_jiffies", OWN_VALUE, false, "dual"},
        {"early_skipped_reason", OWN_TEXT_OR_NULL, false, "dual: why there is no early"},
        {"tag", OWN_TEXT_OR_NULL, false, "missing_stats: the sample's tag"},
        {"unknown_members", OWN_COUNT, false, "members that dumpctl does not know"},
    };
    enum { N = sizeof(own) / sizeof(own[0]) };
    dc_js_text(w, "type", "object");
    dc_js_open(w, "properties", '{');
    write_variant(w);
    for (size_t i = 0; i < N; i++)
        write_own(w, &own[i]);
    write_exit_kind(w);
    write_missing(w);
    write_members(w, &dc_type_DUAL);
    write_members(w, &dc_type_MISSING_STATS);
    name_array(w, "snapshots", "#/$defs/UniformSnapshot");
    name_ref(w, "dumpctl", &dc_type_DUMPCTL);
    dc_write_close(w, '}');
    dc_js_open(w, "required", '[');
    dc_write_text(w, "version");
    dc_write_text(w, "variant");
    write_own_required(w, own, N);
    dc_write_text(w, "snapshots");
    dc_write_close(w, ']');
}

void dc_json_schema_write_uniform(struct dc_writer *w) {
    struct dc_types types = {.count = 0};
    dc_types_add(&types, &dc_type_SINGLE);
    dc_types_add(&types, &dc_type_DUAL);
    dc_types_add(&types, &dc_type_DEGRADED);
    dc_types_add(&types, &dc_type_DUMPCTL);
    dc_types_add_needed(&types);
    dc_write_open(w, '{');
    dc_js_begin(w, "what `dumpctl decode` prints");
    write_document(w);
    dc_js_open(w, "$defs", '{');
    write_vcpu(w);
    write_snapshot(w);
    for (size_t i = 0; i < types.count; i++)
        if (!types.all[i]->choices && !(types.all[i]->tag_value))
            write_type(w, types.all[i]);
    dc_write_close(w, '}');
    dc_write_close(w, '}');
}
