#include "view/view.h"

#include "view/copy.h"
#include "view/detail.h"
#include "view/documents.h"
#include "view/entry.h"
#include "view/facts.h"
#include "view/find.h"
#include "view/frame.h"
#include "view/grid.h"
#include "view/keep.h"
#include "view/key.h"
#include "view/list.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What can be on top; in the order of enum view_top. */
static const struct screen {
    unsigned where;                   /* for the table of keys */
    void (*build)(struct view *view); /* a text: fills view->lines; NULL: it is none */
    void (*draw)(struct view *view);  /* where build is NULL */
} screens[] = {
    [VIEW_TOP_GRID] = {VIEW_IN_GRID, NULL, view_grid_draw},
    [VIEW_TOP_SHEET] = {VIEW_IN_SHEET, NULL, view_sheet_draw},
    [VIEW_TOP_LIST] = {VIEW_IN_LIST, NULL, view_list_draw},
    [VIEW_TOP_DETAIL] = {VIEW_IN_DETAIL, view_detail_build, NULL},
    [VIEW_TOP_RECORD] = {VIEW_IN_RECORD, view_entry_build, NULL},
    [VIEW_TOP_FACTS] = {VIEW_IN_FACTS, view_facts_build, NULL},
    [VIEW_TOP_HELP] = {VIEW_IN_HELP, view_help_build, NULL},
};

/* ---- shared by the screens ---- */

const struct dc_model *view_model(const struct view *view) {
    if (view_pair_is_there(&view->pair) && view->side == VIEW_FIRST_SIDE)
        return view->pair.models[0];
    return view->model;
}

const struct dc_snapshot *view_snapshot(const struct view *view) {
    if (!view->model)
        return NULL;
    if (!view_pair_is_there(&view->pair))
        return dc_model_main(view->model);
    const struct dc_snapshot *a = view->pair.sides[0], *b = view->pair.sides[1];
    if (view->side == VIEW_BOTH) /* the cells are those of both; none must be missed */
        return a->vcpus > b->vcpus ? a : b;
    return view->side == VIEW_FIRST_SIDE ? a : b;
}

void view_body(const struct view *view, unsigned *from, unsigned *to) {
    bool report = view->top != VIEW_TOP_LIST && view->model;
    *from = report ? VIEW_HEADER_ROWS : VIEW_LIST_HEADER_ROWS;
    *to = view->canvas.height - VIEW_FOOTER_ROWS;
}

void view_say(struct view *view, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(view->message, sizeof(view->message), fmt, ap);
    va_end(ap);
}

void view_scroll_to(size_t at, size_t count, size_t page, size_t *top) {
    size_t last = count > page ? count - page : 0;
    if (at < *top)
        *top = at;
    if (at >= *top + page)
        *top = at - page + 1;
    if (*top > last)
        *top = last;
}

char view_glyph(unsigned state) {
    static const char glyphs[] = {
        [DC_PARKED] = '.',    [DC_NOT_PARKED] = 'X', [DC_UNAVAILABLE] = '?',
        [VIEW_PENDING] = '~', [VIEW_RUNNING] = '+',  [VIEW_ENDED] = '-'};
    return glyphs[state];
}

