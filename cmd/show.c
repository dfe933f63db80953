#include "lib/show.h"
#include "cmd/documents.h"
#include "cmd/fail.h"
#include "cmd/output.h"
#include "lib/uniform.h"

#include <getopt.h>

enum { OPT_SHORT = CMD_N_DOCUMENT_OPTIONS, OPT_ALL };

static const struct cmd_option options[] = {
    CMD_DOCUMENT_OPTIONS,
    {'s', "short", NULL,
     "Print one line for each document: file, variant, cause, vCPUs."},
    {'a', "all", NULL, "Print every vCPU and every byte of long texts."},
    {0, NULL, NULL, NULL},
};

static const char details[] =
    "Prints what happened, the cause first: the variant of the report, why it was "
    "written, "
    "how many vCPUs parked and which never did. Then what the report says of its "
    "trigger, "
    "and the vCPUs with their registers, the most telling first. A degraded report fits "
    "a "
    "screen of 80 columns and 24 lines, whatever is in it; what has no room is counted.\n"
    "\n"
    "A file may hold several documents (JSON Lines); - is standard input. With --json "
    "the "
    "output is what `decode` prints, one object on a line for each document; with "
    "--short "
    "too it is the summary alone, with the ids of the vCPUs that never parked.\n"
    "\n"
    "Exit codes: 0 done; 2 a file was unreadable or invalid (the others are shown all "
    "the "
    "same), or the output could not be written.\n"
    "\n"
    "Examples:\n"
    "  dumpctl show report.json\n"
    "  dumpctl show --short *.failure-dump.json\n"
    "  ssh host cat report.json | dumpctl show -\n";

struct show {
    struct cmd_common common;
    struct cmd_documents docs;
    struct cmd_output out;
    bool shorter, all;
    bool several; /* files were named: each document has its name before it */
    size_t shown;
};

static int write_json(struct show *show, const struct dc_model *model,
                      const struct dc_show_options *how, struct dc_error *err) {
    const struct dc_uniform_options safe = {.alloc = dc_alloc_libc};
    struct dc_writer w;
    dc_writer_init(&w, show->out.sink, true, false);
    int rc = show->shorter ? dc_show_short_json(&w, model, how, err)
                           : dc_uniform_write(&w, model, &safe, err);
    dc_write_newline(&w);
    if (dc_writer_finish(&w) < 0 && rc == 0)
        return dc_fail(err, DC_EIO, "cannot be written");
    return rc;
}

static int write_text(struct show *show, const struct dc_model *model,
                      const struct dc_show_options *how, struct dc_error *err) {
    static const char newline = '\n';
    struct dc_sink sink = show->out.sink;
    if (show->shorter)
        return dc_show_short(sink, model, how, err);
    if (show->shown > 0 && sink.write(sink.ctx, &newline, 1) < 0)
        return dc_fail(err, DC_EIO, "cannot be written");
    return dc_show(sink, model, how, err);
}

static int show_document(void *ctx, const struct cmd_document *document) {
    struct show *show = ctx;
    struct dc_error err;
    bool lines = document->index > 0 || document->more; /* JSON Lines */
    const struct dc_show_options how = {
        .alloc = dc_alloc_libc,
        .colour = show->out.colour,
        .width = show->shorter ? show->common.width : show->out.width,
        .all = show->all,
        .name = document->name,
        .number = lines ? document->index + 1 : 0,
        .titled = show->several || lines,
    };
    int rc = show->common.json ? write_json(show, document->model, &how, &err)
                               : write_text(show, document->model, &how, &err);
    show->shown++;
    if (rc == 0)
        return EXIT_DONE;
    if (cmd_output_ended(&show->out))
        return CMD_STOP; /* cmd_output_finish() tells why, where there is a why */
    err.file = document->name;
    return cmd_fail(&show->common, &err);
}

static int run(const struct cmd_verb *verb, int argc, char **argv) {
    struct show show = {.shown = 0};
    const char *value;
    int option;
    cmd_common_init(&show.common);
    cmd_documents_init(&show.docs, &show.common);
    while ((option = cmd_next_option(verb, argc, argv, &show.common, &value)) >= 0) {
        if (cmd_documents_option(&show.docs, option))
            continue;
        show.shorter |= option == OPT_SHORT;
        show.all |= option == OPT_ALL;
    }
    if (option < -1)
        return EXIT_TROUBLE;
    if (show.all && (show.shorter || show.common.json))
        return cmd_usage(verb, &show.common, "--all has no meaning with --%s",
                         show.shorter ? "short" : "json");
    size_t count = (size_t)(argc - optind);
    if (cmd_documents_open(&show.docs, verb, argv + optind, count) < 0)
        return EXIT_TROUBLE;
    show.several = count > 1;
    cmd_output_open(&show.out, &show.common, true);
    int code = cmd_documents_each(&show.docs, show_document, &show);
    code = cmd_output_finish(&show.out, &show.common, code);
    cmd_documents_close(&show.docs);
    return code;
}

const struct cmd_verb cmd_show = {
    .name = "show",
    .summary = "print what a report says, the cause first",
    .synopsis = "[OPTION...] FILE...",
    .shared = CMD_ALL,
    .options = options,
    .details = details,
    .run = run,
};
