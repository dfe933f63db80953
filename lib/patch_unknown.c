#include "lib/members.h"
#include "lib/patch_private.h"

#include <string.h>

/* ---- values ---- */

static int write_any(const struct dc_patch *patch, struct dc_writer *w,
                     struct dc_span value) {
    return dc_wire_write_any(w, value, patch->wire.alloc, patch->wire.err);
}

static int write_raw(const struct dc_patch *patch, struct dc_writer *w,
                     struct dc_span value) {
    (void)patch;
    dc_write_value(w, value);
    return 0;
}

static int same(const struct dc_patch *patch, struct dc_span a, struct dc_span b,
                int (*write)(const struct dc_patch *, struct dc_writer *,
                             struct dc_span)) {
    struct dc_span values[2] = {a, b};
    struct dc_buf texts[2];
    int rc = 0;
    if (a.len == b.len && memcmp(a.p, b.p, a.len) == 0)
        return 1;
    for (int side = 0; side < 2; side++) {
        struct dc_writer w;
        dc_buf_init(&texts[side], patch->wire.alloc);
        dc_writer_init(&w, dc_buf_sink(&texts[side]), false, false);
        if (rc == 0)
            rc = write(patch, &w, values[side]);
        if (dc_writer_finish(&w) < 0)
            rc = dc_fail(patch->wire.err, DC_ENOMEM, "out of memory");
    }
    if (rc == 0)
        rc = texts[0].len == texts[1].len &&
             memcmp(texts[0].data, texts[1].data, texts[0].len) == 0;
    dc_buf_done(&texts[0]);
    dc_buf_done(&texts[1]);
    return rc;
}

int dc_patch_same_raw(const struct dc_patch *patch, struct dc_span a, struct dc_span b) {
    return same(patch, a, b, write_raw);
}

int dc_patch_same_any(const struct dc_patch *patch, struct dc_span a, struct dc_span b) {
    return same(patch, a, b, write_any);
}

/* ---- names ---- */

/* Without its value, which may be long. */
static struct dc_span name_of(const struct dc_members *members, size_t i) {
    struct dc_span name;
    struct dc_lex value;
    dc_members_enter(members, i, &name, &value);
    return name;
}

/* ---- members that stand twice ---- */

/* The first name that does, or p NULL. */
static struct dc_span twice(const struct dc_members *members) {
    struct dc_span before = {NULL, 0};
    for (size_t i = 0; i < members->count; i++) {
        struct dc_span name = name_of(members, i);
        if (i > 0 && dc_compare_raw(before, name) == 0)
            return name;
        before = name;
    }
    return (struct dc_span){NULL, 0};
}

static int all_same(const struct dc_patch *patch, const struct dc_members *a,
                    const struct dc_members *b) {
    int same_so_far = a->count == b->count;
    for (size_t i = 0; same_so_far > 0 && i < a->count; i++) {
        struct dc_member one = dc_members_get(a, i), other = dc_members_get(b, i);
        same_so_far = dc_compare_raw(one.name, other.name) == 0;
        if (same_so_far)
            same_so_far = dc_patch_same_raw(patch, one.value, other.value);
    }
    return same_so_far;
}

/* 0: there are none, 1: there are, and the two objects are the same; -1: no patch can. */
static int check_twice(struct dc_patch *patch, const struct dc_patch_place *place,
                       const struct dc_members *a, const struct dc_members *b) {
    struct dc_span name = twice(a);
    if (!name.p)
        name = twice(b);
    if (!name.p)
        return 0;
    int rc = all_same(patch, a, b);
    if (rc != 0)
        return rc;
    dc_wire_fail_twice(patch->wire.err, name);
    return dc_patch_locate(patch, place);
}

/* ---- members ---- */

/* Which of two members, in the order of names, comes first: <0 of A, >0 of B, 0 both. */
static int compare_next(const struct dc_members *a, size_t i, const struct dc_members *b,
                        size_t k) {
    if (i == a->count || k == b->count)
        return i == a->count ? 1 : -1;
    return dc_compare_raw(name_of(a, i), name_of(b, k));
}

/* python-jsonpatch takes a member named "-" for the end of a list and refuses to replace it;
   adding a member that is there replaces it too (RFC 6902, 4.1). */
static int patch_both(struct dc_patch *patch, const struct dc_patch_place *place,
                      struct dc_span a, struct dc_span b) {
    int rc = dc_patch_same_raw(patch, a, b);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    bool dash = dc_compare_raw(place->name, (struct dc_span){"-", 1}) == 0;
    return dc_patch_raw(patch, place, dash ? "add" : "replace", b);
}

static int merge(struct dc_patch *patch, const struct dc_patch_place *up,
                 const struct dc_members *a, const struct dc_members *b) {
    for (size_t i = 0, k = 0; i < a->count || k < b->count;) {
        int order = compare_next(a, i, b, k), rc;
        struct dc_member one = {.name.p = NULL}, other = {.name.p = NULL};
        if (order <= 0)
            one = dc_members_get(a, i++);
        if (order >= 0)
            other = dc_members_get(b, k++);
        struct dc_patch_place place = {up, order <= 0 ? one.name : other.name, 0};
        if (order < 0)
            rc = dc_patch_remove(patch, &place);
        else if (order > 0)
            rc = dc_patch_raw(patch, &place, "add", other.value);
        else
            rc = patch_both(patch, &place, one.value, other.value);
        if (rc < 0)
            return -1;
    }
    return 0;
}

static int collect(const struct dc_patch *patch, int side, const struct dc_type *declared,
                   const struct dc_rec *rec, struct dc_members *members) {
    const struct dc_report *report = patch->reports[side];
    struct dc_known known = {rec->type, declared};
    struct dc_span object = {report->text + rec->at, report->len - rec->at};
    return dc_members_collect(members, patch->wire.alloc, report->text, object,
                              dc_members_unknown, &known, patch->wire.err);
}

int dc_patch_unknown(struct dc_patch *patch, const struct dc_patch_place *place,
                     const struct dc_type *declared, const struct dc_rec *a,
                     const struct dc_rec *b) {
    struct dc_members members[2];
    if (!dc_has_unknown(a) && !dc_has_unknown(b))
        return 0;
    int rc = collect(patch, 0, declared, a, &members[0]);
    if (collect(patch, 1, declared, b, &members[1]) < 0)
        rc = -1;
    if (rc == 0)
        rc = check_twice(patch, place, &members[0], &members[1]);
    if (rc == 0)
        rc = merge(patch, place, &members[0], &members[1]);
    dc_members_done(&members[0]);
    dc_members_done(&members[1]);
    return rc < 0 ? -1 : 0;
}
