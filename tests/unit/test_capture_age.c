/*
 * How long work has been waiting in a guest, read from memory that is made up here.
 */
#include "tests/unit/capture_aid.h"

#include "capture/age.h"
#include "capture/guest.h"

#define BASE UINT64_C(0x1000)
#define JIFFIES BASE
#define WATCHDOG (BASE + 8)
#define STAMPS (BASE + 16)
#define WORDS 8 /* the clock, the watchdog, and six CPUs */

struct fake {
    struct cap_source source; /* first */
    uint64_t words[WORDS];    /* at BASE */
    uint32_t reads, largest;
};

static bool read_memory(struct cap_source *source, uint64_t address, void *to,
                        size_t bytes) {
    struct fake *fake = (struct fake *)source;
    fake->reads++;
    if (bytes > fake->largest)
        fake->largest = (uint32_t)bytes;
    if (address < BASE || bytes > sizeof(fake->words) ||
        address - BASE > sizeof(fake->words) - bytes)
        return false;
    memcpy(to, (uint8_t *)fake->words + (address - BASE), bytes);
    return true;
}

static const struct cap_source_ops fake_ops = {.read_memory = read_memory};

static const struct cap_age_source whole = {
    .has_jiffies = true,
    .has_runnable_at = true,
    .has_watchdog = true,
    .jiffies = JIFFIES,
    .runnable_at = STAMPS,
    .watchdog = WATCHDOG,
    .cpus = 6,
};

#define UNTOUCHED 12345u

static void arithmetic(void) {
    static const struct {
        uint64_t words[WORDS];
        enum cap_age_state state;
        uint64_t age;
    } cases[] = {
        {{1000, 0, 990, 700, 999, 1000, 0, 0}, CAP_AGE_READ, 300},
        {{1000, 0, 990, 700, 999, 1000, 0, 1}, CAP_AGE_READ, 999},   /* the last CPU */
        {{1000, 100, 990, 700, 999, 1000, 0, 0}, CAP_AGE_READ, 900}, /* the watchdog */
        {{1000, 100, 0, 0, 0, 0, 0, 0}, CAP_AGE_READ, 900},
        {{1000, 0, 0, 0, 0, 0, 0, 0}, CAP_AGE_NO_DATA, UNTOUCHED},
        {{0, 0, 0, 0, 0, 0, 0, 0}, CAP_AGE_NO_DATA, UNTOUCHED},
        {{1000, 0, 1000, 0, 0, 0, 0, 0}, CAP_AGE_READ, 0},          /* just now */
        {{1000, 0, 1001, 0, UINT64_MAX, 0, 0, 0}, CAP_AGE_READ, 0}, /* the future */
        {{1000, 2000, 900, 0, 0, 0, 0, 0}, CAP_AGE_READ, 100},
        /* A day is an age, a moment more is none; others count on. */
        {{1 + CAP_AGE_MOST, 0, 1, 0, 0, 0, 0, 0}, CAP_AGE_READ, CAP_AGE_MOST},
        {{2 + CAP_AGE_MOST, 0, 1, 0, 0, 0, 0, 0}, CAP_AGE_READ, 0},
        {{2 + CAP_AGE_MOST, 1, CAP_AGE_MOST, 0, 0, 0, 0, 0}, CAP_AGE_READ, 2},
        {{UINT64_MAX, UINT64_MAX - 5, 7, UINT64_MAX, 0, 0, 0, 0}, CAP_AGE_READ, 5},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake fake = {.source = {.ops = &fake_ops}};
        uint64_t age = UNTOUCHED;
        memcpy(fake.words, cases[i].words, sizeof(fake.words));
        CHECK_EQ_U64(cap_age_read(&fake.source, &whole, &age), cases[i].state);
        if (!CHECK_EQ_U64(age, cases[i].age))
            printf("# case %zu\n", i);
        CHECK_EQ_U64(fake.reads, 8);
        CHECK_EQ_U64(fake.largest, 8);
    }
}

