/*
 * input: one report file, or standard input, read whole.
 *
 * Opening and reading are two steps: a verb opens all that it will need, enters the
 * sandbox, then reads. What is read belongs to the struct until cmd_input_close().
 */
#ifndef DUMPCTL_CMD_INPUT_H
#define DUMPCTL_CMD_INPUT_H

#include "lib/error.h"

#include <stddef.h>
#include <sys/stat.h>

struct cmd_input {
    const char *name; /* for messages: the path (borrowed), or "<stdin>" */
    int fd;           /* -1 where nothing is open */
    char *data;       /* not terminated; NULL before cmd_input_read() */
    size_t len;
    struct stat stat; /* at the time of opening */
};

/*
 * Opens `path`, "-" for standard input. Folders are refused. 0, or -1 with DC_EIO and
 * err->file set; then `in` is closed. `path` must outlive `in` and its errors.
 */
int cmd_input_open(struct cmd_input *in, const char *path,
                   struct dc_error *err) DC_MUST_USE;

/*
 * Reads to the end into in->data and in->len, and closes the descriptor. Never holds more
 * than max_size + 1 bytes: a larger input is DC_ELIMIT. 0, or -1 with err->file set.
 */
int cmd_input_read(struct cmd_input *in, size_t max_size,
                   struct dc_error *err) DC_MUST_USE;

/* Gives back descriptor and data; harmless when done twice. */
void cmd_input_close(struct cmd_input *in);

#endif
