#include "tests/unit/pair_aid.h"

#include "tests/unit/edit_aid.h"
#include "tests/unit/maker_aid.h"

#include <string.h>

static size_t below(struct edit_aid *e, size_t n) {
    return aid_below(&e->random, n);
}

/* Whether dumpctl reads the text; then what it was read as is known. */
static bool is_read(const struct dc_buf *text, const struct dc_type **declared) {
    struct dc_report report;
    struct dc_error err;
    if (aid_read(&report, text->data, text->len, &err) < 0)
        return false;
    *declared = report.declared;
    dc_report_done(&report);
    return true;
}

static bool is_same(const struct dc_buf *a, const struct dc_buf *b) {
    struct dc_buf one, other;
    struct dc_error err;
    bool same = aid_rewrite(a->data, a->len, &one, &err) == 0;
    same = aid_rewrite(b->data, b->len, &other, &err) == 0 && same;
    same = same && one.len == other.len && memcmp(one.data, other.data, one.len) == 0;
    dc_buf_done(&one);
    dc_buf_done(&other);
    return same;
}

/* A document of its own, into `out` and the editor. */
static void make(struct edit_aid *e, struct dc_buf *out) {
    struct maker maker = {.random = {aid_random(&e->random) | 1}, .out = out};
    do {
        maker_document(&maker);
        if (!is_read(out, &e->declared))
            continue;
        e->root = tree_parse(e->arena, tree_keep(e->arena, out), out->len);
        edit_begin(e, below(e, 6));
        out->len = 0;
        tree_write(out, e->root, &e->random);
    } while (!is_read(out, &e->declared));
}

/* The other document of the pair, which may not be one that is read. */
static void make_other(struct edit_aid *e, struct pair *pair) {
    struct tree *a = e->root;
    bool spaces = below(e, 2) == 0;
    pair->b.len = 0;
    e->root = tree_copy(e->arena, a);
    if (pair->told_anew)
        edit_tell_anew(e, below(e, 6));
    else
        edit_change(e, 1 + below(e, 6));
    tree_write(&pair->b, e->root, spaces ? &e->random : NULL);
    e->root = a;
}

void pair_make(struct pair *pair, uint64_t seed) {
    struct edit_aid e = {.random = {(seed + 1) * UINT64_C(0x9e3779b97f4a7c15)}};
    const struct dc_type *declared;
    struct dc_arena arena;
    dc_arena_init(&arena, dc_alloc_libc, 0);
    e.arena = &arena;
    dc_buf_init(&pair->a, dc_alloc_libc);
    dc_buf_init(&pair->b, dc_alloc_libc);
    make(&e, &pair->a);
    pair->told_anew = below(&e, 4) == 0;
    if (!pair->told_anew && below(&e, 12) == 0)
        make(&e, &pair->b);
    else
        do
            make_other(&e, pair);
        while (!is_read(&pair->b, &declared) ||
               (pair->told_anew && !is_same(&pair->a, &pair->b)));
    dc_arena_done(&arena);
}

void pair_done(struct pair *pair) {
    dc_buf_done(&pair->a);
    dc_buf_done(&pair->b);
}
