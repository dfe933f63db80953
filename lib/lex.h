/*
 * lex: the tokens of JSON text (RFC 8259), with a place for every fault.
 *
 * A `struct dc_lex` walks once over bytes that the caller owns and keeps alive; the spans
 * that it hands out point into them. It refuses what serde_json refuses: invalid UTF-8,
 * lone surrogates, raw control characters, numbers that no double holds, more than
 * DC_MAX_DEPTH containers inside each other (spec: wire-format 1.2 and 1.4).
 */
#ifndef DUMPCTL_LIB_LEX_H
#define DUMPCTL_LIB_LEX_H

#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DC_MAX_DEPTH = 127 };

struct dc_span {
    const char *p;
    size_t len;
};

/* A place in the text whose line and column have been counted. */
struct dc_place {
    const char *at;
    uint64_t line, column;
};

struct dc_lex {
    const char *start; /* of the input: line 1, column 1 */
    const char *pos;
    const char *end;
    unsigned depth;          /* containers that are open */
    struct dc_error *err;    /* the caller's */
    struct dc_place counted; /* of the latest fault: the next is counted from there */
};

struct dc_string_token {
    struct dc_span raw; /* between the quotes, escapes and all */
    bool escaped;       /* raw holds at least one backslash */
};

struct dc_number_token {
    struct dc_span raw;
    bool integer; /* no fraction, no exponent, not "-0" */
};

void dc_lex_init(struct dc_lex *lex, const char *text, size_t len, struct dc_error *err);

/* Skips white space. Returns the next byte, 0..255, or -1 at the end. */
int dc_lex_peek(struct dc_lex *lex);

/* Skips white space, then the byte `c` where it stands next; says whether it did. */
bool dc_lex_accept(struct dc_lex *lex, char c);

/* Skips white space, then `c`, or fails with "expected WHAT, found ...". */
int dc_lex_expect(struct dc_lex *lex, char c, const char *what) DC_MUST_USE;

/*
 * Containers. dc_lex_open() takes '{' or '[' and counts it; dc_lex_more() stands before
 * each member or element: 1 there is one more, 0 the container is closed (and counted
 * off), -1 fault. `first` must be true for the first call in each container.
 */
int dc_lex_open(struct dc_lex *lex, char bracket) DC_MUST_USE;
int dc_lex_more(struct dc_lex *lex, char closing, bool first) DC_MUST_USE;

/* The name of a member and the colon behind it. */
int dc_lex_key(struct dc_lex *lex, struct dc_string_token *key) DC_MUST_USE;

int dc_lex_string(struct dc_lex *lex, struct dc_string_token *token) DC_MUST_USE;
int dc_lex_number(struct dc_lex *lex, struct dc_number_token *token) DC_MUST_USE;

/* One of the words true, false, null. */
int dc_lex_word(struct dc_lex *lex, const char *word) DC_MUST_USE;

/* Any whole value, checked but not kept; `value` (may be NULL) gets its bytes. */
int dc_lex_skip(struct dc_lex *lex, struct dc_span *value) DC_MUST_USE;

/* As dc_lex_skip(), for a value that has been checked before: many times as fast. */
void dc_lex_pass(struct dc_lex *lex, struct dc_span *value);

/*
 * Writes the text that `raw` stands for (escapes resolved, UTF-8) to `out`, which must
 * hold raw.len bytes; returns its length. `raw` must come from dc_lex_string().
 */
size_t dc_unescape(struct dc_span raw, char *out);

/* As dc_unescape(), for the first character of `raw`, which it is moved over. */
size_t dc_unescape_one(struct dc_span *raw, char out[4]);

/* The value of four hex digits at `p`, which must be there; -1 where they are none. */
int dc_hex4(const char *p);

/* Compares the text of two raw strings, escapes resolved, as bytes: <0, 0 or >0. */
int dc_compare_raw(struct dc_span a, struct dc_span b);

/* A few words for what stands next, for "found ..." in messages: "a string", "-5", ... */
void dc_lex_describe(const struct dc_lex *lex, char *out, size_t size);

/* Fails at `at`, a place inside the input: sets line and column. Returns -1. */
int dc_lex_fail(struct dc_lex *lex, const char *at, enum dc_code code, const char *fmt,
                ...) DC_PRINTF(4, 5);

#endif
