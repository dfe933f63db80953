/* Entries of hash, storage and array maps: a table where all of them have one shape, else
   one after the other. */
#include "lib/show_like.h"

#include "lib/value_text.h"

enum { MOST_ROWS = 12, MOST_BLOCKS = 6 };

/* ---- whether there is a table in it ---- */

/* Whether a value has the shape of the first one, and is flat. */
static bool is_alike(const struct dc_rec *first, const struct dc_rec *value) {
    return value && dc_like_is_flat(value) && dc_like_same(first, value);
}

/* Whether both have the shape of the first entry's in every one, and no value points at
   something. One walk for all of it: a map is larger than the caches. */
static bool all_alike(const struct dc_list *entries, const struct dc_rec *key,
                      const struct dc_rec *value) {
    for (struct dc_list_walk walk = dc_list_walk(entries); dc_list_next(&walk);)
        if (dc_has(walk.value.rec, DC_AT_ENTRY_payload) ||
            !is_alike(key, dc_record(walk.value.rec, DC_AT_ENTRY_key)) ||
            !is_alike(value, dc_record(walk.value.rec, DC_AT_ENTRY_value)))
            return false;
    return true;
}

static bool find_shape(struct dc_like *shape, const struct dc_list *entries) {
    const struct dc_rec *first = dc_list_rec(entries, 0);
    const struct dc_rec *key = dc_record(first, DC_AT_ENTRY_key);
    const struct dc_rec *value = dc_record(first, DC_AT_ENTRY_value);
    *shape = (struct dc_like){.n = 0};
    if (entries->count < 2 || !key || !value || !all_alike(entries, key, value))
        return false;
    if (!dc_like_add(shape, key, DC_AT_ENTRY_key, "key", false))
        return false;
    size_t keys = shape->n;
    if (!dc_like_add(shape, value, DC_AT_ENTRY_value, "value", true))
        return false;
    if (keys < shape->n)
        shape->columns[keys].divided = true;
    return true;
}

/* ---- one after the other ---- */

/* The key in one line, behind `before`. */
static void put_key(struct dc_show *s, const char *before, const struct dc_rec *entry) {
    enum { LIMIT = 60 };
    const struct dc_rec *key = dc_record(entry, DC_AT_ENTRY_key);
    dc_show_restart(s);
    dc_show_add(s, before);
    size_t len = s->scratch.len;
    if (key && dc_value_add_inline(key, &s->cells, &s->scratch, LIMIT))
        return;
    s->scratch.len = len;
    dc_show_add_str(s, dc_string(entry, DC_AT_ENTRY_key_hex));
    if (!key)
        dc_show_add(s, " (raw)");
}

/* The value, or its bytes where it has no type; s->scratch is its label. */
static void put_value(struct dc_show *s, const struct dc_rec *entry) {
    const struct dc_rec *value = dc_record(entry, DC_AT_ENTRY_value);
    if (value) {
        s->ops->value(s, value);
        return;
    }
    dc_show_add(s, ": ");
    dc_show_add_str(s, dc_string(entry, DC_AT_ENTRY_value_hex));
    dc_show_add(s, " (raw)");
    s->ops->note(s, DC_STYLE_PLAIN);
}

/* With what the value points at, under one heading. */
static void show_pair(struct dc_show *s, const struct dc_rec *entry) {
    put_key(s, "", entry);
    struct dc_buf key = s->scratch;
    dc_buf_init(&s->scratch, s->options->alloc);
    if (s->ops->item(s, "key", (struct dc_str){key.data, key.len}, NULL, NULL)) {
        dc_show_add(s, "value");
        put_value(s, entry);
        dc_show_restart(s);
        dc_show_add(s, "payload");
        s->ops->value(s, dc_record(entry, DC_AT_ENTRY_payload));
        s->ops->item_end(s);
    }
    s->scratch.failed |= key.failed;
    dc_buf_done(&key);
}

/* As data, bytes do not stand inside of a sentence. */
static void put_bytes(struct dc_show *s, const struct dc_rec *entry) {
    static const struct dc_column hex[] = {
        {.title = "key_hex", .member = "key_hex", .field = DC_AT_ENTRY_key_hex},
        {.title = "value_hex", .member = "value_hex", .field = DC_AT_ENTRY_value_hex}};
    const struct dc_table table = {.name = "entry", .columns = hex, .n_columns = 2};
    const struct dc_row row = {.rec = entry};
    s->ops->record(s, &table, &row);
}

