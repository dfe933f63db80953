/*
 * keep: what was unfolded, sorted and selected in a section, by names, so that it is
 * found again in another report, or in the other half of one.
 */
#ifndef DUMPCTL_VIEW_KEEP_H
#define DUMPCTL_VIEW_KEEP_H

#include "view/sheet.h"

/* Notes it of a sheet that is built, in sheet->kept; without memory nothing is kept. */
void view_keep_take(struct view_sheet *sheet, struct dc_alloc alloc);

/* Does to the fresh outline of a sheet what was noted, as far as the report has it, and
   forgets it. *selected: the line that was, or NULL where it has no name, or is not
   there. 0, or -1 with `err` set where memory ran out. */
int view_keep_give(struct view_sheet *sheet, const struct dc_outline_line **selected,
                   struct dc_error *err) DC_MUST_USE;

void view_keep_drop(struct view_sheet *sheet);

#endif
