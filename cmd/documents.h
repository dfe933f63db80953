/*
 * documents: the reports that a command line names, read one after the other.
 *
 * A file may hold one document or several, one after the other (JSON Lines). A fault is
 * reported here, with the file's name; the other documents and files are tried all the
 * same. The order
 * of a verb's work is:
 *
 *     cmd_documents_init(), options, cmd_documents_open(), the outputs, the terminal,
 *     cmd_documents_each() or cmd_documents_load(), cmd_documents_close().
 *
 * The process enters the sandbox (cmd/sandbox.h) before the first byte is read.
 */
#ifndef DUMPCTL_CMD_DOCUMENTS_H
#define DUMPCTL_CMD_DOCUMENTS_H

#include "cmd/cmd.h"
#include "cmd/input.h"
#include "cmd/sandbox.h"
#include "lib/model.h"

/*
 * The options that every reader of reports has: a verb puts them first in its table, and
 * gives each index that cmd_next_option() returns to cmd_documents_option().
 */
/* clang-format off */
#define CMD_DOCUMENT_OPTIONS \
    {0, "strict", NULL, "Refuse reports with members that are not known."}, \
    {0, "assume-single", NULL, "Read reports of the oldest kind, which have no \"schema\"."}
/* clang-format on */
enum { CMD_DOCUMENT_STRICT, CMD_DOCUMENT_ASSUME_SINGLE, CMD_N_DOCUMENT_OPTIONS };

/* To be changed by their user, before the first document is read: `allowed`. */
struct cmd_documents {
    const struct cmd_common *common; /* borrowed */
    bool strict, assume_single;
    const struct cmd_allowed *allowed; /* what the sandbox leaves open; NULL: nothing */
    size_t n_allowed;
    bool sandboxed;    /* set it where the verb has called cmd_sandbox() itself */
    bool faults_later; /* what cannot be opened is told by cmd_documents_unopened() */

    /* private to documents.c, and read by reports.c */
    char **operands;
    struct cmd_input *inputs; /* one for each operand; fd -1: could not be opened */
    size_t count;
    struct dc_error *faults; /* of opening, for each operand, with faults_later */
    int code;                /* EXIT_TROUBLE once an input could not be opened */
};

struct cmd_document {
    const struct dc_model *model; /* model->file is the operand, "-" too */
    const char *name;             /* of the input: its path, or "<stdin>" */
    size_t file;                  /* of the operands, from 0 */
    size_t index; /* of the documents of that file, bad ones too, from 0 */
    bool more;    /* another document follows in that file */
};

/* Called for each document, which lives until it returns. Returns EXIT_DONE, another exit
   code, or CMD_STOP: there is no use in going on. */
typedef int (*cmd_document_fn)(void *ctx, const struct cmd_document *document);
enum { CMD_STOP = -1 };

/* `common` must be filled before the first document is read, not now. */
void cmd_documents_init(struct cmd_documents *docs, const struct cmd_common *common);

/* Takes the option with that index in the verb's table. false: it is not one of ours. */
bool cmd_documents_option(struct cmd_documents *docs, int index);

/*
 * Opens all operands, which must outlive `docs`: "-" is standard input. What cannot be
 * opened is reported and left out. 0, or -1 where there is no operand, where "-" stands
 * twice, or without memory: that has been reported, the verb ends with EXIT_TROUBLE.
 */
int cmd_documents_open(struct cmd_documents *docs, const struct cmd_verb *verb,
                       char **operands, size_t count) DC_MUST_USE;

/*
 * Reports that input `file` could not be opened, unless that was done at once. Returns
 * EXIT_TROUBLE.
 */
int cmd_documents_unopened(const struct cmd_documents *docs, size_t file);

/*
 * A file that took the place of a report would be the last that was seen of it: refuses an
 * output that is one of the inputs. 0, or -1 after a usage error, which has been reported.
 */
int cmd_documents_refuse_output(const struct cmd_documents *docs,
                                const struct cmd_verb *verb, const char *option,
                                const char *path) DC_MUST_USE;

/*
 * Reads every document of every input and gives it to fn(). A bad document is reported,
 * and those behind it are read all the same (dc_report_read() says how they are found).
 * Returns the worst exit code of all calls, EXIT_TROUBLE where an input could not be
 * opened, read or understood.
 */
int cmd_documents_each(struct cmd_documents *docs, cmd_document_fn fn, void *ctx);

/*
 * Reads every document of every input and reports all of its faults, not only the first.
 * Returns EXIT_DONE, or EXIT_TROUBLE where there was any.
 */
int cmd_documents_check(struct cmd_documents *docs);

/*
 * For verbs that compare or keep reports: reads input `file`, which must hold exactly one
 * document. Its text stays with `docs`. 0, then dc_report_done(report) must follow; or -1
 * after a fault, which has been reported (also where opening has failed before).
 */
int cmd_documents_load(struct cmd_documents *docs, size_t file, struct dc_report *report,
                       struct dc_model *model) DC_MUST_USE;

/* Gives back the text of one input that was loaded; its report must be done. */
void cmd_documents_drop(struct cmd_documents *docs, size_t file);

/* Gives back everything; harmless when done twice. */
void cmd_documents_close(struct cmd_documents *docs);

#endif
