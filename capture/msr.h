/*
 * msr: what model-specific registers are called.
 */
#ifndef DUMPCTL_CAPTURE_MSR_H
#define DUMPCTL_CAPTURE_MSR_H

#include <stdint.h>

/* The name in Intel's and AMD's manuals, or in KVM's for its own; NULL: not known here. */
const char *cap_msr_name(uint32_t index);

#endif
