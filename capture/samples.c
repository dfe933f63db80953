#include "capture/samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/clock.h"
#include "lib/lex.h"

struct cap_samples {
    struct cap_stats *client;
    uint64_t timeout_ms;
    size_t count;
    struct cap_sample all[CAP_SAMPLES_MOST]; /* the oldest first */
    uint64_t bytes;                          /* of their JSON */
    uint64_t evicted;
    uint64_t frozen_ns; /* of all freezes that are over */
    uint64_t since_ns;  /* begin of the one that is not; 0: none */
    struct cap_samples_tally tally;
};

struct cap_samples *cap_samples_new(const char *path, uint64_t timeout_ms,
                                    struct dc_error *err) {
    struct cap_samples *samples = calloc(1, sizeof(*samples));
    if (!samples) {
        dc_fail(err, DC_ENOMEM, "no memory for the scheduler's statistics");
        return NULL;
    }
    samples->timeout_ms = timeout_ms ? timeout_ms : CAP_SAMPLES_TIMEOUT_MS;
    const struct cap_stats_options options = {.path = path,
                                              .timeout_ms = samples->timeout_ms,
                                              .margin = DC_MAX_DEPTH - CAP_SAMPLES_DEPTH};
    samples->client = cap_stats_new(&options, err);
    if (samples->client)
        return samples;
    free(samples);
    return NULL;
}

static void forget(struct cap_samples *samples, struct cap_sample *sample) {
    samples->bytes -= sample->len;
    dc_buf_done(&sample->buf);
}

void cap_samples_free(struct cap_samples *samples) {
    if (!samples)
        return;
    for (size_t i = 0; i < samples->count; i++)
        forget(samples, &samples->all[i]);
    cap_stats_free(samples->client);
    free(samples);
}

/* ---- room ---- */

static void evict_oldest(struct cap_samples *samples) {
    forget(samples, &samples->all[0]);
    samples->count--;
    memmove(samples->all, samples->all + 1, samples->count * sizeof(samples->all[0]));
    samples->evicted++;
}

/* The latest one stays, however long it is: its length has a cap of its own. */
static void keep_bounds(struct cap_samples *samples) {
    while (samples->count > 1 && samples->bytes > CAP_SAMPLES_BYTES)
        evict_oldest(samples);
}

/* ---- tags ---- */

/* Of all samples but the first `n`: is there one with that tag? */
static bool is_taken(const struct cap_samples *samples, size_t n, const char *tag) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(samples->all[i].tag, tag) == 0)
            return true;
    return false;
}

/* TAG, TAG-2, TAG-3 and so on, whichever the first `n` samples do not have. */
static void name(const struct cap_samples *samples, size_t n, const char *tag,
                 char out[CAP_TAG_SIZE]) {
    char number[16] = "";
    for (unsigned k = 1; k <= CAP_SAMPLES_MOST + 1; k++) {
        if (k > 1)
            snprintf(number, sizeof(number), "-%u", k);
        int room = (int)(CAP_TAG_SIZE - 1 - strlen(number));
        snprintf(out, CAP_TAG_SIZE, "%.*s%s", room, tag, number);
        if (!is_taken(samples, n, out))
            return;
    }
}

/* ---- answers ---- */

/* The answer becomes the sample's. Where memory ran out it is a reason that needs none. */
static void take_answer(struct cap_sample *sample,
                        const struct cap_stats_answer *answer) {
    static const char lacking[] = "{\"NoScheduler\":{\"reason\":\"out of memory\"}}";
    bool ok = dc_buf_ok(&answer->json) && answer->json.len > 0;
    sample->buf = answer->json;
    sample->json = ok ? answer->json.data : lacking;
    sample->len = ok ? answer->json.len : sizeof(lacking) - 1;
    sample->have = ok && answer->have;
    sample->missing = ok && !answer->have ? answer->missing : CAP_NO_SCHEDULER;
    sample->first = answer->first && sample->have;
    sample->deadline_ms = answer->deadline_ms;
    sample->took_us = answer->took_us;
}

static void count(struct cap_samples *samples, const struct cap_sample *sample) {
    samples->tally.asked++;
    if (sample->have)
        samples->tally.have++;
    else
        samples->tally.missing[sample->missing]++;
}

/* How long the guest has run since then: without the time for which it stood still. */
static uint64_t guest_ns(const struct cap_samples *samples, uint64_t start_ns) {
    uint64_t until_ns = samples->since_ns > 0 ? samples->since_ns : cap_now_ns();
    uint64_t away_ns = start_ns + samples->frozen_ns;
    return until_ns > away_ns ? until_ns - away_ns : 0;
}

const struct cap_sample *cap_samples_take(struct cap_samples *samples,
                                          const struct cap_samples_request *request) {
    const struct cap_stats_request stats = {.meta = false};
    struct cap_stats_answer answer;
    if (samples->count == CAP_SAMPLES_MOST)
        evict_oldest(samples);
    /* Where memory is lacking the answer is empty. */
    (void)!cap_stats_ask(samples->client, &stats, &answer, NULL);
    struct cap_sample *sample = &samples->all[samples->count];
    *sample = (struct cap_sample){
        .phase = request->phase,
        .offset_ms = request->offset_ms,
        .elapsed_ms = guest_ns(samples, request->start_ns) / CAP_NS_PER_MS,
    };
    take_answer(sample, &answer);
    name(samples, samples->count, request->tag, sample->tag);
    count(samples, sample);
    samples->count++;
    samples->bytes += sample->len;
    keep_bounds(samples);
    return &samples->all[samples->count - 1];
}

void cap_samples_rename(struct cap_samples *samples, const char *tag) {
    size_t last = samples->count - 1;
    if (samples->count > 0)
        name(samples, last, tag, samples->all[last].tag);
}

void cap_samples_freeze(struct cap_samples *samples, bool frozen) {
    if (frozen && samples->since_ns == 0) {
        samples->since_ns = cap_now_ns();
    } else if (!frozen && samples->since_ns > 0) {
        samples->frozen_ns += cap_now_ns() - samples->since_ns;
        samples->since_ns = 0;
    }
    cap_stats_freeze(samples->client, frozen);
}

void cap_samples_cancel(struct cap_samples *samples) {
    cap_stats_cancel(samples->client);
}

/* ---- what there is ---- */

size_t cap_samples_count(const struct cap_samples *samples) {
    return samples->count;
}

const struct cap_sample *cap_samples_at(const struct cap_samples *samples, size_t i) {
    return &samples->all[i];
}

const struct cap_sample *cap_samples_find(const struct cap_samples *samples,
                                          const char *tag) {
    for (size_t i = samples->count; i-- > 0;)
        if (strcmp(samples->all[i].tag, tag) == 0)
            return &samples->all[i];
    return NULL;
}

uint64_t cap_samples_evicted(const struct cap_samples *samples) {
    return samples->evicted;
}

uint64_t cap_samples_discarded(const struct cap_samples *samples) {
    return cap_stats_discarded(samples->client);
}

const char *cap_samples_path(const struct cap_samples *samples) {
    return cap_stats_path(samples->client);
}

uint64_t cap_samples_timeout_ms(const struct cap_samples *samples) {
    return samples->timeout_ms;
}

struct cap_samples_tally cap_samples_tally(const struct cap_samples *samples) {
    return samples->tally;
}
