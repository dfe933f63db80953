#include "lib/openmetrics.h"

#include "lib/escape.h"
#include "lib/openmetrics_name.h"

#include <stdlib.h>
#include <string.h>

/* A value on its way out, or one that stays. Values with the same `why` and the same way to
   `node`, whatever the keys of dictionaries on it, are a family. */
struct entry {
    const struct dc_stats_row *row;
    const struct dc_stats_node *node; /* the row's, or the outermost array around it */
    const char *pattern; /* the way for a person, with "*" for the keys of dictionaries */
    const char *labels;
    enum dc_om_why why;
    size_t index; /* in order of appearance */
};

struct family {
    struct entry *const *entries; /* the first, in order of appearance */
    size_t count;
    const char *name;
    enum dc_om_rank rank; /* of the name */
};

struct metrics {
    struct dc_sink sink;
    const struct dc_stats_meta *meta;
    bool visible;
    const struct dc_om_remarks *remarks;
    struct dc_arena arena;
    struct entry *entries;
    struct entry **sorted;
    size_t n_entries;
    struct family *families;
    size_t n_families;
};

/* ---- entries ---- */

static const char *keep(struct metrics *m, const char *text) {
    size_t size = strlen(text) + 1;
    char *p = dc_arena_get(&m->arena, size);
    return p ? memcpy(p, text, size) : NULL;
}

static bool is_skipped(const struct dc_stats_node *node) {
    for (; node; node = node->parent)
        if (node->field && dc_stats_user_find(node->field->user, "_om_skip").p)
            return true;
    return false;
}

static enum dc_om_why why_not(const struct dc_stats_row *row) {
    switch (row->kind) {
    case DC_STATS_NUMBER:
    case DC_STATS_TRUTH:
        return DC_OM_WRITTEN;
    case DC_STATS_NULL:
        return DC_OM_NULL;
    case DC_STATS_LIST:
        return DC_OM_ARRAY;
    default:
        return DC_OM_TEXT;
    }
}

/* The outermost array that the node is an element of, or the node. */
static const struct dc_stats_node *array_around(const struct dc_stats_node *node,
                                                enum dc_om_why *why) {
    for (const struct dc_stats_node *n = node; n->parent; n = n->parent) {
        if (n->step != DC_STATS_ELEMENT)
            continue;
        node = n->parent;
        *why = DC_OM_ARRAY;
    }
    return node;
}

static int add_entry(struct metrics *m, const struct dc_stats_row *row) {
    struct entry *entry = &m->entries[m->n_entries];
    char pattern[DC_STATS_PATH_MAX + 1], labels[DC_OM_LABELS_MAX] = "";
    *entry = (struct entry){.row = row, .index = m->n_entries, .why = why_not(row)};
    if (row->kind == DC_STATS_EMPTY || is_skipped(row->node))
        return 0;
    const struct dc_stats_node *node = array_around(row->node, &entry->why);
    if (!dc_om_pattern(node, pattern) && entry->why == DC_OM_WRITTEN)
        entry->why = DC_OM_NAME;
    if (entry->why == DC_OM_WRITTEN && !dc_om_labels(node, m->visible, labels))
        entry->why = DC_OM_LABEL;
    entry->node = node;
    entry->pattern = keep(m, pattern);
    entry->labels = entry->pattern ? keep(m, labels) : NULL;
    m->n_entries++;
    return entry->labels ? 0 : -1;
}

static int add_entries(struct metrics *m, const struct dc_stats_rows *rows) {
    m->entries = dc_arena_get(&m->arena, rows->count * sizeof(*m->entries));
    m->sorted = dc_arena_get(&m->arena, rows->count * sizeof(struct entry *));
    m->families = dc_arena_get(&m->arena, rows->count * sizeof(*m->families));
    if (!m->entries || !m->sorted || !m->families)
        return -1;
    for (size_t i = 0; i < rows->count; i++)
        if (add_entry(m, &rows->rows[i]) < 0)
            return -1;
    return 0;
}

/* ---- families ---- */

