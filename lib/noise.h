/*
 * noise: what differs between two runs without meaning anything: addresses, times, and what
 * identifies a thing inside one run only.
 *
 * The units of the schema tables say most of it; the exceptions stand in lib/noise.c.
 */
#ifndef DUMPCTL_LIB_NOISE_H
#define DUMPCTL_LIB_NOISE_H

#include "lib/doc.h"

/* What is noise. */
enum dc_noise {
    DC_NOISE_BOTH,  /* addresses and register contents, and what passes */
    DC_NOISE_TIMES, /* what passes: times, and identities inside one run */
    DC_NOISE_NONE,  /* nothing */
};

/* Whether field `i` of `type` is noise by itself. */
bool dc_noise_is(const struct dc_type *type, size_t i, enum dc_noise noise);

/*
 * Whether the values mean something although the field is noise: an address that is null on
 * one side only, a last exit by which a vCPU does not come back. Both are there.
 */
bool dc_noise_is_telling(const struct dc_rec *a, const struct dc_rec *b, size_t i);

/* Whether it is a text in which times or addresses are noise (dc_noise_words()). */
bool dc_noise_has_words(const struct dc_type *type, size_t i);

/* Whether a record says once more in field `i` what it says elsewhere: the bytes beside a
   value that has been rendered to the end, with the addresses in it. */
bool dc_noise_is_said_twice(const struct dc_rec *rec, size_t i);

/*
 * Whether two texts of the format are the same but for what is measured inside them:
 * digits before "ms" and " kicks" and behind "peak=" (wire-format 8.2 and 8.3), the last
 * exit in the words of a vCPU that did not park, and addresses: hexadecimal digits behind
 * "0x", or sixteen of them that begin with "ffff".
 */
bool dc_noise_words(struct dc_str a, struct dc_str b);

/*
 * A number that is equal for records that are the same but for noise, so that such can be
 * found in two lists; `rec` may be NULL. Members that are default and members that are
 * absent count the same; unknown members do not count.
 */
uint64_t dc_noise_hash(const struct dc_rec *rec, enum dc_noise noise);

#endif
