/*
 * stats_table: the statistics of a scheduler as aligned columns for a person.
 *
 *     FIELD              VALUE  UNIT  DESCRIPTION
 *     total             123456        # sched events during the period
 *     layers                          per-layer statistics
 *       batch
 *         util            12.5  %     Total CPU utilization (100% means one full CPU)
 *
 * What is in a struct, a dictionary or an array stands indented below its name. Every
 * string came from the scheduler and is escaped.
 */
#ifndef DUMPCTL_LIB_STATS_TABLE_H
#define DUMPCTL_LIB_STATS_TABLE_H

#include "lib/stats_rows.h"
#include "lib/text.h"

struct dc_stats_table {
    const struct dc_stats_rows *rows;
    /* The sample before: columns CHANGE and PER SECOND; NULL: there are none. */
    const struct dc_stats_rows *before;
    uint64_t elapsed_us; /* since then */
    bool described;      /* the column DESCRIPTION, where any is known */
    unsigned lines;      /* that one long string or list may take; 0: no limit */
};

void dc_stats_table_write(struct dc_text *t, const struct dc_stats_table *table);

/* What stats_meta says, for a person: structs, their fields, types and members of "user". */
void dc_stats_meta_write(struct dc_text *t, const struct dc_stats_meta *meta);

#endif
