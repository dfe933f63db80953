/* Values by CPU: equal ones stand together, and where most differ the members that do make
   a table. Cheap and short for hundreds of CPUs. */
#include "lib/show_like.h"

#include "lib/ids.h"
#include "lib/same.h"
#include "lib/value_text.h"

#include <string.h>

enum {
    MOST_CPUS = 8192,   /* that are grouped; KVM has no more */
    MOST_GROUPS = 8,    /* that are shown, and */
    MOST_ROWS = 16,     /* of a table, without --all */
    MOST_MEMBERS = 256, /* of a struct that becomes a table */
};

struct group {
    const struct dc_rec *value; /* NULL: not mapped */
    uint64_t hash;
    size_t count, first, last; /* CPUs; the ends of their chain in grouping.next */
};

struct grouping {
    struct dc_show *s;
    const struct dc_list *values;
    struct group *groups; /* by first appearance */
    uint32_t *next;       /* of each CPU: the next one of its group */
    uint32_t *table;      /* by hash: a group + 1, or 0 */
    size_t n, slots, mapped, unmapped;
};

static bool is_wanted(const struct dc_show *s, size_t cpu) {
    return dc_ids_has(s->options->cpus, cpu);
}

/* ---- grouping ---- */

static size_t find_group(struct grouping *g, const struct dc_rec *value, size_t cpu) {
    uint64_t hash = dc_same_hash(value);
    size_t slot = hash & (g->slots - 1);
    for (; g->table[slot]; slot = (slot + 1) & (g->slots - 1)) {
        const struct group *group = &g->groups[g->table[slot] - 1];
        if (group->hash == hash && dc_same(group->value, value))
            return g->table[slot] - 1;
    }
    g->groups[g->n] = (struct group){.value = value, .hash = hash, .first = cpu};
    g->table[slot] = (uint32_t)++g->n;
    return g->n - 1;
}

static void group_all(struct grouping *g) {
    for (struct dc_list_walk walk = dc_list_walk(g->values); dc_list_next(&walk);) {
        const struct dc_rec *value = walk.value.rec;
        if (!is_wanted(g->s, walk.index))
            continue;
        size_t group = find_group(g, value, walk.index);
        struct group *one = &g->groups[group];
        if (one->count++ > 0)
            g->next[one->last] = (uint32_t)walk.index;
        one->last = walk.index;
        g->mapped += value != NULL;
        g->unmapped += value == NULL;
    }
}

static void *get(const struct dc_show *s, size_t count, size_t size) {
    void *p = s->options->alloc.resize(s->options->alloc.ctx, NULL, count * size);
    if (p)
        memset(p, 0, count * size);
    return p;
}

static void give_back(const struct dc_show *s, void *p) {
    if (p)
        s->options->alloc.resize(s->options->alloc.ctx, p, 0);
}

/* ---- groups ---- */

static void add_label(struct grouping *g, size_t group) {
    enum { ROOM = 48 };
    struct dc_show *s = g->s;
    const struct group *one = &g->groups[group];
    struct dc_ranges ranges;
    dc_show_restart(s);
    if (one->count == g->values->count && one->count > 1) {
        dc_show_add(s, "all ");
        dc_show_add_u64(s, one->count);
        dc_show_add(s, " CPUs");
        return;
    }
    dc_show_add(s, one->count == 1 ? "cpu " : "cpus ");
    dc_ranges_begin(&ranges, &s->scratch, s->options->all ? 0 : ROOM);
    for (size_t i = 0, cpu = one->first; i < one->count; i++, cpu = g->next[cpu])
        dc_ranges_add(&ranges, cpu);
    dc_ranges_end(&ranges);
}

static void show_group(struct grouping *g, size_t group) {
    add_label(g, group);
    g->s->ops->value(g->s, g->groups[group].value);
}

static void show_unmapped(struct grouping *g) {
    for (size_t i = 0; i < g->n; i++)
        if (!g->groups[i].value)
            show_group(g, i);
}

/* By first appearance; what is not mapped comes last. */
static void show_groups(struct grouping *g) {
    size_t most = dc_show_most(g->s, MOST_GROUPS), shown = 0, cpus = 0;
    for (size_t i = 0; i < g->n; i++) {
        if (!g->groups[i].value)
            continue;
        if (most > 0 && shown == most) {
            cpus += g->groups[i].count;
            continue;
        }
        show_group(g, i);
        shown++;
    }
    show_unmapped(g);
    dc_show_note_more(g->s, cpus, "more CPU", "more CPUs",
                      " with other values: --cpu=N, --all");
}

