#include "lib/compare_private.h"

#include <string.h>

bool dc_diff_variants_differ(const struct dc_compare *c) {
    return c->diff->a->variant != c->diff->b->variant;
}

/* ---- values ---- */

struct dc_diff_value dc_diff_text(struct dc_str s) {
    return (struct dc_diff_value){.kind = s.p ? DC_DIFF_TEXT : DC_DIFF_NONE, .text = s};
}

struct dc_diff_value dc_diff_word(const char *word) {
    return dc_diff_text((struct dc_str){word, strlen(word)});
}

struct dc_diff_value dc_diff_number(int kind, uint64_t number) {
    return (struct dc_diff_value){.kind = kind, .number = number};
}

static struct dc_diff_value unsigned_value(const struct dc_field *field, uint64_t value) {
    bool hex = field->unit == DC_ADDRESS || field->unit == DC_BITMAP;
    return dc_diff_number(hex ? DC_DIFF_HEX : DC_DIFF_NUMBER, value);
}

/* What stands for a value that is not there: a default, or nothing. */
static struct dc_diff_value absent_value(const struct dc_field *field) {
    struct dc_diff_value none = {.kind = DC_DIFF_NONE};
    if (field->shape != DC_ONE)
        return dc_diff_number(DC_DIFF_ELEMENTS, 0);
    if (field->rule != DC_DEFAULTED && field->rule != DC_WRITTEN)
        return none;
    switch (field->kind) {
    case DC_BOOL:
        return dc_diff_number(DC_DIFF_TRUTH, 0);
    case DC_U8:
    case DC_U32:
    case DC_U64:
        return unsigned_value(field, 0);
    case DC_I32:
    case DC_I64:
        return (struct dc_diff_value){.kind = DC_DIFF_SIGNED, .integer = 0};
    case DC_STRING:
        return dc_diff_word("");
    default:
        return none;
    }
}

struct dc_diff_value dc_diff_value_of(const struct dc_field *field,
                                      const union dc_slot *slot) {
    if (!slot)
        return absent_value(field);
    if (field->shape != DC_ONE)
        return dc_diff_number(DC_DIFF_ELEMENTS, slot->list->count);
    switch (field->kind) {
    case DC_BOOL:
        return dc_diff_number(DC_DIFF_TRUTH, slot->u);
    case DC_I32:
    case DC_I64:
        return (struct dc_diff_value){.kind = DC_DIFF_SIGNED, .integer = slot->i};
    case DC_F64:
        return (struct dc_diff_value){.kind = DC_DIFF_REAL, .real = slot->f};
    case DC_STRING:
        return dc_diff_text(*slot->str);
    case DC_ANY:
        return dc_diff_text(*slot->any);
    case DC_RECORD:
        return dc_diff_number(DC_DIFF_OBJECT, 0);
    default:
        return unsigned_value(field, slot->u);
    }
}

/* An exit kind in a field is a plain number, in the model it has a name. */
bool dc_diff_equal(struct dc_diff_value a, struct dc_diff_value b) {
    if (a.kind == DC_DIFF_KIND)
        a.kind = DC_DIFF_NUMBER;
    if (b.kind == DC_DIFF_KIND)
        b.kind = DC_DIFF_NUMBER;
    if (a.kind != b.kind)
        return false;
    if (a.kind == DC_DIFF_TEXT)
        return a.text.len == b.text.len &&
               (a.text.len == 0 || memcmp(a.text.p, b.text.p, a.text.len) == 0);
    return a.kind == DC_DIFF_NONE || a.number == b.number;
}

/* ---- rows ---- */

struct dc_diff_row *dc_diff_add(struct dc_compare *c, enum dc_diff_class class,
                                const char *what) {
    struct dc_diff *diff = c->diff;
    struct dc_alloc alloc = diff->options.alloc;
    if (diff->n_rows == diff->room) {
        size_t room = diff->room ? 2 * diff->room : 16;
        void *p = alloc.resize(alloc.ctx, diff->rows, room * sizeof(*diff->rows));
        if (!p) {
            c->failed = true;
            return &c->spare;
        }
        diff->rows = p;
        diff->room = room;
    }
    struct dc_diff_row *row = &diff->rows[diff->n_rows++];
    *row = (struct dc_diff_row){.class = class, .what = what, .snapshot = c->snapshot};
    return row;
}

struct dc_diff_row *dc_diff_add_values(struct dc_compare *c, enum dc_diff_class class,
                                       const char *what, struct dc_diff_value a,
                                       struct dc_diff_value b) {
    struct dc_diff_row *row = dc_diff_add(c, class, what);
    row->a = a;
    row->b = b;
    return row;
}

const char *dc_diff_join(struct dc_compare *c, const char *path, const char *name) {
    if (!path)
        return name;
    size_t n = strlen(path), len = n + 1 + strlen(name);
    char *p = dc_arena_get(&c->diff->arena, len + 1);
    if (!p) {
        c->failed = true;
        return name;
    }
    memcpy(p, path, n);
    p[n] = '.';
    memcpy(p + n + 1, name, len - n);
    return p;
}
