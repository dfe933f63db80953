#include "tests/soak/fault.h"

#include <stdarg.h>
#include <stdio.h>

void soak_fault(struct soak_fault *fault, enum soak_fault_kind kind, const char *fmt,
                ...) {
    va_list args;
    if (fault->kind != SOAK_FINE)
        return;
    fault->kind = kind;
    va_start(args, fmt);
    vsnprintf(fault->text, sizeof(fault->text), fmt, args);
    va_end(args);
}
