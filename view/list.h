/*
 * list: the screen of all documents, one in a line.
 */
#ifndef DUMPCTL_VIEW_LIST_H
#define DUMPCTL_VIEW_LIST_H

#include "view/view.h"

/* Whether there are several documents, and lines for them. */
bool view_list_is_there(const struct view *view);

void view_list_draw(struct view *view);

/* 0, or -1 with `err` set where memory ran out. */
int view_list_request(struct view *view, enum view_request request,
                      struct dc_error *err) DC_MUST_USE;
int view_list_find(struct view *view, bool forward, struct dc_error *err) DC_MUST_USE;

/* Selects the document in row `y` of the canvas. false: none is there. */
bool view_list_click(struct view *view, unsigned y);

#endif
