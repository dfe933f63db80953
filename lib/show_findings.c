/* Answers to what a person asks first, each computed from the report and said with the
   members that it comes from. */
#include "lib/show_private.h"

#include "lib/ids.h"
#include "lib/number.h"
#include "lib/value_text.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_NAMED = 3 };

/* The section begins with its first line: one without lines says nothing. */
static void put(struct dc_show *s, const char *name, const char *from) {
    if (!s->found) {
        struct dc_buf words = s->scratch;
        s->scratch = s->trial;
        s->scratch.len = 0;
        s->ops->section(s, &dc_sections[DC_SECTION_FINDINGS]);
        s->trial = s->scratch;
        s->scratch = words;
        s->found = true;
    }
    s->ops->finding(s, name, from);
}

/* ---- vCPUs at one instruction ---- */

struct place {
    uint64_t ip;
    size_t id;
};

static int by_ip(const void *a, const void *b) {
    const struct place *one = a, *other = b;
    if (one->ip != other->ip)
        return one->ip < other->ip ? -1 : 1;
    return one->id < other->id ? -1 : one->id > other->id;
}

static size_t collect(const struct dc_snapshot *snapshot, struct place *places) {
    size_t n = 0;
    for (struct dc_vcpu_walk walk = dc_vcpu_walk(snapshot); dc_vcpu_next(&walk);)
        if (walk.vcpu.regs)
            places[n++] = (struct place){
                dc_u64(walk.vcpu.regs, DC_AT_VCPU_REGS_instruction_pointer),
                walk.vcpu.id};
    qsort(places, n, sizeof(*places), by_ip);
    return n;
}

static size_t run_length(const struct place *places, size_t n, size_t from) {
    size_t end = from;
    while (end < n && places[end].ip == places[from].ip)
        end++;
    return end - from;
}

/* The longest run that is shorter than `below`, or as long and further on. */
static bool longest_run(const struct place *places, size_t n, size_t below, size_t after,
                        size_t *from) {
    size_t best = 1;
    for (size_t i = 0, len; i < n; i += len) {
        len = run_length(places, n, i);
        if (len > best && (len < below || (len == below && i > after))) {
            best = len;
            *from = i;
        }
    }
    return best > 1;
}

static void add_run(struct dc_show *s, const struct place *places, size_t from,
                    size_t count) {
    enum { ROOM = 40 };
    struct dc_ranges ranges;
    dc_show_add_u64(s, count);
    dc_show_add(s, " at ");
    dc_show_add_address(s, places[from].ip);
    dc_show_add(s, " (vCPUs ");
    dc_ranges_begin(&ranges, &s->scratch, s->options->all ? 0 : ROOM);
    for (size_t i = 0; i < count; i++)
        dc_ranges_add(&ranges, places[from + i].id);
    dc_ranges_end(&ranges);
    dc_show_add(s, ")");
}

static void find_shared_ip(struct dc_show *s) {
    const struct dc_snapshot *snapshot = s->snapshot;
    const struct dc_alloc alloc = s->options->alloc;
    if (snapshot->parked < 2)
        return;
    struct place *places =
        alloc.resize(alloc.ctx, NULL, snapshot->parked * sizeof(*places));
    if (!places) {
        s->scratch.failed = true;
        return;
    }
    size_t n = collect(snapshot, places), from = 0, shown = 0, below = n + 1, after = 0;
    dc_show_restart(s);
    while (shown < MOST_NAMED && longest_run(places, n, below, after, &from)) {
        below = run_length(places, n, from);
        after = from;
        dc_show_add(s, shown++ ? "; " : "");
        add_run(s, places, from, below);
    }
    if (shown == 0) {
        dc_show_add(s, "none: all ");
        dc_show_add_u64(s, n);
        dc_show_add(s, " parked vCPUs are at different instruction pointers");
    }
    alloc.resize(alloc.ctx, places, 0);
    put(s, "same ip", "vcpu_regs[].instruction_pointer");
}

/* ---- the longest queue ---- */

struct longest {
    const struct dc_rec *rec; /* NULL: none is longer than 0 */
    uint64_t length;
    unsigned __int128 total; /* of millions of numbers of 64 bits */
    size_t as_long;          /* others */
};

static struct longest find_longest(const struct dc_list *list, int field) {
    struct longest longest = {.rec = NULL};
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);) {
        uint64_t length = dc_u64(walk.value.rec, field);
        longest.total += length;
        longest.as_long += length > 0 && length == longest.length;
        if (length <= longest.length)
            continue;
        longest.rec = walk.value.rec;
        longest.length = length;
        longest.as_long = 0;
    }
    return longest;
}

