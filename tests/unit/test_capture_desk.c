/*
 * The desk: one capture at a time, an answer for everybody (G8), and a gate that opens again
 * whatever happens (G9).
 */
#include "tests/unit/unit.h"

#include <stdatomic.h>

#include "capture/clock.h"
#include "capture/desk.h"
#include "tests/unit/desk_aid.h"

#define SEATS 24 /* as in desk.c */

static void count_up(void *context) {
    atomic_fetch_add((atomic_int *)context, 1);
}

static void g8_loser_is_told(void) {
    struct cap_desk *desk = aid_desk();
    struct cap_request taken;
    struct cap_answer got = {0};

    CHECK_STR(CAP_BUSY_TEXT, "another snapshot capture is in flight; retry");
    CHECK(!cap_desk_pending(desk));
    CHECK(!cap_desk_take(desk, &taken));
    uint64_t ticket = aid_ask(desk, "one");
    CHECK(ticket > 0);
    CHECK(cap_desk_pending(desk));
    CHECK_EQ_U64(aid_ask(desk, "two"), 0); /* it waits */
    CHECK(cap_desk_take(desk, &taken));
    CHECK_STR(taken.tag, "one");
    CHECK(taken.asker == CAP_ASK_CONTROL);
    CHECK(!cap_desk_pending(desk));
    CHECK(!cap_desk_take(desk, &taken));
    CHECK_EQ_U64(aid_ask(desk, "three"), 0); /* it is served */
    CHECK_EQ_I64(cap_desk_wait(desk, ticket, 0, &got), 1);
    struct cap_answer given = aid_answer(CAP_ANSWER_DEGRADED, "one");
    snprintf(given.reason, sizeof(given.reason), "because");
    cap_desk_answer(desk, &given);
    uint64_t next = aid_ask(desk, "four"); /* before the first answer is fetched */
    CHECK(next > ticket);
    CHECK_EQ_I64(cap_desk_wait(desk, ticket, 0, &got), 0);
    CHECK_MEM(&got, sizeof(got), &given, sizeof(given));
    CHECK_EQ_I64(cap_desk_wait(desk, ticket, 0, &got), -1); /* it is gone */
    CHECK_EQ_I64(cap_desk_wait(desk, next, 0, &got), 1);
    CHECK(aid_serve(desk, CAP_ANSWER_CAPTURED));
    CHECK_EQ_I64(cap_desk_wait(desk, next, AID_LONG_NS, &got), 0);
    CHECK_STR(got.tag, "four");
    cap_desk_free(desk);
}

static void g9_hold_and_release(void) {
    struct cap_desk *desk = aid_desk();
    struct cap_answer got;

    cap_desk_hold(desk);
    CHECK_EQ_U64(aid_ask(desk, "x"), 0);
    CHECK(!cap_desk_pending(desk));
    cap_desk_hold(desk);
    cap_desk_release(desk);
    cap_desk_release(desk);
    uint64_t ticket = aid_ask(desk, "x");
    CHECK(ticket > 0);
    cap_desk_hold(desk); /* an error trigger comes while it waits: it stays */
    CHECK_EQ_U64(aid_ask(desk, "y"), 0);
    CHECK(aid_serve(desk, CAP_ANSWER_CAPTURED));
    CHECK_EQ_U64(aid_ask(desk, "y"), 0);
    CHECK_EQ_I64(cap_desk_wait(desk, ticket, 0, &got), 0);
    cap_desk_release(desk);
    CHECK(aid_ask(desk, "y") > 0);
    cap_desk_free(desk);
}

