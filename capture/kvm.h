/*
 * kvm: the device /dev/kvm and what it can do.
 */
#ifndef DUMPCTL_CAPTURE_KVM_H
#define DUMPCTL_CAPTURE_KVM_H

#include "lib/error.h"

/*
 * Opens the device at `path` and checks that it is a KVM with all that capture cannot do
 * without. Returns a descriptor that the caller closes, or -1 with DC_ECANNOT and a remedy.
 */
int cap_kvm_open(const char *path, struct dc_error *err);

/* What KVM_CHECK_EXTENSION answers for a device or a machine; 0: it has it not. */
int cap_kvm_has(int fd, unsigned long capability);

#endif
