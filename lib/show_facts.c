#include "lib/show_private.h"

#include <string.h>

enum { REASON_LINES = 2, FEW_LINES = 3 };

/* ---- the trigger ---- */

static void show_reason(struct dc_show *s) {
    dc_show_restart(s);
    dc_show_add_str(s, s->model->reason);
    dc_show_field(s, 0, "reason", DC_STYLE_PLAIN, REASON_LINES);
}

static void add_ratio(struct dc_show *s, uint64_t part, uint64_t all) {
    dc_show_add_u64(s, part);
    dc_show_add(s, "/");
    dc_show_add_u64(s, all);
}

void dc_show_add_reason_counts(struct dc_show *s) {
    add_ratio(s, s->model->reason_parked, s->model->reason_total);
    dc_show_add(s, " parked");
}

/* The reason counts acknowledgements, vcpu_regs the registers that were read; and the
   reference counts its disk worker among the vCPUs (wire-format 8.2). */
static void show_disagreement(struct dc_show *s) {
    const struct dc_model *model = s->model;
    const struct dc_snapshot *snapshot = &model->snapshots[0];
    bool explained = model->reason_total == snapshot->vcpus &&
                     model->reason_parked == snapshot->parked + snapshot->unavailable;
    if (!model->counts_disagree || explained)
        return;
    dc_show_restart(s);
    dc_show_add(s, "note: the reason counts ");
    add_ratio(s, model->reason_parked, model->reason_total);
    dc_show_add(s, " parked, vcpu_regs ");
    add_ratio(s, snapshot->parked, snapshot->vcpus);
    if (model->reason_total == snapshot->vcpus + 1)
        dc_show_add(s, " (a disk worker may be counted as one more vCPU)");
    dc_show_note(s, 0, DC_STYLE_WARN);
}

static void show_watchpoint(struct dc_show *s) {
    if (!s->model->watchpoint_known)
        return;
    dc_show_restart(s);
    dc_show_add(s, s->model->watchpoint_hit ? "true" : "false");
    dc_show_field(s, 0, "watchpoint_hit", DC_STYLE_PLAIN, 0);
}

static void show_latch(struct dc_show *s) {
    if (!s->model->latch.p)
        return;
    const char *meaning = dc_latch_meaning(s->model->latch);
    dc_show_restart(s);
    dc_show_add_str(s, s->model->latch);
    dc_show_add(s, meaning ? " (" : "");
    dc_show_add(s, meaning ? meaning : "");
    dc_show_add(s, meaning ? ")" : "");
    dc_show_field(s, 0, "bss_latch_state", meaning ? DC_STYLE_PLAIN : DC_STYLE_WARN,
                  meaning ? 0 : 1);
}

/* p NULL: not recorded. */
static struct dc_str exit_kind_state(const struct dc_model *model) {
    const struct dc_snapshot *last = dc_model_main(model);
    struct dc_str state = dc_string(last->own, DC_AT_DUMPCTL_exit_kind_state);
    return state.p ? state : dc_string(model->own, DC_AT_DUMPCTL_exit_kind_state);
}

static void show_exit_kind(struct dc_show *s) {
    const struct dc_exit_kind *kind = &s->model->exit_kind;
    struct dc_str state = exit_kind_state(s->model);
    dc_show_restart(s);
    if (kind->known) {
        dc_show_add_u64(s, kind->value);
        dc_show_add(s, " (");
        dc_show_add(s, kind->name);
    } else {
        dc_show_add(s, "absent (");
        dc_show_add(s, state.p ? "" : "it could not be read");
        dc_show_add_str(s, state);
    }
    dc_show_add(s, ")");
    dc_show_field(s, 0, "exit_kind", DC_STYLE_PLAIN, kind->known || !state.p ? 0 : 1);
}

static void show_elapsed(struct dc_show *s) {
    uint64_t ms = s->model->elapsed_ms;
    bool exact = dc_has(s->model->own, DC_AT_DUMPCTL_elapsed_us);
    dc_show_restart(s);
    if (ms == 0 && !exact)
        dc_show_add(s, "absent (0, or not recorded)");
    else
        dc_show_add_u64(s, ms);
    if (ms >= 1000) {
        dc_show_add(s, " (");
        dc_show_add_seconds(s, ms);
        dc_show_add(s, ")");
    } else if (ms == 0 && exact) {
        dc_show_add(s, " (");
        dc_show_add_us(s, dc_u64(s->model->own, DC_AT_DUMPCTL_elapsed_us));
        dc_show_add(s, ")");
    }
    dc_show_field(s, 0, "elapsed_ms", DC_STYLE_PLAIN, 0);
}

/* Whether the banner has a line for the member, or shows it in another form. */
static bool has_line(int field) {
    static const int known[] = {
        DC_AT_DEGRADED_schema,          DC_AT_DEGRADED_reason,
        DC_AT_DEGRADED_vcpu_regs,       DC_AT_DEGRADED_watchpoint_hit,
        DC_AT_DEGRADED_bss_latch_state, DC_AT_DEGRADED_exit_kind,
        DC_AT_DEGRADED_elapsed_ms,      DC_AT_DEGRADED_dumpctl,
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i] == field)
            return true;
    return false;
}

