#include "capture/board.h"

#include <stdlib.h>
#include <string.h>

#include "capture/futex.h"

struct cap_board *cap_board_new(uint32_t count, struct dc_error *err) {
    size_t bytes = sizeof(struct cap_board) + (size_t)count * sizeof(struct cap_seat);
    struct cap_board *board = aligned_alloc(_Alignof(struct cap_board), bytes);
    if (!board) {
        dc_fail(err, DC_ENOMEM, "no memory for the registers of %u vCPUs", count);
        return NULL;
    }
    memset(board, 0, bytes);
    board->count = count;
    return board;
}

void cap_board_free(struct cap_board *board) {
    free(board);
}

uint32_t cap_board_open(struct cap_board *board) {
    board->last_epoch++;
    if (board->last_epoch == 0) /* 0 means "no freeze" */
        board->last_epoch = 1;
    /* Sequentially consistent: vcpu.c explains with which load it must not be reordered. */
    atomic_store(&board->frozen, board->last_epoch);
    return board->last_epoch;
}

void cap_board_close(struct cap_board *board) {
    if (atomic_exchange(&board->frozen, 0) != 0)
        cap_futex_wake_all(&board->frozen);
}

bool cap_board_parked(const struct cap_board *board, uint32_t id, uint32_t epoch) {
    return atomic_load_explicit(&board->seats[id].acked, memory_order_acquire) == epoch;
}

bool cap_board_left(const struct cap_board *board, uint32_t id, uint32_t epoch) {
    return atomic_load_explicit(&board->seats[id].left, memory_order_acquire) == epoch;
}

struct cap_mark cap_board_mark(const struct cap_board *board) {
    return (struct cap_mark){
        .gong = atomic_load(&board->gong),
        .arrivals = atomic_load(&board->arrivals),
    };
}

void cap_board_wait(struct cap_board *board, struct cap_mark mark, uint32_t more,
                    uint64_t ns) {
    atomic_store(&board->ring_at, mark.arrivals + more);
    /* The last arrival either happened before this load, or sees the store above and
       rings: both sides are sequentially consistent. */
    if (atomic_load(&board->arrivals) - mark.arrivals >= more)
        return;
    cap_futex_wait(&board->gong, mark.gong, ns);
}

void cap_board_ring(struct cap_board *board) {
    atomic_fetch_add(&board->gong, 1);
    cap_futex_wake_all(&board->gong);
}

/* One wake-up for the last of many arrivals, instead of one system call for each. */
static void arrive(struct cap_board *board) {
    uint32_t arrived = atomic_fetch_add(&board->arrivals, 1) + 1;
    if ((int32_t)(arrived - atomic_load(&board->ring_at)) >= 0)
        cap_board_ring(board);
}

uint32_t cap_board_wanted(const struct cap_board *board) {
    return atomic_load(&board->frozen);
}

void cap_board_ack(struct cap_board *board, uint32_t id, uint32_t epoch) {
    atomic_store_explicit(&board->seats[id].acked, epoch, memory_order_release);
    arrive(board);
}

void cap_board_hold(struct cap_board *board, uint32_t epoch, uint64_t ns) {
    if (cap_board_wanted(board) == epoch)
        cap_futex_wait(&board->frozen, epoch, ns);
}

void cap_board_leave(struct cap_board *board, uint32_t id, uint32_t epoch) {
    atomic_store_explicit(&board->seats[id].left, epoch, memory_order_release);
    arrive(board);
}

void cap_board_idle(struct cap_board *board, uint64_t ns) {
    cap_futex_wait(&board->frozen, 0, ns);
}
