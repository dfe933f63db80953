#include "view/sheet.h"

#include "view/keep.h"
#include "view/sieve.h"
#include "view/view.h"

enum { UNFOLDED_MOST = 100000 }; /* lines, by one key */

struct view_sheet *view_sheet(struct view *view) {
    size_t tab = view->tabs.current;
    return tab == VIEW_TAB_VCPUS ? NULL : &view->sheets[tab];
}

struct dc_outline_line *view_sheet_line(const struct view_sheet *sheet) {
    return sheet->cursor < sheet->count ? sheet->rows[sheet->cursor].line : NULL;
}

void view_sheet_done(struct view_sheet *sheet, struct dc_alloc alloc) {
    if (sheet->built)
        dc_outline_done(&sheet->outline);
    if (sheet->rows)
        alloc.resize(alloc.ctx, sheet->rows, 0);
    sheet->built = false;
    sheet->rows = NULL;
    sheet->count = sheet->room = 0;
    sheet->width = 0;
}

/* The titles of a table are nothing to be selected. */
static void leave_titles(struct view_sheet *sheet, bool forward) {
    while (sheet->cursor < sheet->count &&
           sheet->rows[sheet->cursor].line->kind == DC_OUTLINE_TITLES) {
        if (forward ? sheet->cursor + 1 == sheet->count : sheet->cursor == 0)
            return;
        sheet->cursor += forward ? 1 : (size_t)-1;
    }
}

/* How much there is needs no more than to be read. */
static void pass_heading(struct view_sheet *sheet) {
    size_t at = 0;
    while (at + 1 < sheet->count && sheet->rows[at].line->kind == DC_OUTLINE_NOTE &&
           sheet->rows[at].line->style == DC_STYLE_FAINT)
        at++;
    if (at < sheet->count && (sheet->rows[at].line->kind == DC_OUTLINE_TITLES ||
                              sheet->rows[at].line->style != DC_STYLE_FAINT))
        sheet->cursor = at;
}

static int build(struct view *view, struct view_sheet *sheet, struct dc_error *err) {
    size_t tab = view->tabs.current;
    sheet->built = true;
    sheet->width = 0;
    if (tab == VIEW_TAB_CHANGES)
        return dc_outline_init_changes(&sheet->outline, view->pair.models[0],
                                       view->pair.models[1], view->documents.symbols,
                                       view->canvas.alloc, err);
    return dc_outline_init(&sheet->outline, view_model(view), view_snapshot(view),
                           view_tab_section(tab), view->documents.symbols,
                           view->canvas.alloc, err);
}

int view_sheet_build(struct view *view, struct dc_error *err) {
    struct view_sheet *sheet = view_sheet(view);
    const struct dc_outline_line *kept = NULL;
    if (!sheet->built &&
        (build(view, sheet, err) < 0 || view_keep_give(sheet, &kept, err) < 0)) {
        view_sheet_done(sheet, view->canvas.alloc);
        return -1;
    }
    if (sheet->width == view->canvas.width)
        return 0;
    bool fresh = sheet->count == 0 && sheet->cursor == 0;
    if (view_sheet_rows(view, sheet, kept ? kept : view_sheet_line(sheet), err) < 0)
        return -1;
    if (fresh)
        pass_heading(sheet);
    leave_titles(sheet, true);
    return 0;
}

/* After the outline has changed: the selected line may stand elsewhere. */
static int rebuild(struct view *view, struct view_sheet *sheet,
                   const struct dc_outline_line *selected, struct dc_error *err) {
    if (view_sheet_rows(view, sheet, selected, err) < 0)
        return -1;
    leave_titles(sheet, true);
    return 0;
}

/* ---- moving ---- */

/* To the first row of the line before or behind. */
static void step(struct view_sheet *sheet, bool down) {
    size_t at = sheet->cursor, before = at;
    const struct dc_outline_line *line = view_sheet_line(sheet);
    if (down) {
        while (at < sheet->count && sheet->rows[at].line == line)
            at++;
        if (at == sheet->count)
            return;
    } else if (at > 0) {
        line = sheet->rows[--at].line;
        while (at > 0 && sheet->rows[at - 1].line == line)
            at--;
    }
    sheet->cursor = at;
    leave_titles(sheet, down);
    if (view_sheet_line(sheet)->kind == DC_OUTLINE_TITLES)
        sheet->cursor = before;
}

static void turn_page(struct view *view, struct view_sheet *sheet, bool down) {
    unsigned from, to;
    view_body(view, &from, &to);
    size_t page = to - from - view_sheet_pinned(sheet), at = sheet->cursor;
    if (page > 1)
        page--; /* one line stays, to hold on to */
    if (down) {
        at = at + page < sheet->count ? at + page : sheet->count - 1;
        sheet->top += page;
    } else {
        at = at > page ? at - page : 0;
        sheet->top -= sheet->top > page ? page : sheet->top;
    }
    while (at > 0 && sheet->rows[at].from > 0)
        at--;
    sheet->cursor = at;
    leave_titles(sheet, down);
    leave_titles(sheet, !down);
}

