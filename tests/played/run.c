/*
 * `dumpctl` with a guest that is played, for tests of what a person sees of a capture on a
 * machine without KVM: cap_run() is this one, the rest is the program's own.
 *
 * The guest has 8 vCPUs at most, and does what files in its folder say, which a test makes
 * and removes:
 *
 *     stuck-ID   vCPU ID does not park as long as it is there
 *     latch      the latch is set
 *     wait       the work of vCPU 1 has waited for 100 jiffies (--dual)
 *     end        the guest ends itself
 *     refuse     it cannot be started
 */
#include "tests/unit/source_aid.h"

#include <stdio.h>
#include <unistd.h>

static bool is_there(const char *name) {
    return access(name, F_OK) == 0;
}

static void act(struct aid_source *aid, uint32_t id, uint32_t kick) {
    char name[32];
    snprintf(name, sizeof(name), "stuck-%u", (unsigned)id);
    if (!is_there(name))
        aid_park(aid, id, kick);
}

static void look(struct aid_source *aid, uint32_t number) {
    (void)number;
    if (is_there("latch"))
        aid_store(aid, AID_LATCH, 1);
    if (is_there("wait")) {
        aid_store64(aid, AID_JIFFIES, 500);
        aid_store64(aid, AID_RUNNABLE + 8, 400);
    }
    if (is_there("end"))
        aid->life = CAP_ENDED;
}

static int open_samples(struct aid_source *aid, const struct cap_options *options,
                        struct dc_error *err) {
    if (!options->stats)
        return 0;
    aid->samples = cap_samples_new(options->stats, options->stats_timeout_ms, err);
    if (!aid->samples)
        return -1;
    atomic_store(options->asking, aid->samples);
    return 0;
}

static void close_samples(const struct aid_source *aid,
                          const struct cap_options *options) {
    atomic_store(options->asking, NULL);
    cap_samples_free(aid->samples);
}

int cap_run(const struct cap_options *options, struct cap_end *end,
            struct dc_error *err) {
    static struct aid_source aid; /* of one run */
    if (options->vcpus > AID_VCPUS)
        return dc_fail(err, DC_EUSAGE, "a played guest has %d vCPUs at most", AID_VCPUS);
    if (aid_source_open(&aid, options->vcpus) < 0)
        return dc_fail(err, DC_ENOMEM, "no memory for a played guest");
    aid.act = act;
    aid.at_look = look;
    aid.fail_start = is_there("refuse");
    int rc = open_samples(&aid, options, err);
    if (rc == 0) {
        struct aid_run run = aid_coordinate(&aid, options, 50);
        rc = run.failed ? -1 : 0;
        if (rc < 0)
            *err = run.err;
        *end = run.end;
    }
    close_samples(&aid, options);
    aid_source_close(&aid);
    return rc;
}
