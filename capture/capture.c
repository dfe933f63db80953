#include "capture/capture.h"

#include <stdlib.h>

#include "capture/boot.h"
#include "capture/clock.h"
#include "capture/exit_reason.h"
#include "capture/guest.h"
#include "capture/host.h"
#include "capture/machine.h"

/* What one run works with; the parts are made in this order and freed in the other. */
struct run {
    const struct cap_options *options;
    struct cap_result *result;
    struct cap_guest guest;
    struct cap_machine *machine;
    struct cap_source *source;
    struct cap_freeze *freeze;
    struct cap_place_expr latch, exit_kind;
};

static int check_options(const struct cap_options *options, struct dc_error *err) {
    const uint64_t times[] = {options->timer_ms, options->timeout_ms,
                              options->run_for_ms};
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        if (times[i] > CAP_MAX_MS)
            return dc_fail(err, DC_EUSAGE, "times must not be over %llu ms",
                           (unsigned long long)CAP_MAX_MS);
    if (options->timeout_ms == 0)
        return dc_fail(err, DC_EUSAGE, "the timeout must be at least 1 ms");
    return cap_inject_check(&options->inject, options->vcpus, err);
}

static int open_guest(struct run *run, struct dc_error *err) {
    const struct cap_options *options = run->options;
    struct cap_guest *guest = &run->guest;

    if (cap_guest_open(guest, options->guest, err))
        return -1;
    if (cap_place_parse(&run->latch, CAP_LATCH_PLACE, err) ||
        cap_place_parse(&run->exit_kind, CAP_EXIT_KIND_PLACE, err))
        return -1;
    /* A guest without the symbols can be captured too. */
    (void)cap_place_bind(&run->latch, guest->elf, NULL);
    (void)cap_place_bind(&run->exit_kind, guest->elf, NULL);
    if (options->trigger == CAP_TRIGGER_LATCH && !run->latch.known) {
        dc_fail(
            err, DC_EUSAGE,
            "the guest has no symbol err_exit_detected, which the trigger latch waits "
            "for; use --trigger timer=MS");
        if (err)
            err->file = options->guest;
        return -1;
    }
    return 0;
}

/* The latch of a demo guest is set by its vCPU 0, and the last vCPU of some is the one that
   fails: one that waits for its memory does neither. */
static int check_faults(const struct run *run, struct dc_error *err) {
    const struct cap_options *options = run->options;
    const struct cap_id_list *fault = &options->inject.fault;
    uint32_t last = options->vcpus - 1;

    if (options->trigger != CAP_TRIGGER_LATCH || options->run_for_ms > 0 ||
        run->guest.scenario == 0)
        return 0;
    if (cap_id_list_has(fault, 0))
        return dc_fail(err, DC_EUSAGE,
                       "--inject fault=0: vCPU 0 is the demo's watchdog, and without it "
                       "the latch is never set; use --trigger timer=MS or --run-for");
    if (run->guest.needs_last && cap_id_list_has(fault, last))
        return dc_fail(err, DC_EUSAGE,
                       "--inject fault=%u: vCPU %u is the one that fails in %s, and "
                       "without it nothing triggers; use --trigger timer=MS or --run-for",
                       last, last, options->guest);
    return 0;
}

static enum cap_latch_state read_latch(const struct run *run) {
    return cap_latch_read(run->source, run->source->ops->page_table(run->source),
                          &run->latch);
}

static void read_exit_kind(struct run *run) {
    run->result->exit_kind_state =
        cap_exit_kind_read(run->source, run->source->ops->page_table(run->source),
                           &run->exit_kind, &run->result->exit_kind);
}

/* A latch that is not memory can never be set. */
static int check_latch(const struct run *run, struct dc_error *err) {
    if (run->options->trigger != CAP_TRIGGER_LATCH ||
        read_latch(run) != CAP_LATCH_OUT_OF_BOUNDS)
        return 0;
    dc_fail(err, DC_EUSAGE,
            "err_exit_detected lies at 0x%llx, outside the guest's %u MiB",
            (unsigned long long)run->latch.base, run->options->memory_mib);
    if (err)
        err->file = run->options->guest;
    return -1;
}

static int make_machine(struct run *run, struct dc_error *err) {
    struct cap_machine_config config = {
        .kvm_path = run->options->kvm_path,
        .guest = &run->guest,
        .inject = &run->options->inject,
        .vcpus = run->options->vcpus,
        .memory_bytes = (uint64_t)run->options->memory_mib << 20,
    };
    run->machine = cap_machine_new(&config, err);
    if (!run->machine)
        return -1;
    run->source = cap_machine_source(run->machine);
    if (check_latch(run, err))
        return -1;
    run->freeze = cap_freeze_new(run->source, err);
    return run->freeze ? 0 : -1;
}

static void describe(struct run *run) {
    struct cap_result *result = run->result;
    *result = (struct cap_result){
        .outcome = CAP_NOTHING,
        .vcpu_count = run->options->vcpus,
        .timeout_ms = run->options->timeout_ms,
        .guest = run->options->guest,
        .memory_mib = run->options->memory_mib,
        .kvm_backend = cap_host_kvm_backend(),
    };
    uname(&result->host);
}

/* ---- after the trigger ---- */

