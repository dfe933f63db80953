/*
 * stats_rows: the statistics of a scheduler, one row for each value that is no container, in
 * the order of the text, with what `stats_meta` says about it.
 *
 * A row does not hold its path: it points to a node, which points to the one that it is in,
 * so that deep names cost nothing. Values stay the text that came: no number passes through
 * a double. Everything lives in the rows' arena; only the meta must outlive them.
 */
#ifndef DUMPCTL_LIB_STATS_ROWS_H
#define DUMPCTL_LIB_STATS_ROWS_H

#include "lib/stats_meta.h"

enum dc_stats_step {
    DC_STATS_MEMBER,  /* of a struct, or of an object that nothing is known of */
    DC_STATS_KEY,     /* of a dictionary */
    DC_STATS_ELEMENT, /* of an array */
};

struct dc_stats_node {
    const struct dc_stats_node *parent; /* NULL: this is all that was sent */
    enum dc_stats_step step;            /* how its parent leads to it */
    struct dc_str key;                  /* not of an element */
    size_t index;                       /* of an element */
    unsigned depth;                     /* 0: it has no parent */
    uint64_t hash;                      /* of the steps that lead to it */
    /* Describes it; what stands in a dictionary or an array has the field of that. */
    const struct dc_stats_field *field;
    const struct dc_stats_struct *of; /* the struct that it is */
};

enum dc_stats_kind {
    DC_STATS_NUMBER,
    DC_STATS_TRUTH,
    DC_STATS_NULL, /* NaN and the infinities come as null too */
    DC_STATS_STRING,
    DC_STATS_LIST,  /* an array of the four above, in one row */
    DC_STATS_EMPTY, /* an object or an array without anything in it */
};

struct dc_stats_row {
    const struct dc_stats_node *node;
    enum dc_stats_kind kind;
    struct dc_str text; /* of a string, what it says; else as it came, without blanks */
};

struct dc_stats_rows {
    struct dc_stats_row *rows;
    size_t count;
    /* private */
    const struct dc_stats_row **sorted; /* by the hash of their nodes */
    size_t room;
    struct dc_arena arena;
};

/*
 * Reads `text`, the value of `resp`. `meta` NULL: nothing is known. The whole is taken for
 * meta's top where `target` is NULL or "top". No other target says which struct it gives:
 * an object that nothing tells the struct of is taken for the only one that has exactly its
 * members; where two have, for none.
 * 0; -1 with `err` set where the text is no JSON or memory runs out, then nothing is to be
 * freed.
 */
int dc_stats_rows_read(struct dc_stats_rows *rows, const char *text, size_t len,
                       const struct dc_stats_meta *meta, const char *target,
                       struct dc_alloc alloc, struct dc_error *err) DC_MUST_USE;

void dc_stats_rows_done(struct dc_stats_rows *rows);

/* The row of `rows` that the same steps lead to, or NULL. */
const struct dc_stats_row *dc_stats_rows_find(const struct dc_stats_rows *rows,
                                              const struct dc_stats_node *node);

/* "layers.batch.util", "samples[3].pid"; not escaped. The end is cut, with "...", where it
   does not fit. Returns its length. */
enum { DC_STATS_PATH_MAX = 256 };
size_t dc_stats_path(const struct dc_stats_node *node, char out[DC_STATS_PATH_MAX]);

#endif
