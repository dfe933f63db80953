#include "lib/stats_table.h"

#include "lib/escape.h"
#include "lib/number.h"
#include "lib/stats_change.h"

#include <stdio.h>
#include <string.h>

enum {
    GAP = 2,
    NAME_BUF = DC_NUMBER_MAX + 2, /* "[INDEX]" */
    INDENT = 2,
    MOST_INDENT = 8, /* steps */
    MOST_VALUE =
        24, /* columns for a number: what is longer begins where the column begins */
    MOST_TEXT = 12, /* the same for a string or a list: it does not widen the column */
    LEAST_DESCRIPTION = 20, /* else descriptions stand on lines of their own */
};

/* Where the columns begin and end. */
struct layout {
    const struct dc_stats_table *table;
    unsigned name; /* width of FIELD */
    unsigned value, value_end;
    unsigned change_end, rate_end; /* right edges, where there is a sample before */
    unsigned unit;                 /* first column of UNIT; 0: there is none */
    unsigned description;          /* first column; 0: none is known */
    bool below;                    /* descriptions stand below */
    bool changes_below;            /* so do changes */
    bool values_below;             /* and values */
};

static unsigned max_of(unsigned a, size_t b) {
    return b > a ? (unsigned)b : a;
}

static unsigned min_of(unsigned a, unsigned b) {
    return a < b ? a : b;
}

/* No wider than `most` + 1 is of interest. */
static unsigned width_of(struct dc_str s, unsigned most) {
    unsigned width = 0;
    for (size_t i = 0; i < s.len && width <= most;) {
        struct dc_piece piece = dc_escape(s.p + i, s.len - i);
        width += piece.width;
        i += piece.taken;
    }
    return min_of(width, most + 1);
}

static unsigned indent_of(const struct dc_stats_node *node) {
    return node->depth > 1 ? INDENT * min_of(node->depth - 1, MOST_INDENT) : 0;
}

/* The name of a node in `buf` where it has no key. */
static struct dc_str name_of(const struct dc_stats_node *node, char buf[NAME_BUF]) {
    if (!node->parent)
        return (struct dc_str){"(value)", 7};
    if (node->step != DC_STATS_ELEMENT)
        return node->key.len > 0 ? node->key : (struct dc_str){"\"\"", 2};
    buf[0] = '[';
    size_t n = 1 + dc_format_u64(node->index, buf + 1);
    buf[n++] = ']';
    return (struct dc_str){buf, n};
}

/* The description of the value itself: that of a dictionary's field stands at its name. */
static const struct dc_stats_field *own_field(const struct dc_stats_node *node) {
    return node->step == DC_STATS_MEMBER ? node->field : NULL;
}

static bool is_described(const struct dc_stats_node *node) {
    const struct dc_stats_field *field = own_field(node);
    return field && field->desc.len > 0;
}

static bool is_text(const struct dc_stats_row *row) {
    return row->kind == DC_STATS_STRING || row->kind == DC_STATS_LIST;
}

static bool is_short(const struct dc_stats_row *row) {
    unsigned most = is_text(row) ? MOST_TEXT : MOST_VALUE;
    return width_of(row->text, most) <= most;
}

static struct dc_stats_change change_of(const struct dc_stats_table *table,
                                        const struct dc_stats_row *row) {
    const struct dc_stats_row *before = dc_stats_rows_find(table->before, row->node);
    return dc_stats_change(row, before, table->elapsed_us);
}

/* ---- where the columns are ---- */

struct widths {
    unsigned name, value, change, rate, unit;
    bool described;
};

static void survey_names(struct widths *w, const struct dc_stats_node *node,
                         unsigned most) {
    char buf[NAME_BUF];
    const struct dc_stats_node *row = node;
    for (; node && (node->parent || node == row); node = node->parent) {
        w->name = max_of(w->name, indent_of(node) + width_of(name_of(node, buf), most));
        w->described |= is_described(node);
    }
}

static struct widths survey(const struct dc_stats_table *table, unsigned width) {
    struct widths w = {.name = 5, .value = 5, .change = 6, .rate = 10};
    for (size_t i = 0; i < table->rows->count; i++) {
        const struct dc_stats_row *row = &table->rows->rows[i];
        survey_names(&w, row->node, width);
        if (is_short(row))
            w.value = max_of(w.value, width_of(row->text, MOST_VALUE));
        w.unit = max_of(w.unit, width_of(dc_stats_unit(row->node->field), 10));
        if (!table->before)
            continue;
        struct dc_stats_change change = change_of(table, row);
        w.change = max_of(w.change, strlen(change.by));
        w.rate = max_of(w.rate, strlen(change.rate));
    }
    return w;
}

