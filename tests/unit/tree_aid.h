/*
 * tree_aid: JSON as a tree that can be changed and written again, with what the tables
 * say of each value, for tests that make documents from documents.
 */
#ifndef TESTS_TREE_AID_H
#define TESTS_TREE_AID_H

#include "lib/doc.h"
#include "tests/unit/lib_aid.h"

enum tree_kind { TREE_OBJECT, TREE_ARRAY, TREE_SCALAR };

struct tree_item {
    struct dc_str name; /* of a member: raw, without the quotes */
    struct tree *value;
};

struct tree {
    enum tree_kind kind;
    struct dc_str text; /* of a scalar: as it stands in JSON */
    struct tree_item *items;
    size_t count, room;
    /* Set by tree_type(). */
    const struct dc_type *type;     /* of a record, of a union the choice; NULL: none */
    const struct dc_type *declared; /* the union, or type */
    const struct dc_field *field;   /* whose value this is, or an element of it */
    bool unknown;                   /* inside an unknown member */
};

/* All trees live in the arena and are freed with it; it must not run out. */

/* A copy of the text, without a NUL. */
const char *tree_keep(struct dc_arena *arena, const struct dc_buf *text);

/* A tree of text that is JSON. The text is borrowed. */
struct tree *tree_parse(struct dc_arena *arena, const char *text, size_t len);
struct tree *tree_copy(struct dc_arena *arena, const struct tree *tree);

/* Says of each value what it is, in a document that was read as `declared`. */
void tree_type(struct tree *root, const struct dc_type *declared);

/* `name` (NULL for an element) is borrowed. */
void tree_insert(struct dc_arena *arena, struct tree *tree, size_t at, const char *name,
                 struct tree *value);
void tree_remove(struct tree *tree, size_t at);

/* The place of a member by its raw name; tree->count where there is none. */
size_t tree_find(const struct tree *tree, const char *name);

/* Whether it is a scalar that begins with one of `first`. */
bool tree_begins(const struct tree *tree, const char *first);

/* Appends; with white space at random places where `spaces` is not NULL. */
void tree_write(struct dc_buf *out, const struct tree *tree, struct aid_random *spaces);

/* How many values are in the tree, itself too, and the one with the number `i`. */
size_t tree_size(const struct tree *tree);
struct tree *tree_at(struct tree *tree, size_t i);

#endif
