/* Why a vCPU did not park: when the coordinator has the missing looked at, what is seen of
   them, and the sentence that is made of it. All without KVM. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capture/clock.h"
#include "capture/freeze.h"
#include "capture/looks.h"
#include "capture/why.h"

/* ---- a source whose vCPUs park as the test wants ---- */

enum { MOST = 200 };

struct fake {
    struct cap_source source;
    uint32_t count;
    uint32_t park_at[MOST]; /* at which kick; 0: never */
    uint32_t kicks[MOST];
    uint32_t cancel_at; /* at this kick of any vCPU the freeze ends; 0: never */
    atomic_int cancel;
    int32_t tid;              /* of all host threads */
    uint32_t collected[MOST]; /* calls of collect */
    char log[64];             /* k kick, F and L looks, in order */
};

static void note(struct fake *fake, char what) {
    size_t used = strlen(fake->log);
    if (used + 1 < sizeof(fake->log))
        fake->log[used] = what;
}

static uint32_t fake_count(const struct cap_source *source) {
    return ((const struct fake *)source)->count;
}

static void park(struct fake *fake, uint32_t id) {
    fake->source.board->seats[id].slot.parked_ns = cap_now_ns();
    cap_board_ack(fake->source.board, id, cap_board_wanted(fake->source.board));
}

static void fake_kick(struct cap_source *source, uint32_t id) {
    struct fake *fake = (struct fake *)source;
    note(fake, 'k');
    if (++fake->kicks[id] == fake->park_at[id])
        park(fake, id);
    if (fake->kicks[id] == fake->cancel_at)
        atomic_store(&fake->cancel, 1);
}

static int fake_hurry(struct cap_source *source, uint32_t id, bool on) {
    (void)source;
    (void)id;
    (void)on;
    return 0;
}

static void fake_collect(struct cap_source *source, uint32_t id,
                         struct cap_vcpu_facts *out) {
    struct fake *fake = (struct fake *)source;
    *out = (struct cap_vcpu_facts){.host_tid = fake->tid, .kick_signal = SIGURG};
    fake->collected[id]++;
}

static void fake_thaw(struct cap_source *source) {
    cap_board_close(source->board);
}

static const struct cap_source_ops fake_ops = {
    .vcpu_count = fake_count,
    .kick = fake_kick,
    .hurry = fake_hurry,
    .collect = fake_collect,
    .thaw = fake_thaw,
};

static struct cap_freeze *set_up(struct fake *fake, uint32_t count) {
    struct dc_error err;
    *fake = (struct fake){.source = {.ops = &fake_ops}, .count = count};
    fake->tid = (int32_t)syscall(SYS_gettid);
    for (uint32_t id = 0; id < count; id++)
        fake->park_at[id] = 1;
    fake->source.board = cap_board_new(count, &err);
    return fake->source.board ? cap_freeze_new(&fake->source, &err) : NULL;
}

static void tear_down(struct fake *fake, struct cap_freeze *freeze) {
    cap_freeze_free(freeze);
    cap_board_free(fake->source.board);
}

static struct cap_freeze_outcome once(struct fake *fake, struct cap_freeze *freeze,
                                      uint64_t timeout_ms, cap_missing_fn *missing,
                                      void *context) {
    struct cap_freeze_outcome outcome;
    struct cap_freeze_limits limits = {
        .timeout_ns = timeout_ms * CAP_NS_PER_MS,
        .cancel = &fake->cancel,
        .missing = missing,
        .missing_context = context,
    };
    atomic_store(&fake->cancel, 0);
    memset(fake->kicks, 0, sizeof(fake->kicks));
    memset(fake->log, 0, sizeof(fake->log));
    cap_freeze_begin(freeze, &limits, &outcome);
    cap_freeze_thaw(freeze);
    for (uint32_t id = 0; id < fake->count; id++)
        cap_board_leave(fake->source.board, id, outcome.epoch);
    return outcome;
}

/* ---- when the coordinator asks ---- */

struct asked {
    struct fake *fake;
    uint32_t calls[2], ids[2][MOST], counts[2];
    uint32_t park; /* parks during the first call; MOST: nobody */
    uint64_t at_ns[2];
};

