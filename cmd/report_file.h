/*
 * report_file: the file that a capture leaves behind.
 *
 * It is created before the guest runs, so that a place where nothing can be written is
 * found out while nothing is lost. Without a name of the user's it is called
 * dumpctl-YYYYMMDD-HHMMSS.failure-dump.json, with -2, -3 and so on behind the time where
 * that name is taken. A path that leads to standard output is treated as "-".
 */
#ifndef DUMPCTL_CMD_REPORT_FILE_H
#define DUMPCTL_CMD_REPORT_FILE_H

#include "cmd/atomic.h"
#include "cmd/cmd.h"

#include <time.h>

struct cmd_report_file {
    const struct cmd_common *common; /* borrowed */
    bool to_stdout;
    bool numbered;    /* the name is ours: take the next one where it is taken */
    unsigned attempt; /* which of our names */
    time_t when;      /* in our names */
    char path[4096];  /* what is printed and opened */
    bool force;
    struct cmd_atomic file;
};

/*
 * `path` is the user's, "-" for standard output, or NULL for a name of ours. 0, or -1
 * after a fault, which has been reported.
 */
int cmd_report_file_open(struct cmd_report_file *file, const struct cmd_common *common,
                         const char *path, bool force);

/* Whether a report to `path` (or NULL) is written directly, without a temporary file; then
   opening (a FIFO) and writing may block for as long as the other side likes. */
bool cmd_report_file_is_direct(const char *path);

/*
 * Writes and publishes the report. 0 and file->path is where it is; or -1 after a fault,
 * which has been reported; a reader of standard output that went away is one here.
 */
int cmd_report_file_write(struct cmd_report_file *file, const char *report, size_t len);

/* Removes what was opened; harmless after a write. */
void cmd_report_file_close(struct cmd_report_file *file);

#endif
