/*
 * report_full: what --full read of a vCPU, as the member "full" of its entry in the report.
 *
 * The rows are those of FULL_STATE in lib/tables_own.h, in their order, with what the wire
 * form omits left out.
 */
#ifndef DUMPCTL_CAPTURE_REPORT_FULL_H
#define DUMPCTL_CAPTURE_REPORT_FULL_H

#include "capture/full_state.h"
#include "lib/writer.h"

/* Writes the member, its name too. Call it behind all other members of the vCPU. */
void cap_report_full(struct dc_writer *w, const struct cap_full_list *list,
                     const struct cap_full_state *state);

#endif
