/*
 * tables_own: the rows of the member "dumpctl", which `dumpctl capture` adds to a report.
 *
 * The reference ignores it as an unknown member. Columns as in lib/tables.h. Every type
 * that stands in a list has a required member, so that an element costs bytes of input.
 */
#ifndef DUMPCTL_LIB_TABLES_OWN_H
#define DUMPCTL_LIB_TABLES_OWN_H

/* A table reads best with a row on a line. */
/* clang-format off */

#define DC_OWN_TYPES(T) \
    T(DUMPCTL, "Dumpctl", NULL, NULL, "what dumpctl capture adds to a report") \
    T(GUEST, "Guest", NULL, NULL, "the guest that was run") \
    T(HOST, "Host", NULL, NULL, "the machine that it ran on") \
    T(FREEZE, "Freeze", NULL, NULL, "how the rendezvous went") \
    T(VCPU, "Vcpu", NULL, "id", "one vCPU at the freeze") \
    T(GENERAL_REGS, "GeneralRegs", NULL, NULL, "general registers, rip and rflags") \
    T(CONTROL_REGS, "ControlRegs", NULL, NULL, "control registers and descriptor tables") \
    T(SEGMENT, "Segment", NULL, "name", "one segment register")

#define DC_DUMPCTL_FIELDS(X) \
    X(DUMPCTL, version, STRING, ONE, REQUIRED, PLAIN, NONE, "version of dumpctl that wrote the report") \
    X(DUMPCTL, captured_at, STRING, ONE, OPTIONAL, PLAIN, NONE, "time of the capture, UTC, RFC 3339") \
    X(DUMPCTL, trigger, STRING, ONE, OPTIONAL, PLAIN, NONE, "what set the capture off: latch, timer, crash") \
    X(DUMPCTL, outcome, STRING, ONE, OPTIONAL, PLAIN, NONE, "complete, unreadable, timeout, killed or crashed") \
    X(DUMPCTL, crashed_vcpu, U32, ONE, OPTIONAL, PLAIN, NONE, "the vCPU that crashed first") \
    X(DUMPCTL, guest, RECORD, ONE, OPTIONAL, PLAIN, GUEST, "the guest that was run") \
    X(DUMPCTL, host, RECORD, ONE, OPTIONAL, PLAIN, HOST, "the machine that it ran on") \
    X(DUMPCTL, watchpoint_hit, BOOL, ONE, OPTIONAL, PLAIN, NONE, "the hardware watchpoint on the exit kind fired") \
    X(DUMPCTL, bss_latch_state, STRING, ONE, OPTIONAL, PLAIN, NONE, "state of the error latch at the report") \
    X(DUMPCTL, bss_latch_state_at_trigger, STRING, ONE, OPTIONAL, PLAIN, NONE, "state of the error latch at the trigger") \
    X(DUMPCTL, exit_kind, U32, ONE, OPTIONAL, PLAIN, NONE, "the scheduler's exit kind") \
    X(DUMPCTL, exit_kind_state, STRING, ONE, OPTIONAL, PLAIN, NONE, "read, or why it was not") \
    X(DUMPCTL, elapsed_us, U64, ONE, OPTIONAL, US, NONE, "from the trigger to the end of the rendezvous") \
    X(DUMPCTL, freeze, RECORD, ONE, OPTIONAL, PLAIN, FREEZE, "how the rendezvous went") \
    X(DUMPCTL, not_frozen, STRING, ONE, OPTIONAL, PLAIN, NONE, "what went on running during the freeze") \
    X(DUMPCTL, vcpus, RECORD, LIST, DEFAULTED, PLAIN, VCPU, "vCPUs by id")

#define DC_GUEST_FIELDS(X) \
    X(GUEST, name, STRING, ONE, REQUIRED, PLAIN, NONE, "demo:SCENARIO, or the file") \
    X(GUEST, vcpus, U32, ONE, OPTIONAL, PLAIN, NONE, "vCPUs") \
    X(GUEST, memory_mib, U64, ONE, OPTIONAL, PLAIN, NONE, "memory in MiB")

#define DC_HOST_FIELDS(X) \
    X(HOST, kernel, STRING, ONE, OPTIONAL, PLAIN, NONE, "kernel release") \
    X(HOST, machine, STRING, ONE, OPTIONAL, PLAIN, NONE, "architecture") \
    X(HOST, cpus, U32, ONE, OPTIONAL, PLAIN, NONE, "CPUs online") \
    X(HOST, kvm, STRING, ONE, OPTIONAL, PLAIN, NONE, "KVM's backend")

#define DC_FREEZE_FIELDS(X) \
    X(FREEZE, timeout_ms, U64, ONE, OPTIONAL, MS, NONE, "deadline of the rendezvous") \
    X(FREEZE, latency_us, U64, ONE, OPTIONAL, US, NONE, "from the first kick to the last vCPU parked") \
    X(FREEZE, rekicks, U64, ONE, OPTIONAL, COUNT, NONE, "kicks repeated") \
    X(FREEZE, realtime, BOOL, ONE, OPTIONAL, PLAIN, NONE, "real-time priority was in force") \
    X(FREEZE, injected, STRING, ONE, OPTIONAL, PLAIN, NONE, "faults injected for a test")

