#include "lib/compare_private.h"

#include "lib/members.h"
#include "lib/wire.h"

#include <string.h>

/* ---- free JSON ---- */

enum form {
    AS_WRITTEN, /* as the wire form has unknown members */
    CANONICAL,  /* as it has arguments of errors */
    MEANING,    /* members in any order, reals in any spelling */
};

/* One value in the form in which it is compared. */
static void write_free(struct dc_compare *c, struct dc_span value, enum form form,
                       struct dc_buf *out) {
    struct dc_writer w;
    int rc = 0;
    dc_writer_init(&w, dc_buf_sink(out), false, false);
    if (form == CANONICAL)
        rc = dc_wire_write_any(&w, value, c->options.alloc, c->err);
    else if (form == MEANING)
        rc = dc_wire_write_meaning(&w, value, c->options.alloc, c->err);
    else
        dc_write_value(&w, value);
    if (dc_writer_finish(&w) < 0 || rc < 0)
        dc_diff_no_memory(c);
}

/* Whether two values say the same. */
static bool same_free(struct dc_compare *c, struct dc_str a, struct dc_str b,
                      enum form form) {
    struct dc_buf one, other;
    if (dc_str_same(a, b))
        return true;
    dc_buf_init(&one, c->options.alloc);
    dc_buf_init(&other, c->options.alloc);
    write_free(c, (struct dc_span){a.p, a.len}, form, &one);
    write_free(c, (struct dc_span){b.p, b.len}, form, &other);
    bool same = dc_str_same((struct dc_str){one.data, one.len},
                            (struct dc_str){other.data, other.len});
    dc_buf_done(&one);
    dc_buf_done(&other);
    return same;
}

/* ---- unknown members ---- */

static struct dc_diff_value free_value(struct dc_span value) {
    return (struct dc_diff_value){.kind = DC_DIFF_JSON, .text = {value.p, value.len}};
}

/* The name without its escapes; `out` holds it. */
static struct dc_str name_of(struct dc_compare *c, struct dc_span raw,
                             struct dc_buf *out) {
    out->len = 0;
    dc_buf_add(out, raw.p, raw.len); /* as long as the result at least */
    if (!dc_buf_ok(out)) {
        dc_diff_no_memory(c);
        return (struct dc_str){"", 0};
    }
    return (struct dc_str){out->data, raw.len ? dc_unescape(raw, out->data) : 0};
}

static void tell_unknown(struct dc_compare *c, const struct dc_diff_step *at,
                         const struct dc_member *a, const struct dc_member *b,
                         struct dc_buf *name) {
    /* What upstream adds to registers is a register, too. */
    bool noise = c->registers && c->options.noise == DC_NOISE_BOTH;
    struct dc_diff_step step = {.up = at,
                                .kind = DC_STEP_MEMBER,
                                .name = name_of(c, a ? a->name : b->name, name)};
    struct dc_diff_row row = {.class = noise ? DC_DIFF_IGNORED : DC_DIFF_COUNTS,
                              .what = a && b ? "changed"
                                      : a    ? "removed"
                                             : "added",
                              .at = &step,
                              .a = a ? free_value(a->value) : dc_diff_none(),
                              .b = b ? free_value(b->value) : dc_diff_none()};
    dc_diff_tell(c, &row);
}

/* Both lists are sorted by name; of equal names the first is the first. */
static void merge_unknown(struct dc_compare *c, const struct dc_diff_step *at,
                          const struct dc_members *a, const struct dc_members *b) {
    enum form form = c->options.noise == DC_NOISE_NONE ? AS_WRITTEN : MEANING;
    size_t i = 0, k = 0;
    struct dc_buf name;
    dc_buf_init(&name, c->options.alloc);
    while ((i < a->count || k < b->count) && !dc_diff_is_over(c)) {
        struct dc_member one = {.name = {NULL, 0}}, other = one;
        int order = i == a->count ? 1 : k == b->count ? -1 : 0;
        if (i < a->count)
            one = dc_members_get(a, i);
        if (k < b->count)
            other = dc_members_get(b, k);
        if (order == 0)
            order = dc_compare_raw(one.name, other.name);
        if (order != 0 ||
            !same_free(c, (struct dc_str){one.value.p, one.value.len},
                       (struct dc_str){other.value.p, other.value.len}, form))
            tell_unknown(c, at, order <= 0 ? &one : NULL, order >= 0 ? &other : NULL,
                         &name);
        i += order <= 0;
        k += order >= 0;
    }
    dc_buf_done(&name);
}

