/*
 * alike: whether two records of one type say the same.
 *
 * What is absent and what is default are alike where the table says so, and the order of
 * members does not matter. The elements of a list that have a key in the table are found
 * by it, wherever they stand; those of other lists by their place. Unknown members count,
 * in their canonical form.
 *
 * Noise differs from run to run without meaning anything: addresses, times, and what
 * identifies a thing inside one run only. It is told apart from a difference.
 */
#ifndef DUMPCTL_LIB_ALIKE_H
#define DUMPCTL_LIB_ALIKE_H

#include "lib/doc.h"

enum dc_alike {
    DC_ALIKE_FAILED = -1, /* memory ran out: the error is set */
    DC_ALIKE_SAME,
    DC_ALIKE_NOISE, /* the same but for noise */
    DC_ALIKE_DIFFERENT,
};

/* Which two documents are compared, and how; side 0 and side 1. */
struct dc_alike_pair {
    struct dc_alloc alloc;
    const char *text[2]; /* the whole input of each */
    size_t len[2];
    bool addresses; /* addresses and register contents are no noise */
    struct dc_error *err;
};

/* Whether field `i` of `type` is noise by itself. */
bool dc_alike_is_noise(const struct dc_alike_pair *pair, const struct dc_type *type,
                       size_t i);

/* Field `i` of records of `type`. Either may be NULL: a record that is absent, which has
   zero, nothing or an empty list in every field. */
enum dc_alike dc_alike_field(const struct dc_alike_pair *pair, const struct dc_type *type,
                             const struct dc_rec *a, const struct dc_rec *b, size_t i);

/* All fields, and the unknown members. `declared`: what both were read as. */
enum dc_alike dc_alike_record(const struct dc_alike_pair *pair,
                              const struct dc_type *declared, const struct dc_rec *a,
                              const struct dc_rec *b);

/* The unknown members alone; the records may be of different types. */
enum dc_alike dc_alike_unknown(const struct dc_alike_pair *pair,
                               const struct dc_type *declared, const struct dc_rec *a,
                               const struct dc_rec *b);

/*
 * Whether two texts of the format are the same but for times inside them: digits before
 * "ms" and behind "peak=" (wire-format 8.2 and 8.3).
 */
enum dc_alike dc_alike_words(struct dc_str a, struct dc_str b);

#endif
