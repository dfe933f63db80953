/*
 * schema_aid: documents made from the schema tables, so that a row that is added is tested
 * without a word here: the least that each type needs, and the way to it from a root.
 */
#ifndef TESTS_SCHEMA_AID_H
#define TESTS_SCHEMA_AID_H

#include "lib/buf.h"
#include "lib/schema.h"

#include <stdbool.h>
#include <stddef.h>

/* printf into a buffer. */
void aid_put(struct dc_buf *out, const char *fmt, ...) DC_PRINTF(2, 3);

/* The member names and values of `type` that a reader insists on, with commas between,
   without braces and without the field `but` (-1: none). false: there is none. */
bool aid_put_required(struct dc_buf *out, const struct dc_type *type, int but);

/* Whether a reader insists on field `i`; of those of which one must be there, on the first. */
bool aid_is_required(const struct dc_type *type, size_t i);

/* The shortest value of a field: 0, "", [], an object with what it needs, ... */
void aid_put_least(struct dc_buf *out, const struct dc_field *field);

/* The shortest record of a type; of a union the choice `choice`, where that is not NULL. */
void aid_put_record(struct dc_buf *out, const struct dc_type *type,
                    const struct dc_type *choice);

/*
 * A document with a hole: head + a record (or, `list`: elements) + tail is a report.
 * `pointer` is the JSON Pointer of the hole's record; with `list`, of the list.
 */
struct aid_way {
    const struct dc_type *type;     /* of the record; a choice, never a union */
    const struct dc_type *declared; /* the union it is a choice of, or type */
    const struct dc_field *field;   /* that leads there; NULL: type is a root */
    const struct dc_type *owner;    /* whose field that is */
    struct dc_buf head, tail, pointer;
    bool list; /* the field is a list: head ends in '[' */
};

/* The ways to every type that can be reached, the roots first. Free with
   aid_ways_free(). */
struct aid_way *aid_ways(size_t *count);
void aid_ways_free(struct aid_way *ways, size_t count);

#endif
