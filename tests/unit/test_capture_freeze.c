/*
 * The coordinator against sources that behave badly in chosen ways: the protocol at the
 * top of capture/freeze.c, property by property, without KVM.
 *
 * In most tests a fake vCPU acts inside the coordinator's own kick, so that every order of
 * events is exact; the last one has real threads, for ThreadSanitizer.
 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "capture/clock.h"
#include "capture/freeze.h"
#include "capture/priority.h"

#define MAX_VCPUS 8
#define LOG_SIZE 256

struct fake;
typedef void act_fn(struct fake *fake, uint32_t id, uint32_t kick);

struct fake {
    struct cap_source source;
    uint32_t count;
    act_fn *act; /* what a vCPU does when it is kicked; kick counts from 1 */
    uint32_t kicks[MAX_VCPUS], thaws;
    atomic_int cancel;
    bool refuse_hurry;
    char log[MAX_VCPUS][LOG_SIZE]; /* H hurry on, C hurry off, k kick; in order */
    uint32_t stale;                /* an epoch of the past */
};

static void note(struct fake *fake, uint32_t id, char what) {
    size_t used = strlen(fake->log[id]);
    if (used + 1 < LOG_SIZE)
        fake->log[id][used] = what;
}

static uint32_t fake_count(const struct cap_source *source) {
    return ((const struct fake *)source)->count;
}

static void fake_kick(struct cap_source *source, uint32_t id) {
    struct fake *fake = (struct fake *)source;
    note(fake, id, 'k');
    fake->act(fake, id, ++fake->kicks[id]);
}

static int fake_hurry(struct cap_source *source, uint32_t id, bool on) {
    struct fake *fake = (struct fake *)source;
    note(fake, id, on ? 'H' : 'C');
    return fake->refuse_hurry ? 1 : 0;
}

static void fake_thaw(struct cap_source *source) {
    ((struct fake *)source)->thaws++;
    cap_board_close(source->board);
}

static const struct cap_source_ops fake_ops = {
    .vcpu_count = fake_count,
    .kick = fake_kick,
    .hurry = fake_hurry,
    .thaw = fake_thaw,
};

static void ack(struct fake *fake, uint32_t id, uint32_t epoch) {
    fake->source.board->seats[id].slot.parked_ns = cap_now_ns();
    cap_board_ack(fake->source.board, id, epoch);
}

static void ack_now(struct fake *fake, uint32_t id, uint32_t kick) {
    (void)kick;
    ack(fake, id, cap_board_wanted(fake->source.board));
}

/* One freeze and its thaw; those that parked leave at once. */
static struct cap_freeze_outcome once(struct fake *fake, struct cap_freeze *freeze,
                                      uint64_t timeout_ms, bool realtime) {
    struct cap_freeze_outcome outcome;
    struct cap_freeze_limits limits = {
        .timeout_ns = timeout_ms * CAP_NS_PER_MS,
        .cancel = &fake->cancel,
        .realtime = realtime,
    };
    memset(fake->kicks, 0, sizeof(fake->kicks));
    memset(fake->log, 0, sizeof(fake->log));
    cap_freeze_begin(freeze, &limits, &outcome);
    cap_freeze_thaw(freeze);
    for (uint32_t id = 0; id < fake->count; id++)
        cap_board_leave(fake->source.board, id, outcome.epoch);
    return outcome;
}

static struct cap_freeze *set_up(struct fake *fake, uint32_t count, act_fn *act) {
    struct dc_error err;
    *fake = (struct fake){.source = {.ops = &fake_ops}, .count = count, .act = act};
    fake->source.board = cap_board_new(count, &err);
    return fake->source.board ? cap_freeze_new(&fake->source, &err) : NULL;
}

static void tear_down(struct fake *fake, struct cap_freeze *freeze) {
    cap_freeze_free(freeze);
    cap_board_free(fake->source.board);
}