static struct layout lay_out(const struct dc_stats_table *table, unsigned width) {
    struct widths w = survey(table, width);
    struct layout l = {.table = table};
    l.name = min_of(w.name, max_of(16, width * 2 / 5));
    l.value = l.name + GAP;
    l.value_end = l.value + w.value;
    unsigned changes = table->before ? GAP + w.change + GAP + w.rate : 0;
    unsigned units = w.unit > 0 ? GAP + max_of(4, min_of(w.unit, 10)) : 0;
    l.values_below = l.value_end > width;
    if (l.values_below) {
        l.value = 2 * INDENT;
        l.value_end = min_of(l.value + w.value, width);
    }
    if (l.value_end + units > width)
        units = 0;
    l.changes_below = changes && l.value_end + changes + units > width;
    bool beside = changes && !l.changes_below;
    l.change_end = l.value_end + (beside ? GAP + w.change : 0);
    l.rate_end = l.change_end + (beside ? GAP + w.rate : 0);
    unsigned end = l.rate_end + units;
    l.unit = units ? l.rate_end + GAP : 0;
    if (w.described && table->described) {
        l.description = end + GAP;
        l.below = l.description + LEAST_DESCRIPTION > width;
    }
    return l;
}

/* ---- cells ---- */

static void go_to(struct dc_text *t, unsigned column) {
    if (t->column < column)
        dc_text_put(t, "%*s", (int)(column - t->column), "");
}

/* Words of ours whose last character stands before column `end`. */
static void put_right(struct dc_text *t, unsigned end, const char *text) {
    unsigned width = (unsigned)strlen(text);
    go_to(t, end > width ? end - width : 0);
    dc_text_put(t, "%s", text);
}

/* A name wider than its column has lines of its own, three at most. */
static void put_name(struct dc_text *t, const struct layout *l,
                     const struct dc_stats_node *node) {
    char buf[NAME_BUF];
    struct dc_str name = name_of(node, buf);
    unsigned indent = indent_of(node);
    go_to(t, indent);
    if (indent + width_of(name, t->width) <= l->name) {
        dc_text_str(t, name);
        return;
    }
    dc_text_fold(t, name.p, name.len, indent, 3);
    dc_text_put(t, "\n");
}

static void put_description(struct dc_text *t, const struct layout *l,
                            const struct dc_stats_node *node) {
    if (!l->description || !is_described(node))
        return;
    const struct dc_stats_field *field = own_field(node);
    unsigned column =
        l->below ? min_of(indent_of(node) + 2 * INDENT, t->width / 2) : l->description;
    if (l->below || t->column + GAP > l->description)
        dc_text_put(t, "\n");
    go_to(t, column);
    dc_text_style(t, DC_STYLE_FAINT);
    dc_text_fold(t, field->desc.p, field->desc.len, column, 0);
    dc_text_style(t, DC_STYLE_PLAIN);
}

static enum dc_style change_style(const char *by) {
    return strcmp(by, "0") == 0 || strcmp(by, "same") == 0 ? DC_STYLE_FAINT
                                                           : DC_STYLE_PLAIN;
}

/* Below the value, where anything has changed. */
static void put_change_below(struct dc_text *t, const struct layout *l,
                             const struct dc_stats_row *row) {
    if (!l->changes_below)
        return;
    struct dc_stats_change change = change_of(l->table, row);
    if (change_style(change.by) == DC_STYLE_FAINT)
        return;
    dc_text_put(t, "\n");
    go_to(t, min_of(indent_of(row->node) + 2 * INDENT, t->width / 2));
    char words[2 * DC_STATS_CHANGE_MAX + 16];
    int n =
        snprintf(words, sizeof(words), "%s%s%s%s", change.by, change.rate[0] ? ", " : "",
                 change.rate, change.rate[0] ? " per second" : "");
    dc_text_fold(t, words, (size_t)n, t->column, 0);
}

static void put_change(struct dc_text *t, const struct layout *l,
                       const struct dc_stats_row *row) {
    if (!l->table->before || l->changes_below)
        return;
    struct dc_stats_change change = change_of(l->table, row);
    if (t->column + strlen(change.by) + GAP > l->change_end)
        dc_text_put(t, "\n");
    dc_text_style(t, change_style(change.by));
    put_right(t, l->change_end, change.by);
    if (change.rate[0])
        put_right(t, l->rate_end, change.rate);
    dc_text_style(t, DC_STYLE_PLAIN);
}

