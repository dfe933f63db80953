#include "view/grid.h"

#include <stdio.h>
#include <string.h>

/* How the cells lie: computed when it is wanted, from sizes and zoom. */
struct layout {
    enum view_zoom zoom;
    unsigned from, to;    /* rows of the body */
    unsigned digits;      /* of the largest id */
    unsigned left;        /* columns before the first cell of a row */
    unsigned width;       /* of a cell */
    size_t columns, rows; /* cells in a row; rows of cells, also those not visible */
};

enum { MARGIN = 1, STATE_WIDTH = 11 }; /* "unavailable" */

static unsigned digits_of(size_t n) {
    unsigned digits = 1;
    for (; n >= 10; n /= 10)
        digits++;
    return digits;
}

enum view_zoom view_grid_zoom(const struct view *view) {
    unsigned from, to;
    if (view->zoom != VIEW_ZOOM_AUTO)
        return view->zoom;
    view_body(view, &from, &to);
    return view->index.shown <= to - from ? VIEW_ZOOM_LINE : VIEW_ZOOM_WORD;
}

static struct layout layout_of(const struct view *view) {
    struct layout layout = {.zoom = view_grid_zoom(view)};
    unsigned width = view->canvas.width;
    view_body(view, &layout.from, &layout.to);
    layout.digits = digits_of(view->index.total ? view->index.total - 1 : 0);
    layout.left = MARGIN;
    if (layout.zoom == VIEW_ZOOM_LINE) {
        layout.width = width - MARGIN;
    } else if (layout.zoom == VIEW_ZOOM_WORD) {
        layout.width = 1 + layout.digits + 3 + STATE_WIDTH; /* ">12 X word" */
    } else {
        layout.left = MARGIN + layout.digits + 1;
        layout.width = 2; /* ">X" */
    }
    layout.columns = (width - layout.left) / layout.width;
    if (layout.columns == 0)
        layout.columns = 1;
    layout.rows = (view->index.shown + layout.columns - 1) / layout.columns;
    return layout;
}

void view_grid_visible(const struct view *view, size_t *first, size_t *last) {
    struct layout layout = layout_of(view);
    size_t end = (view->grid_top + (layout.to - layout.from)) * layout.columns;
    *first = view->grid_top * layout.columns;
    *last = end < view->index.shown ? end : view->index.shown;
}

/* ---- drawing ---- */

/* In the rest of a line. */
static void draw_rest(struct view_pen *pen, const struct dc_vcpu *vcpu) {
    static const struct {
        int field;
        const char *name;
    } shown[] = {
        {DC_AT_VCPU_REGS_instruction_pointer, "ip"},
        {DC_AT_VCPU_REGS_stack_pointer, "sp"},
    };
    for (size_t i = 0; vcpu->regs && i < sizeof(shown) / sizeof(shown[0]); i++)
        if (view_pen_room(pen) >= 23)
            view_pen_put(pen, "  %s 0x%016llx", shown[i].name,
                         (unsigned long long)dc_u64(vcpu->regs, shown[i].field));
    if (vcpu->regs)
        return;
    const char *words = vcpu->state == DC_NOT_PARKED ? "never stopped at the freeze"
                                                     : "registers not obtained";
    struct dc_str why = dc_string(vcpu->detail, DC_AT_VCPU_why);
    if (!why.p)
        why = (struct dc_str){words, strlen(words)};
    view_pen_put(pen, "  ");
    view_pen_cut(pen, why.p, why.len, view_pen_room(pen));
}

