/* What a scheduler keeps in its arena: pages, allocated objects, regions. */
#include "lib/show_private.h"

#include "lib/number.h"

enum { MOST_OBJECTS = 4, MOST_REGIONS = 12, MOST_ALLOCATORS = 24 };

static uint64_t page_bytes(const struct dc_list *pages, uint64_t *non_zero) {
    uint64_t bytes = 0;
    *non_zero = 0;
    for (struct dc_list_walk p = dc_list_walk(pages); dc_list_next(&p);) {
        const struct dc_list *page = dc_list_of(p.value.rec, DC_AT_ARENA_PAGE_bytes);
        bool zero = true;
        for (struct dc_list_walk b = dc_list_walk(page); zero && dc_list_next(&b);)
            zero = b.value.u == 0;
        bytes += page->count;
        *non_zero += !zero;
    }
    return bytes;
}

void dc_show_arena(struct dc_show *s, const struct dc_rec *arena) {
    const struct dc_list *pages = dc_list_of(arena, DC_AT_ARENA_pages);
    struct dc_column columns[DC_SHOW_COLUMNS];
    static const struct dc_column chosen[] = {
        {.title = "", .field = DC_AT_ARENA_pages},
        {.title = "user_vm_start", .field = DC_AT_ARENA_user_vm_start},
        {.title = "kern_vm_start", .field = DC_AT_ARENA_kern_vm_start},
    };
    uint64_t non_zero, bytes = page_bytes(pages, &non_zero);
    dc_show_restart(s);
    dc_show_add(s, "arena: ");
    dc_show_add_count(s, pages->count, "page", "pages");
    dc_show_add(s, " in the report (");
    dc_show_add_u64(s, bytes % 1024 ? bytes : bytes / 1024);
    dc_show_add(s, bytes % 1024 ? " bytes), " : " KiB), ");
    dc_show_add_u64(s, non_zero);
    dc_show_add(s,
                " not zero; typed contents: section allocators, bytes: dumpctl decode");
    s->ops->note(s, DC_STYLE_PLAIN);
    const struct dc_table table = {
        .name = "arena",
        .columns = columns,
        .n_columns = dc_show_columns(&dc_type_ARENA, chosen,
                                     sizeof(chosen) / sizeof(chosen[0]), columns)};
    struct dc_row row = {.rec = arena};
    s->ops->record(s, &table, &row);
}

/* ---- allocators ---- */

static void show_objects(struct dc_show *s, const struct dc_list *entries) {
    size_t most = dc_show_most(s, MOST_OBJECTS), shown = 0;
    for (struct dc_list_walk walk = dc_list_walk(entries);
         (most == 0 || shown < most) && dc_list_next(&walk); shown++) {
        const struct dc_rec *entry = walk.value.rec;
        char number[DC_NUMBER_MAX];
        dc_show_restart(s);
        dc_show_add(s, "idx ");
        dc_buf_add(&s->scratch, number,
                   dc_format_i64(dc_i64(entry, DC_AT_SDT_ENTRY_idx), number));
        dc_show_add(s, " genn ");
        dc_buf_add(&s->scratch, number,
                   dc_format_i64(dc_i64(entry, DC_AT_SDT_ENTRY_genn), number));
        dc_show_add(s, " at ");
        dc_show_add_hex(s, dc_u64(entry, DC_AT_SDT_ENTRY_user_addr), 8);
        s->ops->value(s, dc_record(entry, DC_AT_SDT_ENTRY_payload));
    }
    dc_show_note_more(s, entries->count - shown, "more live object", "more live objects",
                      ": --all");
}

