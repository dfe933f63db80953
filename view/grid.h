/*
 * grid: the screen with a cell for each vCPU.
 */
#ifndef DUMPCTL_VIEW_GRID_H
#define DUMPCTL_VIEW_GRID_H

#include "view/view.h"

void view_grid_draw(struct view *view);

/* Moves the selection. Requests that are none of the grid's are left alone. */
void view_grid_request(struct view *view, enum view_request request);

/* The zoom in force: what AUTO stands for now, a line for each vCPU where the lines have
   room. */
enum view_zoom view_grid_zoom(const struct view *view);

/* Positions that are on the screen: [*first, *last); both 0 where nothing is shown. */
void view_grid_visible(const struct view *view, size_t *first, size_t *last);

#endif
