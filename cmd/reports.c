#include "cmd/reports.h"

#include "cmd/fail.h"
#include "lib/show.h"

#include <stdlib.h>
#include <string.h>

struct dc_report_options cmd_reports_options(const struct cmd_documents *docs) {
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

/* The text of an input that can be read again. */
static void drop(struct cmd_reports *reports, size_t file) {
    if (reports->again && reports->again[file])
        cmd_input_close(&reports->docs->inputs[file]);
}

static void take(struct cmd_reports *reports, const struct dc_report *report,
                 size_t file) {
    size_t before = reports->open_file;
    if (reports->open)
        dc_report_done(&reports->report);
    if (reports->open && before != file)
        drop(reports, before);
    reports->open = true;
    reports->open_file = file;
    reports->report = *report;
    dc_model_init(&reports->model, &reports->report, reports->docs->operands[file]);
}

int cmd_reports_line(const struct dc_report *report, const char *name, size_t number,
                     char **line, size_t *len, struct dc_error *err) {
    struct dc_show_options options = {
        .alloc = dc_alloc_libc, .name = name, .number = number};
    struct dc_model model;
    struct dc_buf buf;
    dc_buf_init(&buf, dc_alloc_libc);
    dc_model_init(&model, report, name);
    int rc = dc_show_short(dc_buf_sink(&buf), &model, &options, err);
    *line = buf.data;
    *len = buf.len > 0 ? buf.len - 1 : 0; /* without its newline */
    return rc;
}

/* The name that tells it from the others of its folder, and what show says. */
static int describe(const struct cmd_reports *reports, const struct dc_report *report,
                    struct cmd_place *place, size_t number, struct dc_error *err) {
    const char *name = reports->docs->inputs[place->file].name;
    bool folder = reports->again && reports->again[place->file];
    return cmd_reports_line(report, folder ? strrchr(name, '/') + 1 : name, number,
                            &place->line, &place->len, err);
}

/* One document that was read well. */
static int add_report(struct cmd_reports *reports, struct dc_report *report,
                      struct cmd_place place, size_t number, struct dc_error *err) {
    if ((reports->lines && describe(reports, report, &place, number, err) < 0) ||
        add_place(reports, place, err) < 0) {
        free(place.line);
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

/* Bad documents of one input: the first are told one by one. A person waits for a screen and
   wants to know what is wrong, not to have a million lines of it first. */
struct bad {
    size_t told, more;
};

static void tell_bad(const struct cmd_reports *reports, size_t file, struct bad *bad,
                     bool last, struct dc_error *err) {
    enum { MOST_TOLD = 10 };
    if (bad->told == MOST_TOLD && !last) {
        bad->more++;
        return;
    }
    bad->told++;
    tell(reports, file, err);
}

static void tell_more(const struct cmd_reports *reports, size_t file,
                      const struct bad *bad) {
    struct dc_error err;
    if (bad->more == 0)
        return;
    dc_fail(&err, DC_ESYNTAX, "%zu more %s; dumpctl decode --check tells of each",
            bad->more, bad->more == 1 ? "document is bad" : "documents are bad");
    tell(reports, file, &err);
}

/* The documents of one input that has been read. Bad ones are reported and left out. */
static int read_places(struct cmd_reports *reports, size_t file) {
    const struct cmd_input *in = &reports->docs->inputs[file];
    struct dc_report_options options = cmd_reports_options(reports->docs);
    struct dc_place counted = {.at = NULL};
    struct bad bad = {.told = 0};
    struct dc_error err;
    int code = EXIT_DONE;
    size_t used = 0, number = 0;
    options.place = &counted;
    do {
        struct dc_report report;
        struct cmd_place place = {.file = file, .at = used};
        number++;
        if (dc_report_read(&report, in->data, in->len, &used, &options, &err) < 0) {
            code = EXIT_TROUBLE;
            tell_bad(reports, file, &bad, report.unread, &err);
            if (!report.unread)
                continue;
            dc_fail(&err, DC_ESYNTAX, "the rest of the input was not read");
            tell(reports, file, &err);
        } else {
            bool lines = number > 1 || dc_report_more(in->data, in->len, &used);
            if (add_report(reports, &report, place, lines ? number : 0, &err) == 0)
                continue;
            code = tell(reports, file, &err);
            break;
        }
    } while (dc_report_more(in->data, in->len, &used));
    tell_more(reports, file, &bad);
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
    int code = read_places(reports, file);
    if (!reports->open || reports->open_file != file)
        drop(reports, file);
    return code;
}

int cmd_reports_read(struct cmd_reports *reports, struct cmd_documents *docs) {
    int code = docs->code;
    reports->docs = docs;
    for (size_t i = 0; i < docs->count; i++) {
        int one = read_file(reports, i);
        reports->failed_files += one != EXIT_DONE;
        code = cmd_worse(code, one);
    }
    return code;
}

/* The text of an input that was not kept. */
static int read_again(const struct cmd_reports *reports, size_t file,
                      struct dc_error *err) {
    struct cmd_input *in = &reports->docs->inputs[file];
    if (in->data)
        return 0;
    if (cmd_input_open(in, reports->docs->operands[file], err) < 0)
        return -1;
    return cmd_input_read(in, reports->docs->common->max_size, err);
}

int cmd_reports_open(struct cmd_reports *reports, size_t i, struct dc_error *err) {
    const struct cmd_place *place = &reports->places[i];
    const struct cmd_input *in = &reports->docs->inputs[place->file];
    if (read_again(reports, place->file, err) < 0)
        return -1;
    struct dc_report_options options = cmd_reports_options(reports->docs);
    struct dc_report report;
    size_t used = place->at;
    if (used >= in->len)
        return dc_fail(err, DC_EIO, "the file has become shorter");
    if (dc_report_read(&report, in->data, in->len, &used, &options, err) < 0)
        return -1;
    take(reports, &report, place->file);
    return 0;
}

void cmd_reports_close(struct cmd_reports *reports) {
    if (reports->open)
        dc_report_done(&reports->report);
    for (size_t i = 0; i < reports->count; i++)
        free(reports->places[i].line);
    free(reports->places);
    *reports = (struct cmd_reports){.docs = reports->docs};
}
