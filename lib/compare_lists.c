#include "lib/compare_private.h"

#include "lib/pairing.h"

/* ---- lists of scalars ---- */

/* How many elements differ, what is left over of the longer list too, and where first. */
static void count_scalars(const struct dc_list *a, const struct dc_list *b,
                          struct dc_diff_row *row) {
    struct dc_list_walk one = dc_list_walk(a), other = dc_list_walk(b);
    for (;;) {
        bool in_a = dc_list_next(&one), in_b = dc_list_next(&other);
        if (!in_a && !in_b)
            return;
        row->of++;
        if (in_a && in_b && one.value.u == other.value.u)
            continue;
        if (row->count++ == 0)
            row->where = row->of - 1;
    }
}

static struct dc_diff_value element_of(const struct dc_field *field,
                                       const struct dc_list *list, size_t i) {
    if (i >= list->count)
        return dc_diff_none();
    struct dc_field one = *field;
    union dc_slot slot = {.u = dc_list_u64(list, i)};
    one.shape = DC_ONE;
    return dc_diff_value_of(&one, &slot);
}

/* Ten soft interrupts have ten names, and each a total of its own (wire-format 7.5). */
static void compare_ten(struct dc_compare *c, const struct dc_diff_step *at,
                        const struct dc_type *type, const struct dc_rec *rec_a,
                        const struct dc_rec *rec_b, size_t i) {
    static const char *const names[] = {"HI",      "TIMER",    "NET_TX",  "NET_RX",
                                        "BLOCK",   "IRQ_POLL", "TASKLET", "SCHED",
                                        "HRTIMER", "RCU"};
    const struct dc_field *field = &type->fields[i];
    const struct dc_list *a = dc_list_of(rec_a, (int)i), *b = dc_list_of(rec_b, (int)i);
    struct dc_list_walk one = dc_list_walk(a), other = dc_list_walk(b);
    while (dc_list_next(&one) && dc_list_next(&other)) {
        struct dc_diff_step step = {
            .up = at, .kind = DC_STEP_NAME, .word = names[one.index]};
        if (one.value.u == other.value.u)
            continue;
        struct dc_diff_row row = {.class = DC_DIFF_COUNTS,
                                  .what = "changed",
                                  .at = &step,
                                  .a = element_of(field, a, one.index),
                                  .b = element_of(field, b, other.index)};
        dc_diff_measure(c, &row);
        dc_diff_find_rate(c, type, rec_a, rec_b, &row);
        dc_diff_tell(c, &row);
    }
}

/* One row for the whole list: bytes of a page, addresses of a stack. How many there are
   counts even where what they are is noise. */
static void compare_scalars(struct dc_compare *c, const struct dc_diff_step *at,
                            const struct dc_type *type, const struct dc_rec *rec_a,
                            const struct dc_rec *rec_b, size_t i) {
    const struct dc_field *field = &type->fields[i];
    const struct dc_list *a = dc_list_of(rec_a, (int)i), *b = dc_list_of(rec_b, (int)i);
    if (dc_list_same_numbers(a, b))
        return;
    if (field->shape == DC_LIST_OF_10) {
        compare_ten(c, at, type, rec_a, rec_b, i);
        return;
    }
    bool noisy = dc_diff_is_noise(c, type, i), noise = noisy && a->count == b->count;
    struct dc_diff_row row = {
        .class = noise ? DC_DIFF_IGNORED : DC_DIFF_COUNTS, .what = "changed", .at = at};
    if (a->count != b->count && noisy) {
        row.a = dc_diff_number(DC_DIFF_ELEMENTS, a->count);
        row.b = dc_diff_number(DC_DIFF_ELEMENTS, b->count);
        dc_diff_measure(c, &row);
    } else {
        count_scalars(a, b, &row);
        row.a = element_of(field, a, row.where);
        row.b = element_of(field, b, row.where);
    }
    dc_diff_tell(c, &row);
}

