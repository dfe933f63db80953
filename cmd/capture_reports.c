#include "cmd/capture_reports.h"

#include "capture/report.h"
#include "capture/tag.h"
#include "cmd/capture_signals.h"
#include "cmd/capture_tell.h"
#include "cmd/fail.h"
#include "cmd/output.h"
#include "lib/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_NUMBERS = 1000 };

int cmd_capture_reports_open(struct cmd_capture_reports *reports,
                             const struct cmd_common *common, const char *path,
                             bool force) {
    *reports = (struct cmd_capture_reports){.common = common, .force = force};
    reports->direct = cmd_report_file_is_direct(path);
    return cmd_report_file_open(&reports->main, common, path, force);
}

/* ---- names of siblings ---- */

static bool is_ours(const struct cmd_capture_reports *reports, const char *path) {
    for (size_t i = 0; i < reports->n_paths; i++)
        if (strcmp(reports->paths[i], path) == 0)
            return true;
    return false;
}

/* A file of an earlier run may be replaced if that was asked for; one of this run never. */
static bool is_taken(const struct cmd_capture_reports *reports, const char *path) {
    struct stat link;
    return is_ours(reports, path) || (!reports->force && lstat(path, &link) == 0);
}

static int remember(struct cmd_capture_reports *reports, const char *path,
                    struct dc_error *err) {
    char **more =
        reallocarray(reports->paths, reports->n_paths + 1, sizeof(*reports->paths));
    if (more)
        reports->paths = more;
    char *copy = more ? strdup(path) : NULL;
    if (!copy)
        return dc_fail(err, DC_ENOMEM, "no memory for the names of reports");
    reports->paths[reports->n_paths++] = copy;
    return 0;
}

/* The n-th name for that tag: TAG, TAG-2, TAG-3 and so on. */
static int name_sibling(const struct cmd_capture_reports *reports, const char *tag,
                        unsigned n, struct cap_delivery *out, struct dc_error *err) {
    char number[16] = "";
    if (n > 1)
        snprintf(number, sizeof(number), "-%u", n);
    size_t room = sizeof(out->tag) - strlen(number);
    cap_tag_clean(out->tag, room, tag);
    strncat(out->tag, number, sizeof(out->tag) - strlen(out->tag) - 1);
    return cap_tag_path(out->path, sizeof(out->path), reports->main.path, out->tag, err);
}

/* ---- writing ---- */

/* `report` is to be freed whatever comes of it. */
static int render(const struct cmd_capture_reports *reports,
                  const struct cap_document *document, struct dc_buf *report,
                  struct dc_error *err) {
    bool ascii = reports->main.to_stdout && isatty(STDOUT_FILENO);
    dc_buf_init(report, dc_alloc_libc);
    if (cap_report_write(dc_buf_sink(report), ascii, document) == 0 &&
        (!reports->direct || (dc_buf_add(report, "\n", 1), true)) && dc_buf_ok(report))
        return 0;
    return dc_fail(err, DC_ENOMEM, "out of memory for the report");
}

static int write_file(const char *path, bool force, const struct dc_buf *report,
                      bool *taken, struct dc_error *err) {
    struct cmd_atomic file;
    int rc = cmd_atomic_open(&file, path, force, err);
    if (rc == 0) {
        struct dc_sink sink = cmd_atomic_sink(&file);
        sink.write(sink.ctx, report->data, report->len); /* the commit tells its fault */
        rc = cmd_atomic_commit(&file, err);
    }
    *taken = file.taken;
    return rc;
}

static int try_sibling(struct cmd_capture_reports *reports,
                       const struct cap_document *document, const char *path, bool *taken,
                       struct dc_error *err) {
    struct dc_buf report;
    *taken = false;
    int rc = render(reports, document, &report, err);
    if (rc == 0)
        rc = write_file(path, reports->force, &report, taken, err);
    dc_buf_done(&report);
    return rc;
}

