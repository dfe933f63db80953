/*
 * reader_private: what the parts of the reader share (reader.c, reader_union.c,
 * reader_tag.c and reader_place.c). Nobody else includes it.
 */
#ifndef DUMPCTL_LIB_READER_PRIVATE_H
#define DUMPCTL_LIB_READER_PRIVATE_H

#include "lib/reader.h"

/* Steps into a member or an element, and out again. */
void dc_reader_push_name(struct dc_reader *reader, struct dc_span name);
void dc_reader_push_index(struct dc_reader *reader, size_t index);
void dc_reader_pop(struct dc_reader *reader);

/* Passes `rc` of the lexer on; where it is a fault, adds the pointer, which it lacks. */
int dc_reader_located(struct dc_reader *reader, int rc);

/* Fails with "expected WANTED, found ...". Returns -1. */
int dc_reader_wrong_type(struct dc_reader *reader, const char *at, const char *wanted);

/* Sets the error after a refusal of the arena. Returns -1. */
int dc_reader_no_memory(struct dc_reader *reader);

/*
 * Looks for the member `tag` of the object that the reader stands at. 1: `ahead`, a copy of
 * the reader's lexer, stands before its value; 0: there is none; -1: fault.
 */
int dc_reader_find_tag(struct dc_reader *reader, struct dc_lex *ahead, const char *tag);

/* The choice that the tag of the tagged union ahead names; NULL: fault. */
const struct dc_type *dc_reader_choose(struct dc_reader *reader,
                                       const struct dc_type *type);

/* A value of a union without a tag. */
const struct dc_rec *dc_reader_union(struct dc_reader *reader,
                                     const struct dc_type *type);

/* A record without members, for a choice that has none. */
const struct dc_rec *dc_reader_unit(struct dc_reader *reader, const struct dc_type *type,
                                    const char *at);

#endif
