/*
 * The statistics client and several threads: they queue, and freeze and cancel wake them.
 * The head of test_capture_stats.c says which property is tested where. For ThreadSanitizer.
 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "capture/clock.h"
#include "capture/stats_turn.h"
#include "tests/unit/stats_aid.h"

#define LONG_MS (10 * 60 * 1000) /* whoever waits that long has not been woken */
#define MOST 8

static struct aid_scheduler scheduler;
static struct cap_stats *client;

struct asker {
    pthread_t thread;
    char short_id[8];
    const char *id;
    unsigned times, right, wrong;
    atomic_bool done;
    struct cap_stats_answer answer; /* the last one; json is in text */
    char text[256];
};

static void *ask(void *argument) {
    struct asker *self = argument;
    const struct cap_stats_arg arg = {"id", self->id};
    const struct cap_stats_request request = {.args = &arg, .n_args = 1};
    char want[64];
    snprintf(want, sizeof(want), "\"id\":\"%.40s\"", self->id);
    for (unsigned i = 0; i < self->times; i++) {
        struct dc_error err;
        if (cap_stats_ask(client, &request, &self->answer, &err) < 0)
            break;
        snprintf(self->text, sizeof(self->text), "%.*s", (int)self->answer.json.len,
                 self->answer.json.data);
        bool right = strstr(self->text, want) != NULL;
        self->right += right;
        self->wrong += self->answer.have && !right;
        if (!right && self->times > 1)
            usleep(1000); /* else all of them are used up in one freeze */
        dc_buf_done(&self->answer.json);
    }
    atomic_store(&self->done, true);
    return NULL;
}

static void start_with(struct asker *self, const char *id, unsigned times) {
    self->id = id;
    self->times = times;
    if (pthread_create(&self->thread, NULL, ask, self) != 0)
        abort();
}

static void start(struct asker *self, unsigned id, unsigned times) {
    *self = (struct asker){.times = 0};
    snprintf(self->short_id, sizeof(self->short_id), "t%u", id);
    start_with(self, self->short_id, times);
}

static void join(struct asker *self) {
    pthread_join(self->thread, NULL);
}

static void begin(const char *const *words, uint64_t timeout_ms) {
    aid_scheduler_begin(&scheduler, words);
    client = aid_client(&scheduler, timeout_ms);
}

static void end(void) {
    cap_stats_free(client);
    aid_scheduler_end(&scheduler);
}

/* One waits for an answer, the others for their turn. */
static void start_waiting(struct asker *askers, size_t n) {
    for (size_t i = 0; i < n; i++)
        start(&askers[i], (unsigned)i, 1);
    CHECK(aid_scheduler_wait_asked(&scheduler, 1));
}

static void join_all(struct asker *askers, size_t n, const char *text) {
    for (size_t i = 0; i < n; i++) {
        join(&askers[i]);
        CHECK_STR(askers[i].text, text);
        CHECK_EQ_U64(askers[i].answer.deadline_ms, 0);
        CHECK_EQ_I64(askers[i].answer.end, CAP_END_STOPPED);
    }
}

static void p9_a_cancel_wakes_who_waits_and_who_queues(void) {
    struct asker askers[3];
    begin(AID_SCRIPT("silent"), LONG_MS);
    start_waiting(askers, 3);
    cap_stats_cancel(client);
    join_all(askers, 3, "\"Cancelled\"");
    CHECK_EQ_U64(aid_scheduler_asked(&scheduler), 1);
    end();
}

static void p9_a_cancel_wakes_who_waits_to_connect(void) {
    struct asker asker;
    begin(AID_SCRIPT("no-accept"), LONG_MS);
    int waiting[2] = {aid_dial(scheduler.path), aid_dial(scheduler.path)};
    start(&asker, 0, 1);
    usleep(20000); /* most likely it has tried; either way it must end */
    cap_stats_cancel(client);
    join_all(&asker, 1, "\"Cancelled\"");
    close(waiting[0]);
    close(waiting[1]);
    end();
}

/* Waits until a good part of a request lies in the socket, 10 s at most. */
static bool wait_sent(void) {
    int n = 0;
    for (int i = 0; i < 10000 && n < 100000; i++) {
        if (ioctl(aid_find_socket(), TIOCOUTQ, &n) != 0)
            n = 0;
        usleep(1000);
    }
    return n >= 100000;
}

