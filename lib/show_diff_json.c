#include "lib/show_diff.h"

static void write_value(struct dc_writer *w, struct dc_diff_value value) {
    switch (value.kind) {
    case DC_DIFF_NONE:
        dc_write_null(w);
        break;
    case DC_DIFF_TEXT:
        dc_write_string(w, value.text.p, value.text.len);
        break;
    case DC_DIFF_NUMBER:
        dc_write_count(w, value.number);
        break;
    case DC_DIFF_SIGNED:
        dc_write_signed_count(w, value.integer);
        break;
    case DC_DIFF_REAL:
        dc_write_f64(w, value.real);
        break;
    case DC_DIFF_TRUTH:
        dc_write_bool(w, value.number);
        break;
    case DC_DIFF_HEX:
        dc_write_address(w, value.number);
        break;
    case DC_DIFF_KIND:
        dc_write_open(w, '{');
        dc_write_name(w, "name");
        dc_write_text(w, dc_exit_kind_name((uint32_t)value.number));
        dc_write_name(w, "value");
        dc_write_count(w, value.number);
        dc_write_close(w, '}');
        break;
    case DC_DIFF_ELEMENTS:
        dc_write_open(w, '{');
        dc_write_name(w, "elements");
        dc_write_count(w, value.number);
        dc_write_close(w, '}');
        break;
    case DC_DIFF_OBJECT:
        dc_write_text(w, "present");
        break;
    }
}

static void name_value(struct dc_writer *w, const char *name,
                       struct dc_diff_value value) {
    dc_write_name(w, name);
    write_value(w, value);
}

static void name_text(struct dc_writer *w, const char *name, const char *text) {
    dc_write_name(w, name);
    dc_write_text(w, text);
}

static void name_count(struct dc_writer *w, const char *name, uint64_t value) {
    dc_write_name(w, name);
    dc_write_count(w, value);
}

static void name_bool(struct dc_writer *w, const char *name, bool value) {
    dc_write_name(w, name);
    dc_write_bool(w, value);
}

/* ---- rows ---- */

static void write_ids(struct dc_writer *w, const struct dc_diff_ids *ids) {
    dc_write_name(w, "vcpus");
    dc_write_open(w, '[');
    for (size_t i = 0; i < ids->n; i++)
        for (uint64_t id = ids->ranges[i].first; id <= ids->ranges[i].last; id++)
            dc_write_count(w, id);
    dc_write_close(w, ']');
}

static void write_regs(struct dc_writer *w, const struct dc_diff_regs *regs) {
    name_count(w, "compared", regs->compared);
    name_count(w, "changed", regs->changed);
    name_count(w, "moved", regs->moved);
    name_count(w, "stood_still", regs->compared - regs->moved);
}

static void write_row(struct dc_writer *w, const struct dc_diff_row *row) {
    dc_write_open(w, '{');
    name_text(w, "what", row->what);
    if (row->path)
        name_text(w, "path", row->path);
    if (row->snapshot)
        name_text(w, "snapshot", row->snapshot);
    if (row->regs) {
        write_regs(w, row->regs);
    } else {
        name_value(w, "a", row->a);
        name_value(w, "b", row->b);
    }
    if (row->ids) {
        name_count(w, "count", row->ids->count);
        write_ids(w, row->ids);
    }
    dc_write_close(w, '}');
}

static void write_of_vcpu(struct dc_writer *w, const char *path, const char *snapshot,
                          size_t vcpu, struct dc_diff_value a, struct dc_diff_value b) {
    dc_write_open(w, '{');
    name_text(w, "what", "register");
    name_text(w, "path", path);
    if (snapshot)
        name_text(w, "snapshot", snapshot);
    name_count(w, "vcpu", vcpu);
    name_value(w, "a", a);
    name_value(w, "b", b);
    dc_write_close(w, '}');
}

static void write_registers(struct dc_writer *w, const struct dc_diff_pair *pair,
                            const char *snapshot) {
    struct dc_diff_regs_walk walk = dc_diff_regs_walk(pair);
    while (!w->failed && dc_diff_regs_next(&walk))
        write_of_vcpu(w, walk.field->name, snapshot, walk.vcpu, walk.a, walk.b);
}

static void write_details(struct dc_writer *w, const struct dc_diff_row *row) {
    struct dc_diff_details_walk walk = dc_diff_details_walk(row->details);
    while (!w->failed && dc_diff_details_next(&walk))
        write_of_vcpu(w, walk.path, row->snapshot, walk.vcpu, walk.a, walk.b);
}

static void write_rows(struct dc_writer *w, const struct dc_diff *diff, const char *name,
                       enum dc_diff_class class) {
    dc_write_name(w, name);
    dc_write_open(w, '[');
    for (size_t i = 0; i < diff->n_rows; i++) {
        const struct dc_diff_row *row = &diff->rows[i];
        if (row->class != class)
            continue;
        write_row(w, row);
        if (row->details)
            write_details(w, row);
        for (size_t p = 0; class == DC_DIFF_COUNTS && p < diff->n_pairs; p++)
            if (row->regs == &diff->pairs[p].regs)
                write_registers(w, &diff->pairs[p], row->snapshot);
    }
    dc_write_close(w, ']');
}

/* ---- the whole ---- */

static void write_side(struct dc_writer *w, const struct dc_diff *diff, int side) {
    const struct dc_model *model = side == 0 ? diff->a : diff->b;
    const struct dc_snapshot *compared = dc_diff_snapshot(diff, side);
    const struct dc_snapshot *main = dc_model_main(model);
    dc_write_name(w, side == 0 ? "a" : "b");
    dc_write_open(w, '{');
    name_text(w, "file", model->file);
    name_text(w, "variant", dc_variant_name(model->variant));
    name_text(w, "snapshot", compared ? dc_phase_name(compared->phase) : NULL);
    name_bool(w, "is_placeholder", main && main->placeholder);
    dc_write_close(w, '}');
}

int dc_show_diff_json(struct dc_writer *w, const struct dc_diff *diff,
                      const struct dc_show_diff_options *options, struct dc_error *err) {
    struct dc_buf summary;
    dc_buf_init(&summary, options->alloc);
    dc_diff_summary(diff, &summary);
    dc_write_open(w, '{');
    name_count(w, "version", DC_DIFF_VERSION);
    write_side(w, diff, 0);
    write_side(w, diff, 1);
    name_bool(w, "different", dc_diff_count(diff, DC_DIFF_COUNTS) > 0);
    dc_write_name(w, "summary");
    dc_write_string(w, summary.data, summary.len);
    if (!options->brief) {
        write_rows(w, diff, "differences", DC_DIFF_COUNTS);
        write_rows(w, diff, "ignored", DC_DIFF_IGNORED);
        write_rows(w, diff, "not_compared", DC_DIFF_MISSED);
    }
    dc_write_close(w, '}');
    bool ok = dc_buf_ok(&summary);
    dc_buf_done(&summary);
    return ok ? 0 : dc_fail(err, DC_ENOMEM, "out of memory");
}
