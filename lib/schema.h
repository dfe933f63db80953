/*
 * schema: what dumpctl knows of the wire types, as data.
 *
 * Each wire type is one constant table, and the tables alone drive reading and checking,
 * defaults, the order and the omissions of the wire form, and descriptions. The rows stand
 * in lib/tables.h (the format of the reference, spec wire-format 2 to 7) and
 * lib/tables_own.h (the member "dumpctl"). Upstream adds a field: add a row.
 */
#ifndef DUMPCTL_LIB_SCHEMA_H
#define DUMPCTL_LIB_SCHEMA_H

#include "lib/lex.h"
#include "lib/tables.h"
#include "lib/tables_own.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dc_kind {
    DC_BOOL,
    DC_U8,
    DC_U32,
    DC_U64,
    DC_I32,
    DC_I64,
    DC_F64,
    DC_STRING,
    DC_RECORD, /* an object of field->type; one with a tag is a tagged union */
    DC_ANY,    /* any JSON value, kept as it stands */
};

enum dc_shape {
    DC_ONE,
    DC_LIST,
    DC_HOLES,      /* a list whose elements may be null: the position has a meaning */
    DC_LIST_OF_10, /* a list of exactly ten */
};

/* What must be there, and what a writer leaves out (wire-format, legend and 1.4). */
enum dc_rule {
    DC_REQUIRED,  /* must be there, not null; always written */
    DC_TAG,       /* as DC_REQUIRED; written as the type's tag_value, whatever it was */
    DC_VALUE,     /* must be there, may be null; always written */
    DC_DEFAULTED, /* may be absent, then zero or empty; not null; omitted when default */
    DC_WRITTEN,   /* as DC_DEFAULTED, but always written */
    DC_OPTIONAL,  /* may be absent or null, both mean none; omitted when none */
    DC_NULLED,    /* as DC_OPTIONAL, but written as null when none */
    DC_LAST,      /* as DC_OPTIONAL, and written behind the unknown members */
    DC_EITHER,    /* exactly one of the record's members with this rule must be there; of
                     a DC_ANY null is a value, else not allowed; written where it is there */
};

enum dc_unit {
    DC_PLAIN,
    DC_ADDRESS,
    DC_BYTES,
    DC_PAGES,
    DC_NS,
    DC_US,
    DC_MS,
    DC_JIFFIES,
    DC_BITMAP, /* a set of bits, best read in hexadecimal */
};

/* What a number counts: between two reports its change says more than its two values. */
enum dc_quantity {
    DC_NO_QUANTITY,
    DC_AMOUNT,        /* how much of something there is */
    DC_RUNNING_TOTAL, /* how often something happened so far: it has a rate */
};

/* Words for the column of units that say both; a unit alone is no quantity where it is
   DC_PLAIN, DC_ADDRESS or DC_BITMAP, else an amount. */
enum {
    DC_QUANTITY_SHIFT = 8,
    DC_COUNT = DC_PLAIN | DC_AMOUNT << DC_QUANTITY_SHIFT,
    DC_TOTAL = DC_PLAIN | DC_RUNNING_TOTAL << DC_QUANTITY_SHIFT,
    DC_TOTAL_NS = DC_NS | DC_RUNNING_TOTAL << DC_QUANTITY_SHIFT,
    DC_TOTAL_PAGES = DC_PAGES | DC_RUNNING_TOTAL << DC_QUANTITY_SHIFT,
};

struct dc_type;

struct dc_field {
    const char *name;
    enum dc_kind kind;
    enum dc_shape shape;
    enum dc_rule rule;
    enum dc_unit unit;
    enum dc_quantity quantity;
    const struct dc_type *type; /* of a DC_RECORD */
    const char *meaning;        /* one line, no full stop */
};

struct dc_type {
    const char *name;
    const char *meaning;
    const struct dc_field *fields; /* in wire order; at most DC_MAX_FIELDS */
    size_t n_fields;
    /* The member by which a list's elements are recognised, or several, a blank between
       them; NULL: by their place. */
    const char *key;
    /* A union has choices and no fields. With `tag`, that string member names the choice,
       and its fields stand beside it. Without, the value is {"CHOICE": {fields}}, or the
       bare string "CHOICE" for a choice without fields. */
    const char *tag;
    const struct dc_type *const *choices;
    size_t n_choices;
    const char *tag_value; /* of a choice: its name */
};

#define DC_MAX_FIELDS 31 /* a record keeps a bit for each, and one more */
#define DC_MAX_NAME 40   /* bytes of a field's name, its NUL included */

/* Indexes into dc_type.fields: DC_AT_<TYPE>_<field>. */
#define DC_INDEX(type, name, kind, shape, rule, unit, sub, meaning) DC_AT_##type##_##name,
#define DC_TYPE_INDEXES(id, ...) enum { DC_##id##_FIELDS(DC_INDEX) DC_AT_##id##_COUNT };
DC_TYPES(DC_TYPE_INDEXES)
DC_OWN_TYPES(DC_TYPE_INDEXES)
#undef DC_TYPE_INDEXES
#undef DC_INDEX

/* One dc_type for each row of DC_TYPES: dc_type_SINGLE, dc_type_VCPU_REGS, ... */
#define DC_DECLARE(id, ...) extern const struct dc_type dc_type_##id;
DC_TYPES(DC_DECLARE)
DC_OWN_TYPES(DC_DECLARE)
#undef DC_DECLARE

extern const struct dc_type dc_type_RV;     /* the 13 kinds of a rendered value */
extern const struct dc_type dc_type_REASON; /* the 9 reasons for missing statistics */
extern const struct dc_type dc_type_SAMPLE; /* a reason with the tag of its sample */

/* The row called `name` (len bytes), or -1. `hint` is tried first: members mostly come in
   the order of the table. */
int dc_schema_find(const struct dc_type *type, const char *name, size_t len, size_t hint);

/* As dc_schema_find(), for a name as it stands in a text, escapes and all. */
int dc_schema_find_raw(const struct dc_type *type, struct dc_span raw, size_t hint);

/* The members that are the type's key, as indexes of fields. Returns how many they are. */
#define DC_MAX_KEYS 2
size_t dc_schema_keys(const struct dc_type *type, int keys[DC_MAX_KEYS]);

/* Whether `name` is one of them. */
bool dc_schema_is_key(const struct dc_type *type, const char *name);

/* The choice of a union called `name`, or NULL. */
const struct dc_type *dc_schema_choice(const struct dc_type *type, const char *name,
                                       size_t len);

/* As dc_schema_choice(), for a name as it stands in a text. */
const struct dc_type *dc_schema_choice_raw(const struct dc_type *type,
                                           struct dc_span raw);

#endif
