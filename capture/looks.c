#include "capture/looks.h"

#include <stdlib.h>

struct cap_looks *cap_looks_new(struct cap_source *source, struct dc_error *err) {
    struct cap_looks *self = calloc(1, sizeof(*self));
    if (self)
        self->source = source;
    else
        dc_fail(err, DC_ENOMEM, "no memory for what is seen of vCPUs that do not park");
    return self;
}

void cap_looks_free(struct cap_looks *looks) {
    free(looks);
}

static struct cap_look *find(struct cap_looks *self, uint32_t id) {
    for (uint32_t i = 0; i < self->count; i++)
        if (self->looks[i].id == id)
            return &self->looks[i];
    return NULL;
}

const struct cap_look *cap_looks_of(const struct cap_looks *looks, uint32_t id) {
    return find((struct cap_looks *)looks, id);
}

static bool is_among(uint32_t id, const uint32_t *ids, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (ids[i] == id)
            return true;
    return false;
}

/* Those who have parked since the first look make room for others. */
static void drop_parked(struct cap_looks *self, const uint32_t *ids, uint32_t count) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < self->count; i++)
        if (is_among(self->looks[i].id, ids, count))
            self->looks[kept++] = self->looks[i];
    self->count = kept;
}

static struct cap_look *find_or_add(struct cap_looks *self, uint32_t id) {
    struct cap_look *look = find(self, id);
    if (look || self->count == CAP_LOOKS_MOST)
        return look;
    look = &self->looks[self->count++];
    *look = (struct cap_look){.id = id};
    return look;
}

/* Facts first: a thread that leaves KVM_RUN in between is one that moves. */
static void glimpse(struct cap_source *source, uint32_t id, struct cap_glimpse *out) {
    out->taken = true;
    source->ops->collect(source, id, &out->facts);
    out->error =
        cap_host_thread_read(out->facts.host_tid, out->facts.kick_signal, &out->thread);
}

/* Those who have a first look come first: with a second one it tells most. */
static void take(struct cap_looks *self, const uint32_t *ids, uint32_t count, bool known,
                 enum cap_missing_when when, uint64_t limit_ns) {
    const struct cap_board *board = self->source->board;

    bool any = false;
    for (uint32_t i = 0; i < count && (!any || cap_now_ns() < limit_ns); i++) {
        if ((find(self, ids[i]) != NULL) != known)
            continue;
        bool parked = cap_board_parked(board, ids[i], self->epoch);
        if (parked && when == CAP_MISSING_BEFORE_REKICK)
            continue;
        struct cap_look *look = find_or_add(self, ids[i]);
        if (!look)
            return;
        any = true;
        look->late = parked;
        if (!parked)
            glimpse(self->source, ids[i],
                    when == CAP_MISSING_AT_END ? &look->last : &look->first);
    }
}

void cap_looks_take(void *looks, const uint32_t *ids, uint32_t count,
                    enum cap_missing_when when) {
    struct cap_looks *self = looks;
    uint64_t limit_ns =
        cap_now_ns() +
        (when == CAP_MISSING_AT_END ? CAP_LOOKS_LAST_LIMIT_NS : CAP_LOOKS_FIRST_LIMIT_NS);
    uint32_t epoch = cap_board_wanted(self->source->board);

    if (self->epoch != epoch)
        self->count = 0;
    self->epoch = epoch;
    drop_parked(self, ids, count);
    take(self, ids, count, true, when, limit_ns);
    take(self, ids, count, false, when, limit_ns);
}
