/*
 * stats_change: how much a value of a scheduler's statistics has changed, and how fast.
 */
#ifndef DUMPCTL_LIB_STATS_CHANGE_H
#define DUMPCTL_LIB_STATS_CHANGE_H

#include "lib/stats_rows.h"

enum { DC_STATS_CHANGE_MAX = 48 };

struct dc_stats_change {
    char by[DC_STATS_CHANGE_MAX];   /* "+12", "-0.5", "0"; "new", "changed", "same" */
    char rate[DC_STATS_CHANGE_MAX]; /* per second; empty where `by` is no number */
};

/*
 * From `before` (NULL: it was not there) to `now`, `elapsed_us` microseconds later, at
 * least 1. Integers exactly, also across the whole range of u64 and i64; reals to the
 * decimals that they came with. The rate has at most three decimals, of
 * integers that change by more than 100 a second one; it is no 0 where something changed.
 */
struct dc_stats_change dc_stats_change(const struct dc_stats_row *now,
                                       const struct dc_stats_row *before,
                                       uint64_t elapsed_us);

#endif