/* ---- lists of records ---- */

static bool is_rendered(const struct dc_rec *rec) {
    for (size_t i = 0; i < dc_type_RV.n_choices; i++)
        if (rec->type == dc_type_RV.choices[i])
            return true;
    return false;
}

/* What an element that only one report has is worth telling: its value. */
static struct dc_diff_value value_of(const struct dc_rec *rec) {
    const struct dc_rec *value = NULL;
    if (!rec)
        return dc_diff_none();
    if (rec->type == &dc_type_ENTRY)
        value = dc_record(rec, DC_AT_ENTRY_value);
    else if (rec->type == &dc_type_ARRAY_ENTRY)
        value = dc_record(rec, DC_AT_ARRAY_ENTRY_value);
    else if (rec->type == &dc_type_SDT_ENTRY)
        value = dc_record(rec, DC_AT_SDT_ENTRY_payload);
    else if (rec->type == &dc_type_MEMBER)
        value = dc_record(rec, DC_AT_MEMBER_value);
    else if (is_rendered(rec))
        value = rec;
    if (value)
        return (struct dc_diff_value){.kind = DC_DIFF_VALUE, .value = value};
    return dc_diff_number(DC_DIFF_OBJECT, 0);
}

static void tell_one_sided(struct dc_compare *c, const struct dc_diff_step *at,
                           const struct dc_rec *a, const struct dc_rec *b, bool noise) {
    struct dc_diff_row row = {.class = noise ? DC_DIFF_IGNORED : DC_DIFF_COUNTS,
                              .what = a ? "removed" : "added",
                              .at = at,
                              .a = value_of(a),
                              .b = value_of(b)};
    dc_diff_tell(c, &row);
}

static void compare_pair(struct dc_compare *c, const struct dc_diff_step *at,
                         const struct dc_type *declared, const struct dc_rec *a,
                         const struct dc_rec *b, bool noise) {
    if (a && b && declared == &dc_type_VCPU)
        dc_diff_compare_vcpu(c, at, a, b);
    else if (a && b)
        dc_diff_compare_record(c, at, declared, a, b);
    else if (a || b)
        tell_one_sided(c, at, a, b, noise);
}

/* Places with a meaning: CPUs, vCPUs. null is nothing there, and says so. */
static void compare_holes(struct dc_compare *c, const struct dc_diff_step *at,
                          const struct dc_field *field, const struct dc_list *a,
                          const struct dc_list *b) {
    struct dc_list_walk one = dc_list_walk(a), other = dc_list_walk(b);
    bool told = false;
    for (uint64_t i = 0; !dc_diff_is_over(c); i++) {
        bool in_a = dc_list_next(&one), in_b = dc_list_next(&other);
        if (!in_a && !in_b)
            break;
        struct dc_diff_step step = {.up = at, .kind = DC_STEP_INDEX, .index = i};
        compare_pair(c, &step, field->type, in_a ? one.value.rec : NULL,
                     in_b ? other.value.rec : NULL, false);
        told |= in_a != in_b && (in_a ? one.value.rec : other.value.rec);
    }
    if (a->count == b->count || told)
        return;
    struct dc_diff_row row = {.class = DC_DIFF_COUNTS,
                              .what = "changed",
                              .at = at,
                              .a = dc_diff_number(DC_DIFF_ELEMENTS, a->count),
                              .b = dc_diff_number(DC_DIFF_ELEMENTS, b->count)};
    dc_diff_measure(c, &row);
    row.class =
        DC_DIFF_COUNTS; /* whatever the tolerance is: that is no number of the guest */
    dc_diff_tell(c, &row);
}

