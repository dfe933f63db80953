/*
 * outline: a section of a report as lines to move about in: to be folded, sorted, searched.
 *
 * It says what `show` says, but all of it, and makes nothing before it is looked at: a map,
 * a key or a value has no lines before it is unfolded, and the words of a line are put
 * together when they are wanted. So a report of any size is as quick as what is unfolded.
 *
 * Lines borrow from the model, which must outlive the outline, and belong to it: they are
 * valid until what they are inside of is folded. Sorting leaves them where they are.
 */
#ifndef DUMPCTL_LIB_OUTLINE_H
#define DUMPCTL_LIB_OUTLINE_H

#include "lib/plot.h"
#include "lib/sections.h"
#include "lib/symbols.h"
#include "lib/table.h"
#include "lib/text.h"

enum dc_outline_kind {
    DC_OUTLINE_NOTE,    /* words */
    DC_OUTLINE_FACT,    /* a name and words */
    DC_OUTLINE_FINDING, /* as above, and the members that they come from */
    DC_OUTLINE_FIELD,   /* a column of a record: its title and its cell */
    DC_OUTLINE_TITLES,  /* of a table; its rows follow */
    DC_OUTLINE_ROW,     /* of that table */
    DC_OUTLINE_ITEM,    /* a map, a key: a name and words, and more inside */
    DC_OUTLINE_VALUE,   /* a rendered value or a part of one: a name and words */
    DC_OUTLINE_PLOT,
    DC_OUTLINE_SERIES, /* a name, blocks, and words: a number in the samples of a run */
    DC_OUTLINE_CHANGE, /* a name, what one report has, what the other has, how far apart */
};

struct dc_outline_table {
    const char *name;
    struct dc_column *columns;
    struct dc_survey survey; /* which columns are shown */
    size_t first, n_rows; /* among the lines of its block, as they stand in the report */
    size_t sorted_by;     /* a column, where `sorted` */
    bool sorted, falling;
    uint32_t *order;  /* of the rows, where `sorted`: their numbers from `first` on */
    unsigned *widths; /* of each column, for who draws it; 0 at first */
};

struct dc_outline_change {
    char sign; /* '-' only the first has it, '+' only the second, else ' ' */
    struct dc_str path, a, b, note;
};

/* What dc_series_spark() draws: a character for each of at most so many parts. */
enum { DC_OUTLINE_BLOCKS = 32 };

struct dc_outline_series {
    struct dc_str name, blocks, words;
};

struct dc_outline_line {
    unsigned char kind, style;       /* enum dc_outline_kind, enum dc_style */
    bool folds;                      /* there is something inside */
    unsigned short level;            /* how deep it stands */
    unsigned ordinal;                /* of an item, among its like */
    struct dc_outline_block *block;  /* in which it stands */
    struct dc_outline_block *inside; /* NULL: folded */
    union {
        struct {
            const char *what; /* "map"; of a finding: where it comes from */
            struct dc_str name, words;
        } text;
        struct {
            struct dc_outline_table *table;
            struct dc_row row;
            size_t column; /* of a FIELD */
        } cells;
        struct {
            struct dc_str name;
            const struct dc_rec *rec; /* NULL: it is not mapped */
            size_t index;             /* of an array, where `name` is empty */
            bool element;
        } value;
        const struct dc_plot *plot;
        const struct dc_outline_series *series;
        const struct dc_outline_change *change;
    };
};

struct dc_outline {
    struct dc_alloc alloc;
    const struct dc_model *model;
    const struct dc_snapshot *snapshot;
    enum dc_section_id section;
    struct dc_cell_style cells;
    struct dc_outline_block *root;
    struct dc_outline_line **lines; /* all that is unfolded, in order */
    size_t count, room;
};

/*
 * The lines of a section of one of the model's snapshots, all items folded. `symbols` NULL:
 * addresses have no names. 0, or -1 with `err` set where memory ran out;
 * dc_outline_done() must follow in both cases.
 */
int dc_outline_init(struct dc_outline *outline, const struct dc_model *model,
                    const struct dc_snapshot *snapshot, enum dc_section_id section,
                    const struct dc_symbols *symbols, struct dc_alloc alloc,
                    struct dc_error *err) DC_MUST_USE;
void dc_outline_done(struct dc_outline *outline);

/* The same of what differs between two reports (lib/compare.h), or, where both are one
   model, between its two snapshots. The models are needed for the call only. */
int dc_outline_init_changes(struct dc_outline *outline, const struct dc_model *a,
                            const struct dc_model *b, const struct dc_symbols *symbols,
                            struct dc_alloc alloc, struct dc_error *err) DC_MUST_USE;

/* Whether the section has something to say of the snapshot. */
bool dc_outline_has(const struct dc_snapshot *snapshot, enum dc_section_id section);

/* Opens what is inside of a line that folds and is folded. 0, or -1 with `err` set. */
int dc_outline_unfold(struct dc_outline *outline, struct dc_outline_line *line,
                      struct dc_error *err) DC_MUST_USE;

/* Forgets what is inside. */
void dc_outline_fold(struct dc_outline *outline, struct dc_outline_line *line);

/*
 * Sorts the rows of the table that `line` is a row or the titles of, by a column: numbers
 * by size, words by their bytes, what is absent last. SIZE_MAX: as they stand in the
 * report. 0, or -1 with `err` set where memory ran out.
 */
int dc_outline_sort(struct dc_outline *outline, struct dc_outline_line *line,
                    size_t column, bool falling, struct dc_error *err) DC_MUST_USE;

/* The rows of the table that `line` is a row or the titles of: all n_rows of them, as they
   stand in the report. To walk over them is many times quicker than over sorted ones: what
   they tell of lies in that order in memory, too. */
const struct dc_outline_line *dc_outline_rows(const struct dc_outline_line *line);

/* ---- words; nothing is escaped ---- */

/* Adds the title of a column, with its unit where all cells have it. */
void dc_outline_title(const struct dc_outline_table *table, size_t column,
                      struct dc_buf *out);

/* Adds one cell of a row; "-" where it is absent. */
void dc_outline_cell(const struct dc_outline *outline, const struct dc_outline_line *line,
                     size_t column, struct dc_buf *out);

/* Adds what a line is called: nothing where it is a note, titles or a row. */
void dc_outline_name(const struct dc_outline_line *line, struct dc_buf *out);

/* Adds what a line says behind its name; of a value that is long and folds what it is. */
void dc_outline_words(const struct dc_outline *outline,
                      const struct dc_outline_line *line, struct dc_buf *out);

/* The same without a limit: for one line at a time. */
void dc_outline_whole(const struct dc_outline *outline,
                      const struct dc_outline_line *line, struct dc_buf *out);

/* Adds all words of a line, with a tab between two parts: for searching. */
void dc_outline_search_text(const struct dc_outline *outline,
                            const struct dc_outline_line *line, struct dc_buf *out);

#endif
