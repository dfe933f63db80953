#include "cmd/reports.h"

#include "cmd/fail.h"

#include <stdlib.h>

static struct dc_report_options options_of(const struct cmd_documents *docs) {
    return (struct dc_report_options){.alloc = dc_alloc_libc,
                                      .max_memory = docs->common->max_memory,
                                      .strict = docs->strict,
                                      .assume_single = docs->assume_single};
}

static int add_place(struct cmd_reports *reports, struct cmd_place place,
                     struct dc_error *err) {
    if (reports->count == reports->room) {
        size_t room = reports->room ? reports->room * 2 : 16;
        void *p = reallocarray(reports->places, room, sizeof(place));
        if (!p)
            return dc_fail(err, DC_ENOMEM, "out of memory");
        reports->places = p;
        reports->room = room;
    }
    reports->places[reports->count++] = place;
    return 0;
}

static void take(struct cmd_reports *reports, const struct dc_report *report,
                 size_t file) {
    if (reports->open)
        dc_report_done(&reports->report);
    reports->open = true;
    reports->report = *report;
    dc_model_init(&reports->model, &reports->report, reports->docs->operands[file]);
}

/* One document that was read well. */
static int add_report(struct cmd_reports *reports, struct dc_report *report,
                      struct cmd_place place, struct dc_error *err) {
    if (add_place(reports, place, err) < 0) {
        dc_report_done(report);
        return -1;
    }
    if (reports->open)
        dc_report_done(report);
    else
        take(reports, report, place.file);
    return 0;
}

static int tell(const struct cmd_reports *reports, size_t file, struct dc_error *err) {
    err->file = reports->docs->inputs[file].name;
    return cmd_fail(reports->docs->common, err);
}

/* The documents of one input that has been read. Bad ones are reported and left out. */
static int read_places(struct cmd_reports *reports, size_t file) {
    const struct cmd_input *in = &reports->docs->inputs[file];
    struct dc_report_options options = options_of(reports->docs);
    struct dc_place counted = {.at = NULL};
    struct dc_error err;
    int code = EXIT_DONE;
    size_t used = 0;
    options.place = &counted;
    do {
        struct dc_report report;
        struct cmd_place place = {file, used};
        if (dc_report_read(&report, in->data, in->len, &used, &options, &err) < 0) {
            code = cmd_worse(code, tell(reports, file, &err));
            if (!report.unread)
                continue;
            dc_fail(&err, DC_ESYNTAX, "the rest of the input was not read");
            tell(reports, file, &err);
        } else if (add_report(reports, &report, place, &err) < 0) {
            return tell(reports, file, &err);
        }
    } while (dc_report_more(in->data, in->len, &used));
    return code;
}

/* Returns the exit code of one input; what is wrong with it is reported. */
static int read_file(struct cmd_reports *reports, size_t file) {
    struct cmd_documents *docs = reports->docs;
    struct cmd_input *in = &docs->inputs[file];
    struct dc_error err;
    if (in->fd < 0)
        return cmd_documents_unopened(docs, file);
    if (cmd_input_read(in, docs->common->max_size, &err) < 0)
        return cmd_fail(docs->common, &err);
    return read_places(reports, file);
}

int cmd_reports_read(struct cmd_reports *reports, struct cmd_documents *docs) {
    int code = docs->code;
    *reports = (struct cmd_reports){.docs = docs};
    for (size_t i = 0; i < docs->count; i++) {
        int one = read_file(reports, i);
        reports->failed_files += one != EXIT_DONE;
        code = cmd_worse(code, one);
    }
    return code;
}

int cmd_reports_open(struct cmd_reports *reports, size_t i, struct dc_error *err) {
    const struct cmd_place *place = &reports->places[i];
    const struct cmd_input *in = &reports->docs->inputs[place->file];
    struct dc_report_options options = options_of(reports->docs);
    struct dc_report report;
    size_t used = place->at;
    if (dc_report_read(&report, in->data, in->len, &used, &options, err) < 0)
        return -1;
    take(reports, &report, place->file);
    return 0;
}

void cmd_reports_close(struct cmd_reports *reports) {
    if (reports->open)
        dc_report_done(&reports->report);
    free(reports->places);
    *reports = (struct cmd_reports){.docs = reports->docs};
}
