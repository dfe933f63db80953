#include "cmd/output.h"

#include "cmd/fail.h"
#include "cmd/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { DEFAULT_WIDTH = 80, DEFAULT_HEIGHT = 24 };

void cmd_output_prepare(void) {
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* then a write says EFBIG, as one of many faults */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        /* The wrong way round, so that using it still fails. */
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            return;
    }
}

/* Remembers the outcome of a write. Returns what a sink returns. */
static int note_outcome(struct cmd_output *out, int why) {
    if (why == EPIPE)
        out->gone = true;
    else if (why && !out->failed)
        out->failed = why;
    return why ? -1 : 0;
}

static int sink_write(void *ctx, const char *data, size_t len) {
    struct cmd_output *out = ctx;
    int why = 0;
    if (cmd_output_ended(out))
        return -1;
    if (out->file.path) {
        struct dc_sink file = cmd_atomic_sink(&out->file);
        file.write(file.ctx, data, len);
        why = out->file.failed;
    } else if (out->pager.pid > 0) {
        why = cmd_pager_write(&out->pager, data, len);
    } else {
        why = cmd_fd_write(STDOUT_FILENO, data, len);
    }
    if (!why)
        out->written += len;
    return note_outcome(out, why);
}

static void begin(struct cmd_output *out, const struct cmd_common *common, bool tty) {
    *out = (struct cmd_output){
        .sink = {.write = sink_write, .ctx = out},
        .tty = tty,
        .width = cmd_output_width(common),
        .file = {.folder_fd = -1, .fd = -1},
        .colour =
            cmd_output_colour(common->colour, tty, getenv("NO_COLOR"), getenv("TERM")),
    };
}

void cmd_output_open(struct cmd_output *out, const struct cmd_common *common,
                     bool paged) {
    begin(out, common, isatty(STDOUT_FILENO));
    const char *command = cmd_pager_command(getenv("DUMPCTL_PAGER"), getenv("PAGER"));
    if (paged && out->tty && !common->no_pager && !common->json && command)
        cmd_pager_open(&out->pager, command, cmd_output_height(),
                       cmd_output_screen_width());
}

int cmd_output_open_file(struct cmd_output *out, const struct cmd_common *common,
                         const char *path, bool force, struct dc_error *err) {
    if (strcmp(path, "-") == 0) {
        cmd_output_open(out, common, false);
        return 0;
    }
    begin(out, common, false);
    return cmd_atomic_open(&out->file, path, force, err);
}

bool cmd_output_ended(const struct cmd_output *out) {
    return out->gone || out->failed != 0;
}

bool cmd_output_gone(const struct cmd_output *out) {
    return out->gone;
}

int cmd_output_json(struct cmd_output *out, const json_t *value, bool pretty) {
    int status = value ? cmd_json_write(out->sink, value, pretty) : -1;
    if (status < 0 && !cmd_output_ended(out))
        out->failed = ENOMEM; /* nothing else fails before the sink does */
    return status;
}

/* Some file systems tell only at the end that there was no room (NFS). */
static int stdout_flush(void) {
    int copy = dup(STDOUT_FILENO);
    return copy < 0 || close(copy) < 0 ? errno : 0;
}

static int finish_stdout(struct cmd_output *out, const struct cmd_common *common,
                         int code) {
    struct dc_error err;
    if (out->pager.pid > 0)
        note_outcome(out, cmd_pager_close(&out->pager));
    if (!cmd_output_ended(out))
        note_outcome(out, stdout_flush());
    if (!out->failed)
        return code;
    dc_fail_errno(&err, DC_EIO, out->failed, "cannot write to standard output");
    cmd_fail(common, &err);
    return EXIT_TROUBLE;
}

int cmd_output_finish(struct cmd_output *out, const struct cmd_common *common, int code) {
    struct dc_error err;
    if (!out->file.path)
        return finish_stdout(out, common, code);
    if (out->failed && !out->file.failed)
        out->file.failed = out->failed;
    /* A fault of writing is told by the commit, which then publishes nothing. */
    if (!out->failed && code != EXIT_DONE && code != EXIT_DIFFERENT &&
        code != EXIT_DEGRADED) {
        cmd_atomic_abort(&out->file);
        return code;
    }
    if (cmd_atomic_commit(&out->file, &err) == 0)
        return code;
    cmd_fail(common, &err);
    return EXIT_TROUBLE;
}

int cmd_output_finish_text(struct cmd_output *out, const struct cmd_common *common,
                           struct dc_text *text, int code) {
    /* A text fails only where its sink does. */
    if (dc_text_finish(text) < 0 && !cmd_output_ended(out))
        out->failed = EIO;
    return cmd_output_finish(out, common, code);
}

/* A size in the environment, as a number from 1; 0 where there is none. */
static unsigned from_environment(const char *name) {
    unsigned long long value;
    const char *text = getenv(name);
    return text && cmd_parse_number(text, 1, UINT_MAX, &value) == 0 ? (unsigned)value : 0;
}

/* The size of the terminal that any of the standard descriptors leads to. */
static struct winsize terminal_size(void) {
    static const int descriptors[] = {STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO};
    for (size_t i = 0; i < sizeof(descriptors) / sizeof(descriptors[0]); i++) {
        struct winsize size = {0};
        if (ioctl(descriptors[i], TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
            return size;
    }
    return (struct winsize){0};
}

/* The first that is not 0. */
static unsigned first_of(unsigned a, unsigned b, unsigned c) {
    return a ? a : b ? b : c;
}

unsigned cmd_output_screen_width(void) {
    return first_of(from_environment("COLUMNS"), terminal_size().ws_col, DEFAULT_WIDTH);
}

unsigned cmd_output_width(const struct cmd_common *common) {
    unsigned width = first_of(common->width, cmd_output_screen_width(), 0);
    return width < CMD_WIDTH_LEAST  ? CMD_WIDTH_LEAST
           : width > CMD_WIDTH_MOST ? CMD_WIDTH_MOST
                                    : width;
}

unsigned cmd_output_height(void) {
    return first_of(from_environment("LINES"), terminal_size().ws_row, DEFAULT_HEIGHT);
}

bool cmd_output_colour(const char *when, bool tty, const char *no_color,
                       const char *term) {
    if (when && strcmp(when, "auto") != 0)
        return strcmp(when, "always") == 0;
    return tty && !(no_color && *no_color) && term && *term && strcmp(term, "dumb") != 0;
}
