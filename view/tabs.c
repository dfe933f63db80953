#include "view/tabs.h"

#include "lib/outline.h"

#include <string.h>

const char *view_tab_name(size_t tab) {
    if (tab == VIEW_TAB_VCPUS)
        return "vcpus";
    if (tab == VIEW_TAB_CHANGES)
        return "changes";
    return dc_sections[view_tab_section(tab)].name;
}

enum dc_section_id view_tab_section(size_t tab) {
    return (enum dc_section_id)(tab - VIEW_TAB_SECTIONS);
}

static bool is_there(size_t tab, const struct dc_snapshot *snapshot,
                     const struct view_pair *pair) {
    if (tab == VIEW_TAB_VCPUS)
        return true;
    if (tab == VIEW_TAB_CHANGES)
        return view_pair_is_there(pair);
    enum dc_section_id section = view_tab_section(tab);
    return snapshot && section != DC_SECTION_VCPUS && dc_outline_has(snapshot, section);
}

void view_tabs_find(struct view_tabs *tabs, const struct dc_snapshot *snapshot,
                    const struct view_pair *pair) {
    size_t before = tabs->current;
    tabs->count = 0;
    tabs->current = VIEW_TAB_VCPUS;
    for (size_t tab = 0; tab < VIEW_N_TABS; tab++) {
        if (!is_there(tab, snapshot, pair))
            continue;
        tabs->tabs[tabs->count++] = (unsigned char)tab;
        if (tab == before)
            tabs->current = tab;
    }
}

static size_t place_of(const struct view_tabs *tabs) {
    size_t i = 0;
    while (i + 1 < tabs->count && tabs->tabs[i] != tabs->current)
        i++;
    return i;
}

void view_tabs_move(struct view_tabs *tabs, bool forward) {
    size_t i = place_of(tabs) + (forward ? 1 : tabs->count - 1);
    tabs->current = tabs->tabs[i % tabs->count];
}

/* ---- the row ---- */

/* A name with a blank or a bracket on either side. */
static unsigned width_of(size_t tab) {
    return (unsigned)strlen(view_tab_name(tab)) + 2;
}

enum { EDGE = 2 }; /* columns at either end, for the marks of what has no room */

/* The first tab that is drawn: as few as needed are left out for the current one. */
static size_t first_drawn(const struct view_tabs *tabs, unsigned width) {
    size_t place = place_of(tabs), first = place;
    unsigned used = width_of(tabs->tabs[place]), room = width - 2 * EDGE;
    while (first > 0 && used + width_of(tabs->tabs[first - 1]) <= room)
        used += width_of(tabs->tabs[--first]);
    return first;
}

void view_tabs_draw(const struct view_tabs *tabs, struct view_canvas *canvas,
                    unsigned y) {
    struct view_pen pen = view_pen(canvas, 0, y, canvas->width);
    size_t i = first_drawn(tabs, canvas->width);
    pen.style = DC_STYLE_FAINT;
    view_pen_put(&pen, i > 0 ? "<" : " ");
    for (; i < tabs->count && width_of(tabs->tabs[i]) + 1 <= view_pen_room(&pen); i++) {
        bool current = tabs->tabs[i] == tabs->current;
        pen.style = current ? DC_STYLE_TITLE | VIEW_REVERSE : DC_STYLE_FAINT;
        view_pen_put(&pen, current ? "[%s]" : " %s ", view_tab_name(tabs->tabs[i]));
    }
    pen.style = DC_STYLE_FAINT;
    if (i == tabs->count)
        return;
    view_pen_tab(&pen, canvas->width - 1);
    view_pen_put(&pen, ">");
}

bool view_tabs_at(const struct view_tabs *tabs, const struct view_canvas *canvas,
                  unsigned x, size_t *tab) {
    unsigned at = 1;
    for (size_t i = first_drawn(tabs, canvas->width); i < tabs->count; i++) {
        unsigned width = width_of(tabs->tabs[i]);
        if (at + width + 1 > canvas->width)
            return false;
        *tab = tabs->tabs[i];
        if (x >= at && x < at + width)
            return true;
        at += width;
    }
    return false;
}
