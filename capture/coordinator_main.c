#include "capture/coordinator_private.h"

#include <inttypes.h>
#include <stdio.h>

#include "capture/clock.h"
#include "capture/image.h"

/* Values of exit_kind from here on are errors. */
#define FIRST_ERROR 1024u

/* ---- the exit-kind gate ---- */

/* Only for a watchpoint, and only where the latch does not say the same. */
static bool gate_applies(const struct cap_result *result) {
    return result->trigger == CAP_TRIGGER_WATCHPOINT &&
           result->latch_at_trigger != CAP_LATCH_TRIGGERED && cap_shot_is_full(result);
}

/*
 * The value that the watchpoint saw may be gone again. What the latch remembers counts
 * then, unless it was out of bounds at some time: its page may belong to somebody else.
 */
static enum cap_gate ask_gate(struct coordinator *self, const struct cap_result *result) {
    if (result->exit_kind_state == CAP_EXIT_KIND_NOT_RESOLVED)
        return CAP_GATE_NO_VALUE;
    if (result->exit_kind_state == CAP_EXIT_KIND_READ && result->exit_kind >= FIRST_ERROR)
        return CAP_GATE_ERROR;
    if (result->latch_at_report == CAP_LATCH_TRIGGERED && !self->lookout.latch_was_out)
        return CAP_GATE_LATCH;
    return CAP_GATE_SUPPRESSED;
}

/* ---- the early snapshot ---- */

/* In the order of preference of the wire format (8.3). */
static const char *why_no_early(const struct coordinator *self,
                                char text[CAP_REASON * 2]) {
    const char *prerequisite = NULL;

    if (self->age_state == CAP_AGE_NOT_RESOLVED)
        prerequisite = cap_age_missing(self->facts->age);
    else if (self->age_state == CAP_AGE_OUT_OF_BOUNDS)
        prerequisite = "jiffies or runnable_at lie outside of memory";

    if (self->early_reason[0])
        snprintf(text, CAP_REASON * 2,
                 "early capture degraded (%s); see tagged sibling at "
                 "SNAPSHOT_TAG_EARLY_DEGRADED",
                 self->early_reason);
    else if (prerequisite)
        snprintf(text, CAP_REASON * 2, "scan prerequisites unavailable: %s",
                 prerequisite);
    else if (!self->age_seen)
        snprintf(text, CAP_REASON * 2,
                 "scx_tick stall \xe2\x80\x94 no per-task runnable_at data");
    else
        snprintf(text, CAP_REASON * 2,
                 "max_age never crossed threshold (peak=%" PRIu64 "j, threshold=%" PRIu64
                 "j)",
                 self->peak_age, self->facts->early_threshold_jiffies);
    return text;
}

/* One look at the ages. Returns whether the threshold is reached. */
static bool look_at_age(struct coordinator *self, uint64_t *age) {
    *age = 0;
    self->age_state = cap_age_read(self->source, self->facts->age, age);
    if (self->age_state != CAP_AGE_READ)
        return false;
    self->age_seen = self->age_seen || *age > 0;
    if (*age > self->peak_age)
        self->peak_age = *age;
    return *age > 0 && *age >= self->facts->early_threshold_jiffies;
}

/* Sixteen looks in the time of the threshold, a jiffy being a millisecond. */
static uint64_t age_interval_ns(const struct coordinator *self) {
    uint64_t ms = self->facts->early_threshold_jiffies / 16;
    return (ms < 1 ? 1 : ms > 250 ? 250 : ms) * CAP_NS_PER_MS;
}

static void set_phase(struct coordinator *self, enum cap_phase phase) {
    self->phase = phase;
    atomic_store(&self->live->phase, phase);
}

static void set_held(struct coordinator *self, bool held) {
    self->early_held = held;
    atomic_store(&self->live->early_held, held);
}

static void give_early(struct coordinator *self, const char *tag) {
    struct cap_document document = {.tag = tag, .result = &self->early};
    struct cap_delivery delivery;
    (void)cap_shot_deliver(self, &document, &delivery);
    set_held(self, false);
}

