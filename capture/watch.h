/*
 * watch: places in a guest's memory whose stores are noticed when they are made.
 *
 * There are two, each for one aligned 4-byte word and the values from `at_least` on. A
 * watch that has seen such a value is hit, once, until it is reset; the vCPU that made the
 * store runs on. Kinds of watches:
 *   hardware   a data breakpoint of the guest's processor, armed by KVM_SET_GUEST_DEBUG on
 *              each vCPU by its own thread. Costs nothing until the word is written. The
 *              value is read after the store has retired; where another vCPU has stored
 *              again by then, it is that vCPU's exit that counts.
 *   slot       the word's page is read-only for the guest (ram.h, also on what that does
 *              to locked instructions). Each store to the page costs an exit, and the value
 *              is exactly what was stored.
 *   poll       nobody notices; the coordinator has to look.
 *
 * Who may touch what:
 *   kind, request   coordinator only
 *   state and what stands behind it in struct cap_watch
 *                   coordinator publishes, vCPU threads copy. The upper half of `state`
 *                   numbers the publications, odd while one is being written: a copy is good
 *                   if the number was even before it and the same after it
 *   state           vCPU threads too: from (number, 0) to (number, own id + 1), which is the
 *                   hit. One compare-and-swap decides that it is the first, that nobody has
 *                   reset it meanwhile, and that the watch is still the one that the vCPU had
 *                   armed: an address of one request never meets the value of another.
 *   seat.armed ...  its vCPU's thread
 *   seat.seen       its vCPU's thread, until it has won that compare-and-swap; then it is the
 *                   coordinator's until the reset
 */
#ifndef DUMPCTL_CAPTURE_WATCH_H
#define DUMPCTL_CAPTURE_WATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture/board.h"
#include "capture/ram.h"
#include "lib/error.h"

#define CAP_WATCHES 2u /* as many as ram.h has pages for */
#define CAP_WATCH_EXIT_KIND 0u
#define CAP_WATCH_LATCH 1u

enum cap_watch_kind {
    CAP_WATCH_NONE,
    CAP_WATCH_HARDWARE,
    CAP_WATCH_SLOT,
    CAP_WATCH_POLL,
};

/* "none", "hardware watchpoint", "read-only slot", "poll". */
const char *cap_watch_kind_name(enum cap_watch_kind kind);

struct cap_watch_request {
    uint64_t physical; /* of the word, 4-byte aligned, in memory */
    uint64_t virtual;  /* where the guest writes it, likewise aligned */
    uint32_t at_least; /* from 1; smaller values are no hit */
};

struct cap_watch_hit {
    uint32_t vcpu; /* that made the store */
    uint32_t value;
    uint64_t ns; /* cap_now_ns() when it was seen */
};

/* How far the arming of a hardware watch is. The other kinds need none: all zero. */
struct cap_watch_arming {
    uint32_t armed;
    uint32_t pending; /* vCPUs that have not come to it yet; those at rest do not count */
    uint32_t failed;  /* vCPUs on which it is impossible: they are not watched */
    int error;        /* errno of one of these, or 0 */
};

/* What of all this is possible here. */
struct cap_watch_means {
    bool hardware; /* and it has been seen to work */
    bool slot;
};

enum cap_watch_by {
    CAP_WATCH_BY_AUTO,
    CAP_WATCH_BY_HARDWARE,
    CAP_WATCH_BY_SLOT,
    CAP_WATCH_BY_POLL,
};

/*
 * What a watch is to be made with. Auto: hardware, else slot, else poll; `costly` says that
 * stores to the neighbours of the word on its page would cost an exit each (see
 * cap_elf_alone_on_page()): then auto takes no slot. Being asked for what this machine
 * cannot do is DC_ECANNOT.
 */
int cap_watch_choose(const struct cap_watch_means *means, enum cap_watch_by by,
                     bool costly, enum cap_watch_kind *kind, struct dc_error *err);

/* DR7 with data breakpoints on stores to 4 bytes in those debug registers whose bits are
   set in `mask`; 0: none. */
uint64_t cap_watch_dr7(unsigned mask);

/* ---- shared state ---- */

struct cap_watch {
    enum cap_watch_kind kind;
    struct cap_watch_request request;

