/*
 * detail: two of the screens of text: one vCPU with all its registers, and the keys. Each
 * fills view->lines; scrolling is the same for all (view/view.c). The third: view/facts.h.
 */
#ifndef DUMPCTL_VIEW_DETAIL_H
#define DUMPCTL_VIEW_DETAIL_H

#include "view/view.h"

/* Fill view->lines; view_lines_ok() tells whether memory sufficed. */
void view_detail_build(struct view *view); /* of view->selected, which must exist */
void view_help_build(struct view *view);

#endif
