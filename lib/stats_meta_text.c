/* What a scheduler says about its statistics, for a person. A part of stats_table. */
#include "lib/stats_table.h"

#include "lib/escape.h"

enum { GAP = 2, INDENT = 2, MOST_NAME = 28, MOST_TYPE = 32, LEAST_DESCRIPTION = 20 };

struct columns {
    unsigned type, description;
    bool below; /* descriptions stand on lines of their own */
};

static unsigned least(size_t a, unsigned b) {
    return a < b ? (unsigned)a : b;
}

static unsigned type_width(const struct dc_stats_field *field, struct dc_text *t) {
    struct dc_buf words;
    dc_buf_init(&words, dc_alloc_libc);
    dc_stats_type_words(field, &words);
    unsigned width = least(dc_escaped_width(words.data, words.len), MOST_TYPE);
    if (!dc_buf_ok(&words))
        t->failed = true;
    dc_buf_done(&words);
    return width;
}

static struct columns columns_of(const struct dc_stats_struct *of, struct dc_text *t) {
    unsigned name = 5, type = 4;
    for (const struct dc_stats_field *f = of->fields; f; f = f->next) {
        unsigned n = least(dc_escaped_width(f->name.p, f->name.len), MOST_NAME);
        unsigned w = type_width(f, t);
        name = n > name ? n : name;
        type = w > type ? w : type;
    }
    unsigned most = t->width / 3;
    struct columns at = {.type = INDENT + (name < most ? name : most) + GAP};
    at.description = at.type + type + GAP;
    at.below = at.description + LEAST_DESCRIPTION > t->width;
    if (at.below)
        at.description = 3 * INDENT;
    return at;
}

static void put_faint(struct dc_text *t, const struct dc_buf *words, unsigned column) {
    dc_text_style(t, DC_STYLE_FAINT);
    dc_text_fold(t, words->data, words->len, column, 0);
    dc_text_style(t, DC_STYLE_PLAIN);
}

/* "[_om_skip=true]" */
static void put_users(struct dc_text *t, const struct dc_stats_user *user,
                      unsigned column, bool spaced) {
    if (!user)
        return;
    struct dc_buf words;
    dc_buf_init(&words, dc_alloc_libc);
    dc_buf_text(&words, spaced ? " [" : "[");
    for (; user; user = user->next) {
        dc_buf_add(&words, user->name.p, user->name.len);
        dc_buf_text(&words, "=");
        dc_buf_add(&words, user->value.p, user->value.len);
        dc_buf_text(&words, user->next ? ", " : "]");
    }
    if (!dc_buf_ok(&words))
        t->failed = true;
    else if (words.len > 2)
        put_faint(t, &words, column);
    dc_buf_done(&words);
}

static void put_field(struct dc_text *t, const struct dc_stats_field *field,
                      struct columns at) {
    struct dc_buf words;
    dc_buf_init(&words, dc_alloc_libc);
    dc_stats_type_words(field, &words);
    dc_text_put(t, "  ");
    dc_text_fold(t, field->name.p, field->name.len, INDENT, 3);
    if (t->column + GAP > at.type)
        dc_text_put(t, "\n");
    dc_text_tab(t, at.type);
    dc_text_fold(t, words.data, words.len, at.type, 3);
    dc_buf_done(&words);
    if (field->desc.len > 0 || field->user) {
        if (at.below || t->column + GAP > at.description)
            dc_text_put(t, "\n");
        dc_text_tab(t, at.description);
        dc_text_fold(t, field->desc.p, field->desc.len, at.description, 0);
        put_users(t, field->user, at.description, field->desc.len > 0);
    }
    dc_text_put(t, "\n");
}

static void put_struct(struct dc_text *t, const struct dc_stats_struct *of, bool top) {
    struct columns at = columns_of(of, t);
    dc_text_style(t, DC_STYLE_TITLE);
    dc_text_put(t, "struct ");
    dc_text_fold(t, of->name.p, of->name.len, INDENT, 3);
    dc_text_style(t, DC_STYLE_PLAIN);
    dc_text_put(t, top ? " (top)" : "");
    if (of->desc.len > 0) {
        dc_text_put(t, ": ");
        dc_text_fold(t, of->desc.p, of->desc.len, INDENT, 0);
    }
    put_users(t, of->user, INDENT, true);
    dc_text_put(t, "\n");
    for (const struct dc_stats_field *f = of->fields; f && !t->failed; f = f->next)
        put_field(t, f, at);
}

void dc_stats_meta_write(struct dc_text *t, const struct dc_stats_meta *meta) {
    for (const struct dc_stats_struct *of = meta->structs; of; of = of->next) {
        if (of != meta->structs)
            dc_text_put(t, "\n");
        put_struct(t, of, of == meta->top);
    }
    if (!meta->structs)
        dc_text_put(t, "stats_meta describes nothing.\n");
}
