/*
 * wire: a checked document in the form in which the reference writes it.
 *
 * Field order, omissions and the null rules come from the tables (wire-format 1.5 and the
 * "omitted when" columns). Unknown members stand behind the known ones, sorted by name;
 * members with the rule DC_LAST behind those.
 */
#ifndef DUMPCTL_LIB_WIRE_H
#define DUMPCTL_LIB_WIRE_H

#include "lib/doc.h"
#include "lib/writer.h"

/*
 * Writes `rec`, read as `declared` from `text` of `len` bytes. 0, or -1 with `err` set where memory for
 * sorting ran out; failures of the sink are the writer's to tell.
 */
int dc_wire_write(struct dc_writer *w, const struct dc_rec *rec,
                  const struct dc_type *declared, const char *text, size_t len,
                  struct dc_alloc alloc, struct dc_error *err) DC_MUST_USE;

/*
 * Free JSON as serde_json writes a parsed value: names sorted, of equal names the last,
 * numbers normalised (scheduler-stats 3.3). `value` must have been checked.
 */
int dc_wire_write_any(struct dc_writer *w, struct dc_span value, struct dc_alloc alloc,
                      struct dc_error *err) DC_MUST_USE;

#endif
