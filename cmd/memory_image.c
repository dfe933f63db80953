#include "cmd/memory_image.h"

#include "cmd/fail.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_same_file(const struct stat *one, const struct stat *other) {
    return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

static bool leads_to(const struct stat *there, int fd) {
    struct stat here;
    return fstat(fd, &here) == 0 && is_same_file(there, &here);
}

/* What cannot be replaced by a file with holes. */
static int check_path(const char *path, struct dc_error *err) {
    struct stat there;
    if (strcmp(path, "-") == 0)
        return dc_fail(err, DC_EUSAGE,
                       "--memory-image takes a file, not standard output");
    if (stat(path, &there) < 0 || S_ISDIR(there.st_mode))
        return 0; /* what opens it says more */
    if (S_ISREG(there.st_mode) && !leads_to(&there, STDOUT_FILENO) &&
        !leads_to(&there, STDERR_FILENO))
        return 0;
    dc_fail(err, DC_EUSAGE, "a memory image must be a regular file of its own");
    err->file = path;
    return -1;
}

/* One would replace the other. */
static int check_report(const struct cmd_memory_image *image,
                        const struct cmd_report_file *report, struct dc_error *err) {
    struct stat mine, its;
    const struct cmd_atomic *one = &image->file, *other = &report->file;
    if (report->to_stdout || !one->name || !other->name ||
        strcmp(one->name, other->name) != 0 || fstat(one->folder_fd, &mine) < 0 ||
        fstat(other->folder_fd, &its) < 0 || !is_same_file(&mine, &its))
        return 0;
    dc_fail(err, DC_EUSAGE, "the report and the memory image need a file each");
    err->file = one->path;
    return -1;
}

int cmd_memory_image_open(struct cmd_memory_image *image, const struct cmd_common *common,
                          const char *path, bool force,
                          const struct cmd_report_file *report, int *fd) {
    struct dc_error err;
    *image = (struct cmd_memory_image){.common = common};
    *fd = -1;
    if (!path)
        return 0;
    if (check_path(path, &err) || cmd_atomic_open(&image->file, path, force, &err) ||
        check_report(image, report, &err)) {
        cmd_fail(common, &err);
        cmd_memory_image_close(image);
        return -1;
    }
    *fd = image->file.fd;
    return 0;
}

int cmd_memory_image_finish(struct cmd_memory_image *image, const struct cap_end *end) {
    struct dc_error err;
    int rc = 0;
    if (end->image == CAP_IMAGE_WRITTEN) {
        rc = cmd_atomic_commit(&image->file, &err);
    } else if (end->image == CAP_IMAGE_FAILED) {
        err = end->image_error;
        err.file = image->file.path;
        rc = -1;
    }
    if (rc < 0)
        cmd_fail(image->common, &err);
    cmd_memory_image_close(image);
    return rc;
}

void cmd_memory_image_close(struct cmd_memory_image *image) {
    cmd_atomic_abort(&image->file);
}