/* The tag of the document is out->tag: it says in each trial what its name says. */
static int write_sibling(struct cmd_capture_reports *reports, const char *tag,
                         const struct cap_document *document, struct cap_delivery *out,
                         struct dc_error *err) {
    for (unsigned n = 1; n <= MOST_NUMBERS; n++) {
        bool taken;
        if (name_sibling(reports, tag, n, out, err) < 0)
            return -1;
        if (is_taken(reports, out->path))
            continue;
        if (try_sibling(reports, document, out->path, &taken, err) == 0)
            return remember(reports, out->path, err);
        if (!taken)
            return -1;
    }
    return dc_fail(err, DC_EIO, "%s, and all names up to -%d, are taken", out->path,
                   MOST_NUMBERS);
}

/* Into a FIFO or a device that is open already. */
static int write_direct(struct cmd_capture_reports *reports, const struct dc_buf *report,
                        struct dc_error *err) {
    struct dc_sink sink = cmd_atomic_sink(&reports->main.file);
    if (reports->closed)
        return dc_fail(err, DC_EIO, "%s: is closed already", reports->main.path);
    if (sink.write(sink.ctx, report->data, report->len) == 0)
        return 0;
    reports->closed = true;
    return cmd_atomic_commit(&reports->main.file, err);
}

/* To where the name is known before: the main report, and all of a direct output. */
static int write_named(struct cmd_capture_reports *reports,
                       const struct cap_document *document, struct cap_delivery *out) {
    struct dc_error err;
    struct dc_buf report;
    bool direct = reports->direct && !reports->main.to_stdout;
    int rc = render(reports, document, &report, &err);
    if (rc == 0 && !direct) {
        rc = cmd_report_file_write(&reports->main, report.data, report.len);
    } else {
        if (rc == 0)
            rc = write_direct(reports, &report, &err);
        if (rc < 0)
            cmd_fail(reports->common, &err);
    }
    dc_buf_done(&report);
    snprintf(out->path, sizeof(out->path), "%s",
             reports->main.to_stdout ? "-" : reports->main.path);
    return rc;
}

static int write_report(struct cmd_capture_reports *reports, const char *tag,
                        const struct cap_document *document, struct cap_delivery *out) {
    struct dc_error err;
    if (reports->direct || !tag)
        return write_named(reports, document, out);
    int rc = write_sibling(reports, tag, document, out, &err);
    if (rc < 0)
        cmd_fail(reports->common, &err);
    return rc;
}

/* The report has no other place left. Streamed: memory may be what is missing. */
static void tell_report(const struct cmd_capture_reports *reports,
                        const struct cap_document *document) {
    struct dc_sink sink = cmd_stderr(reports->common);
    cmd_note(reports->common, "the report could not be written; here it is");
    (void)!cap_report_write(sink, isatty(STDERR_FILENO), document);
    sink.write(sink.ctx, "\n", 1);
}

int cmd_capture_reports_deliver(void *context, const struct cap_document *document,
                                struct cap_delivery *out) {
    struct cmd_capture_reports *reports = context;
    struct cap_document named = *document;

    *out = (struct cap_delivery){0};
    if (document->tag) {
        snprintf(out->tag, sizeof(out->tag), "%s", document->tag);
        named.tag = out->tag; /* with its number, once it has one */
    }
    if (reports->progress)
        cmd_progress_wipe(reports->progress);
    if (reports->direct) /* its reader may never read */
        cmd_capture_signals_release();
    int rc = write_report(reports, document->tag, &named, out);
    if (rc < 0)
        tell_report(reports, &named);
    else if (cmd_capture_tell(reports->common, &named, out, reports->main.to_stdout) < 0)
        reports->untold = true; /* it is kept all the same */
    cmd_capture_tell_missing(reports->common, document, &reports->told_missing);
    if (document->goes_on && rc == 0)
        cmd_capture_tell_after(reports->common, reports->after);
    if (reports->direct)
        cmd_capture_signals_catch();
    return rc;
}

int cmd_capture_reports_close(struct cmd_capture_reports *reports) {
    struct dc_error err;
    int rc = reports->untold ? -1 : 0;
    if (reports->direct && !reports->main.to_stdout && !reports->closed &&
        cmd_atomic_commit(&reports->main.file, &err) < 0) {
        cmd_fail(reports->common, &err);
        rc = -1;
    }
    cmd_report_file_close(&reports->main);
    for (size_t i = 0; i < reports->n_paths; i++)
        free(reports->paths[i]);
    free(reports->paths);
    reports->paths = NULL;
    reports->n_paths = 0;
    return rc;
}
