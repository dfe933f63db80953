/*
 * stats_reason: what stands in for a scheduler's statistics where there are none.
 *
 * A REASON is the value that the reference calls MissingStatsReason (scheduler-stats 3.1):
 * a string for those without values, else an object with one member. The functions here
 * write it as the reference does, byte for byte: compact, members in the order of its
 * declaration, free JSON with sorted names (3.3). To read one: dc_report_read(), variant
 * DC_MISSING_STATS; its text: dc_missing_text().
 *
 * The ninth name, MutexPoisoned, is read and printed (lib/) but never written: no lock of
 * this program can be poisoned.
 */
#ifndef DUMPCTL_CAPTURE_STATS_REASON_H
#define DUMPCTL_CAPTURE_STATS_REASON_H

#include <stdint.h>

#include "lib/buf.h"
#include "lib/lex.h"

enum cap_missing {
    CAP_NO_SCHEDULER_BINARY, /* none is configured; nobody was asked */
    CAP_NO_SCHEDULER,        /* any failure that has no name of its own */
    CAP_DURING_FREEZE,
    CAP_CANCELLED, /* also: the deadline passed */
    CAP_SCHEDULER_ERROR,
    CAP_MISSING_RESP,
    CAP_REQUEST_TOO_LARGE,
    CAP_RESPONSE_TOO_LARGE,
    CAP_N_MISSING,
};

/* As it stands in JSON, for example "NoScheduler". */
const char *cap_missing_name(enum cap_missing missing);

/*
 * The writers add to `out`; what fails there is told by dc_buf_ok().
 * This one is for those without values: CAP_NO_SCHEDULER_BINARY, _DURING_FREEZE, _CANCELLED.
 */
void cap_reason_unit(struct dc_buf *out, enum cap_missing missing);

/* `len` bytes of text; those that are no UTF-8 become U+FFFD. */
void cap_reason_no_scheduler(struct dc_buf *out, const char *text, size_t len);

/* The same with the inside of a JSON string that dc_lex_string() has read. */
void cap_reason_no_scheduler_raw(struct dc_buf *out, struct dc_span raw);

/* `args` is JSON that has been checked by dc_lex_skip(). */
void cap_reason_scheduler_error(struct dc_buf *out, int32_t number, struct dc_span args);
void cap_reason_missing_resp(struct dc_buf *out, struct dc_span args);

/* CAP_REQUEST_TOO_LARGE or CAP_RESPONSE_TOO_LARGE; bytes. */
void cap_reason_too_large(struct dc_buf *out, enum cap_missing missing, uint64_t size,
                          uint64_t max);

/* Free JSON in the form of 3.3; `value` has been checked by dc_lex_skip(). */
void cap_reason_any(struct dc_buf *out, struct dc_span value);

#endif
