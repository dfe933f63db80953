/*
 * board: where the vCPU threads of a source and the coordinator of a freeze meet.
 *
 * Each freeze has an epoch, a number that is never 0 and never that of the freeze before.
 * A vCPU thread acknowledges with the epoch that it parked for; the coordinator compares,
 * per vCPU. So an acknowledgement that is late, doubled or left over from an earlier
 * freeze is one of another epoch (or of a vCPU already counted) and completes nothing.
 *
 * Who may touch what:
 *   frozen        coordinator writes, everybody reads; vCPU threads sleep on it
 *   seat.slot     its vCPU's thread, until it has acknowledged; then the coordinator, until
 *                 it closes the freeze. The release of `acked` and the acquire of
 *                 cap_board_parked() hand it over, those of `frozen` hand it back.
 *   seat.acked    its vCPU's thread writes, the coordinator reads
 *   seat.left     likewise
 *   arrivals, ring_at, gong   wake-ups only; nothing is ever decided by them
 *
 * The board is made before the threads and freed after they were joined.
 */
#ifndef DUMPCTL_CAPTURE_BOARD_H
#define DUMPCTL_CAPTURE_BOARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture/registers.h"
#include "lib/error.h"

/* What a vCPU thread leaves for the coordinator when it parks. */
struct cap_slot {
    struct cap_registers registers; /* undefined unless error == 0 */
    int error;                      /* errno of the register read */
    uint64_t parked_ns;             /* cap_now_ns() at the acknowledgement */
};

struct cap_seat {
    _Alignas(64) _Atomic uint32_t acked; /* epoch of the latest acknowledgement, or 0 */
    _Atomic uint32_t left;               /* epoch of the latest release that was taken */
    struct cap_slot slot;
};

struct cap_board {
    uint32_t count;            /* seats */
    uint32_t last_epoch;       /* coordinator only */
    _Atomic uint32_t frozen;   /* epoch of the freeze in force, 0: none; a futex */
    _Atomic uint32_t arrivals; /* acknowledgements and departures so far */
    _Atomic uint32_t ring_at;  /* the arrival for which the coordinator wants to wake */
    _Atomic uint32_t gong;     /* a futex; changes when the coordinator should look */
    struct cap_seat seats[];
};

/* Taken before looking, given to cap_board_wait() after it: see there. */
struct cap_mark {
    uint32_t gong;
    uint32_t arrivals;
};

struct cap_board *cap_board_new(uint32_t count, struct dc_error *err) DC_MUST_USE;
void cap_board_free(struct cap_board *board);

/* ---- coordinator ---- */

/* Begins a freeze and returns its epoch. Sleeping threads are not woken: kicks do that. */
uint32_t cap_board_open(struct cap_board *board);

/* Ends the freeze in force, if any: parked threads go on. */
void cap_board_close(struct cap_board *board);

/* Has vCPU `id` acknowledged this epoch? If so its slot may be read until the close. */
bool cap_board_parked(const struct cap_board *board, uint32_t id, uint32_t epoch);

/* Has vCPU `id` left the park of this epoch? */
bool cap_board_left(const struct cap_board *board, uint32_t id, uint32_t epoch);

struct cap_mark cap_board_mark(const struct cap_board *board);

/*
 * Sleeps up to `ns` for `more` arrivals after `mark`, or a cap_board_ring(). It may return
 * early. With the mark taken before the coordinator looked at the seats, no arrival
 * between the look and the sleep is missed.
 */
void cap_board_wait(struct cap_board *board, struct cap_mark mark, uint32_t more,
                    uint64_t ns);

/* ---- vCPU threads ---- */

/* The epoch to park for, or 0. */
uint32_t cap_board_wanted(const struct cap_board *board);

/* Says that vCPU `id` is parked for `epoch` and its slot is filled. */
void cap_board_ack(struct cap_board *board, uint32_t id, uint32_t epoch);

/* Sleeps while the freeze `epoch` is in force, up to `ns`. May return early. */
void cap_board_hold(struct cap_board *board, uint32_t epoch, uint64_t ns);

/* Says that vCPU `id` has left the park of `epoch`. */
void cap_board_leave(struct cap_board *board, uint32_t id, uint32_t epoch);

/* Sleeps while no freeze is in force, up to `ns`. A signal ends it: it may return early. */
void cap_board_idle(struct cap_board *board, uint64_t ns);

/* ---- anybody ---- */

/* Makes the coordinator look: something happened that is no arrival. */
void cap_board_ring(struct cap_board *board);

#endif
