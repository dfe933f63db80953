/*
 * capture_options: what `dumpctl capture` was asked for.
 */
#ifndef DUMPCTL_CMD_CAPTURE_OPTIONS_H
#define DUMPCTL_CMD_CAPTURE_OPTIONS_H

#include "capture/capture.h"
#include "cmd/cmd.h"

struct cmd_capture_options {
    struct cap_options run;
    const char *output; /* NULL: a name of ours */
    const char *image;  /* path, or NULL */
    bool force;
    bool view; /* on a screen */
};

extern const struct cmd_option cmd_capture_option_table[];

/* Reads the command line, which must outlive `options`. 0, or -1 after an error, which has
   been reported. cmd_capture_options_done() must follow in both cases. */
int cmd_capture_take_options(struct cmd_capture_options *options,
                             const struct cmd_verb *verb, struct cmd_common *common,
                             int argc, char **argv) DC_MUST_USE;

void cmd_capture_options_done(struct cmd_capture_options *options);

#endif
