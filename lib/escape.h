/*
 * escape: strings that came from outside, made fit for a terminal.
 *
 * The only way of a string from a file, a socket, a path or a guest into a text renderer
 * or onto the screen. Control characters, line separators, bidi and zero-width characters,
 * unassigned and private ones and bytes that are not UTF-8 become visible ASCII: \xNN for
 * a byte or a character below U+0100, \uNNNN or \u{NNNNNN} for the others. The rest stays
 * as it is, the backslash too.
 */
#ifndef DUMPCTL_LIB_ESCAPE_H
#define DUMPCTL_LIB_ESCAPE_H

#include <stddef.h>

enum { DC_PIECE_MAX = 16 };

/* What one character of the input looks like on a terminal. */
struct dc_piece {
    char text[DC_PIECE_MAX]; /* not terminated */
    unsigned char len;       /* of text */
    unsigned char width;     /* columns: 0 for a combining character, 1, 2, or len */
    unsigned char taken;     /* bytes of the input */
};

/* The first character of s[0..len), len > 0. */
struct dc_piece dc_escape(const char *s, size_t len);

/* Columns that s takes when escaped. */
size_t dc_escaped_width(const char *s, size_t len);

#endif
