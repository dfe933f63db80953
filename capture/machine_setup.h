/*
 * machine_setup: the state in which a machine and its vCPUs begin.
 *
 * Parts of cap_machine_new(): they work on descriptors of KVM that the machine owns, before
 * any vCPU runs. All return 0, or -1 with *err filled.
 */
#ifndef DUMPCTL_CAPTURE_MACHINE_SETUP_H
#define DUMPCTL_CAPTURE_MACHINE_SETUP_H

#include <stdint.h>

#include "capture/guest.h"
#include "capture/machine.h"
#include "lib/error.h"

/* Gives the machine an interrupt controller inside KVM if the guest needs one; before there
   are vCPUs. DC_ECANNOT where KVM has none. */
int cap_setup_irqchip(int vm, const struct cap_guest *guest, struct dc_error *err);

/* Registers, and whether it runs at all. Of *boot only cpus and memory_bytes are used. */
int cap_setup_vcpu(int vcpu, uint32_t id, enum cap_cpu_kind kind,
                   const struct guest_boot *boot, const struct cap_guest *guest,
                   struct dc_error *err);

/* Fills what *boot does not have yet: cpus and memory_bytes are there. */
int cap_setup_boot(struct guest_boot *boot, int vcpu,
                   const struct cap_machine_config *config, struct dc_error *err);

/* What KVM can give a vCPU, for KVM_SET_CPUID2; to be freed. NULL: DC_ENOMEM, DC_EINTERNAL. */
struct kvm_cpuid2;
struct kvm_cpuid2 *cap_setup_cpuid(int kvm, struct dc_error *err) DC_MUST_USE;

#endif
