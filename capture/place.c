#include "capture/place.h"

#include <string.h>

#include "capture/walk.h"

/* ---- reading ---- */

static int digit_of(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

static bool is_hex(const char *text) {
    return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

/* All of the text up to `end`, nothing else, within 64 bits. */
static bool read_number(const char *text, const char *end, uint64_t *out) {
    unsigned radix = 10;

    if (is_hex(text)) {
        radix = 16;
        text += 2;
    }
    *out = 0;
    for (const char *at = text; at < end; at++) {
        unsigned digit = (unsigned)digit_of(*at);
        if (digit >= radix || __builtin_mul_overflow(*out, radix, out) ||
            __builtin_add_overflow(*out, digit, out))
            return false;
    }
    return end > text;
}

/* Compilers make names of letters, digits, _ . and $; others may put in anything that is
   not ASCII. A digit at the start is a number that lacks its 0x. */
static bool is_name(const char *text, size_t len) {
    if (len == 0 || (text[0] >= '0' && text[0] <= '9'))
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!letter && !(c >= '0' && c <= '9') && c < 0x80 && !strchr("_.$@", c))
            return false;
    }
    return true;
}

static int read_base(struct cap_place_expr *out, const char *base, const char *end,
                     struct dc_error *err) {
    size_t len = (size_t)(end - base);

    if (is_hex(base)) {
        if (!read_number(base, end, &out->base))
            return dc_fail(err, DC_EUSAGE, "\"%s\": not a 64-bit address", out->text);
        out->known = true;
        return 0;
    }
    if (!is_name(base, len))
        return dc_fail(err, DC_EUSAGE,
                       "\"%s\" is no place; write [*]BASE[+OFFSET] with a symbol of the "
                       "guest or 0xADDRESS as BASE",
                       out->text);
    if (len >= sizeof(out->symbol))
        return dc_fail(err, DC_EUSAGE, "the name of a symbol is longer than %zu bytes",
                       sizeof(out->symbol) - 1);
    memcpy(out->symbol, base, len);
    return 0;
}

static int check_sum(const struct cap_place_expr *place, struct dc_error *err) {
    uint64_t sum;
    if (place->known && !place->indirect &&
        __builtin_add_overflow(place->base, place->offset, &sum))
        return dc_fail(err, DC_EUSAGE, "\"%s\" lies beyond the 64-bit address space",
                       place->text);
    return 0;
}

int cap_place_parse(struct cap_place_expr *out, const char *text, struct dc_error *err) {
    *out = (struct cap_place_expr){.text = text, .indirect = *text == '*'};
    const char *base = text + out->indirect;
    const char *end = strchrnul(base, '+');

    if (read_base(out, base, end, err))
        return -1;
    if (*end == '+' && !read_number(end + 1, end + strlen(end), &out->offset))
        return dc_fail(err, DC_EUSAGE,
                       "\"%s\": the offset must be a number of bytes, decimal or 0x...",
                       text);
    return check_sum(out, err);
}

/* ---- finding ---- */

int cap_place_bind(struct cap_place_expr *place, const struct cap_elf *elf,
                   struct dc_error *err) {
    struct cap_symbol symbol;

    if (place->symbol[0] == '\0')
        return 0;
    place->known = cap_elf_symbol(elf, place->symbol, &symbol);
    if (!place->known)
        return dc_fail(err, DC_EUSAGE, "the guest has no symbol %s", place->symbol);
    place->base = symbol.value;
    if (check_sum(place, err)) {
        place->known = false;
        return -1;
    }
    return 0;
}

/* The virtual address, mapped or not. */
static enum cap_place_state follow(struct cap_source *source, uint64_t root,
                                   const struct cap_place_expr *place, uint64_t *out) {
    uint64_t base = place->base;

    if (!place->known)
        return CAP_PLACE_NOT_RESOLVED;
    if (place->indirect &&
        !cap_virtual_read(source, root, place->base, &base, sizeof(base)))
        return CAP_PLACE_OUT_OF_BOUNDS;
    if (place->indirect && base == 0)
        return CAP_PLACE_NULL;
    return __builtin_add_overflow(base, place->offset, out) ? CAP_PLACE_OUT_OF_BOUNDS
                                                            : CAP_PLACE_OK;
}

enum cap_place_state cap_place_resolve(struct cap_source *source, uint64_t root,
                                       const struct cap_place_expr *place,
                                       uint64_t *virtual, uint64_t *physical) {
    uint64_t address;
    struct cap_page page;
    uint8_t byte;
    enum cap_place_state state = follow(source, root, place, &address);

    if (state != CAP_PLACE_OK)
        return state;
    if (cap_walk(source, root, address, &page) != CAP_WALK_OK ||
        !source->ops->read_memory(source, page.physical, &byte, sizeof(byte)))
        return CAP_PLACE_OUT_OF_BOUNDS;
    if (virtual)
        *virtual = address;
    if (physical)
        *physical = page.physical;
    return CAP_PLACE_OK;
}

enum cap_place_state cap_place_read(struct cap_source *source, uint64_t root,
                                    const struct cap_place_expr *place, void *to,
                                    size_t bytes) {
    uint64_t address;
    enum cap_place_state state = follow(source, root, place, &address);

    if (state == CAP_PLACE_OK && !cap_virtual_read(source, root, address, to, bytes))
        return CAP_PLACE_OUT_OF_BOUNDS;
    return state;
}
