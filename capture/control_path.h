/*
 * control_path: the listening UNIX socket at a path, ours alone and for one run.
 *
 * A socket file outlives its process when that is killed. One where nobody listens any more
 * is replaced; one where somebody does, and anything that is no socket, stays untouched.
 */
#ifndef DUMPCTL_CAPTURE_CONTROL_PATH_H
#define DUMPCTL_CAPTURE_CONTROL_PATH_H

#include <sys/types.h>

#include "lib/error.h"

struct cap_control_path {
    int fd;           /* listens, non-blocking */
    const char *path; /* borrowed */
    dev_t device;     /* of the file that was made */
    ino_t inode;
};

/*
 * Makes the socket with mode 0600; from the first moment on nobody else can connect. Two
 * programs that want the same path at the same time do not both get it. At most a second.
 * -1: DC_EUSAGE where the path cannot be had, DC_EIO and others where the system refuses;
 * err->file borrows `path`.
 */
int cap_control_path_open(struct cap_control_path *self, const char *path,
                          struct dc_error *err) DC_MUST_USE;

/* Removes the file, if it is still the one that was made. The socket goes on listening. */
void cap_control_path_remove(const struct cap_control_path *self);

#endif
