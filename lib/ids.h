/*
 * ids: numbers of vCPUs and CPUs as people write them: "3,7-9".
 */
#ifndef DUMPCTL_LIB_IDS_H
#define DUMPCTL_LIB_IDS_H

#include "lib/buf.h"

#include <stdint.h>

/* Whether `text` is such a list: decimal numbers below 2^32 and ranges of them, between
   commas. 0, or -1 with DC_EUSAGE. */
int dc_ids_check(const char *text, struct dc_error *err) DC_MUST_USE;

/* Whether a list that dc_ids_check() has accepted has `id`. NULL has every id. */
bool dc_ids_has(const char *text, uint64_t id);

/*
 * Builds such a list from ids in rising order. What would pass `limit` bytes is counted at
 * the end: "0-3,9 ... (+12 more)". The list goes to `out` behind what it holds.
 */
struct dc_ranges {
    struct dc_buf *out;
    size_t limit; /* bytes; 0: none */
    /* private */
    size_t start, added, written;
    size_t sure, sure_written; /* what stays where the rest has no room */
    uint64_t first, last;
    bool full;
};

void dc_ranges_begin(struct dc_ranges *ranges, struct dc_buf *out, size_t limit);
void dc_ranges_add(struct dc_ranges *ranges, uint64_t id);
void dc_ranges_end(struct dc_ranges *ranges);

#endif
