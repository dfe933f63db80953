#include "lib/show_private.h"

#include "lib/map_type.h"
#include "lib/number.h"
#include "lib/value_text.h"

enum { MOST_MAPS = 64, MOST_KEYS = 4, MOST_STACKS = 6 };

/* ---- per-CPU maps ---- */

static void note_keys_left(struct dc_show *s, size_t count) {
    dc_show_note_more(s, count, "more key", "more keys", ": --all");
}

/* "struct cpu_ctx, 4 CPUs" */
static void describe_values(struct dc_show *s, const struct dc_list *values) {
    dc_show_restart(s);
    dc_show_add(s, "(");
    for (struct dc_list_walk walk = dc_list_walk(values); dc_list_next(&walk);) {
        const struct dc_rec *value = walk.value.rec;
        if (!value)
            continue;
        struct dc_str name = value->type == &dc_type_RV_STRUCT
                                 ? dc_string(value, DC_AT_RV_STRUCT_type_name)
                                 : (struct dc_str){0};
        dc_show_add(s, name.len ? "struct " : "");
        dc_show_add_short(s, name);
        dc_show_add(s, name.len ? ", " : "");
        break;
    }
    dc_show_add_count(s, values->count, "CPU", "CPUs");
    dc_show_add(s, ")");
}

static void show_key(struct dc_show *s, struct dc_str key, const struct dc_list *values) {
    describe_values(s, values);
    if (!s->ops->item(s, "key", key, NULL, NULL))
        return;
    dc_show_percpu(s, values);
    s->ops->item_end(s);
}

static void show_percpu_array(struct dc_show *s, const struct dc_list *entries) {
    size_t most = dc_show_most(s, MOST_KEYS), shown = 0;
    for (struct dc_list_walk walk = dc_list_walk(entries);
         (most == 0 || shown < most) && dc_list_next(&walk); shown++) {
        char key[DC_NUMBER_MAX];
        size_t n = dc_format_u64(dc_u64(walk.value.rec, DC_AT_PERCPU_ENTRY_key), key);
        show_key(s, (struct dc_str){key, n},
                 dc_list_of(walk.value.rec, DC_AT_PERCPU_ENTRY_per_cpu));
    }
    note_keys_left(s, entries->count - shown);
}

static void show_percpu_hash(struct dc_show *s, const struct dc_list *entries) {
    enum { LIMIT = 60 };
    size_t most = dc_show_most(s, MOST_KEYS), shown = 0;
    for (struct dc_list_walk walk = dc_list_walk(entries);
         (most == 0 || shown < most) && dc_list_next(&walk); shown++) {
        const struct dc_rec *key = dc_record(walk.value.rec, DC_AT_PERCPU_HASH_ENTRY_key);
        struct dc_str hex = dc_string(walk.value.rec, DC_AT_PERCPU_HASH_ENTRY_key_hex);
        struct dc_buf name;
        dc_buf_init(&name, s->options->alloc);
        if (!key || !dc_value_add_inline(key, &s->cells, &name, LIMIT)) {
            name.len = 0;
            dc_buf_add(&name, hex.p, hex.len);
            dc_buf_text(&name, key ? "" : " (raw)");
        }
        show_key(s, (struct dc_str){name.data, name.len},
                 dc_list_of(walk.value.rec, DC_AT_PERCPU_HASH_ENTRY_per_cpu));
        s->scratch.failed |= !dc_buf_ok(&name);
        dc_buf_done(&name);
    }
    note_keys_left(s, entries->count - shown);
}

/* ---- ring buffers, stacks, descriptors ---- */

static struct dc_cell ringbuf_fill(const struct dc_column *column,
                                   const struct dc_row *row) {
    (void)column;
    uint64_t capacity = dc_u64(row->rec, DC_AT_RINGBUF_capacity);
    uint64_t pending = dc_u64(row->rec, DC_AT_RINGBUF_pending_bytes);
    if (capacity == 0)
        return (struct dc_cell){.kind = DC_CELL_NONE};
    uint64_t percent = (uint64_t)((unsigned __int128)pending * 100 / capacity);
    return (struct dc_cell){.kind = DC_CELL_NUMBER,
                            .number = percent > 100 ? 100 : percent,
                            .name = pending > capacity ? "more than it holds" : NULL};
}

static void show_ringbuf(struct dc_show *s, const struct dc_rec *ringbuf) {
    static const struct dc_column chosen[] = {
        {.field = DC_AT_RINGBUF_capacity},
        {.field = DC_AT_RINGBUF_pending_bytes},
        {.title = "pending %",
         .field = -1,
         .make = ringbuf_fill,
         .meaning = "pending_bytes of capacity"},
    };
    struct dc_column columns[DC_SHOW_COLUMNS];
    const struct dc_table table = {
        .name = "ringbuf",
        .columns = columns,
        .n_columns = dc_show_columns(&dc_type_RINGBUF, chosen,
                                     sizeof(chosen) / sizeof(chosen[0]), columns)};
    struct dc_row row = {.rec = ringbuf};
    s->ops->record(s, &table, &row);
}

