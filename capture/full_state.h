/*
 * full_state: what --full reads of stopped vCPUs beyond their registers (registers.h).
 *
 * Debug registers, XCR0, the XSAVE area (x87, SSE and what came later), all MSRs that KVM
 * lists, the local APIC, and the exceptions and interrupts that are on their way. The
 * structs of linux/kvm.h are kept as they are; report_full.c takes them apart.
 *
 * It is the coordinator that reads them, after the rendezvous and before the thaw, on the
 * descriptors of vCPUs that are parked: their threads sleep outside of KVM_RUN, so nothing
 * blocks. The threads themselves could do it side by side, but only before they
 * acknowledge: where there are more vCPUs than processors, each would hold up those that
 * still run, and the moments at which the vCPUs stopped would lie further apart. That
 * spread is what a report suffers from. Six calls of 5 us each make the freeze of 250
 * vCPUs 7 ms longer, and nobody who does not ask for it pays.
 *
 * All memory is allocated before the guest runs: inside a freeze nothing can fail but the
 * reading itself, and each part has an errno of its own.
 */
#ifndef DUMPCTL_CAPTURE_FULL_STATE_H
#define DUMPCTL_CAPTURE_FULL_STATE_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/* Where a component lies in an XSAVE area. */
struct cap_xsave_part {
    uint32_t offset, bytes; /* bytes 0: this processor has no such component */
};

#define CAP_XSAVE_PARTS 63 /* bits of XCR0 and IA32_XSS; bit 63 says something else */

/* What there is to be read: the same for all vCPUs of a machine. */
struct cap_full_list {
    uint32_t *msrs; /* owned; indexes, in KVM's order */
    uint32_t msr_count;
    uint32_t xsave_bytes; /* at least sizeof(struct kvm_xsave) */
    bool xsave2;          /* by KVM_GET_XSAVE2 */
    struct cap_xsave_part parts[CAP_XSAVE_PARTS];
};

/* Asks the device and the machine. DC_ENOMEM, or DC_ECANNOT where KVM has no MSR list. */
int cap_full_list_open(struct cap_full_list *list, int kvm_fd, int vm_fd,
                       struct dc_error *err);
void cap_full_list_close(struct cap_full_list *list);

struct cap_full_msr {
    uint32_t index;
    bool unreadable; /* KVM lists it, and refused to read it */
    uint64_t value;  /* unless unreadable */
};

/* One vCPU. A part whose errno is not 0 says nothing. */
struct cap_full_state {
    int debug_errno;
    struct kvm_debugregs debug;
    int xcrs_errno;
    struct kvm_xcrs xcrs;
    int xsave_errno;
    struct kvm_xsave *xsave; /* owned; xsave_bytes of the list */
    int msrs_errno;
    struct cap_full_msr *msrs; /* owned; msr_count of the list */
    struct kvm_msrs *batch;    /* owned; room for a call */
    int lapic_errno;
    bool lapic_none; /* there is no local APIC in the kernel; lapic_errno is 0 */
    struct kvm_lapic_state lapic;
    int events_errno;
    struct kvm_vcpu_events events;
};

int cap_full_state_init(struct cap_full_state *state, const struct cap_full_list *list,
                        struct dc_error *err);
void cap_full_state_done(struct cap_full_state *state);

/*
 * Reads all parts of the vCPU behind `vcpu_fd`, which must be parked, or not run yet.
 * Returns 0, or the errno of the first part that failed; the others are good in any case.
 */
int cap_full_state_read(int vcpu_fd, const struct cap_full_list *list,
                        struct cap_full_state *out);

/*
 * One KVM_GET_MSRS: returns how many of batch->nmsrs entries it filled, from the first on,
 * or -1 with errno. It stops at the first that cannot be read.
 */
typedef int cap_full_get_msrs(void *context, struct kvm_msrs *batch);

/* The part of cap_full_state_read() that reads MSRs, through `get`. Returns 0 or errno. */
int cap_full_msrs_read(cap_full_get_msrs *get, void *context,
                       const struct cap_full_list *list, struct cap_full_state *out);

/* All vCPUs of a machine, as one snapshot has them. */
struct cap_full {
    struct cap_full_list list;
    uint32_t count;
    struct cap_full_state *states; /* by id */
    bool *taken;                   /* cap_full_take() was called for it */
};

/* Errors: as cap_full_list_open(). */
struct cap_full *cap_full_new(int kvm_fd, int vm_fd, uint32_t vcpus,
                              struct dc_error *err) DC_MUST_USE;
void cap_full_free(struct cap_full *full);

/* Reads vCPU `id`, which must be parked. */
void cap_full_take(struct cap_full *full, uint32_t id, int vcpu_fd);

/* What was read of vCPU `id`, or NULL: nothing was, or `full` is NULL. */
const struct cap_full_state *cap_full_of(const struct cap_full *full, uint32_t id);

#endif
