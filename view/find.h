/*
 * find: vCPUs and reports by what a person types.
 */
#ifndef DUMPCTL_VIEW_FIND_H
#define DUMPCTL_VIEW_FIND_H

#include "view/view.h"

/* Searches the screen on top from where one is; "" goes on with what was searched last. 0,
   or -1 with `err` set where memory ran out. */
int view_search(struct view *view, const char *pattern, struct dc_error *err) DC_MUST_USE;

/* Selects the vCPU of that number; or finds the section that has that name, or alone begins
   so. `tab`: where it is. false: it says why not. */
bool view_goto(struct view *view, const char *text, size_t *tab);

#endif