static void move(struct view *view, struct view_sheet *sheet, enum view_request request) {
    if (sheet->count == 0)
        return;
    if (request == VIEW_UP || request == VIEW_DOWN) {
        step(sheet, request == VIEW_DOWN);
    } else if (request == VIEW_PAGE_UP || request == VIEW_PAGE_DOWN) {
        turn_page(view, sheet, request == VIEW_PAGE_DOWN);
    } else {
        sheet->cursor = request == VIEW_FIRST ? 0 : sheet->count - 1;
        if (request == VIEW_FIRST)
            sheet->top = 0;
        while (sheet->cursor > 0 && sheet->rows[sheet->cursor].from > 0)
            sheet->cursor--;
        leave_titles(sheet, request == VIEW_FIRST);
    }
}

/* To the line that this one is inside of. */
static void go_out(struct view_sheet *sheet) {
    const struct dc_outline_line *line = view_sheet_line(sheet);
    for (size_t at = sheet->cursor; at-- > 0;) {
        if (sheet->rows[at].line->level < line->level) {
            sheet->cursor = at;
            while (sheet->cursor > 0 && sheet->rows[sheet->cursor].from > 0)
                sheet->cursor--;
            return;
        }
    }
}

/* The next column of a table that is shown. */
static void change_column(struct view_sheet *sheet, const struct dc_outline_table *table,
                          bool right) {
    size_t at = sheet->column;
    while (right ? ++at < table->survey.n : at-- > 0) {
        if (dc_survey_shows(&table->survey, at)) {
            sheet->column = at;
            return;
        }
    }
}

/* ---- folding ---- */

static int toggle(struct view *view, struct view_sheet *sheet,
                  struct dc_outline_line *line, struct dc_error *err) {
    if (line->inside)
        dc_outline_fold(&sheet->outline, line);
    else if (dc_outline_unfold(&sheet->outline, line, err) < 0)
        return -1;
    return rebuild(view, sheet, line, err);
}

static int go_sideways(struct view *view, struct view_sheet *sheet, bool right,
                       struct dc_error *err) {
    struct dc_outline_line *line = view_sheet_line(sheet);
    if (!line)
        return 0;
    if (line->kind == DC_OUTLINE_ROW) {
        change_column(sheet, line->cells.table, right);
        return 0;
    }
    if (line->folds && !line->inside == right)
        return toggle(view, sheet, line, err);
    if (right)
        step(sheet, true);
    else
        go_out(sheet);
    return 0;
}

/* All lines at the level of this one, as many as one can wait for. */
static int unfold_all(struct view *view, struct view_sheet *sheet, struct dc_error *err) {
    struct dc_outline *outline = &sheet->outline;
    struct dc_outline_line *selected = view_sheet_line(sheet);
    if (!selected)
        return 0;
    size_t left = 0;
    for (size_t i = 0; i < sheet->count; i++) {
        struct dc_outline_line *line = sheet->rows[i].line;
        if (line->level != selected->level || !line->folds || line->inside)
            continue;
        if (outline->count >= UNFOLDED_MOST)
            left++;
        else if (dc_outline_unfold(outline, line, err) < 0)
            return -1;
    }
    if (left > 0)
        view_say(view, "%zu stay folded: that is enough for one screen", left);
    return rebuild(view, sheet, selected, err);
}

static int fold_all(struct view *view, struct view_sheet *sheet, struct dc_error *err) {
    struct dc_outline_line *line = view_sheet_line(sheet);
    while (line && line->level > 0) {
        go_out(sheet);
        if (view_sheet_line(sheet) == line)
            break;
        line = view_sheet_line(sheet);
    }
    for (size_t i = 0; i < sheet->outline.count; i++)
        if (sheet->outline.lines[i]->inside && sheet->outline.lines[i]->level == 0)
            dc_outline_fold(&sheet->outline, sheet->outline.lines[i]);
    return rebuild(view, sheet, line, err);
}

/* ---- sorting ---- */

static bool is_text_column(const struct dc_outline_line *line, size_t column) {
    struct dc_cell cell =
        dc_table_cell(&line->cells.table->columns[column], &line->cells.row);
    return cell.kind == DC_CELL_TEXT;
}

/* Trees and sentences. */
static bool has_no_order(const struct dc_outline_line *line, size_t column) {
    struct dc_cell cell =
        dc_table_cell(&line->cells.table->columns[column], &line->cells.row);
    return cell.kind == DC_CELL_JSON || cell.kind == DC_CELL_REASON;
}

