#include "capture/priority.h"

#include <errno.h>
#include <sched.h>

int cap_priority_raise(pid_t tid, int level) {
    struct sched_param want = {.sched_priority = level};
    return sched_setscheduler(tid, SCHED_FIFO, &want) ? errno : 0;
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
