/*
 * sheet: the screen of one section: lines that are moved in, folded, sorted, filtered and
 * searched.
 *
 * Each tab has a sheet of its own, so that one comes back to where one was. Its outline
 * (lib/outline.h) is built when the tab is first seen.
 */
#ifndef DUMPCTL_VIEW_SHEET_H
#define DUMPCTL_VIEW_SHEET_H

#include "lib/outline.h"
#include "view/canvas.h"
#include "view/prompt.h"
#include "view/request.h"

struct view;

/* A row of the screen: a line, or a part of one that is folded to the width. */
struct view_row {
    struct dc_outline_line *line;
    unsigned from, len; /* of its words, where it is a paragraph */
};

struct view_sheet {
    bool built;
    struct dc_outline outline;
    struct view_row *rows; /* what the filter lets through */
    size_t count, room;
    unsigned width;          /* for which they were made; 0: to be made anew */
    size_t cursor;           /* the first row of the selected line */
    size_t top;              /* the first row that is shown */
    size_t column;           /* the selected one, of all tables */
    char filter[VIEW_INPUT]; /* "": none */
    char search[VIEW_INPUT];
    struct dc_buf kept; /* view/keep.h: of the report before, until it is built anew */
};

/* Forgets what was built of a report; where one was stays. */
void view_sheet_done(struct view_sheet *sheet, struct dc_alloc alloc);

/* Makes the current tab's sheet ready to be drawn and moved in. 0, or -1 with `err` set
   where memory ran out. */
int view_sheet_build(struct view *view, struct dc_error *err) DC_MUST_USE;

/* Does what is asked of it; what is not its own is left alone. As above. */
int view_sheet_request(struct view *view, enum view_request request,
                       struct dc_error *err) DC_MUST_USE;

/* To the next line, or the one before, that the search finds; says so where none is. */
int view_sheet_find(struct view *view, bool forward, struct dc_error *err) DC_MUST_USE;

/* The line under the cursor; NULL where there is none. */
struct dc_outline_line *view_sheet_line(const struct view_sheet *sheet);

/* Selects what stands in row `y` of the canvas, column `x`. false: nothing does. */
bool view_sheet_click(struct view *view, unsigned x, unsigned y);

/* The current tab's; NULL where that is none of a sheet. */
struct view_sheet *view_sheet(struct view *view);

/* Adds the words of a paragraph, which rows are parts of. */
void view_sheet_paragraph(const struct view_sheet *sheet,
                          const struct dc_outline_line *line, struct dc_buf *out);

/* ---- sheet_rows.c ---- */

/* Makes the rows anew and keeps the cursor on `selected`, where that is among them. 0, or
   -1 with `err` set where memory ran out. */
int view_sheet_rows(struct view *view, struct view_sheet *sheet,
                    const struct dc_outline_line *selected,
                    struct dc_error *err) DC_MUST_USE;

/* ---- sheet_draw.c ---- */

void view_sheet_draw(struct view *view);

/* What the status line says of the selected line: left and right. */
void view_sheet_status(struct view *view, struct view_pen *pen);
void view_sheet_place(const struct view *view, char *text, size_t size);

/* Rows that the titles of a table take at the top of the body while its rows scroll. */
unsigned view_sheet_pinned(const struct view_sheet *sheet);

/* Columns that lines stand deeper for their level. */
unsigned view_sheet_indent(const struct view_canvas *canvas,
                           const struct dc_outline_line *line);

#endif
