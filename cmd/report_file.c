#include "cmd/report_file.h"

#include "cmd/fail.h"
#include "cmd/output.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_ATTEMPTS = 1000 };

/* Also a link that points nowhere. */
static bool is_taken(const char *path) {
    struct stat link;
    return lstat(path, &link) == 0;
}

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
    } while (is_taken(file->path) && file->attempt < MOST_ATTEMPTS);
}

/* Did the latest fault only mean that somebody was faster with one of our names? */
static bool may_try_next(const struct cmd_report_file *file) {
    return file->numbered && file->file.taken && file->attempt < MOST_ATTEMPTS;
}

static int open_path(struct cmd_report_file *file, struct dc_error *err) {
    int rc;
    do {
        if (file->numbered)
            choose_name(file);
        rc = cmd_atomic_open(&file->file, file->path, file->force, err);
    } while (rc < 0 && may_try_next(file));
    return rc;
}

/* Does `path` lead to what `fd` writes to (/dev/stdout, the file behind a redirection)?
   Such a file must not be replaced under who writes to it. */
static bool leads_to(const char *path, int fd) {
    struct stat there, here;
    return stat(path, &there) == 0 && fstat(fd, &here) == 0 &&
           there.st_dev == here.st_dev && there.st_ino == here.st_ino;
}

bool cmd_report_file_is_direct(const char *path) {
    struct stat there;
    return path && (strcmp(path, "-") == 0 || leads_to(path, STDOUT_FILENO) ||
                    (stat(path, &there) == 0 && !S_ISREG(there.st_mode)));
}

/* A regular file that standard error goes to can be neither replaced nor shared. */
static int check_path(const char *path, struct dc_error *err) {
    if (strlen(path) >= sizeof(((struct cmd_report_file *)NULL)->path))
        return dc_fail(err, DC_EIO, "the path of the output is too long");
    if (leads_to(path, STDERR_FILENO) && !cmd_report_file_is_direct(path)) {
        dc_fail(err, DC_EIO, "is standard error; use another file, or -o -");
        err->file = path;
        return -1;
    }
    return 0;
}

int cmd_report_file_open(struct cmd_report_file *file, const struct cmd_common *common,
                         const char *path, bool force) {
    struct dc_error err;
    *file = (struct cmd_report_file){.common = common, .force = force};
    file->to_stdout = path && (strcmp(path, "-") == 0 || leads_to(path, STDOUT_FILENO));
    file->numbered = !path;
    file->when = time(NULL);
    if (file->to_stdout)
        return 0;
    int rc = path ? check_path(path, &err) : 0;
    if (rc == 0 && path)
        memcpy(file->path, path, strlen(path) + 1);
    if (rc == 0)
        rc = open_path(file, &err);
    if (rc < 0)
        cmd_fail(common, &err);
    return rc;
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
    while (rc < 0 && may_try_next(file))
        rc = open_path(file, err) < 0 ? -1 : publish(file, report, len, err);
    return rc;
}

static int write_stdout(struct cmd_report_file *file, const char *report, size_t len) {
    struct cmd_output out;
    cmd_output_open(&out, file->common, false);
    out.sink.write(out.sink.ctx, report, len);
    if (cmd_output_finish(&out, file->common, EXIT_DONE) != EXIT_DONE)
        return -1;
    if (!cmd_output_gone(&out))
        return 0;
    /* Elsewhere that ends quietly; here it would lose the only copy. */
    struct dc_error err;
    dc_fail(&err, DC_EIO, "the reader of standard output went away");
    cmd_fail(file->common, &err);
    return -1;
}

int cmd_report_file_write(struct cmd_report_file *file, const char *report, size_t len) {
    struct dc_error err;
    if (file->to_stdout)
        return write_stdout(file, report, len);
    int rc = publish_any(file, report, len, &err);
    if (rc < 0)
        cmd_fail(file->common, &err);
    return rc;
}

void cmd_report_file_close(struct cmd_report_file *file) {
    if (!file->to_stdout)
        cmd_atomic_abort(&file->file);
}
