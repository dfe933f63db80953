/*
 * stats_request: one request to a scheduler, as a line (scheduler-stats 1.3, 7.2).
 */
#ifndef DUMPCTL_CAPTURE_STATS_REQUEST_H
#define DUMPCTL_CAPTURE_STATS_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"

/* Both are UTF-8; bytes that are none are sent as U+FFFD, so check what a user gives. */
struct cap_stats_arg {
    const char *key, *value;
};

/* All is borrowed. Of arguments with the same key the last one counts. */
struct cap_stats_request {
    bool meta; /* asks what the statistics mean ("stats_meta"), not for them ("stats") */
    const struct cap_stats_arg *args;
    size_t n_args;
    uint64_t timeout_ms; /* where the client's is longer, this one; 0: the client's */
};

/*
 * Adds the line with its newline to `out`: compact, keys sorted, no "args" where there are
 * none. 0; -1 with `err` set for lack of memory alone.
 */
int cap_stats_request_write(const struct cap_stats_request *request, struct dc_buf *out,
                            struct dc_error *err) DC_MUST_USE;

#endif
