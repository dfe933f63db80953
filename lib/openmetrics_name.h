/*
 * openmetrics_name: what a metric is called and how it is labelled. A part of openmetrics;
 * nobody else uses it.
 */
#ifndef DUMPCTL_LIB_OPENMETRICS_NAME_H
#define DUMPCTL_LIB_OPENMETRICS_NAME_H

#include "lib/stats_rows.h"

enum {
    DC_OM_NAME_MAX =
        2 * DC_STATS_PATH_MAX, /* bytes with NUL, number behind it included */
    DC_OM_LABELS_MAX = 2048,
};

/* How much of a name is the field's own: where two would have the same, the lower keeps it. */
enum dc_om_rank {
    DC_OM_OWN,     /* the field, and the prefix of its struct */
    DC_OM_PATH,    /* the path to it */
    DC_OM_CLEANED, /* not without replacing characters that no name can have */
};

/* The path with "*" for the keys of dictionaries, terminated, for a person: other paths may
   look the same. false: there is none, or it does not fit and was cut. */
bool dc_om_pattern(const struct dc_stats_node *node, char out[DC_STATS_PATH_MAX + 1]);

/* {layer_name="batch",node="0"}, or nothing. false: a key cannot be written, or all do not
   fit. */
bool dc_om_labels(const struct dc_stats_node *node, bool visible,
                  char out[DC_OM_LABELS_MAX]);

/* The name of a metric whose pattern fits; `meta` may be NULL. */
enum dc_om_rank dc_om_name(const struct dc_stats_node *node,
                           const struct dc_stats_meta *meta, char out[DC_OM_NAME_MAX]);

/* "name_2" */
void dc_om_numbered(const char *name, unsigned number, char out[DC_OM_NAME_MAX]);

/* Adds text as it stands between the quotes of a label, and in HELP. */
void dc_om_escape(struct dc_buf *out, const char *s, size_t len);

#endif
