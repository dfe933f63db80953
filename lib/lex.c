#include "lib/lex.h"

#include "lib/number.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistr.h>

void dc_lex_init(struct dc_lex *lex, const char *text, size_t len, struct dc_error *err) {
    *lex = (struct dc_lex){.start = text,
                           .pos = text,
                           .end = text + len,
                           .err = err,
                           .counted = {text, 1, 1}};
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static uint64_t count_points(const char *from, const char *to) {
    uint64_t count = 0;
    for (const char *p = from; p < to; p++)
        count += ((unsigned char)*p & 0xc0) != 0x80;
    return count;
}

static uint64_t count_lines(const char *from, const char *to, const char **last) {
    uint64_t count = 0;
    for (const char *p = from; p < to && (p = memchr(p, '\n', (size_t)(to - p))); p++) {
        *last = p;
        count++;
    }
    return count;
}

static struct dc_place place_after(struct dc_place from, const char *at) {
    const char *newline = NULL;
    uint64_t lines = count_lines(from.at, at, &newline);
    uint64_t column = newline ? 1 + count_points(newline + 1, at)
                              : from.column + count_points(from.at, at);
    return (struct dc_place){at, from.line + lines, column};
}

static struct dc_place place_before(const char *start, const char *at,
                                    struct dc_place from) {
    const char *newline = NULL;
    uint64_t lines = count_lines(at, from.at, &newline);
    if (lines == 0)
        return (struct dc_place){at, from.line, from.column - count_points(at, from.at)};
    newline = memrchr(start, '\n', (size_t)(at - start));
    const char *begin = newline ? newline + 1 : start;
    return (struct dc_place){at, from.line - lines, 1 + count_points(begin, at)};
}

/* A document may have a million faults, mostly one behind the other: each is counted from
   the one before, not from the beginning. */
static void set_position(struct dc_lex *lex, const char *at) {
    struct dc_place *counted = &lex->counted;
    *counted = at >= counted->at ? place_after(*counted, at)
                                 : place_before(lex->start, at, *counted);
    lex->err->line = counted->line;
    lex->err->column = counted->column;
}

int dc_lex_fail(struct dc_lex *lex, const char *at, enum dc_code code, const char *fmt,
                ...) {
    if (!lex->err)
        return -1;
    char message[sizeof(lex->err->message)];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(message, sizeof(message), fmt, ap);
    va_end(ap);
    dc_fail(lex->err, code, "%s", message);
    set_position(lex, at);
    return -1;
}

int dc_lex_peek(struct dc_lex *lex) {
    while (lex->pos < lex->end && is_space(*lex->pos))
        lex->pos++;
    return lex->pos < lex->end ? (unsigned char)*lex->pos : -1;
}

static void describe_byte(unsigned char c, char *out, size_t size) {
    if (c >= 0x20 && c < 0x7f)
        snprintf(out, size, "'%c'", c);
    else
        snprintf(out, size, "byte 0x%02x", c);
}

static void describe_number(const struct dc_lex *lex, char *out, size_t size) {
    size_t n = 0;
    while (lex->pos + n < lex->end && n < 24 &&
           (is_digit(lex->pos[n]) || memchr("+-.eE", lex->pos[n], 5)))
        n++;
    bool cut = n == 24 && lex->pos + n < lex->end;
    snprintf(out, size, "%.*s%s", (int)n, lex->pos, cut ? "..." : "");
}

void dc_lex_describe(const struct dc_lex *lex, char *out, size_t size) {
    static const struct {
        char first;
        const char *word;
    } kinds[] = {{'{', "an object"}, {'[', "an array"}, {'"', "a string"},
                 {'t', "true"},      {'f', "false"},    {'n', "null"}};
    if (lex->pos >= lex->end) {
        snprintf(out, size, "the end of the input");
        return;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t len = strlen(kinds[i].word);
        bool word = kinds[i].first == kinds[i].word[0];
        if (*lex->pos != kinds[i].first)
            continue;
        if (word && ((size_t)(lex->end - lex->pos) < len ||
                     memcmp(lex->pos, kinds[i].word, len) != 0))
            continue;
        snprintf(out, size, "%s", kinds[i].word);
        return;
    }
    if (*lex->pos == '-' || is_digit(*lex->pos))
        describe_number(lex, out, size);
    else
        describe_byte((unsigned char)*lex->pos, out, size);
}

static int unexpected(struct dc_lex *lex, const char *what) {
    char found[40];
    dc_lex_describe(lex, found, sizeof(found));
    return dc_lex_fail(lex, lex->pos, DC_ESYNTAX, "expected %s, found %s", what, found);
}

bool dc_lex_accept(struct dc_lex *lex, char c) {
    if (dc_lex_peek(lex) != (unsigned char)c)
        return false;
    lex->pos++;
    return true;
}

int dc_lex_expect(struct dc_lex *lex, char c, const char *what) {
    return dc_lex_accept(lex, c) ? 0 : unexpected(lex, what);
}

int dc_lex_open(struct dc_lex *lex, char bracket) {
    if (dc_lex_expect(lex, bracket, bracket == '{' ? "an object" : "an array") < 0)
        return -1;
    if (lex->depth >= DC_MAX_DEPTH)
        return dc_lex_fail(lex, lex->pos - 1, DC_ELIMIT,
                           "nested deeper than %d objects and arrays", DC_MAX_DEPTH);
    lex->depth++;
    return 0;
}

int dc_lex_more(struct dc_lex *lex, char closing, bool first) {
    if (dc_lex_accept(lex, closing)) {
        lex->depth--;
        return 0;
    }
    if (first)
        return 1;
    if (dc_lex_expect(lex, ',', closing == '}' ? "',' or '}'" : "',' or ']'") < 0)
        return -1;
    if (dc_lex_peek(lex) == (unsigned char)closing)
        return unexpected(lex, closing == '}' ? "a member name" : "a value");
    return 1;
}

int dc_lex_key(struct dc_lex *lex, struct dc_string_token *key) {
    if (dc_lex_peek(lex) != '"')
        return unexpected(lex, "a member name or '}'");
    if (dc_lex_string(lex, key) < 0)
        return -1;
    return dc_lex_expect(lex, ':', "':'");
}

int dc_hex4(const char *p) {
    int value = 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int digit = is_digit(c)              ? c - '0'
                    : (c >= 'a' && c <= 'f') ? c - 'a' + 10
                    : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                                             : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* Behind "\u": one unit, or a pair of surrogates. */
static int lex_unicode_escape(struct dc_lex *lex, const char *backslash) {
    int unit = lex->end - lex->pos >= 4 ? dc_hex4(lex->pos) : -1;
    if (unit < 0)
        return dc_lex_fail(lex, backslash, DC_ESYNTAX, "\\u needs four hex digits");
    lex->pos += 4;
    if (unit < 0xd800 || unit > 0xdfff)
        return 0;
    bool pair = unit < 0xdc00 && lex->end - lex->pos >= 6 && lex->pos[0] == '\\' &&
                lex->pos[1] == 'u';
    int low = pair ? dc_hex4(lex->pos + 2) : -1;
    if (low < 0xdc00 || low > 0xdfff)
        return dc_lex_fail(lex, backslash, DC_ESYNTAX, "lone surrogate \\u%04x", unit);
    lex->pos += 6;
    return 0;
}

static int lex_escape(struct dc_lex *lex) {
    const char *backslash = lex->pos++;
    if (lex->pos >= lex->end)
        return unexpected(lex, "the end of the string");
    char c = *lex->pos++;
    if (c == 'u')
        return lex_unicode_escape(lex, backslash);
    if (c && strchr("\"\\/bfnrt", c))
        return 0;
    return dc_lex_fail(lex, backslash, DC_ESYNTAX, "unknown escape in a string");
}

static int lex_multibyte(struct dc_lex *lex) {
    ucs4_t unused;
    size_t left = (size_t)(lex->end - lex->pos);
    int n = u8_mbtoucr(&unused, (const uint8_t *)lex->pos, left);
    if (n < 0)
        return dc_lex_fail(lex, lex->pos, DC_ESYNTAX, "invalid UTF-8: byte 0x%02x",
                           (unsigned char)*lex->pos);
    lex->pos += n;
    return 0;
}

int dc_lex_string(struct dc_lex *lex, struct dc_string_token *token) {
    if (dc_lex_peek(lex) != '"')
        return unexpected(lex, "a string");
    const char *open = lex->pos++;
    token->raw.p = lex->pos;
    token->escaped = false;
    while (lex->pos < lex->end) {
        unsigned char c = (unsigned char)*lex->pos;
        int rc = 0;
        if (c == '"') {
            token->raw.len = (size_t)(lex->pos++ - token->raw.p);
            return 0;
        }
        if (c == '\\') {
            token->escaped = true;
            rc = lex_escape(lex);
        } else if (c < 0x20) {
            return dc_lex_fail(lex, lex->pos, DC_ESYNTAX,
                               "raw control character 0x%02x in a string", c);
        } else if (c >= 0x80) {
            rc = lex_multibyte(lex);
        } else {
            lex->pos++;
        }
        if (rc < 0)
            return -1;
    }
    return dc_lex_fail(lex, open, DC_ESYNTAX, "this string never ends");
}

static size_t skip_digits(struct dc_lex *lex) {
    const char *from = lex->pos;
    while (lex->pos < lex->end && is_digit(*lex->pos))
        lex->pos++;
    return (size_t)(lex->pos - from);
}

static bool at(const struct dc_lex *lex, const char *any) {
    return lex->pos < lex->end && *lex->pos && strchr(any, *lex->pos);
}

static int lex_number_parts(struct dc_lex *lex, bool *integer) {
    *integer = true;
    bool minus = at(lex, "-");
    lex->pos += minus;
    bool zero = at(lex, "0");
    size_t digits = zero ? 1 : skip_digits(lex);
    lex->pos += zero;
    if (digits == 0 || at(lex, "0123456789"))
        return -1;
    if (minus && zero)
        *integer = false;
    if (at(lex, ".")) {
        lex->pos++;
        *integer = false;
        if (skip_digits(lex) == 0)
            return -1;
    }
    if (at(lex, "eE")) {
        lex->pos++;
        *integer = false;
        lex->pos += at(lex, "+-");
        if (skip_digits(lex) == 0)
            return -1;
    }
    return 0;
}

int dc_lex_number(struct dc_lex *lex, struct dc_number_token *token) {
    if (dc_lex_peek(lex) != '-' && !at(lex, "0123456789"))
        return unexpected(lex, "a number");
    const char *from = lex->pos;
    if (lex_number_parts(lex, &token->integer) < 0)
        return dc_lex_fail(lex, from, DC_ESYNTAX, "not a JSON number");
    token->raw = (struct dc_span){from, (size_t)(lex->pos - from)};
    double unused;
    /* Integers of fewer digits than this cannot overflow a double. */
    if ((!token->integer || token->raw.len > 300) &&
        dc_parse_f64(token->raw, &unused) < 0)
        return dc_lex_fail(lex, from, DC_ETYPE, "this number is out of range");
    return 0;
}

int dc_lex_word(struct dc_lex *lex, const char *word) {
    size_t len = strlen(word);
    dc_lex_peek(lex);
    if ((size_t)(lex->end - lex->pos) < len || memcmp(lex->pos, word, len) != 0)
        return unexpected(lex, "a value");
    lex->pos += len;
    return 0;
}

static int skip_scalar(struct dc_lex *lex, int c) {
    struct dc_string_token string;
    struct dc_number_token number;
    switch (c) {
    case '"':
        return dc_lex_string(lex, &string);
    case 't':
        return dc_lex_word(lex, "true");
    case 'f':
        return dc_lex_word(lex, "false");
    case 'n':
        return dc_lex_word(lex, "null");
    default:
        if (c == '-' || (c >= '0' && c <= '9'))
            return dc_lex_number(lex, &number);
        return unexpected(lex, "a value");
    }
}

/* No recursion: the input chooses how deep it nests. */
int dc_lex_skip(struct dc_lex *lex, struct dc_span *value) {
    char closing[DC_MAX_DEPTH + 1];
    unsigned base = lex->depth;
    bool first = false;
    dc_lex_peek(lex);
    const char *from = lex->pos;
    for (;;) {
        int c = dc_lex_peek(lex);
        if (c == '{' || c == '[') {
            if (dc_lex_open(lex, (char)c) < 0)
                return -1;
            closing[lex->depth - base] = c == '{' ? '}' : ']';
            first = true;
        } else if (skip_scalar(lex, c) < 0) {
            return -1;
        }
        int more = 0;
        while (lex->depth > base && more == 0) {
            more = dc_lex_more(lex, closing[lex->depth - base], first);
            first = false;
        }
        struct dc_string_token key;
        if (more < 0)
            return -1;
        if (more == 0)
            break;
        if (closing[lex->depth - base] == '}' && dc_lex_key(lex, &key) < 0)
            return -1;
    }
    if (value)
        *value = (struct dc_span){from, (size_t)(lex->pos - from)};
    return 0;
}

/* ---- text that has been checked ---- */

static const char *pass_string(const char *p, const char *end) {
    for (p++; p < end && *p != '"'; p++)
        p += *p == '\\';
    return p < end ? p + 1 : end;
}

static const char *pass_container(const char *p, const char *end) {
    unsigned depth = 0;
    while (p < end) {
        char c = *p;
        if (c == '"') {
            p = pass_string(p, end);
            continue;
        }
        p++;
        if ((c | 0x20) == '{') /* or '[' */
            depth++;
        else if ((c | 0x20) == '}' && --depth == 0)
            break;
    }
    return p;
}

void dc_lex_pass(struct dc_lex *lex, struct dc_span *value) {
    int c = dc_lex_peek(lex);
    const char *from = lex->pos, *p = from;
    if (c == '"')
        p = pass_string(p, lex->end);
    else if (c == '{' || c == '[')
        p = pass_container(p, lex->end);
    else
        while (p < lex->end && *p && !strchr(",]} \t\r\n", *p))
            p++;
    lex->pos = p;
    if (value)
        *value = (struct dc_span){from, (size_t)(p - from)};
}
