/*
 * tabs: what a report can be looked at by: its vCPUs, what differs between two of them, and
 * the sections that it has. They come from lib/sections.h: a new section is there by itself.
 */
#ifndef DUMPCTL_VIEW_TABS_H
#define DUMPCTL_VIEW_TABS_H

#include "lib/sections.h"
#include "view/canvas.h"
#include "view/pair.h"

enum {
    VIEW_TAB_VCPUS,
    VIEW_TAB_CHANGES,
    VIEW_TAB_SECTIONS,
    VIEW_N_TABS = VIEW_TAB_SECTIONS + DC_N_SECTIONS
};

struct view_tabs {
    unsigned char tabs[VIEW_N_TABS]; /* those that are there, in order */
    size_t count;
    size_t current; /* a VIEW_TAB_* */
};

/* Those that a snapshot has (NULL: none but its vCPUs). The current one stays where it is
   still there. */
void view_tabs_find(struct view_tabs *tabs, const struct dc_snapshot *snapshot,
                    const struct view_pair *pair);

const char *view_tab_name(size_t tab);

/* Where it is a section: which. */
enum dc_section_id view_tab_section(size_t tab);

/* To the next or the previous one, going around. */
void view_tabs_move(struct view_tabs *tabs, bool forward);

/* Draws them in one row, the current one in brackets; those around it as there is room. */
void view_tabs_draw(const struct view_tabs *tabs, struct view_canvas *canvas, unsigned y);

/* The tab at column `x` of that row. false: none is there. */
bool view_tabs_at(const struct view_tabs *tabs, const struct view_canvas *canvas,
                  unsigned x, size_t *tab);

#endif
