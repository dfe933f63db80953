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
    T(STATS_SOURCE, "StatsSource", NULL, NULL, "where the scheduler was asked for statistics") \
    T(STATS_SAMPLE, "StatsSample", NULL, "tag", "one question for statistics, before a freeze") \
    T(FREEZE, "Freeze", NULL, NULL, "how the rendezvous went") \
    T(GUEST_CLOCK, "GuestClock", NULL, NULL, "the guest's kvmclock across the freeze") \
    T(VCPU, "Vcpu", NULL, "id", "one vCPU at the freeze") \
    T(HOST_THREAD, "HostThread", NULL, NULL, "the host thread of a vCPU that did not park, at one moment") \
    T(FRAME, "Frame", NULL, NULL, "one function of a kernel stack") \
    T(GENERAL_REGS, "GeneralRegs", NULL, NULL, "general registers, rip and rflags") \
    T(CONTROL_REGS, "ControlRegs", NULL, NULL, "control registers and descriptor tables") \
    T(SEGMENT, "Segment", NULL, "name", "one segment register") \
    T(FULL_STATE, "FullState", NULL, NULL, "what --full adds of one vCPU: debug registers, FPU, MSRs, local APIC, events") \
    T(DEBUG_REGS, "DebugRegs", NULL, NULL, "debug registers") \
    T(FPU_STATE, "FpuState", NULL, NULL, "control and status of x87 and SSE") \
    T(WIDE_REG, "WideReg", NULL, "name", "one register wider than 64 bits") \
    T(XSAVE_PART, "XsavePart", NULL, "bit", "one more component of the XSAVE area") \
    T(MSR, "Msr", NULL, "index", "one model-specific register") \
    T(LAPIC, "Lapic", NULL, NULL, "local APIC") \
    T(EVENTS, "Events", NULL, NULL, "exceptions and interrupts that are on their way") \
    T(UNREAD, "Unread", NULL, "part", "a part that could not be read")

#define DC_DUMPCTL_FIELDS(X) \
    X(DUMPCTL, version, STRING, ONE, REQUIRED, PLAIN, NONE, "version of dumpctl that wrote the report") \
    X(DUMPCTL, captured_at, STRING, ONE, OPTIONAL, PLAIN, NONE, "time of the capture, UTC, RFC 3339") \
    X(DUMPCTL, tag, STRING, ONE, OPTIONAL, PLAIN, NONE, "the name of a report beside the main one") \
    X(DUMPCTL, trigger, STRING, ONE, OPTIONAL, PLAIN, NONE, "what set the capture off: latch, timer, crash and others") \
    X(DUMPCTL, seen_by, STRING, ONE, OPTIONAL, PLAIN, NONE, "how the memory of the trigger was watched: hardware watchpoint, read-only slot, or poll and its interval") \
    X(DUMPCTL, trigger_us, U64, ONE, OPTIONAL, US, NONE, "from the store in the guest to the trigger, where it was watched") \
    X(DUMPCTL, request, U32, ONE, OPTIONAL, PLAIN, NONE, "the value that a guest asked for the capture with") \
    X(DUMPCTL, final_pass, BOOL, ONE, OPTIONAL, PLAIN, NONE, "the trigger was seen when the guest had ended, or the run was to end") \
    X(DUMPCTL, exit_kind_gate, STRING, ONE, OPTIONAL, PLAIN, NONE, "what a watchpoint was checked against: error (the exit kind), latch, or no_value") \
    X(DUMPCTL, outcome, STRING, ONE, OPTIONAL, PLAIN, NONE, "complete, unreadable, timeout, killed or crashed") \
    X(DUMPCTL, crashed_vcpu, U32, ONE, OPTIONAL, PLAIN, NONE, "the vCPU that crashed first") \
    X(DUMPCTL, stats_sample, STRING, ONE, OPTIONAL, PLAIN, NONE, "tag of the sample that was taken before this freeze; absent: not asked for") \
    X(DUMPCTL, guest, RECORD, ONE, OPTIONAL, PLAIN, GUEST, "the guest that was run") \
    X(DUMPCTL, host, RECORD, ONE, OPTIONAL, PLAIN, HOST, "the machine that it ran on") \
    X(DUMPCTL, stats_source, RECORD, ONE, OPTIONAL, PLAIN, STATS_SOURCE, "where the scheduler was asked for statistics; absent: --stats was not given, nobody was asked") \
    X(DUMPCTL, samples, RECORD, LIST, DEFAULTED, PLAIN, STATS_SAMPLE, "statistics of the scheduler, all of the run up to this report, in the order of the questions") \
    X(DUMPCTL, watchpoint_hit, BOOL, ONE, OPTIONAL, PLAIN, NONE, "the hardware watchpoint on the exit kind fired") \
    X(DUMPCTL, bss_latch_state, STRING, ONE, OPTIONAL, PLAIN, NONE, "state of the error latch at the report") \
    X(DUMPCTL, bss_latch_state_at_trigger, STRING, ONE, OPTIONAL, PLAIN, NONE, "state of the error latch at the trigger") \
    X(DUMPCTL, exit_kind, U32, ONE, OPTIONAL, PLAIN, NONE, "the scheduler's exit kind") \
    X(DUMPCTL, exit_kind_state, STRING, ONE, OPTIONAL, PLAIN, NONE, "read, or why it was not") \
    X(DUMPCTL, run_us, U64, ONE, OPTIONAL, US, NONE, "from the start of the guest to the trigger") \
    X(DUMPCTL, elapsed_us, U64, ONE, OPTIONAL, US, NONE, "from the trigger to the end of the rendezvous, without the question before it (took_us of the sample)") \
    X(DUMPCTL, freeze, RECORD, ONE, OPTIONAL, PLAIN, FREEZE, "how the rendezvous went") \
    X(DUMPCTL, guest_clock, RECORD, ONE, OPTIONAL, PLAIN, GUEST_CLOCK, "the guest's kvmclock across the freeze") \
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

