/*
 * index: the vCPUs of one snapshot that a filter lets through, in an order.
 *
 * Made for millions of slots: a byte for each vCPU and, where a filter hides some or they do
 * not stand by id, four for each that is shown. A position counts what is shown, an id
 * counts all.
 */
#ifndef DUMPCTL_VIEW_INDEX_H
#define DUMPCTL_VIEW_INDEX_H

#include "lib/model.h"

/* States that only a capture has: not parked, but still asked to; in the guest, with no
   freeze in force; there no more, for the guest has ended. */
enum { VIEW_PENDING = DC_UNAVAILABLE + 1, VIEW_RUNNING, VIEW_ENDED, VIEW_N_STATES };

/* "parked", "not_parked", "unavailable", "pending", "running", "ended". */
const char *view_state_name(unsigned state);

enum view_filter {
    VIEW_ALL,
    VIEW_NOT_PARKED,
    VIEW_UNAVAILABLE,
    VIEW_PARKED,
    VIEW_N_FILTERS,
};

/* "all", "not_parked", "unavailable", "parked". */
const char *view_filter_name(enum view_filter filter);

enum view_order { VIEW_BY_ID, VIEW_BY_STATE, VIEW_BY_IP, VIEW_N_ORDERS };

/* "id", "state", "ip". */
const char *view_order_name(enum view_order order);

/* What an index is built of. */
struct view_choice {
    const struct dc_snapshot *snapshot; /* NULL: no vCPUs */
    enum view_filter filter;
    enum view_order order;
    const unsigned char *states; /* of its vCPUs; NULL: as it says itself */
};

struct view_index {
    struct dc_alloc alloc;
    size_t total;                 /* vCPUs of the snapshot */
    size_t shown;                 /* of these */
    size_t counts[VIEW_N_STATES]; /* of all, by state */
    unsigned char *states;        /* for each vCPU; NULL where total is 0 */
    uint32_t *ids;                /* of those shown, in order; NULL: all, by id */
};

void view_index_init(struct view_index *index, struct dc_alloc alloc);
void view_index_done(struct view_index *index);

/* Builds it anew. 0, or -1 with `err` set where memory ran out: then it is empty. */
int view_index_build(struct view_index *index, const struct view_choice *choice,
                     struct dc_error *err) DC_MUST_USE;

/* The id at position `pos` < shown. */
size_t view_index_id(const struct view_index *index, size_t pos);

/* The position of `id`; where it is not shown, of the next larger id that is, else of the
   largest; 0 where nothing is shown. */
size_t view_index_find(const struct view_index *index, size_t id);

/* The next position behind `pos` (or before it) whose vCPU is not_parked or pending, going
   around the end; `pos` itself where there is no other. false: none at all. */
bool view_index_next_bad(const struct view_index *index, bool forward, size_t *pos);

#endif
