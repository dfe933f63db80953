/*
 * What the parts of the coordinator share: coordinator.c (the loop), coordinator_shot.c
 * (one freeze), coordinator_main.c (error triggers and the early snapshot), and
 * coordinator_beside.c (everything that is no error).
 */
#ifndef DUMPCTL_CAPTURE_COORDINATOR_PRIVATE_H
#define DUMPCTL_CAPTURE_COORDINATOR_PRIVATE_H

#include "capture/coordinator.h"
#include "capture/looks.h"

#define CAP_NEVER UINT64_MAX

struct coordinator {
    const struct cap_options *options;
    const struct cap_guest_facts *facts;
    struct cap_source *source;
    struct cap_freeze *freeze;
    struct cap_desk *desk;
    struct cap_live *live;
    struct cap_end *end;
    struct cap_lookout lookout;
    uint64_t start_ns;

    enum cap_phase phase;
    bool goes_on;              /* the guest, behind the main report */
    struct cap_result current; /* of the latest freeze but the early one */

    /* The early snapshot, from its freeze until it was delivered. */
    struct cap_result early;
    bool early_held;
    char early_reason[CAP_REASON]; /* why it is none: it was degraded; "": it was not */
    uint64_t early_age, peak_age;  /* jiffies */
    bool age_seen;                 /* some task had an age at some look */
    enum cap_age_state age_state;  /* at the latest look */
    uint64_t age_at_ns;            /* the next look; CAP_NEVER: none */

    /* Periodic captures. */
    uint64_t next_ns; /* CAP_NEVER: there are none, or no more */
    uint32_t made, timeouts_in_a_row;
    bool put_off; /* this period has let a request go first */
};

/* What a freeze is made for. */
struct shot {
    enum cap_trigger trigger;
    const char *tag;  /* of its sample */
    uint64_t due_ns;  /* when a periodic one was to be made; else 0 */
    uint64_t seen_ns; /* when the trigger was seen */
    uint64_t hit_ns;  /* when the guest did it, where that is known; else 0 */
    uint32_t request;
    uint32_t event_vcpu;
    bool final_pass; /* the guest has ended, or */
    bool ending;     /* the run was cancelled or stopped before this freeze */
    bool watchpoint_hit;
};

/* ---- coordinator_shot.c ---- */

/* 0, or -1 with *err where memory is lacking. */
int cap_shot_room(struct cap_result *result, const struct coordinator *self,
                  struct dc_error *err);
void cap_shot_room_free(struct cap_result *result);

/* Asks for statistics, freezes and collects. The source stays frozen until cap_shot_thaw(). */
void cap_shot_take(struct coordinator *self, const struct shot *wanted,
                   struct cap_result *result);

/* `result` is that of the freeze that ends, NULL: the run ends with it. */
void cap_shot_thaw(struct coordinator *self, struct cap_result *result);

/* Gives a document to the caller, and counts it. 0, or -1 where it was not kept. */
int cap_shot_deliver(struct coordinator *self, const struct cap_document *document,
                     struct cap_delivery *out);

/* There will be no report of the latest freeze: its sample is called so. */
void cap_shot_suppressed(struct coordinator *self, struct cap_result *result);

bool cap_shot_is_full(const struct cap_result *result);

/* ---- coordinator_main.c ---- */

/* An error trigger: the main report, unless the gate suppresses it. Returns whether the
   run is over. */
bool cap_main_report(struct coordinator *self, const struct shot *shot);

/* Looks at the ages of waiting tasks, and takes the early snapshot if it is time. */
void cap_main_early(struct coordinator *self, uint64_t now_ns);

/* Delivers the early snapshot if it is still held: the run ends. */
void cap_main_release_early(struct coordinator *self);

/* ---- coordinator_beside.c ---- */

/* Serves the request that waits, if there is one, also when the guest has ended. `ending`:
   the run is to end. */
void cap_beside_serve(struct coordinator *self, bool ending);

/* Takes the periodic capture if it is due. */
void cap_beside_periodic(struct coordinator *self, uint64_t now_ns);

/* A request that waits at the desk gets the snapshot that has just been taken. */
void cap_beside_serve_from(struct coordinator *self, const struct cap_result *result);

/* Likewise whoever has asked by a signal. */
void cap_beside_signal_from(struct coordinator *self, const struct cap_result *result);

#endif
