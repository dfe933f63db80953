#include "cmd/atomic.h"

#include "cmd/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ATTEMPTS = 100 };

/* Puts the path to an error that dc_fail() has made and drops everything. Returns -1. */
static int of_file(struct cmd_atomic *file, struct dc_error *err) {
    if (err)
        err->file = file->path;
    cmd_atomic_abort(file);
    return -1;
}

/* Splits the path into file->folder and file->name. 0, or an errno value. */
static int split(struct cmd_atomic *file, const char *path) {
    const char *slash = strrchr(path, '/');
    file->name = strdup(slash ? slash + 1 : path);
    file->folder =
        slash ? strndup(path, slash > path ? (size_t)(slash - path) : 1) : strdup(".");
    if (!file->name || !file->folder)
        return ENOMEM;
    return 0;
}

/* As split(); an existing file is found behind its symbolic links. */
static int resolve(struct cmd_atomic *file, bool exists) {
    char *real = exists ? realpath(file->path, NULL) : NULL;
    if (exists && !real)
        return errno;
    int status = split(file, real ? real : file->path);
    free(real);
    return status;
}

/* 0, or an errno value. */
static int open_folder(struct cmd_atomic *file) {
    int flags = O_DIRECTORY | O_CLOEXEC;
    file->folder_fd = open(file->folder, O_RDONLY | flags);
    /* A folder that may be written but not listed will do; it cannot be synced. */
    if (file->folder_fd < 0 && errno == EACCES)
        file->folder_fd = open(file->folder, O_PATH | flags);
    return file->folder_fd < 0 ? errno : 0;
}

/* 0, or an errno value. */
static int create(struct cmd_atomic *file) {
    for (int i = 0; i < ATTEMPTS; i++) {
        uint64_t random;
        if (getrandom(&random, sizeof(random), 0) != sizeof(random))
            return errno;
        snprintf(file->temporary, sizeof(file->temporary), ".dumpctl-%016" PRIx64,
                 random);
        file->fd = openat(file->folder_fd, file->temporary,
                          O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                          S_IRUSR | S_IWUSR);
        if (file->fd >= 0)
            return 0;
        if (errno != EEXIST)
            break;
    }
    *file->temporary = '\0';
    return errno;
}

static int exists_already(struct cmd_atomic *file, struct dc_error *err) {
    dc_fail(err, DC_EIO, "exists already; --force replaces it");
    of_file(file, err);
    file->taken = true;
    return -1;
}

