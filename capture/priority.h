/*
 * priority: real-time scheduling of host threads for the length of a freeze.
 *
 * Best effort: without CAP_SYS_NICE (or a limit on real-time priority) every raise fails
 * with EPERM and the freeze is merely slower.
 */
#ifndef DUMPCTL_CAPTURE_PRIORITY_H
#define DUMPCTL_CAPTURE_PRIORITY_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

/* The coordinator must get a processor whatever the vCPU threads do. */
#define CAP_PRIORITY_COORDINATOR 50
#define CAP_PRIORITY_VCPU 10

/* The scheduling of the calling thread as it was. */
struct cap_priority {
    int policy;
    int level;
    bool raised;
};

/* Puts the calling thread at SCHED_RR `level`; keeps what it had. Returns 0 or errno. */
int cap_priority_raise_self(struct cap_priority *was, int level);

/* Gives back what cap_priority_raise_self() kept; does nothing where that failed. */
void cap_priority_restore_self(struct cap_priority *was);

/* Puts a thread of this process at SCHED_RR `level`. Returns 0 or errno. */
int cap_priority_raise(pid_t tid, int level);

/* Puts a thread of this process (0: the caller) at SCHED_OTHER. */
void cap_priority_drop(pid_t tid);

/* Makes a mutex whose holder gets the priority of who waits for it. Returns 0 or errno. */
int cap_priority_mutex(pthread_mutex_t *mutex);

#endif
