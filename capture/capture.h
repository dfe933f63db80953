/*
 * capture: runs a guest, freezes all vCPUs whenever something asks for it, and gives out
 * what was found.
 *
 * One call, cap_run(), does it all. Each document is given to the caller's `deliver` as
 * soon as it is complete: the main report, and siblings, which have a tag. When the call
 * returns the guest has been stopped for good, all its threads have ended and all
 * descriptors are closed, whatever the outcome.
 *
 * The error triggers (latch, watchpoint, exit kind, timer, and a crash) lead to the main
 * report, of which there is one at most; afterwards the run is in the state "done", and
 * ends unless `after` says otherwise. Everything else (signal, control socket, the guest's
 * doorbell, periodic) leads to siblings and changes no state. In the dual mode an early
 * snapshot is taken when a task has waited for half the watchdog's time, and kept until the
 * late one is there or the run ends, so that it is given out once, whatever happens.
 *
 * Bounds, one after another: making the machine (under a millisecond for each vCPU), the
 * wait for a trigger (run_for_ms, or unbounded but for `cancel`, which is looked at ten
 * times a second at least), the question for statistics before each freeze
 * (stats_timeout_ms; the guest runs on meanwhile), each freeze (a second for the barrier and timeout_ms), stopping
 * (10 s). What `deliver` takes comes on top.
 */
#ifndef DUMPCTL_CAPTURE_CAPTURE_H
#define DUMPCTL_CAPTURE_CAPTURE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/utsname.h>
#include <time.h>

#include "capture/dump.h"
#include "capture/freeze.h"
#include "capture/full_state.h"
#include "capture/inject.h"
#include "capture/registers.h"
#include "capture/samples.h"
#include "capture/source.h"
#include "capture/trigger.h"
#include "capture/watch.h"
#include "capture/why.h"
#include "lib/error.h"

#define CAP_DEFAULT_GUEST "demo:stall"
#define CAP_DEFAULT_VCPUS 4u
#define CAP_DEFAULT_MEMORY_MIB 64u
#define CAP_DEFAULT_TIMEOUT_MS 30000u
#define CAP_DEFAULT_POLL_US 1000u

/* Called when the guest has been started, and during the wait, with the time since then. */
typedef void cap_waiting_fn(void *context, uint64_t elapsed_us);

/* Called when the guest goes on after a freeze. */
typedef void cap_thawed_fn(void *context);

/* Times in options end here (about 11 days), so that sums cannot overflow. */
#define CAP_MAX_MS UINT64_C(1000000000)
#define CAP_MIN_POLL_US 100u
#define CAP_MAX_POLL_US 1000000u

enum { CAP_TAG = 64, CAP_PATH = 4096 };

/* What set a freeze off. The first four can be chosen (CAP_ON). */
enum cap_trigger {
    CAP_TRIGGER_LATCH,      /* the guest's latch is set */
    CAP_TRIGGER_WATCHPOINT, /* the exit kind was written, seen as it happened */
    CAP_TRIGGER_EXIT_KIND,  /* the exit kind says error, seen by a look at it */
    CAP_TRIGGER_TIMER,
    CAP_TRIGGER_CRASH,
    CAP_TRIGGER_SIGNAL,
    CAP_TRIGGER_CONTROL,
    CAP_TRIGGER_GUEST,
    CAP_TRIGGER_PERIODIC,
    CAP_TRIGGER_EARLY,
};

#define CAP_ON(trigger) (1u << (trigger))

/* "latch", "watchpoint", "exit_kind", "timer", "crash", "signal", "control", "guest",
   "periodic", "early". */
const char *cap_trigger_name(enum cap_trigger trigger);

/* What becomes of the guest after the main report. */
enum cap_after {
    CAP_AFTER_KILL,
    CAP_AFTER_RESUME, /* it goes on; error triggers do not count any more */
    CAP_AFTER_HOLD, /* it stays frozen until the run is cancelled or run_for_ms passed */
};

struct cap_document;

/* Where a document went, for whoever asked for it. */
struct cap_delivery {
    char path[CAP_PATH]; /* "-": standard output */
    char tag[CAP_TAG];   /* as it was used, with its number where it was taken; or "" */
};

/*
 * Takes a document, which is valid during the call. The guest may run meanwhile, or be
 * frozen. 0, or -1 where it could not be kept, which the callee has reported.
 */
typedef int cap_deliver_fn(void *context, const struct cap_document *document,
                           struct cap_delivery *out);

