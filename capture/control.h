/*
 * control: the control socket of a run: others ask for captures, for the state, for the end.
 *
 * A UNIX stream socket, served by one thread named "control" with poll(2). The language is
 * in capture/control_line.h. The thread asks at the desk (capture/desk.h) like everybody
 * else, and never waits there: the desk wakes it. While nobody says anything it sleeps.
 *
 * No client holds up another, the coordinator, or the end of the run: sockets do not block,
 * a line has 4 KiB at most, and who does not fetch its answers until its socket is full is
 * dropped. There are 16 clients at most; the 17th takes the place of the one that has been
 * silent longest and waits for no capture.
 *
 * The desk and what the hooks use must outlive the control socket.
 */
#ifndef DUMPCTL_CAPTURE_CONTROL_H
#define DUMPCTL_CAPTURE_CONTROL_H

#include <stdbool.h>

#include "capture/control_line.h"
#include "capture/desk.h"
#include "lib/error.h"

#define CAP_CONTROL_CLIENTS 16
#define CAP_CONTROL_LINE 4096 /* bytes, with the newline */

/* Fills *out, which is zero. Called by the control thread at any time between open and close:
   it must not block, and reads nothing that another thread writes without atomics. */
typedef void cap_status_fn(void *context, struct cap_status *out);

struct cap_control_hooks {
    cap_status_fn *status;
    void (*stop)(void *context); /* ends the run as SIGTERM would; must not block */
    void *context;               /* of both */
};

struct cap_control;

/*
 * Makes the socket and starts the thread. To be called before the guest runs: nothing can
 * fail afterwards. -1 as cap_control_path_open(). `path` is borrowed.
 */
struct cap_control *cap_control_open(const char *path, struct cap_desk *desk,
                                     const struct cap_control_hooks *hooks,
                                     struct dc_error *err) DC_MUST_USE;

/*
 * Removes the socket, gives the answers that are there to those who wait for them, tells the
 * others that the run has ended, and drops all clients. Best after cap_desk_close(). Takes a
 * second at most. False: the thread had not ended by then (a hook that blocks, a host without
 * a free processor), and the desk and what the hooks use must never be freed. NULL is true.
 */
bool cap_control_close(struct cap_control *control) DC_MUST_USE;

#endif
