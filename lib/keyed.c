#include "lib/keyed.h"

#include <stdlib.h>
#include <string.h>

int dc_keyed_by(const struct dc_field *field) {
    if (field->kind != DC_RECORD || field->shape == DC_HOLES || !field->type->key)
        return -1;
    return dc_schema_find(field->type, field->type->key, strlen(field->type->key), 0);
}

int dc_keyed_compare(const struct dc_rec *a, const struct dc_rec *b, int key) {
    if (a->type->fields[key].kind != DC_STRING) {
        uint64_t x = dc_u64(a, key), y = dc_u64(b, key);
        return (x > y) - (x < y);
    }
    struct dc_str x = dc_string(a, key), y = dc_string(b, key);
    size_t n = x.len < y.len ? x.len : y.len;
    int order = n > 0 ? memcmp(x.p, y.p, n) : 0;
    return order ? order : (x.len > y.len) - (x.len < y.len);
}

bool dc_keyed_aligned(const struct dc_list *a, const struct dc_list *b, int key) {
    struct dc_list_walk one = dc_list_walk(a), other = dc_list_walk(b);
    if (a->count != b->count)
        return false;
    while (dc_list_next(&one) && dc_list_next(&other))
        if (dc_keyed_compare(one.value.rec, other.value.rec, key) != 0)
            return false;
    return true;
}

/* ---- who is who ---- */

struct element {
    const struct dc_rec *rec;
    uint32_t place;
};

static int compare_elements(const void *a, const void *b, void *ctx) {
    const struct element *x = a, *y = b;
    return dc_keyed_compare(x->rec, y->rec, *(const int *)ctx);
}

static struct element *sorted(struct dc_arena *memory, const struct dc_list *list,
                              int key) {
    struct element *all = dc_arena_get(memory, list->count * sizeof(*all));
    if (!all)
        return NULL;
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);)
        all[walk.index] = (struct element){walk.value.rec, (uint32_t)walk.index};
    qsort_r(all, list->count, sizeof(*all), compare_elements, &key);
    return all;
}

static bool has_twins(const struct element *all, size_t count, int key) {
    for (size_t i = 1; i < count; i++)
        if (dc_keyed_compare(all[i - 1].rec, all[i].rec, key) == 0)
            return true;
    return false;
}

static uint32_t *places(struct dc_arena *memory, size_t count) {
    uint32_t *all = dc_arena_get(memory, count * sizeof(*all));
    for (size_t i = 0; all && i < count; i++)
        all[i] = DC_KEYED_NONE;
    return all;
}

static void pair(struct dc_keyed *keyed, const struct element *a, size_t n_a,
                 const struct element *b, size_t n_b, int key) {
    for (size_t i = 0, k = 0; i < n_a && k < n_b;) {
        int order = dc_keyed_compare(a[i].rec, b[k].rec, key);
        if (order == 0)
            keyed->in_b[a[i].place] = b[k].place;
        i += order <= 0;
        k += order >= 0;
    }
}

/* ---- who can stay ---- */

/* How many of the rising chains in last[0..n) end before `place`. */
static size_t chains_before(const struct dc_keyed *keyed, const uint32_t *last, size_t n,
                            uint32_t place) {
    size_t from = 0;
    while (from < n) {
        size_t middle = from + (n - from) / 2;
        if (keyed->in_b[last[middle]] < place)
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
static int keep_longest(struct dc_keyed *keyed, size_t n_a) {
    uint32_t *last = places(&keyed->memory, n_a);
    uint32_t *before = places(&keyed->memory, n_a);
    size_t longest = 0;
    if (!last || !before)
        return -1;
    for (size_t i = 0; i < n_a; i++) {
        if (keyed->in_b[i] == DC_KEYED_NONE)
            continue;
        size_t length = chains_before(keyed, last, longest, keyed->in_b[i]);
        before[i] = length > 0 ? last[length - 1] : DC_KEYED_NONE;
        last[length] = (uint32_t)i;
        longest += length == longest;
    }
    keyed->kept = longest;
    uint32_t next = longest > 0 ? last[longest - 1] : DC_KEYED_NONE;
    for (size_t i = n_a; i-- > 0;) {
        if (i == next) {
            keyed->in_a[keyed->in_b[i]] = (uint32_t)i;
            next = before[i];
        } else {
            keyed->in_b[i] = DC_KEYED_NONE;
        }
    }
    return 0;
}

static int match(struct dc_keyed *keyed, const struct dc_list *a, const struct dc_list *b,
                 int key) {
    struct element *one = sorted(&keyed->memory, a, key);
    struct element *other = sorted(&keyed->memory, b, key);
    if (!one || !other)
        return -1;
    keyed->unique = !has_twins(one, a->count, key) && !has_twins(other, b->count, key);
    if (!keyed->unique)
        return 0;
    keyed->in_b = places(&keyed->memory, a->count);
    keyed->in_a = places(&keyed->memory, b->count);
    if (!keyed->in_b || !keyed->in_a)
        return -1;
    pair(keyed, one, a->count, other, b->count, key);
    return keep_longest(keyed, a->count);
}

int dc_keyed_match(struct dc_keyed *keyed, const struct dc_list *a,
                   const struct dc_list *b, int key, struct dc_alloc alloc,
                   struct dc_error *err) {
    *keyed = (struct dc_keyed){.unique = false};
    dc_arena_init(&keyed->memory, alloc, 0);
    return match(keyed, a, b, key) < 0 ? dc_arena_fail(&keyed->memory, err) : 0;
}

void dc_keyed_done(struct dc_keyed *keyed) {
    dc_arena_done(&keyed->memory);
}
