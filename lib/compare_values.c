#include "lib/compare_private.h"

#include "lib/value_text.h"

enum {
    FEW = 16,      /* elements of an array that are told one by one, or as a whole */
    MOST_LINE = 96 /* bytes of an array as a whole */
};

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

static bool same_enum(const struct dc_rec *a, const struct dc_rec *b) {
    struct dc_str one = dc_string(a, DC_AT_RV_ENUM_variant);
    struct dc_str other = dc_string(b, DC_AT_RV_ENUM_variant);
    return dc_i64(a, DC_AT_RV_ENUM_value) == dc_i64(b, DC_AT_RV_ENUM_value) &&
           dc_u64(a, DC_AT_RV_ENUM_is_signed) == dc_u64(b, DC_AT_RV_ENUM_is_signed) &&
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

/* The row of two values of one scalar kind. false: they are the same. */
static bool judge_scalars(const struct dc_compare *c, const struct dc_diff_step *at,
                          const struct dc_rec *a, const struct dc_rec *b, int field,
                          struct dc_diff_row *row) {
    if (same_value(c, a, b, field))
        return false;
    *row = value_row(at, a, b);
    if (dc_noise_is(a->type, (size_t)field, c->options.noise))
        row->class = DC_DIFF_IGNORED;
    if (is_number(a->type))
        dc_diff_measure(c, row);
    return true;
}

/* ---- arrays ---- */

/* Both hold nothing but scalars, of one kind at each place, and no more than these say. */
static bool is_plain(const struct dc_list *a, const struct dc_list *b) {
    struct dc_list_walk one = dc_list_walk(a), other = dc_list_walk(b);
    while (dc_list_next(&one) && dc_list_next(&other)) {
        const struct dc_rec *x = one.value.rec, *y = other.value.rec;
        if (x->type != y->type || x->type == &dc_type_RV_PTR ||
            value_field(x->type) < 0 || dc_has_unknown(x) || dc_has_unknown(y) ||
            (dc_has(x, 0) && x->type->fields[0].kind == DC_U32 &&
             dc_u64(x, 0) != dc_u64(y, 0))) /* bits */
            return false;
    }
    return true;
}

/* Whether the row reads best as the whole array, before and after: text, a few numbers. */
static bool reads_whole(struct dc_compare *c, const struct dc_rec *array) {
    static const struct dc_cell_style style = {.exact = true, .all = true};
    struct dc_buf line;
    dc_buf_init(&line, c->options.alloc);
    bool reads = dc_value_add_inline(array, &style, &line, MOST_LINE);
    if (!dc_buf_ok(&line))
        dc_diff_no_memory(c);
    dc_buf_done(&line);
    return reads;
}

struct scalars {
    const struct dc_list *a, *b;
    size_t differ, ignored; /* elements; of the latter the first is `one` */
    struct dc_diff_row one;
};

static void survey(struct dc_compare *c, const struct dc_diff_step *at,
                   struct scalars *s) {
    struct dc_list_walk one = dc_list_walk(s->a), other = dc_list_walk(s->b);
    while (dc_list_next(&one) && dc_list_next(&other)) {
        struct dc_diff_row row;
        int field = value_field(one.value.rec->type);
        if (!judge_scalars(c, at, one.value.rec, other.value.rec, field, &row))
            continue;
        if (row.class == DC_DIFF_COUNTS)
            s->differ++;
        else if (s->ignored++ == 0)
            s->one = row;
    }
}

/* The first few that differ, then how many there are more. */
static void tell_elements(struct dc_compare *c, const struct dc_diff_step *at,
                          const struct scalars *s) {
    struct dc_list_walk one = dc_list_walk(s->a), other = dc_list_walk(s->b);
    size_t told = 0;
    struct dc_diff_row rest = {.class = DC_DIFF_COUNTS, .what = "changed", .at = at};
    while (!dc_diff_is_over(c) && dc_list_next(&one) && dc_list_next(&other)) {
        struct dc_diff_step step = {.up = at, .kind = DC_STEP_INDEX, .index = one.index};
        struct dc_diff_row row;
        int field = value_field(one.value.rec->type);
        if (!judge_scalars(c, &step, one.value.rec, other.value.rec, field, &row))
            continue;
        bool counts = row.class == DC_DIFF_COUNTS;
        if (!counts || told++ < FEW) {
            dc_diff_tell(c, &row);
        } else if (rest.count++ == 0) {
            rest.where = one.index;
            rest.a = row.a;
            rest.b = row.b;
        }
    }
    rest.of = s->a->count;
    if (rest.count > 0)
        dc_diff_tell(c, &rest);
}

static void compare_plain(struct dc_compare *c, const struct dc_diff_step *at,
                          const struct dc_rec *a, const struct dc_rec *b) {
    struct scalars s = {.a = dc_list_of(a, DC_AT_RV_ARRAY_elements),
                        .b = dc_list_of(b, DC_AT_RV_ARRAY_elements)};
    survey(c, at, &s);
    bool longer = s.a->count != s.b->count;
    if (s.differ == 0 && !longer) {
        if (s.ignored > 0)
            dc_diff_tell(c, &s.one);
        return;
    }
    bool whole = (longer || s.differ > 0) && reads_whole(c, a) && reads_whole(c, b);
    struct dc_diff_row row = value_row(at, a, b);
    if (whole) {
        dc_diff_tell(c, &row);
        return;
    }
    tell_elements(c, at, &s);
    if (longer) {
        row.a = dc_diff_number(DC_DIFF_ELEMENTS, s.a->count);
        row.b = dc_diff_number(DC_DIFF_ELEMENTS, s.b->count);
        dc_diff_tell(c, &row);
    }
}

/* len, members of the tables; elements, by place. */
static void compare_arrays(struct dc_compare *c, const struct dc_diff_step *at,
                           const struct dc_rec *a, const struct dc_rec *b) {
    const struct dc_list *one = dc_list_of(a, DC_AT_RV_ARRAY_elements);
    const struct dc_list *other = dc_list_of(b, DC_AT_RV_ARRAY_elements);
    dc_diff_compare_field(c, at, a->type, a, b, DC_AT_RV_ARRAY_len);
    if (is_plain(one, other)) {
        compare_plain(c, at, a, b);
        return;
    }
    struct dc_list_walk x = dc_list_walk(one), y = dc_list_walk(other);
    for (uint64_t i = 0; !dc_diff_is_over(c); i++) {
        bool in_a = dc_list_next(&x), in_b = dc_list_next(&y);
        struct dc_diff_step step = {.up = at, .kind = DC_STEP_INDEX, .index = i};
        if (!in_a && !in_b)
            break;
        if (in_a && in_b) {
            dc_diff_compare_values(c, &step, x.value.rec, y.value.rec);
            continue;
        }
        struct dc_diff_row row =
            value_row(&step, in_a ? x.value.rec : NULL, in_b ? y.value.rec : NULL);
        row.what = in_a ? "removed" : "added";
        row.a.kind = in_a ? DC_DIFF_VALUE : DC_DIFF_NONE;
        row.b.kind = in_b ? DC_DIFF_VALUE : DC_DIFF_NONE;
        dc_diff_tell(c, &row);
    }
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
                    (type == &dc_type_RV_ENUM && i != DC_AT_RV_ENUM_bits);
        if (!told)
            dc_diff_compare_field(c, at, type, a, b, i);
    }
    dc_diff_compare_unknown(c, at, &dc_type_RV, a, b);
}
