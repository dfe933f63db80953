/*
 * capture_reports: where the documents of a capture go.
 *
 * The main report goes to the file that the user named (report_file.h); siblings go beside
 * it, with their tag in the name and a number where that is taken. The tag inside is the
 * one in the name. What goes to standard output, a FIFO or a device goes there all, one
 * document a line. Each is told at once: its path on standard output, a summary on standard
 * error. One that cannot be written goes to standard error as a whole.
 */
#ifndef DUMPCTL_CMD_CAPTURE_REPORTS_H
#define DUMPCTL_CMD_CAPTURE_REPORTS_H

#include "capture/capture.h"
#include "cmd/capture_progress.h"
#include "cmd/report_file.h"

struct cmd_capture_reports {
    const struct cmd_common *common; /* borrowed */
    struct cmd_report_file main;
    bool force, direct;
    bool closed;           /* the direct output is written and closed */
    bool untold;           /* standard output did not take a path */
    unsigned told_missing; /* reasons for missing statistics: bits of enum cap_missing */
    char **paths;          /* of siblings that were written; owned */
    size_t n_paths;
    enum cap_after after;          /* told behind the main report */
    struct cmd_progress *progress; /* wiped before something is told; NULL: none */
};

/* Arguments as cmd_report_file_open(). 0, or -1 after a fault, which has been reported. */
int cmd_capture_reports_open(struct cmd_capture_reports *reports,
                             const struct cmd_common *common, const char *path,
                             bool force);

/* A cap_deliver_fn; `context` is the reports. */
int cmd_capture_reports_deliver(void *context, const struct cap_document *document,
                                struct cap_delivery *out);

/* Removes what was opened and not used, and frees. 0, or -1 where a direct output turned
   out not to have taken all, or standard output not to have taken the path of a report that
   was written; that has been reported. */
int cmd_capture_reports_close(struct cmd_capture_reports *reports);

#endif
