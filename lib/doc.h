/*
 * doc: a checked document in memory.
 *
 * A record holds the values of the members that were there, in table order, and nothing
 * else: no names, no hash table. It keeps its place in the text, so that its unknown
 * members can be found again when they are wanted. Everything lives in one dc_arena and
 * points into the text; both must outlive the document. Documents are read-only.
 *
 * What a table calls absent and what it calls default read the same here: the getters
 * give zero, an empty string or an empty list, and dc_has() tells the two apart.
 */
#ifndef DUMPCTL_LIB_DOC_H
#define DUMPCTL_LIB_DOC_H

#include "lib/arena.h"
#include "lib/lex.h"
#include "lib/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* UTF-8, not terminated; may hold any character, NUL too. */
struct dc_str {
    const char *p;
    size_t len;
};

union dc_slot {
    uint64_t u;                 /* DC_BOOL (0, 1), DC_U8, DC_U32, DC_U64 */
    int64_t i;                  /* DC_I32, DC_I64 */
    double f;                   /* DC_F64 */
    const struct dc_str *str;   /* DC_STRING */
    const struct dc_str *any;   /* DC_ANY: the value's text */
    const struct dc_rec *rec;   /* DC_RECORD */
    const struct dc_list *list; /* any list */
};

struct dc_rec {
    const struct dc_type *type; /* of a tagged union: the choice */
    uint32_t set;          /* bit i: field i is there; bit 31: it has unknown members */
    uint32_t at;           /* of its '{' in the text */
    union dc_slot slots[]; /* of the fields that are there, in table order */
};

/* Elements in chunks, packed by kind; in DC_HOLES and lists of records a NULL is null. */
struct dc_list {
    enum dc_kind kind;
    size_t count;
    struct dc_chunk *first, *last;
};

bool dc_has(const struct dc_rec *rec, int field);
bool dc_has_unknown(const struct dc_rec *rec);

/* The slot of a field that is there, else NULL. */
const union dc_slot *dc_slot(const struct dc_rec *rec, int field);

/* Getters. `field` is a DC_AT_* of the record's type and the kind must fit; `rec` may be
   NULL, then everything is absent. */
uint64_t dc_u64(const struct dc_rec *rec, int field); /* DC_BOOL to DC_U64; absent: 0 */
int64_t dc_i64(const struct dc_rec *rec, int field);  /* DC_I32, DC_I64; absent: 0 */
struct dc_str dc_string(const struct dc_rec *rec, int field); /* absent: p is NULL */
const struct dc_rec *dc_record(const struct dc_rec *rec, int field);
const struct dc_list *dc_list_of(const struct dc_rec *rec, int field); /* never NULL */

/* Element `i` < count; walks over the chunks before it. */
uint64_t dc_list_u64(const struct dc_list *list, size_t i); /* DC_U8, DC_U32, DC_U64 */
const struct dc_rec *dc_list_rec(const struct dc_list *list, size_t i); /* NULL: null */

/* One element after the other, in constant time each:
   for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);) walk.value */
struct dc_list_walk {
    union dc_slot value;
    size_t index; /* of value */
    const struct dc_list *list;
    const struct dc_chunk *chunk;
    size_t next, next_in_chunk;
};

struct dc_list_walk dc_list_walk(const struct dc_list *list);
bool dc_list_next(struct dc_list_walk *walk); /* false: there is none left */

/* Whether two lists of numbers hold the same ones: many times faster than a walk. */
bool dc_list_same_numbers(const struct dc_list *a, const struct dc_list *b);

/* Adds an element of list->kind. 0, or -1 where the arena has refused. */
int dc_list_add(struct dc_list *list, struct dc_arena *arena,
                union dc_slot value) DC_MUST_USE;

/* Whether two strings are the same bytes; one that is absent is an empty one. */
bool dc_str_same(struct dc_str a, struct dc_str b);
bool dc_str_is(struct dc_str s, const char *text);

#endif
