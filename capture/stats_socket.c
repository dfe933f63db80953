#include "capture/stats_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "capture/stats_client.h"

int cap_stats_address(struct sockaddr_un *address, const char *path,
                      struct dc_error *err) {
    size_t len = strlen(path), most = sizeof(address->sun_path) - 1;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (len == 0)
        return dc_fail(err, DC_EUSAGE, "the path of the statistics socket is empty");
    if (len > most)
        return dc_fail(err, DC_EUSAGE,
                       "the path of the statistics socket has %zu bytes, and that of a "
                       "socket has %zu at most; use one relative to the current folder, "
                       "or a link",
                       len, most);
    memcpy(address->sun_path, path, len);
    return 0;
}

int cap_stats_connect(const struct sockaddr_un *address, int *fd) {
    if (*fd < 0)
        *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd < 0)
        return errno;
    int rc;
    do
        rc = connect(*fd, (const struct sockaddr *)address, sizeof(*address));
    while (rc != 0 && errno == EINTR);
    return rc == 0 ? 0 : errno;
}

bool cap_stats_is_no_socket(const struct sockaddr_un *address) {
    struct stat st;
    return stat(address->sun_path, &st) == 0 && !S_ISSOCK(st.st_mode);
}

const char *cap_stats_errno_name(int error) {
    const char *name = strerrorname_np(error);
    return name ? name : "errno";
}

static const char *cause_of(const struct sockaddr_un *address, int error) {
    switch (error) {
    case ENOENT:
        if (strcmp(address->sun_path, CAP_STATS_PATH) != 0)
            return "there is no such socket";
        return "there is no such socket: no scheduler that offers statistics has run "
               "since the machine started";
    case ECONNREFUSED:
        if (cap_stats_is_no_socket(address))
            return "what is there is not a socket";
        return "nobody listens there: the scheduler that made the socket has ended";
    case EACCES:
    case EPERM:
        return "no permission to connect: the socket needs write permission, try as root";
    case EPROTOTYPE:
        return "the socket there is of another kind, not that of a scheduler";
    default:
        return "cannot connect";
    }
}

void cap_stats_explain(const struct sockaddr_un *address, int error,
                       struct dc_error *err) {
    dc_fail(err, DC_EIO, "%s: %s (%s, %s)", address->sun_path, cause_of(address, error),
            cap_stats_errno_name(error), strerrordesc_np(error));
}
