/*
 * report_stats: the members of a report that say whom a run has asked for statistics, and
 * what came of it: "stats_source" and "samples".
 */
#ifndef DUMPCTL_CAPTURE_REPORT_STATS_H
#define DUMPCTL_CAPTURE_REPORT_STATS_H

#include "capture/samples.h"
#include "lib/writer.h"

/* Nothing where `samples` is NULL: nobody was to be asked. */
void cap_report_stats(struct dc_writer *w, const struct cap_samples *samples);

#endif
