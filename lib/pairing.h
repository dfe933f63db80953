/*
 * pairing: which element of one list is which element of another.
 *
 * Elements with a key in the schema tables are found by it, wherever they stand. Where the
 * key is an address, which is another in another run, those that say the same are found,
 * then those that have a member with a value of its own in common, such as a pid. Other
 * lists go by place. Of elements with one key, the first is the first.
 *
 * Time is n log n and memory n where the lists are in different orders; where they are in
 * the same one, time is n and no memory is taken.
 */
#ifndef DUMPCTL_LIB_PAIRING_H
#define DUMPCTL_LIB_PAIRING_H

#include "lib/noise.h"

struct dc_pairing_options {
    struct dc_alloc alloc;
    bool same_run;    /* addresses tell elements from each other */
    uint64_t base[2]; /* taken off from a numeric key on either side, modulo 2^64 */
};

/* An element and its place in its list. */
struct dc_pairing_side {
    const struct dc_rec *rec; /* NULL: this side has no such element */
    size_t index;
    size_t nth; /* of the elements with its key, from 0 */
};

struct dc_pairing {
    struct dc_pairing_side a, b; /* the pair */
    bool keyed;     /* elements are called by their keys, not by their places */
    bool aligned;   /* the same keys stand in the same order */
    bool reordered; /* those that both have stand in different orders */
    /* private */
    struct dc_pairing_options options;
    const struct dc_list *lists[2];
    struct dc_list_walk walks[2];
    struct dc_pairing_item *items[2]; /* by place; NULL: the lists are aligned */
    size_t next[2];
    int keys[DC_MAX_KEYS];
    size_t n_keys;
    bool by_content;
};

/*
 * Lists of records of `type` without holes:
 * for (dc_pairing_init(&p, ...); dc_pairing_next(&p);) p.a.rec, p.b.rec
 * First those of the first list, then those that only the second one has. 0, or -1 where
 * memory ran out; in both cases dc_pairing_done() must follow.
 */
int dc_pairing_init(struct dc_pairing *pairing, const struct dc_type *type,
                    const struct dc_list *a, const struct dc_list *b,
                    const struct dc_pairing_options *options) DC_MUST_USE;
bool dc_pairing_next(struct dc_pairing *pairing); /* false: there is none left */
void dc_pairing_done(struct dc_pairing *pairing);

#endif
