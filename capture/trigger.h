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

#include "capture/place.h"
#include "capture/source.h"

/* The four outcomes of a look at the latch; the names are those of the wire format. */
enum cap_latch_state {
    CAP_LATCH_NOT_RESOLVED,  /* the guest has no such symbol, or its pointer is null */
    CAP_LATCH_OUT_OF_BOUNDS, /* not all four bytes are mapped and memory */
    CAP_LATCH_NOT_TRIGGERED, /* 0 */
    CAP_LATCH_TRIGGERED,     /* anything else */
};

/* Looks with the page table `root`. No address, however wrong, does more than to be out of
   bounds. */
enum cap_latch_state cap_latch_read(struct cap_source *source, uint64_t root,
                                    const struct cap_place_expr *latch);

/* "not_resolved", "out_of_bounds", "not_triggered", "triggered". */
const char *cap_latch_state_name(enum cap_latch_state state);

/* What is known of the exit kind, a u32 that is mostly reached through a pointer. */
enum cap_exit_kind_state {
    CAP_EXIT_KIND_NOT_RESOLVED,  /* the guest has no such symbol */
    CAP_EXIT_KIND_OUT_OF_BOUNDS, /* the pointer, or what it leads to, is not memory */
    CAP_EXIT_KIND_NO_SCHEDULER,  /* the pointer is null */
    CAP_EXIT_KIND_READ,
};

/* Where the exit kind is unless the user says otherwise. */
#define CAP_EXIT_KIND_PLACE "*scx_root"
#define CAP_LATCH_PLACE "err_exit_detected"

/* Looks with the page table `root`. *value is set only with CAP_EXIT_KIND_READ. */
enum cap_exit_kind_state cap_exit_kind_read(struct cap_source *source, uint64_t root,
                                            const struct cap_place_expr *place,
                                            uint32_t *value);

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
    const struct cap_place_expr *latch; /* for CAP_TRIGGER_LATCH */
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
