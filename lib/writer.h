/*
 * writer: JSON, streamed to a sink; nothing but a few bytes is held.
 *
 * The caller opens and closes containers in order and names each member of an object
 * before its value; the writer puts the commas, the white space and the escapes. After
 * the first failure of the sink every call does nothing; dc_writer_finish() tells.
 */
#ifndef DUMPCTL_LIB_WRITER_H
#define DUMPCTL_LIB_WRITER_H

#include "lib/error.h"
#include "lib/lex.h"
#include "lib/sink.h"

#include <stdbool.h>
#include <stdint.h>

struct dc_writer {
    struct dc_sink sink;
    bool ascii;  /* every byte printable ASCII: the rest as \uXXXX */
    bool pretty; /* two spaces of indent a level; else no white space at all */
    bool failed;
    bool fresh;       /* the open container has nothing in it yet */
    bool named;       /* a member name stands before the value to come */
    unsigned depth;   /* containers that are open */
    uint64_t written; /* bytes given to the sink */
    size_t used;
    char buf[4096];
};

void dc_writer_init(struct dc_writer *w, struct dc_sink sink, bool ascii, bool pretty);

/* Gives what is held to the sink. 0, or -1 where any write failed. */
int dc_writer_finish(struct dc_writer *w) DC_MUST_USE;

void dc_write_open(struct dc_writer *w, char bracket);  /* '{' or '[' */
void dc_write_close(struct dc_writer *w, char bracket); /* '}' or ']' */
void dc_write_name(struct dc_writer *w, const char *name);

/* As dc_write_name(), for a name from outside: see dc_write_string(). */
void dc_write_string_name(struct dc_writer *w, const char *name, size_t len);

/* A member name as it stood in an input: see dc_write_raw_string(). */
void dc_write_raw_name(struct dc_writer *w, struct dc_span raw);

/* UTF-8; bytes that are none come out as U+FFFD, so that the output is always JSON. */
void dc_write_string(struct dc_writer *w, const char *s, size_t len);
void dc_write_text(struct dc_writer *w, const char *s); /* NUL-terminated; NULL -> null */

/* The inside of a string of the input, written anew with the escapes of the wire. */
void dc_write_raw_string(struct dc_writer *w, struct dc_span raw);

void dc_write_u64(struct dc_writer *w, uint64_t value);
void dc_write_i64(struct dc_writer *w, int64_t value);
void dc_write_f64(struct dc_writer *w, double value); /* NaN, infinite -> null */
void dc_write_bool(struct dc_writer *w, bool value);
void dc_write_null(struct dc_writer *w);

/* "0x..." as a string: for addresses, which many JSON readers would round. */
void dc_write_address(struct dc_writer *w, uint64_t value);

/* A number up to 2^53, else the digits as a string: exact in every reader. */
void dc_write_count(struct dc_writer *w, uint64_t value);
void dc_write_signed_count(struct dc_writer *w, int64_t value);

/* Number text, taken over as it is. */
void dc_write_number_text(struct dc_writer *w, struct dc_span text);

/*
 * A value of the input that has been checked by dc_lex_skip(): white space goes, strings
 * get the escapes of the wire, number text and order stay.
 */
void dc_write_value(struct dc_writer *w, struct dc_span value);

/* A newline, between documents. */
void dc_write_newline(struct dc_writer *w);

#endif
