/*
 * The protocol
 * ============
 *
 *   coordinator                       board               thread of vCPU n
 *   -----------                       -----               ----------------
 *   raise own priority                                    (SCHED_RR 50)
 *   barrier: wait (1 s at most)                           in the guest
 *   until all have left freeze E-1
 *   E = open the board ------------> frozen = E
 *   to each vCPU, one after another:
 *     raise its priority                                  (SCHED_RR 10)
 *     kick: immediate_exit = 1, --------- signal -------> KVM_RUN returns EINTR
 *           then the signal                               sees frozen = E
 *   loop until decided:                                   KVM_RUN(immediate_exit):
 *     which seats say E?                                    finishes half-done I/O,
 *     complete? killed? timed out?                          copies the registers
 *     50 ms, or a quarter of the                          slot n = registers
 *     timeout, since the first kicks:   acked[n] = E <--- (release)
 *       normal priority for those       gong        <---- if it is the last one wanted
 *       still missing                                     sleeps while frozen = E
 *     10 ms since the last kicks:                             .
 *       the first time: look at                               .
 *         the threads of the missing                          .
 *       those still missing: kick                             .
 *     sleep (gong, 10 ms at most)                             .
 *   seat says E (acquire): n is                               .
 *   parked, slot n may be read                                .
 *   normal priority for those not                             .
 *   parked; look at their threads                             .
 *       .                                                     .
 *   collect; then rest: own                               .
 *   priority again, before                                .
 *   anything that takes long                              .
 *   thaw: close the board ---------> frozen = 0 --------> wakes
 *                                      left[n] = E <----- (release)
 *                                                         normal priority, unless
 *                                                         frozen is E+1 already
 *                                                         enters the guest again
 *
 * Why it holds
 *   - Acknowledgements are identified. A thread that parks late for E, after its thaw,
 *     writes acked = E, and freeze E+1 does not count that. One that acknowledges twice
 *     is one seat. Wake-ups decide nothing; the seats are looked at, all of them.
 *   - A seat that says E cannot run until frozen changes, and only the thaw changes it. So
 *     "all seats say E" means that no vCPU is in the guest.
 *   - A slot is written before acked = E and not again before the release: what the
 *     coordinator reads is of this freeze. Slots of other seats are never read.
 *   - No kick is lost between a thread's look at the board and its KVM_RUN: vcpu.c says
 *     why. If one were, the next comes 10 ms later.
 *   - No ioctl is ever made on a vCPU that has not parked: it would block. Why it has not
 *     is seen from the thread that runs it, as the kernel shows it in /proc: before kicks
 *     are repeated, since a kick changes what some of them do, and at the end. Whoever
 *     looks (limits.missing) bounds the time that it takes; nobody else looks at a thread,
 *     and nobody at all at one that has parked.
 *   - One deadline, on the monotonic clock. Each turn reads the clock, then the seats: who
 *     has parked by the deadline counts. Complete comes before killed, and that before
 *     timed out.
 *   - Priorities: a thread that cannot park spins inside the kernel, and at real-time
 *     priority it would keep the healthy ones from their processors. So it loses the
 *     priority after 50 ms (or a quarter of a shorter timeout, so that the healthy ones
 *     have the rest of it), and before it is kicked again, since it is the kick that makes
 *     some of them spin.
 *   - Those who parked give theirs back themselves, when they have left: at normal
 *     priority a thread would wait for a processor before it could say so, and the barrier
 *     for it. What they give back is never that of the next freeze: vcpu.c says why. One
 *     that keeps it from E to E+1 parks for that, or is missing there and loses it as above.
 */
#include "capture/freeze.h"

#include <stdlib.h>

#include "capture/clock.h"
#include "capture/priority.h"

#define REKICK_NS (10 * CAP_NS_PER_MS)
#define HURRY_NS (50 * CAP_NS_PER_MS)
#define PROGRESS_NS (100 * CAP_NS_PER_MS)
#define BARRIER_NS CAP_NS_PER_S
#define WAIT_SLICE_NS (10 * CAP_NS_PER_MS)
#define NEVER UINT64_MAX

struct cap_freeze {
    struct cap_source *source;
    uint32_t count;
    uint32_t epoch;          /* of the latest freeze, 0: none yet */
    bool frozen;             /* begun and not thawed */
    struct cap_priority was; /* of the coordinator's thread, while it is raised */
    uint64_t began_ns, last_kicks_ns;
    uint64_t last_progress_ns; /* NEVER: not in this freeze */
    bool looked;               /* limits.missing was called before kicks were repeated */
    uint64_t calm_at_ns; /* then the missing lose their priority; NEVER: they have */
    struct cap_freeze_vcpu *vcpus;
    uint32_t *missing; /* ids; refilled at each look */
    uint32_t missing_count;
};

