/*
 * cell: one value on its way to a person or a program: what it is, and in which unit.
 *
 * Sections make cells, renderers write them: as text with units and names, or as data.
 * Cells borrow from the report.
 */
#ifndef DUMPCTL_LIB_CELL_H
#define DUMPCTL_LIB_CELL_H

#include "lib/buf.h"
#include "lib/doc.h"
#include "lib/symbols.h"
#include "lib/writer.h"

enum dc_cell_kind {
    DC_CELL_NONE, /* the report does not have it */
    DC_CELL_NUMBER,
    DC_CELL_SIGNED,
    DC_CELL_REAL,
    DC_CELL_TRUTH,
    DC_CELL_TEXT,   /* from outside */
    DC_CELL_VALUE,  /* a rendered value */
    DC_CELL_JSON,   /* text is a value of the input as it stands there */
    DC_CELL_REASON, /* value is a STATS_SAMPLE without statistics */
    DC_CELL_LIST,   /* of numbers */
};

struct dc_cell {
    enum dc_cell_kind kind;
    enum dc_unit unit;
    unsigned decimals; /* of a DC_CELL_REAL as text, 0 to 6 */
    const char *name;  /* what the number is called; NULL: nothing */
    union {
        uint64_t number; /* DC_CELL_TRUTH too */
        int64_t integer;
        double real;
        struct dc_str text;
        const struct dc_rec *value;
        const struct dc_list *list;
    };
};

/* Nanoseconds in a column of a table all have one unit, which its title names. */
enum dc_scale { DC_SCALE_OWN, DC_SCALE_NS, DC_SCALE_US, DC_SCALE_MS, DC_SCALE_S };

struct dc_cell_style {
    bool exact;                       /* nanoseconds as they are */
    bool all;                         /* zero members, and every element of a list */
    const struct dc_symbols *symbols; /* NULL: none */
    bool doubtful;                    /* their names are marked */
};

/* Field `i` of a record as it stands in the tables. */
struct dc_cell dc_cell_of(const struct dc_rec *rec, size_t i);

/* Whether the cell says nothing that its absence would not. */
bool dc_cell_is_zero(const struct dc_cell *cell);

/* The unit for nanoseconds up to `most`: the largest of which that is ten, or ns. */
enum dc_scale dc_scale_for(uint64_t most);
const char *dc_scale_name(enum dc_scale scale); /* "ns", "us", "ms", "s" */

/*
 * Adds the cell as text, not escaped. DC_SCALE_OWN: with a unit of its own behind it.
 * A value that is more than nothing never becomes a zero: "<0.001". DC_CELL_VALUE is
 * written on one line, whatever is in it.
 */
void dc_cell_text(const struct dc_cell *cell, const struct dc_cell_style *style,
                  enum dc_scale scale, struct dc_buf *out);

/* "name+0x1c", where a symbol is near; marked where names are doubtful. false: none. */
bool dc_cell_add_symbol(const struct dc_cell_style *style, uint64_t address,
                        struct dc_buf *out);

/* Writes the cell as data: exact numbers, addresses as strings. */
void dc_cell_json(struct dc_writer *w, const struct dc_cell *cell);

#endif
