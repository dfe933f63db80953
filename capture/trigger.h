/*
 * trigger: what the two words of a guest say that a capture waits for.
 *
 * The latch is a u32 that the guest sets when its scheduler has failed; the exit kind is
 * the scheduler's own word for how it ended. Both are only read here; lookout.h says when.
 */
#ifndef DUMPCTL_CAPTURE_TRIGGER_H
#define DUMPCTL_CAPTURE_TRIGGER_H

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

#endif
