#include "lib/compare_private.h"

#include "lib/value_text.h"

#include <string.h>

static struct dc_diff_row value_row(const struct dc_diff_step *at, const struct dc_rec *a,
                                    const struct dc_rec *b) {
    return (struct dc_diff_row){
        .class = DC_DIFF_COUNTS,
        .what = "changed",
        .at = at,
        .a = {.kind = DC_DIFF_VALUE, .value = a},
        .b = {.kind = DC_DIFF_VALUE, .value = b},
    };
}

/* ---- scalars ---- */

/* The field that is the value, of a kind that is nothing but one value; -1: another kind. */
static int value_field(const struct dc_type *type) {
    static const struct {
        const struct dc_type *type;
        int field;
    } scalars[] = {
        {&dc_type_RV_UINT, DC_AT_RV_UINT_value},
        {&dc_type_RV_INT, DC_AT_RV_INT_value},
        {&dc_type_RV_PTR, DC_AT_RV_PTR_value},
        {&dc_type_RV_BOOL, DC_AT_RV_BOOL_value},
        {&dc_type_RV_CHAR, DC_AT_RV_CHAR_value},
        {&dc_type_RV_ENUM, DC_AT_RV_ENUM_value},
        {&dc_type_RV_FLOAT, DC_AT_RV_FLOAT_value},
        {&dc_type_RV_CPU_LIST, DC_AT_RV_CPU_LIST_cpus},
        {&dc_type_RV_BYTES, DC_AT_RV_BYTES_hex},
    };
    for (size_t i = 0; i < sizeof(scalars) / sizeof(scalars[0]); i++)
        if (scalars[i].type == type)
            return scalars[i].field;
    return -1;
}

/* The number, or its name. */
static bool same_enum(const struct dc_rec *a, const struct dc_rec *b) {
    struct dc_str one = dc_string(a, DC_AT_RV_ENUM_variant);
    struct dc_str other = dc_string(b, DC_AT_RV_ENUM_variant);
    return dc_i64(a, DC_AT_RV_ENUM_value) == dc_i64(b, DC_AT_RV_ENUM_value) &&
           !one.p == !other.p && dc_str_same(one, other);
}

static bool same_value(const struct dc_compare *c, const struct dc_rec *a,
                       const struct dc_rec *b, int field) {
    const union dc_slot *one = dc_slot(a, field), *other = dc_slot(b, field);
    if (a->type == &dc_type_RV_ENUM)
        return same_enum(a, b);
    switch (a->type->fields[field].kind) {
    case DC_STRING:
        return dc_str_same(*one->str, *other->str);
    case DC_F64:
        return c->options.noise == DC_NOISE_NONE
                   ? one->u == other->u
                   : !(one->f < other->f) && !(one->f > other->f);
    default:
        return one->u == other->u;
    }
}

static bool is_number(const struct dc_type *type) {
    return type == &dc_type_RV_UINT || type == &dc_type_RV_INT ||
           type == &dc_type_RV_FLOAT;
}

/* Of many bytes those that differ are worth more than all of them: how many, and the first.
   Nothing where they are few, or not of one length. */
static void count_bytes(struct dc_str a, struct dc_str b, struct dc_diff_row *row) {
    enum { DIGITS = 3 /* with its blank */, FEW = 32 };
    if (a.len != b.len || a.len < FEW * DIGITS || !dc_value_is_hex(a) ||
        !dc_value_is_hex(b))
        return;
    for (size_t at = 0; at < a.len; at += DIGITS, row->of++)
        if (memcmp(a.p + at, b.p + at, 2) != 0 && row->count++ == 0)
            row->where = row->of;
    row->a = dc_diff_text((struct dc_str){a.p + row->where * DIGITS, 2});
    row->b = dc_diff_text((struct dc_str){b.p + row->where * DIGITS, 2});
}

/* The row of two values of one scalar kind. false: they are the same. */
static bool judge_scalars(const struct dc_compare *c, const struct dc_diff_step *at,
                          const struct dc_rec *a, const struct dc_rec *b, int field,
                          struct dc_diff_row *row) {
    if (same_value(c, a, b, field))
        return false;
    *row = value_row(at, a, b);
    if (dc_noise_is(a->type, (size_t)field, c->options.noise) &&
        !dc_noise_is_telling(a, b, (size_t)field))
        row->class = DC_DIFF_IGNORED;
    if (is_number(a->type))
        dc_diff_measure(c, row);
    if (a->type == &dc_type_RV_BYTES)
        count_bytes(dc_string(a, field), dc_string(b, field), row);
    return true;
}

/* ---- arrays ---- */

/* A byte of a text, or the NUL behind it; -1: it is none. */
static int byte_of(const struct dc_rec *element) {
    int64_t byte = -1;
    if (element->type == &dc_type_RV_CHAR)
        byte = (int64_t)dc_u64(element, DC_AT_RV_CHAR_value);
    else if (element->type == &dc_type_RV_UINT &&
             dc_u64(element, DC_AT_RV_UINT_bits) == 8)
        byte = (int64_t)dc_u64(element, DC_AT_RV_UINT_value);
    else if (element->type == &dc_type_RV_INT && dc_u64(element, DC_AT_RV_INT_bits) == 8)
        byte = dc_i64(element, DC_AT_RV_INT_value);
    bool text =
        (byte >= 0x20 && byte < 0x7f) || byte == '\n' || byte == '\t' || byte == 0;
    return text ? (int)byte : -1;
}

/* Adds the text that an array holds: printable bytes, then nothing but NULs. false: it is
   no text, or has elements that say more than their byte. */
