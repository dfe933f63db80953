/*
 * version: of dumpctl and of the libraries that it runs with, and whether KVM can be used.
 */
#ifndef DUMPCTL_CMD_VERSION_H
#define DUMPCTL_CMD_VERSION_H

#include "cmd/cmd.h"

/* `dumpctl --version`, with --json as an object. Returns the exit code. */
int cmd_version(const struct cmd_common *common);

#endif
