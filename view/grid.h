/*
 * grid: the screen with a cell for each vCPU.
 */
#ifndef DUMPCTL_VIEW_GRID_H
#define DUMPCTL_VIEW_GRID_H

#include "view/view.h"

/* How the cells lie: computed when it is wanted, from sizes and zoom. */
struct view_grid_layout {
    enum view_zoom zoom;
    unsigned from, to;    /* rows of the body */
    unsigned digits;      /* of the largest id */
    unsigned left;        /* columns before the first cell of a row */
    unsigned width;       /* of a cell */
    size_t columns, rows; /* cells in a row; rows of cells, also those not visible */
};

enum { VIEW_GRID_MARGIN = 1, VIEW_STATE_WIDTH = 11 }; /* "unavailable" */

struct view_grid_layout view_grid_layout(const struct view *view);

/* Moves the selection. Requests that are none of the grid's are left alone. */
void view_grid_request(struct view *view, enum view_request request);

/* The zoom in force: what AUTO stands for now, a line for each vCPU where the lines have
   room. */
enum view_zoom view_grid_zoom(const struct view *view);

/* Positions that are on the screen: [*first, *last); both 0 where nothing is shown. */
void view_grid_visible(const struct view *view, size_t *first, size_t *last);

/* Selects the cell at a place of the canvas. false: none is there. */
bool view_grid_click(struct view *view, unsigned x, unsigned y);

/* grid_draw.c */
void view_grid_draw(struct view *view);

#endif