static int compare_keys(struct dc_str a, struct dc_str b) {
    int order = memcmp(a.p, b.p, a.len < b.len ? a.len : b.len);
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* Step by step, from the inside out: as text, the key "a.b" would be the way over `a`. */
static int compare_ways(const struct dc_stats_node *a, const struct dc_stats_node *b) {
    if (a->depth != b->depth)
        return a->depth < b->depth ? -1 : 1;
    for (; a != b; a = a->parent, b = b->parent) {
        bool member = a->step == DC_STATS_MEMBER, other = b->step == DC_STATS_MEMBER;
        int order = member && other ? compare_keys(a->key, b->key) : member - other;
        if (order)
            return order;
    }
    return 0;
}

static int compare_kind(const struct entry *a, const struct entry *b) {
    return a->why != b->why ? (a->why > b->why) - (a->why < b->why)
                            : compare_ways(a->node, b->node);
}

static int by_kind(const void *a, const void *b) {
    const struct entry *one = *(struct entry *const *)a,
                       *other = *(struct entry *const *)b;
    int order = compare_kind(one, other);
    return order ? order : (one->index > other->index) - (one->index < other->index);
}

static int by_place(const void *a, const void *b) {
    const struct family *one = a, *other = b;
    size_t first = one->entries[0]->index, second = other->entries[0]->index;
    return (first > second) - (first < second);
}

static int by_name(const void *a, const void *b) {
    const struct family *one = *(struct family *const *)a,
                        *other = *(struct family *const *)b;
    int order = strcmp(one->name, other->name);
    if (order == 0)
        order = (one->rank > other->rank) - (one->rank < other->rank);
    return order ? order : by_place(one, other);
}

static int name_family(struct metrics *m, struct family *family) {
    char name[DC_OM_NAME_MAX] = "";
    const struct entry *entry = family->entries[0];
    if (entry->why == DC_OM_WRITTEN)
        family->rank = dc_om_name(entry->row->node, m->meta, name);
    family->name = keep(m, name);
    return family->name ? 0 : -1;
}

static int make_families(struct metrics *m) {
    for (size_t i = 0; i < m->n_entries; i++)
        m->sorted[i] = &m->entries[i];
    qsort(m->sorted, m->n_entries, sizeof(struct entry *), by_kind);
    for (size_t i = 0; i < m->n_entries;) {
        struct family *family = &m->families[m->n_families++];
        *family = (struct family){.entries = &m->sorted[i]};
        while (i + family->count < m->n_entries &&
               compare_kind(m->sorted[i], m->sorted[i + family->count]) == 0)
            family->count++;
        i += family->count;
        if (name_family(m, family) < 0)
            return -1;
    }
    qsort(m->families, m->n_families, sizeof(*m->families), by_place);
    return 0;
}

static struct dc_str pattern_of(const struct family *family) {
    const char *pattern = family->entries[0]->pattern;
    return (struct dc_str){pattern, strlen(pattern)};
}

/* Names as the fields would have them, sorted, each once. */
struct names {
    const char **all;
    size_t count;
};

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/*
 * Another family has that name: a number is put behind it, the first from `number` on that
 * gives a name which no field would have. Numbered names themselves never meet: the number
 * stands behind the last "_". Returns the number; 0: no memory.
 */
static unsigned rename_family(struct metrics *m, struct family *family,
                              const struct names *names, unsigned number) {
    const char *wanted = family->name;
    char name[DC_OM_NAME_MAX];
    const char *key = name;
    dc_om_numbered(wanted, number, name);
    while (bsearch(&key, names->all, names->count, sizeof(*names->all), by_text))
        dc_om_numbered(wanted, ++number, name);
    family->name = keep(m, name);
    if (!family->name)
        return 0;
    m->remarks->renamed(m->remarks->ctx, pattern_of(family), wanted, name);
    return number;
}

/* Families that stand in `order` by their names: the first keeps it. */
static int rename_others(struct metrics *m, struct family *const *order, size_t n,
                         const struct names *names) {
    unsigned number = 1;
    for (size_t i = 1, first = 0; i < n; i++) {
        if (strcmp(order[i]->name, order[first]->name) != 0) {
            first = i;
            number = 1;
        } else if (!(number = rename_family(m, order[i], names, number + 1))) {
            return -1;
        }
    }
    return 0;
}

/* Names that have become the same are parted. */
static int part_names(struct metrics *m) {
    struct family **order =
        dc_arena_get(&m->arena, m->n_families * sizeof(struct family *));
    struct names names = {dc_arena_get(&m->arena, m->n_families * sizeof(char *)), 0};
    size_t n = 0;
    if (!order || !names.all)
        return -1;
    for (size_t i = 0; i < m->n_families; i++)
        if (m->families[i].name[0])
            order[n++] = &m->families[i];
    qsort(order, n, sizeof(struct family *), by_name);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || strcmp(order[i]->name, order[i - 1]->name) != 0)
            names.all[names.count++] = order[i]->name;
    return rename_others(m, order, n, &names);
}

