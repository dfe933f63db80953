#include "lib/stats_meta.h"

#include <string.h>

/* ---- reading ---- */

struct meta_reader {
    struct dc_lex lex;
    struct dc_arena *arena;
};

static int out_of_memory(struct meta_reader *r) {
    return dc_arena_fail(r->arena, r->lex.err);
}

static void *get(struct meta_reader *r, size_t size) {
    void *p = dc_arena_get(r->arena, size);
    if (p)
        memset(p, 0, size);
    return p;
}

/* The text that a token stands for, in the arena. */
static int keep(struct meta_reader *r, const struct dc_string_token *token,
                struct dc_str *out) {
    char *p = dc_arena_get(r->arena, token->raw.len + 1);
    if (!p)
        return out_of_memory(r);
    *out = (struct dc_str){p, dc_unescape(token->raw, p)};
    return 0;
}

/* A string; anything else is passed over and leaves *out as it is. */
static int read_string(struct meta_reader *r, struct dc_str *out) {
    struct dc_string_token token;
    if (dc_lex_peek(&r->lex) != '"')
        return dc_lex_skip(&r->lex, NULL);
    return dc_lex_string(&r->lex, &token) < 0 ? -1 : keep(r, &token, out);
}

/*
 * Calls member(r, key, ctx) at the value of each member, which it reads. Anything but an
 * object is passed over: 0 then too.
 */
static int each_member(struct meta_reader *r,
                       int (*member)(struct meta_reader *r, struct dc_str key, void *ctx),
                       void *ctx) {
    int more;
    if (dc_lex_peek(&r->lex) != '{')
        return dc_lex_skip(&r->lex, NULL);
    if (dc_lex_open(&r->lex, '{') < 0)
        return -1;
    for (bool first = true; (more = dc_lex_more(&r->lex, '}', first)) > 0;
         first = false) {
        struct dc_string_token token;
        struct dc_str key = {NULL, 0};
        if (dc_lex_key(&r->lex, &token) < 0 || keep(r, &token, &key) < 0 ||
            member(r, key, ctx) < 0)
            return -1;
    }
    return more;
}

/* ---- what stands where ---- */

static int read_user(struct meta_reader *r, struct dc_str key, void *ctx) {
    const struct dc_stats_user ***last = ctx;
    struct dc_stats_user *user = get(r, sizeof(*user));
    if (!user)
        return out_of_memory(r);
    user->name = key;
    **last = user;
    *last = &user->next;
    return read_string(r, &user->value);
}

static int read_users(struct meta_reader *r, const struct dc_stats_user **first) {
    *first = NULL;
    return each_member(r, read_user, &first);
}

static int read_struct_name(struct meta_reader *r, struct dc_str key, void *ctx) {
    struct dc_stats_field *field = ctx;
    if (!dc_str_is(key, "struct"))
        return dc_lex_skip(&r->lex, NULL);
    return read_string(r, &field->of_name);
}

/* "u64" or {"struct": NAME}. */
static int read_datum(struct meta_reader *r, struct dc_stats_field *field) {
    if (dc_lex_peek(&r->lex) == '{')
        return each_member(r, read_struct_name, field);
    return read_string(r, &field->datum);
}

static int read_dict(struct meta_reader *r, struct dc_str key, void *ctx) {
    struct dc_stats_field *field = ctx;
    if (dc_str_is(key, "key"))
        return read_string(r, &field->key);
    return dc_str_is(key, "datum") ? read_datum(r, field) : dc_lex_skip(&r->lex, NULL);
}

static int read_of_field(struct meta_reader *r, struct dc_str key, void *ctx) {
    struct dc_stats_field *field = ctx;
    if (dc_str_is(key, "desc"))
        return read_string(r, &field->desc);
    if (dc_str_is(key, "user"))
        return read_users(r, &field->user);
    if (dc_str_is(key, "datum") || dc_str_is(key, "array")) {
        field->shape = dc_str_is(key, "datum") ? DC_STATS_DATUM : DC_STATS_ARRAY;
        return read_datum(r, field);
    }
    if (dc_str_is(key, "dict")) {
        field->shape = DC_STATS_DICT;
        return each_member(r, read_dict, field);
    }
    return dc_lex_skip(&r->lex, NULL);
}

struct fields {
    struct dc_stats_struct *of;
    const struct dc_stats_field **last;
};

static int read_field(struct meta_reader *r, struct dc_str key, void *ctx) {
    struct fields *fields = ctx;
    struct dc_stats_field *field = get(r, sizeof(*field));
    if (!field)
        return out_of_memory(r);
    field->name = key;
    field->shape = DC_STATS_UNKNOWN;
    *fields->last = field;
    fields->last = &field->next;
    fields->of->n_fields++;
    return each_member(r, read_of_field, field);
}

