/*
 * futex: sleeping on a 32-bit word inside this process.
 *
 * A pthread condition variable needs a mutex that a real-time coordinator and hundreds of
 * vCPU threads would fight for; a futex wakes all of them with one call and needs no lock.
 */
#ifndef DUMPCTL_CAPTURE_FUTEX_H
#define DUMPCTL_CAPTURE_FUTEX_H

#include <stdatomic.h>
#include <stdint.h>

/*
 * Sleeps while *word == seen, for `ns` nanoseconds at most. Returns early for a wake-up, a
 * signal, or no reason at all: the caller looks at its own condition again.
 */
void cap_futex_wait(_Atomic uint32_t *word, uint32_t seen, uint64_t ns);

/* Wakes every thread that sleeps on `word`. */
void cap_futex_wake_all(_Atomic uint32_t *word);

#endif
