/*
 * capture: runs a guest, waits for a trigger, freezes all vCPUs, and says what was found.
 *
 * One call does it all. The result owns what it holds, and needs neither the machine nor
 * the options any more, except for the guest's name, which is borrowed. When the call
 * returns the guest has been stopped for good, all its threads have ended and all
 * descriptors are closed, whatever the outcome: a guest is never resumed after its report.
 *
 * Bounds, one after another: making the machine (under a millisecond for each vCPU), the
 * wait for the trigger (run_for_ms, or unbounded but for `cancel`, which is looked at each
 * millisecond), the freeze (timeout_ms), stopping (10 s).
 */
#ifndef DUMPCTL_CAPTURE_CAPTURE_H
#define DUMPCTL_CAPTURE_CAPTURE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/utsname.h>
#include <time.h>

#include "capture/freeze.h"
#include "capture/inject.h"
#include "capture/registers.h"
#include "capture/source.h"
#include "capture/trigger.h"
#include "lib/error.h"

#define CAP_DEFAULT_GUEST "demo:stall"
#define CAP_DEFAULT_VCPUS 4u
#define CAP_DEFAULT_MEMORY_MIB 64u
#define CAP_DEFAULT_TIMEOUT_MS 30000u

/* Times in options end here (about 11 days), so that sums cannot overflow. */
#define CAP_MAX_MS UINT64_C(1000000000)

/* Start from CAP_OPTIONS_DEFAULT. Everything behind a pointer is borrowed. */
struct cap_options {
    const char *guest;        /* "demo:SCENARIO", or the path of an ELF file */
    uint32_t vcpus;           /* from 1; KVM has the upper limit */
    uint32_t memory_mib;      /* 4 to 3072 */
    enum cap_trigger trigger; /* CAP_TRIGGER_LATCH needs a guest that has the symbol */
    uint64_t timer_ms;        /* for CAP_TRIGGER_TIMER, from the start of the guest */
    uint64_t timeout_ms;      /* from the first kick, at least 1 */
    uint64_t run_for_ms;      /* give up if nothing triggered; 0: never */
    struct cap_inject inject; /* still owned by the caller */
    const atomic_int *cancel; /* set to anything but 0 by a signal handler; may be NULL */
    /* Both may be NULL, and must not block: the second is called inside the freeze. */
    cap_waiting_fn *waiting;   /* before the trigger, twice a second at most */
    cap_progress_fn *progress; /* during the freeze, 10 times a second at most */
    void *progress_context;    /* of both */
    bool allow_realtime;       /* use real-time priority for the freeze if permitted */
    const char *kvm_path;      /* NULL: /dev/kvm */
};

#define CAP_OPTIONS_DEFAULT                                                              \
    ((struct cap_options){                                                               \
        .guest = CAP_DEFAULT_GUEST,                                                      \
        .vcpus = CAP_DEFAULT_VCPUS,                                                      \
        .memory_mib = CAP_DEFAULT_MEMORY_MIB,                                            \
        .timeout_ms = CAP_DEFAULT_TIMEOUT_MS,                                            \
        .allow_realtime = true,                                                          \
    })

enum cap_outcome {
    CAP_COMPLETE,   /* all vCPUs are parked and all registers were read */
    CAP_UNREADABLE, /* all are parked, but registers of some could not be read */
    CAP_TIMEOUT,    /* not all parked in time */
    CAP_KILLED,     /* cancelled before all had parked */
    CAP_CRASHED,    /* a vCPU crashed before any trigger; the others were frozen */
    CAP_NOTHING,    /* there was no trigger: see cap_result.nothing; no vCPU was frozen */
};

/* Why there is nothing to report. */
enum cap_nothing {
    CAP_NOTHING_NONE,      /* there is something */
    CAP_NOTHING_ENDED,     /* the guest ended */
    CAP_NOTHING_RUN_FOR,   /* run_for_ms passed */
    CAP_NOTHING_CANCELLED, /* cancelled before a trigger */
};

enum cap_vcpu_state {
    CAP_NOT_PARKED,
    CAP_PARKED,
    CAP_UNAVAILABLE, /* parked, but its registers could not be read */
};

struct cap_vcpu_result {
    uint32_t id;
    enum cap_vcpu_state state;
    int error;                      /* errno, with CAP_UNAVAILABLE */
    struct cap_registers registers; /* with CAP_PARKED; else zero */
    uint64_t park_us;               /* first kick to acknowledgement; 0: not parked */
    uint32_t kicks;
    struct cap_vcpu_facts facts; /* thread, latest exit, what became of it: source.h */
    const char *exit_name;       /* of facts.exit_reason; static */
    bool injected_stuck, injected_fault;
};

struct cap_result {
    enum cap_outcome outcome;
    enum cap_nothing nothing;
    const char *trigger; /* "latch", "timer", "crash"; NULL with CAP_NOTHING; static */

    uint32_t vcpu_count;
    struct cap_vcpu_result *vcpus; /* owned; vcpu_count of them, NULL with CAP_NOTHING */
    uint32_t parked;               /* CAP_PARKED and CAP_UNAVAILABLE */
    uint32_t unavailable;
    uint32_t event_vcpu; /* who crashed (CAP_CRASHED) or ended (CAP_NOTHING_ENDED) */
    uint64_t end_status; /* with CAP_NOTHING_ENDED: what the guest gave */

    bool watchpoint_hit; /* always false: no trigger watches memory by hardware yet */
    enum cap_latch_state latch_at_trigger, latch_at_report;
    enum cap_exit_kind_state exit_kind_state; /* at the report */
    uint32_t exit_kind;                       /* with CAP_EXIT_KIND_READ */

    uint64_t timeout_ms;
    uint64_t elapsed_us;        /* trigger seen to the decision about the freeze */
    uint64_t freeze_latency_us; /* first kick to last acknowledgement; 0: none parked */
    uint64_t run_us;            /* start of the guest to the trigger */
    time_t captured_at;         /* wall time at the freeze */
    uint32_t rekicks;
    bool realtime;     /* real-time priority was in force */
    bool threads_lost; /* some vCPU thread did not end in 10 s; its memory stays mapped */

    const char *guest; /* borrowed from the options */
    uint32_t memory_mib;
    struct utsname host;
    const char *kvm_backend; /* "kvm_intel" and so on, NULL: unknown; static */
};

/*
 * Runs one capture. 0 with *result filled, to be freed; -1 with *err and nothing to free:
 * DC_ECANNOT where this host cannot do it, DC_EUSAGE for options that make no sense or a
 * file that is no guest, and others as cap_machine_new().
 */
int cap_run(const struct cap_options *options, struct cap_result *result,
            struct dc_error *err) DC_MUST_USE;

void cap_result_free(struct cap_result *result);

#endif
