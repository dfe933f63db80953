#include "view/lines.h"

#include <stdio.h>
#include <string.h>

enum {
    INDENT = 2,
    NOTES = 20,        /* columns from the value to its note, where the value is short */
    NOTE_LEAST = 24,   /* columns that are worth folding a note into, beside its value */
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
    if (len > 0 && s[len - 1] == ' ')
        len--; /* at which it was folded */
    line->title = title;
    line->label = keep(lines, s, len);
    line->label_len = len;
}

void view_lines_title(struct view_lines *lines, const char *title, enum dc_style style) {
    add_label(lines, title, strlen(title), true, style);
}

void view_lines_text(struct view_lines *lines, struct dc_str text, enum dc_style style) {
    for (size_t i = 0; i < text.len && view_lines_ok(lines);) {
        size_t n = fold(lines, text.p + i, text.len - i, lines->width - 1);
        add_label(lines, text.p + i, n, true, style);
        i += n;
    }
}

void view_lines_raw(struct view_lines *lines, struct dc_str text, enum dc_style style) {
    add_label(lines, text.p, text.len, true, style);
}

void view_lines_words(struct view_lines *lines, const char *words, enum dc_style style) {
    view_lines_text(lines, (struct dc_str){words, strlen(words)}, style);
}

/* ---- values and notes ---- */

/* What does not fit before the values stands above its own. */
static bool add_long_label(struct view_lines *lines, struct dc_str label,
                           enum dc_style style) {
    if (view_canvas_width(lines->canvas, label.p, label.len) < lines->column - INDENT)
        return false;
    for (size_t i = 0; i < label.len && view_lines_ok(lines);) {
        size_t n = fold(lines, label.p + i, label.len - i, lines->width - INDENT);
        add_label(lines, label.p + i, n, false, style);
        i += n;
    }
    return true;
}

/* Behind the value, which ends on the last line, where it fits or can be folded there;
   else, and behind a value that was folded itself, below. */
static void add_note(struct view_lines *lines, const char *note, bool folded) {
    struct view_line *line = &lines->lines[lines->count - 1];
    size_t len = strlen(note), i = 0;
    unsigned value =
        view_canvas_width(lines->canvas, lines->text.data + line->value, line->value_len);
    unsigned column = line->column + (value + 2 > NOTES ? value + 2 : NOTES);
    unsigned room = column < lines->width ? lines->width - column : 0;
    bool beside = !folded && (len <= room || (value + 2 <= NOTES && room >= NOTE_LEAST));
    if (!beside) {
        column = lines->column;
        room = lines->width - column;
    }
    while (i < len) {
        line = i == 0 && beside ? line : add_line(lines, DC_STYLE_FAINT);
        if (!line)
            return;
        line->note = note + i;
        line->note_len = fold(lines, note + i, len - i, room);
        line->note_column = column;
        i += line->note_len;
    }
}

void view_lines_add(struct view_lines *lines, struct dc_str label, struct dc_str value,
                    const char *note, enum dc_style style) {
    unsigned columns = lines->width - lines->column;
    size_t shown = value.len < VALUE_MOST ? value.len : VALUE_MOST, i = 0;
    char rest[80];
    bool above = add_long_label(lines, label, style);
    do {
        struct view_line *line = add_line(lines, style);
        if (!line)
            return;
        line->label_len = i == 0 && !above ? label.len : 0;
        line->label = keep(lines, label.p, line->label_len);
        line->value_len = shown > 0 ? fold(lines, value.p + i, shown - i, columns) : 0;
        line->value = keep(lines, value.p + i, line->value_len);
        i += line->value_len;
    } while (i < shown);
    if (shown == value.len) {
        if (note && view_lines_ok(lines))
            add_note(lines, note, lines->lines[lines->count - 1].value_len < value.len);
        return;
    }
    int n = snprintf(rest, sizeof(rest), "... (+%zu more bytes: dumpctl decode)",
                     value.len - shown);
    view_lines_add(lines, (struct dc_str){"", 0}, (struct dc_str){rest, (size_t)n}, NULL,
                   DC_STYLE_FAINT);
}

/* ---- drawing ---- */

static void draw_line(const struct view_lines *lines, const struct view_line *line,
                      struct view_canvas *canvas, unsigned y) {
    struct view_pen pen = view_pen(canvas, line->title ? 1 : INDENT, y, canvas->width);
    const char *text = lines->text.data;
    pen.style = line->style;
    if (line->label_len > 0)
        view_pen_cut(&pen, text + line->label, line->label_len, canvas->width);
    if (line->title)
        return;
    view_pen_tab(&pen, line->column);
    if (line->value_len > 0)
        view_pen_add(&pen, text + line->value, line->value_len);
    if (!line->note)
        return;
    pen.style = DC_STYLE_FAINT;
    view_pen_tab(&pen, line->note_column);
    view_pen_add(&pen, line->note, line->note_len);
}

void view_lines_draw(const struct view_lines *lines, struct view_canvas *canvas,
                     size_t top, unsigned from, unsigned to) {
    for (unsigned y = from; y < to && top < lines->count; y++)
        draw_line(lines, &lines->lines[top++], canvas, y);
}
