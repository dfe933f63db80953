#include "capture/entry_state.h"

#include <string.h>

/* Control register and flag bits, as in the manuals. */
#define CR0_PE (1u << 0)
#define CR0_MP (1u << 1)
#define CR0_ET (1u << 4)
#define CR0_NE (1u << 5) /* VMX requires it */
#define CR0_WP (1u << 16)
#define CR0_PG (1u << 31)
#define CR4_PAE (1u << 5)
#define CR4_OSFXSR (1u << 9) /* SSE for guests that are compiled with it */
#define CR4_OSXMMEXCPT (1u << 10)
#define EFER_LME (1u << 8)
#define EFER_LMA (1u << 10)
#define RFLAGS_ONE (1u << 1) /* always 1 */
#define RFLAGS_IF (1u << 9)
#define RFLAGS_IOPL3 (3u << 12)

/* Segment types. The accessed bit must be set in every usable segment. */
#define TYPE_CODE 0xb     /* execute, read, accessed, not conforming */
#define TYPE_DATA 0x3     /* read, write, accessed, grows up */
#define TYPE_TSS_BUSY 0xb /* with s = 0: 64-bit TSS, busy */

static struct kvm_segment flat(uint16_t selector, uint8_t type, uint8_t dpl) {
    struct kvm_segment segment = {
        .limit = 0xffffffff,
        .selector = selector,
        .type = type,
        .present = 1,
        .dpl = dpl,
        .s = 1,
        .g = 1, /* a limit with the low 12 bits set needs it */
    };
    /* A 64-bit code segment has l and not db; data segments are the other way round. */
    segment.l = type == TYPE_CODE;
    segment.db = type != TYPE_CODE;
    return segment;
}

static void fill(const struct cap_entry *entry, uint16_t code, uint16_t data,
                 struct kvm_sregs *sregs, struct kvm_regs *regs) {
    uint8_t dpl = code & 3;

    sregs->cs = flat(code, TYPE_CODE, dpl);
    sregs->ss = flat(data, TYPE_DATA, dpl);
    sregs->ds = sregs->es = sregs->fs = sregs->gs = sregs->ss;
    sregs->tr = (struct kvm_segment){
        .base = entry->tss,
        .limit = CAP_TSS_BYTES - 1,
        .selector = CAP_SEL_TSS,
        .type = TYPE_TSS_BUSY,
        .present = 1,
    };
    sregs->ldt = (struct kvm_segment){.unusable = 1};
    sregs->gdt = (struct kvm_dtable){.base = entry->gdt, .limit = CAP_GDT_BYTES - 1};
    sregs->idt = (struct kvm_dtable){0};
    sregs->cr0 = CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG;
    sregs->cr2 = 0;
    sregs->cr3 = entry->page_table;
    sregs->cr4 = CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT;
    sregs->efer = EFER_LME | EFER_LMA;
    memset(sregs->interrupt_bitmap, 0, sizeof(sregs->interrupt_bitmap));

    *regs = (struct kvm_regs){
        .rip = entry->rip,
        .rsp = entry->rsp,
        .rdi = entry->rdi,
        .rsi = entry->rsi,
        .rflags = RFLAGS_ONE,
    };
}

void cap_entry_user(const struct cap_entry *entry, struct kvm_sregs *sregs,
                    struct kvm_regs *regs) {
    fill(entry, CAP_SEL_USER_CODE, CAP_SEL_USER_DATA, sregs, regs);
    /* IOPL 3 opens all ports to CPL 3. Not every KVM keeps it: boot.c has a second way. */
    regs->rflags |= RFLAGS_IF | RFLAGS_IOPL3;
}

void cap_entry_kernel(const struct cap_entry *entry, struct kvm_sregs *sregs,
                      struct kvm_regs *regs) {
    fill(entry, CAP_SEL_KERNEL_CODE, CAP_SEL_KERNEL_DATA, sregs, regs);
}
