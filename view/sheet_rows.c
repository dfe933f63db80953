/* Which lines of a section have rows on the screen: what the filter lets through. */
#include "view/sieve.h"
#include "view/view.h"

#include <string.h>

static bool is_paragraph(const struct dc_outline_line *line) {
    return line->kind == DC_OUTLINE_NOTE || line->kind == DC_OUTLINE_FACT ||
           line->kind == DC_OUTLINE_FINDING;
}

void view_sheet_paragraph(const struct view_sheet *sheet,
                          const struct dc_outline_line *line, struct dc_buf *out) {
    dc_outline_name(line, out);
    dc_buf_text(out, line->kind == DC_OUTLINE_NOTE ? "" : ": ");
    dc_outline_words(&sheet->outline, line, out);
    if (line->kind != DC_OUTLINE_FINDING || !line->text.what)
        return;
    dc_buf_text(out, "  [");
    dc_buf_text(out, line->text.what);
    dc_buf_text(out, "]");
}

static bool add_row(struct view *view, struct view_sheet *sheet, struct view_row row) {
    struct dc_alloc alloc = view->canvas.alloc;
    if (sheet->count == sheet->room) {
        size_t room = sheet->room ? sheet->room * 2 : 64;
        void *p = alloc.resize(alloc.ctx, sheet->rows, room * sizeof(row));
        if (!p)
            return false;
        sheet->rows = p;
        sheet->room = room;
    }
    sheet->rows[sheet->count++] = row;
    return true;
}

/* How many bytes go into one row: up to a blank, where there is one. */
static size_t fold(const struct view_canvas *canvas, const char *s, size_t len,
                   unsigned columns) {
    size_t n = view_canvas_fit(canvas, s, len, columns);
    if (n == len)
        return n;
    for (size_t i = n; i > n / 2; i--)
        if (s[i] == ' ')
            return i + 1;
    return n > 0 ? n : 1;
}

static bool add_paragraph(struct view *view, struct view_sheet *sheet,
                          struct dc_outline_line *line, struct dc_buf *text) {
    enum { HANG = 2 };
    unsigned width = view->canvas.width - 1 - view_sheet_indent(&view->canvas, line);
    text->len = 0;
    view_sheet_paragraph(sheet, line, text);
    size_t from = 0;
    do {
        unsigned columns = from > 0 && width > HANG + 1 ? width - HANG : width;
        size_t n = text->len > from
                       ? fold(&view->canvas, text->data + from, text->len - from, columns)
                       : 0;
        struct view_row row = {line, (unsigned)from, (unsigned)n};
        if (!add_row(view, sheet, row))
            return false;
        from += n;
    } while (from < text->len);
    return dc_buf_ok(text);
}

/* ---- the filter ---- */

/* Lines that match, what they are inside of, what is inside of them, and the titles above
   rows that match. */
static void sift(struct view_sieve *sieve, bool *keep) {
    enum { LEVELS = 256 };
    const struct dc_outline *outline = sieve->outline;
    size_t above[LEVELS] = {0}, titles = SIZE_MAX;
    unsigned whole = LEVELS; /* the level of the line that brought its inside along */
    for (size_t i = 0; i < outline->count; i++) {
        const struct dc_outline_line *line = outline->lines[i];
        unsigned level = line->level < LEVELS ? line->level : LEVELS - 1;
        above[level] = i;
        if (level <= whole)
            whole = LEVELS;
        if (line->kind == DC_OUTLINE_TITLES)
            titles = i;
        bool found = line->kind != DC_OUTLINE_TITLES && view_sieve_has(sieve, line);
        if (found && line->inside && whole == LEVELS)
            whole = level;
        keep[i] = found || (whole < level);
        if (!keep[i])
            continue;
        for (unsigned l = level; l-- > 0 && !keep[above[l]];)
            keep[above[l]] = true;
        if (line->kind == DC_OUTLINE_ROW && titles != SIZE_MAX)
            keep[titles] = true;
    }
}

static bool add_lines(struct view *view, struct view_sheet *sheet, const bool *keep,
                      struct dc_buf *text) {
    for (size_t i = 0; i < sheet->outline.count; i++) {
        struct dc_outline_line *line = sheet->outline.lines[i];
        if (keep && !keep[i])
            continue;
        bool ok = is_paragraph(line)
                      ? add_paragraph(view, sheet, line, text)
                      : add_row(view, sheet, (struct view_row){line, 0, 0});
        if (!ok)
            return false;
    }
    return true;
}

/* The first row of a line, or of the last line before the place where it was. */
static void find_line(struct view_sheet *sheet, const struct dc_outline_line *line) {
    for (size_t i = 0; line && i < sheet->count; i++) {
        if (sheet->rows[i].line == line) {
            sheet->cursor = i;
            return;
        }
    }
    if (sheet->cursor >= sheet->count)
        sheet->cursor = sheet->count ? sheet->count - 1 : 0;
    while (sheet->cursor > 0 && sheet->rows[sheet->cursor].from > 0)
        sheet->cursor--;
}

/* Which lines the filter lets through, NULL where there is none. false: no memory. */
static bool filter(const struct view_sheet *sheet, bool **keep) {
    const struct dc_outline *outline = &sheet->outline;
    struct view_sieve sieve;
    *keep = NULL;
    if (!sheet->filter[0] || outline->count == 0)
        return true;
    *keep = outline->alloc.resize(outline->alloc.ctx, NULL, outline->count);
    if (!*keep)
        return false;
    memset(*keep, 0, outline->count);
    view_sieve_init(&sieve, outline, sheet->filter);
    sift(&sieve, *keep);
    return view_sieve_done(&sieve);
}

int view_sheet_rows(struct view *view, struct view_sheet *sheet,
                    const struct dc_outline_line *selected, struct dc_error *err) {
    struct dc_alloc alloc = view->canvas.alloc;
    struct dc_buf text;
    bool *keep;
    dc_buf_init(&text, alloc);
    sheet->count = 0;
    bool ok =
        filter(sheet, &keep) && add_lines(view, sheet, keep, &text) && dc_buf_ok(&text);
    if (keep)
        alloc.resize(alloc.ctx, keep, 0);
    dc_buf_done(&text);
    find_line(sheet, selected);
    sheet->width = ok ? view->canvas.width : 0;
    return ok ? 0 : dc_fail(err, DC_ENOMEM, "out of memory for the rows of a section");
}
