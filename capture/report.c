#include "capture/report.h"

#include "lib/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { US_IN_MS = 1000 };

/* Our guests have no BPF objects: that part of a report cannot be filled. */
static const char NO_BPF[] = "dump prerequisites unavailable: no BPF type information";

static const char NOT_FROZEN[] = "guest time (TSC)";
static const char NOT_FROZEN_VCPUS[] =
    "guest time (TSC); vCPUs not parked run on: latch and exit_kind were read from a "
    "running guest";

bool cap_report_is_full(const struct cap_result *result) {
    return result->outcome == CAP_COMPLETE;
}

/* ---- small pieces ---- */

static void name_text(struct dc_writer *w, const char *name, const char *text) {
    dc_write_name(w, name);
    dc_write_text(w, text);
}

static void name_u64(struct dc_writer *w, const char *name, uint64_t value) {
    dc_write_name(w, name);
    dc_write_u64(w, value);
}

static void name_bool(struct dc_writer *w, const char *name, bool value) {
    dc_write_name(w, name);
    dc_write_bool(w, value);
}

/* A member that the wire form omits where it is false. */
static void name_if(struct dc_writer *w, const char *name, bool value) {
    if (value)
        name_bool(w, name, true);
}

static void open_member(struct dc_writer *w, const char *name, char bracket) {
    dc_write_name(w, name);
    dc_write_open(w, bracket);
}

/* ---- the members of the reference ---- */

static void write_wire_regs(struct dc_writer *w, const struct cap_result *result) {
    open_member(w, "vcpu_regs", '[');
    for (uint32_t i = 0; i < result->vcpu_count; i++) {
        const struct cap_vcpu_result *vcpu = &result->vcpus[i];
        if (vcpu->state != CAP_PARKED) {
            dc_write_null(w);
            continue;
        }
        dc_write_open(w, '{');
        name_u64(w, "instruction_pointer", vcpu->registers.general.rip);
        name_u64(w, "stack_pointer", vcpu->registers.general.rsp);
        name_u64(w, "page_table_root", vcpu->registers.system.cr3);
        dc_write_close(w, '}');
    }
    dc_write_close(w, ']');
}

static void write_single(struct dc_writer *w, const struct cap_result *result) {
    name_text(w, "schema", "single");
    open_member(w, "maps", '[');
    dc_write_close(w, ']');
    write_wire_regs(w, result);
    name_text(w, "sdt_alloc_unavailable", NO_BPF);
    name_text(w, "prog_runtime_stats_unavailable", NO_BPF);
    name_text(w, "per_node_numa_unavailable", NO_BPF);
    name_text(w, "task_enrichments_unavailable", NO_BPF);
    name_text(w, "scx_walker_unavailable", NO_BPF);
}

static const char *reason_prefix(enum cap_outcome outcome) {
    switch (outcome) {
    case CAP_KILLED:
        return "vCPU rendezvous aborted by external kill before parked acknowledgement";
    case CAP_CRASHED:
        return "guest crashed before capture";
    case CAP_UNREADABLE:
        return "vCPU register read failed";
    default:
        return "vCPU rendezvous timed out before parked acknowledgement";
    }
}

/* The reason's counts are those of the slots: who parked but could not be read has none. */
static void write_degraded(struct dc_writer *w, const struct cap_result *result) {
    char reason[160];
    uint64_t elapsed_ms = result->elapsed_us / US_IN_MS;
    snprintf(reason, sizeof(reason), "%s: %" PRIu64 "ms; %u/%u vCPUs parked",
             reason_prefix(result->outcome), elapsed_ms,
             result->parked - result->unavailable, result->vcpu_count);
    name_text(w, "schema", "degraded");
    name_text(w, "reason", reason);
    write_wire_regs(w, result);
    name_bool(w, "watchpoint_hit", result->watchpoint_hit);
    name_text(w, "bss_latch_state", cap_latch_state_name(result->latch_at_report));
    if (result->exit_kind_state == CAP_EXIT_KIND_READ)
        name_u64(w, "exit_kind", result->exit_kind);
    if (elapsed_ms > 0)
        name_u64(w, "elapsed_ms", elapsed_ms);
}

