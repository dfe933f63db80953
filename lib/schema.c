#include "lib/schema.h"

#include <string.h>

/* Names of the tables are short; in a text each byte may be written as \u00NN. */
enum { LONGEST_NAME = 40, LONGEST_RAW = 6 * LONGEST_NAME };

/* A row of tables.h as a dc_field. `sub` is NONE or the id of a type. */
#define FIELD(id, name_, kind_, shape_, rule_, unit_, sub, meaning_)                     \
    {.name = #name_,                                                                     \
     .kind = DC_##kind_,                                                                 \
     .shape = DC_##shape_,                                                               \
     .rule = DC_##rule_,                                                                 \
     .unit = DC_##unit_,                                                                 \
     .type = DC_TYPE_POINTER_##kind_(sub),                                               \
     .meaning = meaning_},

/* Only a record has a type. */
#define DC_TYPE_POINTER_RECORD(sub) &dc_type_##sub
#define DC_TYPE_POINTER_BOOL(sub) NULL
#define DC_TYPE_POINTER_U8(sub) NULL
#define DC_TYPE_POINTER_U32(sub) NULL
#define DC_TYPE_POINTER_U64(sub) NULL
#define DC_TYPE_POINTER_I32(sub) NULL
#define DC_TYPE_POINTER_I64(sub) NULL
#define DC_TYPE_POINTER_F64(sub) NULL
#define DC_TYPE_POINTER_STRING(sub) NULL
#define DC_TYPE_POINTER_ANY(sub) NULL

#define FITS(id, name_, kind_, shape_, rule_, unit_, sub, meaning_)                      \
    _Static_assert(sizeof(#name_) <= LONGEST_NAME, #name_ ": too long");

#define TYPE(id, name_, tag_value_, key_, meaning_)                                      \
    DC_##id##_FIELDS(FITS) static const struct dc_field fields_##id[] = {                \
        DC_##id##_FIELDS(FIELD)};                                                        \
    _Static_assert((int)DC_AT_##id##_COUNT <= DC_MAX_FIELDS, name_ ": too many");        \
    const struct dc_type dc_type_##id = {.name = name_,                                  \
                                         .meaning = meaning_,                            \
                                         .fields = fields_##id,                          \
                                         .n_fields = DC_AT_##id##_COUNT,                 \
                                         .key = key_,                                    \
                                         .tag_value = tag_value_};

DC_TYPES(TYPE)
DC_OWN_TYPES(TYPE)

static const struct dc_type *const rendered_values[] = {
    &dc_type_RV_INT,         &dc_type_RV_UINT, &dc_type_RV_BOOL,   &dc_type_RV_CHAR,
    &dc_type_RV_FLOAT,       &dc_type_RV_ENUM, &dc_type_RV_STRUCT, &dc_type_RV_ARRAY,
    &dc_type_RV_CPU_LIST,    &dc_type_RV_PTR,  &dc_type_RV_BYTES,  &dc_type_RV_TRUNCATED,
    &dc_type_RV_UNSUPPORTED,
};

const struct dc_type dc_type_RV = {
    .name = "RenderedValue",
    .meaning = "a value of guest memory with its type",
    .tag = "kind",
    .choices = rendered_values,
    .n_choices = sizeof(rendered_values) / sizeof(rendered_values[0]),
};

static const struct dc_type *const reasons[] = {
    &dc_type_NO_SCHEDULER_BINARY, &dc_type_NO_SCHEDULER,       &dc_type_DURING_FREEZE,
    &dc_type_CANCELLED,           &dc_type_SCHEDULER_ERROR,    &dc_type_MISSING_RESP,
    &dc_type_REQUEST_TOO_LARGE,   &dc_type_RESPONSE_TOO_LARGE, &dc_type_MUTEX_POISONED,
};

const struct dc_type dc_type_REASON = {
    .name = "MissingStatsReason",
    .meaning = "why there are no statistics",
    .choices = reasons,
    .n_choices = sizeof(reasons) / sizeof(reasons[0]),
};

static const struct dc_type *const samples[] = {&dc_type_MISSING_STATS};

const struct dc_type dc_type_SAMPLE = {
    .name = "SnapshotError",
    .meaning = "a sample that has no statistics, and why",
    .choices = samples,
    .n_choices = 1,
};

/* A name from outside may hold NULs: it is no C string. */
static bool is_name(const char *have, const char *name, size_t len) {
    return strlen(have) == len && memcmp(have, name, len) == 0;
}

/* Resolves the escapes of `raw`. false: it is longer than every name of the tables. */
static bool resolve(struct dc_span raw, char text[LONGEST_RAW], size_t *len) {
    if (raw.len > LONGEST_RAW)
        return false;
    *len = dc_unescape(raw, text);
    return true;
}

const struct dc_type *dc_schema_choice(const struct dc_type *type, const char *name,
                                       size_t len) {
    for (size_t i = 0; i < type->n_choices; i++)
        if (is_name(type->choices[i]->tag_value, name, len))
            return type->choices[i];
    return NULL;
}

const struct dc_type *dc_schema_choice_raw(const struct dc_type *type,
                                           struct dc_span raw) {
    char text[LONGEST_RAW];
    size_t len;
    return resolve(raw, text, &len) ? dc_schema_choice(type, text, len) : NULL;
}

int dc_schema_find(const struct dc_type *type, const char *name, size_t len,
                   size_t hint) {
    for (size_t i = 0; i < type->n_fields; i++) {
        size_t at = (hint + i) % type->n_fields;
        if (is_name(type->fields[at].name, name, len))
            return (int)at;
    }
    return -1;
}

int dc_schema_find_raw(const struct dc_type *type, struct dc_span raw, size_t hint) {
    char text[LONGEST_RAW];
    size_t len;
    if (!memchr(raw.p, '\\', raw.len))
        return dc_schema_find(type, raw.p, raw.len, hint);
    return resolve(raw, text, &len) ? dc_schema_find(type, text, len, hint) : -1;
}
