/*
 * control_aid: a folder for a control socket, and clients that never wait for ever.
 */
#ifndef TESTS_UNIT_CONTROL_AID_H
#define TESTS_UNIT_CONTROL_AID_H

#include <stdbool.h>
#include <stddef.h>

#define AID_SOCKET 100 /* fits into a sockaddr_un */
#define AID_REPLY 8192

/* A new folder, and the path of a socket in it that does not exist yet. */
void aid_socket_path(char path[AID_SOCKET]);

/* Removes the folder with all files in it. */
void aid_remove_folder(const char *path);

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

#endif
