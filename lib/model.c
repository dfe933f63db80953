#include "lib/model.h"

#include "lib/number.h"

#include <string.h>

const char *dc_state_name(enum dc_vcpu_state state) {
    static const char *const names[] = {
        [DC_PARKED] = "parked",
        [DC_NOT_PARKED] = "not_parked",
        [DC_UNAVAILABLE] = "unavailable",
    };
    return names[state];
}

const char *dc_phase_name(enum dc_phase phase) {
    static const char *const names[] = {
        [DC_ONLY] = "only",
        [DC_EARLY] = "early",
        [DC_LATE] = "late",
    };
    return names[phase];
}

/* ---- vCPUs ---- */

static enum dc_vcpu_state decide(const struct dc_snapshot *snapshot,
                                 const struct dc_rec *regs, const struct dc_rec *detail) {
    if (regs)
        return DC_PARKED;
    struct dc_str own = dc_string(detail, DC_AT_VCPU_state);
    if (dc_str_is(own, "unavailable"))
        return DC_UNAVAILABLE;
    if (dc_str_is(own, "not_parked"))
        return DC_NOT_PARKED;
    bool degraded = snapshot->rec->type == &dc_type_DEGRADED;
    return degraded ? DC_NOT_PARKED : DC_UNAVAILABLE;
}

/* An element of "dumpctl" counts for the vCPU whose place it stands in and that it names:
   its own writer keeps both, and a foreign one must not lead us to the wrong vCPU. */
static struct dc_vcpu make_vcpu(const struct dc_snapshot *snapshot, size_t id,
                                const struct dc_rec *regs, const struct dc_rec *detail) {
    if (detail && dc_u64(detail, DC_AT_VCPU_id) != id)
        detail = NULL;
    return (struct dc_vcpu){.id = id,
                            .state = decide(snapshot, regs, detail),
                            .regs = regs,
                            .detail = detail};
}

struct dc_vcpu dc_snapshot_vcpu(const struct dc_snapshot *snapshot, size_t id) {
    const struct dc_rec *detail =
        id < snapshot->details->count ? dc_list_rec(snapshot->details, id) : NULL;
    return make_vcpu(snapshot, id, dc_list_rec(snapshot->regs, id), detail);
}

struct dc_vcpu_walk dc_vcpu_walk(const struct dc_snapshot *snapshot) {
    return (struct dc_vcpu_walk){.snapshot = snapshot,
                                 .regs = dc_list_walk(snapshot->regs),
                                 .details = dc_list_walk(snapshot->details)};
}

bool dc_vcpu_next(struct dc_vcpu_walk *walk) {
    if (!dc_list_next(&walk->regs))
        return false;
    bool detail = dc_list_next(&walk->details);
    walk->vcpu = make_vcpu(walk->snapshot, walk->regs.index, walk->regs.value.rec,
                           detail ? walk->details.value.rec : NULL);
    return true;
}

/* ---- snapshots ---- */

static int own_field(const struct dc_rec *rec) {
    return rec->type == &dc_type_DEGRADED ? DC_AT_DEGRADED_dumpctl
           : rec->type == &dc_type_DUAL   ? DC_AT_DUAL_dumpctl
                                          : DC_AT_SINGLE_dumpctl;
}

static void add_snapshot(struct dc_model *model, enum dc_phase phase,
                         const struct dc_rec *rec) {
    bool degraded = rec->type == &dc_type_DEGRADED;
    struct dc_snapshot *snapshot = &model->snapshots[model->n_snapshots++];
    *snapshot = (struct dc_snapshot){.phase = phase, .rec = rec};
    snapshot->own = dc_record(rec, own_field(rec));
    snapshot->regs =
        dc_list_of(rec, degraded ? DC_AT_DEGRADED_vcpu_regs : DC_AT_SINGLE_vcpu_regs);
    snapshot->details = dc_list_of(snapshot->own, DC_AT_DUMPCTL_vcpus);
    snapshot->samples = dc_list_of(NULL, DC_AT_DUMPCTL_samples);
    snapshot->placeholder = !degraded && dc_u64(rec, DC_AT_SINGLE_is_placeholder);
    for (struct dc_vcpu_walk walk = dc_vcpu_walk(snapshot); dc_vcpu_next(&walk);) {
        snapshot->vcpus++;
        snapshot->parked += walk.vcpu.state == DC_PARKED;
        snapshot->not_parked += walk.vcpu.state == DC_NOT_PARKED;
        snapshot->unavailable += walk.vcpu.state == DC_UNAVAILABLE;
    }
}

const struct dc_snapshot *dc_model_main(const struct dc_model *model) {
    return model->n_snapshots ? &model->snapshots[model->n_snapshots - 1] : NULL;
}

/* ---- the variants ---- */