#define DC_VCPU_FIELDS(X) \
    X(VCPU, id, U32, ONE, REQUIRED, PLAIN, NONE, "vCPU") \
    X(VCPU, state, STRING, ONE, REQUIRED, PLAIN, NONE, "parked, not_parked or unavailable") \
    X(VCPU, why, STRING, ONE, OPTIONAL, PLAIN, NONE, "why it is not parked, its registers could not be read, or it crashed") \
    X(VCPU, read_errno, I32, ONE, OPTIONAL, PLAIN, NONE, "errno of reading the registers") \
    X(VCPU, park_us, U64, ONE, OPTIONAL, US, NONE, "from its first kick to parked") \
    X(VCPU, kicks, U64, ONE, OPTIONAL, COUNT, NONE, "kicks sent") \
    X(VCPU, host_tid, I32, ONE, OPTIONAL, PLAIN, NONE, "thread on the host") \
    X(VCPU, last_exit, STRING, ONE, OPTIONAL, PLAIN, NONE, "last KVM exit before the freeze") \
    X(VCPU, mp_state, STRING, ONE, OPTIONAL, PLAIN, NONE, "KVM's MP state") \
    X(VCPU, regs, RECORD, ONE, OPTIONAL, PLAIN, GENERAL_REGS, "general registers") \
    X(VCPU, control, RECORD, ONE, OPTIONAL, PLAIN, CONTROL_REGS, "control registers and descriptor tables") \
    X(VCPU, segments, RECORD, LIST, DEFAULTED, PLAIN, SEGMENT, "segment registers")

#define DC_REG_ROW(X, type, name) X(type, name, U64, ONE, REQUIRED, ADDRESS, NONE, #name)

#define DC_GENERAL_REGS_FIELDS(X) \
    DC_REG_ROW(X, GENERAL_REGS, rax) \
    DC_REG_ROW(X, GENERAL_REGS, rbx) \
    DC_REG_ROW(X, GENERAL_REGS, rcx) \
    DC_REG_ROW(X, GENERAL_REGS, rdx) \
    DC_REG_ROW(X, GENERAL_REGS, rsi) \
    DC_REG_ROW(X, GENERAL_REGS, rdi) \
    DC_REG_ROW(X, GENERAL_REGS, rsp) \
    DC_REG_ROW(X, GENERAL_REGS, rbp) \
    DC_REG_ROW(X, GENERAL_REGS, r8) \
    DC_REG_ROW(X, GENERAL_REGS, r9) \
    DC_REG_ROW(X, GENERAL_REGS, r10) \
    DC_REG_ROW(X, GENERAL_REGS, r11) \
    DC_REG_ROW(X, GENERAL_REGS, r12) \
    DC_REG_ROW(X, GENERAL_REGS, r13) \
    DC_REG_ROW(X, GENERAL_REGS, r14) \
    DC_REG_ROW(X, GENERAL_REGS, r15) \
    DC_REG_ROW(X, GENERAL_REGS, rip) \
    X(GENERAL_REGS, rflags, U64, ONE, REQUIRED, BITMAP, NONE, "rflags")

#define DC_CONTROL_REGS_FIELDS(X) \
    X(CONTROL_REGS, cr0, U64, ONE, REQUIRED, BITMAP, NONE, "cr0") \
    DC_REG_ROW(X, CONTROL_REGS, cr2) \
    DC_REG_ROW(X, CONTROL_REGS, cr3) \
    X(CONTROL_REGS, cr4, U64, ONE, REQUIRED, BITMAP, NONE, "cr4") \
    X(CONTROL_REGS, cr8, U64, ONE, REQUIRED, BITMAP, NONE, "cr8") \
    X(CONTROL_REGS, efer, U64, ONE, REQUIRED, BITMAP, NONE, "EFER") \
    X(CONTROL_REGS, apic_base, U64, ONE, REQUIRED, BITMAP, NONE, "APIC base MSR") \
    DC_REG_ROW(X, CONTROL_REGS, gdt_base) \
    X(CONTROL_REGS, gdt_limit, U32, ONE, REQUIRED, BYTES, NONE, "limit of the GDT") \
    DC_REG_ROW(X, CONTROL_REGS, idt_base) \
    X(CONTROL_REGS, idt_limit, U32, ONE, REQUIRED, BYTES, NONE, "limit of the IDT")

#define DC_SEGMENT_FIELDS(X) \
    X(SEGMENT, name, STRING, ONE, REQUIRED, PLAIN, NONE, "cs, ss, ds, es, fs, gs, tr or ldt") \
    X(SEGMENT, selector, U32, ONE, REQUIRED, BITMAP, NONE, "selector") \
    X(SEGMENT, base, U64, ONE, REQUIRED, ADDRESS, NONE, "base") \
    X(SEGMENT, limit, U32, ONE, REQUIRED, BITMAP, NONE, "limit") \
    X(SEGMENT, type, U32, ONE, REQUIRED, PLAIN, NONE, "descriptor type") \
    X(SEGMENT, dpl, U32, ONE, REQUIRED, PLAIN, NONE, "privilege level") \
    X(SEGMENT, present, BOOL, ONE, DEFAULTED, PLAIN, NONE, "P") \
    X(SEGMENT, db, BOOL, ONE, DEFAULTED, PLAIN, NONE, "D/B: 32-bit") \
    X(SEGMENT, s, BOOL, ONE, DEFAULTED, PLAIN, NONE, "S: code or data") \
    X(SEGMENT, l, BOOL, ONE, DEFAULTED, PLAIN, NONE, "L: 64-bit code") \
    X(SEGMENT, g, BOOL, ONE, DEFAULTED, PLAIN, NONE, "G: limit in pages") \
    X(SEGMENT, avl, BOOL, ONE, DEFAULTED, PLAIN, NONE, "AVL") \
    X(SEGMENT, unusable, BOOL, ONE, DEFAULTED, PLAIN, NONE, "unusable")

/* clang-format on */
#endif