/* ---- our own: registers ---- */

static void write_general(struct dc_writer *w, const struct kvm_regs *regs) {
    const struct {
        const char *name;
        uint64_t value;
    } all[] = {
        {"rax", regs->rax}, {"rbx", regs->rbx}, {"rcx", regs->rcx},
        {"rdx", regs->rdx}, {"rsi", regs->rsi}, {"rdi", regs->rdi},
        {"rsp", regs->rsp}, {"rbp", regs->rbp}, {"r8", regs->r8},
        {"r9", regs->r9},   {"r10", regs->r10}, {"r11", regs->r11},
        {"r12", regs->r12}, {"r13", regs->r13}, {"r14", regs->r14},
        {"r15", regs->r15}, {"rip", regs->rip}, {"rflags", regs->rflags},
    };
    open_member(w, "regs", '{');
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        name_u64(w, all[i].name, all[i].value);
    dc_write_close(w, '}');
}

static void write_control(struct dc_writer *w, const struct kvm_sregs *regs) {
    open_member(w, "control", '{');
    name_u64(w, "cr0", regs->cr0);
    name_u64(w, "cr2", regs->cr2);
    name_u64(w, "cr3", regs->cr3);
    name_u64(w, "cr4", regs->cr4);
    name_u64(w, "cr8", regs->cr8);
    name_u64(w, "efer", regs->efer);
    name_u64(w, "apic_base", regs->apic_base);
    name_u64(w, "gdt_base", regs->gdt.base);
    name_u64(w, "gdt_limit", regs->gdt.limit);
    name_u64(w, "idt_base", regs->idt.base);
    name_u64(w, "idt_limit", regs->idt.limit);
    dc_write_close(w, '}');
}

static void write_segment(struct dc_writer *w, const char *name,
                          const struct kvm_segment *segment) {
    dc_write_open(w, '{');
    name_text(w, "name", name);
    name_u64(w, "selector", segment->selector);
    name_u64(w, "base", segment->base);
    name_u64(w, "limit", segment->limit);
    name_u64(w, "type", segment->type);
    name_u64(w, "dpl", segment->dpl);
    name_if(w, "present", segment->present);
    name_if(w, "db", segment->db);
    name_if(w, "s", segment->s);
    name_if(w, "l", segment->l);
    name_if(w, "g", segment->g);
    name_if(w, "avl", segment->avl);
    name_if(w, "unusable", segment->unusable);
    dc_write_close(w, '}');
}

static void write_segments(struct dc_writer *w, const struct kvm_sregs *regs) {
    const struct {
        const char *name;
        const struct kvm_segment *segment;
    } all[] = {
        {"cs", &regs->cs}, {"ss", &regs->ss}, {"ds", &regs->ds}, {"es", &regs->es},
        {"fs", &regs->fs}, {"gs", &regs->gs}, {"tr", &regs->tr}, {"ldt", &regs->ldt},
    };
    open_member(w, "segments", '[');
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        write_segment(w, all[i].name, all[i].segment);
    dc_write_close(w, ']');
}

/* ---- our own: vCPUs ---- */

static const char *state_name(enum cap_vcpu_state state) {
    static const char *const names[] = {
        [CAP_NOT_PARKED] = "not_parked",
        [CAP_PARKED] = "parked",
        [CAP_UNAVAILABLE] = "unavailable",
    };
    return names[state];
}

static const char *error_text(int error) {
    const char *text = strerrordesc_np(error);
    return text ? text : "unknown error";
}

