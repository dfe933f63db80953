/* The renderer of sections (lib/show_private.h) that makes lines of them. What is inside of
   an item is asked for by its path: the section tells again, and all but that item keeps
   silent. */
#include "lib/outline_private.h"
#include "lib/show_private.h"

#include <string.h>

struct dc_outlining {
    struct dc_outline *outline;
    struct dc_outline_block *block;
    unsigned depth;                        /* of the items that we are in, and */
    unsigned passed[DC_OUTLINE_DEPTH + 1]; /* how many have been passed there */
    bool failed;
};

/* Whether what is told now stands where the block is. */
static bool is_here(const struct dc_outlining *o) {
    return o->depth == o->block->depth && !o->failed;
}

static struct dc_outline_line *add_line(struct dc_outlining *o,
                                        enum dc_outline_kind kind) {
    struct dc_outline_line *line = dc_outline_add(o->outline, o->block, kind);
    o->failed |= !line;
    return line;
}

/* A line with what s->scratch holds. */
static struct dc_outline_line *add_words(struct dc_show *s, enum dc_outline_kind kind,
                                         enum dc_style style) {
    struct dc_outlining *o = s->outlining;
    struct dc_outline_line *line = add_line(o, kind);
    if (!line)
        return NULL;
    line->style = (unsigned char)style;
    o->failed |= !dc_outline_keep(o->block, &s->scratch, &line->text.words);
    return line;
}

static void outline_section(struct dc_show *s, const struct dc_section *section) {
    (void)section;
    if (is_here(s->outlining) && s->scratch.len > 0)
        add_words(s, DC_OUTLINE_NOTE, DC_STYLE_FAINT);
}

static void outline_section_end(struct dc_show *s) {
    (void)s;
}

static bool outline_item(struct dc_show *s, const char *what, struct dc_str name,
                         const struct dc_table *table, const struct dc_row *row) {
    struct dc_outlining *o = s->outlining;
    const struct dc_outline_block *block = o->block;
    unsigned ordinal = o->passed[o->depth]++;
    (void)table, (void)row; /* the words say it */
    if (is_here(o)) {
        struct dc_outline_line *line = add_words(s, DC_OUTLINE_ITEM, DC_STYLE_TITLE);
        if (!line)
            return false;
        struct dc_buf copy = {.data = (char *)name.p, .len = name.len};
        o->failed |= !dc_outline_keep(o->block, &copy, &line->text.name);
        line->text.what = what;
        line->ordinal = ordinal;
        line->folds = true;
        return false;
    }
    if (o->depth >= block->depth || block->path[o->depth] != ordinal)
        return false;
    o->passed[++o->depth] = 0;
    return true;
}

static void outline_item_end(struct dc_show *s) {
    s->outlining->depth--;
}

static void outline_note(struct dc_show *s, enum dc_style style) {
    if (is_here(s->outlining))
        add_words(s, DC_OUTLINE_NOTE, style);
}

static void add_named(struct dc_show *s, enum dc_outline_kind kind, const char *name,
                      const char *what, enum dc_style style) {
    struct dc_outlining *o = s->outlining;
    struct dc_outline_line *line = is_here(o) ? add_words(s, kind, style) : NULL;
    if (!line)
        return;
    struct dc_buf copy = {.data = (char *)name, .len = strlen(name)};
    o->failed |= !dc_outline_keep(o->block, &copy, &line->text.name);
    line->text.what = what;
}

static void outline_fact(struct dc_show *s, const char *label, enum dc_style style) {
    add_named(s, DC_OUTLINE_FACT, label, NULL, style);
}

static void outline_finding(struct dc_show *s, const char *name, const char *from) {
    add_named(s, DC_OUTLINE_FINDING, name, from, DC_STYLE_PLAIN);
}

/* ---- tables ---- */

/* A copy, with the columns: those of a section stand on its stack. */
static struct dc_outline_table *keep_table(struct dc_outlining *o,
                                           const struct dc_table *table) {
    struct dc_arena *arena = &o->block->arena;
    size_t n = table->n_columns < DC_TABLE_COLUMNS ? table->n_columns : DC_TABLE_COLUMNS;
    struct dc_outline_table *copy = dc_arena_get(arena, sizeof(*copy));
    struct dc_column *columns = dc_arena_get(arena, (n ? n : 1) * sizeof(*columns));
    unsigned *widths = dc_arena_get(arena, (n ? n : 1) * sizeof(*widths));
    if (!copy || !columns || !widths) {
        o->failed = true;
        return NULL;
    }
    memcpy(columns, table->columns, n * sizeof(*columns));
    memset(widths, 0, n * sizeof(*widths));
    *copy = (struct dc_outline_table){
        .name = table->name, .columns = columns, .survey.n = n, .widths = widths};
    return copy;
}

/* Members that are absent are no lines. */
static void outline_record(struct dc_show *s, const struct dc_table *table,
                           const struct dc_row *row) {
    struct dc_outlining *o = s->outlining;
    struct dc_outline_table *copy = is_here(o) ? keep_table(o, table) : NULL;
    for (size_t i = 0; copy && i < copy->survey.n; i++) {
        struct dc_cell cell = dc_table_cell(&copy->columns[i], row);
        struct dc_outline_line *line =
            cell.kind == DC_CELL_NONE ? NULL : add_line(o, DC_OUTLINE_FIELD);
        if (!line)
            continue;
        bool zero = dc_cell_is_zero(&cell);
        line->style = copy->columns[i].warns && !zero ? DC_STYLE_WARN
                      : zero                          ? DC_STYLE_FAINT
                                                      : DC_STYLE_PLAIN;
        line->cells.table = copy;
        line->cells.row = *row;
        line->cells.column = i;
    }
}