/* Every code opens the gate, and so does giving up. */
static void g9_gate_opens_on_every_path(void) {
    static const enum cap_answer_code codes[] = {CAP_ANSWER_CAPTURED, CAP_ANSWER_DEGRADED,
                                                 CAP_ANSWER_FAILED, CAP_ANSWER_ENDED};
    struct cap_desk *desk = aid_desk();
    struct cap_answer got;

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        uint64_t ticket = aid_ask(desk, "x");
        CHECK(ticket > 0);
        CHECK(aid_serve(desk, codes[i]));
        CHECK_EQ_I64(cap_desk_wait(desk, ticket, 0, &got), 0);
        CHECK(got.code == codes[i]);
    }
    uint64_t ticket = aid_ask(desk, "gone");
    cap_desk_forget(desk, ticket);
    CHECK_EQ_I64(cap_desk_wait(desk, ticket, 0, &got), -1);
    CHECK_EQ_U64(aid_ask(desk, "x"), 0); /* what was asked for is captured all the same */
    CHECK(aid_serve(desk, CAP_ANSWER_CAPTURED));
    CHECK(aid_ask(desk, "x") > 0);
    cap_desk_free(desk);
}

static void an_answer_without_a_request_is_none(void) {
    struct cap_desk *desk = aid_desk();
    struct cap_answer given = aid_answer(CAP_ANSWER_CAPTURED, "stray"), got;

    cap_desk_answer(desk, &given);
    uint64_t ticket = aid_ask(desk, "x");
    cap_desk_answer(desk, &given); /* not taken yet */
    CHECK_EQ_I64(cap_desk_wait(desk, ticket, 0, &got), 1);
    CHECK(aid_serve(desk, CAP_ANSWER_CAPTURED));
    cap_desk_answer(desk, &given); /* twice */
    CHECK_EQ_I64(cap_desk_wait(desk, ticket, 0, &got), 0);
    CHECK_STR(got.tag, "x");
    cap_desk_free(desk);
}

static void waits_no_longer_than_told(void) {
    struct cap_desk *desk = aid_desk();
    struct cap_answer got;
    uint64_t ticket = aid_ask(desk, "x"), start = cap_now_ns();

    CHECK_EQ_I64(cap_desk_wait(desk, ticket, 20 * CAP_NS_PER_MS, &got), 1);
    CHECK(cap_now_ns() - start >= 20 * CAP_NS_PER_MS);
    CHECK_EQ_I64(cap_desk_wait(desk, 0, AID_LONG_NS, &got), -1);
    CHECK_EQ_I64(cap_desk_wait(desk, ticket + 1, AID_LONG_NS, &got), -1);
    CHECK(aid_serve(desk, CAP_ANSWER_CAPTURED));
    CHECK_EQ_I64(cap_desk_wait(desk, ticket, UINT64_MAX, &got), 0);
    cap_desk_free(desk);
}

static void guest_reads_its_state(void) {
    struct cap_desk *desk = aid_desk();
    struct cap_answer got;

    CHECK_EQ_U64(cap_desk_state(desk, 1), CAP_DESK_NONE);
    uint64_t ticket = aid_ask_guest(desk, 1);
    CHECK(ticket > 0);
    CHECK_EQ_U64(cap_desk_state(desk, 1), CAP_DESK_PENDING);
    CHECK_EQ_I64(cap_desk_wait(desk, ticket, AID_LONG_NS, &got), -1);
    CHECK_EQ_U64(aid_ask_guest(desk, 2), 0);
    CHECK_EQ_U64(cap_desk_state(desk, 2), CAP_DESK_BUSY);
    CHECK_EQ_U64(cap_desk_state(desk, 0), CAP_DESK_NONE);
    CHECK(aid_serve(desk, CAP_ANSWER_CAPTURED));
    CHECK_EQ_U64(cap_desk_state(desk, 1), CAP_DESK_CAPTURED);
    CHECK_EQ_U64(cap_desk_state(desk, 2), CAP_DESK_BUSY);
    CHECK(aid_ask_guest(desk, 2) > 0);
    CHECK_EQ_U64(cap_desk_state(desk, 2), CAP_DESK_PENDING);
    CHECK(aid_serve(desk, CAP_ANSWER_DEGRADED));
    CHECK_EQ_U64(cap_desk_state(desk, 2), CAP_DESK_DEGRADED);
    CHECK(aid_ask_guest(desk, 3) > 0);
    CHECK(aid_serve(desk, CAP_ANSWER_FAILED));
    CHECK_EQ_U64(cap_desk_state(desk, 3), CAP_DESK_UNAVAILABLE);
    cap_desk_free(desk);
}

