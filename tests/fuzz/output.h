/*
 * output: what every output must be, whatever it was made from; a program that finds one
 * that is not aborts.
 */
#ifndef TESTS_FUZZ_OUTPUT_H
#define TESTS_FUZZ_OUTPUT_H

#include "lib/buf.h"
#include "lib/escape.h"
#include "lib/lex.h"

#include <stdlib.h>

static inline void require(bool condition) {
    if (!condition)
        abort();
}

/* Every line: its columns, and nothing in it that is hidden. */
static inline void check_text(const struct dc_buf *out, unsigned width) {
    size_t columns = 0;
    for (size_t i = 0; i < out->len;) {
        if (out->data[i] == '\n') {
            columns = 0;
            i++;
            continue;
        }
        struct dc_piece piece = dc_escape(out->data + i, out->len - i);
        require(piece.taken == piece.len); /* it stood there as it is printed */
        columns += piece.width;
        i += piece.taken;
        require(columns <= width);
    }
}

static inline void check_json(const struct dc_buf *out) {
    for (size_t i = 0; i < out->len; i++)
        require(out->data[i] >= 0x20 && out->data[i] < 0x7f);
    struct dc_lex lex;
    struct dc_error err;
    dc_lex_init(&lex, out->data, out->len, &err);
    /* Objects of ours may stand around a value that is 127 deep. */
    require(dc_lex_skip(&lex, NULL) == 0 || err.code == DC_ELIMIT);
}

/* What is between '<' and '>' is ours: no quote of a report can have ended an attribute, so
   that quotes come in pairs. */
static inline void check_html(const struct dc_buf *out) {
    size_t quotes = 0;
    bool inside = false;
    for (size_t i = 0; i < out->len; i++) {
        char c = out->data[i];
        require((unsigned char)c >= 0x20 || c == '\n');
        if (c == '<') {
            require(!inside);
            inside = true;
            quotes = 0;
        } else if (c == '>') {
            require(inside && quotes % 2 == 0);
            inside = false;
        } else if (c == '"') {
            require(inside);
            quotes++;
        }
    }
    require(!inside);
}

#endif
