#include "cmd/follow.h"

#include "cmd/folder.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* Written and closed, renamed into place or away, removed; and IN_CREATE for names that are
   there whole at once (is_whole()). */
enum {
    GONE = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED,
    WANTED = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE |
             IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR,
};

/* ---- opening ---- */

static bool is_folder(const char *path) {
    struct stat stat_of;
    return stat(path, &stat_of) == 0 && S_ISDIR(stat_of.st_mode);
}

/* The folder of a path, and where the name in it begins. */
static char *split(const char *path, const char **name) {
    const char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    if (!slash)
        return strdup(".");
    return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

static int watch(const struct cmd_follow *follow, struct cmd_follow_place *place,
                 struct dc_error *err) {
    place->wd = inotify_add_watch(follow->fd, place->folder, WANTED);
    if (place->wd >= 0)
        return 0;
    dc_fail_errno(err, DC_EIO, errno, "its folder cannot be followed%s",
                  errno == ENOSPC
                      ? " (all watches are in use: sysctl fs.inotify.max_user_watches)"
                      : "");
    err->file = place->path;
    return -1;
}

static int add(struct cmd_follow *follow, const char *path, struct dc_error *err) {
    struct cmd_follow_place *place = &follow->places[follow->count];
    *place = (struct cmd_follow_place){.wd = -1, .path = path};
    place->folder = is_folder(path) ? strdup(path) : split(path, &place->only);
    if (!place->folder)
        return dc_fail(err, DC_ENOMEM, "out of memory for the list of folders");
    follow->folders[follow->count++] =
        (struct cmd_allowed){place->folder, CMD_ALLOW_READ};
    if (!place->only || *place->only)
        return watch(follow, place, err);
    dc_fail(err, DC_EIO, "there is no such folder to follow");
    err->file = path;
    return -1;
}

int cmd_follow_open(struct cmd_follow *follow, char **operands, size_t count,
                    struct dc_error *err) {
    *follow = (struct cmd_follow){.fd = -1};
    follow->places = calloc(count, sizeof(*follow->places));
    follow->folders = calloc(count, sizeof(*follow->folders));
    if (!follow->places || !follow->folders)
        return dc_fail(err, DC_ENOMEM, "out of memory for the list of folders");
    follow->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (follow->fd < 0)
        return dc_fail_errno(err, DC_EIO, errno, "files cannot be followed%s",
                             errno == EMFILE ? " (sysctl fs.inotify.max_user_instances)"
                                             : "");
    for (size_t i = 0; i < count; i++)
        if (add(follow, operands[i], err) < 0)
            return -1;
    return 0;
}

void cmd_follow_close(struct cmd_follow *follow) {
    for (size_t i = 0; i < follow->count; i++)
        free(follow->places[i].folder);
    free(follow->places);
    free(follow->folders);
    if (follow->fd >= 0)
        close(follow->fd);
    *follow = (struct cmd_follow){.fd = -1};
}

const char *cmd_follow_lost(const struct cmd_follow *follow) {
    for (size_t i = 0; i < follow->count; i++)
        if (follow->places[i].wd < 0)
            return follow->places[i].folder;
    return NULL;
}

/* ---- telling ---- */

/* A file of two places is told as that of the first, so that it has one path. */
static const struct cmd_follow_place *place_of(const struct cmd_follow *follow, int wd,
                                               const char *name) {
    for (size_t i = 0; i < follow->count; i++) {
        const struct cmd_follow_place *place = &follow->places[i];
        bool wanted =
            place->only ? strcmp(place->only, name) == 0 : cmd_folder_is_report(name);
        if (place->wd == wd && wanted)
            return place;
    }
    return NULL;
}

/* A name that is new can be of a file that will be written and then closed, which is told
   later; not so a link. */
static bool is_whole(const char *path) {
    struct stat stat_of;
    return lstat(path, &stat_of) == 0 &&
           (S_ISLNK(stat_of.st_mode) || stat_of.st_nlink > 1);
}

static int tell(const struct cmd_follow *follow, int wd, const char *name, bool created,
                const struct cmd_follow_ops *ops) {
    const struct cmd_follow_place *place = place_of(follow, wd, name);
    if (!place)
        return 0;
    char *joined = place->only ? NULL : cmd_folder_join(place->folder, name);
    const char *path = place->only ? place->path : joined;
    int rc = 0;
    if (path && (!created || is_whole(path)))
        rc = ops->file(ops->ctx, path, !place->only);
    free(joined);
    return path ? rc : -1;
}

static int scan_folder(const struct cmd_follow *follow,
                       const struct cmd_follow_place *place,
                       const struct cmd_follow_ops *ops) {
    struct dirent **names;
    int n = cmd_folder_list(place->folder, &names), rc = 0;
    for (int i = 0; i < n; i++) {
        if (rc == 0 && place_of(follow, place->wd, names[i]->d_name) == place)
            rc = tell(follow, place->wd, names[i]->d_name, false, ops);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return rc;
}

int cmd_follow_scan(const struct cmd_follow *follow, const struct cmd_follow_ops *ops) {
    for (size_t i = 0; i < follow->count; i++) {
        const struct cmd_follow_place *place = &follow->places[i];
        struct stat stat_of;
        int rc = 0;
        if (place->wd < 0)
            continue;
        if (!place->only)
            rc = scan_folder(follow, place, ops);
        else if (lstat(place->path, &stat_of) == 0)
            rc = tell(follow, place->wd, place->only, false, ops);
        if (rc < 0)
            return -1;
    }
    return 0;
}

/* ---- events ---- */

static void lose(struct cmd_follow *follow, int wd) {
    for (size_t i = 0; i < follow->count; i++) {
        if (follow->places[i].wd != wd)
            continue;
        follow->places[i].wd = -1;
        follow->lost++;
    }
    inotify_rm_watch(follow->fd, wd); /* of one that is gone it does nothing */
}

static bool is_watched(const struct cmd_follow *follow, int wd) {
    for (size_t i = 0; i < follow->count; i++)
        if (follow->places[i].wd == wd)
            return true;
    return false;
}

static int take_event(struct cmd_follow *follow, const struct inotify_event *event,
                      const struct cmd_follow_ops *ops) {
    if (event->mask & IN_Q_OVERFLOW)
        return ops->all(ops->ctx) < 0 ? -1 : cmd_follow_scan(follow, ops);
    if (!is_watched(follow, event->wd))
        return 0;
    if (event->mask & GONE) {
        lose(follow, event->wd);
        return ops->all(ops->ctx);
    }
    if (event->len == 0 || event->mask & IN_ISDIR)
        return 0;
    return tell(follow, event->wd, event->name, event->mask & IN_CREATE, ops);
}

int cmd_follow_take(struct cmd_follow *follow, const struct cmd_follow_ops *ops) {
    enum { READS = 16 };
    _Alignas(struct inotify_event) char buffer[16 << 10];
    for (int i = 0; i < READS; i++) {
        ssize_t n = read(follow->fd, buffer, sizeof(buffer));
        if (n <= 0) /* EAGAIN: that was all */
            return 0;
        for (ssize_t at = 0; at < n;) {
            const struct inotify_event *event = (const void *)(buffer + at);
            if (take_event(follow, event, ops) < 0)
                return -1;
            at += (ssize_t)(sizeof(*event) + event->len);
        }
    }
    return 0;
}
