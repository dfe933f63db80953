#include "lib/stats_rows.h"

#include "lib/number.h"

#include <stdlib.h>
#include <string.h>

struct rows_reader {
    struct dc_lex lex;
    struct dc_stats_rows *rows;
    const struct dc_stats_meta *meta;
};

static int out_of_memory(struct rows_reader *r) {
    return dc_arena_fail(&r->rows->arena, r->lex.err);
}

/* ---- nodes ---- */

/* FNV-1a: the same steps give the same number; different ones are compared all the same. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t len) {
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ byte[i]) * 0x100000001b3u;
    return hash;
}

static uint64_t hash_step(const struct dc_stats_node *node) {
    uint64_t hash = node->parent ? node->parent->hash : 0xcbf29ce484222325u;
    unsigned char array = node->step == DC_STATS_ELEMENT;
    hash = hash_bytes(hash, &array, 1);
    return array ? hash_bytes(hash, &node->index, sizeof(node->index))
                 : hash_bytes(hash, node->key.p, node->key.len);
}

static struct dc_stats_node *new_node(struct rows_reader *r,
                                      struct dc_stats_node *parent) {
    struct dc_stats_node *node = dc_arena_get(&r->rows->arena, sizeof(*node));
    if (!node)
        return NULL;
    *node = (struct dc_stats_node){.parent = parent};
    node->depth = parent ? parent->depth + 1 : 0;
    return node;
}

/* What is known of a node from the one that it is in. */
static void describe(struct dc_stats_node *node) {
    const struct dc_stats_node *parent = node->parent;
    if (node->step == DC_STATS_MEMBER) {
        node->field = dc_stats_field_find(parent->of, node->key);
        if (node->field && node->field->shape == DC_STATS_DATUM)
            node->of = node->field->of;
    } else {
        /* Of an array in an array nothing is known but the field. */
        bool inside = parent->step == DC_STATS_MEMBER || !parent->parent;
        node->field = parent->field;
        node->of = inside && node->field ? node->field->of : NULL;
    }
    node->hash = hash_step(node);
}

/* Whether the children of an object are keys: meta says that it is a dictionary. */
static bool is_dict(const struct dc_stats_node *node) {
    return node->step == DC_STATS_MEMBER && node->parent && node->field &&
           node->field->shape == DC_STATS_DICT;
}

static bool same_step(const struct dc_stats_node *a, const struct dc_stats_node *b) {
    bool array = a->step == DC_STATS_ELEMENT;
    if (a->hash != b->hash || array != (b->step == DC_STATS_ELEMENT))
        return false;
    return array ? a->index == b->index : dc_str_same(a->key, b->key);
}

static bool same_path(const struct dc_stats_node *a, const struct dc_stats_node *b) {
    while (a->parent && b->parent && same_step(a, b)) {
        a = a->parent;
        b = b->parent;
    }
    return !a->parent && !b->parent;
}

/* ---- rows ---- */

static int add_row(struct rows_reader *r, const struct dc_stats_node *node,
                   enum dc_stats_kind kind, struct dc_str text) {
    struct dc_stats_rows *rows = r->rows;
    if (rows->count == rows->room) {
        size_t room = rows->room ? 2 * rows->room : 64;
        void *p = rows->arena.alloc.resize(rows->arena.alloc.ctx, rows->rows,
                                           room * sizeof(*rows->rows));
        if (!p)
            return dc_fail(r->lex.err, DC_ENOMEM, "out of memory");
        rows->rows = p;
        rows->room = room;
    }
    rows->rows[rows->count++] = (struct dc_stats_row){node, kind, text};
    return 0;
}

static int keep(struct rows_reader *r, struct dc_span span, struct dc_str *out) {
    char *p = dc_arena_get(&r->rows->arena, span.len + 1);
    if (!p)
        return out_of_memory(r);
    memcpy(p, span.p, span.len);
    *out = (struct dc_str){p, span.len};
    return 0;
}

static int keep_string(struct rows_reader *r, const struct dc_string_token *token,
                       struct dc_str *out) {
    char *p = dc_arena_get(&r->rows->arena, token->raw.len + 1);
    if (!p)
        return out_of_memory(r);
    *out = (struct dc_str){p, dc_unescape(token->raw, p)};
    return 0;
}

static int read_string(struct rows_reader *r, const struct dc_stats_node *node) {
    struct dc_string_token token;
    struct dc_str text;
    if (dc_lex_string(&r->lex, &token) < 0 || keep_string(r, &token, &text) < 0)
        return -1;
    return add_row(r, node, DC_STATS_STRING, text);
}

