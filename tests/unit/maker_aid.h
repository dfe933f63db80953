/*
 * maker_aid: documents at random from the schema tables, the same in every run: members in
 * any order, unknown ones between, white space, escapes; and slight damage to them.
 *
 * No integer above 2^63-1 is made, so that jansson can hold them all.
 */
#ifndef TESTS_MAKER_AID_H
#define TESTS_MAKER_AID_H

#include "lib/buf.h"
#include "tests/unit/lib_aid.h"

struct maker {
    struct aid_random random; /* to be set */
    struct dc_buf *out;       /* to be set, initialised; borrowed */
    unsigned depth;           /* private */
};

/* Replaces what `out` holds by a document that is right. */
void maker_document(struct maker *m);

/* Changes, adds, removes or swaps a byte or two of it, or cuts it off. */
void maker_damage(struct maker *m);

#endif
