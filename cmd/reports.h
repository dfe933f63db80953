/*
 * reports: all documents of the inputs, to go to and from between them.
 *
 * Every document is read once at the beginning, so that it is known how many are sound;
 * only the one that is looked at stays in memory beside the text.
 */
#ifndef DUMPCTL_CMD_REPORTS_H
#define DUMPCTL_CMD_REPORTS_H

#include "cmd/documents.h"

struct cmd_place {
    size_t file; /* of the operands */
    size_t at;   /* where the document begins in it */
    char *line;  /* what dc_show_short() says of it; NULL: not wanted */
    size_t len;
};

struct cmd_reports {
    /* To be set before cmd_reports_read(), the rest to be zero. */
    bool lines;        /* each document in a line */
    const bool *again; /* for each input: its text is not kept but read again when one of
                          its documents is opened, which the sandbox must allow; NULL: all
                          are kept */

    struct cmd_documents *docs; /* borrowed */
    struct cmd_place *places;
    size_t count, room;
    size_t failed_files; /* inputs that had a fault, in whichever document */
    bool open;
    size_t open_file; /* where `open`: of which input, */
    struct dc_report report;
    struct dc_model model;
};

/*
 * Reads all inputs of `docs`, which must be open, and opens the first document that is
 * sound. Faults are reported in the order of the files, those of opening too where
 * docs->faults_later is set; of an input with many bad documents the first are told one by
 * one, and how many there are more. Bad documents are left out. Returns EXIT_DONE, or
 * EXIT_TROUBLE after any fault: reports->count says whether there is something to show.
 * cmd_reports_close() must follow.
 */
int cmd_reports_read(struct cmd_reports *reports, struct cmd_documents *docs);

/* Opens document `i` < count in place of the one that is open. 0, or -1 with `err` set:
   then nothing has changed. */
int cmd_reports_open(struct cmd_reports *reports, size_t i,
                     struct dc_error *err) DC_MUST_USE;

/* ---- for who keeps documents otherwise ---- */

/* How a document of `docs` is read. */
struct dc_report_options cmd_reports_options(const struct cmd_documents *docs);

/*
 * What dc_show_short() says of a report that is called `name`, without a newline; `number`:
 * which one of its file, 0: the only one. *line is to be freed. 0, or -1 with `err` set;
 * then *line may be there too.
 */
int cmd_reports_line(const struct dc_report *report, const char *name, size_t number,
                     char **line, size_t *len, struct dc_error *err) DC_MUST_USE;

void cmd_reports_close(struct cmd_reports *reports);

#endif
