/*
 * The state machine
 * =================
 *
 *             early: somebody has waited for half the watchdog's time (dual only)
 *      idle --------------------------------------------------------> took early
 *        |                                                                |
 *        |  latch, watchpoint, exit kind, timer, crash: the main report   |
 *        +-------------------------> done <-------------------------------+
 *
 *   - A watchpoint that the exit-kind gate suppresses changes nothing: the next error
 *     counts as if it were the first.
 *   - done is for good: no second main report. Signal, control socket, doorbell and period
 *     are served in every state, one at a time.
 *   - The early snapshot is held from its freeze until it stands in the dual report, or in
 *     a sibling: beside a degraded main report, or when the run ends without one.
 *
 * One turn of the loop: look (life of the guest first, then what it wrote: what ended it
 * comes after its last store), serve who asked, the periodic capture, then the error
 * triggers or else the early one, then whether the run is over. So a trigger that was set
 * just before the guest ended, or the run was cancelled, is still seen.
 */
#include "capture/coordinator_private.h"

#include "capture/clock.h"

#define WAITING_NS (500 * CAP_NS_PER_MS)
#define LONGEST_NS (100 * CAP_NS_PER_MS) /* a signal may come just before a sleep */
#define NO_VCPUS (UINT32_C(1) << 30)     /* arrivals at the board do not matter here */

const char *cap_trigger_name(enum cap_trigger trigger) {
    static const char *const names[] = {
        [CAP_TRIGGER_LATCH] = "latch",         [CAP_TRIGGER_WATCHPOINT] = "watchpoint",
        [CAP_TRIGGER_EXIT_KIND] = "exit_kind", [CAP_TRIGGER_TIMER] = "timer",
        [CAP_TRIGGER_CRASH] = "crash",         [CAP_TRIGGER_SIGNAL] = "signal",
        [CAP_TRIGGER_CONTROL] = "control",     [CAP_TRIGGER_GUEST] = "guest",
        [CAP_TRIGGER_PERIODIC] = "periodic",   [CAP_TRIGGER_EARLY] = "early",
    };
    return names[trigger];
}

/* What one look at everything found. */
struct look {
    uint64_t now_ns;
    enum cap_life life;
    uint32_t vcpu; /* who ended or crashed */
    bool cancelled, stopped, out_of_time;
    struct cap_sighting sighting;
};

static bool wanted(const struct coordinator *self, enum cap_trigger trigger) {
    return self->options->triggers & CAP_ON(trigger);
}

static void take_look(struct coordinator *self, struct look *look) {
    const struct cap_options *options = self->options;

    *look = (struct look){.now_ns = cap_now_ns()};
    look->life = self->source->ops->life(self->source, &look->vcpu);
    look->cancelled = options->cancel && atomic_load(options->cancel) != 0;
    look->stopped = atomic_load(&self->live->stop) != 0;
    look->out_of_time =
        options->run_for_ms > 0 &&
        look->now_ns - self->start_ns >= options->run_for_ms * CAP_NS_PER_MS;
    if (self->phase != CAP_DONE)
        cap_lookout_look(&self->lookout, &look->sighting);
}

/* ---- error triggers ---- */

/* Which of them it is; when several are there, the first of this list. */
static bool error_trigger(const struct coordinator *self, const struct look *look,
                          struct shot *shot) {
    const struct cap_sighting *seen = &look->sighting;
    const struct cap_options *options = self->options;

    if (self->phase == CAP_DONE)
        return false;
    if (seen->watchpoint)
        shot->trigger = CAP_TRIGGER_WATCHPOINT;
    else if (seen->latch)
        shot->trigger = CAP_TRIGGER_LATCH;
    else if (seen->exit_kind)
        shot->trigger = CAP_TRIGGER_EXIT_KIND;
    else if (wanted(self, CAP_TRIGGER_TIMER) &&
             look->now_ns - self->start_ns >= options->timer_ms * CAP_NS_PER_MS)
        shot->trigger = CAP_TRIGGER_TIMER;
    else if (look->life == CAP_FAILED)
        shot->trigger = CAP_TRIGGER_CRASH;
    else
        return false;
    shot->seen_ns = look->now_ns;
    shot->hit_ns = shot->trigger == CAP_TRIGGER_WATCHPOINT ? seen->watchpoint_ns
                   : shot->trigger == CAP_TRIGGER_LATCH    ? seen->latch_ns
                                                           : 0;
    shot->event_vcpu = look->vcpu;
    shot->watchpoint_hit = seen->watchpoint;
    shot->ending = look->cancelled || look->stopped;
    shot->final_pass = shot->trigger != CAP_TRIGGER_CRASH &&
                       (look->life != CAP_RUNNING || shot->ending || look->out_of_time);
    return true;
}