static void all_acknowledge(void) {
    struct fake fake;
    struct cap_freeze *freeze = set_up(&fake, 4, ack_now);
    uint32_t last = 0;

    for (int i = 0; i < 100; i++) {
        struct cap_freeze_outcome outcome = once(&fake, freeze, 1000, false);
        CHECK_EQ_U64(outcome.end, CAP_FREEZE_COMPLETE);
        CHECK_EQ_U64(outcome.parked, 4);
        CHECK_EQ_U64(outcome.rekicks, 0);
        CHECK(outcome.barrier);
        CHECK(!outcome.realtime);
        CHECK(outcome.epoch != last && outcome.epoch != 0);
        CHECK(outcome.latency_ns <= outcome.elapsed_ns);
        last = outcome.epoch;
    }
    CHECK_EQ_U64(fake.thaws, 100);
    cap_freeze_thaw(freeze); /* twice does nothing */
    CHECK_EQ_U64(fake.thaws, 100);
    tear_down(&fake, freeze);
}

static void ack_all_but_1(struct fake *fake, uint32_t id, uint32_t kick) {
    if (id != 1)
        ack_now(fake, id, kick);
}

static void ack_stale_from_1(struct fake *fake, uint32_t id, uint32_t kick) {
    if (id == 1)
        ack(fake, id, fake->stale);
    else
        ack_now(fake, id, kick);
}

/* A vCPU that parks only after its freeze was given up cannot complete the next one, be
   its acknowledgement written between the two or in the middle of the second. */
static void late_ack_does_not_count(void) {
    struct fake fake;
    struct cap_freeze *freeze = set_up(&fake, 4, ack_all_but_1);
    struct cap_freeze_outcome first = once(&fake, freeze, 15, false);

    CHECK_EQ_U64(first.end, CAP_FREEZE_TIMEOUT);
    CHECK_EQ_U64(first.parked, 3);
    CHECK(!cap_freeze_vcpu(freeze, 1)->parked);
    ack(&fake, 1, first.epoch);
    struct cap_freeze_outcome second = once(&fake, freeze, 15, false);
    CHECK_EQ_U64(second.end, CAP_FREEZE_TIMEOUT);
    CHECK_EQ_U64(second.parked, 3);

    fake.stale = first.epoch;
    fake.act = ack_stale_from_1;
    struct cap_freeze_outcome third = once(&fake, freeze, 15, false);
    CHECK_EQ_U64(third.end, CAP_FREEZE_TIMEOUT);
    CHECK_EQ_U64(third.parked, 3);

    fake.act = ack_now;
    CHECK_EQ_U64(once(&fake, freeze, 1000, false).end, CAP_FREEZE_COMPLETE);
    tear_down(&fake, freeze);
}

static void ack_many_times(struct fake *fake, uint32_t id, uint32_t kick) {
    for (int i = 0; id != 1 && i < 10; i++)
        ack_now(fake, id, kick);
}

static void doubled_acks_count_once(void) {
    struct fake fake;
    struct cap_freeze *freeze = set_up(&fake, 3, ack_many_times);
    struct cap_freeze_outcome outcome = once(&fake, freeze, 15, false);

    CHECK_EQ_U64(outcome.end, CAP_FREEZE_TIMEOUT);
    CHECK_EQ_U64(outcome.parked, 2);
    CHECK_EQ_U64(outcome.total, 3);
    tear_down(&fake, freeze);
}

static void ack_all_then_cancel(struct fake *fake, uint32_t id, uint32_t kick) {
    ack_now(fake, id, kick);
    if (id == fake->count - 1)
        atomic_store(&fake->cancel, 1);
}

static void complete_before_killed_before_timeout(void) {
    struct fake fake;
    struct cap_freeze *freeze = set_up(&fake, 2, ack_all_then_cancel);

    /* All three at once: the timeout is over before the first look. */
    CHECK_EQ_U64(once(&fake, freeze, 0, false).end, CAP_FREEZE_COMPLETE);
    fake.act = ack_all_but_1;
    struct cap_freeze_outcome killed = once(&fake, freeze, 0, false);
    CHECK_EQ_U64(killed.end, CAP_FREEZE_KILLED);
    CHECK_EQ_U64(killed.parked, 1);
    atomic_store(&fake.cancel, 0);
    CHECK_EQ_U64(once(&fake, freeze, 0, false).end, CAP_FREEZE_TIMEOUT);
    tear_down(&fake, freeze);
}

