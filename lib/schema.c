#include "lib/schema.h"

#include <string.h>

/* What a word in the column of units says. */
#define UNIT(word) (enum dc_unit)((int)(word) & ((1 << DC_QUANTITY_SHIFT) - 1))
#define IS_QUANTITY(word)                                                                \
    ((int)(word) != (int)DC_PLAIN && (int)(word) != (int)DC_ADDRESS &&                   \
     (int)(word) != (int)DC_BITMAP)
#define QUANTITY(word)                                                                   \
    (int)(word) >> DC_QUANTITY_SHIFT                                                     \
        ? (enum dc_quantity)((int)(word) >> DC_QUANTITY_SHIFT)                           \
    : IS_QUANTITY(word) ? DC_AMOUNT                                                      \
                        : DC_NO_QUANTITY

/* A row of tables.h as a dc_field. `sub` is NONE or the id of a type. */
#define FIELD(id, name_, kind_, shape_, rule_, unit_, sub, meaning_)                     \
    {.name = #name_,                                                                     \
     .kind = DC_##kind_,                                                                 \
     .shape = DC_##shape_,                                                               \
     .rule = DC_##rule_,                                                                 \
     .unit = UNIT(DC_##unit_),                                                           \
     .quantity = QUANTITY(DC_##unit_),                                                   \
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
    _Static_assert(sizeof(#name_) <= DC_MAX_NAME, #name_ ": too long");

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

size_t dc_schema_keys(const struct dc_type *type, int keys[DC_MAX_KEYS]) {
    size_t n = 0;
    for (const char *at = type->key; at && n < DC_MAX_KEYS;) {
        size_t len = strcspn(at, " ");
        for (size_t i = 0; i < type->n_fields; i++)
            if (strncmp(type->fields[i].name, at, len) == 0 &&
                type->fields[i].name[len] == '\0')
                keys[n++] = (int)i;
        at = at[len] ? at + len + 1 : NULL;
    }
    return n;
}

bool dc_schema_is_key(const struct dc_type *type, const char *name) {
    int keys[DC_MAX_KEYS];
    for (size_t n = dc_schema_keys(type, keys); n-- > 0;)
        if (strcmp(type->fields[keys[n]].name, name) == 0)
            return true;
    return false;
}
