#include "cmd/report_file.h"

#include "cmd/fail.h"
#include "cmd/output.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_ATTEMPTS = 1000 };

/* The next of our names that nothing has yet. */
static void choose_name(struct cmd_report_file *file) {
    char when[32] = "";
    struct tm local;
    if (localtime_r(&file->when, &local))
        strftime(when, sizeof(when), "%Y%m%d-%H%M%S", &local);
    do {
        char number[16] = "";
        if (++file->attempt > 1)
            snprintf(number, sizeof(number), "-%u", file->attempt);
        snprintf(file->path, sizeof(file->path), "dumpctl-%s%s.failure-dump.json", when,
                 number);
    } while (access(file->path, F_OK) == 0 && file->attempt < MOST_ATTEMPTS);
}

static int open_path(struct cmd_report_file *file, struct dc_error *err) {
    if (file->numbered)
        choose_name(file);
    return cmd_atomic_open(&file->file, file->path, file->force, err);
}

int cmd_report_file_open(struct cmd_report_file *file, const struct cmd_common *common,
                         const char *path, bool force) {
    struct dc_error err;
    *file = (struct cmd_report_file){.common = common, .force = force};
    file->to_stdout = path && strcmp(path, "-") == 0;
    file->numbered = !path;
    file->when = time(NULL);
    if (file->to_stdout)
        return 0;
    if (path && strlen(path) >= sizeof(file->path)) {
        dc_fail(&err, DC_EIO, "the path of the output is too long");
        cmd_fail(common, &err);
        return -1;
    }
    if (path)
        memcpy(file->path, path, strlen(path) + 1);
    if (open_path(file, &err) == 0)
        return 0;
    cmd_fail(common, &err);
    return -1;
}

static int publish(struct cmd_report_file *file, const char *report, size_t len,
                   struct dc_error *err) {
    struct dc_sink sink = cmd_atomic_sink(&file->file);
    sink.write(sink.ctx, report, len); /* the commit tells of its fault */
    return cmd_atomic_commit(&file->file, err);
}

/* Somebody may take our name while the guest runs: two captures in one second. */
static int publish_any(struct cmd_report_file *file, const char *report, size_t len,
                       struct dc_error *err) {
    int rc = publish(file, report, len, err);
    while (rc < 0 && file->numbered && file->attempt < MOST_ATTEMPTS &&
           access(file->path, F_OK) == 0)
        rc = open_path(file, err) < 0 ? -1 : publish(file, report, len, err);
    return rc;
}

static int write_stdout(struct cmd_report_file *file, const char *report, size_t len) {
    struct cmd_output out;
    static const char newline = '\n';
    cmd_output_open(&out, file->common, false);
    out.sink.write(out.sink.ctx, report, len);
    if (out.tty)
        out.sink.write(out.sink.ctx, &newline, 1);
    return cmd_output_finish(&out, file->common, EXIT_DONE) == EXIT_DONE ? 0 : -1;
}

int cmd_report_file_write(struct cmd_report_file *file, const char *report, size_t len) {
    struct dc_error err;
    int rc;
    if (file->to_stdout) {
        rc = write_stdout(file, report, len);
    } else {
        rc = publish_any(file, report, len, &err);
        if (rc < 0)
            cmd_fail(file->common, &err);
    }
    if (rc == 0)
        return 0;
    struct dc_sink sink = cmd_stderr();
    cmd_note(file->common, "the report could not be written; here it is");
    sink.write(sink.ctx, report, len);
    sink.write(sink.ctx, "\n", 1);
    return -1;
}

void cmd_report_file_close(struct cmd_report_file *file) {
    if (!file->to_stdout)
        cmd_atomic_abort(&file->file);
}
