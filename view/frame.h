/*
 * frame: what stands around every screen: at the top the report, what happened, and how
 * many vCPUs parked; at the bottom a line on the selection or a message, and the keys.
 */
#ifndef DUMPCTL_VIEW_FRAME_H
#define DUMPCTL_VIEW_FRAME_H

#include "view/view.h"

enum {
    VIEW_HEADER_ROWS = 4,
    VIEW_TABS_ROW = VIEW_HEADER_ROWS - 1,
    VIEW_LIST_HEADER_ROWS = 2, /* of the list of reports */
    VIEW_FOOTER_ROWS = 2,
};

/* `where`: the bit of the screen on top, for its keys. */
void view_frame_draw(struct view *view, unsigned where);

/* Instead of everything, where the canvas is too small for anything else. */
void view_frame_too_small(struct view *view);

#endif
