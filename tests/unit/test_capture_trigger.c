/*
 * The latch, exit_kind and the order of events, on a source that is nothing but memory.
 */
#include "tests/unit/unit.h"

#include "capture/clock.h"
#include "capture/inject.h"
#include "capture/trigger.h"

struct fake {
    struct cap_source source;
    uint8_t memory[64];
    enum cap_life life;
    uint32_t looks;        /* so far */
    uint32_t latch_at;     /* the look at which the latch is set, 0: never */
    uint64_t latch_offset; /* where */
};

/* Virtual addresses are physical ones in the first 2 GiB; the tables lie elsewhere. */
#define TABLES UINT64_C(0x100000000)
#define PAGES_1_GIB 0x87

static bool read_table(uint64_t address, uint64_t *entry) {
    switch (address) {
    case TABLES:
        *entry = (TABLES + 0x1000) | 7;
        return true;
    case TABLES + 0x1000:
    case TABLES + 0x1008:
        *entry = (address & 8) << 27 | PAGES_1_GIB;
        return true;
    default:
        *entry = 0;
        return address - TABLES < 0x2000;
    }
}

static bool fake_read(struct cap_source *source, uint64_t address, void *to,
                      size_t bytes) {
    struct fake *fake = (struct fake *)source;
    if (bytes == 8 && address >= TABLES)
        return read_table(address, to);
    if (bytes > sizeof(fake->memory) || address > sizeof(fake->memory) - bytes)
        return false;
    memcpy(to, fake->memory + address, bytes);
    return true;
}

static enum cap_life fake_life(struct cap_source *source, uint32_t *vcpu) {
    struct fake *fake = (struct fake *)source;
    if (++fake->looks == fake->latch_at)
        fake->memory[fake->latch_offset] = 1;
    if (vcpu)
        *vcpu = 3;
    return fake->life;
}

static uint64_t fake_page_table(struct cap_source *source) {
    (void)source;
    return TABLES;
}

static const struct cap_source_ops fake_ops = {
    .read_memory = fake_read,
    .page_table = fake_page_table,
    .life = fake_life,
};

static const struct cap_place_expr at_8 = {.known = true, .base = 8};

static struct fake new_fake(struct cap_board *board) {
    return (struct fake){.source = {.ops = &fake_ops, .board = board}};
}

