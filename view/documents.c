#include "view/documents.h"

#include "view/keep.h"
#include "view/live.h"

#include <string.h>

int view_rebuild_index(struct view *view, struct dc_error *err) {
    const struct view_live *live = view_live(view);
    const struct view_choice choice = {
        .snapshot = view_snapshot(view),
        .filter = view->filter,
        .order = view->grouped ? VIEW_BY_IP : view->order,
        .states = live ? live->states : NULL,
    };
    if (view_index_build(&view->index, &choice, err) < 0)
        return -1;
    if (view->index.shown > 0)
        view->selected =
            view_index_id(&view->index, view_index_find(&view->index, view->selected));
    else if (view->top == VIEW_TOP_DETAIL)
        view->top = VIEW_TOP_GRID;
    view->lines_stale = true;
    return 0;
}

static int take_cause(struct view *view, struct dc_error *err) {
    dc_buf_done(&view->cause);
    dc_buf_init(&view->cause, view->canvas.alloc);
    if (view->model)
        dc_model_cause(view_model(view), &view->cause);
    return dc_buf_ok(&view->cause) ? 0 : dc_fail(err, DC_ENOMEM, "out of memory");
}

static enum view_top tab_top(const struct view *view) {
    return view->tabs.current == VIEW_TAB_VCPUS ? VIEW_TOP_GRID : VIEW_TOP_SHEET;
}

/* What lies on a line of a section, or leads back to it, or asks for a filter of it: the
   line is gone, and perhaps the section. */
static void leave_lines(struct view *view) {
    enum view_asking *asking = &view->prompt.asking;
    bool sheet = view->top == VIEW_TOP_SHEET || view->top == VIEW_TOP_RECORD;
    if (sheet)
        view->top = tab_top(view);
    if (*asking == VIEW_ASKING_FILTER && view->top != VIEW_TOP_SHEET)
        *asking = VIEW_ASKING_NOTHING;
    for (size_t i = 0; i < VIEW_N_TOPS; i++) {
        enum view_top *below = &view->tops[i].below;
        if (*below == VIEW_TOP_SHEET || *below == VIEW_TOP_RECORD)
            *below = tab_top(view);
    }
}

static void put_sheets_away(struct view *view) {
    for (size_t i = 0; i < VIEW_N_TABS; i++) {
        if (view->sheets[i].built)
            view_keep_take(&view->sheets[i], view->canvas.alloc);
        view_sheet_done(&view->sheets[i], view->canvas.alloc);
    }
}

/* What is shown is of another snapshot: what was made of the last one is made anew. */
static int take_snapshot(struct view *view, struct dc_error *err) {
    const struct dc_symbols *symbols = view->documents.symbols;
    put_sheets_away(view);
    /* A capture that goes on has no sections. */
    view_tabs_find(&view->tabs, view_live(view) ? NULL : view_snapshot(view),
                   &view->pair);
    leave_lines(view);
    view->cells = (struct dc_cell_style){.symbols = symbols};
    if (symbols)
        view->cells.doubtful =
            dc_symbols_judge(symbols, view_model(view)).fit == DC_SYMBOLS_DOUBTFUL;
    if (take_cause(view, err) < 0)
        return -1;
    return view_rebuild_index(view, err);
}

static int take_model(struct view *view, const struct dc_model *model,
                      struct dc_error *err) {
    view_index_done(&view->index); /* it is of the model that is gone */
    view_pair_done(&view->pair);
    view->model = model;
    if (view_pair_init(&view->pair, view->documents.base, model, view->canvas.alloc,
                       err) < 0)
        return -1;
    if (!view_pair_is_there(&view->pair))
        view->side = VIEW_SECOND;
    return take_snapshot(view, err);
}

/* Another report begins at its beginning; the tab stays where it has that, too. */
static int take_document(struct view *view, size_t document, const struct dc_model *model,
                         struct dc_error *err) {
    view->document = document;
    view->side = VIEW_SECOND;
    view->selected = view->grid_top = view->lines_top = 0;
    view->search[0] = '\0';
    view->top = tab_top(view);
    for (size_t i = 0; i < VIEW_N_TABS; i++) {
        struct view_sheet *sheet = &view->sheets[i];
        sheet->cursor = sheet->top = sheet->column = 0;
        sheet->filter[0] = sheet->search[0] = '\0';
        view_keep_drop(sheet);
    }
    return take_model(view, model, err);
}

