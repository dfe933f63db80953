/*
 * stats_socket: the way to a scheduler's statistics socket, and words for what bars it.
 */
#ifndef DUMPCTL_CAPTURE_STATS_SOCKET_H
#define DUMPCTL_CAPTURE_STATS_SOCKET_H

#include <stdbool.h>
#include <sys/un.h>

#include "lib/error.h"

/* 0, or -1 (DC_EUSAGE) for a path that is empty or has more than 107 bytes. */
int cap_stats_address(struct sockaddr_un *address, const char *path,
                      struct dc_error *err) DC_MUST_USE;

/*
 * Tries once to connect and never waits; *fd is -1, or a socket that an earlier attempt has
 * left there. 0: *fd is connected, does not block and is closed by exec. Else an errno value,
 * EAGAIN where as many wait already as the scheduler lets wait: to be tried again with the
 * same *fd, which the caller closes in any case.
 */
int cap_stats_connect(const struct sockaddr_un *address, int *fd) DC_MUST_USE;

/* Is there something at the path that is no socket? The kernel calls both a refusal. */
bool cap_stats_is_no_socket(const struct sockaddr_un *address);

/* Says in `err` why cap_stats_connect() returned `error`: cause, errno and path, and what
   to do where that is known. The message may hold any bytes of the path. */
void cap_stats_explain(const struct sockaddr_un *address, int error,
                       struct dc_error *err);

/* "ECONNREFUSED", or "errno" where `error` has no name. */
const char *cap_stats_errno_name(int error);

#endif
