#include "cmd/documents.h"
#include "cmd/fail.h"
#include "cmd/output.h"
#include "lib/uniform.h"
#include "lib/wire.h"

#include <getopt.h>
#include <string.h>

enum {
    OPT_CHECK = CMD_N_DOCUMENT_OPTIONS,
    OPT_WIRE,
    OPT_PRETTY,
    OPT_NUMBERS,
    OPT_OUTPUT,
    OPT_FORCE
};

static const struct cmd_option options[] = {
    CMD_DOCUMENT_OPTIONS,
    {'c', "check", NULL,
     "Print nothing, but report all faults of each file, not only the first."},
    {0, "wire", NULL,
     "Write the canonical wire form: the order and the omissions of the reference, exact "
     "integers, unknown members behind the known ones."},
    {'p', "pretty", NULL, "Indent the output; the default is one line for a document."},
    {0, "numbers", "WHEN",
     "\"safe\" (default): integers beyond 2^53 are strings; \"exact\": they are numbers, "
     "for readers that do not round. Not with --wire, which is always exact."},
    {'o', "output", "FILE",
     "Write FILE, whole or not at all, instead of standard output."},
    {0, "force", NULL, "Replace FILE where it exists."},
    {0, NULL, NULL, NULL},
};

static const char details[] =
    "Turns any report into one JSON shape for jq: one object for each document, on a "
    "line "
    "of its own. Addresses are \"0x...\" strings, so that no jq rounds them; lists are "
    "always there. Each object has version, file, variant and snapshots, and document, a "
    "number from 1, where the input holds several; each snapshot "
    "has "
    "phase, counts, vcpus (id, state, regs) and the report's other sections.\n"
    "\n"
    "Exit codes: 0 done; 2 a file was unreadable or invalid (the others are decoded all "
    "the same), or the output could not be written.\n"
    "\n"
    "Examples:\n"
    "  dumpctl decode report.json | jq -c '.snapshots[].vcpus[] | "
    "select(.state==\"not_parked\").id'\n"
    "  dumpctl decode *.json | jq -r '[.file, .cause // .missing_stats.text] | @tsv'\n"
    "  dumpctl decode --wire old.json -o canonical.json\n"
    "  dumpctl decode --check *.json\n";

struct decode {
    struct cmd_common common;
    struct cmd_documents docs;
    struct cmd_output out;
    struct dc_uniform_options uniform;
    bool check, wire, pretty, force;
    const char *output; /* NULL: standard output */
    size_t written;     /* documents */
};

static int write_document(struct decode *decode, struct dc_writer *w,
                          const struct dc_model *model, struct dc_error *err) {
    const struct dc_report *report = model->report;
    /* Between documents, not behind the last: the wire form ends with its '}'. */
    if (decode->written++ > 0)
        dc_write_newline(w);
    if (!decode->wire)
        return dc_uniform_write(w, model, &decode->uniform, err);
    return dc_wire_write(w, report->root, report->declared, report->text, report->len,
                         dc_alloc_libc, err);
}

static int decode_document(void *ctx, const struct cmd_document *document) {
    struct decode *decode = ctx;
    struct dc_writer w;
    struct dc_error err;
    bool ascii = !decode->wire || decode->out.tty;
    uint64_t before = decode->out.written;
    dc_writer_init(&w, decode->out.sink, ascii, decode->pretty);
    int rc = write_document(decode, &w, document->model, &err);
    bool written = dc_writer_finish(&w) == 0;
    if (rc == 0)
        return written ? EXIT_DONE : CMD_STOP;
    err.file = document->name;
    cmd_fail(&decode->common, &err);
    if (decode->out.written > before)
        cmd_note(&decode->common, "output incomplete after %llu bytes",
                 (unsigned long long)decode->out.written);
    return EXIT_TROUBLE;
}

static int take_numbers(struct decode *decode, const struct cmd_verb *verb,
                        const char *value) {
    decode->uniform.exact_numbers = strcmp(value, "exact") == 0;
    if (decode->uniform.exact_numbers || strcmp(value, "safe") == 0)
        return 0;
    cmd_usage(verb, &decode->common, "--numbers takes \"safe\" or \"exact\", not \"%s\"",
              value);
    return -1;
}

static int take_options(struct decode *decode, const struct cmd_verb *verb, int argc,
                        char **argv) {
    const char *value;
    bool numbers = false;
    int option;
    while ((option = cmd_next_option(verb, argc, argv, &decode->common, &value)) >= 0) {
        if (cmd_documents_option(&decode->docs, option))
            continue;
        decode->check |= option == OPT_CHECK;
        decode->wire |= option == OPT_WIRE;
        decode->pretty |= option == OPT_PRETTY;
        decode->force |= option == OPT_FORCE;
        numbers |= option == OPT_NUMBERS;
        if (option == OPT_OUTPUT)
            decode->output = value;
        if (option == OPT_NUMBERS && take_numbers(decode, verb, value) < 0)
            return -1;
    }
    if (option < -1)
        return -1;
    if (decode->wire && numbers) {
        cmd_usage(verb, &decode->common, "--numbers has no meaning with --wire");
        return -1;
    }
    if (decode->check && (decode->wire || decode->pretty || numbers || decode->output)) {
        cmd_usage(verb, &decode->common,
                  "--check prints no document: no other option of output goes with it");
        return -1;
    }
    if (decode->force && !decode->output) {
        cmd_usage(verb, &decode->common, "--force has no meaning without -o");
        return -1;
    }
    return 0;
}

static int run_open(struct decode *decode) {
    static const char newline = '\n';
    int code = cmd_documents_each(&decode->docs, decode_document, decode);
    bool last_line = !decode->wire || decode->out.tty;
    if (decode->written > 0 && last_line)
        decode->out.sink.write(decode->out.sink.ctx, &newline, 1);
    return code;
}

static int run_output(struct decode *decode) {
    struct cmd_allowed folder = {NULL, CMD_ALLOW_REPLACE};
    struct dc_error err;
    const char *path = decode->output ? decode->output : "-";
    if (cmd_output_open_file(&decode->out, &decode->common, path, decode->force, &err) <
        0)
        return cmd_fail(&decode->common, &err);
    folder.path = decode->out.file.path ? decode->out.file.folder : NULL;
    decode->docs.allowed = &folder;
    decode->docs.n_allowed = 1;
    return cmd_output_finish(&decode->out, &decode->common, run_open(decode));
}

static int run(const struct cmd_verb *verb, int argc, char **argv) {
    struct decode decode = {.uniform.alloc = dc_alloc_libc};
    cmd_common_init(&decode.common);
    cmd_documents_init(&decode.docs, &decode.common);
    if (take_options(&decode, verb, argc, argv) < 0)
        return EXIT_TROUBLE;
    size_t count = (size_t)(argc - optind);
    if (cmd_documents_open(&decode.docs, verb, argv + optind, count) < 0)
        return EXIT_TROUBLE;
    int code = decode.check ? cmd_documents_check(&decode.docs) : run_output(&decode);
    cmd_documents_close(&decode.docs);
    return code;
}

const struct cmd_verb cmd_decode = {
    .name = "decode",
    .summary = "turn any report into one JSON shape for jq, or into its wire form",
    .synopsis = "[OPTION...] FILE...",
    .shared = CMD_JSON | CMD_INPUT,
    .options = options,
    .details = details,
    .run = run,
};
