/*
 * show_diff: the rows of lib/compare.h as text for a person, as JSON or as a page.
 *
 * All show the same rows. Two reports without any difference give no text at all; where
 * only noise differs, a line says so; otherwise the first line is what an operator must
 * know.
 */
#ifndef DUMPCTL_LIB_SHOW_DIFF_H
#define DUMPCTL_LIB_SHOW_DIFF_H

#include "lib/compare.h"
#include "lib/sink.h"
#include "lib/writer.h"

enum { DC_DIFF_VERSION = 2 }; /* of the JSON shape */

enum dc_show_diff_form {
    DC_SHOW_DIFF_ALL,
    DC_SHOW_DIFF_SIDES, /* the values in two columns, where the width has room for them */
    DC_SHOW_DIFF_STAT,  /* the first line, and how much differs in each section */
    DC_SHOW_DIFF_BRIEF, /* the first line alone */
};

struct dc_show_diff_options {
    struct dc_alloc alloc;
    enum dc_show_diff_form form;
    bool colour;
    bool several;   /* comparisons stand beside each other: say whose remarks these are */
    bool phases;    /* the two halves of one report */
    unsigned width; /* columns; at least 20 are used; not for the first line alone */
    const char *names[2]; /* how the reports are called; may hold any bytes */
};

/*
 * As text. 0, or -1 with `err` set: DC_ENOMEM, or DC_EIO where the sink has failed.
 */
int dc_show_diff(struct dc_sink sink, const struct dc_diff *diff,
                 const struct dc_show_diff_options *options,
                 struct dc_error *err) DC_MUST_USE;

/*
 * As one object, also where nothing differs; of the forms, brief and stat go without the
 * lists of rows. 0, or -1 with `err` set where memory ran out; failures of the sink are
 * the writer's to tell.
 */
int dc_show_diff_json(struct dc_writer *w, const struct dc_diff *diff,
                      const struct dc_show_diff_options *options,
                      struct dc_error *err) DC_MUST_USE;

/* As an article of a page that lib/show.h begins and ends. As dc_show_diff(). */
int dc_show_diff_html(struct dc_sink sink, const struct dc_diff *diff,
                      const struct dc_show_diff_options *options,
                      struct dc_error *err) DC_MUST_USE;

/* What differs in a few words; nothing where no difference counts. Escape it. */
void dc_diff_summary(const struct dc_diff *diff, struct dc_buf *out);

#endif
