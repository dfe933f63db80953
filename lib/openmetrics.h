/*
 * openmetrics: the statistics of a scheduler in the OpenMetrics text format, for whatever
 * collects metrics.
 *
 * Every number is a gauge: nothing says which ones only ever rise. A gauge is called as its
 * field, with the `_om_prefix` of the field's struct before it; each dictionary on the way
 * adds a label, called as the `_om_label` of the struct in it, else as the dictionary; a
 * field with `_om_skip` is left out. Where two fields would get one name, that of the top
 * struct keeps it, and the others are called by their whole path: which name a field has
 * does not depend on the values. Where names are the same all the same, a field that is
 * really called so keeps it, and the others get numbers. Descriptions become HELP.
 */
#ifndef DUMPCTL_LIB_OPENMETRICS_H
#define DUMPCTL_LIB_OPENMETRICS_H

#include "lib/stats_rows.h"

/* Why a value is not among the metrics. */
enum dc_om_why {
    DC_OM_WRITTEN,
    DC_OM_TEXT,  /* no number */
    DC_OM_ARRAY, /* elements have no names */
    DC_OM_NULL,  /* NaN, infinite, or none at all: null does not say */
    DC_OM_LABEL, /* the key of a dictionary holds a carriage return, or is too long */
    DC_OM_NAME,  /* the name of a metric would be too long, or there is none */
    DC_OM_N_WHY,
};

struct dc_om_remarks {
    /* `path` as dc_stats_path(), keys of dictionaries as "*": escape it. Once for each. */
    void (*left_out)(void *ctx, struct dc_str path, enum dc_om_why why);
    /* A metric that could not be called `wanted`, another being called so. */
    void (*renamed)(void *ctx, struct dc_str path, const char *wanted, const char *name);
    void *ctx;
};

/* "text", "array", "null", ...: for a person. */
const char *dc_om_why_words(enum dc_om_why why);

/*
 * Writes the rows, read with `meta` (NULL: none), and "# EOF". `visible`: the reader is a
 * terminal, control characters and the like are made visible. 0; -1 with `err` set for
 * lack of memory, or where the sink fails: DC_EIO.
 */
int dc_openmetrics_write(struct dc_sink sink, const struct dc_stats_rows *rows,
                         const struct dc_stats_meta *meta, bool visible,
                         const struct dc_om_remarks *remarks, struct dc_alloc alloc,
                         struct dc_error *err) DC_MUST_USE;

#endif
