/*
 * json_schema: the tables as JSON Schema (draft 2020-12), for editors and validators.
 *
 * A schema says what a reader accepts: unknown members are allowed, null only where the
 * table allows it, integers have their exact ranges. What JSON Schema cannot say (a member
 * that stands twice, 1.0 for an integer, nesting) it leaves out.
 */
#ifndef DUMPCTL_LIB_JSON_SCHEMA_H
#define DUMPCTL_LIB_JSON_SCHEMA_H

#include "lib/schema.h"
#include "lib/writer.h"

/* A document that dumpctl reads: any variant, or a reason for missing statistics. */
void dc_json_schema_write_any(struct dc_writer *w);

/* One type, with all types that it needs under "$defs". */
void dc_json_schema_write(struct dc_writer *w, const struct dc_type *type);

/* The uniform shape (lib/uniform.h). */
void dc_json_schema_write_uniform(struct dc_writer *w);

#endif
