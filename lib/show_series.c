/* Series as text: a row for each field, a block for each sample. */
#include "lib/show_private.h"

#include "lib/escape.h"

#include <string.h>

enum {
    GAP = 2,
    STEP = 2,
    MOST_NAME = 40, /* columns; longer ones are cut */
    LEAST_BLOCKS = 8,
    MOST_BLOCKS = 64,
    NUMBERS = 3, /* columns of them */
};

struct layout {
    struct dc_show *s;
    const struct dc_show_series *series;
    unsigned name, blocks; /* columns */
    unsigned numbers[NUMBERS];
    unsigned limit; /* numbers with more digits stand on a line of their own */
    unsigned gaps;  /* columns of the count; 0: there are none */
    bool stacked;   /* all numbers do, and so do the blocks */
    bool cut;       /* a name was */
};

static const char *const titles[NUMBERS] = {"least", "greatest", "last"};

/* The number into s->cell. */
static void format(struct dc_show *s, const struct dc_series *one, size_t number) {
    const struct dc_series_value values[NUMBERS] = {one->least, one->most, one->last};
    s->cell.len = 0;
    dc_series_add_value(values[number], &s->cell);
}

static void format_gaps(struct layout *layout, const struct dc_series *one) {
    struct dc_show *s = layout->s;
    struct dc_series_value gaps = {.kind = DC_SERIES_U64,
                                   .u = layout->series->set->samples - one->count};
    s->cell.len = 0;
    if (gaps.u == 0)
        dc_buf_text(&s->cell, "-");
    else
        dc_series_add_value(gaps, &s->cell);
}

static unsigned wider(unsigned width, const struct dc_show *s) {
    unsigned other = (unsigned)s->cell.len;
    return other > width ? other : width;
}

static unsigned width_of_name(const struct dc_series *one) {
    size_t width = dc_escaped_width(one->name.p, one->name.len);
    return width > MOST_NAME ? MOST_NAME : (unsigned)width;
}

static bool is_long(const struct layout *layout, const struct dc_series *one) {
    for (size_t k = 0; k < NUMBERS; k++) {
        format(layout->s, one, k);
        if (layout->s->cell.len > layout->limit)
            return true;
    }
    return false;
}

/* Numbers are ASCII: their bytes are their columns. */
static void measure(struct layout *layout, unsigned limit) {
    struct dc_show *s = layout->s;
    const struct dc_show_series *series = layout->series;
    layout->name = (unsigned)strlen("field");
    layout->limit = limit;
    layout->gaps = 0;
    for (size_t k = 0; k < NUMBERS; k++)
        layout->numbers[k] = (unsigned)strlen(titles[k]);
    for (size_t i = 0; i < series->n; i++) {
        const struct dc_series *one = series->all[i];
        unsigned name = width_of_name(one);
        layout->name = name > layout->name ? name : layout->name;
        for (size_t k = 0; k < NUMBERS && !is_long(layout, one); k++) {
            format(s, one, k);
            layout->numbers[k] = wider(layout->numbers[k], s);
        }
        if (one->count == series->set->samples)
            continue;
        format_gaps(layout, one);
        layout->gaps = wider(layout->gaps ? layout->gaps : (unsigned)strlen("gaps"), s);
    }
}

/* What the name and the numbers leave of the screen belongs to the blocks. */
static void fit(struct layout *layout) {
    unsigned width = layout->s->text.width, indent = layout->s->item_indent;
    size_t samples = layout->series->set->samples;
    unsigned want = samples < MOST_BLOCKS ? (unsigned)samples : MOST_BLOCKS;
    unsigned least = want < LEAST_BLOCKS ? want : LEAST_BLOCKS;
    unsigned used = indent + layout->name + GAP;
    for (size_t k = 0; k < NUMBERS; k++)
        used += GAP + layout->numbers[k];
    used += layout->gaps ? GAP + layout->gaps : 0;
    layout->stacked = used + least > width;
    if (layout->stacked)
        used = indent + STEP; /* the blocks stand on a line of their own, too */
    unsigned room = width > used ? width - used : 1;
    layout->blocks = want < room ? want : room;
    if (layout->stacked && layout->name > width - indent)
        layout->name = width - indent;
}

static void put_blank(struct dc_text *t, unsigned has, unsigned wants) {
    dc_text_put(t, "%*s", has < wants ? (int)(wants - has) : 0, "");
}

/* What s->cell holds, to the right. */
static void put_number(struct layout *layout, unsigned width) {
    struct dc_show *s = layout->s;
    dc_text_put(&s->text, "%*s", GAP, "");
    put_blank(&s->text, (unsigned)s->cell.len, width);
    dc_text_add(&s->text, s->cell.data, s->cell.len);
}

