#include "tests/unit/edit_aid.h"

#include "tests/unit/schema_aid.h"

#include <string.h>

static size_t below(struct edit_aid *e, size_t n) {
    return aid_below(&e->random, n);
}

/* ---- values ---- */

static struct tree *parsed(struct edit_aid *e, struct dc_buf *text) {
    size_t len = text->len;
    struct tree *tree = tree_parse(e->arena, tree_keep(e->arena, text), len);
    dc_buf_done(text);
    return tree;
}

static struct tree *scalar(struct edit_aid *e, const char *text) {
    return tree_parse(e->arena, text, strlen(text));
}

/* All that the kind can hold; reals that Python spells otherwise only where dumpctl writes
   them anew. */
static struct tree *number(struct edit_aid *e, enum dc_kind kind, bool unknown) {
    static const char *const reals[] = {"1.5",  "-0.0", "0.1",      "123456789.25",
                                        "2e10", "0",    "-3.25e+2", "1E-7"};
    struct dc_buf text;
    size_t shift = below(e, 64);
    uint64_t value = aid_random(&e->random) >> shift;
    bool minus = (kind == DC_I32 || kind == DC_I64) && below(e, 2);
    if (kind == DC_F64 || (kind == DC_ANY && below(e, 2)))
        return scalar(e, reals[below(e, unknown ? 4 : 8)]);
    value &= kind == DC_U8    ? UINT8_MAX
             : kind == DC_U32 ? UINT32_MAX
             : kind == DC_I32 ? INT32_MAX
             : kind == DC_I64 ? INT64_MAX
                              : UINT64_MAX;
    dc_buf_init(&text, dc_alloc_libc);
    aid_put(&text, "%s%llu", minus && value ? "-" : "", (unsigned long long)value);
    return parsed(e, &text);
}

static struct tree *string(struct edit_aid *e) {
    struct dc_buf text;
    static const char *const ends[] = {"", "\xc3\xa9", "\\n~/", "\\u0000",
                                       "\\ud83d\\ude00"};
    dc_buf_init(&text, dc_alloc_libc);
    size_t n = below(e, 1000000);
    aid_put(&text, "\"%zu%s\"", n, ends[below(e, 5)]);
    return parsed(e, &text);
}

/* The shortest element of a list, or value of a field. */
static struct tree *least(struct edit_aid *e, const struct dc_field *field) {
    struct dc_field one = *field;
    struct dc_buf text;
    one.shape = DC_ONE;
    dc_buf_init(&text, dc_alloc_libc);
    aid_put_least(&text, &one);
    return parsed(e, &text);
}

static struct tree *element(struct edit_aid *e, const struct dc_field *field) {
    if (field->kind == DC_RECORD && field->type->choices && !field->type->tag)
        return least(e, field);
    if (field->kind == DC_RECORD && field->type->choices) {
        struct dc_buf text;
        dc_buf_init(&text, dc_alloc_libc);
        aid_put_record(&text, field->type,
                       field->type->choices[below(e, field->type->n_choices)]);
        return parsed(e, &text);
    }
    if (field->kind == DC_RECORD || field->kind == DC_BOOL)
        return least(e, field);
    return field->kind == DC_STRING ? string(e) : number(e, field->kind, false);
}

/* ---- choosing ---- */

/* A value at random of those that are wanted, or NULL. */
static struct tree *pick(struct edit_aid *e, bool (*wanted)(const struct tree *)) {
    size_t n = tree_size(e->root), from = below(e, n);
    for (size_t i = 0; i < n; i++) {
        struct tree *tree = tree_at(e->root, (from + i) % n);
        if (wanted(tree))
            return tree;
    }
    return NULL;
}

static bool is_number(const struct tree *tree) {
    return (tree->field || tree->unknown) && tree_begins(tree, "-0123456789");
}

static bool is_string(const struct tree *tree) {
    bool tag = tree->field && tree->field->rule == DC_TAG;
    return !tag && (tree->field || tree->unknown) && tree_begins(tree, "\"");
}

static bool is_bool(const struct tree *tree) {
    return tree_begins(tree, "tf");
}

static bool is_object(const struct tree *tree) {
    return tree->kind == TREE_OBJECT && tree->count > 0;
}