static void collect_vcpu(struct run *run, uint32_t id) {
    const struct cap_freeze_vcpu *frozen = cap_freeze_vcpu(run->freeze, id);
    const struct cap_slot *slot = &run->source->board->seats[id].slot;
    struct cap_vcpu_result *out = &run->result->vcpus[id];

    out->id = id;
    out->kicks = frozen->kicks;
    out->injected_stuck = cap_id_list_has(&run->options->inject.stuck, id);
    out->injected_fault = cap_id_list_has(&run->options->inject.fault, id);
    run->source->ops->collect(run->source, id, &out->facts);
    out->exit_name = cap_exit_reason_name(out->facts.exit_reason);
    if (!frozen->parked) /* its slot is not ours to read */
        return;
    out->state = slot->error ? CAP_UNAVAILABLE : CAP_PARKED;
    out->error = slot->error;
    if (slot->error == 0)
        out->registers = slot->registers;
    if (slot->parked_ns > frozen->kicked_ns)
        out->park_us = (slot->parked_ns - frozen->kicked_ns) / CAP_NS_PER_US;
    run->result->parked++;
    run->result->unavailable += slot->error != 0;
}

static enum cap_outcome decide(const struct cap_result *result, enum cap_event event,
                               enum cap_freeze_end end) {
    if (event == CAP_EVENT_CRASH)
        return CAP_CRASHED;
    if (end == CAP_FREEZE_KILLED)
        return CAP_KILLED;
    if (end == CAP_FREEZE_TIMEOUT)
        return CAP_TIMEOUT;
    return result->unavailable > 0 ? CAP_UNREADABLE : CAP_COMPLETE;
}

static const char *trigger_name(const struct cap_options *options, enum cap_event event) {
    if (event == CAP_EVENT_CRASH)
        return "crash";
    return options->trigger == CAP_TRIGGER_TIMER ? "timer" : "latch";
}

static void freeze_and_collect(struct run *run, enum cap_event event) {
    const struct cap_options *options = run->options;
    struct cap_result *result = run->result;
    uint64_t seen_ns = cap_now_ns();
    struct cap_freeze_outcome outcome;
    struct cap_freeze_limits limits = {
        .timeout_ns = options->timeout_ms * CAP_NS_PER_MS,
        .cancel = options->cancel,
        .progress = options->progress,
        .progress_context = options->progress_context,
        .realtime = options->allow_realtime,
    };

    result->trigger = trigger_name(options, event);
    result->captured_at = time(NULL);
    result->latch_at_trigger = read_latch(run);
    cap_freeze_begin(run->freeze, &limits, &outcome);
    result->elapsed_us = (cap_now_ns() - seen_ns) / CAP_NS_PER_US;
    result->freeze_latency_us = outcome.latency_ns / CAP_NS_PER_US;
    result->rekicks = outcome.rekicks;
    result->realtime = outcome.realtime;
    for (uint32_t id = 0; id < result->vcpu_count; id++)
        collect_vcpu(run, id);
    result->latch_at_report = read_latch(run);
    read_exit_kind(run);
    result->outcome = decide(result, event, outcome.end);
}

static void nothing_to_collect(struct run *run, enum cap_event event) {
    struct cap_result *result = run->result;
    struct cap_vcpu_facts facts;

    switch (event) {
    case CAP_EVENT_ENDED:
        run->source->ops->collect(run->source, result->event_vcpu, &facts);
        result->end_status = facts.detail;
        result->nothing = CAP_NOTHING_ENDED;
        break;
    case CAP_EVENT_RUN_FOR:
        result->nothing = CAP_NOTHING_RUN_FOR;
        break;
    default:
        result->nothing = CAP_NOTHING_CANCELLED;
        break;
    }
    read_exit_kind(run);
    result->latch_at_trigger = result->latch_at_report = read_latch(run);
}

static int run_guest(struct run *run, struct dc_error *err) {
    struct cap_result *result = run->result;
    struct cap_wait wait = {
        .trigger = run->options->trigger,
        .latch = &run->latch,
        .timer_ns = run->options->timer_ms * CAP_NS_PER_MS,
        .run_for_ns = run->options->run_for_ms * CAP_NS_PER_MS,
        .cancel = run->options->cancel,
        .waiting = run->options->waiting,
        .waiting_context = run->options->progress_context,
    };

    /* Before the guest runs: afterwards nothing must be able to fail. */
    result->vcpus = calloc(result->vcpu_count, sizeof(*result->vcpus));
    if (!result->vcpus)
        return dc_fail(err, DC_ENOMEM, "no memory for the registers");
    uint64_t start_ns = cap_now_ns();
    if (run->source->ops->start(run->source, err))
        return -1;
    enum cap_event event = cap_trigger_wait(run->source, &wait, &result->event_vcpu);
    result->run_us = (cap_now_ns() - start_ns) / CAP_NS_PER_US;
    if (event == CAP_EVENT_TRIGGER || event == CAP_EVENT_CRASH) {
        freeze_and_collect(run, event);
        cap_freeze_thaw(run->freeze);
    } else {
        nothing_to_collect(run, event);
        free(result->vcpus);
        result->vcpus = NULL;
    }
    /* A report is worth more than a tidy end. */
    result->threads_lost = run->source->ops->stop(run->source, NULL) != 0;
    return 0;
}

int cap_run(const struct cap_options *options, struct cap_result *result,
            struct dc_error *err) {
    struct run run = {.options = options, .result = result};
    int failed;

    describe(&run);
    failed = check_options(options, err) || open_guest(&run, err) ||
             check_faults(&run, err) || make_machine(&run, err) || run_guest(&run, err);
    cap_freeze_free(run.freeze);
    cap_machine_free(run.machine);
    cap_guest_close(&run.guest);
    if (failed)
        cap_result_free(result);
    return failed ? -1 : 0;
}

void cap_result_free(struct cap_result *result) {
    free(result->vcpus);
    result->vcpus = NULL;
}
