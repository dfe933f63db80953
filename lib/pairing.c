#include "lib/pairing.h"

#include "lib/same.h"

#include <stdlib.h>
#include <string.h>

enum { NOBODY = -1 };

/* An element; its partner is a place in the other list. */
struct dc_pairing_item {
    const struct dc_rec *rec;
    uint64_t hash;
    int64_t partner; /* or NOBODY */
    size_t nth;
};

/* ---- keys ---- */

/* The entries of storage maps have the address of their owner as key (wire-format 6.2). */
static bool is_address_key(const struct dc_rec *rec) {
    return rec->type == &dc_type_ENTRY && dc_record(rec, DC_AT_ENTRY_key) &&
           dc_record(rec, DC_AT_ENTRY_key)->type == &dc_type_RV_PTR;
}

static bool has_address_keys(const struct dc_list *list) {
    struct dc_list_walk walk = dc_list_walk(list);
    return dc_list_next(&walk) && is_address_key(walk.value.rec);
}

static bool all_have(const struct dc_list *list, int key) {
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);)
        if (!dc_has(walk.value.rec, key))
            return false;
    return true;
}

/* Whether every element says what it is. Older reports do not have each such member. */
static bool is_known(const struct dc_pairing *p, const struct dc_type *type, int key) {
    return type->fields[key].rule == DC_REQUIRED ||
           (all_have(p->lists[0], key) && all_have(p->lists[1], key));
}

