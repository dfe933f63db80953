/*
 * stats_tell: why there are no statistics, for a person, on stderr.
 */
#ifndef DUMPCTL_CMD_STATS_TELL_H
#define DUMPCTL_CMD_STATS_TELL_H

#include "capture/stats_client.h"

/*
 * "dumpctl: no statistics: REASON; REMEDY". What a scheduler says in several lines stands
 * below, a line each; on a terminal it is folded, what is too long is cut, and how much is
 * said.
 */
void cmd_stats_tell(const struct cap_stats_answer *answer);

/* The same in one line with the time before it. `again`: the reason is that of the line
   before, and not repeated. */
void cmd_stats_tell_watch(const struct cap_stats_answer *answer, const char *when,
                          bool again);

/* Why the fields have no descriptions, in one line. `named`: it was asked for by name, and
   waited for as long as for statistics. */
void cmd_stats_tell_undescribed(const struct cap_stats_answer *answer, bool named);

#endif