static void show_allocator(struct dc_show *s, const struct dc_rec *allocator) {
    static const struct dc_column chosen[] = {
        {.title = "", .field = DC_AT_SDT_ALLOCATOR_allocator_name},
        {.title = "", .field = DC_AT_SDT_ALLOCATOR_entries},
        {.field = DC_AT_SDT_ALLOCATOR_elem_size},
        {.field = DC_AT_SDT_ALLOCATOR_target_type_id},
    };
    struct dc_column columns[DC_SHOW_COLUMNS];
    const struct dc_list *entries = dc_list_of(allocator, DC_AT_SDT_ALLOCATOR_entries);
    const struct dc_table table = {
        .name = "allocator",
        .columns = columns,
        .n_columns = dc_show_columns(&dc_type_SDT_ALLOCATOR, chosen,
                                     sizeof(chosen) / sizeof(chosen[0]), columns)};
    struct dc_row row = {.rec = allocator};
    dc_show_restart(s);
    dc_show_add(s, "(");
    dc_show_add_u64(s, entries->count);
    dc_show_add(s, " live)");
    if (!s->ops->item(s, "allocator",
                      dc_string(allocator, DC_AT_SDT_ALLOCATOR_allocator_name), NULL,
                      NULL))
        return;
    s->ops->record(s, &table, &row);
    show_objects(s, entries);
    s->ops->item_end(s);
}

void dc_show_allocators(struct dc_show *s) {
    const struct dc_list *list =
        dc_list_of(s->snapshot->rec, DC_AT_SINGLE_sdt_allocations);
    size_t most = dc_show_most(s, MOST_ALLOCATORS), shown = 0;
    dc_show_begin(s, DC_SECTION_ALLOCATORS);
    for (struct dc_list_walk walk = dc_list_walk(list);
         (most == 0 || shown < most) && dc_list_next(&walk); shown++)
        show_allocator(s, walk.value.rec);
    dc_show_note_more(s, list->count - shown, "more allocator", "more allocators",
                      ": --all");
    s->ops->section_end(s);
}

/* ---- regions ---- */

static struct dc_cell region_end(const struct dc_column *column,
                                 const struct dc_row *row) {
    (void)column;
    return (struct dc_cell){.kind = DC_CELL_NUMBER,
                            .unit = DC_BITMAP,
                            .number =
                                dc_u64(row->rec, DC_AT_SCX_STATIC_RANGE_start_low32) +
                                dc_u64(row->rec, DC_AT_SCX_STATIC_RANGE_size)};
}

static bool larger(const struct dc_row *a, const struct dc_row *b) {
    return dc_u64(a->rec, DC_AT_SCX_STATIC_RANGE_size) >
           dc_u64(b->rec, DC_AT_SCX_STATIC_RANGE_size);
}

void dc_show_regions(struct dc_show *s) {
    static const struct dc_column chosen[] = {
        {.field = DC_AT_SCX_STATIC_RANGE_instance_name},
        {.field = DC_AT_SCX_STATIC_RANGE_start_low32},
        {.title = "end",
         .member = "end",
         .field = -1,
         .make = region_end,
         .meaning = "start plus size"},
        {.field = DC_AT_SCX_STATIC_RANGE_size},
        {.field = DC_AT_SCX_STATIC_RANGE_capacity},
    };
    struct dc_column columns[DC_SHOW_COLUMNS];
    const struct dc_rec *region_list =
        dc_record(s->snapshot->rec, DC_AT_SINGLE_scx_static_ranges);
    const struct dc_table table = {
        .name = "regions",
        .columns = columns,
        .n_columns = dc_show_columns(&dc_type_SCX_STATIC_RANGE, chosen,
                                     sizeof(chosen) / sizeof(chosen[0]), columns),
        .list = dc_list_of(region_list, DC_AT_SCX_STATIC_ranges),
        .before = larger,
        .by = "size",
        .most = MOST_REGIONS};
    dc_show_restart(s);
    dc_show_add_count(s, table.list->count, "region", "regions");
    dc_show_add(s, ", skipped: ");
    dc_show_add_u64(s, dc_u64(region_list, DC_AT_SCX_STATIC_skipped));
    s->ops->section(s, &dc_sections[DC_SECTION_REGIONS]);
    s->ops->table(s, &table);
    s->ops->section_end(s);
}
