#include "view/index.h"

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

static bool lets_through(enum view_filter filter, enum dc_vcpu_state state) {
    return filter == VIEW_ALL || (filter == VIEW_PARKED && state == DC_PARKED) ||
           (filter == VIEW_NOT_PARKED && state == DC_NOT_PARKED) ||
           (filter == VIEW_UNAVAILABLE && state == DC_UNAVAILABLE);
}

static size_t count_shown(const struct dc_snapshot *snapshot, enum view_filter filter) {
    return filter == VIEW_PARKED        ? snapshot->parked
           : filter == VIEW_NOT_PARKED  ? snapshot->not_parked
           : filter == VIEW_UNAVAILABLE ? snapshot->unavailable
                                        : snapshot->vcpus;
}

static int fail(struct view_index *index, struct dc_error *err) {
    view_index_done(index);
    return dc_fail(err, DC_ENOMEM, "out of memory for the list of vCPUs");
}

int view_index_build(struct view_index *index, const struct dc_snapshot *snapshot,
                     enum view_filter filter, struct dc_error *err) {
    struct dc_alloc alloc = index->alloc;
    view_index_done(index);
    if (!snapshot || snapshot->vcpus == 0)
        return 0;
    index->states = alloc.resize(alloc.ctx, NULL, snapshot->vcpus);
    if (!index->states)
        return fail(index, err);
    size_t shown = count_shown(snapshot, filter), n = 0;
    if (filter != VIEW_ALL && shown > 0) {
        index->ids = alloc.resize(alloc.ctx, NULL, shown * sizeof(*index->ids));
        if (!index->ids)
            return fail(index, err);
    }
    for (struct dc_vcpu_walk walk = dc_vcpu_walk(snapshot); dc_vcpu_next(&walk);) {
        index->states[walk.vcpu.id] = (unsigned char)walk.vcpu.state;
        if (index->ids && n < shown && lets_through(filter, walk.vcpu.state))
            index->ids[n++] = (uint32_t)walk.vcpu.id;
    }
    index->total = snapshot->vcpus;
    index->shown = shown;
    return 0;
}

size_t view_index_id(const struct view_index *index, size_t pos) {
    return index->ids ? index->ids[pos] : pos;
}

size_t view_index_find(const struct view_index *index, size_t id) {
    size_t low = 0, high = index->shown;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (view_index_id(index, middle) < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < index->shown ? low : index->shown ? index->shown - 1 : 0;
}

bool view_index_next_bad(const struct view_index *index, bool forward, size_t *pos) {
    size_t at = *pos;
    for (size_t i = 0; i < index->shown; i++) {
        if (forward)
            at = at + 1 < index->shown ? at + 1 : 0;
        else
            at = at > 0 ? at - 1 : index->shown - 1;
        if (index->states[view_index_id(index, at)] == DC_NOT_PARKED) {
            *pos = at;
            return true;
        }
    }
    return false;
}
