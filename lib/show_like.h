/*
 * show_like: whether rendered values are alike enough for a table, and its columns. A part
 * of show; nobody else uses it.
 */
#ifndef DUMPCTL_LIB_SHOW_LIKE_H
#define DUMPCTL_LIB_SHOW_LIKE_H

#include "lib/show_private.h"

enum { DC_LIKE_COLUMNS = 32 };

struct dc_like {
    struct dc_column columns[DC_LIKE_COLUMNS];
    size_t n;
};

/* Members of a struct; an empty list of anything else. */
const struct dc_list *dc_like_members(const struct dc_rec *value);

/* Member `at` of a struct, NULL where it has fewer; a scalar is its own member. */
const struct dc_rec *dc_like_member(const struct dc_rec *value, size_t at);

/* NULL: an empty cell. */
struct dc_cell dc_like_cell(const struct dc_rec *value);

/* A scalar, or a struct of nothing but scalars. */
bool dc_like_is_flat(const struct dc_rec *value);

/* Both scalars, or structs of one type name and the same names of members. */
bool dc_like_same(const struct dc_rec *a, const struct dc_rec *b);

/* Adds a column for each member of `value`, which field `field` of the rows has; one that
   is called `alone` where it is no struct. `quiet`: left out where they are all zero.
   false: that is too much for a table. */
bool dc_like_add(struct dc_like *shape, const struct dc_rec *value, int field,
                 const char *alone, bool quiet);

#endif
