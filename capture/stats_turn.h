/*
 * stats_turn: one thread at a time, in the order in which they came, each within a deadline.
 *
 * Not a mutex held for the whole time: pthread_mutex_clocklock(), which alone has a deadline
 * by the monotonic clock, is unknown to the ThreadSanitizer of gcc 12, and serves nobody in
 * order. The lock in here is held for moments only.
 */
#ifndef DUMPCTL_CAPTURE_STATS_TURN_H
#define DUMPCTL_CAPTURE_STATS_TURN_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Where a thread stands in the queue; on its stack until it has left. */
struct cap_stats_place {
    struct cap_stats_place *next;
};

struct cap_stats_turn {
    pthread_mutex_t lock;   /* of: */
    pthread_cond_t changed; /* somebody else stands in front */
    struct cap_stats_place *first, **end;
};

void cap_stats_turn_init(struct cap_stats_turn *turn);

/* When nobody stands in the queue. */
void cap_stats_turn_done(struct cap_stats_turn *turn);

/* Waits until it is this thread's turn, until `deadline` (by cap_now_ns()) at most. False:
   it was not, and the thread has left the queue. */
bool cap_stats_turn_take(struct cap_stats_turn *turn, struct cap_stats_place *place,
                         uint64_t deadline);

/* Lets the next one in; only by who has had the turn. */
void cap_stats_turn_leave(struct cap_stats_turn *turn);

#endif
