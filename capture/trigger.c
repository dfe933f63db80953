#include "capture/trigger.h"

#include "capture/clock.h"

#define POLL_NS CAP_NS_PER_MS
#define WAITING_NS (500 * CAP_NS_PER_MS)
#define NO_VCPUS (UINT32_C(1) << 30) /* arrivals at the board do not matter here */

enum cap_latch_state cap_latch_read(struct cap_source *source, uint64_t root,
                                    const struct cap_place_expr *latch) {
    uint32_t value;
    switch (cap_place_read(source, root, latch, &value, sizeof(value))) {
    case CAP_PLACE_OK:
        return value ? CAP_LATCH_TRIGGERED : CAP_LATCH_NOT_TRIGGERED;
    case CAP_PLACE_OUT_OF_BOUNDS:
        return CAP_LATCH_OUT_OF_BOUNDS;
    default: /* a null pointer: what it will point to is not there yet */
        return CAP_LATCH_NOT_RESOLVED;
    }
}

const char *cap_latch_state_name(enum cap_latch_state state) {
    static const char *const names[] = {
        [CAP_LATCH_NOT_RESOLVED] = "not_resolved",
        [CAP_LATCH_OUT_OF_BOUNDS] = "out_of_bounds",
        [CAP_LATCH_NOT_TRIGGERED] = "not_triggered",
        [CAP_LATCH_TRIGGERED] = "triggered",
    };
    return names[state];
}

enum cap_exit_kind_state cap_exit_kind_read(struct cap_source *source, uint64_t root,
                                            const struct cap_place_expr *place,
                                            uint32_t *value) {
    static const enum cap_exit_kind_state states[] = {
        [CAP_PLACE_OK] = CAP_EXIT_KIND_READ,
        [CAP_PLACE_NOT_RESOLVED] = CAP_EXIT_KIND_NOT_RESOLVED,
        [CAP_PLACE_NULL] = CAP_EXIT_KIND_NO_SCHEDULER,
        [CAP_PLACE_OUT_OF_BOUNDS] = CAP_EXIT_KIND_OUT_OF_BOUNDS,
    };
    uint32_t found;
    enum cap_place_state state =
        cap_place_read(source, root, place, &found, sizeof(found));
    if (state == CAP_PLACE_OK)
        *value = found;
    return states[state];
}

const char *cap_exit_kind_state_name(enum cap_exit_kind_state state) {
    static const char *const names[] = {
        [CAP_EXIT_KIND_NOT_RESOLVED] = "not_resolved",
        [CAP_EXIT_KIND_OUT_OF_BOUNDS] = "out_of_bounds",
        [CAP_EXIT_KIND_NO_SCHEDULER] = "no_scheduler",
        [CAP_EXIT_KIND_READ] = "read",
    };
    return names[state];
}

static bool fired(struct cap_source *source, const struct cap_wait *wait,
                  uint64_t elapsed) {
    if (wait->trigger == CAP_TRIGGER_TIMER)
        return elapsed >= wait->timer_ns;
    uint64_t root = source->ops->page_table(source);
    return cap_latch_read(source, root, wait->latch) == CAP_LATCH_TRIGGERED;
}

/* One look. Returns whether the wait is over. */
static bool look(struct cap_source *source, const struct cap_wait *wait, uint64_t elapsed,
                 enum cap_event *event, uint32_t *vcpu) {
    /* Before the latch: what ended the guest comes after its last store. */
    enum cap_life life = source->ops->life(source, vcpu);

    if (fired(source, wait, elapsed))
        *event = CAP_EVENT_TRIGGER;
    else if (life == CAP_FAILED)
        *event = CAP_EVENT_CRASH;
    else if (life != CAP_RUNNING)
        *event = CAP_EVENT_ENDED;
    else if (wait->cancel && atomic_load(wait->cancel) != 0)
        *event = CAP_EVENT_CANCELLED;
    else if (wait->run_for_ns > 0 && elapsed >= wait->run_for_ns)
        *event = CAP_EVENT_RUN_FOR;
    else
        return false;
    return true;
}

enum cap_event cap_trigger_wait(struct cap_source *source, const struct cap_wait *wait,
                                uint32_t *vcpu) {
    uint64_t start = cap_now_ns(), tell_at = WAITING_NS;
    enum cap_event event;

    for (;;) {
        struct cap_mark mark = cap_board_mark(source->board);
        uint64_t elapsed = cap_now_ns() - start;
        if (look(source, wait, elapsed, &event, vcpu))
            return event;
        if (wait->waiting && elapsed >= tell_at) {
            wait->waiting(wait->waiting_context, elapsed / CAP_NS_PER_US);
            tell_at = elapsed + WAITING_NS;
        }
        cap_board_wait(source->board, mark, NO_VCPUS, POLL_NS);
    }
}
