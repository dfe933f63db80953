/*
 * files_aid: reports that are delivered as a capture does it, and what is in their folder
 * afterwards.
 */
#ifndef TESTS_UNIT_FILES_AID_H
#define TESTS_UNIT_FILES_AID_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/capture_reports.h"

/* Delivers a report of three vCPUs, of which the last did not park unless the outcome is
   CAP_COMPLETE. What cmd_capture_reports_deliver() returns. */
int files_deliver_as(struct cmd_capture_reports *reports, const char *tag,
                     enum cap_outcome outcome, const char *guest,
                     struct cap_delivery *out);

/* A complete one of demo:stall. */
int files_deliver(struct cmd_capture_reports *reports, const char *tag,
                  struct cap_delivery *out);

/* Makes a new folder with a folder "in", which becomes the working directory; and removes
   both with what is in them. */
void files_begin(void);
void files_end(void);

/* Entries of a folder whose names begin with `prefix`, but for "." and "..". */
unsigned files_entries(const char *path, const char *prefix, bool remove);

/* The text of a file, as a string of size - 1 bytes at most; "" if there is none. Returns
   its length. */
size_t files_load(const char *path, char *text, size_t size);

/* Is that a document, whole, and as it would be written again? */
bool files_is_whole(const char *text, size_t len);
bool files_is_whole_file(const char *path);

/* Does it in a child, whose stdout and stderr are the files "out" and "err" beside the
   folder. Its exit status. */
int files_in_child(int (*work)(void));

/* Opens `path`, and delivers two siblings of one tag, "x", and the main report between
   them. Not 0: some of that failed. */
int files_make(const struct cmd_common *common, const char *path);

/* From now on stdout and stderr go nowhere. */
void files_be_quiet(void);

#endif
