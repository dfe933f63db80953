#include "lib/uniform.h"

/* What is on its way through the writer. */
struct uniform {
    struct dc_writer *w;
    const struct dc_model *model;
    const struct dc_uniform_options *options;
};

static void name_str(struct dc_writer *w, const char *name, struct dc_str s) {
    dc_write_name(w, name);
    if (s.p)
        dc_write_string(w, s.p, s.len);
    else
        dc_write_null(w);
}

static void name_bool(struct dc_writer *w, const char *name, bool value) {
    dc_write_name(w, name);
    dc_write_bool(w, value);
}

static void name_count(struct uniform *u, const char *name, uint64_t value) {
    dc_write_name(u->w, name);
    (u->options->exact_numbers ? dc_write_u64 : dc_write_count)(u->w, value);
}

static void name_record(struct uniform *u, const char *name, const struct dc_rec *rec) {
    if (!rec)
        return;
    dc_write_name(u->w, name);
    dc_write_open(u->w, '{');
    dc_uniform_members(u->w, rec, u->options->exact_numbers);
    dc_write_close(u->w, '}');
}

static void write_vcpu(struct uniform *u, const struct dc_vcpu *vcpu) {
    dc_write_open(u->w, '{');
    name_count(u, "id", vcpu->id);
    dc_write_name(u->w, "state");
    dc_write_text(u->w, dc_state_name(vcpu->state));
    name_record(u, "regs", vcpu->regs);
    name_record(u, "detail", vcpu->detail);
    dc_write_close(u->w, '}');
}

static void write_vcpus(struct uniform *u, const struct dc_snapshot *snapshot) {
    dc_write_name(u->w, "vcpus");
    dc_write_open(u->w, '[');
    for (struct dc_vcpu_walk walk = dc_vcpu_walk(snapshot); dc_vcpu_next(&walk);)
        write_vcpu(u, &walk.vcpu);
    dc_write_close(u->w, ']');
}

bool dc_uniform_has_own_form(const struct dc_type *type, size_t i) {
    static const struct {
        const struct dc_type *type;
        int field;
    } own[] = {
        {&dc_type_SINGLE, DC_AT_SINGLE_schema},
        {&dc_type_SINGLE, DC_AT_SINGLE_vcpu_regs},
        {&dc_type_SINGLE, DC_AT_SINGLE_is_placeholder},
        {&dc_type_SINGLE, DC_AT_SINGLE_dumpctl},
        {&dc_type_DUAL, DC_AT_DUAL_schema},
        {&dc_type_DUAL, DC_AT_DUAL_early},
        {&dc_type_DUAL, DC_AT_DUAL_late},
        {&dc_type_DUAL, DC_AT_DUAL_early_max_age_jiffies},
        {&dc_type_DUAL, DC_AT_DUAL_early_threshold_jiffies},
        {&dc_type_DUAL, DC_AT_DUAL_early_skipped_reason},
        {&dc_type_DUAL, DC_AT_DUAL_dumpctl},
        {&dc_type_DEGRADED, DC_AT_DEGRADED_schema},
        {&dc_type_DEGRADED, DC_AT_DEGRADED_reason},
        {&dc_type_DEGRADED, DC_AT_DEGRADED_vcpu_regs},
        {&dc_type_DEGRADED, DC_AT_DEGRADED_watchpoint_hit},
        {&dc_type_DEGRADED, DC_AT_DEGRADED_bss_latch_state},
        {&dc_type_DEGRADED, DC_AT_DEGRADED_exit_kind},
        {&dc_type_DEGRADED, DC_AT_DEGRADED_elapsed_ms},
        {&dc_type_DEGRADED, DC_AT_DEGRADED_dumpctl},
        {&dc_type_MISSING_STATS, DC_AT_MISSING_STATS_tag},
        {&dc_type_MISSING_STATS, DC_AT_MISSING_STATS_reason},
        {&dc_type_DUMPCTL, DC_AT_DUMPCTL_vcpus}, /* they stand beside their registers */
    };
    for (size_t k = 0; k < sizeof(own) / sizeof(own[0]); k++)
        if (own[k].type == type && (size_t)own[k].field == i)
            return true;
    return false;
}

/* All members of a record that have no form of their own. */
static void write_others(struct uniform *u, const struct dc_rec *rec) {
    for (size_t i = 0; i < rec->type->n_fields; i++)
        if (!dc_uniform_has_own_form(rec->type, i))
            dc_uniform_member(u->w, rec, i, u->options->exact_numbers);
}

static void write_own(struct uniform *u, const struct dc_rec *own) {
    if (!own)
        return;
    dc_write_name(u->w, "dumpctl");
    dc_write_open(u->w, '{');
    write_others(u, own);
    dc_write_close(u->w, '}');
}

