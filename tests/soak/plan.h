/*
 * plan: what happens in one run of the soak. The seed and the number of the run decide it
 * all, but for what the host's scheduler makes of it.
 */
#ifndef TESTS_SOAK_PLAN_H
#define TESTS_SOAK_PLAN_H

#include "capture/capture.h"
#include "tests/soak/random.h"
#include "tests/soak/source_wrapper.h"

enum soak_source_kind { SOAK_KVM, SOAK_THREADS };

/* Where documents go. */
enum soak_disk {
    SOAK_NOWHERE, /* they are checked, and that is it */
    SOAK_REFUSED, /* likewise; some cannot be kept, it says */
    SOAK_FILES,
    SOAK_FULL, /* files, and now and then there is no room for them */
};

/* What the guest of SOAK_THREADS does, in ms since its start; 0: never. */
struct soak_script {
    uint32_t latch_ms, kind_ms, flip_ms, end_ms, crash_ms;
    bool stalls;        /* its last vCPU runs no tasks */
    uint32_t bell_turn; /* a vCPU rings the doorbell once in so many turns */
};

/* What comes from outside. */
struct soak_mischief {
    uint32_t askers; /* threads at the desk */
    bool signals, kicks, rings;
    uint32_t cancel_ms, stop_ms; /* after the start; 0: never */
};

enum { SOAK_INJECTED = 4 };

struct soak_plan {
    enum soak_source_kind kind;
    uint32_t number;
    struct soak_random random; /* for whatever comes later in this run */
    struct cap_options options;
    char guest[32];
    uint32_t ids[3][SOAK_INJECTED]; /* what options.inject points to */
    struct cap_late late[SOAK_INJECTED];
    uint32_t early_jiffies;
    struct soak_faults faults;
    struct soak_script script;
    struct soak_mischief mischief;
    enum soak_disk disk;
};

/* `most_vcpus` is from 1 to SOAK_VCPUS. */
void soak_plan(struct soak_plan *plan, enum soak_source_kind kind, uint64_t seed,
               uint32_t number, uint32_t most_vcpus);

/* One line, without a newline. */
enum { SOAK_PLAN_TEXT = 512 };
const char *soak_plan_text(const struct soak_plan *plan, char text[SOAK_PLAN_TEXT]);

#endif