/* A row that is added to the table needs no line of code to be seen. */
static void show_others(struct dc_show *s) {
    const struct dc_rec *rec = s->model->snapshots[0].rec;
    for (size_t i = 0; i < rec->type->n_fields; i++) {
        if (has_line((int)i) || !dc_has(rec, (int)i))
            continue;
        dc_show_restart(s);
        dc_show_add_value(s, rec, (int)i);
        dc_show_field(s, 0, rec->type->fields[i].name, DC_STYLE_PLAIN, 1);
    }
}

void dc_show_degraded_facts(struct dc_show *s) {
    show_reason(s);
    show_disagreement(s);
    show_watchpoint(s);
    show_latch(s);
    show_exit_kind(s);
    show_elapsed(s);
    show_others(s);
}

/* ---- the other variants ---- */

static void show_placeholders(struct dc_show *s) {
    for (size_t i = 0; i < s->model->n_snapshots; i++) {
        const struct dc_snapshot *snapshot = &s->model->snapshots[i];
        if (!snapshot->placeholder)
            continue;
        dc_show_restart(s);
        dc_show_add(s, "PLACEHOLDER: ");
        if (snapshot->phase != DC_ONLY) {
            dc_show_add(s, "the ");
            dc_show_add(s, dc_phase_name(snapshot->phase));
            dc_show_add(s, " snapshot, ");
        }
        dc_show_add(s,
                    "is_placeholder is true: the capture produced nothing, what follows "
                    "is no measurement");
        dc_show_note(s, 0, DC_STYLE_BAD);
    }
}

void dc_show_single_facts(struct dc_show *s) {
    show_placeholders(s);
    show_watchpoint(s);
    show_latch(s);
    if (s->model->exit_kind.known || exit_kind_state(s->model).p)
        show_exit_kind(s);
}

static void add_jiffies(struct dc_show *s, const char *name, uint64_t jiffies) {
    dc_show_add(s, name);
    dc_show_add(s, ": ");
    dc_show_add_u64(s, jiffies);
}

void dc_show_dual_facts(struct dc_show *s) {
    const struct dc_model *model = s->model;
    dc_show_single_facts(s);
    dc_show_restart(s);
    if (model->n_snapshots < 2) {
        dc_show_add(s, "absent");
        if (!model->early_skipped_reason.p)
            dc_show_add(s,
                        "; no early_skipped_reason: the stall came before the half-way "
                        "point, or runnable ages could not be scanned");
    } else if (model->early_max_age_jiffies == 0 && model->early_threshold_jiffies == 0) {
        dc_show_add(s, "present; jiffies not captured");
    } else {
        dc_show_add(s, "present; ");
        add_jiffies(s, "early_max_age_jiffies", model->early_max_age_jiffies);
        add_jiffies(s, ", early_threshold_jiffies", model->early_threshold_jiffies);
    }
    dc_show_field(s, 0, "early", DC_STYLE_PLAIN, FEW_LINES);
    if (!model->early_skipped_reason.p)
        return;
    dc_show_restart(s);
    dc_show_add_str(s, model->early_skipped_reason);
    dc_show_field(s, 0, "early_skipped_reason",
                  model->n_snapshots < 2 ? DC_STYLE_PLAIN : DC_STYLE_WARN, FEW_LINES);
}

void dc_show_missing_facts(struct dc_show *s) {
    const struct dc_type *type = s->model->missing->type;
    dc_show_restart(s);
    dc_show_add(s, type->tag_value);
    dc_show_add(s, " (");
    dc_show_add(s, type->meaning);
    dc_show_add(s, ")");
    dc_show_field(s, 0, "reason", DC_STYLE_PLAIN, 0);
    if (s->model->tag.p) {
        dc_show_restart(s);
        dc_show_add_str(s, s->model->tag);
        dc_show_field(s, 0, "tag", DC_STYLE_PLAIN, 1);
    }
    if (!s->cause_cut)
        return;
    dc_show_restart(s);
    dc_model_cause(s->model, &s->scratch);
    dc_show_field(s, 0, "text", DC_STYLE_PLAIN, FEW_LINES);
}

/* ---- what dumpctl capture adds ---- */

/* Puts a separator where something stands in the line already. */
static void add_part(struct dc_show *s, const char *separator, const char *words) {
    if (s->scratch.len > 0)
        dc_show_add(s, separator);
    dc_show_add(s, words);
}

static void add_count(struct dc_show *s, const struct dc_rec *rec, int field,
                      const char *before, const char *after) {
    if (!dc_has(rec, field))
        return;
    add_part(s, ", ", before);
    dc_show_add_u64(s, dc_u64(rec, field));
    dc_show_add(s, after);
}

