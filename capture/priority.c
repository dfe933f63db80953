#include "capture/priority.h"

#include <errno.h>
#include <sched.h>

/*
 * Round robin, not FIFO: a thread that cannot park spins at this level, and must not keep
 * those of the same level off the processor for ever, who may hold what the coordinator
 * waits for (a lock inside a sanitizer's runtime did).
 */
int cap_priority_raise(pid_t tid, int level) {
    struct sched_param want = {.sched_priority = level};
    return sched_setscheduler(tid, SCHED_RR, &want) ? errno : 0;
}

void cap_priority_drop(pid_t tid) {
    struct sched_param want = {.sched_priority = 0};
    sched_setscheduler(tid, SCHED_OTHER, &want);
}

int cap_priority_raise_self(struct cap_priority *was, int level) {
    struct sched_param now;
    *was = (struct cap_priority){.policy = sched_getscheduler(0)};
    if (was->policy < 0 || sched_getparam(0, &now))
        return errno;
    was->level = now.sched_priority;
    int error = cap_priority_raise(0, level);
    was->raised = error == 0;
    return error;
}

void cap_priority_restore_self(struct cap_priority *was) {
    struct sched_param old = {.sched_priority = was->level};
    if (was->raised)
        sched_setscheduler(0, was->policy, &old);
    was->raised = false;
}

int cap_priority_mutex(pthread_mutex_t *mutex) {
    pthread_mutexattr_t attr;
    int error = pthread_mutexattr_init(&attr);
    if (error)
        return error;
    error = pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
    if (!error)
        error = pthread_mutex_init(mutex, &attr);
    pthread_mutexattr_destroy(&attr);
    return error;
}