static bool is_record(const struct tree *tree) {
    return tree->kind == TREE_OBJECT && tree->type;
}

static bool is_list(const struct tree *tree) {
    return tree->kind == TREE_ARRAY && tree->field && tree->field->shape != DC_ONE &&
           tree->field->shape != DC_LIST_OF_10;
}

static bool is_full_list(const struct tree *tree) {
    return is_list(tree) && tree->count > 0;
}

static bool is_list_with_holes(const struct tree *tree) {
    return is_full_list(tree) && tree->field->shape == DC_HOLES;
}

static bool is_rendered(const struct tree *tree) {
    return tree->declared == &dc_type_RV && tree->type;
}

static bool is_real(const struct tree *tree) {
    return tree->field && tree->field->kind == DC_F64 && tree->kind == TREE_SCALAR &&
           memchr(tree->text.p, '.', tree->text.len) &&
           !memchr(tree->text.p, 'e', tree->text.len) &&
           !memchr(tree->text.p, 'E', tree->text.len);
}

/* ---- changes; false: there was nothing to change ---- */

static bool change_number(struct edit_aid *e) {
    struct tree *tree = pick(e, is_number);
    if (!tree)
        return false;
    bool real = memchr(tree->text.p, '.', tree->text.len) != NULL;
    enum dc_kind kind = tree->field ? tree->field->kind : real ? DC_F64 : DC_U64;
    tree->text = number(e, kind, tree->unknown)->text;
    return true;
}

static bool change_string(struct edit_aid *e) {
    struct tree *tree = pick(e, is_string);
    if (tree)
        tree->text = string(e)->text;
    return tree != NULL;
}

static bool change_bool(struct edit_aid *e) {
    struct tree *tree = pick(e, is_bool);
    if (tree)
        tree->text = scalar(e, tree_begins(tree, "t") ? "false" : "true")->text;
    return tree != NULL;
}

static bool remove_member(struct edit_aid *e) {
    struct tree *tree = pick(e, is_object);
    if (tree)
        tree_remove(tree, below(e, tree->count));
    return tree != NULL;
}

static bool unset_member(struct edit_aid *e) {
    struct tree *tree = pick(e, is_object);
    if (tree)
        tree->items[below(e, tree->count)].value = scalar(e, "null");
    return tree != NULL;
}

/* A field that the record does not name yet. */
static const struct dc_field *missing(struct edit_aid *e, const struct tree *tree) {
    size_t n = tree->type->n_fields, from = n ? below(e, n) : 0;
    for (size_t i = 0; i < n; i++) {
        const struct dc_field *field = &tree->type->fields[(from + i) % n];
        if (tree_find(tree, field->name) == tree->count)
            return field;
    }
    return NULL;
}

static bool add_member(struct edit_aid *e) {
    struct tree *tree = pick(e, is_record);
    const struct dc_field *field = tree ? missing(e, tree) : NULL;
    if (!field)
        return false;
    struct tree *value = field->shape == DC_ONE ? element(e, field) : scalar(e, "[]");
    for (size_t i = below(e, 4); field->shape != DC_ONE && i > 0; i--)
        tree_insert(e->arena, value, 0, NULL, element(e, field));
    tree_insert(e->arena, tree, below(e, tree->count + 1), field->name, value);
    return true;
}

static bool add_unknown(struct edit_aid *e) {
    static const char *const names[] = {"~/x", "zz", "",         "0",
                                        "~1",  "-",  "\xc3\xa9", "\\u0000a/"};
    static const char *const values[] = {"null", "{}", "[1,{\"b\":1,\"a\":[]}]",
                                         "18446744073709551615", "\"\\u0041\""};
    struct tree *tree = pick(e, is_record);
    const char *name = names[below(e, 8)];
    if (!tree || tree_find(tree, name) < tree->count)
        return false;
    const char *value = values[below(e, 5)];
    tree_insert(e->arena, tree, below(e, tree->count + 1), name, scalar(e, value));
    return true;
}

