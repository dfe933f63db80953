#include "capture/report.h"

#include "capture/injected.h"
#include "capture/report_full.h"
#include "capture/report_stats.h"
#include "capture/report_why.h"
#include "lib/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { US_IN_MS = 1000 };

/* Our guests have no BPF objects: that part of a report cannot be filled. */
static const char NO_BPF[] = "dump prerequisites unavailable: no BPF type information";

static const char NOT_FROZEN[] = "guest time (TSC)";
static const char NOT_FROZEN_CLOCK[] = "guest time (TSC, kvmclock)";
static const char NOT_FROZEN_VCPUS[] =
    "guest time (TSC, kvmclock); vCPUs not parked run on: latch and exit_kind were read "
    "from a running guest";

bool cap_report_is_full(const struct cap_result *result) {
    return result->outcome == CAP_COMPLETE;
}

const char *cap_document_variant(const struct cap_document *document) {
    if (document->dual)
        return "dual";
    return cap_report_is_full(document->result) ? "single" : "degraded";
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
    cap_dump_write(w, result->dump);
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

/* The counts are those of the slots: who parked but could not be read has none. */
const char *cap_reason_text(const struct cap_result *result, char text[CAP_REASON]) {
    snprintf(text, CAP_REASON, "%s: %" PRIu64 "ms; %u/%u vCPUs parked",
             reason_prefix(result->outcome), result->elapsed_us / US_IN_MS,
             result->parked - result->unavailable, result->vcpu_count);
    return text;
}

static void write_degraded(struct dc_writer *w, const struct cap_result *result) {
    char reason[CAP_REASON];
    uint64_t elapsed_ms = result->elapsed_us / US_IN_MS;
    name_text(w, "schema", "degraded");
    name_text(w, "reason", cap_reason_text(result, reason));
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
    char text[CAP_WHY_TEXT + CAP_CRASH_TEXT + 16], crash[CAP_CRASH_TEXT];
    size_t used = 0;
    if (vcpu->state == CAP_UNAVAILABLE) {
        used =
            (size_t)snprintf(text, sizeof(text), "%sreading its registers failed: %s",
                             vcpu->injected_unreadable ? "injected (unreadable): " : "",
                             error_text(vcpu->error));
    } else if (vcpu->state == CAP_NOT_PARKED) {
        used = strlen(cap_why_text(&vcpu->why, text));
    }
    if (vcpu->facts.life == CAP_FAILED)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%scrashed: %s",
                                 used ? "; " : "", cap_crash_text(vcpu, crash));
    if (used > 0)
        name_text(w, "why", text);
}

static void write_vcpu(struct dc_writer *w, const struct cap_result *result,
                       const struct cap_vcpu_result *vcpu) {
    const struct cap_full_state *full = cap_full_of(result->full, vcpu->id);
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
    cap_report_exit(w, &vcpu->facts, &vcpu->why);
    cap_report_threads(w, &vcpu->why);
    if (vcpu->state == CAP_PARKED) {
        if (vcpu->registers.has_mp_state)
            name_text(w, "mp_state", cap_mp_state_name(vcpu->registers.mp_state));
        write_general(w, &vcpu->registers.general);
        write_control(w, &vcpu->registers.system);
        write_segments(w, &vcpu->registers.system);
        if (full)
            cap_report_full(w, &result->full->list, full);
    }
    dc_write_close(w, '}');
}

/* ---- our own: the run ---- */