static enum cap_age_state read_with(struct cap_age_source age) {
    struct fake fake = {.source = {.ops = &fake_ops}, .words = {9, 8, 7, 6, 5, 4, 3, 2}};
    uint64_t value = UNTOUCHED;
    enum cap_age_state state = cap_age_read(&fake.source, &age, &value);
    CHECK((state == CAP_AGE_READ) == (value != UNTOUCHED));
    CHECK((state == CAP_AGE_NOT_RESOLVED) == (cap_age_missing(&age) != NULL));
    return state;
}

static void bounds(void) {
    struct cap_age_source age = whole;
    CHECK_EQ_U64(read_with(age), CAP_AGE_READ);
    age.cpus = 7;
    CHECK_EQ_U64(read_with(age), CAP_AGE_OUT_OF_BOUNDS);
    age.has_runnable_at = false;
    CHECK_EQ_U64(read_with(age), CAP_AGE_READ);
    age.watchdog = BASE + sizeof(uint64_t) * WORDS - 7;
    CHECK_EQ_U64(read_with(age), CAP_AGE_OUT_OF_BOUNDS);
    age = whole;
    age.jiffies = BASE - 1;
    CHECK_EQ_U64(read_with(age), CAP_AGE_OUT_OF_BOUNDS);
    age = whole;
    /* The second entry would lie at address 0 of the next turn round. */
    age.runnable_at = UINT64_MAX - 7;
    CHECK_EQ_U64(read_with(age), CAP_AGE_OUT_OF_BOUNDS);
    age.cpus = 0;
    CHECK_EQ_U64(read_with(age), CAP_AGE_READ); /* the watchdog's */
}

static void missing_symbols(void) {
    struct cap_age_source age = whole;
    age.has_jiffies = false;
    CHECK_EQ_U64(read_with(age), CAP_AGE_NOT_RESOLVED);
    CHECK_STR(cap_age_missing(&age), "no symbol jiffies");
    age = whole;
    age.has_runnable_at = false;
    CHECK_EQ_U64(read_with(age), CAP_AGE_READ);
    age.has_watchdog = false;
    CHECK_EQ_U64(read_with(age), CAP_AGE_NOT_RESOLVED);
    CHECK_STR(cap_age_missing(&age),
              "neither an array runnable_at nor scx_watchdog_timestamp");
    CHECK_STR(cap_age_state_name(CAP_AGE_NOT_RESOLVED), "not_resolved");
    CHECK_STR(cap_age_state_name(CAP_AGE_OUT_OF_BOUNDS), "out_of_bounds");
    CHECK_STR(cap_age_state_name(CAP_AGE_NO_DATA), "no_data");
    CHECK_STR(cap_age_state_name(CAP_AGE_READ), "read");
}

static void binds_the_demo(void) {
    struct cap_guest guest;
    struct cap_age_source age;
    struct cap_symbol symbol = {0};
    struct dc_error err = {0};
    if (!CHECK_EQ_I64(cap_guest_open(&guest, "demo:stall", &err), 0))
        return;
    cap_age_bind(&age, guest.elf, 3);
    CHECK(cap_age_missing(&age) == NULL);
    CHECK(age.has_jiffies && age.has_runnable_at && !age.has_watchdog);
    CHECK_EQ_U64(age.cpus, 3);
    CHECK(cap_elf_symbol(guest.elf, "runnable_at", &symbol));
    CHECK_EQ_U64(age.runnable_at, symbol.value);
    cap_age_bind(&age, guest.elf, UINT32_MAX);
    CHECK_EQ_U64(age.cpus, symbol.size / 8); /* no further than the array */
    cap_guest_close(&guest);
}

int main(void) {
    UNIT_RUN(arithmetic);
    UNIT_RUN(bounds);
    UNIT_RUN(missing_symbols);
    UNIT_RUN(binds_the_demo);
    return unit_done();
}
