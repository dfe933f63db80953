/*
 * trial: what watches are made with on this machine, found out by trying.
 *
 * No KVM of x86 says whether its data breakpoints work (KVM_CAP_GUEST_DEBUG_HW_WPS belongs
 * to other processors), and there are some that take them and never fire. So a scratch
 * machine, of the kind that capture runs its guests in, gets both watches, and a guest that
 * writes to both places and ends.
 */
#ifndef DUMPCTL_CAPTURE_TRIAL_H
#define DUMPCTL_CAPTURE_TRIAL_H

#include <stdbool.h>

#include "capture/watch.h"

/* Does a hardware watchpoint fire in a guest? `kvm_path` as in struct cap_machine_config.
   Takes milliseconds; seconds where the machine hangs, and never more. */
bool cap_watchpoint_works(const char *kvm_path);

/* Fills *means, all false where there is no KVM. As slow as cap_watchpoint_works(): ask
   once. */
void cap_watch_find_means(const char *kvm_path, struct cap_watch_means *means);

#endif