/* Start from CAP_OPTIONS_DEFAULT. Everything behind a pointer is borrowed. */
struct cap_options {
    const char *guest; /* "demo:SCENARIO", or the path of an ELF file */
    const char *latch; /* a place (place.h); NULL: the default, which may be missing */
    const char *exit_kind;     /* likewise */
    const char *control;       /* path of the control socket; NULL: none */
    const char *kvm_path;      /* NULL: /dev/kvm */
    const char *stats;         /* socket that is asked for statistics; NULL: nobody is */
    uint64_t stats_timeout_ms; /* of each question; 0: CAP_SAMPLES_TIMEOUT_MS */
    /* The run leaves there, as long as there is one, what a signal handler that sets
       `cancel` must cancel, too. May be NULL. */
    struct cap_samples *_Atomic *asking;
    uint64_t timer_ms;        /* for CAP_TRIGGER_TIMER, from the start of the guest */
    uint64_t watchdog_ms;     /* of the guest; 0: cap_machine_watchdog_ms() */
    uint64_t every_ms;        /* periodic captures; 0: none */
    uint64_t timeout_ms;      /* from the first kick, at least 1 */
    uint64_t run_for_ms;      /* end the run then, from its start; 0: never */
    struct cap_inject inject; /* still owned by the caller */
    struct cap_dump_requests dumps; /* ranges of memory; still owned by the caller */
    const atomic_int *cancel; /* set to anything but 0 by a signal handler; may be NULL */
    atomic_int *ask;          /* likewise, for a sibling; cleared here; may be NULL */
    cap_deliver_fn *deliver;
    void *deliver_context;
    /* All may be NULL, and must not block: the second is called inside the freeze. */
    cap_waiting_fn *waiting;   /* at the start, then twice a second until the trigger */
    cap_progress_fn *progress; /* as in struct cap_freeze_limits */
    cap_thawed_fn *thawed;     /* not where it was stopped for good */
    void *progress_context;    /* of all three */
    uint32_t vcpus;            /* from 1; KVM has the upper limit */
    uint32_t memory_mib;       /* 4 to 3072 */
    unsigned triggers;         /* CAP_ON() of the first four; 0: none of them */
    uint32_t poll_us;          /* between two looks at what is not watched */
    uint32_t count;            /* of periodic captures; 0: no end */
    int image_fd; /* an empty file for the memory image of the main report; -1: none */
    enum cap_watch_by watch_by;
    enum cap_after after;
    bool dual;
    bool full;           /* read all that KVM gives of each vCPU */
    bool allow_realtime; /* use real-time priority for the freeze if permitted */
};

#define CAP_OPTIONS_DEFAULT                                                              \
    ((struct cap_options){                                                               \
        .guest = CAP_DEFAULT_GUEST,                                                      \
        .vcpus = CAP_DEFAULT_VCPUS,                                                      \
        .memory_mib = CAP_DEFAULT_MEMORY_MIB,                                            \
        .triggers = CAP_ON(CAP_TRIGGER_LATCH),                                           \
        .poll_us = CAP_DEFAULT_POLL_US,                                                  \
        .timeout_ms = CAP_DEFAULT_TIMEOUT_MS,                                            \
        .allow_realtime = true,                                                          \
        .image_fd = -1,                                                                  \
    })

/* What one freeze came to. */
enum cap_outcome {
    CAP_COMPLETE,   /* all vCPUs are parked and all registers were read */
    CAP_UNREADABLE, /* all are parked, but registers of some could not be read */
    CAP_TIMEOUT,    /* not all parked in time */
    CAP_KILLED,     /* cancelled before all had parked */
    CAP_CRASHED,    /* a vCPU crashed before any trigger; the others were frozen */
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
    bool injected_stuck, injected_fault, injected_unreadable;
    uint32_t injected_late_ms; /* 0: it was not late */
    struct cap_why why;        /* with CAP_NOT_PARKED; of others only the times */
};

/* What has become of the memory image. */
enum cap_image {
    CAP_IMAGE_NONE, /* none was wanted, or there is no main report */
    CAP_IMAGE_WRITTEN,
    CAP_IMAGE_FAILED,
};

/* What the exit-kind gate said of a watchpoint (freeze-coordinator 4.5). */
enum cap_gate {
    CAP_GATE_NONE,     /* it was not asked */
    CAP_GATE_ERROR,    /* the exit kind says error */
    CAP_GATE_LATCH,    /* it does not (any more), but the latch does */
    CAP_GATE_NO_VALUE, /* there is no address to look at: captured to be safe */
    CAP_GATE_SUPPRESSED,
};

/* One freeze. */
struct cap_result {
    enum cap_outcome outcome;
    enum cap_trigger trigger;
    char seen_by[64]; /* how memory was looked at, "" where it was not */
    bool final_pass;  /* the trigger was seen after the guest had ended, or the run */
    uint32_t request; /* with CAP_TRIGGER_GUEST: the value that the guest gave */
    enum cap_gate gate;