/* Keys that mean something in both reports. */
static void choose_keys(struct dc_pairing *p, const struct dc_type *type) {
    int keys[DC_MAX_KEYS];
    size_t n = type->choices ? 0 : dc_schema_keys(type, keys);
    bool exact = p->options.same_run;
    bool based = p->options.base[0] && p->options.base[1];
    if (!exact && (has_address_keys(p->lists[0]) || has_address_keys(p->lists[1]))) {
        p->by_content = true;
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (is_known(p, type, keys[i]) &&
            (exact || based || type->fields[keys[i]].unit != DC_ADDRESS))
            p->keys[p->n_keys++] = keys[i];
    p->by_content = n > 0 && p->n_keys == 0;
    p->keyed = p->n_keys > 0;
}

static int order_of(uint64_t x, uint64_t y) {
    return (x > y) - (x < y);
}

static int compare_strings(struct dc_str x, struct dc_str y) {
    size_t n = x.len < y.len ? x.len : y.len;
    int order = n > 0 ? memcmp(x.p, y.p, n) : 0;
    return order ? order : order_of(x.len, y.len);
}

/* Two elements, of the sides `from` and `to`. */
static int compare_keys(const struct dc_pairing *p, const struct dc_rec *a, int from,
                        const struct dc_rec *b, int to) {
    int order = 0;
    for (size_t i = 0; order == 0 && i < p->n_keys; i++) {
        int key = p->keys[i];
        if (a->type->fields[key].kind == DC_STRING)
            order = compare_strings(dc_string(a, key), dc_string(b, key));
        else
            order = order_of(dc_u64(a, key) - p->options.base[from],
                             dc_u64(b, key) - p->options.base[to]);
    }
    return order;
}

/* ---- sorting ---- */

struct sorting {
    const struct dc_pairing *p;
    const struct dc_pairing_item *items;
    int side;
};

static int compare_items(const struct dc_pairing *p, const struct dc_pairing_item *x,
                         int from, const struct dc_pairing_item *y, int to) {
    return p->by_content ? order_of(x->hash, y->hash)
                         : compare_keys(p, x->rec, from, y->rec, to);
}

/* By key; elements with one key stay in their order. */
static int compare_places(const void *a, const void *b, void *ctx) {
    const struct sorting *s = ctx;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    int order = compare_items(s->p, &s->items[x], s->side, &s->items[y], s->side);
    return order ? order : order_of(x, y);
}

static void *take(const struct dc_pairing *p, size_t count, size_t size) {
    return p->options.alloc.resize(p->options.alloc.ctx, NULL, (count + 1) * size);
}

static void give(const struct dc_pairing *p, void *memory) {
    if (memory)
        p->options.alloc.resize(p->options.alloc.ctx, memory, 0);
}

/* The places of a list's elements, by key. */
static size_t *sort(const struct dc_pairing *p, int side) {
    size_t count = p->lists[side]->count;
    size_t *places = take(p, count, sizeof(*places));
    struct sorting sorting = {p, p->items[side], side};
    if (!places)
        return NULL;
    for (size_t i = 0; i < count; i++)
        places[i] = i;
    qsort_r(places, count, sizeof(*places), compare_places, &sorting);
    return places;
}

static void number_equals(const struct dc_pairing *p, int side, const size_t *places) {
    struct dc_pairing_item *items = p->items[side];
    for (size_t i = 1; i < p->lists[side]->count; i++)
        if (compare_items(p, &items[places[i - 1]], side, &items[places[i]], side) == 0)
            items[places[i]].nth = items[places[i - 1]].nth + 1;
}

static void marry(struct dc_pairing *p, size_t a, size_t b) {
    p->items[0][a].partner = (int64_t)b;
    p->items[1][b].partner = (int64_t)a;
}

static void merge(struct dc_pairing *p, const size_t *one, const size_t *other) {
    size_t i = 0, k = 0;
    while (i < p->lists[0]->count && k < p->lists[1]->count) {
        int order = compare_items(p, &p->items[0][one[i]], 0, &p->items[1][other[k]], 1);
        if (order == 0)
            marry(p, one[i], other[k]);
        i += order <= 0;
        k += order >= 0;
    }
}

/* What is left over goes by its order; `one`: only where one element of each list is. */
static void marry_the_rest(struct dc_pairing *p, bool one) {
    size_t i = 0, k = 0, left[2] = {0, 0};
    for (int side = 0; side < 2; side++)
        for (size_t at = 0; at < p->lists[side]->count; at++)
            left[side] += p->items[side][at].partner == NOBODY;
    if (one && (left[0] != 1 || left[1] != 1))
        return;
    for (;; i++, k++) {
        while (i < p->lists[0]->count && p->items[0][i].partner != NOBODY)
            i++;
        while (k < p->lists[1]->count && p->items[1][k].partner != NOBODY)
            k++;
        if (i == p->lists[0]->count || k == p->lists[1]->count)
            return;
        marry(p, i, k);
    }
}

/* ---- entries of which some members changed ---- */

/* The `nth` scalar member of what an entry of a storage map holds, its name and its value;
   0: it has none there. */
static uint64_t member_hash(const struct dc_rec *entry, size_t nth) {
    const struct dc_rec *value = dc_record(entry, DC_AT_ENTRY_payload);
    if (!value)
        value = dc_record(entry, DC_AT_ENTRY_value);
    if (!value || value->type != &dc_type_RV_STRUCT)
        return 0;
    const struct dc_list *members = dc_list_of(value, DC_AT_RV_STRUCT_members);
    for (struct dc_list_walk walk = dc_list_walk(members); dc_list_next(&walk);) {
        const struct dc_rec *member = walk.value.rec;
        if (walk.index == nth)
            return dc_same_mix_str(
                dc_noise_hash(dc_record(member, DC_AT_MEMBER_value), DC_NOISE_BOTH),
                dc_string(member, DC_AT_MEMBER_name));
    }
    return 0;
}

/* Whether the item at places[i] has nobody yet, and a hash that no other such has. */
static bool is_unique(const struct dc_pairing_item *items, const size_t *places,
                      size_t count, size_t i) {
    uint64_t hash = items[places[i]].hash;
    return hash != 0 && items[places[i]].partner == NOBODY &&
           (i == 0 || items[places[i - 1]].hash != hash) &&
           (i + 1 == count || items[places[i + 1]].hash != hash);
}

static void marry_unique(struct dc_pairing *p, const size_t *one, const size_t *other) {
    size_t n = p->lists[0]->count, m = p->lists[1]->count, k = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t hash = p->items[0][one[i]].hash;
        if (!is_unique(p->items[0], one, n, i))
            continue;
        while (k < m && p->items[1][other[k]].hash < hash)
            k++;
        if (k < m && p->items[1][other[k]].hash == hash &&
            is_unique(p->items[1], other, m, k))
            marry(p, one[i], other[k]);
    }
}

/* Of entries that do not say the same, those are one that have a member with a value that
   nobody else has in either list: a pid, a name. The first members are tried, which is
   where structs say what they are about. */
static int marry_by_members(struct dc_pairing *p) {
    enum { MEMBERS = 8 };
    for (size_t nth = 0; nth < MEMBERS; nth++) {
        for (int side = 0; side < 2; side++)
            for (size_t i = 0; i < p->lists[side]->count; i++) {
                struct dc_pairing_item *item = &p->items[side][i];
                item->hash = item->partner == NOBODY ? member_hash(item->rec, nth) : 0;
            }
        size_t *one = sort(p, 0), *other = sort(p, 1);
        bool sorted = one && other;
        if (sorted)
            marry_unique(p, one, other);
        give(p, one);
        give(p, other);
        if (!sorted)
            return -1;
    }
    return 0;
}