static void add_word(struct dc_show *s, const struct dc_rec *rec, int field,
                     const char *separator, const char *before) {
    struct dc_str str = dc_string(rec, field);
    if (!str.p)
        return;
    add_part(s, separator, before);
    dc_show_add_str(s, str);
}

static void add_guest(struct dc_show *s, const struct dc_rec *guest) {
    const struct dc_snapshot *last = dc_model_main(s->model);
    add_word(s, guest, DC_AT_GUEST_name, "; ", "guest ");
    if (dc_u64(guest, DC_AT_GUEST_vcpus) != last->vcpus)
        add_count(s, guest, DC_AT_GUEST_vcpus, "", " vCPUs");
    add_count(s, guest, DC_AT_GUEST_memory_mib, "", " MiB");
}

static void add_freeze(struct dc_show *s, const struct dc_rec *freeze) {
    if (dc_has(freeze, DC_AT_FREEZE_latency_us)) {
        add_part(s, "; ", "freeze latency ");
        dc_show_add_us(s, dc_u64(freeze, DC_AT_FREEZE_latency_us));
    }
    add_count(s, freeze, DC_AT_FREEZE_timeout_ms, "deadline ", " ms");
    add_count(s, freeze, DC_AT_FREEZE_rekicks, "", " rekicks");
    if (dc_has(freeze, DC_AT_FREEZE_realtime))
        add_part(s, ", ",
                 dc_u64(freeze, DC_AT_FREEZE_realtime) ? "real-time priority"
                                                       : "no real-time priority");
    add_word(s, freeze, DC_AT_FREEZE_injected, "; ", "INJECTED FAULT ");
}

static void add_host(struct dc_show *s, const struct dc_rec *host) {
    if (!host)
        return;
    add_part(s, "; ", "host");
    add_word(s, host, DC_AT_HOST_kernel, " ", "");
    add_word(s, host, DC_AT_HOST_machine, " ", "");
    add_word(s, host, DC_AT_HOST_kvm, ", ", "");
    add_count(s, host, DC_AT_HOST_cpus, "", " CPUs");
}

/* The outcome is told where it is not the one that the variant tells already. */
static void add_outcome(struct dc_show *s, const struct dc_rec *own) {
    static const struct {
        const char *outcome;
        bool degraded;
    } usual[] = {{"complete", false},
                 {"timeout", true},
                 {"killed", true},
                 {"crashed", true},
                 {"unreadable", true}};
    struct dc_str outcome = dc_string(own, DC_AT_DUMPCTL_outcome);
    bool degraded = s->model->variant == DC_DEGRADED;
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        if (usual[i].degraded == degraded && dc_str_is(outcome, usual[i].outcome))
            return;
    add_word(s, own, DC_AT_DUMPCTL_outcome, "; ", "outcome ");
}

/* "trigger latch (read-only slot, 31 us after the store)" */
static void add_trigger(struct dc_show *s, const struct dc_rec *own) {
    struct dc_str seen = dc_string(own, DC_AT_DUMPCTL_seen_by);
    struct dc_str gate = dc_string(own, DC_AT_DUMPCTL_exit_kind_gate);

    add_word(s, own, DC_AT_DUMPCTL_tag, "; ", "tag ");
    add_word(s, own, DC_AT_DUMPCTL_trigger, "; ", "trigger ");
    add_count(s, own, DC_AT_DUMPCTL_request, "value ", "");
    if (seen.p) {
        dc_show_add(s, " (");
        dc_show_add_str(s, seen);
        if (dc_has(own, DC_AT_DUMPCTL_trigger_us)) {
            dc_show_add(s, ", ");
            dc_show_add_us(s, dc_u64(own, DC_AT_DUMPCTL_trigger_us));
            dc_show_add(s, " after the store");
        }
        dc_show_add(s, ")");
    }
    if (dc_has(own, DC_AT_DUMPCTL_final_pass) && dc_u64(own, DC_AT_DUMPCTL_final_pass))
        dc_show_add(s, ", seen at the end of the run");
    if (gate.p && !dc_str_is(gate, "error"))
        add_word(s, own, DC_AT_DUMPCTL_exit_kind_gate, ", ", "exit-kind gate: ");
}

void dc_show_capture(struct dc_show *s, unsigned indent, const struct dc_rec *own,
                     unsigned lines) {
    if (!own)
        return;
    dc_show_restart(s);
    add_guest(s, dc_record(own, DC_AT_DUMPCTL_guest));
    add_trigger(s, own);
    add_outcome(s, own);
    add_freeze(s, dc_record(own, DC_AT_DUMPCTL_freeze));
    add_host(s, dc_record(own, DC_AT_DUMPCTL_host));
    add_word(s, own, DC_AT_DUMPCTL_not_frozen, "; ", "not frozen: ");
    add_word(s, own, DC_AT_DUMPCTL_version, "; ", "dumpctl ");
    add_word(s, own, DC_AT_DUMPCTL_captured_at, ", ", "");
    dc_show_field(s, indent, "capture", DC_STYLE_PLAIN, lines);
}
