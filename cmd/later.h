/*
 * later: what is told while a screen is shown, kept until it is not.
 *
 * A verb that shows one puts it into its struct cmd_common: from then on errors, notes and
 * what goes to standard output in lines are kept here, in their order, whichever thread
 * tells them. Without memory for a piece, or with CMD_LATER_MOST bytes already, it is written
 * at once: an untidy screen is better than a lost word.
 */
#ifndef DUMPCTL_CMD_LATER_H
#define DUMPCTL_CMD_LATER_H

#include "cmd/cmd.h"
#include "lib/buf.h"

#include <pthread.h>

/* Reports for which a disk has no room would fill the memory instead. */
#define CMD_LATER_MOST ((size_t)64 << 20)

struct cmd_later_piece;

struct cmd_later_end {
    struct cmd_later *later;
    int fd;
};

/* Not to be copied: sinks point into it. */
struct cmd_later {
    pthread_mutex_t lock;
    struct cmd_later_piece *first, **last, **uncopied;
    size_t size;
    struct cmd_later_end out, err;
};

void cmd_later_init(struct cmd_later *later);

/* Keeps what is written to standard output, or to standard error. */
struct dc_sink cmd_later_out(struct cmd_later *later);
struct dc_sink cmd_later_err(struct cmd_later *later);

/* Adds to `text` what has come since the last time; it stays. */
void cmd_later_copy(struct cmd_later *later, struct dc_buf *text);

/* Writes all that is kept where it belongs, and keeps no more. Returns `code`, or
   EXIT_TROUBLE where standard output did not take all, which has been reported. `common`
   must not lead here any more. */
int cmd_later_tell(struct cmd_later *later, const struct cmd_common *common, int code);

#endif
