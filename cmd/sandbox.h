/*
 * sandbox: dumpctl gives up what it no longer needs before it reads a report.
 *
 * After cmd_sandbox() the process can gain no privileges (no_new_privs), and where the
 * kernel has Landlock it can open, create, remove and execute no file, nor use TCP, but
 * for the folders named. What is open already stays usable: so inputs, outputs, the pager
 * and the terminal's description (curses) are opened before. There is no way back.
 */
#ifndef DUMPCTL_CMD_SANDBOX_H
#define DUMPCTL_CMD_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

enum {
    CMD_ALLOW_READ = 1 << 0,    /* list the folder, read the files below it */
    CMD_ALLOW_REPLACE = 1 << 1, /* create, rename, remove and write files below it */
};

struct cmd_allowed {
    const char *path; /* a folder; with CMD_ALLOW_READ a file will do; NULL: no entry */
    unsigned rights;
};

/*
 * Binds the calling thread and those that it starts later; call it while there is only
 * one. A path that does not exist is left out. Returns true where Landlock is in force,
 * false where only no_new_privs is: the kernel has none, or the program was built with
 * sanitizers or coverage, whose run-time parts open files of their own at the end.
 */
bool cmd_sandbox(const struct cmd_allowed *allowed, size_t count);

#endif
