/*
 * value_text: rendered values (wire-format 5) as lines for a person.
 *
 * A struct stands on one line, TYPE{a=1, b=2}, where it fits; else its scalars make a grid
 * and the rest follows, each member on its own. Members that are zero through and through
 * are left out, and counted. Arrays are text where they are text, lists of numbers with
 * runs of zeros left out, or groups of equal neighbours. Nothing here is escaped yet: the
 * lines hold names from guest memory.
 */
#ifndef DUMPCTL_LIB_VALUE_TEXT_H
#define DUMPCTL_LIB_VALUE_TEXT_H

#include "lib/cell.h"

/* Zero, empty or null through and through. Bytes, what could not be rendered, what is not
   all there, and what has thousands of members, never. */
bool dc_value_is_zero(const struct dc_rec *value);

/* A number, a word, an address that was not followed, bytes: what a table has a cell for. */
bool dc_value_is_scalar(const struct dc_rec *value);

/* Adds the value in one line, however long it gets. */
void dc_value_add_line(const struct dc_rec *value, const struct dc_cell_style *style,
                       struct dc_buf *out);

/* Lines that are being written. */
struct dc_value_lines {
    const struct dc_cell_style *style;
    unsigned width; /* columns that a line should keep to; longer ones must be folded */
    /* One line, without a newline, `indent` columns from the left; may hold any bytes. */
    void (*line)(void *ctx, unsigned indent, const struct dc_buf *line);
    void *ctx;
    struct dc_buf *buf;   /* room for one line, and */
    struct dc_buf *trial; /* for what is tried */
    size_t zeros;         /* members that were left out, added up */
    /* private */
    unsigned indent;
};

/*
 * Writes the value from column `indent` on; what lines->buf holds already (a label) stands
 * before it on the first line. Lines->buf is empty then.
 */
void dc_value_write(struct dc_value_lines *lines, unsigned indent,
                    const struct dc_rec *value);

/* ---- value_array.c ---- */

/* As dc_value_write(), for an array; on the line that is open. */
void dc_value_write_array(struct dc_value_lines *lines, const struct dc_rec *value);

/* Adds an array of scalars, or of nothing, as one line. false: it holds others, or the
   text got longer than `limit` bytes; what was added must be taken off again. */
bool dc_value_add_array(const struct dc_rec *value, const struct dc_cell_style *style,
                        struct dc_buf *out, size_t limit);

/* Adds the value in one line of at most `limit` bytes. false as above. */
bool dc_value_add_inline(const struct dc_rec *value, const struct dc_cell_style *style,
                         struct dc_buf *out, size_t limit);

/* value_bytes.c: whether a text is bytes, "00 11" with one blank between them. */
bool dc_value_is_hex(struct dc_str hex);

/* Writes bytes as rows below what stands on the open line. false, and
   nothing is written: they fit into `room` columns, or the text is no bytes in digits. */
bool dc_value_write_bytes(struct dc_value_lines *lines, struct dc_str hex, size_t room);

/* Whether it is of no use to try a list on one short line: what is tried at every level
   must not look at millions of elements. */
bool dc_value_is_too_long(const struct dc_list *list, size_t limit);

/* Writes the value behind what stands on the open line. */
void dc_value_continue(struct dc_value_lines *lines, const struct dc_rec *value);

/* Ends the open line; the next one begins at lines->indent. */
void dc_value_break(struct dc_value_lines *lines);

#endif