static void ask(void *context, const uint32_t *ids, uint32_t count,
                enum cap_missing_when when) {
    struct asked *asked = context;
    note(asked->fake, when == CAP_MISSING_AT_END ? 'L' : 'F');
    asked->calls[when]++;
    asked->counts[when] = count;
    memcpy(asked->ids[when], ids, count * sizeof(*ids));
    asked->at_ns[when] = cap_now_ns();
    if (when == CAP_MISSING_BEFORE_REKICK && asked->park < MOST)
        park(asked->fake, asked->park);
}

static void nobody_is_asked_for_when_all_park(void) {
    struct fake fake;
    struct cap_freeze *freeze = set_up(&fake, 4);
    struct asked asked = {.fake = &fake, .park = MOST};
    struct cap_freeze_outcome outcome = once(&fake, freeze, 1000, ask, &asked);
    CHECK_EQ_U64(outcome.end, CAP_FREEZE_COMPLETE);
    CHECK_STR(fake.log, "kkkk");
    tear_down(&fake, freeze);
}

static void the_missing_are_looked_at_before_they_are_kicked_again(void) {
    struct fake fake;
    struct cap_freeze *freeze = set_up(&fake, 4);
    struct asked asked = {.fake = &fake, .park = MOST};

    fake.park_at[1] = 3;
    fake.park_at[3] = 2;
    struct cap_freeze_outcome outcome = once(&fake, freeze, 60000, ask, &asked);
    CHECK_EQ_U64(outcome.end, CAP_FREEZE_COMPLETE);
    CHECK_STR(fake.log, "kkkkFkkk"); /* once, and not at the end: nobody is missing */
    CHECK_EQ_U64(asked.counts[0], 2);
    CHECK_EQ_U64(asked.ids[0][0], 1);
    CHECK_EQ_U64(asked.ids[0][1], 3);
    tear_down(&fake, freeze);
}

static void those_missing_at_the_end_are_looked_at_again(void) {
    struct fake fake;
    struct cap_freeze *freeze = set_up(&fake, 4);
    struct asked asked = {.fake = &fake, .park = MOST};

    fake.park_at[1] = 2;
    fake.park_at[2] = 0;
    fake.cancel_at = 4;
    for (int round = 1; round <= 2; round++) { /* each freeze begins anew */
        struct cap_freeze_outcome outcome = once(&fake, freeze, 60000, ask, &asked);
        CHECK_EQ_U64(outcome.end, CAP_FREEZE_KILLED);
        CHECK_STR(fake.log, "kkkkFkkkkL");
        CHECK_EQ_U64(asked.calls[CAP_MISSING_BEFORE_REKICK], (uint64_t)round);
        CHECK_EQ_U64(asked.calls[CAP_MISSING_AT_END], (uint64_t)round);
        CHECK_EQ_U64(asked.counts[CAP_MISSING_AT_END], 1);
        CHECK_EQ_U64(asked.ids[CAP_MISSING_AT_END][0], 2);
        CHECK(outcome.decided_ns > 0 &&
              outcome.decided_ns <= asked.at_ns[CAP_MISSING_AT_END]);
    }
    tear_down(&fake, freeze);
}

/* Too short for a kick to be repeated: there is only the end. */
static void a_short_freeze_is_looked_at_once(void) {
    struct fake fake;
    struct cap_freeze *freeze = set_up(&fake, 2);
    struct asked asked = {.fake = &fake, .park = MOST};

    fake.park_at[0] = 0;
    struct cap_freeze_outcome outcome = once(&fake, freeze, 0, ask, &asked);
    CHECK_EQ_U64(outcome.end, CAP_FREEZE_TIMEOUT);
    CHECK_STR(fake.log, "kkL");
    tear_down(&fake, freeze);
}

