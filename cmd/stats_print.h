/*
 * stats_print: what a scheduler has answered, on standard output: a line of JSON, the
 * OpenMetrics text, or columns for a person.
 *
 * Each sample goes to the output in one piece, so that who reads along never has half of
 * one. It remembers the sample before, to tell what has changed, and what the scheduler says
 * about its fields.
 */
#ifndef DUMPCTL_CMD_STATS_PRINT_H
#define DUMPCTL_CMD_STATS_PRINT_H

#include "cmd/output.h"
#include "cmd/stats_options.h"
#include "lib/openmetrics.h"
#include "lib/stats_rows.h"

struct cmd_stats_print {
    const struct cmd_stats_options *options;
    const struct cmd_common *common;
    struct cmd_output *out;

    /* private */
    struct dc_stats_meta meta;
    bool has_meta;
    struct dc_stats_rows before;
    bool has_before;
    uint64_t before_us;    /* when it came, CLOCK_MONOTONIC */
    uint64_t samples;      /* that were printed */
    uint64_t missed;       /* without statistics since the last that was printed */
    bool remarked;         /* what cannot be a metric was told */
    struct dc_buf remarks; /* of the sample that is being printed */
    size_t n_remarks, n_renamed;
};

void cmd_stats_print_init(struct cmd_stats_print *print,
                          const struct cmd_stats_options *options,
                          const struct cmd_common *common, struct cmd_output *out);
void cmd_stats_print_done(struct cmd_stats_print *print);

/* {"NAME":...} in one line. 0; -1: with `err` set for lack of memory, else the output has
   ended. */
int cmd_stats_print_json(struct cmd_stats_print *print, const char *name,
                         const struct dc_buf *json, struct dc_error *err) DC_MUST_USE;

/*
 * What stats_meta has answered, for the samples to come: JSON, or NULL: nothing is known. 0;
 * -1 with `err` set where it cannot be read; nothing is known then.
 */
int cmd_stats_print_meta(struct cmd_stats_print *print, const struct dc_buf *json,
                         struct dc_error *err) DC_MUST_USE;

/* A sample without statistics, which has been told on stderr. */
void cmd_stats_print_gap(struct cmd_stats_print *print);

/* For a person, what is known of the fields, where there are no statistics to stand behind.
   0, or -1 as above. */
int cmd_stats_print_described(struct cmd_stats_print *print,
                              struct dc_error *err) DC_MUST_USE;

/* As OpenMetrics or for a person; it came at `now_us` (CLOCK_MONOTONIC). 0, or -1 as
   above. */
int cmd_stats_print_sample(struct cmd_stats_print *print,
                           const struct cap_stats_answer *answer, uint64_t now_us,
                           struct dc_error *err) DC_MUST_USE;

/* The local time, "2026-05-07 14:03:59". */
enum { CMD_STATS_TIME = 32 };
const char *cmd_stats_time(char text[CMD_STATS_TIME]);

#endif
