#include "capture/coordinator_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/clock.h"
#include "capture/exit_reason.h"
#include "capture/host.h"
#include "capture/injected.h"

/* The run is over already: who does not park soon will not. */
#define FINAL_PASS_NS CAP_NS_PER_S

/* Memory for what --dump asks for, which is looked up and tried now. */
static int dump_room(struct cap_result *result, const struct coordinator *self,
                     struct dc_error *err) {
    struct cap_source *source = self->source;

    if (self->options->dumps.count == 0)
        return 0;
    result->dump = cap_dump_new(&self->options->dumps, self->facts->elf, err);
    if (result->dump &&
        cap_dump_check(result->dump, source, source->ops->page_table(source), err) == 0)
        return 0;
    if (err)
        err->file = self->options->guest;
    return -1;
}

int cap_shot_room(struct cap_result *result, const struct coordinator *self,
                  struct dc_error *err) {
    struct cap_source *source = self->source;
    uint32_t count = source->ops->vcpu_count(source);

    *result = (struct cap_result){.vcpu_count = count};
    result->vcpus = calloc(count, sizeof(*result->vcpus));
    if (!result->vcpus)
        return dc_fail(err, DC_ENOMEM, "no memory for the registers");
    result->looks = cap_looks_new(source, err);
    if (!result->looks)
        return -1;
    if (self->options->full && source->ops->full_new) {
        result->full = source->ops->full_new(source, err);
        if (!result->full)
            return -1;
    }
    return dump_room(result, self, err);
}

void cap_shot_room_free(struct cap_result *result) {
    free(result->vcpus);
    cap_looks_free(result->looks);
    cap_full_free(result->full);
    cap_dump_free(result->dump);
    *result = (struct cap_result){0};
}

bool cap_shot_is_full(const struct cap_result *result) {
    return result->outcome == CAP_COMPLETE;
}

/* Nothing of the freeze before stays. */
static void begin_result(const struct coordinator *self, const struct shot *shot,
                         struct cap_result *result) {
    struct cap_result room = *result;
    uint32_t count = room.vcpu_count;

    memset(room.vcpus, 0, count * sizeof(*room.vcpus));
    *result = (struct cap_result){
        .trigger = shot->trigger,
        .final_pass = shot->final_pass,
        .request = shot->request,
        .event_vcpu = shot->event_vcpu,
        .watchpoint_hit = shot->watchpoint_hit,
        .vcpu_count = count,
        .vcpus = room.vcpus,
        .looks = room.looks,
        .full = room.full,
        .dump = room.dump,
        .timeout_ms = self->options->timeout_ms,
        .run_us = (shot->seen_ns - self->start_ns) / CAP_NS_PER_US,
        .captured_at = time(NULL),
        .guest = self->options->guest,
        .memory_mib = self->options->memory_mib,
        .kvm_backend = cap_host_kvm_backend(),
    };
    uname(&result->host);
    if (shot->hit_ns > 0 && shot->hit_ns < shot->seen_ns)
        result->trigger_us = (shot->seen_ns - shot->hit_ns) / CAP_NS_PER_US;
    if (shot->trigger == CAP_TRIGGER_LATCH)
        cap_lookout_means(&self->lookout, CAP_SIGHT_LATCH, shot->hit_ns > 0,
                          result->seen_by);
    else if (shot->trigger == CAP_TRIGGER_WATCHPOINT ||
             shot->trigger == CAP_TRIGGER_EXIT_KIND)
        cap_lookout_means(&self->lookout, CAP_SIGHT_EXIT_KIND,
                          shot->trigger == CAP_TRIGGER_WATCHPOINT, result->seen_by);
}

/* Facts of one that did not park are those of the moment when it was looked at. */
static void explain(const struct cap_result *result, struct cap_vcpu_result *out,
                    const struct cap_freeze_vcpu *frozen, uint64_t decided_ns) {
    out->why = (struct cap_why){
        .injected = cap_injected_name(out),
        .kicks = frozen->kicks,
        .kicked_ns = frozen->kicked_ns,
        .decided_ns = decided_ns,
    };
    if (frozen->parked)
        return;
    out->why.look = cap_looks_of(result->looks, out->id);
    if (out->why.look && out->why.look->last.taken)
        out->facts = out->why.look->last.facts;
}

