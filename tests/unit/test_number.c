/* Numbers: exact integers, doubles in their shortest form, in every locale. */
#include "lib/number.h"
#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

#include <math.h>

static struct dc_span span(const char *text) {
    return (struct dc_span){text, strlen(text)};
}

static void u64_keeps_every_bit(void) {
    static const struct {
        const char *text;
        uint64_t value;
    } good[] = {
        {"0", 0},
        {"9007199254740993", UINT64_C(9007199254740993)},
        {"9223372036854775807", INT64_MAX},
        {"9223372036854775808", UINT64_C(9223372036854775808)},
        {"18446744071589577456", UINT64_C(0xffffffff81a3c2f0)},
        {"18446744073709551615", UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        uint64_t value = 1;
        char text[DC_NUMBER_MAX];
        CHECK(dc_parse_u64(span(good[i].text), &value) == 0);
        CHECK_EQ_U64(value, good[i].value);
        CHECK_EQ_U64(dc_format_u64(value, text), strlen(good[i].text));
        CHECK_STR(text, good[i].text);
    }
}

static void u64_refuses_what_it_cannot_hold(void) {
    static const char *const bad[] = {
        "18446744073709551616",
        "18446744073709551620",
        "99999999999999999999",
        "184467440737095516150",
        "-1",
        "-5",
        "-18446744073709551615",
    };
    uint64_t value;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(dc_parse_u64(span(bad[i]), &value) < 0);
}

static void i64_keeps_both_ends(void) {
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0", 0},
        {"-1", -1},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"-9007199254740993", INT64_C(-9007199254740993)},
    };
    static const char *const bad[] = {"9223372036854775808", "-9223372036854775809",
                                      "18446744073709551615", "-18446744073709551616",
                                      "-99999999999999999999"};
    int64_t value;
    char text[DC_NUMBER_MAX];
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        CHECK(dc_parse_i64(span(good[i].text), &value) == 0);
        CHECK_EQ_I64(value, good[i].value);
        dc_format_i64(value, text);
        CHECK_STR(text, good[i].text);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(dc_parse_i64(span(bad[i]), &value) < 0);
}

static void hex_has_as_many_digits_as_asked(void) {
    char text[DC_NUMBER_MAX];
    dc_format_hex(0, 0, text);
    CHECK_STR(text, "0x0");
    dc_format_hex(UINT64_MAX, 0, text);
    CHECK_STR(text, "0xffffffffffffffff");
    dc_format_hex(0x104a2e000, 16, text);
    CHECK_STR(text, "0x0000000104a2e000");
    CHECK_EQ_U64(dc_format_hex(0x1234, 2, text), 6);
    CHECK_STR(text, "0x1234");
}

/* ---- doubles ---- */

static void hard_doubles_come_out_short(void) {
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"5e-324", "5e-324"},
        {"2.2250738585072014e-308", "2.2250738585072014e-308"},
        {"2.225073858507201e-308", "2.225073858507201e-308"},
        {"1.7976931348623157e308", "1.7976931348623157e+308"},
        {"5.684341886080802e-14", "5.684341886080802e-14"},
        {"5.6843418860808015e-14", "5.684341886080802e-14"},
        {"9007199254740993.0", "9007199254740992.0"},
        {"9007199254740992", "9007199254740992.0"},
        {"9999999999999998", "9999999999999998.0"},
        {"1e16", "1e+16"},
        {"1e15", "1000000000000000.0"},
        {"1e-5", "0.00001"},
        {"0.00001", "0.00001"},
        {"9.999e-6", "9.999e-6"},
        {"1.5e-7", "1.5e-7"},
        {"-0.0", "-0.0"},
        {"-0", "-0.0"},
        {"-0e5", "-0.0"},
        {"0", "0.0"},
        {"0e999999999999", "0.0"},
        {"0.1", "0.1"},
        {"2", "2.0"},
        {"2.50", "2.5"},
        {"100", "100.0"},
        {"1e21", "1e+21"},
        {"1e23", "1e+23"},
        {"123456789012345680.0", "1.2345678901234568e+17"},
        {"1234567890123456.7", "1234567890123456.8"},
        {"0.30000000000000004", "0.30000000000000004"},
        {"4.35", "4.35"},
        {"8.41e21", "8.41e+21"},
        {"9.5367431640625e-7", "9.5367431640625e-7"},
        {"2e-323", "2e-323"},
        {"1e-400", "0.0"},
        {"-1e-400", "-0.0"},
        {"179769313486231580793e288", "1.7976931348623157e+308"},
        {"-1e2", "-100.0"},
        {"1E+2", "100.0"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[DC_NUMBER_MAX] = "";
        double value;
        CHECK(dc_parse_f64(span(cases[i].in), &value) == 0);
        CHECK_EQ_U64(dc_format_f64(value, text), strlen(cases[i].out));
        CHECK_STR(text, cases[i].out);
    }
}