void cap_main_early(struct coordinator *self, uint64_t now_ns) {
    uint64_t age;

    if (self->phase != CAP_IDLE || now_ns < self->age_at_ns)
        return;
    self->age_at_ns = now_ns + age_interval_ns(self);
    if (!look_at_age(self, &age))
        return;
    struct shot shot = {.trigger = CAP_TRIGGER_EARLY, .tag = "early", .seen_ns = now_ns};
    cap_desk_hold(self->desk);
    cap_shot_take(self, &shot, &self->early);
    cap_shot_thaw(self, &self->early);
    set_phase(self, CAP_TOOK_EARLY);
    self->age_at_ns = CAP_NEVER;
    self->early_age = age;
    set_held(self, cap_shot_is_full(&self->early));
    if (!self->early_held) {
        cap_reason_text(&self->early, self->early_reason);
        give_early(self, "early-degraded");
    }
    cap_desk_release(self->desk);
}

void cap_main_release_early(struct coordinator *self) {
    if (self->early_held)
        give_early(self, self->end->suppressed > 0 ? "early-only-late-suppressed"
                                                   : "early-only-late-never-fired");
}

/* ---- the late one ---- */

/* While the source is still frozen: is somebody as old now as an early snapshot asks for? */
static void look_back(struct coordinator *self, bool *crossed) {
    uint64_t age;
    *crossed = false;
    if (!self->options->dual || self->early_held || self->early_reason[0] ||
        !cap_shot_is_full(&self->current))
        return;
    *crossed = look_at_age(self, &age);
    if (*crossed)
        self->early_age = age;
}

static void give_dual(struct coordinator *self, bool crossed) {
    char text[CAP_REASON * 2];
    struct cap_dual dual = {.early = self->early_held ? &self->early
                                     : crossed        ? &self->current
                                                      : NULL};
    struct cap_document document = {.result = &self->current, .dual = &dual};
    struct cap_delivery delivery;

    if (dual.early) {
        dual.early_max_age_jiffies = self->early_age;
        dual.early_threshold_jiffies = self->facts->early_threshold_jiffies;
    } else {
        dual.early_skipped_reason = why_no_early(self, text);
    }
    document.goes_on = self->goes_on;
    if (cap_shot_deliver(self, &document, &delivery) == 0)
        set_held(self, false);
    else if (self->early_held) /* the late one did fire */
        give_early(self, "early-pre-late-degraded");
}

static void give_main(struct coordinator *self, bool crossed) {
    struct cap_document document = {.result = &self->current, .goes_on = self->goes_on};
    struct cap_delivery delivery;

    if (self->options->dual && cap_shot_is_full(&self->current)) {
        give_dual(self, crossed);
        return;
    }
    (void)cap_shot_deliver(self, &document, &delivery);
    if (self->early_held)
        give_early(self, "early-pre-late-degraded");
}

/* The hit is forgotten while nobody can store: the first thing that the guest does then may
   be the real error. */
static void suppress(struct coordinator *self) {
    cap_lookout_forget(&self->lookout);
    cap_shot_suppressed(self, &self->current);
    cap_shot_thaw(self, &self->current);
    self->end->suppressed++;
    atomic_fetch_add(&self->live->suppressed, 1);
}

/* A run that is cancelled already is not cancelled again by that. */
static void write_image(struct coordinator *self, const struct shot *shot) {
    const struct cap_options *options = self->options;
    bool cancelled = shot->ending || self->current.outcome == CAP_KILLED;
    if (options->image_fd < 0)
        return;
    self->end->image = cap_image_write(options->image_fd, self->source,
                                       cancelled ? NULL : options->cancel, &self->current,
                                       &self->end->image_error);
}

bool cap_main_report(struct coordinator *self, const struct shot *shot) {
    enum cap_after after = self->options->after;
    bool crossed;

    cap_desk_hold(self->desk);
    cap_shot_take(self, shot, &self->current);
    if (gate_applies(&self->current)) {
        self->current.gate = ask_gate(self, &self->current);
        if (self->current.gate == CAP_GATE_SUPPRESSED) {
            suppress(self);
            cap_desk_release(self->desk);
            return false;
        }
    }
    look_back(self, &crossed);
    write_image(self, shot);
    self->goes_on = after != CAP_AFTER_KILL && !shot->final_pass &&
                    self->current.outcome != CAP_KILLED &&
                    (self->current.outcome != CAP_CRASHED || after == CAP_AFTER_HOLD);
    if (after == CAP_AFTER_RESUME)
        cap_shot_thaw(self, &self->current);
    give_main(self, crossed);
    set_phase(self, CAP_DONE);
    cap_desk_release(self->desk);
    cap_beside_serve_from(self, &self->current);
    if (after != CAP_AFTER_RESUME) /* else it is served by a capture of its own */
        cap_beside_signal_from(self, &self->current);
    return after != CAP_AFTER_RESUME;
}
