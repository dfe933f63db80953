#include "tests/unit/tree_aid.h"

#include "lib/lex.h"
#include "tests/unit/unit.h"

#include <string.h>

static void *get(struct dc_arena *arena, size_t size) {
    void *p = dc_arena_get(arena, size);
    if (!p)
        exit(2);
    return p;
}

static struct tree *new_tree(struct dc_arena *arena, enum tree_kind kind) {
    struct tree *tree = get(arena, sizeof(*tree));
    *tree = (struct tree){.kind = kind};
    return tree;
}

void tree_insert(struct dc_arena *arena, struct tree *tree, size_t at, const char *name,
                 struct tree *value) {
    struct dc_str text = {name, name ? strlen(name) : 0};
    if (tree->count == tree->room) {
        size_t room = tree->room ? 2 * tree->room : 4;
        struct tree_item *items = get(arena, room * sizeof(*items));
        if (tree->count > 0)
            memcpy(items, tree->items, tree->count * sizeof(*items));
        tree->items = items;
        tree->room = room;
    }
    memmove(tree->items + at + 1, tree->items + at,
            (tree->count - at) * sizeof(*tree->items));
    tree->items[at] = (struct tree_item){text, value};
    tree->count++;
}

void tree_remove(struct tree *tree, size_t at) {
    tree->count--;
    memmove(tree->items + at, tree->items + at + 1,
            (tree->count - at) * sizeof(*tree->items));
}

size_t tree_find(const struct tree *tree, const char *name) {
    size_t i = 0;
    while (i < tree->count && !dc_str_is(tree->items[i].name, name))
        i++;
    return i;
}

bool tree_begins(const struct tree *tree, const char *first) {
    return tree->kind == TREE_SCALAR && memchr(first, tree->text.p[0], strlen(first));
}

/* ---- text ---- */

const char *tree_keep(struct dc_arena *arena, const struct dc_buf *text) {
    char *copy = get(arena, text->len);
    if (text->len > 0)
        memcpy(copy, text->data, text->len);
    return copy;
}

static struct tree *parse(struct dc_arena *arena, struct dc_lex *lex) {
    int c = dc_lex_peek(lex);
    if (c != '{' && c != '[') {
        struct tree *scalar = new_tree(arena, TREE_SCALAR);
        struct dc_span span;
        dc_lex_pass(lex, &span);
        scalar->text = (struct dc_str){span.p, span.len};
        return scalar;
    }
    struct tree *tree = new_tree(arena, c == '{' ? TREE_OBJECT : TREE_ARRAY);
    if (dc_lex_open(lex, (char)c) < 0)
        return tree;
    while (dc_lex_more(lex, c == '{' ? '}' : ']', tree->count == 0) > 0) {
        struct dc_string_token key = {{NULL, 0}, false};
        if (c == '{' && dc_lex_key(lex, &key) < 0)
            break;
        tree_insert(arena, tree, tree->count, NULL, parse(arena, lex));
        tree->items[tree->count - 1].name = (struct dc_str){key.raw.p, key.raw.len};
    }
    return tree;
}

struct tree *tree_parse(struct dc_arena *arena, const char *text, size_t len) {
    struct dc_error err;
    struct dc_lex lex;
    dc_lex_init(&lex, text, len, &err);
    return parse(arena, &lex);
}

struct tree *tree_copy(struct dc_arena *arena, const struct tree *tree) {
    struct tree *copy = new_tree(arena, tree->kind);
    *copy = *tree;
    copy->items = NULL;
    copy->count = copy->room = 0;
    for (size_t i = 0; i < tree->count; i++) {
        tree_insert(arena, copy, i, NULL, tree_copy(arena, tree->items[i].value));
        copy->items[i].name = tree->items[i].name;
    }
    return copy;
}

static void space(struct dc_buf *out, struct aid_random *spaces) {
    static const char *const some[] = {" ", "\n ", "\t", "\r\n", "  "};
    if (spaces && aid_below(spaces, 6) == 0)
        dc_buf_text(out, some[aid_below(spaces, 5)]);
}

