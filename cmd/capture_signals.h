/*
 * capture_signals: what ends a capture, and what asks it for a snapshot.
 *
 * SIGINT, SIGTERM and SIGHUP end it; a SIGHUP that is ignored (nohup) stays so. SIGUSR1 asks
 * for a snapshot. While a report is written to something that may block, the first three do
 * again what they did before: end the program. A temporary file that is there meanwhile is
 * removed first.
 */
#ifndef DUMPCTL_CMD_CAPTURE_SIGNALS_H
#define DUMPCTL_CMD_CAPTURE_SIGNALS_H

#include "capture/samples.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

/* Catches all four; again after a release. */
void cmd_capture_signals_catch(void);

/* Lets the three go, until they are caught again. */
void cmd_capture_signals_release(void);

/* Which file to remove where one of the three ends the program after a release: a name,
   which is copied, in a folder that stays open. An empty name: none any more. To be called
   while they are caught. */
void cmd_capture_signals_guard(int folder_fd, const char *name);

/* Lets all go: the capture is over. */
void cmd_capture_signals_done(void);

/* The number of the signal that ends the capture, 0: none yet. */
const atomic_int *cmd_capture_signals_cancel(void);

/* What the first three cancel, too; NULL there: nothing. */
struct cap_samples *_Atomic *cmd_capture_signals_asking(void);

/*
 * Where another thread than the main one makes the run, it is what a signal must reach: the
 * main one names it before anything comes of it (NULL: not any more, before it is joined),
 * while all signals are blocked. What is meant for that thread it lets in itself, and the
 * main one keeps out, by adding it to the mask that it has meanwhile.
 */
void cmd_capture_signals_run_by(const pthread_t *thread);
void cmd_capture_signals_let_in(void);
void cmd_capture_signals_keep_out(sigset_t *mask);

/* Ends the capture as the signal `number` would. */
void cmd_capture_signals_end(int number);

/* Set by SIGUSR1; who sees it clears it. */
atomic_int *cmd_capture_signals_ask(void);

#endif
