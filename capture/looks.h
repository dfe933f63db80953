/*
 * looks: what was seen of the vCPUs that a freeze misses, without touching them.
 *
 * The coordinator of the freeze calls cap_looks_take() twice (freeze.h): once before it
 * repeats kicks, once after its decision. Each call looks at the host threads of the
 * missing vCPUs and collects what is known of their last exit. Those that have parked are
 * left alone.
 *
 * All memory is allocated beforehand. At most CAP_LOOKS_MOST vCPUs are looked at, and time
 * is bounded, too (a look takes 50 to 200 us): hundreds may be missing 10 ms after the first
 * kick, most of them merely late, and they all wait for the next. A call looks at one
 * however long that takes, and begins no other after the limit. What was left out has no
 * look.
 */
#ifndef DUMPCTL_CAPTURE_LOOKS_H
#define DUMPCTL_CAPTURE_LOOKS_H

#include "capture/clock.h"
#include "capture/freeze.h"
#include "capture/host_thread.h"
#include "capture/source.h"

#define CAP_LOOKS_MOST 64u
#define CAP_LOOKS_FIRST_LIMIT_NS (5 * CAP_NS_PER_MS)
#define CAP_LOOKS_LAST_LIMIT_NS (20 * CAP_NS_PER_MS)

/* One moment of one vCPU. */
struct cap_glimpse {
    bool taken;
    int error; /* errno: nothing could be read of the thread, ENOENT: there is none */
    struct cap_vcpu_facts facts;
    struct cap_host_thread thread; /* its errors hold whatever `error` is */
};

struct cap_look {
    uint32_t id;
    bool late; /* it had parked by the second look, which was not taken then */
    struct cap_glimpse first; /* before kicks were repeated */
    struct cap_glimpse last;  /* after the decision */
};

struct cap_looks {
    struct cap_source *source;
    uint32_t epoch; /* of the freeze that they are of */
    uint32_t count;
    struct cap_look looks[CAP_LOOKS_MOST]; /* `count` of them, in no order */
};

/* `source` is borrowed until the last cap_looks_take(). */
struct cap_looks *cap_looks_new(struct cap_source *source,
                                struct dc_error *err) DC_MUST_USE;
void cap_looks_free(struct cap_looks *looks);

/* A cap_missing_fn, for limits.missing; `looks` is limits.missing_context. The first call of
   a freeze forgets the freeze before. */
void cap_looks_take(void *looks, const uint32_t *ids, uint32_t count,
                    enum cap_missing_when when);

/* What was seen of vCPU `id`, which the latest freeze missed; NULL: nothing. */
const struct cap_look *cap_looks_of(const struct cap_looks *looks, uint32_t id);

#endif
