#include "tests/soak/source_wrapper.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static struct soak_wrapper *wrapper_of(struct cap_source *source) {
    return (struct soak_wrapper *)source;
}

static bool chance(struct soak_wrapper *self, uint32_t n) {
    return soak_chance(&self->random, n);
}

/* ---- who runs though frozen ---- */

static bool read_counter(struct soak_wrapper *self, uint32_t id, uint64_t *count) {
    return self->inner->ops->read_memory(
        self->inner, self->counters.address + id * self->counters.stride, count,
        sizeof(*count));
}

static void compare(struct soak_wrapper *self, uint32_t id, uint32_t epoch) {
    uint64_t now;
    if (!self->held[id] || !read_counter(self, id, &now))
        return;
    self->looked_at++;
    if (now == self->seen[id] || self->torn.found)
        return;
    self->torn = (struct soak_torn){true, id, epoch, self->seen[id], now};
}

/* A second look in one freeze is a comparison, too. */
static void note(struct soak_wrapper *self, uint32_t id, uint32_t epoch) {
    if (self->held[id]) {
        compare(self, id, epoch);
        return;
    }
    self->held[id] = read_counter(self, id, &self->seen[id]);
    self->seen_epoch = epoch;
    self->advanced += self->held[id] && self->seen[id] != self->last[id];
    self->last[id] = self->seen[id];
}

/* ---- the source ---- */

static int start(struct cap_source *source, struct dc_error *err) {
    struct soak_wrapper *self = wrapper_of(source);
    struct cap_vcpu_facts facts;

    if (chance(self, self->faults.fail_start)) {
        self->start_failed = true;
        return dc_fail(err, DC_EINTERNAL, "it does not start, on purpose");
    }
    if (self->inner->ops->start(self->inner, err))
        return -1;
    for (uint32_t id = 0; id < self->count; id++) {
        self->inner->ops->collect(self->inner, id, &facts);
        atomic_store(&self->tids[id], facts.host_tid);
    }
    return 0;
}

static uint32_t vcpu_count(const struct cap_source *source) {
    return ((const struct soak_wrapper *)source)->count;
}

static void kick(struct cap_source *source, uint32_t id) {
    struct soak_wrapper *self = wrapper_of(source);
    if (chance(self, self->faults.drop_kick))
        return;
    if (chance(self, self->faults.delay_kick))
        usleep(soak_below(&self->random, 3000));
    self->inner->ops->kick(self->inner, id);
    if (chance(self, self->faults.double_kick))
        self->inner->ops->kick(self->inner, id);
}

static int hurry(struct cap_source *source, uint32_t id, bool on) {
    struct soak_wrapper *self = wrapper_of(source);
    if (on && chance(self, self->faults.refuse_hurry))
        return EPERM;
    return self->inner->ops->hurry(self->inner, id, on);
}

static void collect(struct cap_source *source, uint32_t id, struct cap_vcpu_facts *out) {
    struct soak_wrapper *self = wrapper_of(source);
    uint32_t epoch = cap_board_wanted(self->inner->board);

    if (epoch != 0 && cap_board_parked(self->inner->board, id, epoch))
        note(self, id, epoch);
    self->inner->ops->collect(self->inner, id, out);
}

static struct cap_full *full_new(struct cap_source *source, struct dc_error *err) {
    struct cap_source *inner = wrapper_of(source)->inner;
    return inner->ops->full_new(inner, err);
}

static void full_take(struct cap_source *source, struct cap_full *full, uint32_t id) {
    struct soak_wrapper *self = wrapper_of(source);
    if (!self->torn.found) /* else its thread may be in the guest, and this would block */
        self->inner->ops->full_take(self->inner, full, id);
}

static bool read_memory(struct cap_source *source, uint64_t address, void *to,
                        size_t bytes) {
    struct soak_wrapper *self = wrapper_of(source);
    if (chance(self, self->faults.fail_read))
        return false;
    return self->inner->ops->read_memory(self->inner, address, to, bytes);
}

static int memory_file(struct cap_source *source, uint64_t *bytes) {
    struct cap_source *inner = wrapper_of(source)->inner;
    return inner->ops->memory_file(inner, bytes);
}

static uint64_t page_table(struct cap_source *source) {
    struct cap_source *inner = wrapper_of(source)->inner;
    return inner->ops->page_table(inner);
}

static enum cap_life life(struct cap_source *source, uint32_t *vcpu) {
    struct cap_source *inner = wrapper_of(source)->inner;
    return inner->ops->life(inner, vcpu);
}

