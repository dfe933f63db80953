/*
 * samples: what a run has asked its scheduler, and what came of it.
 *
 * Before each freeze the coordinator asks for statistics, for a scheduler that stands still
 * cannot answer. Whatever becomes of the question (stats_client.h), a sample is kept: it has
 * statistics or the reason why there are none, so that no report waits longer than the
 * deadline or is lost because of one. Each report has all samples up to it.
 *
 * Bounds: as many samples as the reference keeps, and CAP_SAMPLES_BYTES of JSON; the oldest
 * ones go first, and are counted. Tags tell samples apart: of two with one tag the later
 * one gets a number, as the files of their reports do.
 *
 * One thread takes samples and looks at them, the coordinator's. Only cap_samples_cancel()
 * is for all threads, and for signal handlers.
 */
#ifndef DUMPCTL_CAPTURE_SAMPLES_H
#define DUMPCTL_CAPTURE_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/stats_client.h"
#include "capture/tag.h"
#include "lib/error.h"

enum { CAP_SAMPLES_MOST = 64 };
#define CAP_SAMPLES_BYTES (UINT64_C(4) << 20)

/* Of one question: an error trigger must not wait for long. */
#define CAP_SAMPLES_TIMEOUT_MS 500u

/* Values inside each other that a report has room for, where a sample has its JSON. */
enum { CAP_SAMPLES_DEPTH = 123 };

struct cap_sample {
    char tag[CAP_TAG_SIZE];
    const char *phase;   /* of the run; static */
    uint64_t offset_ms;  /* when it was due, from the start of the guest; 0: it was not */
    uint64_t elapsed_ms; /* of the guest's run to the end of the question, less freezes */
    bool have;           /* json is what the scheduler said, else the reason */
    enum cap_missing missing; /* which reason; without statistics */
    bool first;               /* on its connection */
    uint64_t deadline_ms;     /* that passed; 0: none did */
    uint64_t took_us;
    const char *json; /* as a report has it */
    size_t len;
    struct dc_buf buf; /* private: owns json */
};

/* How the questions of a run ended, those of samples that are gone too. */
struct cap_samples_tally {
    uint32_t asked, have;
    uint32_t missing[CAP_N_MISSING];
};

struct cap_samples;

/* `timeout_ms` 0: the default. DC_EUSAGE for a path that no socket can have, DC_ENOMEM. */
struct cap_samples *cap_samples_new(const char *path, uint64_t timeout_ms,
                                    struct dc_error *err) DC_MUST_USE;
void cap_samples_free(struct cap_samples *samples);

/* What a sample is taken for. */
struct cap_samples_request {
    const char *tag;
    const char *phase;
    uint64_t offset_ms;
    uint64_t start_ns; /* of the guest, cap_now_ns() */
};

/*
 * Asks, and waits no longer than the deadline: an answer, a cancel or a failure ends it.
 * Returns the sample, which is the latest from then on and valid until the next is taken.
 */
const struct cap_sample *cap_samples_take(struct cap_samples *samples,
                                          const struct cap_samples_request *request);

/* Gives the latest sample another tag: there will be no report with the one that it has. */
void cap_samples_rename(struct cap_samples *samples, const char *tag);

/* The guest is about to be frozen (true), or goes on. The time between is no part of
   elapsed_ms. */
void cap_samples_freeze(struct cap_samples *samples, bool frozen);

/* The run is to end: wakes who waits, and lets nobody wait any more. For good. */
void cap_samples_cancel(struct cap_samples *samples);

/* ---- what there is ---- */

size_t cap_samples_count(const struct cap_samples *samples);

/* Number `i`, the oldest first. */
const struct cap_sample *cap_samples_at(const struct cap_samples *samples, size_t i);

/* The latest with that tag; NULL: it is gone, or there was none. */
const struct cap_sample *cap_samples_find(const struct cap_samples *samples,
                                          const char *tag);

uint64_t cap_samples_evicted(const struct cap_samples *samples);
uint64_t cap_samples_discarded(const struct cap_samples *samples); /* bytes */
const char *cap_samples_path(const struct cap_samples *samples);
uint64_t cap_samples_timeout_ms(const struct cap_samples *samples);
struct cap_samples_tally cap_samples_tally(const struct cap_samples *samples);

#endif
