/*
 * diff_matrix: how many differences there are between every two of several reports.
 */
#ifndef DUMPCTL_CMD_DIFF_MATRIX_H
#define DUMPCTL_CMD_DIFF_MATRIX_H

#include "cmd/diff_options.h"
#include "cmd/output.h"

/* Reads all reports, compares each with each and prints a table, or one JSON object.
   Returns the exit code: EXIT_DIFFERENT where any two differ. */
int cmd_diff_matrix(const struct cmd_diff_options *options,
                    const struct cmd_common *common, struct cmd_documents *docs,
                    struct cmd_output *out);

#endif
