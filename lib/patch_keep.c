#include "lib/pairing.h"
#include "lib/patch_private.h"

static uint32_t *places(struct dc_arena *memory, size_t count) {
    uint32_t *all = dc_arena_get(memory, count * sizeof(*all));
    for (size_t i = 0; all && i < count; i++)
        all[i] = DC_PATCH_NONE;
    return all;
}

/* Who is who. */
static void fill(struct dc_patch_kept *kept, struct dc_pairing *pairing) {
    while (dc_pairing_next(pairing)) {
        kept->unique &= pairing->a.nth == 0 && pairing->b.nth == 0;
        if (pairing->a.rec && pairing->b.rec)
            kept->in_b[pairing->a.index] = (uint32_t)pairing->b.index;
    }
}

/* ---- who can stay ---- */

/* How many of the rising chains in last[0..n) end before `place`. */
static size_t chains_before(const struct dc_patch_kept *kept, const uint32_t *last,
                            size_t n, uint32_t place) {
    size_t from = 0;
    while (from < n) {
        size_t middle = from + (n - from) / 2;
        if (kept->in_b[last[middle]] < place)
            from = middle + 1;
        else
            n = middle;
    }
    return from;
}

/*
 * Keeps the longest rising sequence of in_b and drops the rest: last[n] is the element that
 * ends the chain of n + 1 elements that ends lowest, before[i] the one before i in its chain.
 */
static int keep_longest(struct dc_patch_kept *kept, size_t n_a) {
    uint32_t *last = places(&kept->memory, n_a);
    uint32_t *before = places(&kept->memory, n_a);
    size_t longest = 0;
    if (!last || !before)
        return -1;
    for (size_t i = 0; i < n_a; i++) {
        if (kept->in_b[i] == DC_PATCH_NONE)
            continue;
        size_t length = chains_before(kept, last, longest, kept->in_b[i]);
        before[i] = length > 0 ? last[length - 1] : DC_PATCH_NONE;
        last[length] = (uint32_t)i;
        longest += length == longest;
    }
    kept->count = longest;
    uint32_t next = longest > 0 ? last[longest - 1] : DC_PATCH_NONE;
    for (size_t i = n_a; i-- > 0;) {
        if (i == next) {
            kept->in_a[kept->in_b[i]] = (uint32_t)i;
            next = before[i];
        } else {
            kept->in_b[i] = DC_PATCH_NONE;
        }
    }
    return 0;
}

static int match(struct dc_patch_kept *kept, struct dc_pairing *pairing,
                 const struct dc_list *a, const struct dc_list *b) {
    kept->in_b = places(&kept->memory, a->count);
    kept->in_a = places(&kept->memory, b->count);
    if (!kept->in_b || !kept->in_a)
        return -1;
    fill(kept, pairing);
    return kept->unique ? keep_longest(kept, a->count) : 0;
}

int dc_patch_keep(struct dc_patch_kept *kept, const struct dc_type *type,
                  const struct dc_list *a, const struct dc_list *b, struct dc_alloc alloc,
                  struct dc_error *err) {
    const struct dc_pairing_options options = {.alloc = alloc, .same_run = true};
    struct dc_pairing pairing;
    *kept = (struct dc_patch_kept){.unique = true};
    dc_arena_init(&kept->memory, alloc, 0);
    int rc = dc_pairing_init(&pairing, type, a, b, &options);
    if (rc == 0 && (!pairing.keyed || pairing.aligned))
        kept->unique = false;
    else if (rc == 0)
        rc = match(kept, &pairing, a, b);
    dc_pairing_done(&pairing);
    return rc < 0 ? dc_fail(err, DC_ENOMEM, "out of memory") : 0;
}

void dc_patch_kept_done(struct dc_patch_kept *kept) {
    dc_arena_done(&kept->memory);
}
