#include "tests/soak/machine_under.h"

#define WATCHDOG_MS 150 /* short: runs are */

static bool wanted(const struct soak_plan *plan, enum cap_trigger trigger) {
    return plan->options.triggers & CAP_ON(trigger);
}

static bool is_alone(const struct soak_machine *self,
                     const struct cap_place_expr *place) {
    struct cap_symbol symbol;
    return !place->indirect && place->symbol[0] &&
           cap_elf_symbol(self->guest.elf, place->symbol, &symbol) &&
           cap_elf_alone_on_page(self->guest.elf, &symbol);
}

/* As cap_run() does it. */
static void describe(struct soak_machine *self, const struct soak_plan *plan) {
    bool kvm = plan->kind == SOAK_KVM;

    self->facts.sights[CAP_SIGHT_LATCH] = (struct cap_sight_config){
        .wanted = wanted(plan, CAP_TRIGGER_LATCH),
        .place = &self->latch,
        .alone = kvm && is_alone(self, &self->latch),
    };
    self->facts.sights[CAP_SIGHT_EXIT_KIND] = (struct cap_sight_config){
        .wanted =
            wanted(plan, CAP_TRIGGER_WATCHPOINT) || wanted(plan, CAP_TRIGGER_EXIT_KIND),
        .polled = wanted(plan, CAP_TRIGGER_EXIT_KIND),
        .place = &self->exit_kind,
        .watch_by =
            wanted(plan, CAP_TRIGGER_WATCHPOINT) ? CAP_WATCH_BY_AUTO : CAP_WATCH_BY_POLL,
        .alone = true,
    };
    self->facts.elf = self->guest.elf;
    self->facts.age = plan->options.dual ? &self->age : NULL;
    self->facts.early_threshold_jiffies = plan->early_jiffies;
}

static int open_kvm(struct soak_machine *self, const struct soak_plan *plan,
                    struct dc_error *err) {
    const struct cap_options *options = &plan->options;
    struct cap_symbol turns;

    if (cap_guest_open(&self->guest, options->guest, err) ||
        cap_place_parse(&self->latch, CAP_LATCH_PLACE, err) ||
        cap_place_bind(&self->latch, self->guest.elf, err) ||
        cap_place_parse(&self->exit_kind, CAP_EXIT_KIND_PLACE, err) ||
        cap_place_bind(&self->exit_kind, self->guest.elf, err))
        return -1;
    if (!cap_elf_symbol(self->guest.elf, "turns", &turns))
        return dc_fail(err, DC_EINTERNAL, "the guest does not count its turns");
    self->counters = (struct soak_counters){turns.value, 64};
    cap_age_bind(&self->age, self->guest.elf, options->vcpus);
    struct cap_machine_config config = {
        .guest = &self->guest,
        .inject = &options->inject,
        .vcpus = options->vcpus,
        .memory_bytes = (uint64_t)options->memory_mib << 20,
        .watchdog_ms = WATCHDOG_MS,
    };
    self->machine = cap_machine_new(&config, err);
    self->source = self->machine ? cap_machine_source(self->machine) : NULL;
    return self->machine ? 0 : -1;
}

static int open_threads(struct soak_machine *self, const struct soak_plan *plan,
                        struct dc_error *err) {
    self->latch = (struct cap_place_expr){.known = true, .base = SOAK_LATCH};
    self->exit_kind =
        (struct cap_place_expr){.known = true, .indirect = true, .base = SOAK_POINTER};
    self->age = (struct cap_age_source){
        .has_jiffies = true,
        .jiffies = SOAK_JIFFIES,
        .has_runnable_at = true,
        .runnable_at = SOAK_RUNNABLE,
        .cpus = plan->options.vcpus,
    };
    self->counters = (struct soak_counters){SOAK_COUNTERS, SOAK_STRIDE};
    self->threads = soak_threads_new(plan, err);
    self->source = self->threads ? soak_threads_source(self->threads) : NULL;
    return self->threads ? 0 : -1;
}

int soak_machine_open(struct soak_machine *machine, const struct soak_plan *plan,
                      const struct cap_watch_means *means, struct dc_error *err) {
    *machine = (struct soak_machine){.facts.means = *means};
    int failed = plan->kind == SOAK_KVM ? open_kvm(machine, plan, err)
                                        : open_threads(machine, plan, err);
    if (failed) {
        soak_machine_close(machine);
        return -1;
    }
    describe(machine, plan);
    return 0;
}

void soak_machine_set_doorbell(struct soak_machine *machine,
                               const struct cap_doorbell *doorbell) {
    if (machine->machine)
        cap_machine_set_doorbell(machine->machine, doorbell);
    else
        soak_threads_set_doorbell(machine->threads, doorbell);
}

void soak_machine_close(struct soak_machine *machine) {
    (void)cap_machine_free(machine->machine);
    soak_threads_free(machine->threads);
    cap_guest_close(&machine->guest);
    *machine = (struct soak_machine){0};
}
