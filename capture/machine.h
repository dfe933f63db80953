/*
 * machine: a virtual machine of linux/kvm.h, as a source.
 *
 * No devices but some ports and a page (guests/guest.h), no interrupt controller unless
 * the guest needs one, memory from a memfd (so that others could map it), one thread for
 * each vCPU. boot.h shows the layout of its memory.
 */
#ifndef DUMPCTL_CAPTURE_MACHINE_H
#define DUMPCTL_CAPTURE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/doorbell.h"
#include "capture/guest.h"
#include "capture/inject.h"
#include "capture/source.h"
#include "lib/error.h"

struct cap_machine_config {
    const char *kvm_path;            /* NULL: /dev/kvm */
    const struct cap_guest *guest;   /* may be closed after cap_machine_new() */
    const struct cap_inject *inject; /* likewise */
    uint32_t vcpus;                  /* from 1 */
    uint64_t memory_bytes;           /* CAP_MEMORY_MIN to CAP_MEMORY_MAX */
    uint64_t watchdog_ms;            /* 0: cap_machine_watchdog_ms() */
};

struct cap_machine;

/*
 * Makes a machine that is ready to start. Errors: DC_ECANNOT (no /dev/kvm, no permission,
 * a capability is missing), DC_EUSAGE (more vCPUs or less memory than is possible),
 * DC_ENOMEM, DC_EINTERNAL.
 */
struct cap_machine *cap_machine_new(const struct cap_machine_config *config,
                                    struct dc_error *err) DC_MUST_USE;

/* The machine as a source; valid as long as the machine. */
struct cap_source *cap_machine_source(struct cap_machine *machine);

/* Who answers GUEST_PORT_REQUEST; NULL (as at first): nobody, requests are refused. To be
   called before the start; `doorbell` is borrowed until the machine has stopped. */
void cap_machine_set_doorbell(struct cap_machine *machine,
                              const struct cap_doorbell *doorbell);

/* Stops the machine if it runs, and frees it. False: a thread of it does not end; then it is
   leaked, and what the thread may still use (the doorbell) must stay. NULL is true. */
bool cap_machine_free(struct cap_machine *machine);

/* The watchdog of the guest where none is given: 20 ms for each vCPU, 500 ms at least. */
uint64_t cap_machine_watchdog_ms(uint32_t vcpus);

#endif
