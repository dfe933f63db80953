/*
 * keyed: which elements of two lists are the same thing, by the member that the table
 * names for it (dc_type.key), and which of them can stay where they are.
 */
#ifndef DUMPCTL_LIB_KEYED_H
#define DUMPCTL_LIB_KEYED_H

#include "lib/arena.h"
#include "lib/doc.h"

/* The key's index in the type of the list's elements; -1: they are known by their place. */
int dc_keyed_by(const struct dc_field *field);

/* Orders two records of one type by their keys: below 0, 0 or above. */
int dc_keyed_compare(const struct dc_rec *a, const struct dc_rec *b, int key);

/* Whether the lists have one length, and at each place the same key. */
bool dc_keyed_aligned(const struct dc_list *a, const struct dc_list *b, int key);

#define DC_KEYED_NONE UINT32_MAX

/*
 * What stays of list A in list B. As many as possible of the elements that both have, such
 * that they stand in the same order in both.
 */
struct dc_keyed {
    bool unique;    /* no key stands twice in a list; else nothing else is set */
    size_t kept;    /* how many stay */
    uint32_t *in_b; /* for each element of A its place in B, or DC_KEYED_NONE */
    uint32_t *in_a; /* for each element of B its place in A, or DC_KEYED_NONE */
    struct dc_arena memory;
};

/*
 * Compares the lists in n log n. 0, or -1 with `err` set where memory ran out; in both
 * cases dc_keyed_done() must follow. No list of a report has 2^32 elements.
 */
int dc_keyed_match(struct dc_keyed *keyed, const struct dc_list *a,
                   const struct dc_list *b, int key, struct dc_alloc alloc,
                   struct dc_error *err) DC_MUST_USE;

void dc_keyed_done(struct dc_keyed *keyed);

#endif