static void draw_cell(const struct view *view, const struct layout *layout,
                      struct view_pen *pen, size_t id) {
    bool selected = id == view->selected;
    enum dc_vcpu_state state = view->index.states[id];
    pen->style = view_state_style(state) | (selected ? VIEW_REVERSE : 0);
    view_pen_put(pen, "%c", selected ? '>' : ' ');
    if (layout->zoom == VIEW_ZOOM_GLYPH) {
        view_pen_put(pen, "%c", view_glyph(state));
        return;
    }
    view_pen_put(pen, "%*zu %c %-*s", (int)layout->digits, id, view_glyph(state),
                 STATE_WIDTH, dc_state_name(state));
    if (layout->zoom == VIEW_ZOOM_LINE) {
        struct dc_vcpu vcpu = dc_snapshot_vcpu(view_snapshot(view), id);
        draw_rest(pen, &vcpu);
        view_pen_tab(pen, pen->end);
    }
}

static void draw_row(struct view *view, const struct layout *layout, size_t row,
                     unsigned y) {
    size_t pos = row * layout->columns;
    if (layout->zoom == VIEW_ZOOM_GLYPH) {
        struct view_pen pen = view_pen(&view->canvas, MARGIN, y, layout->left);
        pen.style = DC_STYLE_FAINT;
        view_pen_put(&pen, "%*zu", (int)layout->digits, view_index_id(&view->index, pos));
    }
    for (size_t i = 0; i < layout->columns && pos < view->index.shown; i++, pos++) {
        unsigned x = layout->left + (unsigned)i * layout->width;
        struct view_pen pen = view_pen(&view->canvas, x, y, x + layout->width);
        draw_cell(view, layout, &pen, view_index_id(&view->index, pos));
    }
}

/* The words of the reason, in `room` lines with what was said before. */
static void add_reason(struct view *view, size_t room) {
    struct view_lines *lines = &view->lines;
    view_lines_title(lines, "", DC_STYLE_PLAIN);
    view_lines_text(lines, (struct dc_str){view->cause.data, view->cause.len},
                    DC_STYLE_TITLE);
    if (lines->count <= room)
        return;
    lines->count = room - 1;
    view_lines_title(lines, "... (i shows more of it)", DC_STYLE_FAINT);
}

/* In the middle of nothing: why nothing is there, calmly. */
static void draw_nothing(struct view *view, const struct layout *layout) {
    static const char empty[] = "The report has no vCPU slots.";
    static const char none[] =
        "This document is a reason for missing statistics: it has no vCPUs. It reads:";
    char text[128];
    const char *words = empty;
    if (view->model->variant == DC_MISSING_STATS) {
        words = none;
    } else if (view->index.total > 0) {
        snprintf(text, sizeof(text), "No vCPU is %s. Press f for another filter.",
                 view_filter_name(view->filter));
        words = text;
    }
    view_lines_begin(&view->lines);
    view_lines_words(&view->lines, words, DC_STYLE_PLAIN);
    if (view->model->variant == DC_MISSING_STATS)
        add_reason(view, layout->to - layout->from);
    view_lines_draw(&view->lines, &view->canvas, 0, layout->from, layout->to);
    view->lines_stale = true;
}

/* Scrolls as little as is needed for the selection to be seen. */
static void follow_selection(struct view *view, const struct layout *layout) {
    size_t height = layout->to - layout->from;
    size_t row = view_index_find(&view->index, view->selected) / layout->columns;
    size_t last = layout->rows > height ? layout->rows - height : 0;
    if (row < view->grid_top)
        view->grid_top = row;
    if (row >= view->grid_top + height)
        view->grid_top = row - height + 1;
    if (view->grid_top > last)
        view->grid_top = last;
}

void view_grid_draw(struct view *view) {
    struct layout layout = layout_of(view);
    if (view->index.shown == 0) {
        draw_nothing(view, &layout);
        return;
    }
    follow_selection(view, &layout);
    size_t row = view->grid_top;
    for (unsigned y = layout.from; y < layout.to && row < layout.rows; y++)
        draw_row(view, &layout, row++, y);
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
static size_t move(const struct layout *layout, size_t shown, size_t pos, size_t step,
                   bool down) {
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
    struct layout layout = layout_of(view);
    size_t shown = view->index.shown, height = layout.to - layout.from;
    if (shown == 0)
        return;
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
