#include "capture/desk.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/clock.h"
#include "capture/futex.h"
#include "capture/priority.h"

/* Answers that wait to be fetched: one for each client of the control socket, and some. */
#define SEATS 24

#define TICKET_ENDED UINT64_MAX /* of all who ask after the close */

struct seat {
    uint64_t ticket; /* 0: free */
    bool answered;
    struct cap_answer answer; /* once it is answered */
};

struct cap_desk {
    void (*wake)(void *context);
    void *wake_context;
    uint32_t vcpus;

    _Atomic uint32_t waiting; /* a request is in flight and not taken yet */
    _Atomic uint32_t turns;   /* answers so far; a futex, for those who wait */

    pthread_mutex_t
        mutex; /* for all below; of the words above and the states it orders the
                              stores */
    bool closed, held, taken;
    uint64_t last_ticket;
    uint64_t ticket; /* of the request in flight, 0: there is none */
    struct cap_request request;
    struct seat seats[SEATS];
    struct vcpu {
        _Atomic uint32_t state; /* enum cap_desk_state */
        uint64_t ticket;        /* of its latest request, 0: refused or none */
    } vcpu[];
};

struct cap_desk *cap_desk_new(uint32_t vcpus, void (*wake)(void *), void *wake_context,
                              struct dc_error *err) {
    struct cap_desk *desk =
        calloc(1, sizeof(*desk) + (size_t)vcpus * sizeof(desk->vcpu[0]));
    if (!desk) {
        dc_fail(err, DC_ENOMEM, "no memory for the requests of %u vCPUs", vcpus);
        return NULL;
    }
    int error = cap_priority_mutex(&desk->mutex);
    if (error) {
        dc_fail_errno(err, DC_EINTERNAL, error, "cannot make a mutex");
        free(desk);
        return NULL;
    }
    desk->vcpus = vcpus;
    desk->wake = wake;
    desk->wake_context = wake_context;
    return desk;
}

void cap_desk_free(struct cap_desk *desk) {
    if (!desk)
        return;
    pthread_mutex_destroy(&desk->mutex);
    free(desk);
}

/* ---- inside the mutex ---- */

static struct seat *find_seat(struct cap_desk *desk, uint64_t ticket) {
    for (size_t i = 0; i < SEATS; i++)
        if (desk->seats[i].ticket == ticket)
            return &desk->seats[i];
    return NULL;
}

static bool is_attended(const struct cap_request *request) {
    return !request->unattended && request->asker != CAP_ASK_GUEST;
}

/* What the guest sees of its latest request; one that a later request has replaced is not
   told any more. */
static void tell_vcpu(struct cap_desk *desk, const struct cap_request *request,
                      uint64_t ticket, enum cap_desk_state state) {
    if (request->asker == CAP_ASK_GUEST && desk->vcpu[request->vcpu].ticket == ticket)
        atomic_store(&desk->vcpu[request->vcpu].state, state);
}

static void note_guest(struct cap_desk *desk, const struct cap_request *request,
                       uint64_t ticket, enum cap_desk_state state) {
    if (request->asker != CAP_ASK_GUEST)
        return;
    desk->vcpu[request->vcpu].ticket = ticket;
    tell_vcpu(desk, request, ticket, state);
}

/* The ticket, or 0 where a capture is in flight or nobody could keep the answer. */
static uint64_t let_in(struct cap_desk *desk, const struct cap_request *request) {
    if (desk->held || desk->ticket != 0)
        return 0;
    if (is_attended(request)) {
        struct seat *seat = find_seat(desk, 0);
        if (!seat)
            return 0;
        seat->ticket = desk->last_ticket + 1;
        seat->answered = false;
    }
    desk->ticket = ++desk->last_ticket;
    desk->request = *request;
    desk->taken = false;
    atomic_store(&desk->waiting, 1);
    return desk->ticket;
}

static enum cap_desk_state state_of(enum cap_answer_code code) {
    static const enum cap_desk_state states[] = {
        [CAP_ANSWER_CAPTURED] = CAP_DESK_CAPTURED,
        [CAP_ANSWER_DEGRADED] = CAP_DESK_DEGRADED,
        [CAP_ANSWER_FAILED] = CAP_DESK_UNAVAILABLE,
        [CAP_ANSWER_ENDED] = CAP_DESK_UNAVAILABLE,
    };
    return states[code];
}

/* Answers the request in flight, which is gone afterwards. */
static void settle(struct cap_desk *desk, const struct cap_answer *answer) {
    struct seat *seat = find_seat(desk, desk->ticket);
    if (seat) {
        seat->answer = *answer;
        seat->answered = true;
    }
    tell_vcpu(desk, &desk->request, desk->ticket, state_of(answer->code));
    if (desk->request.answered)
        desk->request.answered(desk->request.answered_context);
    desk->ticket = 0;
    desk->taken = false;
    atomic_store(&desk->waiting, 0);
}

