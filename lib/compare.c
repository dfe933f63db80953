#include "lib/compare_private.h"

#include <string.h>

/* ---- sections ---- */

const int dc_diff_order[DC_DIFF_N_ORDERED] = {
    DC_SECTION_SUMMARY,    DC_SECTION_VCPUS,   DC_SECTION_SCHED,    DC_SECTION_MAPS,
    DC_SECTION_ALLOCATORS, DC_SECTION_REGIONS, DC_SECTION_PROGRAMS, DC_SECTION_RUNQUEUES,
    DC_SECTION_DSQS,       DC_SECTION_TASKS,   DC_SECTION_CPU_TIME, DC_SECTION_PSI,
    DC_SECTION_PERF,       DC_SECTION_NUMA,    DC_SECTION_PROBE,    DC_SECTION_EVENTS,
    DC_SECTION_SAMPLES,    DC_DIFF_OTHER,      DC_DIFF_CAPTURE,
};

static const char *const further[] = {"capture", "other"};

const char *dc_diff_section_name(int section) {
    return section < DC_N_SECTIONS ? dc_sections[section].name
                                   : further[section - DC_N_SECTIONS];
}

int dc_diff_section_find(const char *name, size_t len) {
    for (int i = DC_N_SECTIONS; i < DC_DIFF_N_SECTIONS; i++)
        if (dc_str_is((struct dc_str){name, len}, further[i - DC_N_SECTIONS]))
            return i;
    int section = dc_section_find(name, len);
    /* What is computed from others has no differences of its own. */
    return section == DC_SECTION_FINDINGS ? -1 : section;
}

/* ---- the comparison ---- */

static struct dc_compare begin(const struct dc_diff *diff, struct dc_error *err) {
    struct dc_compare c = {
        .diff = (struct dc_diff *)diff, /* written to by dc_diff_init() alone */
        .options = diff->options,
        .text = {diff->a->report->text, diff->b->report->text},
        .len = {diff->a->report->len, diff->b->report->len},
        .err = err,
    };
    dc_buf_init(&c.path, diff->options.alloc);
    return c;
}

static int end(struct dc_compare *c) {
    dc_buf_done(&c->path);
    return c->failed ? -1 : 0;
}

static int compare_pairs(struct dc_compare *c) {
    struct dc_diff *diff = c->diff;
    const struct dc_model *a = diff->a, *b = diff->b;
    if (a->n_snapshots == 2 && b->n_snapshots == 2)
        diff->pairs[diff->n_pairs++] =
            (struct dc_diff_pair){.a = &a->snapshots[0], .b = &b->snapshots[0]};
    if (a->n_snapshots > 0 && b->n_snapshots > 0)
        diff->pairs[diff->n_pairs++] =
            (struct dc_diff_pair){.a = dc_model_main(a), .b = dc_model_main(b)};
    for (size_t i = 0; i < diff->n_pairs; i++)
        if (dc_diff_pair_compare(c, &diff->pairs[i]) < 0)
            return -1;
    return 0;
}

/* What stands in sections, the late half first. */
static void compare_sections(struct dc_compare *c) {
    dc_diff_compare_roots(c);
    for (size_t i = c->diff->n_pairs; i-- > 0 && !dc_diff_is_over(c);) {
        const struct dc_diff_pair *pair = &c->diff->pairs[i];
        c->snapshot = c->diff->n_pairs == 2 ? dc_phase_name(pair->a->phase) : NULL;
        dc_diff_compare_snapshots(c, pair);
    }
    c->snapshot = NULL;
}

int dc_diff_init(struct dc_diff *diff, const struct dc_model *a, const struct dc_model *b,
                 const struct dc_diff_options *options, struct dc_error *err) {
    *diff = (struct dc_diff){.a = a, .b = b, .options = *options};
    dc_arena_init(&diff->arena, options->alloc, 0);
    struct dc_compare c = begin(diff, err);
    if (compare_pairs(&c) < 0)
        dc_diff_no_memory(&c);
    if (!c.failed)
        dc_diff_compare_first(&c);
    if (!c.failed)
        compare_sections(&c);
    return end(&c);
}

void dc_diff_done(struct dc_diff *diff) {
    struct dc_alloc alloc = diff->options.alloc;
    for (size_t i = 0; i < diff->n_pairs; i++)
        dc_diff_pair_done(&diff->pairs[i], alloc);
    if (diff->rows)
        alloc.resize(alloc.ctx, diff->rows, 0);
    dc_arena_done(&diff->arena);
    *diff = (struct dc_diff){.rows = NULL};
}

/* ---- its rows ---- */

static void tell_kept(struct dc_compare *c) {
    for (size_t i = 0; i < c->diff->n_rows && !dc_diff_is_over(c); i++) {
        const struct dc_diff_row *row = &c->diff->rows[i];
        if (row->class == DC_DIFF_IGNORED && row->why == DC_DIFF_PATTERN)
            c->summed[row->section][row->why]++;
        else if (row->class == c->class && c->fn(c->ctx, row) < 0)
            c->stopped = true;
    }
}

static void tell_sums(struct dc_compare *c) {
    for (int why = 0; why < DC_DIFF_N_WHYS; why++)
        for (int i = 0; i < DC_DIFF_N_ORDERED; i++) {
            int section = dc_diff_order[i];
            struct dc_diff_row row = {.class = DC_DIFF_IGNORED,
                                      .why = (enum dc_diff_why)why,
                                      .what = "ignored",
                                      .section = section,
                                      .count = c->summed[section][why]};
            if (row.count > 0 && !dc_diff_is_over(c) && c->fn(c->ctx, &row) < 0)
                c->stopped = true;
        }
}

int dc_diff_each(const struct dc_diff *diff, enum dc_diff_class class, dc_diff_fn fn,
                 void *ctx, struct dc_error *err) {
    struct dc_compare c = begin(diff, err);
    c.telling = true;
    c.class = class;
    c.fn = fn;
    c.ctx = ctx;
    tell_kept(&c);
    if (!dc_diff_is_over(&c) && class != DC_DIFF_MISSED)
        compare_sections(&c);
    if (class == DC_DIFF_IGNORED)
        tell_sums(&c);
    return end(&c);
}

size_t dc_diff_total(const struct dc_diff *diff) {
    size_t n = 0;
    for (int i = 0; i < DC_DIFF_N_SECTIONS; i++)
        n += diff->counts[i].changed + diff->counts[i].added + diff->counts[i].removed;
    return n;
}

bool dc_diff_is_silent(const struct dc_diff *diff) {
    size_t ignored = 0;
    for (int i = 0; i < DC_DIFF_N_SECTIONS; i++)
        for (int why = 0; why < DC_DIFF_N_WHYS; why++)
            ignored += diff->counts[i].ignored[why];
    return diff->n_rows == 0 && ignored == 0 && dc_diff_total(diff) == 0;
}

const struct dc_snapshot *dc_diff_snapshot(const struct dc_diff *diff, int side) {
    if (diff->n_pairs != 1)
        return NULL;
    return side == 0 ? diff->pairs[0].a : diff->pairs[0].b;
}
