#include "view/grid.h"

#include "view/groups.h"

static unsigned digits_of(size_t n) {
    unsigned digits = 1;
    for (; n >= 10; n /= 10)
        digits++;
    return digits;
}

enum view_zoom view_grid_zoom(const struct view *view) {
    unsigned from, to;
    if (view->side == VIEW_BOTH)
        return VIEW_ZOOM_LINE;
    if (view->zoom != VIEW_ZOOM_AUTO)
        return view->zoom;
    view_body(view, &from, &to);
    return view->index.shown <= to - from ? VIEW_ZOOM_LINE : VIEW_ZOOM_WORD;
}

/* What has changed has a mark, for which there must be room. */
static unsigned cell_width(const struct view *view,
                           const struct view_grid_layout *layout) {
    unsigned mark = view_pair_is_there(&view->pair);
    if (layout->zoom == VIEW_ZOOM_LINE)
        return view->canvas.width - VIEW_GRID_MARGIN;
    if (layout->zoom == VIEW_ZOOM_WORD)
        return 1 + layout->digits + 3 + VIEW_STATE_WIDTH + mark; /* ">12 X word" */
    if (layout->zoom == VIEW_ZOOM_ID)
        return 1 + layout->digits + 2 + mark; /* ">12 X" */
    return 2;                                 /* ">X" */
}

struct view_grid_layout view_grid_layout(const struct view *view) {
    struct view_grid_layout layout = {.zoom = view_grid_zoom(view)};
    unsigned width = view->canvas.width;
    view_body(view, &layout.from, &layout.to);
    layout.digits = digits_of(view->index.total ? view->index.total - 1 : 0);
    layout.left = VIEW_GRID_MARGIN;
    if (layout.zoom == VIEW_ZOOM_GLYPH)
        layout.left += layout.digits + 1;
    layout.width = cell_width(view, &layout);
    layout.columns = (width - layout.left) / layout.width;
    if (layout.columns == 0)
        layout.columns = 1;
    layout.rows = (view->index.shown + layout.columns - 1) / layout.columns;
    return layout;
}

void view_grid_visible(const struct view *view, size_t *first, size_t *last) {
    struct view_grid_layout layout = view_grid_layout(view);
    size_t end = (view->grid_top + (layout.to - layout.from)) * layout.columns;
    *first = view->grid_top * layout.columns;
    *last = end < view->index.shown ? end : view->index.shown;
}

bool view_grid_click(struct view *view, unsigned x, unsigned y) {
    struct view_grid_layout layout = view_grid_layout(view);
    if (view->grouped)
        return view_groups_click(view, y);
    if (y < layout.from || y >= layout.to || x < layout.left)
        return false;
    size_t column = (x - layout.left) / layout.width;
    size_t pos = (view->grid_top + (y - layout.from)) * layout.columns + column;
    if (column >= layout.columns || pos >= view->index.shown)
        return false;
    view->selected = view_index_id(&view->index, pos);
    return true;
}

/* ---- moving ---- */

/* A page turns the window too: following the selection alone would move it by a row. */
static void turn_page(struct view *view, size_t height, bool down) {
    if (down)
        view->grid_top += height;
    else
        view->grid_top -= view->grid_top < height ? view->grid_top : height;
}

/* `step` positions up (negative) or down; the column is kept, the ends hold. */
static size_t move(const struct view_grid_layout *layout, size_t shown, size_t pos,
                   size_t step, bool down) {
    size_t column = pos % layout->columns;
    if (!down)
        return pos >= step ? pos - step : column;
    if (pos + step < shown)
        return pos + step;
    /* The last row may be short: its end is nearer than standing still. */
    size_t last_row = (shown - 1) / layout->columns;
    if (pos / layout->columns == last_row)
        return pos;
    size_t target = last_row * layout->columns + column;
    return target < shown ? target : shown - 1;
}

void view_grid_request(struct view *view, enum view_request request) {
    struct view_grid_layout layout = view_grid_layout(view);
    size_t shown = view->index.shown, height = layout.to - layout.from;
    if (shown == 0)
        return;
    if (view->grouped && view->top == VIEW_TOP_GRID) {
        view_groups_request(view, request);
        return;
    }
    size_t pos = view_index_find(&view->index, view->selected);
    if (request == VIEW_UP || request == VIEW_DOWN)
        pos = move(&layout, shown, pos, layout.columns, request == VIEW_DOWN);
    else if (request == VIEW_PAGE_UP || request == VIEW_PAGE_DOWN)
        pos =
            move(&layout, shown, pos, layout.columns * height, request == VIEW_PAGE_DOWN);
    else if (request == VIEW_LEFT)
        pos -= pos > 0;
    else if (request == VIEW_RIGHT)
        pos += pos + 1 < shown;
    else if (request == VIEW_FIRST)
        pos = 0;
    else if (request == VIEW_LAST)
        pos = shown - 1;
    if (request == VIEW_PAGE_UP || request == VIEW_PAGE_DOWN)
        turn_page(view, height, request == VIEW_PAGE_DOWN);
    view->selected = view_index_id(&view->index, pos);
}
