/*
 * show_options: what `dumpctl show` was asked to show.
 */
#ifndef DUMPCTL_CMD_SHOW_OPTIONS_H
#define DUMPCTL_CMD_SHOW_OPTIONS_H

#include "cmd/documents.h"
#include "lib/show.h"

enum cmd_show_list { CMD_SHOW_NO_LIST, CMD_SHOW_SECTIONS, CMD_SHOW_MAPS };

struct cmd_show_options {
    struct dc_show_options show; /* all that does not depend on the document */
    bool shorter;
    enum cmd_show_list list; /* names are printed, and no report */
    const char *html;        /* the file; NULL: text or JSON */
    bool force;

    /* private */
    const char *symbols_path;
    struct cmd_input symbols_text;
    struct dc_symbols symbols;
};

extern const struct cmd_option cmd_show_option_table[];

/* Reads the command line. 0, or -1 after a usage error, which has been reported. */
int cmd_show_take_options(struct cmd_show_options *options, const struct cmd_verb *verb,
                          struct cmd_common *common, struct cmd_documents *docs, int argc,
                          char **argv) DC_MUST_USE;

/* Reads the file of --symbols, where there is one; before the sandbox. 0, or -1. */
int cmd_show_open_symbols(struct cmd_show_options *options,
                          const struct cmd_common *common,
                          struct dc_error *err) DC_MUST_USE;

void cmd_show_close(struct cmd_show_options *options);

/* The sections that there are, with what they show. 0, or -1 where the sink or memory
   failed. */
int cmd_show_list_sections(struct dc_sink sink, bool json, unsigned width) DC_MUST_USE;

/* --list-sections, --list-maps: the names in a report, one on a line. As dc_show(). */
int cmd_show_list_of(const struct cmd_show_options *options, struct dc_sink sink,
                     const struct dc_model *model, struct dc_error *err) DC_MUST_USE;

#endif
