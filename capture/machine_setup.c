#include "capture/machine_setup.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "capture/boot.h"
#include "capture/kvm.h"

#define CPUID_ENTRIES 256

struct kvm_cpuid2 *cap_setup_cpuid(int kvm, struct dc_error *err) {
    size_t bytes =
        sizeof(struct kvm_cpuid2) + CPUID_ENTRIES * sizeof(struct kvm_cpuid_entry2);
    struct kvm_cpuid2 *cpuid = calloc(1, bytes);
    if (!cpuid) {
        dc_fail(err, DC_ENOMEM, "no memory for the CPUID table");
        return NULL;
    }
    cpuid->nent = CPUID_ENTRIES;
    if (ioctl(kvm, KVM_GET_SUPPORTED_CPUID, cpuid)) {
        dc_fail_errno(err, DC_EINTERNAL, errno, "KVM_GET_SUPPORTED_CPUID failed");
        free(cpuid);
        return NULL;
    }
    return cpuid;
}

int cap_setup_irqchip(int vm, const struct cap_guest *guest, struct dc_error *err) {
    if (!cap_guest_needs_irqchip(guest))
        return 0;
    if (!cap_kvm_has(vm, KVM_CAP_IRQCHIP))
        return dc_fail(err, DC_ECANNOT,
                       "%s needs an interrupt controller inside KVM (KVM_CAP_IRQCHIP), "
                       "which it does not have here",
                       guest->name);
    if (ioctl(vm, KVM_CREATE_IRQCHIP, 0))
        return dc_fail_errno(err, DC_ECANNOT, errno,
                             "KVM cannot create an interrupt controller");
    return 0;
}

static struct cap_entry entry_of(enum cap_cpu_kind kind, const struct guest_boot *boot,
                                 uint64_t entry_point, uint32_t id) {
    if (kind == CAP_CPU_FAULT)
        return cap_boot_fault_entry(boot, id);
    if (kind == CAP_CPU_HALT)
        return cap_boot_halt_entry(boot, id);
    return cap_boot_entry(boot, entry_point, id);
}

/* With an interrupt controller only vCPU 0 runs by itself; the others would wait. */
static int make_runnable(int vcpu, uint32_t id, const struct cap_guest *guest,
                         struct dc_error *err) {
    struct kvm_mp_state state = {.mp_state = KVM_MP_STATE_RUNNABLE};
    if (!cap_guest_needs_irqchip(guest) || ioctl(vcpu, KVM_SET_MP_STATE, &state) == 0)
        return 0;
    return dc_fail_errno(err, DC_EINTERNAL, errno, "KVM does not let vCPU %u run", id);
}

int cap_setup_vcpu(int vcpu, uint32_t id, enum cap_cpu_kind kind,
                   const struct guest_boot *boot, const struct cap_guest *guest,
                   struct dc_error *err) {
    struct cap_entry entry = entry_of(kind, boot, cap_elf_entry(guest->elf), id);
    struct kvm_sregs sregs;
    struct kvm_regs regs;

    if (kind == CAP_CPU_UNINIT)
        return 0; /* it stays as it came out of its reset */
    if (ioctl(vcpu, KVM_GET_SREGS, &sregs))
        return dc_fail_errno(err, DC_EINTERNAL, errno, "KVM_GET_SREGS failed");
    if (kind == CAP_CPU_USER)
        cap_entry_user(&entry, &sregs, &regs);
    else
        cap_entry_kernel(&entry, &sregs, &regs);
    if (ioctl(vcpu, KVM_SET_SREGS, &sregs) || ioctl(vcpu, KVM_SET_REGS, &regs))
        return dc_fail_errno(err, DC_EINTERNAL, errno,
                             "KVM refused the registers of vCPU %u", id);
    return make_runnable(vcpu, id, guest, err);
}

uint64_t cap_machine_watchdog_ms(uint32_t vcpus) {
    uint64_t ms = UINT64_C(20) * vcpus;
    return ms > 500 ? ms : 500;
}

int cap_setup_boot(struct guest_boot *boot, int vcpu,
                   const struct cap_machine_config *config, struct dc_error *err) {
    int khz = ioctl(vcpu, KVM_GET_TSC_KHZ, 0);
    uint64_t watchdog_ms = config->watchdog_ms;

    if (khz <= 0)
        return dc_fail(err, DC_ECANNOT, "KVM does not know the speed of the TSC");
    if (watchdog_ms == 0)
        watchdog_ms = cap_machine_watchdog_ms(boot->cpus);
    boot->magic = GUEST_MAGIC;
    boot->version = GUEST_VERSION;
    boot->scenario = (uint32_t)config->guest->scenario;
    boot->tsc_khz = (uint64_t)khz;
    boot->watchdog_ticks = watchdog_ms * (uint64_t)khz;
    /* An exit costs the host tens of microseconds: many vCPUs must idle for longer. */
    boot->idle_us = boot->cpus < 10 ? 1000 : boot->cpus * 100;
    return 0;
}
