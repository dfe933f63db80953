/*
 * stats_client: asks a running scheduler for its statistics, and always gets an answer.
 *
 * One connection to one socket (scheduler-stats 1 and 7), one request on it at a time. Any
 * number of threads may ask: they queue. Whatever happens, an answer is filled within the
 * deadline, which is always there: statistics, or the reason why there are none.
 *
 *     size -> freeze -> cancel -> queue -> drain, connect, send -> wait for the line
 *
 * A late reply cannot answer the next request: the protocol has no request ids, so the
 * connection is closed after a deadline, a freeze, a cancel, a line that is too long or no
 * answer, and where more bytes came than one line. What is on the connection before a
 * request is counted, and the connection replaced. The next request connects anew; no
 * request is ever sent twice.
 *
 * While it waits: a complete line comes before freeze, freeze before cancel, cancel before
 * the deadline. Freeze and cancel wake the waiting thread at once; those that queue follow.
 */
#ifndef DUMPCTL_CAPTURE_STATS_CLIENT_H
#define DUMPCTL_CAPTURE_STATS_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/stats_reply.h"
#include "capture/stats_request.h"

#define CAP_STATS_PATH "/var/run/scx/root/stats"
#define CAP_STATS_CAP 262144u /* bytes: a request with its newline, a reply without */
#define CAP_STATS_CAP_MAX (1u << 30)
#define CAP_STATS_TIMEOUT_MS 5000u

/* Zero or NULL anywhere stands for the value above, and for the C library's allocator. */
struct cap_stats_options {
    const char *path;    /* copied; relative to the folder at the time of connecting */
    size_t cap;          /* recorded as `max` in the reasons that it makes */
    uint64_t timeout_ms; /* of a whole request: queueing, connecting, sending, waiting */
    unsigned margin;     /* see cap_stats_answer_limit() */
    struct dc_alloc alloc; /* called by all threads that ask, at the same time */
};

struct cap_stats;

/* Does not connect. NULL: DC_EUSAGE for a path that no socket can have (108 bytes or more,
   or none) or a cap above CAP_STATS_CAP_MAX, DC_ENOMEM, DC_EINTERNAL. */
struct cap_stats *cap_stats_new(const struct cap_stats_options *options,
                                struct dc_error *err) DC_MUST_USE;

/* The path that it asks at; borrowed. */
const char *cap_stats_path(const struct cap_stats *self);

/* When no thread asks any more. NULL is fine. */
void cap_stats_free(struct cap_stats *self);

/*
 * Asks once and fills *answer, which need not be initialised; cap_stats_answer_done() frees
 * it. 0 whatever happened; -1 with `err` set for lack of memory alone, then *answer is
 * empty. By any thread. Never raises SIGPIPE.
 */
int cap_stats_ask(struct cap_stats *self, const struct cap_stats_request *request,
                  struct cap_stats_answer *answer, struct dc_error *err) DC_MUST_USE;

/*
 * The scheduler is about to stand still (true), or runs again (false). Requests that are
 * under way when it begins end with CAP_DURING_FREEZE at once, however soon it is over, and
 * so do all until then. Set it before anything is frozen. By any thread.
 */
void cap_stats_freeze(struct cap_stats *self, bool frozen);

/* Ends the request under way, and all later ones, with CAP_CANCELLED. For good. By any
   thread, or in a signal handler. */
void cap_stats_cancel(struct cap_stats *self);

/* Bytes that came although nobody had asked for them, or behind the line that was asked
   for. By any thread. */
uint64_t cap_stats_discarded(const struct cap_stats *self);

#endif
