#include "view/record.h"

#include "lib/members.h"
#include "lib/number.h"

#include <string.h>

static const char *unit_name(enum dc_unit unit) {
    static const char *const names[] = {
        [DC_BYTES] = " bytes", [DC_PAGES] = " pages", [DC_NS] = " ns",
        [DC_US] = " us",       [DC_MS] = " ms",       [DC_JIFFIES] = " jiffies",
        [DC_BITMAP] = "",
    };
    return names[unit] ? names[unit] : "";
}

enum { NUMBER_AND_UNIT = DC_NUMBER_MAX + 16 };

static size_t format_number(const struct dc_field *field, const union dc_slot *slot,
                            char out[NUMBER_AND_UNIT]) {
    size_t n;
    if (field->unit == DC_ADDRESS)
        return dc_format_hex(slot->u, 16, out);
    if (field->unit == DC_BITMAP)
        return dc_format_hex(slot->u, 1, out);
    if (field->kind == DC_I32 || field->kind == DC_I64)
        n = dc_format_i64(slot->i, out);
    else if (field->kind == DC_F64)
        n = dc_format_f64(slot->f, out);
    else
        n = dc_format_u64(slot->u, out);
    const char *unit = unit_name(field->unit);
    memcpy(out + n, unit, strlen(unit));
    return n + strlen(unit);
}

/* How many elements a list has, in words that are no value. */
static size_t format_count(size_t count, char out[NUMBER_AND_UNIT]) {
    size_t n = dc_format_u64(count, out);
    const char *words = count == 1 ? " entry" : " entries";
    memcpy(out + n, words, strlen(words));
    return n + strlen(words);
}

/* The value of a field that is there; p NULL for a record, which is a section. */
static struct dc_str field_value(const struct dc_field *field, const union dc_slot *slot,
                                 char out[NUMBER_AND_UNIT]) {
    if (field->shape != DC_ONE)
        return (struct dc_str){out, format_count(slot->list->count, out)};
    if (field->kind == DC_RECORD)
        return (struct dc_str){NULL, 0};
    if (field->kind == DC_STRING)
        return *slot->str;
    if (field->kind == DC_ANY)
        return *slot->any;
    if (field->kind == DC_BOOL)
        return slot->u ? (struct dc_str){"true", 4} : (struct dc_str){"false", 5};
    return (struct dc_str){out, format_number(field, slot, out)};
}

/* What only says the name again is no help. */
static const char *note_of(const struct dc_field *field) {
    return strcmp(field->name, field->meaning) == 0 ? NULL : field->meaning;
}

static void add_unknown(struct view_lines *lines, const struct dc_rec *rec,
                        const struct dc_report *report) {
    struct dc_known known = {rec->type, rec->type};
    struct dc_members members;
    struct dc_error ignored;
    struct dc_span object = {report->text + rec->at, report->len - rec->at};
    if (dc_members_collect(&members, lines->text.alloc, report->text, object,
                           dc_members_unknown, &known, &ignored) < 0)
        lines->text.failed = true;
    for (size_t i = 0; dc_buf_ok(&lines->text) && i < members.count; i++) {
        struct dc_member member = dc_members_get(&members, i);
        view_lines_add(lines, (struct dc_str){member.name.p, member.name.len},
                       (struct dc_str){member.value.p, member.value.len},
                       "not a known member", DC_STYLE_PLAIN);
    }
    dc_members_done(&members);
}

static bool is_skipped(uint32_t skip, size_t field) {
    return skip >> field & 1;
}

void view_record_add(struct view_lines *lines, const struct dc_rec *rec, uint32_t skip,
                     const struct dc_report *report) {
    char number[NUMBER_AND_UNIT];
    for (size_t i = 0; rec && i < rec->type->n_fields; i++) {
        const struct dc_field *field = &rec->type->fields[i];
        const union dc_slot *slot = dc_slot(rec, (int)i);
        struct dc_str label = {field->name, strlen(field->name)};
        struct dc_str value = {NULL, 0};
        if (slot && !is_skipped(skip, i))
            value = field_value(field, slot, number);
        if (value.p)
            view_lines_add(lines, label, value, note_of(field), DC_STYLE_PLAIN);
    }
    if (rec && dc_has_unknown(rec))
        add_unknown(lines, rec, report);
}

void view_record_section(struct view_lines *lines, const char *title,
                         const struct dc_rec *rec, uint32_t skip,
                         const struct dc_report *report) {
    size_t before = lines->count;
    if (!rec)
        return;
    view_lines_title(lines, "", DC_STYLE_PLAIN);
    view_lines_title(lines, title, DC_STYLE_TITLE);
    size_t empty = lines->count;
    view_record_add(lines, rec, skip, report);
    if (lines->count == empty)
        lines->count = before;
    for (size_t i = 0; i < rec->type->n_fields; i++) {
        const struct dc_field *field = &rec->type->fields[i];
        if (field->kind == DC_RECORD && field->shape == DC_ONE && !is_skipped(skip, i))
            view_record_section(lines, field->name, dc_record(rec, (int)i), 0, report);
    }
}
