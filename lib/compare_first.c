#include "lib/compare_private.h"

#include <string.h>

static struct dc_diff_row row_of(enum dc_diff_class class, const char *what,
                                 struct dc_diff_value a, struct dc_diff_value b) {
    return (struct dc_diff_row){
        .class = class, .what = what, .section = DC_SECTION_SUMMARY, .a = a, .b = b};
}

/* For what an operator must know first. */
static void add_first(struct dc_compare *c, const char *what, struct dc_diff_value a,
                      struct dc_diff_value b) {
    struct dc_diff_row row = row_of(DC_DIFF_COUNTS, what, a, b);
    row.first = true;
    dc_diff_keep(c, row);
}

static void add(struct dc_compare *c, enum dc_diff_class class, const char *what,
                struct dc_diff_value a, struct dc_diff_value b) {
    dc_diff_keep(c, row_of(class, what, a, b));
}

static void *keep(struct dc_compare *c, const char *data, size_t len) {
    char *p = dc_arena_get(&c->diff->arena, len + 1);
    if (!p) {
        dc_diff_no_memory(c);
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
    dc_buf_init(&buf, c->options.alloc);
    dc_model_cause(model, &buf);
    struct dc_str cause = {NULL, buf.len};
    if (dc_buf_ok(&buf))
        cause.p = keep(c, buf.data, buf.len);
    else
        dc_diff_no_memory(c);
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
    struct dc_diff_value one = dc_diff_text(a->reason), other = dc_diff_text(b->reason);
    if (dc_str_same(a->reason, b->reason))
        return;
    if (c->options.noise == DC_NOISE_NONE ||
        !dc_noise_words(rest_of_reason(a, cause_a), rest_of_reason(b, cause_b)))
        add_first(c, "reason", one, other);
    else if (a->elapsed_ms == b->elapsed_ms && dc_noise_words(a->reason, b->reason))
        add(c, DC_DIFF_IGNORED, "reason", one, other);
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

static bool are_missing(const struct dc_compare *c) {
    return c->diff->a->variant == DC_MISSING_STATS &&
           c->diff->b->variant == DC_MISSING_STATS;
}

static void compare_causes(struct dc_compare *c) {
    const struct dc_model *a = c->diff->a, *b = c->diff->b;
    if (!has_cause(a) && !has_cause(b))
        return;
    struct dc_str one = cause_of(c, a), other = cause_of(c, b);
    bool exact = are_missing(c) || c->options.noise == DC_NOISE_NONE;
    if (exact ? !dc_str_same(one, other) : !dc_noise_words(one, other))
        add_first(c, "cause", cause_beside(c, a, one), cause_beside(c, b, other));
    else if (a->variant == DC_DEGRADED && b->variant == DC_DEGRADED && !c->failed)
        compare_reasons(c, one, other);
}

static void compare_missing(struct dc_compare *c) {
    const struct dc_model *a = c->diff->a, *b = c->diff->b;
    if (a->missing->type != b->missing->type)
        add_first(c, "missing_stats", dc_diff_word(a->missing->type->tag_value),
                  dc_diff_word(b->missing->type->tag_value));
    if (!dc_diff_equal(dc_diff_text(a->tag), dc_diff_text(b->tag)))
        add(c, DC_DIFF_COUNTS, "tag", dc_diff_text(a->tag), dc_diff_text(b->tag));
}

/* ---- what the model says of the trigger ---- */

static void compare_fact(struct dc_compare *c, const char *what, struct dc_diff_value a,
                         struct dc_diff_value b) {
    if (dc_diff_equal(a, b))
        return;
    bool one_sided = a.kind == DC_DIFF_NONE || b.kind == DC_DIFF_NONE;
    if (dc_diff_variants_differ(c) && one_sided)
        add(c, DC_DIFF_MISSED, what, a, b);
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

bool dc_diff_is_fact(const struct dc_compare *c, const char *name, struct dc_diff_value a,
                     struct dc_diff_value b) {
    const struct dc_model *one = c->diff->a, *other = c->diff->b;
    const struct {
        const char *name;
        struct dc_diff_value a, b;
    } facts[] = {
        {"exit_kind", exit_kind_value(one), exit_kind_value(other)},
        {"bss_latch_state", dc_diff_text(one->latch), dc_diff_text(other->latch)},
        {"watchpoint_hit", watchpoint_value(one), watchpoint_value(other)},
    };
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
        if (strcmp(facts[i].name, name) == 0)
            return dc_diff_equal(facts[i].a, a) && dc_diff_equal(facts[i].b, b);
    return false;
}

static void compare_facts(struct dc_compare *c) {
    const struct dc_model *a = c->diff->a, *b = c->diff->b;
    compare_fact(c, "exit_kind", exit_kind_value(a), exit_kind_value(b));
    compare_fact(c, "bss_latch_state", dc_diff_text(a->latch), dc_diff_text(b->latch));
    compare_fact(c, "watchpoint_hit", watchpoint_value(a), watchpoint_value(b));
}

/* ---- vCPUs ---- */

static void add_state(struct dc_compare *c, const struct dc_diff_pair *pair, int from,
                      int to) {
    const struct dc_diff_ids *ids = &pair->changed[from][to];
    struct dc_diff_row row =
        row_of(DC_DIFF_COUNTS, "vcpu_state", dc_diff_word(dc_diff_state_name(from)),
               dc_diff_word(dc_diff_state_name(to)));
    row.first = true;
    row.section = DC_SECTION_VCPUS;
    row.ids = ids;
    if (ids->count > 0)
        dc_diff_keep(c, row);
}

static void add_states(struct dc_compare *c, const struct dc_diff_pair *pair) {
    struct dc_diff_row row =
        row_of(DC_DIFF_COUNTS, "vcpus", dc_diff_number(DC_DIFF_NUMBER, pair->a->vcpus),
               dc_diff_number(DC_DIFF_NUMBER, pair->b->vcpus));
    row.first = true;
    row.section = DC_SECTION_VCPUS;
    for (int from = 0; from < DC_DIFF_N_STATES; from++)
        add_state(c, pair, from, DC_NOT_PARKED);
    if (pair->a->vcpus != pair->b->vcpus)
        dc_diff_keep(c, row);
    for (int from = 0; from < DC_DIFF_N_STATES; from++)
        for (int to = 0; to < DC_DIFF_N_STATES; to++)
            if (to != DC_NOT_PARKED)
                add_state(c, pair, from, to);
}

/* A report without contents is no good news, whatever it is compared with. */
static void add_placeholders(struct dc_compare *c, const struct dc_diff_pair *pair) {
    if (pair->a->placeholder != pair->b->placeholder)
        add_first(c, "is_placeholder",
                  dc_diff_number(DC_DIFF_TRUTH, pair->a->placeholder),
                  dc_diff_number(DC_DIFF_TRUTH, pair->b->placeholder));
}

/* Where registers count, each that differs has a row of its own. */
static void add_registers(struct dc_compare *c, const struct dc_diff_pair *pair) {
    struct dc_diff_row row = {.class = DC_DIFF_IGNORED,
                              .what = "registers",
                              .section = DC_SECTION_VCPUS,
                              .regs = &pair->regs};
    if (pair->regs.changed > 0 && c->options.noise == DC_NOISE_BOTH)
        dc_diff_keep(c, row);
}

/* One of two duals has no early half, or one of two reports no snapshot at all. */
static void compare_shapes(struct dc_compare *c) {
    const struct dc_model *a = c->diff->a, *b = c->diff->b;
    struct dc_diff_value some = dc_diff_number(DC_DIFF_OBJECT, 0), none = dc_diff_none();
    if (a->variant == DC_DUAL && b->variant == DC_DUAL &&
        a->n_snapshots != b->n_snapshots) {
        c->snapshot = "early";
        add_first(c, "snapshot", a->n_snapshots == 2 ? some : none,
                  b->n_snapshots == 2 ? some : none);
        c->snapshot = NULL;
    }
    if (!a->n_snapshots != !b->n_snapshots) {
        struct dc_diff_row row = row_of(DC_DIFF_MISSED, "section",
                                        dc_diff_number(DC_DIFF_ELEMENTS, a->n_snapshots),
                                        dc_diff_number(DC_DIFF_ELEMENTS, b->n_snapshots));
        row.path = "snapshots";
        dc_diff_keep(c, row);
    }
}

/* Rows of all pairs, the late half first. */
static void each_pair(struct dc_compare *c,
                      void (*tell)(struct dc_compare *c,
                                   const struct dc_diff_pair *pair)) {
    for (size_t i = c->diff->n_pairs; i-- > 0 && !c->failed;) {
        const struct dc_diff_pair *pair = &c->diff->pairs[i];
        c->snapshot = c->diff->n_pairs == 2 ? dc_phase_name(pair->a->phase) : NULL;
        tell(c, pair);
    }
    c->snapshot = NULL;
}

void dc_diff_compare_first(struct dc_compare *c) {
    if (dc_diff_variants_differ(c))
        add_first(c, "variant", dc_diff_word(dc_variant_name(c->diff->a->variant)),
                  dc_diff_word(dc_variant_name(c->diff->b->variant)));
    compare_causes(c);
    compare_shapes(c);
    each_pair(c, add_placeholders);
    each_pair(c, add_states);
    compare_facts(c);
    if (are_missing(c))
        compare_missing(c);
    each_pair(c, add_registers);
}
