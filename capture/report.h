/*
 * report: what a capture found, as a wire document.
 *
 * A complete freeze becomes a `single` (two of them a `dual`), anything less a `degraded` report with the exact
 * reason text (wire-format 8.2; our own causes have prefixes of their own, with the same
 * tail). What the reference does not know stands under "dumpctl" (lib/tables_own.h). The
 * text is canonical: reading it and writing its wire form gives the same bytes.
 */
#ifndef DUMPCTL_CAPTURE_REPORT_H
#define DUMPCTL_CAPTURE_REPORT_H

#include "capture/capture.h"
#include "lib/sink.h"

#include <stdbool.h>

/*
 * Writes the report, without a newline at the end. `ascii` escapes what is not printable
 * ASCII, for a terminal. 0, or -1 where the sink failed.
 */
int cap_report_write(struct dc_sink sink, bool ascii,
                     const struct cap_document *document);

/* "single", "dual", "degraded". */
const char *cap_document_variant(const struct cap_document *document);

/* Whether the report is a `single`. */
bool cap_report_is_full(const struct cap_result *result);

/* "complete", "unreadable", "timeout", "killed", "crashed". */
const char *cap_outcome_name(enum cap_outcome outcome);

/* What a vCPU with CAP_FAILED died of: "KVM_EXIT_SHUTDOWN", "KVM_EXIT_MMIO, no memory at
   0x1000", "KVM_RUN failed: Bad address". Returns `text`. */
enum { CAP_CRASH_TEXT = 128 };
const char *cap_crash_text(const struct cap_vcpu_result *vcpu, char text[CAP_CRASH_TEXT]);

#endif