static void show_entry(struct dc_show *s, const struct dc_rec *entry) {
    if (s->ops->rows == 0 && !dc_has(entry, DC_AT_ENTRY_value))
        put_bytes(s, entry);
    if (dc_has(entry, DC_AT_ENTRY_payload)) {
        show_pair(s, entry);
    } else if (s->ops->rows > 0 || dc_has(entry, DC_AT_ENTRY_value)) {
        put_key(s, "key ", entry);
        put_value(s, entry);
    }
}

void dc_show_entries(struct dc_show *s, const struct dc_list *entries) {
    struct dc_like shape;
    if (find_shape(&shape, entries)) {
        const struct dc_table table = {.name = "entries",
                                       .columns = shape.columns,
                                       .n_columns = shape.n,
                                       .list = entries,
                                       .most = MOST_ROWS};
        s->ops->table(s, &table);
        return;
    }
    size_t most = dc_show_most(s, MOST_BLOCKS), shown = 0;
    for (struct dc_list_walk walk = dc_list_walk(entries);
         (most == 0 || shown < most) && dc_list_next(&walk); shown++)
        show_entry(s, walk.value.rec);
    dc_show_note_more(s, entries->count - shown, "more entry", "more entries", ": --all");
}

/* ---- arrays ---- */

static bool is_array_table(struct dc_like *shape, const struct dc_list *entries) {
    const struct dc_rec *first = dc_list_rec(entries, 0);
    *shape = (struct dc_like){.n = 1};
    shape->columns[0] =
        (struct dc_column){.title = "key", .field = DC_AT_ARRAY_ENTRY_key};
    const struct dc_rec *value = dc_record(first, DC_AT_ARRAY_ENTRY_value);
    if (entries->count < 2 || !value || value->type != &dc_type_RV_STRUCT)
        return false;
    for (struct dc_list_walk walk = dc_list_walk(entries); dc_list_next(&walk);)
        if (!is_alike(value, dc_record(walk.value.rec, DC_AT_ARRAY_ENTRY_value)))
            return false;
    if (!dc_like_add(shape, value, DC_AT_ARRAY_ENTRY_value, "value", true))
        return false;
    shape->columns[1].divided = true;
    return true;
}

static bool is_zero_entry(const struct dc_rec *entry) {
    const struct dc_rec *value = dc_record(entry, DC_AT_ARRAY_ENTRY_value);
    return value && dc_value_is_zero(value);
}

static bool not_zero(const void *ctx, const struct dc_row *row) {
    const struct dc_show *s = ctx;
    return s->ops->rows == 0 || s->options->all || !is_zero_entry(row->rec);
}

/* Zero elements of a sparse array would hide the others. */
static void note_zeros(struct dc_show *s, const struct dc_list *entries) {
    size_t zeros = 0;
    if (s->options->all || s->ops->rows == 0)
        return; /* nothing is left out */
    for (struct dc_list_walk walk = dc_list_walk(entries); dc_list_next(&walk);)
        zeros += is_zero_entry(walk.value.rec);
    dc_show_note_more(s, zeros, "that is zero", "that are zero", ": --all");
}

void dc_show_array(struct dc_show *s, const struct dc_list *entries) {
    struct dc_like shape;
    const struct dc_table table = {.name = "array_entries",
                                   .columns = shape.columns,
                                   .list = entries,
                                   .filter = not_zero,
                                   .ctx = s,
                                   .most = MOST_ROWS};
    if (is_array_table(&shape, entries)) {
        struct dc_table flat = table;
        flat.n_columns = shape.n;
        s->ops->table(s, &flat);
        note_zeros(s, entries);
        return;
    }
    struct dc_rows rows;
    struct dc_row row;
    dc_rows_pick(&rows, &table, dc_show_most(s, MOST_ROWS));
    while (dc_rows_next(&rows, &row)) {
        const struct dc_rec *value = dc_record(row.rec, DC_AT_ARRAY_ENTRY_value);
        dc_show_restart(s);
        dc_show_add(s, "key ");
        dc_show_add_u64(s, dc_u64(row.rec, DC_AT_ARRAY_ENTRY_key));
        if (value) {
            s->ops->value(s, value);
        } else {
            dc_show_add(s, ": <unreadable>");
            s->ops->note(s, DC_STYLE_WARN);
        }
    }
    dc_show_note_more(s, rows.total - rows.shown, "more element", "more elements",
                      ": --all");
    note_zeros(s, entries);
}