void tree_write(struct dc_buf *out, const struct tree *tree, struct aid_random *spaces) {
    if (tree->kind == TREE_SCALAR) {
        dc_buf_add(out, tree->text.p, tree->text.len);
        return;
    }
    dc_buf_text(out, tree->kind == TREE_OBJECT ? "{" : "[");
    for (size_t i = 0; i < tree->count; i++) {
        dc_buf_text(out, i ? "," : "");
        space(out, spaces);
        if (tree->kind == TREE_OBJECT) {
            dc_buf_text(out, "\"");
            dc_buf_add(out, tree->items[i].name.p, tree->items[i].name.len);
            dc_buf_text(out, "\"");
            space(out, spaces);
            dc_buf_text(out, ":");
            space(out, spaces);
        }
        tree_write(out, tree->items[i].value, spaces);
        space(out, spaces);
    }
    dc_buf_text(out, tree->kind == TREE_OBJECT ? "}" : "]");
}

/* ---- what the tables say ---- */

static void type_record(struct tree *tree, const struct dc_type *declared);

static void type_unknown(struct tree *tree) {
    tree->type = tree->declared = NULL;
    tree->field = NULL;
    tree->unknown = true;
    for (size_t i = 0; i < tree->count; i++)
        type_unknown(tree->items[i].value);
}

static void type_field(struct tree *tree, const struct dc_field *field) {
    tree->field = field;
    tree->type = tree->declared = NULL;
    tree->unknown = false;
    if (field->kind == DC_RECORD && tree->kind != TREE_ARRAY)
        type_record(tree, field->type);
    else if (tree->kind == TREE_ARRAY && field->shape != DC_ONE)
        for (size_t i = 0; i < tree->count; i++)
            type_field(tree->items[i].value, field);
}

static const struct dc_type *choose(const struct tree *tree,
                                    const struct dc_type *declared) {
    size_t at = tree_find(tree, declared->tag);
    if (at == tree->count || !tree_begins(tree->items[at].value, "\""))
        return NULL;
    struct dc_str text = tree->items[at].value->text;
    return dc_schema_choice_raw(declared, (struct dc_span){text.p + 1, text.len - 2});
}

static void type_members(struct tree *tree) {
    for (size_t i = 0; i < tree->count; i++) {
        struct dc_span name = {tree->items[i].name.p, tree->items[i].name.len};
        int field = dc_schema_find_raw(tree->type, name, i);
        if (tree->declared->tag && dc_str_is(tree->items[i].name, tree->declared->tag))
            tree->items[i].value->field = NULL;
        else if (field < 0)
            type_unknown(tree->items[i].value);
        else
            type_field(tree->items[i].value, &tree->type->fields[field]);
    }
}

static void type_record(struct tree *tree, const struct dc_type *declared) {
    bool named = declared->choices && !declared->tag;
    tree->declared = declared;
    if (tree->kind != TREE_OBJECT)
        return;
    if (named && tree->count == 1) {
        struct dc_span name = {tree->items[0].name.p, tree->items[0].name.len};
        const struct dc_type *choice = dc_schema_choice_raw(declared, name);
        if (choice && choice->n_fields > 0)
            type_record(tree->items[0].value, choice);
        return;
    }
    tree->type = declared->tag ? choose(tree, declared) : declared;
    if (tree->type)
        type_members(tree);
}

void tree_type(struct tree *root, const struct dc_type *declared) {
    root->field = NULL;
    root->type = NULL;
    type_record(root, declared);
}

/* ---- all values ---- */

size_t tree_size(const struct tree *tree) {
    size_t n = 1;
    for (size_t i = 0; i < tree->count; i++)
        n += tree_size(tree->items[i].value);
    return n;
}

static struct tree *find(struct tree *tree, size_t *i) {
    if (*i == 0)
        return tree;
    --*i;
    for (size_t k = 0; k < tree->count; k++) {
        struct tree *found = find(tree->items[k].value, i);
        if (found)
            return found;
    }
    return NULL;
}

struct tree *tree_at(struct tree *tree, size_t i) {
    return find(tree, &i);
}
