#include "lib/writer.h"

#include "lib/number.h"

#include <math.h>
#include <string.h>
#include <unistr.h>

void dc_writer_init(struct dc_writer *w, struct dc_sink sink, bool ascii, bool pretty) {
    w->sink = sink;
    w->ascii = ascii;
    w->pretty = pretty;
    w->failed = w->fresh = w->named = false;
    w->depth = 0;
    w->written = 0;
    w->used = 0;
}

static void flush(struct dc_writer *w) {
    if (w->used == 0 || w->failed)
        return;
    if (w->sink.write(w->sink.ctx, w->buf, w->used) < 0)
        w->failed = true;
    else
        w->written += w->used;
    w->used = 0;
}

int dc_writer_finish(struct dc_writer *w) {
    flush(w);
    return w->failed ? -1 : 0;
}

static void put(struct dc_writer *w, const char *s, size_t len) {
    while (len > 0 && !w->failed) {
        size_t room = sizeof(w->buf) - w->used;
        size_t n = len < room ? len : room;
        memcpy(w->buf + w->used, s, n);
        w->used += n;
        s += n;
        len -= n;
        if (w->used == sizeof(w->buf))
            flush(w);
    }
}

static void put_char(struct dc_writer *w, char c) {
    put(w, &c, 1);
}

static void put_break(struct dc_writer *w) {
    if (!w->pretty)
        return;
    put_char(w, '\n');
    for (unsigned i = 0; i < w->depth; i++)
        put(w, "  ", 2);
}

/* Before each name and each unnamed value. */
static void separate(struct dc_writer *w) {
    if (w->named) {
        w->named = false;
        return;
    }
    if (w->depth == 0)
        return;
    if (!w->fresh)
        put_char(w, ',');
    w->fresh = false;
    put_break(w);
}

void dc_write_open(struct dc_writer *w, char bracket) {
    separate(w);
    put_char(w, bracket);
    w->depth++;
    w->fresh = true;
}

void dc_write_close(struct dc_writer *w, char bracket) {
    w->depth--;
    if (!w->fresh)
        put_break(w);
    w->fresh = false;
    put_char(w, bracket);
}

static void put_unit(struct dc_writer *w, unsigned unit) {
    static const char hex[] = "0123456789abcdef";
    char text[6] = {'\\',
                    'u',
                    hex[unit >> 12 & 15],
                    hex[unit >> 8 & 15],
                    hex[unit >> 4 & 15],
                    hex[unit & 15]};
    put(w, text, sizeof(text));
}

static void put_escaped(struct dc_writer *w, ucs4_t c) {
    static const char from[] = "\b\t\n\f\r\"\\", to[] = "btnfr\"\\";
    const char *letter = c && c < 0x80 ? strchr(from, (int)c) : NULL;
    if (letter) {
        char text[2] = {'\\', to[letter - from]};
        put(w, text, 2);
    } else if (c >= 0x10000) {
        put_unit(w, 0xd800 + ((c - 0x10000) >> 10));
        put_unit(w, 0xdc00 + ((c - 0x10000) & 0x3ff));
    } else {
        put_unit(w, c);
    }
}

static bool stands_as_it_is(const struct dc_writer *w, unsigned char c) {
    if (c < 0x20 || c == '"' || c == '\\')
        return false;
    return !w->ascii || c < 0x7f;
}

/* What follows the plain bytes: one character that needs thought. Returns its length. */
static size_t put_special(struct dc_writer *w, const char *s, size_t len) {
    ucs4_t c;
    int n = u8_mbtoucr(&c, (const uint8_t *)s, len);
    if (n < 0) {
        c = 0xfffd;
        n = 1;
        if (!w->ascii) {
            put(w, "\xef\xbf\xbd", 3);
            return 1;
        }
    }
    if (c >= 0x80 && !w->ascii)
        put(w, s, (size_t)n);
    else
        put_escaped(w, c);
    return (size_t)n;
}

static void put_string_part(struct dc_writer *w, const char *s, size_t len) {
    while (len > 0 && !w->failed) {
        size_t n = 0;
        while (n < len && (unsigned char)s[n] < 0x80 &&
               stands_as_it_is(w, (unsigned char)s[n]))
            n++;
        put(w, s, n);
        s += n;
        len -= n;
        if (len > 0) {
            n = put_special(w, s, len);
            s += n;
            len -= n;
        }
    }
}

void dc_write_string(struct dc_writer *w, const char *s, size_t len) {
    separate(w);
    put_char(w, '"');
    put_string_part(w, s, len);
    put_char(w, '"');
}

