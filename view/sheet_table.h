/*
 * sheet_table: the columns of a table on the screen.
 *
 * The first column stays; of the others as many are there as have room, from one on that
 * the selected one moves. Columns grow with what is seen of them and never shrink, so that
 * scrolling is calm.
 */
#ifndef DUMPCTL_VIEW_SHEET_TABLE_H
#define DUMPCTL_VIEW_SHEET_TABLE_H

#include "view/view.h"

/* Makes room for the cells of a row, or for titles. */
void view_table_measure(struct view *view, const struct view_sheet *sheet,
                        const struct dc_outline_line *line);

/* Draws a row, or titles, behind what the pen has written; its style stands. */
void view_table_draw(struct view *view, const struct view_sheet *sheet,
                     const struct dc_outline_line *line, struct view_pen *pen);

#endif
