#include "capture/capture.h"

#include "capture/clock.h"
#include "capture/control.h"
#include "capture/coordinator.h"
#include "capture/guest.h"
#include "capture/machine.h"
#include "capture/trial.h"

#include <stdio.h>
#include <stdlib.h>

/* What one run works with; the parts are made in this order and freed in the other. */
struct run {
    const struct cap_options *options;
    struct cap_guest guest;
    struct cap_place_expr latch, exit_kind;
    struct cap_age_source age;
    struct cap_machine *machine;
    struct cap_source *source;
    struct cap_desk *desk;
    struct cap_doorbell doorbell;
    struct cap_control *control;
    struct cap_live live;
    struct cap_guest_facts facts;
};

static bool wanted(const struct cap_options *options, enum cap_trigger trigger) {
    return options->triggers & CAP_ON(trigger);
}

/* Does anything but the latch end this run, or give something out? */
static bool needs_latch(const struct cap_options *options) {
    return options->triggers == CAP_ON(CAP_TRIGGER_LATCH) && options->run_for_ms == 0 &&
           options->every_ms == 0 && !options->control;
}

/* ---- options ---- */

static int check_times(const struct cap_options *options, struct dc_error *err) {
    const uint64_t times[] = {options->timer_ms,    options->timeout_ms,
                              options->run_for_ms,  options->every_ms,
                              options->watchdog_ms, options->stats_timeout_ms};
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        if (times[i] > CAP_MAX_MS)
            return dc_fail(err, DC_EUSAGE, "times must not be over %llu ms",
                           (unsigned long long)CAP_MAX_MS);
    if (options->timeout_ms == 0)
        return dc_fail(err, DC_EUSAGE, "the timeout must be at least 1 ms");
    if (options->poll_us < CAP_MIN_POLL_US || options->poll_us > CAP_MAX_POLL_US)
        return dc_fail(err, DC_EUSAGE, "the poll interval must be %u to %u us",
                       CAP_MIN_POLL_US, CAP_MAX_POLL_US);
    return 0;
}

static int check_options(const struct cap_options *options, struct dc_error *err) {
    if (check_times(options, err))
        return -1;
    if (options->count > 0 && options->every_ms == 0)
        return dc_fail(err, DC_EUSAGE, "--count needs --every");
    return cap_inject_check(&options->inject, options->vcpus, err);
}

/* ---- the guest ---- */

static int fail_of_guest(const struct run *run, struct dc_error *err) {
    if (err)
        err->file = run->options->guest;
    return -1;
}

/* A place that the user named must be there; one of ours may be missing. */
static int bind_place(struct run *run, struct cap_place_expr *place, const char *given,
                      const char *usual, struct dc_error *err) {
    if (cap_place_parse(place, given ? given : usual, err))
        return -1;
    if (cap_place_bind(place, run->guest.elf, given ? err : NULL) && given)
        return fail_of_guest(run, err);
    return 0;
}

static int check_places(struct run *run, struct dc_error *err) {
    const struct cap_options *options = run->options;
    if (wanted(options, CAP_TRIGGER_LATCH) && !run->latch.known) {
        dc_fail(err, DC_EUSAGE,
                "the guest has no symbol %s, which the trigger latch waits for; use "
                "--trigger timer=MS, or --latch PLACE",
                run->latch.symbol);
        return fail_of_guest(run, err);
    }
    if ((wanted(options, CAP_TRIGGER_WATCHPOINT) ||
         wanted(options, CAP_TRIGGER_EXIT_KIND)) &&
        !run->exit_kind.known) {
        dc_fail(err, DC_EUSAGE,
                "the guest has no symbol %s, where its exit kind would be; use "
                "--exit-kind PLACE",
                run->exit_kind.symbol);
        return fail_of_guest(run, err);
    }
    return 0;
}

static int open_guest(struct run *run, struct dc_error *err) {
    const struct cap_options *options = run->options;

    if (cap_guest_open(&run->guest, options->guest, err) ||
        bind_place(run, &run->latch, options->latch, CAP_LATCH_PLACE, err) ||
        bind_place(run, &run->exit_kind, options->exit_kind, CAP_EXIT_KIND_PLACE, err))
        return -1;
    cap_age_bind(&run->age, run->guest.elf, options->vcpus);
    return check_places(run, err);
}

/* The latch of a demo guest is set by its vCPU 0, and the last vCPU of some is the one that
   fails: one that waits for its memory does neither. */
