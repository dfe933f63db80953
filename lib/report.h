/*
 * report: the one dispatcher. Takes text, finds out which variant it is, and reads it.
 *
 * `single`, `dual` and `degraded` by the member "schema"; a missing-stats reason, bare or
 * with the tag of its sample, by its shape; the oldest reports, which have no "schema",
 * only when asked. A debug capture is read for the report inside it. Content decides, never a file's name (wire-format 1.2, 1.3;
 * scheduler-stats 3).
 */
#ifndef DUMPCTL_LIB_REPORT_H
#define DUMPCTL_LIB_REPORT_H

#include "lib/doc.h"

enum dc_variant {
    DC_SINGLE,
    DC_DUAL,
    DC_DEGRADED,
    DC_MISSING_STATS,
};

struct dc_faults; /* lib/reader.h */

struct dc_report_options {
    struct dc_alloc alloc;
    size_t max_memory;              /* bytes that one document may take; 0: no limit */
    bool strict;                    /* unknown members are faults */
    bool assume_single;             /* no "schema", or "", means single */
    const struct dc_faults *faults; /* told of every fault; NULL: the first one ends it */
    /* Where lines were counted up to, kept between the documents of one text, so that many
       faults do not count them again from its start each time. All zero before the first;
       NULL: they are counted anew. */
    struct dc_place *place;
};

struct dc_report {
    enum dc_variant variant;
    const struct dc_type *declared; /* what root was read as: for dc_wire_write() */
    const struct dc_rec *root;   /* of a reason: a choice of dc_type_REASON or _SAMPLE */
    const struct dc_rec *around; /* DEBUG_CAPTURE that root stood in; NULL: none */
    const char *text;            /* borrowed: the whole input */
    size_t len;
    uint64_t unknown; /* unknown members in it */
    uint64_t
        document; /* which one of its input, from 1: set by the caller where there are
                          several; 0: it is the only one */
    bool unread;  /* after a fault: dc_report_read() has given the rest up */
    struct dc_arena arena;
};

/* "single", "dual", "degraded" or "missing_stats". */
const char *dc_variant_name(enum dc_variant variant);

/*
 * Whether another document begins at text[*used] or behind the white space there, which
 * *used is moved over.
 */
bool dc_report_more(const char *text, size_t len, size_t *used);

/*
 * Reads the document at text[*used] and moves *used behind it. Another document may only
 * follow after a newline; any other byte but white space is a fault. `text` must outlive
 * the report and `len` be below 4 GiB. 0; or -1 with `err` set, then nothing is to free.
 * With options->faults each fault is given to it, that in `err` too.
 *
 * After a fault *used stands where the caller can go on, always behind the beginning of
 * the bad document, at `len` where there is no more. A document that is JSON is passed
 * over. One that is not has no end that is known: it goes on at the first line behind its
 * beginning that begins with '{' in the first column or holds a string and nothing else,
 * as in JSON Lines and in the output of `jq .`. Where no line does, report->unread says
 * that bytes behind the line of the fault have not been read. Since no more than 127
 * containers can be open, no byte is read by more than that many bad documents.
 */
int dc_report_read(struct dc_report *report, const char *text, size_t len, size_t *used,
                   const struct dc_report_options *options,
                   struct dc_error *err) DC_MUST_USE;

void dc_report_done(struct dc_report *report);

/*
 * One snapshot of a dual report (a SINGLE of its document) as a report of its own. It
 * borrows all of `report` and needs no dc_report_done().
 */
struct dc_report dc_report_phase(const struct dc_report *report,
                                 const struct dc_rec *snapshot);

#endif
