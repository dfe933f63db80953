/*
 * follow: which files of some folders may have changed, as the kernel tells (inotify(7)).
 *
 * A folder is followed for the reports in it (cmd/folder.h), a file for itself, by way of
 * its folder: so a file that is put in the place of another is seen, and one that is not
 * there yet. What is in a file, and whether it is there, finds out who is told.
 */
#ifndef DUMPCTL_CMD_FOLLOW_H
#define DUMPCTL_CMD_FOLLOW_H

#include "cmd/sandbox.h"
#include "lib/error.h"

/* Whom to tell. 0, or -1: no more is to be told. Paths last only for the call. */
struct cmd_follow_ops {
    void *ctx;
    /* The file has been written or put there, or it has gone. `inside`: it is one of a
       folder that was named. */
    int (*file)(void *ctx, const char *path, bool inside);
    /* Whatever was told before may have changed: the kernel has lost count, or a folder
       is gone with what was in it. What is there is told after it, file by file. */
    int (*all)(void *ctx);
};

struct cmd_follow_place {
    int wd;           /* of the folder; -1: it is gone */
    char *folder;     /* owned */
    const char *only; /* the name of the one file; NULL: all reports of the folder */
    const char *path; /* as it was named; borrowed */
};

struct cmd_follow {
    int fd; /* readable where there is something to tell; does not block */
    struct cmd_follow_place *places;
    struct cmd_allowed *folders; /* `count` of them: what the sandbox must leave open */
    size_t count;
    size_t lost; /* places whose folder is gone */
};

/*
 * Begins to follow folders and files; of a file the folder must exist. 0, or -1 with
 * `err` set. cmd_follow_close() must follow in both cases; `operands` must outlive it.
 */
int cmd_follow_open(struct cmd_follow *follow, char **operands, size_t count,
                    struct dc_error *err) DC_MUST_USE;

/* Tells every file that is there, in the order of the operands and of their names. 0, or
   -1 where `ops` gave that. A folder that cannot be read has none. */
int cmd_follow_scan(const struct cmd_follow *follow,
                    const struct cmd_follow_ops *ops) DC_MUST_USE;

/* Tells what has happened; at most some thousand events, then follow->fd is readable
   still. As above. */
int cmd_follow_take(struct cmd_follow *follow,
                    const struct cmd_follow_ops *ops) DC_MUST_USE;

/* The path of the first place that is gone; NULL: none is. */
const char *cmd_follow_lost(const struct cmd_follow *follow);

void cmd_follow_close(struct cmd_follow *follow);

#endif
