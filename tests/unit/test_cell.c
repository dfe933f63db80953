/* One value as text and as data: units, scales, names, and what never becomes a zero. */
#include "lib/cell.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

#include <math.h>

static const struct dc_cell_style plain, exact = {.exact = true};

static void check_text(const struct dc_cell *cell, const struct dc_cell_style *style,
                       enum dc_scale scale, const char *want) {
    struct dc_buf out;
    dc_buf_init(&out, dc_alloc_libc);
    dc_cell_text(cell, style, scale, &out);
    CHECK_MEM(out.data, out.len, want, strlen(want));
    dc_buf_done(&out);
}

static void check_json(const struct dc_cell *cell, const char *want) {
    struct dc_buf out;
    struct dc_writer w;
    dc_buf_init(&out, dc_alloc_libc);
    dc_writer_init(&w, dc_buf_sink(&out), true, false);
    dc_cell_json(&w, cell);
    CHECK(dc_writer_finish(&w) == 0);
    CHECK_MEM(out.data, out.len, want, strlen(want));
    dc_buf_done(&out);
}

static struct dc_cell number(uint64_t value, enum dc_unit unit) {
    return (struct dc_cell){.kind = DC_CELL_NUMBER, .unit = unit, .number = value};
}

static struct dc_cell integer(int64_t value, enum dc_unit unit) {
    return (struct dc_cell){.kind = DC_CELL_SIGNED, .unit = unit, .integer = value};
}

static struct dc_cell real(double value, unsigned decimals) {
    return (struct dc_cell){.kind = DC_CELL_REAL, .decimals = decimals, .real = value};
}

/* ---- nanoseconds ---- */

static void a_scale_begins_at_ten_of_its_unit(void) {
    CHECK_STR(dc_scale_name(dc_scale_for(0)), "ns");
    CHECK_STR(dc_scale_name(dc_scale_for(9999)), "ns");
    CHECK_STR(dc_scale_name(dc_scale_for(10000)), "us");
    CHECK_STR(dc_scale_name(dc_scale_for(9999999)), "us");
    CHECK_STR(dc_scale_name(dc_scale_for(10000000)), "ms");
    CHECK_STR(dc_scale_name(dc_scale_for(9999999999)), "ms");
    CHECK_STR(dc_scale_name(dc_scale_for(10000000000)), "s");
    CHECK_STR(dc_scale_name(dc_scale_for(UINT64_MAX)), "s");
}

