/*
 * coordinator: runs a source from its start to its end, and freezes it whenever something
 * asks for it.
 *
 * This is what cap_run() does once the machine is made; it knows of a machine only that it
 * is a source. coordinator.c begins with the state machine.
 */
#ifndef DUMPCTL_CAPTURE_COORDINATOR_H
#define DUMPCTL_CAPTURE_COORDINATOR_H

#include "capture/age.h"
#include "capture/capture.h"
#include "capture/desk.h"
#include "capture/lookout.h"
#include "capture/samples.h"
#include "capture/source.h"

/* What anybody may look at while the run goes on. Made by the caller, zeroed; written by the
   coordinator alone, but for `stop`. */
struct cap_live {
    atomic_int stop;             /* set to anything but 0 by whoever ends the run */
    _Atomic uint32_t phase;      /* enum cap_phase */
    atomic_bool frozen;          /* a freeze is in force */
    atomic_bool early_held;      /* an early snapshot waits for its late one */
    _Atomic uint32_t documents;  /* delivered so far */
    _Atomic uint32_t suppressed; /* by the exit-kind gate */
    _Atomic uint64_t start_ns;   /* cap_now_ns() when the guest was started; 0: not yet */
    /* Asked before each freeze; borrowed. NULL: nobody is. Whoever sets `stop` cancels it. */
    struct cap_samples *samples;
};

enum cap_phase { CAP_IDLE, CAP_TOOK_EARLY, CAP_DONE };

/* What is known of the guest; everything is borrowed. */
struct cap_guest_facts {
    struct cap_sight_config sights[CAP_SIGHTS];
    struct cap_watch_means means; /* with which they can be watched */
    const struct cap_elf *elf;    /* for the symbols of --dump; NULL: there are none */
    const struct cap_age_source *age; /* NULL: the run is not dual */
    uint64_t early_threshold_jiffies; /* half the watchdog's time */
};

/*
 * `options` are checked. `desk` (borrowed) is where others ask for captures; it is closed
 * when the run ends. Whoever asks there, or sets live->stop, rings the source's board. 0
 * with *end filled, or -1 with *err where the source could not be started or memory was
 * lacking; then nothing runs.
 */
int cap_coordinate(struct cap_source *source, const struct cap_options *options,
                   const struct cap_guest_facts *facts, struct cap_desk *desk,
                   struct cap_live *live, struct cap_end *end,
                   struct dc_error *err) DC_MUST_USE;

#endif
