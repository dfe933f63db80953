/*
 * input: one report file, or standard input, read whole.
 *
 * Opening and reading are two steps: a verb opens all that it will need, enters the
 * sandbox, then reads. What is read belongs to the struct until cmd_input_close().
 */
#ifndef DUMPCTL_CMD_INPUT_H
#define DUMPCTL_CMD_INPUT_H

#include "lib/error.h"
#include "lib/symbols.h"

#include <stddef.h>
#include <sys/stat.h>

/* "<stdin>": what messages call standard input; in JSON it is "-", as on the command line.
   Told from a file of that name by the pointer. */
extern const char cmd_stdin_name[];

struct cmd_input {
    const char *name; /* for messages: the path (borrowed), or cmd_stdin_name */
    int fd;           /* -1 where nothing is open */
    char *data;       /* not terminated; NULL before cmd_input_read() */
    size_t len;
    struct stat stat; /* at the time of opening */
};

/*
 * Opens `path`, "-" for standard input. Folders are refused, and the empty path. 0, or -1
 * with DC_EIO and err->file set (not where there is no name); then `in` is closed. `path` must outlive `in` and its errors.
 */
int cmd_input_open(struct cmd_input *in, const char *path,
                   struct dc_error *err) DC_MUST_USE;

/*
 * Reads to the end into in->data and in->len, and closes the descriptor. Never holds more
 * than max_size + 1 bytes: a larger input is DC_ELIMIT. One that is compressed with gzip,
 * zstd or xz is refused with the command that unpacks it. 0, or -1 with err->file set.
 */
int cmd_input_read(struct cmd_input *in, size_t max_size,
                   struct dc_error *err) DC_MUST_USE;

/*
 * Opens and reads a file of symbols, up to 64 MiB or max_size, into `symbols`, which need
 * `in` to stay. 0, or -1; then only `in` is to be closed.
 */
int cmd_input_read_symbols(struct cmd_input *in, const char *path, size_t max_size,
                           struct dc_symbols *symbols, struct dc_error *err) DC_MUST_USE;

/* Gives back descriptor and data; harmless when done twice. */
void cmd_input_close(struct cmd_input *in);

#endif
