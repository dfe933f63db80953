#include "lib/members.h"

#include "lib/doc.h"

#include <stdlib.h>
#include <string.h>

/* The inside of the string at `at`. */
static struct dc_span name_at(const struct dc_members *members, uint32_t at) {
    struct dc_lex lex;
    struct dc_span name;
    const char *p = members->text + at;
    dc_lex_init(&lex, p, (size_t)(members->end - p), NULL);
    dc_lex_pass(&lex, &name);
    return (struct dc_span){name.p + 1, name.len - 2};
}

static int compare(const void *a, const void *b, void *ctx) {
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
    int order = dc_compare_raw(name_at(ctx, one), name_at(ctx, other));
    return order ? order : (one > other) - (one < other);
}

static int collect(struct dc_members *members, struct dc_lex *lex, struct dc_list *list,
                   bool (*wanted)(const void *ctx, struct dc_string_token name),
                   const void *ctx) {
    struct dc_string_token key;
    int more = dc_lex_open(lex, '{');
    for (bool first = true; more >= 0; first = false) {
        more = dc_lex_more(lex, '}', first);
        if (more <= 0 || dc_lex_key(lex, &key) < 0)
            break;
        union dc_slot at = {.u = (uint64_t)(key.raw.p - 1 - members->text)};
        if ((!wanted || wanted(ctx, key)) && dc_list_add(list, &members->memory, at) < 0)
            return -1;
        dc_lex_pass(lex, NULL);
    }
    return 0;
}

int dc_members_collect(struct dc_members *members, struct dc_alloc alloc,
                       const char *text, struct dc_span object,
                       bool (*wanted)(const void *ctx, struct dc_string_token name),
                       const void *ctx, struct dc_error *err) {
    struct dc_list list = {.kind = DC_U32};
    struct dc_lex lex;
    *members = (struct dc_members){.text = text, .end = object.p + object.len};
    dc_arena_init(&members->memory, alloc, 0);
    dc_lex_init(&lex, object.p, object.len, NULL);
    if (collect(members, &lex, &list, wanted, ctx) < 0)
        return dc_arena_fail(&members->memory, err);
    members->end = lex.pos;
    if (list.count == 0)
        return 0;
    members->at = dc_arena_get(&members->memory, list.count * sizeof(*members->at));
    if (!members->at)
        return dc_arena_fail(&members->memory, err);
    members->count = list.count;
    for (struct dc_list_walk walk = dc_list_walk(&list); dc_list_next(&walk);)
        members->at[walk.index] = (uint32_t)walk.value.u;
    qsort_r(members->at, members->count, sizeof(*members->at), compare, members);
    return 0;
}

void dc_members_done(struct dc_members *members) {
    dc_arena_done(&members->memory);
}

void dc_members_enter(const struct dc_members *members, size_t i, struct dc_span *name,
                      struct dc_lex *lex) {
    struct dc_string_token key = {{NULL, 0}, false};
    const char *p = members->text + members->at[i];
    dc_lex_init(lex, p, (size_t)(members->end - p), NULL);
    *name = dc_lex_key(lex, &key) == 0 ? key.raw : (struct dc_span){p, 0};
}

struct dc_member dc_members_get(const struct dc_members *members, size_t i) {
    struct dc_member member = {{NULL, 0}, {NULL, 0}};
    struct dc_lex lex;
    dc_members_enter(members, i, &member.name, &lex);
    dc_lex_pass(&lex, &member.value);
    return member;
}

bool dc_members_unknown(const void *ctx, struct dc_string_token name) {
    const struct dc_known *known = ctx;
    const char *tag = known->declared->tag;
    if (tag && dc_compare_raw(name.raw, (struct dc_span){tag, strlen(tag)}) == 0)
        return false;
    return dc_schema_find_raw(known->type, name.raw, 0) < 0;
}