static void put_titles(struct layout *layout) {
    struct dc_show *s = layout->s;
    unsigned blocks = layout->blocks;
    dc_text_style(&s->text, DC_STYLE_FAINT);
    dc_text_put(&s->text, "%*sfield", (int)s->item_indent, "");
    put_blank(&s->text, (unsigned)strlen("field"), layout->name + GAP + blocks);
    for (size_t k = 0; k < NUMBERS; k++) {
        s->cell.len = 0;
        dc_buf_text(&s->cell, titles[k]);
        put_number(layout, layout->numbers[k]);
    }
    s->cell.len = 0;
    dc_buf_text(&s->cell, "gaps");
    if (layout->gaps)
        put_number(layout, layout->gaps);
    dc_text_style(&s->text, DC_STYLE_PLAIN);
    dc_text_put(&s->text, "\n");
}

static void put_name(struct layout *layout, const struct dc_series *one) {
    struct dc_text *t = &layout->s->text;
    unsigned from = t->column;
    layout->cut |= dc_escaped_width(one->name.p, one->name.len) > layout->name;
    dc_text_cut(t, one->name.p, one->name.len, layout->name);
    if (!layout->stacked)
        put_blank(t, t->column - from, layout->name + GAP);
}

static void put_blocks(struct layout *layout, const struct dc_series *one) {
    struct dc_show *s = layout->s;
    s->cell.len = 0;
    dc_series_spark(layout->series->set, one, layout->blocks, &s->cell);
    dc_text_style(&s->text, DC_STYLE_GOOD);
    dc_text_add(&s->text, s->cell.data, s->cell.len);
    dc_text_style(&s->text, DC_STYLE_PLAIN);
}

/* On lines of their own. */
static void put_numbers(struct layout *layout, const struct dc_series *one) {
    struct dc_show *s = layout->s;
    dc_text_put(&s->text, "\n");
    dc_show_restart(s);
    for (size_t k = 0; k < NUMBERS; k++) {
        dc_show_add(s, k ? ", " : "");
        dc_show_add(s, titles[k]);
        dc_show_add(s, " ");
        format(s, one, k);
        dc_buf_add(&s->scratch, s->cell.data, s->cell.len);
    }
    if (one->count < layout->series->set->samples) {
        format_gaps(layout, one);
        dc_show_add(s, ", gaps ");
        dc_buf_add(&s->scratch, s->cell.data, s->cell.len);
    }
    dc_show_note(s, s->item_indent + STEP, DC_STYLE_PLAIN);
}

static void put_row(struct layout *layout, const struct dc_series *one) {
    struct dc_show *s = layout->s;
    dc_text_put(&s->text, "%*s", (int)s->item_indent, "");
    put_name(layout, one);
    put_blocks(layout, one);
    if (is_long(layout, one)) {
        put_numbers(layout, one);
        return;
    }
    for (size_t k = 0; k < NUMBERS; k++) {
        format(s, one, k);
        put_number(layout, layout->numbers[k]);
    }
    format_gaps(layout, one);
    if (layout->gaps)
        put_number(layout, layout->gaps);
    dc_text_put(&s->text, "\n");
}

/* For a narrow screen. */
static void put_stack(struct layout *layout, const struct dc_series *one) {
    struct dc_show *s = layout->s;
    unsigned indent = s->item_indent + STEP;
    dc_text_put(&s->text, "%*s", (int)s->item_indent, "");
    put_name(layout, one);
    dc_text_put(&s->text, "\n%*s", (int)indent, "");
    put_blocks(layout, one);
    put_numbers(layout, one);
}

static void put_legend(struct layout *layout) {
    struct dc_show *s = layout->s;
    dc_show_restart(s);
    if (layout->blocks < layout->series->set->samples)
        dc_show_add(s, "a block for the greatest of several samples");
    if (layout->gaps) {
        dc_show_add(s, s->scratch.len > 0 ? "; " : "");
        dc_show_add(s, DC_SERIES_NONE " a gap: no statistics, or no such number in them");
    }
    if (layout->cut && !s->options->all)
        dc_show_add(s, s->scratch.len > 0 ? "; names are cut: --all"
                                          : "names are cut: --all");
    if (s->scratch.len == 0)
        return;
    s->cell.len = 0;
    dc_buf_add(&s->cell, s->scratch.data, s->scratch.len);
    dc_show_restart(s);
    dc_show_add(s, "(");
    dc_buf_add(&s->scratch, s->cell.data, s->cell.len);
    dc_show_add(s, ")");
    dc_show_note(s, s->item_indent, DC_STYLE_FAINT);
}

void dc_show_text_series(struct dc_show *s, const struct dc_show_series *series) {
    enum { LONG = 26, SHORT = 12 }; /* columns of any number, and of most */
    struct layout layout = {.s = s, .series = series};
    measure(&layout, LONG);
    fit(&layout);
    if (layout.stacked) {
        measure(&layout, SHORT);
        fit(&layout);
    }
    if (!layout.stacked)
        put_titles(&layout);
    for (size_t i = 0; i < series->n; i++)
        (layout.stacked ? put_stack : put_row)(&layout, series->all[i]);
    put_legend(&layout);
}
