/*
 * capture_live: what a capture does at this moment, for somebody who looks at it from
 * another thread.
 *
 * The thread of the run writes, by the callbacks of struct cap_options, and rings; the
 * other one reads when it likes. Inside a freeze nothing is waited for: what is written
 * there are single atomic values, each true for itself.
 */
#ifndef DUMPCTL_CMD_CAPTURE_LIVE_H
#define DUMPCTL_CMD_CAPTURE_LIVE_H

#include "capture/capture.h"

#include <pthread.h>

enum cmd_live_doing {
    CMD_LIVE_STARTING, /* the guest does not run yet */
    CMD_LIVE_RUNNING,
    CMD_LIVE_FREEZING, /* the rendezvous is not decided yet */
    CMD_LIVE_FROZEN,
};

enum cmd_live_vcpu {
    CMD_LIVE_VCPU_RUNS,
    CMD_LIVE_VCPU_PENDING, /* asked to park */
    CMD_LIVE_VCPU_PARKED,
    CMD_LIVE_VCPU_NOT_PARKED, /* and not waited for any more */
};

enum cmd_live_main { CMD_LIVE_MAIN_TO_COME, CMD_LIVE_MAIN_WRITTEN, CMD_LIVE_MAIN_LOST };

/* A report that has been written. */
struct cmd_live_report {
    struct cmd_live_report *next;
    bool main;
    char path[];
};

/* Not to be copied. */
struct cmd_capture_live {
    int fd;        /* readable after something has changed, until cmd_live_calm() */
    uint32_t room; /* vCPUs that there is room for */
    uint32_t count;
    atomic_uchar *vcpus;

    atomic_uint doing;              /* enum cmd_live_doing */
    _Atomic uint32_t total, parked; /* vCPUs; total 0: the guest has never been started */
    _Atomic uint64_t waited_us;     /* since the start of the guest */
    _Atomic uint64_t freeze_us;     /* of the latest rendezvous */
    atomic_uint reports, lost;      /* delivered, and not delivered */
    atomic_uint main;               /* enum cmd_live_main */
    atomic_bool goes_on;            /* the guest is there still, behind the main report */

    cap_deliver_fn *deliver; /* what really delivers */
    void *deliver_context;
    pthread_mutex_t lock; /* of these; not taken inside a freeze */
    struct cmd_live_report *first, **last;
};

/* 0, or -1 with `err` set. cmd_live_close() must follow in both cases. */
int cmd_live_open(struct cmd_capture_live *live, struct dc_error *err) DC_MUST_USE;
void cmd_live_close(struct cmd_capture_live *live);

/* Puts itself into the options of a run, whose `deliver` is set. */
void cmd_live_attach(struct cmd_capture_live *live, struct cap_options *options);

/* Makes `fd` readable; not readable. */
void cmd_live_ring(const struct cmd_capture_live *live);
void cmd_live_calm(const struct cmd_capture_live *live);

enum cmd_live_vcpu cmd_live_vcpu(const struct cmd_capture_live *live, uint32_t id);

/* Takes the report that was written first; free() it. NULL: there is none. */
struct cmd_live_report *cmd_live_take(struct cmd_capture_live *live) DC_MUST_USE;

#endif
