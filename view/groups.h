/*
 * groups: vCPUs that stopped at one instruction, together: a line for each.
 */
#ifndef DUMPCTL_VIEW_GROUPS_H
#define DUMPCTL_VIEW_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

struct view;
enum view_request;

/* Draws the body of the grid; the index must be in the order of instruction pointers. */
void view_groups_draw(struct view *view);

/* Moves the selection by groups. */
void view_groups_request(struct view *view, enum view_request request);

/* Selects the group in row `y` of the canvas. false: none is there. */
bool view_groups_click(struct view *view, unsigned y);

/* How many there are, and the place of the selected one. */
size_t view_groups_count(const struct view *view, size_t *selected);

#endif