static bool add_text(const struct dc_rec *array, struct dc_buf *out) {
    const struct dc_list *elements = dc_list_of(array, DC_AT_RV_ARRAY_elements);
    bool ended = false;
    for (struct dc_list_walk walk = dc_list_walk(elements); dc_list_next(&walk);) {
        int byte = byte_of(walk.value.rec);
        char c = (char)byte;
        if (byte < 0 || (ended && byte != 0) || dc_has_unknown(walk.value.rec))
            return false;
        ended = byte == 0;
        if (!ended)
            dc_buf_add(out, &c, 1);
    }
    return elements->count > 1;
}

/* Whether elements of one place have one type and width, so that only bytes can differ. */
static bool are_alike(const struct dc_rec *a, const struct dc_rec *b) {
    struct dc_list_walk one = dc_list_walk(dc_list_of(a, DC_AT_RV_ARRAY_elements));
    struct dc_list_walk other = dc_list_walk(dc_list_of(b, DC_AT_RV_ARRAY_elements));
    while (dc_list_next(&one) && dc_list_next(&other))
        if (one.value.rec->type != other.value.rec->type)
            return false;
    return true;
}

/* Messages and names: two texts that are not both empty. false: they are none, or equal. */
static bool compare_texts(struct dc_compare *c, const struct dc_diff_step *at,
                          const struct dc_rec *a, const struct dc_rec *b) {
    struct dc_buf one, other;
    dc_buf_init(&one, c->options.alloc);
    dc_buf_init(&other, c->options.alloc);
    bool texts = add_text(a, &one) && add_text(b, &other) && are_alike(a, b);
    if (!dc_buf_ok(&one) || !dc_buf_ok(&other)) {
        dc_diff_no_memory(c);
        texts = false;
    }
    struct dc_str x = {one.data ? one.data : "", one.len};
    struct dc_str y = {other.data ? other.data : "", other.len};
    bool told = texts && !dc_str_same(x, y);
    struct dc_diff_row row = {.class = DC_DIFF_COUNTS,
                              .what = "changed",
                              .at = at,
                              .a = dc_diff_text(x),
                              .b = dc_diff_text(y)};
    if (told)
        dc_diff_tell(c, &row);
    dc_buf_done(&one);
    dc_buf_done(&other);
    return told;
}

/* Elements that only one array has, without the length that says so. */
static void tell_one_sided(struct dc_compare *c, const struct dc_diff_step *at,
                           const struct dc_rec *a, const struct dc_rec *b) {
    struct dc_diff_row row = value_row(at, a, b);
    row.what = a ? "removed" : "added";
    row.a.kind = a ? DC_DIFF_VALUE : DC_DIFF_NONE;
    row.b.kind = b ? DC_DIFF_VALUE : DC_DIFF_NONE;
    dc_diff_tell(c, &row);
}

static void compare_elements(struct dc_compare *c, const struct dc_diff_step *at,
                             const struct dc_list *a, const struct dc_list *b) {
    struct dc_list_walk x = dc_list_walk(a), y = dc_list_walk(b);
    for (uint64_t i = 0; !dc_diff_is_over(c); i++) {
        bool in_a = dc_list_next(&x), in_b = dc_list_next(&y);
        struct dc_diff_step step = {.up = at, .kind = DC_STEP_INDEX, .index = i};
        if (!in_a && !in_b)
            return;
        if (in_a && in_b)
            dc_diff_compare_values(c, &step, x.value.rec, y.value.rec);
        else
            tell_one_sided(c, &step, in_a ? x.value.rec : NULL,
                           in_b ? y.value.rec : NULL);
    }
}

/* Whether all of an array is in the report: then its elements say how long it is. */
static bool is_whole(const struct dc_rec *array) {
    return dc_u64(array, DC_AT_RV_ARRAY_len) ==
           dc_list_of(array, DC_AT_RV_ARRAY_elements)->count;
}

static void compare_arrays(struct dc_compare *c, const struct dc_diff_step *at,
                           const struct dc_rec *a, const struct dc_rec *b) {
    bool texts = compare_texts(c, at, a, b);
    if (!is_whole(a) || !is_whole(b) || texts)
        dc_diff_compare_field(c, at, a->type, a, b, DC_AT_RV_ARRAY_len);
    if (!texts || c->options.noise == DC_NOISE_NONE)
        compare_elements(c, at, dc_list_of(a, DC_AT_RV_ARRAY_elements),
                         dc_list_of(b, DC_AT_RV_ARRAY_elements));
}

/* ---- any value ---- */

void dc_diff_compare_values(struct dc_compare *c, const struct dc_diff_step *at,
                            const struct dc_rec *a, const struct dc_rec *b) {
    const struct dc_type *type = a->type;
    struct dc_diff_row row;
    if (type != b->type) {
        row = value_row(at, a, b);
        dc_diff_tell(c, &row);
        return;
    }
    int field = value_field(type);
    if (field >= 0 && judge_scalars(c, at, a, b, field, &row))
        dc_diff_tell(c, &row);
    if (type == &dc_type_RV_ARRAY)
        compare_arrays(c, at, a, b);
    for (size_t i = 0; i < type->n_fields && !dc_diff_is_over(c); i++) {
        bool told = (int)i == field || type == &dc_type_RV_ARRAY ||
                    (type == &dc_type_RV_ENUM && i == DC_AT_RV_ENUM_variant);
        if (!told)
            dc_diff_compare_field(c, at, type, a, b, i);
    }
    dc_diff_compare_unknown(c, at, &dc_type_RV, a, b);
}
