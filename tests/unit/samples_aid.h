/*
 * samples_aid: the samples of a run, taken from the scripted scheduler.
 *
 * Included by tests that ask it; everything is static.
 */
#ifndef TESTS_UNIT_SAMPLES_AID_H
#define TESTS_UNIT_SAMPLES_AID_H

#include "capture/clock.h"
#include "capture/samples.h"
#include "tests/unit/stats_aid.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

static struct aid_scheduler scheduler;
static struct cap_samples *samples;

static void begin_samples(const char *const *words, uint64_t timeout_ms) {
    struct dc_error err;
    aid_scheduler_begin(&scheduler, words);
    samples = cap_samples_new(scheduler.path, timeout_ms, &err);
    if (!samples)
        abort();
}

static void end_samples(void) {
    cap_samples_free(samples);
    aid_scheduler_end(&scheduler);
}

static const struct cap_sample *take(const char *tag) {
    const struct cap_samples_request request = {
        .tag = tag, .phase = "idle", .start_ns = cap_now_ns()};
    return cap_samples_take(samples, &request);
}

static bool says(const struct cap_sample *sample, const char *json) {
    bool same =
        strlen(json) == sample->len && memcmp(json, sample->json, sample->len) == 0;
    if (!same)
        unit_bytes("has", sample->json, sample->len < 200 ? sample->len : 200);
    return same;
}

#endif
