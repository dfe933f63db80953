/*
 * stats_options: what `dumpctl stats` was asked for.
 */
#ifndef DUMPCTL_CMD_STATS_OPTIONS_H
#define DUMPCTL_CMD_STATS_OPTIONS_H

#include "capture/stats_client.h"
#include "cmd/cmd.h"

struct cmd_stats_options {
    struct cap_stats_options client;  /* socket, limit, deadline */
    struct cap_stats_request request; /* its arguments, the target among them */
    const char *target;               /* NULL: none was named */
    bool meta, openmetrics, probe;
    uint64_t watch_us; /* from one request to the next; 0: there is one */
    uint64_t count;    /* of requests under --watch; 0: no end */

    /* private */
    struct cap_stats_arg *args;
    char **keys; /* copies, one for each argument; NULL where it is borrowed */
};

extern const struct cmd_option cmd_stats_option_table[];

/* Reads the command line, which must outlive `options`. 0, or -1 after an error, which has
   been reported. cmd_stats_options_done() must follow in both cases. */
int cmd_stats_take_options(struct cmd_stats_options *options, const struct cmd_verb *verb,
                           struct cmd_common *common, int argc, char **argv) DC_MUST_USE;

void cmd_stats_options_done(struct cmd_stats_options *options);

#endif
