#include "lib/show_diff_private.h"

#include <string.h>

struct remarks {
    const struct dc_diff *diff;
    dc_diff_remark_fn fn;
    void *ctx;
    struct dc_buf text;
    size_t shown; /* in the paragraph */
    int why;      /* of the last sum; -1: none */
    bool addresses, first;
};

static void add(struct remarks *r, const char *text) {
    dc_buf_text(&r->text, text);
}

static void begin(struct remarks *r) {
    r->text.len = 0;
    r->shown = 0;
}

static void end(struct remarks *r) {
    r->fn(r->ctx, &r->text);
}

static void add_name(struct remarks *r, const struct dc_diff_row *row) {
    if (row->snapshot) {
        add(r, row->snapshot);
        add(r, " ");
    }
    dc_diff_row_path(row, &r->text);
}

/* ---- what did not count ---- */

static void add_sum(struct remarks *r, const struct dc_diff_row *row) {
    static const char *const titles[] = {[DC_DIFF_NOISE] = "addresses and times: ",
                                         [DC_DIFF_NEAR] = "within the tolerance: ",
                                         [DC_DIFF_PATTERN] = "by --ignore: "};
    if ((int)row->why != r->why) {
        add(r, r->shown ? "; " : "");
        add(r, titles[row->why]);
    } else {
        add(r, ", ");
    }
    r->why = (int)row->why;
    dc_diff_add_number(&r->text, row->count);
    add(r, " in ");
    add(r, dc_diff_section_name(row->section));
    r->addresses |= row->why == DC_DIFF_NOISE;
}

static int add_ignored(void *ctx, const struct dc_diff_row *row) {
    struct remarks *r = ctx;
    if (row->count > 0 && !row->at && !row->of) {
        add_sum(r, row);
        r->shown++;
        return 0;
    }
    add(r, r->shown++ ? "; " : "");
    add_name(r, row);
    if (row->regs) {
        add(r, " of ");
        dc_diff_regs_text(row->regs, &r->text);
        r->addresses = true;
        return 0;
    }
    if (row->of > 0) {
        add(r, " ");
        dc_diff_add_number(&r->text, row->count);
        add(r, " of ");
        dc_diff_add_number(&r->text, row->of);
        add(r, " elements");
        r->addresses = true;
        return 0;
    }
    add(r, " ");
    dc_diff_value_text(row->a, &r->text);
    add(r, " -> ");
    dc_diff_value_text(row->b, &r->text);
    r->addresses |= row->a.kind == DC_DIFF_HEX;
    return 0;
}

static int ignored(struct remarks *r, struct dc_error *err) {
    begin(r);
    add(r, "not counted as a difference: ");
    r->why = -1;
    if (dc_diff_each(r->diff, DC_DIFF_IGNORED, add_ignored, r, err) < 0)
        return -1;
    if (r->shown == 0)
        return 0;
    if (r->addresses && r->diff->options.noise == DC_NOISE_BOTH)
        add(r, " (--addresses counts addresses and registers)");
    end(r);
    return 0;
}

/* ---- what was not compared ---- */

static bool is_in_first(const struct dc_diff_row *row) {
    return row->a.kind != DC_DIFF_NONE &&
           !(row->a.kind == DC_DIFF_ELEMENTS && row->a.number == 0);
}

static int add_missed(void *ctx, const struct dc_diff_row *row) {
    struct remarks *r = ctx;
    if (is_in_first(row) != r->first)
        return 0;
    add(r, r->shown++ ? ", " : "");
    add_name(r, row);
    return 0;
}

static int missed(struct remarks *r, bool first, struct dc_error *err) {
    begin(r);
    r->first = first;
    add(r, "not compared: ");
    if (dc_diff_each(r->diff, DC_DIFF_MISSED, add_missed, r, err) < 0)
        return -1;
    add(r, first ? " (only in the first report)" : " (only in the second report)");
    if (r->shown > 0)
        end(r);
    return 0;
}

/* ---- what was compared ---- */

static void side(struct remarks *r, int which) {
    static const char *const reports[] = {"the first report", "the second report"};
    const struct dc_snapshot *snapshot = dc_diff_snapshot(r->diff, which);
    const struct dc_model *model = which == 0 ? r->diff->a : r->diff->b;
    const struct dc_model *other = which == 0 ? r->diff->b : r->diff->a;
    if (snapshot && model->variant == DC_DUAL && other->variant != DC_DUAL) {
        begin(r);
        add(r, "of ");
        add(r, reports[which]);
        add(r, " the late half is compared");
        end(r);
    }
    const struct dc_snapshot *main = dc_model_main(model);
    if (main && main->placeholder) {
        begin(r);
        add(r, reports[which]);
        add(r, " is a placeholder: the capture produced nothing");
        end(r);
    }
    uint64_t cut = main && main->rec->type == &dc_type_SINGLE
                       ? dc_u64(main->rec, DC_AT_SINGLE_maps_truncated)
                       : 0;
    if (cut > 0) {
        begin(r);
        add(r, "of ");
        add(r, reports[which]);
        add(r, " ");
        dc_diff_add_number(&r->text, cut);
        add(r, cut == 1 ? " map was" : " maps were");
        add(r, " not captured: its deadline had passed");
        end(r);
    }
}

static void same(struct remarks *r) {
    size_t n = dc_diff_unchanged(r->diff);
    if (n == 0 || dc_diff_total(r->diff) == 0)
        return;
    begin(r);
    add(r, "unchanged: ");
    dc_diff_add_number(&r->text, n);
    add(r, n == 1 ? " section" : " sections");
    end(r);
}

static int finish(struct remarks *r, int rc, struct dc_error *err) {
    if (rc == 0 && !dc_buf_ok(&r->text))
        rc = dc_fail(err, DC_ENOMEM, "out of memory");
    dc_buf_done(&r->text);
    return rc;
}

int dc_diff_first_remarks(const struct dc_diff *diff, struct dc_alloc alloc,
                          dc_diff_remark_fn fn, void *ctx, struct dc_error *err) {
    struct remarks r = {.diff = diff, .fn = fn, .ctx = ctx};
    dc_buf_init(&r.text, alloc);
    if (!dc_diff_is_silent(diff)) {
        side(&r, 0);
        side(&r, 1);
    }
    return finish(&r, 0, err);
}

int dc_diff_remarks(const struct dc_diff *diff, struct dc_alloc alloc,
                    dc_diff_remark_fn fn, void *ctx, struct dc_error *err) {
    struct remarks r = {.diff = diff, .fn = fn, .ctx = ctx};
    int rc = 0;
    dc_buf_init(&r.text, alloc);
    if (ignored(&r, err) < 0 || missed(&r, true, err) < 0 || missed(&r, false, err) < 0)
        rc = -1;
    else
        same(&r);
    return finish(&r, rc, err);
}