static int check_faults(const struct run *run, struct dc_error *err) {
    const struct cap_options *options = run->options;
    const struct cap_id_list *fault = &options->inject.fault;
    uint32_t last = options->vcpus - 1;

    if (!needs_latch(options) || run->guest.scenario == 0)
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

/* ---- the machine ---- */

static uint64_t watchdog_ms(const struct cap_options *options) {
    return options->watchdog_ms ? options->watchdog_ms
                                : cap_machine_watchdog_ms(options->vcpus);
}

/* A latch that is not memory can never be set. */
static int check_latch(const struct run *run, struct dc_error *err) {
    if (!needs_latch(run->options) || run->latch.indirect ||
        cap_latch_read(run->source, run->source->ops->page_table(run->source),
                       &run->latch) != CAP_LATCH_OUT_OF_BOUNDS)
        return 0;
    uint64_t address = run->latch.base + run->latch.offset;
    dc_fail(err, DC_EUSAGE, "%s lies at 0x%llx, outside the guest's %u MiB",
            run->latch.text, (unsigned long long)address, run->options->memory_mib);
    return fail_of_guest(run, err);
}

static int make_machine(struct run *run, struct dc_error *err) {
    const struct cap_options *options = run->options;
    struct cap_machine_config config = {
        .kvm_path = options->kvm_path,
        .guest = &run->guest,
        .inject = &options->inject,
        .vcpus = options->vcpus,
        .memory_bytes = (uint64_t)options->memory_mib << 20,
        .watchdog_ms = watchdog_ms(options),
    };
    run->machine = cap_machine_new(&config, err);
    if (!run->machine)
        return -1;
    run->source = cap_machine_source(run->machine);
    return check_latch(run, err);
}

/* ---- who may ask ---- */

static void wake(void *context) {
    struct run *run = context;
    cap_board_ring(run->source->board);
}

static int ask_of_guest(void *context, uint32_t vcpu, uint32_t value) {
    struct run *run = context;
    struct cap_request request = {.asker = CAP_ASK_GUEST, .vcpu = vcpu, .value = value};
    snprintf(request.tag, sizeof(request.tag), "guest_%u", value);
    return cap_desk_ask(run->desk, &request) ? 0 : -1;
}

static uint32_t state_for_guest(void *context, uint32_t vcpu) {
    struct run *run = context;
    return cap_desk_state(run->desk, vcpu);
}

static int open_desk(struct run *run, struct dc_error *err) {
    run->doorbell = (struct cap_doorbell){ask_of_guest, state_for_guest, run};
    run->desk = cap_desk_new(run->options->vcpus, wake, run, err);
    if (!run->desk)
        return -1;
    cap_machine_set_doorbell(run->machine, &run->doorbell);
    return 0;
}

static enum cap_run_state state_of(struct run *run) {
    static const enum cap_run_state states[] = {
        [CAP_IDLE] = CAP_RUN_IDLE,
        [CAP_TOOK_EARLY] = CAP_RUN_TOOK_EARLY,
        [CAP_DONE] = CAP_RUN_DONE,
    };
    uint32_t phase = atomic_load(&run->live.phase);
    if (!atomic_load(&run->live.frozen))
        return states[phase];
    return phase == CAP_DONE && run->options->after == CAP_AFTER_HOLD ? CAP_RUN_FROZEN
                                                                      : CAP_RUN_CAPTURING;
}

static void describe_status(void *context, struct cap_status *out) {
    static const enum cap_trigger triggers[] = {CAP_TRIGGER_LATCH, CAP_TRIGGER_WATCHPOINT,
                                                CAP_TRIGGER_EXIT_KIND, CAP_TRIGGER_TIMER};
    struct run *run = context;
    uint64_t start_ns = atomic_load(&run->live.start_ns);

    out->state = state_of(run);
    out->guest = run->options->guest;
    out->vcpus = run->options->vcpus;
    out->uptime_ms = start_ns ? (cap_now_ns() - start_ns) / CAP_NS_PER_MS : 0;
    out->early_held = atomic_load(&run->live.early_held);
    out->captures = atomic_load(&run->live.documents);
    if (out->state == CAP_RUN_DONE || out->state == CAP_RUN_FROZEN)
        return; /* no trigger counts any more */
    for (size_t i = 0; i < sizeof(triggers) / sizeof(triggers[0]); i++)
        if (wanted(run->options, triggers[i]))
            out->triggers[out->trigger_count++] = cap_trigger_name(triggers[i]);
    if (run->options->every_ms > 0)
        out->triggers[out->trigger_count++] = cap_trigger_name(CAP_TRIGGER_PERIODIC);
}

static void stop_by_control(void *context) {
    struct run *run = context;
    atomic_store(&run->live.stop, 1);
    if (run->live.samples)
        cap_samples_cancel(run->live.samples);
    wake(run);
}

static int open_control(struct run *run, struct dc_error *err) {
    struct cap_control_hooks hooks = {
        .status = describe_status, .stop = stop_by_control, .context = run};
    if (!run->options->control)
        return 0;
    run->control = cap_control_open(run->options->control, run->desk, &hooks, err);
    return run->control ? 0 : -1;
}

/* ---- who is asked ---- */

static int open_samples(struct run *run, struct dc_error *err) {
    const struct cap_options *options = run->options;
    if (!options->stats)
        return 0;
    run->live.samples = cap_samples_new(options->stats, options->stats_timeout_ms, err);
    if (!run->live.samples)
        return -1;
    if (options->asking)
        atomic_store(options->asking, run->live.samples);
    return 0;
}

/* When nobody can cancel it any more: neither a signal nor the control socket. */
static void close_samples(struct run *run) {
    if (run->options->asking)
        atomic_store(run->options->asking, NULL);
    cap_samples_free(run->live.samples);
    run->live.samples = NULL;
}

/* ---- a run ---- */

/* Does the word have its page to itself, as far as the guest's symbols say? */
static bool is_alone(const struct run *run, const struct cap_place_expr *place) {
    struct cap_symbol symbol;
    return !place->indirect && place->symbol[0] &&
           cap_elf_symbol(run->guest.elf, place->symbol, &symbol) &&
           cap_elf_alone_on_page(run->guest.elf, &symbol);
}

static void describe(struct run *run) {
    const struct cap_options *options = run->options;
    struct cap_sight_config *latch = &run->facts.sights[CAP_SIGHT_LATCH];
    struct cap_sight_config *kind = &run->facts.sights[CAP_SIGHT_EXIT_KIND];

    *latch = (struct cap_sight_config){
        .wanted = wanted(options, CAP_TRIGGER_LATCH),
        .place = run->latch.known ? &run->latch : NULL,
        .watch_by = options->watch_by,
        .alone = is_alone(run, &run->latch),
    };
    *kind = (struct cap_sight_config){
        .wanted = wanted(options, CAP_TRIGGER_WATCHPOINT) ||
                  wanted(options, CAP_TRIGGER_EXIT_KIND),
        .place = run->exit_kind.known ? &run->exit_kind : NULL,
        .polled = wanted(options, CAP_TRIGGER_EXIT_KIND),
        .watch_by = wanted(options, CAP_TRIGGER_WATCHPOINT) ? options->watch_by
                                                            : CAP_WATCH_BY_POLL,
        .alone = true, /* that is what was asked for */
    };
    run->facts.elf = run->guest.elf;
    run->facts.age = options->dual ? &run->age : NULL;
    /* A jiffy of a guest is a millisecond. */
    run->facts.early_threshold_jiffies = watchdog_ms(options) / 2;
}

/* What was asked for by name must be possible; auto takes what there is. */
static int find_means(struct run *run, struct dc_error *err) {
    const struct cap_options *options = run->options;
    struct cap_watch_means *means = &run->facts.means;
    enum cap_watch_kind kind;

    if (!run->facts.sights[CAP_SIGHT_LATCH].wanted &&
        !run->facts.sights[CAP_SIGHT_EXIT_KIND].wanted)
        return 0;
    if (options->watch_by != CAP_WATCH_BY_POLL)
        cap_watch_find_means(options->kvm_path, means);
    return cap_watch_choose(means, options->watch_by, false, &kind, err);
}

static int coordinate(struct run *run, struct cap_end *end, struct dc_error *err) {
    describe(run);
    if (find_means(run, err))
        return -1;
    return cap_coordinate(run->source, run->options, &run->facts, run->desk, &run->live,
                          end, err);
}

/* What a thread that does not end still uses must stay: leaking is the lesser evil. */
static void free_run(struct run *run) {
    if (!cap_control_close(run->control))
        return;
    close_samples(run);
    if (!cap_machine_free(run->machine))
        return;
    cap_desk_free(run->desk);
    cap_guest_close(&run->guest);
    free(run);
}

int cap_run(const struct cap_options *options, struct cap_end *end,
            struct dc_error *err) {
    struct run *run = calloc(1, sizeof(*run));
    if (!run)
        return dc_fail(err, DC_ENOMEM, "no memory for a run");
    run->options = options;
    int failed = check_options(options, err) || open_samples(run, err) ||
                 open_guest(run, err) || check_faults(run, err) ||
                 make_machine(run, err) || open_desk(run, err) ||
                 open_control(run, err) || coordinate(run, end, err);
    free_run(run);
    return failed ? -1 : 0; // NOLINT(clang-analyzer-unix.Malloc): see free_run()
}
