/*
 * feed: what makes a screen change that nobody has pressed a key on.
 *
 * Whoever gives the documents of a view gives a feed with them, where they may come,
 * change and go: a descriptor that is waited for beside the keys, and a function that
 * then does what it has to with the view (view/documents.h), between two keys. Without
 * anything to do nothing runs.
 */
#ifndef DUMPCTL_VIEW_FEED_H
#define DUMPCTL_VIEW_FEED_H

#include "view/view.h"

struct view_feed {
    void *ctx;
    int fd; /* readable: take() is called; -1: there is none */
    /* Milliseconds after which take() is called also where nothing is readable; 0: once
       the keys that have arrived are done; below 0: never. NULL: never. */
    int (*wait_ms)(void *ctx);
    /* Must not take longer than a person waits for a key: what is left over is for the
       next call. 0, or -1 with `err` set, which ends the screen. */
    int (*take)(void *ctx, struct view *view, struct dc_error *err);
};

#endif
