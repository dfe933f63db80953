/*
 * registers: what is read of one stopped x86-64 vCPU.
 *
 * The structs of linux/kvm.h are kept as they are: nothing is converted, so nothing is
 * lost. Registers are read by the thread that runs the vCPU; from any other thread the
 * ioctls would block until that thread leaves KVM_RUN.
 */
#ifndef DUMPCTL_CAPTURE_REGISTERS_H
#define DUMPCTL_CAPTURE_REGISTERS_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>

struct cap_registers {
    struct kvm_regs general; /* rax..r15, rip, rflags */
    struct kvm_sregs system; /* segments, gdt, idt, cr0..cr8, efer, apic_base */
    uint32_t mp_state;       /* KVM_MP_STATE_*; meaningless unless has_mp_state */
    bool has_mp_state;
};

/* The sets that one KVM_RUN copies into kvm_run where KVM_CAP_SYNC_REGS offers them. */
#define CAP_SYNC_SETS (KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS)

/*
 * Reads the registers of the vCPU behind `fd`, whose thread is the caller. With `synced`,
 * the last KVM_RUN has filled run->s.regs and the two expensive ioctls are saved.
 * Returns 0, or the errno of the ioctl that failed (then *out is undefined).
 */
int cap_registers_read(int fd, const struct kvm_run *run, bool synced,
                       struct cap_registers *out);

/* "RUNNABLE" for KVM_MP_STATE_RUNNABLE, and so on; "?" for a number without a name. */
const char *cap_mp_state_name(uint32_t mp_state);

#endif
