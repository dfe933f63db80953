/*
 * guest: the program that a machine runs, found by the name that the user gave.
 *
 * "demo:stall", "demo:error" and so on are scenarios of the demo guest inside dumpctl; any
 * other name is the path of an ELF file (guests/guest.h is what such a file must keep to).
 * A file called demo:... is reached as ./demo:...
 */
#ifndef DUMPCTL_CAPTURE_GUEST_H
#define DUMPCTL_CAPTURE_GUEST_H

#include <stdint.h>

#include "capture/elf.h"
#include "capture/guests/guest.h"

/* How a vCPU begins. */
enum cap_cpu_kind {
    CAP_CPU_USER,   /* at the entry point of the guest, as guests/guest.h says */
    CAP_CPU_HALT,   /* in kernel mode, halted; needs an interrupt controller in KVM */
    CAP_CPU_UNINIT, /* not at all: it waits to be started by others; likewise */
    CAP_CPU_FAULT,  /* --inject fault: in kernel mode, at a page that never arrives */
};

struct cap_guest {
    const char *name; /* borrowed from the caller */
    enum guest_scenario scenario;
    enum cap_cpu_kind others; /* all vCPUs but 0 */
    bool needs_last;     /* without its last vCPU a scenario never comes to its point */
    struct cap_elf *elf; /* owned */
};

/* Finds and checks the guest. DC_EUSAGE for an unknown scenario or a file that is no
   guest, DC_EIO for a file that cannot be read. */
int cap_guest_open(struct cap_guest *guest, const char *name, struct dc_error *err);
void cap_guest_close(struct cap_guest *guest);

/* How vCPU `id` of the guest begins, unless a fault is injected there. */
enum cap_cpu_kind cap_guest_cpu(const struct cap_guest *guest, uint32_t id);

bool cap_guest_needs_irqchip(const struct cap_guest *guest);

#endif
