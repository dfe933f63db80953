#include "capture/registers.h"

#include <errno.h>
#include <stddef.h>
#include <sys/ioctl.h>

int cap_registers_read(int fd, const struct kvm_run *run, bool synced,
                       struct cap_registers *out) {
    struct kvm_mp_state mp;

    if (synced) {
        out->general = run->s.regs.regs;
        out->system = run->s.regs.sregs;
    } else if (ioctl(fd, KVM_GET_REGS, &out->general) ||
               ioctl(fd, KVM_GET_SREGS, &out->system)) {
        return errno;
    }
    /* Hosts without KVM_CAP_MP_STATE have no such state: that is no failed read. */
    out->has_mp_state = ioctl(fd, KVM_GET_MP_STATE, &mp) == 0;
    if (!out->has_mp_state && errno != ENOTTY && errno != EINVAL)
        return errno;
    out->mp_state = out->has_mp_state ? mp.mp_state : 0;
    return 0;
}

const char *cap_mp_state_name(uint32_t mp_state) {
    static const char *const names[] = {
        [KVM_MP_STATE_RUNNABLE] = "RUNNABLE",
        [KVM_MP_STATE_UNINITIALIZED] = "UNINITIALIZED",
        [KVM_MP_STATE_INIT_RECEIVED] = "INIT_RECEIVED",
        [KVM_MP_STATE_HALTED] = "HALTED",
        [KVM_MP_STATE_SIPI_RECEIVED] = "SIPI_RECEIVED",
        [KVM_MP_STATE_STOPPED] = "STOPPED",
        [KVM_MP_STATE_AP_RESET_HOLD] = "AP_RESET_HOLD",
    };
    size_t count = sizeof(names) / sizeof(names[0]);
    return mp_state < count && names[mp_state] ? names[mp_state] : "?";
}
