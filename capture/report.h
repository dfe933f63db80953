/*
 * report: what a capture found, as a wire document.
 *
 * A complete freeze becomes a `single`, anything less a `degraded` report with the exact
 * reason text (wire-format 8.2; our own causes have prefixes of their own, with the same
 * tail). What the reference does not know stands under "dumpctl" (lib/tables_own.h). The
 * text is canonical: reading it and writing its wire form gives the same bytes.
 */
#ifndef DUMPCTL_CAPTURE_REPORT_H
#define DUMPCTL_CAPTURE_REPORT_H

#include "capture/capture.h"
#include "lib/sink.h"

#include <stdint.h>
#include <time.h>

/*
 * Writes the report of a result that is not CAP_NOTHING, without a newline at the end.
 * `when` is the wall-clock time that it carries; `ascii` escapes what is not printable
 * ASCII, for a terminal. 0, or -1 where the sink failed.
 */
int cap_report_write(struct dc_sink sink, bool ascii, const struct cap_result *result,
                     time_t when);

/* Whether the report is a `single`. */
bool cap_report_is_full(const struct cap_result *result);

#endif