#define DC_STATS_SOURCE_FIELDS(X) \
    X(STATS_SOURCE, socket, STRING, ONE, REQUIRED, PLAIN, NONE, "path of the socket") \
    X(STATS_SOURCE, timeout_ms, U64, ONE, OPTIONAL, MS, NONE, "deadline of each question") \
    X(STATS_SOURCE, max_bytes, U64, ONE, OPTIONAL, BYTES, NONE, "the longest request and answer") \
    X(STATS_SOURCE, evicted, U64, ONE, DEFAULTED, COUNT, NONE, "older samples that are not here any more, so that the report stays small") \
    X(STATS_SOURCE, discarded_bytes, U64, ONE, DEFAULTED, BYTES, NONE, "bytes from the socket that nobody had asked for")

#define DC_STATS_SAMPLE_FIELDS(X) \
    X(STATS_SAMPLE, tag, STRING, ONE, REQUIRED, PLAIN, NONE, "tag of the report that it was taken for; main, early; suppressed: of none, see exit_kind_gate") \
    X(STATS_SAMPLE, elapsed_ms, U64, ONE, REQUIRED, MS, NONE, "how long the guest had run at the end of the question, without the time that it was frozen") \
    X(STATS_SAMPLE, offset_ms, U64, ONE, OPTIONAL, MS, NONE, "periodic: when it was due, from the start of the guest") \
    X(STATS_SAMPLE, phase, STRING, ONE, OPTIONAL, PLAIN, NONE, "state of the run: idle, took_early, or done, behind the main report") \
    X(STATS_SAMPLE, stats, ANY, ONE, EITHER, PLAIN, NONE, "the statistics as the scheduler gave them; null is an answer, too") \
    X(STATS_SAMPLE, missing_stats, RECORD, ONE, EITHER, PLAIN, REASON, "why there are none") \
    X(STATS_SAMPLE, first, BOOL, ONE, DEFAULTED, PLAIN, NONE, "the first answer on its connection: what the scheduler counts since the last question begins here") \
    X(STATS_SAMPLE, deadline_ms, U64, ONE, OPTIONAL, MS, NONE, "this deadline passed, and so the question was cancelled") \
    X(STATS_SAMPLE, took_us, U64, ONE, OPTIONAL, US, NONE, "length of the question, by which the freeze began later")

