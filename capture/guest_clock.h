/*
 * guest_clock: the clock that KVM keeps for a guest (kvmclock), across a freeze.
 *
 * It goes on while the vCPUs are parked. So it is read when all of them have parked, and
 * set back before they go on: for the guest no time has passed on it. Before that each vCPU
 * is told that it was paused (KVM_KVMCLOCK_CTRL), so that a guest's watchdogs do not take
 * the pause for a lockup; a guest that has not turned kvmclock on refuses that with EINVAL,
 * which is a fact and no fault. The TSC runs on in any case.
 *
 * Where not all vCPUs have parked nothing is done: for those that run on the clock would
 * jump back. Belongs to the coordinator's thread.
 */
#ifndef DUMPCTL_CAPTURE_GUEST_CLOCK_H
#define DUMPCTL_CAPTURE_GUEST_CLOCK_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>

/* What is known of it in one freeze. */
struct cap_clock_facts {
    bool saved;
    bool restored;
    uint64_t ns;      /* the guest's clock at the freeze, with `saved` */
    uint32_t told;    /* vCPUs that took KVM_KVMCLOCK_CTRL */
    uint32_t without; /* vCPUs that have no kvmclock */
    int error;        /* the first errno of anything else, 0: none */
};

struct cap_guest_clock {
    int vm; /* borrowed */
    struct kvm_clock_data data;
    struct cap_clock_facts facts;
};

/* All vCPUs are parked. What was known of the freeze before is forgotten. */
void cap_guest_clock_save(struct cap_guest_clock *clock);

/* Tells a parked vCPU that it was paused; nothing happens unless the clock was saved. */
void cap_guest_clock_tell(struct cap_guest_clock *clock, int vcpu_fd);

/* Sets it back, once for each save. */
void cap_guest_clock_restore(struct cap_guest_clock *clock);

#endif