static void nanoseconds_have_a_unit_of_their_own(void) {
    static const struct {
        uint64_t ns;
        const char *text, *exact;
    } cases[] = {
        {0, "0 ns", "0 ns"},
        {1, "1 ns", "1 ns"},
        {9999, "9999 ns", "9999 ns"},
        {10000, "10.000 us", "10000 ns"},
        {10999, "10.999 us", "10999 ns"},
        {9999999, "9999.999 us", "9999999 ns"},
        {10000000, "10.000 ms", "10000000 ns"},
        {10000499, "10.000 ms", "10000499 ns"}, /* rounded, half up */
        {10000500, "10.001 ms", "10000500 ns"},
        {10000999, "10.001 ms", "10000999 ns"},
        {10001000, "10.001 ms", "10001000 ns"},
        {9999999999, "10000.000 ms", "9999999999 ns"},
        {10000000000, "10.000 s", "10000000000 ns"},
        {12034567890, "12.035 s", "12034567890 ns"},
        {UINT64_MAX, "18446744073.710 s", "18446744073709551615 ns"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dc_cell cell = number(cases[i].ns, DC_NS);
        check_text(&cell, &plain, DC_SCALE_OWN, cases[i].text);
        check_text(&cell, &exact, DC_SCALE_OWN, cases[i].exact);
        if (cases[i].ns > INT64_MAX)
            continue;
        cell = integer((int64_t)cases[i].ns, DC_NS);
        check_text(&cell, &plain, DC_SCALE_OWN, cases[i].text);
        check_text(&cell, &exact, DC_SCALE_OWN, cases[i].exact);
    }
}

/* In a column the title has the unit, and what is too small for it is no zero. */
static void nanoseconds_keep_the_scale_of_their_column(void) {
    static const struct {
        uint64_t ns;
        enum dc_scale scale;
        const char *text;
    } cases[] = {
        {0, DC_SCALE_NS, "0"},
        {UINT64_MAX, DC_SCALE_NS, "18446744073709551615"},
        {0, DC_SCALE_US, "0.000"},
        {1, DC_SCALE_US, "0.001"},
        {1, DC_SCALE_MS, "<0.001"},
        {499, DC_SCALE_MS, "<0.001"},
        {500, DC_SCALE_MS, "0.001"},
        {1000, DC_SCALE_MS, "0.001"},
        {1499, DC_SCALE_MS, "0.001"},
        {1500, DC_SCALE_MS, "0.002"},
        {999499, DC_SCALE_MS, "0.999"},
        {999500, DC_SCALE_MS, "1.000"},
        {1500000, DC_SCALE_MS, "1.500"},
        {UINT64_MAX, DC_SCALE_US, "18446744073709551.615"},
        {UINT64_MAX, DC_SCALE_MS, "18446744073709.552"},
        {0, DC_SCALE_S, "0.000"},
        {499999, DC_SCALE_S, "<0.001"},
        {500000, DC_SCALE_S, "0.001"},
        {1000000, DC_SCALE_S, "0.001"},
        {1050000000, DC_SCALE_S, "1.050"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dc_cell cell = number(cases[i].ns, DC_NS);
        check_text(&cell, &plain, cases[i].scale, cases[i].text);
    }
    struct dc_cell cell = number(1, DC_NS);
    check_text(&cell, &exact, DC_SCALE_NS, "1");
}

static void negative_nanoseconds_have_a_scale_too(void) {
    static const struct {
        int64_t ns;
        const char *own, *exact, *ms;
    } cases[] = {
        {-1500, "-1500 ns", "-1500 ns", "-0.002"},
        {-9999, "-9999 ns", "-9999 ns", "-0.010"},
        {-10000, "-10.000 us", "-10000 ns", "-0.010"},
        {-10000499, "-10.000 ms", "-10000499 ns", "-10.000"},
        {-10000500, "-10.001 ms", "-10000500 ns", "-10.001"},
        {-12034567890, "-12.035 s", "-12034567890 ns", "-12034.568"},
        {INT64_MIN, "-9223372036.855 s", "-9223372036854775808 ns", "-9223372036854.776"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dc_cell cell = integer(cases[i].ns, DC_NS);
        check_text(&cell, &plain, DC_SCALE_OWN, cases[i].own);
        check_text(&cell, &exact, DC_SCALE_OWN, cases[i].exact);
        check_text(&cell, &plain, DC_SCALE_MS, cases[i].ms);
    }
    struct dc_cell cell = integer(-5, DC_NS);
    check_text(&cell, &plain, DC_SCALE_NS, "-5");
    check_text(&cell, &exact, DC_SCALE_NS, "-5");
}

/* ---- other units ---- */

static void numbers_have_the_unit_behind_them(void) {
    static const struct {
        enum dc_unit unit;
        const char *own, *column;
    } cases[] = {
        {DC_PLAIN, "4096", "4096"},       {DC_BYTES, "4096 B", "4096"},
        {DC_PAGES, "4096 pages", "4096"}, {DC_US, "4096 us", "4096"},
        {DC_MS, "4096 ms", "4096"},       {DC_JIFFIES, "4096 jiffies", "4096"},
        {DC_ADDRESS, "0x1000", "0x1000"}, {DC_BITMAP, "0x1000", "0x1000"},
        {DC_NS, "4096 ns", "4096"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dc_cell cell = number(4096, cases[i].unit);
        check_text(&cell, &plain, DC_SCALE_OWN, cases[i].own);
        check_text(&cell, &plain, DC_SCALE_NS, cases[i].column);
        cell = integer(4096, cases[i].unit);
        check_text(&cell, &plain, DC_SCALE_OWN, cases[i].own);
        check_text(&cell, &plain, DC_SCALE_NS, cases[i].column);
    }
    struct dc_cell cell = integer(INT64_MIN, DC_PLAIN);
    check_text(&cell, &plain, DC_SCALE_OWN, "-9223372036854775808");
    cell = integer(-4096, DC_BYTES);
    check_text(&cell, &plain, DC_SCALE_OWN, "-4096 B");
    check_text(&cell, &plain, DC_SCALE_NS, "-4096");
    cell = integer(-1, DC_JIFFIES);
    check_text(&cell, &plain, DC_SCALE_OWN, "-1 jiffies");
    cell = integer(INT64_MIN, DC_MS);
    check_text(&cell, &plain, DC_SCALE_OWN, "-9223372036854775808 ms");
}

static void words_and_names_come_as_they_are(void) {
    struct dc_cell cell = {.kind = DC_CELL_NONE};
    check_text(&cell, &plain, DC_SCALE_OWN, "");
    cell = (struct dc_cell){.kind = DC_CELL_TRUTH, .number = 1};
    check_text(&cell, &plain, DC_SCALE_OWN, "true");
    check_json(&cell, "true");
    cell.number = 0;
    check_text(&cell, &plain, DC_SCALE_NS, "false");
    check_json(&cell, "false");
    cell = (struct dc_cell){.kind = DC_CELL_TEXT, .text = {"a\x1b\0b", 4}};
    struct dc_buf out;
    dc_buf_init(&out, dc_alloc_libc);
    dc_cell_text(&cell, &plain, DC_SCALE_OWN, &out);
    CHECK_MEM(out.data, out.len, "a\x1b\0b", 4); /* who prints it escapes it */
    dc_buf_done(&out);
    check_json(&cell, "\"a\\u001b\\u0000b\"");
    cell = number(1026, DC_PLAIN);
    cell.name = "SCX_EXIT_ERROR_STALL";
    check_text(&cell, &plain, DC_SCALE_OWN, "1026 (SCX_EXIT_ERROR_STALL)");
}

static void check_reals(void) {
    static const struct {
        double value;
        unsigned decimals;
        const char *text;
    } cases[] = {
        {0, 3, "0.000"},
        {0, 0, "0"},
        {0.5, 3, "0.500"},
        {0.0625, 3, "0.063"}, /* rounded, half up */
        {0.1875, 3, "0.188"},
        {2.5, 0, "3"},
        {0.5, 0, "1"},
        {0.25, 0, "<1"},
        {0.0001, 3, "<0.001"},
        {0.00048828125, 3, "<0.001"},
        {0.00390625, 2, "<0.01"},
        {0.0078125, 2, "0.01"},
        {5e-324, 6, "<0.000001"},
        {1.75, 1, "1.8"},
        {1.75, 0, "2"},
        {2.046875, 6, "2.046875"},
        {100, 2, "100.00"},
        {99.9999, 2, "100.00"},
        {1e12, 3, "1000000000000.000"},
        {1e13, 3, "10000000000000.0"}, /* no digits that are none */
        {1e300, 3, "1e+300"},
        {1.7976931348623157e308, 6, "1.7976931348623157e+308"},
        {-1.5, 3, "-1.5"},
        {(double)NAN, 3, "NaN"},
        {(double)INFINITY, 3, "inf"},
        {(double)-INFINITY, 3, "-inf"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dc_cell cell = real(cases[i].value, cases[i].decimals);
        check_text(&cell, &plain, DC_SCALE_OWN, cases[i].text);
    }
}

static void reals_have_their_decimals(void) {
    check_reals();
    struct dc_cell cell = real(0.1, 3);
    check_json(&cell, "0.1");
    cell = real((double)NAN, 3);
    check_json(&cell, "null");
}

/* Sets the language for the rest of the program: it runs last. */
static void a_decimal_comma_changes_nothing(void) {
    if (!unit_decimal_comma())
        SKIP("no language with a decimal comma");
    check_reals();
    nanoseconds_have_a_unit_of_their_own();
    struct dc_cell cell = real(0.1, 3);
    check_json(&cell, "0.1");
}

static void data_is_exact(void) {
    struct dc_cell cell = {.kind = DC_CELL_NONE};
    check_json(&cell, "null");
    cell = number(1, DC_NS);
    check_json(&cell, "1");
    cell = number(UINT64_C(1) << 53, DC_PLAIN);
    check_json(&cell, "9007199254740992");
    cell = number(UINT64_MAX, DC_PLAIN);
    check_json(&cell, "\"18446744073709551615\"");
    cell = number(0, DC_ADDRESS);
    check_json(&cell, "\"0x0\"");
    cell = number(255, DC_BITMAP);
    check_json(&cell, "\"0xff\"");
    cell = integer(-5, DC_NS);
    check_json(&cell, "-5");
    cell = integer(INT64_MIN, DC_PLAIN);
    check_json(&cell, "\"-9223372036854775808\"");
}

static void zero_is_what_says_nothing(void) {
    struct dc_cell cell = {.kind = DC_CELL_NONE};
    CHECK(dc_cell_is_zero(&cell));
    cell = number(0, DC_ADDRESS);
    CHECK(dc_cell_is_zero(&cell));
    cell = number(UINT64_C(1) << 63, DC_PLAIN);
    CHECK(!dc_cell_is_zero(&cell));
    cell = integer(0, DC_PLAIN);
    CHECK(dc_cell_is_zero(&cell));
    cell = integer(-1, DC_PLAIN);
    CHECK(!dc_cell_is_zero(&cell));
    cell = real(-0.0, 3);
    CHECK(dc_cell_is_zero(&cell));
    cell = real(5e-324, 3);
    CHECK(!dc_cell_is_zero(&cell));
    cell = real((double)NAN, 3);
    CHECK(!dc_cell_is_zero(&cell));
    cell = (struct dc_cell){.kind = DC_CELL_TRUTH};
    CHECK(dc_cell_is_zero(&cell));
    cell = (struct dc_cell){.kind = DC_CELL_TEXT, .text = {NULL, 0}};
    CHECK(dc_cell_is_zero(&cell));
    cell.text = (struct dc_str){"\0", 1};
    CHECK(!dc_cell_is_zero(&cell));
}

int main(void) {
    UNIT_RUN(a_scale_begins_at_ten_of_its_unit);
    UNIT_RUN(nanoseconds_have_a_unit_of_their_own);
    UNIT_RUN(nanoseconds_keep_the_scale_of_their_column);
    UNIT_RUN(negative_nanoseconds_have_a_scale_too);
    UNIT_RUN(numbers_have_the_unit_behind_them);
    UNIT_RUN(words_and_names_come_as_they_are);
    UNIT_RUN(reals_have_their_decimals);
    UNIT_RUN(data_is_exact);
    UNIT_RUN(zero_is_what_says_nothing);
    UNIT_RUN(a_decimal_comma_changes_nothing);
    return unit_done();
}
