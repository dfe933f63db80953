/*
 * entry: the screen of text on one line of a section: every column of a row, a value in
 * full, a counter as a large plot.
 */
#ifndef DUMPCTL_VIEW_ENTRY_H
#define DUMPCTL_VIEW_ENTRY_H

#include "view/view.h"

/* Fills view->lines; view_lines_ok() tells whether memory sufficed. */
void view_entry_build(struct view *view);

#endif
