/*
 * age: for how long work has been waiting inside a guest, by the guest's own words.
 *
 * A scheduler that stalls does so long before its watchdog says it. What the host can see
 * meanwhile: `jiffies`, the guest's clock; `runnable_at[]`, for each CPU the jiffies since
 * which its oldest runnable task waits; `scx_watchdog_timestamp`, the jiffies at which the
 * watchdog last looked, which no longer moves where the watchdog itself cannot run. The
 * guest may write while it is read: each number is one access, the clock comes first, so
 * that an age is never made too long, and a stamp that is younger than the clock has none.
 */
#ifndef DUMPCTL_CAPTURE_AGE_H
#define DUMPCTL_CAPTURE_AGE_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/elf.h"
#include "capture/source.h"

/* A longer one (a day at 1000 Hz) is no age: a stamp is garbage, or of another clock. */
#define CAP_AGE_MOST UINT64_C(86400000)

/* Where the numbers lie, as guest-physical addresses that are not checked. */
struct cap_age_source {
    bool has_jiffies, has_runnable_at, has_watchdog;
    uint64_t jiffies, runnable_at, watchdog;
    uint32_t cpus; /* entries of runnable_at[] to look at */
};

enum cap_age_state {
    CAP_AGE_NOT_RESOLVED,  /* the guest lacks the symbols */
    CAP_AGE_OUT_OF_BOUNDS, /* one of them, or a part of it, is not memory */
    CAP_AGE_NO_DATA,       /* nothing has ever been runnable, no watchdog has looked */
    CAP_AGE_READ,
};

/* Finds the symbols of a guest that runs on `vcpus` vCPUs (virtual addresses are physical
   ones here). Those that are missing are not there; cap_age_read() tells. */
void cap_age_bind(struct cap_age_source *age, const struct cap_elf *elf, uint32_t vcpus);

/*
 * Reads the longest age of all, in jiffies; 0 where nobody waits. *max_age_jiffies is set
 * only with CAP_AGE_READ. The guest may run. Never blocks; one access for each CPU.
 */
enum cap_age_state cap_age_read(struct cap_source *source,
                                const struct cap_age_source *age,
                                uint64_t *max_age_jiffies);

/* "not_resolved", "out_of_bounds", "no_data", "read". */
const char *cap_age_state_name(enum cap_age_state state);

/* With CAP_AGE_NOT_RESOLVED: what the guest lacks, to come after "the guest has". Else
   NULL. Static. */
const char *cap_age_missing(const struct cap_age_source *age);

#endif
