#include "lib/show_diff_private.h"

#include "lib/number.h"
#include "lib/uniform.h"

struct json {
    struct dc_writer *w;
    const struct dc_diff *diff;
    struct dc_buf text; /* paths, names */
};

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

/* ---- values ---- */

static void write_kind(struct dc_writer *w, uint64_t kind) {
    dc_write_open(w, '{');
    name_text(w, "name", dc_exit_kind_name((uint32_t)kind));
    name_count(w, "value", kind);
    dc_write_close(w, '}');
}

static void write_value(struct dc_writer *w, struct dc_diff_value value) {
    switch (value.kind) {
    case DC_DIFF_NONE:
        dc_write_null(w);
        break;
    case DC_DIFF_TEXT:
        dc_write_string(w, value.text.p, value.text.len);
        break;
    case DC_DIFF_JSON:
        dc_write_value(w, (struct dc_span){value.text.p, value.text.len});
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
        write_kind(w, value.number);
        break;
    case DC_DIFF_ELEMENTS:
        dc_write_open(w, '{');
        name_count(w, "elements", value.number);
        dc_write_close(w, '}');
        break;
    case DC_DIFF_OBJECT:
        dc_write_text(w, "present");
        break;
    case DC_DIFF_VALUE:
        dc_uniform_value(w, value.value, false);
        break;
    }
}

static void name_value(struct dc_writer *w, const char *name,
                       struct dc_diff_value value) {
    dc_write_name(w, name);
    write_value(w, value);
}

/* The function at an address, where a file of symbols has one. */
static void name_symbol(struct json *j, const char *name, int side,
                        struct dc_diff_value value) {
    const struct dc_symbols *symbols = j->diff->options.symbols[side];
    j->text.len = 0;
    if (value.kind != DC_DIFF_HEX || !symbols ||
        !dc_symbols_add(symbols, value.number, &j->text))
        return;
    dc_write_name(j->w, name);
    dc_write_string(j->w, j->text.data, j->text.len);
}

/* ---- rows ---- */

static void write_ids(struct dc_writer *w, const char *name,
                      const struct dc_diff_ids *ids) {
    dc_write_name(w, name);
    dc_write_open(w, '[');
    for (size_t i = 0; i < ids->n; i++)
        for (uint64_t id = ids->ranges[i].first; id <= ids->ranges[i].last; id++)
            dc_write_count(w, id);
    dc_write_close(w, ']');
}

static void write_regs(struct dc_writer *w, const struct dc_diff_regs *regs) {
    name_count(w, "compared", regs->compared);
    name_count(w, "changed", regs->changed);
    write_ids(w, "moved", &regs->moved);
    write_ids(w, "stood_still", &regs->still);
}

static void write_delta(struct dc_writer *w, const struct dc_diff_delta *delta) {
    char text[DC_NUMBER_MAX + 1] = "-"; /* below all that an i64 holds */
    if (delta->kind == DC_DELTA_NONE)
        return;
    dc_format_u64(delta->whole, text + 1);
    dc_write_name(w, "delta");
    if (delta->kind == DC_DELTA_REAL)
        dc_write_f64(w, delta->real);
    else if (!delta->negative)
        dc_write_count(w, delta->whole);
    else if (delta->whole <= (uint64_t)INT64_MAX)
        dc_write_signed_count(w, -(int64_t)delta->whole);
    else
        dc_write_text(w, text);
}

static void write_rate(struct dc_writer *w, const struct dc_diff_rate *rate) {
    if (rate->kind == DC_RATE_NONE)
        return;
    dc_write_name(w, rate->kind == DC_RATE_BETWEEN ? "per_second" : "a_per_second");
    dc_write_f64(w, rate->a);
    if (rate->kind == DC_RATE_BETWEEN)
        return;
    dc_write_name(w, "b_per_second");
    dc_write_f64(w, rate->b);
}

static void write_counted(struct dc_writer *w, const struct dc_diff_row *row) {
    name_count(w, "count", row->count);
    if (row->of == 0)
        return;
    name_count(w, "of", row->of);
    name_count(w, "first", row->where);
}

static void write_values(struct json *j, const struct dc_diff_row *row) {
    name_value(j->w, "a", row->a);
    name_value(j->w, "b", row->b);
    if (row->a.kind == DC_DIFF_VALUE && row->b.kind == DC_DIFF_VALUE &&
        row->a.value->type != row->b.value->type) {
        name_text(j->w, "a_kind", row->a.value->type->name);
        name_text(j->w, "b_kind", row->b.value->type->name);
    }
    name_symbol(j, "a_symbol", 0, row->a);
    name_symbol(j, "b_symbol", 1, row->b);
    write_delta(j->w, &row->delta);
    write_rate(j->w, &row->rate);
}