static void cancel_at_third_kick(struct fake *fake, uint32_t id, uint32_t kick) {
    if (kick == 3)
        atomic_store(&fake->cancel, 1);
    ack_all_but_1(fake, id, kick);
}

static void kill_ends_the_wait(void) {
    struct fake fake;
    struct cap_freeze *freeze = set_up(&fake, 4, cancel_at_third_kick);
    struct cap_freeze_outcome outcome = once(&fake, freeze, 60000, false);

    CHECK_EQ_U64(outcome.end, CAP_FREEZE_KILLED);
    CHECK_EQ_U64(outcome.parked, 3);
    CHECK(outcome.elapsed_ns < 30 * CAP_NS_PER_S);
    tear_down(&fake, freeze);
}

static void ack_at_third_kick(struct fake *fake, uint32_t id, uint32_t kick) {
    if (id != 2 || kick == 3)
        ack_now(fake, id, kick);
}

static void only_the_missing_are_kicked_again(void) {
    struct fake fake;
    struct cap_freeze *freeze = set_up(&fake, 4, ack_at_third_kick);
    struct cap_freeze_outcome outcome = once(&fake, freeze, 60000, false);

    CHECK_EQ_U64(outcome.end, CAP_FREEZE_COMPLETE);
    CHECK_EQ_U64(outcome.rekicks, 2);
    CHECK_EQ_U64(cap_freeze_vcpu(freeze, 2)->kicks, 3);
    for (uint32_t id = 0; id < 4; id++)
        CHECK_EQ_U64(fake.kicks[id], id == 2 ? 3 : 1);
    CHECK(outcome.latency_ns >= 20 * CAP_NS_PER_MS);
    tear_down(&fake, freeze);
}

static bool may_hurry(void) {
    struct cap_priority was;
    int error = cap_priority_raise_self(&was, CAP_PRIORITY_COORDINATOR);
    cap_priority_restore_self(&was);
    return error == 0;
}

static void ack_at_second_kick(struct fake *fake, uint32_t id, uint32_t kick) {
    if (id != 1 || kick == 2)
        ack_now(fake, id, kick);
}

/* Priority first, then the kick; and no kick later than 50 ms at real-time priority. */
static void priority_is_taken_from_who_does_not_park(void) {
    struct fake fake;
    if (!may_hurry())
        SKIP("real-time priority is not permitted here");
    struct cap_freeze *freeze = set_up(&fake, 3, ack_all_but_1);
    struct cap_freeze_outcome outcome = once(&fake, freeze, 150, true);

    CHECK_EQ_U64(outcome.end, CAP_FREEZE_TIMEOUT);
    CHECK(outcome.realtime);
    CHECK_STR(fake.log[0], "Hk"); /* gives its priority back itself */
    CHECK_STR(fake.log[2], "Hk");
    const char *off = strchr(fake.log[1], 'C');
    CHECK(strncmp(fake.log[1], "Hk", 2) == 0);
    if (CHECK(off != NULL)) {
        CHECK(off - fake.log[1] <= 6); /* H, then kicks at 0, 10, 20, 30, 40 ms at most */
        CHECK(off[1] == 'k');          /* before the kick, not after it */
        CHECK(strpbrk(off + 1, "HC") == NULL);
    }
    CHECK_EQ_I64(sched_getscheduler(0), SCHED_OTHER); /* the coordinator's own */

    /* A short timeout: normal priority after a quarter of it, not only at its end. */
    fake.act = ack_at_second_kick;
    outcome = once(&fake, freeze, 39, true);
    CHECK_EQ_U64(outcome.end, CAP_FREEZE_COMPLETE);
    CHECK_STR(fake.log[1], "HkCk");
    fake.act = ack_all_but_1;
    outcome = once(&fake, freeze, 5, true);
    CHECK_EQ_U64(outcome.end, CAP_FREEZE_TIMEOUT);
    CHECK_STR(fake.log[1], "HkC");

    fake.refuse_hurry = true;
    fake.act = ack_now;
    outcome = once(&fake, freeze, 1000, true);
    CHECK_EQ_U64(outcome.end, CAP_FREEZE_COMPLETE);
    CHECK(!outcome.realtime);
    tear_down(&fake, freeze);
}

