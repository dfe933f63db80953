/*
 * Periodic captures on a source without KVM: when they are made, and when there are no more.
 */
#include "tests/unit/unit.h"

#include "capture/clock.h"
#include "tests/unit/script_aid.h"

static void never_1(struct aid_source *self, uint32_t id, uint32_t kick) {
    if (id != 1)
        aid_park(self, id, kick);
}

static void every_second_parks(struct aid_source *self, uint32_t id, uint32_t kick) {
    if (id != 1 || cap_board_wanted(self->memory.source.board) % 2 == 0)
        aid_park(self, id, kick);
}

static void two_timeouts_in_a_row_end_the_series(void) {
    static aid_act_fn *const acts[] = {never_1, every_second_parks};
    for (size_t i = 0; i < 2; i++) {
        if (!begin(0))
            return;
        options.dual = false;
        options.every_ms = 1;
        options.count = 6;
        options.timeout_ms = 1;
        aid.act = acts[i];
        go(NULL);
        CHECK_EQ_U64(run.documents.count, i == 0 ? 2 : 6);
        CHECK_EQ_U64(run.end.periodic_given_up, i == 0);
        CHECK_EQ_U64(run.end.siblings_degraded, i == 0 ? 2 : 3);
        CHECK_EQ_U64(run.end.ending, CAP_ENDED_BY_COUNT);
        end();
    }
}

static void take_three_periods(struct aid_source *self,
                               const struct cap_document *document) {
    uint64_t until = cap_now_ns() + 6 * CAP_NS_PER_MS;
    (void)self;
    (void)document;
    while (cap_now_ns() < until)
        ;
}

/* They are not made up for. */
static void late_periods_are_counted(void) {
    if (!begin(0))
        return;
    options.dual = false;
    options.every_ms = 2;
    options.count = 4;
    aid.at_deliver = take_three_periods;
    go(NULL);
    CHECK_EQ_U64(run.documents.count, 4);
    CHECK_EQ_U64(run.end.periodic_late, 4);
    CHECK(run.end.run_us >= 4 * 6000);
    end();
}

int main(void) {
    UNIT_RUN(two_timeouts_in_a_row_end_the_series);
    UNIT_RUN(late_periods_are_counted);
    return unit_done();
}