#define DC_FREEZE_FIELDS(X) \
    X(FREEZE, timeout_ms, U64, ONE, OPTIONAL, MS, NONE, "deadline of the rendezvous") \
    X(FREEZE, latency_us, U64, ONE, OPTIONAL, US, NONE, "from the first kick to the last vCPU parked") \
    X(FREEZE, rekicks, U64, ONE, OPTIONAL, COUNT, NONE, "kicks repeated") \
    X(FREEZE, realtime, BOOL, ONE, OPTIONAL, PLAIN, NONE, "real-time priority was in force") \
    X(FREEZE, injected, STRING, ONE, OPTIONAL, PLAIN, NONE, "faults injected for a test")

#define DC_GUEST_CLOCK_FIELDS(X) \
    X(GUEST_CLOCK, ns, U64, ONE, OPTIONAL, NS, NONE, "the clock at the freeze") \
    X(GUEST_CLOCK, restored, BOOL, ONE, DEFAULTED, PLAIN, NONE, "it was set back when the vCPUs went on") \
    X(GUEST_CLOCK, told, U32, ONE, OPTIONAL, PLAIN, NONE, "vCPUs that were told of the pause (KVM_KVMCLOCK_CTRL)") \
    X(GUEST_CLOCK, without, U32, ONE, OPTIONAL, PLAIN, NONE, "vCPUs that have not turned kvmclock on") \
    X(GUEST_CLOCK, error, STRING, ONE, OPTIONAL, PLAIN, NONE, "what went wrong with it")

#define DC_VCPU_FIELDS(X) \
    X(VCPU, id, U32, ONE, REQUIRED, PLAIN, NONE, "vCPU") \
    X(VCPU, state, STRING, ONE, REQUIRED, PLAIN, NONE, "parked, not_parked or unavailable") \
    X(VCPU, why, STRING, ONE, OPTIONAL, PLAIN, NONE, "why it is not parked, its registers could not be read, or it crashed") \
    X(VCPU, read_errno, I32, ONE, OPTIONAL, PLAIN, NONE, "errno of reading the registers") \
    X(VCPU, park_us, U64, ONE, OPTIONAL, US, NONE, "from its first kick to parked") \
    X(VCPU, kicks, U64, ONE, OPTIONAL, COUNT, NONE, "kicks sent") \
    X(VCPU, host_tid, I32, ONE, OPTIONAL, PLAIN, NONE, "thread on the host") \
    X(VCPU, last_exit, STRING, ONE, OPTIONAL, PLAIN, NONE, "last KVM exit before the freeze") \
    X(VCPU, last_exit_access, STRING, ONE, OPTIONAL, PLAIN, NONE, "what it accessed: read or write and the address, in or out and the port") \
    X(VCPU, last_exit_us, U64, ONE, OPTIONAL, US, NONE, "from that exit to the end of the rendezvous") \
    X(VCPU, thread_first, RECORD, ONE, OPTIONAL, PLAIN, HOST_THREAD, "not parked: its host thread before kicks were repeated") \
    X(VCPU, thread_last, RECORD, ONE, OPTIONAL, PLAIN, HOST_THREAD, "not parked: its host thread at the end of the rendezvous") \
    X(VCPU, mp_state, STRING, ONE, OPTIONAL, PLAIN, NONE, "KVM's MP state") \
    X(VCPU, regs, RECORD, ONE, OPTIONAL, PLAIN, GENERAL_REGS, "general registers") \
    X(VCPU, control, RECORD, ONE, OPTIONAL, PLAIN, CONTROL_REGS, "control registers and descriptor tables") \
    X(VCPU, segments, RECORD, LIST, DEFAULTED, PLAIN, SEGMENT, "segment registers") \
    X(VCPU, full, RECORD, ONE, OPTIONAL, PLAIN, FULL_STATE, "what --full adds")