enum dc_style view_state_style(unsigned state) {
    static const enum dc_style styles[] = {
        [DC_PARKED] = DC_STYLE_GOOD,      [DC_NOT_PARKED] = DC_STYLE_BAD,
        [DC_UNAVAILABLE] = DC_STYLE_WARN, [VIEW_PENDING] = DC_STYLE_TITLE,
        [VIEW_RUNNING] = DC_STYLE_PLAIN,  [VIEW_ENDED] = DC_STYLE_FAINT};
    return styles[state];
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

/* Left and Right go to what stands beside what the text is about. */
static int text_request(struct view *view, enum view_request request,
                        struct dc_error *err) {
    bool sideways = request == VIEW_LEFT || request == VIEW_RIGHT;
    if (!sideways) {
        scroll(view, request);
        return 0;
    }
    view->lines_stale = true;
    if (view->top == VIEW_TOP_RECORD)
        return view_sheet_request(view, request == VIEW_LEFT ? VIEW_UP : VIEW_DOWN, err);
    view_grid_request(view, request);
    return 0;
}

static void open_top(struct view *view, enum view_top top) {
    view->tops[view->top].lines_top = view->lines_top;
    view->tops[top].below = view->top;
    view->top = top;
    view->lines_top = 0;
    view->lines_stale = true;
}

/* The screen of the current tab. */
static enum view_top tab_top(const struct view *view) {
    return view->tabs.current == VIEW_TAB_VCPUS ? VIEW_TOP_GRID : VIEW_TOP_SHEET;
}

static int change_tab(struct view *view, size_t tab, struct dc_error *err) {
    view->tabs.current = tab;
    view->top = tab_top(view);
    return view->top == VIEW_TOP_SHEET ? view_sheet_build(view, err) : 0;
}

/* ---- one thing after the other ---- */

/* What was searched or chosen goes first, then the report itself. */
static int leave(struct view *view, struct dc_error *err) {
    struct view_sheet *sheet = view_sheet(view);
    char *search = sheet ? sheet->search : view->search;
    if (search[0]) {
        search[0] = '\0';
        view_say(view, "the search is over");
        return 0;
    }
    if (sheet && sheet->filter[0]) {
        sheet->filter[0] = '\0';
        return view_sheet_rows(view, sheet, view_sheet_line(sheet), err);
    }
    if (!sheet && (view->filter != VIEW_ALL || view->grouped)) {
        view->filter = VIEW_ALL;
        view->grouped = false;
        return view_rebuild_index(view, err);
    }
    if (view_list_is_there(view)) {
        view->top = VIEW_TOP_LIST;
        view->list.cursor = view->document;
    } else {
        view_say(view, "q leaves");
    }
    return 0;
}

/* Help may lie on the facts, and those on the detail of a vCPU; none lies on itself. */
static int go_back(struct view *view, struct dc_error *err) {
    if (view->top == VIEW_TOP_GRID || view->top == VIEW_TOP_SHEET)
        return leave(view, err);
    view->top = view->tops[view->top].below;
    if (view->top == VIEW_TOP_DETAIL && view->index.shown == 0)
        view->top = tab_top(view); /* another snapshot has no such vCPU */
    view->lines_top = view->tops[view->top].lines_top;
    view->lines_stale = true;
    return 0;
}

static int open_selected(struct view *view, struct dc_error *err) {
    if (view->top == VIEW_TOP_LIST)
        return view_list_request(view, VIEW_OPEN, err);
    if (view->top == VIEW_TOP_SHEET) {
        const struct dc_outline_line *line = view_sheet_line(view_sheet(view));
        if (line && !line->folds)
            open_top(view, VIEW_TOP_RECORD);
        return line && line->folds ? view_sheet_request(view, VIEW_OPEN, err) : 0;
    }
    if (view->index.shown == 0)
        view_say(view, "no vCPU is selected");
    else
        open_top(view, VIEW_TOP_DETAIL);
    return 0;
}

/* To the next after what is seen, without AUTO. */
static void change_zoom(struct view *view) {
    enum view_zoom next = view_grid_zoom(view) + 1;
    view->zoom = next < VIEW_N_ZOOMS ? next : VIEW_ZOOM_LINE;
    if (view->side == VIEW_BOTH)
        view_say(view, "both sides have a line for each vCPU: e shows one side");
}

/* What only one kind of screen knows. */
static int pass_on(struct view *view, enum view_request request, struct dc_error *err) {
    if (view->top == VIEW_TOP_LIST)
        return view_list_request(view, request, err);
    if (view->top == VIEW_TOP_SHEET)
        return view_sheet_request(view, request, err);
    if (view->top == VIEW_TOP_GRID) {
        view_grid_request(view, request);
        return 0;
    }
    return text_request(view, request, err);
}

static void ask(struct view *view, enum view_asking asking) {
    const struct view_sheet *sheet = view_sheet(view);
    bool filter = asking == VIEW_ASKING_FILTER && sheet;
    view_prompt_open(&view->prompt, asking, filter ? sheet->filter : "");
}

static int choose(struct view *view, enum view_request request, struct dc_error *err) {
    bool grid = view->top == VIEW_TOP_GRID;
    if (request == VIEW_FILTER && !grid) {
        ask(view, VIEW_ASKING_FILTER);
        return 0;
    }
    if (!grid)
        return view_sheet_request(view, request, err);
    if (view->index.total == 0)
        return 0;
    if (request == VIEW_FILTER)
        view->filter = (view->filter + 1) % VIEW_N_FILTERS;
    else if (request == VIEW_GROUPS)
        view->grouped = !view->grouped;
    else
        view->order = (view->order + 1) % VIEW_N_ORDERS;
    if (request == VIEW_SORT && view->grouped)
        view_say(view, "groups stand by instruction pointer: = ends them");
    return view_rebuild_index(view, err);
}

static void quit(struct view *view) {
    const struct view_documents *documents = &view->documents;
    view->quit = !documents->may_leave || documents->may_leave(documents->ctx, view);
}

static int handle(struct view *view, enum view_request request, struct dc_error *err) {
    switch (request) {
    case VIEW_QUIT:
        quit(view);
        return 0;
    case VIEW_BACK:
        return go_back(view, err);
    case VIEW_OPEN:
        return open_selected(view, err);
    case VIEW_FACTS:
        open_top(view, VIEW_TOP_FACTS);
        return 0;
    case VIEW_HELP:
        open_top(view, VIEW_TOP_HELP);
        return 0;
    case VIEW_REDRAW:
        view->redraw = true;
        return 0;
    case VIEW_MOUSE:
        view->mouse = !view->mouse;
        view_say(view, view->mouse ? "the mouse selects here"
                                   : "the mouse is the terminal's, to mark text with");
        return 0;
    case VIEW_NEXT_TAB:
    case VIEW_PREVIOUS_TAB:
        view_tabs_move(&view->tabs, request == VIEW_NEXT_TAB);
        return change_tab(view, view->tabs.current, err);
    case VIEW_NEXT:
    case VIEW_PREVIOUS:
        if (view->top == VIEW_TOP_GRID || view->top == VIEW_TOP_DETAIL)
            return view_select_next(view, request == VIEW_NEXT, err);
        return pass_on(view, request, err);
    case VIEW_SEARCH:
        ask(view, VIEW_ASKING_SEARCH);
        return 0;
    case VIEW_GOTO:
        ask(view, VIEW_ASKING_PLACE);
        return 0;
    case VIEW_ZOOM:
        change_zoom(view);
        return 0;
    case VIEW_FILTER:
    case VIEW_SORT:
    case VIEW_GROUPS:
        return choose(view, request, err);
    case VIEW_PHASE:
        return view_change_side(view, err);
    case VIEW_COPY:
        return view_copy(view, err);
    case VIEW_NEXT_DOCUMENT:
    case VIEW_PREVIOUS_DOCUMENT:
        return view_change_document(view, request == VIEW_NEXT_DOCUMENT, err);
    case VIEW_NEWEST:
        return view_open_newest(view, err);
    default:
        return pass_on(view, request, err);
    }
}

/* ---- what was typed ---- */

static int take_answer(struct view *view, enum view_asking asking, struct dc_error *err) {
    struct view_sheet *sheet = view_sheet(view);
    const char *text = view->prompt.text;
    size_t tab;
    if (asking == VIEW_ASKING_PLACE)
        return view_goto(view, text, &tab) ? change_tab(view, tab, err) : 0;
    if (asking == VIEW_ASKING_FILTER) {
        memcpy(sheet->filter, text, view->prompt.len + 1);
        return view_sheet_rows(view, sheet, view_sheet_line(sheet), err);
    }
    return view_search(view, text, err);
}

static int type(struct view *view, int key, struct dc_error *err) {
    enum view_asking asking = view->prompt.asking;
    if (view_prompt_press(&view->prompt, key) != VIEW_TAKEN)
        return 0;
    return take_answer(view, asking, err);
}

/* ---- in and out ---- */

bool view_too_small(const struct view *view) {
    return view->canvas.width < VIEW_LEAST_WIDTH ||
           view->canvas.height < VIEW_LEAST_HEIGHT;
}

/* What is on top must be there before one moves in it. */
static int build_top(struct view *view, struct dc_error *err) {
    const struct screen *screen = &screens[view->top];
    if (view->top == VIEW_TOP_SHEET || view->top == VIEW_TOP_RECORD)
        if (view_sheet_build(view, err) < 0)
            return -1;
    if (!screen->build || !view->lines_stale)
        return 0;
    screen->build(view);
    view->lines_stale = false;
    if (!view_lines_ok(&view->lines))
        return dc_fail(err, DC_ENOMEM, "out of memory for the text on the screen");
    scroll(view, VIEW_NOTHING);
    return 0;
}

static int turn_wheel(struct view *view, bool down, struct dc_error *err) {
    enum { LINES = 3 };
    for (int i = 0; i < LINES; i++)
        if (pass_on(view, down ? VIEW_DOWN : VIEW_UP, err) < 0)
            return -1;
    return 0;
}

int view_press(struct view *view, int key, struct dc_error *err) {
    enum view_request request = view_request_of(key, screens[view->top].where);
    view->message[0] = '\0';
    if (view_too_small(view)) {
        /* What cannot be seen does not change; leaving must be possible. */
        if (key == 'q' || request == VIEW_QUIT)
            quit(view);
        view->redraw |= request == VIEW_REDRAW;
        return 0;
    }
    if (build_top(view, err) < 0)
        return -1;
    if (view->prompt.asking != VIEW_ASKING_NOTHING)
        return type(view, key, err);
    if (key == VIEW_KEY_WHEEL_UP || key == VIEW_KEY_WHEEL_DOWN)
        return turn_wheel(view, key == VIEW_KEY_WHEEL_DOWN, err);
    if (request == VIEW_NOTHING)
        view_say(view, "this key has no meaning here; ? shows all keys");
    return handle(view, request, err);
}

/* A click on what is selected opens it. */
static int click_body(struct view *view, unsigned x, unsigned y, struct dc_error *err) {
    const struct view_sheet *sheet = view_sheet(view);
    size_t vcpu = view->selected, line = sheet ? sheet->cursor : view->list.cursor;
    bool hit = false, same = false;
    if (view->top == VIEW_TOP_GRID) {
        hit = view_grid_click(view, x, y);
        same = vcpu == view->selected;
    } else if (view->top == VIEW_TOP_SHEET && sheet) {
        hit = view_sheet_click(view, x, y);
        same = line == sheet->cursor;
    } else if (view->top == VIEW_TOP_LIST) {
        size_t before = view->list.cursor;
        hit = view_list_click(view, y);
        same = before == view->list.cursor;
    }
    return hit && same ? open_selected(view, err) : 0;
}

int view_click(struct view *view, unsigned x, unsigned y, struct dc_error *err) {
    size_t tab;
    bool tabs = view->top == VIEW_TOP_GRID || view->top == VIEW_TOP_SHEET;
    view->message[0] = '\0';
    if (view_too_small(view) || view->prompt.asking != VIEW_ASKING_NOTHING)
        return 0;
    if (build_top(view, err) < 0)
        return -1;
    if (tabs && y == VIEW_TABS_ROW && view_tabs_at(&view->tabs, &view->canvas, x, &tab))
        return change_tab(view, tab, err);
    return click_body(view, x, y, err);
}

int view_draw(struct view *view, struct dc_error *err) {
    const struct screen *screen = &screens[view->top];
    unsigned from, to;
    view_canvas_clear(&view->canvas);
    if (view_too_small(view)) {
        view_frame_too_small(view);
        return 0;
    }
    if (build_top(view, err) < 0)
        return -1;
    view_body(view, &from, &to);
    if (screen->build)
        view_lines_draw(&view->lines, &view->canvas, view->lines_top, from, to);
    else
        screen->draw(view);
    view_frame_draw(view, screen->where);
    if (view->canvas.failed)
        return dc_fail(err, DC_ENOMEM, "out of memory for the words on the screen");
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
    *view = (struct view){.documents = *documents, .lines_stale = true, .mouse = true};
    view_canvas_init(&view->canvas, alloc, ascii);
    view_index_init(&view->index, alloc);
    view_lines_init(&view->lines, &view->canvas);
    dc_buf_init(&view->cause, alloc);
    dc_buf_init(&view->clip, alloc);
    view->pair.alloc = alloc;
    if (view_canvas_resize(&view->canvas, width, height, err) < 0)
        return -1;
    if (view_list_is_there(view)) {
        view->top = VIEW_TOP_LIST;
        return 0;
    }
    return view_open_first(view, err);
}

void view_done(struct view *view) {
    for (size_t i = 0; i < VIEW_N_TABS; i++) {
        view_sheet_done(&view->sheets[i], view->canvas.alloc);
        view_keep_drop(&view->sheets[i]);
    }
    view_pair_done(&view->pair);
    view_lines_done(&view->lines);
    view_index_done(&view->index);
    dc_buf_done(&view->cause);
    dc_buf_done(&view->clip);
    view_canvas_done(&view->canvas);
}
