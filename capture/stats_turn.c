#include "capture/stats_turn.h"

#include <stddef.h>
#include <time.h>

#include "capture/clock.h"

void cap_stats_turn_init(struct cap_stats_turn *turn) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&turn->lock, NULL);
    pthread_cond_init(&turn->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    turn->first = NULL;
    turn->end = &turn->first;
}

void cap_stats_turn_done(struct cap_stats_turn *turn) {
    pthread_cond_destroy(&turn->changed);
    pthread_mutex_destroy(&turn->lock);
}

static void take_out(struct cap_stats_turn *turn, const struct cap_stats_place *place) {
    struct cap_stats_place **at = &turn->first;
    while (*at != place)
        at = &(*at)->next;
    *at = place->next;
    if (!place->next)
        turn->end = at;
}

bool cap_stats_turn_take(struct cap_stats_turn *turn, struct cap_stats_place *place,
                         uint64_t deadline) {
    const struct timespec until = {.tv_sec = (time_t)(deadline / CAP_NS_PER_S),
                                   .tv_nsec = (long)(deadline % CAP_NS_PER_S)};
    int rc = 0;
    place->next = NULL;
    pthread_mutex_lock(&turn->lock);
    *turn->end = place;
    turn->end = &place->next;
    while (turn->first != place && rc == 0)
        rc = pthread_cond_timedwait(&turn->changed, &turn->lock, &until);
    bool mine = turn->first == place;
    if (!mine)
        take_out(turn, place);
    pthread_mutex_unlock(&turn->lock);
    return mine;
}

void cap_stats_turn_leave(struct cap_stats_turn *turn) {
    pthread_mutex_lock(&turn->lock);
    take_out(turn, turn->first);
    pthread_cond_broadcast(&turn->changed);
    pthread_mutex_unlock(&turn->lock);
}