static void put_value(struct dc_text *t, const struct layout *l,
                      const struct dc_stats_row *row) {
    if (l->values_below && t->column > 0)
        dc_text_put(t, "\n");
    if (is_text(row) && row->text.len == 0) { /* a list of none is DC_STATS_EMPTY */
        go_to(t, l->value);
        dc_text_put(t, "\"\"");
        return;
    }
    unsigned width = width_of(row->text, MOST_VALUE);
    if (!is_short(row) || l->value + width > t->width) {
        go_to(t, l->value);
        dc_text_fold(t, row->text.p, row->text.len, l->value, l->table->lines);
        return;
    }
    go_to(t, row->kind == DC_STATS_NUMBER ? l->value_end - width : l->value);
    dc_text_str(t, row->text);
}

static void put_unit(struct dc_text *t, const struct layout *l,
                     const struct dc_stats_row *row) {
    struct dc_str unit = dc_stats_unit(row->node->field);
    if (!l->unit || !unit.p || t->column + 1 > l->unit)
        return;
    go_to(t, l->unit);
    dc_text_cut(t, unit.p, unit.len, 10);
}

/* ---- lines ---- */

static void put_titles(struct dc_text *t, const struct layout *l) {
    dc_text_style(t, DC_STYLE_TITLE);
    dc_text_put(t, l->values_below ? "FIELD\n" : "FIELD");
    put_right(t, l->value_end, "VALUE");
    if (l->table->before && !l->changes_below) {
        put_right(t, l->change_end, "CHANGE");
        put_right(t, l->rate_end, "PER SECOND");
    }
    if (l->unit) {
        go_to(t, l->unit);
        dc_text_put(t, "UNIT");
    }
    if (l->description && !l->below) {
        go_to(t, l->description);
        dc_text_put(t, "DESCRIPTION");
    }
    dc_text_style(t, DC_STYLE_PLAIN);
    dc_text_put(t, "\n");
}

/* The names of what `node` stands in, as far as `last`, the row before, stood in others. */
static void put_parents(struct dc_text *t, const struct layout *l,
                        const struct dc_stats_node *node,
                        const struct dc_stats_node *last) {
    const struct dc_stats_node *parents[DC_MAX_DEPTH + 1];
    size_t n = 0;
    for (node = node->parent; node && node->parent; node = node->parent) {
        const struct dc_stats_node *other = last;
        while (other && other->depth > node->depth)
            other = other->parent;
        if (other == node || n == DC_MAX_DEPTH + 1)
            break;
        parents[n++] = node;
    }
    while (n > 0) {
        put_name(t, l, parents[--n]);
        put_description(t, l, parents[n]);
        if (t->column > 0)
            dc_text_put(t, "\n");
    }
}

static void put_row(struct dc_text *t, const struct layout *l,
                    const struct dc_stats_row *row) {
    put_name(t, l, row->node);
    put_value(t, l, row);
    put_change(t, l, row);
    put_unit(t, l, row);
    put_change_below(t, l, row);
    put_description(t, l, row->node);
    dc_text_put(t, "\n");
}

/* What the sample before had and this one has not: it must not look like zero. */
static void put_gone(struct dc_text *t, const struct dc_stats_table *table) {
    char path[DC_STATS_PATH_MAX];
    size_t gone = 0;
    for (size_t i = 0; i < table->before->count; i++) {
        const struct dc_stats_node *node = table->before->rows[i].node;
        if (dc_stats_rows_find(table->rows, node))
            continue;
        if (gone++ == 0) {
            static const char words[] = "gone since the last sample:";
            dc_text_fold(t, words, strlen(words), INDENT, 0);
            dc_text_put(t, " ");
            dc_text_fold(t, path, dc_stats_path(node, path), INDENT, 2);
        }
    }
    if (gone > 1) {
        char more[40];
        int n = snprintf(more, sizeof(more), " (+%zu more)", gone - 1);
        dc_text_fold(t, more, (size_t)n, INDENT, 0);
    }
    if (gone > 0)
        dc_text_put(t, "\n");
}

void dc_stats_table_write(struct dc_text *t, const struct dc_stats_table *table) {
    struct layout l = lay_out(table, t->width);
    const struct dc_stats_node *last = NULL;
    put_titles(t, &l);
    for (size_t i = 0; i < table->rows->count && !t->failed; i++) {
        const struct dc_stats_row *row = &table->rows->rows[i];
        put_parents(t, &l, row->node, last);
        put_row(t, &l, row);
        last = row->node;
    }
    if (table->before)
        put_gone(t, table);
}