/* How an element is called. */
static struct dc_diff_step step_of(const struct dc_pairing *p,
                                   const struct dc_diff_step *at) {
    const struct dc_pairing_side *side = p->a.rec ? &p->a : &p->b;
    struct dc_diff_step step = {
        .up = at, .kind = DC_STEP_INDEX, .index = side->index, .rec = side->rec};
    if (side->rec->type == &dc_type_MEMBER) {
        step.kind = DC_STEP_MEMBER;
        step.name = dc_string(side->rec, DC_AT_MEMBER_name);
    } else if (side->rec->type == &dc_type_ARENA_PAGE && p->options.base[0]) {
        step.kind = DC_STEP_OFFSET;
        step.index = dc_u64(side->rec, DC_AT_ARENA_PAGE_user_addr) -
                     p->options.base[p->a.rec ? 0 : 1];
    } else if (p->keyed) {
        step.kind = DC_STEP_ELEMENT;
        step.nth = side->nth;
    }
    return step;
}

/* A member of a rendered struct is its value. */
static void compare_member(struct dc_compare *c, const struct dc_diff_step *at,
                           const struct dc_rec *a, const struct dc_rec *b) {
    if (!a || !b) {
        tell_one_sided(c, at, a, b, false);
        return;
    }
    dc_diff_compare_values(c, at, dc_record(a, DC_AT_MEMBER_value),
                           dc_record(b, DC_AT_MEMBER_value));
    dc_diff_compare_unknown(c, at, &dc_type_MEMBER, a, b);
}

/* Pages of an arena lie at the same places of it, wherever it begins in a run. */
static void find_bases(const struct dc_type *type, const struct dc_rec *a,
                       const struct dc_rec *b, struct dc_pairing_options *options) {
    uint64_t one = dc_u64(a, DC_AT_ARENA_user_vm_start);
    uint64_t other = dc_u64(b, DC_AT_ARENA_user_vm_start);
    if (type != &dc_type_ARENA || one == 0 || other == 0)
        return;
    options->base[0] = one;
    options->base[1] = other;
}

static void tell_order(struct dc_compare *c, const struct dc_diff_step *at) {
    struct dc_diff_row row = {.class = DC_DIFF_COUNTS, .what = "reordered", .at = at};
    dc_diff_tell(c, &row);
}

static void compare_records(struct dc_compare *c, const struct dc_diff_step *at,
                            const struct dc_type *type, size_t i, const struct dc_rec *a,
                            const struct dc_rec *b) {
    const struct dc_field *field = &type->fields[i];
    struct dc_pairing_options options = {.alloc = c->options.alloc,
                                         .same_run = c->options.same_run};
    struct dc_pairing p;
    find_bases(type, a, b, &options);
    if (dc_pairing_init(&p, field->type, dc_list_of(a, (int)i), dc_list_of(b, (int)i),
                        &options) < 0)
        dc_diff_no_memory(c);
    bool members = field->type == &dc_type_MEMBER;
    bool noise = dc_diff_is_noise(c, type, i); /* which elements there are */
    const struct dc_diff_step *up = members ? at->up : at;
    while (!dc_diff_is_over(c) && dc_pairing_next(&p)) {
        struct dc_diff_step step = step_of(&p, up);
        if (members)
            compare_member(c, &step, p.a.rec, p.b.rec);
        else
            compare_pair(c, &step, field->type, p.a.rec, p.b.rec, noise);
    }
    if (p.reordered && c->options.noise == DC_NOISE_NONE)
        tell_order(c, at);
    dc_pairing_done(&p);
}

void dc_diff_compare_lists(struct dc_compare *c, const struct dc_diff_step *at,
                           const struct dc_type *type, const struct dc_rec *a,
                           const struct dc_rec *b, size_t i) {
    const struct dc_field *field = &type->fields[i];
    const struct dc_list *one = dc_list_of(a, (int)i), *other = dc_list_of(b, (int)i);
    if (one->count == 0 && other->count == 0)
        return;
    if (field->kind != DC_RECORD)
        compare_scalars(c, at, type, a, b, i);
    else if (field->shape == DC_HOLES)
        compare_holes(c, at, field, one, other);
    else
        compare_records(c, at, type, i, a, b);
}
