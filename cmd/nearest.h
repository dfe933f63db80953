/*
 * nearest: the word that somebody probably meant.
 */
#ifndef DUMPCTL_CMD_NEAREST_H
#define DUMPCTL_CMD_NEAREST_H

#include <stddef.h>

/* How many insertions, deletions, exchanges and swaps of neighbours make `a` into `b`.
   Words of more than 31 bytes are taken as different in every byte. */
unsigned cmd_distance(const char *a, const char *b);

/* The first of words[0..count) with the least distance, where that is at most 2 and less
   than the word is long; else NULL. */
const char *cmd_nearest(const char *word, const char *const *words, size_t count);

#endif
