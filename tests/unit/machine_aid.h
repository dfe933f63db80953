/*
 * machine_aid: a machine on real KVM, without cap_run() around it, for tests that freeze it
 * themselves and look into its memory.
 */
#ifndef TESTS_UNIT_MACHINE_AID_H
#define TESTS_UNIT_MACHINE_AID_H

#include "capture/freeze.h"
#include "capture/guest.h"
#include "capture/machine.h"
#include "tests/unit/capture_aid.h"

struct bench {
    struct cap_guest guest;
    struct cap_machine *machine;
    struct cap_source *source;
    struct cap_freeze *freeze;
};

struct bench_wish {
    const char *guest;
    uint32_t vcpus;
    uint64_t memory_bytes;               /* 0: 64 MiB */
    uint64_t watchdog_ms;                /* 0: by the number of vCPUs */
    const struct cap_doorbell *doorbell; /* NULL: none */
};

/* Makes the machine and starts it. False, with failed checks, if that does not work; then
   too bench_tear_down() is to be called. */
bool bench_set_up(struct bench *bench, const struct bench_wish *wish);
void bench_tear_down(struct bench *bench);

/* Address of a symbol of the guest; a failed check and 0 if there is none. */
uint64_t bench_symbol(const struct bench *bench, const char *name);

uint64_t bench_u64(const struct bench *bench, uint64_t address);
uint32_t bench_u32(const struct bench *bench, uint64_t address);

/* Waits until the u64 there is no longer `old`, 30 s at most. */
void bench_wait_for_change(const struct bench *bench, uint64_t address, uint64_t old);

/* Freezes with much patience, and checks that all are parked and could be read. */
void bench_freeze(struct bench *bench);

/* What vCPU `id` was like in the latest freeze. */
const struct cap_registers *bench_registers(const struct bench *bench, uint32_t id);

#endif
