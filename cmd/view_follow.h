/*
 * view_follow: the documents of a view that follows folders and files: what comes,
 * changes and goes there becomes so in its list, and of the document that is shown.
 */
#ifndef DUMPCTL_CMD_VIEW_FOLLOW_H
#define DUMPCTL_CMD_VIEW_FOLLOW_H

#include "cmd/follow.h"
#include "cmd/shelf.h"
#include "view/feed.h"

struct cmd_view_follow {
    struct cmd_follow follow;
    struct cmd_shelf shelf;
    bool alone;        /* one file is followed: it is opened as soon as it is there */
    size_t lost;       /* of follow.lost, what has been said */
    size_t n_new;      /* reports that have come one after the other */
    char waiting[512]; /* what is waited for */
};

/* Begins to follow; `docs` and `operands` must outlive it. 0, or -1 with `err` set.
   cmd_view_follow_close() must follow in both cases. */
int cmd_view_follow_open(struct cmd_view_follow *of, const struct cmd_documents *docs,
                         char **operands, size_t count, struct dc_error *err) DC_MUST_USE;

/* Reads all that is there; what is bad is in the list. 0, or -1 with `err` set without
   memory. */
int cmd_view_follow_read(struct cmd_view_follow *of, struct view_documents *documents,
                         struct dc_error *err) DC_MUST_USE;

/* Opens what needs no choosing in a view that has just begun. As above. */
int cmd_view_follow_begin(struct cmd_view_follow *of, struct view *view,
                          struct dc_error *err) DC_MUST_USE;

/* What happens from then on. */
struct view_feed cmd_view_follow_feed(struct cmd_view_follow *of);

void cmd_view_follow_close(struct cmd_view_follow *of);

#endif
