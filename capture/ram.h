/*
 * ram: the memory of a machine, and the slots through which KVM gives it to the guest.
 *
 * It is a memfd that is mapped into this process and plugged into the machine at address
 * 0, so that a file, or another process, can have it too. The guest writes to it whenever
 * its vCPUs run: whoever looks meanwhile makes single accesses, and takes what comes.
 *
 * A page can be taken out of the guest's reach for writing: it gets a read-only slot of its
 * own, between those of the memory before and behind it. The guest reads it at full speed
 * and runs from it; each of its stores there is a KVM_EXIT_MMIO that says exactly what would
 * be written where, and has not been. cap_ram_store() is then to do it. What becomes of
 * stores there is KVM's instruction emulator's to say:
 *   - one that touches other pages too is done there by KVM and comes here in fragments, of
 *     8 bytes at most, one exit for each;
 *   - a locked instruction is no longer atomic: KVM reads, computes, and exits with the
 *     result as with any store ("emulating exchange as write"). What other vCPUs store
 *     between the read and cap_ram_store() is lost. A lock, or a counter that several vCPUs
 *     count on, must not lie on such a page;
 *   - one that the emulator does not know (x87, AVX, cmpxchg16b) ends the vCPU with
 *     KVM_EXIT_INTERNAL_ERROR.
 */
#ifndef DUMPCTL_CAPTURE_RAM_H
#define DUMPCTL_CAPTURE_RAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/* Slots from 0 that belong to the ram; what else a machine maps comes from here on. */
#define CAP_RAM_SLOTS 5u /* two pages, and what lies around them */

#define CAP_RAM_PAGE UINT64_C(4096)
#define CAP_RAM_PAGES 2u               /* that can be read-only at a time */
#define CAP_RAM_NOWHERE (~UINT64_C(0)) /* no page */

/* One slot; bytes 0: it is not in use. */
struct cap_ram_part {
    uint64_t address, bytes;
    bool readonly;
};

struct cap_ram {
    int fd; /* memfd, -1: none */
    int vm; /* borrowed, -1: not plugged in */
    uint8_t *bytes;
    uint64_t size;
    /* Changed only where no vCPU is in the guest. */
    uint64_t readonly[CAP_RAM_PAGES]; /* addresses of pages, or CAP_RAM_NOWHERE */
    struct cap_ram_part parts[CAP_RAM_SLOTS];
};

#define CAP_RAM_NONE                                                                     \
    ((struct cap_ram){.fd = -1, .vm = -1, .readonly = {CAP_RAM_NOWHERE, CAP_RAM_NOWHERE}})

/* Makes `size` zeroed bytes (whole pages), no machine yet. DC_ENOMEM, or DC_ECANNOT where a
   limit of the process forbids it. *ram is CAP_RAM_NONE before; closed in any case. */
int cap_ram_open(struct cap_ram *ram, uint64_t size, struct dc_error *err);

/* Gives it to the machine `vm`, a descriptor that the caller keeps open as long as vCPUs
   run. */
int cap_ram_plug(struct cap_ram *ram, int vm, struct dc_error *err);

/* No vCPU may run any more. Nothing happens to CAP_RAM_NONE. */
void cap_ram_close(struct cap_ram *ram);

/* The memory as a file of cap_ram.size bytes; it stays the ram's. */
int cap_ram_fd(const struct cap_ram *ram);

/* Copies guest memory. False, and *to untouched, unless all of it exists. An aligned read
   of 4 or 8 bytes is one access. */
bool cap_ram_read(const struct cap_ram *ram, uint64_t address, void *to, size_t bytes);

/*
 * Makes the page of `address` read-only for the guest on behalf of `index` (below
 * CAP_RAM_PAGES), in place of the page that `index` has had so far; CAP_RAM_NOWHERE: none
 * any more. Both may name the same page. `still` says that no vCPU is in the guest nor
 * can get there: for a moment parts of the memory do not exist. If it is false and
 * something would have to change, nothing does, and DC_ECANNOT comes back. On other
 * failures what was is restored, or the message says that it could not be.
 */
int cap_ram_watch(struct cap_ram *ram, unsigned index, uint64_t address, bool still,
                  struct dc_error *err);

/* What a store has made of the aligned 4-byte words that it touched, in their order. */
struct cap_ram_words {
    uint64_t first; /* address */
    unsigned count;
    uint32_t value[3]; /* the second of them follows 4 bytes behind the first, ... */
};

/*
 * Does a guest's store of 1 to 8 bytes. Aligned stores of 1, 2, 4 or 8 are one access, others
 * as few as possible. *words says exactly what this store made, whoever stores at the same
 * time. False, and nothing written, unless all of it exists. For any thread.
 */
bool cap_ram_store(struct cap_ram *ram, uint64_t address, const void *from, size_t bytes,
                   struct cap_ram_words *words);

/* Maps other memory of this process into the machine `vm`, at a slot from CAP_RAM_SLOTS. */
int cap_ram_map(int vm, uint32_t slot, uint64_t address, void *host, uint64_t bytes,
                struct dc_error *err);

#endif
