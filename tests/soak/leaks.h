/*
 * leaks: what the process has, to be compared with what it had.
 */
#ifndef TESTS_SOAK_LEAKS_H
#define TESTS_SOAK_LEAKS_H

#include <stddef.h>

#include "tests/soak/fault.h"

struct soak_holdings {
    long files, threads;
    long maps;   /* -1 where a sanitizer has maps of its own */
    size_t heap; /* bytes in use; 0 likewise */
};

struct soak_holdings soak_holdings(void);

/* After each run: descriptors and threads are those of before, all of them. */
void soak_leaks_of_run(const struct soak_holdings *before, struct soak_fault *fault);

/* Of many runs: memory is what it was after the first of them. */
void soak_leaks_of_all(const struct soak_holdings *before, struct soak_fault *fault);

#endif