static int write_row(void *ctx, const struct dc_diff_row *row) {
    static const char *const whys[] = {[DC_DIFF_NOISE] = "noise",
                                       [DC_DIFF_NEAR] = "tolerance",
                                       [DC_DIFF_PATTERN] = "ignore"};
    struct json *j = ctx;
    struct dc_writer *w = j->w;
    bool summed = row->count > 0 && row->of == 0;
    dc_write_open(w, '{');
    name_text(w, "what", row->what);
    name_text(w, "section", dc_diff_section_name(row->section));
    if (row->at || row->path) {
        j->text.len = 0;
        dc_diff_row_path(row, &j->text);
        dc_write_name(w, "path");
        dc_write_string(w, j->text.data, j->text.len);
    }
    if (row->snapshot)
        name_text(w, "snapshot", row->snapshot);
    if (row->class == DC_DIFF_IGNORED)
        name_text(w, "why", whys[row->why]);
    if (row->regs)
        write_regs(w, row->regs);
    else if (!summed)
        write_values(j, row);
    if (row->count > 0)
        write_counted(w, row);
    if (row->ids) {
        name_count(w, "count", row->ids->count);
        write_ids(w, "vcpus", row->ids);
    }
    dc_write_close(w, '}');
    return w->failed || !dc_buf_ok(&j->text) ? -1 : 0;
}

static int write_rows(struct json *j, const char *name, enum dc_diff_class class,
                      struct dc_error *err) {
    dc_write_name(j->w, name);
    dc_write_open(j->w, '[');
    int rc = dc_diff_each(j->diff, class, write_row, j, err);
    dc_write_close(j->w, ']');
    return rc;
}

/* ---- the whole ---- */

static void write_side(struct dc_writer *w, const struct dc_diff *diff, int side,
                       bool phases) {
    const struct dc_model *model = side == 0 ? diff->a : diff->b;
    const struct dc_snapshot *compared = dc_diff_snapshot(diff, side);
    const struct dc_snapshot *main = dc_model_main(model);
    dc_write_name(w, side == 0 ? "a" : "b");
    dc_write_open(w, '{');
    name_text(w, "file", model->file);
    name_text(w, "variant", dc_variant_name(phases ? DC_DUAL : model->variant));
    name_text(w, "snapshot",
              phases     ? dc_phase_name(side == 0 ? DC_EARLY : DC_LATE)
              : compared ? dc_phase_name(compared->phase)
                         : NULL);
    name_bool(w, "is_placeholder", main && main->placeholder);
    dc_write_close(w, '}');
}

/* Sections that one of the reports has. */
static void write_sections(struct dc_writer *w, const struct dc_diff *diff) {
    dc_write_name(w, "sections");
    dc_write_open(w, '{');
    for (int i = 0; i < DC_DIFF_N_ORDERED; i++) {
        const struct dc_diff_counts *counts = &diff->counts[dc_diff_order[i]];
        size_t ignored = 0;
        for (int why = 0; why < DC_DIFF_N_WHYS; why++)
            ignored += counts->ignored[why];
        if (!counts->present)
            continue;
        dc_write_name(w, dc_diff_section_name(dc_diff_order[i]));
        dc_write_open(w, '{');
        name_count(w, "changed", counts->changed);
        name_count(w, "added", counts->added);
        name_count(w, "removed", counts->removed);
        name_count(w, "ignored", ignored);
        dc_write_close(w, '}');
    }
    dc_write_close(w, '}');
}

static int write_lists(struct json *j, struct dc_error *err) {
    return write_rows(j, "differences", DC_DIFF_COUNTS, err) < 0 ||
                   write_rows(j, "ignored", DC_DIFF_IGNORED, err) < 0 ||
                   write_rows(j, "not_compared", DC_DIFF_MISSED, err) < 0
               ? -1
               : 0;
}

int dc_show_diff_json(struct dc_writer *w, const struct dc_diff *diff,
                      const struct dc_show_diff_options *options, struct dc_error *err) {
    struct json j = {.w = w, .diff = diff};
    int rc = 0;
    dc_buf_init(&j.text, options->alloc);
    dc_write_open(w, '{');
    name_count(w, "version", DC_DIFF_VERSION);
    write_side(w, diff, 0, options->phases);
    write_side(w, diff, 1, options->phases);
    name_bool(w, "different", dc_diff_total(diff) > 0);
    dc_diff_summary(diff, &j.text);
    dc_write_name(w, "summary");
    dc_write_string(w, j.text.data, j.text.len);
    write_sections(w, diff);
    if (options->form == DC_SHOW_DIFF_ALL || options->form == DC_SHOW_DIFF_SIDES)
        rc = write_lists(&j, err);
    dc_write_close(w, '}');
    if (rc == 0 && !dc_buf_ok(&j.text))
        rc = dc_fail(err, DC_ENOMEM, "out of memory");
    dc_buf_done(&j.text);
    return rc;
}
