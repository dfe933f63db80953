#include "lib/number.h"
#include "lib/patch_private.h"

/* A list of both documents: the field `i` of `of`, which is the record of B. */
struct lists {
    const struct dc_field *field;
    const struct dc_list *a, *b;
    const struct dc_rec *of;
    size_t i;
};

static int replace_whole(struct dc_patch *patch, const struct dc_patch_place *place,
                         const struct lists *lists) {
    return dc_patch_field(patch, place, "replace", lists->of, lists->i);
}

/* Whether more is to be taken out and put in than is worth it for the `kept`. */
static bool is_little(size_t kept, const struct lists *lists) {
    return lists->a->count - kept + (lists->b->count - kept) > 2 * kept;
}

/* ---- by place ---- */

static int by_place(struct dc_patch *patch, const struct dc_patch_place *up,
                    const struct lists *lists) {
    struct dc_list_walk a = dc_list_walk(lists->a), b = dc_list_walk(lists->b);
    size_t common = lists->a->count < lists->b->count ? lists->a->count : lists->b->count;
    struct dc_patch_place place = {.up = up};
    while (place.index < common && dc_list_next(&a) && dc_list_next(&b)) {
        if (dc_patch_value(patch, &place, lists->field, a.value, b.value) < 0)
            return -1;
        place.index++;
    }
    for (size_t i = lists->a->count; i > common; i--) {
        place.index = i - 1;
        if (dc_patch_remove(patch, &place) < 0)
            return -1;
    }
    while (dc_list_next(&b)) {
        place.index = b.index;
        if (dc_patch_element(patch, &place, "add", lists->field, b.value) < 0)
            return -1;
    }
    return 0;
}

/* ---- by key ---- */

static int change_kept(struct dc_patch *patch, const struct dc_patch_place *up,
                       const struct lists *lists, const struct dc_patch_kept *kept) {
    struct dc_list_walk a = dc_list_walk(lists->a), b = dc_list_walk(lists->b);
    while (dc_list_next(&a)) {
        struct dc_patch_place place = {.up = up, .index = a.index};
        if (kept->in_b[a.index] == DC_PATCH_NONE)
            continue;
        do { /* what stays rises in both */
            if (!dc_list_next(&b))
                return 0;
        } while (b.index != kept->in_b[a.index]);
        if (dc_patch_value(patch, &place, lists->field, a.value, b.value) < 0)
            return -1;
    }
    return 0;
}

static int remove_gone(struct dc_patch *patch, const struct dc_patch_place *up,
                       const struct lists *lists, const struct dc_patch_kept *kept) {
    for (size_t i = lists->a->count; i-- > 0;) {
        struct dc_patch_place place = {.up = up, .index = i};
        if (kept->in_b[i] == DC_PATCH_NONE && dc_patch_remove(patch, &place) < 0)
            return -1;
    }
    return 0;
}

static int add_new(struct dc_patch *patch, const struct dc_patch_place *up,
                   const struct lists *lists, const struct dc_patch_kept *kept) {
    for (struct dc_list_walk b = dc_list_walk(lists->b); dc_list_next(&b);) {
        struct dc_patch_place place = {.up = up, .index = b.index};
        if (kept->in_a[b.index] == DC_PATCH_NONE &&
            dc_patch_element(patch, &place, "add", lists->field, b.value) < 0)
            return -1;
    }
    return 0;
}

static int by_key(struct dc_patch *patch, const struct dc_patch_place *place,
                  const struct lists *lists, const struct dc_patch_kept *kept) {
    if (is_little(kept->count, lists))
        return replace_whole(patch, place, lists);
    if (change_kept(patch, place, lists, kept) < 0 ||
        remove_gone(patch, place, lists, kept) < 0)
        return -1;
    return add_new(patch, place, lists, kept);
}

static int patch_records(struct dc_patch *patch, const struct dc_patch_place *place,
                         const struct lists *lists) {
    size_t n_a = lists->a->count, n_b = lists->b->count;
    if (is_little(n_a < n_b ? n_a : n_b, lists))
        return replace_whole(patch, place, lists);
    struct dc_patch_kept kept;
    int rc = dc_patch_keep(&kept, lists->field->type, lists->a, lists->b,
                           patch->wire.alloc, patch->wire.err);
    if (rc == 0)
        rc = kept.unique ? by_key(patch, place, lists, &kept)
                         : by_place(patch, place, lists);
    dc_patch_kept_done(&kept);
    return rc;
}

/* ---- packed lists ---- */

static size_t digits(uint64_t value) {
    size_t n = 1;
    for (; value >= 10; value /= 10)
        n++;
    return n;
}

/* Whether an operation for each element that differs takes more than all of B. */
static bool is_shorter_whole(const struct dc_patch *patch, const struct lists *lists) {
    struct dc_list_walk a = dc_list_walk(lists->a), b = dc_list_walk(lists->b);
    size_t add = dc_patch_op_size(patch, "add"), each = 0, all = 0;
    size_t change = dc_patch_op_size(patch, "replace");
    while (dc_list_next(&b)) {
        bool in_a = dc_list_next(&a);
        size_t size = digits(b.value.u) + 1;
        all += size;
        if (!in_a || a.value.u != b.value.u)
            each += (in_a ? change : add) + digits(b.index) + size;
    }
    while (dc_list_next(&a))
        each += dc_patch_op_size(patch, "remove") + digits(a.index);
    return each > change + all;
}

static int patch_numbers(struct dc_patch *patch, const struct dc_patch_place *place,
                         const struct lists *lists) {
    if (dc_list_same_numbers(lists->a, lists->b))
        return 0;
    if (dc_patch_point(patch, place) < 0)
        return -1;
    return is_shorter_whole(patch, lists) ? replace_whole(patch, place, lists)
                                          : by_place(patch, place, lists);
}

int dc_patch_list(struct dc_patch *patch, const struct dc_patch_place *place,
                  const struct dc_rec *a, const struct dc_rec *b, size_t i) {
    struct lists lists = {&a->type->fields[i], dc_list_of(a, (int)i),
                          dc_list_of(b, (int)i), b, i};
    switch (lists.field->kind) {
    case DC_RECORD:
        return patch_records(patch, place, &lists);
    case DC_U8:
    case DC_U32:
    case DC_U64:
        return patch_numbers(patch, place, &lists);
    default: /* no table has such a list yet */
        return by_place(patch, place, &lists);
    }
}
