#include "lib/value_text.h"

#include "lib/number.h"
#include "lib/same.h"

static void add_u64(struct dc_buf *out, uint64_t value) {
    char text[DC_NUMBER_MAX];
    dc_buf_add(out, text, dc_format_u64(value, text));
}

static const struct dc_list *elements_of(const struct dc_rec *value) {
    return dc_list_of(value, DC_AT_RV_ARRAY_elements);
}

/* "3" or "3-5". */
static void add_range(struct dc_buf *out, size_t first, size_t last) {
    dc_buf_text(out, "[");
    add_u64(out, first);
    if (last > first) {
        dc_buf_text(out, "-");
        add_u64(out, last);
    }
    dc_buf_text(out, "]");
}

/* The declared length, where elements are missing: nothing is left out silently. */
static void add_shown(struct dc_buf *out, const struct dc_rec *value, bool runs) {
    uint64_t len = dc_u64(value, DC_AT_RV_ARRAY_len), shown = elements_of(value)->count;
    if (shown == len && runs) { /* the zeros that are not written have a number, too */
        dc_buf_text(out, " /* of ");
        add_u64(out, len);
        dc_buf_text(out, " */");
    }
    if (shown == len)
        return;
    dc_buf_text(out, " /* ");
    add_u64(out, shown);
    dc_buf_text(out, " of ");
    add_u64(out, len);
    dc_buf_text(out, " in the report */");
}

/* ---- text ---- */

/* A byte of a text; -1: the element is none. */
static int byte_of(const struct dc_rec *element) {
    uint64_t byte = 256;
    if (element->type == &dc_type_RV_CHAR)
        byte = dc_u64(element, DC_AT_RV_CHAR_value);
    else if (element->type == &dc_type_RV_UINT &&
             dc_u64(element, DC_AT_RV_UINT_bits) == 8)
        byte = dc_u64(element, DC_AT_RV_UINT_value);
    else if (element->type == &dc_type_RV_INT && dc_u64(element, DC_AT_RV_INT_bits) == 8)
        byte = (uint64_t)dc_i64(element, DC_AT_RV_INT_value);
    bool printable = (byte >= 0x20 && byte < 0x7f) || byte == '\n' || byte == 0;
    return printable ? (int)byte : -1;
}

/* Text, and nothing but zeros behind its end. */
static bool is_string(const struct dc_rec *value) {
    const struct dc_list *elements = elements_of(value);
    struct dc_list_walk walk = dc_list_walk(elements);
    bool ended = false;
    if (elements->count < 2)
        return false;
    while (dc_list_next(&walk)) {
        int byte = byte_of(walk.value.rec);
        if (byte < 0 || (byte == 0 && walk.index == 0) || (ended && byte != 0))
            return false;
        ended = byte == 0;
    }
    return true;
}

/* Up to its end; what is no text for a terminal is escaped by whoever prints it. */
static void add_string(struct dc_buf *out, const struct dc_rec *value) {
    dc_buf_text(out, "\"");
    for (struct dc_list_walk walk = dc_list_walk(elements_of(value));
         dc_list_next(&walk);) {
        char byte = (char)byte_of(walk.value.rec);
        if (byte == 0)
            break;
        dc_buf_add(out, &byte, 1);
    }
    dc_buf_text(out, "\"");
}

/* ---- numbers ---- */

static bool all_scalars(const struct dc_list *elements) {
    for (struct dc_list_walk walk = dc_list_walk(elements); dc_list_next(&walk);)
        if (!dc_value_is_scalar(walk.value.rec))
            return false;
    return true;
}

/* Behind the run of elements that are not zero which begins where `walk` stands. */
static size_t run_end(struct dc_list_walk walk) {
    size_t last = walk.index;
    while (dc_list_next(&walk) && !dc_value_is_zero(walk.value.rec))
        last = walk.index;
    return last;
}

