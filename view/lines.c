#include "view/lines.h"

#include "lib/members.h"
#include "lib/number.h"

#include <stdio.h>
#include <string.h>

enum {
    INDENT = 2,
    NOTES = 20,        /* columns from the value to its note, where the value is short */
    VALUE_MOST = 4096, /* bytes of one value that are shown */
};

void view_lines_init(struct view_lines *lines, const struct view_canvas *canvas) {
    *lines = (struct view_lines){.canvas = canvas};
    dc_buf_init(&lines->text, canvas->alloc);
}

void view_lines_done(struct view_lines *lines) {
    struct dc_alloc alloc = lines->text.alloc;
    if (lines->lines)
        alloc.resize(alloc.ctx, lines->lines, 0);
    lines->lines = NULL;
    lines->count = lines->room = 0;
    dc_buf_done(&lines->text);
}

void view_lines_begin(struct view_lines *lines) {
    lines->text.len = 0;
    lines->text.failed = false;
    lines->count = 0;
    lines->width = lines->canvas->width;
    lines->column = INDENT;
}

void view_lines_column(struct view_lines *lines, unsigned column) {
    lines->column = column < lines->width / 2 ? column : lines->width / 2;
}

bool view_lines_ok(const struct view_lines *lines) {
    return dc_buf_ok(&lines->text);
}

/* A new line, or NULL without memory. */
static struct view_line *add_line(struct view_lines *lines, enum dc_style style) {
    if (lines->count == lines->room) {
        struct dc_alloc alloc = lines->text.alloc;
        size_t room = lines->room ? lines->room * 2 : 64;
        void *p = alloc.resize(alloc.ctx, lines->lines, room * sizeof(*lines->lines));
        if (!p) {
            lines->text.failed = true;
            return NULL;
        }
        lines->lines = p;
        lines->room = room;
    }
    struct view_line *line = &lines->lines[lines->count++];
    *line = (struct view_line){.style = style, .column = lines->column};
    return line;
}

static size_t keep(struct view_lines *lines, const char *s, size_t len) {
    size_t at = lines->text.len;
    if (len > 0)
        dc_buf_add(&lines->text, s, len);
    return at;
}

/* How many bytes go on one line: all, or up to a blank, or as many as have room. */
static size_t fold(const struct view_lines *lines, const char *s, size_t len,
                   unsigned columns) {
    size_t n = view_canvas_fit(lines->canvas, s, len, columns);
    if (n == len)
        return n;
    for (size_t i = n; i > n / 2; i--)
        if (s[i] == ' ')
            return i + 1;
    return n > 0 ? n : 1;
}

static void add_label(struct view_lines *lines, const char *s, size_t len, bool title,
                      enum dc_style style) {
    struct view_line *line = add_line(lines, style);
    if (!line)
        return;
    line->title = title;
    line->label = keep(lines, s, len);
    line->label_len = len;
}

void view_lines_title(struct view_lines *lines, const char *title, enum dc_style style) {
    add_label(lines, title, strlen(title), true, style);
}

void view_lines_words(struct view_lines *lines, const char *words, enum dc_style style) {
    size_t len = strlen(words);
    for (size_t i = 0; i < len;) {
        size_t n = fold(lines, words + i, len - i, lines->width - 1);
        add_label(lines, words + i, n, true, style);
        i += n;
    }
}

void view_lines_add(struct view_lines *lines, struct dc_str label, struct dc_str value,
                    const char *note, enum dc_style style) {
    unsigned columns = lines->width - lines->column;
    size_t shown = value.len < VALUE_MOST ? value.len : VALUE_MOST, i = 0;
    char rest[64];
    do {
        struct view_line *line = add_line(lines, style);
        if (!line)
            return;
        line->label_len = i == 0 ? label.len : 0;
        line->label = keep(lines, label.p, line->label_len);
        line->value_len = shown > 0 ? fold(lines, value.p + i, shown - i, columns) : 0;
        line->value = keep(lines, value.p + i, line->value_len);
        line->note = i + line->value_len == value.len ? note : NULL;
        i += line->value_len;
    } while (i < shown);
    if (shown == value.len)
        return;
    int n = snprintf(rest, sizeof(rest), "... (+%zu more bytes)", value.len - shown);
    view_lines_add(lines, (struct dc_str){"", 0}, (struct dc_str){rest, (size_t)n}, NULL,
                   DC_STYLE_FAINT);
}

/* ---- records ---- */

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

/* The value of a field that is there; p NULL where it is more than one value. */
static struct dc_str field_value(const struct dc_field *field, const union dc_slot *slot,
                                 char out[NUMBER_AND_UNIT]) {
    if (field->shape != DC_ONE || field->kind == DC_RECORD)
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

void view_lines_record(struct view_lines *lines, const struct dc_rec *rec, uint32_t skip,
                       const struct dc_report *report) {
    char number[NUMBER_AND_UNIT];
    for (size_t i = 0; rec && i < rec->type->n_fields; i++) {
        const struct dc_field *field = &rec->type->fields[i];
        const union dc_slot *slot = dc_slot(rec, (int)i);
        struct dc_str label = {field->name, strlen(field->name)};
        struct dc_str value = {NULL, 0};
        if (slot && !(skip >> i & 1))
            value = field_value(field, slot, number);
        if (value.p)
            view_lines_add(lines, label, value, note_of(field), DC_STYLE_PLAIN);
    }
    if (rec && dc_has_unknown(rec))
        add_unknown(lines, rec, report);
}

/* ---- drawing ---- */

static void draw_line(const struct view_lines *lines, const struct view_line *line,
                      struct view_canvas *canvas, unsigned y) {
    struct view_pen pen = view_pen(canvas, line->title ? 1 : INDENT, y, canvas->width);
    const char *text = lines->text.data;
    pen.style = line->style;
    if (line->label_len > 0)
        view_pen_cut(&pen, text + line->label, line->label_len,
                     line->title ? canvas->width : line->column - INDENT - 1);
    if (line->title)
        return;
    view_pen_tab(&pen, line->column);
    if (line->value_len > 0)
        view_pen_add(&pen, text + line->value, line->value_len);
    if (!line->note || view_pen_room(&pen) < 3)
        return;
    pen.style = DC_STYLE_FAINT;
    view_pen_put(&pen, "  ");
    view_pen_tab(&pen, line->column + NOTES);
    view_pen_cut(&pen, line->note, strlen(line->note), view_pen_room(&pen));
}

void view_lines_draw(const struct view_lines *lines, struct view_canvas *canvas,
                     size_t top, unsigned from, unsigned to) {
    for (unsigned y = from; y < to && top < lines->count; y++)
        draw_line(lines, &lines->lines[top++], canvas, y);
}
