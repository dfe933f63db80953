#include "view/frame.h"

#include "view/grid.h"
#include "view/groups.h"
#include "view/key.h"
#include "view/list.h"
#include "view/live.h"

#include <stdio.h>
#include <string.h>

static struct view_pen whole_row(struct view *view, unsigned y, unsigned style) {
    struct view_pen pen = view_pen(&view->canvas, 0, y, view->canvas.width);
    pen.style = style;
    view_pen_put(&pen, " ");
    return pen;
}

/* ---- top ---- */

/* Of a report whose file is not what it was (view_follow). */
static const char *stale_word(const struct view *view) {
    const struct view_documents *documents = &view->documents;
    enum view_mark mark = documents->mark
                              ? documents->mark(documents->ctx, view->document)
                              : VIEW_MARK_NONE;
    return mark == VIEW_MARK_GONE  ? "file gone, was "
           : mark == VIEW_MARK_BAD ? "file bad now, was "
                                   : "";
}

/* "2/3, 1 file failed  dual: late"; on a narrow screen "2/3, 1 failed ..." */
static int describe(const struct view *view, char *text, size_t size) {
    char number[160] = "", failed[64] = "";
    const char *phase = "";
    const struct view_live *live = view_live(view);
    size_t n_failed = view->documents.failed_files;
    const char *files = view->canvas.width < 80 ? "" : n_failed == 1 ? "file " : "files ";
    if (n_failed > 0)
        snprintf(failed, sizeof(failed), ", %zu %sfailed ", n_failed, files);
    if (live)
        return snprintf(text, size, "%s", live->what);
    if (view->documents.live)
        snprintf(number, sizeof(number), "%zu/%zu%s ", view->document,
                 view->documents.count - 1, failed);
    else if (view->documents.count > 1 || n_failed > 0)
        snprintf(number, sizeof(number), "%zu/%zu%s ", view->document + 1,
                 view->documents.count, failed);
    const struct dc_model *model = view_model(view);
    if (view->documents.base)
        phase = view->side == VIEW_BOTH         ? ": A | B"
                : view->side == VIEW_FIRST_SIDE ? ": A"
                                                : ": B";
    else if (model->variant == DC_DUAL)
        phase = model->n_snapshots < 2          ? ": late, no early"
                : view->side == VIEW_BOTH       ? ": early | late"
                : view->side == VIEW_FIRST_SIDE ? ": early"
                                                : ": late";
    return snprintf(text, size, "%s%s%s%s", number, stale_word(view),
                    dc_variant_name(model->variant), phase);
}

static void draw_title(struct view *view) {
    char right[128];
    unsigned width = view->canvas.width;
    unsigned n = (unsigned)describe(view, right, sizeof(right));
    const char *file = view_model(view)->file;
    struct view_pen pen = whole_row(view, 0, DC_STYLE_TITLE | VIEW_REVERSE);
    if (!file || strcmp(file, "-") == 0)
        file = "<stdin>";
    unsigned room = width > n + 4 ? width - n - 4 : 0;
    if (view->documents.base && view->side == VIEW_BOTH) {
        view_pen_cut(&pen, view->documents.base->file, strlen(view->documents.base->file),
                     room / 2 - 2);
        view_pen_put(&pen, " | ");
        room = room / 2 - 1;
    }
    view_pen_cut(&pen, file, strlen(file), room);
    view_pen_tab(&pen, width > n + 1 ? width - n - 1 : 0);
    view_pen_put(&pen, "%s", right);
    view_pen_tab(&pen, width);
}

static void draw_cause(struct view *view) {
    struct view_pen pen = whole_row(view, 1, DC_STYLE_TITLE);
    const struct view_live *live = view_live(view);
    if (live)
        view_pen_cut(&pen, live->words, strlen(live->words), view_pen_room(&pen));
    else
        view_pen_cut(&pen, view->cause.data ? view->cause.data : "", view->cause.len,
                     view_pen_room(&pen));
}

/* The counts explain the glyphs, and name each state that occurs. */
static void put_counts(struct view_pen *pen, const size_t counts[VIEW_N_STATES],
                       size_t total) {
    char text[96];
    unsigned style = pen->style;
    pen->style = view_state_style(DC_PARKED);
    view_pen_put(pen, "%c parked %zu/%zu", view_glyph(DC_PARKED), counts[DC_PARKED],
                 total);
    for (unsigned state = DC_NOT_PARKED; state < VIEW_N_STATES; state++) {
        if (counts[state] == 0)
            continue;
        pen->style = view_state_style(state);
        int n = snprintf(text, sizeof(text), "  %c %s %zu", view_glyph(state),
                         view_state_name(state), counts[state]);
        view_pen_cut(pen, text, (size_t)n, view_pen_room(pen));
    }
    pen->style = style;
}

