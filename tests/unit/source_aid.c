#include "tests/unit/source_aid.h"

#include "capture/clock.h"

#define TABLES UINT64_C(0x1000)

static struct aid_source *aid_of(struct cap_source *source) {
    return (struct aid_source *)source;
}

/* ---- the source ---- */

static int start(struct cap_source *source, struct dc_error *err) {
    if (aid_of(source)->fail_start)
        return dc_fail(err, DC_EINTERNAL, "it does not start");
    return 0;
}

static uint32_t vcpu_count(const struct cap_source *source) {
    return ((const struct aid_source *)source)->count;
}

static void kick(struct cap_source *source, uint32_t id) {
    struct aid_source *aid = aid_of(source);
    aid->act(aid, id, ++aid->kicks[id]);
}

static int hurry(struct cap_source *source, uint32_t id, bool on) {
    (void)source;
    (void)id;
    (void)on;
    return 1;
}

static void collect(struct cap_source *source, uint32_t id, struct cap_vcpu_facts *out) {
    struct aid_source *aid = aid_of(source);
    *out = (struct cap_vcpu_facts){.life = CAP_RUNNING, .host_tid = 0};
    if (aid->at_collect && id == 0)
        aid->at_collect(aid);
    aid->facts_read[id]++;
    if (id == aid->event_vcpu && aid->life != CAP_RUNNING) {
        out->life = aid->life;
        out->detail = aid->status;
    }
}

static enum cap_life life(struct cap_source *source, uint32_t *vcpu) {
    struct aid_source *aid = aid_of(source);
    aid->looks++;
    if (aid->at_look)
        aid->at_look(aid, aid->looks);
    if (vcpu)
        *vcpu = aid->event_vcpu;
    return aid->life;
}

static void settled(struct cap_source *source) {
    aid_of(source)->settled++;
}

/* Those that are parked leave at once. */
static void thaw(struct cap_source *source) {
    struct aid_source *aid = aid_of(source);
    uint32_t epoch = cap_board_wanted(source->board);

    aid->thaws++;
    cap_board_close(source->board);
    for (uint32_t id = 0; id < aid->count; id++) {
        aid->kicks[id] = 0;
        if (cap_board_parked(source->board, id, epoch) && !(aid->linger >> id & 1))
            cap_board_leave(source->board, id, epoch);
    }
    if (aid->at_thaw)
        aid->at_thaw(aid);
}

static int stop(struct cap_source *source, struct dc_error *err) {
    (void)err;
    aid_of(source)->stops++;
    cap_board_close(source->board);
    return 0;
}

/* ---- watches ---- */

static int watch(struct cap_source *source, unsigned index, enum cap_watch_kind kind,
                 const struct cap_watch_request *request, struct dc_error *err) {
    struct aid_source *aid = aid_of(source);
    if (!request || kind == CAP_WATCH_NONE) {
        aid->watches[index].kind = CAP_WATCH_NONE;
        return CAP_WATCH_SET;
    }
    aid->arms++;
    if (aid->fail_arms > 0) {
        aid->fail_arms--;
        return dc_fail(err, DC_EINTERNAL, "it cannot be armed");
    }
    aid->watches[index].hit = false;
    if (aid->again > 0) {
        aid->again--;
        aid->watches[index].kind = CAP_WATCH_NONE;
        return CAP_WATCH_AGAIN;
    }
    aid->watches[index].kind = kind;
    aid->watches[index].request = *request;
    return CAP_WATCH_SET;
}

static bool watch_hit(struct cap_source *source, unsigned index,
                      struct cap_watch_hit *out) {
    *out = aid_of(source)->watches[index].found;
    return aid_of(source)->watches[index].hit;
}

static void watch_reset(struct cap_source *source, unsigned index) {
    aid_of(source)->watches[index].hit = false;
}

static enum cap_watch_kind watch_kind(struct cap_source *source, unsigned index,
                                      struct cap_watch_arming *out) {
    if (out)
        *out = aid_of(source)->arming;
    return aid_of(source)->watches[index].kind;
}

void aid_store(struct aid_source *aid, uint64_t address, uint32_t value) {
    memcpy(aid->bytes + address, &value, sizeof(value));
    for (unsigned i = 0; i < CAP_SIGHTS; i++) {
        if (aid->watches[i].kind == CAP_WATCH_NONE || aid->watches[i].hit ||
            aid->watches[i].request.physical != address ||
            value < aid->watches[i].request.at_least)
            continue;
        aid->watches[i].hit = true;
        aid->watches[i].found =
            (struct cap_watch_hit){.value = value, .ns = cap_now_ns()};
        cap_board_ring(aid->memory.source.board);
    }
}

void aid_store64(struct aid_source *aid, uint64_t address, uint64_t value) {
    memcpy(aid->bytes + address, &value, sizeof(value));
}

/* ---- life ---- */

