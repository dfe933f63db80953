#include "cmd/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool ends_in(const char *name, const char *end) {
    size_t len = strlen(name), n = strlen(end);
    return len > n && strcmp(name + len - n, end) == 0;
}

bool cmd_folder_is_report(const char *name) {
    static const char *const ends[] = {".json", ".jsonl", ".ndjson"};
    if (name[0] == '.')
        return false;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (ends_in(name, ends[i]))
            return true;
    return false;
}

static int is_report(const struct dirent *entry) {
    return cmd_folder_is_report(entry->d_name);
}

int cmd_folder_list(const char *path, struct dirent ***names) {
    return scandir(path, names, is_report, alphasort);
}

static bool is_folder(const char *path) {
    struct stat stat_of;
    return stat(path, &stat_of) == 0 && S_ISDIR(stat_of.st_mode);
}

/* Takes `path`, also where it fails. */
static int add(struct cmd_folder *folder, char *path, bool inside, struct dc_error *err) {
    if (path && folder->count + 1 >= folder->room) {
        size_t room = folder->room ? folder->room * 2 : 16;
        void *paths = reallocarray(folder->paths, room, sizeof(char *));
        if (paths)
            folder->paths = paths;
        void *marks = reallocarray(folder->inside, room, sizeof(bool));
        if (marks)
            folder->inside = marks;
        if (paths && marks)
            folder->room = room;
    }
    if (!path || folder->count + 1 >= folder->room) {
        free(path);
        return dc_fail(err, DC_ENOMEM, "out of memory for the list of files");
    }
    folder->inside[folder->count] = inside;
    folder->paths[folder->count++] = path;
    folder->paths[folder->count] = NULL;
    return 0;
}

char *cmd_folder_join(const char *path, const char *name) {
    char *joined = NULL;
    size_t len = strlen(path);
    bool slash = len > 0 && path[len - 1] == '/';
    return asprintf(&joined, "%s%s%s", path, slash ? "" : "/", name) < 0 ? NULL : joined;
}

static int add_folder(struct cmd_folder *folder, const char *path, struct dc_error *err) {
    struct dirent **names;
    int n = cmd_folder_list(path, &names), rc = 0;
    if (n < 0) {
        dc_fail_errno(err, DC_EIO, errno, "the folder cannot be read");
        err->file = path;
        return -1;
    }
    for (int i = 0; i < n; i++) {
        if (rc == 0)
            rc = add(folder, cmd_folder_join(path, names[i]->d_name), true, err);
        free(names[i]);
    }
    free(names);
    folder->folders[folder->n_folders++] = (struct cmd_allowed){path, CMD_ALLOW_READ};
    if (n > 0)
        return rc;
    dc_fail(err, DC_EIO, "the folder has no report (*.json, *.jsonl or *.ndjson)");
    err->file = path;
    return -1;
}

int cmd_folder_open(struct cmd_folder *folder, char **operands, size_t count,
                    struct dc_error *err) {
    *folder = (struct cmd_folder){.count = 0};
    folder->folders = calloc(count ? count : 1, sizeof(*folder->folders));
    if (!folder->folders)
        return dc_fail(err, DC_ENOMEM, "out of memory for the list of files");
    for (size_t i = 0; i < count; i++) {
        int rc = is_folder(operands[i]) ? add_folder(folder, operands[i], err)
                                        : add(folder, strdup(operands[i]), false, err);
        if (rc < 0)
            return -1;
    }
    return 0;
}

void cmd_folder_close(struct cmd_folder *folder) {
    for (size_t i = 0; i < folder->count; i++)
        free(folder->paths[i]);
    free(folder->paths);
    free(folder->inside);
    free(folder->folders);
    *folder = (struct cmd_folder){.count = 0};
}
