#include "tests/unit/control_aid.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define PATIENCE_MS 10000

void aid_socket_path(char path[AID_SOCKET]) {
    const char *tmp = getenv("TMPDIR");
    snprintf(path, AID_SOCKET, "%s/control.XXXXXX",
             tmp && strlen(tmp) < 64 ? tmp : "/tmp");
    if (!mkdtemp(path))
        abort();
    strcat(path, "/sock");
}

void aid_remove_folder(const char *path) {
    char folder[AID_SOCKET], file[AID_SOCKET + 256];
    snprintf(folder, sizeof(folder), "%s", path);
    *strrchr(folder, '/') = '\0';
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        snprintf(file, sizeof(file), "%s/%s", folder, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove(file);
    }
    if (dir)
        closedir(dir);
    rmdir(folder);
}

bool aid_connect(int fd, const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    return connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
}

int aid_dial(const char *path) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || aid_connect(fd, path))
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static bool ready(int fd, short events) {
    struct pollfd polled = {.fd = fd, .events = events};
    return poll(&polled, 1, PATIENCE_MS) == 1;
}

bool aid_send(int fd, const char *data, size_t len) {
    while (len > 0) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno != EAGAIN || !ready(fd, POLLOUT)))
            return false;
        if (n > 0) {
            data += n;
            len -= (size_t)n;
        }
    }
    return true;
}

bool aid_say(int fd, const char *text) {
    return aid_send(fd, text, strlen(text));
}

bool aid_hear(int fd, char reply[AID_REPLY]) {
    size_t used = 0;
    while (used + 1 < AID_REPLY && ready(fd, POLLIN) &&
           recv(fd, reply + used, 1, MSG_DONTWAIT) == 1) {
        if (reply[used] == '\n') {
            reply[used] = '\0';
            return true;
        }
        used++;
    }
    reply[used] = '\0';
    return false;
}

const char *aid_talk(int fd, const char *line, char reply[AID_REPLY]) {
    if (!aid_say(fd, line) || !aid_hear(fd, reply))
        *reply = '\0';
    return reply;
}

bool aid_is_dropped(int fd) {
    char lost[4096];
    ssize_t n = 1;
    while (n > 0 && ready(fd, POLLIN))
        n = recv(fd, lost, sizeof(lost), MSG_DONTWAIT);
    return n <= 0;
}

bool aid_has(const char *reply, const char *text) {
    bool has = strstr(reply, text) != NULL;
    if (!has) {
        unit_bytes("reply", reply, strlen(reply));
        unit_bytes("lacks", text, strlen(text));
    }
    return has;
}

static void on_status(void *context, struct cap_status *out) {
    struct aid_control *run = context;
    *out = (struct cap_status){
        .state = CAP_RUN_IDLE,
        .guest = "demo:\xff",
        .vcpus = AID_DESK_VCPUS,
        .uptime_ms = 1234,
        .captures = (uint64_t)atomic_fetch_add(&run->looks, 1),
        .triggers = {"latch"},
        .trigger_count = 1,
    };
}

static void on_stop(void *context) {
    atomic_fetch_add(&((struct aid_control *)context)->stops, 1);
}

struct aid_control *aid_control_begin(void) {
    struct aid_control *run = calloc(1, sizeof(*run));
    struct cap_control_hooks hooks = {on_status, on_stop, run};
    struct dc_error err;
    if (!run)
        abort();
    aid_socket_path(run->path);
    run->desk = aid_desk();
    run->control = cap_control_open(run->path, run->desk, &hooks, &err);
    if (!CHECK(run->control != NULL))
        abort();
    return run;
}

void aid_control_end(struct aid_control *run) {
    cap_desk_close(run->desk);
    CHECK(cap_control_close(run->control));
    CHECK_EQ_I64(access(run->path, F_OK), -1);
    cap_desk_free(run->desk);
    aid_remove_folder(run->path);
    free(run);
}

bool aid_wait_pending(struct aid_control *run) {
    uint64_t limit = cap_now_ns() + PATIENCE_MS * CAP_NS_PER_MS;
    while (!cap_desk_pending(run->desk) && cap_now_ns() < limit)
        sched_yield();
    return cap_desk_pending(run->desk);
}

bool aid_capture_by(struct aid_control *run, int client, const char *line,
                    enum cap_answer_code code) {
    return aid_say(client, line) && aid_wait_pending(run) && aid_serve(run->desk, code) &&
           aid_hear(client, run->reply);
}