const char *cap_crash_text(const struct cap_vcpu_result *vcpu,
                           char text[CAP_CRASH_TEXT]) {
    const struct cap_vcpu_facts *facts = &vcpu->facts;
    const char *detail = NULL;
    if (facts->run_errno) {
        snprintf(text, CAP_CRASH_TEXT, "KVM_RUN failed: %s",
                 error_text(facts->run_errno));
        return text;
    }
    if (facts->exit_reason == KVM_EXIT_FAIL_ENTRY)
        detail = "hardware reason ";
    else if (facts->exit_reason == KVM_EXIT_INTERNAL_ERROR)
        detail = "suberror ";
    else if (facts->exit_reason == KVM_EXIT_MMIO)
        detail = "no memory at ";
    if (detail)
        snprintf(text, CAP_CRASH_TEXT, "%s, %s0x%" PRIx64, vcpu->exit_name, detail,
                 facts->detail);
    else
        snprintf(text, CAP_CRASH_TEXT, "%s", vcpu->exit_name);
    return text;
}

static void write_why(struct dc_writer *w, const struct cap_vcpu_result *vcpu) {
    char text[128 + CAP_CRASH_TEXT], crash[CAP_CRASH_TEXT];
    size_t used = 0;
    if (vcpu->state == CAP_UNAVAILABLE) {
        used = (size_t)snprintf(text, sizeof(text), "reading its registers failed: %s",
                                error_text(vcpu->error));
    } else if (vcpu->state == CAP_NOT_PARKED) {
        used =
            (size_t)snprintf(text, sizeof(text), "%sno acknowledgement after %u kick%s",
                             vcpu->injected_stuck   ? "injected (stuck): "
                             : vcpu->injected_fault ? "injected (fault): "
                                                    : "",
                             vcpu->kicks, vcpu->kicks == 1 ? "" : "s");
    }
    if (vcpu->facts.life == CAP_FAILED)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%scrashed: %s",
                                 used ? "; " : "", cap_crash_text(vcpu, crash));
    if (used > 0)
        name_text(w, "why", text);
}

static void write_vcpu(struct dc_writer *w, const struct cap_vcpu_result *vcpu) {
    dc_write_open(w, '{');
    name_u64(w, "id", vcpu->id);
    name_text(w, "state", state_name(vcpu->state));
    write_why(w, vcpu);
    if (vcpu->state == CAP_UNAVAILABLE)
        name_u64(w, "read_errno", (uint64_t)vcpu->error);
    if (vcpu->state != CAP_NOT_PARKED)
        name_u64(w, "park_us", vcpu->park_us);
    name_u64(w, "kicks", vcpu->kicks);
    if (vcpu->facts.host_tid)
        name_u64(w, "host_tid", (uint64_t)vcpu->facts.host_tid);
    name_text(w, "last_exit", vcpu->exit_name);
    if (vcpu->state == CAP_PARKED) {
        if (vcpu->registers.has_mp_state)
            name_text(w, "mp_state", cap_mp_state_name(vcpu->registers.mp_state));
        write_general(w, &vcpu->registers.general);
        write_control(w, &vcpu->registers.system);
        write_segments(w, &vcpu->registers.system);
    }
    dc_write_close(w, '}');
}

/* ---- our own: the run ---- */

const char *cap_outcome_name(enum cap_outcome outcome) {
    static const char *const names[] = {
        [CAP_COMPLETE] = "complete", [CAP_UNREADABLE] = "unreadable",
        [CAP_TIMEOUT] = "timeout",   [CAP_KILLED] = "killed",
        [CAP_CRASHED] = "crashed",   [CAP_NOTHING] = "nothing",
    };
    return names[outcome];
}

static void write_host(struct dc_writer *w, const struct cap_result *result) {
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    open_member(w, "host", '{');
    name_text(w, "kernel", result->host.release);
    name_text(w, "machine", result->host.machine);
    if (cpus > 0)
        name_u64(w, "cpus", (uint64_t)cpus);
    if (result->kvm_backend)
        name_text(w, "kvm", result->kvm_backend);
    dc_write_close(w, '}');
}