static void too_large_a_double_is_refused(void) {
    static const char *const bad[] = {"1e400",
                                      "-1e400",
                                      "1e309",
                                      "1.7976931348623159e308",
                                      "1e99999999999999999999",
                                      "123456789e301"};
    double value;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(dc_parse_f64(span(bad[i]), &value) < 0);
}

/* HEAD, n times MIDDLE, TAIL. */
static double parse_long(const char *head, char middle, size_t n, const char *tail) {
    size_t len = strlen(head);
    char *text = malloc(len + n + strlen(tail) + 1);
    double value = -1;
    if (!text)
        abort();
    memcpy(text, head, len);
    memset(text + len, middle, n);
    strcpy(text + len + n, tail);
    if (dc_parse_f64(span(text), &value) < 0)
        value = INFINITY;
    free(text);
    return value;
}

static void numbers_of_thousands_of_digits_round_right(void) {
    CHECK(parse_long("1", '0', 5000, "e-5000") == 1);
    CHECK(parse_long("0.", '0', 5000, "1e5001") == 1);
    CHECK(parse_long("-0.", '0', 5000, "1e5001") == -1);
    CHECK(parse_long("0.1", '0', 5000, "") == 0.1);
    CHECK(parse_long("1", '0', 5000, "") == INFINITY);
    CHECK(parse_long("0.", '0', 5000, "1") == 0);
    CHECK(parse_long("0.", '0', 5000, "") == 0);
    CHECK(parse_long("1e", '0', 5000, "2") == 100);
    CHECK(parse_long("1e-", '0', 5000, "2") == 0.01);
    CHECK(parse_long("1e", '9', 5000, "") == INFINITY);
    CHECK(parse_long("1e-", '9', 5000, "") == 0);
    /* Half-way between two doubles: to even, unless any digit follows, however far. */
    CHECK(parse_long("9007199254740993.", '0', 5000, "") == 9007199254740992.0);
    CHECK(parse_long("9007199254740993.", '0', 5000, "1") == 9007199254740994.0);
    CHECK(parse_long("9007199254740993.", '0', 780, "1") == 9007199254740994.0);
    CHECK(parse_long("9007199254740993", '0', 5000, "1e-5001") == 9007199254740994.0);
    CHECK(parse_long("0.", '3', 5000, "") == 1.0 / 3);
}

/* ---- random doubles against an independent search ---- */

static unsigned digits_of(const char *text) {
    unsigned n = 0, zeros = 0;
    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9')
            continue;
        if (*text == '0' && n == 0)
            continue;
        zeros = *text == '0' ? zeros + 1 : 0;
        n++;
    }
    return n - zeros;
}