/* A copy of an element or a new one, mostly with a key that no other has. */
static struct tree *another(struct edit_aid *e, const struct tree *list) {
    const struct dc_type *type =
        list->field->kind == DC_RECORD ? list->field->type : NULL;
    const struct tree *old = list->count > 0 && below(e, 4)
                                 ? list->items[below(e, list->count)].value
                                 : element(e, list->field);
    struct tree *copy = tree_copy(e->arena, old);
    size_t at = type && type->key && copy->kind == TREE_OBJECT && below(e, 8)
                    ? tree_find(copy, type->key)
                    : copy->count;
    if (at < copy->count) {
        int key = dc_schema_find(type, type->key, strlen(type->key), 0);
        struct tree *value = element(e, &type->fields[key]);
        copy->items[at].value = value;
    } else if (copy->kind == TREE_SCALAR && is_number(old)) {
        copy->text = number(e, list->field->kind, false)->text;
    }
    return copy;
}

static bool insert_element(struct edit_aid *e) {
    struct tree *list = pick(e, is_list);
    if (!list)
        return false;
    struct tree *value = another(e, list);
    tree_insert(e->arena, list, below(e, list->count + 1), NULL, value);
    return true;
}

static bool grow_list(struct edit_aid *e) {
    struct tree *list = pick(e, is_list);
    size_t n = list && list->field->kind != DC_RECORD ? below(e, 100) : 1 + below(e, 8);
    for (size_t i = 0; list && i < n; i++)
        tree_insert(e->arena, list, list->count, NULL, another(e, list));
    return list != NULL;
}

static bool repeat_element(struct edit_aid *e) {
    struct tree *list = pick(e, is_full_list);
    if (!list)
        return false;
    struct tree *value = list->items[below(e, list->count)].value;
    tree_insert(e->arena, list, below(e, list->count + 1), NULL,
                tree_copy(e->arena, value));
    return true;
}

static bool remove_element(struct edit_aid *e) {
    struct tree *list = pick(e, is_full_list);
    if (list)
        tree_remove(list, below(e, list->count));
    return list != NULL;
}

static bool empty_list(struct edit_aid *e) {
    struct tree *list = pick(e, is_full_list);
    for (size_t left = list ? below(e, list->count) : 0; list && list->count > left;)
        tree_remove(list, below(e, list->count));
    return list != NULL;
}

static void swap_items(struct tree *tree, size_t i, size_t k) {
    struct tree_item item = tree->items[i];
    tree->items[i] = tree->items[k];
    tree->items[k] = item;
}

static void shuffle(struct edit_aid *e, struct tree *tree) {
    for (size_t i = tree->count; i > 1; i--)
        swap_items(tree, i - 1, below(e, i));
}

/* All of them, or one. */
static bool move_elements(struct edit_aid *e) {
    struct tree *list = pick(e, is_full_list);
    if (list && below(e, 2)) {
        shuffle(e, list);
    } else if (list) {
        size_t at = below(e, list->count);
        struct tree *moved = list->items[at].value;
        tree_remove(list, at);
        tree_insert(e->arena, list, below(e, list->count + 1), NULL, moved);
    }
    return list != NULL;
}

static bool change_hole(struct edit_aid *e) {
    struct tree *list = pick(e, is_list_with_holes);
    if (!list)
        return false;
    struct tree_item *item = &list->items[below(e, list->count)];
    bool hole = tree_begins(item->value, "n");
    item->value = hole ? element(e, list->field) : scalar(e, "null");
    return true;
}

static bool change_kind(struct edit_aid *e) {
    struct tree *tree = pick(e, is_rendered);
    if (!tree)
        return false;
    static const struct dc_field field = {.kind = DC_RECORD, .type = &dc_type_RV};
    *tree = *element(e, &field);
    return true;
}

/* ---- telling the same in another way ---- */

static bool reorder_members(struct edit_aid *e) {
    struct tree *tree = pick(e, is_record);
    if (tree)
        shuffle(e, tree);
    return tree != NULL;
}

static bool write_default(struct edit_aid *e) {
    struct tree *tree = pick(e, is_record);
    const struct dc_field *field = tree ? missing(e, tree) : NULL;
    struct tree *value;
    if (!field)
        return false;
    if (field->rule == DC_OPTIONAL || field->rule == DC_NULLED || field->rule == DC_LAST)
        value = scalar(e, "null");
    else if (field->rule == DC_DEFAULTED || field->rule == DC_WRITTEN)
        value = field->shape != DC_ONE   ? scalar(e, "[]")
                : field->kind == DC_BOOL ? scalar(e, "false")
                                         : least(e, field);
    else
        return false;
    tree_insert(e->arena, tree, below(e, tree->count + 1), field->name, value);
    return true;
}