/* ---- a table ---- */

struct members {
    bool differs[MOST_MEMBERS];
    size_t n;
    bool alone; /* they are no structs */
    const struct dc_rec *first;
};

static bool is_scalar_member(const struct dc_rec *member) {
    return dc_value_is_scalar(dc_record(member, DC_AT_MEMBER_value));
}

/* Whether all values are scalars, or structs of one shape in which only scalars differ;
   then which of them do. */
static bool compare_members(struct grouping *g, struct members *members) {
    *members = (struct members){.n = 0};
    for (size_t i = 0; i < g->n; i++) {
        const struct dc_rec *value = g->groups[i].value;
        if (!value)
            continue;
        if (!members->first)
            members->first = value;
        members->n = dc_like_members(members->first)->count;
        if (members->n > MOST_MEMBERS || !dc_like_same(members->first, value))
            return false;
        if (value->type != &dc_type_RV_STRUCT) {
            members->alone = true;
            if (!dc_value_is_scalar(value))
                return false;
        }
        struct dc_list_walk one = dc_list_walk(dc_like_members(members->first)),
                            other = dc_list_walk(dc_like_members(value));
        while (dc_list_next(&one) && dc_list_next(&other))
            if (dc_same(one.value.rec, other.value.rec))
                continue;
            else if (is_scalar_member(one.value.rec) && is_scalar_member(other.value.rec))
                members->differs[one.index] = true;
            else
                return false;
    }
    return members->first != NULL;
}

static struct dc_cell cpu_cell(const struct dc_column *column, const struct dc_row *row) {
    (void)column;
    return (struct dc_cell){.kind = DC_CELL_NUMBER, .number = row->index};
}

static struct dc_cell member_cell(const struct dc_column *column,
                                  const struct dc_row *row) {
    return dc_like_cell(dc_like_member(row->rec, (size_t)column->arg));
}

static bool is_row(const void *ctx, const struct dc_row *row) {
    return row->rec && is_wanted(ctx, row->index);
}

static size_t make_columns(const struct members *members, struct dc_column *columns) {
    size_t n = 0;
    columns[n++] = (struct dc_column){.title = "cpu", .field = -1, .make = cpu_cell};
    if (members->alone)
        columns[n++] = (struct dc_column){
            .title = "value", .field = -1, .make = member_cell, .divided = true};
    for (struct dc_list_walk walk = dc_list_walk(dc_like_members(members->first));
         n < DC_LIKE_COLUMNS && dc_list_next(&walk);) {
        if (!members->differs[walk.index])
            continue;
        struct dc_str name = dc_string(walk.value.rec, DC_AT_MEMBER_name);
        columns[n] = (struct dc_column){.title = name.len ? NULL : "<anon>",
                                        .name = name,
                                        .field = -1,
                                        .make = member_cell,
                                        .arg = (int)walk.index,
                                        .divided = n == 1};
        n++;
    }
    return n;
}

static size_t count_differing(const struct members *members) {
    size_t n = 0;
    for (size_t i = 0; i < members->n; i++)
        n += members->differs[i];
    return n;
}

/* What is the same on every CPU, once. */
static void show_common(struct dc_show *s, const struct members *members) {
    dc_show_restart(s);
    for (struct dc_list_walk walk = dc_list_walk(dc_like_members(members->first));
         dc_list_next(&walk);) {
        const struct dc_rec *value = dc_record(walk.value.rec, DC_AT_MEMBER_value);
        if (members->differs[walk.index])
            continue;
        if (dc_value_is_zero(value) && !s->options->all) {
            s->zeros++;
            continue;
        }
        dc_show_add(s, s->scratch.len > 0 ? "  "
                       : s->options->cpus ? "on these CPUs: "
                                          : "on all CPUs: ");
        dc_show_add_short(s, dc_string(walk.value.rec, DC_AT_MEMBER_name));
        dc_show_add(s, "=");
        dc_value_add_line(value, &s->cells, &s->scratch);
    }
    if (s->scratch.len > 0)
        s->ops->note(s, DC_STYLE_PLAIN);
}

/* ---- ranges of what has no row ---- */

static bool number_of(const struct dc_rec *value, uint64_t *number) {
    if (!value || value->type != &dc_type_RV_UINT)
        return false;
    *number = dc_u64(value, DC_AT_RV_UINT_value);
    return true;
}

