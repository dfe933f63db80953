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

static void write_snapshot(struct dc_writer *w, const struct dc_snapshot *snapshot) {
    dc_write_open(w, '{');
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
    dc_write_close(w, '}');
}

int dc_show_short_json(struct dc_writer *w, const struct dc_model *model,
                       const struct dc_show_options *options, struct dc_error *err) {
    struct dc_buf cause;
    dc_buf_init(&cause, options->alloc);
    dc_show_add_cause(model, &cause);
    bool ok = dc_buf_ok(&cause);
    dc_write_open(w, '{');
    name_count(w, "version", DC_UNIFORM_VERSION);
    dc_write_name(w, "file");
    dc_write_text(w, model->file);
    dc_write_name(w, "variant");
    dc_write_text(w, dc_variant_name(model->variant));
    dc_write_name(w, "cause");
    dc_write_string(w, cause.data, cause.len);
    dc_write_name(w, "snapshots");
    dc_write_open(w, '[');
    for (size_t i = 0; i < model->n_snapshots; i++)
        write_snapshot(w, &model->snapshots[i]);
    dc_write_close(w, ']');
    dc_write_close(w, '}');
    dc_buf_done(&cause);
    return ok ? 0 : dc_fail(err, DC_ENOMEM, "out of memory");
}
