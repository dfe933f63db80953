#include "lib/show.h"
#include "cmd/documents.h"
#include "cmd/fail.h"
#include "cmd/output.h"
#include "cmd/show_options.h"

#include <getopt.h>

static const char details[] =
    "Prints what happened, the cause first: the variant of the report, why it was "
    "written, how many vCPUs parked and which never did. Then what the report holds, "
    "what can be computed from it, and its sections, the most telling first. A degraded "
    "report fits a screen of 80 columns and 24 lines, whatever is in it; what has no "
    "room is counted, with the option that shows it.\n"
    "\n"
    "A file may hold several documents (JSON Lines); - is standard input. --map, --task, "
    "--cpu and --vcpu show the sections that they choose from, unless --section says "
    "which. With --json the output is one object on a line for each document, with every "
    "row of the chosen sections as data; with --short too it is the summary alone.\n"
    "\n"
    "Exit codes: 0 done; 2 a file was unreadable or invalid (the others are shown all "
    "the same), or the output could not be written.\n"
    "\n"
    "Examples:\n"
    "  dumpctl show report.json\n"
    "  dumpctl show --short *.failure-dump.json\n"
    "  dumpctl show --section tasks,runqueues --symbols System.map report.json\n"
    "  dumpctl show --map 'cpu_ctx*' --cpu 0-3 --all report.json\n"
    "  dumpctl show --html report.html report.json\n"
    "  ssh host cat report.json | dumpctl show -\n";

struct show {
    struct cmd_common common;
    struct cmd_documents docs;
    struct cmd_output out;
    struct cmd_show_options how;
    bool several; /* files were named: each document has its name before it */
    size_t shown;
};

static int write_json(struct show *show, const struct dc_model *model,
                      const struct dc_show_options *how, struct dc_error *err) {
    struct dc_writer w;
    dc_writer_init(&w, show->out.sink, true, false);
    int rc = show->how.shorter ? dc_show_short_json(&w, model, how, err)
                               : dc_show_json(&w, model, how, err);
    dc_write_newline(&w);
    if (dc_writer_finish(&w) < 0 && rc == 0)
        return dc_fail(err, DC_EIO, "cannot be written");
    return rc;
}

static int write_text(struct show *show, const struct dc_model *model,
                      const struct dc_show_options *how, struct dc_error *err) {
    static const char newline = '\n';
    struct dc_sink sink = show->out.sink;
    if (show->how.shorter)
        return dc_show_short(sink, model, how, err);
    if (show->shown > 0 && sink.write(sink.ctx, &newline, 1) < 0)
        return dc_fail(err, DC_EIO, "cannot be written");
    return dc_show(sink, model, how, err);
}

static int write_document(struct show *show, const struct dc_model *model,
                          const struct dc_show_options *how, struct dc_error *err) {
    if (show->how.list != CMD_SHOW_NO_LIST)
        return cmd_show_list_of(&show->how, show->out.sink, model, err);
    if (show->how.html)
        return dc_show_html(show->out.sink, model, how, err);
    return show->common.json ? write_json(show, model, how, err)
                             : write_text(show, model, how, err);
}

static int show_document(void *ctx, const struct cmd_document *document) {
    struct show *show = ctx;
    struct dc_error err;
    bool lines = document->index > 0 || document->more; /* JSON Lines */
    struct dc_show_options how = show->how.show;
    how.colour = show->out.colour;
    how.width = show->how.shorter ? show->common.width : show->out.width;
    how.name = document->name;
    how.number = lines ? document->index + 1 : 0;
    how.titled = show->several || lines;
    int rc = write_document(show, document->model, &how, &err);
    show->shown++;
    if (rc == 0)
        return EXIT_DONE;
    if (cmd_output_ended(&show->out))
        return CMD_STOP; /* cmd_output_finish() tells why, where there is a why */
    err.file = document->name;
    return cmd_fail(&show->common, &err);
}

static int show_all(struct show *show) {
    const char *title = show->several ? "failure dumps" : show->docs.inputs[0].name;
    if (show->how.html && dc_show_html_begin(show->out.sink, title) < 0)
        return EXIT_TROUBLE;
    int code = cmd_documents_each(&show->docs, show_document, show);
    if (show->how.html && code == EXIT_TROUBLE)
        cmd_note(&show->common, "%s is not written", show->how.html);
    if (show->how.html && dc_show_html_end(show->out.sink, "show") < 0)
        return EXIT_TROUBLE;
    return code;
}

static int run_output(struct show *show) {
    struct cmd_allowed folder = {NULL, CMD_ALLOW_REPLACE};
    struct dc_error err;
    if (!show->how.html)
        cmd_output_open(&show->out, &show->common, true);
    else if (cmd_output_open_file(&show->out, &show->common, show->how.html,
                                  show->how.force, &err) < 0)
        return cmd_fail(&show->common, &err);
    folder.path = show->out.file.path ? show->out.file.folder : NULL;
    show->docs.allowed = &folder;
    show->docs.n_allowed = 1;
    int code = show_all(show);
    show->docs.allowed = NULL;
    show->docs.n_allowed = 0;
    return cmd_output_finish(&show->out, &show->common, code);
}

/* The names of the sections, without a report. */
static int list_sections(struct show *show) {
    struct dc_error err;
    cmd_output_open(&show->out, &show->common, true);
    int rc = cmd_show_list_sections(show->out.sink, show->common.json, show->out.width);
    if (rc < 0 && !cmd_output_ended(&show->out)) {
        dc_fail(&err, DC_ENOMEM, "out of memory");
        return cmd_fail(&show->common, &err);
    }
    return cmd_output_finish(&show->out, &show->common, EXIT_DONE);
}

static int run(const struct cmd_verb *verb, int argc, char **argv) {
    struct show show = {.shown = 0};
    struct dc_error err;
    cmd_common_init(&show.common);
    cmd_documents_init(&show.docs, &show.common);
    if (cmd_show_take_options(&show.how, verb, &show.common, &show.docs, argc, argv) < 0)
        return EXIT_TROUBLE;
    size_t count = (size_t)(argc - optind);
    if (show.how.list == CMD_SHOW_SECTIONS && count == 0)
        return list_sections(&show);
    if (show.how.list != CMD_SHOW_NO_LIST && show.common.json)
        return cmd_usage(verb, &show.common,
                         "names in a FILE are printed one on a line, not as JSON");
    if (cmd_documents_open(&show.docs, verb, argv + optind, count) < 0)
        return EXIT_TROUBLE;
    show.several = count > 1;
    if (show.how.html &&
        cmd_documents_refuse_output(&show.docs, verb, "--html", show.how.html) < 0) {
        cmd_documents_close(&show.docs);
        return EXIT_TROUBLE;
    }
    int code = cmd_show_open_symbols(&show.how, &show.common, &err) < 0
                   ? cmd_fail(&show.common, &err)
                   : run_output(&show);
    cmd_documents_close(&show.docs);
    cmd_show_close(&show.how);
    return code;
}

const struct cmd_verb cmd_show = {
    .name = "show",
    .summary = "print what a report says, the cause first",
    .synopsis = "[OPTION...] FILE...",
    .shared = CMD_ALL,
    .options = cmd_show_option_table,
    .details = details,
    .run = run,
};
