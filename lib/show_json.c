#include "lib/show_private.h"

#include "lib/uniform.h"

static void name_count(struct dc_writer *w, const char *name, uint64_t value) {
    dc_write_name(w, name);
    dc_write_count(w, value);
}

static void name_ids(struct dc_writer *w, const char *name,
                     const struct dc_snapshot *snapshot, enum dc_vcpu_state state) {
    dc_write_name(w, name);
    dc_write_open(w, '[');
    for (struct dc_vcpu_walk walk = dc_vcpu_walk(snapshot); dc_vcpu_next(&walk);)
        if (walk.vcpu.state == state)
            dc_write_u64(w, walk.vcpu.id);
    dc_write_close(w, ']');
}

static void write_counts(struct dc_writer *w, const struct dc_snapshot *snapshot) {
    dc_write_name(w, "phase");
    dc_write_text(w, dc_phase_name(snapshot->phase));
    dc_write_name(w, "is_placeholder");
    dc_write_bool(w, snapshot->placeholder);
    name_count(w, "total", snapshot->vcpus);
    name_count(w, "parked", snapshot->parked);
    name_count(w, "not_parked", snapshot->not_parked);
    name_count(w, "unavailable", snapshot->unavailable);
    name_ids(w, "not_parked_ids", snapshot, DC_NOT_PARKED);
    name_ids(w, "unavailable_ids", snapshot, DC_UNAVAILABLE);
}

/* What stands first in both objects. false: no memory. */
static bool write_head(struct dc_writer *w, const struct dc_model *model,
                       struct dc_alloc alloc) {
    struct dc_buf cause;
    dc_buf_init(&cause, alloc);
    dc_show_add_cause(model, &cause);
    bool ok = dc_buf_ok(&cause);
    name_count(w, "version", DC_UNIFORM_VERSION);
    dc_write_name(w, "file");
    dc_write_text(w, model->file);
    if (model->report->document > 0)
        name_count(w, "document", model->report->document);
    dc_write_name(w, "variant");
    dc_write_text(w, dc_variant_name(model->variant));
    dc_write_name(w, "cause");
    dc_write_string(w, cause.data, cause.len);
    dc_buf_done(&cause);
    return ok;
}

int dc_show_short_json(struct dc_writer *w, const struct dc_model *model,
                       const struct dc_show_options *options, struct dc_error *err) {
    dc_write_open(w, '{');
    bool ok = write_head(w, model, options->alloc);
    dc_write_name(w, "snapshots");
    dc_write_open(w, '[');
    for (size_t i = 0; i < model->n_snapshots; i++) {
        dc_write_open(w, '{');
        write_counts(w, &model->snapshots[i]);
        dc_write_close(w, '}');
    }
    dc_write_close(w, ']');
    dc_write_close(w, '}');
    return ok ? 0 : dc_fail(err, DC_ENOMEM, "out of memory");
}

/* ---- with the sections ---- */

static void write_exit_kind(struct dc_writer *w, const struct dc_exit_kind *kind) {
    if (!kind->known)
        return;
    dc_write_name(w, "exit_kind");
    dc_write_open(w, '{');
    name_count(w, "value", kind->value);
    dc_write_name(w, "name");
    dc_write_text(w, kind->name);
    dc_write_close(w, '}');
}

static void name_str(struct dc_writer *w, const char *name, struct dc_str str) {
    if (!str.p)
        return;
    dc_write_name(w, name);
    dc_write_string(w, str.p, str.len);
}

/* What the banner says of the trigger and of the capture, where it is known. */
static void write_facts(struct dc_writer *w, const struct dc_model *model) {
    name_str(w, "reason", model->reason);
    name_str(w, "bss_latch_state", model->latch);
    name_str(w, "early_skipped_reason", model->early_skipped_reason);
    if (model->watchpoint_known) {
        dc_write_name(w, "watchpoint_hit");
        dc_write_bool(w, model->watchpoint_hit);
    }
    if (model->variant == DC_DEGRADED)
        name_count(w, "elapsed_ms", model->elapsed_ms);
    if (model->variant == DC_DUAL) {
        name_count(w, "early_max_age_jiffies", model->early_max_age_jiffies);
        name_count(w, "early_threshold_jiffies", model->early_threshold_jiffies);
    }
    if (!model->own)
        return;
    dc_write_name(w, "dumpctl");
    dc_write_open(w, '{');
    for (size_t i = 0; i < model->own->type->n_fields; i++)
        if (i != DC_AT_DUMPCTL_vcpus && /* these are rows of sections */
            i != DC_AT_DUMPCTL_samples)
            dc_uniform_member(w, model->own, i, false);
    dc_write_close(w, '}');
}

static void write_symbols(struct dc_show *s) {
    if (!s->options->symbols)
        return;
    dc_write_name(s->json, "symbols");
    dc_write_open(s->json, '{');
    dc_write_name(s->json, "doubtful");
    dc_write_bool(s->json, s->cells.doubtful);
    dc_show_restart(s);
    dc_show_add_symbols(s);
    dc_write_name(s->json, "text");
    dc_write_string(s->json, s->scratch.data, s->scratch.len);
    dc_write_close(s->json, '}');
}

static void write_sections(struct dc_show *s, const struct dc_snapshot *snapshot) {
    s->snapshot = snapshot;
    dc_write_open(s->json, '{');
    write_counts(s->json, snapshot);
    dc_write_name(s->json, "sections");
    dc_write_open(s->json, '[');
    dc_show_sections(s);
    dc_write_close(s->json, ']');
    dc_write_close(s->json, '}');
}

int dc_show_json(struct dc_writer *w, const struct dc_model *model,
                 const struct dc_show_options *options, struct dc_error *err) {
    struct dc_show s;
    dc_show_init(&s, &dc_show_data, w->sink, model, options);
    s.json = w;
    s.cells.all = true; /* keys stand there in words: every member of them */
    dc_write_open(w, '{');
    s.scratch.failed |= !write_head(w, model, options->alloc);
    write_exit_kind(w, &model->exit_kind);
    name_count(w, "unknown_members", model->report->unknown);
    write_facts(w, model);
    write_symbols(&s);
    dc_write_name(w, "sections");
    dc_write_open(w, '[');
    if (dc_show_wants(&s, DC_SECTION_FINDINGS))
        dc_show_phases(&s);
    dc_write_close(w, ']');
    dc_write_name(w, "snapshots");
    dc_write_open(w, '[');
    for (size_t i = 0; i < model->n_snapshots; i++)
        write_sections(&s, &model->snapshots[i]);
    dc_write_close(w, ']');
    dc_write_close(w, '}');
    return dc_show_done(&s, err);
}