/* ---- writing ---- */

static void add_help(struct dc_buf *out, struct dc_str text, bool visible) {
    for (size_t i = 0; i < text.len;) {
        struct dc_piece piece = dc_escape(text.p + i, text.len - i);
        bool blank = strchr("\r\n\t", text.p[i]) && text.p[i];
        if (blank)
            dc_buf_text(out, " ");
        else
            dc_om_escape(out, visible ? piece.text : text.p + i,
                         visible ? piece.len : piece.taken);
        i += piece.taken;
    }
}

static void add_head(struct dc_buf *out, const struct metrics *m,
                     const struct family *family) {
    const struct dc_stats_field *field = family->entries[0]->row->node->field;
    dc_buf_text(out, "# TYPE ");
    dc_buf_text(out, family->name);
    dc_buf_text(out, " gauge\n");
    if (!field || field->desc.len == 0)
        return;
    dc_buf_text(out, "# HELP ");
    dc_buf_text(out, family->name);
    dc_buf_text(out, " ");
    add_help(out, field->desc, m->visible);
    dc_buf_text(out, "\n");
}

static void add_sample(struct dc_buf *out, const struct family *family,
                       const struct entry *entry) {
    const struct dc_stats_row *row = entry->row;
    dc_buf_text(out, family->name);
    dc_buf_text(out, entry->labels);
    dc_buf_text(out, " ");
    if (row->kind == DC_STATS_TRUTH)
        dc_buf_text(out, row->text.p[0] == 't' ? "1" : "0");
    else
        dc_buf_add(out, row->text.p, row->text.len);
    dc_buf_text(out, "\n");
}

static void add_family(struct dc_buf *out, const struct metrics *m,
                       const struct family *family) {
    enum dc_om_why why = family->entries[0]->why;
    if (why != DC_OM_WRITTEN) {
        m->remarks->left_out(m->remarks->ctx, pattern_of(family), why);
        return;
    }
    add_head(out, m, family);
    for (size_t i = 0; i < family->count; i++)
        add_sample(out, family, family->entries[i]);
}

/* All of it or nothing: a reader must not take half for the whole. */
static int write_families(const struct metrics *m, struct dc_error *err) {
    struct dc_buf out;
    int rc = 0;
    dc_buf_init(&out, m->arena.alloc);
    for (size_t i = 0; i < m->n_families; i++)
        add_family(&out, m, &m->families[i]);
    dc_buf_text(&out, "# EOF\n");
    if (!dc_buf_ok(&out))
        rc = dc_fail(err, DC_ENOMEM, "out of memory");
    else if (m->sink.write(m->sink.ctx, out.data, out.len) < 0)
        rc = dc_fail(err, DC_EIO, "cannot be written");
    dc_buf_done(&out);
    return rc;
}

const char *dc_om_why_words(enum dc_om_why why) {
    static const char *const words[DC_OM_N_WHY] = {
        [DC_OM_WRITTEN] = "written",
        [DC_OM_TEXT] = "text",
        [DC_OM_ARRAY] = "array",
        [DC_OM_NULL] = "null",
        [DC_OM_LABEL] = "a key that no label can hold",
        [DC_OM_NAME] = "no name, or one that is too long",
    };
    return words[why];
}

int dc_openmetrics_write(struct dc_sink sink, const struct dc_stats_rows *rows,
                         const struct dc_stats_meta *meta, bool visible,
                         const struct dc_om_remarks *remarks, struct dc_alloc alloc,
                         struct dc_error *err) {
    struct metrics m = {
        .sink = sink, .meta = meta, .visible = visible, .remarks = remarks};
    int rc;
    dc_arena_init(&m.arena, alloc, 0);
    if (add_entries(&m, rows) < 0 || make_families(&m) < 0 || part_names(&m) < 0)
        rc = dc_arena_fail(&m.arena, err);
    else
        rc = write_families(&m, err);
    dc_arena_done(&m.arena);
    return rc;
}