/* The wait for who is still inside, in milliseconds. */
static uint64_t barrier_ms(struct cap_freeze *freeze, struct cap_freeze_outcome *out) {
    struct cap_freeze_limits limits = {.timeout_ns = 15 * CAP_NS_PER_MS};
    uint64_t start = cap_now_ns();
    cap_freeze_begin(freeze, &limits, out);
    cap_freeze_thaw(freeze);
    return (cap_now_ns() - start) / CAP_NS_PER_MS;
}

/* One that acknowledged after the deadline is inside as well. */
static void barrier_waits_for_late_ones_too(void) {
    struct fake fake;
    struct cap_freeze *freeze = set_up(&fake, 2, ack_all_but_1);
    struct cap_freeze_outcome outcome;

    barrier_ms(freeze, &outcome);
    cap_board_leave(fake.source.board, 0, outcome.epoch);
    ack(&fake, 1, outcome.epoch);
    CHECK(barrier_ms(freeze, &outcome) >= 1000);
    CHECK(!outcome.barrier);
    tear_down(&fake, freeze);
}

/* Threads that do not leave make the next freeze wait, but neither for ever nor wrongly. */
static void barrier_is_bounded(void) {
    struct fake fake;
    struct cap_freeze *freeze = set_up(&fake, 2, ack_now);
    struct cap_freeze_limits limits = {.timeout_ns = CAP_NS_PER_S};
    struct cap_freeze_outcome outcome;

    cap_freeze_begin(freeze, &limits, &outcome);
    cap_freeze_thaw(freeze);
    uint64_t start = cap_now_ns();
    cap_freeze_begin(freeze, &limits, &outcome);
    CHECK(cap_now_ns() - start >= CAP_NS_PER_S);
    CHECK(!outcome.barrier);
    CHECK_EQ_U64(outcome.end, CAP_FREEZE_COMPLETE);
    cap_freeze_thaw(freeze);
    tear_down(&fake, freeze);
}

struct seen {
    uint32_t calls, bad;
    bool decided;
};

static void see(void *context, const struct cap_progress *progress) {
    struct seen *seen = context;
    seen->bad +=
        progress->parked != 3 || progress->total != 4 || progress->missing_count != 1 ||
        progress->missing[0] != 1 ||
        progress->elapsed_us < (progress->decided ? 350000 : 100000 * seen->calls) ||
        seen->decided;
    seen->calls++;
    seen->decided = progress->decided;
}

static void progress_says_who_is_missing(void) {
    struct fake fake;
    struct seen seen = {0};
    struct cap_freeze *freeze = set_up(&fake, 4, ack_all_but_1);
    struct cap_freeze_outcome outcome;
    struct cap_freeze_limits limits = {
        .timeout_ns = 350 * CAP_NS_PER_MS,
        .progress = see,
        .progress_context = &seen,
    };
    cap_freeze_begin(freeze, &limits, &outcome);
    cap_freeze_thaw(freeze);
    CHECK(seen.calls >= 3 && seen.calls <= 5);
    CHECK_EQ_U64(seen.bad, 0);
    CHECK(seen.decided);
    tear_down(&fake, freeze);
}

static void see_all(void *context, const struct cap_progress *progress) {
    struct seen *seen = context;
    seen->calls++;
    seen->bad += progress->parked != 4 || progress->missing_count != 0;
    seen->decided = progress->decided;
}

