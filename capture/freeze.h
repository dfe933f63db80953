/*
 * freeze: the coordinator that stops all vCPUs of a source, and lets them go on.
 *
 * freeze.c begins with the protocol. A coordinator belongs to one thread; a freeze must be
 * thawed before the next begins.
 */
#ifndef DUMPCTL_CAPTURE_FREEZE_H
#define DUMPCTL_CAPTURE_FREEZE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture/source.h"
#include "lib/error.h"

struct cap_progress {
    uint32_t parked, total;
    const uint32_t *missing; /* ids in ascending order; valid during the call */
    uint32_t missing_count;
    uint64_t elapsed_us; /* since the freeze began */
    bool decided;        /* the last call: who is missing will not be waited for */
};

typedef void cap_progress_fn(void *context, const struct cap_progress *progress);

/* When somebody should look at those who have not parked. */
enum cap_missing_when {
    CAP_MISSING_BEFORE_REKICK, /* once, before the first kick is repeated */
    CAP_MISSING_AT_END,        /* once, after the decision */
};

/* `ids`, in ascending order, are valid during the call. Some of them may have parked by
   the time of it. Those who wait to be kicked again wait for its return, too. */
typedef void cap_missing_fn(void *context, const uint32_t *ids, uint32_t count,
                            enum cap_missing_when when);

struct cap_freeze_limits {
    uint64_t timeout_ns;      /* from the first kick; 0: one look */
    const atomic_int *cancel; /* not 0: give up; may be NULL */
    const atomic_int *stop;   /* likewise */
    /* When all have been kicked, ten times a second at most after that, and when it is
       decided; may be NULL. The caller's priority is raised meanwhile. */
    cap_progress_fn *progress;
    void *progress_context;
    cap_missing_fn *missing; /* only called if some are missing; may be NULL */
    void *missing_context;
    bool realtime; /* raise priorities where permitted */
};

/* When several hold at the same time, the first of them is what is said. */
enum cap_freeze_end {
    CAP_FREEZE_COMPLETE,
    CAP_FREEZE_KILLED,
    CAP_FREEZE_TIMEOUT,
};

struct cap_freeze_outcome {
    enum cap_freeze_end end;
    uint32_t epoch;
    uint32_t parked, total;
    uint64_t latency_ns; /* first kick to last acknowledgement, 0 if nobody parked */
    uint64_t elapsed_ns; /* first kick to the decision */
    uint64_t decided_ns; /* cap_now_ns() at the decision */
    uint32_t rekicks;    /* kicks beyond the first of each vCPU */
    bool realtime;       /* all priorities were raised when the first kick was sent */
    bool barrier;        /* all had left the freeze before; false: the wait ran out */
};

/* What the coordinator did to one vCPU in the latest freeze. */
struct cap_freeze_vcpu {
    bool parked;
    bool hurried; /* has real-time priority now */
    uint32_t kicks;
    uint64_t kicked_ns; /* the first of them */
};

struct cap_freeze;

/* `source` is borrowed and must outlive the coordinator. */
struct cap_freeze *cap_freeze_new(struct cap_source *source,
                                  struct dc_error *err) DC_MUST_USE;
void cap_freeze_free(struct cap_freeze *freeze);

/*
 * Freezes. Returns in any case within the barrier's second, the timeout, and what two calls
 * of limits->missing take. Afterwards the vCPUs that are marked as parked stay so, and
 * their slots on the board may be read, until cap_freeze_thaw(), which must follow whatever
 * the outcome.
 */
void cap_freeze_begin(struct cap_freeze *freeze, const struct cap_freeze_limits *limits,
                      struct cap_freeze_outcome *out);

/* Gives the calling thread its own priority back, which cap_freeze_begin() has raised so
   that collecting waits for no processor. To be called before anything that takes long;
   the thaw does it too. */
void cap_freeze_rest(struct cap_freeze *freeze);

const struct cap_freeze_vcpu *cap_freeze_vcpu(const struct cap_freeze *freeze,
                                              uint32_t id);

/* Lets all go on. Does not wait for them: the next freeze does. */
void cap_freeze_thaw(struct cap_freeze *freeze);

#endif