static bool take_number(const char **p, const char *end, uint64_t *value) {
    const char *from = *p;
    while (*p < end && **p >= '0' && **p <= '9')
        ++*p;
    struct dc_span digits = {from, (size_t)(*p - from)};
    return digits.len > 0 && dc_parse_u64(digits, value) == 0;
}

/* The tail "; P/T vCPUs parked" of a reason, where it has one (wire-format 8.2). */
static bool counts_of_reason(struct dc_str reason, uint64_t *parked, uint64_t *total) {
    static const char tail[] = " vCPUs parked";
    size_t n = sizeof(tail) - 1;
    if (reason.len < n || memcmp(reason.p + reason.len - n, tail, n) != 0)
        return false;
    const char *end = reason.p + reason.len - n, *p = end;
    while (p > reason.p && (p[-1] == '/' || (p[-1] >= '0' && p[-1] <= '9')))
        p--;
    return take_number(&p, end, parked) && p < end && *p++ == '/' &&
           take_number(&p, end, total) && p == end;
}

static void set_exit_kind(struct dc_model *model, const struct dc_rec *rec, int field) {
    if (model->exit_kind.known || !dc_has(rec, field))
        return;
    uint32_t value = (uint32_t)dc_u64(rec, field);
    model->exit_kind = (struct dc_exit_kind){true, value, dc_exit_kind_name(value)};
}

/* What "dumpctl" tells of the trigger where the variant has no member for it. */
static void take_own(struct dc_model *model, const struct dc_rec *own) {
    if (!own)
        return;
    set_exit_kind(model, own, DC_AT_DUMPCTL_exit_kind);
    if (!model->latch.p)
        model->latch = dc_string(own, DC_AT_DUMPCTL_bss_latch_state);
    if (!model->watchpoint_known && dc_has(own, DC_AT_DUMPCTL_watchpoint_hit)) {
        model->watchpoint_known = true;
        model->watchpoint_hit = dc_u64(own, DC_AT_DUMPCTL_watchpoint_hit);
    }
}

static void init_degraded(struct dc_model *model, const struct dc_rec *root) {
    add_snapshot(model, DC_ONLY, root);
    model->reason = dc_string(root, DC_AT_DEGRADED_reason);
    model->latch = dc_string(root, DC_AT_DEGRADED_bss_latch_state);
    model->watchpoint_known = true;
    model->watchpoint_hit = dc_u64(root, DC_AT_DEGRADED_watchpoint_hit);
    model->elapsed_ms = dc_u64(root, DC_AT_DEGRADED_elapsed_ms);
    set_exit_kind(model, root, DC_AT_DEGRADED_exit_kind);
    const struct dc_snapshot *snapshot = &model->snapshots[0];
    model->reason_counts =
        counts_of_reason(model->reason, &model->reason_parked, &model->reason_total);
    if (model->reason_counts && snapshot->vcpus > 0)
        model->counts_disagree = model->reason_parked != snapshot->parked ||
                                 model->reason_total != snapshot->vcpus;
}

static void init_dual(struct dc_model *model, const struct dc_rec *root) {
    const struct dc_rec *early = dc_record(root, DC_AT_DUAL_early);
    if (early)
        add_snapshot(model, DC_EARLY, early);
    add_snapshot(model, DC_LATE, dc_record(root, DC_AT_DUAL_late));
    model->early_skipped_reason = dc_string(root, DC_AT_DUAL_early_skipped_reason);
    model->early_max_age_jiffies = dc_u64(root, DC_AT_DUAL_early_max_age_jiffies);
    model->early_threshold_jiffies = dc_u64(root, DC_AT_DUAL_early_threshold_jiffies);
}

static void init_missing(struct dc_model *model, const struct dc_rec *root) {
    model->missing = root;
    if (root->type != &dc_type_MISSING_STATS)
        return;
    model->missing = dc_record(root, DC_AT_MISSING_STATS_reason);
    model->tag = dc_string(root, DC_AT_MISSING_STATS_tag);
}

void dc_model_init(struct dc_model *model, const struct dc_report *report,
                   const char *file) {
    const struct dc_rec *root = report->root;
    *model =
        (struct dc_model){.report = report, .file = file, .variant = report->variant};
    switch (report->variant) {
    case DC_SINGLE:
        add_snapshot(model, DC_ONLY, root);
        break;
    case DC_DUAL:
        init_dual(model, root);
        break;
    case DC_DEGRADED:
        init_degraded(model, root);
        break;
    case DC_MISSING_STATS:
        init_missing(model, root);
        return;
    }
    model->own = dc_record(root, own_field(root));
    struct dc_snapshot *last = &model->snapshots[model->n_snapshots - 1];
    last->samples = dc_list_of(model->own, DC_AT_DUMPCTL_samples);
    if (report->variant != DC_DEGRADED)
        set_exit_kind(model, dc_record(last->rec, DC_AT_SINGLE_scx_sched_state),
                      DC_AT_SCX_SCHED_exit_kind);
    take_own(model, last->own);
    take_own(model, model->own);
}
