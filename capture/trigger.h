/*
 * trigger: when to freeze.
 *
 * A machine runs until something says that now is the time (or that there is nothing to
 * wait for any more). The latch is a u32 in guest memory that the guest sets when its
 * scheduler has failed; it is looked at each millisecond, and once more when the guest has
 * ended, so that a latch that was set just before the end is seen.
 */
#ifndef DUMPCTL_CAPTURE_TRIGGER_H
#define DUMPCTL_CAPTURE_TRIGGER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture/source.h"

/* An address in guest memory that may be unknown. */
struct cap_place {
    bool known;
    uint64_t address;
};

/* The four outcomes of a look at the latch; the names are those of the wire format. */
enum cap_latch_state {
    CAP_LATCH_NOT_RESOLVED,  /* the guest has no such symbol */
    CAP_LATCH_OUT_OF_BOUNDS, /* not all four bytes are memory */
    CAP_LATCH_NOT_TRIGGERED, /* 0 */
    CAP_LATCH_TRIGGERED,     /* anything else */
};

enum cap_latch_state cap_latch_read(struct cap_source *source, struct cap_place latch);

/* "not_resolved", "out_of_bounds", "not_triggered", "triggered". */
const char *cap_latch_state_name(enum cap_latch_state state);

/* What is known of scx_root->exit_kind. */
enum cap_exit_kind_state {
    CAP_EXIT_KIND_NOT_RESOLVED,  /* the guest has no scx_root */
    CAP_EXIT_KIND_OUT_OF_BOUNDS, /* scx_root, or what it points to, is not memory */
    CAP_EXIT_KIND_NO_SCHEDULER,  /* scx_root is null */
    CAP_EXIT_KIND_READ,
};

/* Follows the pointer at `scx_root` (virtual addresses are physical ones here). *value is
   set only with CAP_EXIT_KIND_READ. */
enum cap_exit_kind_state cap_exit_kind_read(struct cap_source *source,
                                            struct cap_place scx_root, uint32_t *value);

/* "not_resolved", "out_of_bounds", "no_scheduler", "read". */
const char *cap_exit_kind_state_name(enum cap_exit_kind_state state);

enum cap_trigger {
    CAP_TRIGGER_LATCH,
    CAP_TRIGGER_TIMER,
};

/* Called during the wait, with the time since it began. */
typedef void cap_waiting_fn(void *context, uint64_t elapsed_us);

struct cap_wait {
    enum cap_trigger trigger;
    struct cap_place latch;   /* for CAP_TRIGGER_LATCH */
    uint64_t timer_ns;        /* for CAP_TRIGGER_TIMER; from the start of the wait */
    uint64_t run_for_ns;      /* 0: no limit */
    const atomic_int *cancel; /* may be NULL */
    cap_waiting_fn *waiting;  /* twice a second at most; may be NULL */
    void *waiting_context;
};

/* Why the wait ended. When several hold, the first is what is said. */
enum cap_event {
    CAP_EVENT_TRIGGER,
    CAP_EVENT_CRASH,
    CAP_EVENT_ENDED,
    CAP_EVENT_CANCELLED,
    CAP_EVENT_RUN_FOR,
};

/* Waits beside the running source. With CAP_EVENT_CRASH and CAP_EVENT_ENDED, *vcpu is who
   caused it. */
enum cap_event cap_trigger_wait(struct cap_source *source, const struct cap_wait *wait,
                                uint32_t *vcpu);

#endif
