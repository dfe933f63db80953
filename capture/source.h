/*
 * source: a machine that can be frozen, seen from the coordinator.
 *
 * The coordinator (freeze.c) and the triggers (trigger.c) know a machine only by this
 * table and by its board, on which the machine's vCPUs acknowledge. A machine of
 * linux/kvm.h is one kind of source; others put a struct cap_source first in their own.
 *
 * All operations are called by one thread, the coordinator's. None of them may block on a
 * vCPU that is not parked, except stop, which ends the vCPUs and is bounded.
 */
#ifndef DUMPCTL_CAPTURE_SOURCE_H
#define DUMPCTL_CAPTURE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/board.h"
#include "capture/watch.h"

#include "capture/full_state.h"
#include "capture/guest_clock.h"
#include "lib/error.h"

struct cap_source;

/* What has become of a vCPU, or of a whole machine. */
enum cap_life {
    CAP_RUNNING,
    CAP_HALTED, /* it stopped itself and nothing can wake it */
    CAP_ENDED,  /* it ended the guest, which is the guest's own wish */
    CAP_FAILED, /* it crashed: it can run no further */
};

/* What is known of one vCPU whether or not it is parked; never read by an ioctl. */
struct cap_vcpu_facts {
    enum cap_life life;
    int32_t host_tid;     /* thread that runs it, 0 if there is none */
    int kick_signal;      /* what a kick sends to that thread; 0: no signal */
    uint32_t exit_reason; /* of the latest KVM_RUN, KVM_EXIT_*; not that of the park */
    /* With CAP_FAILED: errno of KVM_RUN (then exit_reason says nothing), or 0 ... */
    int run_errno;
    /* ... the hardware's reason of KVM_EXIT_FAIL_ENTRY, the suberror of
       KVM_EXIT_INTERNAL_ERROR, the address of KVM_EXIT_MMIO, else 0. With CAP_ENDED: the
       status that the guest gave. */
    uint64_t detail;
    /* What the vCPU has read and written where nobody listens, one for each exit. */
    uint64_t accesses;
    uint64_t exit_ns; /* cap_now_ns() at that exit, 0: there was none */
    /* With KVM_EXIT_MMIO and KVM_EXIT_IO: the address or the port, and which way. */
    bool has_access, access_write;
    uint64_t access;
    bool in_run;   /* the thread is inside KVM_RUN */
    uint64_t runs; /* how often it came out of there */
};

struct cap_source_ops {
    /* Lets all vCPUs run. On failure nothing runs. */
    int (*start)(struct cap_source *source, struct dc_error *err);

    uint32_t (*vcpu_count)(const struct cap_source *source);

    /* Makes vCPU `id` look at the board soon. */
    void (*kick)(struct cap_source *source, uint32_t id);

    /* Gives the thread of vCPU `id` real-time priority, or takes it away. A thread takes
       its own away behind a park, before it runs its vCPU again. Returns 0 or errno; best
       effort. */
    int (*hurry)(struct cap_source *source, uint32_t id, bool on);

    void (*collect)(struct cap_source *source, uint32_t id, struct cap_vcpu_facts *out);

    /* Copies guest memory by physical address. False, and *to untouched, unless all of it
       exists. An aligned read of 4 or 8 bytes is one access. */
    bool (*read_memory)(struct cap_source *source, uint64_t address, void *to,
                        size_t bytes);

    /* The file that the memory is: its byte N is physical address N. *bytes is its size.
       Still the source's. -1 where there is none. */
    int (*memory_file)(struct cap_source *source, uint64_t *bytes);

    /* The page table (CR3) that the guest's virtual addresses are meant with. */
    uint64_t (*page_table)(struct cap_source *source);

    /* CAP_RUNNING, CAP_ENDED or CAP_FAILED; *vcpu (may be NULL) is who caused it. */
    enum cap_life (*life)(struct cap_source *source, uint32_t *vcpu);

    /*
     * Watches of memory (watch.h); NULL in sources that have none.
     *
     * watch: as cap_watches_set(), which says what it returns. All vCPUs must be parked, or
     * the source not started, where a slot comes, moves or goes; the source sees for
     * itself whether they are. Hardware may come and go at any time: running vCPUs are kicked
     * and arm on their way back, and watch_kind says when none is pending.
     */
    int (*watch)(struct cap_source *source, unsigned index, enum cap_watch_kind kind,
                 const struct cap_watch_request *request, struct dc_error *err);

    /* At any time: has it been hit since it was set or reset? *out (may be NULL) only then. */
    bool (*watch_hit)(struct cap_source *source, unsigned index,
                      struct cap_watch_hit *out);

    /* At any time: forgets the hit, so that there can be another. */
    void (*watch_reset)(struct cap_source *source, unsigned index);

    /* At any time: the kind in force, and how far its arming is (*out may be NULL). */
    enum cap_watch_kind (*watch_kind)(struct cap_source *source, unsigned index,
                                      struct cap_watch_arming *out);

    /* Room for the full state of all vCPUs, to be made before the start (errors: as
       cap_full_new()), and the reading of vCPU `id`, which is parked. NULL in sources that
       have no more than registers. */
    struct cap_full *(*full_new)(struct cap_source *source, struct dc_error *err);
    void (*full_take)(struct cap_source *source, struct cap_full *full, uint32_t id);

    /* All vCPUs are parked, and will be until the thaw: what stands still only now is to
       be noted, the guest's clock. NULL: there is nothing. */
    void (*settled)(struct cap_source *source);

    /* What is known of the guest's clock in the latest freeze. NULL: it has none. */
    void (*clock)(struct cap_source *source, struct cap_clock_facts *out);

    /* Ends the freeze in force: closes the board and lets parked vCPUs go on. */
    void (*thaw)(struct cap_source *source);

    /* Ends all vCPUs for good, frozen or not. -1 if one could not be ended in time. */
    int (*stop)(struct cap_source *source, struct dc_error *err);
};

struct cap_source {
    const struct cap_source_ops *ops;
    struct cap_board *board;
};

#endif