const char *cap_outcome_name(enum cap_outcome outcome) {
    static const char *const names[] = {
        [CAP_COMPLETE] = "complete", [CAP_UNREADABLE] = "unreadable",
        [CAP_TIMEOUT] = "timeout",   [CAP_KILLED] = "killed",
        [CAP_CRASHED] = "crashed",
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

static void write_injected(struct dc_writer *w, const struct cap_result *result) {
    char text[CAP_INJECTED_TEXT];
    if (cap_injected_text(result, text))
        name_text(w, "injected", text);
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

/* ---- our own: a run, and each of its freezes ---- */

static void write_guest(struct dc_writer *w, const struct cap_result *result) {
    open_member(w, "guest", '{');
    name_text(w, "name", result->guest);
    name_u64(w, "vcpus", result->vcpu_count);
    name_u64(w, "memory_mib", result->memory_mib);
    dc_write_close(w, '}');
}

static const char *gate_name(enum cap_gate gate) {
    static const char *const names[] = {
        [CAP_GATE_NONE] = NULL,
        [CAP_GATE_ERROR] = "error",
        [CAP_GATE_LATCH] = "latch",
        [CAP_GATE_NO_VALUE] = "no_value",
        [CAP_GATE_SUPPRESSED] = "suppressed",
    };
    return names[gate];
}

static void write_cause(struct dc_writer *w, const struct cap_document *document,
                        const struct cap_result *result) {
    char time_text[32] = "";
    struct tm utc;
    if (gmtime_r(&result->captured_at, &utc))
        strftime(time_text, sizeof(time_text), "%Y-%m-%dT%H:%M:%SZ", &utc);
    name_text(w, "captured_at", time_text);
    if (document->tag)
        name_text(w, "tag", document->tag);
    name_text(w, "trigger", cap_trigger_name(result->trigger));
    if (result->seen_by[0])
        name_text(w, "seen_by", result->seen_by);
    if (result->trigger_us > 0)
        name_u64(w, "trigger_us", result->trigger_us);
    if (result->trigger == CAP_TRIGGER_GUEST)
        name_u64(w, "request", result->request);
    name_if(w, "final_pass", result->final_pass);
    if (gate_name(result->gate))
        name_text(w, "exit_kind_gate", gate_name(result->gate));
    name_text(w, "outcome", cap_outcome_name(result->outcome));
    if (result->outcome == CAP_CRASHED)
        name_u64(w, "crashed_vcpu", result->event_vcpu);
    if (result->sample[0])
        name_text(w, "stats_sample", result->sample);
}

static void write_clock(struct dc_writer *w, const struct cap_clock_facts *clock) {
    if (!clock->saved && clock->error == 0)
        return;
    open_member(w, "guest_clock", '{');
    if (clock->saved)
        name_u64(w, "ns", clock->ns);
    name_if(w, "restored", clock->restored);
    if (clock->told > 0)
        name_u64(w, "told", clock->told);
    if (clock->without > 0)
        name_u64(w, "without", clock->without);
    if (clock->error)
        name_text(w, "error", error_text(clock->error));
    dc_write_close(w, '}');
}

static void write_moment(struct dc_writer *w, const struct cap_result *result) {
    write_trigger(w, result);
    name_u64(w, "run_us", result->run_us);
    name_u64(w, "elapsed_us", result->elapsed_us);
    write_freeze(w, result);
    write_clock(w, &result->clock);
    name_text(w, "not_frozen",
              result->parked < result->vcpu_count ? NOT_FROZEN_VCPUS
              : result->clock.saved               ? NOT_FROZEN
                                                  : NOT_FROZEN_CLOCK);
    open_member(w, "vcpus", '[');
    for (uint32_t i = 0; i < result->vcpu_count; i++)
        write_vcpu(w, result, &result->vcpus[i]);
    dc_write_close(w, ']');
}

/* Facts of the run and of its only snapshot in one, or (in the halves of a dual report)
   those of the snapshot alone. */
static void write_own(struct dc_writer *w, const struct cap_document *document,
                      const struct cap_result *result) {
    open_member(w, "dumpctl", '{');
    name_text(w, "version", DUMPCTL_VERSION);
    write_cause(w, document, result);
    if (!document->dual) {
        write_guest(w, result);
        write_host(w, result);
        cap_report_stats(w, document->samples);
    }
    write_moment(w, result);
    dc_write_close(w, '}');
}

static void write_half(struct dc_writer *w, const char *name,
                       const struct cap_document *document,
                       const struct cap_result *result) {
    open_member(w, name, '{');
    write_single(w, result);
    write_own(w, document, result);
    dc_write_close(w, '}');
}

static void write_dual(struct dc_writer *w, const struct cap_document *document) {
    const struct cap_dual *dual = document->dual;

    name_text(w, "schema", "dual");
    if (dual->early)
        write_half(w, "early", document, dual->early);
    write_half(w, "late", document, document->result);
    if (dual->early_max_age_jiffies > 0)
        name_u64(w, "early_max_age_jiffies", dual->early_max_age_jiffies);
    if (dual->early_threshold_jiffies > 0)
        name_u64(w, "early_threshold_jiffies", dual->early_threshold_jiffies);
    if (dual->early_skipped_reason)
        name_text(w, "early_skipped_reason", dual->early_skipped_reason);
    open_member(w, "dumpctl", '{');
    name_text(w, "version", DUMPCTL_VERSION);
    write_guest(w, document->result);
    write_host(w, document->result);
    cap_report_stats(w, document->samples);
    dc_write_close(w, '}');
}

int cap_report_write(struct dc_sink sink, bool ascii,
                     const struct cap_document *document) {
    struct dc_writer w;
    dc_writer_init(&w, sink, ascii, false);
    dc_write_open(&w, '{');
    if (document->dual) {
        write_dual(&w, document);
    } else {
        if (cap_report_is_full(document->result))
            write_single(&w, document->result);
        else
            write_degraded(&w, document->result);
        write_own(&w, document, document->result);
    }
    dc_write_close(&w, '}');
    return dc_writer_finish(&w);
}