struct cap_freeze *cap_freeze_new(struct cap_source *source, struct dc_error *err) {
    struct cap_freeze *self = calloc(1, sizeof(*self));
    if (self) {
        self->source = source;
        self->count = source->ops->vcpu_count(source);
        self->vcpus = calloc(self->count, sizeof(*self->vcpus));
        self->missing = calloc(self->count, sizeof(*self->missing));
    }
    if (!self || !self->vcpus || !self->missing) {
        dc_fail(err, DC_ENOMEM, "no memory for the coordinator");
        cap_freeze_free(self);
        return NULL;
    }
    return self;
}

void cap_freeze_free(struct cap_freeze *freeze) {
    if (!freeze)
        return;
    free(freeze->vcpus);
    free(freeze->missing);
    free(freeze);
}

/* Those that parked, be it after the coordinator had decided, and have not left yet. */
static uint32_t still_inside(const struct cap_freeze *self) {
    const struct cap_board *board = self->source->board;
    uint32_t inside = 0;
    for (uint32_t id = 0; id < self->count && self->epoch != 0; id++)
        if (cap_board_parked(board, id, self->epoch) &&
            !cap_board_left(board, id, self->epoch))
            inside++;
    return inside;
}

/* A thread that is slow to leave would be counted all the same, since it parks for the
   new epoch as soon as it wakes; but that would be told as the time it took to park. */
static bool pass_barrier(const struct cap_freeze *self) {
    struct cap_board *board = self->source->board;
    uint64_t limit = cap_now_ns() + BARRIER_NS;

    for (;;) {
        struct cap_mark mark = cap_board_mark(board);
        uint32_t inside = still_inside(self);
        if (inside == 0)
            return true;
        if (cap_now_ns() >= limit)
            return false;
        cap_board_wait(board, mark, inside, WAIT_SLICE_NS);
    }
}

static void kick(struct cap_freeze *self, uint32_t id) {
    struct cap_freeze_vcpu *vcpu = &self->vcpus[id];
    if (vcpu->kicks++ == 0)
        vcpu->kicked_ns = cap_now_ns();
    self->source->ops->kick(self->source, id);
}

/* Returns whether every thread could be given real-time priority (if it was wanted). */
static bool kick_all(struct cap_freeze *self, bool hurry) {
    const struct cap_source_ops *ops = self->source->ops;
    bool all = hurry;

    for (uint32_t id = 0; id < self->count; id++) {
        struct cap_freeze_vcpu *vcpu = &self->vcpus[id];
        *vcpu = (struct cap_freeze_vcpu){0};
        vcpu->hurried = hurry && ops->hurry(self->source, id, true) == 0;
        all = all && vcpu->hurried;
        kick(self, id);
    }
    self->last_kicks_ns = cap_now_ns();
    return all;
}

static void calm(struct cap_freeze *self, uint32_t id) {
    if (self->vcpus[id].hurried)
        self->source->ops->hurry(self->source, id, false);
    self->vcpus[id].hurried = false;
}

static void calm_missing(struct cap_freeze *self) {
    for (uint32_t i = 0; i < self->missing_count; i++)
        calm(self, self->missing[i]);
    self->calm_at_ns = NEVER;
}

static void tell_missing(const struct cap_freeze *self,
                         const struct cap_freeze_limits *limits,
                         enum cap_missing_when when) {
    if (limits->missing && self->missing_count > 0)
        limits->missing(limits->missing_context, self->missing, self->missing_count,
                        when);
}

static bool rekick_is_due(const struct cap_freeze *self, uint64_t now) {
    return now - self->last_kicks_ns >= REKICK_NS;
}

/* Lets the missing be looked at before they are kicked again, once. Returns whether that
   was now: it took a while, and the seats must be looked at anew. */
static bool look_first(struct cap_freeze *self, const struct cap_freeze_limits *limits,
                       uint64_t now) {
    if (self->looked || !rekick_is_due(self, now))
        return false;
    self->looked = true;
    tell_missing(self, limits, CAP_MISSING_BEFORE_REKICK);
    return true;
}

static void rekick_missing(struct cap_freeze *self, uint64_t now,
                           struct cap_freeze_outcome *out) {
    if (!rekick_is_due(self, now))
        return;
    for (uint32_t i = 0; i < self->missing_count; i++) {
        kick(self, self->missing[i]);
        out->rekicks++;
    }
    self->last_kicks_ns = now;
}

static void look_at_seats(struct cap_freeze *self) {
    self->missing_count = 0;
    for (uint32_t id = 0; id < self->count; id++) {
        bool parked = cap_board_parked(self->source->board, id, self->epoch);
        self->vcpus[id].parked = parked;
        if (!parked)
            self->missing[self->missing_count++] = id;
    }
}