/* Each side by the words that it is called by, and how many vCPUs are not the same. */
static void put_both(const struct view *view, struct view_pen *pen) {
    const struct view_pair *pair = &view->pair;
    char text[96];
    for (int side = 0; side < 2; side++) {
        const struct dc_snapshot *of = pair->sides[side];
        int n = snprintf(text, sizeof(text), "%s %zu/%zu parked%s", pair->names[side],
                         of->parked, of->vcpus, side ? "" : "  |  ");
        view_pen_cut(pen, text, (size_t)n, view_pen_room(pen));
    }
    pen->style = pair->n_changed ? DC_STYLE_TITLE : DC_STYLE_PLAIN;
    int n = snprintf(text, sizeof(text), "  * changed %zu", pair->n_changed);
    view_pen_cut(pen, text, (size_t)n, view_pen_room(pen));
}

static void draw_counts(struct view *view) {
    struct view_pen pen = whole_row(view, 2, DC_STYLE_PLAIN);
    if (!view_snapshot(view))
        view_pen_put(&pen, "no vCPUs");
    else if (view->side == VIEW_BOTH)
        put_both(view, &pen);
    else
        put_counts(&pen, view->index.counts, view->index.total);
}

/* What the screen below is about: of the tabs which one, else in words. */
static void draw_heading(struct view *view, unsigned y) {
    char text[128] = "-- keys ";
    if (view->top == VIEW_TOP_GRID || view->top == VIEW_TOP_SHEET) {
        view_tabs_draw(&view->tabs, &view->canvas, y);
        return;
    }
    size_t reports = view->documents.count - (view->documents.live ? 1 : 0);
    if (view->top == VIEW_TOP_LIST)
        snprintf(text, sizeof(text), "-- %s%zu report%s%s ",
                 view->documents.live ? "the capture and " : "", reports,
                 reports == 1 ? "" : "s",
                 view->documents.waiting && !view->documents.live ? ", followed" : "");
    else if (view->top == VIEW_TOP_DETAIL)
        snprintf(text, sizeof(text), "-- vCPU %zu (of %zu) ", view->selected,
                 view->index.total);
    else if (view->top == VIEW_TOP_RECORD)
        snprintf(text, sizeof(text), "-- %s ", view_tab_name(view->tabs.current));
    else if (view->top == VIEW_TOP_FACTS)
        snprintf(text, sizeof(text),
                 view_live(view) ? "-- the capture " : "-- the report ");
    struct view_pen pen = whole_row(view, y, DC_STYLE_FAINT);
    view_pen_cut(&pen, text, strlen(text), view_pen_room(&pen));
    while (view_pen_room(&pen) > 1)
        view_pen_put(&pen, "-");
}

/* ---- bottom ---- */

/* The selected vCPU in words. */
static void put_selection(const struct view *view, struct view_pen *pen) {
    if (view->index.shown == 0)
        return;
    struct dc_vcpu vcpu = dc_snapshot_vcpu(view_snapshot(view), view->selected);
    struct dc_str why = dc_string(vcpu.detail, DC_AT_VCPU_why);
    char text[128], ip[32] = "";
    if (vcpu.regs)
        snprintf(
            ip, sizeof(ip), ", ip 0x%016llx",
            (unsigned long long)dc_u64(vcpu.regs, DC_AT_VCPU_REGS_instruction_pointer));
    int n = snprintf(text, sizeof(text), "vCPU %zu: %s%s%s%s", vcpu.id,
                     view_state_name(view->index.states[vcpu.id]),
                     view_pair_changed(&view->pair, vcpu.id) ? ", changed" : "", ip,
                     why.p ? ", " : "");
    view_pen_cut(pen, text, (size_t)n, view_pen_room(pen));
    if (why.p)
        view_pen_cut(pen, why.p, why.len, view_pen_room(pen));
}

/* How much of a text has been seen. */
static void put_position(const struct view *view, struct view_pen *pen) {
    unsigned from, to;
    view_body(view, &from, &to);
    size_t page = to - from, count = view->lines.count, end = view->lines_top + page;
    view_pen_put(pen, "lines %zu-%zu of %zu%s", count ? view->lines_top + 1 : 0,
                 end < count ? end : count, count,
                 count > page ? " (Up, Down, PgUp, PgDn)" : "");
}