#define DC_HOST_THREAD_FIELDS(X) \
    X(HOST_THREAD, at_us, U64, ONE, OPTIONAL, US, NONE, "from the first kick of its vCPU") \
    X(HOST_THREAD, state, STRING, ONE, OPTIONAL, PLAIN, NONE, "R, S, D, T or another letter of ps") \
    X(HOST_THREAD, kick_pending, BOOL, ONE, OPTIONAL, PLAIN, NONE, "the kick has not been taken yet") \
    X(HOST_THREAD, wchan, STRING, ONE, OPTIONAL, PLAIN, NONE, "kernel function that it sleeps in") \
    X(HOST_THREAD, syscall, STRING, ONE, OPTIONAL, PLAIN, NONE, "system call that it sleeps in") \
    X(HOST_THREAD, in_kvm_run, BOOL, ONE, OPTIONAL, PLAIN, NONE, "it has called KVM_RUN, which has not returned") \
    X(HOST_THREAD, kvm_runs, U64, ONE, OPTIONAL, PLAIN, NONE, "times that KVM_RUN has returned so far") \
    X(HOST_THREAD, cpu, U32, ONE, OPTIONAL, PLAIN, NONE, "CPU of the host that it runs on, or ran on last") \
    X(HOST_THREAD, run_ns, U64, ONE, OPTIONAL, NS, NONE, "time that it has run so far") \
    X(HOST_THREAD, wait_ns, U64, ONE, OPTIONAL, NS, NONE, "time that it has waited for a CPU so far") \
    X(HOST_THREAD, unreadable, STRING, ONE, OPTIONAL, PLAIN, NONE, "files of /proc that could not be read, and why") \
    X(HOST_THREAD, stack, RECORD, LIST, DEFAULTED, PLAIN, FRAME, "its kernel stack, innermost function first")

#define DC_FRAME_FIELDS(X) \
    X(FRAME, function, STRING, ONE, REQUIRED, PLAIN, NONE, "name of the function, or an address") \
    X(FRAME, offset, U64, ONE, OPTIONAL, BITMAP, NONE, "offset into it")

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

#define DC_FULL_STATE_FIELDS(X) \
    X(FULL_STATE, debug, RECORD, ONE, OPTIONAL, PLAIN, DEBUG_REGS, "debug registers") \
    X(FULL_STATE, xcr0, U64, ONE, OPTIONAL, BITMAP, NONE, "XCR0: the XSAVE components that the guest has switched on") \
    X(FULL_STATE, xstate_bv, U64, ONE, OPTIONAL, BITMAP, NONE, "XSTATE_BV: the XSAVE components that are not in their initial state") \
    X(FULL_STATE, fpu, RECORD, ONE, OPTIONAL, PLAIN, FPU_STATE, "control and status of x87 and SSE") \
    X(FULL_STATE, st, RECORD, LIST, DEFAULTED, PLAIN, WIDE_REG, "x87 registers ST(0) to ST(7), 80 bits each") \
    X(FULL_STATE, xmm, RECORD, LIST, DEFAULTED, PLAIN, WIDE_REG, "XMM registers, 128 bits each") \
    X(FULL_STATE, ymm_high, RECORD, LIST, DEFAULTED, PLAIN, WIDE_REG, "upper 128 bits of those YMM registers where they are not zero") \
    X(FULL_STATE, components, RECORD, LIST, DEFAULTED, PLAIN, XSAVE_PART, "further XSAVE components that are not zero") \
    X(FULL_STATE, msrs, RECORD, LIST, DEFAULTED, PLAIN, MSR, "the MSRs that KVM lists") \
    X(FULL_STATE, lapic_state, STRING, ONE, OPTIONAL, PLAIN, NONE, "none: KVM emulates no local APIC for this guest") \
    X(FULL_STATE, lapic, RECORD, ONE, OPTIONAL, PLAIN, LAPIC, "local APIC") \
    X(FULL_STATE, events, RECORD, ONE, OPTIONAL, PLAIN, EVENTS, "exceptions and interrupts that are on their way") \
    X(FULL_STATE, unread, RECORD, LIST, DEFAULTED, PLAIN, UNREAD, "parts that could not be read")

#define DC_DEBUG_REGS_FIELDS(X) \
    DC_REG_ROW(X, DEBUG_REGS, dr0) \
    DC_REG_ROW(X, DEBUG_REGS, dr1) \
    DC_REG_ROW(X, DEBUG_REGS, dr2) \
    DC_REG_ROW(X, DEBUG_REGS, dr3) \
    X(DEBUG_REGS, dr6, U64, ONE, REQUIRED, BITMAP, NONE, "dr6, debug status") \
    X(DEBUG_REGS, dr7, U64, ONE, REQUIRED, BITMAP, NONE, "dr7, debug control")

