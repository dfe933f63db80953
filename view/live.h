/*
 * live: a capture that goes on, as a document among its reports.
 *
 * It is the first one of the list, and its model has nothing but vCPUs; what they do, and
 * what is said of the run, stands here. Whoever gives the documents changes it between two
 * keys (view/feed.h) and then says so.
 */
#ifndef DUMPCTL_VIEW_LIVE_H
#define DUMPCTL_VIEW_LIVE_H

#include "view/view.h"

struct view_fact {
    const char *name, *value; /* a value may hold any bytes */
};

/* Everything is borrowed, and may hold any bytes. */
struct view_live {
    const char *what;            /* in a word, where a report has its variant */
    const char *words;           /* what it waits for, where a report has its cause */
    const unsigned char *states; /* of each vCPU of the model, as in struct view_index */
    const struct view_fact *facts;
    size_t n_facts;
    struct dc_str told; /* lines; len 0: none yet */
    bool goes_on;       /* who leaves ends it first */
};

/* Where the open document is one. NULL: it is a report, or none is open. */
const struct view_live *view_live(const struct view *view);

/* It has changed. 0, or -1 with `err` set where memory ran out. */
int view_live_change(struct view *view, struct dc_error *err) DC_MUST_USE;

/* The same vCPUs are in a report now, document `i`, whose model that is: where the capture
   was looked at, its report is. As above. */
int view_live_become(struct view *view, size_t i, const struct dc_model *model,
                     struct dc_error *err) DC_MUST_USE;

#endif
