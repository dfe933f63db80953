/*
 * output: where a verb's data goes: standard output, a pager in front of it, or a file.
 *
 * A reader that goes away (EPIPE, a pager that is left) is no error: writing stops, the
 * sink fails so that the verb stops too, and cmd_output_finish() stays quiet. Any other
 * fault of writing is reported by cmd_output_finish(), once.
 */
#ifndef DUMPCTL_CMD_OUTPUT_H
#define DUMPCTL_CMD_OUTPUT_H

#include "cmd/atomic.h"
#include "cmd/cmd.h"
#include "cmd/json.h"
#include "cmd/pager.h"
#include "lib/sink.h"
#include "lib/text.h"

#include <stdbool.h>
#include <stdint.h>

/* To be initialised by one of the open functions, not copied after that. */
struct cmd_output {
    struct dc_sink sink; /* for lib/text.h, lib/writer.h, cmd/json.h */
    bool tty;            /* a terminal: JSON must be ASCII there, even that of --wire */
    bool colour;         /* decided: for dc_text_init() */
    unsigned width;      /* decided: for dc_text_init() */
    uint64_t written;    /* bytes that the sink has taken */

    /* private */
    bool gone;  /* the reader went away */
    int failed; /* an errno value */
    struct cmd_pager pager;
    struct cmd_atomic file; /* in use where file.path is set */
};

/*
 * Once, before anything is opened: ignores SIGPIPE and SIGXFSZ, and makes sure that descriptors 0 to
 * 2 are taken, so that no file that is opened later stands in for a closed stdout.
 */
void cmd_output_prepare(void);

/*
 * Standard output. `paged`: long text goes through the pager, where it is a terminal and
 * neither --no-pager nor --json was given; the pager's process is started here, before
 * the sandbox. Cannot fail.
 */
void cmd_output_open(struct cmd_output *out, const struct cmd_common *common, bool paged);

/* A file that appears whole or not at all (cmd/atomic.h); "-" is standard output.
   0, or -1. */
int cmd_output_open_file(struct cmd_output *out, const struct cmd_common *common,
                         const char *path, bool force, struct dc_error *err) DC_MUST_USE;

/* Whether the reader went away or writing failed: no use in going on. */
bool cmd_output_ended(const struct cmd_output *out);

/* Whether the reader went away, also after cmd_output_finish(): for who must not lose what
   nobody took. */
bool cmd_output_gone(const struct cmd_output *out);

/* Writes small JSON and a newline (cmd/json.h). 0, or -1: cmd_output_finish() tells. */
int cmd_output_json(struct cmd_output *out, const json_t *value, bool pretty);

/*
 * Ends the output: the pager is waited for; a file is published if `code` is EXIT_DONE,
 * EXIT_DIFFERENT or EXIT_DEGRADED, else dropped. `code` is the exit code of the verb as
 * though all could be written. Returns the code to exit with: `code`, also when the
 * reader went away, or EXIT_TROUBLE after a fault of writing, which has been reported.
 */
int cmd_output_finish(struct cmd_output *out, const struct cmd_common *common, int code);

/* As cmd_output_finish(), after the rest of `text`, which writes to out->sink. */
int cmd_output_finish_text(struct cmd_output *out, const struct cmd_common *common,
                           struct dc_text *text, int code);

/* Columns to fold to: --width, else COLUMNS, else the terminal's, else 80. */
unsigned cmd_output_width(const struct cmd_common *common);

/* Columns of the screen: COLUMNS, else the terminal's, else 80. */
unsigned cmd_output_screen_width(void);

/* Lines of the screen: LINES, else the terminal's, else 24. */
unsigned cmd_output_height(void);

/* --color as given (NULL: auto), whether the output is a terminal, NO_COLOR and TERM as
   in the environment (NULL: unset). */
bool cmd_output_colour(const char *when, bool tty, const char *no_color,
                       const char *term);

#endif
