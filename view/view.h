/*
 * view: the state of the screen: which report, which snapshot, which vCPU, what is on top.
 *
 * Keys go in, a canvas comes out; no terminal is needed. The documents belong to the
 * caller, who opens one at a time: a model is valid until the next is opened.
 *
 * A screen is a row of a table (view.c). At the bottom lies the list of documents, where
 * there are several; on it the tabs of one report: the grid of its vCPUs and a sheet for
 * each of its sections; on these open detail, record, facts and help, which are texts.
 */
#ifndef DUMPCTL_VIEW_VIEW_H
#define DUMPCTL_VIEW_VIEW_H

#include "lib/model.h"
#include "view/canvas.h"
#include "view/index.h"
#include "view/lines.h"
#include "view/pair.h"
#include "view/prompt.h"
#include "view/request.h"
#include "view/sheet.h"
#include "view/tabs.h"

/* Below this the screen says so, and no more. */
enum { VIEW_LEAST_WIDTH = 40, VIEW_LEAST_HEIGHT = 10 };

/* What a document of a list is beside its line. */
enum view_mark {
    VIEW_MARK_NONE,
    VIEW_MARK_NEW,  /* nobody has opened it */
    VIEW_MARK_BAD,  /* it cannot be opened, and the line says why */
    VIEW_MARK_GONE, /* its file is; what it said is still there */
    VIEW_N_MARKS,
};

struct view;
struct view_live;

struct view_documents {
    void *ctx;
    size_t count;        /* at least 1, but see `waiting` */
    size_t failed_files; /* that had a fault; what could be read of them counts above */
    /* Opens document `i` < count and lends its model. 0, or -1 with `err` set: then the
       one that was open still is. */
    int (*open)(void *ctx, size_t i, const struct dc_model **model, struct dc_error *err);
    /* Document `i` in a line, which may hold any bytes, until the next call; NULL: there is
       no list of documents. */
    struct dc_str (*line)(void *ctx, size_t i);
    /* Where documents come and go (view_documents_change()): what is waited for, to be said
       while there is none. There is a list then, whatever it holds, and it comes first.
       NULL: they stay. */
    const char *waiting;
    enum view_mark (*mark)(void *ctx, size_t i); /* NULL: none has any */
    size_t (*newest)(void *ctx);                 /* while count > 0. NULL: the last */
    /* Document 0 is a capture that goes on (view/live.h). What it lends stays until the feed
       is asked again. NULL: all are reports. */
    const struct view_live *(*live)(void *ctx);
    /* Whether the screen may be left now; what it says (view_say()) is seen if not. NULL:
       always. */
    bool (*may_leave)(void *ctx, struct view *view);
    const struct dc_model *base; /* what the only document is compared with, or NULL */
    const struct dc_symbols *symbols; /* names for addresses, or NULL */
    bool clipboard;                   /* the terminal is trusted with it (OSC 52) */
};

/* How much of a vCPU its cell shows. */
enum view_zoom {
    VIEW_ZOOM_AUTO,  /* a line each where all have room, else words */
    VIEW_ZOOM_LINE,  /* a line: id, glyph, state, registers */
    VIEW_ZOOM_WORD,  /* id, glyph, state */
    VIEW_ZOOM_ID,    /* id, glyph */
    VIEW_ZOOM_GLYPH, /* the glyph; the id of its first vCPU stands before a row */
    VIEW_N_ZOOMS,
};

enum view_top {
    VIEW_TOP_GRID,
    VIEW_TOP_SHEET,
    VIEW_TOP_LIST,
    VIEW_TOP_DETAIL,
    VIEW_TOP_RECORD,
    VIEW_TOP_FACTS,
    VIEW_TOP_HELP,
    VIEW_N_TOPS,
};

