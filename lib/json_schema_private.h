/*
 * json_schema_private: what the two kinds of schema share (json_schema.c, of the wire
 * form, and json_schema_uniform.c). Nobody else includes it.
 */
#ifndef DUMPCTL_LIB_JSON_SCHEMA_PRIVATE_H
#define DUMPCTL_LIB_JSON_SCHEMA_PRIVATE_H

#include "lib/json_schema.h"

/* The types that a schema needs, each once, in the order in which they are met. */
enum { DC_MOST_TYPES = 128 };

struct dc_types {
    const struct dc_type *all[DC_MOST_TYPES];
    size_t count;
};

void dc_types_add(struct dc_types *types, const struct dc_type *type);

/* Adds what the types already there refer to, and what those refer to. */
void dc_types_add_needed(struct dc_types *types);

/* "NAME": "TEXT", and "NAME" with a container opened. */
void dc_js_text(struct dc_writer *w, const char *name, const char *text);
void dc_js_open(struct dc_writer *w, const char *name, char bracket);

/* "$ref" to a type in "$defs". */
void dc_js_ref(struct dc_writer *w, const struct dc_type *type);

/* The range of an integer kind, with its "type". */
void dc_js_range(struct dc_writer *w, enum dc_kind kind);

/* "oneOf": the members of which exactly one must be there; nothing where there are none. */
void dc_js_alternatives(struct dc_writer *w, const struct dc_type *type);

/* "description": the field's meaning, its unit behind it. */
void dc_js_description(struct dc_writer *w, const struct dc_field *field);

/* "$schema" and "title" of a whole schema. */
void dc_js_begin(struct dc_writer *w, const char *title);

#endif
