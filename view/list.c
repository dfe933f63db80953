#include "view/list.h"

#include "view/match.h"

#include <string.h>

bool view_list_is_there(const struct view *view) {
    const struct view_documents *documents = &view->documents;
    return documents->line && (documents->count > 1 || documents->waiting);
}

/* A word, so that it is read without colour too; all take the same room. */
static void put_mark(const struct view *view, struct view_pen *pen, size_t i) {
    static const struct {
        const char *word;
        enum dc_style style;
    } marks[VIEW_N_MARKS] = {
        [VIEW_MARK_NONE] = {"", DC_STYLE_PLAIN},
        [VIEW_MARK_NEW] = {"new", DC_STYLE_TITLE},
        [VIEW_MARK_BAD] = {"bad", DC_STYLE_BAD},
        [VIEW_MARK_GONE] = {"gone", DC_STYLE_WARN},
    };
    unsigned style = pen->style;
    enum view_mark mark = view->documents.mark(view->documents.ctx, i);
    pen->style |= marks[mark].style;
    view_pen_put(pen, "%-5s", marks[mark].word);
    pen->style = style;
}

/* Before the first has come. */
static void draw_waiting(struct view *view, unsigned y) {
    struct view_pen pen = view_pen(&view->canvas, 0, y, view->canvas.width);
    const char *waiting = view->documents.waiting;
    view_pen_put(&pen, " ");
    view_pen_cut(&pen, waiting, strlen(waiting), view_pen_room(&pen));
}

void view_list_draw(struct view *view) {
    unsigned from, to;
    view_body(view, &from, &to);
    if (view->documents.count == 0)
        draw_waiting(view, from);
    view_scroll_to(view->list.cursor, view->documents.count, to - from, &view->list.top);
    for (size_t i = view->list.top; i < view->documents.count && from < to; i++) {
        struct view_pen pen = view_pen(&view->canvas, 0, from++, view->canvas.width);
        struct dc_str line = view->documents.line(view->documents.ctx, i);
        bool selected = i == view->list.cursor;
        pen.style = selected ? VIEW_REVERSE : 0;
        view_pen_put(&pen, "%s", selected ? ">" : " ");
        if (view->documents.mark)
            put_mark(view, &pen, i);
        view_pen_cut(&pen, line.p, line.len, view_pen_room(&pen));
        if (selected)
            view_pen_tab(&pen, view->canvas.width);
    }
}

static void move(struct view *view, enum view_request request) {
    unsigned from, to;
    view_body(view, &from, &to);
    size_t page = to - from, count = view->documents.count;
    size_t at = view->list.cursor, last = count ? count - 1 : 0;
    if (request == VIEW_UP)
        at -= at > 0;
    else if (request == VIEW_DOWN)
        at += at < last;
    else if (request == VIEW_PAGE_UP)
        at -= at < page ? at : page;
    else if (request == VIEW_PAGE_DOWN)
        at = at + page < last ? at + page : last;
    else if (request == VIEW_FIRST)
        at = 0;
    else if (request == VIEW_LAST)
        at = last;
    view->list.cursor = at;
}

int view_list_find(struct view *view, bool forward, struct dc_error *err) {
    size_t count = view->documents.count, at = view->list.cursor;
    (void)err;
    if (!view->list.search[0]) {
        view_say(view, "nothing is searched for: / begins a search");
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        at = forward ? (at + 1 < count ? at + 1 : 0) : (at > 0 ? at : count) - 1;
        struct dc_str line = view->documents.line(view->documents.ctx, at);
        if (line.len == 0 || !view_match(view->list.search, line.p, line.len))
            continue;
        if ((at > view->list.cursor) != forward && at != view->list.cursor)
            view_say(view, forward ? "from the beginning again" : "from the end again");
        view->list.cursor = at;
        return 0;
    }
    view_say(view, "no report has: %s", view->list.search);
    return 0;
}

/* The one that is open is as one left it. */
static int open_selected(struct view *view, struct dc_error *err) {
    size_t i = view->list.cursor;
    if (view->documents.count == 0) {
        view_say(view, "there is no report yet");
        return 0;
    }
    if (!view->model || view->document != i)
        return view_open_document(view, i, err);
    view->top = view->tabs.current == VIEW_TAB_VCPUS ? VIEW_TOP_GRID : VIEW_TOP_SHEET;
    return 0;
}

int view_list_request(struct view *view, enum view_request request,
                      struct dc_error *err) {
    if (request == VIEW_OPEN)
        return open_selected(view, err);
    if (request == VIEW_NEXT || request == VIEW_PREVIOUS)
        return view_list_find(view, request == VIEW_NEXT, err);
    move(view, request);
    return 0;
}

bool view_list_click(struct view *view, unsigned y) {
    unsigned from, to;
    view_body(view, &from, &to);
    size_t at = view->list.top + (y - from);
    if (y < from || y >= to || at >= view->documents.count)
        return false;
    view->list.cursor = at;
    return true;
}