/* ---- the end ---- */

static bool nothing_left(const struct coordinator *self) {
    return self->options->every_ms > 0 && self->next_ns == CAP_NEVER &&
           self->options->triggers == 0;
}

/* When several hold, the first is what is said. */
static bool is_over(struct coordinator *self, const struct look *look) {
    struct cap_end *end = self->end;
    struct cap_vcpu_facts facts;

    end->event_vcpu = look->vcpu;
    if (look->life == CAP_FAILED) {
        end->ending = CAP_ENDED_BY_CRASH;
    } else if (look->life != CAP_RUNNING) {
        end->ending = CAP_ENDED_BY_GUEST;
        self->source->ops->collect(self->source, look->vcpu, &facts);
        end->end_status = facts.detail;
    } else if (look->cancelled) {
        end->ending = CAP_ENDED_BY_CANCEL;
    } else if (look->stopped) {
        end->ending = CAP_ENDED_BY_STOP;
    } else if (look->out_of_time) {
        end->ending = CAP_ENDED_BY_TIME;
    } else if (nothing_left(self)) {
        end->ending = CAP_ENDED_BY_COUNT;
    } else {
        return false;
    }
    return true;
}

/* The guest stays frozen. Whoever asks for a capture is told that one is in force; a signal,
   which cannot be told, gets what there is. */
static void hold(struct coordinator *self) {
    struct look look;

    cap_desk_hold(self->desk);
    cap_beside_serve_from(self, &self->current); /* who asked just before that */
    for (;;) {
        struct cap_mark mark = cap_board_mark(self->source->board);
        take_look(self, &look);
        cap_beside_signal_from(self, &self->current);
        if (look.cancelled || look.stopped || look.out_of_time)
            break;
        cap_board_wait(self->source->board, mark, NO_VCPUS, LONGEST_NS);
    }
    cap_desk_release(self->desk);
}

/* ---- the loop ---- */

static uint64_t until(uint64_t limit_ns, uint64_t now_ns, uint64_t least) {
    uint64_t left = limit_ns <= now_ns ? 0 : limit_ns - now_ns;
    return left < least ? left : least;
}

/* How long to sleep at most: until the next thing is due. */
static uint64_t slice(const struct coordinator *self, uint64_t tell_at_ns) {
    const struct cap_options *options = self->options;
    uint64_t now = cap_now_ns(), ns = LONGEST_NS;

    if (self->phase != CAP_DONE) {
        uint64_t look_ns = cap_lookout_slice(&self->lookout, now);
        if (look_ns < ns)
            ns = look_ns;
        if (wanted(self, CAP_TRIGGER_TIMER))
            ns = until(self->start_ns + options->timer_ms * CAP_NS_PER_MS, now, ns);
    }
    if (options->run_for_ms > 0)
        ns = until(self->start_ns + options->run_for_ms * CAP_NS_PER_MS, now, ns);
    ns = until(self->next_ns, now, ns);
    if (self->phase == CAP_IDLE)
        ns = until(self->age_at_ns, now, ns);
    return options->waiting ? until(tell_at_ns, now, ns) : ns;
}

/* Error triggers, until one has led to the main report or none is left: a suppressed hit
   must not hide another in the same look. Sets *over if the run is. Returns whether there
   was one. */
static bool serve_errors(struct coordinator *self, struct look *look, bool *over) {
    struct shot shot = {.tag = "main"};
    bool any = false;

    *over = false;
    while (error_trigger(self, look, &shot)) {
        any = true;
        self->end->ending = CAP_ENDED_BY_REPORT;
        self->end->event_vcpu = look->vcpu;
        *over = cap_main_report(self, &shot);
        if (self->phase == CAP_DONE)
            break;
        look->sighting.watchpoint = false;
        shot = (struct shot){.tag = "main"};
    }
    return any;
}