void aid_park(struct aid_source *aid, uint32_t id, uint32_t kick_number) {
    struct cap_board *board = aid->memory.source.board;
    struct cap_slot *slot = &board->seats[id].slot;
    uint32_t epoch = cap_board_wanted(board);
    (void)kick_number;
    *slot =
        (struct cap_slot){.error = aid->register_error[id], .parked_ns = cap_now_ns()};
    slot->registers.general.rip = epoch;
    aid->register_error[id] = 0;
    cap_board_ack(board, id, epoch);
}

int aid_source_open(struct aid_source *aid, uint32_t count) {
    static struct cap_source_ops ops;
    struct dc_error err;

    *aid = (struct aid_source){
        .count = count,
        .act = aid_park,
        .latch = {.known = true, .base = AID_LATCH},
        .exit_kind = {.known = true, .indirect = true, .base = AID_POINTER},
    };
    aid_memory_init(&aid->memory, aid->bytes, AID_MEMORY, TABLES);
    ops = *aid->memory.source.ops; /* its memory */
    ops.start = start;
    ops.vcpu_count = vcpu_count;
    ops.kick = kick;
    ops.hurry = hurry;
    ops.collect = collect;
    ops.life = life;
    ops.settled = settled;
    ops.thaw = thaw;
    ops.stop = stop;
    ops.watch = watch;
    ops.watch_hit = watch_hit;
    ops.watch_reset = watch_reset;
    ops.watch_kind = watch_kind;
    aid->memory.source.ops = &ops;
    aid_map(&aid->memory, 0, 0, 1, AID_P | AID_W | AID_U | AID_PS);
    aid_store64(aid, AID_POINTER, AID_EXIT_KIND);
    aid->memory.source.board = cap_board_new(count, &err);
    return CHECK(aid->memory.source.board != NULL) ? 0 : -1;
}

void aid_source_close(struct aid_source *aid) {
    cap_board_free(aid->memory.source.board);
    aid->memory.source.board = NULL;
}

struct cap_options aid_options(void) {
    struct cap_options options = CAP_OPTIONS_DEFAULT;
    options.timeout_ms = 20;
    options.run_for_ms = 10000;
    options.poll_us = 100;
    options.allow_realtime = false;
    return options;
}

static bool wants(const struct cap_options *options, enum cap_trigger trigger) {
    return options->triggers & CAP_ON(trigger);
}

static int deliver(void *context, const struct cap_document *document,
                   struct cap_delivery *out) {
    struct aid_source *aid = context;
    if (aid->at_deliver)
        aid->at_deliver(aid, document);
    return aid_deliver(aid->documents, document, out);
}

/* One by one: a thread of the test may be there to end the run. */
static void begin_live(struct cap_live *live, struct cap_samples *samples) {
    atomic_store(&live->stop, 0);
    atomic_store(&live->phase, CAP_IDLE);
    atomic_store(&live->frozen, false);
    atomic_store(&live->early_held, false);
    atomic_store(&live->documents, 0);
    atomic_store(&live->suppressed, 0);
    atomic_store(&live->start_ns, 0);
    live->samples = samples;
}

struct aid_run aid_coordinate(struct aid_source *aid, const struct cap_options *options,
                              uint64_t early_jiffies) {
    struct aid_run run = {0};
    struct cap_options own = *options;
    struct cap_age_source age = {.has_jiffies = true,
                                 .jiffies = AID_JIFFIES,
                                 .has_runnable_at = true,
                                 .runnable_at = AID_RUNNABLE,
                                 .cpus = aid->count};
    struct cap_guest_facts facts = {
        .sights =
            {
                [CAP_SIGHT_LATCH] = {.wanted = wants(options, CAP_TRIGGER_LATCH),
                                     .place = &aid->latch,
                                     .watch_by = options->watch_by,
                                     .alone = !aid->crowded},
                [CAP_SIGHT_EXIT_KIND] = {.wanted =
                                             wants(options, CAP_TRIGGER_WATCHPOINT) ||
                                             wants(options, CAP_TRIGGER_EXIT_KIND),
                                         .polled = wants(options, CAP_TRIGGER_EXIT_KIND),
                                         .place = &aid->exit_kind,
                                         .watch_by = options->watch_by,
                                         .alone = !aid->crowded},
            },
        .means = aid->means,
        .age = options->dual ? &age : NULL,
        .early_threshold_jiffies = early_jiffies,
    };
    if (!options->deliver) {
        own.deliver = deliver;
        own.deliver_context = aid;
    }
    aid->gathered = (struct aid_documents){.refuse = aid->refuse};
    aid->documents = &aid->gathered;
    begin_live(&aid->live, aid->samples);
    aid->desk = cap_desk_new(aid->count, NULL, NULL, &run.err);
    run.failed = !aid->desk || cap_coordinate(&aid->memory.source, &own, &facts,
                                              aid->desk, &aid->live, &run.end, &run.err);
    cap_desk_free(aid->desk);
    aid->desk = NULL;
    aid->documents = NULL;
    run.documents = aid->gathered; /* from here on the caller's */
    return run;
}
