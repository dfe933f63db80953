/*
 * number: numbers to text and back, exactly, whatever the locale.
 *
 * Integers never pass through a double. Doubles come out in the shortest decimal form that
 * reads back as the same double, laid out as the wire format wants it (wire-format 1.5).
 */
#ifndef DUMPCTL_LIB_NUMBER_H
#define DUMPCTL_LIB_NUMBER_H

#include "lib/error.h"
#include "lib/lex.h"

#include <stdint.h>

enum { DC_NUMBER_MAX = 32 }; /* bytes that any formatted number fits in, NUL included */

/* `text` is a JSON integer. 0, or -1 where it is below 0 or above 2^64-1. */
int dc_parse_u64(struct dc_span text, uint64_t *value) DC_MUST_USE;

/* `text` is a JSON integer. 0, or -1 where it is not in -2^63 .. 2^63-1. */
int dc_parse_i64(struct dc_span text, int64_t *value) DC_MUST_USE;

/*
 * `text` is a JSON number of any kind; rounds to nearest. 0, or -1 where it is larger than
 * every double. Too small a number becomes 0.
 */
int dc_parse_f64(struct dc_span text, double *value) DC_MUST_USE;

/* `value` must be finite. Returns the length without the NUL. */
size_t dc_format_f64(double value, char out[DC_NUMBER_MAX]);

size_t dc_format_u64(uint64_t value, char out[DC_NUMBER_MAX]);
size_t dc_format_i64(int64_t value, char out[DC_NUMBER_MAX]);

/* "0x" and the lower-case digits, at least `digits` of them (0 to 16). */
size_t dc_format_hex(uint64_t value, unsigned digits, char out[DC_NUMBER_MAX]);

#endif
