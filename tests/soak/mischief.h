/*
 * mischief: threads that ask for captures, kick vCPUs, ring the coordinator, and end the
 * run, at moments that nobody expects.
 */
#ifndef TESTS_SOAK_MISCHIEF_H
#define TESTS_SOAK_MISCHIEF_H

#include <pthread.h>

#include "capture/coordinator.h"
#include "tests/soak/documents.h"

enum { SOAK_ASKERS = 2 };

struct soak_asker {
    struct soak_mischief_run *shared;
    struct soak_random random;
    pthread_t thread;
    bool started;
    uint64_t answers, busy;
    struct soak_fault fault;
};

/* Set up by the caller but for the threads; all pointers are borrowed. */
struct soak_mischief_run {
    const struct soak_plan *plan;
    struct soak_wrapper *wrapper;
    struct cap_desk *desk;
    struct cap_live *live;
    atomic_int cancel, ask; /* the options point to them */
    atomic_bool over;
    struct soak_random random;
    pthread_t thread;
    bool started;
    struct soak_asker askers[SOAK_ASKERS];
};

int soak_mischief_start(struct soak_mischief_run *run, struct soak_fault *fault);

/* Waits for them, and adds what they saw. The desk must be closed. */
void soak_mischief_end(struct soak_mischief_run *run, struct soak_tally *tally,
                       struct soak_fault *fault);

#endif
