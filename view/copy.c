#include "view/copy.h"

#include <stdio.h>

enum { MOST = 74994 }; /* bytes that terminals take: 100,000 in base64 */

static void take_line(struct view *view, struct dc_buf *out) {
    const struct view_sheet *sheet = view_sheet(view);
    const struct dc_outline_line *line = view_sheet_line(sheet);
    if (!line)
        return;
    if (line->kind != DC_OUTLINE_ROW)
        dc_outline_whole(&sheet->outline, line, out);
    else if (dc_survey_shows(&line->cells.table->survey, sheet->column))
        dc_outline_cell(&sheet->outline, line, sheet->column, out);
}

static void take_vcpu(struct view *view, struct dc_buf *out) {
    char text[32];
    if (view->index.shown == 0)
        return;
    struct dc_vcpu vcpu = dc_snapshot_vcpu(view_snapshot(view), view->selected);
    snprintf(text, sizeof(text), "0x%016llx",
             (unsigned long long)dc_u64(vcpu.regs, DC_AT_VCPU_REGS_instruction_pointer));
    dc_buf_text(out,
                vcpu.regs ? text : view_state_name(view->index.states[view->selected]));
}

int view_copy(struct view *view, struct dc_error *err) {
    if (!view->documents.clipboard) {
        view_say(view, "y copies where view was started with --osc52");
        return 0;
    }
    view->clip.len = 0;
    if (view->top == VIEW_TOP_FACTS)
        dc_buf_add(&view->clip, view->cause.data, view->cause.len);
    else if (view->top == VIEW_TOP_SHEET || view->top == VIEW_TOP_RECORD)
        take_line(view, &view->clip);
    else
        take_vcpu(view, &view->clip);
    if (!dc_buf_ok(&view->clip))
        return dc_fail(err, DC_ENOMEM, "out of memory for copying");
    view->clip_ready = view->clip.len > 0 && view->clip.len <= MOST;
    if (view->clip_ready)
        view_say(view, "copied: %.*s", (int)(view->clip.len < 200 ? view->clip.len : 200),
                 view->clip.data);
    else
        view_say(view, view->clip.len ? "that is too much for a clipboard"
                                      : "there is nothing to copy here");
    return 0;
}

static void add_base64(const unsigned char *p, size_t len, struct dc_buf *out) {
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < len; i += 3) {
        size_t n = len - i < 3 ? len - i : 3;
        unsigned bits = (unsigned)p[i] << 16;
        bits |= n > 1 ? (unsigned)p[i + 1] << 8 : 0;
        bits |= n > 2 ? p[i + 2] : 0;
        const char four[] = {digits[bits >> 18], digits[bits >> 12 & 63],
                             n > 1 ? digits[bits >> 6 & 63] : '=',
                             n > 2 ? digits[bits & 63] : '='};
        dc_buf_add(out, four, sizeof(four));
    }
}

void view_copy_sequence(const char *data, size_t len, struct dc_buf *out) {
    dc_buf_text(out, "\033]52;c;");
    add_base64((const unsigned char *)data, len, out);
    dc_buf_text(out, "\a");
}
