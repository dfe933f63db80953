#include "lib/lex.h"

#include <string.h>
#include <unistr.h>

static void advance(struct dc_span *raw, size_t n) {
    raw->p += n;
    raw->len -= n;
}

/* The character that stands at a checked backslash. */
static size_t resolve(struct dc_span *raw, char out[4]) {
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    const char *s = raw->p;
    if (s[1] != 'u') {
        const char *letter = strchr(from, s[1]);
        out[0] = letter ? to[letter - from] : s[1];
        advance(raw, 2);
        return 1;
    }
    unsigned code = (unsigned)dc_hex4(s + 2);
    bool pair = code >= 0xd800 && code <= 0xdfff;
    if (pair)
        code = 0x10000 + ((code - 0xd800) << 10) + ((unsigned)dc_hex4(s + 8) - 0xdc00);
    advance(raw, pair ? 12 : 6);
    return (size_t)u8_uctomb((uint8_t *)out, code, 4);
}

size_t dc_unescape_one(struct dc_span *raw, char out[4]) {
    size_t n = 0;
    if (*raw->p == '\\')
        return resolve(raw, out);
    do
        out[n] = raw->p[n];
    while (++n < raw->len && n < 4 && ((unsigned char)raw->p[n] & 0xc0) == 0x80);
    advance(raw, n);
    return n;
}

size_t dc_unescape(struct dc_span raw, char *out) {
    size_t n = 0;
    while (raw.len > 0) {
        char bytes[4];
        size_t len = dc_unescape_one(&raw, bytes);
        memcpy(out + n, bytes, len);
        n += len;
    }
    return n;
}

/* Without escapes, which is how names mostly are. */
static bool compare_plain(struct dc_span a, struct dc_span b, int *order) {
    size_t n = a.len < b.len ? a.len : b.len;
    if (memchr(a.p, '\\', a.len) || memchr(b.p, '\\', b.len))
        return false;
    *order = memcmp(a.p, b.p, n);
    if (*order == 0)
        *order = (a.len > b.len) - (a.len < b.len);
    return true;
}

int dc_compare_raw(struct dc_span a, struct dc_span b) {
    char one[4], other[4];
    int order = 0;
    if (compare_plain(a, b, &order))
        return order;
    /* Bytes of UTF-8 sort as their characters do, so whole characters can be compared. */
    while (a.len > 0 && b.len > 0) {
        size_t n = dc_unescape_one(&a, one), m = dc_unescape_one(&b, other);
        order = memcmp(one, other, n < m ? n : m);
        if (order != 0)
            return order;
    }
    return (a.len > 0) - (b.len > 0);
}
