/*
 * members: the members of an object of the input, found again and sorted by name.
 *
 * For what has no table: unknown members, which the wire form writes sorted, and free
 * JSON, which the reference writes with sorted names.
 */
#ifndef DUMPCTL_LIB_MEMBERS_H
#define DUMPCTL_LIB_MEMBERS_H

#include "lib/arena.h"
#include "lib/lex.h"
#include "lib/schema.h"

struct dc_members {
    const char *text; /* borrowed: the whole input */
    const char *end;  /* behind the object's '}' */
    struct dc_arena memory;
    uint32_t *at; /* of each name's opening quote, from `text`; sorted by name, equal
                           names in the order of the text */
    size_t count;
};

struct dc_member {
    struct dc_span name;  /* raw */
    struct dc_span value; /* its text */
};

/*
 * Collects the members of the object at object.p, which has been checked and lies inside
 * [text, text + 4 GiB); more may follow it in `object`. `wanted(ctx, name)` chooses (NULL: all). 0, or -1 with `err` set
 * where memory ran out; in both cases dc_members_done() must follow.
 */
int dc_members_collect(struct dc_members *members, struct dc_alloc alloc,
                       const char *text, struct dc_span object,
                       bool (*wanted)(const void *ctx, struct dc_string_token name),
                       const void *ctx, struct dc_error *err) DC_MUST_USE;
/*
 * For `wanted`: the names that the tables do not know, of a record of `type` that was read
 * as `declared`, which differs from it in a tagged union only.
 */
struct dc_known {
    const struct dc_type *type, *declared;
};
bool dc_members_unknown(const void *known, struct dc_string_token name);

void dc_members_done(struct dc_members *members);

struct dc_member dc_members_get(const struct dc_members *members, size_t i);

/* As dc_members_get(), for who walks over the value itself: `lex` stands before it. */
void dc_members_enter(const struct dc_members *members, size_t i, struct dc_span *name,
                      struct dc_lex *lex);

#endif