static void add_as_long(struct dc_show *s, const struct longest *longest) {
    if (longest->as_long > 0) {
        dc_show_add(s, ", ");
        dc_show_add_count(s, longest->as_long, "other is as long", "others are as long");
    }
    dc_show_add(s, "; ");
    dc_show_add_u64(s, (uint64_t)longest->total); /* lengths have 32 bits */
    dc_show_add(s, " in all");
}

/* Looks for it and says that there is none. NULL: nothing is left to be said. */
static const struct dc_rec *begin_longest(struct dc_show *s, int list_field, int field,
                                          const char *none, struct longest *longest) {
    const struct dc_list *list = dc_list_of(s->snapshot->rec, list_field);
    *longest = find_longest(list, field);
    dc_show_restart(s);
    if (!longest->rec && list->count > 0)
        dc_show_add(s, none);
    return longest->rec;
}

static void find_run_queue(struct dc_show *s) {
    struct longest longest;
    const struct dc_rec *rq =
        begin_longest(s, DC_AT_SINGLE_rq_scx_states, DC_AT_RQ_SCX_nr_running,
                      "none: nr_running is 0 on every CPU", &longest);
    if (rq) {
        dc_show_add(s, "cpu ");
        dc_show_add_u64(s, dc_u64(rq, DC_AT_RQ_SCX_cpu));
        dc_show_add(s, ", nr_running ");
        dc_show_add_u64(s, longest.length);
        add_as_long(s, &longest);
    }
    if (dc_has(rq, DC_AT_RQ_SCX_curr_comm)) {
        dc_show_add(s, "; it runs ");
        dc_show_add_short(s, dc_string(rq, DC_AT_RQ_SCX_curr_comm));
    }
    if (s->scratch.len > 0)
        put(s, "longest run queue", "rq_scx_states[].nr_running");
}

static void find_dsq(struct dc_show *s) {
    struct longest longest;
    const struct dc_rec *dsq =
        begin_longest(s, DC_AT_SINGLE_dsq_states, DC_AT_DSQ_nr,
                      "none: all dispatch queues are empty", &longest);
    if (dsq) {
        dc_show_add_hex(s, dc_u64(dsq, DC_AT_DSQ_id), 0);
        dc_show_add(s, " (");
        dc_show_add_short(s, dc_string(dsq, DC_AT_DSQ_origin));
        dc_show_add(s, "), nr ");
        dc_show_add_u64(s, longest.length);
        add_as_long(s, &longest);
    }
    if (s->scratch.len > 0)
        put(s, "longest dispatch queue", "dsq_states[].nr");
}

/* ---- who waited ---- */

/* The address that a storage map has for its owner. */
static uint64_t owner_of(const struct dc_rec *entry) {
    const struct dc_rec *key = dc_record(entry, DC_AT_ENTRY_key);
    return key && key->type == &dc_type_RV_PTR ? dc_u64(key, DC_AT_RV_PTR_value) : 0;
}

/* What task storage says of the task at that address. NULL: nothing. */
static const struct dc_rec *storage_of(const struct dc_rec *rec, uint64_t kva,
                                       struct dc_str *map) {
    enum { TASK_STORAGE = 29 };
    const struct dc_list *maps = dc_list_of(rec, DC_AT_SINGLE_maps);
    for (struct dc_list_walk m = dc_list_walk(maps); dc_list_next(&m);) {
        if (dc_u64(m.value.rec, DC_AT_MAP_map_type) != TASK_STORAGE)
            continue;
        const struct dc_list *entries = dc_list_of(m.value.rec, DC_AT_MAP_entries);
        for (struct dc_list_walk e = dc_list_walk(entries); dc_list_next(&e);) {
            if (kva == 0 || owner_of(e.value.rec) != kva)
                continue;
            *map = dc_string(m.value.rec, DC_AT_MAP_name);
            const struct dc_rec *payload = dc_record(e.value.rec, DC_AT_ENTRY_payload);
            return payload ? payload : dc_record(e.value.rec, DC_AT_ENTRY_value);
        }
    }
    return NULL;
}

/* The name of the task whose pid a struct has, where the report knows that task. */
static void add_name_of(struct dc_show *s, const struct dc_rec *value) {
    int64_t pid = 0;
    if (value->type != &dc_type_RV_STRUCT)
        return;
    struct dc_list_walk m = dc_list_walk(dc_list_of(value, DC_AT_RV_STRUCT_members));
    while (dc_list_next(&m)) {
        const struct dc_rec *inner = dc_record(m.value.rec, DC_AT_MEMBER_value);
        if (dc_str_is(dc_string(m.value.rec, DC_AT_MEMBER_name), "pid") &&
            inner->type == &dc_type_RV_INT)
            pid = dc_i64(inner, DC_AT_RV_INT_value);
    }
    const struct dc_list *tasks =
        dc_list_of(s->snapshot->rec, DC_AT_SINGLE_task_enrichments);
    for (struct dc_list_walk t = dc_list_walk(tasks); pid && dc_list_next(&t);) {
        if (dc_i64(t.value.rec, DC_AT_TASK_pid) != pid)
            continue;
        dc_show_add(s, ", comm ");
        dc_show_add_short(s, dc_string(t.value.rec, DC_AT_TASK_comm));
        return;
    }
}

