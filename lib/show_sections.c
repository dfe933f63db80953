#include "lib/show_private.h"

#include <string.h>

enum { FEW_LINES = 2 };

/* Members that the banner shows in a form of its own. */
static bool is_shown(const struct dc_field *field) {
    static const char *const names[] = {"schema",         "vcpu_regs",
                                        "is_placeholder", "dumpctl",
                                        "maps_truncated", "dump_truncated_at_us"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(field->name, names[i]) == 0)
            return true;
    return false;
}

static bool is_text(const struct dc_rec *rec, size_t i) {
    const struct dc_field *row = &rec->type->fields[i];
    return row->kind == DC_STRING && row->shape == DC_ONE && !is_shown(row) &&
           dc_has(rec, (int)i);
}

/* What s->scratch holds, on this line or the next; not parted where one can hold it. */
static void put_whole(struct dc_show *s, unsigned indent) {
    struct dc_text *t = &s->text;
    if (t->column + s->scratch.len + 1 > t->width)
        dc_text_put(t, "\n%*s", (int)indent, "");
    else
        dc_text_put(t, " ");
    dc_text_fold(t, s->scratch.data, s->scratch.len, indent, 0);
}

/* Shown by a number, or as being there. */
static bool is_count(const struct dc_rec *rec, size_t i) {
    return dc_has(rec, (int)i) && !is_text(rec, i) && !is_shown(&rec->type->fields[i]);
}

static bool has_count_after(const struct dc_rec *rec, size_t i) {
    while (++i < rec->type->n_fields)
        if (is_count(rec, i))
            return true;
    return false;
}

/* Whether `decode` has more of the member than its number. */
static bool has_contents(const struct dc_rec *rec, size_t i) {
    const struct dc_field *row = &rec->type->fields[i];
    if (row->shape != DC_ONE)
        return dc_list_of(rec, (int)i)->count > 0;
    return row->kind == DC_RECORD || row->kind == DC_ANY;
}

/* All members but texts: "sections: maps: 3; task_enrichments: 12". Returns how many of
   them have contents. */
static size_t show_counts(struct dc_show *s, unsigned indent, const struct dc_rec *rec) {
    size_t count = 0, full = 0;
    for (size_t i = 0; i < rec->type->n_fields; i++) {
        const struct dc_field *row = &rec->type->fields[i];
        if (!is_count(rec, i))
            continue;
        full += has_contents(rec, i);
        if (count++ == 0)
            dc_show_label(s, indent, "sections");
        dc_show_restart(s);
        dc_show_add(s, row->name);
        dc_show_add(s, ": ");
        dc_show_add_value(s, rec, (int)i);
        if (has_count_after(rec, i))
            dc_show_add(s, ";");
        put_whole(s, indent + 2);
    }
    if (count > 0)
        dc_text_put(&s->text, "\n");
    return full;
}

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

static void show_texts(struct dc_show *s, unsigned indent, const struct dc_rec *rec) {
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
        dc_show_field(s, indent, rec->type->fields[i].name, DC_STYLE_PLAIN, FEW_LINES);
    }
}

/* A dump that hit its deadline lacks maps that nobody would miss otherwise. */
static void show_truncation(struct dc_show *s, unsigned indent,
                            const struct dc_rec *rec) {
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
    dc_show_note(s, indent, DC_STYLE_BAD);
}

void dc_show_sections(struct dc_show *s, unsigned indent,
                      const struct dc_snapshot *snapshot) {
    const struct dc_rec *rec = snapshot->rec;
    show_truncation(s, indent, rec);
    size_t full = show_counts(s, indent, rec);
    show_texts(s, indent, rec);
    if (full == 0)
        return;
    dc_show_restart(s);
    dc_show_add(s, "(`dumpctl decode` shows what is in these)");
    dc_show_note(s, indent, DC_STYLE_FAINT);
}
