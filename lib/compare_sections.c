#include "lib/compare_private.h"

#include <string.h>

/* ---- which section a member belongs to ---- */

/* Fields of a snapshot in the order in which they tell most; the others follow. */
static const int order[] = {
    DC_AT_SINGLE_scx_sched_state,
    DC_AT_SINGLE_scx_walker_unavailable,
    DC_AT_SINGLE_maps,
    DC_AT_SINGLE_sdt_allocations,
    DC_AT_SINGLE_sdt_alloc_unavailable,
    DC_AT_SINGLE_scx_static_ranges,
    DC_AT_SINGLE_prog_runtime_stats,
    DC_AT_SINGLE_prog_runtime_stats_unavailable,
    DC_AT_SINGLE_rq_scx_states,
    DC_AT_SINGLE_dsq_states,
    DC_AT_SINGLE_task_enrichments,
    DC_AT_SINGLE_task_enrichments_unavailable,
    DC_AT_SINGLE_per_cpu_time,
    DC_AT_SINGLE_cgroup_psi,
    DC_AT_SINGLE_vcpu_perf_at_freeze,
    DC_AT_SINGLE_per_node_numa,
    DC_AT_SINGLE_per_node_numa_unavailable,
    DC_AT_SINGLE_probe_counters,
    DC_AT_SINGLE_event_counter_timeline,
};
enum { N_ORDERED = sizeof(order) / sizeof(order[0]) };

static bool is_ordered(size_t field) {
    for (size_t i = 0; i < N_ORDERED; i++)
        if ((size_t)order[i] == field)
            return true;
    return false;
}

static int section_of(const struct dc_type *type, size_t i) {
    if (type == &dc_type_DUMPCTL)
        return i == DC_AT_DUMPCTL_vcpus     ? DC_SECTION_VCPUS
               : i == DC_AT_DUMPCTL_samples ? DC_SECTION_SAMPLES
                                            : DC_DIFF_CAPTURE;
    if (type == &dc_type_DEGRADED && i == DC_AT_DEGRADED_vcpu_regs)
        return DC_SECTION_VCPUS;
    if (type != &dc_type_SINGLE)
        return DC_SECTION_SUMMARY;
    for (int s = 0; s < DC_N_SECTIONS; s++)
        if (dc_sections[s].field == (int)i || dc_sections[s].unavailable == (int)i)
            return s;
    return DC_DIFF_OTHER;
}

/* ---- members that have rows of their own ---- */

static bool is_told(const struct dc_type *type, size_t i) {
    if (type == &dc_type_DEGRADED)
        return i == DC_AT_DEGRADED_schema || i == DC_AT_DEGRADED_reason ||
               i == DC_AT_DEGRADED_vcpu_regs || i == DC_AT_DEGRADED_watchpoint_hit ||
               i == DC_AT_DEGRADED_bss_latch_state || i == DC_AT_DEGRADED_exit_kind;
    if (type == &dc_type_DUAL)
        return i == DC_AT_DUAL_early || i == DC_AT_DUAL_late;
    return type == &dc_type_SINGLE &&
           (i == DC_AT_SINGLE_vcpu_regs || i == DC_AT_SINGLE_is_placeholder);
}

/* Whether the model has taken its fact from this very field; the early half gives none. */
static bool is_fact(const struct dc_compare *c, const struct dc_type *type,
                    const struct dc_rec *a, const struct dc_rec *b, size_t i) {
    const struct dc_field *field = &type->fields[i];
    if ((type != &dc_type_DUMPCTL && type != &dc_type_SCX_SCHED) ||
        field->shape != DC_ONE || field->kind == DC_RECORD)
        return false;
    if (c->snapshot && strcmp(c->snapshot, "early") == 0)
        return false;
    return dc_diff_is_fact(c, field->name, dc_diff_value_of(field, dc_slot(a, (int)i)),
                           dc_diff_value_of(field, dc_slot(b, (int)i)));
}

/* ---- the timeline ---- */

static const struct dc_rec *last_sample(const struct dc_rec *snapshot) {
    const struct dc_list *samples =
        dc_list_of(snapshot, DC_AT_SINGLE_event_counter_timeline);
    return samples->count > 0 ? dc_list_rec(samples, samples->count - 1) : NULL;
}

/* How long the run had taken at a snapshot, in seconds; 0: nothing says it. */
static double seconds_of(const struct dc_rec *snapshot) {
    if (snapshot->type != &dc_type_SINGLE)
        return 0;
    return (double)dc_u64(last_sample(snapshot), DC_AT_EVENT_SAMPLE_elapsed_ms) / 1e3;
}

/* All members of a sample are numbers, and all are required. */
static bool same_sample(const struct dc_rec *a, const struct dc_rec *b) {
    for (int i = 0; i < DC_AT_EVENT_SAMPLE_COUNT; i++)
        if (dc_slot(a, i)->u != dc_slot(b, i)->u)
            return false;
    return true;
}