/* Whether a decimal of `count` digits reads back as `value` > 0: the two around it. */
static bool fits_in(double value, unsigned count) {
    char text[64];
    snprintf(text, sizeof(text), "%.*e", (int)count - 1, value);
    if (strtod(text, NULL) == value)
        return true;
    char *e = strchr(text, 'e');
    int exponent = atoi(e + 1);
    uint64_t digits = 0, most = 1;
    for (const char *p = text; p < e; p++)
        if (*p >= '0' && *p <= '9')
            digits = digits * 10 + (uint64_t)(*p - '0');
    for (unsigned i = 0; i < count; i++)
        most *= 10;
    for (int step = -1; step <= 1; step += 2) {
        uint64_t near = digits + (uint64_t)step;
        if (near == 0 || near > most)
            continue;
        snprintf(text, sizeof(text), "%llue%d", (unsigned long long)near,
                 exponent - (int)count + 1);
        if (strtod(text, NULL) == value)
            return true;
    }
    return false;
}

/* Tells -0.0 from 0.0. */
static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static void check_double(double value, unsigned *bad, bool search) {
    char text[DC_NUMBER_MAX], full[64];
    double back;
    size_t len = dc_format_f64(value, text);
    bool good = len == strlen(text) && len < DC_NUMBER_MAX && !strchr(text, ',') &&
                dc_parse_f64(span(text), &back) == 0 && bits_of(back) == bits_of(value);
    bool plain = fabs(value) >= 1e-5 && fabs(value) < 1e16;
    if (value != 0)
        good = good && plain == !strchr(text, 'e') && (!plain || strchr(text, '.'));
    snprintf(full, sizeof(full), "%.17g", value);
    good = good && digits_of(text) <= digits_of(full);
    if (good && search && value != 0 && digits_of(text) > 1)
        good = !fits_in(fabs(value), digits_of(text) - 1);
    if (!good && ++*bad <= 10)
        printf("#   %a came out as %s\n", value, text);
}

static void check_random_doubles(bool search) {
    struct aid_random random = {UINT64_C(0x9e3779b97f4a7c15)};
    unsigned bad = 0, made = 0;
    while (made < 100000) {
        uint64_t bits = aid_random(&random);
        double value;
        if (made % 8 == 1) /* near the powers of two, where the gaps change */
            bits = (bits & UINT64_C(0xfff0000000000000)) + (bits & 3) - 1;
        else if (made % 8 == 2) /* subnormal */
            bits &= UINT64_C(0x800fffffffffffff) >> (made % 52);
        memcpy(&value, &bits, sizeof(value));
        if (made % 8 == 3) /* few digits */
            value = (double)(int64_t)(bits % 100000000) / 1000;
        if (!isfinite(value))
            continue;
        made++;
        check_double(value, &bad, search);
    }
    CHECK_EQ_U64(bad, 0);
}

static void random_doubles_are_exact_and_shortest(void) {
    check_random_doubles(true);
}

/* The last test: the language stays set. */
static void a_decimal_comma_changes_nothing(void) {
    char text[DC_NUMBER_MAX];
    double value = 0;
    if (!unit_decimal_comma())
        SKIP("no locale with a decimal comma");
    snprintf(text, sizeof(text), "%.1f", 1.5);
    CHECK_STR(text, "1,5");
    CHECK(dc_parse_f64(span("1.5"), &value) == 0 && value == 1.5);
    CHECK(dc_parse_f64(span("1.5e-3"), &value) == 0 && value == 0.0015);
    dc_format_f64(2.5, text);
    CHECK_STR(text, "2.5");
    hard_doubles_come_out_short();
    numbers_of_thousands_of_digits_round_right();
    check_random_doubles(false);
}

int main(void) {
    UNIT_RUN(u64_keeps_every_bit);
    UNIT_RUN(u64_refuses_what_it_cannot_hold);
    UNIT_RUN(i64_keeps_both_ends);
    UNIT_RUN(hex_has_as_many_digits_as_asked);
    UNIT_RUN(hard_doubles_come_out_short);
    UNIT_RUN(too_large_a_double_is_refused);
    UNIT_RUN(numbers_of_thousands_of_digits_round_right);
    UNIT_RUN(random_doubles_are_exact_and_shortest);
    UNIT_RUN(a_decimal_comma_changes_nothing);
    return unit_done();
}