static int collect(struct dc_compare *c, int side, const struct dc_type *declared,
                   const struct dc_rec *rec, struct dc_members *members) {
    *members = (struct dc_members){.count = 0};
    if (!rec || !dc_has_unknown(rec))
        return 0;
    struct dc_known known = {rec->type, declared};
    struct dc_span object = {c->text[side] + rec->at, c->len[side] - rec->at};
    return dc_members_collect(members, c->options.alloc, c->text[side], object,
                              dc_members_unknown, &known, c->err);
}

void dc_diff_compare_unknown(struct dc_compare *c, const struct dc_diff_step *at,
                             const struct dc_type *declared, const struct dc_rec *a,
                             const struct dc_rec *b) {
    if (!dc_has_unknown(a) && !dc_has_unknown(b))
        return;
    struct dc_members one, other;
    int rc = collect(c, 0, declared, a, &one);
    if (collect(c, 1, declared, b, &other) == 0 && rc == 0)
        merge_unknown(c, at, &one, &other);
    else
        dc_diff_no_memory(c);
    if (dc_has_unknown(a))
        dc_members_done(&one);
    if (dc_has_unknown(b))
        dc_members_done(&other);
}

/* ---- fields ---- */

/* What a member that changed says of itself: which class, and how far it moved. */
static struct dc_diff_row field_row(const struct dc_compare *c,
                                    const struct dc_type *type, size_t i,
                                    const struct dc_diff_step *at) {
    const struct dc_field *field = &type->fields[i];
    bool noise = dc_diff_is_noise(c, type, i);
    return (struct dc_diff_row){.class = noise ? DC_DIFF_IGNORED : DC_DIFF_COUNTS,
                                .what = "changed",
                                .at = at,
                                .is_time = field->unit == DC_NS};
}

/* How long both had taken when they were what they are, in seconds; 0: nothing says it. */
static void find_seconds(const struct dc_compare *c, const struct dc_type *type,
                         const struct dc_rec *a, const struct dc_rec *b,
                         double seconds[2]) {
    seconds[0] = c->seconds[0];
    seconds[1] = c->seconds[1];
    if (type == &dc_type_VCPU_PERF) {
        seconds[0] = (double)dc_u64(a, DC_AT_VCPU_PERF_time_running_ns) / 1e9;
        seconds[1] = (double)dc_u64(b, DC_AT_VCPU_PERF_time_running_ns) / 1e9;
    } else if (type == &dc_type_EVENT_SAMPLE) {
        seconds[0] = (double)dc_u64(a, DC_AT_EVENT_SAMPLE_elapsed_ms) / 1e3;
        seconds[1] = (double)dc_u64(b, DC_AT_EVENT_SAMPLE_elapsed_ms) / 1e3;
    }
}

static double real_of(struct dc_diff_value value) {
    return value.kind == DC_DIFF_SIGNED ? (double)value.integer : (double)value.number;
}

/* Between two moments of one run every total has a rate; from its beginning only those that
   began when the clock did. */
void dc_diff_find_rate(const struct dc_compare *c, const struct dc_type *type,
                       const struct dc_rec *a, const struct dc_rec *b,
                       struct dc_diff_row *row) {
    double seconds[2];
    find_seconds(c, type, a, b, seconds);
    if (seconds[0] <= 0 || seconds[1] <= 0 || row->delta.kind != DC_DELTA_WHOLE)
        return;
    double gained = (double)row->delta.whole * (row->delta.negative ? -1 : 1);
    if (c->options.same_run && seconds[1] > seconds[0])
        row->rate =
            (struct dc_diff_rate){DC_RATE_BETWEEN, gained / (seconds[1] - seconds[0]), 0};
    else if (!c->options.same_run &&
             (type == &dc_type_VCPU_PERF || type == &dc_type_EVENT_SAMPLE))
        row->rate = (struct dc_diff_rate){DC_RATE_EACH, real_of(row->a) / seconds[0],
                                          real_of(row->b) / seconds[1]};
}

/* Both are there. */
static bool same_scalar(struct dc_compare *c, const struct dc_field *field,
                        union dc_slot a, union dc_slot b) {
    switch (field->kind) {
    case DC_F64: /* a NaN cannot be read */
        return c->options.noise == DC_NOISE_NONE ? a.u == b.u
                                                 : !(a.f < b.f) && !(a.f > b.f);
    case DC_STRING:
        return dc_str_same(*a.str, *b.str);
    case DC_ANY:
        return same_free(c, *a.any, *b.any, CANONICAL);
    default:
        return a.u == b.u;
    }
}

