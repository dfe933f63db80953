/*
 * desk: where captures are asked for, and where their answers are fetched.
 *
 * Askers are threads that want a snapshot now: one for a signal, the control socket, the
 * vCPU threads for the guest. The coordinator takes one request at a time, captures, and
 * answers. One capture is in flight at most: whoever asks while a request waits or is
 * served, or while the coordinator captures for a reason of its own (cap_desk_hold()), is
 * told at once that it is busy, and may ask again. Nobody queues and nobody is forgotten:
 * each ticket gets one answer, that of the capture or, when the run is over, that it has
 * ended.
 *
 * Who may call what:
 *   coordinator   take, answer, hold, release, close; one thread
 *   askers        ask, wait, forget; any threads. vCPU threads ask and look at the state,
 *                 they never wait.
 *   anybody       state, pending
 *
 * A mutex guards everything but the atomic words. It is held for a copy of a few hundred
 * bytes at most (5 KiB for an answer) and passes on the priority of who waits for it, so
 * that a real-time coordinator does not wait for a vCPU thread that has no processor. An
 * idle desk costs the coordinator one load for each look.
 */
#ifndef DUMPCTL_CAPTURE_DESK_H
#define DUMPCTL_CAPTURE_DESK_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/tag.h"
#include "lib/error.h"

/* What the loser is told, word for word as by the reference. */
#define CAP_BUSY_TEXT "another snapshot capture is in flight; retry"

/* The reason that goes with CAP_ANSWER_ENDED. */
#define CAP_ENDED_TEXT "the run ended before the request was served"

enum cap_asker {
    CAP_ASK_SIGNAL,
    CAP_ASK_CONTROL,
    CAP_ASK_GUEST, /* looks at its state; its ticket cannot be waited for */
};

/* Called once when the answer is there, by the thread that gives it and inside the desk:
   it must neither block nor call the desk. */
typedef void cap_answered_fn(void *context);

struct cap_request {
    enum cap_asker asker;
    char tag[CAP_TAG_SIZE];    /* clean (capture/tag.h); empty: none was given */
    uint32_t vcpu, value;      /* with CAP_ASK_GUEST */
    bool unattended;           /* nobody will wait for the answer */
    cap_answered_fn *answered; /* may be NULL */
    void *answered_context;
};

enum cap_answer_code {
    CAP_ANSWER_CAPTURED, /* a full report is at the path */
    CAP_ANSWER_DEGRADED, /* a degraded one is, for the reason */
    CAP_ANSWER_FAILED,   /* captured, but it could not be written, for the reason */
    CAP_ANSWER_ENDED,    /* the run ended before the request was served */
};

struct cap_answer {
    enum cap_answer_code code;
    char path[4096];        /* "" unless a report was written */
    char reason[512];       /* "" where there is none; whole: counts stand at its end */
    char tag[CAP_TAG_SIZE]; /* that the report has */
    uint32_t parked, total; /* vCPUs */
    uint64_t latency_us;    /* first kick to last acknowledgement */
};

/* The latest request of a vCPU, as the guest reads it. */
enum cap_desk_state {
    CAP_DESK_NONE = 0, /* there was none */
    CAP_DESK_PENDING = 1,
    CAP_DESK_CAPTURED = 2,
    CAP_DESK_DEGRADED = 3,
    CAP_DESK_BUSY = 4,
    CAP_DESK_UNAVAILABLE = 5, /* not written, or the run is ending */
};

struct cap_desk;

/* `wake` makes the coordinator look (its board's ring). It is called by askers without the
   mutex, must not block, and may be NULL. */
struct cap_desk *cap_desk_new(uint32_t vcpus, void (*wake)(void *), void *wake_context,
                              struct dc_error *err) DC_MUST_USE;

/* No thread may be inside the desk any more. */
void cap_desk_free(struct cap_desk *desk);

/* ---- askers ---- */

/*
 * Asks; never waits for a capture. Returns a ticket, or 0: busy. Unless `unattended` or from
 * the guest, the answer is kept until cap_desk_wait() has fetched it or cap_desk_forget()
 * gives it up: do one of them, for the room is limited (it is busy again). After the close
 * the ticket's answer is CAP_ANSWER_ENDED, at once. A guest's request from a vCPU that does
 * not exist is busy.
 */
uint64_t cap_desk_ask(struct cap_desk *desk, const struct cap_request *request);

/*
 * Waits up to `timeout_ns` (0: one look) for the answer of `ticket`; the answer or the
 * close ends it. 0: *out is filled and the ticket is gone. 1: not yet, the ticket stays. -1:
 * there is no such ticket. A timeout must be longer than a freeze may take, or the reason
 * of one that failed is missed: that is the deadline of the question for statistics, the
 * timeout of the freeze and a second for the barrier before it, and the time to write the
 * report.
 */
int cap_desk_wait(struct cap_desk *desk, uint64_t ticket, uint64_t timeout_ns,
                  struct cap_answer *out) DC_MUST_USE;

/* Gives the answer up. The capture is made all the same; `answered` is not called any more
   once this has returned. */
void cap_desk_forget(struct cap_desk *desk, uint64_t ticket);

/* ---- coordinator ---- */

/* Takes the request that waits, if there is one. It must be answered. */
bool cap_desk_take(struct cap_desk *desk, struct cap_request *out);

/* Answers the request that was taken, and lets the next one in. Without one, or where the
   close has answered it already, nothing happens. */
void cap_desk_answer(struct cap_desk *desk, const struct cap_answer *answer);

/* From hold to release who asks is busy; a request that waits already stays, and may be
   taken. Once is enough for each, twice does no harm. */
void cap_desk_hold(struct cap_desk *desk);
void cap_desk_release(struct cap_desk *desk);

/* The run ends: whatever waits or is being served is answered with CAP_ANSWER_ENDED, and so
   is whoever asks from now on. */
void cap_desk_close(struct cap_desk *desk);

/* ---- anybody ---- */

/* Of the latest request of this vCPU; CAP_DESK_UNAVAILABLE where there is no such vCPU. */
enum cap_desk_state cap_desk_state(const struct cap_desk *desk, uint32_t vcpu);

/* Does a request wait to be taken? One load. */
bool cap_desk_pending(const struct cap_desk *desk);

#endif
