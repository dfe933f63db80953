#include "lib/same.h"

/* ---- whether they are the same ---- */

static bool same_slot(enum dc_kind kind, union dc_slot a, union dc_slot b) {
    switch (kind) {
    case DC_STRING:
    case DC_ANY:
        return dc_str_same(*a.str, *b.str);
    case DC_RECORD:
        return dc_same(a.rec, b.rec);
    default:
        return a.u == b.u; /* of a double its bits */
    }
}

static bool same_list(const struct dc_list *a, const struct dc_list *b) {
    struct dc_list_walk one = dc_list_walk(a), other = dc_list_walk(b);
    if (a->count != b->count)
        return false;
    while (dc_list_next(&one) && dc_list_next(&other))
        if (!same_slot(a->kind, one.value, other.value))
            return false;
    return true;
}

bool dc_same(const struct dc_rec *a, const struct dc_rec *b) {
    if (a == b || !a || !b)
        return a == b;
    if (dc_has_unknown(a) || a->type != b->type || a->set != b->set)
        return false;
    for (size_t i = 0; i < a->type->n_fields; i++) {
        const struct dc_field *field = &a->type->fields[i];
        if (!dc_has(a, (int)i))
            continue;
        const union dc_slot one = *dc_slot(a, (int)i), other = *dc_slot(b, (int)i);
        if (!(field->shape == DC_ONE ? same_slot(field->kind, one, other)
                                     : same_list(one.list, other.list)))
            return false;
    }
    return true;
}

/* ---- hash ---- */

/* Mixes a word in (the finalizer of splitmix64). Whoever makes reports that collide only
   makes them slower to group: dc_same() decides. */
uint64_t dc_same_mix(uint64_t hash, uint64_t word) {
    hash ^= word;
    hash += 0x9e3779b97f4a7c15;
    hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9;
    hash = (hash ^ hash >> 27) * 0x94d049bb133111eb;
    return hash ^ hash >> 31;
}

uint64_t dc_same_mix_str(uint64_t hash, struct dc_str str) {
    hash = dc_same_mix(hash, str.len);
    for (size_t i = 0; i < str.len; i++)
        hash = (hash ^ (unsigned char)str.p[i]) * 0x100000001b3;
    return dc_same_mix(hash, 0);
}

static uint64_t mix_slot(uint64_t hash, enum dc_kind kind, union dc_slot slot) {
    switch (kind) {
    case DC_STRING:
    case DC_ANY:
        return dc_same_mix_str(hash, *slot.str);
    case DC_RECORD:
        return dc_same_mix(hash, dc_same_hash(slot.rec));
    default:
        return dc_same_mix(hash, slot.u);
    }
}

uint64_t dc_same_hash(const struct dc_rec *rec) {
    if (!rec)
        return 0;
    uint64_t hash = dc_same_mix(rec->set, (uint64_t)(uintptr_t)rec->type);
    for (size_t i = 0; i < rec->type->n_fields; i++) {
        const struct dc_field *field = &rec->type->fields[i];
        const union dc_slot *slot = dc_slot(rec, (int)i);
        if (!slot)
            continue;
        if (field->shape == DC_ONE) {
            hash = mix_slot(hash, field->kind, *slot);
            continue;
        }
        hash = dc_same_mix(hash, slot->list->count);
        for (struct dc_list_walk walk = dc_list_walk(slot->list); dc_list_next(&walk);)
            hash = mix_slot(hash, slot->list->kind, walk.value);
    }
    return hash;
}
