#include "capture/control_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "capture/clock.h"

#define BACKLOG 16
#define LOCK_LIMIT_NS CAP_NS_PER_S
#define LOCK_SLICE_NS (10 * CAP_NS_PER_MS)

static int new_socket(struct dc_error *err) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        dc_fail_errno(err, DC_EINTERNAL, errno, "cannot make a socket");
    return fd;
}

static int set_address(struct sockaddr_un *address, const char *path,
                       struct dc_error *err) {
    size_t len = strlen(path), most = sizeof(address->sun_path) - 1;

    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (len == 0)
        return dc_fail(err, DC_EUSAGE, "the path of the control socket is empty");
    if (len > most)
        return dc_fail(err, DC_EUSAGE,
                       "the path has %zu bytes, and that of a socket has %zu at most; "
                       "use a shorter one, or one relative to the current folder",
                       len, most);
    memcpy(address->sun_path, path, len);
    return 0;
}

/*
 * Between the look at a stale file and our own socket's listen(), another dumpctl could find
 * the same, and remove what we have just made. A lock on the folder keeps it out. Anybody
 * who may read the folder can hold that lock: it is waited for, but not relied on.
 */
static int lock_folder(const char *path) {
    char *folder = strdup(path);
    uint64_t limit = cap_now_ns() + LOCK_LIMIT_NS;
    if (!folder)
        return -1;
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder ? 1 : 0] = '\0';
    int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && cap_now_ns() < limit)
        nanosleep(&(struct timespec){.tv_nsec = LOCK_SLICE_NS}, NULL);
    return fd;
}

static int refuse_listener(struct dc_error *err) {
    return dc_fail(err, DC_EUSAGE,
                   "another program listens there; choose another path, or end it");
}

/* What stands at the path is a socket: removes it if nobody listens. */
static int remove_stale(const struct sockaddr_un *address, struct dc_error *err) {
    int probe = new_socket(err);
    if (probe < 0)
        return -1;
    int error = 0;
    if (connect(probe, (const struct sockaddr *)address, sizeof(*address)) != 0)
        error = errno;
    close(probe);
    if (error == 0 || error == EAGAIN || error == EINPROGRESS || error == EPROTOTYPE)
        return refuse_listener(err);
    if (error == ECONNREFUSED && unlink(address->sun_path) != 0)
        error = errno;
    if (error == ECONNREFUSED || error == ENOENT)
        return 0;
    return dc_fail_errno(err, DC_EIO, error, "cannot replace the socket that is there");
}

static int make_room(const struct sockaddr_un *address, struct dc_error *err) {
    struct stat st;

    if (lstat(address->sun_path, &st) != 0) {
        if (errno == ENOENT)
            return 0;
        return dc_fail_errno(err, DC_EIO, errno, "cannot make the control socket");
    }
    if (!S_ISSOCK(st.st_mode))
        return dc_fail(err, DC_EUSAGE,
                       "there is something that is no socket; choose another path for "
                       "the control socket");
    return remove_stale(address, err);
}

/* The mode that the socket has before bind() is that of the file, less the umask: it is
   never wider than this, not for a moment. */
static int bind_private(struct cap_control_path *self, const struct sockaddr_un *address,
                        struct dc_error *err) {
    struct stat st;

    if (fchmod(self->fd, S_IRUSR | S_IWUSR) != 0 ||
        bind(self->fd, (const struct sockaddr *)address, sizeof(*address)) != 0)
        return dc_fail_errno(err, DC_EIO, errno, "cannot make the control socket");
    if (lstat(self->path, &st) != 0)
        return dc_fail_errno(err, DC_EIO, errno, "cannot make the control socket");
    self->device = st.st_dev;
    self->inode = st.st_ino;
    int rc = 0;
    if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        rc = dc_fail(err, DC_EIO,
                     "the control socket would be open to others: this file system "
                     "does not take its mode");
    else if (listen(self->fd, BACKLOG) != 0)
        rc = dc_fail_errno(err, DC_EIO, errno, "cannot listen");
    if (rc)
        cap_control_path_remove(self);
    return rc;
}

int cap_control_path_open(struct cap_control_path *self, const char *path,
                          struct dc_error *err) {
    struct sockaddr_un address;
    int rc = -1;

    *self = (struct cap_control_path){.fd = -1, .path = path};
    if (set_address(&address, path, err) == 0 && (self->fd = new_socket(err)) >= 0) {
        int lock = lock_folder(path);
        rc = make_room(&address, err);
        if (rc == 0)
            rc = bind_private(self, &address, err);
        if (lock >= 0)
            close(lock);
    }
    if (rc == 0)
        return 0;
    if (self->fd >= 0)
        close(self->fd);
    self->fd = -1;
    if (err)
        err->file = path;
    return -1;
}

void cap_control_path_remove(const struct cap_control_path *self) {
    struct stat st;

    if (lstat(self->path, &st) == 0 && S_ISSOCK(st.st_mode) &&
        st.st_dev == self->device && st.st_ino == self->inode)
        unlink(self->path);
}
