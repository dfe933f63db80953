/*
 * folder: operands that may be folders of reports.
 *
 * A folder stands for the files in it whose names end in .json, .jsonl or .ndjson and do
 * not begin with a dot, in the order of their names; it is not descended into.
 */
#ifndef DUMPCTL_CMD_FOLDER_H
#define DUMPCTL_CMD_FOLDER_H

#include "cmd/sandbox.h"
#include "lib/error.h"

#include <dirent.h>

struct cmd_folder {
    char **paths; /* one for each file; terminated by NULL */
    bool *inside; /* for each: it stands for a folder */
    size_t count, room;
    struct cmd_allowed *folders; /* that were named: files in them may be read later */
    size_t n_folders;
};

/* Whether a file of that name in a folder is one of its reports. */
bool cmd_folder_is_report(const char *name);

/* The names of the reports in a folder, in order, as scandir(3) gives and returns them. */
int cmd_folder_list(const char *path, struct dirent ***names);

/* The path of a file in a folder, to be freed; NULL without memory. */
char *cmd_folder_join(const char *path, const char *name) DC_MUST_USE;

/* 0, or -1 with `err` set: a folder cannot be read, or has no report. In both cases
   cmd_folder_close() must follow. `operands` must outlive it. */
int cmd_folder_open(struct cmd_folder *folder, char **operands, size_t count,
                    struct dc_error *err) DC_MUST_USE;
void cmd_folder_close(struct cmd_folder *folder);

#endif
