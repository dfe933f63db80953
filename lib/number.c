#include "lib/number.h"

#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int dc_parse_u64(struct dc_span text, uint64_t *value) {
    uint64_t v = 0;
    if (text.len == 0 || text.p[0] == '-')
        return -1;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned)(text.p[i] - '0');
        if (v > (UINT64_MAX - digit) / 10)
            return -1;
        v = v * 10 + digit;
    }
    *value = v;
    return 0;
}

int dc_parse_i64(struct dc_span text, int64_t *value) {
    bool minus = text.len > 0 && text.p[0] == '-';
    uint64_t size;
    if (dc_parse_u64((struct dc_span){text.p + minus, text.len - minus}, &size) < 0 ||
        size > (uint64_t)INT64_MAX + minus)
        return -1;
    *value = (int64_t)(minus ? 0 - size : size);
    return 0;
}

/*
 * The C locale as an object: glibc hands out one static object for it, so this neither
 * allocates nor fails, and the thread's own locale is left alone.
 */
static double parse_c(const char *text) {
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    double value = strtod_l(text, NULL, c);
    freelocale(c);
    return value;
}

/*
 * No double and no point half-way between two needs more digits than this to be told from
 * its neighbours (767 for the smallest ones), but for the question whether anything but
 * zeros follows: a digit 1 at the end stands for that.
 */
enum { MOST_DIGITS = 800, SHORTENED_MAX = MOST_DIGITS + 32 };

/* A number of any length as one that reads the same and fits in `out`. */
static void shorten(struct dc_span text, char out[SHORTENED_MAX]) {
    const char *p = text.p, *end = text.p + text.len;
    int64_t exponent = 0, given = 0;
    size_t n = 0;
    bool fraction = false, rest = false;
    if (*p == '-')
        out[n++] = *p++;
    size_t sign = n;
    for (; p < end && *p != 'e' && *p != 'E'; p++) {
        if (*p == '.') {
            fraction = true;
        } else if (n - sign == MOST_DIGITS) {
            rest |= *p != '0';
            exponent += !fraction;
        } else {
            exponent -= fraction;
            if (*p != '0' || n > sign)
                out[n++] = *p;
        }
    }
    if (n == sign)
        out[n++] = '0';
    out[n++] = rest ? '1' : '0';
    bool minus = p < end && p + 1 < end && p[1] == '-';
    for (; p < end; p++) /* no text is so long that it could make up for 10^18 */
        if (*p >= '0' && *p <= '9' && given < INT64_C(100000000000000000))
            given = given * 10 + (*p - '0');
    exponent += (minus ? -given : given) - 1;
    sprintf(out + n, "e%" PRId64, exponent);
}

int dc_parse_f64(struct dc_span text, double *value) {
    char copy[SHORTENED_MAX];
    if (text.len < sizeof(copy)) {
        memcpy(copy, text.p, text.len);
        copy[text.len] = '\0';
    } else {
        shorten(text, copy);
    }
    *value = parse_c(copy);
    return isfinite(*value) ? 0 : -1;
}

/* A positive double as 0.DIGITS * 10^point. */
struct decimal {
    char digits[20];
    int count;
    int point;
};

static double decimal_value(const struct decimal *d) {
    char text[48];
    snprintf(text, sizeof(text), "%.*se%d", d->count, d->digits, d->point - d->count);
    return parse_c(text);
}

/* `value` correctly rounded to `count` digits. printf's decimal point is stepped over. */
static void decimal_round(double value, int count, struct decimal *d) {
    char text[48];
    int n = snprintf(text, sizeof(text), "%.*e", count - 1, value);
    const char *e = memchr(text, 'e', (size_t)n);
    d->count = 0;
    for (const char *p = text; p < e; p++)
        if (*p >= '0' && *p <= '9')
            d->digits[d->count++] = *p;
    d->point = (int)strtol(e + 1, NULL, 10) + 1;
}

