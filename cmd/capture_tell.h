/*
 * capture_tell: what a capture says to its user: of each report where it is and what it
 * found, and how the run ended.
 */
#ifndef DUMPCTL_CMD_CAPTURE_TELL_H
#define DUMPCTL_CMD_CAPTURE_TELL_H

#include "capture/capture.h"
#include "cmd/cmd.h"

/*
 * Tells of a report that was written: its path on standard output (an object with --json;
 * nothing where the report itself went there), a summary on standard error. 0, or -1 where
 * standard output took no path; then standard error has it.
 */
int cmd_capture_tell(const struct cmd_common *common, const struct cap_document *document,
                     const struct cap_delivery *delivery, bool to_stdout);

/* Tells why the report's sample has no statistics, of each reason once in a run: `told` has
   the bits of those that were told. */
void cmd_capture_tell_missing(const struct cmd_common *common,
                              const struct cap_document *document, unsigned *told);

/* Tells what becomes of the guest after the main report, unless it is ended. */
void cmd_capture_tell_after(const struct cmd_common *common, enum cap_after after);

/* Tells how the run ended where its reports do not say it, and returns the exit code. */
int cmd_capture_tell_end(const struct cmd_common *common,
                         const struct cap_options *options, const struct cap_end *end);

#endif
