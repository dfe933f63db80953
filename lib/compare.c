#include "lib/compare_private.h"

#include <string.h>

/* For what an operator must know first. */
static struct dc_diff_row *add_first(struct dc_compare *c, const char *what,
                                     struct dc_diff_value a, struct dc_diff_value b) {
    struct dc_diff_row *row = dc_diff_add_values(c, DC_DIFF_COUNTS, what, a, b);
    row->first = true;
    return row;
}

static void *keep(struct dc_compare *c, const char *data, size_t len) {
    char *p = dc_arena_get(&c->diff->arena, len + 1);
    if (!p) {
        c->failed = true;
        return NULL;
    }
    if (len > 0)
        memcpy(p, data, len);
    p[len] = '\0';
    return p;
}

/* ---- variant and cause ---- */

static struct dc_str cause_of(struct dc_compare *c, const struct dc_model *model) {
    struct dc_buf buf;
    dc_buf_init(&buf, c->alike.alloc);
    dc_model_cause(model, &buf);
    struct dc_str cause = {NULL, buf.len};
    if (dc_buf_ok(&buf))
        cause.p = keep(c, buf.data, buf.len);
    else
        c->failed = true;
    dc_buf_done(&buf);
    return cause.p ? cause : (struct dc_str){"", 0};
}

/* A reason without the words of its cause, and without counts that the slots tell too. */
static struct dc_str rest_of_reason(const struct dc_model *model, struct dc_str cause) {
    static const char tail[] = " vCPUs parked";
    struct dc_str s = model->reason;
    const struct dc_snapshot *snapshot = dc_model_main(model);
    if (s.len >= cause.len && memcmp(s.p, cause.p, cause.len) == 0) {
        s.p += cause.len;
        s.len -= cause.len;
    }
    bool told = snapshot->vcpus > 0 && model->reason_total > 0 && !model->counts_disagree;
    if (!told || s.len < sizeof(tail) - 1)
        return s;
    s.len -= sizeof(tail) - 1;
    while (s.len > 0 && s.p[s.len - 1] != ' ' && s.p[s.len - 1] != ';')
        s.len--;
    return s;
}

/* Two degraded reports with one cause: what else their reasons say. */
static void compare_reasons(struct dc_compare *c, struct dc_str cause_a,
                            struct dc_str cause_b) {
    const struct dc_model *a = c->diff->a, *b = c->diff->b;
    struct dc_str rest_a = rest_of_reason(a, cause_a),
                  rest_b = rest_of_reason(b, cause_b);
    enum dc_alike found = dc_alike_words(rest_a, rest_b);
    struct dc_diff_value one = dc_diff_text(a->reason), other = dc_diff_text(b->reason);
    if (found == DC_ALIKE_DIFFERENT)
        add_first(c, "reason", one, other);
    else if (found == DC_ALIKE_NOISE && a->elapsed_ms == b->elapsed_ms)
        dc_diff_add_values(c, DC_DIFF_IGNORED, "reason", one, other);
}

/* Of single and dual the exit kind is the cause, and that has a row of its own. */
static bool has_cause(const struct dc_model *model) {
    return model->variant == DC_DEGRADED || model->variant == DC_MISSING_STATS;
}

/* What the cause of one report says beside the exit kind, where both reports have that:
   it is compared by itself, so here it must not look as if it had changed. */
static struct dc_diff_value cause_beside(const struct dc_compare *c,
                                         const struct dc_model *model,
                                         struct dc_str cause) {
    static const char kind[] = "exit_kind ", comma[] = ", ";
    bool both = c->diff->a->exit_kind.known && c->diff->b->exit_kind.known;
    if (has_cause(model) || !both || cause.len < sizeof(kind) - 1 ||
        memcmp(cause.p, kind, sizeof(kind) - 1) != 0)
        return dc_diff_text(cause);
    const char *rest = memmem(cause.p, cause.len, comma, sizeof(comma) - 1);
    if (!rest)
        return dc_diff_number(DC_DIFF_NONE, 0);
    rest += sizeof(comma) - 1;
    return dc_diff_text((struct dc_str){rest, cause.len - (size_t)(rest - cause.p)});
}

