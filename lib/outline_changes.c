/* What differs between two reports, as lines. */
#include "lib/outline_private.h"
#include "lib/show_diff_private.h"

#include <string.h>

enum { MOST_CHANGES = 20000 }; /* nobody reads more, and each has its words */

struct changes {
    struct dc_outline *outline;
    struct dc_outline_block *block;
    const struct dc_diff *diff;
    struct dc_diff_words words;
    int section;
    bool first, begun, failed;
    size_t n, left;
};

static bool add_note(struct changes *c, const char *words, enum dc_style style) {
    struct dc_outline_line *line = dc_outline_add(c->outline, c->block, DC_OUTLINE_NOTE);
    struct dc_buf copy = {.data = (char *)words, .len = strlen(words)};
    if (!line || !dc_outline_keep(c->block, &copy, &line->text.words))
        return false;
    line->style = (unsigned char)style;
    return true;
}

/* A heading for each section; what must be known first needs none. */
static bool add_heading(struct changes *c, const struct dc_diff_row *row) {
    bool same = c->begun && c->first == row->first && c->section == row->section;
    c->begun = true;
    c->first = row->first;
    c->section = row->section;
    if (same || row->first)
        return true;
    const char *name = dc_diff_section_name(row->section);
    return !name || add_note(c, name, DC_STYLE_TITLE);
}

static bool add_change(struct changes *c, const struct dc_diff_row *row) {
    struct dc_outline_line *line =
        dc_outline_add(c->outline, c->block, DC_OUTLINE_CHANGE);
    struct dc_outline_change *change = dc_arena_get(&c->block->arena, sizeof(*change));
    if (!line || !change)
        return false;
    dc_diff_words_set(&c->words, c->diff, row, true);
    *change = (struct dc_outline_change){.sign = c->words.sign};
    line->change = change;
    line->style = row->first ? DC_STYLE_WARN : DC_STYLE_PLAIN;
    return dc_outline_keep(c->block, &c->words.name, &change->path) &&
           dc_outline_keep(c->block, &c->words.a, &change->a) &&
           dc_outline_keep(c->block, &c->words.b, &change->b) &&
           dc_outline_keep(c->block, &c->words.note, &change->note);
}

static int take(void *ctx, const struct dc_diff_row *row) {
    struct changes *c = ctx;
    if (c->n == MOST_CHANGES) {
        c->left++;
        return 0;
    }
    c->n++;
    c->failed = !add_heading(c, row) || !add_change(c, row);
    return c->failed ? -1 : 0;
}

static void take_remark(void *ctx, const struct dc_buf *remark) {
    struct changes *c = ctx;
    struct dc_outline_line *line = dc_outline_add(c->outline, c->block, DC_OUTLINE_NOTE);
    if (!line || !dc_outline_keep(c->block, remark, &line->text.words)) {
        c->failed = true;
        return;
    }
    line->style = DC_STYLE_FAINT;
}

static int fill(struct changes *c, struct dc_error *err) {
    if (dc_diff_total(c->diff) == 0)
        c->failed = !add_note(c, "No difference counts.", DC_STYLE_PLAIN);
    if (dc_diff_each(c->diff, DC_DIFF_COUNTS, take, c, err) < 0 ||
        dc_diff_remarks(c->diff, c->outline->alloc, take_remark, c, err) < 0)
        return -1;
    if (c->left > 0)
        c->failed |= !add_note(c,
                               "There are more than a screen is for: dumpctl diff "
                               "has them all.",
                               DC_STYLE_WARN);
    if (c->failed || !dc_diff_words_ok(&c->words))
        return dc_fail(err, DC_ENOMEM, "out of memory for the differences");
    return 0;
}

static int compare(struct dc_outline *outline, const struct dc_model *a,
                   const struct dc_model *b, struct dc_error *err) {
    const struct dc_diff_options options = {
        .alloc = outline->alloc,
        .same_run = outline->model == NULL,
        .symbols = {outline->cells.symbols, outline->cells.symbols}};
    struct changes c = {.outline = outline, .block = outline->root};
    struct dc_diff diff;
    int rc = dc_diff_init(&diff, a, b, &options, err);
    if (rc == 0) {
        c.diff = &diff;
        dc_diff_words_init(&c.words, outline->alloc);
        rc = fill(&c, err);
        dc_diff_words_done(&c.words);
    }
    dc_diff_done(&diff);
    return rc;
}

int dc_outline_init_changes(struct dc_outline *outline, const struct dc_model *a,
                            const struct dc_model *b, const struct dc_symbols *symbols,
                            struct dc_alloc alloc, struct dc_error *err) {
    struct dc_report phases[2];
    struct dc_model models[2];
    bool halves = a == b;
    *outline = (struct dc_outline){.alloc = alloc, .cells = {.symbols = symbols}};
    outline->model = halves ? NULL : b;
    outline->root = dc_outline_block_new(outline);
    if (!outline->root)
        return dc_fail(err, DC_ENOMEM, "out of memory for the differences");
    for (size_t i = 0; halves && i < 2; i++) {
        phases[i] = dc_report_phase(a->report, a->snapshots[i].rec);
        dc_model_init(&models[i], &phases[i], a->file);
    }
    if (compare(outline, halves ? &models[0] : a, halves ? &models[1] : b, err) < 0)
        return -1;
    return dc_outline_collect(outline, err);
}
