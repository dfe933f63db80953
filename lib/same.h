/*
 * same: whether two parts of one report are the same to the letter, and a number that is
 * equal for equal parts, so that they can be grouped. lib/compare.h compares two reports, by
 * meaning.
 */
#ifndef DUMPCTL_LIB_SAME_H
#define DUMPCTL_LIB_SAME_H

#include "lib/doc.h"

/* Either may be NULL. A record with unknown members is the same as itself alone. */
bool dc_same(const struct dc_rec *a, const struct dc_rec *b);

/* NULL has one too. */
uint64_t dc_same_hash(const struct dc_rec *rec);

/* What hashes are made of: a word, or a string, mixed in. */
uint64_t dc_same_mix(uint64_t hash, uint64_t word);
uint64_t dc_same_mix_str(uint64_t hash, struct dc_str str);

#endif
