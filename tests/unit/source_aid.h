/*
 * source_aid: a machine without KVM, for the coordinator: memory, vCPUs that do what a test
 * says when they are kicked, and a script that runs at each turn of the coordinator.
 *
 * Everything happens on the coordinator's thread, in an order that is exact: its kicks call
 * `act`, its looks at the guest's life call `at_look`.
 */
#ifndef TESTS_UNIT_SOURCE_AID_H
#define TESTS_UNIT_SOURCE_AID_H

#include "capture/coordinator.h"
#include "tests/unit/capture_aid.h"
#include "tests/unit/memory_aid.h"

#define AID_VCPUS 8
#define AID_MEMORY (UINT64_C(64) << 10)

/* Virtual addresses are physical ones. */
#define AID_LATCH UINT64_C(0x8000)     /* the u32 latch */
#define AID_POINTER UINT64_C(0x9000)   /* points to the exit kind */
#define AID_EXIT_KIND UINT64_C(0xa000) /* where it points to at first */
#define AID_JIFFIES UINT64_C(0xb000)
#define AID_RUNNABLE UINT64_C(0xb040) /* u64 for each vCPU */

struct aid_source;
typedef void aid_act_fn(struct aid_source *aid, uint32_t id, uint32_t kick);
typedef void aid_look_fn(struct aid_source *aid, uint32_t look);
typedef void aid_hook_fn(struct aid_source *aid);
typedef void aid_deliver_hook_fn(struct aid_source *aid,
                                 const struct cap_document *document);

struct aid_source {
    struct aid_memory memory; /* first: its source is this one's */
    uint8_t bytes[AID_MEMORY];
    uint32_t count;
    aid_act_fn *act; /* at each kick, which counts from 1 in each freeze; aid_park() */
    aid_look_fn *at_look; /* at each look at its life, which counts from 1; may be NULL */
    aid_hook_fn *at_thaw; /* the guest may run again; may be NULL */
    aid_hook_fn *at_collect; /* the freeze is decided, nothing collected; may be NULL */
    aid_deliver_hook_fn *at_deliver; /* before it is kept; may be NULL */
    int refuse;                      /* so many deliveries fail, from the first on */
    uint32_t linger;                 /* bit N: vCPU N does not leave at a thaw */
    enum cap_life life;
    uint32_t event_vcpu;
    uint64_t status; /* that it ends with */
    bool fail_start;
    uint32_t looks, thaws, stops, settled;
    uint32_t kicks[AID_VCPUS], facts_read[AID_VCPUS];
    int register_error[AID_VCPUS]; /* errno of the next register read */

    struct cap_watch_means means;
    uint32_t fail_arms, arms; /* how many fail from now on; how many were tried */
    uint32_t again;           /* how many answer CAP_WATCH_AGAIN from now on */
    struct cap_watch_arming arming;
    struct {
        enum cap_watch_kind kind;
        struct cap_watch_request request;
        bool hit;
        struct cap_watch_hit found;
    } watches[CAP_SIGHTS];

    struct cap_place_expr latch, exit_kind; /* AID_LATCH, and what AID_POINTER leads to */
    bool crowded;                           /* neither word has its page to itself */

    struct cap_desk *desk;           /* during aid_coordinate() */
    struct aid_documents *documents; /* likewise: what was delivered so far, which is */
    struct aid_documents gathered;
    struct cap_samples *samples; /* asked before each freeze; borrowed; NULL: nobody is */
    struct cap_live live;
};

/* 0, or -1 after a failed CHECK. */
int aid_source_open(struct aid_source *aid, uint32_t count);
void aid_source_close(struct aid_source *aid);

/* What a healthy vCPU does: registers whose rip is the epoch, then the acknowledgement. */
void aid_park(struct aid_source *aid, uint32_t id, uint32_t kick);

/* The guest's store of a u32; watches see it. */
void aid_store(struct aid_source *aid, uint64_t address, uint32_t value);

/* Its store of a u64, which nobody watches. */
void aid_store64(struct aid_source *aid, uint64_t address, uint64_t value);

/* CAP_OPTIONS_DEFAULT for a run that cannot last: latch, a timeout of 20 ms, an end after
   10 s. */
struct cap_options aid_options(void);

/* One run of the coordinator. `early_jiffies` is the threshold of a dual run. Its documents
   are gathered, to be freed, unless the options say who takes them. */
struct aid_run aid_coordinate(struct aid_source *aid, const struct cap_options *options,
                              uint64_t early_jiffies);

#endif
