/*
 * capture_progress: what a person sees while a capture waits. Only on a terminal; one line
 * on stderr, wiped at the end.
 */
#ifndef DUMPCTL_CMD_CAPTURE_PROGRESS_H
#define DUMPCTL_CMD_CAPTURE_PROGRESS_H

#include "capture/capture.h"

struct cmd_progress {
    bool on;
};

/* Sets the callback in `options`, which must not outlive `progress`. */
void cmd_progress_begin(struct cmd_progress *progress, struct cap_options *options,
                        bool json);
void cmd_progress_end(struct cmd_progress *progress);

#endif
