#include "view/view.h"

#include "view/detail.h"
#include "view/facts.h"
#include "view/frame.h"
#include "view/grid.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void text_request(struct view *view, enum view_request request);

/* What can be on top; in the order of enum view_top. */
static const struct screen {
    unsigned where;                                        /* for the table of keys */
    void (*build)(struct view *view);                      /* a text: fills view->lines */
    void (*request)(struct view *view, enum view_request); /* moving about */
} screens[] = {
    [VIEW_TOP_GRID] = {VIEW_IN_GRID, NULL, view_grid_request},
    [VIEW_TOP_DETAIL] = {VIEW_IN_DETAIL, view_detail_build, text_request},
    [VIEW_TOP_FACTS] = {VIEW_IN_FACTS, view_facts_build, text_request},
    [VIEW_TOP_HELP] = {VIEW_IN_HELP, view_help_build, text_request},
};

/* ---- shared by the screens ---- */

const struct dc_snapshot *view_snapshot(const struct view *view) {
    return view->model->n_snapshots ? &view->model->snapshots[view->snapshot] : NULL;
}

void view_body(const struct view *view, unsigned *from, unsigned *to) {
    *from = VIEW_HEADER_ROWS;
    *to = view->canvas.height - VIEW_FOOTER_ROWS;
}

void view_say(struct view *view, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(view->message, sizeof(view->message), fmt, ap);
    va_end(ap);
}

char view_glyph(enum dc_vcpu_state state) {
    static const char glyphs[] = {
        [DC_PARKED] = '.', [DC_NOT_PARKED] = 'X', [DC_UNAVAILABLE] = '?'};
    return glyphs[state];
}

enum dc_style view_state_style(enum dc_vcpu_state state) {
    static const enum dc_style styles[] = {[DC_PARKED] = DC_STYLE_GOOD,
                                           [DC_NOT_PARKED] = DC_STYLE_BAD,
                                           [DC_UNAVAILABLE] = DC_STYLE_WARN};
    return styles[state];
}

void view_select_bad(struct view *view, bool forward) {
    size_t before = view_index_find(&view->index, view->selected), pos = before;
    if (!view_index_next_bad(&view->index, forward, &pos)) {
        view_say(view, view->filter == VIEW_ALL ? "no vCPU is not_parked"
                                                : "no vCPU that is shown is not_parked");
        return;
    }
    if (pos == before)
        view_say(view, "there is no other that is not_parked");
    else if ((pos > before) != forward)
        view_say(view, forward ? "from the beginning again" : "from the end again");
    view->selected = view_index_id(&view->index, pos);
    view->lines_stale = true;
}

/* ---- documents and snapshots ---- */

/* The selection stays where it was, as far as that vCPU is shown. */
static int build_index(struct view *view, struct dc_error *err) {
    if (view_index_build(&view->index, view_snapshot(view), view->filter, err) < 0)
        return -1;
    if (view->index.shown > 0)
        view->selected =
            view_index_id(&view->index, view_index_find(&view->index, view->selected));
    else if (view->top == VIEW_TOP_DETAIL)
        view->top = VIEW_TOP_GRID;
    view->lines_stale = true;
    return 0;
}

static int take_model(struct view *view, size_t document, const struct dc_model *model,
                      struct dc_error *err) {
    struct dc_alloc alloc = view->canvas.alloc;
    view->document = document;
    view->model = model;
    view->snapshot = model->n_snapshots ? model->n_snapshots - 1 : 0;
    view->selected = view->grid_top = view->lines_top = 0;
    view->top = VIEW_TOP_GRID;
    dc_buf_done(&view->cause);
    dc_buf_init(&view->cause, alloc);
    dc_model_cause(model, &view->cause);
    if (!dc_buf_ok(&view->cause))
        return dc_fail(err, DC_ENOMEM, "out of memory");
    return build_index(view, err);
}

static int change_document(struct view *view, bool forward, struct dc_error *err) {
    const struct dc_model *model;
    struct dc_error fault;
    size_t next = forward ? view->document + 1 : view->document - 1;
    if (next >= view->documents.count) { /* before the first too: it wraps */
        view_say(view, forward ? "this is the last report" : "this is the first report");
        return 0;
    }
    if (view->documents.open(view->documents.ctx, next, &model, &fault) < 0) {
        view_say(view, "%s", fault.message);
        return 0;
    }
    return take_model(view, next, model, err);
}

static int change_phase(struct view *view, struct dc_error *err) {
    struct dc_str skipped = view->model->early_skipped_reason;
    if (view->model->variant != DC_DUAL) {
        view_say(view, "only a dual report has an early and a late snapshot");
        return 0;
    }
    if (view->model->n_snapshots < 2) {
        int len = skipped.len < 200 ? (int)skipped.len : 200;
        view_say(view, "there is no early snapshot%s%.*s", len ? ": " : "", len,
                 skipped.p ? skipped.p : "");
        return 0;
    }
    view->snapshot = !view->snapshot;
    return build_index(view, err);
}

static int change_filter(struct view *view, struct dc_error *err) {
    if (view->index.total == 0)
        return 0;
    view->filter = (view->filter + 1) % VIEW_N_FILTERS;
    return build_index(view, err);
}

/* To the next after what is seen, without AUTO. */
static void change_zoom(struct view *view) {
    enum view_zoom next = view_grid_zoom(view) + 1;
    view->zoom = next < VIEW_N_ZOOMS ? next : VIEW_ZOOM_LINE;
}

/* ---- screens of text ---- */

