/*
 * injected: what was done to vCPUs on purpose (inject.h), in the words of a report.
 */
#ifndef DUMPCTL_CAPTURE_INJECTED_H
#define DUMPCTL_CAPTURE_INJECTED_H

#include <stdbool.h>

#include "capture/capture.h"

/* "stuck", "fault", "unreadable", "late"; the first that holds. NULL: nothing. Static. */
const char *cap_injected_name(const struct cap_vcpu_result *vcpu);

/* "stuck=2,5 late=1:30"; long lists are cut. False, and "", where there is nothing. */
enum { CAP_INJECTED_TEXT = 1024 };
bool cap_injected_text(const struct cap_result *result, char text[CAP_INJECTED_TEXT]);

#endif
