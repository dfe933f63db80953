/*
 * pager: text that is longer than the screen, handed to a pager.
 *
 * The pager's process is forked when the output is opened, so that the sandbox of dumpctl
 * does not bind it, and sleeps until there is something to read. Up to one screen of text
 * is held back: where no more comes, it goes to the terminal and the process ends without
 * having started a pager. A pager that cannot be started is replaced by plain output.
 */
#ifndef DUMPCTL_CMD_PAGER_H
#define DUMPCTL_CMD_PAGER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <termios.h>

struct cmd_pager {
    pid_t pid;    /* 0: there is no pager */
    int fd;       /* its standard input */
    bool started; /* the screen was too small: text goes to the pager */
    char *held;   /* text, up to one screen */
    size_t len;
    size_t room;
    unsigned height;      /* of the screen, in lines */
    unsigned width;       /* in columns */
    unsigned row;         /* of the next character, from 0 */
    unsigned column;      /* may be `width`, at the end of a full line */
    unsigned char escape; /* inside an SGR sequence: its part */
    bool terminal_known;
    struct termios terminal;                /* as it was before the pager */
    struct sigaction on_interrupt, on_quit; /* as they were */
};

/*
 * The command of the user's choice from the values of DUMPCTL_PAGER and PAGER (NULL:
 * unset): "less" where neither is set, NULL where none is wanted (empty, or "cat").
 */
const char *cmd_pager_command(const char *own, const char *pager);

/* Prepares `command` for a terminal at standard output. Leaves pager->pid 0 where no
   process can be had: then it is not used. */
void cmd_pager_open(struct cmd_pager *pager, const char *command, unsigned height,
                    unsigned width);

/* Takes text. 0, or an errno value: EPIPE when the user has left the pager. */
int cmd_pager_write(struct cmd_pager *pager, const char *data, size_t len);

/* Shows what is held, waits for the pager, restores the terminal. As cmd_pager_write(). */
int cmd_pager_close(struct cmd_pager *pager);

#endif
