#include "view/find.h"

#include "view/list.h"
#include "view/match.h"

#include <stdio.h>
#include <string.h>

/* All that the grid has of a vCPU, with tabs between. */
static void describe(const struct view *view, size_t id, struct dc_buf *out) {
    struct dc_vcpu vcpu = dc_snapshot_vcpu(view_snapshot(view), id);
    uint64_t ip = dc_u64(vcpu.regs, DC_AT_VCPU_REGS_instruction_pointer);
    struct dc_str why = dc_string(vcpu.detail, DC_AT_VCPU_why);
    char text[96];
    out->len = 0;
    snprintf(text, sizeof(text), "%zu\t%s\t", id,
             view_state_name(view->index.states[id]));
    dc_buf_text(out, text);
    if (vcpu.regs) {
        snprintf(text, sizeof(text), "0x%016llx\t0x%016llx\t", (unsigned long long)ip,
                 (unsigned long long)dc_u64(vcpu.regs, DC_AT_VCPU_REGS_stack_pointer));
        dc_buf_text(out, text);
        dc_cell_add_symbol(&view->cells, ip, out);
        dc_buf_text(out, "\t");
    }
    dc_buf_add(out, why.p, why.len);
}

static void say_how(struct view *view, size_t before, size_t pos, bool forward) {
    if (pos == before)
        view_say(view, "there is no other");
    else if ((pos > before) != forward)
        view_say(view, forward ? "from the beginning again" : "from the end again");
}

static void select_bad(struct view *view, bool forward) {
    size_t before = view_index_find(&view->index, view->selected), pos = before;
    if (!view_index_next_bad(&view->index, forward, &pos)) {
        view_say(view, view->filter == VIEW_ALL ? "no vCPU is not_parked"
                                                : "no vCPU that is shown is not_parked");
        return;
    }
    if (pos == before)
        view_say(view, "there is no other that is not_parked");
    else
        say_how(view, before, pos, forward);
    view->selected = view_index_id(&view->index, pos);
    view->lines_stale = true;
}

int view_select_next(struct view *view, bool forward, struct dc_error *err) {
    size_t before = view_index_find(&view->index, view->selected), at = before;
    size_t shown = view->index.shown;
    struct dc_buf text;
    bool found = false;
    if (!view->search[0]) {
        select_bad(view, forward);
        return 0;
    }
    dc_buf_init(&text, view->canvas.alloc);
    for (size_t i = 0; i < shown && !found; i++) {
        at = forward ? (at + 1 < shown ? at + 1 : 0) : (at > 0 ? at : shown) - 1;
        describe(view, view_index_id(&view->index, at), &text);
        found = text.len > 0 && view_match(view->search, text.data, text.len);
    }
    bool ok = dc_buf_ok(&text);
    dc_buf_done(&text);
    if (!ok)
        return dc_fail(err, DC_ENOMEM, "out of memory for searching");
    if (!found) {
        view_say(view, "no vCPU that is shown has: %s", view->search);
        return 0;
    }
    say_how(view, before, at, forward);
    view->selected = view_index_id(&view->index, at);
    view->lines_stale = true;
    return 0;
}

int view_search(struct view *view, const char *pattern, struct dc_error *err) {
    struct view_sheet *sheet = view_sheet(view);
    bool list = view->top == VIEW_TOP_LIST;
    char *search = list ? view->list.search : sheet ? sheet->search : view->search;
    if (pattern[0])
        memcpy(search, pattern, strlen(pattern) + 1);
    if (!search[0]) {
        view_say(view, "nothing is searched for");
        return 0;
    }
    if (list)
        return view_list_find(view, true, err);
    return sheet ? view_sheet_find(view, true, err) : view_select_next(view, true, err);
}

static bool goto_vcpu(struct view *view, const char *text) {
    size_t id = 0, digits = strspn(text, "0123456789");
    if (text[digits] != '\0' || digits > 9) {
        view_say(view, "no vCPU has the number %s", text);
        return false;
    }
    for (size_t i = 0; i < digits; i++)
        id = id * 10 + (size_t)(text[i] - '0');
    if (id >= view->index.total) {
        view_say(view,
                 view->index.total ? "there is no vCPU %zu: the last is %zu"
                                   : "there is no vCPU %zu",
                 id, view->index.total - 1);
        return false;
    }
    size_t pos = view_index_find(&view->index, id);
    if (view->index.shown == 0 || view_index_id(&view->index, pos) != id) {
        view_say(view, "vCPU %zu is not shown: f shows all", id);
        return false;
    }
    view->selected = id;
    view->lines_stale = true;
    return true;
}

static bool goto_section(struct view *view, const char *text, size_t *tab) {
    size_t found = 0, len = strlen(text);
    for (size_t i = 0; i < view->tabs.count; i++) {
        const char *name = view_tab_name(view->tabs.tabs[i]);
        if (strncmp(name, text, len) != 0)
            continue;
        *tab = view->tabs.tabs[i];
        found++;
        if (name[len] == '\0')
            return true;
    }
    if (found != 1)
        view_say(view,
                 found ? "several sections begin so: %s"
                       : "no vCPU and no section of this report: %s",
                 text);
    return found == 1;
}

bool view_goto(struct view *view, const char *text, size_t *tab) {
    if (text[0] == '\0')
        return false;
    if (text[0] < '0' || text[0] > '9')
        return goto_section(view, text, tab);
    *tab = VIEW_TAB_VCPUS;
    return goto_vcpu(view, text);
}
