/*
 * lines: text of any length for a screen, built once and scrolled.
 *
 * A line has a label, a value and a note; all are folded to the width when they are
 * added, so that nothing is cut. Labels and values may come from outside: they are copied
 * as they are and escaped when they are drawn. Notes are our own words.
 */
#ifndef DUMPCTL_VIEW_LINES_H
#define DUMPCTL_VIEW_LINES_H

#include "lib/buf.h"
#include "lib/doc.h"
#include "view/canvas.h"

struct view_line {
    size_t label, label_len; /* in the buffer */
    size_t value, value_len;
    const char *note; /* NULL: none */
    size_t note_len;
    bool title;      /* the label goes over the whole width */
    unsigned column; /* where the value begins */
    unsigned note_column;
    enum dc_style style;
};

struct view_lines {
    const struct view_canvas *canvas; /* to measure with */
    unsigned width;                   /* columns to fold to */
    unsigned column;                  /* of the values that are added next */
    struct dc_buf text;
    struct view_line *lines;
    size_t count, room;
};

void view_lines_init(struct view_lines *lines, const struct view_canvas *canvas);
void view_lines_done(struct view_lines *lines);

/* Forgets everything; what is added next is folded to the width of the canvas. */
void view_lines_begin(struct view_lines *lines);

/* From now on values begin `column` columns from the left (less on narrow screens). */
void view_lines_column(struct view_lines *lines, unsigned column);

/* Whether memory sufficed for all that was added. */
bool view_lines_ok(const struct view_lines *lines);

/* A line of our own words over the whole width; "" is an empty one. */
void view_lines_title(struct view_lines *lines, const char *title, enum dc_style style);

/* Our own words, folded over the whole width. */
void view_lines_words(struct view_lines *lines, const char *words, enum dc_style style);

/* The same for a string from outside. */
void view_lines_text(struct view_lines *lines, struct dc_str text, enum dc_style style);

/* The same in one line, of which there must be no more than the canvas has columns. */
void view_lines_raw(struct view_lines *lines, struct dc_str text, enum dc_style style);

/* A label that has no room before the values stands above its own. `note` must be a
   constant, or NULL. */
void view_lines_add(struct view_lines *lines, struct dc_str label, struct dc_str value,
                    const char *note, enum dc_style style);

/* Draws from line `top` on into the rows [from, to). */
void view_lines_draw(const struct view_lines *lines, struct view_canvas *canvas,
                     size_t top, unsigned from, unsigned to);

#endif
