/*
 * stats_meta: what a scheduler says about its statistics: the answer to `stats_meta`
 * (scheduler-stats 1.5), read into structs and fields.
 *
 * Everything lives in the arena of the meta and points into nothing else: the text may go.
 * What a member does not say the way the protocol has it is left empty, never a fault: a
 * description that cannot be read must not stand in the way of values that can.
 */
#ifndef DUMPCTL_LIB_STATS_META_H
#define DUMPCTL_LIB_STATS_META_H

#include "lib/buf.h"
#include "lib/doc.h"

enum dc_stats_shape { DC_STATS_DATUM, DC_STATS_ARRAY, DC_STATS_DICT, DC_STATS_UNKNOWN };

struct dc_stats_user { /* "user": what the scheduler's author has added for readers */
    struct dc_str name, value;
    const struct dc_stats_user *next;
};

struct dc_stats_field {
    struct dc_str name;
    struct dc_str desc; /* p NULL: none */
    enum dc_stats_shape shape;
    struct dc_str key;     /* of a dictionary: "i64", "u64", "string" */
    struct dc_str datum;   /* "i64", "u64", "float", "string"; p NULL: a struct */
    struct dc_str of_name; /* of the struct; p NULL: a plain datum */
    const struct dc_stats_struct *of;  /* that struct, where meta has it */
    const struct dc_stats_user *user;  /* the first, in order of the text */
    const struct dc_stats_field *next; /* in its struct */
};

struct dc_stats_struct {
    struct dc_str name, desc;
    bool top; /* said to be what `stats` gives for the target "top" */
    const struct dc_stats_user *user;
    const struct dc_stats_field *fields; /* the first, in order of the text */
    size_t n_fields;
    size_t references; /* fields of any struct that are of this one */
    const struct dc_stats_struct *next;
};

struct dc_stats_meta {
    const struct dc_stats_struct *structs; /* the first, in order of the text */
    const struct dc_stats_struct *top;     /* NULL: none says so */
    /* private */
    struct dc_arena arena;
};

/*
 * `text` is JSON. 0; -1 with `err` set where it is none, no object, or memory runs out: then
 * nothing is to be freed.
 */
int dc_stats_meta_read(struct dc_stats_meta *meta, const char *text, size_t len,
                       struct dc_alloc alloc, struct dc_error *err) DC_MUST_USE;

void dc_stats_meta_done(struct dc_stats_meta *meta);

/* The struct of that name, the field of that name: NULL where there is none. */
const struct dc_stats_struct *dc_stats_struct_find(const struct dc_stats_meta *meta,
                                                   struct dc_str name);
const struct dc_stats_field *dc_stats_field_find(const struct dc_stats_struct *of,
                                                 struct dc_str name);

/* A member of "user"; p is NULL where there is none. */
struct dc_str dc_stats_user_find(const struct dc_stats_user *user, const char *name);

/*
 * The unit of a field's values where the scheduler says it: in "user" as `unit`, or in the
 * description: "in usecs", "(ms)", "[bytes]", a "%" that is a word. Else p is NULL: neither
 * the field's name nor its size is taken for one.
 */
struct dc_str dc_stats_unit(const struct dc_stats_field *field);

/* Adds its type in words: "u64", "array of float", "dict of string to struct Layer". */
void dc_stats_type_words(const struct dc_stats_field *field, struct dc_buf *out);

#endif