#define DC_FPU_STATE_FIELDS(X) \
    X(FPU_STATE, fcw, U32, ONE, REQUIRED, BITMAP, NONE, "x87 control word") \
    X(FPU_STATE, fsw, U32, ONE, REQUIRED, BITMAP, NONE, "x87 status word") \
    X(FPU_STATE, ftw, U32, ONE, REQUIRED, BITMAP, NONE, "x87 tag word, abridged: a bit for each register in use") \
    X(FPU_STATE, fop, U32, ONE, REQUIRED, BITMAP, NONE, "opcode of the last x87 instruction") \
    X(FPU_STATE, fip, U64, ONE, REQUIRED, ADDRESS, NONE, "its address") \
    X(FPU_STATE, fdp, U64, ONE, REQUIRED, ADDRESS, NONE, "address of its operand") \
    X(FPU_STATE, mxcsr, U32, ONE, REQUIRED, BITMAP, NONE, "control and status of SSE") \
    X(FPU_STATE, mxcsr_mask, U32, ONE, REQUIRED, BITMAP, NONE, "bits of mxcsr that exist; 0: 0xffbf")

#define DC_WIDE_REG_FIELDS(X) \
    X(WIDE_REG, name, STRING, ONE, REQUIRED, PLAIN, NONE, "st0 to st7, xmm0 to xmm15, ymm0 to ymm15") \
    X(WIDE_REG, value, STRING, ONE, REQUIRED, PLAIN, NONE, "the number, 0x and all hexadecimal digits")

#define DC_XSAVE_PART_FIELDS(X) \
    X(XSAVE_PART, bit, U32, ONE, REQUIRED, PLAIN, NONE, "its bit in XCR0 and XSTATE_BV") \
    X(XSAVE_PART, name, STRING, ONE, OPTIONAL, PLAIN, NONE, "name in the manuals") \
    X(XSAVE_PART, hex, STRING, ONE, REQUIRED, PLAIN, NONE, "its bytes as they lie in memory; zeros at the end are left out")

#define DC_MSR_FIELDS(X) \
    X(MSR, index, U32, ONE, REQUIRED, BITMAP, NONE, "number of the MSR") \
    X(MSR, name, STRING, ONE, OPTIONAL, PLAIN, NONE, "name in the manuals, where it is known") \
    X(MSR, value, U64, ONE, OPTIONAL, BITMAP, NONE, "what it holds") \
    X(MSR, unreadable, BOOL, ONE, DEFAULTED, PLAIN, NONE, "KVM lists it and does not give it")

#define DC_LAPIC_FIELDS(X) \
    X(LAPIC, id, U32, ONE, REQUIRED, PLAIN, NONE, "APIC id") \
    X(LAPIC, version, U32, ONE, REQUIRED, BITMAP, NONE, "version and number of LVT entries") \
    X(LAPIC, tpr, U32, ONE, REQUIRED, BITMAP, NONE, "task priority") \
    X(LAPIC, apr, U32, ONE, REQUIRED, BITMAP, NONE, "arbitration priority") \
    X(LAPIC, ppr, U32, ONE, REQUIRED, BITMAP, NONE, "processor priority") \
    X(LAPIC, ldr, U32, ONE, REQUIRED, BITMAP, NONE, "logical destination") \
    X(LAPIC, dfr, U32, ONE, REQUIRED, BITMAP, NONE, "destination format") \
    X(LAPIC, svr, U32, ONE, REQUIRED, BITMAP, NONE, "spurious vector, and whether the APIC is on") \
    X(LAPIC, isr, STRING, ONE, DEFAULTED, PLAIN, NONE, "vectors in service: 48,236-238") \
    X(LAPIC, tmr, STRING, ONE, DEFAULTED, PLAIN, NONE, "vectors that are triggered by level") \
    X(LAPIC, irr, STRING, ONE, DEFAULTED, PLAIN, NONE, "vectors that are requested") \
    X(LAPIC, esr, U32, ONE, REQUIRED, BITMAP, NONE, "errors") \
    X(LAPIC, icr, U64, ONE, REQUIRED, BITMAP, NONE, "interrupt command") \
    X(LAPIC, lvt_cmci, U32, ONE, REQUIRED, BITMAP, NONE, "local vector of corrected machine checks") \
    X(LAPIC, lvt_timer, U32, ONE, REQUIRED, BITMAP, NONE, "local vector of the timer") \
    X(LAPIC, lvt_thermal, U32, ONE, REQUIRED, BITMAP, NONE, "local vector of the thermal sensor") \
    X(LAPIC, lvt_pmi, U32, ONE, REQUIRED, BITMAP, NONE, "local vector of performance counters") \
    X(LAPIC, lvt_lint0, U32, ONE, REQUIRED, BITMAP, NONE, "local vector of pin LINT0") \
    X(LAPIC, lvt_lint1, U32, ONE, REQUIRED, BITMAP, NONE, "local vector of pin LINT1") \
    X(LAPIC, lvt_error, U32, ONE, REQUIRED, BITMAP, NONE, "local vector of errors") \
    X(LAPIC, timer_initial, U32, ONE, REQUIRED, PLAIN, NONE, "the timer's initial count") \
    X(LAPIC, timer_current, U32, ONE, REQUIRED, PLAIN, NONE, "the timer's current count") \
    X(LAPIC, timer_divide, U32, ONE, REQUIRED, BITMAP, NONE, "the timer's divide configuration")

