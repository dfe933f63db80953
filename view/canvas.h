/*
 * canvas: the screen as a grid of cells, without a terminal.
 *
 * Screens draw into it with pens; the terminal shows it, `--once` and the tests print it.
 * Everything is clipped: no place outside of the canvas can be written. A cell holds one
 * character with its combining marks; of a character of two columns the second cell holds
 * nothing. Text from outside goes in through view_pen_add(), which escapes it
 * (lib/escape.h).
 */
#ifndef DUMPCTL_VIEW_CANVAS_H
#define DUMPCTL_VIEW_CANVAS_H

#include "lib/buf.h"
#include "lib/doc.h"
#include "lib/text.h"

#include <stdbool.h>
#include <stddef.h>

enum { VIEW_SIDE_MOST = 1000 }; /* columns and rows */

/* To be added to an enum dc_style: with the colours of text and ground exchanged. */
enum { VIEW_REVERSE = 0x40 };

struct view_cell {
    char text[14];       /* UTF-8, not terminated; marks that do not fit are left out */
    unsigned char len;   /* 0: second half of the character before */
    unsigned char style; /* an enum dc_style, perhaps with VIEW_REVERSE */
};

struct view_canvas {
    struct dc_alloc alloc;
    unsigned width, height;
    struct view_cell *cells; /* row by row */
    bool failed;             /* memory ran out while something was drawn */
    bool ascii;              /* other characters become \uNNNN: not a UTF-8 terminal */
};

void view_canvas_init(struct view_canvas *canvas, struct dc_alloc alloc, bool ascii);
void view_canvas_done(struct view_canvas *canvas);

/* Another size, each side from 1 to VIEW_SIDE_MOST; all blank afterwards. 0, or -1 with
   `err` set where memory ran out: then the canvas is as it was. */
int view_canvas_resize(struct view_canvas *canvas, unsigned width, unsigned height,
                       struct dc_error *err) DC_MUST_USE;

void view_canvas_clear(struct view_canvas *canvas);

/* Gives back what words were put together in; where that failed it is remembered until
   view_canvas_clear(). */
void view_canvas_forget(struct view_canvas *canvas, struct dc_buf *words);

/* The cell, or NULL outside. */
const struct view_cell *view_canvas_cell(const struct view_canvas *canvas, unsigned x,
                                         unsigned y);

/* All rows, each with its newline and without the blanks at its end. */
void view_canvas_print(const struct view_canvas *canvas, struct dc_text *out);

/* Writes in one row from left to right; stops at `end`. */
struct view_pen {
    struct view_canvas *canvas;
    unsigned x, y;
    unsigned end; /* the first column that it must not touch */
    unsigned style;
};

/* A pen for the columns [x, end) of row y; what lies outside of the canvas is cut off. */
struct view_pen view_pen(struct view_canvas *canvas, unsigned x, unsigned y,
                         unsigned end);

/* The columns that are left. */
unsigned view_pen_room(const struct view_pen *pen);

/* Our own words: printf format whose %s arguments are our own too. */
void view_pen_put(struct view_pen *pen, const char *fmt, ...) DC_PRINTF(2, 3);

/* A string from outside, escaped; without the characters that have no room. Returns how
   many of its bytes were written. */
size_t view_pen_add(struct view_pen *pen, const char *s, size_t len);

/* As view_pen_add(), in at most `columns`; where it has no room it ends in "...". */
void view_pen_cut(struct view_pen *pen, const char *s, size_t len, unsigned columns);

/* How many bytes of s[0..len) have room in `columns`, escaped as this canvas wants it. */
size_t view_canvas_fit(const struct view_canvas *canvas, const char *s, size_t len,
                       unsigned columns);

/* The columns of all of s[0..len), escaped as this canvas wants it. */
unsigned view_canvas_width(const struct view_canvas *canvas, const char *s, size_t len);

/* Blanks up to column `x` of the canvas, or to the end. */
void view_pen_tab(struct view_pen *pen, unsigned x);

#endif
