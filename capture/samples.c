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
                                              .timeout_ms = samples->timeout_ms};
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

/* How deep containers stand inside each other; the JSON is that of the client. */
static unsigned depth_of(const struct dc_buf *json) {
    unsigned depth = 0, most = 0;
    bool string = false;
    for (size_t i = 0; i < json->len; i++) {
        char c = json->data[i];
        if (string && c == '\\')
            i++;
        else if (c == '"')
            string = !string;
        else if (!string && (c == '{' || c == '['))
            most = ++depth > most ? depth : most;
        else if (!string && (c == '}' || c == ']'))
            depth--;
    }
    return most;
}

/* A report that had it could not be read. */
static void refuse_depth(struct cap_stats_answer *answer) {
    char text[96];
    unsigned depth = depth_of(&answer->json);
    if (depth <= CAP_SAMPLES_DEPTH)
        return;
    int n = snprintf(text, sizeof(text),
                     "the answer nests %u deep, and a report has room for %u", depth,
                     CAP_SAMPLES_DEPTH);
    answer->json.len = 0;
    answer->have = false;
    answer->missing = CAP_NO_SCHEDULER;
    cap_reason_no_scheduler(&answer->json, text, (size_t)n);
}

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

const struct cap_sample *cap_samples_take(struct cap_samples *samples,
                                          const struct cap_samples_request *request) {
    const struct cap_stats_request stats = {.meta = false};
    struct cap_stats_answer answer;
    if (samples->count == CAP_SAMPLES_MOST)
        evict_oldest(samples);
    /* Where memory is lacking the answer is empty. */
    (void)!cap_stats_ask(samples->client, &stats, &answer, NULL);
    refuse_depth(&answer);
    struct cap_sample *sample = &samples->all[samples->count];
    *sample = (struct cap_sample){
        .phase = request->phase,
        .offset_ms = request->offset_ms,
        .elapsed_ms = (cap_now_ns() - request->start_ns) / CAP_NS_PER_MS,
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
