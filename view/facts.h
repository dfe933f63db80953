/*
 * facts: the screen of text on the report as a whole: what happened, what is not in it and
 * why, which vCPUs are in which state, and what else it holds.
 */
#ifndef DUMPCTL_VIEW_FACTS_H
#define DUMPCTL_VIEW_FACTS_H

#include "view/view.h"

/* Fills view->lines; view_lines_ok() tells whether memory sufficed. */
void view_facts_build(struct view *view);

#endif
