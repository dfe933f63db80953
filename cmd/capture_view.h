/*
 * capture_view: a capture on the screen of `view`, while it goes on.
 *
 * The run has a thread of its own; this one shows what its vCPUs do, and each report as it
 * is written. The first q ends the capture as Ctrl-C does without a screen, the second one
 * leaves. What the run tells is told when the screen is closed.
 */
#ifndef DUMPCTL_CMD_CAPTURE_VIEW_H
#define DUMPCTL_CMD_CAPTURE_VIEW_H

#include "capture/capture.h"
#include "cmd/cmd.h"
#include "cmd/screen.h"

struct cmd_capture_view_run {
    struct cmd_common *common;
    struct cap_options *options; /* with `deliver`; gets callbacks of this screen */
    const char *output;          /* where the main report will be */
    int (*run)(void *ctx);       /* makes the run; returns its exit code */
    void *ctx;
};

/*
 * Makes the run, on `screen` from the moment when its guest runs. Signals must be caught
 * (cmd/capture_signals.h). Returns when both are over, with the exit code.
 */
int cmd_capture_view(const struct cmd_capture_view_run *run, struct cmd_screen *screen);

#endif