int view_replace(struct view *view, const struct dc_model *model, struct dc_error *err) {
    return take_model(view, model, err);
}

int view_open_first(struct view *view, struct dc_error *err) {
    const struct dc_model *model;
    if (view->documents.open(view->documents.ctx, 0, &model, err) < 0)
        return -1;
    return take_document(view, 0, model, err);
}

int view_open_document(struct view *view, size_t i, struct dc_error *err) {
    const struct dc_model *model;
    struct dc_error fault;
    /* Outlines point into the model that open() gives back. */
    put_sheets_away(view);
    if (view->documents.open(view->documents.ctx, i, &model, &fault) < 0) {
        view_say(view, "%s", fault.message);
        return 0;
    }
    return take_document(view, i, model, err);
}

static bool is_bad(const struct view *view, size_t i) {
    const struct view_documents *documents = &view->documents;
    return documents->mark && documents->mark(documents->ctx, i) == VIEW_MARK_BAD;
}

int view_change_document(struct view *view, bool forward, struct dc_error *err) {
    size_t step = forward ? 1 : (size_t)-1, next = view->document + step;
    while (next < view->documents.count && is_bad(view, next))
        next += step;
    if (next >= view->documents.count) { /* before the first too: it wraps */
        view_say(view, forward ? "this is the last report" : "this is the first report");
        return 0;
    }
    return view_open_document(view, next, err);
}

int view_open_newest(struct view *view, struct dc_error *err) {
    const struct view_documents *documents = &view->documents;
    if (documents->count == (documents->live ? 1 : 0)) {
        view_say(view, "there is no report yet");
        return 0;
    }
    size_t newest =
        documents->newest ? documents->newest(documents->ctx) : documents->count - 1;
    if (!view->model || view->document != newest)
        return view_open_document(view, newest, err);
    if (view->top == VIEW_TOP_LIST)
        view->top = tab_top(view);
    else
        view_say(view, "this is the newest report");
    return 0;
}

void view_documents_change(struct view *view, const struct view_change *change) {
    size_t last = change->count ? change->count - 1 : 0;
    view->documents.count = change->count;
    view->documents.failed_files = change->failed_files;
    view->documents.waiting = change->waiting;
    view->document = change->document < last ? change->document : last;
    view->list.cursor = change->cursor < last ? change->cursor : last;
}

/* ---- a capture that goes on ---- */

const struct view_live *view_live(const struct view *view) {
    const struct view_documents *documents = &view->documents;
    bool open = documents->live && view->model && view->document == 0;
    return open ? documents->live(documents->ctx) : NULL;
}

int view_live_change(struct view *view, struct dc_error *err) {
    return view_live(view) ? view_rebuild_index(view, err) : 0;
}

int view_live_become(struct view *view, size_t i, const struct dc_model *model,
                     struct dc_error *err) {
    view->document = view->list.cursor = i;
    return take_model(view, model, err);
}

/* ---- halves ---- */

static void say_no_pair(struct view *view) {
    struct dc_str skipped = view->model->early_skipped_reason;
    if (view->model->variant != DC_DUAL) {
        view_say(view, "only a dual report has an early and a late snapshot");
        return;
    }
    int len = skipped.len < 200 ? (int)skipped.len : 200;
    view_say(view, "there is no early snapshot%s%.*s", len ? ": " : "", len,
             skipped.p ? skipped.p : "");
}

int view_change_side(struct view *view, struct dc_error *err) {
    if (!view_pair_is_there(&view->pair)) {
        say_no_pair(view);
        return 0;
    }
    bool grid = view->top == VIEW_TOP_GRID || view->top == VIEW_TOP_DETAIL;
    view->side = (view->side + 1) % VIEW_N_SIDES;
    if (view->side == VIEW_BOTH && !grid) /* a section is of one side */
        view->side = VIEW_SECOND;
    return take_snapshot(view, err);
}
