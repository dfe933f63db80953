/*
 * floor: the barest program that stops all vCPUs of a machine and has their registers.
 *
 * What a freeze costs on this host whoever makes it: the measure for the coordinator. It has
 * the same priorities (SCHED_RR 50, and 10 for a thread before its kick), the same kicks
 * (immediate_exit, then a signal), registers that KVM_RUN copies, and one futex for the last
 * arrival. It has no deadline, no second kick, and no answer for a vCPU that does
 * not come. Belongs to one thread.
 */
#ifndef TESTS_BENCH_FLOOR_H
#define TESTS_BENCH_FLOOR_H

#include <stdint.h>

#include "lib/error.h"

struct floor;

/* A machine of so many vCPUs that count at CPL 3; all of them stand still. */
struct floor *floor_new(uint32_t vcpus, struct dc_error *err) DC_MUST_USE;
void floor_free(struct floor *floor);

/* Lets all go. */
void floor_thaw(struct floor *floor);

/* Stops all. Returns the ns from the call to the moment when the caller knows that all are
   parked, and their registers are there. Blocks for ever if a vCPU never comes. */
uint64_t floor_freeze(struct floor *floor);

#endif