static void show_stack(struct dc_show *s, const struct dc_rec *stack) {
    enum { MOST_FRAMES = 8 };
    const struct dc_list *pcs = dc_list_of(stack, DC_AT_STACK_ENTRY_pcs);
    size_t most = dc_show_most(s, MOST_FRAMES), shown = 0;
    dc_show_restart(s);
    dc_show_add(s, "bucket ");
    dc_show_add_u64(s, dc_u64(stack, DC_AT_STACK_ENTRY_bucket_id));
    dc_show_add(s, ": nr ");
    dc_show_add_u64(s, dc_u64(stack, DC_AT_STACK_ENTRY_nr));
    for (struct dc_list_walk walk = dc_list_walk(pcs);
         (most == 0 || shown < most) && dc_list_next(&walk); shown++) {
        dc_show_add(s, shown ? " < " : ": ");
        dc_show_add_address(s, walk.value.u);
    }
    if (shown < pcs->count) {
        dc_show_add(s, " < +");
        dc_show_add_u64(s, pcs->count - shown);
        dc_show_add(s, " more");
    }
    struct dc_str bytes = dc_string(stack, DC_AT_STACK_ENTRY_data_hex);
    if (pcs->count == 0) {
        dc_show_add(s, bytes.len ? " (build-id mode) " : " (no addresses)");
        dc_show_add_short(s, bytes);
    }
    s->ops->note(s, DC_STYLE_PLAIN);
}

static void show_stacks(struct dc_show *s, const struct dc_rec *trace) {
    const struct dc_list *stacks = dc_list_of(trace, DC_AT_STACK_TRACE_entries);
    size_t most = dc_show_most(s, MOST_STACKS), shown = 0;
    dc_show_restart(s);
    dc_show_add(s, "stack_trace: ");
    dc_show_add_u64(s, stacks->count);
    dc_show_add(s, " of ");
    dc_show_add_u64(s, dc_u64(trace, DC_AT_STACK_TRACE_n_buckets));
    dc_show_add(s, " buckets populated");
    if (dc_u64(trace, DC_AT_STACK_TRACE_truncated))
        dc_show_add(s, ", truncated");
    if (dc_has(trace, DC_AT_STACK_TRACE_buckets_unreadable)) {
        dc_show_add(s, ", buckets_unreadable: ");
        dc_show_add_u64(s, dc_u64(trace, DC_AT_STACK_TRACE_buckets_unreadable));
    }
    s->ops->note(s, DC_STYLE_PLAIN);
    if (s->ops->rows == 0) { /* as data: all of them, with every frame */
        struct dc_column columns[DC_SHOW_COLUMNS];
        const struct dc_table table = {
            .name = "stacks",
            .columns = columns,
            .n_columns = dc_show_columns(&dc_type_STACK_ENTRY, NULL, 0, columns),
            .list = stacks};
        s->ops->table(s, &table);
        return;
    }
    for (struct dc_list_walk walk = dc_list_walk(stacks);
         (most == 0 || shown < most) && dc_list_next(&walk); shown++)
        show_stack(s, walk.value.rec);
    dc_show_note_more(s, stacks->count - shown, "more stack", "more stacks", ": --all");
}

static void show_fd_array(struct dc_show *s, const struct dc_rec *array) {
    static const struct dc_column chosen[] = {
        {.field = DC_AT_FD_ARRAY_populated},
        {.field = DC_AT_FD_ARRAY_scanned},
        {.field = DC_AT_FD_ARRAY_indices},
    };
    struct dc_column columns[DC_SHOW_COLUMNS];
    const struct dc_table table = {
        .name = "fd_array",
        .columns = columns,
        .n_columns = dc_show_columns(&dc_type_FD_ARRAY, chosen,
                                     sizeof(chosen) / sizeof(chosen[0]), columns)};
    struct dc_row row = {.rec = array};
    s->ops->record(s, &table, &row);
}

/* ---- one map ---- */

static struct dc_cell map_type(const struct dc_column *column, const struct dc_row *row) {
    struct dc_cell cell = dc_cell_of(row->rec, (size_t)column->field);
    cell.name = dc_map_type_name(cell.number);
    return cell;
}

static void add_fact(struct dc_show *s, const char *name, const struct dc_rec *map,
                     int field) {
    dc_show_add(s, ", ");
    dc_show_add(s, name);
    dc_show_add(s, " ");
    dc_show_add_u64(s, dc_u64(map, field));
}

static void describe(struct dc_show *s, const struct dc_rec *map) {
    uint64_t type = dc_u64(map, DC_AT_MAP_map_type);
    const char *name = dc_map_type_name(type);
    dc_show_restart(s);
    dc_show_add(s, "(");
    dc_show_add(s, name ? name : "map_type ");
    if (!name) {
        dc_show_add_u64(s, type);
        dc_show_add(s, ", unknown");
    }
    add_fact(s, "value_size", map, DC_AT_MAP_value_size);
    add_fact(s, "max_entries", map, DC_AT_MAP_max_entries);
    if (dc_u64(map, DC_AT_MAP_map_kva) && (s->options->all || s->options->maps)) {
        dc_show_add(s, ", map_kva ");
        dc_show_add_address(s, dc_u64(map, DC_AT_MAP_map_kva));
    }
    dc_show_add(s, ")");
}