#define DC_EVENTS_FIELDS(X) \
    X(EVENTS, exception_injected, BOOL, ONE, DEFAULTED, PLAIN, NONE, "an exception is being delivered") \
    X(EVENTS, exception_pending, BOOL, ONE, DEFAULTED, PLAIN, NONE, "an exception waits for its delivery") \
    X(EVENTS, exception_vector, U32, ONE, DEFAULTED, PLAIN, NONE, "its vector") \
    X(EVENTS, exception_has_error, BOOL, ONE, DEFAULTED, PLAIN, NONE, "it has an error code") \
    X(EVENTS, exception_error_code, U32, ONE, DEFAULTED, BITMAP, NONE, "its error code") \
    X(EVENTS, exception_has_payload, BOOL, ONE, DEFAULTED, PLAIN, NONE, "it has a payload") \
    X(EVENTS, exception_payload, U64, ONE, DEFAULTED, BITMAP, NONE, "what it puts into cr2 or dr6") \
    X(EVENTS, interrupt_injected, BOOL, ONE, DEFAULTED, PLAIN, NONE, "an interrupt is being delivered") \
    X(EVENTS, interrupt_vector, U32, ONE, DEFAULTED, PLAIN, NONE, "its vector") \
    X(EVENTS, interrupt_soft, BOOL, ONE, DEFAULTED, PLAIN, NONE, "it comes from an INT instruction") \
    X(EVENTS, interrupt_shadow, U32, ONE, DEFAULTED, BITMAP, NONE, "interrupts wait for one instruction more: 1 behind MOV SS, 2 behind STI") \
    X(EVENTS, nmi_injected, BOOL, ONE, DEFAULTED, PLAIN, NONE, "an NMI is being delivered") \
    X(EVENTS, nmi_pending, BOOL, ONE, DEFAULTED, PLAIN, NONE, "an NMI waits for its delivery") \
    X(EVENTS, nmi_masked, BOOL, ONE, DEFAULTED, PLAIN, NONE, "NMIs wait for an IRET") \
    X(EVENTS, sipi_vector, U32, ONE, DEFAULTED, PLAIN, NONE, "vector of a startup IPI") \
    X(EVENTS, smm, BOOL, ONE, DEFAULTED, PLAIN, NONE, "in system management mode") \
    X(EVENTS, smi_pending, BOOL, ONE, DEFAULTED, PLAIN, NONE, "an SMI waits for its delivery") \
    X(EVENTS, smm_inside_nmi, BOOL, ONE, DEFAULTED, PLAIN, NONE, "system management mode was entered from an NMI handler") \
    X(EVENTS, smi_latched_init, BOOL, ONE, DEFAULTED, PLAIN, NONE, "an INIT waits for the end of system management mode") \
    X(EVENTS, triple_fault_pending, BOOL, ONE, DEFAULTED, PLAIN, NONE, "a triple fault waits: the guest is about to shut down")

#define DC_UNREAD_FIELDS(X) \
    X(UNREAD, part, STRING, ONE, REQUIRED, PLAIN, NONE, "debug, xcr0, xsave, msrs, lapic or events") \
    X(UNREAD, errno, I32, ONE, REQUIRED, PLAIN, NONE, "errno of the ioctl")

/* clang-format on */
#endif