/* Returns whether the run is over. */
static bool turn(struct coordinator *self) {
    struct look look;
    bool over;

    if (self->phase != CAP_DONE)
        cap_lookout_scan(&self->lookout, cap_now_ns());
    take_look(self, &look);
    bool ending = look.cancelled || look.stopped;
    /* What is served before an error trigger takes time that is not the trigger's. */
    cap_beside_serve(self, ending);
    if (look.life == CAP_RUNNING && !ending)
        cap_beside_periodic(self, cap_now_ns());
    look.now_ns = cap_now_ns();
    if (!serve_errors(self, &look, &over) && look.life == CAP_RUNNING && !ending)
        cap_main_early(self, look.now_ns);
    return over || is_over(self, &look);
}

static void loop(struct coordinator *self) {
    const struct cap_options *options = self->options;
    uint64_t tell_at_ns = self->start_ns + WAITING_NS;

    for (;;) {
        struct cap_mark mark = cap_board_mark(self->source->board);
        if (turn(self))
            return;
        uint64_t now = cap_now_ns();
        if (options->waiting && self->phase != CAP_DONE && now >= tell_at_ns) {
            options->waiting(options->progress_context,
                             (now - self->start_ns) / CAP_NS_PER_US);
            tell_at_ns = now + WAITING_NS;
        }
        cap_board_wait(self->source->board, mark, NO_VCPUS, slice(self, tell_at_ns));
    }
}

static void run(struct coordinator *self) {
    self->start_ns = cap_now_ns();
    atomic_store(&self->live->start_ns, self->start_ns);
    self->next_ns = self->options->every_ms > 0
                        ? self->start_ns + self->options->every_ms * CAP_NS_PER_MS
                        : CAP_NEVER;
    self->age_at_ns = self->options->dual ? self->start_ns : CAP_NEVER;
    cap_lookout_started(&self->lookout);
    if (self->options->waiting)
        self->options->waiting(self->options->progress_context, 0);
    loop(self);
    if (self->phase == CAP_DONE && self->options->after == CAP_AFTER_HOLD &&
        self->end->ending == CAP_ENDED_BY_REPORT)
        hold(self);
    cap_desk_close(self->desk);
    cap_main_release_early(self);
    self->end->latch_was_out = self->lookout.latch_was_out;
    if (self->live->samples)
        self->end->samples = cap_samples_tally(self->live->samples);
    self->end->run_us = (cap_now_ns() - self->start_ns) / CAP_NS_PER_US;
    cap_shot_thaw(self, NULL);
    self->end->threads_lost = self->source->ops->stop(self->source, NULL) != 0;
}

/* Everything that can fail comes before the guest runs. */
static int prepare(struct coordinator *self, struct dc_error *err) {
    self->freeze = cap_freeze_new(self->source, err);
    if (!self->freeze || cap_shot_room(&self->current, self, err) ||
        cap_shot_room(&self->early, self, err))
        return -1;
    cap_lookout_init(&self->lookout, self->source, self->freeze,
                     self->options->poll_us * CAP_NS_PER_US, &self->facts->means,
                     self->facts->sights);
    self->lookout.realtime = self->options->allow_realtime;
    return self->source->ops->start(self->source, err);
}

int cap_coordinate(struct cap_source *source, const struct cap_options *options,
                   const struct cap_guest_facts *facts, struct cap_desk *desk,
                   struct cap_live *live, struct cap_end *end, struct dc_error *err) {
    struct coordinator self = {
        .options = options,
        .facts = facts,
        .source = source,
        .desk = desk,
        .live = live,
        .end = end,
    };
    *end = (struct cap_end){0};
    int failed = prepare(&self, err);
    if (!failed)
        run(&self);
    else
        cap_desk_close(desk);
    cap_shot_room_free(&self.current);
    cap_shot_room_free(&self.early);
    cap_freeze_free(self.freeze);
    return failed ? -1 : 0;
}