static bool is_unneeded(const struct tree_item *item) {
    const struct dc_field *field = item->value->field;
    if (!field)
        return false;
    if (field->rule == DC_OPTIONAL || field->rule == DC_NULLED || field->rule == DC_LAST)
        return tree_begins(item->value, "n");
    if (field->rule != DC_DEFAULTED && field->rule != DC_WRITTEN)
        return false;
    return item->value->kind == TREE_ARRAY ? item->value->count == 0
                                           : dc_str_is(item->value->text, "0") ||
                                                 dc_str_is(item->value->text, "false");
}

static bool omit_default(struct edit_aid *e) {
    struct tree *tree = pick(e, is_record);
    for (size_t i = 0; tree && i < tree->count; i++) {
        if (is_unneeded(&tree->items[i])) {
            tree_remove(tree, i);
            return true;
        }
    }
    return false;
}

/* The first character as an escape. */
static bool escape_string(struct edit_aid *e) {
    struct tree *tree = pick(e, is_string);
    struct dc_buf text;
    if (!tree || tree->text.len < 3 || tree->text.p[1] == '\\' || tree->text.p[1] & 0x80)
        return false;
    dc_buf_init(&text, dc_alloc_libc);
    aid_put(&text, "\"\\u%04x", (unsigned)tree->text.p[1]);
    dc_buf_add(&text, tree->text.p + 2, tree->text.len - 2);
    tree->text = parsed(e, &text)->text;
    return true;
}

static bool lengthen_real(struct edit_aid *e) {
    struct tree *tree = pick(e, is_real);
    struct dc_buf text;
    if (!tree)
        return false;
    dc_buf_init(&text, dc_alloc_libc);
    dc_buf_add(&text, tree->text.p, tree->text.len);
    dc_buf_text(&text, "0");
    tree->text = parsed(e, &text)->text;
    return true;
}

static void respell_reals(struct edit_aid *e) {
    for (size_t i = 0, n = tree_size(e->root); i < n; i++) {
        struct tree *tree = tree_at(e->root, i);
        bool real = tree_begins(tree, "-0123456789") &&
                    (memchr(tree->text.p, '.', tree->text.len) ||
                     memchr(tree->text.p, 'e', tree->text.len) ||
                     memchr(tree->text.p, 'E', tree->text.len));
        if (tree->unknown && real)
            tree->text = number(e, DC_F64, true)->text;
    }
}

/* ---- which of them ---- */

typedef bool edit(struct edit_aid *e);

static edit *const changes[] = {
    change_number, change_number,  change_number,  change_string,  change_string,
    change_bool,   remove_member,  unset_member,   add_member,     add_member,
    add_member,    add_unknown,    insert_element, insert_element, repeat_element,
    grow_list,     remove_element, remove_element, empty_list,     move_elements,
    move_elements, change_hole,    change_hole,    change_kind,
};
static edit *const ways_to_tell[] = {reorder_members, reorder_members, write_default,
                                     write_default,   omit_default,    escape_string,
                                     lengthen_real};
static edit *const ways_to_begin[] = {grow_list,      grow_list,  change_number,
                                      insert_element, add_member, add_unknown};

static void apply(struct edit_aid *e, edit *const *edits, size_t n_edits, size_t n) {
    for (size_t tries = 0; n > 0 && tries < 100; tries++) {
        tree_type(e->root, e->declared);
        n -= edits[below(e, n_edits)](e);
    }
    tree_type(e->root, e->declared);
}

void edit_begin(struct edit_aid *e, size_t n) {
    apply(e, ways_to_begin, sizeof(ways_to_begin) / sizeof(*ways_to_begin), n);
    respell_reals(e);
}

void edit_change(struct edit_aid *e, size_t n) {
    apply(e, changes, sizeof(changes) / sizeof(*changes), n);
}

void edit_tell_anew(struct edit_aid *e, size_t n) {
    apply(e, ways_to_tell, sizeof(ways_to_tell) / sizeof(*ways_to_tell), n);
}