static void compare_causes(struct dc_compare *c) {
    const struct dc_model *a = c->diff->a, *b = c->diff->b;
    if (!has_cause(a) && !has_cause(b))
        return;
    struct dc_str one = cause_of(c, a), other = cause_of(c, b);
    bool exact = a->variant == DC_MISSING_STATS && b->variant == DC_MISSING_STATS;
    if (exact ? !dc_diff_equal(dc_diff_text(one), dc_diff_text(other))
              : dc_alike_words(one, other) == DC_ALIKE_DIFFERENT)
        add_first(c, "cause", cause_beside(c, a, one), cause_beside(c, b, other));
    else if (a->variant == DC_DEGRADED && b->variant == DC_DEGRADED && !c->failed)
        compare_reasons(c, one, other);
}

static void compare_missing(struct dc_compare *c) {
    const struct dc_model *a = c->diff->a, *b = c->diff->b;
    const struct dc_rec *root_a = a->report->root, *root_b = b->report->root;
    bool wrapped = root_a->type == &dc_type_MISSING_STATS && root_a->type == root_b->type;
    if (a->missing->type != b->missing->type)
        add_first(c, "missing_stats", dc_diff_word(a->missing->type->tag_value),
                  dc_diff_word(b->missing->type->tag_value));
    if (!dc_diff_equal(dc_diff_text(a->tag), dc_diff_text(b->tag)))
        dc_diff_add_values(c, DC_DIFF_COUNTS, "tag", dc_diff_text(a->tag),
                           dc_diff_text(b->tag));
    enum dc_alike found =
        wrapped ? dc_alike_record(&c->alike, &dc_type_SAMPLE, root_a, root_b)
                : dc_alike_record(&c->alike, &dc_type_REASON, a->missing, b->missing);
    if (found == DC_ALIKE_FAILED)
        c->failed = true;
    else if (found == DC_ALIKE_DIFFERENT && dc_diff_count(c->diff, DC_DIFF_COUNTS) == 0)
        dc_diff_add(c, DC_DIFF_COUNTS, "unknown_members");
}

/* ---- what the model says of the trigger ---- */

static void compare_fact(struct dc_compare *c, const char *what, struct dc_diff_value a,
                         struct dc_diff_value b) {
    if (dc_diff_equal(a, b))
        return;
    bool one_sided = a.kind == DC_DIFF_NONE || b.kind == DC_DIFF_NONE;
    if (dc_diff_variants_differ(c) && one_sided)
        dc_diff_add_values(c, DC_DIFF_MISSED, what, a, b);
    else
        add_first(c, what, a, b);
}

static struct dc_diff_value exit_kind_value(const struct dc_model *model) {
    return dc_diff_number(model->exit_kind.known ? DC_DIFF_KIND : DC_DIFF_NONE,
                          model->exit_kind.value);
}

static struct dc_diff_value watchpoint_value(const struct dc_model *model) {
    return dc_diff_number(model->watchpoint_known ? DC_DIFF_TRUTH : DC_DIFF_NONE,
                          model->watchpoint_hit);
}

static void compare_facts(struct dc_compare *c) {
    const struct dc_model *a = c->diff->a, *b = c->diff->b;
    compare_fact(c, "exit_kind", exit_kind_value(a), exit_kind_value(b));
    compare_fact(c, "bss_latch_state", dc_diff_text(a->latch), dc_diff_text(b->latch));
    compare_fact(c, "watchpoint_hit", watchpoint_value(a), watchpoint_value(b));
}

/* ---- vCPUs ---- */

static void add_state_row(struct dc_compare *c, struct dc_diff_pair *pair, int from,
                          int to) {
    const struct dc_diff_ids *ids = &pair->changed[from][to];
    if (ids->count == 0)
        return;
    add_first(c, "vcpu_state", dc_diff_word(dc_diff_state_name(from)),
              dc_diff_word(dc_diff_state_name(to)))
        ->ids = ids;
}

static void add_states(struct dc_compare *c, struct dc_diff_pair *pair) {
    if (pair->a->vcpus != pair->b->vcpus)
        add_first(c, "vcpus", dc_diff_number(DC_DIFF_NUMBER, pair->a->vcpus),
                  dc_diff_number(DC_DIFF_NUMBER, pair->b->vcpus));
    for (int from = 0; from < DC_DIFF_N_STATES && !c->failed; from++)
        for (int to = 0; to < DC_DIFF_N_STATES && !c->failed; to++)
            add_state_row(c, pair, from, to);
}