/* One more in the last digit. */
static void decimal_step(struct decimal *d) {
    int i = d->count - 1;
    while (i >= 0 && d->digits[i] == '9')
        d->digits[i--] = '0';
    if (i >= 0) {
        d->digits[i]++;
        return;
    }
    d->digits[0] = '1';
    d->point++;
}

/*
 * Any decimal of up to 15 digits survives the way through a normal double, so 15 digits
 * with their zeros cut are the shortest form where they read back at all; subnormals hold
 * fewer and are tried from one digit on. The neighbour above is tried too: just above a
 * power of two the gaps are twice as wide as below, and the rounded form may be the one
 * that falls outside.
 */
static void decimal_shortest(double value, struct decimal *d) {
    for (int count = value < DBL_MIN ? 1 : 15; count < 17; count++) {
        decimal_round(value, count, d);
        if (decimal_value(d) == value)
            return;
        decimal_step(d);
        if (decimal_value(d) == value)
            return;
    }
    decimal_round(value, 17, d);
}

static size_t put_zeros(char *out, int n) {
    memset(out, '0', (size_t)n);
    return (size_t)n;
}

static size_t layout_plain(const struct decimal *d, char *out) {
    size_t n = 0;
    int whole = d->point < d->count ? d->point : d->count;
    if (d->point <= 0) {
        n += put_zeros(out, 1);
        out[n++] = '.';
        n += put_zeros(out + n, -d->point);
        whole = 0;
    } else {
        memcpy(out, d->digits, (size_t)whole);
        n = (size_t)whole;
        n += put_zeros(out + n, d->point - whole);
        out[n++] = '.';
        if (whole == d->count)
            out[n++] = '0';
    }
    memcpy(out + n, d->digits + whole, (size_t)(d->count - whole));
    return n + (size_t)(d->count - whole);
}

static size_t layout_exponent(const struct decimal *d, char *out) {
    size_t n = 0;
    out[n++] = d->digits[0];
    if (d->count > 1) {
        out[n++] = '.';
        memcpy(out + n, d->digits + 1, (size_t)(d->count - 1));
        n += (size_t)(d->count - 1);
    }
    return n + (size_t)sprintf(out + n, "e%+d", d->point - 1);
}

size_t dc_format_f64(double value, char out[DC_NUMBER_MAX]) {
    size_t n = 0;
    if (signbit(value))
        out[n++] = '-';
    value = fabs(value);
    if (value == 0) {
        memcpy(out + n, "0.0", 4);
        return n + 3;
    }
    struct decimal d;
    decimal_shortest(value, &d);
    while (d.count > 1 && d.digits[d.count - 1] == '0')
        d.count--;
    bool plain = value >= 1e-5 && value < 1e16;
    n += plain ? layout_plain(&d, out + n) : layout_exponent(&d, out + n);
    out[n] = '\0';
    return n;
}

static size_t put_digits(uint64_t value, char *out) {
    char reversed[20];
    size_t n = 0;
    do {
        reversed[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    for (size_t i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    out[n] = '\0';
    return n;
}

size_t dc_format_u64(uint64_t value, char out[DC_NUMBER_MAX]) {
    return put_digits(value, out);
}

size_t dc_format_i64(int64_t value, char out[DC_NUMBER_MAX]) {
    bool minus = value < 0;
    uint64_t size = (uint64_t)value;
    if (minus)
        *out = '-';
    return (size_t)minus + put_digits(minus ? 0 - size : size, out + minus);
}

size_t dc_format_hex(uint64_t value, unsigned digits, char out[DC_NUMBER_MAX]) {
    unsigned need = 1;
    while (need < 16 && value >> (4 * need))
        need++;
    if (digits < need)
        digits = need;
    out[0] = '0';
    out[1] = 'x';
    for (unsigned i = 0; i < digits; i++)
        out[2 + i] = "0123456789abcdef"[(value >> (4 * (digits - 1 - i))) & 15];
    out[2 + digits] = '\0';
    return 2 + digits;
}