/* Who parks at once is told of once, when that is decided. */
static void progress_tells_of_the_decision(void) {
    struct fake fake;
    struct seen seen = {0};
    struct cap_freeze *freeze = set_up(&fake, 4, ack_now);
    struct cap_freeze_outcome outcome;
    struct cap_freeze_limits limits = {
        .timeout_ns = CAP_NS_PER_S,
        .progress = see_all,
        .progress_context = &seen,
    };
    cap_freeze_begin(freeze, &limits, &outcome);
    cap_freeze_thaw(freeze);
    CHECK_EQ_U64(seen.calls, 1);
    CHECK_EQ_U64(seen.bad, 0);
    CHECK(seen.decided);
    tear_down(&fake, freeze);
}

/* ---- real threads ---- */

struct worker {
    struct fake *fake;
    uint32_t id;
    atomic_bool *quit;
    pthread_t thread;
};

static void do_nothing(struct fake *fake, uint32_t id, uint32_t kick) {
    (void)fake;
    (void)id;
    (void)kick;
}

/* Parks as vcpu.c does, but repeats acknowledgements and writes some too late. */
static void *work(void *arg) {
    struct worker *worker = arg;
    struct cap_board *board = worker->fake->source.board;
    struct cap_slot *slot = &board->seats[worker->id].slot;
    uint32_t turn = worker->id;

    while (!atomic_load(worker->quit)) {
        uint32_t epoch = cap_board_wanted(board);
        if (epoch == 0) {
            cap_board_idle(board, CAP_NS_PER_MS / 10);
            continue;
        }
        slot->registers.general.rip = epoch;
        slot->parked_ns = cap_now_ns();
        cap_board_ack(board, worker->id, epoch);
        if (++turn % 3 == 0)
            cap_board_ack(board, worker->id, epoch);
        while (cap_board_wanted(board) == epoch && !atomic_load(worker->quit))
            cap_board_hold(board, epoch, CAP_NS_PER_MS);
        if (turn % 5 == 0)
            cap_board_ack(board, worker->id, epoch);
        cap_board_leave(board, worker->id, epoch);
    }
    return NULL;
}

static void threads_park_and_leave(void) {
    struct fake fake;
    struct worker workers[MAX_VCPUS];
    atomic_bool quit = false;
    struct cap_freeze *freeze = set_up(&fake, MAX_VCPUS, do_nothing);
    struct cap_freeze_limits limits = {.timeout_ns = 20 * CAP_NS_PER_S};
    uint32_t complete = 0, wrong = 0;

    for (uint32_t id = 0; id < MAX_VCPUS; id++) {
        workers[id] = (struct worker){.fake = &fake, .id = id, .quit = &quit};
        CHECK_EQ_I64(pthread_create(&workers[id].thread, NULL, work, &workers[id]), 0);
    }
    for (int i = 0; i < 500; i++) {
        struct cap_freeze_outcome outcome;
        cap_freeze_begin(freeze, &limits, &outcome);
        complete += outcome.end == CAP_FREEZE_COMPLETE;
        for (uint32_t id = 0; id < MAX_VCPUS; id++)
            if (cap_freeze_vcpu(freeze, id)->parked)
                wrong += fake.source.board->seats[id].slot.registers.general.rip !=
                         outcome.epoch;
        cap_freeze_thaw(freeze);
    }
    atomic_store(&quit, true);
    for (uint32_t id = 0; id < MAX_VCPUS; id++)
        pthread_join(workers[id].thread, NULL);
    CHECK_EQ_U64(complete, 500);
    CHECK_EQ_U64(wrong, 0);
    tear_down(&fake, freeze);
}

int main(void) {
    UNIT_RUN(all_acknowledge);
    UNIT_RUN(late_ack_does_not_count);
    UNIT_RUN(doubled_acks_count_once);
    UNIT_RUN(complete_before_killed_before_timeout);
    UNIT_RUN(kill_ends_the_wait);
    UNIT_RUN(only_the_missing_are_kicked_again);
    UNIT_RUN(priority_is_taken_from_who_does_not_park);
    UNIT_RUN(barrier_is_bounded);
    UNIT_RUN(barrier_waits_for_late_ones_too);
    UNIT_RUN(progress_says_who_is_missing);
    UNIT_RUN(progress_tells_of_the_decision);
    UNIT_RUN(threads_park_and_leave);
    return unit_done();
}
