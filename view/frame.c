#include "view/frame.h"

#include "view/grid.h"
#include "view/key.h"

#include <stdio.h>
#include <string.h>

static struct view_pen whole_row(struct view *view, unsigned y, unsigned style) {
    struct view_pen pen = view_pen(&view->canvas, 0, y, view->canvas.width);
    pen.style = style;
    view_pen_put(&pen, " ");
    return pen;
}

/* ---- top ---- */

/* "2/3, 1 file failed  dual: late"; on a narrow screen "2/3, 1 failed ..." */
static int describe(const struct view *view, char *text, size_t size) {
    char number[160] = "", failed[64] = "";
    const char *phase = "";
    size_t n_failed = view->documents.failed_files;
    const char *files = view->canvas.width < 80 ? "" : n_failed == 1 ? "file " : "files ";
    if (n_failed > 0)
        snprintf(failed, sizeof(failed), ", %zu %sfailed ", n_failed, files);
    if (view->documents.count > 1 || n_failed > 0)
        snprintf(number, sizeof(number), "%zu/%zu%s ", view->document + 1,
                 view->documents.count, failed);
    if (view->model->variant == DC_DUAL)
        phase = view->model->n_snapshots < 2             ? ": late, no early"
                : view_snapshot(view)->phase == DC_EARLY ? ": early"
                                                         : ": late";
    return snprintf(text, size, "%s%s%s", number, dc_variant_name(view->model->variant),
                    phase);
}

static void draw_title(struct view *view) {
    char right[128];
    unsigned width = view->canvas.width;
    unsigned n = (unsigned)describe(view, right, sizeof(right));
    const char *file = view->model->file;
    struct view_pen pen = whole_row(view, 0, DC_STYLE_TITLE | VIEW_REVERSE);
    if (!file || strcmp(file, "-") == 0)
        file = "<stdin>";
    unsigned room = width > n + 4 ? width - n - 4 : 0;
    view_pen_cut(&pen, file, strlen(file), room);
    view_pen_tab(&pen, width > n + 1 ? width - n - 1 : 0);
    view_pen_put(&pen, "%s", right);
    view_pen_tab(&pen, width);
}

static void draw_cause(struct view *view) {
    struct view_pen pen = whole_row(view, 1, DC_STYLE_TITLE);
    view_pen_cut(&pen, view->cause.data ? view->cause.data : "", view->cause.len,
                 view_pen_room(&pen));
}

/* The counts explain the glyphs, and name each state that occurs. */
static void draw_counts(struct view *view) {
    const struct dc_snapshot *snapshot = view_snapshot(view);
    struct view_pen pen = whole_row(view, 2, DC_STYLE_PLAIN);
    char text[96];
    if (!snapshot) {
        view_pen_put(&pen, "no vCPUs");
        return;
    }
    pen.style = view_state_style(DC_PARKED);
    view_pen_put(&pen, "%c parked %zu/%zu", view_glyph(DC_PARKED), snapshot->parked,
                 snapshot->vcpus);
    const size_t counts[] = {
        [DC_NOT_PARKED] = snapshot->not_parked, [DC_UNAVAILABLE] = snapshot->unavailable};
    for (enum dc_vcpu_state state = DC_NOT_PARKED; state <= DC_UNAVAILABLE; state++) {
        if (counts[state] == 0)
            continue;
        pen.style = view_state_style(state);
        int n = snprintf(text, sizeof(text), "  %c %s %zu", view_glyph(state),
                         dc_state_name(state), counts[state]);
        view_pen_cut(&pen, text, (size_t)n, view_pen_room(&pen));
    }
}