/* One that does not fit into the socket. */
static void p9_a_cancel_wakes_who_waits_to_send(void) {
    static char id[262000];
    struct asker asker = {.times = 0};
    memset(id, 'x', sizeof(id) - 1);
    begin(AID_SCRIPT("stop-reading"), LONG_MS);
    start_with(&asker, id, 1);
    CHECK(wait_sent());
    cap_stats_cancel(client);
    join_all(&asker, 1, "\"Cancelled\"");
    end();
}

static void on_signal(int signo) {
    (void)signo;
    cap_stats_cancel(client);
}

static void p9_a_signal_handler_may_cancel(void) {
    struct asker asker;
    struct sigaction action = {.sa_handler = on_signal}, before;
    begin(AID_SCRIPT("silent"), LONG_MS);
    sigaction(SIGUSR1, &action, &before);
    start_waiting(&asker, 1);
    pthread_kill(asker.thread, SIGUSR1); /* in the thread that waits itself */
    join_all(&asker, 1, "\"Cancelled\"");
    sigaction(SIGUSR1, &before, NULL);
    end();
}

/* Signals that mean nothing do not end the wait, and do not prolong it. */
static void on_nothing(int signo) {
    (void)signo;
}

static void s7_other_signals_change_nothing(void) {
    struct asker asker;
    struct sigaction action = {.sa_handler = on_nothing}, before;
    begin(AID_SCRIPT("silent"), 300);
    sigaction(SIGUSR1, &action, &before);
    start_waiting(&asker, 1);
    while (!atomic_load(&asker.done)) {
        pthread_kill(asker.thread, SIGUSR1);
        usleep(1000);
    }
    join(&asker);
    CHECK_STR(asker.text, "\"Cancelled\"");
    CHECK_EQ_U64(asker.answer.deadline_ms, 300);
    CHECK(asker.answer.took_us >= 300000);
    sigaction(SIGUSR1, &before, NULL);
    end();
}

static void p12_a_freeze_wakes_who_waits_and_who_queues(void) {
    struct asker askers[3];
    begin(AID_SCRIPT("silent", "echo"), LONG_MS);
    start_waiting(askers, 3);
    cap_stats_freeze(client, true);
    join_all(askers, 3, "\"DuringFreeze\"");
    cap_stats_freeze(client, false);
    start(&askers[0], 7, 1);
    join(&askers[0]);
    CHECK_EQ_U64(askers[0].right, 1);
    CHECK(askers[0].answer.first);
    end();
}

/* Over before anyone could look: what was under way is ended all the same. */
static void p12_a_short_freeze_is_one(void) {
    struct asker asker;
    begin(AID_SCRIPT("silent"), LONG_MS);
    start_waiting(&asker, 1);
    cap_stats_freeze(client, true);
    cap_stats_freeze(client, false);
    join_all(&asker, 1, "\"DuringFreeze\"");
    end();
}

static void p13_requests_queue_and_each_gets_its_own_answer(void) {
    struct asker askers[MOST];
    begin(AID_SCRIPT("echo"), LONG_MS);
    for (unsigned i = 0; i < MOST; i++)
        start(&askers[i], i, 50);
    for (unsigned i = 0; i < MOST; i++) {
        join(&askers[i]);
        CHECK_EQ_U64(askers[i].right, 50);
    }
    CHECK_EQ_U64(cap_stats_discarded(client), 0);
    end();
}

/* ---- the queue ---- */

struct comer {
    struct cap_stats_turn *turn;
    pthread_t thread;
    uint64_t deadline;
    unsigned place; /* when it had its turn; 0: it had none */
};

static atomic_uint served;

static void *come(void *argument) {
    struct comer *self = argument;
    struct cap_stats_place place;
    if (cap_stats_turn_take(self->turn, &place, self->deadline)) {
        self->place = atomic_fetch_add(&served, 1) + 1;
        cap_stats_turn_leave(self->turn);
    }
    return NULL;
}

static bool wait_queue(struct cap_stats_turn *turn, unsigned n) {
    for (int i = 0; i < 10000; i++) {
        unsigned found = 0;
        pthread_mutex_lock(&turn->lock);
        for (struct cap_stats_place *place = turn->first; place; place = place->next)
            found++;
        pthread_mutex_unlock(&turn->lock);
        if (found == n)
            return true;
        usleep(1000);
    }
    return false;
}