static void collect_vcpu(struct coordinator *self, struct cap_result *result, uint32_t id,
                         uint64_t decided_ns) {
    const struct cap_freeze_vcpu *frozen = cap_freeze_vcpu(self->freeze, id);
    const struct cap_slot *slot = &self->source->board->seats[id].slot;
    struct cap_vcpu_result *out = &result->vcpus[id];

    out->id = id;
    out->kicks = frozen->kicks;
    out->injected_stuck = cap_id_list_has(&self->options->inject.stuck, id);
    out->injected_fault = cap_id_list_has(&self->options->inject.fault, id);
    out->injected_unreadable = cap_id_list_has(&self->options->inject.unreadable, id);
    out->injected_late_ms = cap_late_ms(&self->options->inject.late, id);
    self->source->ops->collect(self->source, id, &out->facts);
    explain(result, out, frozen, decided_ns);
    out->exit_name = cap_exit_reason_name(out->facts.exit_reason);
    if (!frozen->parked) /* its slot is not ours to read */
        return;
    out->state = slot->error ? CAP_UNAVAILABLE : CAP_PARKED;
    out->error = slot->error;
    if (slot->error == 0)
        out->registers = slot->registers;
    if (slot->error == 0 && result->full)
        self->source->ops->full_take(self->source, result->full, id);
    if (slot->parked_ns > frozen->kicked_ns)
        out->park_us = (slot->parked_ns - frozen->kicked_ns) / CAP_NS_PER_US;
    result->parked++;
    result->unavailable += slot->error != 0;
}

static enum cap_outcome decide(const struct cap_result *result,
                               enum cap_freeze_end freeze_end) {
    if (result->trigger == CAP_TRIGGER_CRASH)
        return CAP_CRASHED;
    if (freeze_end == CAP_FREEZE_KILLED)
        return CAP_KILLED;
    if (freeze_end == CAP_FREEZE_TIMEOUT)
        return CAP_TIMEOUT;
    return result->unavailable > 0 ? CAP_UNREADABLE : CAP_COMPLETE;
}

/* A cancel that came before the freeze has ended the run, not this freeze: it is the last
   look at a trigger that was set just before the end, and gets its time, but not more. */
static struct cap_freeze_limits limits_of(const struct coordinator *self,
                                          const struct shot *shot) {
    const struct cap_options *options = self->options;
    struct cap_freeze_limits limits = {
        .timeout_ns = options->timeout_ms * CAP_NS_PER_MS,
        .cancel = options->cancel,
        .stop = &self->live->stop,
        .missing = cap_looks_take,
        .progress = options->progress,
        .progress_context = options->progress_context,
        .realtime = options->allow_realtime,
    };
    if (shot->ending)
        limits.cancel = limits.stop = NULL;
    if ((shot->ending || shot->final_pass) && limits.timeout_ns > FINAL_PASS_NS)
        limits.timeout_ns = FINAL_PASS_NS;
    return limits;
}

static void read_clock(struct coordinator *self, struct cap_result *result) {
    if (self->source->ops->clock)
        self->source->ops->clock(self->source, &result->clock);
}

static void settle(struct coordinator *self, struct cap_result *result) {
    if (self->source->ops->settled)
        self->source->ops->settled(self->source);
    read_clock(self, result);
}

/* ---- statistics ---- */

static bool is_ending(const struct coordinator *self) {
    const atomic_int *cancel = self->options->cancel;
    return (cancel && atomic_load(cancel) != 0) || atomic_load(&self->live->stop) != 0;
}

static const char *phase_name(enum cap_phase phase) {
    static const char *const names[] = {
        [CAP_IDLE] = "idle", [CAP_TOOK_EARLY] = "took_early", [CAP_DONE] = "done"};
    return names[phase];
}

/*
 * While the guest runs still, for a scheduler that is frozen with it could not answer. What
 * ends the run ends the question, too; then this freeze is the last look at what was seen
 * before. Returns the shot as it is to be taken.
 */