static enum dc_stats_kind kind_of(int first) {
    return first == '"'                   ? DC_STATS_STRING
           : first == 'n'                 ? DC_STATS_NULL
           : first == 't' || first == 'f' ? DC_STATS_TRUTH
                                          : DC_STATS_NUMBER;
}

static int read_scalar(struct rows_reader *r, const struct dc_stats_node *node) {
    struct dc_span span;
    struct dc_str text;
    int first = dc_lex_peek(&r->lex);
    if (first == '"')
        return read_string(r, node);
    if (dc_lex_skip(&r->lex, &span) < 0 || keep(r, span, &text) < 0)
        return -1;
    return add_row(r, node, kind_of(first), text);
}

/* Whether the array or object that stands next has no array and no object in it. */
static bool is_flat(const struct dc_span *span) {
    bool quoted = false;
    for (size_t i = 1; i < span->len; i++) {
        char c = span->p[i];
        if (c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '[' || c == '{'))
            return false;
    }
    return true;
}

/* "1, 2, 3": numbers and words as they came, strings as JSON. */
static int read_list(struct rows_reader *r, const struct dc_stats_node *node) {
    struct dc_buf buf;
    struct dc_span value;
    struct dc_str text;
    int more;
    dc_buf_init(&buf, r->rows->arena.alloc);
    if (dc_lex_open(&r->lex, '[') < 0)
        return -1;
    for (bool first = true; (more = dc_lex_more(&r->lex, ']', first)) > 0;
         first = false) {
        more = dc_lex_skip(&r->lex, &value);
        if (more < 0)
            break;
        dc_buf_text(&buf, first ? "" : ", ");
        dc_buf_add(&buf, value.p, value.len);
    }
    if (more == 0 && !dc_buf_ok(&buf))
        more = dc_fail(r->lex.err, DC_ENOMEM, "out of memory");
    if (more == 0)
        more = keep(r, (struct dc_span){buf.len ? buf.data : "", buf.len}, &text);
    dc_buf_done(&buf);
    return more < 0 ? -1 : add_row(r, node, DC_STATS_LIST, text);
}

static int read_value(struct rows_reader *r, struct dc_stats_node *node);

static int read_elements(struct rows_reader *r, struct dc_stats_node *node) {
    size_t index = 0;
    int more;
    if (dc_lex_open(&r->lex, '[') < 0)
        return -1;
    while ((more = dc_lex_more(&r->lex, ']', index == 0)) > 0) {
        struct dc_stats_node *element = new_node(r, node);
        if (!element)
            return out_of_memory(r);
        element->step = DC_STATS_ELEMENT;
        element->index = index++;
        describe(element);
        if (read_value(r, element) < 0)
            return -1;
    }
    return more;
}

static int read_members(struct rows_reader *r, struct dc_stats_node *node) {
    enum dc_stats_step step = is_dict(node) ? DC_STATS_KEY : DC_STATS_MEMBER;
    int more;
    if (dc_lex_open(&r->lex, '{') < 0)
        return -1;
    for (bool first = true; (more = dc_lex_more(&r->lex, '}', first)) > 0;
         first = false) {
        struct dc_string_token key;
        struct dc_stats_node *member = new_node(r, node);
        if (!member)
            return out_of_memory(r);
        if (dc_lex_key(&r->lex, &key) < 0 || keep_string(r, &key, &member->key) < 0)
            return -1;
        member->step = step;
        describe(member);
        if (read_value(r, member) < 0)
            return -1;
    }
    return more;
}

/* ---- which struct an object is ---- */

/* How many of the members of the object in `span` `of` has; SIZE_MAX: not all of them. */
static size_t count_known(struct dc_span span, const struct dc_stats_struct *of) {
    struct dc_lex lex;
    struct dc_string_token token;
    char name[128];
    size_t count = 0;
    dc_lex_init(&lex, span.p, span.len, NULL);
    if (dc_lex_open(&lex, '{') < 0)
        return SIZE_MAX;
    for (; dc_lex_more(&lex, '}', count == 0) > 0; count++) {
        if (dc_lex_key(&lex, &token) < 0 || token.raw.len > sizeof(name))
            return SIZE_MAX;
        size_t len = dc_unescape(token.raw, name);
        struct dc_str key = {name, len};
        if (count == of->n_fields || !dc_stats_field_find(of, key))
            return SIZE_MAX;
        dc_lex_pass(&lex, NULL);
    }
    return count;
}

