/*
 * capture_progress: what a person sees while a capture waits. Only on a terminal; one line
 * on stderr, wiped at the end. It never blocks: where the terminal takes nothing (Ctrl-S)
 * the line is dropped. A terminal that cannot be opened again shows nothing.
 */
#ifndef DUMPCTL_CMD_CAPTURE_PROGRESS_H
#define DUMPCTL_CMD_CAPTURE_PROGRESS_H

#include "capture/capture.h"

struct cmd_progress {
    int fd; /* the terminal, opened again so that it does not block; -1: nothing is shown */
    const struct cap_options *options; /* borrowed */
};

/* Sets the callbacks in `options`, which must outlive `progress`. */
void cmd_progress_begin(struct cmd_progress *progress, struct cap_options *options,
                        bool json);

/* What the run waits for, in words: "the latch". */
const char *cmd_progress_awaited(const struct cap_options *options);

/* Makes room for other text on the terminal; the next call of a callback shows it again. */
void cmd_progress_wipe(struct cmd_progress *progress);

void cmd_progress_end(struct cmd_progress *progress);

#endif
