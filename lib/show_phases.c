/* What differs between the two snapshots of a dual report, in one paragraph. */
#include "lib/show_private.h"

#include "lib/same.h"

#include <string.h>

struct phases {
    struct dc_show *s;
    const struct dc_rec *early, *late;
};

static void add_part(struct dc_show *s, const char *words) {
    dc_show_add(s, s->scratch.len > 0 ? "; " : "");
    dc_show_add(s, words);
}

/* "nr_running 3 -> 7", or nothing where both are the same. */
static void add_change(struct dc_show *s, const char *what, uint64_t a, uint64_t b) {
    if (a == b)
        return;
    add_part(s, what);
    dc_show_add(s, " ");
    dc_show_add_u64(s, a);
    dc_show_add(s, " -> ");
    dc_show_add_u64(s, b);
}

static uint64_t total(const struct dc_list *list, int field) {
    uint64_t sum = 0;
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);)
        if (__builtin_add_overflow(sum, dc_u64(walk.value.rec, field), &sum))
            return UINT64_MAX; /* as the reference sums */
    return sum;
}

static void add_total(const struct phases *p, const char *what, int list, int field) {
    add_change(p->s, what, total(dc_list_of(p->early, list), field),
               total(dc_list_of(p->late, list), field));
}

/* How many vCPUs have moved on between the snapshots, and how many stood still. */
static void add_vcpus(const struct phases *p) {
    struct dc_list_walk one = dc_list_walk(dc_list_of(p->early, DC_AT_SINGLE_vcpu_regs));
    struct dc_list_walk other = dc_list_walk(dc_list_of(p->late, DC_AT_SINGLE_vcpu_regs));
    size_t both = 0, still = 0;
    while (dc_list_next(&one) && dc_list_next(&other)) {
        if (!one.value.rec || !other.value.rec)
            continue;
        both++;
        still += dc_u64(one.value.rec, DC_AT_VCPU_REGS_instruction_pointer) ==
                 dc_u64(other.value.rec, DC_AT_VCPU_REGS_instruction_pointer);
    }
    if (both == 0)
        return;
    add_part(p->s, "");
    dc_show_add_u64(p->s, still);
    dc_show_add(p->s, " of ");
    dc_show_add_count(p->s, both, "vCPU", "vCPUs");
    dc_show_add(p->s, " at the same ip");
    const struct dc_snapshot *early = &p->s->model->snapshots[0];
    add_change(p->s, "parked", early->parked, p->s->model->snapshots[1].parked);
}

static void add_sched(const struct phases *p) {
    const struct dc_rec *a = dc_record(p->early, DC_AT_SINGLE_scx_sched_state);
    const struct dc_rec *b = dc_record(p->late, DC_AT_SINGLE_scx_sched_state);
    if (!a != !b)
        add_part(p->s, a ? "scx_sched_state gone" : "scx_sched_state is new");
    if (!a || !b)
        return;
    add_change(p->s, "exit_kind", dc_u64(a, DC_AT_SCX_SCHED_exit_kind),
               dc_u64(b, DC_AT_SCX_SCHED_exit_kind));
}

enum { MOST_NAMES = 4 };

