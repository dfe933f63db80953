#include "view/keep.h"

#include <stdio.h>
#include <string.h>

enum {
    LEVELS = 64, /* deeper lines share the last */
    MOST = 1000, /* notes: enough for what a person unfolds, few enough to look through */
    SEPARATOR = 1 /* between the names of a path; in a name it would do no harm */
};

enum what { UNFOLDED, SORTED, SELECTED };

/* In sheet->kept one behind the other, each with its path behind it. */
struct note {
    enum what what;
    bool falling;
    size_t column, len;
};

/* The names of a line and of those that it stands in. */
struct path {
    struct dc_buf names;
    size_t ends[LEVELS];
};

static void path_to(struct path *path, const struct dc_outline_line *line) {
    static const char separator = SEPARATOR;
    char ordinal[32];
    unsigned level = line->level < LEVELS ? line->level : LEVELS - 1;
    size_t start = level > 0 ? path->ends[level - 1] : 0;
    path->names.len = start;
    dc_outline_name(line, &path->names);
    if (line->kind == DC_OUTLINE_TITLES)
        dc_buf_text(&path->names, line->cells.table->name ? line->cells.table->name : "");
    if (path->names.len == start) {
        snprintf(ordinal, sizeof(ordinal), "%u", line->ordinal);
        dc_buf_text(&path->names, ordinal);
    }
    dc_buf_add(&path->names, &separator, 1);
    for (unsigned i = level; i < LEVELS; i++)
        path->ends[i] = path->names.len;
}

/* What tells it from the others is its name; those without one are told by place. */
static bool is_named(const struct dc_outline_line *line) {
    return line->kind == DC_OUTLINE_FACT || line->kind == DC_OUTLINE_ITEM ||
           line->kind == DC_OUTLINE_VALUE || line->kind == DC_OUTLINE_FIELD;
}

/* ---- noting ---- */

static void add(struct dc_buf *kept, struct note note, const struct path *path) {
    note.len = path->names.len;
    dc_buf_add(kept, (const char *)&note, sizeof(note));
    dc_buf_add(kept, path->names.data, path->names.len);
}

static size_t note_line(struct dc_buf *kept, const struct dc_outline_line *line,
                        const struct path *path, bool selected) {
    const struct dc_outline_table *table =
        line->kind == DC_OUTLINE_TITLES ? line->cells.table : NULL;
    if (selected && is_named(line))
        add(kept, (struct note){.what = SELECTED}, path);
    if (line->folds && line->inside)
        add(kept, (struct note){.what = UNFOLDED}, path);
    if (table && table->sorted)
        add(kept,
            (struct note){
                .what = SORTED, .falling = table->falling, .column = table->sorted_by},
            path);
    return (line->folds && line->inside) || (table && table->sorted);
}

void view_keep_take(struct view_sheet *sheet, struct dc_alloc alloc) {
    const struct dc_outline_line *selected = view_sheet_line(sheet);
    struct path path = {.ends = {0}};
    size_t notes = 0;
    view_keep_drop(sheet);
    dc_buf_init(&sheet->kept, alloc);
    dc_buf_init(&path.names, alloc);
    for (size_t i = 0; i < sheet->outline.count && notes < MOST; i++) {
        const struct dc_outline_line *line = sheet->outline.lines[i];
        path_to(&path, line);
        notes += note_line(&sheet->kept, line, &path, line == selected);
    }
    if (!dc_buf_ok(&sheet->kept) || !dc_buf_ok(&path.names))
        view_keep_drop(sheet);
    dc_buf_done(&path.names);
}

void view_keep_drop(struct view_sheet *sheet) {
    if (sheet->kept.data)
        dc_buf_done(&sheet->kept);
    sheet->kept.data = NULL;
    sheet->kept.len = 0;
}

/* ---- finding again ---- */

/* Looks from *at on and around: in a report that is nearly the same each note follows the
   one that was found before. */
static bool find(const struct dc_buf *kept, const struct path *path, enum what what,
                 size_t *at, struct note *note) {
    size_t from = *at, len = path->names.len;
    bool around = false;
    for (size_t i = from; !around || i < from;) {
        if (i >= kept->len) {
            if (around)
                return false;
            around = true;
            i = 0;
            continue;
        }
        memcpy(note, kept->data + i, sizeof(*note));
        const char *names = kept->data + i + sizeof(*note);
        bool same = note->what == what && note->len == len &&
                    memcmp(names, path->names.data, len) == 0;
        if (same) {
            *at = i;
            return true;
        }
        i += sizeof(*note) + note->len;
    }
    return false;
}

static int redo(struct view_sheet *sheet, struct dc_outline_line *line,
                const struct path *path, size_t *at, struct dc_error *err) {
    struct note note;
    if (line->folds && !line->inside && find(&sheet->kept, path, UNFOLDED, at, &note))
        return dc_outline_unfold(&sheet->outline, line, err);
    if (line->kind != DC_OUTLINE_TITLES || !find(&sheet->kept, path, SORTED, at, &note))
        return 0;
    if (!dc_survey_shows(&line->cells.table->survey, note.column))
        return 0;
    return dc_outline_sort(&sheet->outline, line, note.column, note.falling, err);
}

/* The path of the line that was selected; "" where it had no name. */
static struct dc_str selection(const struct dc_buf *kept) {
    struct note note;
    for (size_t i = 0; i < kept->len; i += sizeof(note) + note.len) {
        memcpy(&note, kept->data + i, sizeof(note));
        if (note.what == SELECTED)
            return (struct dc_str){kept->data + i + sizeof(note), note.len};
    }
    return (struct dc_str){"", 0};
}

int view_keep_give(struct view_sheet *sheet, const struct dc_outline_line **selected,
                   struct dc_error *err) {
    struct path path = {.ends = {0}};
    size_t at = 0;
    int rc = 0;
    *selected = NULL;
    if (sheet->kept.len == 0)
        return 0;
    struct dc_str wanted = selection(&sheet->kept);
    dc_buf_init(&path.names, sheet->outline.alloc);
    for (size_t i = 0; rc == 0 && i < sheet->outline.count; i++) {
        struct dc_outline_line *line = sheet->outline.lines[i];
        path_to(&path, line);
        rc = redo(sheet, line, &path, &at, err);
        if (is_named(line) && !*selected && wanted.len == path.names.len &&
            memcmp(wanted.p, path.names.data, wanted.len) == 0)
            *selected = line;
    }
    if (rc == 0 && !dc_buf_ok(&path.names))
        rc = dc_fail(err, DC_ENOMEM, "out of memory for the lines of a section");
    dc_buf_done(&path.names);
    view_keep_drop(sheet);
    return rc;
}
