/*
 * stats_tell: why there are no statistics, for a person, on stderr.
 */
#ifndef DUMPCTL_CMD_STATS_TELL_H
#define DUMPCTL_CMD_STATS_TELL_H

#include "capture/stats_client.h"

/*
 * "dumpctl: no statistics: REASON; REMEDY". What a scheduler says in several lines stands
 * below, a line each; on a terminal what is too long is cut, and how much is said.
 */
void cmd_stats_tell(const struct cap_stats_answer *answer);

/* The same in one line, `what` for "no statistics", with the time before it where `when` is
   not NULL. */
void cmd_stats_tell_line(const struct cap_stats_answer *answer, const char *when,
                         const char *what);

#endif
