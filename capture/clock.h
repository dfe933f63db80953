/*
 * clock: the one clock of a capture, CLOCK_MONOTONIC in nanoseconds.
 */
#ifndef DUMPCTL_CAPTURE_CLOCK_H
#define DUMPCTL_CAPTURE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CAP_NS_PER_US UINT64_C(1000)
#define CAP_NS_PER_MS UINT64_C(1000000)
#define CAP_NS_PER_S UINT64_C(1000000000)

static inline uint64_t cap_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * CAP_NS_PER_S + (uint64_t)now.tv_nsec;
}

#endif
