/*
 * demo_work: what the CPUs of the demo guest do with their time, and how they talk to the
 * host.
 *
 * Whatever runs counts its CPU's turns, in the guest and all the time: a turn that is
 * counted while a machine is frozen shows that it was not.
 */
#ifndef DUMPCTL_CAPTURE_GUESTS_DEMO_WORK_H
#define DUMPCTL_CAPTURE_GUESTS_DEMO_WORK_H

#include "capture/guests/guest.h"

#define MAX_CPUS 4096

struct demo_turn {
    _Alignas(64) volatile uint64_t count; /* a line of the cache for each CPU */
};

/* The host finds it by name. */
extern struct demo_turn turns[MAX_CPUS];

static inline uint64_t demo_rdtsc(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

static inline void demo_outl(uint16_t port, uint32_t value) {
    __asm__ volatile("outl %0, %1" : : "a"(value), "d"(port) : "memory");
}

static inline uint32_t demo_inl(uint16_t port) {
    uint32_t value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "d"(port) : "memory");
    return value;
}

static inline void demo_relax(void) {
    __asm__ volatile("pause");
}

/* Runs one task to its end. */
void demo_run_task(uint32_t cpu);

/* Some accesses to the devices that swallow everything. Each is one turn, counted when it
   is done, and nothing else is: the host can compare. */
void demo_storm(uint32_t cpu);

/* Causes an exception. */
void demo_crash(void) __attribute__((noreturn));

#endif
