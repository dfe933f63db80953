/*
 * The file of the control socket: whose it is, who may connect, what is replaced.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "capture/control_path.h"
#include "tests/unit/control_aid.h"

static mode_t mode_of(const char *path) {
    struct stat st;
    return lstat(path, &st) == 0 ? st.st_mode : 0;
}

/* A socket at the path whose process is gone. */
static void leave_stale(const char *path) {
    struct cap_control_path socket;
    struct dc_error err;
    CHECK_EQ_I64(cap_control_path_open(&socket, path, &err), 0);
    close(socket.fd);
    CHECK(S_ISSOCK(mode_of(path)));
}

static void is_private(void) {
    static const mode_t masks[] = {0, 022, 077};
    char path[AID_SOCKET];
    aid_socket_path(path);
    for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
        struct cap_control_path socket;
        struct dc_error err;
        mode_t old = umask(masks[i]);
        CHECK_EQ_I64(cap_control_path_open(&socket, path, &err), 0);
        umask(old);
        CHECK_EQ_U64(mode_of(path), S_IFSOCK | 0600);
        CHECK(fcntl(socket.fd, F_GETFD) & FD_CLOEXEC);
        CHECK(fcntl(socket.fd, F_GETFL) & O_NONBLOCK);
        int client = aid_dial(path);
        CHECK(client >= 0);
        close(client);
        cap_control_path_remove(&socket);
        CHECK_EQ_U64(mode_of(path), 0);
        cap_control_path_remove(&socket);
        close(socket.fd);
    }
    aid_remove_folder(path);
}

static void replaces_what_is_stale(void) {
    char path[AID_SOCKET];
    struct cap_control_path socket;
    struct dc_error err;

    aid_socket_path(path);
    leave_stale(path);
    CHECK_EQ_I64(aid_dial(path), -1);
    CHECK_EQ_I64(errno, ECONNREFUSED);
    CHECK_EQ_I64(cap_control_path_open(&socket, path, &err), 0);
    int client = aid_dial(path);
    CHECK(client >= 0);
    close(client);
    cap_control_path_remove(&socket);
    close(socket.fd);
    aid_remove_folder(path);
}

static void check_refused(const char *path, enum dc_code code, const char *why) {
    struct cap_control_path socket;
    struct dc_error err = {0};
    mode_t before = mode_of(path);

    if (!CHECK_EQ_I64(cap_control_path_open(&socket, path, &err), -1))
        return;
    CHECK_EQ_I64(socket.fd, -1);
    CHECK_EQ_U64(err.code, code);
    CHECK(err.file == path);
    CHECK(aid_has(err.message, why));
    CHECK_EQ_U64(mode_of(path), before);
}

