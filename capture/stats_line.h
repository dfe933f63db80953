/*
 * stats_line: the bytes that have come from a scheduler, until they make a line.
 *
 * Grows with what comes, and never beyond its cap and one byte more: with that many and no
 * newline among them the line is too long, however the bytes were cut into pieces.
 */
#ifndef DUMPCTL_CAPTURE_STATS_LINE_H
#define DUMPCTL_CAPTURE_STATS_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/arena.h"

struct cap_stats_line {
    struct dc_alloc alloc;
    size_t cap; /* most bytes of a line, without its newline */
    char *data;
    size_t used, room;
    bool whole; /* a newline has come: */
    size_t len; /* bytes before it */
};

void cap_stats_line_init(struct cap_stats_line *line, size_t cap, struct dc_alloc alloc);
void cap_stats_line_done(struct cap_stats_line *line);

/* Forgets the bytes, keeps the memory. */
void cap_stats_line_clear(struct cap_stats_line *line);

/* Where the next bytes go; *size says how many fit, 1 at least. NULL: out of memory. Only
   while the line is neither whole nor too long. */
char *cap_stats_line_space(struct cap_stats_line *line, size_t *size) DC_MUST_USE;

/* `n` bytes have been put there. */
void cap_stats_line_added(struct cap_stats_line *line, size_t n);

bool cap_stats_line_is_too_long(const struct cap_stats_line *line);

/* Bytes behind the newline of a whole line. */
size_t cap_stats_line_surplus(const struct cap_stats_line *line);

#endif
