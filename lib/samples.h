/*
 * samples: what the samples of a run (STATS_SAMPLE) come to: how many have statistics, and
 * why the others have none.
 */
#ifndef DUMPCTL_LIB_SAMPLES_H
#define DUMPCTL_LIB_SAMPLES_H

#include "lib/buf.h"
#include "lib/doc.h"

enum { DC_REASONS = 9 };

struct dc_coverage {
    size_t samples;
    size_t have;                /* statistics, be they null */
    size_t missing[DC_REASONS]; /* by the choices of dc_type_REASON */
};

struct dc_coverage dc_samples_cover(const struct dc_list *samples);

/* "3 of 5 samples had statistics; missing: NoScheduler 1, Cancelled 1" */
void dc_coverage_add(const struct dc_coverage *coverage, struct dc_buf *out);

/*
 * Why a sample has no statistics, in words that are true of a socket on this machine; those
 * of the reference (dc_missing_text()) tell of its relay and its watchdog. `deadline_ms` is
 * the one that passed, 0: none did. 0, or -1 with `err` set where memory ran out.
 */
int dc_samples_why(const struct dc_rec *reason, uint64_t deadline_ms, struct dc_buf *out,
                   struct dc_error *err);

/* Whether both have the same kinds of samples, however many of each. */
bool dc_coverage_is_like(const struct dc_coverage *a, const struct dc_coverage *b);

#endif
