/*
 * guest: the program that a machine runs, found by the name that the user gave.
 *
 * "demo:clean", "demo:error", "demo:stall", "demo:spin" are scenarios of the demo guest
 * inside dumpctl; any other name is the path of an ELF file (guests/guest.h is what such a
 * file must keep to). A file called demo:... is reached as ./demo:...
 */
#ifndef DUMPCTL_CAPTURE_GUEST_H
#define DUMPCTL_CAPTURE_GUEST_H

#include <stdint.h>

#include "capture/elf.h"
#include "capture/guests/guest.h"

struct cap_guest {
    const char *name; /* borrowed from the caller */
    enum guest_scenario scenario;
    struct cap_elf *elf; /* owned */
};

/* Finds and checks the guest. DC_EUSAGE for an unknown scenario or a file that is no
   guest, DC_EIO for a file that cannot be read. */
int cap_guest_open(struct cap_guest *guest, const char *name, struct dc_error *err);
void cap_guest_close(struct cap_guest *guest);

#endif
