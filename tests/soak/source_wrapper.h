/*
 * source_wrapper: a source around another one, that misbehaves in chosen ways, and that
 * sees whether a frozen vCPU runs.
 *
 * Everything is forwarded to the inner source, which is the real one. The faults are those
 * that a source may have by its interface (capture/source.h): what the coordinator makes of
 * them is under test.
 *
 * Each vCPU counts in memory all the time. What it has counted is read when the coordinator
 * says that all have parked (`settled`), and of each parked one when its facts are collected;
 * and again just before the thaw. One that has counted on was not frozen: the report is torn.
 *
 * Belongs to the coordinator's thread, but for `tids`.
 */
#ifndef TESTS_SOAK_SOURCE_WRAPPER_H
#define TESTS_SOAK_SOURCE_WRAPPER_H

#include <stdatomic.h>

#include "capture/source.h"
#include "tests/soak/random.h"

#define SOAK_VCPUS 64u /* at most */

/* Each happens once in so many times; 0: never. */
struct soak_faults {
    uint32_t drop_kick, delay_kick, double_kick;
    uint32_t refuse_hurry, fail_read, fail_clock, fail_watch, fail_start, fail_stop;
    uint32_t dwell; /* the freeze is made longer */
};

/* Where vCPU n counts: u64 at address + n * stride. */
struct soak_counters {
    uint64_t address, stride;
};

struct soak_torn {
    bool found; /* the rest is of the first one */
    uint32_t vcpu, epoch;
    uint64_t before, after;
};

struct soak_wrapper {
    struct cap_source source; /* first: given to the coordinator */
    struct cap_source_ops ops;
    struct cap_source *inner;
    struct soak_random random;
    struct soak_faults faults;
    struct soak_counters counters;
    uint32_t count;
    _Atomic int32_t tids[SOAK_VCPUS]; /* of the threads, from the start on */

    bool held[SOAK_VCPUS];     /* seen[] is of the freeze in force */
    uint64_t seen[SOAK_VCPUS]; /* stays after the thaw */
    uint32_t seen_epoch;       /* the freeze that the latest was read in */

    uint64_t freezes;   /* that were thawed */
    uint64_t looked_at; /* vCPUs whose counter was compared */
    uint64_t advanced;  /* ... and stood otherwise in the freeze before */
    uint64_t last[SOAK_VCPUS];
    bool start_failed, stop_failed; /* by a fault */
    struct soak_torn torn;
};

/* `inner` is borrowed. */
void soak_wrap(struct soak_wrapper *wrapper, struct cap_source *inner,
               const struct soak_faults *faults, const struct soak_counters *counters,
               struct soak_random random);

#endif