static struct shot ask(struct coordinator *self, const struct shot *shot,
                       char tag[CAP_TAG]) {
    struct cap_samples *samples = self->live->samples;
    struct cap_samples_request request = {
        .tag = shot->tag,
        .phase = phase_name(self->phase),
        .start_ns = self->start_ns,
    };
    struct shot asked = *shot;
    tag[0] = '\0';
    if (!samples)
        return asked;
    if (shot->due_ns > 0)
        request.offset_ms = (shot->due_ns - self->start_ns) / CAP_NS_PER_MS;
    if (shot->ending || is_ending(self))
        cap_samples_cancel(samples);
    snprintf(tag, CAP_TAG, "%s", cap_samples_take(samples, &request)->tag);
    asked.ending = shot->ending || is_ending(self);
    cap_samples_freeze(samples, true);
    return asked;
}

void cap_shot_suppressed(struct coordinator *self, struct cap_result *result) {
    if (!self->live->samples)
        return;
    cap_samples_rename(self->live->samples, "suppressed");
    result->sample[0] = '\0';
}

/* ---- one freeze ---- */

void cap_shot_take(struct coordinator *self, const struct shot *wanted,
                   struct cap_result *result) {
    char tag[CAP_TAG];
    /* Both as they were before the question, which may take as long as its deadline. */
    const enum cap_latch_state latch = cap_lookout_latch(&self->lookout);
    const uint64_t before_ns = cap_now_ns();
    const struct shot asked = ask(self, wanted, tag), *shot = &asked;
    const uint64_t asking_ns = cap_now_ns() - before_ns;
    struct cap_freeze_limits limits = limits_of(self, shot);
    struct cap_freeze_outcome outcome;

    atomic_store(&self->live->frozen, true);
    begin_result(self, shot, result);
    memcpy(result->sample, tag, sizeof(result->sample));
    result->timeout_ms = limits.timeout_ns / CAP_NS_PER_MS;
    limits.missing_context = result->looks;
    result->latch_at_trigger = latch;
    cap_freeze_begin(self->freeze, &limits, &outcome);
    result->elapsed_us = (outcome.decided_ns - shot->seen_ns - asking_ns) / CAP_NS_PER_US;
    if (outcome.end == CAP_FREEZE_COMPLETE)
        settle(self, result);
    result->freeze_latency_us = outcome.latency_ns / CAP_NS_PER_US;
    result->rekicks = outcome.rekicks;
    result->realtime = outcome.realtime;
    for (uint32_t id = 0; id < result->vcpu_count; id++)
        collect_vcpu(self, result, id, outcome.decided_ns);
    result->latch_at_report = cap_lookout_latch(&self->lookout);
    result->exit_kind_state = cap_lookout_exit_kind(&self->lookout, &result->exit_kind);
    result->outcome = decide(result, outcome.end);
    cap_freeze_rest(self->freeze);
    if (result->outcome == CAP_COMPLETE && result->dump)
        cap_dump_read(result->dump, self->source,
                      self->source->ops->page_table(self->source));
}

void cap_shot_thaw(struct coordinator *self, struct cap_result *result) {
    cap_freeze_thaw(self->freeze);
    atomic_store(&self->live->frozen, false);
    if (self->live->samples)
        cap_samples_freeze(self->live->samples, false);
    if (result && result->clock.saved)
        read_clock(self, result);
    if (result && self->options->thawed)
        self->options->thawed(self->options->progress_context);
}

int cap_shot_deliver(struct coordinator *self, const struct cap_document *document,
                     struct cap_delivery *out) {
    const struct cap_options *options = self->options;
    struct cap_document whole = *document;
    bool degraded = !cap_shot_is_full(document->result);

    whole.samples = self->live->samples;
    *out = (struct cap_delivery){0};
    if (options->deliver(options->deliver_context, &whole, out)) {
        self->end->undelivered++;
        return -1;
    }
    atomic_fetch_add(&self->live->documents, 1);
    if (document->tag) {
        self->end->siblings++;
        self->end->siblings_degraded += degraded;
    } else {
        self->end->main_made = true;
        self->end->main_degraded = degraded;
    }
    return 0;
}
