/* The file that a capture leaves behind: its name, and what a fault makes of it. */
#include "cmd/report_file.h"
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct cmd_common common;
static char folder[256];

static void begin(void) {
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%s/dumpctl-report.XXXXXX", base ? base : "/tmp");
    CHECK(mkdtemp(folder) != NULL && chdir(folder) == 0);
}

/* Removes the folder; returns how many entries it had. */
static unsigned end(void) {
    unsigned found = 0;
    DIR *dir = opendir(".");
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        found += unlinkat(dirfd(dir), entry->d_name, 0) == 0;
    if (dir)
        closedir(dir);
    CHECK(chdir("/") == 0 && rmdir(folder) == 0);
    return found;
}

static void put(const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    CHECK(fd >= 0);
    close(fd);
}

/* Our name is taken while the guest runs: the next one is used, the other stays. */
static void takes_the_next_name(void) {
    struct cmd_report_file file;
    struct stat first;
    char taken[sizeof(file.path)];
    begin();
    CHECK_EQ_I64(cmd_report_file_open(&file, &common, NULL, false), 0);
    memcpy(taken, file.path, sizeof(taken));
    put(taken);
    CHECK_EQ_I64(cmd_report_file_write(&file, "{}", 2), 0);
    cmd_report_file_close(&file);
    CHECK(strcmp(file.path, taken) != 0);
    CHECK(strstr(file.path, "-2.failure-dump.json") != NULL);
    CHECK(stat(taken, &first) == 0 && first.st_size == 0);
    CHECK_EQ_U64(end(), 2);
}

/* A link that points nowhere has the name too. */
static void a_dangling_link_is_a_name(void) {
    struct cmd_report_file file;
    char name[sizeof(file.path)];
    begin();
    CHECK_EQ_I64(cmd_report_file_open(&file, &common, NULL, false), 0);
    memcpy(name, file.path, sizeof(name));
    CHECK(symlink("nowhere", name) == 0);
    CHECK_EQ_I64(cmd_report_file_write(&file, "{}", 2), 0);
    cmd_report_file_close(&file);
    CHECK(access("nowhere", F_OK) != 0);
    CHECK_EQ_U64(end(), 2);
}

/* Lets fsync() of one descriptor fail. */
static bool forbid_sync(int fd) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fsync, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)fd, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EIO),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = 6, .filter = filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* The report is there, but its folder cannot be synced: told, and not written again under
   the next thousand names. */
static void a_folder_that_cannot_be_synced_gets_one_copy(void) {
    begin();
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        struct cmd_report_file file;
        int quiet = open("/dev/null", O_WRONLY);
        bool fine = dup2(quiet, STDERR_FILENO) >= 0 &&
                    cmd_report_file_open(&file, &common, NULL, false) == 0 &&
                    forbid_sync(file.file.folder_fd) &&
                    cmd_report_file_write(&file, "{}", 2) < 0;
        _exit(fine ? 0 : 1);
    }
    int status = -1;
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
    CHECK_EQ_U64(end(), 1);
}

static void direct_paths_are_known(void) {
    begin();
    put("file");
    CHECK(mkfifo("fifo", 0600) == 0);
    CHECK(cmd_report_file_is_direct("-"));
    CHECK(cmd_report_file_is_direct("fifo"));
    CHECK(cmd_report_file_is_direct("/dev/null"));
    CHECK(cmd_report_file_is_direct("/dev/stdout"));
    CHECK(!cmd_report_file_is_direct("file"));
    CHECK(!cmd_report_file_is_direct("none"));
    CHECK(!cmd_report_file_is_direct(NULL));
    CHECK_EQ_U64(end(), 2);
}

int main(void) {
    cmd_common_init(&common);
    UNIT_RUN(takes_the_next_name);
    UNIT_RUN(a_dangling_link_is_a_name);
    UNIT_RUN(a_folder_that_cannot_be_synced_gets_one_copy);
    UNIT_RUN(direct_paths_are_known);
    return unit_done();
}