/* How many of the samples before the last are not the same. */
static void count_samples(const struct dc_list *a, const struct dc_list *b,
                          struct dc_diff_row *row) {
    struct dc_list_walk one = dc_list_walk(a), other = dc_list_walk(b);
    row->of = a->count;
    while (dc_list_next(&one) && dc_list_next(&other)) {
        if (one.index + 1 == a->count || same_sample(one.value.rec, other.value.rec))
            continue;
        if (row->count++ == 0)
            row->where = one.index;
    }
}

/* The counters are running totals, so their last sample says it all; the moments at which
   samples were taken are another matter in every run. */
static void compare_timelines(struct dc_compare *c, const struct dc_diff_step *at,
                              const struct dc_rec *a, const struct dc_rec *b) {
    const struct dc_rec *one = last_sample(a), *other = last_sample(b);
    const struct dc_list *x = dc_list_of(a, DC_AT_SINGLE_event_counter_timeline);
    const struct dc_list *y = dc_list_of(b, DC_AT_SINGLE_event_counter_timeline);
    if (one && other)
        dc_diff_compare_record(c, at, &dc_type_EVENT_SAMPLE, one, other);
    struct dc_diff_row row = {.class = one && other ? DC_DIFF_IGNORED : DC_DIFF_COUNTS,
                              .what = "changed",
                              .at = at,
                              .a = dc_diff_number(DC_DIFF_ELEMENTS, x->count),
                              .b = dc_diff_number(DC_DIFF_ELEMENTS, y->count)};
    if (x->count == y->count)
        count_samples(x, y, &row);
    if (x->count != y->count || row.count > 0)
        dc_diff_tell(c, &row);
}

/* ---- sections ---- */

/* The exit kind is a fact, and has a row of its own. */
static void compare_sched(struct dc_compare *c, const struct dc_diff_step *at,
                          const struct dc_rec *a, const struct dc_rec *b) {
    for (size_t i = 0; i < DC_AT_SCX_SCHED_COUNT; i++)
        if (!is_fact(c, &dc_type_SCX_SCHED, a, b, i))
            dc_diff_compare_field(c, at, &dc_type_SCX_SCHED, a, b, i);
    dc_diff_compare_unknown(c, at, &dc_type_SCX_SCHED, a, b);
}

static void compare_member(struct dc_compare *c, const struct dc_diff_step *up,
                           const struct dc_rec *a, const struct dc_rec *b, size_t i) {
    const struct dc_type *type = a->type;
    const struct dc_field *field = &type->fields[i];
    struct dc_diff_step at = {.up = up, .kind = DC_STEP_WORD, .word = field->name};
    bool single = type == &dc_type_SINGLE, in_a = dc_has(a, (int)i),
         in_b = dc_has(b, (int)i);
    c->section = section_of(type, i);
    if (!dc_diff_is_wanted(c, c->section))
        return;
    if (!c->telling && field->rule != DC_TAG && (in_a || in_b))
        c->diff->counts[c->section].present = true;
    if (is_told(type, i) || is_fact(c, type, a, b, i))
        return;
    if (single && i == DC_AT_SINGLE_event_counter_timeline &&
        c->options.noise != DC_NOISE_NONE)
        compare_timelines(c, &at, a, b);
    else if (type == &dc_type_DUMPCTL && i == DC_AT_DUMPCTL_samples &&
             c->options.noise != DC_NOISE_NONE)
        dc_diff_compare_samples(c, up, a, b);
    else if (single && i == DC_AT_SINGLE_scx_sched_state && in_a && in_b)
        compare_sched(c, &at, dc_record(a, (int)i), dc_record(b, (int)i));
    else
        dc_diff_compare_field(c, up, type, a, b, i);
}

static void compare_unknown(struct dc_compare *c, const struct dc_diff_step *up,
                            const struct dc_rec *a, const struct dc_rec *b) {
    c->section = a->type == &dc_type_DUMPCTL ? DC_DIFF_CAPTURE : DC_DIFF_OTHER;
    if (dc_diff_is_wanted(c, c->section))
        dc_diff_compare_unknown(c, up, a->type, a, b);
}

/* ---- what one of them cannot have ---- */

static void miss(struct dc_compare *c, int section, const char *path,
                 struct dc_diff_value value, int side) {
    struct dc_diff_row row = {.class = DC_DIFF_MISSED,
                              .what = "section",
                              .section = section,
                              .path = path,
                              .a = side == 0 ? value : dc_diff_none(),
                              .b = side == 0 ? dc_diff_none() : value};
    if (!c->telling) /* such rows are kept */
        dc_diff_keep(c, row);
}

