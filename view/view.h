/*
 * view: the state of the screen: which report, which snapshot, which vCPU, what is on top.
 *
 * Keys go in, a canvas comes out; no terminal is needed. The documents belong to the
 * caller, who opens one at a time: a model is valid until the next is opened.
 *
 * A screen is a row of a table (view.c): a function that draws it and one that takes its
 * requests. The grid lies at the bottom; detail, facts and help open on top of it.
 */
#ifndef DUMPCTL_VIEW_VIEW_H
#define DUMPCTL_VIEW_VIEW_H

#include "lib/model.h"
#include "view/canvas.h"
#include "view/index.h"
#include "view/lines.h"
#include "view/request.h"

/* Below this the screen says so, and no more. */
enum { VIEW_LEAST_WIDTH = 40, VIEW_LEAST_HEIGHT = 10 };

struct view_documents {
    void *ctx;
    size_t count;        /* at least 1 */
    size_t failed_files; /* that had a fault; what could be read of them counts above */
    /* Opens document `i` < count and lends its model. 0, or -1 with `err` set: then the
       one that was open still is. */
    int (*open)(void *ctx, size_t i, const struct dc_model **model, struct dc_error *err);
};

/* How much of a vCPU its cell shows. */
enum view_zoom {
    VIEW_ZOOM_AUTO,  /* a line each where all have room, else words */
    VIEW_ZOOM_LINE,  /* a line: id, glyph, state, registers */
    VIEW_ZOOM_WORD,  /* id, glyph, state */
    VIEW_ZOOM_GLYPH, /* the glyph; the id of its first vCPU stands before a row */
    VIEW_N_ZOOMS,
};

enum view_top {
    VIEW_TOP_GRID,
    VIEW_TOP_DETAIL,
    VIEW_TOP_FACTS,
    VIEW_TOP_HELP,
    VIEW_N_TOPS,
};

struct view {
    struct view_documents documents;
    size_t document;              /* which one is open */
    const struct dc_model *model; /* borrowed from it */
    size_t snapshot;              /* of the model's; its last one at first */
    struct dc_buf cause;
    struct view_index index;
    enum view_filter filter;
    size_t selected; /* a vCPU's id */

    enum view_zoom zoom;
    size_t grid_top; /* the first row that is shown */

    enum view_top top;
    struct {
        enum view_top below; /* where Esc leads from it */
        size_t lines_top;    /* of it, while another screen lies on it */
    } tops[VIEW_N_TOPS];
    struct view_lines lines; /* of the screen on top, if that is one of text */
    size_t lines_top;
    bool lines_stale; /* to be built anew before drawing */

    char message[256]; /* for one key press; may hold bytes from outside */
    bool redraw;       /* the terminal is to be repainted from nothing */
    bool quit;
    struct view_canvas canvas;
};

/* Opens the first document; `width` and `height` as view_resize(). 0, or -1 with `err`
   set; view_done() must follow in both cases. */
int view_init(struct view *view, const struct view_documents *documents,
              struct dc_alloc alloc, bool ascii, unsigned width, unsigned height,
              struct dc_error *err) DC_MUST_USE;
void view_done(struct view *view);

/* Whether the canvas has no room for anything but words to that effect. */
bool view_too_small(const struct view *view);

/* Each side from 1 to VIEW_SIDE_MOST. 0, or -1 with `err` set. */
int view_resize(struct view *view, unsigned width, unsigned height,
                struct dc_error *err) DC_MUST_USE;

/* Does what `key` (enum view_key) asks for. 0, or -1 with `err` set where memory ran out. */
int view_press(struct view *view, int key, struct dc_error *err) DC_MUST_USE;

/* Draws all into view->canvas. 0, or -1 with `err` set where memory ran out. */
int view_draw(struct view *view, struct dc_error *err) DC_MUST_USE;

/* ---- for the screens ---- */

/* The snapshot that is shown; NULL where the document has none. */
const struct dc_snapshot *view_snapshot(const struct view *view);

/* The rows of the canvas between header and footer: [*from, *to). */
void view_body(const struct view *view, unsigned *from, unsigned *to);

/* A message for the line above the keys. */
void view_say(struct view *view, const char *fmt, ...) DC_PRINTF(2, 3);

/* Selects the next or the previous vCPU that is not_parked, or says that there is none. */
void view_select_bad(struct view *view, bool forward);

/* A character for a state that tells it from the others without colour, and its style. */
char view_glyph(enum dc_vcpu_state state);
enum dc_style view_state_style(enum dc_vcpu_state state);

#endif
