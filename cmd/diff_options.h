/*
 * diff_options: what `dumpctl diff` was asked to compare, and how to show it.
 */
#ifndef DUMPCTL_CMD_DIFF_OPTIONS_H
#define DUMPCTL_CMD_DIFF_OPTIONS_H

#include "cmd/documents.h"
#include "lib/show_diff.h"

struct cmd_diff_options {
    struct dc_diff_options how; /* all that does not depend on the documents */
    enum dc_show_diff_form form;
    bool phases;      /* the halves of one report */
    bool matrix;      /* how much each of several differs from each other */
    bool patch;       /* --format=json-patch */
    const char *html; /* the file; NULL: none */
    bool force;

    /* private */
    const char **ignore;
    const char *symbols_paths[2];
    size_t n_symbols;
    struct cmd_input symbols_texts[2];
    struct dc_symbols symbols[2];
    bool symbols_read[2];
};

extern const struct cmd_option cmd_diff_option_table[];

/* Reads the command line; argv must outlive `options`. 0, or -1 after an error, which has
   been reported. cmd_diff_close() must follow in both cases. */
int cmd_diff_take_options(struct cmd_diff_options *options, const struct cmd_verb *verb,
                          struct cmd_common *common, struct cmd_documents *docs, int argc,
                          char **argv) DC_MUST_USE;

/* Reads the files of --symbols; before the sandbox. 0, or -1. */
int cmd_diff_open_symbols(struct cmd_diff_options *options,
                          const struct cmd_common *common,
                          struct dc_error *err) DC_MUST_USE;

/* The names for two models, which are used only where the files fit the reports: a note
   says where one does not. */
void cmd_diff_choose_symbols(const struct cmd_diff_options *options,
                             const struct cmd_common *common, const struct dc_model *a,
                             const struct dc_model *b, struct dc_diff_options *how);

void cmd_diff_close(struct cmd_diff_options *options);

#endif
