#include "lib/escape.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>
#include <uniwidth.h>

/* Zero-width characters that are no format characters (Cf) by their category. */
static bool is_invisible_letter(ucs4_t c) {
    return c == 0x034f || c == 0x115f || c == 0x1160 || c == 0x17b4 || c == 0x17b5 ||
           c == 0x3164 || c == 0xffa0 || (c >= 0xfe00 && c <= 0xfe0f) ||
           (c >= 0xe0100 && c <= 0xe01ef);
}

/* Cc, Cf (bidi and zero-width are there), Cs, Co, Cn, and the separators but the space. */
static bool is_hidden(ucs4_t c) {
    if (c < 0x80)
        return c < 0x20 || c == 0x7f;
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_C | UC_CATEGORY_MASK_Zl |
                                                   UC_CATEGORY_MASK_Zp |
                                                   UC_CATEGORY_MASK_Zs) ||
           is_invisible_letter(c);
}

static void show_code(struct dc_piece *piece, ucs4_t c) {
    char text[DC_PIECE_MAX + 1];
    int n = c < 0x100     ? snprintf(text, sizeof(text), "\\x%02x", (unsigned)c)
            : c < 0x10000 ? snprintf(text, sizeof(text), "\\u%04x", (unsigned)c)
                          : snprintf(text, sizeof(text), "\\u{%x}", (unsigned)c);
    memcpy(piece->text, text, (size_t)n);
    piece->len = piece->width = (unsigned char)n;
}

struct dc_piece dc_escape(const char *s, size_t len) {
    struct dc_piece piece = {.taken = 1};
    ucs4_t c = (unsigned char)*s;
    int n = c < 0x80 ? 1 : u8_mbtoucr(&c, (const uint8_t *)s, len);
    if (n < 0) {
        show_code(&piece, (unsigned char)*s); /* the byte, not a character */
        return piece;
    }
    piece.taken = (unsigned char)n;
    if (is_hidden(c)) {
        show_code(&piece, c);
        return piece;
    }
    int width = c < 0x80 ? 1 : uc_width(c, "UTF-8");
    memcpy(piece.text, s, (size_t)n);
    piece.len = (unsigned char)n;
    piece.width = (unsigned char)(width < 0 ? 1 : width);
    return piece;
}

size_t dc_escaped_width(const char *s, size_t len) {
    size_t width = 0;
    for (size_t i = 0; i < len;) {
        struct dc_piece piece = dc_escape(s + i, len - i);
        width += piece.width;
        i += piece.taken;
    }
    return width;
}
