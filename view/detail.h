/*
 * detail: the screens of text: one vCPU with all its registers, the facts of the report,
 * and the keys. Each fills view->lines; scrolling is the same for all.
 */
#ifndef DUMPCTL_VIEW_DETAIL_H
#define DUMPCTL_VIEW_DETAIL_H

#include "view/view.h"

/* Fill view->lines; view_lines_ok() tells whether memory sufficed. */
void view_detail_build(struct view *view); /* of view->selected, which must exist */
void view_facts_build(struct view *view);
void view_help_build(struct view *view);

#endif
