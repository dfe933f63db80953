/*
 * machine_under: the machine that a run of the soak freezes, of either kind, with what the
 * coordinator must know of its guest.
 */
#ifndef TESTS_SOAK_MACHINE_UNDER_H
#define TESTS_SOAK_MACHINE_UNDER_H

#include "capture/coordinator.h"
#include "capture/doorbell.h"
#include "capture/guest.h"
#include "capture/machine.h"
#include "capture/place.h"
#include "tests/soak/plan.h"
#include "tests/soak/thread_source.h"

struct soak_machine {
    struct cap_source *source; /* of the one below that there is */
    struct cap_guest_facts facts;
    struct soak_counters counters;

    struct cap_guest guest; /* SOAK_KVM */
    struct cap_machine *machine;
    struct soak_threads *threads; /* SOAK_THREADS */
    struct cap_place_expr latch, exit_kind;
    struct cap_age_source age;
};

/* `plan` is borrowed. `means` are those of the host (cap_watch_find_means()). */
int soak_machine_open(struct soak_machine *machine, const struct soak_plan *plan,
                      const struct cap_watch_means *means,
                      struct dc_error *err) DC_MUST_USE;
void soak_machine_set_doorbell(struct soak_machine *machine,
                               const struct cap_doorbell *doorbell);
void soak_machine_close(struct soak_machine *machine);

#endif
