/* Lists of ids: what is one, what is in it, how one is built and cut. */
#include "lib/ids.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

static void lists_of_numbers_are_taken(void) {
    static const char *const good[] = {
        "0",   "3,7-9",      "7-7",          "0-0", "10",      "0,0",
        "9,1", "4294967295", "0-4294967295", "1,1", "1-2,2-3",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (!CHECK(dc_ids_check(good[i], NULL) == 0))
            printf("#   %s\n", good[i]);
}

static void anything_else_is_a_usage_error_that_quotes_it(void) {
    static const char *const bad[] = {
        "",
        ",",
        "1,",
        ",1",
        "1,,2",
        "-",
        "1-",
        "-1",
        "9-7",
        "1-2-",
        "1-2-3",
        "1--2",
        "01",
        "00",
        "1-02",
        "+1",
        " 1",
        "1 ",
        "1, 2",
        "0x1",
        "a",
        "1a",
        "4294967296",
        "0-4294967296",
        "1;2",
        "1\n",
        "1.0",
        "1e1",
        "99999999999999999999",
        "18446744073709551616", /* would be 0 in 64 bits */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct dc_error err = {.code = DC_OK};
        char quoted[64];
        snprintf(quoted, sizeof(quoted), "'%s'", bad[i]);
        if (!CHECK(dc_ids_check(bad[i], &err) < 0))
            printf("#   '%s'\n", bad[i]);
        CHECK_EQ_U64(err.code, DC_EUSAGE);
        CHECK(strstr(err.message, quoted) != NULL);
        CHECK(strstr(err.message, "3,7-9") != NULL);
    }
}

static void has_looks_into_ranges(void) {
    static const char list[] = "3,7-9,20";
    static const uint64_t in[] = {3, 7, 8, 9, 20};
    static const uint64_t out[] = {0, 2, 4, 6, 10, 19, 21, UINT32_MAX, UINT64_MAX};
    for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++)
        CHECK(dc_ids_has(list, in[i]));
    for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++)
        CHECK(!dc_ids_has(list, out[i]));
}

static void has_knows_the_ends(void) {
    CHECK(dc_ids_has("0", 0));
    CHECK(!dc_ids_has("0", 1));
    CHECK(dc_ids_has("0-4294967295", UINT32_MAX));
    CHECK(!dc_ids_has("0-4294967295", (uint64_t)UINT32_MAX + 1));
    CHECK(dc_ids_has("9,1", 1)); /* in any order */
    CHECK(dc_ids_has("1-5,4-9", 9));
}

static void no_list_has_every_id_and_an_empty_one_none(void) {
    CHECK(dc_ids_has(NULL, 0));
    CHECK(dc_ids_has(NULL, UINT64_MAX));
    CHECK(!dc_ids_has("", 0));
}

static void a_broken_list_has_nothing(void) {
    CHECK(!dc_ids_has("9-7", 8));
    CHECK(!dc_ids_has("3,", 3));
    CHECK(!dc_ids_has("03", 3));
    CHECK(!dc_ids_has("4294967296", 4294967296));
    CHECK(!dc_ids_has("x,3", 3));
}

/* ---- building ---- */

/* Builds a list of `n` ids behind `before`. */
static void check_ranges(const char *before, size_t limit, const uint64_t *ids, size_t n,
                         const char *want) {
    struct dc_ranges ranges;
    struct dc_buf out;
    dc_buf_init(&out, dc_alloc_libc);
    dc_buf_text(&out, before);
    dc_ranges_begin(&ranges, &out, limit);
    for (size_t i = 0; i < n; i++)
        dc_ranges_add(&ranges, ids[i]);
    dc_ranges_end(&ranges);
    CHECK_MEM(out.data, out.len, want, strlen(want));
    dc_buf_done(&out);
}
#define RANGES(before, limit, want, ...)                                                 \
    check_ranges((before), (limit), (const uint64_t[]){__VA_ARGS__},                     \
                 sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t), (want))

static void neighbours_become_ranges(void) {
    check_ranges("", 0, NULL, 0, "");
    RANGES("", 0, "0", 0);
    RANGES("", 0, "0,1", 0, 1); /* two are no range */
    RANGES("", 0, "0-2", 0, 1, 2);
    RANGES("", 0, "0-2,4,6,7,9-12", 0, 1, 2, 4, 6, 7, 9, 10, 11, 12);
    RANGES("", 0, "4294967294,4294967295", UINT32_MAX - 1, UINT32_MAX);
    RANGES("", 0, "18446744073709551613-18446744073709551615", UINT64_MAX - 2,
           UINT64_MAX - 1, UINT64_MAX);
}

static void what_stands_there_stays_and_takes_no_room(void) {
    RANGES("cpus: ", 0, "cpus: 1-3", 1, 2, 3);
    RANGES("a text that is longer than the limit: ", 30,
           "a text that is longer than the limit: 1-3", 1, 2, 3);
    check_ranges("x", 5, NULL, 0, "x");
}

/* The rest keeps 24 bytes for its count, the first range is always there. */
static void what_passes_the_limit_is_counted(void) {
    RANGES("", 1, "1-3", 1, 2, 3);
    RANGES("", 1, "1-3 \xe2\x80\xa6 (+1 more)", 1, 2, 3, 5);
    RANGES("", 1, "1 \xe2\x80\xa6 (+4 more)", 1, 3, 5, 6, 7);
    /* What fits whole is whole; else the count of the others has its room. */
    RANGES("", 9, "1,3,5,7,9", 1, 3, 5, 7, 9);
    RANGES("", 8, "1 \xe2\x80\xa6 (+4 more)", 1, 3, 5, 7, 9);
    RANGES("p: ", 8, "p: 1 \xe2\x80\xa6 (+4 more)", 1, 3, 5, 7, 9);
    RANGES("", 28, "1,3 \xe2\x80\xa6 (+6 more)", 1, 3, 10000, 10002, 10004, 10006, 10008,
           10010);
    RANGES("", 33, "1,3,10000 \xe2\x80\xa6 (+5 more)", 1, 3, 10000, 10002, 10004, 10006,
           10008, 10010);
}

