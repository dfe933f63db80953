/*
 * stats_reply: one line of a scheduler's statistics socket, decoded.
 *
 * Pure: bytes in, an answer out. What it takes is bounded by the line: the answer's JSON and
 * the sorting of one object's names.
 */
#ifndef DUMPCTL_CAPTURE_STATS_REPLY_H
#define DUMPCTL_CAPTURE_STATS_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/stats_reason.h"

/* How a request came to its end. */
enum cap_stats_end {
    CAP_END_ANSWERED, /* a line came that is an answer, be it statistics, an error or null */
    CAP_END_GARBLED,   /* a line came that is none (CAP_NO_SCHEDULER) */
    CAP_END_TOO_LARGE, /* the request, before it was sent, or the answer */
    CAP_END_NO_WAY,    /* no connection was had: see error (CAP_NO_SCHEDULER) */
    CAP_END_CLOSED, /* the other side closed before a line was whole (CAP_NO_SCHEDULER) */
    CAP_END_LATE,   /* the deadline passed (CAP_CANCELLED) */
    CAP_END_STOPPED, /* by freeze or cancel */
};

/* What came of one request: either statistics or a reason, never both. */
struct cap_stats_answer {
    bool have;                /* json is what the scheduler said, null included */
    enum cap_missing missing; /* without: which reason json is */
    struct dc_buf json; /* owned, not terminated: compact, names sorted, exact numbers */
    enum cap_stats_end end;
    /* The rest is set by capture/stats_client.c alone. */
    int error; /* an errno value: why no connection was had (EAGAIN: as many waited as may),
                   or what ended it; else 0 */
    bool first; /* the first statistics on their connection: many schedulers tell what has
                   changed since the request before, which for this one is nothing */
    uint64_t deadline_ms; /* it passed: its length (then CAP_CANCELLED); else 0 */
    uint64_t took_us;     /* from the call to the answer, queueing and connecting too */
};

/* An answer without anything; takes no memory yet. */
void cap_stats_answer_init(struct cap_stats_answer *answer, struct dc_alloc alloc);

/* Frees the JSON. The answer is as after cap_stats_answer_init(). */
void cap_stats_answer_done(struct cap_stats_answer *answer);

/*
 * Decodes a line, without its newline, into `answer`, which is initialised and empty
 * (scheduler-stats 2.2, 7.4). Always an answer: what cannot be read is a CAP_NO_SCHEDULER
 * that says why and where. 0; -1 with `err` set for lack of memory alone.
 */
int cap_stats_decode(const char *line, size_t len, struct cap_stats_answer *answer,
                     struct dc_error *err) DC_MUST_USE;

/*
 * Readers of JSON take 127 containers inside each other. Where `json` has more than are left
 * with `margin` of them around it, where it is kept, it gives way to a CAP_NO_SCHEDULER that
 * says so: one answer must not make a whole report unreadable. Memory: dc_buf_ok().
 */
void cap_stats_answer_limit(struct cap_stats_answer *answer, unsigned margin);

#endif
