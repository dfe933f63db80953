/*
 * exit_reason: names of the reasons for which KVM_RUN returns.
 */
#ifndef DUMPCTL_CAPTURE_EXIT_REASON_H
#define DUMPCTL_CAPTURE_EXIT_REASON_H

#include <stdint.h>

/* "KVM_EXIT_SHUTDOWN" for 8, and so on; "KVM_EXIT_?" for a number that has no name yet. */
const char *cap_exit_reason_name(uint32_t reason);

#endif
