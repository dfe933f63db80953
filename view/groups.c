#include "view/groups.h"

#include "lib/ids.h"
#include "view/view.h"

#include <stdio.h>

/* vCPUs [at, end) of the index. */
struct group {
    size_t at, end, place;
    bool has_ip;
    uint64_t ip;
};

static bool same(const struct group *group, const struct dc_vcpu *first,
                 const struct dc_vcpu *vcpu) {
    if (!vcpu->regs || !group->has_ip)
        return !vcpu->regs && !group->has_ip && vcpu->state == first->state;
    return dc_u64(vcpu->regs, DC_AT_VCPU_REGS_instruction_pointer) == group->ip;
}

/* The group behind `group`; its end is 0 at first. false: there is none. */
static bool next_group(const struct view *view, struct group *group) {
    const struct view_index *index = &view->index;
    const struct dc_snapshot *snapshot = view_snapshot(view);
    bool begun = group->end > 0;
    if (group->end == index->shown)
        return false;
    struct dc_vcpu first = dc_snapshot_vcpu(snapshot, view_index_id(index, group->end));
    group->at = group->end++;
    group->place += begun;
    group->has_ip = first.regs != NULL;
    group->ip = dc_u64(first.regs, DC_AT_VCPU_REGS_instruction_pointer);
    for (; group->end < index->shown; group->end++) {
        struct dc_vcpu vcpu =
            dc_snapshot_vcpu(snapshot, view_index_id(index, group->end));
        if (!same(group, &first, &vcpu))
            break;
    }
    return true;
}

size_t view_groups_count(const struct view *view, size_t *selected) {
    size_t pos = view_index_find(&view->index, view->selected), count = 0;
    *selected = 0;
    for (struct group group = {0}; next_group(view, &group); count++)
        if (pos >= group.at && pos < group.end)
            *selected = count;
    return count;
}

/* ---- drawing ---- */

static void put_ids(const struct view *view, const struct group *group,
                    struct view_pen *pen) {
    struct dc_ranges ranges;
    struct dc_buf ids;
    dc_buf_init(&ids, view->canvas.alloc);
    dc_ranges_begin(&ranges, &ids, view_pen_room(pen));
    for (size_t pos = group->at; pos < group->end; pos++)
        dc_ranges_add(&ranges, view_index_id(&view->index, pos));
    dc_ranges_end(&ranges);
    view_pen_cut(pen, ids.data ? ids.data : "", ids.len, view_pen_room(pen));
    view_canvas_forget(pen->canvas, &ids);
}

static void put_place(const struct view *view, const struct group *group, unsigned state,
                      struct view_pen *pen) {
    enum { SYMBOL = 28, PLACE = 22 };
    unsigned start = pen->x;
    if (!group->has_ip) {
        view_pen_put(pen, "%s", view_state_name(state));
        view_pen_tab(pen, start + PLACE);
        return;
    }
    view_pen_put(pen, "ip 0x%016llx", (unsigned long long)group->ip);
    view_pen_tab(pen, start + PLACE);
    if (!view->cells.symbols)
        return;
    struct dc_buf symbol;
    dc_buf_init(&symbol, view->canvas.alloc);
    dc_cell_add_symbol(&view->cells, group->ip, &symbol);
    start = pen->x;
    view_pen_put(pen, " ");
    view_pen_cut(pen, symbol.data ? symbol.data : "", symbol.len, SYMBOL);
    view_pen_tab(pen, start + SYMBOL + 1);
    view_canvas_forget(pen->canvas, &symbol);
}

static void draw_group(struct view *view, const struct group *group, bool selected,
                       unsigned y) {
    enum { NARROW = 60 }; /* where the ids need the room more */
    struct view_pen pen = view_pen(&view->canvas, 1, y, view->canvas.width);
    unsigned state = view->index.states[view_index_id(&view->index, group->at)];
    size_t count = group->end - group->at;
    pen.style = view_state_style(state) | (selected ? VIEW_REVERSE : 0);
    const char *noun = view->canvas.width < NARROW ? ""
                       : count == 1                ? " vCPU "
                                                   : " vCPUs";
    view_pen_put(&pen, "%c%5zu%s %c ", selected ? '>' : ' ', count, noun,
                 view_glyph(state));
    put_place(view, group, state, &pen);
    view_pen_put(&pen, " ");
    put_ids(view, group, &pen);
    if (selected)
        view_pen_tab(&pen, view->canvas.width);
}

void view_groups_draw(struct view *view) {
    unsigned from, to;
    size_t selected, count = view_groups_count(view, &selected);
    view_body(view, &from, &to);
    view_scroll_to(selected, count, to - from, &view->grid_top);
    for (struct group group = {0}; next_group(view, &group);)
        if (group.place >= view->grid_top && group.place - view->grid_top < to - from)
            draw_group(view, &group, group.place == selected,
                       from + (unsigned)(group.place - view->grid_top));
}

/* ---- moving ---- */

static void select_group(struct view *view, size_t place) {
    for (struct group group = {0}; next_group(view, &group);)
        if (group.place == place)
            view->selected = view_index_id(&view->index, group.at);
}

void view_groups_request(struct view *view, enum view_request request) {
    unsigned from, to;
    size_t at, count = view_groups_count(view, &at);
    view_body(view, &from, &to);
    size_t page = to - from;
    if (count == 0)
        return;
    if (request == VIEW_UP)
        at -= at > 0;
    else if (request == VIEW_DOWN)
        at += at + 1 < count;
    else if (request == VIEW_PAGE_UP)
        at -= at < page ? at : page;
    else if (request == VIEW_PAGE_DOWN)
        at = at + page < count ? at + page : count - 1;
    else if (request == VIEW_FIRST)
        at = 0;
    else if (request == VIEW_LAST)
        at = count - 1;
    select_group(view, at);
}

bool view_groups_click(struct view *view, unsigned y) {
    unsigned from, to;
    size_t selected, count = view_groups_count(view, &selected);
    view_body(view, &from, &to);
    if (y < from || y >= to || view->grid_top + (y - from) >= count)
        return false;
    select_group(view, view->grid_top + (y - from));
    return true;
}