/* The state is that of the latest request: the answer to an earlier one is not for it. */
static void guest_state_is_of_the_latest(void) {
    struct cap_desk *desk = aid_desk();

    CHECK(aid_ask_guest(desk, 0) > 0);
    CHECK_EQ_U64(aid_ask_guest(desk, 0), 0);
    CHECK_EQ_U64(cap_desk_state(desk, 0), CAP_DESK_BUSY);
    CHECK(aid_serve(desk, CAP_ANSWER_CAPTURED));
    CHECK_EQ_U64(cap_desk_state(desk, 0), CAP_DESK_BUSY);
    CHECK(aid_ask_guest(desk, 0) > 0);
    CHECK(aid_serve(desk, CAP_ANSWER_CAPTURED));
    CHECK_EQ_U64(cap_desk_state(desk, 0), CAP_DESK_CAPTURED);
    cap_desk_free(desk);
}

static void guest_cannot_name_another_vcpu(void) {
    struct cap_desk *desk = aid_desk();

    CHECK_EQ_U64(aid_ask_guest(desk, AID_DESK_VCPUS), 0);
    CHECK_EQ_U64(aid_ask_guest(desk, UINT32_MAX), 0);
    CHECK_EQ_U64(cap_desk_state(desk, AID_DESK_VCPUS), CAP_DESK_UNAVAILABLE);
    CHECK(!cap_desk_pending(desk));
    cap_desk_free(desk);
}

/* Answers that nobody fetches do not fill the desk, where nobody was to fetch them. */
static void unattended_leave_nothing(void) {
    struct cap_desk *desk = aid_desk();
    struct cap_request asked = aid_request(CAP_ASK_SIGNAL, "x");
    struct cap_answer got;

    asked.unattended = true;
    for (int i = 0; i < 3 * SEATS; i++) {
        uint64_t ticket = cap_desk_ask(desk, &asked);
        CHECK(ticket > 0);
        CHECK(aid_serve(desk, CAP_ANSWER_CAPTURED));
        CHECK_EQ_I64(cap_desk_wait(desk, ticket, 0, &got), -1);
        CHECK(aid_ask_guest(desk, 0) > 0);
        CHECK(aid_serve(desk, CAP_ANSWER_CAPTURED));
    }
    cap_desk_free(desk);
}

static void answers_to_fetch_are_limited(void) {
    struct cap_desk *desk = aid_desk();
    struct cap_answer got;
    uint64_t tickets[SEATS];

    for (int i = 0; i < SEATS; i++) {
        tickets[i] = aid_ask(desk, "x");
        CHECK(tickets[i] > 0);
        CHECK(aid_serve(desk, CAP_ANSWER_CAPTURED));
    }
    CHECK_EQ_U64(aid_ask(desk, "x"), 0);
    CHECK_EQ_I64(cap_desk_wait(desk, tickets[3], 0, &got), 0);
    CHECK(aid_ask(desk, "x") > 0);
    CHECK(aid_serve(desk, CAP_ANSWER_CAPTURED));
    CHECK_EQ_U64(aid_ask(desk, "x"), 0);
    cap_desk_forget(desk, tickets[0]);
    CHECK(aid_ask(desk, "x") > 0);
    cap_desk_free(desk);
}