static void tell_progress(struct cap_freeze *self, const struct cap_freeze_limits *limits,
                          uint64_t now, bool decided) {
    if (!limits->progress)
        return;
    self->last_progress_ns = now;
    struct cap_progress progress = {
        .parked = self->count - self->missing_count,
        .total = self->count,
        .missing = self->missing,
        .missing_count = self->missing_count,
        .elapsed_us = (now - self->began_ns) / CAP_NS_PER_US,
        .decided = decided,
    };
    limits->progress(limits->progress_context, &progress);
}

static bool progress_is_due(const struct cap_freeze *self, uint64_t now) {
    return self->last_progress_ns == NEVER || now - self->last_progress_ns >= PROGRESS_NS;
}

/* From the last of the first kicks to the end of the missing ones' priority. */
static uint64_t hurry_ns(const struct cap_freeze_limits *limits) {
    uint64_t quarter = limits->timeout_ns / 4;
    return quarter < HURRY_NS ? quarter : HURRY_NS;
}

/* How long to sleep at most: until the next thing is due. */
static uint64_t slice(const struct cap_freeze *self,
                      const struct cap_freeze_limits *limits, uint64_t now) {
    uint64_t until = self->began_ns + limits->timeout_ns;
    if (self->calm_at_ns < until)
        until = self->calm_at_ns;
    if (until <= now)
        return 0;
    return until - now < WAIT_SLICE_NS ? until - now : WAIT_SLICE_NS;
}

static bool cancelled(const struct cap_freeze_limits *limits) {
    return (limits->cancel && atomic_load(limits->cancel) != 0) ||
           (limits->stop && atomic_load(limits->stop) != 0);
}

static enum cap_freeze_end rendezvous(struct cap_freeze *self,
                                      const struct cap_freeze_limits *limits,
                                      struct cap_freeze_outcome *out) {
    for (;;) {
        struct cap_mark mark = cap_board_mark(self->source->board);
        uint64_t now = cap_now_ns();
        look_at_seats(self);
        if (self->missing_count == 0)
            return CAP_FREEZE_COMPLETE;
        if (cancelled(limits))
            return CAP_FREEZE_KILLED;
        if (now - self->began_ns >= limits->timeout_ns)
            return CAP_FREEZE_TIMEOUT;
        if (now >= self->calm_at_ns)
            calm_missing(self);
        if (progress_is_due(self, now))
            tell_progress(self, limits, now, false);
        if (look_first(self, limits, now))
            continue;
        rekick_missing(self, now, out);
        cap_board_wait(self->source->board, mark, self->missing_count,
                       slice(self, limits, now));
    }
}

static uint64_t latency(const struct cap_freeze *self) {
    uint64_t last = self->began_ns;
    for (uint32_t id = 0; id < self->count; id++) {
        if (!self->vcpus[id].parked) /* its slot is not ours to read */
            continue;
        uint64_t parked_ns = self->source->board->seats[id].slot.parked_ns;
        if (parked_ns > last)
            last = parked_ns;
    }
    return last - self->began_ns;
}

void cap_freeze_begin(struct cap_freeze *freeze, const struct cap_freeze_limits *limits,
                      struct cap_freeze_outcome *out) {
    *out = (struct cap_freeze_outcome){.total = freeze->count};
    /* Before anything else: beside busy vCPUs, the wait for a processor is what is longest. */
    bool hurry = limits->realtime &&
                 cap_priority_raise_self(&freeze->was, CAP_PRIORITY_COORDINATOR) == 0;
    out->barrier = pass_barrier(freeze);
    freeze->began_ns = cap_now_ns();
    freeze->last_progress_ns = NEVER;
    freeze->epoch = out->epoch = cap_board_open(freeze->source->board);
    freeze->frozen = true;
    freeze->looked = false;
    out->realtime = kick_all(freeze, hurry);
    freeze->calm_at_ns = freeze->last_kicks_ns + hurry_ns(limits);
    out->end = rendezvous(freeze, limits, out);
    out->decided_ns = cap_now_ns();
    out->elapsed_ns = out->decided_ns - freeze->began_ns;
    out->parked = freeze->count - freeze->missing_count;
    out->latency_ns = latency(freeze);
    /* Whoever spins must not outrank this thread, which is about to lose its priority. */
    calm_missing(freeze);
    tell_progress(freeze, limits, out->decided_ns, true);
    tell_missing(freeze, limits, CAP_MISSING_AT_END);
}

void cap_freeze_rest(struct cap_freeze *freeze) {
    cap_priority_restore_self(&freeze->was);
    freeze->was.raised = false;
}

const struct cap_freeze_vcpu *cap_freeze_vcpu(const struct cap_freeze *freeze,
                                              uint32_t id) {
    return &freeze->vcpus[id];
}

void cap_freeze_thaw(struct cap_freeze *freeze) {
    if (!freeze->frozen)
        return;
    freeze->source->ops->thaw(freeze->source);
    freeze->frozen = false;
    cap_freeze_rest(freeze);
}
