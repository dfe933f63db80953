/*
 * lookout: the two words of guest memory that a capture keeps an eye on, the exit kind and
 * the latch.
 *
 * Each is watched by the machine where that is possible (a hardware watchpoint, or a
 * read-only slot, see watch.h), and else looked at in an interval. A place behind a pointer
 * may move: it is resolved again and again, and the watch follows it. While a watch is not
 * (or not yet) in force the word is looked at, so that nothing is missed in between; the
 * first look after the arming is what sees a store that came before it.
 *
 * Belongs to the coordinator's thread.
 */
#ifndef DUMPCTL_CAPTURE_LOOKOUT_H
#define DUMPCTL_CAPTURE_LOOKOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/freeze.h"
#include "capture/place.h"
#include "capture/source.h"
#include "capture/trigger.h"
#include "capture/watch.h"

/* The numbers are those of the watches. */
enum cap_sight_name { CAP_SIGHT_EXIT_KIND, CAP_SIGHT_LATCH, CAP_SIGHTS };

/* What the caller knows of one word. */
struct cap_sight_config {
    bool wanted;                        /* it triggers; else it is only read on request */
    const struct cap_place_expr *place; /* bound; NULL: the guest has none */
    bool polled;                        /* looked at also where it is watched */
    enum cap_watch_by watch_by;
    bool alone; /* a slot would trap nothing else: auto takes it only then */
};

struct cap_sight {
    struct cap_sight_config config;
    enum cap_watch_kind kind; /* to arm with; CAP_WATCH_POLL: no more */
    bool armed;
    struct cap_watch_request request; /* with which it is armed */
    bool complete;                    /* a hardware watch: armed on all vCPUs */
    bool fresh;                       /* not looked at since it was armed */
    bool no_hardware, no_slot;        /* tried, and failed */
    unsigned failures;                /* to arm, in a row */
};

struct cap_lookout {
    struct cap_source *source;
    struct cap_freeze *freeze; /* a slot is changed under a freeze of its own */
    uint64_t poll_ns, scan_at_ns;
    struct cap_watch_means means;
    bool latch_was_out; /* it was out of bounds at some look: sticky */
    bool running;       /* the guest has been started */
    bool realtime;      /* its freezes may raise priorities; the caller sets it */
    struct cap_sight sights[CAP_SIGHTS];
};

/* What one look found. */
struct cap_sighting {
    bool watchpoint; /* the watch on the exit kind has hit */
    bool exit_kind;  /* the exit kind says error, seen by a look */
    bool latch;      /* the latch is set, or was seen being set */
    /* cap_now_ns() of the hits of the two watches; 0: it was a look that saw it */
    uint64_t watchpoint_ns, latch_ns;
};

/* `source` and `freeze` are borrowed. Watches of places that are known are armed before
   the guest starts; what cannot be is tried again later, and polled until then. */
void cap_lookout_init(struct cap_lookout *lookout, struct cap_source *source,
                      struct cap_freeze *freeze, uint64_t poll_ns,
                      const struct cap_watch_means *means,
                      const struct cap_sight_config configs[CAP_SIGHTS]);

/* Says that the guest runs from now on. */
void cap_lookout_started(struct cap_lookout *lookout);

/* Resolves places anew and moves watches, if it is time. May freeze the guest for a
   moment: for each word a barrier of one second at most, and 200 ms. */
void cap_lookout_scan(struct cap_lookout *lookout, uint64_t now_ns);

/* One look. Returns whether something was seen. */
bool cap_lookout_look(struct cap_lookout *lookout, struct cap_sighting *out);

/* How long the next look may be put off at most. */
uint64_t cap_lookout_slice(const struct cap_lookout *lookout, uint64_t now_ns);

/* Forgets hits on the exit kind, so that a later one counts again. */
void cap_lookout_forget(struct cap_lookout *lookout);

/* Reads, without any effect. The latch: its state now. */
enum cap_latch_state cap_lookout_latch(struct cap_lookout *lookout);
enum cap_exit_kind_state cap_lookout_exit_kind(struct cap_lookout *lookout,
                                               uint32_t *value);

/* How a word was seen: "hardware watchpoint" or "read-only slot" where its watch has hit,
   else "poll every 1000 us"; into text[64]. */
void cap_lookout_means(const struct cap_lookout *lookout, enum cap_sight_name sight,
                       bool by_watch, char text[64]);

#endif
