/*
 * watch_aid: watches on a memory without a machine, and vCPUs that are nothing but their
 * debug registers.
 */
#ifndef TESTS_UNIT_WATCH_AID_H
#define TESTS_UNIT_WATCH_AID_H

#include <linux/kvm.h>
#include <stdatomic.h>

#include "capture/watch.h"
#include "tests/unit/unit.h"

#define AID_RAM_BYTES (UINT64_C(4) << 20)
#define AID_VIRTUAL UINT64_C(0xffffffff80000000) /* so that the two are never mixed up */
#define AID_VCPUS 3
#define AID_EDGE 1024u /* of all that aid_set() watches */

struct aid_bench {
    struct cap_ram ram;
    struct cap_board *board;
    struct cap_watches watches;
};

/* The debug registers of each vCPU, whose descriptor is its number. */
extern struct kvm_guest_debug aid_debug[AID_VCPUS];
extern atomic_uint aid_calls; /* to set them */
/* What setting them is to say: errnos, the one before -1 for ever. NULL: it works. */
extern const int *aid_answers;

bool aid_set_up(struct aid_bench *bench);
void aid_tear_down(struct aid_bench *bench);

/* Watches the word at `place` by hardware, as for vCPUs that run. */
int aid_set(struct aid_bench *bench, unsigned index, uint64_t place);

void aid_poke(struct aid_bench *bench, uint64_t place, uint32_t value);

/* How often the coordinator has been woken. */
uint32_t aid_rings(const struct aid_bench *bench);

#endif