/* On the right: where one is, and what else decides what is seen. */
static void describe_place(const struct view *view, char *text, size_t size) {
    enum { NARROW = 60 };
    size_t first, last;
    text[0] = '\0';
    if (view->top == VIEW_TOP_SHEET) {
        view_sheet_place(view, text, size);
    } else if (view->top == VIEW_TOP_LIST && view->documents.count > 0) {
        snprintf(text, size, "%zu/%zu", view->list.cursor + 1, view->documents.count);
    } else if (view->top == VIEW_TOP_GRID && view->index.total > 0) {
        char chosen[64] = "";
        if (view->filter != VIEW_ALL)
            snprintf(chosen, sizeof(chosen), "filter %s  ",
                     view_filter_name(view->filter));
        if (view->grouped) {
            last = view_groups_count(view, &first);
            snprintf(text, size, "%sgroup %zu/%zu", chosen, last ? first + 1 : 0, last);
            return;
        }
        if (view->order != VIEW_BY_ID)
            snprintf(chosen + strlen(chosen), sizeof(chosen) - strlen(chosen), "by %s  ",
                     view_order_name(view->order));
        view_grid_visible(view, &first, &last);
        bool all = first == 0 && last == view->index.total && !chosen[0];
        if (all && view->canvas.width < NARROW)
            return; /* an address needs the room more */
        if (view->index.shown == 0)
            snprintf(text, size, "%snone", chosen);
        else
            snprintf(text, size, "%s%zu-%zu of %zu", chosen, first + 1, last,
                     view->index.shown);
    }
}

/* The line in which one types; of a long one the end is seen. */
static void draw_prompt(struct view *view) {
    struct view_pen pen = whole_row(view, view->canvas.height - 2, DC_STYLE_TITLE);
    const struct view_prompt *prompt = &view->prompt;
    size_t from = 0;
    view_pen_put(&pen, "%s", view_prompt_name(prompt));
    unsigned room = view_pen_room(&pen) - 1;
    while (from < prompt->len && view_canvas_width(&view->canvas, prompt->text + from,
                                                   prompt->len - from) > room)
        from++;
    view_pen_add(&pen, prompt->text + from, prompt->len - from);
    pen.style = DC_STYLE_PLAIN | VIEW_REVERSE;
    view_pen_put(&pen, "_");
}

static void draw_status(struct view *view) {
    struct view_pen pen = whole_row(view, view->canvas.height - 2, DC_STYLE_PLAIN);
    if (view->message[0]) {
        pen.style = DC_STYLE_WARN;
        view_pen_cut(&pen, view->message, strlen(view->message), view_pen_room(&pen));
        return;
    }
    char place[128];
    describe_place(view, place, sizeof(place));
    unsigned width = (unsigned)strlen(place), whole = view->canvas.width;
    struct view_pen right = pen;
    if (width > 0)
        pen.end = whole > width + 3 ? whole - width - 3 : 0;
    if (view->top == VIEW_TOP_GRID)
        put_selection(view, &pen);
    else if (view->top == VIEW_TOP_SHEET)
        view_sheet_status(view, &pen);
    else if (view->top != VIEW_TOP_LIST)
        put_position(view, &pen);
    right.x = whole > width + 1 ? whole - width - 1 : 0;
    right.style = DC_STYLE_FAINT;
    view_pen_add(&right, place, width);
}

/* Whether a key of the table does something for this very report. */
static bool is_useful(const struct view *view, const struct view_binding *binding) {
    const struct view_sheet *sheet = &view->sheets[view->tabs.current];
    const struct dc_outline_line *line =
        view->top == VIEW_TOP_SHEET ? view_sheet_line(sheet) : NULL;
    bool grid = view->top == VIEW_TOP_GRID;
    switch (binding->request) {
    case VIEW_PHASE:
        return view_pair_is_there(&view->pair);
    case VIEW_OPEN:
        return grid                         ? view->index.total > 0
               : view->top == VIEW_TOP_LIST ? view->documents.count > 0
                                            : true;
    case VIEW_NEWEST:
        return view->documents.newest && view->documents.count > 0;
    case VIEW_SORT:
        return grid ? view->index.total > 1 : line && line->kind == DC_OUTLINE_ROW;
    case VIEW_ZOOM:
    case VIEW_GOTO:
        return view->index.total > 0;
    case VIEW_GROUPS:
        return view->index.total > 1;
    case VIEW_FILTER:
        return !grid || view->index.total > 0;
    case VIEW_NEXT:
        if (view->top == VIEW_TOP_SHEET || view->top == VIEW_TOP_LIST)
            return view->top == VIEW_TOP_SHEET ? sheet->search[0] : view->list.search[0];
        return view->search[0] || view->index.counts[DC_NOT_PARKED] > 0 ||
               view->index.counts[VIEW_PENDING] > 0;
    case VIEW_NEXT_TAB:
        return view->tabs.count > 1;
    case VIEW_SEARCH:
        return grid                         ? view->index.total > 0
               : view->top == VIEW_TOP_LIST ? view->documents.count > 0
                                            : true;
    default:
        return true;
    }
}

