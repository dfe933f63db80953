/*
 * documents: going from one report to another, from one half to the other, and taking what
 * has taken the place of a report.
 */
#ifndef DUMPCTL_VIEW_DOCUMENTS_H
#define DUMPCTL_VIEW_DOCUMENTS_H

#include "view/view.h"

/* All: 0, or -1 with `err` set where memory ran out. What cannot be done is said. */

/* The one document that there is; here its fault is an error, too. */
int view_open_first(struct view *view, struct dc_error *err) DC_MUST_USE;

int view_change_document(struct view *view, bool forward,
                         struct dc_error *err) DC_MUST_USE;

/* The one that came last. */
int view_open_newest(struct view *view, struct dc_error *err) DC_MUST_USE;

/* Late, early, both; or B, A, both. */
int view_change_side(struct view *view, struct dc_error *err) DC_MUST_USE;

/* After the filter, the order or the snapshot has changed. The selection stays, as far as
   that vCPU is shown. */
int view_rebuild_index(struct view *view, struct dc_error *err) DC_MUST_USE;

#endif