void dc_write_text(struct dc_writer *w, const char *s) {
    if (s)
        dc_write_string(w, s, strlen(s));
    else
        dc_write_null(w);
}

static void put_raw_string(struct dc_writer *w, struct dc_span raw) {
    put_char(w, '"');
    while (raw.len > 0 && !w->failed) {
        const char *slash = memchr(raw.p, '\\', raw.len);
        size_t plain = slash ? (size_t)(slash - raw.p) : raw.len;
        put_string_part(w, raw.p, plain);
        raw = (struct dc_span){raw.p + plain, raw.len - plain};
        if (slash) {
            char text[4];
            size_t len = dc_unescape_one(&raw, text);
            put_string_part(w, text, len);
        }
    }
    put_char(w, '"');
}

void dc_write_raw_string(struct dc_writer *w, struct dc_span raw) {
    separate(w);
    put_raw_string(w, raw);
}

static void end_name(struct dc_writer *w) {
    put(w, ": ", w->pretty ? 2 : 1);
    w->named = true;
}

void dc_write_string_name(struct dc_writer *w, const char *name, size_t len) {
    dc_write_string(w, name, len);
    end_name(w);
}

void dc_write_name(struct dc_writer *w, const char *name) {
    dc_write_string_name(w, name, strlen(name));
}

void dc_write_raw_name(struct dc_writer *w, struct dc_span raw) {
    dc_write_raw_string(w, raw);
    end_name(w);
}

static void put_value(struct dc_writer *w, const char *s, size_t len) {
    separate(w);
    put(w, s, len);
}

void dc_write_u64(struct dc_writer *w, uint64_t value) {
    char text[DC_NUMBER_MAX];
    put_value(w, text, dc_format_u64(value, text));
}

void dc_write_i64(struct dc_writer *w, int64_t value) {
    char text[DC_NUMBER_MAX];
    put_value(w, text, dc_format_i64(value, text));
}

void dc_write_f64(struct dc_writer *w, double value) {
    char text[DC_NUMBER_MAX];
    if (isfinite(value))
        put_value(w, text, dc_format_f64(value, text));
    else
        dc_write_null(w);
}

void dc_write_bool(struct dc_writer *w, bool value) {
    put_value(w, value ? "true" : "false", value ? 4 : 5);
}

void dc_write_null(struct dc_writer *w) {
    put_value(w, "null", 4);
}

void dc_write_address(struct dc_writer *w, uint64_t value) {
    char text[DC_NUMBER_MAX];
    dc_write_string(w, text, dc_format_hex(value, 0, text));
}

/* A reader of doubles knows every integer up to this. */
static const uint64_t EXACT = (uint64_t)1 << 53;

void dc_write_count(struct dc_writer *w, uint64_t value) {
    char text[DC_NUMBER_MAX];
    size_t len = dc_format_u64(value, text);
    (value <= EXACT ? put_value : dc_write_string)(w, text, len);
}

void dc_write_signed_count(struct dc_writer *w, int64_t value) {
    char text[DC_NUMBER_MAX];
    size_t len = dc_format_i64(value, text);
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    (size <= EXACT ? put_value : dc_write_string)(w, text, len);
}

void dc_write_number_text(struct dc_writer *w, struct dc_span text) {
    put_value(w, text.p, text.len);
}

/* One token of a checked value: number, word or string. Returns the byte behind it. */
static const char *write_scalar(struct dc_writer *w, const char *p, const char *end) {
    struct dc_lex lex;
    struct dc_string_token string;
    dc_lex_init(&lex, p, (size_t)(end - p), NULL);
    if (*p == '"') {
        if (dc_lex_string(&lex, &string) < 0)
            return end;
        dc_write_raw_string(w, string.raw);
        return lex.pos;
    }
    while (p < end && !strchr(",:]} \t\r\n", *p))
        p++;
    put_value(w, lex.start, (size_t)(p - lex.start));
    return p;
}

void dc_write_value(struct dc_writer *w, struct dc_span value) {
    const char *p = value.p, *end = value.p + value.len;
    while (p < end && !w->failed) {
        char c = *p;
        if (c == '{' || c == '[') {
            dc_write_open(w, c);
            p++;
        } else if (c == '}' || c == ']') {
            dc_write_close(w, c);
            p++;
        } else if (c == ':') {
            end_name(w);
            p++;
        } else if (strchr(", \t\r\n", c)) {
            p++;
        } else {
            p = write_scalar(w, p, end);
        }
    }
}

void dc_write_newline(struct dc_writer *w) {
    put_char(w, '\n');
}