static void come_one(struct cap_stats_turn *turn, struct comer *comer,
                     uint64_t deadline) {
    *comer = (struct comer){.turn = turn, .deadline = deadline};
    if (pthread_create(&comer->thread, NULL, come, comer) != 0)
        abort();
}

static void p13_who_came_first_is_served_first(void) {
    const uint64_t late = cap_now_ns() + LONG_MS * CAP_NS_PER_MS;
    struct cap_stats_turn turn;
    struct cap_stats_place mine;
    struct comer comers[4], hasty;
    cap_stats_turn_init(&turn);
    atomic_store(&served, 0);
    CHECK(cap_stats_turn_take(&turn, &mine, 0)); /* nobody is in front: no wait */
    for (unsigned i = 0; i < 4; i++) {
        come_one(&turn, &comers[i], late);
        CHECK(wait_queue(&turn, 2 + i));
        if (i != 1)
            continue;
        come_one(&turn, &hasty, cap_now_ns() + 50 * CAP_NS_PER_MS);
        pthread_join(hasty.thread, NULL); /* leaves without a turn */
        CHECK_EQ_U64(hasty.place, 0);
    }
    come_one(&turn, &hasty, cap_now_ns() + 50 * CAP_NS_PER_MS);
    cap_stats_turn_leave(&turn);
    for (unsigned i = 0; i < 4; i++) {
        pthread_join(comers[i].thread, NULL);
        CHECK_EQ_U64(comers[i].place, i + 1);
    }
    pthread_join(hasty.thread, NULL);
    CHECK(wait_queue(&turn, 0));
    cap_stats_turn_done(&turn);
}

/* The queue is within the deadline: both end at theirs, though the first takes all of it. */
static void s7_who_queues_has_a_deadline_too(void) {
    struct asker askers[2];
    begin(AID_SCRIPT("silent"), 400);
    start_waiting(askers, 2);
    for (int i = 0; i < 2; i++) {
        join(&askers[i]);
        CHECK_STR(askers[i].text, "\"Cancelled\"");
        CHECK_EQ_U64(askers[i].answer.deadline_ms, 400);
    }
    end();
}

static atomic_bool over;

static void *freeze_and_thaw(void *unused) {
    const struct timespec pause = {.tv_nsec = 3000000};
    (void)unused;
    while (!atomic_load(&over)) {
        cap_stats_freeze(client, true);
        cap_stats_freeze(client, false);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

/* Freezes at any moment: an answer is its own or none, never another's. */
static void p12_freezes_at_any_moment_mix_nothing_up(void) {
    struct asker askers[4];
    pthread_t freezer;
    begin(AID_SCRIPT("loop", "echo", "echo", "late=1", "echo"), LONG_MS);
    atomic_store(&over, false);
    if (pthread_create(&freezer, NULL, freeze_and_thaw, NULL) != 0)
        abort();
    for (unsigned i = 0; i < 4; i++)
        start(&askers[i], i, 200);
    for (unsigned i = 0; i < 4; i++)
        join(&askers[i]);
    atomic_store(&over, true);
    pthread_join(freezer, NULL);
    for (unsigned i = 0; i < 4; i++) {
        unsigned right = askers[i].right;
        CHECK_EQ_U64(askers[i].wrong, 0);
        start(&askers[i], i, 1);
        join(&askers[i]);
        CHECK_EQ_U64(askers[i].right, 1);
        printf("# %u of 200 were answered\n", right);
    }
    CHECK_EQ_U64(cap_stats_discarded(client), 0);
    end();
}

int main(void) {
    UNIT_RUN(p9_a_cancel_wakes_who_waits_and_who_queues);
    UNIT_RUN(p9_a_cancel_wakes_who_waits_to_connect);
    UNIT_RUN(p9_a_cancel_wakes_who_waits_to_send);
    UNIT_RUN(p9_a_signal_handler_may_cancel);
    UNIT_RUN(p12_a_freeze_wakes_who_waits_and_who_queues);
    UNIT_RUN(p12_a_short_freeze_is_one);
    UNIT_RUN(p12_freezes_at_any_moment_mix_nothing_up);
    UNIT_RUN(p13_requests_queue_and_each_gets_its_own_answer);
    UNIT_RUN(p13_who_came_first_is_served_first);
    UNIT_RUN(s7_who_queues_has_a_deadline_too);
    UNIT_RUN(s7_other_signals_change_nothing);
    return unit_done();
}