/* Builds the list of `n` ids as dc_ranges does, with a NUL behind it. */
static void build(struct dc_buf *out, size_t limit, const uint64_t *ids, size_t n) {
    struct dc_ranges ranges;
    dc_buf_init(out, dc_alloc_libc);
    dc_ranges_begin(&ranges, out, limit);
    for (size_t i = 0; i < n; i++)
        dc_ranges_add(&ranges, ids[i]);
    dc_ranges_end(&ranges);
    dc_buf_add(out, "", 1);
}

/* However little room is left behind it; with one byte less it is cut, and shorter. */
static void a_list_that_fits_is_whole(void) {
    struct aid_random random = {815};
    for (size_t n = 2; n <= 60; n++) {
        uint64_t ids[60], id = aid_below(&random, 100000);
        struct dc_buf whole, same, cut;
        for (size_t i = 0; i < n; i++)
            ids[i] = id += 1 + (i == 1) + aid_below(&random, 3); /* two ranges at least */
        build(&whole, 0, ids, n);
        size_t len = whole.len - 1;
        build(&same, len, ids, n);
        CHECK_STR(same.data, whole.data);
        build(&cut, len - 1, ids, n);
        CHECK(strstr(cut.data, " more)") != NULL);
        CHECK(len <= 40 || cut.len - 1 <= len - 1);
        dc_buf_done(&whole);
        dc_buf_done(&same);
        dc_buf_done(&cut);
    }
}

/* Whatever the ids: no limit is passed, and none is lost between the list and its count. */
static void a_cut_list_keeps_the_limit(void) {
    struct aid_random random = {4711};
    for (size_t limit = 30; limit < 100; limit += 7) {
        struct dc_ranges ranges;
        struct dc_buf out;
        uint64_t id = 0, n = 400, listed = 0, more = 0;
        dc_buf_init(&out, dc_alloc_libc);
        dc_ranges_begin(&ranges, &out, limit);
        for (uint64_t i = 0; i < n; i++)
            dc_ranges_add(&ranges, id += 1 + aid_below(&random, 3));
        dc_ranges_end(&ranges);
        dc_buf_add(&out, "", 1);
        CHECK(out.len - 1 <= limit);
        char *cut = strstr(out.data, " \xe2\x80\xa6 (+");
        if (CHECK(cut != NULL)) {
            more = strtoull(cut + strlen(" \xe2\x80\xa6 (+"), NULL, 10);
            *cut = '\0';
        }
        CHECK(dc_ids_check(out.data, NULL) == 0);
        for (uint64_t i = 0; i <= id; i++)
            listed += dc_ids_has(out.data, i);
        CHECK_EQ_U64(listed + more, n);
        dc_buf_done(&out);
    }
}

/* The list reads back, whole, where there is no limit. */
static void a_whole_list_reads_back(void) {
    struct aid_random random = {42};
    struct dc_ranges ranges;
    struct dc_buf out;
    bool in[600] = {false};
    dc_buf_init(&out, dc_alloc_libc);
    dc_ranges_begin(&ranges, &out, 0);
    for (size_t id = 0; id < sizeof(in); id++)
        if ((in[id] = aid_below(&random, 3) > 0))
            dc_ranges_add(&ranges, id);
    dc_ranges_end(&ranges);
    dc_buf_add(&out, "", 1);
    CHECK(dc_ids_check(out.data, NULL) == 0);
    size_t bad = 0;
    for (size_t id = 0; id < sizeof(in); id++)
        bad += dc_ids_has(out.data, id) != in[id];
    CHECK_EQ_U64(bad, 0);
    dc_buf_done(&out);
}

static void says_when_memory_runs_out(void) {
    for (size_t fail = 1; fail <= 3; fail++) {
        struct aid_memory memory = {.fail = fail};
        struct dc_ranges ranges;
        struct dc_buf out;
        dc_buf_init(&out, aid_alloc(&memory));
        dc_ranges_begin(&ranges, &out, 0);
        for (uint64_t id = 0; id < 1000; id += 2)
            dc_ranges_add(&ranges, id);
        dc_ranges_end(&ranges);
        CHECK(memory.failed && !dc_buf_ok(&out));
        dc_buf_done(&out);
        CHECK_EQ_U64(memory.live, 0);
    }
}

int main(void) {
    UNIT_RUN(lists_of_numbers_are_taken);
    UNIT_RUN(anything_else_is_a_usage_error_that_quotes_it);
    UNIT_RUN(has_looks_into_ranges);
    UNIT_RUN(has_knows_the_ends);
    UNIT_RUN(no_list_has_every_id_and_an_empty_one_none);
    UNIT_RUN(a_broken_list_has_nothing);
    UNIT_RUN(neighbours_become_ranges);
    UNIT_RUN(what_stands_there_stays_and_takes_no_room);
    UNIT_RUN(what_passes_the_limit_is_counted);
    UNIT_RUN(a_list_that_fits_is_whole);
    UNIT_RUN(a_cut_list_keeps_the_limit);
    UNIT_RUN(a_whole_list_reads_back);
    UNIT_RUN(says_when_memory_runs_out);
    return unit_done();
}
