/*
 * uniform: one JSON shape for every variant, made for jq.
 *
 * Addresses and bit sets are "0x..." strings and integers beyond 2^53 decimal strings, so
 * that a reader of doubles loses nothing; lists are always there, values that a report
 * does not have are left out. The sections follow the schema tables. The shape has a
 * version: a member that changes its meaning or goes makes it DC_UNIFORM_VERSION + 1, new
 * members do not.
 */
#ifndef DUMPCTL_LIB_UNIFORM_H
#define DUMPCTL_LIB_UNIFORM_H

#include "lib/model.h"
#include "lib/writer.h"

enum { DC_UNIFORM_VERSION = 1 };

struct dc_uniform_options {
    struct dc_alloc alloc;
    bool exact_numbers; /* integers beyond 2^53 as JSON numbers too */
};

/*
 * Writes the model as one object. 0, or -1 with `err` set where memory ran out; failures
 * of the sink are the writer's to tell.
 */
int dc_uniform_write(struct dc_writer *w, const struct dc_model *model,
                     const struct dc_uniform_options *options,
                     struct dc_error *err) DC_MUST_USE;

/* Whether field `i` of a type stands in the shape in a form of its own, or not at all. All
   others stand there as the tables have them. */
bool dc_uniform_has_own_form(const struct dc_type *type, size_t i);

/* The members of one record of the document, for whoever writes an object around them. */
void dc_uniform_members(struct dc_writer *w, const struct dc_rec *rec,
                        bool exact_numbers);

/* One of them with its name: field `i` of the record's type. */
void dc_uniform_member(struct dc_writer *w, const struct dc_rec *rec, size_t i,
                       bool exact_numbers);

/* A choice of a union without a tag: its "name", and its members beside it. */
void dc_uniform_choice(struct dc_writer *w, const struct dc_rec *rec, bool exact_numbers);

/* A rendered value as plain JSON: a struct is an object, an array an array. */
void dc_uniform_value(struct dc_writer *w, const struct dc_rec *value,
                      bool exact_numbers);

#endif