/* Looking takes a while: who parks meanwhile is not kicked again. */
static void who_parks_during_the_look_is_not_kicked(void) {
    struct fake fake;
    struct cap_freeze *freeze = set_up(&fake, 3);
    struct asked asked = {.fake = &fake, .park = 2};

    fake.park_at[1] = 2;
    fake.park_at[2] = 0;
    struct cap_freeze_outcome outcome = once(&fake, freeze, 60000, ask, &asked);
    CHECK_EQ_U64(outcome.end, CAP_FREEZE_COMPLETE);
    CHECK_STR(fake.log, "kkkFk");
    CHECK_EQ_U64(fake.kicks[2], 1);
    tear_down(&fake, freeze);
}

/* ---- what is seen ---- */

static void only_the_missing_are_seen(void) {
    struct fake fake;
    struct dc_error err;
    struct cap_freeze *freeze = set_up(&fake, 4);
    struct cap_looks *looks = cap_looks_new(&fake.source, &err);

    fake.park_at[1] = 0;
    fake.park_at[2] = 2;
    fake.cancel_at = 3;
    if (!CHECK(looks != NULL))
        return;
    struct cap_freeze_outcome outcome = once(&fake, freeze, 60000, cap_looks_take, looks);
    CHECK_EQ_U64(outcome.parked, 3);
    CHECK_EQ_U64(fake.collected[0], 0);
    CHECK_EQ_U64(fake.collected[1], 2);
    CHECK(fake.collected[2] <= 1); /* 0 where the first look took long */
    CHECK_EQ_U64(fake.collected[3], 0);
    CHECK(cap_looks_of(looks, 0) == NULL);
    CHECK(cap_looks_of(looks, 2) == NULL); /* it parked in time: not of interest */
    const struct cap_look *look = cap_looks_of(looks, 1);
    if (CHECK(look != NULL)) {
        CHECK(look->first.taken && look->last.taken && !look->late);
        CHECK_EQ_I64(look->first.error, 0);
        CHECK_EQ_U64((uint64_t)look->last.thread.state, 'R'); /* this thread looks */
        CHECK(look->last.thread.sampled_ns >= outcome.decided_ns);
        CHECK(look->first.thread.sampled_ns < outcome.decided_ns);
    }

    CHECK_EQ_U64(outcome.end, CAP_FREEZE_KILLED);

    /* The next freeze is so short that it has no first look, and an old one is none. */
    once(&fake, freeze, 0, cap_looks_take, looks);
    look = cap_looks_of(looks, 1);
    if (CHECK(look != NULL))
        CHECK(!look->first.taken && look->last.taken);
    cap_looks_free(looks);
    tear_down(&fake, freeze);
}

static void late_ones_are_left_alone(void) {
    struct fake fake;
    struct dc_error err;
    struct cap_freeze *freeze = set_up(&fake, 2);
    struct cap_looks *looks = cap_looks_new(&fake.source, &err);
    const uint32_t ids[] = {0, 1};

    if (!CHECK(looks != NULL))
        return;
    cap_board_open(fake.source.board);
    park(&fake, 1);
    cap_looks_take(looks, ids, 2, CAP_MISSING_BEFORE_REKICK);
    CHECK(cap_looks_of(looks, 1) == NULL);
    cap_looks_take(looks, ids, 2, CAP_MISSING_AT_END);
    CHECK_EQ_U64(fake.collected[0], 2);
    CHECK_EQ_U64(fake.collected[1], 0);
    const struct cap_look *look = cap_looks_of(looks, 1);
    CHECK(look && look->late && !look->last.taken);
    cap_board_close(fake.source.board);
    cap_looks_free(looks);
    tear_down(&fake, freeze);
}

/* Hundreds are missing: the number of looks is bounded, and those of the first time are
   taken again before others have theirs. */
