/*
 * fd: whole writes to a descriptor.
 */
#ifndef DUMPCTL_CMD_FD_H
#define DUMPCTL_CMD_FD_H

#include <stddef.h>

/* Writes all, across signals, short writes and descriptors that do not block. 0, or an
   errno value. */
int cmd_fd_write(int fd, const char *data, size_t len);

#endif
