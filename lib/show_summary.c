#include "lib/show_private.h"

#include <string.h>

enum { MOST_ACTIVE = 64, MOST_NAMES = 6 };

/* Members that are told in a form of their own. */
static bool is_told(size_t field) {
    static const int fields[] = {
        DC_AT_SINGLE_schema,          DC_AT_SINGLE_is_placeholder,
        DC_AT_SINGLE_dumpctl,         DC_AT_SINGLE_maps_truncated,
        DC_AT_SINGLE_active_map_kvas, DC_AT_SINGLE_dump_truncated_at_us,
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if ((size_t)fields[i] == field)
            return true;
    return false;
}

static bool is_text(const struct dc_rec *rec, size_t i) {
    const struct dc_field *row = &rec->type->fields[i];
    return row->kind == DC_STRING && row->shape == DC_ONE && !is_told(i) &&
           dc_has(rec, (int)i);
}

/* A dump that hit its deadline lacks maps that nobody would miss otherwise. */
static void show_truncation(struct dc_show *s, const struct dc_rec *rec) {
    bool timed = dc_has(rec, DC_AT_SINGLE_dump_truncated_at_us);
    uint64_t maps = dc_u64(rec, DC_AT_SINGLE_maps_truncated);
    if (!timed && maps == 0)
        return;
    dc_show_restart(s);
    dc_show_add(s, "dump truncated:");
    if (timed) {
        uint64_t us = dc_u64(rec, DC_AT_SINGLE_dump_truncated_at_us);
        dc_show_add(s, " dump_truncated_at_us: ");
        dc_show_add_u64(s, us);
        dc_show_add(s, " (deadline crossed after ");
        dc_show_add_us(s, us);
        dc_show_add(s, maps > 0 ? ");" : ")");
    }
    if (maps > 0) {
        dc_show_add(s, " maps_truncated: ");
        dc_show_add_u64(s, maps);
        dc_show_add(s, " (maps that are not in the report)");
    }
    s->ops->note(s, DC_STYLE_BAD);
}

/* Of a list the number of elements, of what else has members of its own that it is there. */
static struct dc_cell held(const struct dc_column *column, const struct dc_row *row) {
    const struct dc_field *field = &row->rec->type->fields[column->arg];
    if (field->shape != DC_ONE)
        return (struct dc_cell){.kind = DC_CELL_NUMBER,
                                .number = dc_list_of(row->rec, column->arg)->count};
    if (field->kind == DC_RECORD)
        return (struct dc_cell){.kind = DC_CELL_TEXT, .text = {"present", 7}};
    return dc_cell_of(row->rec, (size_t)column->arg);
}

/* All members but texts, by name and number. */
static void show_counts(struct dc_show *s, const struct dc_rec *rec) {
    struct dc_column columns[DC_MAX_FIELDS];
    struct dc_table table = {.name = "holds", .columns = columns};
    const struct dc_row row = {.rec = rec};
    for (size_t i = 0; i < rec->type->n_fields; i++) {
        if (!dc_has(rec, (int)i) || is_text(rec, i) || is_told(i))
            continue;
        columns[table.n_columns++] =
            (struct dc_column){.title = rec->type->fields[i].name,
                               .member = rec->type->fields[i].name,
                               .field = -1,
                               .make = held,
                               .arg = (int)i};
    }
    if (table.n_columns > 0)
        s->ops->record(s, &table, &row);
}

/* ---- maps ---- */

static void add_name(struct dc_show *s, struct dc_str name, size_t shown) {
    if (shown >= MOST_NAMES)
        return;
    dc_show_add(s, shown > 0 ? ", " : "");
    dc_show_add_short(s, name);
}

static void add_names_left(struct dc_show *s, size_t count) {
    if (count <= MOST_NAMES)
        return;
    dc_show_add(s, ", \xe2\x80\xa6 (+");
    dc_show_add_u64(s, count - MOST_NAMES);
    dc_show_add(s, " more)");
}

static void show_map_errors(struct dc_show *s, const struct dc_list *maps) {
    size_t errors = 0;
    dc_show_restart(s);
    for (struct dc_list_walk walk = dc_list_walk(maps); dc_list_next(&walk);)
        if (dc_has(walk.value.rec, DC_AT_MAP_error))
            add_name(s, dc_string(walk.value.rec, DC_AT_MAP_name), errors++);
    add_names_left(s, errors);
    if (errors > 0)
        s->ops->fact(s, "maps_with_error", DC_STYLE_WARN);
}

static size_t count_true(const bool *flags, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += flags[i];
    return count;
}

/* The addresses mean nothing to a person: the maps that have them do. */
static void show_active(struct dc_show *s, const struct dc_rec *rec) {
    const struct dc_list *active = dc_list_of(rec, DC_AT_SINGLE_active_map_kvas);
    const struct dc_list *maps = dc_list_of(rec, DC_AT_SINGLE_maps);
    uint64_t kvas[MOST_ACTIVE];
    bool seen[MOST_ACTIVE] = {false};
    size_t n = 0, found = 0;
    if (active->count == 0)
        return;
    for (struct dc_list_walk walk = dc_list_walk(active);
         n < MOST_ACTIVE && dc_list_next(&walk);)
        kvas[n++] = walk.value.u;
    dc_show_restart(s);
    dc_show_add_u64(s, active->count);
    dc_show_add(s, " (");
    for (struct dc_list_walk walk = dc_list_walk(maps); dc_list_next(&walk);) {
        uint64_t kva = dc_u64(walk.value.rec, DC_AT_MAP_map_kva);
        for (size_t i = 0; kva != 0 && i < n; i++) {
            if (kvas[i] != kva)
                continue;
            add_name(s, dc_string(walk.value.rec, DC_AT_MAP_name), found++);
            seen[i] = true;
            break;
        }
    }
    add_names_left(s, found);
    size_t kvas_found = count_true(seen, n);
    if (kvas_found < n) {
        dc_show_add(s, found ? "; " : "");
        dc_show_add_u64(s, n - kvas_found);
        dc_show_add(s, " of no map in the report");
    }
    if (n < active->count) {
        dc_show_add(s, "; ");
        dc_show_add_u64(s, active->count - n);
        dc_show_add(s, " not looked up");
    }
    dc_show_add(s, ")");
    s->ops->fact(s, "active_map_kvas", DC_STYLE_PLAIN);
}

/* ---- texts ---- */

/* The member before `field` that has the same text, or NULL: where a capture lacked one
   thing, the reasons of all sections are alike. */
static const char *same_before(const struct dc_rec *rec, size_t field) {
    struct dc_str text = dc_string(rec, (int)field);
    for (size_t i = 0; i < field; i++) {
        struct dc_str other =
            is_text(rec, i) ? dc_string(rec, (int)i) : (struct dc_str){0};
        if (other.p && other.len == text.len && memcmp(other.p, text.p, text.len) == 0)
            return rec->type->fields[i].name;
    }
    return NULL;
}

static void show_texts(struct dc_show *s, const struct dc_rec *rec) {
    for (size_t i = 0; i < rec->type->n_fields; i++) {
        if (!is_text(rec, i))
            continue;
        const char *same = same_before(rec, i);
        dc_show_restart(s);
        dc_show_add(s, same ? "(as " : "");
        dc_show_add(s, same ? same : "");
        dc_show_add(s, same ? ")" : "");
        if (!same)
            dc_show_add_str(s, dc_string(rec, (int)i));
        s->ops->fact(s, rec->type->fields[i].name, DC_STYLE_PLAIN);
    }
}

void dc_show_summary(struct dc_show *s) {
    const struct dc_rec *rec = s->snapshot->rec;
    if (rec->type != &dc_type_SINGLE) {
        dc_show_missing(s, DC_SECTION_SUMMARY, "not of a degraded report");
        return;
    }
    dc_show_restart(s);
    s->ops->section(s, &dc_sections[DC_SECTION_SUMMARY]);
    show_truncation(s, rec);
    show_counts(s, rec);
    show_active(s, rec);
    show_map_errors(s, dc_list_of(rec, DC_AT_SINGLE_maps));
    show_texts(s, rec);
    s->ops->section_end(s);
}