static void add_waiting(struct dc_show *s, const struct dc_rec *rq) {
    enum { LIMIT = 120 };
    const struct dc_list *tasks = dc_list_of(rq, DC_AT_RQ_SCX_runnable_task_kvas);
    struct dc_list_walk first = dc_list_walk(tasks);
    struct dc_str map = {NULL, 0};
    (void)dc_list_next(&first);
    dc_show_add(s, "cpu ");
    dc_show_add_u64(s, dc_u64(rq, DC_AT_RQ_SCX_cpu));
    dc_show_add(s, ": task ");
    dc_show_add_hex(s, first.value.u, 0);
    dc_show_add(s, ", first of ");
    dc_show_add_u64(s, tasks->count);
    const struct dc_rec *value = storage_of(s->snapshot->rec, first.value.u, &map);
    size_t len = s->scratch.len;
    if (!value)
        return;
    dc_show_add(s, " (");
    dc_show_add_short(s, map);
    dc_show_add(s, ": ");
    if (!dc_value_add_inline(value, &s->cells, &s->scratch, LIMIT)) {
        s->scratch.len = len;
        return;
    }
    add_name_of(s, value);
    dc_show_add(s, ")");
}

static bool more_runnable(const struct dc_row *a, const struct dc_row *b) {
    return dc_list_of(a->rec, DC_AT_RQ_SCX_runnable_task_kvas)->count >
           dc_list_of(b->rec, DC_AT_RQ_SCX_runnable_task_kvas)->count;
}

static bool has_runnable(const void *ctx, const struct dc_row *row) {
    (void)ctx;
    return dc_list_of(row->rec, DC_AT_RQ_SCX_runnable_task_kvas)->count > 0;
}

/* The kernel appends a task to the list of its run queue when it becomes runnable
   (kernel/sched/ext.c, set_task_runnable()): the first one has been there longest. Ages
   are not in a snapshot; the worst one is that of a dual report. */
static void find_waiting(struct dc_show *s) {
    const struct dc_table table = {
        .list = dc_list_of(s->snapshot->rec, DC_AT_SINGLE_rq_scx_states),
        .filter = has_runnable,
        .before = more_runnable};
    struct dc_rows rows;
    struct dc_row row;
    dc_rows_pick(&rows, &table, MOST_NAMED);
    if (rows.total == 0)
        return;
    dc_show_restart(s);
    while (dc_rows_next(&rows, &row)) {
        dc_show_add(s, s->scratch.len > 0 ? "; " : "");
        add_waiting(s, row.rec);
    }
    if (rows.total > rows.shown) {
        dc_show_add(s, "; +");
        dc_show_add_count(s, rows.total - rows.shown, "CPU", "CPUs");
    }
    if (s->snapshot->phase != DC_ONLY && s->model->early_max_age_jiffies > 0) {
        dc_show_add(s, "; the longest wait at early was ");
        dc_show_add_u64(s, s->model->early_max_age_jiffies);
        dc_show_add(s, " jiffies");
    }
    put(s, "waited longest on its CPU",
        s->model->early_max_age_jiffies
            ? "rq_scx_states[].runnable_task_kvas[0], early_max_age_jiffies"
            : "rq_scx_states[].runnable_task_kvas[0]");
}

/* ---- tasks that are held up ---- */

static bool is_held(const void *ctx, const struct dc_row *row) {
    (void)ctx;
    return dc_has(row->rec, DC_AT_TASK_lock_slowpath_match) ||
           dc_u64(row->rec, DC_AT_TASK_pi_boosted_out_of_scx);
}

static void find_held(struct dc_show *s) {
    const struct dc_table table = {
        .list = dc_list_of(s->snapshot->rec, DC_AT_SINGLE_task_enrichments),
        .filter = is_held};
    struct dc_rows rows;
    struct dc_row row;
    dc_rows_pick(&rows, &table, MOST_NAMED);
    if (rows.total == 0)
        return;
    dc_show_restart(s);
    while (dc_rows_next(&rows, &row)) {
        struct dc_str lock = dc_string(row.rec, DC_AT_TASK_lock_slowpath_match);
        char pid[DC_NUMBER_MAX];
        dc_show_add(s, s->scratch.len > 0 ? "; pid " : "pid ");
        dc_buf_add(&s->scratch, pid, dc_format_i64(dc_i64(row.rec, DC_AT_TASK_pid), pid));
        dc_show_add(s, " ");
        dc_show_add_short(s, dc_string(row.rec, DC_AT_TASK_comm));
        dc_show_add(s, lock.p ? " in " : "");
        dc_show_add_short(s, lock);
        if (dc_u64(row.rec, DC_AT_TASK_pi_boosted_out_of_scx))
            dc_show_add(s, ", boosted out of sched_ext");
    }
    if (rows.total > rows.shown) {
        dc_show_add(s, "; +");
        dc_show_add_count(s, rows.total - rows.shown, "task", "tasks");
    }
    put(s, "held up", "task_enrichments[].lock_slowpath_match, .pi_boosted_out_of_scx");
}

