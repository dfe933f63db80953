#include "tests/soak/plan.h"

#include <stdio.h>

/* Fewer than that do not get lost in the others. */
#define FEW_VCPUS 8u

static uint32_t one_of(struct soak_random *random, const uint32_t *list, uint32_t n) {
    return list[soak_below(random, n)];
}

static void plan_guest(struct soak_plan *plan, struct soak_random *random) {
    static const char *const others[] = {"stall",  "error",     "flip",  "relapse",
                                         "crash",  "ask",       "storm", "halt",
                                         "uninit", "late-error"};
    const char *name = "spin";
    if (soak_chance(random, 2))
        name = others[soak_below(random, sizeof(others) / sizeof(others[0]))];
    snprintf(plan->guest, sizeof(plan->guest), "demo:%s", name);
    plan->options.guest = plan->guest;
}

static void plan_script(struct soak_plan *plan, struct soak_random *random) {
    struct soak_script *script = &plan->script;
    uint32_t *times[] = {&script->latch_ms, &script->kind_ms, &script->flip_ms,
                         &script->end_ms, &script->crash_ms};
    /* Most runs have one of these at most: the second comes to nothing often enough. */
    for (uint32_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        if (soak_chance(random, 4))
            *times[i] = soak_between(random, 1, 200);
    script->stalls = soak_chance(random, 3);
    script->bell_turn = soak_chance(random, 3) ? 40 : 0;
}

static void plan_triggers(struct soak_plan *plan, struct soak_random *random) {
    struct cap_options *options = &plan->options;
    static const uint32_t sets[] = {
        0,
        0,
        CAP_ON(CAP_TRIGGER_LATCH),
        CAP_ON(CAP_TRIGGER_LATCH),
        CAP_ON(CAP_TRIGGER_WATCHPOINT),
        CAP_ON(CAP_TRIGGER_LATCH) | CAP_ON(CAP_TRIGGER_WATCHPOINT),
        CAP_ON(CAP_TRIGGER_EXIT_KIND),
        CAP_ON(CAP_TRIGGER_TIMER),
        CAP_ON(CAP_TRIGGER_TIMER) | CAP_ON(CAP_TRIGGER_LATCH) |
            CAP_ON(CAP_TRIGGER_EXIT_KIND),
    };
    options->triggers = one_of(random, sets, sizeof(sets) / sizeof(sets[0]));
    options->timer_ms = soak_between(random, 1, 150);
    options->poll_us = soak_between(random, 100, 2000);
    options->dual = soak_chance(random, 3);
    options->every_ms = soak_chance(random, 6) ? 0 : soak_between(random, 1, 6);
    options->count =
        options->every_ms && soak_chance(random, 2) ? soak_between(random, 1, 60) : 0;
    options->run_for_ms = soak_between(random, 100, 500);
    options->after = (enum cap_after)soak_below(random, 3);
    options->allow_realtime = soak_chance(random, 2);
    options->full = soak_chance(random, 4);
    plan->early_jiffies = soak_between(random, 1, 120);
}

static void add(struct cap_id_list *list, uint32_t *room, uint32_t id) {
    list->ids = room;
    room[list->count++] = id;
}

/* Bad vCPUs make freezes short of time, so the timeout is short as well. */
static void plan_injected(struct soak_plan *plan, struct soak_random *random) {
    struct cap_inject *inject = &plan->options.inject;
    uint32_t vcpus = plan->options.vcpus;

    plan->options.timeout_ms =
        soak_chance(random, 4) ? soak_between(random, 1, 20) : 5000;
    if (soak_chance(random, 2))
        return;
    for (uint32_t i = 0; i < SOAK_INJECTED && i * 4 < vcpus; i++) {
        uint32_t id = soak_below(random, vcpus);
        switch (soak_below(random, 6)) {
        case 0:
            add(&inject->stuck, plan->ids[0], id);
            break;
        case 1:
            add(&inject->unreadable, plan->ids[1], id);
            break;
        case 2:
            break;
        default: /* later than the timeout, or not */
            inject->late.list = plan->late;
            plan->late[inject->late.count++] =
                (struct cap_late){id, soak_between(random, 1, 60)};
            break;
        }
    }
    if (inject->stuck.count + inject->late.count > 0)
        plan->options.timeout_ms = soak_between(random, 2, 40);
}

/* One in how many: never in half of the runs, so that faults do not hide each other. */
static uint32_t rate(struct soak_random *random, uint32_t least, uint32_t most) {
    return soak_chance(random, 2) ? 0 : soak_between(random, least, most);
}

static void plan_faults(struct soak_plan *plan, struct soak_random *random) {
    struct soak_faults *faults = &plan->faults;
    faults->dwell = 3;
    if (soak_chance(random, 3)) /* a healthy source */
        return;
    faults->drop_kick = rate(random, 2, 40);
    faults->delay_kick = rate(random, 8, 80);
    faults->double_kick = rate(random, 1, 8);
    faults->refuse_hurry = rate(random, 1, 8);
    faults->fail_read = rate(random, 20, 400);
    faults->fail_clock = rate(random, 2, 20);
    faults->fail_watch = rate(random, 2, 6);
    faults->fail_start = soak_chance(random, 10) ? 2 : 0;
    faults->fail_stop = soak_chance(random, 10) ? 2 : 0;
}

static void plan_mischief(struct soak_plan *plan, struct soak_random *random) {
    struct soak_mischief *mischief = &plan->mischief;
    mischief->askers = soak_chance(random, 2) ? soak_between(random, 1, 2) : 0;
    mischief->signals = soak_chance(random, 3);
    mischief->kicks = soak_chance(random, 2);
    mischief->rings = soak_chance(random, 3);
    if (soak_chance(random, 4))
        mischief->cancel_ms = soak_between(random, 1, 300);
    else if (soak_chance(random, 4))
        mischief->stop_ms = soak_between(random, 1, 300);
}

void soak_plan(struct soak_plan *plan, enum soak_source_kind kind, uint64_t seed,
               uint32_t number, uint32_t most_vcpus) {
    struct soak_random random = soak_random(seed, number);
    uint32_t few = most_vcpus < FEW_VCPUS ? most_vcpus : FEW_VCPUS;

    *plan = (struct soak_plan){
        .kind = kind, .number = number, .options = CAP_OPTIONS_DEFAULT};
    plan->options.memory_mib = 32;
    plan->options.vcpus =
        soak_between(&random, 1, soak_chance(&random, 8) ? most_vcpus : few);
    if (kind == SOAK_KVM)
        plan_guest(plan, &random);
    else
        plan_script(plan, &random);
    plan_triggers(plan, &random);
    plan_injected(plan, &random);
    plan_faults(plan, &random);
    plan_mischief(plan, &random);
    plan->disk = (enum soak_disk)soak_below(&random, 4);
    plan->random = soak_random(seed ^ UINT64_C(0x736f616b), number);
}

const char *soak_plan_text(const struct soak_plan *plan, char text[SOAK_PLAN_TEXT]) {
    const struct cap_options *options = &plan->options;
    const struct soak_faults *faults = &plan->faults;
    snprintf(
        text, SOAK_PLAN_TEXT,
        "%s, %u vCPUs, triggers %#x, %s%s%severy %u ms, timeout %u ms, run for %u ms, "
        "after %d, disk %d, stuck %zu, late %zu, unreadable %zu, kicks dropped 1/%u, "
        "delayed 1/%u, doubled 1/%u, reads failed 1/%u, askers %u, cancel %u ms, "
        "stop %u ms",
        plan->kind == SOAK_KVM ? plan->guest : "threads", options->vcpus,
        options->triggers, options->dual ? "dual, " : "",
        options->allow_realtime ? "real-time, " : "", options->full ? "full, " : "",
        (unsigned)options->every_ms, (unsigned)options->timeout_ms,
        (unsigned)options->run_for_ms, (int)options->after, (int)plan->disk,
        options->inject.stuck.count, options->inject.late.count,
        options->inject.unreadable.count, faults->drop_kick, faults->delay_kick,
        faults->double_kick, faults->fail_read, plan->mischief.askers,
        plan->mischief.cancel_ms, plan->mischief.stop_ms);
    return text;
}
