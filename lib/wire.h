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

/* ---- parts of a document, for who writes them one by one ---- */

/* Where parts go, and the document that they are from. All is borrowed. */
struct dc_wire {
    struct dc_writer *w;
    const char *text; /* the whole input */
    size_t len;
    struct dc_alloc alloc;
    /* Fail where an object that is written has two unknown members of one name, or an
       unknown value has such an object in it: most readers would drop one of the two. */
    bool unique;
    struct dc_error *err;
};

/* Whether the member is left out. `slot` is dc_slot() of the record. */
bool dc_wire_omits(const struct dc_field *field, const union dc_slot *slot);

/* Zero, empty, or a record in which all is so. */
bool dc_wire_is_default(const struct dc_field *field, const union dc_slot *slot);

/* The value of field `i`, without the name; the field must not be omitted. 0, or -1. */
int dc_wire_write_field(const struct dc_wire *wire, const struct dc_rec *rec,
                        size_t i) DC_MUST_USE;

/* One element of the list `field`, or the value of a field of shape DC_ONE. 0, or -1. */
int dc_wire_write_element(const struct dc_wire *wire, const struct dc_field *field,
                          union dc_slot slot) DC_MUST_USE;

/* The value of an unknown member. 0, or -1. */
int dc_wire_write_unknown(const struct dc_wire *wire, struct dc_span value) DC_MUST_USE;

/* Fails for a raw name that stands twice, see dc_wire.unique. Returns -1. */
int dc_wire_fail_twice(struct dc_error *err, struct dc_span name);

/*
 * Free JSON as serde_json writes a parsed value: names sorted, of equal names the last,
 * numbers normalised (scheduler-stats 3.3). `value` must have been checked.
 */
int dc_wire_write_any(struct dc_writer *w, struct dc_span value, struct dc_alloc alloc,
                      struct dc_error *err) DC_MUST_USE;

/* The same for whoever asks whether two values mean the same: integers that no type holds
   stay as they are, instead of losing digits. */
int dc_wire_write_meaning(struct dc_writer *w, struct dc_span value,
                          struct dc_alloc alloc, struct dc_error *err) DC_MUST_USE;

#endif