/* Either slot may be NULL: then a default stands for it. */
static void compare_scalars(struct dc_compare *c, const struct dc_diff_step *at,
                            const struct dc_type *type, const struct dc_rec *a,
                            const struct dc_rec *b, size_t i) {
    static const struct dc_str empty;
    const struct dc_field *field = &type->fields[i];
    const union dc_slot *one = dc_slot(a, (int)i), *other = dc_slot(b, (int)i);
    union dc_slot none = {.u = 0};
    if (field->kind == DC_STRING)
        none.str = &empty;
    if (same_scalar(c, field, one ? *one : none, other ? *other : none))
        return;
    struct dc_diff_row row = field_row(c, type, i, at);
    row.a = dc_diff_value_of(field, one);
    row.b = dc_diff_value_of(field, other);
    if (one && other && row.class == DC_DIFF_IGNORED && dc_noise_is_telling(a, b, i))
        row.class = DC_DIFF_COUNTS;
    if (one && other && c->options.noise != DC_NOISE_NONE &&
        dc_noise_has_words(type, i) && dc_noise_words(*one->str, *other->str))
        row.class = DC_DIFF_IGNORED;
    if (a && b && c->options.noise != DC_NOISE_NONE && dc_noise_is_said_twice(a, i) &&
        dc_noise_is_said_twice(b, i))
        row.class = DC_DIFF_IGNORED;
    if (field->quantity != DC_NO_QUANTITY)
        dc_diff_measure(c, &row);
    if (field->quantity == DC_RUNNING_TOTAL)
        dc_diff_find_rate(c, type, a, b, &row);
    dc_diff_tell(c, &row);
}

/* One of them has it, and its absence means something: that a time was taken, too. */
static void tell_one_sided(struct dc_compare *c, const struct dc_diff_step *at,
                           const struct dc_field *field, const union dc_slot *a,
                           const union dc_slot *b) {
    struct dc_diff_row row = {.class = DC_DIFF_COUNTS,
                              .what = a ? "removed" : "added",
                              .at = at,
                              .a = a ? dc_diff_value_of(field, a) : dc_diff_none(),
                              .b = b ? dc_diff_value_of(field, b) : dc_diff_none()};
    dc_diff_tell(c, &row);
}

void dc_diff_compare_field(struct dc_compare *c, const struct dc_diff_step *up,
                           const struct dc_type *type, const struct dc_rec *a,
                           const struct dc_rec *b, size_t i) {
    const struct dc_field *field = &type->fields[i];
    struct dc_diff_step at = {.up = up, .kind = DC_STEP_WORD, .word = field->name};
    const union dc_slot *one = dc_slot(a, (int)i), *other = dc_slot(b, (int)i);
    if (field->rule == DC_TAG) /* only its presence is ever looked at (wire-format 1.2) */
        return;
    if (field->shape != DC_ONE) {
        dc_diff_compare_lists(c, &at, type, a, b, i);
        return;
    }
    if (!one && !other)
        return;
    bool none_is_default =
        field->rule == DC_DEFAULTED || field->rule == DC_WRITTEN || !a || !b;
    if ((!one || !other) && (!none_is_default || field->kind == DC_ANY))
        tell_one_sided(c, &at, field, one, other);
    else if (field->kind == DC_RECORD)
        dc_diff_compare_record(c, &at, field->type, one ? one->rec : NULL,
                               other ? other->rec : NULL);
    else
        compare_scalars(c, &at, type, a, b, i);
}

/* Two choices of a union. */
static bool is_other_choice(const struct dc_rec *a, const struct dc_rec *b) {
    return a && b && a->type != b->type;
}

void dc_diff_compare_record(struct dc_compare *c, const struct dc_diff_step *at,
                            const struct dc_type *declared, const struct dc_rec *a,
                            const struct dc_rec *b) {
    if (declared == &dc_type_RV && a && b) {
        dc_diff_compare_values(c, at, a, b);
        return;
    }
    if (is_other_choice(a, b)) {
        struct dc_diff_row row = {.class = DC_DIFF_COUNTS,
                                  .what = "changed",
                                  .at = at,
                                  .a = dc_diff_word(a->type->tag_value),
                                  .b = dc_diff_word(b->type->tag_value)};
        dc_diff_tell(c, &row);
        return;
    }
    const struct dc_rec *either = a ? a : b;
    if (!either)
        return;
    const struct dc_type *type = either->type;
    for (size_t i = 0; i < type->n_fields && !dc_diff_is_over(c); i++)
        dc_diff_compare_field(c, at, type, a, b, i);
    dc_diff_compare_unknown(c, at, declared, a, b);
}
