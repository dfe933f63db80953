#include "tests/unit/files_aid.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

static char base[256];

/* ---- documents ---- */

static struct cap_vcpu_result vcpus[3];

static struct cap_result files_result(enum cap_outcome outcome, const char *guest) {
    struct cap_result result = {
        .outcome = outcome,
        .trigger = CAP_TRIGGER_LATCH,
        .vcpu_count = 3,
        .vcpus = vcpus,
        .parked = outcome == CAP_COMPLETE ? 3 : 2,
        .timeout_ms = 100,
        .elapsed_us = 100000,
        .guest = guest,
        .memory_mib = 64,
        .host = {.sysname = "Linux", .release = "6.1", .machine = "x86_64"},
    };
    for (uint32_t id = 0; id < 3; id++) {
        vcpus[id] = (struct cap_vcpu_result){.id = id, .state = CAP_PARKED, .kicks = 1};
        vcpus[id].registers.general.rip = UINT64_C(0xffffffff81000000) + id;
        vcpus[id].exit_name = "KVM_EXIT_HLT";
    }
    if (outcome != CAP_COMPLETE)
        vcpus[2].state = CAP_NOT_PARKED;
    return result;
}

int files_deliver_as(struct cmd_capture_reports *reports, const char *tag,
                     enum cap_outcome outcome, const char *guest,
                     struct cap_delivery *out) {
    struct cap_result result = files_result(outcome, guest);
    struct cap_document document = {.tag = tag, .result = &result};
    return cmd_capture_reports_deliver(reports, &document, out);
}

int files_deliver(struct cmd_capture_reports *reports, const char *tag,
                  struct cap_delivery *out) {
    return files_deliver_as(reports, tag, CAP_COMPLETE, "demo:stall", out);
}

/* ---- folders and what is in them ---- */

void files_begin(void) {
    const char *folder = getenv("TMPDIR");
    snprintf(base, sizeof(base), "%s/dumpctl-files.XXXXXX", folder ? folder : "/tmp");
    CHECK(mkdtemp(base) != NULL && chdir(base) == 0 && mkdir("in", 0700) == 0 &&
          chdir("in") == 0);
}

/* Entries of a folder but "." and ".."; `prefix`: only of such names. */
unsigned files_entries(const char *path, const char *prefix, bool remove) {
    unsigned found = 0;
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
            continue;
        found++;
        if (remove && unlinkat(dirfd(dir), entry->d_name, 0) != 0)
            unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
    }
    if (dir)
        closedir(dir);
    return found;
}

void files_end(void) {
    files_entries(".", "", true);
    CHECK(chdir(base) == 0);
    files_entries(".", "", true);
    CHECK(chdir("/") == 0 && rmdir(base) == 0);
}

size_t files_load(const char *path, char *text, size_t size) {
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    return n > 0 ? (size_t)n : 0;
}

/* Is that a document, whole, and as it would be written again? */
bool files_is_whole(const char *text, size_t len) {
    struct dc_buf again;
    struct dc_error err = {0};
    dc_buf_init(&again, dc_alloc_libc);
    bool whole = aid_rewrite(text, len, &again, &err) == 0 && again.len == len &&
                 memcmp(again.data, text, len) == 0;
    if (!whole)
        printf("# %zu bytes, %s\n", len, err.message);
    dc_buf_done(&again);
    return whole;
}

bool files_is_whole_file(const char *path) {
    static char text[1 << 16];
    return files_is_whole(text, files_load(path, text, sizeof(text)));
}

int files_in_child(int (*work)(void)) {
    int status = -1;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        int out = open("../out", O_WRONLY | O_CREAT | O_TRUNC, 0600);
        int err = open("../err", O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(out, STDOUT_FILENO);
        dup2(err, STDERR_FILENO);
        close(out);
        close(err);
        _exit(work());
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

int files_make(const struct cmd_common *common, const char *path) {
    struct cmd_capture_reports reports;
    struct cap_delivery out;
    int rc = cmd_capture_reports_open(&reports, common, path, false);
    if (rc == 0)
        rc = files_deliver(&reports, "x", &out) | files_deliver(&reports, NULL, &out) |
             files_deliver(&reports, "x", &out);
    return rc | cmd_capture_reports_close(&reports);
}

void files_be_quiet(void) {
    int null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    close(null);
}
