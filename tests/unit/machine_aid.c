#include "tests/unit/machine_aid.h"

#include "capture/clock.h"

bool bench_set_up(struct bench *bench, const struct bench_wish *wish) {
    struct dc_error err = {0};
    static const struct cap_inject none;
    struct cap_machine_config config = {
        .guest = &bench->guest,
        .inject = &none,
        .vcpus = wish->vcpus,
        .memory_bytes = wish->memory_bytes ? wish->memory_bytes : UINT64_C(64) << 20,
        .watchdog_ms = wish->watchdog_ms,
    };
    *bench = (struct bench){0};
    bool good = cap_guest_open(&bench->guest, wish->guest, &err) == 0;
    bench->machine = good ? cap_machine_new(&config, &err) : NULL;
    if (bench->machine) {
        cap_machine_set_doorbell(bench->machine, wish->doorbell);
        bench->source = cap_machine_source(bench->machine);
        bench->freeze = cap_freeze_new(bench->source, &err);
    }
    good = bench->freeze && bench->source->ops->start(bench->source, &err) == 0;
    if (!CHECK(good))
        printf("# %s\n", err.message);
    return good;
}

void bench_tear_down(struct bench *bench) {
    struct dc_error err = {0};
    if (bench->source)
        CHECK_EQ_I64(bench->source->ops->stop(bench->source, &err), 0);
    cap_freeze_free(bench->freeze);
    (void)cap_machine_free(bench->machine);
    cap_guest_close(&bench->guest);
}

uint64_t bench_symbol(const struct bench *bench, const char *name) {
    struct cap_symbol symbol = {0};
    if (!CHECK(cap_elf_symbol(bench->guest.elf, name, &symbol)))
        printf("# no symbol %s\n", name);
    return symbol.value;
}

uint64_t bench_u64(const struct bench *bench, uint64_t address) {
    uint64_t value = 0;
    CHECK(bench->source->ops->read_memory(bench->source, address, &value, sizeof(value)));
    return value;
}

uint32_t bench_u32(const struct bench *bench, uint64_t address) {
    uint32_t value = 0;
    CHECK(bench->source->ops->read_memory(bench->source, address, &value, sizeof(value)));
    return value;
}

void bench_wait_for_change(const struct bench *bench, uint64_t address, uint64_t old) {
    uint64_t limit = cap_now_ns() + 30 * CAP_NS_PER_S;
    while (bench_u64(bench, address) == old && cap_now_ns() < limit)
        usleep(200);
}

void bench_freeze(struct bench *bench) {
    static const struct cap_freeze_limits patient = {
        .timeout_ns = 30 * CAP_NS_PER_S,
        .realtime = true,
    };
    struct cap_freeze_outcome outcome;

    cap_freeze_begin(bench->freeze, &patient, &outcome);
    CHECK_EQ_U64(outcome.end, CAP_FREEZE_COMPLETE);
    CHECK_EQ_U64(outcome.parked, bench->source->board->count);
    for (uint32_t id = 0; id < bench->source->board->count; id++)
        CHECK_EQ_I64(bench->source->board->seats[id].slot.error, 0);
}

const struct cap_registers *bench_registers(const struct bench *bench, uint32_t id) {
    return &bench->source->board->seats[id].slot.registers;
}
