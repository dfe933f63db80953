#include "capture/lookout.h"

#include <stdio.h>

#include "capture/clock.h"

#define FIRST_ERROR 1024u                 /* of the exit kind */
#define SCAN_NS (250 * CAP_NS_PER_MS)     /* does a place that is watched move? */
#define HURRY_SCAN_NS (5 * CAP_NS_PER_MS) /* while something is to be armed */
#define ARM_FREEZE_NS (200 * CAP_NS_PER_MS)
#define MOST_FAILURES 3

static uint64_t root_of(const struct cap_lookout *self) {
    return self->source->ops->page_table(self->source);
}

static uint32_t threshold(enum cap_sight_name name) {
    return name == CAP_SIGHT_EXIT_KIND ? FIRST_ERROR : 1;
}

/* ---- arming ---- */

/* The kind to try next: what was asked for, or what auto has left. */
static void choose_kind(struct cap_lookout *self, enum cap_sight_name name) {
    struct cap_watch_means means = self->means;
    struct cap_sight *sight = &self->sights[name];
    const struct cap_sight_config *config = &sight->config;

    sight->kind = CAP_WATCH_POLL;
    if (!config->wanted || !config->place || !self->source->ops->watch)
        return;
    means.hardware = means.hardware && !sight->no_hardware;
    means.slot = means.slot && !sight->no_slot;
    /* A latch is written once: a slot for one that has its page to itself costs nothing,
       and no debug register. */
    if (config->watch_by == CAP_WATCH_BY_AUTO && name == CAP_SIGHT_LATCH &&
        config->alone && means.slot)
        sight->kind = CAP_WATCH_SLOT;
    else if (cap_watch_choose(&means, config->watch_by, !config->alone, &sight->kind,
                              NULL))
        sight->kind = CAP_WATCH_POLL;
}

static int set_watch(struct cap_lookout *self, enum cap_sight_name name,
                     const struct cap_watch_request *request) {
    struct cap_source *source = self->source;
    return source->ops->watch(source, name, self->sights[name].kind, request, NULL);
}

/* Slots are changed where no vCPU can be in the guest: under a freeze that no report
   comes from. Those that do not park soon do not park now. */
static int set_frozen(struct cap_lookout *self, enum cap_sight_name name,
                      const struct cap_watch_request *request) {
    struct cap_freeze_limits limits = {.timeout_ns = ARM_FREEZE_NS,
                                       .realtime = self->realtime};
    struct cap_freeze_outcome outcome;
    int result = -1;

    cap_freeze_begin(self->freeze, &limits, &outcome);
    if (outcome.end == CAP_FREEZE_COMPLETE) {
        if (self->source->ops->settled) /* the guest's clock stands still here, too */
            self->source->ops->settled(self->source);
        result = set_watch(self, name, request);
    }
    cap_freeze_thaw(self->freeze);
    return result;
}

static int arm(struct cap_lookout *self, enum cap_sight_name name,
               const struct cap_watch_request *request) {
    if (self->running && self->sights[name].kind == CAP_WATCH_SLOT)
        return set_frozen(self, name, request);
    return set_watch(self, name, request);
}

static void give_up_kind(struct cap_lookout *self, enum cap_sight_name name) {
    struct cap_sight *sight = &self->sights[name];

    sight->failures = 0;
    sight->armed = false;
    sight->no_hardware = sight->no_hardware || sight->kind == CAP_WATCH_HARDWARE;
    sight->no_slot = sight->no_slot || sight->kind == CAP_WATCH_SLOT;
    if (sight->config.watch_by == CAP_WATCH_BY_AUTO)
        choose_kind(self, name);
    else
        sight->kind = CAP_WATCH_POLL;
}

/* Where the word lies now. Not aligned: no watch can be had there. */
static bool find(struct cap_lookout *self, const struct cap_sight *sight,
                 enum cap_sight_name name, struct cap_watch_request *request) {
    uint64_t virtual, physical;

    if (cap_place_resolve(self->source, root_of(self), sight->config.place, &virtual,
                          &physical) != CAP_PLACE_OK ||
        virtual % 4 != 0 || physical % 4 != 0)
        return false;
    *request = (struct cap_watch_request){
        .physical = physical, .virtual = virtual, .at_least = threshold(name)};
    return true;
}

static bool same_place(const struct cap_watch_request *a,
                       const struct cap_watch_request *b) {
    return a->physical == b->physical && a->virtual == b->virtual;
}

static void rebind(struct cap_lookout *self, enum cap_sight_name name) {
    struct cap_sight *sight = &self->sights[name];
    struct cap_watch_request request;

    if (sight->kind == CAP_WATCH_POLL || !find(self, sight, name, &request))
        return;
    if (sight->armed && same_place(&request, &sight->request))
        return;
    sight->armed = false;
    int result = arm(self, name, &request);
    if (result < 0 && ++sight->failures >= MOST_FAILURES)
        give_up_kind(self, name);
    if (result != CAP_WATCH_SET)
        return; /* the next scan is soon */
    sight->failures = 0;
    sight->armed = true;
    sight->fresh = true;
    sight->request = request;
}

/* vCPUs on which a hardware watch cannot be had are not watched. */
static void check_arming(struct cap_lookout *self, enum cap_sight_name name) {
    struct cap_sight *sight = &self->sights[name];
    struct cap_watch_arming arming;

    if (!sight->armed || sight->kind != CAP_WATCH_HARDWARE)
        return;
    (void)self->source->ops->watch_kind(self->source, name, &arming);
    sight->complete = arming.pending == 0 && arming.failed == 0;
    if (arming.failed > 0) {
        (void)self->source->ops->watch(self->source, name, CAP_WATCH_NONE, NULL, NULL);
        give_up_kind(self, name);
    }
}

