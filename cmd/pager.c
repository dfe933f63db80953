#include "cmd/pager.h"

#include "cmd/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST_ROOM = 4096, MOST_HELD = 1 << 20 };

/*
 * The shell that runs the user's command (which may hold arguments) waits for it, so that
 * text is not lost where the command cannot be run; 126 and 127 are the shell's words for
 * that, and then nothing has been read. An interrupt is for the command to judge.
 */
static const char script[] = "trap : INT QUIT\n"
                             "(eval \"$1\")\n"
                             "status=$?\n"
                             "case $status in 126|127) exec cat ;; esac\n"
                             "exit $status\n";

const char *cmd_pager_command(const char *own, const char *pager) {
    const char *command = own ? own : pager ? pager : "less";
    return *command && strcmp(command, "cat") != 0 ? command : NULL;
}

static void copy_to_stdout(void) {
    char data[4096];
    ssize_t n;
    while ((n = read(STDIN_FILENO, data, sizeof(data))) > 0)
        if (cmd_fd_write(STDOUT_FILENO, data, (size_t)n) != 0)
            return;
}

/* The life of the pager's process, with the pipe as its standard input. */
static _Noreturn void be_pager(const char *command) {
    struct pollfd text = {.fd = STDIN_FILENO, .events = POLLIN};
    while (poll(&text, 1, -1) < 0 && errno == EINTR)
        continue;
    if (!(text.revents & POLLIN))
        _exit(0); /* the pipe was closed: the screen was large enough */
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    /* F: leave if it fits, R: colours, X: no clearing; and no shell out of less. */
    setenv("LESS", "FRX", 0);
    setenv("LESSSECURE", "1", 1);
    execl("/bin/sh", "sh", "-c", script, "dumpctl-pager", command, (char *)NULL);
    copy_to_stdout();
    _exit(0);
}

void cmd_pager_open(struct cmd_pager *pager, const char *command, unsigned height,
                    unsigned width) {
    int ends[2];
    *pager = (struct cmd_pager){.fd = -1, .height = height, .width = width};
    if (pipe2(ends, O_CLOEXEC) < 0)
        return;
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[1]);
        if (dup2(ends[0], STDIN_FILENO) < 0)
            _exit(1);
        close(ends[0]);
        be_pager(command);
    }
    close(ends[0]);
    if (pid < 0) {
        close(ends[1]);
        return;
    }
    pager->pid = pid;
    pager->fd = ends[1];
}

/* Moves the place where the next character will stand. */
static void advance(struct cmd_pager *pager, unsigned char c) {
    enum { NONE, ESCAPE, SEQUENCE };
    if (pager->escape == SEQUENCE) {
        if (c >= 0x40)
            pager->escape = NONE;
    } else if (pager->escape == ESCAPE) {
        pager->escape = c == '[' ? SEQUENCE : NONE;
    } else if (c == 0x1b) {
        pager->escape = ESCAPE;
    } else if (c == '\n') {
        pager->row++;
        pager->column = 0;
    } else if ((c & 0xc0) != 0x80) { /* not the inside of a UTF-8 sequence */
        if (pager->column == pager->width) {
            pager->row++;
            pager->column = 0;
        }
        pager->column++;
    }
}

/* Whether what has been written needs more than the screen has. */
static bool is_over(const struct cmd_pager *pager) {
    return pager->row > pager->height ||
           (pager->row == pager->height && pager->column > 0);
}

/* Keeps the text back. False where it should not be kept any longer. */
static bool hold(struct cmd_pager *pager, const char *data, size_t len) {
    for (size_t i = 0; i < len && !is_over(pager); i++)
        advance(pager, (unsigned char)data[i]);
    if (is_over(pager) || len > MOST_HELD - pager->len)
        return false;
    size_t room = pager->room ? pager->room : FIRST_ROOM;
    while (room - pager->len < len)
        room *= 2;
    if (room != pager->room) {
        char *held = realloc(pager->held, room);
        if (!held)
            return false;
        pager->held = held;
        pager->room = room;
    }
    memcpy(pager->held + pager->len, data, len);
    pager->len += len;
    return true;
}

/* Hands over what is held. 0, or an errno value. */
static int start(struct cmd_pager *pager) {
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    pager->started = true;
    pager->terminal_known = tcgetattr(STDOUT_FILENO, &pager->terminal) == 0;
    /* Keys are the pager's now; dumpctl must not end before it. */
    sigaction(SIGINT, &ignore, &pager->on_interrupt);
    sigaction(SIGQUIT, &ignore, &pager->on_quit);
    return cmd_fd_write(pager->fd, pager->held, pager->len);
}

int cmd_pager_write(struct cmd_pager *pager, const char *data, size_t len) {
    if (!pager->started) {
        if (hold(pager, data, len))
            return 0;
        int why = start(pager);
        if (why)
            return why;
    }
    return cmd_fd_write(pager->fd, data, len);
}

/* A pager that was killed leaves the terminal as it liked it. */
static void restore(struct cmd_pager *pager) {
    if (pager->terminal_known && tcgetpgrp(STDOUT_FILENO) == getpgrp())
        tcsetattr(STDOUT_FILENO, TCSADRAIN, &pager->terminal);
    sigaction(SIGINT, &pager->on_interrupt, NULL);
    sigaction(SIGQUIT, &pager->on_quit, NULL);
}

int cmd_pager_close(struct cmd_pager *pager) {
    int why = 0;
    close(pager->fd);
    while (waitpid(pager->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    if (pager->started)
        restore(pager);
    else
        why = cmd_fd_write(STDOUT_FILENO, pager->held, pager->len);
    free(pager->held);
    *pager = (struct cmd_pager){.fd = -1};
    return why;
}
