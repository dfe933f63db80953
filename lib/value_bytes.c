/*
 * Bytes that do not fit on a line, as rows with their offsets:
 *
 *     0000  64 65 6d 6f 20 67 75 65  73 74 00 ff 00 00 00 00  |demo guest......|
 *     0010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
 *     *
 *     0040  01                                                |.|
 *
 * A star stands for rows that are like the one above it, as in hexdump -C. Only texts that
 * are pairs of digits with one blank between them: those of string sections are words
 * (wire-format 5), and stay as they are.
 */
#include "lib/value_text.h"

#include <string.h>

enum { MOST_IN_ROW = 16, DIGITS = 3 /* with its blank */ };

static int digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool dc_value_is_hex(struct dc_str hex) {
    for (size_t i = 0; i < hex.len; i++)
        if (i % DIGITS == 2 ? hex.p[i] != ' ' : digit(hex.p[i]) < 0)
            return false;
    return hex.len % DIGITS == 2;
}

static unsigned char byte_at(struct dc_str hex, size_t i) {
    unsigned high = (unsigned)digit(hex.p[DIGITS * i]);
    return (unsigned char)(high << 4 | (unsigned)digit(hex.p[DIGITS * i + 1]));
}

/* Offset, two digits for each byte with a gap in the middle, characters. */
static size_t row_width(size_t offset_width, size_t in_row) {
    return offset_width + 2 + DIGITS * in_row + 2 + in_row + 2;
}

static size_t width_of_offset(size_t last) {
    size_t width = 4;
    for (size_t rest = last >> 16; rest > 0; rest >>= 4)
        width++;
    return width;
}

static void add_offset(struct dc_buf *out, size_t offset, size_t width) {
    for (size_t i = width; i-- > 0;)
        dc_buf_add(out, &"0123456789abcdef"[offset >> 4 * i & 0xf], 1);
    dc_buf_text(out, "  ");
}

static void add_row(struct dc_buf *out, struct dc_str hex, size_t at, size_t n,
                    size_t in_row) {
    for (size_t i = 0; i < in_row; i++) {
        dc_buf_text(out, i > 0 ? " " : "");
        dc_buf_text(out, i > 0 && i == in_row / 2 ? " " : "");
        if (i < n)
            dc_buf_add(out, hex.p + DIGITS * (at + i), 2);
        else
            dc_buf_text(out, "  ");
    }
    dc_buf_text(out, "  |");
    for (size_t i = 0; i < n; i++) {
        char c = (char)byte_at(hex, at + i);
        dc_buf_add(out, c >= 0x20 && c < 0x7f ? &c : ".", 1);
    }
    dc_buf_text(out, "|");
}

static bool same_row(struct dc_str hex, size_t at, size_t n, size_t in_row) {
    return at >= in_row && n == in_row &&
           memcmp(hex.p + DIGITS * at, hex.p + DIGITS * (at - in_row), DIGITS * n - 1) ==
               0;
}

bool dc_value_write_bytes(struct dc_value_lines *lines, struct dc_str hex, size_t room) {
    size_t count = (hex.len + 1) / DIGITS, in_row = MOST_IN_ROW;
    size_t width = width_of_offset(count), left = lines->width - lines->indent;
    if (hex.len <= room || !dc_value_is_hex(hex) || lines->width < lines->indent)
        return false;
    while (in_row > 1 && row_width(width, in_row) > left)
        in_row /= 2;
    dc_value_break(lines);
    bool starred = false;
    for (size_t at = 0; at < count; at += in_row) {
        size_t n = count - at < in_row ? count - at : in_row;
        bool same = same_row(hex, at, n, in_row);
        if (same && starred)
            continue;
        starred = same;
        if (same) {
            dc_buf_text(lines->buf, "*");
        } else {
            add_offset(lines->buf, at, width);
            add_row(lines->buf, hex, at, n, in_row);
        }
        dc_value_break(lines);
    }
    return true;
}
