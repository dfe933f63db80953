/*
 * compare_private: what the files of lib/compare.h share: a comparison that is under way.
 */
#ifndef DUMPCTL_LIB_COMPARE_PRIVATE_H
#define DUMPCTL_LIB_COMPARE_PRIVATE_H

#include "lib/compare.h"

struct dc_compare {
    struct dc_diff *diff;
    struct dc_alike_pair alike;
    const char *snapshot;            /* of the rows to come */
    const struct dc_diff_pair *pair; /* whose sections are compared; NULL: none */
    struct dc_diff_row spare;        /* taken where there is no memory for a row */
    bool failed;
};

bool dc_diff_variants_differ(const struct dc_compare *c);

/* ---- lib/compare_row.c: values and rows ---- */

/* p NULL: not there. */
struct dc_diff_value dc_diff_text(struct dc_str s);
struct dc_diff_value dc_diff_word(const char *word);
struct dc_diff_value dc_diff_number(int kind, uint64_t number);

/* An exit kind with a name and the plain number of a field are equal. */
bool dc_diff_equal(struct dc_diff_value a, struct dc_diff_value b);

/* A new row of c->snapshot; never NULL: without memory the spare one, and c->failed. It
   stays where it is until the next row is added. */
struct dc_diff_row *dc_diff_add(struct dc_compare *c, enum dc_diff_class class,
                                const char *what);
struct dc_diff_row *dc_diff_add_values(struct dc_compare *c, enum dc_diff_class class,
                                       const char *what, struct dc_diff_value a,
                                       struct dc_diff_value b);

/* "PATH.NAME", or NAME where there is no path. */
const char *dc_diff_join(struct dc_compare *c, const char *path, const char *name);

/* ---- lib/compare_sections.c: every section that the tables know ---- */

void dc_diff_compare_snapshots(struct dc_compare *c, struct dc_diff_pair *pair);

/* What dual reports have beside their snapshots. */
void dc_diff_compare_roots(struct dc_compare *c);

#endif