static void wakes_the_coordinator_and_the_asker(void) {
    struct dc_error err;
    atomic_int woken = 0, answered = 0;
    struct cap_desk *desk = cap_desk_new(AID_DESK_VCPUS, count_up, &woken, &err);
    struct cap_request asked = aid_request(CAP_ASK_CONTROL, "x");
    struct cap_answer got;

    asked.answered = count_up;
    asked.answered_context = &answered;
    CHECK(cap_desk_ask(desk, &asked) > 0);
    CHECK_EQ_I64(woken, 1);
    CHECK_EQ_U64(cap_desk_ask(desk, &asked), 0);
    CHECK_EQ_I64(woken, 1); /* nothing new */
    CHECK_EQ_I64(answered, 0);
    CHECK(aid_serve(desk, CAP_ANSWER_CAPTURED));
    CHECK_EQ_I64(answered, 1);
    uint64_t ticket = cap_desk_ask(desk, &asked);
    cap_desk_forget(desk, ticket);
    CHECK(aid_serve(desk, CAP_ANSWER_CAPTURED));
    CHECK_EQ_I64(answered, 1); /* forgotten */
    CHECK(cap_desk_ask(desk, &asked) > 0);
    CHECK_EQ_I64(woken, 3);
    cap_desk_close(desk);
    CHECK_EQ_I64(answered, 2);
    ticket = cap_desk_ask(desk, &asked);
    CHECK_EQ_I64(answered, 3);
    CHECK_EQ_I64(woken, 3); /* nobody is there */
    CHECK_EQ_I64(cap_desk_wait(desk, ticket, 0, &got), 0);
    cap_desk_free(desk);
}

static void close_answers_all(void) {
    struct cap_desk *desk = aid_desk();
    struct cap_answer got;
    struct cap_request taken;

    uint64_t served = aid_ask(desk, "served");
    CHECK(cap_desk_take(desk, &taken));
    cap_desk_close(desk);
    cap_desk_close(desk);
    CHECK_EQ_I64(cap_desk_wait(desk, served, AID_LONG_NS, &got), 0);
    CHECK(got.code == CAP_ANSWER_ENDED);
    CHECK_STR(got.tag, "served");
    CHECK_STR(got.path, "");
    CHECK(strlen(got.reason) > 0);
    struct cap_answer late = aid_answer(CAP_ANSWER_CAPTURED, "served");
    cap_desk_answer(desk, &late);
    for (int i = 0; i < 3 * SEATS; i++) {
        uint64_t ticket = aid_ask(desk, "late");
        CHECK(ticket > 0);
        CHECK_EQ_I64(cap_desk_wait(desk, ticket, AID_LONG_NS, &got), 0);
        CHECK(got.code == CAP_ANSWER_ENDED);
    }
    CHECK(!cap_desk_pending(desk));
    CHECK(!cap_desk_take(desk, &taken));
    CHECK(aid_ask_guest(desk, 0) > 0);
    CHECK_EQ_U64(cap_desk_state(desk, 0), CAP_DESK_UNAVAILABLE);
    cap_desk_free(desk);
}

static void close_ends_a_guest_request(void) {
    struct cap_desk *desk = aid_desk();

    CHECK(aid_ask_guest(desk, 2) > 0);
    cap_desk_close(desk);
    CHECK_EQ_U64(cap_desk_state(desk, 2), CAP_DESK_UNAVAILABLE);
    CHECK(!cap_desk_pending(desk));
    cap_desk_free(desk);
}

int main(void) {
    UNIT_RUN(g8_loser_is_told);
    UNIT_RUN(g9_hold_and_release);
    UNIT_RUN(g9_gate_opens_on_every_path);
    UNIT_RUN(an_answer_without_a_request_is_none);
    UNIT_RUN(waits_no_longer_than_told);
    UNIT_RUN(guest_reads_its_state);
    UNIT_RUN(guest_state_is_of_the_latest);
    UNIT_RUN(guest_cannot_name_another_vcpu);
    UNIT_RUN(unattended_leave_nothing);
    UNIT_RUN(answers_to_fetch_are_limited);
    UNIT_RUN(wakes_the_coordinator_and_the_asker);
    UNIT_RUN(close_answers_all);
    UNIT_RUN(close_ends_a_guest_request);
    return unit_done();
}