static struct cap_answer ended(const char *tag) {
    struct cap_answer answer = {
        .code = CAP_ANSWER_ENDED,
        .reason = CAP_ENDED_TEXT,
    };
    snprintf(answer.tag, sizeof(answer.tag), "%s", tag);
    return answer;
}

/* ---- askers ---- */

uint64_t cap_desk_ask(struct cap_desk *desk, const struct cap_request *request) {
    uint64_t ticket;

    if (request->asker == CAP_ASK_GUEST && request->vcpu >= desk->vcpus)
        return 0;
    pthread_mutex_lock(&desk->mutex);
    bool closed = desk->closed;
    if (closed) {
        ticket = TICKET_ENDED;
        note_guest(desk, request, ticket, CAP_DESK_UNAVAILABLE);
        if (request->answered)
            request->answered(request->answered_context);
    } else {
        ticket = let_in(desk, request);
        note_guest(desk, request, ticket, ticket ? CAP_DESK_PENDING : CAP_DESK_BUSY);
    }
    pthread_mutex_unlock(&desk->mutex);
    if (ticket != 0 && !closed && desk->wake)
        desk->wake(desk->wake_context);
    return ticket;
}

static int look(struct cap_desk *desk, uint64_t ticket, struct cap_answer *out) {
    if (ticket == TICKET_ENDED) {
        *out = ended("");
        return 0;
    }
    if (ticket == 0)
        return -1;
    int rc = -1;
    pthread_mutex_lock(&desk->mutex);
    struct seat *seat = find_seat(desk, ticket);
    if (seat && seat->answered) {
        *out = seat->answer;
        seat->ticket = 0;
        rc = 0;
    } else if (seat) {
        rc = 1;
    }
    pthread_mutex_unlock(&desk->mutex);
    return rc;
}

int cap_desk_wait(struct cap_desk *desk, uint64_t ticket, uint64_t timeout_ns,
                  struct cap_answer *out) {
    uint64_t start = cap_now_ns();

    for (;;) {
        /* Before the look: an answer between it and the sleep has changed the word. */
        uint32_t seen = atomic_load(&desk->turns);
        uint64_t waited = cap_now_ns() - start;
        int rc = look(desk, ticket, out);
        if (rc != 1 || waited >= timeout_ns)
            return rc;
        cap_futex_wait(&desk->turns, seen, timeout_ns - waited);
    }
}

void cap_desk_forget(struct cap_desk *desk, uint64_t ticket) {
    if (ticket == 0 || ticket == TICKET_ENDED)
        return;
    pthread_mutex_lock(&desk->mutex);
    struct seat *seat = find_seat(desk, ticket);
    if (seat)
        seat->ticket = 0;
    if (desk->ticket == ticket)
        desk->request.answered = NULL;
    pthread_mutex_unlock(&desk->mutex);
}

/* ---- coordinator ---- */

bool cap_desk_take(struct cap_desk *desk, struct cap_request *out) {
    if (!cap_desk_pending(desk))
        return false;
    pthread_mutex_lock(&desk->mutex);
    bool there = desk->ticket != 0 && !desk->taken;
    if (there) {
        *out = desk->request;
        desk->taken = true;
        atomic_store(&desk->waiting, 0);
    }
    pthread_mutex_unlock(&desk->mutex);
    return there;
}

static void wake_waiting(struct cap_desk *desk) {
    atomic_fetch_add(&desk->turns, 1);
    cap_futex_wake_all(&desk->turns);
}

void cap_desk_answer(struct cap_desk *desk, const struct cap_answer *answer) {
    pthread_mutex_lock(&desk->mutex);
    if (desk->taken)
        settle(desk, answer);
    pthread_mutex_unlock(&desk->mutex);
    wake_waiting(desk);
}

static void set_held(struct cap_desk *desk, bool held) {
    pthread_mutex_lock(&desk->mutex);
    desk->held = held;
    pthread_mutex_unlock(&desk->mutex);
}

void cap_desk_hold(struct cap_desk *desk) {
    set_held(desk, true);
}

void cap_desk_release(struct cap_desk *desk) {
    set_held(desk, false);
}

void cap_desk_close(struct cap_desk *desk) {
    pthread_mutex_lock(&desk->mutex);
    desk->closed = true;
    if (desk->ticket != 0) {
        struct cap_answer answer = ended(desk->request.tag);
        settle(desk, &answer);
    }
    pthread_mutex_unlock(&desk->mutex);
    wake_waiting(desk);
}

/* ---- anybody ---- */

enum cap_desk_state cap_desk_state(const struct cap_desk *desk, uint32_t vcpu) {
    if (vcpu >= desk->vcpus)
        return CAP_DESK_UNAVAILABLE;
    return (enum cap_desk_state)atomic_load(&desk->vcpu[vcpu].state);
}

bool cap_desk_pending(const struct cap_desk *desk) {
    return atomic_load(&desk->waiting) != 0;
}
