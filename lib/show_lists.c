/* Sections that are a list of records: a table each, told by columns alone. */
#include "lib/show_private.h"

#include "lib/ids.h"
#include "lib/number.h"

/* ---- derived cells ---- */

static struct dc_cell real(double value, unsigned decimals) {
    return (struct dc_cell){.kind = DC_CELL_REAL, .decimals = decimals, .real = value};
}

static struct dc_cell none(void) {
    return (struct dc_cell){.kind = DC_CELL_NONE};
}

static double ratio(uint64_t part, uint64_t all) {
    return all ? (double)part / (double)all : 0;
}

static uint64_t sum(uint64_t a, uint64_t b) {
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static struct dc_cell row_index(const struct dc_column *column,
                                const struct dc_row *row) {
    (void)column;
    return (struct dc_cell){.kind = DC_CELL_NUMBER, .number = row->index};
}

static struct dc_cell exit_kind(const struct dc_column *column,
                                const struct dc_row *row) {
    struct dc_cell cell = dc_cell_of(row->rec, (size_t)column->field);
    cell.name = dc_exit_kind_name((uint32_t)cell.number);
    return cell;
}

static struct dc_cell ns_per_call(const struct dc_column *column,
                                  const struct dc_row *row) {
    (void)column;
    uint64_t calls = dc_u64(row->rec, DC_AT_PROG_STATS_cnt);
    if (calls == 0)
        return none();
    return real(ratio(dc_u64(row->rec, DC_AT_PROG_STATS_nsecs), calls), 3);
}

static struct dc_cell miss_rate(const struct dc_column *column,
                                const struct dc_row *row) {
    (void)column;
    uint64_t misses = dc_u64(row->rec, DC_AT_PROG_STATS_misses);
    return real(ratio(misses, sum(dc_u64(row->rec, DC_AT_PROG_STATS_cnt), misses)), 4);
}

static uint64_t cpu_time(const struct dc_rec *rec, int first, int last) {
    uint64_t ns = 0;
    for (int i = first; i <= last; i++)
        ns = sum(ns, dc_u64(rec, i));
    return ns;
}

/* All but idle and stolen time, of all time. */
static struct dc_cell busy(const struct dc_column *column, const struct dc_row *row) {
    (void)column;
    uint64_t all = cpu_time(row->rec, DC_AT_CPU_TIME_cpustat_user_ns,
                            DC_AT_CPU_TIME_cpustat_steal_ns);
    uint64_t idle = cpu_time(row->rec, DC_AT_CPU_TIME_cpustat_idle_ns,
                             DC_AT_CPU_TIME_cpustat_steal_ns);
    return all ? real(100 * ratio(all - idle, all), 1) : none();
}

static struct dc_cell softirq(const struct dc_column *column, const struct dc_row *row) {
    const struct dc_list *list = dc_list_of(row->rec, DC_AT_CPU_TIME_softirqs);
    return (struct dc_cell){.kind = DC_CELL_NUMBER,
                            .number = dc_list_u64(list, (size_t)column->arg)};
}

/* The kernel keeps percent times 2048 (wire-format 7.6). */
static struct dc_cell avg10(const struct dc_column *column, const struct dc_row *row) {
    enum { FIXED_1 = 2048 };
    return real((double)dc_u64(row->rec, column->field) / FIXED_1, 2);
}

static struct dc_cell ipc(const struct dc_column *column, const struct dc_row *row) {
    (void)column;
    return real(ratio(dc_u64(row->rec, DC_AT_VCPU_PERF_instructions),
                      dc_u64(row->rec, DC_AT_VCPU_PERF_cycles)),
                3);
}

/* Where counters shared a register: how much of the time they counted. */
static struct dc_cell counted(const struct dc_column *column, const struct dc_row *row) {
    (void)column;
    return real(100 * ratio(dc_u64(row->rec, DC_AT_VCPU_PERF_time_running_ns),
                            dc_u64(row->rec, DC_AT_VCPU_PERF_time_enabled_ns)),
                1);
}

/* ---- columns ---- */

#define FIELD(type, name) .field = DC_AT_##type##_##name
#define HIDDEN(type, name)                                                               \
    { .title = "", .field = DC_AT_##type##_##name }
#define MADE(fn) .field = -1, .make = (fn)

static const struct dc_column sched_columns[] = {
    {FIELD(SCX_SCHED, exit_kind), .make = exit_kind, .member = "exit_kind"},
};

static const struct dc_column runqueue_columns[] = {
    {FIELD(RQ_SCX, cpu)},
    {FIELD(RQ_SCX, nr_running)},
    {FIELD(RQ_SCX, curr_pid)},
    {FIELD(RQ_SCX, curr_comm)},
    {FIELD(RQ_SCX, runnable_task_kvas), .title = "runnable"},
    {FIELD(RQ_SCX, runnable_truncated), .title = "truncated", .quiet = true,
     .warns = true},
    {FIELD(RQ_SCX, flags)},
    {FIELD(RQ_SCX, cpu_released), .quiet = true, .warns = true},
    {FIELD(RQ_SCX, nr_immed), .quiet = true},
    {FIELD(RQ_SCX, ops_qseq)},
    {FIELD(RQ_SCX, rq_clock)},
};

static const struct dc_column dsq_columns[] = {
    {FIELD(DSQ, id)},
    {FIELD(DSQ, origin)},
    {FIELD(DSQ, nr)},
    {FIELD(DSQ, task_kvas), .title = "listed"},
    {FIELD(DSQ, truncated), .quiet = true, .warns = true},
    {FIELD(DSQ, seq)},
};

static const struct dc_column task_columns[] = {
    {FIELD(TASK, pid)},
    {FIELD(TASK, comm)},
    {FIELD(TASK, lock_slowpath_match), .quiet = true, .warns = true},
    {FIELD(TASK, pi_boosted_out_of_scx), .title = "boosted", .quiet = true,
     .warns = true},
    {FIELD(TASK, nivcsw)},
    {FIELD(TASK, nvcsw)},
    {FIELD(TASK, sched_class)},
    {FIELD(TASK, prio)},
    {FIELD(TASK, weight)},
    {FIELD(TASK, utime)},
    {FIELD(TASK, stime)},
    {FIELD(TASK, tgid)},
    {FIELD(TASK, nr_threads)},
    {FIELD(TASK, real_parent_pid)},
    {FIELD(TASK, real_parent_comm)},
    {FIELD(TASK, static_prio)},
    {FIELD(TASK, normal_prio)},
};

static const struct dc_column program_columns[] = {
    {FIELD(PROG_STATS, name)},
    {FIELD(PROG_STATS, cnt)},
    {FIELD(PROG_STATS, nsecs), .title = "time"},
    {MADE(ns_per_call), .title = "ns/call", .member = "ns_per_call",
     .meaning = "nsecs / cnt"},
    {FIELD(PROG_STATS, misses)},
    {MADE(miss_rate), .title = "miss_rate", .member = "miss_rate", .quiet = true,
     .meaning = "misses / (cnt + misses)"},
};

static const struct dc_column cpu_time_columns[] = {
    {FIELD(CPU_TIME, cpu)},
    {MADE(busy), .title = "busy %", .member = "busy_percent",
     .meaning = "of all time, without idle, iowait and steal"},
    {FIELD(CPU_TIME, cpustat_user_ns), .title = "user"},
    {FIELD(CPU_TIME, cpustat_nice_ns), .title = "nice", .quiet = true},
    {FIELD(CPU_TIME, cpustat_system_ns), .title = "system"},
    {FIELD(CPU_TIME, cpustat_softirq_ns), .title = "softirq"},
    {FIELD(CPU_TIME, cpustat_irq_ns), .title = "irq", .quiet = true},
    {FIELD(CPU_TIME, cpustat_idle_ns), .title = "idle"},
    {FIELD(CPU_TIME, cpustat_iowait_ns), .title = "iowait", .quiet = true},
    {FIELD(CPU_TIME, cpustat_steal_ns), .title = "steal", .quiet = true},
    {FIELD(CPU_TIME, irqs_sum)},
    HIDDEN(CPU_TIME, softirqs),
};

#define SOFTIRQ(name, at)                                                                \
    {                                                                                    \
        MADE(softirq), .title = #name, .member = #name, .arg = (at), .quiet = true,      \
                       .meaning = "soft interrupts of kind " #name                       \
    }

static const struct dc_column softirq_columns[] = {
    {FIELD(CPU_TIME, cpu), .title = "cpu"},
    SOFTIRQ(HI, 0),
    SOFTIRQ(TIMER, 1),
    SOFTIRQ(NET_TX, 2),
    SOFTIRQ(NET_RX, 3),
    SOFTIRQ(BLOCK, 4),
    SOFTIRQ(IRQ_POLL, 5),
    SOFTIRQ(TASKLET, 6),
    SOFTIRQ(SCHED, 7),
    SOFTIRQ(HRTIMER, 8),
    SOFTIRQ(RCU, 9),
};

static const struct dc_column psi_columns[] = {
    {FIELD(CGROUP_PSI, cgroup_kva)},
    {FIELD(CGROUP_PSI, serial_nr)},
    {FIELD(CGROUP_PSI, total_ns), .title = "total"},
    {FIELD(CGROUP_PSI, avg10_raw), .make = avg10, .title = "avg10 %",
     .member = "avg10_percent"},
};

static const struct dc_column perf_columns[] = {
    {MADE(row_index), .title = "vcpu", .member = "vcpu", .meaning = "vCPU"},
    {FIELD(VCPU_PERF, cycles)},
    {FIELD(VCPU_PERF, instructions)},
    {MADE(ipc), .title = "ipc", .member = "ipc", .meaning = "instructions / cycles"},
    {FIELD(VCPU_PERF, cache_misses)},
    {FIELD(VCPU_PERF, branch_misses)},
    {MADE(counted), .title = "counted %", .member = "counted_percent",
     .meaning = "time_running / time_enabled"},
    {FIELD(VCPU_PERF, time_enabled_ns), .title = "enabled"},
    {FIELD(VCPU_PERF, time_running_ns), .title = "running"},
};

/* ---- which rows, and which of them tell most ---- */

static bool wanted_cpu(const void *ctx, const struct dc_row *row) {
    const struct dc_show *s = ctx;
    /* The member "cpu" is the first of both types that have it. */
    _Static_assert((int)DC_AT_RQ_SCX_cpu == (int)DC_AT_CPU_TIME_cpu, "both are first");
    return dc_ids_has(s->options->cpus, dc_u64(row->rec, DC_AT_RQ_SCX_cpu));
}

static bool wanted_vcpu(const void *ctx, const struct dc_row *row) {
    const struct dc_show *s = ctx;
    return row->rec && dc_ids_has(s->options->vcpus, row->index);
}

static bool wanted_task(const void *ctx, const struct dc_row *row) {
    const struct dc_show *s = ctx;
    const char *pattern = s->options->tasks;
    char pid[DC_NUMBER_MAX];
    if (!pattern || dc_show_matches(pattern, dc_string(row->rec, DC_AT_TASK_comm)))
        return true;
    size_t n = dc_format_i64(dc_i64(row->rec, DC_AT_TASK_pid), pid);
    return dc_show_matches(pattern, (struct dc_str){pid, n});
}

static bool more_running(const struct dc_row *a, const struct dc_row *b) {
    return dc_u64(a->rec, DC_AT_RQ_SCX_nr_running) >
           dc_u64(b->rec, DC_AT_RQ_SCX_nr_running);
}

static bool more_queued(const struct dc_row *a, const struct dc_row *b) {
    return dc_u64(a->rec, DC_AT_DSQ_nr) > dc_u64(b->rec, DC_AT_DSQ_nr);
}

/* A task in a lock's slow path or boosted, then one that was often taken off its CPU. */
static bool tells_more_of_task(const struct dc_row *a, const struct dc_row *b) {
    int special_a = dc_has(a->rec, DC_AT_TASK_lock_slowpath_match) +
                    (int)dc_u64(a->rec, DC_AT_TASK_pi_boosted_out_of_scx);
    int special_b = dc_has(b->rec, DC_AT_TASK_lock_slowpath_match) +
                    (int)dc_u64(b->rec, DC_AT_TASK_pi_boosted_out_of_scx);
    if (special_a != special_b)
        return special_a > special_b;
    return dc_u64(a->rec, DC_AT_TASK_nivcsw) > dc_u64(b->rec, DC_AT_TASK_nivcsw);
}

static bool more_ns(const struct dc_row *a, const struct dc_row *b) {
    return dc_u64(a->rec, DC_AT_PROG_STATS_nsecs) >
           dc_u64(b->rec, DC_AT_PROG_STATS_nsecs);
}

static bool more_system(const struct dc_row *a, const struct dc_row *b) {
    enum {
        FIRST = DC_AT_CPU_TIME_cpustat_system_ns,
        LAST = DC_AT_CPU_TIME_cpustat_irq_ns
    };
    return cpu_time(a->rec, FIRST, LAST) > cpu_time(b->rec, FIRST, LAST);
}

static bool more_stalled(const struct dc_row *a, const struct dc_row *b) {
    return dc_u64(a->rec, DC_AT_CGROUP_PSI_total_ns) >
           dc_u64(b->rec, DC_AT_CGROUP_PSI_total_ns);
}

static bool fewer_ipc(const struct dc_row *a, const struct dc_row *b) {
    return ipc(NULL, a).real < ipc(NULL, b).real;
}

static bool more_missed(const struct dc_row *a, const struct dc_row *b) {
    return dc_u64(a->rec, DC_AT_NUMA_NODE_numa_miss) >
           dc_u64(b->rec, DC_AT_NUMA_NODE_numa_miss);
}

/* ---- the sections ---- */

#define COLUMNS(columns_)                                                                \
    .columns = (columns_), .n_columns = sizeof(columns_) / sizeof((columns_)[0])

static const struct list {
    const struct dc_type *type;
    const struct dc_column *columns;
    size_t n_columns;
    bool (*filter)(const void *ctx, const struct dc_row *row);
    bool (*before)(const struct dc_row *a, const struct dc_row *b);
    const char *by;
    size_t most;
} lists[DC_N_SECTIONS] = {
    [DC_SECTION_SCHED] = {&dc_type_SCX_SCHED, COLUMNS(sched_columns), .most = 1},
    [DC_SECTION_RUNQUEUES] = {&dc_type_RQ_SCX, COLUMNS(runqueue_columns), wanted_cpu,
                              more_running, "nr_running", 12},
    [DC_SECTION_DSQS] = {&dc_type_DSQ, COLUMNS(dsq_columns), NULL, more_queued, "nr", 12},
    [DC_SECTION_TASKS] = {&dc_type_TASK, COLUMNS(task_columns), wanted_task,
                          tells_more_of_task, "locks, boosts and nivcsw", 12},
    [DC_SECTION_PROGRAMS] = {&dc_type_PROG_STATS, COLUMNS(program_columns), NULL, more_ns,
                             "nsecs", 16},
    [DC_SECTION_CPU_TIME] = {&dc_type_CPU_TIME, COLUMNS(cpu_time_columns), wanted_cpu,
                             more_system, "system, softirq and irq time", 8},
    [DC_SECTION_PSI] = {&dc_type_CGROUP_PSI, COLUMNS(psi_columns), NULL, more_stalled,
                        "total", 8},
    [DC_SECTION_PERF] = {&dc_type_VCPU_PERF, COLUMNS(perf_columns), wanted_vcpu,
                         fewer_ipc, "least ipc", 8},
    [DC_SECTION_NUMA] = {&dc_type_NUMA_NODE, .before = more_missed, .by = "numa_miss",
                         .most = 16},
    [DC_SECTION_PROBE] = {&dc_type_PROBE_COUNTERS, .most = 1},
};

static struct dc_table table_of(const struct dc_show *s, enum dc_section_id id,
                                struct dc_column *columns) {
    const struct list *list = &lists[id];
    return (struct dc_table){
        .name = dc_sections[id].name,
        .columns = columns,
        .n_columns = dc_show_columns(list->type, list->columns, list->n_columns, columns),
        .filter = list->filter,
        .ctx = s,
        .before = list->before,
        .by = list->by,
        .most = list->most,
    };
}

/* How many rows count; a filter that leaves nothing says which one it was. */
static size_t count_rows(const struct dc_table *table) {
    struct dc_rows rows;
    dc_rows_pick(&rows, table, 0);
    return rows.total;
}

/* Whether the user has asked for some of the rows only. */
static bool is_filtered(const struct dc_show *s, const struct dc_table *table) {
    const struct dc_show_options *how = s->options;
    return (table->filter == wanted_task && how->tasks) ||
           (table->filter == wanted_cpu && how->cpus) ||
           (table->filter == wanted_vcpu && how->vcpus);
}

static void note_none(struct dc_show *s, const struct dc_table *table) {
    const struct dc_show_options *how = s->options;
    dc_show_restart(s);
    if (table->filter == wanted_task)
        dc_show_add_choice(s, "--task", how->tasks, true);
    else if (table->filter == wanted_cpu)
        dc_show_add_choice(s, "--cpu", how->cpus, false);
    else
        dc_show_add_choice(s, "--vcpu", how->vcpus, false);
    s->ops->note(s, DC_STYLE_WARN);
}

static void show_softirqs(struct dc_show *s, struct dc_table table) {
    table.name = "softirqs";
    table.columns = softirq_columns;
    table.n_columns = sizeof(softirq_columns) / sizeof(softirq_columns[0]);
    s->ops->table(s, &table);
}

/* vCPUs whose counters could not be read. */
static void note_unread(struct dc_show *s, const struct dc_list *list) {
    enum { ROOM = 48 };
    struct dc_ranges ranges;
    dc_show_restart(s);
    dc_ranges_begin(&ranges, &s->scratch, s->options->all ? 0 : ROOM);
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);)
        if (!walk.value.rec && dc_ids_has(s->options->vcpus, walk.index))
            dc_ranges_add(&ranges, walk.index);
    dc_ranges_end(&ranges);
    if (s->scratch.len == 0)
        return;
    dc_show_add(s, ": unavailable (vCPU ids; reading the counters failed)");
    s->ops->note(s, DC_STYLE_WARN);
}

void dc_show_list(struct dc_show *s, enum dc_section_id id) {
    struct dc_column columns[DC_SHOW_COLUMNS];
    const struct dc_section *section = &dc_sections[id];
    struct dc_table table = table_of(s, id, columns);
    if (section->noun) {
        table.list = dc_list_of(s->snapshot->rec, section->field);
        size_t chosen = is_filtered(s, &table) ? count_rows(&table) : table.list->count;
        dc_show_begin_some(s, id, chosen);
        s->ops->table(s, &table);
        if (chosen == 0 && table.list->count > 0)
            note_none(s, &table);
        if (id == DC_SECTION_CPU_TIME)
            show_softirqs(s, table);
        if (id == DC_SECTION_PERF)
            note_unread(s, table.list);
    } else {
        dc_show_begin(s, id);
        struct dc_row row = {.rec = dc_record(s->snapshot->rec, section->field)};
        s->ops->record(s, &table, &row);
    }
    s->ops->section_end(s);
}