/* ---- what the scheduler itself said ---- */

/* The text of a member that is an array of characters; false: there is none. */
static bool add_member_text(struct dc_show *s, const struct dc_rec *info,
                            const char *name) {
    struct dc_list_walk m = dc_list_walk(dc_list_of(info, DC_AT_RV_STRUCT_members));
    while (dc_list_next(&m)) {
        const struct dc_rec *value = dc_record(m.value.rec, DC_AT_MEMBER_value);
        if (!dc_str_is(dc_string(m.value.rec, DC_AT_MEMBER_name), name) ||
            value->type != &dc_type_RV_ARRAY || dc_value_is_zero(value))
            continue;
        size_t len = s->scratch.len;
        dc_show_add(s, len > 0 ? "; " : "");
        dc_show_add(s, name);
        dc_show_add(s, " ");
        if (dc_value_add_array(value, &s->cells, &s->scratch, 512))
            return true;
        s->scratch.len = len;
    }
    return false;
}

/* Schedulers keep what ended them in a global struct user_exit_info (tools/sched_ext of the
   kernel, user_exit_info.h): the plainest words of a report, deep in a map. */
static void find_exit_info(struct dc_show *s) {
    const struct dc_list *maps = dc_list_of(s->snapshot->rec, DC_AT_SINGLE_maps);
    for (struct dc_list_walk walk = dc_list_walk(maps); dc_list_next(&walk);) {
        const struct dc_rec *value = dc_record(walk.value.rec, DC_AT_MAP_value);
        if (!value || value->type != &dc_type_RV_STRUCT)
            continue;
        struct dc_list_walk m = dc_list_walk(dc_list_of(value, DC_AT_RV_STRUCT_members));
        while (dc_list_next(&m)) {
            const struct dc_rec *info = dc_record(m.value.rec, DC_AT_MEMBER_value);
            if (info->type != &dc_type_RV_STRUCT ||
                !dc_str_is(dc_string(info, DC_AT_RV_STRUCT_type_name), "user_exit_info"))
                continue;
            dc_show_restart(s);
            bool any = add_member_text(s, info, "reason");
            any |= add_member_text(s, info, "msg");
            if (any)
                put(s, "exit message", "maps[].value, struct user_exit_info");
            return;
        }
    }
}

/* ---- programs ---- */

static void find_program(struct dc_show *s) {
    const struct dc_list *list =
        dc_list_of(s->snapshot->rec, DC_AT_SINGLE_prog_runtime_stats);
    struct longest longest = find_longest(list, DC_AT_PROG_STATS_nsecs);
    if (!longest.rec)
        return;
    dc_show_restart(s);
    dc_show_add_short(s, dc_string(longest.rec, DC_AT_PROG_STATS_name));
    dc_show_add(s, ", ");
    dc_show_add_ns(s, longest.length);
    dc_show_add(s, " in ");
    dc_show_add_count(s, dc_u64(longest.rec, DC_AT_PROG_STATS_cnt), "call", "calls");
    if (list->count > 1) {
        dc_show_add(s, ", ");
        dc_show_add_u64(
            s, (uint64_t)((unsigned __int128)longest.length * 100 / longest.total));
        dc_show_add(s, " % of all programs");
    }
    put(s, "most time", "prog_runtime_stats[].nsecs");
}

static void find_moved(struct dc_show *s) {
    if (dc_show_add_moved(s))
        put(s, "moved last", "event_counter_timeline[]");
}

void dc_show_findings(struct dc_show *s) {
    s->found = false;
    bool single = s->snapshot->rec->type == &dc_type_SINGLE;
    if (single)
        find_exit_info(s);
    find_shared_ip(s);
    if (single) {
        find_run_queue(s);
        find_dsq(s);
        find_waiting(s);
        find_held(s);
        find_program(s);
        find_moved(s);
    }
    if (s->found)
        s->ops->section_end(s);
    else if (s->options->sections)
        dc_show_missing(s, DC_SECTION_FINDINGS, "nothing could be computed");
}