/* ---- public ---- */

void cap_lookout_init(struct cap_lookout *lookout, struct cap_source *source,
                      struct cap_freeze *freeze, uint64_t poll_ns,
                      const struct cap_watch_means *means,
                      const struct cap_sight_config configs[CAP_SIGHTS]) {
    *lookout = (struct cap_lookout){
        .source = source, .freeze = freeze, .poll_ns = poll_ns, .means = *means};
    for (unsigned name = 0; name < CAP_SIGHTS; name++) {
        lookout->sights[name].config = configs[name];
        choose_kind(lookout, name);
        rebind(lookout, name);
    }
}

void cap_lookout_started(struct cap_lookout *lookout) {
    lookout->running = true;
}

static bool is_settled(const struct cap_sight *sight) {
    return sight->kind == CAP_WATCH_POLL ||
           (sight->armed && (sight->kind != CAP_WATCH_HARDWARE || sight->complete));
}

static bool all_settled(const struct cap_lookout *self) {
    for (unsigned name = 0; name < CAP_SIGHTS; name++)
        if (!is_settled(&self->sights[name]))
            return false;
    return true;
}

void cap_lookout_scan(struct cap_lookout *lookout, uint64_t now_ns) {
    if (now_ns < lookout->scan_at_ns)
        return;
    for (unsigned name = 0; name < CAP_SIGHTS; name++) {
        rebind(lookout, name);
        check_arming(lookout, name);
    }
    lookout->scan_at_ns = now_ns + (all_settled(lookout) ? SCAN_NS : HURRY_SCAN_NS);
}

static bool hit(struct cap_lookout *self, enum cap_sight_name name, uint64_t *hit_ns) {
    struct cap_watch_hit found;

    if (!self->sights[name].armed ||
        !self->source->ops->watch_hit(self->source, name, &found))
        return false;
    *hit_ns = found.ns;
    return true;
}

/* What was in the word when the watch came into force is no store: one look is for that. A
   word that is watched is not looked at otherwise, since a value that its watch has not
   seen yet would pass for one that was polled. */
static bool must_look(struct cap_sight *sight) {
    bool fresh = sight->fresh;
    if (is_settled(sight))
        sight->fresh = false;
    return fresh || sight->config.polled || !is_settled(sight) ||
           sight->kind == CAP_WATCH_POLL;
}

bool cap_lookout_look(struct cap_lookout *lookout, struct cap_sighting *out) {
    const struct cap_sight_config *kind = &lookout->sights[CAP_SIGHT_EXIT_KIND].config;
    const struct cap_sight_config *latch = &lookout->sights[CAP_SIGHT_LATCH].config;
    uint32_t value;

    *out = (struct cap_sighting){0};
    enum cap_latch_state state = cap_lookout_latch(lookout);
    if (kind->wanted)
        out->watchpoint = hit(lookout, CAP_SIGHT_EXIT_KIND, &out->watchpoint_ns);
    if (kind->wanted && must_look(&lookout->sights[CAP_SIGHT_EXIT_KIND]))
        out->exit_kind = cap_lookout_exit_kind(lookout, &value) == CAP_EXIT_KIND_READ &&
                         value >= FIRST_ERROR;
    if (latch->wanted)
        out->latch =
            hit(lookout, CAP_SIGHT_LATCH, &out->latch_ns) || state == CAP_LATCH_TRIGGERED;
    return out->watchpoint || out->exit_kind || out->latch;
}

uint64_t cap_lookout_slice(const struct cap_lookout *lookout, uint64_t now_ns) {
    uint64_t ns = UINT64_MAX;

    for (unsigned name = 0; name < CAP_SIGHTS; name++) {
        const struct cap_sight *sight = &lookout->sights[name];
        if (!sight->config.wanted || !sight->config.place)
            continue;
        if (!is_settled(sight) || sight->kind == CAP_WATCH_POLL || sight->config.polled)
            ns = lookout->poll_ns;
    }
    for (unsigned name = 0; name < CAP_SIGHTS; name++) {
        uint64_t left = lookout->scan_at_ns > now_ns ? lookout->scan_at_ns - now_ns : 0;
        if (lookout->sights[name].kind != CAP_WATCH_POLL && left < ns)
            ns = left;
    }
    return ns;
}

void cap_lookout_forget(struct cap_lookout *lookout) {
    if (lookout->source->ops->watch_reset)
        lookout->source->ops->watch_reset(lookout->source, CAP_SIGHT_EXIT_KIND);
}

enum cap_latch_state cap_lookout_latch(struct cap_lookout *lookout) {
    const struct cap_place_expr *place = lookout->sights[CAP_SIGHT_LATCH].config.place;
    if (!place)
        return CAP_LATCH_NOT_RESOLVED;
    enum cap_latch_state state = cap_latch_read(lookout->source, root_of(lookout), place);
    lookout->latch_was_out |= state == CAP_LATCH_OUT_OF_BOUNDS;
    return state;
}

enum cap_exit_kind_state cap_lookout_exit_kind(struct cap_lookout *lookout,
                                               uint32_t *value) {
    const struct cap_place_expr *place =
        lookout->sights[CAP_SIGHT_EXIT_KIND].config.place;
    if (!place)
        return CAP_EXIT_KIND_NOT_RESOLVED;
    return cap_exit_kind_read(lookout->source, root_of(lookout), place, value);
}

void cap_lookout_means(const struct cap_lookout *lookout, enum cap_sight_name sight,
                       bool by_watch, char text[64]) {
    if (by_watch)
        snprintf(text, 64, "%s", cap_watch_kind_name(lookout->sights[sight].kind));
    else
        snprintf(text, 64, "poll every %llu us",
                 (unsigned long long)(lookout->poll_ns / CAP_NS_PER_US));
}
