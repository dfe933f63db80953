/*
 * show: a report as text for the person on duty; the cause is the first line.
 *
 * A degraded report fits a screen of 80 columns and 24 lines, whatever is in it: what has
 * no room is counted, with the way to see it. Lines never pass the width. Nothing of a
 * report is left out without a word. The words of the wire format stay as they are, so
 * that logs can be searched for them.
 */
#ifndef DUMPCTL_LIB_SHOW_H
#define DUMPCTL_LIB_SHOW_H

#include "lib/model.h"
#include "lib/sink.h"
#include "lib/writer.h"

struct dc_show_options {
    struct dc_alloc alloc;
    bool colour;
    unsigned width;   /* columns; at least 20 are used */
    bool all;         /* every vCPU and every byte, however long it gets */
    const char *name; /* how the report is called; may hold any bytes */
    size_t number;    /* of the document in its file, from 1; 0: it is the only one */
    bool titled;      /* its name stands on a line before it */
};

/*
 * Writes the banner of `model`. 0, or -1 with `err` set: DC_ENOMEM, or DC_EIO where the
 * sink has failed.
 */
int dc_show(struct dc_sink sink, const struct dc_model *model,
            const struct dc_show_options *options, struct dc_error *err) DC_MUST_USE;

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
