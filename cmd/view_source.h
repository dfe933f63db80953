/*
 * view_source: where the reports of `view` come from: files and folders, which may be
 * followed, or two files that are compared; and the symbols that name their addresses.
 */
#ifndef DUMPCTL_CMD_VIEW_SOURCE_H
#define DUMPCTL_CMD_VIEW_SOURCE_H

#include "cmd/folder.h"
#include "cmd/reports.h"
#include "cmd/view_follow.h"
#include "view/view.h"

struct cmd_view_source {
    struct cmd_common *common; /* borrowed */
    bool diff;                 /* two files are compared */
    bool follow;               /* what happens to the files is seen */
    const char *symbols_path;  /* NULL: none */

    struct cmd_documents docs;
    struct cmd_folder folder;
    struct cmd_reports reports;
    struct cmd_view_follow following; /* with `follow` */
    struct dc_report compared[2];     /* of `diff`, and */
    struct dc_model models[2];
    size_t n_compared; /* how many were read */
    struct cmd_input symbols_text;
    struct dc_symbols symbols;
    bool symbols_read, first_open;
};

/* `common` must outlive it. Then options, cmd_view_source_open(), the terminal,
   cmd_view_source_read(), cmd_view_source_close(). */
void cmd_view_source_init(struct cmd_view_source *source, struct cmd_common *common);

/* Opens all that will be read. 0, or -1: that has been reported. */
int cmd_view_source_open(struct cmd_view_source *source, const struct cmd_verb *verb,
                         char **operands, size_t count) DC_MUST_USE;

/* Enters the sandbox and reads everything. Returns EXIT_DONE, or EXIT_TROUBLE after any
   fault, which has been reported; documents->count 0, without documents->waiting: there is
   nothing to show. */
int cmd_view_source_read(struct cmd_view_source *source,
                         struct view_documents *documents);

void cmd_view_source_close(struct cmd_view_source *source);

#endif
