#include "lib/text.h"

#include "lib/escape.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    LEAST_WIDTH = 20,
    WORTHWHILE = 12, /* columns for the beginning of a word that must be broken */
};

void dc_text_init(struct dc_text *t, struct dc_sink sink, bool colour, unsigned width) {
    t->sink = sink;
    t->colour = colour;
    t->width = width < LEAST_WIDTH ? LEAST_WIDTH : width;
    t->column = 0;
    t->failed = false;
    t->used = 0;
}

static void flush(struct dc_text *t) {
    if (t->used > 0 && !t->failed && t->sink.write(t->sink.ctx, t->buf, t->used) < 0)
        t->failed = true;
    t->used = 0;
}

int dc_text_finish(struct dc_text *t) {
    flush(t);
    return t->failed ? -1 : 0;
}

static void put(struct dc_text *t, const char *s, size_t len) {
    while (len > 0 && !t->failed) {
        size_t room = sizeof(t->buf) - t->used;
        size_t n = len < room ? len : room;
        memcpy(t->buf + t->used, s, n);
        t->used += n;
        s += n;
        len -= n;
        if (t->used == sizeof(t->buf))
            flush(t);
    }
}

void dc_text_put(struct dc_text *t, const char *fmt, ...) {
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
    put(t, text, len);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n')
            t->column = 0;
        else if (((unsigned char)text[i] & 0xc0) != 0x80)
            t->column++;
    }
}

static void put_piece(struct dc_text *t, const struct dc_piece *piece) {
    put(t, piece->text, piece->len);
    t->column += piece->width;
}

void dc_text_add(struct dc_text *t, const char *s, size_t len) {
    for (size_t i = 0; i < len && !t->failed;) {
        struct dc_piece piece = dc_escape(s + i, len - i);
        put_piece(t, &piece);
        i += piece.taken;
    }
}

void dc_text_str(struct dc_text *t, struct dc_str s) {
    dc_text_add(t, s.p, s.len);
}

/* Whether s needs more than `columns`: looks no further than that. */
static bool is_wider(const char *s, size_t len, unsigned columns) {
    size_t width = 0;
    for (size_t i = 0; i < len && width <= columns;) {
        struct dc_piece piece = dc_escape(s + i, len - i);
        width += piece.width;
        i += piece.taken;
    }
    return width > columns;
}

void dc_text_cut(struct dc_text *t, const char *s, size_t len, unsigned columns) {
    if (!is_wider(s, len, columns)) {
        dc_text_add(t, s, len);
        return;
    }
    unsigned dots = columns < 3 ? columns : 3, used = 0;
    for (size_t i = 0; i < len;) {
        struct dc_piece piece = dc_escape(s + i, len - i);
        if (used + piece.width > columns - dots)
            break;
        put_piece(t, &piece);
        used += piece.width;
        i += piece.taken;
    }
    dc_text_put(t, "%.*s", (int)dots, "...");
}

/* The bytes up to the next blank, and their width; of a word that is wider than `most`
   columns its beginning, and one character in any case. */
static size_t next_word(const char *s, size_t len, unsigned most, unsigned *width) {
    size_t i = 0;
    *width = 0;
    while (i < len && s[i] != ' ') {
        struct dc_piece piece = dc_escape(s + i, len - i);
        if (i > 0 && *width + piece.width > most)
            break;
        *width += piece.width;
        i += piece.taken;
    }
    return i;
}

/* Blanks at s[0..len). */
static size_t count_blanks(const char *s, size_t len) {
    size_t n = 0;
    while (n < len && s[n] == ' ')
        n++;
    return n;
}

size_t dc_text_fold(struct dc_text *t, const char *s, size_t len, unsigned indent,
                    unsigned lines) {
    unsigned line = 1;
    size_t i = 0;
    if (indent + LEAST_WIDTH / 2 > t->width)
        indent = t->width - LEAST_WIDTH / 2;
    while (i < len && !t->failed) {
        unsigned width, last = lines && line == lines ? 4 : 0; /* room for " ..." */
        size_t blanks = count_blanks(s + i, len - i), at = i + blanks;
        size_t n = next_word(s + at, len - at, t->width - indent - last, &width);
        unsigned limit = t->width - (at + n < len ? last : 0);
        if (n == 0)
            break;                                      /* only blanks are left */
        bool longer = at + n < len && s[at + n] != ' '; /* than any line */
        if (longer && t->column > indent && t->column + blanks + WORTHWHILE <= limit)
            n = next_word(s + at, len - at, limit - t->column - (unsigned)blanks, &width);
        if (t->column + blanks + width > limit) {
            bool fresh = t->column <= indent;
            if (lines && line == lines && (!fresh || t->column + width > limit)) {
                dc_text_put(t, blanks && !fresh ? " ..." : "...");
                return len - i;
            }
            blanks = 0; /* at a fold they are not written */
            if (!fresh) {
                dc_text_put(t, "\n%*s", (int)indent, "");
                line++;
                i = at;
                continue;
            }
        }
        dc_text_put(t, "%*s", (int)blanks, "");
        dc_text_add(t, s + at, n);
        i = at + n;
    }
    return 0;
}

void dc_text_style(struct dc_text *t, enum dc_style style) {
    static const char *const sgr[] = {
        [DC_STYLE_PLAIN] = "\033[0m",   [DC_STYLE_TITLE] = "\033[0;1m",
        [DC_STYLE_GOOD] = "\033[0;32m", [DC_STYLE_BAD] = "\033[0;1;31m",
        [DC_STYLE_WARN] = "\033[0;33m", [DC_STYLE_FAINT] = "\033[0;2m",
    };
    if (t->colour)
        put(t, sgr[style], strlen(sgr[style]));
}

void dc_text_tab(struct dc_text *t, unsigned column) {
    dc_text_put(t, " ");
    while (t->column < column && !t->failed)
        dc_text_put(t, " ");
}
