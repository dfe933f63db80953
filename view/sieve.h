/*
 * sieve: which lines of a section have what a person types: those that a search finds, those
 * that a filter lets through.
 *
 * It borrows the outline and the pattern, and is used up before either changes.
 */
#ifndef DUMPCTL_VIEW_SIEVE_H
#define DUMPCTL_VIEW_SIEVE_H

#include "lib/outline.h"

struct view_sieve {
    const struct dc_outline *outline;
    const char *pattern;
    struct dc_buf text;                   /* room to work in */
    size_t rows;                          /* of sorted tables that were looked at */
    const struct dc_outline_table *table; /* the sorted one of which all is known; NULL */
    bool *found;                          /* its rows, as they stand in the report */
};

/* `pattern` is terminated and not empty. view_sieve_done() must follow. */
void view_sieve_init(struct view_sieve *sieve, const struct dc_outline *outline,
                     const char *pattern);

/* false: where memory ran out, too. */
bool view_sieve_has(struct view_sieve *sieve, const struct dc_outline_line *line);

/* false: memory ran out, and what was said of lines is worth nothing. */
bool view_sieve_done(struct view_sieve *sieve) DC_MUST_USE;

#endif
