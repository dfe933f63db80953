#include "cmd/view_source.h"

#include "cmd/fail.h"

#include <string.h>

void cmd_view_source_init(struct cmd_view_source *source, struct cmd_common *common) {
    *source = (struct cmd_view_source){
        .common = common, .symbols_text.fd = -1, .following.follow.fd = -1};
    cmd_documents_init(&source->docs, common);
    source->docs.faults_later = true;
}

static int fail(const struct cmd_view_source *source, struct dc_error *err) {
    cmd_fail(source->common, err);
    return -1;
}

static int open_symbols(struct cmd_view_source *source) {
    struct dc_error err;
    if (!source->symbols_path)
        return 0;
    if (cmd_input_read_symbols(&source->symbols_text, source->symbols_path,
                               source->common->max_size, &source->symbols, &err) < 0)
        return fail(source, &err);
    source->symbols_read = true;
    return 0;
}

/* Nothing is opened but the folders: a file is read when it is there, and again. */
static int open_followed(struct cmd_view_source *source, const struct cmd_verb *verb,
                         char **operands, size_t count) {
    struct dc_error err;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(operands[i], "-") != 0)
            continue;
        cmd_usage(verb, source->common,
                  "--follow needs a folder or a file, not standard "
                  "input");
        return -1;
    }
    if (count == 0) {
        cmd_usage(verb, source->common, "--follow needs a folder or a file");
        return -1;
    }
    if (cmd_view_follow_open(&source->following, &source->docs, operands, count, &err) <
        0)
        return fail(source, &err);
    return 0;
}

int cmd_view_source_open(struct cmd_view_source *source, const struct cmd_verb *verb,
                         char **operands, size_t count) {
    struct dc_error err;
    if (source->diff && count != 2) {
        cmd_usage(verb, source->common, "--diff compares two reports; %zu given", count);
        return -1;
    }
    if (open_symbols(source) < 0)
        return -1;
    if (source->follow)
        return open_followed(source, verb, operands, count);
    if (count > 0 && !source->diff) {
        if (cmd_folder_open(&source->folder, operands, count, &err) < 0)
            return fail(source, &err);
        operands = source->folder.paths;
        count = source->folder.count;
    }
    source->docs.faults_later = !source->diff;
    return cmd_documents_open(&source->docs, verb, operands, count);
}

/* ---- documents ---- */

static int open_document(void *ctx, size_t i, const struct dc_model **model,
                         struct dc_error *err) {
    struct cmd_view_source *source = ctx;
    /* The first has been opened when all were read. */
    if (i > 0 || source->first_open)
        if (cmd_reports_open(&source->reports, i, err) < 0)
            return -1;
    source->first_open = true;
    *model = &source->reports.model;
    return 0;
}

static struct dc_str line_of(void *ctx, size_t i) {
    const struct cmd_view_source *source = ctx;
    const struct cmd_place *place = &source->reports.places[i];
    return (struct dc_str){place->line, place->len};
}

static int open_second(void *ctx, size_t i, const struct dc_model **model,
                       struct dc_error *err) {
    struct cmd_view_source *source = ctx;
    (void)i, (void)err;
    *model = &source->models[1];
    return 0;
}

static int read_pair(struct cmd_view_source *source, struct view_documents *documents) {
    for (size_t i = 0; i < 2; i++) {
        if (cmd_documents_load(&source->docs, i, &source->compared[i],
                               &source->models[i]) < 0)
            return EXIT_TROUBLE;
        source->n_compared++;
    }
    documents->count = 1;
    documents->open = open_second;
    documents->base = &source->models[0];
    return EXIT_DONE;
}

static int read_followed(struct cmd_view_source *source,
                         struct view_documents *documents) {
    struct dc_error err;
    if (cmd_view_follow_read(&source->following, documents, &err) == 0)
        return EXIT_DONE;
    documents->count = 0;
    return cmd_fail(source->common, &err);
}

int cmd_view_source_read(struct cmd_view_source *source,
                         struct view_documents *documents) {
    *documents = (struct view_documents){.ctx = source};
    if (source->symbols_read)
        documents->symbols = &source->symbols;
    if (source->follow)
        cmd_sandbox(source->following.follow.folders, source->following.follow.count);
    else
        cmd_sandbox(source->folder.folders, source->folder.n_folders);
    source->docs.sandboxed = true; /* before the first byte of a report is read */
    if (source->diff)
        return read_pair(source, documents);
    if (source->follow)
        return read_followed(source, documents);
    source->reports.lines = true;
    source->reports.again = source->folder.inside;
    int code = cmd_reports_read(&source->reports, &source->docs);
    documents->count = source->reports.count;
    documents->failed_files = source->reports.failed_files;
    documents->open = open_document;
    documents->line = line_of;
    return code;
}

void cmd_view_source_close(struct cmd_view_source *source) {
    for (size_t i = 0; i < source->n_compared; i++)
        dc_report_done(&source->compared[i]);
    cmd_reports_close(&source->reports);
    cmd_documents_close(&source->docs);
    cmd_folder_close(&source->folder);
    cmd_view_follow_close(&source->following);
    if (source->symbols_read)
        dc_symbols_done(&source->symbols);
    cmd_input_close(&source->symbols_text);
}
