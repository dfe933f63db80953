/*
 * stats_probe: is there a scheduler behind a statistics socket, and does it still run?
 *
 * A scheduler's process answers `stats_meta` from a thread of its own, and `stats` from its
 * main loop (scheduler-stats 1.5). So a second connection tells a process that is stopped
 * from one whose main loop is stuck; in both cases all that is seen is that no answer came
 * in time, and the text says within which.
 */
#ifndef DUMPCTL_CAPTURE_STATS_PROBE_H
#define DUMPCTL_CAPTURE_STATS_PROBE_H

#include "capture/stats_client.h"

enum cap_stats_probe {
    CAP_PROBE_ANSWERS, /* also with an error: whoever says one is there */
    CAP_PROBE_STUCK,   /* the process answers, its main loop does not */
    CAP_PROBE_STOPPED, /* connects, and nothing answers */
    CAP_PROBE_FULL,    /* as many wait to be let in as may: stopped, or overrun */
    CAP_PROBE_CLOSES,  /* lets one in and hangs up without an answer */
    CAP_PROBE_FOREIGN, /* says something, but not what a scheduler says */
    CAP_PROBE_NOBODY_LISTENS,
    CAP_PROBE_NO_SOCKET,
    CAP_PROBE_NOT_A_SOCKET,
    CAP_PROBE_NO_PERMISSION,
    CAP_PROBE_FAILED, /* something else bars the way: see text */
    CAP_N_PROBE,
};

struct cap_stats_probe_result {
    enum cap_stats_probe state;
    uint64_t stats_us,
        meta_us;    /* how long the answers took; 0: not asked, or none came */
    char text[512]; /* one line, names the socket; may hold any bytes: escape it */
};

/* "answers", "stuck", "stopped", "full", "closes", "foreign", "nobody_listens", "no_socket",
   "not_a_socket", "no_permission", "failed". */
const char *cap_stats_probe_name(enum cap_stats_probe state);

/*
 * Asks for `stats`, and if no answer comes for `stats_meta` on a second connection. Takes no
 * longer than twice options->timeout_ms. 0 with *result filled; -1 as cap_stats_new(), or for
 * lack of memory.
 *
 * scx_lavd gives statistics to the newest connection only: this takes them away from
 * whoever measures there. Who has asked already, in vain, calls the second function: it
 * asks for `stats_meta` alone, within one timeout, which disturbs nobody, and takes the
 * silence of `stats` for granted: CAP_PROBE_STUCK where the process answers.
 */
int cap_stats_probe(const struct cap_stats_options *options,
                    struct cap_stats_probe_result *result,
                    struct dc_error *err) DC_MUST_USE;
int cap_stats_probe_silent(const struct cap_stats_options *options,
                           struct cap_stats_probe_result *result,
                           struct dc_error *err) DC_MUST_USE;

#endif
