/*
 * show: a report for the person on duty, as text, as data or as a page; the cause first.
 *
 * A degraded report fits a screen of 80 columns and 24 lines, whatever is in it: what has
 * no room is counted, with the way to see it. Lines never pass the width. Nothing of a
 * report is left out without a word. The words of the wire format stay as they are, so
 * that logs can be searched for them.
 *
 * Sections (show_lists.c, show_maps.c, ...) say what there is, in tables, records, values and plots;
 * renderers (show_text.c, show_json.c, show_html.c) say what that looks like. No section
 * knows who renders it.
 */
#ifndef DUMPCTL_LIB_SHOW_H
#define DUMPCTL_LIB_SHOW_H

#include "lib/sections.h"
#include "lib/sink.h"
#include "lib/symbols.h"
#include "lib/writer.h"

struct dc_show_options {
    struct dc_alloc alloc;
    bool colour;
    unsigned width;   /* columns; at least 20 are used */
    bool all;         /* every vCPU, row, member and byte, however long it gets */
    bool exact;       /* nanoseconds as they are */
    const char *name; /* how the report is called; may hold any bytes */
    size_t number;    /* of the document in its file, from 1; 0: it is the only one */
    bool titled;      /* its name stands on a line before it */

    /* What is shown of it. */
    uint32_t sections; /* bits of enum dc_section_id; 0: all of them */
    uint32_t
        if_there; /* of those, the ones that are not missed where they are not there */
    const char *vcpus; /* lib/ids.h; NULL: all */
    const char *cpus;  /* as above */
    const char *maps;  /* a pattern as of the shell, for names; NULL: all */
    const char *tasks; /* as above, for a name, or a pid */
    const struct dc_symbols *symbols; /* NULL: addresses have no names */
};

/*
 * Writes the report. 0, or -1 with `err` set: DC_ENOMEM, or DC_EIO where the sink has
 * failed.
 */
int dc_show(struct dc_sink sink, const struct dc_model *model,
            const struct dc_show_options *options, struct dc_error *err) DC_MUST_USE;

/*
 * The same as data: one object, with every row of the sections that are chosen. The
 * members are told in dumpctl-show(1). As dc_show(); failures of the sink are the
 * writer's to tell.
 */
int dc_show_json(struct dc_writer *w, const struct dc_model *model,
                 const struct dc_show_options *options, struct dc_error *err) DC_MUST_USE;

/*
 * The same as a page of HTML that needs nothing else: dc_show_html_begin(), dc_show_html()
 * for each report, dc_show_html_end(). As dc_show().
 */
int dc_show_html_begin(struct dc_sink sink, const char *title) DC_MUST_USE;
int dc_show_html(struct dc_sink sink, const struct dc_model *model,
                 const struct dc_show_options *options, struct dc_error *err) DC_MUST_USE;
int dc_show_html_end(struct dc_sink sink, const char *verb) DC_MUST_USE;

/*
 * One line: name, variant, cause, counts, ids. The name is whole and the rest takes up to
 * 120 columns where options->width is 0; else all of it fits the width. As dc_show().
 */
int dc_show_short(struct dc_sink sink, const struct dc_model *model,
                  const struct dc_show_options *options,
                  struct dc_error *err) DC_MUST_USE;

/*
 * What dc_show_short() says, as one object: the first members of the uniform shape
 * (lib/uniform.h), and in each snapshot the ids of the vCPUs that are not parked and of
 * those that are unavailable. 0, or -1 with `err` set where memory ran out; failures of
 * the sink are the writer's to tell.
 */
int dc_show_short_json(struct dc_writer *w, const struct dc_model *model,
                       const struct dc_show_options *options,
                       struct dc_error *err) DC_MUST_USE;

#endif
