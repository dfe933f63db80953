#include "tests/soak/thread_source.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/clock.h"
#include "capture/vcpu.h"

#define MEMORY_BYTES (UINT64_C(64) << 10)
#define TABLES UINT64_C(0x1000) /* of pages: the first GiB, itself */
#define TURNS 2000              /* in one stay in the guest, if nobody kicks */
#define STOP_LIMIT_NS (10 * CAP_NS_PER_S)
#define IDLE_US 500

struct thread {
    struct soak_threads *shared;
    uint32_t id;
    bool stuck, unreadable, started;
    uint32_t late_ms;
    pthread_t thread;
    struct soak_random random; /* its own */
    uint64_t turns, bell_at;
    bool flipped;
    atomic_bool kicked, done;
    _Atomic int32_t tid;
    _Atomic uint32_t life;
    _Atomic uint64_t runs;
};

struct soak_threads {
    struct cap_source source; /* first */
    const struct soak_plan *plan;
    const struct cap_doorbell *doorbell;
    uint32_t count;
    uint64_t start_ns; /* set before the threads are */
    atomic_bool quit;
    _Atomic uint64_t event; /* life << 32 | id */
    struct sigaction old_action;
    bool catching;
    struct thread *threads;
    _Alignas(64) uint8_t memory[MEMORY_BYTES];
};

static struct soak_threads *threads_of(struct cap_source *source) {
    return (struct soak_threads *)source;
}

/* ---- memory: every access is a whole one ---- */

static void store32(struct soak_threads *self, uint64_t address, uint32_t value) {
    __atomic_store_n((uint32_t *)(void *)(self->memory + address), value,
                     __ATOMIC_SEQ_CST);
}

static void store64(struct soak_threads *self, uint64_t address, uint64_t value) {
    __atomic_store_n((uint64_t *)(void *)(self->memory + address), value,
                     __ATOMIC_RELAXED);
}

static uint64_t load64(const struct soak_threads *self, uint64_t address) {
    return __atomic_load_n((const uint64_t *)(const void *)(self->memory + address),
                           __ATOMIC_RELAXED);
}

static bool read_memory(struct cap_source *source, uint64_t address, void *to,
                        size_t bytes) {
    const struct soak_threads *self = threads_of(source);
    uint8_t *out = to;

    if (bytes > MEMORY_BYTES || address > MEMORY_BYTES - bytes)
        return false;
    if (bytes == 8 && address % 8 == 0) {
        uint64_t value = load64(self, address);
        memcpy(to, &value, sizeof(value));
        return true;
    }
    if (bytes == 4 && address % 4 == 0) {
        uint32_t value = __atomic_load_n(
            (const uint32_t *)(const void *)(self->memory + address), __ATOMIC_SEQ_CST);
        memcpy(to, &value, sizeof(value));
        return true;
    }
    for (size_t i = 0; i < bytes; i++)
        out[i] = __atomic_load_n(self->memory + address + i, __ATOMIC_RELAXED);
    return true;
}

static int memory_file(struct cap_source *source, uint64_t *bytes) {
    (void)source;
    *bytes = 0;
    return -1;
}

static uint64_t page_table(struct cap_source *source) {
    (void)source;
    return TABLES;
}

/* ---- a vCPU ---- */

static bool must_quit(const struct thread *vcpu) {
    return atomic_load(&vcpu->shared->quit);
}

static uint32_t wanted(const struct thread *vcpu) {
    return vcpu->stuck ? 0 : cap_board_wanted(vcpu->shared->source.board);
}

static void be_late(const struct thread *vcpu) {
    uint64_t until = cap_now_ns() + vcpu->late_ms * CAP_NS_PER_MS;
    while (!must_quit(vcpu) && cap_now_ns() < until)
        usleep(300);
}

static void park(struct thread *vcpu, uint32_t epoch) {
    struct cap_board *board = vcpu->shared->source.board;
    struct cap_slot *slot = &board->seats[vcpu->id].slot;

    *slot = (struct cap_slot){.error = vcpu->unreadable ? EIO : 0};
    slot->registers.general.rip =
        load64(vcpu->shared, SOAK_COUNTERS + vcpu->id * SOAK_STRIDE);
    slot->registers.general.rsp = ~slot->registers.general.rip;
    if (vcpu->late_ms > 0)
        be_late(vcpu);
    slot->parked_ns = cap_now_ns();
    cap_board_ack(board, vcpu->id, epoch);
    while (cap_board_wanted(board) == epoch && !must_quit(vcpu))
        cap_board_hold(board, epoch, 100 * CAP_NS_PER_MS);
    cap_board_leave(board, vcpu->id, epoch);
}

static void come_to_rest(struct thread *vcpu, enum cap_life life) {
    uint64_t none = 0, event = (uint64_t)life << 32 | vcpu->id;
    atomic_store(&vcpu->life, (uint32_t)life);
    atomic_compare_exchange_strong(&vcpu->shared->event, &none, event);
    cap_board_ring(vcpu->shared->source.board);
}

