/*
 * edit_aid: changes at random to a document that is held as a tree: of the kind that
 * reports differ by, or such that it says the same in another way. The tables guide them,
 * so that most of what comes out is a document still, but not all of it.
 */
#ifndef TESTS_EDIT_AID_H
#define TESTS_EDIT_AID_H

#include "tests/unit/tree_aid.h"

struct edit_aid {
    struct aid_random random;
    struct dc_arena *arena;         /* of the tree */
    const struct dc_type *declared; /* what the document is read as */
    struct tree *root;
};

/* All make `n` edits, or fewer where little can be edited. */

/* Makes a fresh document richer: longer lists, large integers. Reals in unknown members are
   spelt as Python spells them. */
void edit_begin(struct edit_aid *e, size_t n);

/* Changes what it says. No unknown member comes to stand twice. */
void edit_change(struct edit_aid *e, size_t n);

/* Changes how it says it: order of members, defaults, escapes. */
void edit_tell_anew(struct edit_aid *e, size_t n);

#endif
