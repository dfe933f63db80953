/*
 * copy: the selected value for the terminal's clipboard.
 *
 * A terminal takes it from OSC 52, which not everybody wants a program to have: so it must
 * have been allowed. Whoever shows the view sends view->clip where view->clip_ready.
 */
#ifndef DUMPCTL_VIEW_COPY_H
#define DUMPCTL_VIEW_COPY_H

#include "view/view.h"

/* 0, or -1 with `err` set where memory ran out. What happened is said. */
int view_copy(struct view *view, struct dc_error *err) DC_MUST_USE;

/* Adds the sequence that puts `data` on the clipboard. */
void view_copy_sequence(const char *data, size_t len, struct dc_buf *out);

#endif
