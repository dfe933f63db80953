/*
 * ram: the memory of a machine, and the slots through which KVM gives it to the guest.
 *
 * It is a memfd that is mapped into this process and plugged into the machine at address
 * 0, so that a file, or another process, can have it too. The guest writes to it whenever
 * its vCPUs run: whoever looks meanwhile makes single accesses, and takes what comes.
 */
#ifndef DUMPCTL_CAPTURE_RAM_H
#define DUMPCTL_CAPTURE_RAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/* Slots from 0 that belong to the ram; what else a machine maps comes from here on. */
#define CAP_RAM_SLOTS 1u

struct cap_ram {
    int fd; /* memfd, -1: none */
    int vm; /* borrowed, -1: not plugged in */
    uint8_t *bytes;
    uint64_t size;
};

#define CAP_RAM_NONE ((struct cap_ram){.fd = -1, .vm = -1})

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

/* Maps other memory of this process into the machine `vm`, at a slot from CAP_RAM_SLOTS. */
int cap_ram_map(int vm, uint32_t slot, uint64_t address, void *host, uint64_t bytes,
                struct dc_error *err);

#endif
