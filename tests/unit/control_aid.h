/*
 * control_aid: a folder for a control socket, a control socket in it, and clients that never
 * wait for ever.
 */
#ifndef TESTS_UNIT_CONTROL_AID_H
#define TESTS_UNIT_CONTROL_AID_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "capture/control.h"
#include "tests/unit/desk_aid.h"

#define AID_SOCKET 100 /* fits into a sockaddr_un */
#define AID_REPLY 8192

/* A new folder, and the path of a socket in it that does not exist yet. */
void aid_socket_path(char path[AID_SOCKET]);

/* Removes the folder with all files in it. */
void aid_remove_folder(const char *path);

/* Connects a socket that is there already. */
bool aid_connect(int fd, const char *path);

/* A connection, or -1 with errno. */
int aid_dial(const char *path);

/* Sends all of it; false where the other side is gone or takes nothing for 10 s. */
bool aid_send(int fd, const char *data, size_t len);
bool aid_say(int fd, const char *text);

/* Reads one line, without its newline, within 10 s. False at the end or without one. */
bool aid_hear(int fd, char reply[AID_REPLY]);

/* Says a line and hears the answer, "" if there is none. */
const char *aid_talk(int fd, const char *line, char reply[AID_REPLY]);

/* Does the other side close within 10 s? What it says before that is lost. */
bool aid_is_dropped(int fd);

/* Does `reply` contain `text`? Prints it if not. */
bool aid_has(const char *reply, const char *text);

/* A control socket of a run that the test itself coordinates. */
struct aid_control {
    char path[AID_SOCKET];
    struct cap_desk *desk;
    struct cap_control *control;
    atomic_int stops, looks; /* calls of the hooks */
    char reply[AID_REPLY];
};

/* Its status is idle, of demo:\xff, and counts the looks as captures. Aborts without one. */
struct aid_control *aid_control_begin(void);

/* Closes desk and socket, unless run->control is NULL already, and looks that it is gone. */
void aid_control_end(struct aid_control *run);

/* Waits until a request has come as far as the desk, 10 s at most. */
bool aid_wait_pending(struct aid_control *run);

/* Says a line and serves the request that it makes; the answer is in run->reply. */
bool aid_capture_by(struct aid_control *run, int client, const char *line,
                    enum cap_answer_code code);

#endif
