#include "lib/doc.h"

#include <string.h>

enum {
    FIRST_CHUNK = 8, /* bytes of elements: a hostile text has millions of short lists */
    LARGEST_CHUNK = 64 << 10 /* keeps the unused end of a long list small */
};

struct dc_chunk {
    struct dc_chunk *next;
    uint32_t used, room; /* elements */
    _Alignas(8) unsigned char data[];
};

static const uint32_t UNKNOWN = (uint32_t)1 << DC_MAX_FIELDS;

static size_t element_size(enum dc_kind kind) {
    switch (kind) {
    case DC_BOOL:
    case DC_U8:
        return 1;
    case DC_U32:
    case DC_I32:
        return 4;
    default:
        return 8;
    }
}

bool dc_has(const struct dc_rec *rec, int field) {
    return rec && (rec->set >> field & 1);
}

bool dc_has_unknown(const struct dc_rec *rec) {
    return rec && (rec->set & UNKNOWN);
}

const union dc_slot *dc_slot(const struct dc_rec *rec, int field) {
    if (!dc_has(rec, field))
        return NULL;
    uint32_t below = ((uint32_t)1 << field) - 1, before = rec->set & below;
    /* Where all before it are there, too, nothing has to be counted: the usual case. */
    return &rec->slots[before == below ? field : __builtin_popcount(before)];
}

uint64_t dc_u64(const struct dc_rec *rec, int field) {
    const union dc_slot *slot = dc_slot(rec, field);
    return slot ? slot->u : 0;
}

int64_t dc_i64(const struct dc_rec *rec, int field) {
    const union dc_slot *slot = dc_slot(rec, field);
    return slot ? slot->i : 0;
}

struct dc_str dc_string(const struct dc_rec *rec, int field) {
    const union dc_slot *slot = dc_slot(rec, field);
    return slot ? *slot->str : (struct dc_str){NULL, 0};
}

const struct dc_rec *dc_record(const struct dc_rec *rec, int field) {
    const union dc_slot *slot = dc_slot(rec, field);
    return slot ? slot->rec : NULL;
}

const struct dc_list *dc_list_of(const struct dc_rec *rec, int field) {
    static const struct dc_list empty;
    const union dc_slot *slot = dc_slot(rec, field);
    return slot ? slot->list : &empty;
}

static union dc_slot load(enum dc_kind kind, const struct dc_chunk *chunk, size_t i) {
    union dc_slot value = {.u = 0};
    uint32_t half;
    switch (element_size(kind)) {
    case 1:
        value.u = chunk->data[i];
        break;
    case 4:
        memcpy(&half, chunk->data + i * sizeof(half), sizeof(half));
        if (kind == DC_I32)
            value.i = (int32_t)half;
        else
            value.u = half;
        break;
    default:
        memcpy(&value, chunk->data + i * sizeof(value), sizeof(value));
    }
    return value;
}

static void store(enum dc_kind kind, struct dc_chunk *chunk, size_t i,
                  union dc_slot value) {
    uint32_t half = (uint32_t)value.u;
    switch (element_size(kind)) {
    case 1:
        chunk->data[i] = (unsigned char)value.u;
        break;
    case 4:
        memcpy(chunk->data + i * sizeof(half), &half, sizeof(half));
        break;
    default:
        memcpy(chunk->data + i * sizeof(value), &value, sizeof(value));
    }
}

static union dc_slot element(const struct dc_list *list, size_t i) {
    const struct dc_chunk *chunk = list->first;
    while (i >= chunk->used) {
        i -= chunk->used;
        chunk = chunk->next;
    }
    return load(list->kind, chunk, i);
}

struct dc_list_walk dc_list_walk(const struct dc_list *list) {
    return (struct dc_list_walk){.list = list, .chunk = list->first};
}

bool dc_list_next(struct dc_list_walk *walk) {
    if (walk->chunk && walk->next_in_chunk == walk->chunk->used) {
        walk->chunk = walk->chunk->next;
        walk->next_in_chunk = 0;
    }
    if (!walk->chunk)
        return false;
    walk->value = load(walk->list->kind, walk->chunk, walk->next_in_chunk++);
    walk->index = walk->next++;
    return true;
}

/* Chunks grow in one way, so that in two lists they end at the same places. */
bool dc_list_same_numbers(const struct dc_list *a, const struct dc_list *b) {
    const struct dc_chunk *one = a->first, *other = b->first;
    if (a->count != b->count)
        return false;
    for (; one && other; one = one->next, other = other->next)
        if (one->used != other->used ||
            memcmp(one->data, other->data, one->used * element_size(a->kind)) != 0)
            return false;
    return one == other;
}

uint64_t dc_list_u64(const struct dc_list *list, size_t i) {
    return element(list, i).u;
}

const struct dc_rec *dc_list_rec(const struct dc_list *list, size_t i) {
    return element(list, i).rec;
}

static struct dc_chunk *add_chunk(struct dc_list *list, struct dc_arena *arena) {
    size_t size = element_size(list->kind);
    size_t bytes = list->last ? (size_t)list->last->room * size * 2 : FIRST_CHUNK;
    if (bytes > LARGEST_CHUNK)
        bytes = LARGEST_CHUNK;
    struct dc_chunk *chunk = dc_arena_get(arena, sizeof(struct dc_chunk) + bytes);
    if (!chunk)
        return NULL;
    chunk->next = NULL;
    chunk->used = 0;
    chunk->room = (uint32_t)(bytes / size);
    if (list->last)
        list->last->next = chunk;
    else
        list->first = chunk;
    list->last = chunk;
    return chunk;
}

int dc_list_add(struct dc_list *list, struct dc_arena *arena, union dc_slot value) {
    struct dc_chunk *chunk = list->last;
    if (!chunk || chunk->used == chunk->room)
        chunk = add_chunk(list, arena);
    if (!chunk)
        return -1;
    store(list->kind, chunk, chunk->used++, value);
    list->count++;
    return 0;
}

bool dc_str_same(struct dc_str a, struct dc_str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool dc_str_is(struct dc_str s, const char *text) {
    return s.p && s.len == strlen(text) && memcmp(s.p, text, s.len) == 0;
}