static bool is_zero(const struct dc_rec *rec, size_t i) {
    const struct dc_field *field = &rec->type->fields[i];
    const union dc_slot *slot = dc_slot(rec, (int)i);
    if (!slot || field->shape != DC_ONE)
        return !slot || slot->list->count == 0;
    return field->kind == DC_STRING ? slot->str->len == 0 : slot->u == 0;
}

/* Whether a member says nothing that its absence would not. */
static bool is_nothing(const struct dc_rec *rec, size_t i) {
    const struct dc_field *field = &rec->type->fields[i];
    const struct dc_rec *inner;
    if (!dc_has(rec, (int)i) || field->rule == DC_TAG || field->rule == DC_LAST)
        return true;
    if (field->shape == DC_ONE && field->rule != DC_DEFAULTED)
        return false;
    if (field->shape != DC_ONE || field->kind != DC_RECORD)
        return is_zero(rec, i);
    inner = dc_record(rec, (int)i);
    for (size_t k = 0; k < inner->type->n_fields; k++)
        if (!is_zero(inner, k))
            return false;
    return !dc_has_unknown(inner);
}

/* What one report has and the other's variant has no place for. */
static void miss_members(struct dc_compare *c, const struct dc_rec *rec, int side) {
    for (size_t i = 0; i < rec->type->n_fields; i++) {
        const struct dc_field *field = &rec->type->fields[i];
        bool early = rec->type == &dc_type_DUAL && i == DC_AT_DUAL_early;
        if ((is_told(rec->type, i) && !early) || is_nothing(rec, i))
            continue;
        miss(c, section_of(rec->type, i), field->name,
             dc_diff_value_of(field, dc_slot(rec, (int)i)), side);
    }
    if (dc_has_unknown(rec))
        miss(c, DC_DIFF_OTHER, "unknown members", dc_diff_number(DC_DIFF_OBJECT, 0),
             side);
}

/* ---- the member "dumpctl" ---- */

static const struct dc_diff_step own = {.kind = DC_STEP_WORD, .word = "dumpctl"};

/* In the memory of the comparison: such rows are kept. */
static const char *own_path(struct dc_compare *c, const char *name) {
    static const char before[] = "dumpctl.";
    size_t n = sizeof(before) - 1, len = strlen(name);
    char *path = dc_arena_get(&c->diff->arena, n + len + 1);
    if (!path) {
        dc_diff_no_memory(c);
        return name;
    }
    memcpy(path, before, n);
    memcpy(path + n, name, len + 1);
    return path;
}

/* The member "dumpctl" comes in two parts, so that what belongs to vCPUs stands with them. */
static void compare_own_vcpus(struct dc_compare *c, const struct dc_rec *a,
                              const struct dc_rec *b) {
    if (a && b)
        compare_member(c, &own, a, b, DC_AT_DUMPCTL_vcpus);
}

static void compare_own_members(struct dc_compare *c, const struct dc_rec *a,
                                const struct dc_rec *b) {
    for (size_t i = 0; i < DC_AT_DUMPCTL_COUNT && !dc_diff_is_over(c); i++)
        if (i != DC_AT_DUMPCTL_vcpus)
            compare_member(c, &own, a, b, i);
    compare_unknown(c, &own, a, b);
}

static void compare_own(struct dc_compare *c, const struct dc_rec *a,
                        const struct dc_rec *b) {
    struct dc_diff_value some = dc_diff_number(DC_DIFF_OBJECT, 0);
    struct dc_diff_row row = {.class = DC_DIFF_COUNTS,
                              .what = a ? "removed" : "added",
                              .at = &own,
                              .a = a ? some : dc_diff_none(),
                              .b = b ? some : dc_diff_none()};
    c->section = DC_DIFF_CAPTURE;
    if (a && b)
        compare_own_members(c, a, b);
    else if ((a || b) && dc_diff_is_wanted(c, DC_DIFF_CAPTURE))
        dc_diff_tell(c, &row);
}

/* Of a dual report facts of the run stand at top level and those of a snapshot in its half:
   the one that has the member. */
static const struct dc_rec *own_with(const struct dc_rec *half, const struct dc_rec *top,
                                     size_t i) {
    return dc_has(half, (int)i) || !top ? half : top;
}

/* Of reports of two variants, where each fact stands elsewhere. */
static void compare_own_member(struct dc_compare *c, const struct dc_rec *a,
                               const struct dc_rec *b, size_t i) {
    const struct dc_field *field = &dc_type_DUMPCTL.fields[i];
    bool in_a = dc_has(a, (int)i), in_b = dc_has(b, (int)i);
    if (in_a && in_b)
        compare_member(c, &own, a, b, i);
    else if ((in_a || in_b) && !c->telling && !is_fact(c, &dc_type_DUMPCTL, a, b, i))
        miss(c, section_of(&dc_type_DUMPCTL, i), own_path(c, field->name),
             dc_diff_value_of(field, dc_slot(in_a ? a : b, (int)i)), in_a ? 0 : 1);
}

