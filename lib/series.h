/*
 * series: the numbers in the statistics of a run, each field over all samples.
 *
 * A field is named by its way into the statistics, members of members behind a dot:
 * "layers.batch.util". A name that has a dot, an escape or nothing in it, or begins with $, stands in quotes;
 * statistics that are one number are the field "$". Arrays are not entered. The fields are
 * those of all samples, not of the first: a sample that lacks one, or has something there
 * that is no number, has a gap, which is another thing than zero. Numbers are exact.
 *
 * A set holds each number once, so that its memory follows the input. It borrows the
 * samples.
 */
#ifndef DUMPCTL_LIB_SERIES_H
#define DUMPCTL_LIB_SERIES_H

#include "lib/buf.h"
#include "lib/doc.h"

enum {
    DC_SERIES_MOST = 4096,    /* fields; more are left out, and that is told */
    DC_SERIES_NAME = 256,     /* bytes of a name; fields with a longer one are left out */
    DC_SERIES_SLOTS = 1 << 13 /* more than fields */
};

struct dc_series_value {
    enum { DC_SERIES_GAP, DC_SERIES_U64, DC_SERIES_I64, DC_SERIES_REAL } kind;
    union {
        uint64_t u;
        int64_t i; /* below zero */
        double f;
    };
};

/* <0, 0 or >0; neither is a gap. Exact for all three kinds. */
int dc_series_compare(struct dc_series_value a, struct dc_series_value b);

/* Adds the number as text; of a gap nothing. */
void dc_series_add_value(struct dc_series_value value, struct dc_buf *out);

struct dc_series_point {
    struct dc_series_point *next;
    size_t sample; /* its place in the list */
    struct dc_series_value value;
};

struct dc_series {
    struct dc_str name;                          /* from outside */
    struct dc_series_point *points, *last_point; /* in the order of the samples */
    size_t count;                                /* points; 0: it never was a number */
    struct dc_series_value least, most, last;
    bool moved; /* it was not the same all the time */
};

struct dc_series_set {
    size_t samples;
    struct dc_series **all; /* sorted by name */
    size_t n;
    size_t left_out; /* numbers of fields that have no room here */
    /* private */
    struct dc_arena arena;
    struct dc_series **slots;
};

/* `samples`: of STATS_SAMPLE. 0, or -1 with `err` set where memory ran out; in both cases
   dc_series_done() must follow. */
int dc_series_collect(struct dc_series_set *set, const struct dc_list *samples,
                      struct dc_alloc alloc, struct dc_error *err) DC_MUST_USE;
void dc_series_done(struct dc_series_set *set);

/*
 * The samples in `most` equal parts, or one by one where there are fewer: of each part the
 * greatest value; a part without any is a gap.
 * for (struct dc_series_parts p = dc_series_parts(...); dc_series_next(&p);) p.value
 */
struct dc_series_parts {
    struct dc_series_value value;
    size_t index; /* of the part */
    size_t parts;
    /* private */
    const struct dc_series_point *point;
    size_t samples, next;
};

struct dc_series_parts dc_series_parts(const struct dc_series_set *set,
                                       const struct dc_series *series, size_t most);
bool dc_series_next(struct dc_series_parts *parts);

/* Where a value lies between the least and the greatest, from 0 to `top`; only the greatest
   is at the top. Of a series that never changes `middle`, a zero at 0. */
unsigned dc_series_level(const struct dc_series *series, struct dc_series_value value,
                         unsigned top, unsigned middle);

/* Adds one character for each of at most `columns` parts: a block, or DC_SERIES_NONE. */
#define DC_SERIES_NONE "\xc2\xb7"
void dc_series_spark(const struct dc_series_set *set, const struct dc_series *series,
                     unsigned columns, struct dc_buf *out);

#endif