static void write_snapshot(struct uniform *u, const struct dc_snapshot *snapshot) {
    struct dc_writer *w = u->w;
    dc_write_open(w, '{');
    dc_write_name(w, "phase");
    dc_write_text(w, dc_phase_name(snapshot->phase));
    name_bool(w, "is_placeholder", snapshot->placeholder);
    name_count(u, "total", snapshot->vcpus);
    name_count(u, "parked", snapshot->parked);
    name_count(u, "not_parked", snapshot->not_parked);
    name_count(u, "unavailable", snapshot->unavailable);
    write_vcpus(u, snapshot);
    write_others(u, snapshot->rec);
    if (snapshot->own != u->model->own)
        write_own(u, snapshot->own);
    dc_write_close(w, '}');
}

static void write_exit_kind(struct uniform *u) {
    const struct dc_exit_kind *kind = &u->model->exit_kind;
    dc_write_name(u->w, "exit_kind");
    if (!kind->known) {
        dc_write_null(u->w);
        return;
    }
    dc_write_open(u->w, '{');
    dc_write_name(u->w, "name");
    dc_write_text(u->w, kind->name);
    name_count(u, "value", kind->value);
    dc_write_close(u->w, '}');
}

static int write_cause(struct uniform *u, struct dc_error *err) {
    struct dc_buf cause;
    dc_buf_init(&cause, u->options->alloc);
    dc_model_cause(u->model, &cause);
    bool ok = dc_buf_ok(&cause);
    dc_write_name(u->w, "cause");
    dc_write_string(u->w, cause.data, cause.len);
    dc_buf_done(&cause);
    return ok ? 0 : dc_fail(err, DC_ENOMEM, "out of memory");
}

static void write_degraded(struct uniform *u) {
    const struct dc_model *model = u->model;
    name_str(u->w, "reason", model->reason);
    name_bool(u->w, "watchpoint_hit", model->watchpoint_hit);
    name_str(u->w, "bss_latch_state", model->latch);
    name_count(u, "elapsed_ms", model->elapsed_ms);
}

static void write_dual(struct uniform *u) {
    const struct dc_model *model = u->model;
    name_count(u, "early_max_age_jiffies", model->early_max_age_jiffies);
    name_count(u, "early_threshold_jiffies", model->early_threshold_jiffies);
    name_str(u->w, "early_skipped_reason", model->early_skipped_reason);
    write_others(u, model->report->root);
}

static int write_missing(struct uniform *u, struct dc_error *err) {
    const struct dc_model *model = u->model;
    struct dc_buf text;
    dc_buf_init(&text, u->options->alloc);
    int rc = dc_missing_text(model->missing, &text, err);
    name_str(u->w, "tag", model->tag);
    if (model->report->root != model->missing)
        write_others(u, model->report->root);
    dc_write_name(u->w, "missing_stats");
    dc_write_open(u->w, '{');
    dc_write_name(u->w, "name");
    dc_write_text(u->w, model->missing->type->tag_value);
    dc_uniform_members(u->w, model->missing, u->options->exact_numbers);
    dc_write_name(u->w, "text");
    dc_write_string(u->w, text.data, text.len);
    dc_write_close(u->w, '}');
    dc_buf_done(&text);
    return rc;
}

static int write_facts(struct uniform *u, struct dc_error *err) {
    if (u->model->variant == DC_MISSING_STATS)
        return write_missing(u, err);
    if (write_cause(u, err) < 0)
        return -1;
    write_exit_kind(u);
    if (u->model->variant == DC_DEGRADED)
        write_degraded(u);
    else if (u->model->variant == DC_DUAL)
        write_dual(u);
    return 0;
}

int dc_uniform_write(struct dc_writer *w, const struct dc_model *model,
                     const struct dc_uniform_options *options, struct dc_error *err) {
    struct uniform u = {w, model, options};
    dc_write_open(w, '{');
    name_count(&u, "version", DC_UNIFORM_VERSION);
    dc_write_name(w, "file");
    dc_write_text(w, model->file);
    if (model->report->document > 0)
        name_count(&u, "document", model->report->document);
    dc_write_name(w, "variant");
    dc_write_text(w, dc_variant_name(model->variant));
    if (write_facts(&u, err) < 0)
        return -1;
    dc_write_name(w, "snapshots");
    dc_write_open(w, '[');
    for (size_t i = 0; i < model->n_snapshots; i++)
        write_snapshot(&u, &model->snapshots[i]);
    dc_write_close(w, ']');
    write_own(&u, model->own);
    if (model->report->unknown > 0)
        name_count(&u, "unknown_members", model->report->unknown);
    dc_write_close(w, '}');
    return 0;
}