    _Atomic uint64_t state;
    _Atomic uint32_t published_kind; /* CAP_WATCH_HARDWARE or CAP_WATCH_SLOT, else NONE */
    _Atomic uint32_t at_least;
    _Atomic uint64_t physical, virtual;
};

/* A vCPU's copy of what is published. */
struct cap_watch_armed {
    uint32_t number;
    enum cap_watch_kind kind;
    struct cap_watch_request request;
};

struct cap_watch_seat {
    _Alignas(64) uint32_t looked; /* at this version */
    struct cap_watch_armed armed[CAP_WATCHES];
    uint64_t address[CAP_WATCHES]; /* in the debug registers of the vCPU; with dr7 != 0 */
    uint64_t dr7;
    unsigned failures; /* in a row; with MOST_FAILURES it has given up for good */
    int error;         /* errno of the latest */
    struct {
        _Atomic uint32_t value;
        _Atomic uint64_t ns;
    } seen[CAP_WATCHES];
    _Atomic uint32_t settled; /* version for which it has done what it can */
    _Atomic int failed;       /* errno for which that was not what was wanted, or 0 */
};

struct kvm_guest_debug;

struct cap_watches {
    struct cap_ram *ram;
    struct cap_board *board;
    uint32_t count; /* seats */
    struct cap_watch_seat *seats;
    /* KVM_SET_GUEST_DEBUG; 0 or errno. Tests have one of their own. */
    int (*set_debug)(int fd, const struct kvm_guest_debug *debug);
    _Atomic uint32_t version; /* changes after each publication */
    struct cap_watch watch[CAP_WATCHES];
};

/* `ram` and `board` are the caller's and outlive it. */
int cap_watches_open(struct cap_watches *watches, struct cap_ram *ram,
                     struct cap_board *board, struct dc_error *err);

/* Threads are gone. Nothing happens to a zeroed struct. */
void cap_watches_close(struct cap_watches *watches);

/* ---- coordinator ---- */

/* What cap_watches_set() returns, but for -1. */
#define CAP_WATCH_SET 0
#define CAP_WATCH_AGAIN 1

/*
 * Watches `request` at `index`, by `kind`; NULL, or CAP_WATCH_NONE, removes. A hit of the watch
 * before is forgotten; what is in force already stays as it is, with its hit.
 *
 * `still`: no vCPU is in the guest nor can get there. It must be true where a page becomes
 * read-only or writable again, or -1 comes with DC_ECANNOT and nothing has changed.
 * Otherwise the watch changes beside running vCPUs, which the caller kicks afterwards: each
 * arms before it enters the guest again, and cap_watches_arming() says when all have.
 *
 * A hardware watch never moves in one step: the one in force is withdrawn, and CAP_WATCH_AGAIN
 * means that the same call in a later turn of the coordinator publishes the new one.
 *
 * What is in the word already is no store: look at it once after the watch is in force.
 */
int cap_watches_set(struct cap_watches *watches, unsigned index, enum cap_watch_kind kind,
                    const struct cap_watch_request *request, bool still,
                    struct dc_error *err);

/* Has the watch been hit since it was set or reset? Then *out (may be NULL) says how. */
bool cap_watches_hit(const struct cap_watches *watches, unsigned index,
                     struct cap_watch_hit *out);

/* Forgets a hit: the next store of such a value is one again. */
void cap_watches_reset(struct cap_watches *watches, unsigned index);

/* Is vCPU `id` done with the latest change? Then adds it to *out, else counts nothing. */
bool cap_watches_arming(const struct cap_watches *watches, unsigned index, uint32_t id,
                        struct cap_watch_arming *out);

/* ---- thread of vCPU `id` ---- */

/* To be called before each stay in the guest, after immediate_exit was cleared: a kick after a
   change then either is seen by KVM_RUN, or its change is seen here. False: a signal
   came in between; the vCPU must not enter the guest before this has been called again. */
bool cap_watches_arm(struct cap_watches *watches, uint32_t id, int fd);

/* After KVM_EXIT_DEBUG with these bits of DR6. Bits of no watch are ignored. */
void cap_watches_debug(struct cap_watches *watches, uint32_t id, uint64_t dr6);

/* After KVM_EXIT_MMIO with is_write: does the store, and looks at it. False: it is no store to
   memory. Exactly once for each exit. */
bool cap_watches_store(struct cap_watches *watches, uint32_t id, uint64_t address,
                       const void *from, size_t bytes);

#endif