/* What a key does at this moment, NULL: nothing to mention. */
static const char *hint_of(const struct view *view, const struct view_binding *binding) {
    const struct view_documents *documents = &view->documents;
    bool ends = binding->request == VIEW_QUIT && documents->live &&
                documents->live(documents->ctx)->goes_on;
    if (binding->request == VIEW_FACTS && view_live(view))
        return "capture";
    if (binding->request == VIEW_NEXT && binding->hint && view->search[0])
        return "next match";
    return ends ? "end capture" : binding->hint;
}

static unsigned hint_width(const char *key, const char *hint) {
    return (unsigned)(strlen(key) + strlen(hint) + 3);
}

static void put_hint(struct view_pen *pen, const char *key, const char *hint) {
    pen->style = DC_STYLE_TITLE | VIEW_REVERSE;
    view_pen_put(pen, "%s", key);
    pen->style = VIEW_REVERSE;
    view_pen_put(pen, " %s  ", hint);
}

/* As many hints as have room, whole ones only. */
static void draw_hints(struct view *view, unsigned where) {
    unsigned y = view->canvas.height - 1;
    struct view_pen pen = whole_row(view, y, VIEW_REVERSE);
    char name[VIEW_KEY_NAME];
    if (view->prompt.asking != VIEW_ASKING_NOTHING) {
        put_hint(&pen, "Enter", "take it");
        put_hint(&pen, "Esc", "leave it");
        put_hint(&pen, "C-u", "clear");
        view_pen_tab(&pen, view->canvas.width);
        return;
    }
    for (const struct view_binding *b = view_bindings; b->request; b++) {
        const char *key = view_key_name(b->keys[0], name), *hint = hint_of(view, b);
        if (hint && (b->where & where) && is_useful(view, b) &&
            hint_width(key, hint) <= view_pen_room(&pen) + 2)
            put_hint(&pen, key, hint);
    }
    view_pen_tab(&pen, view->canvas.width);
}

static void draw_list_title(struct view *view) {
    char text[96];
    struct view_pen pen = whole_row(view, 0, DC_STYLE_TITLE | VIEW_REVERSE);
    size_t failed = view->documents.failed_files;
    view_pen_put(&pen, view->documents.live ? "dumpctl capture" : "dumpctl view");
    if (failed > 0) {
        int n = snprintf(text, sizeof(text), "%zu %s failed ", failed,
                         failed == 1 ? "file" : "files");
        view_pen_tab(&pen, view->canvas.width - (unsigned)n);
        view_pen_add(&pen, text, (size_t)n);
    }
    view_pen_tab(&pen, view->canvas.width);
}

void view_frame_draw(struct view *view, unsigned where) {
    if (view->top == VIEW_TOP_LIST || !view->model) {
        draw_list_title(view);
        draw_heading(view, VIEW_LIST_HEADER_ROWS - 1);
    } else {
        draw_title(view);
        draw_cause(view);
        draw_counts(view);
        draw_heading(view, VIEW_TABS_ROW);
    }
    if (view->prompt.asking != VIEW_ASKING_NOTHING)
        draw_prompt(view);
    else
        draw_status(view);
    draw_hints(view, where);
}

void view_frame_too_small(struct view *view) {
    char text[128];
    const struct view_canvas *canvas = &view->canvas;
    int n = snprintf(text, sizeof(text), "%ux%u is too small; dumpctl view needs %ux%u",
                     canvas->width, canvas->height, (unsigned)VIEW_LEAST_WIDTH,
                     (unsigned)VIEW_LEAST_HEIGHT);
    size_t len = (size_t)n, i = 0;
    for (unsigned y = 0; y < canvas->height && i < len; y++) {
        struct view_pen pen = view_pen(&view->canvas, 0, y, canvas->width);
        i += view_pen_add(&pen, text + i, len - i);
    }
}