/* ---- the guest ---- */

static bool is_time(uint32_t at_ms, uint64_t now_ms) {
    return at_ms > 0 && now_ms >= at_ms;
}

/* vCPU 0 keeps the time, and says what goes wrong. */
static void keep_time(struct thread *vcpu, uint64_t now_ms) {
    struct soak_threads *self = vcpu->shared;
    const struct soak_script *script = &self->plan->script;

    store64(self, SOAK_JIFFIES, 1 + now_ms);
    if (is_time(script->kind_ms, now_ms))
        store32(self, SOAK_EXIT_KIND, 1025);
    if (is_time(script->latch_ms, now_ms))
        store32(self, SOAK_LATCH, 1);
    if (is_time(script->flip_ms, now_ms) && !vcpu->flipped) {
        store32(self, SOAK_EXIT_KIND, 1024);
        store32(self, SOAK_EXIT_KIND, 0);
        vcpu->flipped = true;
    }
    if (is_time(script->end_ms, now_ms))
        come_to_rest(vcpu, CAP_ENDED);
}

static void ring_the_bell(struct thread *vcpu) {
    const struct cap_doorbell *bell = vcpu->shared->doorbell;
    uint32_t every = vcpu->shared->plan->script.bell_turn;

    if (!bell || every == 0 || vcpu->turns < vcpu->bell_at)
        return;
    vcpu->bell_at = vcpu->turns + soak_between(&vcpu->random, 1, 2 * every);
    (void)bell->state(bell->context, vcpu->id);
    (void)bell->ask(bell->context, vcpu->id, soak_below(&vcpu->random, 3));
}

static void live(struct thread *vcpu) {
    struct soak_threads *self = vcpu->shared;
    const struct soak_script *script = &self->plan->script;
    uint64_t now_ms = (cap_now_ns() - self->start_ns) / CAP_NS_PER_MS;
    bool last = vcpu->id == self->count - 1;

    vcpu->turns++;
    if (vcpu->id == 0)
        keep_time(vcpu, now_ms);
    if (!last || !script->stalls)
        store64(self, SOAK_RUNNABLE + vcpu->id * 8, 1 + now_ms);
    if (last && is_time(script->crash_ms, now_ms))
        come_to_rest(vcpu, CAP_FAILED);
    ring_the_bell(vcpu);
    /* Some of them are idle now and then; busy ones share few processors. */
    if (soak_chance(&vcpu->random, 2))
        cap_board_idle(self->source.board,
                       soak_below(&vcpu->random, IDLE_US) * CAP_NS_PER_US);
}

/* One stay in the guest, with the same handshake as capture/vcpu.c. */
static void stay(struct thread *vcpu) {
    uint64_t address = SOAK_COUNTERS + vcpu->id * SOAK_STRIDE;

    atomic_store(&vcpu->kicked, false);
    if (must_quit(vcpu) || wanted(vcpu) != 0)
        return;
    for (uint32_t i = 0; i < TURNS && !atomic_load(&vcpu->kicked); i++)
        store64(vcpu->shared, address, load64(vcpu->shared, address) + 1);
    atomic_fetch_add(&vcpu->runs, 1);
    if (!atomic_load(&vcpu->kicked))
        live(vcpu);
}

static void *thread_main(void *arg) {
    struct thread *vcpu = arg;

    atomic_store(&vcpu->tid, gettid());
    while (!must_quit(vcpu)) {
        uint32_t epoch = wanted(vcpu);
        if (epoch != 0)
            park(vcpu, epoch);
        else if (atomic_load(&vcpu->life) != CAP_RUNNING)
            cap_board_idle(vcpu->shared->source.board, 100 * CAP_NS_PER_MS);
        else
            stay(vcpu);
    }
    atomic_store(&vcpu->done, true);
    return NULL;
}

/* ---- the source ---- */

static int stop(struct cap_source *source, struct dc_error *err);

static int start(struct cap_source *source, struct dc_error *err) {
    struct soak_threads *self = threads_of(source);

    cap_vcpu_catch_kicks(&self->old_action);
    self->catching = true;
    self->start_ns = cap_now_ns();
    for (uint32_t id = 0; id < self->count; id++) {
        struct thread *vcpu = &self->threads[id];
        int error = pthread_create(&vcpu->thread, NULL, thread_main, vcpu);
        if (error) {
            stop(source, NULL);
            return dc_fail_errno(err, DC_ECANNOT, error, "cannot start a thread");
        }
        vcpu->started = true;
    }
    return 0;
}

static uint32_t vcpu_count(const struct cap_source *source) {
    return ((const struct soak_threads *)source)->count;
}

