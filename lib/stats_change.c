#include "lib/stats_change.h"

#include "lib/number.h"

#include <math.h>
#include <string.h>

/* Differences of u64 and i64 need 66 bits, and a thousand million times that fits too. */
typedef unsigned __int128 wide;

enum { RATE_DECIMALS = 3, MOST_DECIMALS = 9 };

static void say(char out[DC_STATS_CHANGE_MAX], const char *text) {
    size_t len = strlen(text);
    memcpy(out, text, len + 1);
}

/* `value` without leading zeros, at least `least` digits. Returns how many. */
static size_t add_digits(char *out, wide value, size_t least) {
    char digits[40];
    size_t n = 0;
    for (; value > 0 || n < least; value /= 10)
        digits[n++] = (char)('0' + (int)(value % 10));
    for (size_t i = 0; i < n; i++)
        out[i] = digits[n - 1 - i];
    return n;
}

/* `scaled` with `decimals` of its digits behind the point, zeros at the end left out. */
static void add_scaled(char out[DC_STATS_CHANGE_MAX], bool negative, wide scaled,
                       unsigned decimals) {
    wide unit = 1;
    size_t n = 0;
    for (unsigned i = 0; i < decimals; i++)
        unit *= 10;
    if (scaled > 0)
        out[n++] = negative ? '-' : '+';
    n += add_digits(out + n, scaled / unit, 1);
    if (scaled % unit > 0) {
        out[n++] = '.';
        n += add_digits(out + n, scaled % unit, decimals);
        while (out[n - 1] == '0')
            n--;
    }
    out[n] = '\0';
}

/* ---- integers ---- */

struct whole {
    bool negative;
    uint64_t size;
};

static bool is_whole(struct dc_str text, struct whole *whole) {
    struct dc_span span = {text.p, text.len};
    int64_t below;
    *whole = (struct whole){.negative = false};
    if (memchr(text.p, '.', text.len) || memchr(text.p, 'e', text.len) ||
        memchr(text.p, 'E', text.len))
        return false;
    if (dc_parse_u64(span, &whole->size) == 0)
        return true;
    if (dc_parse_i64(span, &below) < 0)
        return false;
    *whole = (struct whole){true, 0 - (uint64_t)below};
    return true;
}

static void change_whole(struct whole now, struct whole before, uint64_t elapsed_us,
                         struct dc_stats_change *out) {
    __int128 a = now.negative ? -(__int128)now.size : (__int128)now.size;
    __int128 b = before.negative ? -(__int128)before.size : (__int128)before.size;
    wide by = a < b ? (wide)(b - a) : (wide)(a - b);
    add_scaled(out->by, a < b, by, 0);
    wide rate = (by * 1000000000 + elapsed_us / 2) / elapsed_us; /* thousandths */
    if (by > 0 && rate == 0)
        say(out->rate, a < b ? "-<0.001" : "<0.001");
    else if (rate < 100 * 1000)
        add_scaled(out->rate, a < b, rate, RATE_DECIMALS);
    else
        add_scaled(out->rate, a < b, (rate + 50) / 100, 1);
}

/* ---- reals ---- */

/* Digits behind the point; MOST_DECIMALS where an exponent hides them. */
static unsigned decimals_of(struct dc_str text) {
    const char *point = memchr(text.p, '.', text.len);
    if (memchr(text.p, 'e', text.len) || memchr(text.p, 'E', text.len))
        return MOST_DECIMALS;
    size_t n = point ? text.len - (size_t)(point + 1 - text.p) : 0;
    return n < MOST_DECIMALS ? (unsigned)n : MOST_DECIMALS;
}

static void add_real(char out[DC_STATS_CHANGE_MAX], double value, unsigned decimals) {
    double power = 1, size = fabs(value);
    for (unsigned i = 0; i < decimals; i++)
        power *= 10;
    if (size * power < 1e15 && (size * power >= 0.5 || size == 0)) {
        add_scaled(out, value < 0, (wide)(size * power + 0.5), decimals);
    } else if (isfinite(value)) {
        out[0] = value < 0 ? '-' : '+';
        out[1 + dc_format_f64(size, out + 1)] = '\0';
    } else {
        say(out, value < 0 ? "-inf" : "+inf");
    }
}

static void change_real(double now, double before, unsigned decimals, uint64_t elapsed_us,
                        struct dc_stats_change *out) {
    double by = now - before;
    add_real(out->by, by, decimals);
    add_real(out->rate, by * 1e6 / (double)elapsed_us, RATE_DECIMALS);
}

static void change_number(struct dc_str now, struct dc_str before, uint64_t elapsed_us,
                          struct dc_stats_change *out) {
    struct dc_span spans[2] = {{now.p, now.len}, {before.p, before.len}};
    struct whole wholes[2];
    double reals[2];
    if (is_whole(now, &wholes[0]) && is_whole(before, &wholes[1])) {
        change_whole(wholes[0], wholes[1], elapsed_us, out);
    } else if (dc_parse_f64(spans[0], &reals[0]) == 0 &&
               dc_parse_f64(spans[1], &reals[1]) == 0) {
        unsigned a = decimals_of(now), b = decimals_of(before);
        change_real(reals[0], reals[1], a > b ? a : b, elapsed_us, out);
    } else {
        say(out->by, "changed");
    }
}

struct dc_stats_change dc_stats_change(const struct dc_stats_row *now,
                                       const struct dc_stats_row *before,
                                       uint64_t elapsed_us) {
    struct dc_stats_change out = {"", ""};
    if (!before)
        say(out.by, "new");
    else if (now->kind == DC_STATS_NUMBER && before->kind == DC_STATS_NUMBER)
        change_number(now->text, before->text, elapsed_us ? elapsed_us : 1, &out);
    else if (now->kind == before->kind && dc_str_same(now->text, before->text))
        say(out.by, "same");
    else
        say(out.by, "changed");
    return out;
}