static void add_registers(struct dc_compare *c, struct dc_diff_pair *pair) {
    if (pair->regs.changed == 0)
        return;
    enum dc_diff_class class =
        c->diff->options.addresses ? DC_DIFF_COUNTS : DC_DIFF_IGNORED;
    dc_diff_add(c, class, "registers")->regs = &pair->regs;
}

/* ---- the whole ---- */

static const char *snapshot_name(const struct dc_diff *diff,
                                 const struct dc_diff_pair *pair) {
    bool duals = diff->a->variant == DC_DUAL && diff->b->variant == DC_DUAL;
    return duals ? dc_phase_name(pair->a->phase) : NULL;
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
        if (dc_diff_pair_compare(&diff->pairs[i], &c->alike) < 0)
            return -1;
    return 0;
}

/* One of two duals has no early half, or one of two reports no snapshot at all. */
static void compare_shapes(struct dc_compare *c) {
    const struct dc_model *a = c->diff->a, *b = c->diff->b;
    struct dc_diff_value some = {.kind = DC_DIFF_OBJECT}, none = {.kind = DC_DIFF_NONE};
    if (a->variant == DC_DUAL && b->variant == DC_DUAL &&
        a->n_snapshots != b->n_snapshots) {
        c->snapshot = "early";
        add_first(c, "snapshot", a->n_snapshots == 2 ? some : none,
                  b->n_snapshots == 2 ? some : none);
        c->snapshot = NULL;
    }
    if (!a->n_snapshots != !b->n_snapshots)
        dc_diff_add_values(c, DC_DIFF_MISSED, "section",
                           dc_diff_number(DC_DIFF_ELEMENTS, a->n_snapshots),
                           dc_diff_number(DC_DIFF_ELEMENTS, b->n_snapshots))
            ->path = "snapshots";
}

/* Rows of all pairs, the late half first. */
static void each_pair(struct dc_compare *c,
                      void (*add)(struct dc_compare *c, struct dc_diff_pair *pair)) {
    for (size_t i = c->diff->n_pairs; i-- > 0 && !c->failed;) {
        struct dc_diff_pair *pair = &c->diff->pairs[i];
        c->snapshot = snapshot_name(c->diff, pair);
        add(c, pair);
    }
    c->snapshot = NULL;
}

int dc_diff_init(struct dc_diff *diff, const struct dc_model *a, const struct dc_model *b,
                 const struct dc_diff_options *options, struct dc_error *err) {
    *diff = (struct dc_diff){.a = a, .b = b, .options = *options};
    dc_arena_init(&diff->arena, options->alloc, 0);
    struct dc_compare c = {
        .diff = diff,
        .alike = {.alloc = options->alloc,
                  .text = {a->report->text, b->report->text},
                  .len = {a->report->len, b->report->len},
                  .addresses = options->addresses,
                  .err = err},
    };
    if (compare_pairs(&c) < 0)
        return -1;
    if (dc_diff_variants_differ(&c))
        add_first(&c, "variant", dc_diff_word(dc_variant_name(a->variant)),
                  dc_diff_word(dc_variant_name(b->variant)));
    compare_causes(&c);
    compare_shapes(&c);
    each_pair(&c, add_states);
    compare_facts(&c);
    if (a->variant == DC_MISSING_STATS && b->variant == DC_MISSING_STATS)
        compare_missing(&c);
    each_pair(&c, add_registers);
    dc_diff_compare_roots(&c);
    each_pair(&c, dc_diff_compare_snapshots);
    return c.failed ? dc_fail(err, DC_ENOMEM, "out of memory") : 0;
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

size_t dc_diff_count(const struct dc_diff *diff, enum dc_diff_class class) {
    size_t n = 0;
    for (size_t i = 0; i < diff->n_rows; i++)
        n += diff->rows[i].class == class;
    return n;
}

const struct dc_snapshot *dc_diff_snapshot(const struct dc_diff *diff, int side) {
    if (diff->n_pairs != 1)
        return NULL;
    return side == 0 ? diff->pairs[0].a : diff->pairs[0].b;
}
