/*
 * The desk under threads that ask, serve and close at the same time: one capture at a time
 * and an answer for everybody (G8), under ThreadSanitizer, too.
 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "capture/clock.h"
#include "capture/desk.h"
#include "tests/unit/desk_aid.h"

#define ASKS 1000

struct crowd {
    struct cap_desk *desk;
    atomic_bool over;
    atomic_int ready, serving, overlaps, served;
    pthread_t coordinator;
};

static void *coordinate(void *arg) {
    struct crowd *crowd = arg;
    struct cap_request taken;

    while (!atomic_load(&crowd->over)) {
        if (!cap_desk_take(crowd->desk, &taken)) {
            sched_yield();
            continue;
        }
        if (atomic_fetch_add(&crowd->serving, 1) != 0)
            atomic_fetch_add(&crowd->overlaps, 1);
        struct cap_answer given = aid_answer(CAP_ANSWER_CAPTURED, taken.tag);
        sched_yield();
        atomic_fetch_add(&crowd->served, 1);
        atomic_fetch_sub(&crowd->serving, 1);
        cap_desk_answer(crowd->desk, &given);
    }
    return NULL;
}

static void begin(struct crowd *crowd) {
    *crowd = (struct crowd){.desk = aid_desk()};
    if (pthread_create(&crowd->coordinator, NULL, coordinate, crowd))
        abort();
}

static void finish(struct crowd *crowd) {
    atomic_store(&crowd->over, true);
    pthread_join(crowd->coordinator, NULL);
    cap_desk_free(crowd->desk);
}

struct asker {
    struct crowd *crowd;
    const char *name;
    uint32_t vcpu;
    int askers_in_all;
    int won, busy, wrong;
    pthread_t thread;
};

/* All begin together: one after another would prove nothing. */
static void wait_for_all(struct crowd *crowd, int askers) {
    atomic_fetch_add(&crowd->ready, 1);
    while (atomic_load(&crowd->ready) < askers)
        sched_yield();
}

/* Who won waits for the answer, which is its own and comes once. */
static void *ask_often(void *arg) {
    struct asker *self = arg;
    struct cap_desk *desk = self->crowd->desk;
    struct cap_answer got;

    wait_for_all(self->crowd, self->askers_in_all);
    for (int i = 0; i < ASKS; i++) {
        char tag[CAP_TAG_SIZE];
        snprintf(tag, sizeof(tag), "%s-%d", self->name, i);
        uint64_t ticket = aid_ask(desk, tag);
        if (ticket == 0) {
            self->busy++;
            sched_yield();
            continue;
        }
        self->won++;
        if (cap_desk_wait(desk, ticket, AID_LONG_NS, &got) != 0 ||
            strcmp(got.tag, tag) != 0)
            self->wrong++;
        if (cap_desk_wait(desk, ticket, 0, &got) != -1)
            self->wrong++;
    }
    return NULL;
}

static void g8_two_askers_a_thousand_times(void) {
    struct crowd crowd;
    struct asker askers[] = {{.name = "a"}, {.name = "b"}};

    begin(&crowd);
    for (int i = 0; i < 2; i++) {
        askers[i].crowd = &crowd;
        askers[i].askers_in_all = 2;
        if (!CHECK(pthread_create(&askers[i].thread, NULL, ask_often, &askers[i]) == 0))
            abort();
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(askers[i].thread, NULL);
        CHECK_EQ_I64(askers[i].won + askers[i].busy, ASKS);
        CHECK_EQ_I64(askers[i].wrong, 0);
    }
    CHECK_EQ_I64(crowd.served, askers[0].won + askers[1].won);
    CHECK_EQ_I64(crowd.overlaps, 0);
    CHECK(crowd.served > 0);
    finish(&crowd);
}

static bool is_final(enum cap_desk_state state) {
    return state == CAP_DESK_CAPTURED || state == CAP_DESK_UNAVAILABLE;
}