static void kick(struct cap_source *source, uint32_t id) {
    struct thread *vcpu = &threads_of(source)->threads[id];
    atomic_store(&vcpu->kicked, true);
    if (vcpu->started)
        pthread_kill(vcpu->thread, SIGURG);
}

static int hurry(struct cap_source *source, uint32_t id, bool on) {
    (void)source;
    (void)id;
    return on ? EPERM : 0;
}

static void collect(struct cap_source *source, uint32_t id, struct cap_vcpu_facts *out) {
    struct thread *vcpu = &threads_of(source)->threads[id];
    *out = (struct cap_vcpu_facts){
        .life = (enum cap_life)atomic_load(&vcpu->life),
        .host_tid = atomic_load(&vcpu->tid),
        .kick_signal = SIGURG,
        .exit_reason = KVM_EXIT_INTR,
        .runs = atomic_load(&vcpu->runs),
    };
    if (out->life == CAP_FAILED)
        out->exit_reason = KVM_EXIT_SHUTDOWN;
}

static enum cap_life life(struct cap_source *source, uint32_t *vcpu) {
    uint64_t event = atomic_load(&threads_of(source)->event);
    if (vcpu)
        *vcpu = (uint32_t)event;
    return (enum cap_life)(event >> 32);
}

static void thaw(struct cap_source *source) {
    cap_board_close(source->board);
}

static uint32_t kick_to_end(struct soak_threads *self) {
    uint32_t running = 0;
    for (uint32_t id = 0; id < self->count; id++) {
        if (!self->threads[id].started || atomic_load(&self->threads[id].done))
            continue;
        running++;
        kick(&self->source, id);
    }
    return running;
}

static int stop(struct cap_source *source, struct dc_error *err) {
    struct soak_threads *self = threads_of(source);
    uint64_t limit = cap_now_ns() + STOP_LIMIT_NS;

    atomic_store(&self->quit, true);
    cap_board_close(source->board);
    while (kick_to_end(self) > 0) {
        if (cap_now_ns() >= limit)
            return dc_fail(err, DC_EINTERNAL, "the threads do not end");
        usleep(500);
    }
    for (uint32_t id = 0; id < self->count; id++) {
        if (self->threads[id].started)
            pthread_join(self->threads[id].thread, NULL);
        self->threads[id].started = false;
    }
    if (self->catching)
        cap_vcpu_uncatch_kicks(&self->old_action);
    self->catching = false;
    return 0;
}

static const struct cap_source_ops thread_ops = {
    .start = start,
    .vcpu_count = vcpu_count,
    .kick = kick,
    .hurry = hurry,
    .collect = collect,
    .read_memory = read_memory,
    .memory_file = memory_file,
    .page_table = page_table,
    .life = life,
    .thaw = thaw,
    .stop = stop,
};

/* ---- life ---- */

static void map_memory(struct soak_threads *self) {
    enum { TABLE = 0x07, PAGE = 0x87 }; /* present, writable, user; a GiB of it */
    store64(self, TABLES, (TABLES + 0x1000) | TABLE);
    store64(self, TABLES + 0x1000, PAGE);
    store64(self, SOAK_POINTER, SOAK_EXIT_KIND);
}

static void make_threads(struct soak_threads *self) {
    const struct soak_plan *plan = self->plan;
    const struct cap_inject *inject = &plan->options.inject;

    for (uint32_t id = 0; id < self->count; id++)
        self->threads[id] = (struct thread){
            .shared = self,
            .id = id,
            .stuck = cap_id_list_has(&inject->stuck, id),
            .unreadable = cap_id_list_has(&inject->unreadable, id),
            .late_ms = cap_late_ms(&inject->late, id),
            .random = soak_random(plan->random.state, id + 1),
        };
}

struct soak_threads *soak_threads_new(const struct soak_plan *plan,
                                      struct dc_error *err) {
    struct soak_threads *self = aligned_alloc(64, sizeof(*self));
    if (!self) {
        dc_fail(err, DC_ENOMEM, "no memory for threads");
        return NULL;
    }
    memset(self, 0, sizeof(*self));
    self->plan = plan;
    self->count = plan->options.vcpus;
    self->source.ops = &thread_ops;
    self->threads = calloc(self->count, sizeof(*self->threads));
    self->source.board = cap_board_new(self->count, err);
    if (!self->threads || !self->source.board) {
        dc_fail(err, DC_ENOMEM, "no memory for threads");
        soak_threads_free(self);
        return NULL;
    }
    map_memory(self);
    make_threads(self);
    return self;
}

struct cap_source *soak_threads_source(struct soak_threads *threads) {
    return &threads->source;
}

void soak_threads_set_doorbell(struct soak_threads *threads,
                               const struct cap_doorbell *doorbell) {
    threads->doorbell = doorbell;
}

void soak_threads_free(struct soak_threads *threads) {
    if (!threads)
        return;
    cap_board_free(threads->source.board);
    free(threads->threads);
    free(threads);
}
