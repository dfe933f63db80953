#include "capture/coordinator_private.h"

#include <stdio.h>
#include <string.h>

#include "capture/clock.h"

/* Of periodic captures, one after another: then there will be no more. */
#define MOST_TIMEOUTS 2

/* One capture that is no error. */
static void take_sibling(struct coordinator *self, struct shot *shot, const char *tag,
                         struct cap_delivery *delivery, int *kept) {
    struct cap_document document = {.tag = tag, .result = &self->current};

    shot->tag = tag;
    cap_shot_take(self, shot, &self->current);
    cap_shot_thaw(self, &self->current);
    *kept = cap_shot_deliver(self, &document, delivery);
}

/* ---- requests ---- */

static enum cap_trigger trigger_of(enum cap_asker asker) {
    return asker == CAP_ASK_GUEST ? CAP_TRIGGER_GUEST : CAP_TRIGGER_CONTROL;
}

static const char *tag_of(const struct cap_request *request) {
    return request->tag[0] ? request->tag : "control";
}

static void answer(struct coordinator *self, const struct cap_result *result,
                   const struct cap_delivery *delivery, int kept) {
    struct cap_answer words = {
        .code = kept                       ? CAP_ANSWER_FAILED
                : cap_shot_is_full(result) ? CAP_ANSWER_CAPTURED
                                           : CAP_ANSWER_DEGRADED,
        .parked = result->parked - result->unavailable,
        .total = result->vcpu_count,
        .latency_us = result->freeze_latency_us,
    };
    snprintf(words.tag, sizeof(words.tag), "%s", delivery->tag);
    if (kept)
        snprintf(words.reason, sizeof(words.reason),
                 "the report could not be written; the standard error of the run has it");
    else
        snprintf(words.path, sizeof(words.path), "%s", delivery->path);
    if (!kept && !cap_shot_is_full(result))
        cap_reason_text(result, words.reason);
    cap_desk_answer(self->desk, &words);
}

static void serve_desk(struct coordinator *self, bool ending) {
    struct cap_request request;
    struct cap_delivery delivery;
    int kept;

    if (!cap_desk_take(self->desk, &request))
        return;
    struct shot shot = {
        .trigger = trigger_of(request.asker),
        .seen_ns = cap_now_ns(),
        .request = request.value,
        .ending = ending,
    };
    take_sibling(self, &shot, tag_of(&request), &delivery, &kept);
    answer(self, &self->current, &delivery, kept);
}

static bool signal_asks(const struct coordinator *self) {
    return self->options->ask && atomic_exchange(self->options->ask, 0) != 0;
}

/* A signal while another capture is made is not lost: it waits here. */
static void serve_signal(struct coordinator *self, bool ending) {
    struct shot shot = {
        .trigger = CAP_TRIGGER_SIGNAL, .seen_ns = cap_now_ns(), .ending = ending};
    struct cap_delivery delivery;
    int kept;

    if (!signal_asks(self))
        return;
    cap_desk_hold(self->desk);
    take_sibling(self, &shot, "signal", &delivery, &kept);
    cap_desk_release(self->desk);
}

void cap_beside_serve(struct coordinator *self, bool ending) {
    serve_desk(self, ending);
    serve_signal(self, ending);
}

void cap_beside_serve_from(struct coordinator *self, const struct cap_result *result) {
    struct cap_request request;
    struct cap_delivery delivery;

    if (!cap_desk_take(self->desk, &request))
        return;
    struct cap_document document = {.tag = tag_of(&request), .result = result};
    int kept = cap_shot_deliver(self, &document, &delivery);
    answer(self, result, &delivery, kept);
}

void cap_beside_signal_from(struct coordinator *self, const struct cap_result *result) {
    struct cap_document document = {.tag = "signal", .result = result};
    struct cap_delivery delivery;

    if (signal_asks(self))
        (void)cap_shot_deliver(self, &document, &delivery);
}

/* ---- periodic ---- */

static void plan_next(struct coordinator *self, uint64_t now_ns) {
    uint64_t every_ns = self->options->every_ms * CAP_NS_PER_MS;

    self->next_ns += every_ns;
    if (self->next_ns <= now_ns) { /* it took longer than a period */
        self->next_ns = now_ns + every_ns;
        self->end->periodic_late++;
    }
    if (self->options->count > 0 && self->made >= self->options->count)
        self->next_ns = CAP_NEVER;
    if (self->timeouts_in_a_row >= MOST_TIMEOUTS) {
        self->next_ns = CAP_NEVER;
        self->end->periodic_given_up = true;
    }
}

void cap_beside_periodic(struct coordinator *self, uint64_t now_ns) {
    struct shot shot = {
        .trigger = CAP_TRIGGER_PERIODIC, .seen_ns = now_ns, .due_ns = self->next_ns};
    struct cap_delivery delivery;
    char tag[CAP_TAG];
    int kept;

    if (now_ns < self->next_ns)
        return;
    if (cap_desk_pending(self->desk) && !self->put_off) {
        self->put_off = true; /* whoever asked first is served in the next turn */
        return;
    }
    self->put_off = false;
    cap_desk_hold(self->desk);
    snprintf(tag, sizeof(tag), "periodic_%03u", self->made++);
    take_sibling(self, &shot, tag, &delivery, &kept);
    cap_desk_release(self->desk);
    self->timeouts_in_a_row =
        self->current.outcome == CAP_TIMEOUT ? self->timeouts_in_a_row + 1 : 0;
    plan_next(self, cap_now_ns());
}