/* "[3]=1  [7-9]={2, 3, 4}": what stands between zeros. */
static bool add_runs(const struct dc_list *elements, const struct dc_cell_style *style,
                     struct dc_buf *out, size_t limit) {
    size_t start = out->len;
    struct dc_list_walk walk = dc_list_walk(elements);
    while (dc_list_next(&walk)) {
        if (dc_value_is_zero(walk.value.rec))
            continue;
        size_t first = walk.index, last = run_end(walk);
        dc_buf_text(out, out->len > start ? "  " : "");
        add_range(out, first, last);
        dc_buf_text(out, last > first ? "={" : "=");
        do {
            dc_buf_text(out, walk.index > first ? ", " : "");
            if (!dc_value_add_inline(walk.value.rec, style, out, limit) ||
                out->len - start > limit)
                return false;
        } while (walk.index < last && dc_list_next(&walk));
        dc_buf_text(out, last > first ? "}" : "");
    }
    return true;
}

static bool add_all(const struct dc_list *elements, const struct dc_cell_style *style,
                    struct dc_buf *out, size_t limit) {
    size_t start = out->len;
    for (struct dc_list_walk walk = dc_list_walk(elements); dc_list_next(&walk);) {
        dc_buf_text(out, walk.index > 0 ? ", " : "");
        if (!dc_value_add_inline(walk.value.rec, style, out, limit) ||
            out->len - start > limit)
            return false;
    }
    return true;
}

static size_t count_zeros(const struct dc_list *elements) {
    size_t zeros = 0;
    for (struct dc_list_walk walk = dc_list_walk(elements); dc_list_next(&walk);)
        zeros += dc_value_is_zero(walk.value.rec);
    return zeros;
}

bool dc_value_add_array(const struct dc_rec *value, const struct dc_cell_style *style,
                        struct dc_buf *out, size_t limit) {
    const struct dc_list *elements = elements_of(value);
    size_t start = out->len;
    if (dc_value_is_too_long(elements, limit))
        return false;
    size_t zeros = style->all ? 0 : count_zeros(elements);
    if (is_string(value)) {
        add_string(out, value);
    } else if (zeros > 0 && zeros == elements->count) {
        dc_buf_text(out, "[all ");
        add_u64(out, elements->count);
        dc_buf_text(out, " zero]");
    } else if (all_scalars(elements)) {
        dc_buf_text(out, "[");
        if (!(zeros > 0 ? add_runs : add_all)(elements, style, out, limit))
            return false;
        dc_buf_text(out, "]");
    } else {
        return false;
    }
    bool all_told = zeros == 0 || zeros == elements->count || is_string(value);
    add_shown(out, value, !all_told);
    return out->len - start <= limit;
}

/* ---- anything else ---- */

/* Equal neighbours together; zeros left out. */
static void write_groups(struct dc_value_lines *lines, const struct dc_list *elements) {
    struct dc_list_walk walk = dc_list_walk(elements);
    bool more = dc_list_next(&walk);
    while (more) {
        const struct dc_rec *value = walk.value.rec;
        size_t first = walk.index, last = first;
        while ((more = dc_list_next(&walk)) && dc_same(value, walk.value.rec))
            last = walk.index;
        if (!lines->style->all && dc_value_is_zero(value)) {
            lines->zeros += last - first + 1;
            continue;
        }
        add_range(lines->buf, first, last);
        dc_buf_text(lines->buf, " ");
        dc_value_continue(lines, value);
    }
}

void dc_value_write_array(struct dc_value_lines *lines, const struct dc_rec *value) {
    enum { STEP = 2 };
    const struct dc_list *elements = elements_of(value);
    size_t zeros = lines->style->all ? 0 : count_zeros(elements);
    if (all_scalars(elements) || zeros == elements->count) {
        /* One long line, which is folded between elements. */
        (void)dc_value_add_array(value, lines->style, lines->buf, SIZE_MAX / 2);
        dc_value_break(lines);
        return;
    }
    dc_buf_text(lines->buf, "array of ");
    add_u64(lines->buf, elements->count);
    dc_buf_text(lines->buf, ":");
    add_shown(lines->buf, value, false);
    dc_value_break(lines);
    lines->indent += STEP;
    write_groups(lines, elements);
    lines->indent -= STEP;
}
