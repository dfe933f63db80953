#include "lib/outline_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- blocks ---- */

struct dc_outline_block *dc_outline_block_new(struct dc_outline *outline) {
    struct dc_outline_block *block =
        outline->alloc.resize(outline->alloc.ctx, NULL, sizeof(*block));
    if (!block)
        return NULL;
    *block = (struct dc_outline_block){.count = 0};
    dc_arena_init(&block->arena, outline->alloc, 0);
    return block;
}

void dc_outline_block_free(struct dc_outline *outline, struct dc_outline_block *block) {
    if (!block)
        return;
    for (size_t i = 0; i < block->count; i++)
        dc_outline_block_free(outline, block->lines[i].inside);
    if (block->lines)
        outline->alloc.resize(outline->alloc.ctx, block->lines, 0);
    dc_arena_done(&block->arena);
    outline->alloc.resize(outline->alloc.ctx, block, 0);
}

bool dc_outline_reserve(const struct dc_outline *outline, struct dc_outline_block *block,
                        size_t count) {
    size_t room = block->count + count;
    if (room <= block->room)
        return true;
    void *p = outline->alloc.resize(outline->alloc.ctx, block->lines,
                                    room * sizeof(*block->lines));
    if (!p)
        return false;
    block->lines = p;
    block->room = room;
    return true;
}

struct dc_outline_line *dc_outline_add(const struct dc_outline *outline,
                                       struct dc_outline_block *block,
                                       enum dc_outline_kind kind) {
    if (block->count == block->room &&
        !dc_outline_reserve(outline, block, block->room ? block->room : 16))
        return NULL;
    struct dc_outline_line *line = &block->lines[block->count++];
    *line = (struct dc_outline_line){.kind = (unsigned char)kind,
                                     .level = (unsigned short)block->level,
                                     .block = block};
    return line;
}

bool dc_outline_keep(struct dc_outline_block *block, const struct dc_buf *text,
                     struct dc_str *out) {
    *out = (struct dc_str){"", 0};
    if (text->len == 0)
        return true;
    char *copy = dc_arena_get(&block->arena, text->len);
    if (!copy)
        return false;
    memcpy(copy, text->data, text->len);
    *out = (struct dc_str){copy, text->len};
    return true;
}

/* ---- all lines that are unfolded ---- */

static size_t count_lines(const struct dc_outline_block *block) {
    size_t count = block->count;
    for (size_t i = 0; i < block->count; i++)
        if (block->lines[i].inside)
            count += count_lines(block->lines[i].inside);
    return count;
}

static void collect(struct dc_outline *outline, struct dc_outline_block *block) {
    for (size_t i = 0; i < block->count; i++) {
        struct dc_outline_line *line = &block->lines[i];
        outline->lines[outline->count++] = line;
        if (line->inside)
            collect(outline, line->inside);
        if (line->kind != DC_OUTLINE_TITLES || !line->cells.table->sorted)
            continue;
        const struct dc_outline_table *table = line->cells.table;
        for (size_t row = 0; row < table->n_rows; row++)
            outline->lines[outline->count++] =
                &block->lines[table->first + table->order[row]];
        i += table->n_rows;
    }
}

int dc_outline_collect(struct dc_outline *outline, struct dc_error *err) {
    size_t count = count_lines(outline->root);
    if (count > outline->room) {
        void *p = outline->alloc.resize(outline->alloc.ctx, outline->lines,
                                        count * sizeof(struct dc_outline_line *));
        if (!p)
            return dc_fail(err, DC_ENOMEM, "out of memory for the lines of a section");
        outline->lines = p;
        outline->room = count;
    }
    outline->count = 0;
    collect(outline, outline->root);
    return 0;
}

/* ---- folding ---- */

static int fail(struct dc_error *err) {
    return dc_fail(err, DC_ENOMEM, "out of memory for what is unfolded");
}

static int fill(struct dc_outline *outline, const struct dc_outline_line *line,
                struct dc_outline_block *block, struct dc_error *err) {
    const struct dc_outline_block *outer = line->block;
    block->level = line->level + 1U;
    block->depth = outer->depth;
    memcpy(block->path, outer->path, sizeof(block->path));
    if (line->kind == DC_OUTLINE_VALUE)
        return dc_outline_value_parts(outline, block, line->value.rec) ? 0 : fail(err);
    block->path[block->depth++] = line->ordinal;
    return dc_outline_build(outline, block, err);
}

int dc_outline_unfold(struct dc_outline *outline, struct dc_outline_line *line,
                      struct dc_error *err) {
    if (!line->folds || line->inside)
        return 0;
    struct dc_outline_block *block = dc_outline_block_new(outline);
    if (!block)
        return fail(err);
    line->inside = block;
    if (fill(outline, line, block, err) == 0 && dc_outline_collect(outline, err) == 0)
        return 0;
    dc_outline_fold(outline, line);
    return -1;
}

void dc_outline_fold(struct dc_outline *outline, struct dc_outline_line *line) {
    struct dc_error ignored;
    if (!line->inside)
        return;
    dc_outline_block_free(outline, line->inside);
    line->inside = NULL;
    if (dc_outline_collect(outline, &ignored) < 0)
        outline->count = 0; /* cannot be: there are fewer than before */
}

/* ---- the whole ---- */

bool dc_outline_has(const struct dc_snapshot *snapshot, enum dc_section_id section) {
    const struct dc_section *of = &dc_sections[section];
    if (section == DC_SECTION_SAMPLES) /* which are of all variants, where one asked */
        return dc_section_count(of, snapshot) > 0;
    if (snapshot->rec->type != &dc_type_SINGLE)
        return section == DC_SECTION_VCPUS || section == DC_SECTION_FINDINGS;
    return of->field < 0 || section == DC_SECTION_VCPUS ||
           dc_section_count(of, snapshot) > 0;
}

int dc_outline_init(struct dc_outline *outline, const struct dc_model *model,
                    const struct dc_snapshot *snapshot, enum dc_section_id section,
                    const struct dc_symbols *symbols, struct dc_alloc alloc,
                    struct dc_error *err) {
    *outline = (struct dc_outline){.alloc = alloc,
                                   .model = model,
                                   .snapshot = snapshot,
                                   .section = section,
                                   .cells = {.symbols = symbols}};
    if (symbols)
        outline->cells.doubtful =
            dc_symbols_judge(symbols, model).fit == DC_SYMBOLS_DOUBTFUL;
    outline->root = dc_outline_block_new(outline);
    if (!outline->root)
        return fail(err);
    if (dc_outline_build(outline, outline->root, err) < 0)
        return -1;
    return dc_outline_collect(outline, err);
}

void dc_outline_done(struct dc_outline *outline) {
    dc_outline_block_free(outline, outline->root);
    if (outline->lines)
        outline->alloc.resize(outline->alloc.ctx, outline->lines, 0);
    outline->root = NULL;
    outline->lines = NULL;
    outline->count = outline->room = 0;
}
