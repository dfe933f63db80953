/*
 * text: words for a person, streamed to a sink.
 *
 * Text of our own goes in by dc_text_put(); every string that came from outside by
 * dc_text_add(), which escapes it (lib/escape.h). There is no third way. After the first
 * failure of the sink every call does nothing; dc_text_finish() tells.
 */
#ifndef DUMPCTL_LIB_TEXT_H
#define DUMPCTL_LIB_TEXT_H

#include "lib/doc.h"
#include "lib/error.h"
#include "lib/sink.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dc_style {
    DC_STYLE_PLAIN,
    DC_STYLE_TITLE, /* bold */
    DC_STYLE_GOOD,  /* parked */
    DC_STYLE_BAD,   /* not_parked */
    DC_STYLE_WARN,  /* unavailable, notes */
    DC_STYLE_FAINT, /* labels, hints */
};

struct dc_text {
    struct dc_sink sink;
    bool colour;     /* SGR sequences for styles */
    unsigned width;  /* columns to fit into, at least 20 */
    unsigned column; /* of the next character, from 0 */
    bool failed;
    size_t used;
    char buf[4096];
};

void dc_text_init(struct dc_text *t, struct dc_sink sink, bool colour, unsigned width);

/* Gives what is held to the sink. 0, or -1 where any write failed. */
int dc_text_finish(struct dc_text *t) DC_MUST_USE;

/* Our own words: printf format whose %s arguments are our own too. '\n' ends a line. */
void dc_text_put(struct dc_text *t, const char *fmt, ...) DC_PRINTF(2, 3);

/* A string from outside, escaped. */
void dc_text_add(struct dc_text *t, const char *s, size_t len);
void dc_text_str(struct dc_text *t, struct dc_str s);

/* As dc_text_add(), at most `columns` wide: what does not fit is cut and ends in "...". */
void dc_text_cut(struct dc_text *t, const char *s, size_t len, unsigned columns);

/*
 * As dc_text_add(), folded at blanks so that no line passes t->width; lines after the
 * first begin with `indent` blanks. Stops after `lines` lines (0: no limit) with "...";
 * returns how many bytes of `s` were left out.
 */
size_t dc_text_fold(struct dc_text *t, const char *s, size_t len, unsigned indent,
                    unsigned lines);

/* Switches to a style until the next call; DC_STYLE_PLAIN ends it. */
void dc_text_style(struct dc_text *t, enum dc_style style);

/* Blanks up to column `column`, at least one. */
void dc_text_tab(struct dc_text *t, unsigned column);

#endif
