#include "view/index.h"

#include <stdlib.h>
#include <string.h>

const char *view_state_name(unsigned state) {
    return state == VIEW_PENDING   ? "pending"
           : state == VIEW_RUNNING ? "running"
           : state == VIEW_ENDED   ? "ended"
                                   : dc_state_name((enum dc_vcpu_state)state);
}

const char *view_order_name(enum view_order order) {
    static const char *const names[] = {
        [VIEW_BY_ID] = "id", [VIEW_BY_STATE] = "state", [VIEW_BY_IP] = "ip"};
    return names[order];
}

const char *view_filter_name(enum view_filter filter) {
    static const char *const names[] = {
        [VIEW_ALL] = "all",
        [VIEW_NOT_PARKED] = "not_parked",
        [VIEW_UNAVAILABLE] = "unavailable",
        [VIEW_PARKED] = "parked",
    };
    return names[filter];
}

void view_index_init(struct view_index *index, struct dc_alloc alloc) {
    *index = (struct view_index){.alloc = alloc};
}

void view_index_done(struct view_index *index) {
    if (index->states)
        index->alloc.resize(index->alloc.ctx, index->states, 0);
    if (index->ids)
        index->alloc.resize(index->alloc.ctx, index->ids, 0);
    view_index_init(index, index->alloc);
}

/* Whoever is still asked to park, or is not asked at all, is not parked. */
static bool lets_through(enum view_filter filter, unsigned state) {
    return filter == VIEW_ALL || (filter == VIEW_PARKED && state == DC_PARKED) ||
           (filter == VIEW_UNAVAILABLE && state == DC_UNAVAILABLE) ||
           (filter == VIEW_NOT_PARKED && state != DC_PARKED && state != DC_UNAVAILABLE);
}

static int fail(struct view_index *index, struct dc_error *err) {
    view_index_done(index);
    return dc_fail(err, DC_ENOMEM, "out of memory for the list of vCPUs");
}

static void take_states(struct view_index *index, const struct view_choice *choice) {
    struct dc_vcpu_walk walk = dc_vcpu_walk(choice->snapshot);
    while (dc_vcpu_next(&walk)) {
        unsigned state =
            choice->states ? choice->states[walk.vcpu.id] : (unsigned)walk.vcpu.state;
        index->states[walk.vcpu.id] = (unsigned char)state;
        index->counts[state]++;
        index->shown += lets_through(choice->filter, state);
    }
}

/* ---- another order ---- */

struct ranked {
    uint64_t rank;
    uint32_t id;
};

static int compare(const void *one, const void *other) {
    const struct ranked *a = one, *b = other;
    int order = (a->rank > b->rank) - (a->rank < b->rank);
    return order ? order : (a->id > b->id) - (a->id < b->id);
}

/* What never parked comes first; what has no instruction pointer last. */
static uint64_t rank_of(const struct view_index *index, enum view_order order,
                        const struct dc_vcpu *vcpu) {
    static const unsigned char ranks[] = {
        [DC_NOT_PARKED] = 0, [VIEW_PENDING] = 1,   [VIEW_RUNNING] = 2,
        [VIEW_ENDED] = 3,    [DC_UNAVAILABLE] = 4, [DC_PARKED] = 5};
    if (order == VIEW_BY_STATE)
        return ranks[index->states[vcpu->id]];
    if (order == VIEW_BY_IP)
        return vcpu->regs ? dc_u64(vcpu->regs, DC_AT_VCPU_REGS_instruction_pointer)
                          : UINT64_MAX - index->states[vcpu->id];
    return 0;
}

static int take_ids(struct view_index *index, const struct view_choice *choice) {
    struct dc_alloc alloc = index->alloc;
    index->ids = alloc.resize(alloc.ctx, NULL, index->shown * sizeof(*index->ids));
    struct ranked *ranked = alloc.resize(alloc.ctx, NULL, index->shown * sizeof(*ranked));
    size_t n = 0;
    if (index->ids && ranked) {
        struct dc_vcpu_walk walk = dc_vcpu_walk(choice->snapshot);
        while (n < index->shown && dc_vcpu_next(&walk))
            if (lets_through(choice->filter, index->states[walk.vcpu.id]))
                ranked[n++] = (struct ranked){rank_of(index, choice->order, &walk.vcpu),
                                              (uint32_t)walk.vcpu.id};
        if (choice->order != VIEW_BY_ID)
            qsort(ranked, n, sizeof(*ranked), compare);
        for (size_t i = 0; i < n; i++)
            index->ids[i] = ranked[i].id;
    }
    bool ok = index->ids && ranked;
    if (ranked)
        alloc.resize(alloc.ctx, ranked, 0);
    return ok ? 0 : -1;
}

int view_index_build(struct view_index *index, const struct view_choice *choice,
                     struct dc_error *err) {
    struct dc_alloc alloc = index->alloc;
    const struct dc_snapshot *snapshot = choice->snapshot;
    view_index_done(index);
    if (!snapshot || snapshot->vcpus == 0)
        return 0;
    index->states = alloc.resize(alloc.ctx, NULL, snapshot->vcpus);
    if (!index->states)
        return fail(index, err);
    take_states(index, choice);
    index->total = snapshot->vcpus;
    bool plain = choice->filter == VIEW_ALL && choice->order == VIEW_BY_ID;
    if (plain || index->shown == 0)
        return 0;
    return take_ids(index, choice) < 0 ? fail(index, err) : 0;
}

size_t view_index_id(const struct view_index *index, size_t pos) {
    return index->ids ? index->ids[pos] : pos;
}

/* In any order: the one id, or what is nearest to it. */
static size_t look_for(const struct view_index *index, size_t id) {
    size_t best = 0, above = SIZE_MAX, most = 0;
    for (size_t pos = 0; pos < index->shown; pos++) {
        size_t at = index->ids[pos];
        if (at == id)
            return pos;
        if (at > id ? at < above : above == SIZE_MAX && at >= most) {
            best = pos;
            above = at > id ? at : above;
            most = at > id ? most : at;
        }
    }
    return best;
}

size_t view_index_find(const struct view_index *index, size_t id) {
    if (index->ids)
        return look_for(index, id);
    return id < index->shown ? id : index->shown ? index->shown - 1 : 0;
}

bool view_index_next_bad(const struct view_index *index, bool forward, size_t *pos) {
    size_t at = *pos;
    for (size_t i = 0; i < index->shown; i++) {
        if (forward)
            at = at + 1 < index->shown ? at + 1 : 0;
        else
            at = at > 0 ? at - 1 : index->shown - 1;
        unsigned state = index->states[view_index_id(index, at)];
        if (state == DC_NOT_PARKED || state == VIEW_PENDING) {
            *pos = at;
            return true;
        }
    }
    return false;
}