static int read_of_struct(struct meta_reader *r, struct dc_str key, void *ctx) {
    struct dc_stats_struct *of = ctx;
    if (dc_str_is(key, "desc"))
        return read_string(r, &of->desc);
    if (dc_str_is(key, "user"))
        return read_users(r, &of->user);
    if (dc_str_is(key, "top")) {
        of->top = true; /* whatever its value: the reference asks no more */
        return dc_lex_skip(&r->lex, NULL);
    }
    if (!dc_str_is(key, "fields"))
        return dc_lex_skip(&r->lex, NULL);
    of->fields = NULL;
    of->n_fields = 0;
    struct fields fields = {of, &of->fields};
    return each_member(r, read_field, &fields);
}

struct structs {
    struct dc_stats_meta *meta;
    const struct dc_stats_struct **last;
};

static int read_struct(struct meta_reader *r, struct dc_str key, void *ctx) {
    struct structs *structs = ctx;
    struct dc_stats_struct *of = get(r, sizeof(*of));
    if (!of)
        return out_of_memory(r);
    of->name = key;
    *structs->last = of;
    structs->last = &of->next;
    if (each_member(r, read_of_struct, of) < 0)
        return -1;
    if (of->top && !structs->meta->top)
        structs->meta->top = of;
    return 0;
}

/* Names become structs when all of them are known. */
static void resolve(struct dc_stats_meta *meta) {
    for (const struct dc_stats_struct *of = meta->structs; of; of = of->next) {
        for (const struct dc_stats_field *field = of->fields; field;
             field = field->next) {
            const struct dc_stats_struct *found =
                field->of_name.p ? dc_stats_struct_find(meta, field->of_name) : NULL;
            if (!found)
                continue;
            ((struct dc_stats_field *)field)->of = found; /* nobody else has them yet */
            ((struct dc_stats_struct *)found)->references++;
        }
    }
}

int dc_stats_meta_read(struct dc_stats_meta *meta, const char *text, size_t len,
                       struct dc_alloc alloc, struct dc_error *err) {
    struct meta_reader r = {.arena = &meta->arena};
    struct structs structs = {meta, &meta->structs};
    *meta = (struct dc_stats_meta){.structs = NULL};
    dc_arena_init(&meta->arena, alloc, 0);
    dc_lex_init(&r.lex, text, len, err);
    if (dc_lex_expect(&r.lex, '{', "an object of structs") == 0) {
        dc_lex_init(&r.lex, text, len, err);
        if (each_member(&r, read_struct, &structs) == 0) {
            resolve(meta);
            return 0;
        }
    }
    dc_stats_meta_done(meta);
    return -1;
}

void dc_stats_meta_done(struct dc_stats_meta *meta) {
    dc_arena_done(&meta->arena);
    meta->structs = meta->top = NULL;
}

/* ---- looking ---- */

const struct dc_stats_struct *dc_stats_struct_find(const struct dc_stats_meta *meta,
                                                   struct dc_str name) {
    const struct dc_stats_struct *of = meta->structs;
    while (of && !dc_str_same(of->name, name))
        of = of->next;
    return of;
}

const struct dc_stats_field *dc_stats_field_find(const struct dc_stats_struct *of,
                                                 struct dc_str name) {
    const struct dc_stats_field *field = of ? of->fields : NULL;
    while (field && !dc_str_same(field->name, name))
        field = field->next;
    return field;
}

struct dc_str dc_stats_user_find(const struct dc_stats_user *user, const char *name) {
    for (; user; user = user->next)
        if (dc_str_is(user->name, name))
            return user->value.p ? user->value : (struct dc_str){"", 0};
    return (struct dc_str){NULL, 0};
}

/* ---- words ---- */

static void add_str(struct dc_buf *out, struct dc_str s) {
    dc_buf_add(out, s.p, s.len);
}

void dc_stats_type_words(const struct dc_stats_field *field, struct dc_buf *out) {
    if (field->shape == DC_STATS_UNKNOWN) {
        dc_buf_text(out, "unknown");
        return;
    }
    if (field->shape == DC_STATS_ARRAY)
        dc_buf_text(out, "array of ");
    if (field->shape == DC_STATS_DICT) {
        dc_buf_text(out, "dict of ");
        add_str(out, field->key.p ? field->key : (struct dc_str){"unknown", 7});
        dc_buf_text(out, " to ");
    }
    if (field->of_name.p) {
        dc_buf_text(out, "struct ");
        add_str(out, field->of_name);
    } else {
        add_str(out, field->datum.p ? field->datum : (struct dc_str){"unknown", 7});
    }
}