/* The selected row stays, wherever it stands now: the first is elsewhere. */
static void say_sorted(struct view *view, const struct dc_outline_table *table,
                       size_t column, bool falling) {
    struct dc_buf title;
    if (column == SIZE_MAX) {
        view_say(view, "in the order of the report again");
        return;
    }
    dc_buf_init(&title, view->canvas.alloc);
    dc_table_title(&table->columns[column], &title);
    view_say(view, "by %.*s, %s first; g: the top", (int)title.len,
             title.data ? title.data : "", falling ? "greatest" : "least");
    view_canvas_forget(&view->canvas, &title);
}

/* Numbers begin with the largest, words with the first; then the other way; then not. */
static int sort(struct view *view, struct view_sheet *sheet, struct dc_error *err) {
    struct dc_outline_line *line = view_sheet_line(sheet);
    if (!line || line->kind != DC_OUTLINE_ROW) {
        view_say(view, "only the rows of a table are sorted");
        return 0;
    }
    struct dc_outline_table *table = line->cells.table;
    size_t column = sheet->column;
    if (!dc_survey_shows(&table->survey, column)) {
        view_say(view, "this table has no such column: Left and Right select one");
        return 0;
    }
    if (has_no_order(line, column)) {
        view_say(view, "this column has no order");
        return 0;
    }
    bool falling = !is_text_column(line, column);
    bool again = table->sorted && table->sorted_by == column;
    if (again && table->falling != falling)
        column = SIZE_MAX;
    else if (again)
        falling = !falling;
    if (dc_outline_sort(&sheet->outline, line, column, falling, err) < 0)
        return -1;
    say_sorted(view, table, column, falling);
    return rebuild(view, sheet, line, err);
}

/* ---- searching ---- */

int view_sheet_find(struct view *view, bool forward, struct dc_error *err) {
    struct view_sheet *sheet = view_sheet(view);
    struct view_sieve sieve;
    size_t at = sheet->cursor, count = sheet->count;
    if (!sheet->search[0]) {
        view_say(view, "nothing is searched for: / begins a search");
        return 0;
    }
    view_sieve_init(&sieve, &sheet->outline, sheet->search);
    for (size_t i = 0; i < count; i++) {
        at = forward ? (at + 1 < count ? at + 1 : 0) : (at > 0 ? at : count) - 1;
        const struct view_row *row = &sheet->rows[at];
        if (row->from > 0 || row->line->kind == DC_OUTLINE_TITLES ||
            !view_sieve_has(&sieve, row->line))
            continue;
        if (at == sheet->cursor)
            view_say(view, "this is the only line that has it");
        else if ((at > sheet->cursor) != forward)
            view_say(view, forward ? "from the beginning again" : "from the end again");
        sheet->cursor = at;
        count = 0; /* found */
    }
    if (count > 0 || sheet->count == 0)
        view_say(view, "not found in what is unfolded: %s", sheet->search);
    return view_sieve_done(&sieve)
               ? 0
               : dc_fail(err, DC_ENOMEM, "out of memory for searching");
}

int view_sheet_request(struct view *view, enum view_request request,
                       struct dc_error *err) {
    struct view_sheet *sheet = view_sheet(view);
    struct dc_outline_line *line = view_sheet_line(sheet);
    switch (request) {
    case VIEW_LEFT:
    case VIEW_RIGHT:
        return go_sideways(view, sheet, request == VIEW_RIGHT, err);
    case VIEW_OPEN:
        return line && line->folds ? toggle(view, sheet, line, err) : 0;
    case VIEW_UNFOLD_ALL:
        return unfold_all(view, sheet, err);
    case VIEW_FOLD_ALL:
        return fold_all(view, sheet, err);
    case VIEW_SORT:
        return sort(view, sheet, err);
    case VIEW_NEXT:
    case VIEW_PREVIOUS:
        return view_sheet_find(view, request == VIEW_NEXT, err);
    case VIEW_UP:
    case VIEW_DOWN:
    case VIEW_PAGE_UP:
    case VIEW_PAGE_DOWN:
    case VIEW_FIRST:
    case VIEW_LAST:
        move(view, sheet, request);
        return 0;
    default:
        return 0;
    }
}

bool view_sheet_click(struct view *view, unsigned x, unsigned y) {
    struct view_sheet *sheet = view_sheet(view);
    unsigned from, to, pinned = view_sheet_pinned(sheet);
    (void)x;
    view_body(view, &from, &to);
    size_t at = sheet->top + (y - from) - pinned;
    if (y < from + pinned || y >= to || at >= sheet->count ||
        sheet->rows[at].line->kind == DC_OUTLINE_TITLES)
        return false;
    while (at > 0 && sheet->rows[at].from > 0)
        at--;
    sheet->cursor = at;
    return true;
}