static int open_direct(struct cmd_atomic *file, struct dc_error *err) {
    file->fd = open(file->path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (file->fd >= 0)
        return 0;
    dc_fail_errno(err, DC_EIO, errno, "cannot be opened for writing");
    return of_file(file, err);
}

static int open_temporary(struct cmd_atomic *file, bool exists, struct dc_error *err) {
    int why = resolve(file, exists);
    if (!why)
        why = open_folder(file);
    bool no_folder = why == ENOENT && !exists;
    if (!why)
        why = create(file);
    if (!why)
        return 0;
    if (no_folder)
        dc_fail(err, DC_EIO, "cannot be created: its folder does not exist");
    else if (why == ENOENT) /* /proc, or a folder that was deleted */
        dc_fail(err, DC_EIO, "cannot be created: its folder takes no new files");
    else
        dc_fail_errno(err, DC_EIO, why, "cannot be created");
    return of_file(file, err);
}

/* Refuses what names no file. 0, or -1. */
static int check_name(struct cmd_atomic *file, bool exists, struct dc_error *err) {
    size_t length = strlen(file->path);
    if (exists || (length > 0 && file->path[length - 1] != '/'))
        return 0;
    dc_fail(err, DC_EIO,
            length > 0 ? "names a folder, which does not exist; name a file"
                       : "the name of the output is empty");
    of_file(file, err);
    if (err && length == 0)
        err->file = NULL;
    return -1;
}

int cmd_atomic_open(struct cmd_atomic *file, const char *path, bool force,
                    struct dc_error *err) {
    struct stat target, link;
    *file = (struct cmd_atomic){.path = path, .folder_fd = -1, .fd = -1, .force = force};
    bool exists = stat(path, &target) == 0;
    if (!exists && errno != ENOENT) {
        dc_fail_errno(err, DC_EIO, errno, "cannot be created");
        return of_file(file, err);
    }
    if (check_name(file, exists, err))
        return -1;
    if (exists && S_ISDIR(target.st_mode)) {
        dc_fail(err, DC_EIO, "is a folder; name a file in it");
        return of_file(file, err);
    }
    if (exists && !S_ISREG(target.st_mode))
        return open_direct(file, err);
    /* The link itself stands there too when it points nowhere. */
    if (!force && (exists || lstat(path, &link) == 0))
        return exists_already(file, err);
    return open_temporary(file, exists, err);
}

static int sink_write(void *ctx, const char *data, size_t len) {
    struct cmd_atomic *file = ctx;
    if (file->failed)
        return -1;
    file->failed = cmd_fd_write(file->fd, data, len);
    if (file->failed)
        return -1;
    file->written += len;
    return 0;
}

struct dc_sink cmd_atomic_sink(struct cmd_atomic *file) {
    return (struct dc_sink){.write = sink_write, .ctx = file};
}

/* Without replacing, on file systems that know neither RENAME_NOREPLACE nor hard links:
   the name is taken by an empty file of ours first. */
static int rename_reserved(const struct cmd_atomic *file) {
    int fd = openat(file->folder_fd, file->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                    S_IRUSR | S_IWUSR);
    if (fd < 0)
        return errno;
    close(fd);
    if (renameat(file->folder_fd, file->temporary, file->folder_fd, file->name) == 0)
        return 0;
    int why = errno;
    unlinkat(file->folder_fd, file->name, 0);
    return why;
}

/* Gives the temporary file the target's name. 0, or an errno value. */
static int publish(const struct cmd_atomic *file) {
    int in = file->folder_fd;
    if (file->force)
        return renameat(in, file->temporary, in, file->name) < 0 ? errno : 0;
    if (renameat2(in, file->temporary, in, file->name, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return errno;
    if (linkat(in, file->temporary, in, file->name, 0) == 0) {
        unlinkat(in, file->temporary, 0);
        return 0;
    }
    if (errno == EEXIST)
        return errno;
    return rename_reserved(file);
}

/* Whether a descriptor was synced, or is of a kind that cannot be. */
static bool is_synced(int fd) {
    return fsync(fd) == 0 || errno == EINVAL || errno == EROFS || errno == EBADF ||
           errno == ENOTSUP;
}

/* Sync and close, whose faults are faults of writing. 0, or an errno value. */
static int end_writing(struct cmd_atomic *file) {
    int why = file->failed;
    if (!why && !is_synced(file->fd))
        why = errno;
    int fd = file->fd;
    file->fd = -1;
    if (close(fd) < 0 && !why && errno != EINTR)
        why = errno;
    return why;
}

int cmd_atomic_commit(struct cmd_atomic *file, struct dc_error *err) {
    int why = end_writing(file);
    if (why) {
        dc_fail_errno(err, DC_EIO, why, "cannot be written");
        return of_file(file, err);
    }
    if (!file->folder) {
        cmd_atomic_abort(file);
        return 0;
    }
    why = publish(file);
    if (why == EEXIST)
        return exists_already(file, err);
    if (why) {
        dc_fail_errno(err, DC_EIO, why, "cannot be put in place");
        return of_file(file, err);
    }
    *file->temporary = '\0';
    if (!is_synced(file->folder_fd)) {
        dc_fail_errno(err, DC_EIO, errno, "is written, but its folder cannot be synced");
        return of_file(file, err);
    }
    cmd_atomic_abort(file);
    return 0;
}

void cmd_atomic_abort(struct cmd_atomic *file) {
    if (!file->path)
        return;
    if (file->fd >= 0)
        close(file->fd);
    if (*file->temporary)
        unlinkat(file->folder_fd, file->temporary, 0);
    if (file->folder_fd >= 0)
        close(file->folder_fd);
    free(file->folder);
    free(file->name);
    *file = (struct cmd_atomic){.folder_fd = -1, .fd = -1};
}
