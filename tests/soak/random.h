/*
 * random: numbers that a seed decides, so that a run can be had again.
 */
#ifndef TESTS_SOAK_RANDOM_H
#define TESTS_SOAK_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct soak_random {
    uint64_t state;
};

/* splitmix64 */
static inline uint64_t soak_next(struct soak_random *random) {
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* A stream of its own for each `number` of a seed. */
static inline struct soak_random soak_random(uint64_t seed, uint64_t number) {
    struct soak_random first = {seed ^ number * UINT64_C(0xd1342543de82ef95)};
    return (struct soak_random){soak_next(&first)};
}

/* 0 to n - 1; n is not 0. */
static inline uint32_t soak_below(struct soak_random *random, uint32_t n) {
    return (uint32_t)(soak_next(random) >> 32) % n;
}

static inline uint32_t soak_between(struct soak_random *random, uint32_t least,
                                    uint32_t most) {
    return least + soak_below(random, most - least + 1);
}

/* True once in n times; never where n is 0. */
static inline bool soak_chance(struct soak_random *random, uint32_t n) {
    return n > 0 && soak_below(random, n) == 0;
}

#endif
