/*
 * report_why: the members of a report that say why a vCPU did not park.
 *
 * A part of report.c; nobody else uses it. The members stand in lib/tables_own.h, in the
 * order in which they are written here.
 */
#ifndef DUMPCTL_CAPTURE_REPORT_WHY_H
#define DUMPCTL_CAPTURE_REPORT_WHY_H

#include "capture/source.h"
#include "capture/why.h"
#include "lib/writer.h"

/* last_exit, last_exit_access, last_exit_us. `why` may be that of a parked vCPU: then only
   decided_ns of it counts. */
void cap_report_exit(struct dc_writer *w, const struct cap_vcpu_facts *facts,
                     const struct cap_why *why);

/* thread_first, thread_last: as far as there was a look. */
void cap_report_threads(struct dc_writer *w, const struct cap_why *why);

#endif