/* As a guest does: rings, then looks until the answer is there. */
static void *ring_often(void *arg) {
    struct asker *self = arg;
    struct cap_desk *desk = self->crowd->desk;

    wait_for_all(self->crowd, self->askers_in_all);
    for (int i = 0; i < ASKS; i++) {
        uint64_t limit = cap_now_ns() + AID_LONG_NS;
        if (aid_ask_guest(desk, self->vcpu) == 0) {
            self->busy++;
            self->wrong += cap_desk_state(desk, self->vcpu) != CAP_DESK_BUSY;
            continue;
        }
        self->won++;
        while (cap_desk_state(desk, self->vcpu) == CAP_DESK_PENDING &&
               cap_now_ns() < limit)
            sched_yield();
        self->wrong += !is_final(cap_desk_state(desk, self->vcpu));
    }
    return NULL;
}

/* Guests and the control socket at the same time, and the run ends in the middle. */
static void g8_guests_ask_until_the_end(void) {
    struct crowd crowd;
    struct asker askers[AID_DESK_VCPUS] = {{.name = "control"}};

    begin(&crowd);
    for (uint32_t i = 0; i < AID_DESK_VCPUS; i++) {
        askers[i].crowd = &crowd;
        askers[i].vcpu = i;
        askers[i].askers_in_all = AID_DESK_VCPUS;
        if (!CHECK(pthread_create(&askers[i].thread, NULL, i > 0 ? ring_often : ask_often,
                                  &askers[i]) == 0))
            abort();
    }
    while (atomic_load(&crowd.served) < 20)
        sched_yield();
    cap_desk_hold(crowd.desk);
    sched_yield();
    cap_desk_release(crowd.desk);
    cap_desk_close(crowd.desk);
    for (uint32_t i = 0; i < AID_DESK_VCPUS; i++) {
        pthread_join(askers[i].thread, NULL);
        CHECK_EQ_I64(askers[i].won + askers[i].busy, ASKS);
    }
    for (uint32_t i = 1; i < AID_DESK_VCPUS;
         i++) /* the answer after the close has no tag */
        CHECK_EQ_I64(askers[i].wrong, 0);
    CHECK_EQ_I64(crowd.overlaps, 0);
    finish(&crowd);
}

struct waiter {
    struct cap_desk *desk;
    uint64_t ticket;
    int rc;
    struct cap_answer got;
};

static void *wait_long(void *arg) {
    struct waiter *self = arg;
    self->rc = cap_desk_wait(self->desk, self->ticket, AID_LONG_NS, &self->got);
    return NULL;
}

/* An answer and the close both end the wait of another thread, long before its limit. */
static void waiting_threads_are_woken(void) {
    for (int i = 0; i < 20; i++) {
        struct waiter waiter = {.desk = aid_desk()};
        uint64_t start = cap_now_ns();
        pthread_t thread;

        waiter.ticket = aid_ask(waiter.desk, "x");
        if (!CHECK(pthread_create(&thread, NULL, wait_long, &waiter) == 0))
            abort();
        if (i & 2) /* most likely asleep by then; both orders are right */
            nanosleep(&(struct timespec){.tv_nsec = 2 * CAP_NS_PER_MS}, NULL);
        if (i & 1)
            cap_desk_close(waiter.desk);
        else
            CHECK(aid_serve(waiter.desk, CAP_ANSWER_CAPTURED));
        pthread_join(thread, NULL);
        CHECK(cap_now_ns() - start < AID_LONG_NS / 2);
        CHECK_EQ_I64(waiter.rc, 0);
        CHECK(waiter.got.code == (i & 1 ? CAP_ANSWER_ENDED : CAP_ANSWER_CAPTURED));
        cap_desk_free(waiter.desk);
    }
}

int main(void) {
    UNIT_RUN(g8_two_askers_a_thousand_times);
    UNIT_RUN(g8_guests_ask_until_the_end);
    UNIT_RUN(waiting_threads_are_woken);
    return unit_done();
}