/* What the screen below is about. */
static void draw_heading(struct view *view) {
    struct view_pen pen = whole_row(view, 3, DC_STYLE_FAINT);
    char text[128];
    int n = 0;
    size_t first, last;
    if (view->top == VIEW_TOP_GRID && view->index.total > 0) {
        view_grid_visible(view, &first, &last);
        bool all = first == 0 && last == view->index.shown;
        n = snprintf(text, sizeof(text), "-- filter: %s, %zu-%zu of %zu%s ",
                     view_filter_name(view->filter), first + 1, last, view->index.shown,
                     all ? "" : " (PgUp, PgDn)");
        if (view->index.shown == 0)
            n = snprintf(text, sizeof(text), "-- filter: %s, none ",
                         view_filter_name(view->filter));
    } else if (view->top == VIEW_TOP_DETAIL) {
        n = snprintf(text, sizeof(text), "-- vCPU %zu (of %zu) ", view->selected,
                     view->index.total);
    } else if (view->top == VIEW_TOP_FACTS) {
        n = snprintf(text, sizeof(text), "-- the report ");
    } else if (view->top == VIEW_TOP_HELP) {
        n = snprintf(text, sizeof(text), "-- keys ");
    }
    view_pen_cut(&pen, text, (size_t)n, view_pen_room(&pen));
    while (view_pen_room(&pen) > 1)
        view_pen_put(&pen, "-");
}

/* ---- bottom ---- */

/* The selected vCPU in words. */
static void draw_selection(struct view *view, struct view_pen *pen) {
    if (view->top != VIEW_TOP_GRID || view->index.shown == 0)
        return;
    struct dc_vcpu vcpu = dc_snapshot_vcpu(view_snapshot(view), view->selected);
    view_pen_put(pen, "vCPU %zu: %s", vcpu.id, dc_state_name(vcpu.state));
    struct dc_str why = dc_string(vcpu.detail, DC_AT_VCPU_why);
    if (vcpu.regs)
        view_pen_put(
            pen, ", ip 0x%016llx",
            (unsigned long long)dc_u64(vcpu.regs, DC_AT_VCPU_REGS_instruction_pointer));
    if (why.p) {
        view_pen_put(pen, ", ");
        view_pen_cut(pen, why.p, why.len, view_pen_room(pen));
    }
}

/* How much of a text has been seen. */
static void draw_position(struct view *view, struct view_pen *pen) {
    unsigned from, to;
    if (view->top == VIEW_TOP_GRID)
        return;
    view_body(view, &from, &to);
    size_t page = to - from, count = view->lines.count, end = view->lines_top + page;
    view_pen_put(pen, "lines %zu-%zu of %zu%s", view->lines_top + 1,
                 end < count ? end : count, count,
                 count > page ? " (Up, Down, PgUp, PgDn)" : "");
}

static void draw_status(struct view *view) {
    struct view_pen pen = whole_row(view, view->canvas.height - 2, DC_STYLE_PLAIN);
    if (view->message[0]) {
        pen.style = DC_STYLE_WARN;
        view_pen_cut(&pen, view->message, strlen(view->message), view_pen_room(&pen));
        return;
    }
    draw_selection(view, &pen);
    draw_position(view, &pen);
}

/* Whether a key of the table does something for this very report. */
static bool is_useful(const struct view *view, const struct view_binding *binding) {
    switch (binding->request) {
    case VIEW_PHASE:
        return view->model->n_snapshots > 1;
    case VIEW_OPEN:
    case VIEW_ZOOM:
    case VIEW_FILTER:
        return view->index.total > 0;
    case VIEW_NEXT_BAD:
        return view_snapshot(view) && view_snapshot(view)->not_parked > 0;
    default:
        return true;
    }
}

static unsigned hint_width(const struct view_binding *binding) {
    char name[VIEW_KEY_NAME];
    return (unsigned)(strlen(view_key_name(binding->keys[0], name)) +
                      strlen(binding->hint) + 3);
}

/* As many hints as have room, whole ones only. */
static void draw_hints(struct view *view, unsigned where) {
    unsigned y = view->canvas.height - 1;
    struct view_pen pen = whole_row(view, y, VIEW_REVERSE);
    char name[VIEW_KEY_NAME];
    for (const struct view_binding *b = view_bindings; b->request; b++) {
        if (!b->hint || !(b->where & where) || !is_useful(view, b) ||
            hint_width(b) > view_pen_room(&pen) + 2)
            continue;
        pen.style = DC_STYLE_TITLE | VIEW_REVERSE;
        view_pen_put(&pen, "%s", view_key_name(b->keys[0], name));
        pen.style = VIEW_REVERSE;
        view_pen_put(&pen, " %s  ", b->hint);
    }
    view_pen_tab(&pen, view->canvas.width);
}

void view_frame_draw(struct view *view, unsigned where) {
    draw_title(view);
    draw_cause(view);
    draw_counts(view);
    draw_heading(view);
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
