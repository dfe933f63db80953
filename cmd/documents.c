#include "cmd/documents.h"

#include "cmd/fail.h"
#include "lib/reader.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

void cmd_documents_init(struct cmd_documents *docs, const struct cmd_common *common) {
    *docs = (struct cmd_documents){.common = common};
}

bool cmd_documents_option(struct cmd_documents *docs, int index) {
    if (index == CMD_DOCUMENT_STRICT)
        docs->strict = true;
    else if (index == CMD_DOCUMENT_ASSUME_SINGLE)
        docs->assume_single = true;
    else
        return false;
    return true;
}

/* ---- opening ---- */

/* All inputs are open at once, because the sandbox permits no opening later; the usual
   limit of 1024 descriptors is meant for programs that use select(). */
static void make_room(size_t count) {
    enum { OTHERS = 32 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= count + OTHERS)
        return;
    rlim_t wanted = count + OTHERS;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int check_operands(const struct cmd_documents *docs, const struct cmd_verb *verb,
                          char **operands, size_t count) {
    size_t dashes = 0;
    for (size_t i = 0; i < count; i++)
        dashes += strcmp(operands[i], "-") == 0;
    if (count == 0)
        cmd_usage(verb, docs->common, "no report is named; - is standard input");
    else if (dashes > 1)
        cmd_usage(verb, docs->common, "standard input can be read only once");
    return count == 0 || dashes > 1 ? -1 : 0;
}

static void open_input(struct cmd_documents *docs, size_t i) {
    struct dc_error err;
    if (cmd_input_open(&docs->inputs[i], docs->operands[i], &err) == 0)
        return;
    docs->code = EXIT_TROUBLE;
    if (docs->faults)
        docs->faults[i] = err;
    else
        cmd_fail(docs->common, &err);
}

int cmd_documents_unopened(const struct cmd_documents *docs, size_t file) {
    if (docs->faults)
        cmd_fail(docs->common, &docs->faults[file]);
    return EXIT_TROUBLE;
}

int cmd_documents_open(struct cmd_documents *docs, const struct cmd_verb *verb,
                       char **operands, size_t count) {
    struct dc_error err;
    if (check_operands(docs, verb, operands, count) < 0)
        return -1;
    docs->inputs = calloc(count, sizeof(*docs->inputs));
    if (docs->faults_later)
        docs->faults = calloc(count, sizeof(*docs->faults));
    if (!docs->inputs || (docs->faults_later && !docs->faults)) {
        dc_fail(&err, DC_ENOMEM, "out of memory");
        cmd_fail(docs->common, &err);
        return -1;
    }
    make_room(count);
    docs->operands = operands;
    docs->count = count;
    for (size_t i = 0; i < count; i++)
        open_input(docs, i);
    return 0;
}

int cmd_documents_refuse_output(const struct cmd_documents *docs,
                                const struct cmd_verb *verb, const char *option,
                                const char *path) {
    struct stat output;
    if (stat(path, &output) < 0)
        return 0;
    for (size_t i = 0; i < docs->count; i++) {
        const struct cmd_input *in = &docs->inputs[i];
        if (in->fd < 0 || in->stat.st_dev != output.st_dev ||
            in->stat.st_ino != output.st_ino || !S_ISREG(output.st_mode))
            continue;
        cmd_usage(verb, docs->common, "%s would replace the report %s", option, in->name);
        return -1;
    }
    return 0;
}

void cmd_documents_drop(struct cmd_documents *docs, size_t file) {
    cmd_input_close(&docs->inputs[file]);
}

void cmd_documents_close(struct cmd_documents *docs) {
    for (size_t i = 0; i < docs->count; i++)
        cmd_input_close(&docs->inputs[i]);
    free(docs->inputs);
    free(docs->faults);
    docs->inputs = NULL;
    docs->faults = NULL;
    docs->count = 0;
}

/* ---- reading ---- */

static void enter_sandbox(struct cmd_documents *docs) {
    if (!docs->sandboxed)
        cmd_sandbox(docs->allowed, docs->n_allowed);
    docs->sandboxed = true;
}

static int report_fault(const struct cmd_documents *docs, const struct cmd_input *in,
                        struct dc_error *err) {
    err->file = in->name;
    return cmd_fail(docs->common, err);
}

static int read_input(struct cmd_documents *docs, struct cmd_input *in) {
    struct dc_error err;
    enter_sandbox(docs);
    if (in->fd < 0)
        return EXIT_TROUBLE; /* which was reported when it could not be opened */
    if (cmd_input_read(in, docs->common->max_size, &err) < 0)
        return cmd_fail(docs->common, &err);
    return EXIT_DONE;
}

/* Where nobody knows whether documents follow a bad one. */
static void report_unread(const struct cmd_documents *docs, const struct cmd_input *in,
                          const struct dc_report *report) {
    struct dc_error err;
    if (!report->unread)
        return;
    dc_fail(&err, DC_ESYNTAX, "the rest of the input was not read");
    report_fault(docs, in, &err);
}

static struct dc_report_options options_of(const struct cmd_documents *docs) {
    return (struct dc_report_options){.alloc = dc_alloc_libc,
                                      .max_memory = docs->common->max_memory,
                                      .strict = docs->strict,
                                      .assume_single = docs->assume_single};
}

static int give(const struct cmd_documents *docs, struct dc_report *report,
                struct cmd_document *document, cmd_document_fn fn, void *ctx) {
    struct dc_model model;
    if (document->index > 0 || document->more)
        report->document = document->index + 1;
    dc_model_init(&model, report, docs->operands[document->file]);
    document->model = &model;
    int code = fn(ctx, document);
    document->model = NULL;
    dc_report_done(report);
    return code;
}

/* The documents of one input. */
static int each_of_input(const struct cmd_documents *docs, size_t file,
                         cmd_document_fn fn, void *ctx) {
    const struct cmd_input *in = &docs->inputs[file];
    struct dc_report_options options = options_of(docs);
    struct cmd_document document = {.name = in->name, .file = file, .more = true};
    struct dc_place place = {.at = NULL};
    int code = EXIT_DONE;
    options.place = &place;
    for (size_t used = 0; document.more && code != CMD_STOP; document.index++) {
        struct dc_report report;
        struct dc_error err;
        int one = EXIT_TROUBLE;
        bool good =
            dc_report_read(&report, in->data, in->len, &used, &options, &err) == 0;
        document.more = dc_report_more(in->data, in->len, &used);
        if (good) {
            one = give(docs, &report, &document, fn, ctx);
        } else {
            report_fault(docs, in, &err);
            report_unread(docs, in, &report);
        }
        code = one == CMD_STOP ? CMD_STOP : cmd_worse(code, one);
    }
    return code;
}

int cmd_documents_each(struct cmd_documents *docs, cmd_document_fn fn, void *ctx) {
    int code = docs->code;
    for (size_t i = 0; i < docs->count; i++) {
        int one = read_input(docs, &docs->inputs[i]);
        if (one == EXIT_DONE)
            one = each_of_input(docs, i, fn, ctx);
        cmd_input_close(&docs->inputs[i]);
        if (one == CMD_STOP)
            break;
        code = cmd_worse(code, one);
    }
    return code;
}

struct check {
    struct cmd_documents *docs;
    const struct cmd_input *in;
};

static void tell_fault(void *ctx, const struct dc_error *err) {
    struct check *check = ctx;
    struct dc_error fault = *err;
    report_fault(check->docs, check->in, &fault);
}

/* All faults of all documents of one input. */
static int check_input(struct cmd_documents *docs, const struct cmd_input *in) {
    struct check check = {docs, in};
    struct dc_faults faults = {tell_fault, &check};
    struct dc_report_options options = options_of(docs);
    struct dc_report report;
    struct dc_error err;
    int code = EXIT_DONE;
    struct dc_place place = {.at = NULL};
    size_t used = 0;
    options.faults = &faults;
    options.place = &place;
    do {
        if (dc_report_read(&report, in->data, in->len, &used, &options, &err) == 0) {
            dc_report_done(&report);
            continue;
        }
        code = EXIT_TROUBLE;
        report_unread(docs, in, &report);
    } while (dc_report_more(in->data, in->len, &used));
    return code;
}

int cmd_documents_check(struct cmd_documents *docs) {
    int code = docs->code;
    for (size_t i = 0; i < docs->count; i++) {
        int one = read_input(docs, &docs->inputs[i]);
        if (one == EXIT_DONE)
            one = check_input(docs, &docs->inputs[i]);
        cmd_input_close(&docs->inputs[i]);
        code = cmd_worse(code, one);
    }
    return code;
}

int cmd_documents_load(struct cmd_documents *docs, size_t file, struct dc_report *report,
                       struct dc_model *model) {
    struct cmd_input *in = &docs->inputs[file];
    struct dc_report_options options = options_of(docs);
    struct dc_error err;
    size_t used = 0;
    if (read_input(docs, in) != EXIT_DONE)
        return -1;
    if (dc_report_read(report, in->data, in->len, &used, &options, &err) < 0) {
        report_fault(docs, in, &err);
        return -1;
    }
    if (dc_report_more(in->data, in->len, &used)) {
        dc_report_done(report);
        dc_fail(
            &err, DC_EVARIANT,
            "holds more than one document, and two are compared; give it one of them, "
            "such as the second line: sed -n 2p FILE | dumpctl diff - OTHER");
        report_fault(docs, in, &err);
        return -1;
    }
    dc_model_init(model, report, docs->operands[file]);
    return 0;
}
