#include "view/grid.h"
#include "view/groups.h"

#include <stdio.h>
#include <string.h>

enum { ADDRESS = 23 }; /* columns of one with its name, "  ip 0x..." */

/* ---- a line for a vCPU ---- */

static void put_symbol(const struct view *view, uint64_t address, struct view_pen *pen) {
    struct dc_buf symbol;
    if (!view->cells.symbols || view_pen_room(pen) < 8)
        return;
    dc_buf_init(&symbol, view->canvas.alloc);
    if (dc_cell_add_symbol(&view->cells, address, &symbol)) {
        view_pen_put(pen, " ");
        view_pen_cut(pen, symbol.data, symbol.len, view_pen_room(pen));
    }
    view_canvas_forget(pen->canvas, &symbol);
}

static void put_registers(const struct view *view, const struct dc_rec *regs,
                          struct view_pen *pen) {
    uint64_t ip = dc_u64(regs, DC_AT_VCPU_REGS_instruction_pointer);
    uint64_t sp = dc_u64(regs, DC_AT_VCPU_REGS_stack_pointer);
    if (view_pen_room(pen) >= ADDRESS)
        view_pen_put(pen, "  ip 0x%016llx", (unsigned long long)ip);
    put_symbol(view, ip, pen);
    if (!view->cells.symbols && view_pen_room(pen) >= ADDRESS)
        view_pen_put(pen, "  sp 0x%016llx", (unsigned long long)sp);
}

/* In the rest of a line. */
static void put_rest(const struct view *view, const struct dc_vcpu *vcpu,
                     struct view_pen *pen) {
    if (vcpu->regs) {
        put_registers(view, vcpu->regs, pen);
        return;
    }
    unsigned state = view->index.states[vcpu->id];
    const char *words = state == VIEW_PENDING    ? "asked to stop, has not answered yet"
                        : state == VIEW_RUNNING  ? "in the guest"
                        : state == VIEW_ENDED    ? "the guest has ended"
                        : state == DC_NOT_PARKED ? "never stopped at the freeze"
                        : state == DC_PARKED     ? "has stopped"
                                                 : "registers not obtained";
    struct dc_str why = dc_string(vcpu->detail, DC_AT_VCPU_why);
    if (!why.p)
        why = (struct dc_str){words, strlen(words)};
    view_pen_put(pen, "  ");
    view_pen_cut(pen, why.p, why.len, view_pen_room(pen));
}

/* One half of a line with both sides. */
static void put_side(const struct view *view, int side, size_t id, unsigned width,
                     struct view_pen *pen) {
    struct dc_vcpu vcpu;
    unsigned end = pen->x + width, style = pen->style;
    if (!view_pair_vcpu(&view->pair, side, id, &vcpu)) {
        view_pen_put(pen, "- absent");
    } else {
        pen->style = view_state_style(vcpu.state) | (style & VIEW_REVERSE);
        view_pen_put(pen, "%c ", view_glyph(vcpu.state));
        if (vcpu.regs && width >= 21)
            view_pen_put(pen, "0x%016llx",
                         (unsigned long long)dc_u64(vcpu.regs,
                                                    DC_AT_VCPU_REGS_instruction_pointer));
        else
            view_pen_put(pen, "%s", dc_state_name(vcpu.state));
        if (vcpu.regs && width >= 30) {
            struct view_pen part = *pen;
            part.end = end < part.end ? end : part.end;
            put_symbol(view, dc_u64(vcpu.regs, DC_AT_VCPU_REGS_instruction_pointer),
                       &part);
            pen->x = part.x;
        }
    }
    view_pen_tab(pen, end);
    pen->style = style;
}

/* "> 3  . parked | X not_parked  *" */
static void draw_both(struct view *view, const struct view_grid_layout *layout,
                      struct view_pen *pen, size_t id) {
    bool changed = view_pair_changed(&view->pair, id);
    unsigned reverse = id == view->selected ? VIEW_REVERSE : 0;
    pen->style = (changed ? DC_STYLE_TITLE : DC_STYLE_FAINT) | reverse;
    view_pen_put(pen, "%c%*zu %c ", reverse ? '>' : ' ', (int)layout->digits, id,
                 changed ? '*' : ' ');
    unsigned width = (view_pen_room(pen) - 3) / 2;
    width = width < 50 ? width : 50;
    put_side(view, 0, id, width, pen);
    view_pen_put(pen, "| ");
    put_side(view, 1, id, width, pen);
    view_pen_tab(pen, pen->end);
}

/* ---- cells ---- */

static void draw_cell(struct view *view, const struct view_grid_layout *layout,
                      struct view_pen *pen, size_t id) {
    bool selected = id == view->selected;
    unsigned state = view->index.states[id];
    if (view->side == VIEW_BOTH) {
        draw_both(view, layout, pen, id);
        return;
    }
    pen->style = view_state_style(state) | (selected ? VIEW_REVERSE : 0);
    view_pen_put(pen, "%c", selected ? '>' : ' ');
    if (layout->zoom == VIEW_ZOOM_GLYPH) {
        view_pen_put(pen, "%c", view_glyph(state));
        return;
    }
    view_pen_put(pen, "%*zu %c", (int)layout->digits, id, view_glyph(state));
    if (layout->zoom != VIEW_ZOOM_ID)
        view_pen_put(pen, " %-*s", VIEW_STATE_WIDTH, view_state_name(state));
    if (view_pair_changed(&view->pair, id))
        view_pen_put(pen, "*");
    if (layout->zoom == VIEW_ZOOM_LINE) {
        struct dc_vcpu vcpu = dc_snapshot_vcpu(view_snapshot(view), id);
        put_rest(view, &vcpu, pen);
        view_pen_tab(pen, pen->end);
    }
}

static void draw_row(struct view *view, const struct view_grid_layout *layout, size_t row,
                     unsigned y) {
    size_t pos = row * layout->columns;
    if (layout->zoom == VIEW_ZOOM_GLYPH) {
        struct view_pen pen = view_pen(&view->canvas, VIEW_GRID_MARGIN, y, layout->left);
        pen.style = DC_STYLE_FAINT;
        view_pen_put(&pen, "%*zu", (int)layout->digits, view_index_id(&view->index, pos));
    }
    for (size_t i = 0; i < layout->columns && pos < view->index.shown; i++, pos++) {
        unsigned x = layout->left + (unsigned)i * layout->width;
        struct view_pen pen = view_pen(&view->canvas, x, y, x + layout->width);
        draw_cell(view, layout, &pen, view_index_id(&view->index, pos));
    }
}

/* ---- nothing to be seen ---- */

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
static void draw_nothing(struct view *view, const struct view_grid_layout *layout) {
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

void view_grid_draw(struct view *view) {
    struct view_grid_layout layout = view_grid_layout(view);
    if (view->index.shown == 0) {
        draw_nothing(view, &layout);
        return;
    }
    if (view->grouped) {
        view_groups_draw(view);
        return;
    }
    size_t row = view_index_find(&view->index, view->selected) / layout.columns;
    view_scroll_to(row, layout.rows, layout.to - layout.from, &view->grid_top);
    row = view->grid_top;
    for (unsigned y = layout.from; y < layout.to && row < layout.rows; y++)
        draw_row(view, &layout, row++, y);
}