static void show_range(struct dc_show *s, const struct dc_column *column,
                       const struct dc_list *values) {
    uint64_t least = UINT64_MAX, most = 0, number;
    size_t at_least = 0, at_most = 0, n = 0;
    unsigned __int128 sum = 0;
    for (struct dc_list_walk walk = dc_list_walk(values); dc_list_next(&walk);) {
        const struct dc_row row = {walk.index, walk.value.rec};
        if (!is_row(s, &row) ||
            !number_of(dc_like_member(row.rec, (size_t)column->arg), &number))
            continue;
        if (n++ == 0 || number < least)
            least = number, at_least = walk.index;
        if (n == 1 || number > most)
            most = number, at_most = walk.index;
        sum += number;
    }
    if (n == 0)
        return;
    dc_show_restart(s);
    dc_show_add_title(s, column);
    dc_show_add(s, ": least ");
    dc_show_add_u64(s, least);
    dc_show_add(s, " (cpu ");
    dc_show_add_u64(s, at_least);
    dc_show_add(s, "), most ");
    dc_show_add_u64(s, most);
    dc_show_add(s, " (cpu ");
    dc_show_add_u64(s, at_most);
    dc_show_add(s, ")");
    if (sum <= UINT64_MAX) {
        dc_show_add(s, ", sum ");
        dc_show_add_u64(s, (uint64_t)sum);
    }
    s->ops->note(s, DC_STYLE_PLAIN);
}

static void show_table(struct grouping *g, const struct members *members) {
    enum { MOST_RANGES = 8 };
    struct dc_show *s = g->s;
    struct dc_column columns[DC_LIKE_COLUMNS];
    const struct dc_table table = {.name = "per_cpu",
                                   .columns = columns,
                                   .n_columns = make_columns(members, columns),
                                   .list = g->values,
                                   .filter = is_row,
                                   .ctx = s,
                                   .few = " CPUs: --cpu=N, --all",
                                   .most = MOST_ROWS};
    size_t most = dc_show_most(s, MOST_ROWS);
    show_common(s, members);
    if (most > 0 && g->mapped > most)
        for (size_t i = 1; i < table.n_columns && i <= MOST_RANGES; i++)
            show_range(s, &columns[i], g->values);
    s->ops->table(s, &table);
    show_unmapped(g);
}

/* ---- the whole ---- */

static void show_grouped(struct grouping *g) {
    enum { LEAST_FOR_TABLE = 3 };
    struct members members;
    group_all(g);
    if (g->n == 0) {
        dc_show_restart(g->s);
        dc_show_add_choice(g->s, "--cpu", g->s->options->cpus, false);
        g->s->ops->note(g->s, DC_STYLE_WARN);
        return;
    }
    size_t groups = g->n - (g->unmapped > 0);
    if (groups >= LEAST_FOR_TABLE && groups * 2 > g->mapped &&
        compare_members(g, &members) && count_differing(&members) < DC_LIKE_COLUMNS)
        show_table(g, &members);
    else
        show_groups(g);
}

/* Each CPU for itself: for programs, and for lists that no machine has. */
static void show_each(struct dc_show *s, const struct dc_list *values) {
    size_t most = dc_show_most(s, MOST_GROUPS), shown = 0, wanted = 0;
    for (struct dc_list_walk walk = dc_list_walk(values); dc_list_next(&walk);) {
        if (!is_wanted(s, walk.index))
            continue;
        wanted++;
        if (most > 0 && shown == most)
            continue;
        dc_show_restart(s);
        dc_show_add(s, "cpu ");
        dc_show_add_u64(s, walk.index);
        s->ops->value(s, walk.value.rec);
        shown++;
    }
    dc_show_note_more(s, wanted - shown, "more CPU", "more CPUs", ": --cpu=N, --all");
}

void dc_show_percpu(struct dc_show *s, const struct dc_list *values) {
    struct grouping g = {.s = s, .values = values, .slots = 16};
    if (s->ops->rows == 0 || values->count > MOST_CPUS) {
        show_each(s, values);
        return;
    }
    if (values->count == 0)
        return;
    while (g.slots < values->count * 2)
        g.slots *= 2;
    g.groups = get(s, values->count, sizeof(*g.groups));
    g.next = get(s, values->count, sizeof(*g.next));
    g.table = get(s, g.slots, sizeof(*g.table));
    if (g.groups && g.next && g.table)
        show_grouped(&g);
    else
        s->scratch.failed = true;
    give_back(s, g.groups);
    give_back(s, g.next);
    give_back(s, g.table);
}