static void compare_own_across(struct dc_compare *c, const struct dc_diff_pair *pair) {
    const struct dc_rec *tops[] = {c->diff->a->own, c->diff->b->own};
    const struct dc_rec *halves[] = {pair->a->own, pair->b->own};
    bool in_a = tops[0] || halves[0], in_b = tops[1] || halves[1];
    if (in_a != in_b)
        miss(c, DC_DIFF_CAPTURE, "dumpctl", dc_diff_number(DC_DIFF_OBJECT, 0),
             in_a ? 0 : 1);
    if (!in_a || !in_b)
        return;
    /* vCPUs, which are the last member, come first. */
    for (size_t n = 0; n < DC_AT_DUMPCTL_COUNT; n++) {
        size_t i = n == 0 ? DC_AT_DUMPCTL_vcpus : n <= DC_AT_DUMPCTL_vcpus ? n - 1 : n;
        compare_own_member(c, own_with(halves[0], tops[0], i),
                           own_with(halves[1], tops[1], i), i);
    }
    if (halves[0] && halves[1])
        compare_unknown(c, &own, halves[0], halves[1]);
}

/* ---- the whole ---- */

static int own_of(const struct dc_type *type) {
    for (size_t i = 0; i < type->n_fields; i++)
        if (type->fields[i].rule == DC_LAST)
            return (int)i;
    return -1;
}

/* All members of two records of one type that stand for sections. */
static void compare_members(struct dc_compare *c, const struct dc_rec *a,
                            const struct dc_rec *b) {
    const struct dc_type *type = a->type;
    int last = own_of(type);
    bool single = type == &dc_type_SINGLE;
    bool across = dc_diff_variants_differ(c);
    if (!across)
        compare_own_vcpus(c, dc_record(a, last), dc_record(b, last));
    for (size_t i = 0; single && i < N_ORDERED && !dc_diff_is_over(c); i++)
        compare_member(c, NULL, a, b, (size_t)order[i]);
    for (size_t i = 0; i < type->n_fields && !dc_diff_is_over(c); i++)
        if ((int)i != last && !(single && is_ordered(i)))
            compare_member(c, NULL, a, b, i);
    compare_unknown(c, NULL, a, b);
    if (!across)
        compare_own(c, dc_record(a, last), dc_record(b, last));
}

void dc_diff_compare_snapshots(struct dc_compare *c, const struct dc_diff_pair *pair) {
    const struct dc_rec *a = pair->a->rec, *b = pair->b->rec;
    c->pair = pair;
    c->seconds[0] = seconds_of(a);
    c->seconds[1] = seconds_of(b);
    c->section = DC_SECTION_VCPUS;
    if (dc_diff_is_wanted(c, DC_SECTION_VCPUS))
        dc_diff_compare_registers(c, pair);
    if (a->type == b->type) {
        compare_members(c, a, b);
    } else {
        miss_members(c, a, 0);
        miss_members(c, b, 1);
    }
    if (dc_diff_variants_differ(c))
        compare_own_across(c, pair);
    c->pair = NULL;
}

/* The text of the cause has said what differs, where it is another one. */
static void compare_missing(struct dc_compare *c) {
    const struct dc_model *a = c->diff->a, *b = c->diff->b;
    const struct dc_rec *one = a->report->root, *other = b->report->root;
    const struct dc_diff_step at = {.kind = DC_STEP_WORD,
                                    .word = a->missing->type->tag_value};
    c->section = DC_SECTION_SUMMARY;
    if (!dc_diff_is_wanted(c, c->section))
        return;
    if (one->type == &dc_type_MISSING_STATS && one->type == other->type)
        dc_diff_compare_unknown(c, NULL, &dc_type_SAMPLE, one, other);
    bool told = false;
    for (size_t i = 0; i < c->diff->n_rows; i++)
        told |= c->diff->rows[i].first;
    if (!told)
        dc_diff_compare_record(c, &at, &dc_type_REASON, a->missing, b->missing);
}

/* The root of a dual report beside its snapshots. */
void dc_diff_compare_roots(struct dc_compare *c) {
    const struct dc_model *a = c->diff->a, *b = c->diff->b;
    if (a->variant == DC_MISSING_STATS && b->variant == DC_MISSING_STATS) {
        compare_missing(c);
        return;
    }
    if (a->variant == DC_DUAL && b->variant == DC_DUAL) {
        compare_members(c, a->report->root, b->report->root);
        return;
    }
    for (int side = 0; side < 2; side++) {
        const struct dc_model *model = side == 0 ? a : b;
        if (model->variant != DC_DUAL)
            continue;
        miss_members(c, model->report->root, side);
    }
}
