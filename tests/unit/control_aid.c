#include "tests/unit/control_aid.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
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

int aid_dial(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
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
