/*
 * table: rows and columns of a section, before anybody knows how they will look.
 *
 * A table does not hold its rows: it says where they are, which of them count, which tell
 * most, and how a cell is made of a row. Renderers walk over them as often as they need,
 * so that memory does not follow the report.
 */
#ifndef DUMPCTL_LIB_TABLE_H
#define DUMPCTL_LIB_TABLE_H

#include "lib/cell.h"

struct dc_row {
    size_t index;             /* in its list */
    const struct dc_rec *rec; /* NULL in a list with holes */
};

struct dc_column {
    const char *title;  /* our own; NULL: `name` */
    struct dc_str name; /* from outside */
    const char *member; /* of the report, where the column shows it as it is; NULL */
    const char *meaning;
    struct dc_cell (*make)(const struct dc_column *column, const struct dc_row *row);
    int field; /* of the rows' records, where make is NULL; -1: none */
    int arg;   /* for make() */
    enum dc_unit unit;
    bool left;    /* words: aligned left */
    bool wide;    /* words that may take all the room that other columns leave */
    bool quiet;   /* left out, and named, where it is zero or absent in every row */
    bool divided; /* a bar stands before it */
    bool warns;   /* what is not zero there wants to be seen */
};

struct dc_table {
    const char *name; /* "tasks": for programs */
    const struct dc_column *columns;
    size_t n_columns;
    const struct dc_list *list; /* of records; walked over */
    /* Which rows count; NULL: all. */
    bool (*filter)(const void *ctx, const struct dc_row *row);
    const void *ctx;
    /* Whether `a` tells more than `b`; NULL: what stands before it in the list. */
    bool (*before)(const struct dc_row *a, const struct dc_row *b);
    const char *by;  /* what before() looks at, for a person: "nr_running" */
    const char *few; /* what is to be said where rows are left out; NULL: --all */
    size_t most;     /* rows that a screen shows without --all */
};

/* A cell of the table. */
struct dc_cell dc_table_cell(const struct dc_column *column, const struct dc_row *row);

/* Adds the column's title, which may come from outside. */
void dc_table_title(const struct dc_column *column, struct dc_buf *out);

/*
 * The rows to be shown, one after the other. At most `most` of them: where there are more,
 * those that tell most, the most telling first; `most` 0: all, as they stand in the list.
 */
enum { DC_ROWS_MOST = 256 };

struct dc_rows {
    const struct dc_table *table;
    size_t total; /* that count */
    size_t shown; /* that dc_rows_next() gives */
    bool ranked;  /* shown by what they tell, not by place */
    /* private */
    struct dc_row best[DC_ROWS_MOST];
    struct dc_list_walk walk;
    size_t next;
};

void dc_rows_pick(struct dc_rows *rows, const struct dc_table *table, size_t most);
bool dc_rows_next(struct dc_rows *rows, struct dc_row *row);
void dc_rows_rewind(struct dc_rows *rows);

/* What is in the columns of the rows that are shown, of the first DC_TABLE_COLUMNS. */
enum { DC_TABLE_COLUMNS = 64 };

struct dc_survey {
    size_t n;            /* columns */
    uint64_t present;    /* bit i: some row has column i */
    uint64_t quiet;      /* bit i: it is to be left out where it is zero, and it is */
    enum dc_scale scale; /* of all nanoseconds, so that columns can be compared */
};

/* `exact`: nanoseconds stay. `all`: nothing is left out. Walks over the rows, rewinds. */
struct dc_survey dc_rows_survey(struct dc_rows *rows, bool exact, bool all);

/* Whether a column is shown. */
bool dc_survey_shows(const struct dc_survey *survey, size_t column);

/* Whether a bar stands before a column that is shown: its own, or that of one before it which
   is not. `columns` are those of the table. */
bool dc_survey_divided(const struct dc_survey *survey, const struct dc_column *columns,
                       size_t column);

#endif