/* Adds " KIND=2,5" to text[0..size) for the vCPUs chosen; a thousand ids are cut. */
static size_t list_injected(const struct cap_result *result, bool fault, char *text,
                            size_t size) {
    enum { ROOM = 32 };
    size_t used = 0;
    for (uint32_t i = 0; i < result->vcpu_count; i++) {
        const struct cap_vcpu_result *vcpu = &result->vcpus[i];
        if (!(fault ? vcpu->injected_fault : vcpu->injected_stuck))
            continue;
        if (used + ROOM > size)
            return used + (size_t)snprintf(text + used, size - used, ",...");
        used += (size_t)snprintf(text + used, size - used, "%s%u",
                                 used    ? ","
                                 : fault ? " fault="
                                         : " stuck=",
                                 vcpu->id);
    }
    return used;
}

static void write_injected(struct dc_writer *w, const struct cap_result *result) {
    char text[512] = "";
    size_t used = list_injected(result, false, text, sizeof(text) / 2);
    used += list_injected(result, true, text + used, sizeof(text) - used);
    if (used > 0)
        name_text(w, "injected", text + 1);
}

static void write_freeze(struct dc_writer *w, const struct cap_result *result) {
    open_member(w, "freeze", '{');
    name_u64(w, "timeout_ms", result->timeout_ms);
    if (result->parked > 0)
        name_u64(w, "latency_us", result->freeze_latency_us);
    name_u64(w, "rekicks", result->rekicks);
    name_bool(w, "realtime", result->realtime);
    write_injected(w, result);
    dc_write_close(w, '}');
}

static void write_trigger(struct dc_writer *w, const struct cap_result *result) {
    name_bool(w, "watchpoint_hit", result->watchpoint_hit);
    name_text(w, "bss_latch_state", cap_latch_state_name(result->latch_at_report));
    name_text(w, "bss_latch_state_at_trigger",
              cap_latch_state_name(result->latch_at_trigger));
    if (result->exit_kind_state == CAP_EXIT_KIND_READ)
        name_u64(w, "exit_kind", result->exit_kind);
    name_text(w, "exit_kind_state", cap_exit_kind_state_name(result->exit_kind_state));
}

static void write_own(struct dc_writer *w, const struct cap_result *result) {
    char time_text[32] = "";
    struct tm utc;
    if (gmtime_r(&result->captured_at, &utc))
        strftime(time_text, sizeof(time_text), "%Y-%m-%dT%H:%M:%SZ", &utc);
    open_member(w, "dumpctl", '{');
    name_text(w, "version", DUMPCTL_VERSION);
    name_text(w, "captured_at", time_text);
    name_text(w, "trigger", result->trigger);
    name_text(w, "outcome", cap_outcome_name(result->outcome));
    if (result->outcome == CAP_CRASHED)
        name_u64(w, "crashed_vcpu", result->event_vcpu);
    open_member(w, "guest", '{');
    name_text(w, "name", result->guest);
    name_u64(w, "vcpus", result->vcpu_count);
    name_u64(w, "memory_mib", result->memory_mib);
    dc_write_close(w, '}');
    write_host(w, result);
    write_trigger(w, result);
    name_u64(w, "elapsed_us", result->elapsed_us);
    write_freeze(w, result);
    name_text(w, "not_frozen",
              result->parked < result->vcpu_count ? NOT_FROZEN_VCPUS : NOT_FROZEN);
    open_member(w, "vcpus", '[');
    for (uint32_t i = 0; i < result->vcpu_count; i++)
        write_vcpu(w, &result->vcpus[i]);
    dc_write_close(w, ']');
    dc_write_close(w, '}');
}

int cap_report_write(struct dc_sink sink, bool ascii, const struct cap_result *result) {
    struct dc_writer w;
    dc_writer_init(&w, sink, ascii, false);
    dc_write_open(&w, '{');
    if (cap_report_is_full(result))
        write_single(&w, result);
    else
        write_degraded(&w, result);
    write_own(&w, result);
    dc_write_close(&w, '}');
    return dc_writer_finish(&w);
}
