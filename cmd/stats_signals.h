/*
 * stats_signals: SIGINT, SIGTERM and SIGHUP end a request or a wait at once.
 *
 * They are caught while dumpctl waits for a scheduler or for the next sample. While it
 * writes to something that may block they do what they did before: end the program.
 */
#ifndef DUMPCTL_CMD_STATS_SIGNALS_H
#define DUMPCTL_CMD_STATS_SIGNALS_H

#include "capture/stats_client.h"

/* Before the first of the others: `stats` is what a signal cancels. 0, or -1. */
int cmd_stats_signals_init(struct cap_stats *stats, struct dc_error *err) DC_MUST_USE;

/* Before `stats` is freed. */
void cmd_stats_signals_done(void);

void cmd_stats_signals_catch(void);
void cmd_stats_signals_release(void);

/* Whether one has come. */
bool cmd_stats_signalled(void);

/* Sleeps until CLOCK_MONOTONIC is at `until_us`, or a signal comes. While they are caught. */
void cmd_stats_sleep(uint64_t until_us);

/* CLOCK_MONOTONIC in microseconds. */
uint64_t cmd_stats_now_us(void);

#endif
