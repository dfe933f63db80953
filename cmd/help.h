/*
 * help: what dumpctl and its verbs say about themselves, on stdout. All of it comes from
 * the table of verbs.
 */
#ifndef DUMPCTL_CMD_HELP_H
#define DUMPCTL_CMD_HELP_H

#include "cmd/cmd.h"

/* `dumpctl --help`: the verbs. Returns the exit code. */
int cmd_help(const struct cmd_common *common);

/* `dumpctl help VERB`, `dumpctl VERB --help`. Returns the exit code. */
int cmd_help_verb(const struct cmd_common *common, const struct cmd_verb *verb);

/* `dumpctl help [VERB]` with argv[0] "help" or "--help"; "help" itself is what `dumpctl
   --help` prints, --json
   is for errors, which obey common->json. Returns the exit code. */
int cmd_help_run(const struct cmd_common *common, int argc, char **argv);

/* `dumpctl` alone: what it is called with, on stderr. Returns EXIT_TROUBLE. */
int cmd_help_short(void);

#endif
