/*
 * The latch and exit_kind, on a source that is nothing but memory; injections.
 */
#include "tests/unit/unit.h"

#include "capture/inject.h"
#include "capture/trigger.h"
#include "tests/unit/memory_aid.h"

struct fake {
    struct cap_source source;
    uint8_t memory[64];
};

static bool fake_read(struct cap_source *source, uint64_t address, void *to,
                      size_t bytes) {
    struct fake *fake = (struct fake *)source;
    if (bytes == 8 && address >= AID_TABLES)
        return aid_one_to_one(address, to);
    if (bytes > sizeof(fake->memory) || address > sizeof(fake->memory) - bytes)
        return false;
    memcpy(to, fake->memory + address, bytes);
    return true;
}

static uint64_t fake_page_table(struct cap_source *source) {
    (void)source;
    return AID_TABLES;
}

static const struct cap_source_ops fake_ops = {
    .read_memory = fake_read,
    .page_table = fake_page_table,
};

static struct fake new_fake(void) {
    return (struct fake){.source = {.ops = &fake_ops}};
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
        struct fake fake = new_fake();
        struct cap_place_expr place = {.known = cases[i].known, .base = cases[i].address};
        if (cases[i].address <= sizeof(fake.memory) - 4)
            memcpy(fake.memory + cases[i].address, &cases[i].value, 4);
        struct fake before = fake;
        CHECK_EQ_U64(cap_latch_read(&fake.source, AID_TABLES, &place), cases[i].want);
        CHECK_EQ_U64(cap_latch_read(&fake.source, AID_TABLES, &place), cases[i].want);
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
        struct fake fake = new_fake();
        struct cap_place_expr place = {
            .known = true, .indirect = true, .base = 0, .offset = cases[i].offset};
        memcpy(fake.memory, &cases[i].pointer, 8);
        fake.memory[16] = 1;
        CHECK_EQ_U64(cap_latch_read(&fake.source, AID_TABLES, &place), cases[i].want);
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
        struct fake fake = new_fake();
        struct cap_place_expr place = {
            .known = cases[i].known, .indirect = true, .base = cases[i].root};
        uint32_t kind = 1026, value = 77;
        memcpy(fake.memory, &cases[i].pointer, 8);
        if (cases[i].pointer >= 8 && cases[i].pointer <= 60)
            memcpy(fake.memory + cases[i].pointer, &kind, 4);
        CHECK_EQ_U64(cap_exit_kind_read(&fake.source, AID_TABLES, &place, &value),
                     cases[i].want);
        CHECK_EQ_U64(value, cases[i].want == CAP_EXIT_KIND_READ ? 1026 : 77);
    }
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
        "stuck=1:5",
        "unreadable=",
        "late=",
        "late=1:",
        "late=1:0",
        "late=1:60001",
        "late=1:5:6",
        "late=:5",
        "late=1:5,",
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

static void delays_are_parsed(void) {
    struct cap_inject inject = {0};
    struct dc_error err = {0};
    CHECK_EQ_I64(cap_inject_parse(&inject, "late=2,5:60000", &err), 0);
    CHECK_EQ_I64(cap_inject_parse(&inject, "late=0:1", &err), 0);
    CHECK_EQ_I64(cap_inject_parse(&inject, "unreadable=3,1", &err), 0);
    CHECK_EQ_U64(cap_late_ms(&inject.late, 2), CAP_LATE_MS);
    CHECK_EQ_U64(cap_late_ms(&inject.late, 5), 60000);
    CHECK_EQ_U64(cap_late_ms(&inject.late, 0), 1);
    CHECK_EQ_U64(cap_late_ms(&inject.late, 3), 0);
    CHECK(cap_id_list_has(&inject.unreadable, 3) &&
          cap_id_list_has(&inject.unreadable, 1));
    CHECK_EQ_I64(cap_inject_check(&inject, 6, &err), 0);
    CHECK_EQ_I64(cap_inject_check(&inject, 5, &err), -1);
    CHECK(strstr(err.message, "late=5") != NULL);
    CHECK_EQ_I64(cap_inject_check(&inject, 3, &err), -1);
    cap_inject_free(&inject);
    CHECK_EQ_I64(cap_inject_parse(&inject, "unreadable=4", &err), 0);
    CHECK_EQ_I64(cap_inject_check(&inject, 4, &err), -1);
    CHECK(strstr(err.message, "unreadable=4") != NULL);
    cap_inject_free(&inject);
}

int main(void) {
    UNIT_RUN(latch_has_four_states);
    UNIT_RUN(latch_may_be_behind_a_pointer);
    UNIT_RUN(latch_names_are_those_of_the_format);
    UNIT_RUN(exit_kind_follows_the_pointer);
    UNIT_RUN(injections_are_parsed);
    UNIT_RUN(delays_are_parsed);
    return unit_done();
}