static void outline_table(struct dc_show *s, const struct dc_table *table) {
    struct dc_outlining *o = s->outlining;
    struct dc_outline_table *copy = is_here(o) ? keep_table(o, table) : NULL;
    struct dc_rows rows;
    struct dc_row row;
    if (!copy)
        return;
    dc_rows_pick(&rows, table, 0);
    if (rows.total == 0)
        return;
    copy->survey = dc_rows_survey(&rows, false, false);
    o->failed |= !dc_outline_reserve(o->outline, o->block, rows.total + 1);
    struct dc_outline_line *line = o->failed ? NULL : add_line(o, DC_OUTLINE_TITLES);
    if (!line)
        return;
    line->style = DC_STYLE_FAINT;
    line->cells.table = copy;
    copy->first = o->block->count;
    while (dc_rows_next(&rows, &row) && (line = add_line(o, DC_OUTLINE_ROW))) {
        line->cells.table = copy;
        line->cells.row = row;
        copy->n_rows++;
    }
}

/* ---- values, plots and series ---- */

static void outline_value(struct dc_show *s, const struct dc_rec *value) {
    struct dc_outlining *o = s->outlining;
    struct dc_outline_line *line = is_here(o) ? add_line(o, DC_OUTLINE_VALUE) : NULL;
    if (!line)
        return;
    line->value.rec = value;
    line->folds = value && dc_outline_value_folds(value);
    o->failed |= !dc_outline_keep(o->block, &s->scratch, &line->value.name);
}

static void outline_plot(struct dc_show *s, const struct dc_plot *plot) {
    struct dc_outlining *o = s->outlining;
    struct dc_outline_line *line = is_here(o) ? add_line(o, DC_OUTLINE_PLOT) : NULL;
    struct dc_plot *copy = line ? dc_arena_get(&o->block->arena, sizeof(*copy)) : NULL;
    if (!copy) {
        o->failed |= line != NULL;
        return;
    }
    *copy = *plot;
    line->plot = copy;
}

static void add_number(struct dc_buf *out, const char *label,
                       struct dc_series_value value) {
    dc_buf_text(out, label);
    dc_series_add_value(value, out);
}

/* The blocks and the words of one series; the set they come from is gone when they are
   looked at. */
static bool keep_series(struct dc_show *s, const struct dc_show_series *series,
                        const struct dc_series *one, struct dc_outline_series *copy) {
    struct dc_outline_block *block = s->outlining->block;
    const struct dc_buf name = {.data = (char *)one->name.p, .len = one->name.len};
    const struct dc_series_value gaps = {.kind = DC_SERIES_U64,
                                         .u = series->set->samples - one->count};
    bool kept = dc_outline_keep(block, &name, &copy->name);
    dc_show_restart(s);
    dc_series_spark(series->set, one, DC_OUTLINE_BLOCKS, &s->scratch);
    kept = kept && dc_outline_keep(block, &s->scratch, &copy->blocks);
    dc_show_restart(s);
    add_number(&s->scratch, "last ", one->last);
    add_number(&s->scratch, ", least ", one->least);
    add_number(&s->scratch, ", greatest ", one->most);
    if (gaps.u > 0)
        add_number(&s->scratch, ", gaps ", gaps);
    return kept && dc_outline_keep(block, &s->scratch, &copy->words);
}

static void outline_series(struct dc_show *s, const struct dc_show_series *series) {
    struct dc_outlining *o = s->outlining;
    for (size_t i = 0; i < series->n && is_here(o); i++) {
        struct dc_outline_line *line = add_line(o, DC_OUTLINE_SERIES);
        struct dc_outline_series *copy =
            line ? dc_arena_get(&o->block->arena, sizeof(*copy)) : NULL;
        if (!copy || !keep_series(s, series, series->all[i], copy))
            o->failed = true;
        else
            line->series = copy;
    }
}

static void outline_vcpus(struct dc_show *s, const struct dc_snapshot *snapshot) {
    (void)s, (void)snapshot; /* whoever shows lines has a better place for them */
}

const struct dc_show_ops dc_show_outline = {
    .rows = 1,
    .section = outline_section,
    .section_end = outline_section_end,
    .item = outline_item,
    .item_end = outline_item_end,
    .note = outline_note,
    .fact = outline_fact,
    .finding = outline_finding,
    .record = outline_record,
    .table = outline_table,
    .value = outline_value,
    .plot = outline_plot,
    .series = outline_series,
    .vcpus = outline_vcpus,
};

static int discard(void *ctx, const char *data, size_t len) {
    (void)ctx, (void)data, (void)len;
    return 0;
}

int dc_outline_build(struct dc_outline *outline, struct dc_outline_block *block,
                     struct dc_error *err) {
    const struct dc_show_options options = {.alloc = outline->alloc,
                                            .width = 80,
                                            .all = true,
                                            .sections = 1U << outline->section,
                                            .symbols = outline->cells.symbols};
    struct dc_outlining outlining = {.outline = outline, .block = block};
    struct dc_show s;
    dc_show_init(&s, &dc_show_outline, (struct dc_sink){.write = discard}, outline->model,
                 &options);
    s.cells = outline->cells;
    s.outlining = &outlining;
    if (outline->section == DC_SECTION_FINDINGS)
        dc_show_phases(&s); /* nothing, unless both halves are there */
    s.snapshot = outline->snapshot;
    dc_show_sections(&s);
    if (dc_show_done(&s, err) < 0)
        return -1;
    return outlining.failed ? dc_fail(err, DC_ENOMEM, "out of memory for a section") : 0;
}
