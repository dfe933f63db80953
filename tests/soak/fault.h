/*
 * fault: what the soak found. The first one is kept; it ends the soak.
 */
#ifndef TESTS_SOAK_FAULT_H
#define TESTS_SOAK_FAULT_H

#include <stdbool.h>

#include "lib/error.h"

enum soak_fault_kind {
    SOAK_FINE,
    SOAK_TORN,    /* something moved that was frozen, or a report is of another moment */
    SOAK_LEAK,    /* memory, descriptors, threads or files were left behind */
    SOAK_HANG,    /* a run or a thread did not end in time */
    SOAK_INVALID, /* a document, an answer or an account that cannot be */
};

struct soak_fault {
    enum soak_fault_kind kind;
    char text[512];
};

void soak_fault(struct soak_fault *fault, enum soak_fault_kind kind, const char *fmt, ...)
    DC_PRINTF(3, 4);

#endif
