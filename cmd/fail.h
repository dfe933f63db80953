/*
 * fail: what went wrong, told on stderr.
 *
 * One line for one error or note, written whole. As text:
 *
 *     dumpctl: FILE:LINE:COLUMN: POINTER: message
 *
 * without the parts that are not known, everything escaped (lib/escape.h). With --json one
 * object {"error":{"code","file","line","column","pointer","message"}}, in which what is
 * not known is null and standard input is "-", or {"note":{"message"}}.
 */
#ifndef DUMPCTL_CMD_FAIL_H
#define DUMPCTL_CMD_FAIL_H

#include "cmd/cmd.h"
#include "lib/sink.h"

/* Reports `err`. Returns the exit code: EXIT_CANNOT for DC_ECANNOT, else EXIT_TROUBLE. */
int cmd_fail(const struct cmd_common *common, const struct dc_error *err);

/* Remarks about what is not wrong; %s arguments may come from anywhere. */
void cmd_note(const struct cmd_common *common, const char *fmt, ...) DC_PRINTF(2, 3);

/* The exit code of `one` and `other` together: the larger one, for several inputs. */
int cmd_worse(int one, int other);

/* Standard error, unbuffered, for text of more than a line; or what keeps it for later
   (NULL: nothing does). Its faults are ignored: there is nowhere to tell them. */
struct dc_sink cmd_stderr(const struct cmd_common *common);

#endif
