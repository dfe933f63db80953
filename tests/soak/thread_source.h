/*
 * thread_source: a machine without KVM, whose vCPUs are threads that count.
 *
 * Each thread does what that of a real vCPU does (capture/vcpu.c): it looks at the board,
 * parks for its epoch, and else counts in the machine's memory until it is kicked. Its
 * registers are what it has counted, so that a report of another moment than the freeze's is
 * found out. The guest is a script: plan.h.
 */
#ifndef TESTS_SOAK_THREAD_SOURCE_H
#define TESTS_SOAK_THREAD_SOURCE_H

#include "capture/doorbell.h"
#include "tests/soak/plan.h"

/* Virtual addresses are physical ones. */
#define SOAK_LATCH UINT64_C(0x8000)
#define SOAK_POINTER UINT64_C(0x9000) /* to the exit kind */
#define SOAK_EXIT_KIND UINT64_C(0xa000)
#define SOAK_JIFFIES UINT64_C(0xb000)
#define SOAK_RUNNABLE UINT64_C(0xb040) /* u64 for each vCPU */
#define SOAK_COUNTERS UINT64_C(0xc000)
#define SOAK_STRIDE UINT64_C(64)

struct soak_threads;

/* `plan` is borrowed. NULL with *err where memory is lacking. */
struct soak_threads *soak_threads_new(const struct soak_plan *plan,
                                      struct dc_error *err) DC_MUST_USE;
struct cap_source *soak_threads_source(struct soak_threads *threads);

/* Before the start; borrowed. */
void soak_threads_set_doorbell(struct soak_threads *threads,
                               const struct cap_doorbell *doorbell);

/* It must have been stopped, or never started. */
void soak_threads_free(struct soak_threads *threads);

#endif
