#include "view/sieve.h"

#include "view/match.h"

/* So many rows of sorted tables are looked at one by one: what is searched for is mostly
   near. */
enum { NEAR = 256 };

void view_sieve_init(struct view_sieve *sieve, const struct dc_outline *outline,
                     const char *pattern) {
    *sieve = (struct view_sieve){.outline = outline, .pattern = pattern};
    dc_buf_init(&sieve->text, outline->alloc);
}

static bool matches(struct view_sieve *sieve, const struct dc_outline_line *line) {
    struct dc_buf *text = &sieve->text;
    text->len = 0;
    dc_outline_search_text(sieve->outline, line, text);
    return text->len > 0 && view_match(sieve->pattern, text->data, text->len);
}

/* Looks at all rows of a table in the order in which they lie in memory. */
static bool look_through(struct view_sieve *sieve, const struct dc_outline_line *row) {
    const struct dc_alloc *alloc = &sieve->outline->alloc;
    const struct dc_outline_table *table = row->cells.table;
    const struct dc_outline_line *rows = dc_outline_rows(row);
    bool *found = alloc->resize(alloc->ctx, sieve->found, table->n_rows * sizeof(*found));
    if (!found) {
        sieve->text.failed = true;
        return false;
    }
    for (size_t i = 0; i < table->n_rows; i++)
        found[i] = matches(sieve, &rows[i]);
    sieve->found = found;
    sieve->table = table;
    return true;
}

bool view_sieve_has(struct view_sieve *sieve, const struct dc_outline_line *line) {
    if (line->kind != DC_OUTLINE_ROW || !line->cells.table->sorted)
        return matches(sieve, line);
    if (line->cells.table != sieve->table) {
        if (sieve->rows++ < NEAR)
            return matches(sieve, line);
        if (!look_through(sieve, line))
            return false;
    }
    return sieve->found[line - dc_outline_rows(line)];
}

bool view_sieve_done(struct view_sieve *sieve) {
    const struct dc_alloc *alloc = &sieve->outline->alloc;
    bool ok = dc_buf_ok(&sieve->text);
    if (sieve->found)
        alloc->resize(alloc->ctx, sieve->found, 0);
    dc_buf_done(&sieve->text);
    return ok;
}