/* Entries whose keys are addresses, and other elements that only an address tells apart. */
static int marry_by_content(struct dc_pairing *p, const struct dc_type *type) {
    bool entries = type == &dc_type_ENTRY;
    if (entries && marry_by_members(p) < 0)
        return -1;
    marry_the_rest(p, entries);
    return 0;
}

static void find_order(struct dc_pairing *p) {
    int64_t last = NOBODY;
    for (size_t i = 0; i < p->lists[0]->count; i++) {
        int64_t partner = p->items[0][i].partner;
        if (partner == NOBODY)
            continue;
        p->reordered |= partner < last;
        last = partner;
    }
}

static int fill(struct dc_pairing *p, int side) {
    const struct dc_list *list = p->lists[side];
    struct dc_pairing_item *items = take(p, list->count, sizeof(*items));
    if (!items)
        return -1;
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);)
        items[walk.index] = (struct dc_pairing_item){
            .rec = walk.value.rec,
            .hash = p->by_content ? dc_noise_hash(walk.value.rec, DC_NOISE_BOTH) : 0,
            .partner = NOBODY};
    p->items[side] = items;
    return 0;
}

static int find_partners(struct dc_pairing *p, const struct dc_type *type) {
    if (fill(p, 0) < 0 || fill(p, 1) < 0)
        return -1;
    size_t *one = sort(p, 0), *other = sort(p, 1);
    bool sorted = one && other;
    if (sorted) {
        merge(p, one, other);
        number_equals(p, 0, one);
        number_equals(p, 1, other);
    }
    give(p, one);
    give(p, other);
    if (!sorted || (p->by_content && marry_by_content(p, type) < 0))
        return -1;
    find_order(p);
    return 0;
}

/* ---- the walk ---- */

/* Whether the same keys stand in the same order and, where that matters, no two of them are
   the same: they rise. Members of structs, of which there are most by far, are called by
   their names however often these stand there. */
static bool are_aligned(const struct dc_pairing *p, bool distinct) {
    struct dc_list_walk one = dc_list_walk(p->lists[0]),
                        other = dc_list_walk(p->lists[1]);
    const struct dc_rec *before = NULL;
    if (p->lists[0]->count != p->lists[1]->count)
        return false;
    while (dc_list_next(&one) && dc_list_next(&other)) {
        if (compare_keys(p, one.value.rec, 0, other.value.rec, 1) != 0 ||
            (distinct && before && compare_keys(p, before, 0, one.value.rec, 0) >= 0))
            return false;
        before = one.value.rec;
    }
    return true;
}

int dc_pairing_init(struct dc_pairing *p, const struct dc_type *type,
                    const struct dc_list *a, const struct dc_list *b,
                    const struct dc_pairing_options *options) {
    *p = (struct dc_pairing){.options = *options, .lists = {a, b}};
    choose_keys(p, type);
    p->walks[0] = dc_list_walk(a);
    p->walks[1] = dc_list_walk(b);
    if (p->n_keys == 0 && !p->by_content)
        return 0;
    p->aligned = p->n_keys > 0 && are_aligned(p, type != &dc_type_MEMBER);
    return p->aligned ? 0 : find_partners(p, type);
}

void dc_pairing_done(struct dc_pairing *p) {
    give(p, p->items[0]);
    give(p, p->items[1]);
    p->items[0] = p->items[1] = NULL;
}

static struct dc_pairing_side nobody(void) {
    return (struct dc_pairing_side){.rec = NULL};
}

static bool next_by_place(struct dc_pairing *p) {
    p->a = p->b = nobody();
    if (dc_list_next(&p->walks[0]))
        p->a = (struct dc_pairing_side){p->walks[0].value.rec, p->walks[0].index, 0};
    if (dc_list_next(&p->walks[1]))
        p->b = (struct dc_pairing_side){p->walks[1].value.rec, p->walks[1].index, 0};
    return p->a.rec || p->b.rec;
}

static struct dc_pairing_side side_of(const struct dc_pairing *p, int side, size_t i) {
    const struct dc_pairing_item *item = &p->items[side][i];
    return (struct dc_pairing_side){item->rec, i, p->by_content ? 0 : item->nth};
}

bool dc_pairing_next(struct dc_pairing *p) {
    if (!p->items[0])
        return next_by_place(p);
    p->a = p->b = nobody();
    if (p->next[0] < p->lists[0]->count) {
        p->a = side_of(p, 0, p->next[0]);
        int64_t partner = p->items[0][p->next[0]++].partner;
        if (partner != NOBODY)
            p->b = side_of(p, 1, (size_t)partner);
        return true;
    }
    while (p->next[1] < p->lists[1]->count) {
        size_t i = p->next[1]++;
        if (p->items[1][i].partner != NOBODY)
            continue;
        p->b = side_of(p, 1, i);
        return true;
    }
    return false;
}