static int watch(struct cap_source *source, unsigned index, enum cap_watch_kind kind,
                 const struct cap_watch_request *request, struct dc_error *err) {
    struct soak_wrapper *self = wrapper_of(source);
    if (request && kind != CAP_WATCH_NONE && chance(self, self->faults.fail_watch))
        return dc_fail(err, DC_EINTERNAL, "it cannot be armed, on purpose");
    return self->inner->ops->watch(self->inner, index, kind, request, err);
}

static bool watch_hit(struct cap_source *source, unsigned index,
                      struct cap_watch_hit *out) {
    struct cap_source *inner = wrapper_of(source)->inner;
    return inner->ops->watch_hit(inner, index, out);
}

static void watch_reset(struct cap_source *source, unsigned index) {
    struct cap_source *inner = wrapper_of(source)->inner;
    inner->ops->watch_reset(inner, index);
}

static enum cap_watch_kind watch_kind(struct cap_source *source, unsigned index,
                                      struct cap_watch_arming *out) {
    struct cap_source *inner = wrapper_of(source)->inner;
    return inner->ops->watch_kind(inner, index, out);
}

static void settled(struct cap_source *source) {
    struct soak_wrapper *self = wrapper_of(source);
    uint32_t epoch = cap_board_wanted(self->inner->board);

    for (uint32_t id = 0; id < self->count; id++)
        note(self, id, epoch);
    if (self->inner->ops->settled)
        self->inner->ops->settled(self->inner);
    if (chance(self, self->faults.dwell))
        usleep(soak_below(&self->random, 1000));
}

static void clock_facts(struct cap_source *source, struct cap_clock_facts *out) {
    struct soak_wrapper *self = wrapper_of(source);
    self->inner->ops->clock(self->inner, out);
    if (!chance(self, self->faults.fail_clock))
        return;
    *out = (struct cap_clock_facts){.error = EIO};
}

static void thaw(struct cap_source *source) {
    struct soak_wrapper *self = wrapper_of(source);
    uint32_t epoch = cap_board_wanted(self->inner->board);

    for (uint32_t id = 0; id < self->count; id++)
        compare(self, id, epoch);
    memset(self->held, 0, sizeof(self->held));
    self->freezes++;
    if (self->torn.found) /* as in full_take() */
        cap_board_close(self->inner->board);
    else
        self->inner->ops->thaw(self->inner);
}

static int stop(struct cap_source *source, struct dc_error *err) {
    struct soak_wrapper *self = wrapper_of(source);
    if (self->inner->ops->stop(self->inner, err))
        return -1;
    if (!chance(self, self->faults.fail_stop))
        return 0;
    self->stop_failed = true;
    return dc_fail(err, DC_EINTERNAL, "it does not stop, it says");
}

static const struct cap_source_ops wrapper_ops = {
    .start = start,
    .vcpu_count = vcpu_count,
    .kick = kick,
    .hurry = hurry,
    .collect = collect,
    .full_new = full_new,
    .full_take = full_take,
    .read_memory = read_memory,
    .memory_file = memory_file,
    .page_table = page_table,
    .life = life,
    .watch = watch,
    .watch_hit = watch_hit,
    .watch_reset = watch_reset,
    .watch_kind = watch_kind,
    .settled = settled,
    .clock = clock_facts,
    .thaw = thaw,
    .stop = stop,
};

void soak_wrap(struct soak_wrapper *wrapper, struct cap_source *inner,
               const struct soak_faults *faults, const struct soak_counters *counters,
               struct soak_random random) {
    *wrapper = (struct soak_wrapper){
        .ops = wrapper_ops,
        .inner = inner,
        .random = random,
        .faults = *faults,
        .counters = *counters,
        .count = inner->ops->vcpu_count(inner),
    };
    wrapper->source.ops = &wrapper->ops;
    wrapper->source.board = inner->board;
    /* What the inner one has not, this one has not either. */
    if (!inner->ops->watch) {
        wrapper->ops.watch = NULL;
        wrapper->ops.watch_hit = NULL;
        wrapper->ops.watch_reset = NULL;
        wrapper->ops.watch_kind = NULL;
    }
    if (!inner->ops->full_new) {
        wrapper->ops.full_new = NULL;
        wrapper->ops.full_take = NULL;
    }
    if (!inner->ops->clock)
        wrapper->ops.clock = NULL;
}
