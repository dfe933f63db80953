/*
 * signals: which signals a thread of a capture takes.
 *
 * Those of the process (SIGINT, SIGTERM, ...) are for its main thread. A thread is born with
 * the mask of its maker, so the maker blocks them, starts the thread, and takes its own mask
 * back.
 */
#ifndef DUMPCTL_CAPTURE_SIGNALS_H
#define DUMPCTL_CAPTURE_SIGNALS_H

#include <signal.h>

/*
 * Blocks everything but the faults of the thread itself (SIGSEGV and its like) and `open`
 * (0: nothing more) in the calling thread. *old is what pthread_sigmask() takes back.
 */
void cap_signals_block(sigset_t *old, int open);

#endif