struct view {
    struct view_documents documents;
    size_t document;              /* which one is open */
    const struct dc_model *model; /* borrowed from it; NULL: none is open yet */
    struct view_pair pair;
    struct dc_buf cause;
    struct dc_cell_style cells; /* names of addresses, for this model */
    struct view_index index;
    size_t selected; /* a vCPU's id */
    size_t grid_top; /* the first row that is shown */

    struct view_tabs tabs;
    struct view_sheet sheets[VIEW_N_TABS];

    struct {
        size_t cursor, top;
        char search[VIEW_INPUT];
    } list;

    struct {
        size_t lines_top;    /* of it, while another screen lies on it */
        enum view_top below; /* where Esc leads from it */
    } tops[VIEW_N_TOPS];
    struct view_lines lines; /* of the screen on top, if that is one of text */
    size_t lines_top;

    struct view_prompt prompt;
    struct view_canvas canvas;
    struct dc_buf clip;      /* to be given to the terminal's clipboard */
    char message[256];       /* for one key press; may hold bytes from outside */
    char search[VIEW_INPUT]; /* among the vCPUs; "": none */

    enum view_top top;
    enum view_side side;
    enum view_filter filter;
    enum view_order order;
    enum view_zoom zoom;
    bool grouped;     /* the grid has a line for each instruction pointer */
    bool lines_stale; /* to be built anew before drawing */
    bool mouse;       /* wanted */
    bool redraw;      /* the terminal is to be repainted from nothing */
    bool clip_ready;  /* cleared by who has taken view->clip */
    bool quit;
};

/* Opens the first document, or lists them where there are several; `width` and `height` as
   view_resize(). 0, or -1 with `err` set; view_done() must follow in both cases. */
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

/* The mouse at a column and row from 0: selects, and opens what was selected. As above. */
int view_click(struct view *view, unsigned x, unsigned y,
               struct dc_error *err) DC_MUST_USE;

/* What stands in place of the list of documents now, for view_documents_change(). */
struct view_change {
    size_t count, failed_files; /* as in struct view_documents */
    size_t document;            /* where the open one stands; any, where none is open */
    size_t cursor;              /* where the one stands that was selected in the list */
    const char *waiting;
};

/* Documents have come, have gone, or stand elsewhere. The open one stays open: it must be
   among them. */
void view_documents_change(struct view *view, const struct view_change *change);

/*
 * The open document has another model, its old one is still valid: selection, tab, filters
 * and searches stay as far as the new one has them. 0, or -1 with `err` set where memory
 * ran out.
 */
int view_replace(struct view *view, const struct dc_model *model,
                 struct dc_error *err) DC_MUST_USE;

/* Draws all into view->canvas. 0, or -1 with `err` set where memory ran out. */
int view_draw(struct view *view, struct dc_error *err) DC_MUST_USE;

/* ---- for the screens ---- */

/* The snapshot that is shown; NULL where the document has none. */
const struct dc_snapshot *view_snapshot(const struct view *view);

/* The model that it is of. */
const struct dc_model *view_model(const struct view *view);

/* The rows of the canvas between header and footer: [*from, *to). */
void view_body(const struct view *view, unsigned *from, unsigned *to);

/* A message for the line above the keys. */
void view_say(struct view *view, const char *fmt, ...) DC_PRINTF(2, 3);

/* Selects the next or the previous vCPU that the search finds or, without one, that is
   not_parked; or says that there is none. 0, or -1 with `err` set. */
int view_select_next(struct view *view, bool forward, struct dc_error *err) DC_MUST_USE;

/* Opens document `i` where it is not open; says what is wrong with it where it cannot be.
   0, or -1 with `err` set where memory ran out. */
int view_open_document(struct view *view, size_t i, struct dc_error *err) DC_MUST_USE;

/* Moves a window of `page` rows so that row `at` of `count` is in it. */
void view_scroll_to(size_t at, size_t count, size_t page, size_t *top);

/* A character for a state that tells it from the others without colour, and its style. */
char view_glyph(unsigned state);
enum dc_style view_state_style(unsigned state);

#endif
