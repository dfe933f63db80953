#include "capture/trigger.h"

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