/* Maps of one run stand in the same order: those with another name are not the same map. */
static void add_maps(const struct phases *p) {
    const struct dc_list *a = dc_list_of(p->early, DC_AT_SINGLE_maps);
    const struct dc_list *b = dc_list_of(p->late, DC_AT_SINGLE_maps);
    struct dc_list_walk one = dc_list_walk(a), other = dc_list_walk(b);
    struct dc_str names[MOST_NAMES];
    size_t changed = 0, both = 0, unpaired = 0;
    while (dc_list_next(&one) && dc_list_next(&other)) {
        struct dc_str name = dc_string(one.value.rec, DC_AT_MAP_name);
        struct dc_str too = dc_string(other.value.rec, DC_AT_MAP_name);
        if (name.len != too.len || memcmp(name.p, too.p, name.len) != 0) {
            unpaired++;
            continue;
        }
        both++;
        if (dc_same(one.value.rec, other.value.rec))
            continue;
        if (changed++ < MOST_NAMES)
            names[changed - 1] = name;
    }
    add_change(p->s, "maps", a->count, b->count);
    if (unpaired > 0) {
        add_part(p->s, "");
        dc_show_add_count(p->s, unpaired, "map stands", "maps stand");
        dc_show_add(p->s, " where early has another, not compared here");
    }
    if (changed == 0)
        return;
    add_part(p->s, "");
    dc_show_add_u64(p->s, changed);
    dc_show_add(p->s, " of ");
    dc_show_add_count(p->s, both, "map", "maps");
    dc_show_add(p->s, " changed (");
    for (size_t i = 0; i < changed && i < MOST_NAMES; i++) {
        dc_show_add(p->s, i ? ", " : "");
        dc_show_add_short(p->s, names[i]);
    }
    dc_show_add(p->s, changed > MOST_NAMES ? ", ...)" : ")");
}

static void add_lists(const struct phases *p) {
    add_total(p, "nr_running", DC_AT_SINGLE_rq_scx_states, DC_AT_RQ_SCX_nr_running);
    add_total(p, "tasks in dispatch queues", DC_AT_SINGLE_dsq_states, DC_AT_DSQ_nr);
    add_change(p->s, "task_enrichments",
               dc_list_of(p->early, DC_AT_SINGLE_task_enrichments)->count,
               dc_list_of(p->late, DC_AT_SINGLE_task_enrichments)->count);
    add_total(p, "program calls", DC_AT_SINGLE_prog_runtime_stats, DC_AT_PROG_STATS_cnt);
    add_total(p, "hard interrupts", DC_AT_SINGLE_per_cpu_time, DC_AT_CPU_TIME_irqs_sum);
}

void dc_show_phases(struct dc_show *s) {
    if (s->model->n_snapshots < 2)
        return;
    const struct phases p = {s, s->model->snapshots[0].rec, s->model->snapshots[1].rec};
    dc_show_restart(s);
    s->snapshot = &s->model->snapshots[1];
    s->indent = 0;
    s->ops->section(s, &dc_sections[DC_SECTION_FINDINGS]);
    dc_show_restart(s);
    if (dc_same(p.early, p.late)) {
        dc_show_add(s, "the same in every member: early is a copy of late, taken when "
                       "the stall was noticed late");
    } else {
        add_vcpus(&p);
        add_sched(&p);
        add_lists(&p);
        add_maps(&p);
        add_part(s, "by section: dumpctl diff --phases");
    }
    s->ops->finding(s, "early -> late", "early, late");
    s->ops->section_end(s);
}

void dc_show_add_symbols(struct dc_show *s) {
    struct dc_symbols_judgement judgement =
        dc_symbols_judge(s->options->symbols, s->model);
    dc_show_add_u64(s, s->options->symbols->count);
    dc_show_add(s, " names; ");
    switch (judgement.fit) {
    case DC_SYMBOLS_UNTESTED:
        dc_show_add(s, "no vCPU stands in a kernel image, so nothing shows whether they "
                       "are those of this guest's boot");
        break;
    case DC_SYMBOLS_FIT:
        dc_show_add(s, "all ");
        dc_show_add_count(s, judgement.inside, "vCPU", "vCPUs");
        dc_show_add(s, " in a kernel image stand in their text, as they would without "
                       "KASLR or in the same boot");
        break;
    case DC_SYMBOLS_DOUBTFUL:
        dc_show_add_u64(s, judgement.outside);
        dc_show_add(s, " of ");
        dc_show_add_count(s, judgement.inside + judgement.outside, "vCPU", "vCPUs");
        dc_show_add(s, " in a kernel image stand outside their text: KASLR, or another "
                       "kernel; names are marked ? and not to be trusted");
        break;
    }
}
