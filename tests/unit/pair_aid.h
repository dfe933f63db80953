/*
 * pair_aid: pairs of documents at random, the same in every run, that dumpctl reads: the
 * second is the first after a few changes of the kind that reports differ by, or the first
 * told in another way, or another document.
 *
 * Unlike those of maker_aid they have integers up to 2^64-1, lists that are longer, and
 * elements with keys that stand once or twice. No unknown member stands twice in an object,
 * and reals in unknown members are spelt as Python spells them, so that what it reads and
 * writes again is the same text.
 */
#ifndef TESTS_PAIR_AID_H
#define TESTS_PAIR_AID_H

#include "lib/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct pair {
    struct dc_buf a, b; /* the texts; owned */
    bool told_anew;     /* made to have one wire form: of every fourth pair */
};

/* A pair for each seed; pair_done() must follow. */
void pair_make(struct pair *pair, uint64_t seed);
void pair_done(struct pair *pair);

#endif
