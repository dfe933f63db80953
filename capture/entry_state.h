/*
 * entry_state: the registers with which a vCPU starts.
 *
 * Long mode without passing through any other. Not every KVM checks what it is given: on
 * VMX and SVM hosts the processor itself refuses to enter a guest whose segments, control
 * registers and flags do not fit together (Intel SDM volume 3, "VM entries: checks on
 * guest state"; AMD APM volume 2, "VMRUN: canonicalization and consistency checks"). The
 * state made here fits both.
 */
#ifndef DUMPCTL_CAPTURE_ENTRY_STATE_H
#define DUMPCTL_CAPTURE_ENTRY_STATE_H

#include <linux/kvm.h>
#include <stdint.h>

/* Selectors of the descriptor table that boot.c writes. */
#define CAP_SEL_KERNEL_CODE 0x08
#define CAP_SEL_KERNEL_DATA 0x10
#define CAP_SEL_USER_CODE (0x18 | 3)
#define CAP_SEL_USER_DATA (0x20 | 3)
#define CAP_SEL_TSS 0x28
#define CAP_GDT_BYTES 0x38 /* the last entry, the TSS, is 16 bytes long */
#define CAP_TSS_FIXED 0x68 /* what the processor defines; then the port bitmap */
#define CAP_TSS_BYTES (CAP_TSS_FIXED + 0xa3)

struct cap_entry {
    uint64_t rip;
    uint64_t rsp;
    uint64_t rdi; /* first and second argument */
    uint64_t rsi;
    uint64_t page_table; /* physical addresses */
    uint64_t gdt;
    uint64_t tss;
};

/*
 * Fill *sregs and *regs for CPL 3 (or CPL 0) in 64-bit mode. *sregs must come from
 * KVM_GET_SREGS: apic_base and cr8 are kept as they are there.
 */
void cap_entry_user(const struct cap_entry *entry, struct kvm_sregs *sregs,
                    struct kvm_regs *regs);
void cap_entry_kernel(const struct cap_entry *entry, struct kvm_sregs *sregs,
                      struct kvm_regs *regs);

#endif
