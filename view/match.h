/*
 * match: what a person types to search or to filter.
 *
 * Letters match both cases. Without wildcards it is enough that the text has the pattern
 * somewhere; with * or ? the pattern must match a whole part of it. Parts stand between
 * tabs: the cells of a row.
 */
#ifndef DUMPCTL_VIEW_MATCH_H
#define DUMPCTL_VIEW_MATCH_H

#include <stdbool.h>
#include <stddef.h>

/* `pattern` is terminated and not empty. */
bool view_match(const char *pattern, const char *text, size_t len);

#endif