static void latch_has_four_states(void) {
    static const struct {
        uint64_t address;
        uint32_t value; /* put at the address if it is inside */
        enum cap_latch_state want;
        bool known;
    } cases[] = {
        {0, 1, CAP_LATCH_NOT_RESOLVED, false},
        {60, 1, CAP_LATCH_NOT_RESOLVED, false},
        {0, 0, CAP_LATCH_NOT_TRIGGERED, true},
        {0, 1, CAP_LATCH_TRIGGERED, true},
        {8, 0xdeadbeef, CAP_LATCH_TRIGGERED, true},
        {8, 0x80000000, CAP_LATCH_TRIGGERED, true},
        {5, 0x01000000, CAP_LATCH_TRIGGERED, true}, /* not aligned */
        {60, 0, CAP_LATCH_NOT_TRIGGERED, true},     /* the last window */
        {60, 7, CAP_LATCH_TRIGGERED, true},
        {61, 0, CAP_LATCH_OUT_OF_BOUNDS, true},
        {63, 0, CAP_LATCH_OUT_OF_BOUNDS, true},
        {64, 0, CAP_LATCH_OUT_OF_BOUNDS, true},
        {1u << 30, 0, CAP_LATCH_OUT_OF_BOUNDS, true},
        {UINT64_MAX, 0, CAP_LATCH_OUT_OF_BOUNDS, true}, /* address + 4 overflows */
        {UINT64_MAX - 3, 0, CAP_LATCH_OUT_OF_BOUNDS, true},
        {UINT64_MAX - 4, 0, CAP_LATCH_OUT_OF_BOUNDS, true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake fake = new_fake(NULL);
        struct cap_place_expr place = {.known = cases[i].known, .base = cases[i].address};
        if (cases[i].address <= sizeof(fake.memory) - 4)
            memcpy(fake.memory + cases[i].address, &cases[i].value, 4);
        struct fake before = fake;
        CHECK_EQ_U64(cap_latch_read(&fake.source, TABLES, &place), cases[i].want);
        CHECK_EQ_U64(cap_latch_read(&fake.source, TABLES, &place), cases[i].want);
        CHECK_MEM(&fake, sizeof(fake), &before, sizeof(before)); /* no effect */
    }
}

/* A latch behind a pointer that is null is not there yet: no trigger, and no fault. */
static void latch_may_be_behind_a_pointer(void) {
    static const struct {
        uint64_t pointer, offset;
        enum cap_latch_state want;
    } cases[] = {
        {0, 0, CAP_LATCH_NOT_RESOLVED},
        {0, 16, CAP_LATCH_NOT_RESOLVED},
        {16, 0, CAP_LATCH_TRIGGERED},
        {8, 8, CAP_LATCH_TRIGGERED},
        {20, 0, CAP_LATCH_NOT_TRIGGERED},
        {61, 0, CAP_LATCH_OUT_OF_BOUNDS},
        {UINT64_MAX, 0, CAP_LATCH_OUT_OF_BOUNDS},
        {UINT64_MAX, 17, CAP_LATCH_OUT_OF_BOUNDS}, /* the sum would be 16 */
        {UINT64_MAX - 3, 0, CAP_LATCH_OUT_OF_BOUNDS},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake fake = new_fake(NULL);
        struct cap_place_expr place = {
            .known = true, .indirect = true, .base = 0, .offset = cases[i].offset};
        memcpy(fake.memory, &cases[i].pointer, 8);
        fake.memory[16] = 1;
        CHECK_EQ_U64(cap_latch_read(&fake.source, TABLES, &place), cases[i].want);
        CHECK_EQ_U64(cap_latch_read(&fake.source, UINT64_MAX, &place),
                     CAP_LATCH_OUT_OF_BOUNDS); /* no page table */
    }
}

static void latch_names_are_those_of_the_format(void) {
    CHECK_STR(cap_latch_state_name(CAP_LATCH_NOT_RESOLVED), "not_resolved");
    CHECK_STR(cap_latch_state_name(CAP_LATCH_OUT_OF_BOUNDS), "out_of_bounds");
    CHECK_STR(cap_latch_state_name(CAP_LATCH_NOT_TRIGGERED), "not_triggered");
    CHECK_STR(cap_latch_state_name(CAP_LATCH_TRIGGERED), "triggered");
}

static void exit_kind_follows_the_pointer(void) {
    static const struct {
        uint64_t root, pointer;
        enum cap_exit_kind_state want;
        bool known;
    } cases[] = {
        {0, 16, CAP_EXIT_KIND_NOT_RESOLVED, false},
        {0, 16, CAP_EXIT_KIND_READ, true},
        {0, 60, CAP_EXIT_KIND_READ, true},
        {0, 61, CAP_EXIT_KIND_OUT_OF_BOUNDS, true},
        {0, UINT64_MAX, CAP_EXIT_KIND_OUT_OF_BOUNDS, true},
        {0, 0, CAP_EXIT_KIND_NO_SCHEDULER, true},
        {57, 16, CAP_EXIT_KIND_OUT_OF_BOUNDS, true},
        {UINT64_MAX - 7, 16, CAP_EXIT_KIND_OUT_OF_BOUNDS, true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake fake = new_fake(NULL);
        struct cap_place_expr place = {
            .known = cases[i].known, .indirect = true, .base = cases[i].root};
        uint32_t kind = 1026, value = 77;
        memcpy(fake.memory, &cases[i].pointer, 8);
        if (cases[i].pointer >= 8 && cases[i].pointer <= 60)
            memcpy(fake.memory + cases[i].pointer, &kind, 4);
        CHECK_EQ_U64(cap_exit_kind_read(&fake.source, TABLES, &place, &value),
                     cases[i].want);
        CHECK_EQ_U64(value, cases[i].want == CAP_EXIT_KIND_READ ? 1026 : 77);
    }
}

static void events_have_an_order(void) {
    struct dc_error err;
    struct cap_board *board = cap_board_new(1, &err);
    if (!CHECK(board != NULL))
        return;
    atomic_int cancel = 1;
    struct cap_wait wait = {
        .trigger = CAP_TRIGGER_LATCH,
        .latch = &at_8,
        .run_for_ns = 1,
        .cancel = &cancel,
    };
    uint32_t vcpu = 0;
    struct fake fake = new_fake(board);
    fake.life = CAP_FAILED;
    fake.memory[8] = 1;
    CHECK_EQ_U64(cap_trigger_wait(&fake.source, &wait, &vcpu), CAP_EVENT_TRIGGER);
    fake.memory[8] = 0;
    CHECK_EQ_U64(cap_trigger_wait(&fake.source, &wait, &vcpu), CAP_EVENT_CRASH);
    CHECK_EQ_U64(vcpu, 3);
    fake.life = CAP_ENDED;
    CHECK_EQ_U64(cap_trigger_wait(&fake.source, &wait, &vcpu), CAP_EVENT_ENDED);
    fake.life = CAP_RUNNING;
    CHECK_EQ_U64(cap_trigger_wait(&fake.source, &wait, &vcpu), CAP_EVENT_CANCELLED);
    atomic_store(&cancel, 0);
    CHECK_EQ_U64(cap_trigger_wait(&fake.source, &wait, &vcpu), CAP_EVENT_RUN_FOR);
    cap_board_free(board);
}

/* The guest sets the latch and ends at once: the store comes before the end is seen. */
static void latch_just_before_the_end_is_seen(void) {
    struct dc_error err;
    struct cap_board *board = cap_board_new(1, &err);
    if (!CHECK(board != NULL))
        return;
    struct cap_wait wait = {.trigger = CAP_TRIGGER_LATCH, .latch = &at_8};
    struct fake fake = new_fake(board);
    fake.life = CAP_ENDED;
    fake.latch_at = 1;
    fake.latch_offset = 8;
    CHECK_EQ_U64(cap_trigger_wait(&fake.source, &wait, NULL), CAP_EVENT_TRIGGER);
    cap_board_free(board);
}

static void waits_poll_until_something_happens(void) {
    struct dc_error err;
    struct cap_board *board = cap_board_new(1, &err);
    if (!CHECK(board != NULL))
        return;
    struct cap_wait latch = {.trigger = CAP_TRIGGER_LATCH, .latch = &at_8};
    struct fake fake = new_fake(board);
    fake.latch_at = 5;
    fake.latch_offset = 11;
    CHECK_EQ_U64(cap_trigger_wait(&fake.source, &latch, NULL), CAP_EVENT_TRIGGER);
    CHECK_EQ_U64(fake.looks, 5);

    /* The timer takes its time, and does not look at the latch. */
    struct cap_wait timer = {.trigger = CAP_TRIGGER_TIMER,
                             .timer_ns = 20 * CAP_NS_PER_MS};
    uint64_t start = cap_now_ns();
    CHECK_EQ_U64(cap_trigger_wait(&fake.source, &timer, NULL), CAP_EVENT_TRIGGER);
    CHECK(cap_now_ns() - start >= timer.timer_ns);
    timer.run_for_ns = 10 * CAP_NS_PER_MS;
    CHECK_EQ_U64(cap_trigger_wait(&fake.source, &timer, NULL), CAP_EVENT_RUN_FOR);
    cap_board_free(board);
}

static void injections_are_parsed(void) {
    static const char *const bad[] = {
        "",
        "stuck",
        "stuck=",
        "stuck=,",
        "stuck=1,",
        "stuck=1,,2",
        "stuck=a",
        "stuck=-1",
        "stuck= 1",
        "stuck=1 ",
        "stuck=0x1",
        "Stuck=1",
        "fault=",
        "fault=1;2",
        "stick=1,2",
        "stuck=+1",
        "stuck=99999999999999",
    };
    struct cap_inject inject = {0};
    struct dc_error err = {0};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CHECK_EQ_I64(cap_inject_parse(&inject, bad[i], &err), -1);
        CHECK_EQ_U64(err.code, DC_EUSAGE);
    }
    cap_inject_free(&inject);
    CHECK_EQ_I64(cap_inject_parse(&inject, "stuck=2,5", &err), 0);
    CHECK_EQ_I64(cap_inject_parse(&inject, "stuck=0", &err), 0);
    CHECK_EQ_I64(cap_inject_parse(&inject, "fault=999999999", &err), 0);
    CHECK_EQ_U64(inject.stuck.count, 3);
    CHECK(cap_id_list_has(&inject.stuck, 0) && cap_id_list_has(&inject.stuck, 5));
    CHECK(!cap_id_list_has(&inject.stuck, 1));
    CHECK_EQ_U64(inject.fault.ids[0], 999999999);
    CHECK_EQ_I64(cap_inject_check(&inject, 1000000000, &err), 0);
    CHECK_EQ_I64(cap_inject_check(&inject, 6, &err), -1);
    CHECK(strstr(err.message, "fault=999999999") != NULL);
    cap_inject_free(&inject);
}

int main(void) {
    UNIT_RUN(latch_has_four_states);
    UNIT_RUN(latch_may_be_behind_a_pointer);
    UNIT_RUN(latch_names_are_those_of_the_format);
    UNIT_RUN(exit_kind_follows_the_pointer);
    UNIT_RUN(events_have_an_order);
    UNIT_RUN(latch_just_before_the_end_is_seen);
    UNIT_RUN(waits_poll_until_something_happens);
    UNIT_RUN(injections_are_parsed);
    return unit_done();
}
