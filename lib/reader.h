/*
 * reader: JSON text to a checked document, in one pass that the schema tables drive.
 *
 * The rules are those of wire-format 1.4: known member twice, null where the table does not
 * allow it, a number of the wrong form or range, a missing required member, and so on are
 * faults; unknown members are passed over (and counted) unless `strict` is set. Every
 * fault has a JSON Pointer, a line and a column.
 */
#ifndef DUMPCTL_LIB_READER_H
#define DUMPCTL_LIB_READER_H

#include "lib/doc.h"

/* Where the reader stands, for JSON Pointers: a member name or an index. */
struct dc_step {
    struct dc_span name; /* raw; p NULL: `index` counts */
    size_t index;
};

/* Where tags stand that are not the first member of their object: lib/reader_tag.c. */
struct dc_tag_place {
    uint32_t object; /* its '{' in the text */
    uint32_t value;  /* the tag's value; 0: the object has no such tag */
};

enum { DC_TAG_SEGMENT = 64, DC_TAG_SEGMENTS = 27 };

struct dc_tag_places {
    const char *tag; /* whose places these are; NULL: none yet */
    struct dc_tag_place *segments[DC_TAG_SEGMENTS];
    size_t count, next; /* places; the next one to be asked for */
    uint32_t until;     /* the text before it has been looked through */
};

/* Who is told of faults that need not end the reading: add() is called for each. */
struct dc_faults {
    void (*add)(void *ctx, const struct dc_error *err);
    void *ctx;
};

struct dc_reader {
    struct dc_lex lex;
    struct dc_arena *arena; /* borrowed: the document is built there */
    /* NULL: the first fault ends the reading. Else it goes on after faults of meaning, to
       find them all; the document is not to be used where n_faults > 0. */
    const struct dc_faults *faults;
    uint64_t n_faults;
    bool strict;        /* unknown members are faults */
    bool assume_single; /* a single needs no "schema": the oldest reports */
    uint64_t unknown;   /* unknown members passed over so far */
    struct dc_tag_places places;
    size_t n_steps;
    struct dc_step steps[2 * DC_MAX_DEPTH];
};

/*
 * Begins at text[0]. `text` and `arena` are borrowed and must outlive the documents read;
 * `len` must be below 4 GiB. `err` gets the first fault.
 */
void dc_reader_init(struct dc_reader *reader, const char *text, size_t len,
                    struct dc_arena *arena, struct dc_error *err);

/* The next value as a record of `type`. NULL: fault. The arena owns it. */
const struct dc_rec *dc_read_record(struct dc_reader *reader,
                                    const struct dc_type *type) DC_MUST_USE;

/* Fails at `at` with the pointer of the place where the reader stands. Returns -1. */
int dc_reader_fail(struct dc_reader *reader, const char *at, enum dc_code code,
                   const char *fmt, ...) DC_PRINTF(4, 5);

/*
 * Puts the JSON Pointer of the reader's place into the error: for faults that the lexer
 * has reported.
 */
void dc_reader_locate(struct dc_reader *reader);

#endif