static void scroll(struct view *view, enum view_request request) {
    unsigned from, to;
    view_body(view, &from, &to);
    size_t page = to - from, top = view->lines_top, count = view->lines.count;
    size_t last = count > page ? count - page : 0;
    if (request == VIEW_UP)
        top -= top > 0;
    else if (request == VIEW_DOWN)
        top++;
    else if (request == VIEW_PAGE_UP)
        top -= top < page ? top : page;
    else if (request == VIEW_PAGE_DOWN)
        top += page;
    else if (request == VIEW_FIRST)
        top = 0;
    else if (request == VIEW_LAST)
        top = last;
    view->lines_top = top < last ? top : last;
}

static void text_request(struct view *view, enum view_request request) {
    if (request == VIEW_LEFT || request == VIEW_RIGHT) {
        view_grid_request(view, request);
        view->lines_stale = true;
    } else {
        scroll(view, request);
    }
}

static void open_top(struct view *view, enum view_top top) {
    if (top == VIEW_TOP_DETAIL && view->index.shown == 0) {
        view_say(view, "no vCPU is selected");
        return;
    }
    view->tops[view->top].lines_top = view->lines_top;
    view->tops[top].below = view->top;
    view->top = top;
    view->lines_top = 0;
    view->lines_stale = true;
}

/* Help may lie on the facts, and those on the detail of a vCPU; none lies on itself. */
static void go_back(struct view *view) {
    view->top = view->tops[view->top].below;
    if (view->top == VIEW_TOP_DETAIL && view->index.shown == 0)
        view->top = VIEW_TOP_GRID; /* another snapshot has no such vCPU */
    view->lines_top = view->tops[view->top].lines_top;
    view->lines_stale = true;
}

/* ---- in and out ---- */

static int handle(struct view *view, enum view_request request, struct dc_error *err) {
    switch (request) {
    case VIEW_QUIT:
        view->quit = true;
        return 0;
    case VIEW_BACK:
        go_back(view);
        return 0;
    case VIEW_OPEN:
        open_top(view, VIEW_TOP_DETAIL);
        return 0;
    case VIEW_FACTS:
        open_top(view, VIEW_TOP_FACTS);
        return 0;
    case VIEW_HELP:
        open_top(view, VIEW_TOP_HELP);
        return 0;
    case VIEW_REDRAW:
        view->redraw = true;
        return 0;
    case VIEW_NEXT_BAD:
    case VIEW_PREVIOUS_BAD:
        view_select_bad(view, request == VIEW_NEXT_BAD);
        return 0;
    case VIEW_ZOOM:
        change_zoom(view);
        return 0;
    case VIEW_FILTER:
        return change_filter(view, err);
    case VIEW_PHASE:
        return change_phase(view, err);
    case VIEW_NEXT_DOCUMENT:
    case VIEW_PREVIOUS_DOCUMENT:
        return change_document(view, request == VIEW_NEXT_DOCUMENT, err);
    default:
        screens[view->top].request(view, request);
        return 0;
    }
}

bool view_too_small(const struct view *view) {
    return view->canvas.width < VIEW_LEAST_WIDTH ||
           view->canvas.height < VIEW_LEAST_HEIGHT;
}

/* A text must be there before one scrolls in it. */
static int build_lines(struct view *view, struct dc_error *err) {
    const struct screen *screen = &screens[view->top];
    if (!screen->build || !view->lines_stale)
        return 0;
    screen->build(view);
    view->lines_stale = false;
    if (!view_lines_ok(&view->lines))
        return dc_fail(err, DC_ENOMEM, "out of memory for the text on the screen");
    scroll(view, VIEW_NOTHING);
    return 0;
}

int view_press(struct view *view, int key, struct dc_error *err) {
    enum view_request request = view_request_of(key, screens[view->top].where);
    view->message[0] = '\0';
    if (view_too_small(view)) {
        /* What cannot be seen does not change; leaving must be possible. */
        view->quit |= key == 'q' || request == VIEW_QUIT;
        view->redraw |= request == VIEW_REDRAW;
        return 0;
    }
    if (request == VIEW_NOTHING)
        view_say(view, "this key has no meaning here; ? shows all keys");
    if (build_lines(view, err) < 0)
        return -1;
    return handle(view, request, err);
}

int view_draw(struct view *view, struct dc_error *err) {
    const struct screen *screen = &screens[view->top];
    view_canvas_clear(&view->canvas);
    if (view_too_small(view)) {
        view_frame_too_small(view);
        return 0;
    }
    if (build_lines(view, err) < 0)
        return -1;
    if (screen->build) {
        unsigned from, to;
        view_body(view, &from, &to);
        view_lines_draw(&view->lines, &view->canvas, view->lines_top, from, to);
    } else {
        view_grid_draw(view);
    }
    view_frame_draw(view, screen->where);
    return 0;
}

int view_resize(struct view *view, unsigned width, unsigned height,
                struct dc_error *err) {
    view->lines_stale = true;
    return view_canvas_resize(&view->canvas, width, height, err);
}

int view_init(struct view *view, const struct view_documents *documents,
              struct dc_alloc alloc, bool ascii, unsigned width, unsigned height,
              struct dc_error *err) {
    const struct dc_model *model;
    *view = (struct view){.documents = *documents, .lines_stale = true};
    view_canvas_init(&view->canvas, alloc, ascii);
    view_index_init(&view->index, alloc);
    view_lines_init(&view->lines, &view->canvas);
    dc_buf_init(&view->cause, alloc);
    if (view_canvas_resize(&view->canvas, width, height, err) < 0 ||
        documents->open(documents->ctx, 0, &model, err) < 0)
        return -1;
    return take_model(view, 0, model, err);
}

void view_done(struct view *view) {
    view_lines_done(&view->lines);
    view_index_done(&view->index);
    dc_buf_done(&view->cause);
    view_canvas_done(&view->canvas);
}
