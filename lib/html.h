/*
 * html: a page that needs nothing else: markup of our own, and strings from outside, which
 * are made visible as on a terminal (lib/escape.h) and cannot end an element or begin one.
 */
#ifndef DUMPCTL_LIB_HTML_H
#define DUMPCTL_LIB_HTML_H

#include "lib/error.h"
#include "lib/sink.h"

#include <stdbool.h>

struct dc_html {
    struct dc_sink sink;
    bool failed;
    size_t used;
    char buf[4096];
};

void dc_html_init(struct dc_html *html, struct dc_sink sink);

/* Gives what is held to the sink. 0, or -1 where any write failed. */
int dc_html_finish(struct dc_html *html) DC_MUST_USE;

/* Markup of our own: printf format whose %s arguments are our own too; 2 KiB at most. */
void dc_html_put(struct dc_html *html, const char *fmt, ...) DC_PRINTF(2, 3);

/* Any bytes, as text: they may stand in an element or in an attribute's quotes. */
void dc_html_add(struct dc_html *html, const char *s, size_t len);

/* A sink that adds what it is given as text, newlines as they are. It is for text that has
   been escaped for a terminal already. */
struct dc_sink dc_html_text_sink(struct dc_html *html);

/* The beginning of the page, up to its body, with its style; and its end. */
void dc_html_begin(struct dc_html *html, const char *title);
void dc_html_end(struct dc_html *html);

#endif
