/*
 * run: one run of the soak, from a plan to what came of it.
 */
#ifndef TESTS_SOAK_RUN_H
#define TESTS_SOAK_RUN_H

#include "tests/soak/documents.h"

/* What all runs share. */
struct soak_bench {
    struct soak_disk_folder disk;
    struct cap_watch_means means; /* of this host; none of SOAK_THREADS */
};

/* Adds to the tally; the first fault is kept. */
void soak_run(const struct soak_plan *plan, struct soak_bench *bench,
              struct soak_tally *tally, struct soak_fault *fault);

#endif