static void looks_are_bounded(void) {
    struct fake fake;
    struct dc_error err;
    struct cap_freeze *freeze = set_up(&fake, MOST);
    struct cap_looks *looks = cap_looks_new(&fake.source, &err);
    uint32_t ids[MOST], seen = 0, twice = 0;

    if (!CHECK(looks != NULL))
        return;
    for (uint32_t id = 0; id < MOST; id++)
        ids[id] = id;
    cap_board_open(fake.source.board);
    uint64_t start_ns = cap_now_ns();
    cap_looks_take(looks, ids + 1, MOST - 1, CAP_MISSING_BEFORE_REKICK);
    uint64_t first_ns = cap_now_ns() - start_ns;
    uint32_t count = looks->count;
    CHECK(count > 0 && count <= CAP_LOOKS_MOST);
    cap_looks_take(looks, ids, MOST, CAP_MISSING_AT_END);
    for (uint32_t id = 0; id < MOST; id++) {
        const struct cap_look *look = cap_looks_of(looks, id);
        seen += look != NULL;
        twice += look && look->first.taken && look->last.taken;
    }
    printf("# %u looks in %.2f ms\n", count, (double)first_ns / 1e6);
    CHECK(seen >= count && seen <= CAP_LOOKS_MOST);
    CHECK(twice > 0);
    if (count == CAP_LOOKS_MOST)
        CHECK(cap_looks_of(looks, 0) == NULL);
    cap_board_close(fake.source.board);
    cap_looks_free(looks);
    tear_down(&fake, freeze);
}

/* ---- all of it, with a thread that sleeps ---- */

static _Atomic int32_t sleeper_tid;

static void on_end(int number) {
    (void)number;
}

static void *sleep_long(void *arg) {
    struct timespec rest = {.tv_sec = 60};
    atomic_store(&sleeper_tid, (int32_t)syscall(SYS_gettid));
    clock_nanosleep(CLOCK_MONOTONIC, 0, &rest, NULL);
    return arg;
}

static void a_sleeping_host_thread_is_told(void) {
    struct fake fake;
    struct dc_error err;
    struct sigaction action = {.sa_handler = on_end}, old;
    struct cap_host_thread thread = {0};
    pthread_t sleeper;
    char text[CAP_WHY_TEXT];

    sigaction(SIGUSR1, &action, &old);
    if (!CHECK_EQ_I64(pthread_create(&sleeper, NULL, sleep_long, NULL), 0))
        return;
    for (int i = 0; i < 10000 && thread.state != 'S'; i++) {
        usleep(1000);
        if (atomic_load(&sleeper_tid) > 0)
            cap_host_thread_read(sleeper_tid, SIGURG, &thread);
    }
    struct cap_freeze *freeze = set_up(&fake, 2);
    struct cap_looks *looks = cap_looks_new(&fake.source, &err);
    fake.tid = sleeper_tid;
    fake.park_at[1] = 0;
    fake.cancel_at = 5;
    struct cap_freeze_outcome outcome = once(&fake, freeze, 60000, cap_looks_take, looks);
    struct cap_why why = {
        .kicks = cap_freeze_vcpu(freeze, 1)->kicks,
        .kicked_ns = cap_freeze_vcpu(freeze, 1)->kicked_ns,
        .decided_ns = outcome.decided_ns,
        .look = cap_looks_of(looks, 1),
    };
    cap_why_text(&why, text);
    printf("# %s\n", text);
    CHECK(strstr(text, "5 kicks taken, host thread S") != NULL);
    CHECK(strstr(text, "no exit yet") != NULL);
    if (thread.errors[CAP_THREAD_WCHAN] == 0 && thread.wchan[0])
        CHECK(strstr(text, "nanosleep") != NULL);
    pthread_kill(sleeper, SIGUSR1);
    pthread_join(sleeper, NULL);
    sigaction(SIGUSR1, &old, NULL);
    cap_looks_free(looks);
    tear_down(&fake, freeze);
}

int main(void) {
    UNIT_RUN(nobody_is_asked_for_when_all_park);
    UNIT_RUN(the_missing_are_looked_at_before_they_are_kicked_again);
    UNIT_RUN(those_missing_at_the_end_are_looked_at_again);
    UNIT_RUN(a_short_freeze_is_looked_at_once);
    UNIT_RUN(who_parks_during_the_look_is_not_kicked);
    UNIT_RUN(only_the_missing_are_seen);
    UNIT_RUN(late_ones_are_left_alone);
    UNIT_RUN(looks_are_bounded);
    UNIT_RUN(a_sleeping_host_thread_is_told);
    return unit_done();
}