/* The struct that has exactly the members of the object; NULL where a second one has, too:
   the description of another thing is worse than none. */
static const struct dc_stats_struct *guess(const struct rows_reader *r,
                                           struct dc_span span) {
    const struct dc_stats_struct *found = NULL;
    const struct dc_stats_struct *of = r->meta ? r->meta->structs : NULL;
    for (; of; of = of->next) {
        if (count_known(span, of) != of->n_fields)
            continue;
        if (found)
            return NULL;
        found = of;
    }
    return found;
}

/* ---- values ---- */

static bool is_known(const struct dc_stats_node *node) {
    return node->of || is_dict(node);
}

static int read_container(struct rows_reader *r, struct dc_stats_node *node) {
    struct dc_lex here = r->lex;
    struct dc_span span;
    if (dc_lex_skip(&r->lex, &span) < 0)
        return -1;
    dc_lex_init(&here, span.p, span.len, NULL);
    bool object = dc_lex_accept(&here, '{');
    if (!object)
        (void)dc_lex_accept(&here, '[');
    if (dc_lex_accept(&here, object ? '}' : ']'))
        return add_row(r, node, DC_STATS_EMPTY,
                       object ? (struct dc_str){"{}", 2} : (struct dc_str){"[]", 2});
    r->lex.pos = span.p; /* back to its beginning: now it is read */
    if (!object)
        return is_flat(&span) ? read_list(r, node) : read_elements(r, node);
    if (!is_known(node) && node->parent)
        node->of = guess(r, span);
    return read_members(r, node);
}

/* As deep as the lexer allows. */
static int read_value(struct rows_reader *r, struct dc_stats_node *node) {
    int next = dc_lex_peek(&r->lex);
    return next == '{' || next == '[' ? read_container(r, node) : read_scalar(r, node);
}

static int read_all(struct rows_reader *r, const char *target) {
    struct dc_stats_node *root = new_node(r, NULL);
    struct dc_span all;
    struct dc_lex whole = r->lex;
    if (!root)
        return out_of_memory(r);
    if (dc_lex_skip(&whole, &all) < 0)
        return -1;
    if (r->meta && (!target || strcmp(target, "top") == 0))
        root->of = r->meta->top;
    if (!root->of && *all.p == '{')
        root->of = guess(r, all);
    root->hash = hash_step(root);
    return read_value(r, root);
}

/* ---- finding ---- */

static int by_hash(const void *a, const void *b) {
    uint64_t one = (*(const struct dc_stats_row *const *)a)->node->hash;
    uint64_t other = (*(const struct dc_stats_row *const *)b)->node->hash;
    return (one > other) - (one < other);
}

static int sort_rows(struct dc_stats_rows *rows, struct dc_error *err) {
    rows->sorted =
        dc_arena_get(&rows->arena, rows->count * sizeof(struct dc_stats_row *));
    if (!rows->sorted)
        return dc_arena_fail(&rows->arena, err);
    for (size_t i = 0; i < rows->count; i++)
        rows->sorted[i] = &rows->rows[i];
    qsort(rows->sorted, rows->count, sizeof(struct dc_stats_row *), by_hash);
    return 0;
}

const struct dc_stats_row *dc_stats_rows_find(const struct dc_stats_rows *rows,
                                              const struct dc_stats_node *node) {
    size_t low = 0, high = rows->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rows->sorted[middle]->node->hash < node->hash)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < rows->count && rows->sorted[low]->node->hash == node->hash; low++)
        if (same_path(rows->sorted[low]->node, node))
            return rows->sorted[low];
    return NULL;
}

int dc_stats_rows_read(struct dc_stats_rows *rows, const char *text, size_t len,
                       const struct dc_stats_meta *meta, const char *target,
                       struct dc_alloc alloc, struct dc_error *err) {
    struct rows_reader r = {.rows = rows, .meta = meta};
    *rows = (struct dc_stats_rows){.rows = NULL};
    dc_arena_init(&rows->arena, alloc, 0);
    dc_lex_init(&r.lex, text, len, err);
    if (read_all(&r, target) == 0 && sort_rows(rows, err) == 0)
        return 0;
    dc_stats_rows_done(rows);
    return -1;
}

void dc_stats_rows_done(struct dc_stats_rows *rows) {
    struct dc_alloc alloc = rows->arena.alloc;
    if (rows->rows)
        alloc.resize(alloc.ctx, rows->rows, 0);
    dc_arena_done(&rows->arena);
    rows->rows = NULL;
    rows->sorted = NULL;
    rows->count = rows->room = 0;
}