    uint32_t vcpu_count;
    struct cap_vcpu_result *vcpus; /* owned; vcpu_count of them */
    uint32_t parked;               /* CAP_PARKED and CAP_UNAVAILABLE */
    uint32_t unavailable;
    uint32_t event_vcpu;  /* with CAP_CRASHED: who */
    char sample[CAP_TAG]; /* the tag of the one that was taken before; "": none was */

    bool watchpoint_hit;
    enum cap_latch_state latch_at_trigger, latch_at_report;
    enum cap_exit_kind_state exit_kind_state; /* at the report */
    uint32_t exit_kind;                       /* with CAP_EXIT_KIND_READ */

    uint64_t timeout_ms;
    uint64_t elapsed_us;        /* trigger seen to the decision, less the question */
    uint64_t trigger_us;        /* with a watch: the guest's store to trigger seen */
    uint64_t freeze_latency_us; /* first kick to last acknowledgement; 0: none parked */
    uint64_t run_us;            /* start of the guest to the trigger */
    time_t captured_at;         /* wall time at the freeze */
    uint32_t rekicks;
    bool realtime; /* real-time priority was in force */
    struct cap_clock_facts clock;
    struct cap_looks *looks; /* owned; vcpus[].why points into it */
    struct cap_full *full;   /* owned; NULL: not asked for */
    struct cap_dump *dump;   /* owned; filled with CAP_COMPLETE alone; or NULL */

    const char *guest; /* borrowed from the options */
    uint32_t memory_mib;
    struct utsname host;
    const char *kvm_backend; /* "kvm_intel" and so on, NULL: unknown; static */
};

/* The reason of a degraded report, with its counts (wire-format 8.2). */
enum { CAP_REASON = 160 };
const char *cap_reason_text(const struct cap_result *result, char text[CAP_REASON]);

/* What makes a late snapshot a dual report. */
struct cap_dual {
    const struct cap_result *early; /* NULL: none; may be the late one itself */
    uint64_t early_max_age_jiffies, early_threshold_jiffies;
    const char *early_skipped_reason; /* NULL: none */
};

struct cap_document {
    const char *tag; /* of a sibling; NULL: the main report */
    bool goes_on;    /* the guest runs on, or is held, behind the main report */
    const struct cap_result *result;
    const struct cap_dual *dual;       /* NULL: not a dual report */
    const struct cap_samples *samples; /* of the run so far; NULL: nobody is asked */
};

/* Why a run ended. */
enum cap_ending {
    CAP_ENDED_BY_REPORT, /* the main report was made, and the guest killed */
    CAP_ENDED_BY_GUEST,  /* the guest ended */
    CAP_ENDED_BY_CRASH,  /* it crashed after the main report */
    CAP_ENDED_BY_TIME,   /* run_for_ms */
    CAP_ENDED_BY_CANCEL, /* `cancel` */
    CAP_ENDED_BY_STOP,   /* the control socket */
    CAP_ENDED_BY_COUNT, /* all periodic captures were made, and nothing else is waited for */
};

struct cap_end {
    enum cap_ending ending;
    bool main_made;     /* there is a main report ... */
    bool main_degraded; /* ... and it is degraded */
    uint32_t siblings;  /* delivered */
    uint32_t siblings_degraded;
    uint32_t undelivered; /* documents that `deliver` could not keep */
    uint32_t suppressed;  /* triggers that the exit-kind gate refused */
    bool latch_was_out;   /* the latch was outside of memory at some look */
    uint32_t
        periodic_late; /* periodic captures that were put off by more than a period */
    bool periodic_given_up; /* two of them in a row timed out */
    uint32_t event_vcpu;    /* who ended the guest, or crashed */
    uint64_t end_status;    /* with CAP_ENDED_BY_GUEST: what the guest gave */
    uint64_t run_us;        /* start of the guest to the end of the run */
    struct cap_samples_tally samples;
    enum cap_image image;
    struct dc_error image_error; /* with CAP_IMAGE_FAILED; names no file */
    bool threads_lost; /* some vCPU thread did not end in 10 s; its memory stays mapped */
};

/*
 * One run. 0 with *end filled; -1 with *err where nothing ran: DC_ECANNOT where this host
 * cannot do it, DC_EUSAGE for options that make no sense or a file that is no guest, and
 * others as cap_machine_new().
 */
int cap_run(const struct cap_options *options, struct cap_end *end,
            struct dc_error *err) DC_MUST_USE;

#endif
