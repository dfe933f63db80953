#include "lib/compare_private.h"

#include <stdio.h>
#include <string.h>

/*
 * A vCPU's detail is walked over in parts: its own members, its general registers, its
 * control registers, then one segment register after the other.
 */
enum { OWN_MEMBERS, GENERAL, CONTROL, SEGMENTS };

struct dc_diff_details_walk dc_diff_details_walk(const struct dc_diff_pair *pair) {
    return (struct dc_diff_details_walk){.walk_a = dc_vcpu_walk(pair->a),
                                         .walk_b = dc_vcpu_walk(pair->b)};
}

static void enter(struct dc_diff_details_walk *walk, const struct dc_rec *a,
                  const struct dc_rec *b) {
    walk->rec_a = a;
    walk->rec_b = b;
    walk->next = 0;
}

/* By place, as capture writes them in one order; in another, their names differ too. That
   one list is longer the member of VCPU has told. */
static bool enter_segment(struct dc_diff_details_walk *walk) {
    if (!dc_list_next(&walk->list_a) || !dc_list_next(&walk->list_b))
        return false;
    enter(walk, walk->list_a.value.rec, walk->list_b.value.rec);
    return true;
}

/* The next part of this vCPU. false: it has no more. */
static bool next_part(struct dc_diff_details_walk *walk) {
    const struct dc_rec *a = walk->walk_a.vcpu.detail, *b = walk->walk_b.vcpu.detail;
    if (!a || !b)
        return false;
    if (walk->part == SEGMENTS)
        return enter_segment(walk);
    int field = walk->part == GENERAL ? DC_AT_VCPU_regs : DC_AT_VCPU_control;
    if (walk->part == OWN_MEMBERS)
        enter(walk, a, b);
    else
        enter(walk, dc_record(a, field), dc_record(b, field));
    if (++walk->part == SEGMENTS) {
        walk->list_a = dc_list_walk(dc_list_of(a, DC_AT_VCPU_segments));
        walk->list_b = dc_list_walk(dc_list_of(b, DC_AT_VCPU_segments));
    }
    return true;
}

static bool next_vcpu(struct dc_diff_details_walk *walk) {
    walk->part = OWN_MEMBERS;
    walk->rec_a = walk->rec_b = NULL;
    return dc_vcpu_next(&walk->walk_a) && dc_vcpu_next(&walk->walk_b);
}

static void set_path(struct dc_diff_details_walk *walk, const struct dc_field *field) {
    enum { MOST = DC_DIFF_MOST_SEGMENT };
    const struct dc_type *type = walk->rec_a->type;
    if (type == &dc_type_VCPU) {
        snprintf(walk->path, sizeof(walk->path), "%s", field->name);
    } else if (type != &dc_type_SEGMENT) {
        snprintf(walk->path, sizeof(walk->path), "%s.%s",
                 type == &dc_type_GENERAL_REGS ? "regs" : "control", field->name);
    } else {
        struct dc_str name = dc_string(walk->rec_a, DC_AT_SEGMENT_name);
        snprintf(walk->path, sizeof(walk->path), "segments.%.*s.%s",
                 (int)(name.len < MOST ? name.len : MOST), name.p ? name.p : "",
                 field->name);
    }
}

/* The next member of the part that differs and counts. false: it has no more. */
static bool next_member(struct dc_diff_details_walk *walk) {
    static const struct dc_alike_pair exact = {.addresses = true};
    const struct dc_rec *a = walk->rec_a, *b = walk->rec_b;
    while (a && b && walk->next < a->type->n_fields) {
        size_t i = walk->next++;
        const struct dc_field *field = &a->type->fields[i];
        walk->a = dc_diff_value_of(field, dc_slot(a, (int)i));
        walk->b = dc_diff_value_of(field, dc_slot(b, (int)i));
        if (dc_diff_equal(walk->a, walk->b) || dc_alike_is_noise(&exact, a->type, i))
            continue;
        walk->vcpu = walk->walk_a.vcpu.id;
        set_path(walk, field);
        return true;
    }
    return false;
}

bool dc_diff_details_next(struct dc_diff_details_walk *walk) {
    do {
        if (next_member(walk))
            return true;
    } while (next_part(walk) || next_vcpu(walk));
    return false;
}