static void show_error(struct dc_show *s, const struct dc_rec *map) {
    struct dc_str error = dc_string(map, DC_AT_MAP_error);
    const char *meaning = error.p ? dc_map_error_meaning(error) : NULL;
    if (!error.p)
        return;
    dc_show_restart(s);
    dc_show_add(s, "error: ");
    dc_show_add_str(s, error);
    if (meaning) {
        dc_show_add(s, " (");
        dc_show_add(s, meaning);
        dc_show_add(s, ")");
    }
    s->ops->note(s, DC_STYLE_WARN);
}

static bool show_lists(struct dc_show *s, const struct dc_rec *map) {
    static const struct {
        int field;
        void (*show)(struct dc_show *s, const struct dc_list *list);
    } lists[] = {
        {DC_AT_MAP_entries, dc_show_entries},
        {DC_AT_MAP_array_entries, dc_show_array},
        {DC_AT_MAP_percpu_entries, show_percpu_array},
        {DC_AT_MAP_percpu_hash_entries, show_percpu_hash},
    };
    bool any = false;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        const struct dc_list *list = dc_list_of(map, lists[i].field);
        if (list->count == 0)
            continue;
        any = true;
        lists[i].show(s, list);
    }
    return any;
}

static bool show_records(struct dc_show *s, const struct dc_rec *map) {
    static const struct {
        int field;
        void (*show)(struct dc_show *s, const struct dc_rec *rec);
    } records[] = {
        {DC_AT_MAP_arena, dc_show_arena},
        {DC_AT_MAP_ringbuf, show_ringbuf},
        {DC_AT_MAP_stack_trace, show_stacks},
        {DC_AT_MAP_fd_array, show_fd_array},
    };
    bool any = false;
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        const struct dc_rec *rec = dc_record(map, records[i].field);
        if (!rec)
            continue;
        any = true;
        records[i].show(s, rec);
    }
    return any;
}

static void show_map(struct dc_show *s, const struct dc_rec *map) {
    const struct dc_rec *value = dc_record(map, DC_AT_MAP_value);
    static const struct dc_column chosen[] = {
        {.title = "", .field = DC_AT_MAP_name},
        {.field = DC_AT_MAP_map_type, .make = map_type, .member = "map_type"},
    };
    struct dc_column columns[DC_SHOW_COLUMNS];
    const struct dc_table table = {
        .name = "map",
        .columns = columns,
        .n_columns = dc_show_columns(&dc_type_MAP, chosen,
                                     sizeof(chosen) / sizeof(chosen[0]), columns)};
    struct dc_row row = {.rec = map};
    describe(s, map);
    if (!s->ops->item(s, "map", dc_string(map, DC_AT_MAP_name), &table, &row))
        return;
    show_error(s, map);
    dc_show_restart(s);
    if (value)
        s->ops->value(s, value);
    bool any = show_lists(s, map);
    any |= show_records(s, map);
    if (!value && !any && !dc_has(map, DC_AT_MAP_error)) {
        dc_show_restart(s);
        dc_show_add(s, "(empty)");
        s->ops->note(s, DC_STYLE_FAINT);
    }
    s->ops->item_end(s);
}

/* ---- all of them ---- */

/* CPUs alone choose the maps that have values by CPU. */
static bool is_wanted(const struct dc_show *s, const struct dc_rec *map) {
    if (s->options->maps)
        return dc_show_matches(s->options->maps, dc_string(map, DC_AT_MAP_name));
    return !s->options->cpus || dc_has(map, DC_AT_MAP_percpu_entries) ||
           dc_has(map, DC_AT_MAP_percpu_hash_entries);
}

static void note_maps_left(struct dc_show *s, size_t total, size_t shown) {
    if (total > 0) {
        dc_show_note_more(s, total - shown, "more map", "more maps",
                          ": --map=NAME, --all");
        return;
    }
    dc_show_restart(s);
    if (s->options->maps)
        dc_show_add_choice(s, "--map", s->options->maps, true);
    else
        dc_show_add(s, "no map of the report has values by CPU");
    s->ops->note(s, DC_STYLE_WARN);
}

void dc_show_maps(struct dc_show *s) {
    const struct dc_list *maps = dc_list_of(s->snapshot->rec, DC_AT_SINGLE_maps);
    size_t most = dc_show_most(s, MOST_MAPS), total = 0, shown = 0;
    for (struct dc_list_walk walk = dc_list_walk(maps); dc_list_next(&walk);)
        total += is_wanted(s, walk.value.rec);
    dc_show_begin_some(s, DC_SECTION_MAPS, total);
    for (struct dc_list_walk walk = dc_list_walk(maps);
         (most == 0 || shown < most) && dc_list_next(&walk);) {
        if (!is_wanted(s, walk.value.rec))
            continue;
        show_map(s, walk.value.rec);
        shown++;
    }
    note_maps_left(s, total, shown);
    s->ops->section_end(s);
}
