/*
 * index: the vCPUs of one snapshot that a filter lets through, in order of their ids.
 *
 * Made for millions of slots: a byte for each vCPU and, where a filter hides some, four for
 * each that is shown. A position counts what is shown, an id counts all.
 */
#ifndef DUMPCTL_VIEW_INDEX_H
#define DUMPCTL_VIEW_INDEX_H

#include "lib/model.h"

enum view_filter {
    VIEW_ALL,
    VIEW_NOT_PARKED,
    VIEW_UNAVAILABLE,
    VIEW_PARKED,
    VIEW_N_FILTERS,
};

/* "all", "not_parked", "unavailable", "parked". */
const char *view_filter_name(enum view_filter filter);

struct view_index {
    struct dc_alloc alloc;
    size_t total;          /* vCPUs of the snapshot */
    size_t shown;          /* of these */
    unsigned char *states; /* an enum dc_vcpu_state for each; NULL where total is 0 */
    uint32_t *ids;         /* of those shown; NULL: all are */
};

void view_index_init(struct view_index *index, struct dc_alloc alloc);
void view_index_done(struct view_index *index);

/* Builds it anew (snapshot NULL: empty). 0, or -1 with `err` set where memory ran out:
   then it is empty. */
int view_index_build(struct view_index *index, const struct dc_snapshot *snapshot,
                     enum view_filter filter, struct dc_error *err) DC_MUST_USE;

/* The id at position `pos` < shown. */
size_t view_index_id(const struct view_index *index, size_t pos);

/* The position of `id`, else of the next larger id that is shown, else the last one; 0
   where nothing is shown. */
size_t view_index_find(const struct view_index *index, size_t id);

/* The next position behind `pos` (or before it) whose vCPU is not_parked, going around the
   end; `pos` itself where there is no other. false: none at all. */
bool view_index_next_bad(const struct view_index *index, bool forward, size_t *pos);

#endif