/* Does not wait where too many wait already. */
static int knock(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

static void refuses_where_somebody_listens(void) {
    char path[AID_SOCKET];
    struct cap_control_path socket;
    struct dc_error err;
    int clients[256], count = 0;

    aid_socket_path(path);
    CHECK_EQ_I64(cap_control_path_open(&socket, path, &err), 0);
    check_refused(path, DC_EUSAGE, "another program listens");
    while (count < 256 && (clients[count] = knock(path)) >= 0)
        count++;
    CHECK(count < 256); /* no more fit: the next look cannot connect either */
    check_refused(path, DC_EUSAGE, "another program listens");
    while (count > 0)
        close(clients[--count]);
    cap_control_path_remove(&socket);
    close(socket.fd);
    aid_remove_folder(path);
}

static void refuses_what_is_no_socket(void) {
    char path[AID_SOCKET], target[AID_SOCKET + 8];

    aid_socket_path(path);
    close(open(path, O_WRONLY | O_CREAT, 0644));
    check_refused(path, DC_EUSAGE, "no socket");
    unlink(path);
    mkdir(path, 0755);
    check_refused(path, DC_EUSAGE, "no socket");
    rmdir(path);
    mkfifo(path, 0644);
    check_refused(path, DC_EUSAGE, "no socket");
    unlink(path);
    snprintf(target, sizeof(target), "%s-real", path); /* a link to a stale socket */
    leave_stale(target);
    CHECK_EQ_I64(symlink(target, path), 0);
    check_refused(path, DC_EUSAGE, "no socket");
    CHECK(S_ISSOCK(mode_of(target)));
    aid_remove_folder(path);
}

static void refuses_another_kind_of_socket(void) {
    char path[AID_SOCKET];
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    aid_socket_path(path);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CHECK_EQ_I64(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    check_refused(path, DC_EUSAGE, "another program listens");
    close(fd);
    aid_remove_folder(path);
}

static void refuses_bad_paths(void) {
    char longest[108], longer[109], path[AID_SOCKET], missing[AID_SOCKET + 8];

    memset(longest, 'x', sizeof(longest));
    memset(longer, 'x', sizeof(longer));
    longest[sizeof(longest) - 1] = longer[sizeof(longer) - 1] = '\0';
    check_refused("", DC_EUSAGE, "empty");
    check_refused(longer, DC_EUSAGE, "108 bytes, and that of a socket has 107 at most");
    aid_socket_path(path);
    snprintf(missing, sizeof(missing), "%s/no/x", path);
    check_refused(missing, DC_EIO, "No such file or directory");
    *strrchr(path, '/') = '\0';
    if (!CHECK_EQ_I64(chdir(path), 0)) /* the folder is ours: the name may be any */
        return;
    struct cap_control_path socket;
    struct dc_error err;
    CHECK_EQ_I64(cap_control_path_open(&socket, longest, &err), 0);
    CHECK_EQ_U64(mode_of(longest), S_IFSOCK | 0600);
    cap_control_path_remove(&socket);
    close(socket.fd);
    CHECK_EQ_I64(chdir("/"), 0);
    strcat(path, "/x");
    aid_remove_folder(path);
}

static void removes_only_its_own(void) {
    char path[AID_SOCKET], moved[AID_SOCKET + 8];
    struct cap_control_path mine, other;
    struct dc_error err;

    aid_socket_path(path);
    snprintf(moved, sizeof(moved), "%s-moved", path);
    CHECK_EQ_I64(cap_control_path_open(&mine, path, &err), 0);
    CHECK_EQ_I64(rename(path, moved), 0);
    cap_control_path_remove(&mine); /* nothing is there */
    CHECK_EQ_I64(cap_control_path_open(&other, path, &err), 0);
    cap_control_path_remove(&mine);
    CHECK(S_ISSOCK(mode_of(path)));
    CHECK(S_ISSOCK(mode_of(moved)));
    cap_control_path_remove(&other);
    CHECK_EQ_U64(mode_of(path), 0);
    close(mine.fd);
    close(other.fd);
    aid_remove_folder(path);
}

#define RIVALS 4

struct rival {
    const char *path;
    atomic_int *ready;
    struct cap_control_path socket;
    int rc;
    pthread_t thread;
};

static void *claim(void *arg) {
    struct rival *self = arg;
    struct dc_error err;
    atomic_fetch_add(self->ready, 1);
    while (atomic_load(self->ready) < RIVALS)
        sched_yield();
    self->rc = cap_control_path_open(&self->socket, self->path, &err);
    return NULL;
}

/* Several find the same stale file: one gets the path, and keeps it. */
static void one_of_several_gets_a_stale_path(void) {
    char path[AID_SOCKET];

    aid_socket_path(path);
    for (int turn = 0; turn < 50; turn++) {
        struct rival rivals[RIVALS];
        atomic_int ready = 0;
        int won = 0;
        leave_stale(path);
        for (int i = 0; i < RIVALS; i++) {
            rivals[i] = (struct rival){.path = path, .ready = &ready};
            if (pthread_create(&rivals[i].thread, NULL, claim, &rivals[i]))
                abort();
        }
        for (int i = 0; i < RIVALS; i++)
            pthread_join(rivals[i].thread, NULL);
        int client = aid_dial(path);
        CHECK(client >= 0);
        close(client);
        for (int i = 0; i < RIVALS; i++) {
            won += rivals[i].rc == 0;
            if (rivals[i].rc == 0) {
                cap_control_path_remove(&rivals[i].socket);
                close(rivals[i].socket.fd);
            }
        }
        CHECK_EQ_I64(won, 1);
        CHECK_EQ_U64(mode_of(path), 0);
    }
    aid_remove_folder(path);
}

int main(void) {
    UNIT_RUN(is_private);
    UNIT_RUN(replaces_what_is_stale);
    UNIT_RUN(refuses_where_somebody_listens);
    UNIT_RUN(refuses_what_is_no_socket);
    UNIT_RUN(refuses_another_kind_of_socket);
    UNIT_RUN(refuses_bad_paths);
    UNIT_RUN(removes_only_its_own);
    UNIT_RUN(one_of_several_gets_a_stale_path);
    return unit_done();
}
