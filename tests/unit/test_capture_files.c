/*
 * The files that a capture leaves, property by property: never half of one under its final
 * name, whenever the program is killed; nothing left behind after a fault; no name taken
 * twice, none outside of the folder. The table of properties is in
 * test_capture_rendezvous.c.
 */
#include "cmd/capture_signals.h"
#include "cmd/output.h"
#include "tests/unit/files_aid.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAIN "run.json"
#define SIBLING "run.snapshot.x.json"

static struct cmd_common common;
static char text_of[1 << 16];

static bool is_absent_or_whole(const char *path) {
    return access(path, F_OK) != 0 || files_is_whole_file(path);
}

/* ---- killed at every step ---- */

/* Lets a system call fail as on a file system that does not know it. */
static bool forbid(unsigned number, unsigned errnum) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), /* seccomp_data.nr */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | errnum),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = 4, .filter = filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* Has its parent told of each system call but those that change nothing. */
static bool tell_calls(void) {
    static const unsigned harmless[] = {
        SYS_read,  SYS_fstat,   SYS_newfstatat, SYS_lstat, SYS_stat,        SYS_readlink,
        SYS_brk,   SYS_mmap,    SYS_munmap,     SYS_futex, SYS_mprotect,    SYS_getrandom,
        SYS_uname, SYS_madvise, SYS_lseek,      SYS_ioctl, SYS_rt_sigaction};
    enum { N = sizeof(harmless) / sizeof(harmless[0]) };
    struct sock_filter filter[N + 3] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)};
    for (unsigned i = 0; i < N; i++)
        filter[i + 1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                                     harmless[i], N - i, 0);
    filter[N + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
    filter[N + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = N + 3, .filter = filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* A child that stops before its work, and before each of its steps from then on. */
static pid_t trace(bool by_links) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        files_be_quiet();
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0 || raise(SIGSTOP) != 0 ||
            (by_links && !forbid(SYS_renameat2, EINVAL)) || !tell_calls())
            _exit(9);
        _exit(files_make(&common, MAIN) == 0 ? 0 : 1);
    }
    int status = 0;
    if (!CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFSTOPPED(status)))
        return -1;
    CHECK(ptrace(PTRACE_SETOPTIONS, child, NULL,
                 PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL) == 0);
    return child;
}

/* To the next step. False: it has ended. */
static bool step(pid_t child, int *status) {
    do {
        ptrace(PTRACE_CONT, child, NULL, NULL);
        if (waitpid(child, status, 0) != child || !WIFSTOPPED(*status))
            return false;
    } while (*status >> 8 != (SIGTRAP | PTRACE_EVENT_SECCOMP << 8));
    return true;
}

/* Kills the child before its n-th step. False: it ended by itself before that. */
static bool killed_at(unsigned n, bool by_links) {
    int status = 0;
    pid_t child = trace(by_links);
    for (unsigned i = 0; child > 0 && i < n; i++)
        if (!step(child, &status)) {
            CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
            return false;
        }
    if (child <= 0)
        return false;
    kill(child, SIGKILL);
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
    return true;
}

static void kill_everywhere(bool by_links) {
    static const char *const names[] = {MAIN, SIBLING, "run.snapshot.x-2.json"};
    unsigned n, found = 0;
    files_begin();
    for (n = 1; n < 5000; n++) {
        bool killed = killed_at(n, by_links);
        for (size_t i = 0; i < 3; i++) {
            if (!CHECK(is_absent_or_whole(names[i])))
                printf("# %s, killed at %u\n", names[i], n);
            found += access(names[i], F_OK) == 0;
        }
        /* A kill leaves the temporary files of two reports, and nothing else. */
        unsigned hidden = files_entries(".", ".dumpctl-", false);
        CHECK(hidden <= 2);
        CHECK(files_entries(".", "", true) - hidden <= 3);
        if (!killed)
            break;
    }
    CHECK(n > 15 && n < 5000);
    CHECK(found > n / 2); /* it did get that far */
    files_end();
}

static void f1_killed_anywhere_no_name_has_half_a_report(void) {
    kill_everywhere(false);
}

static void f1_nor_where_files_are_published_by_links(void) {
    kill_everywhere(true);
}

/* ---- the order of steps ---- */

/* A letter for each: written, synced, renamed. */
static char letter(const struct user_regs_struct *regs) {
    if (regs->orig_rax == SYS_write && regs->rdi > STDERR_FILENO)
        return 'w';
    return regs->orig_rax == SYS_fsync ? 's' : regs->orig_rax == SYS_renameat2 ? 'r' : 0;
}

static void c28_file_is_synced_before_its_name_and_the_folder_after_it(void) {
    struct user_regs_struct regs;
    char order[64] = "";
    size_t len = 0;
    int status;
    files_begin();
    pid_t child = trace(false);
    while (child > 0 && step(child, &status)) {
        ptrace(PTRACE_GETREGS, child, NULL, &regs);
        char next = letter(&regs);
        bool again = len > 0 && order[len - 1] == 'w' && next == 'w';
        if (next && !again && len + 1 < sizeof(order))
            order[len++] = next;
    }
    CHECK_STR(order, "wsrswsrswsrs");
    files_end();
}

/* ---- faults ---- */

/* Behind its messages, standard error has the report: the whole of it, on a line. */
static void check_stderr_has_report(void) {
    size_t len = files_load("../err", text_of, sizeof(text_of));
    const char *line = strstr(text_of, "\n{");
    if (!CHECK(len > 0 && line != NULL))
        return;
    const char *newline = strchr(line + 1, '\n');
    if (CHECK(newline != NULL))
        CHECK(files_is_whole(line + 1, (size_t)(newline - line - 1)));
}

static unsigned failing_call, failing_errno;
static bool failing_force;
static const char *failing_tag;
static enum cap_outcome failing_outcome;

/* 0 where the delivery fails, as it must. */
static int fail_to_deliver(void) {
    struct cmd_capture_reports reports;
    struct cap_delivery out;
    if (cmd_capture_reports_open(&reports, &common, MAIN, failing_force) != 0)
        return 2;
    if (failing_call && !forbid(failing_call, failing_errno))
        return 3;
    int rc = files_deliver_as(&reports, failing_tag, failing_outcome, "demo:stall", &out);
    cmd_capture_reports_close(&reports);
    return rc == -1 ? 0 : 1;
}

static void f2_fault_leaves_no_temporary_file_and_c29_the_report_on_stderr(void) {
    static const struct {
        unsigned call, errnum;
        bool force;
    } faults[] = {{SYS_renameat2, EIO, false},
                  {SYS_renameat2, EACCES, false},
                  {SYS_renameat, EIO, true},
                  {SYS_fsync, EIO, false},
                  {SYS_fsync, EDQUOT, true}};
    static const char *const tags[] = {NULL, "x"};
    for (size_t i = 0; i < 2 * sizeof(faults) / sizeof(faults[0]); i++) {
        failing_call = faults[i / 2].call;
        failing_errno = faults[i / 2].errnum;
        failing_force = faults[i / 2].force;
        failing_tag = tags[i % 2];
        failing_outcome = i % 3 == 0 ? CAP_COMPLETE : CAP_TIMEOUT;
        files_begin();
        CHECK_EQ_I64(files_in_child(fail_to_deliver), 0);
        if (!CHECK_EQ_U64(files_entries(".", "", false), 0))
            printf("# fault %zu\n", i);
        check_stderr_has_report();
        files_end();
    }
}

static int fail_onto_a_folder(void) {
    struct cmd_capture_reports reports;
    struct cap_delivery out;
    if (cmd_capture_reports_open(&reports, &common, MAIN, true) != 0 ||
        mkdir(MAIN, 0700) != 0 || mkdir(MAIN "/full", 0700) != 0)
        return 2;
    int rc = files_deliver(&reports, NULL, &out);
    cmd_capture_reports_close(&reports);
    return rc == -1 ? 0 : 1;
}

/* Somebody makes a folder of that name while the guest runs. */
static void f2_rename_onto_a_folder_leaves_no_temporary_file(void) {
    files_begin();
    CHECK_EQ_I64(files_in_child(fail_onto_a_folder), 0);
    CHECK_EQ_U64(files_entries(".", ".dumpctl-", false), 0);
    CHECK_EQ_U64(files_entries(MAIN, "", true), 1);
    check_stderr_has_report();
    files_end();
}

/* ---- names ---- */

static int deliver_odd_tags(void) {
    static const char *const tags[] = {"../../x", "/etc/passwd", "..", ".",   "a/b/../c",
                                       "x\n{}",   "-",           "%n", "\xff"};
    struct cmd_capture_reports reports;
    struct cap_delivery out;
    int rc = cmd_capture_reports_open(&reports, &common, "./" MAIN, false);
    for (size_t i = 0; rc == 0 && i < sizeof(tags) / sizeof(tags[0]); i++) {
        rc = files_deliver(&reports, tags[i], &out);
        rc |= strncmp(out.path, "./run.snapshot.", 15) != 0 ||
              strchr(out.path + 2, '/') != NULL;
    }
    return rc | cmd_capture_reports_close(&reports);
}

static void f4_tag_cannot_escape_the_folder(void) {
    files_begin();
    CHECK_EQ_I64(files_in_child(deliver_odd_tags), 0);
    CHECK_EQ_U64(files_entries(".", "run.snapshot.", false), 9);
    CHECK_EQ_U64(files_entries(".", "", false), 9);
    CHECK_EQ_U64(files_entries("..", "", false), 3); /* in, out, err */
    files_end();
}

static bool names_by_force;

static int deliver_same_tag(void) {
    struct cmd_capture_reports reports;
    struct cap_delivery out;
    char longest[CAP_TAG];
    int rc = cmd_capture_reports_open(&reports, &common, MAIN, names_by_force);
    for (int i = 0; rc == 0 && i < 3; i++)
        rc = files_deliver(&reports, "x", &out);
    memset(longest, 'y', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    for (int i = 0; rc == 0 && i < 11; i++)
        rc = files_deliver(&reports, longest, &out);
    rc |= !names_by_force && strcmp(out.tag + sizeof(longest) - 4, "-11") != 0;
    return rc | cmd_capture_reports_close(&reports);
}

static void put(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static void c30_tag_that_is_taken_gets_a_number(void) {
    for (int force = 0; force <= 1; force++) {
        files_begin();
        put(SIBLING, "of somebody else");
        names_by_force = force;
        CHECK_EQ_I64(files_in_child(deliver_same_tag), 0);
        files_load(SIBLING, text_of, sizeof(text_of));
        CHECK((strcmp(text_of, "of somebody else") == 0) == !force);
        CHECK(files_is_whole_file("run.snapshot.x-2.json"));
        CHECK(files_is_whole_file("run.snapshot.x-3.json"));
        CHECK((access("run.snapshot.x-4.json", F_OK) == 0) == !force);
        CHECK_EQ_U64(files_entries(".", "run.snapshot.y", false), 11);
        CHECK_EQ_U64(files_entries(".", ".dumpctl-", false), 0);
        files_end();
    }
}

/* The name in the file is the one on it, and the one that is answered. */
static bool says_tag(const char *path, const char *tag) {
    char want[CAP_TAG + 16];
    snprintf(want, sizeof(want), "\"tag\":\"%s\"", tag);
    files_load(path, text_of, sizeof(text_of));
    return strstr(text_of, want) != NULL;
}

static int deliver_tags(void) {
    static const char *const tags[] = {"x", "x-2", "x-3", "x-2-2", "___y"};
    static const char *const asked[] = {"x", "x", "x", "x-2", "../y"};
    struct cmd_capture_reports reports;
    struct cap_delivery out;
    int rc = cmd_capture_reports_open(&reports, &common, MAIN, false);
    for (size_t i = 0; rc == 0 && i < sizeof(tags) / sizeof(tags[0]); i++) {
        char path[CAP_TAG + 32];
        snprintf(path, sizeof(path), "run.snapshot.%s.json", tags[i]);
        rc = files_deliver(&reports, asked[i], &out);
        rc |= strcmp(out.path, path) != 0 || strcmp(out.tag, tags[i]) != 0 ||
              !says_tag(path, tags[i]);
    }
    return rc | cmd_capture_reports_close(&reports);
}

static void c30_tag_in_the_report_is_that_of_its_file(void) {
    files_begin();
    CHECK_EQ_I64(files_in_child(deliver_tags), 0);
    CHECK_EQ_U64(files_entries(".", "run.snapshot.", false), 5);
    files_end();
}

/* Somebody else takes the name when the first report has been written, before its rename. */
static void c30_tag_that_is_taken_at_the_last_moment_gets_a_number_inside_too(void) {
    struct user_regs_struct regs = {0};
    bool taken = false;
    int status = 0;
    files_begin();
    pid_t child = trace(false);
    while (child > 0 && step(child, &status)) {
        ptrace(PTRACE_GETREGS, child, NULL, &regs);
        if (!taken && regs.orig_rax == SYS_renameat2) {
            put(SIBLING, "of somebody else");
            taken = true;
        }
    }
    CHECK(taken && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    files_load(SIBLING, text_of, sizeof(text_of));
    CHECK_STR(text_of, "of somebody else");
    CHECK(says_tag("run.snapshot.x-2.json", "x-2"));
    CHECK(says_tag("run.snapshot.x-3.json", "x-3"));
    CHECK(files_is_whole_file("run.snapshot.x-2.json"));
    CHECK_EQ_U64(files_entries(".", ".dumpctl-", false), 0);
    files_end();
}

/* ---- names from outside ---- */

static char all_bytes[256];

static int deliver_all_bytes(void) {
    struct cmd_capture_reports reports;
    struct cap_delivery out;
    for (int i = 1; i < 256; i++)
        all_bytes[i - 1] = (char)i;
    int rc = cmd_capture_reports_open(&reports, &common, MAIN, false);
    rc |= files_deliver_as(&reports, NULL, CAP_COMPLETE, all_bytes, &out);
    rc |= files_deliver_as(&reports, "x", CAP_KILLED, all_bytes, &out);
    return rc | cmd_capture_reports_close(&reports);
}

static void c32_report_is_json_whatever_bytes_a_name_has(void) {
    files_begin();
    CHECK_EQ_I64(files_in_child(deliver_all_bytes), 0);
    CHECK(files_is_whole_file(MAIN));
    CHECK(files_is_whole_file(SIBLING));
    files_end();
}

int main(void) {
    cmd_common_init(&common);
    cmd_output_prepare();
    UNIT_RUN(f1_killed_anywhere_no_name_has_half_a_report);
    UNIT_RUN(f1_nor_where_files_are_published_by_links);
    UNIT_RUN(f2_fault_leaves_no_temporary_file_and_c29_the_report_on_stderr);
    UNIT_RUN(f2_rename_onto_a_folder_leaves_no_temporary_file);
    UNIT_RUN(f4_tag_cannot_escape_the_folder);
    UNIT_RUN(c28_file_is_synced_before_its_name_and_the_folder_after_it);
    UNIT_RUN(c30_tag_that_is_taken_gets_a_number);
    UNIT_RUN(c30_tag_in_the_report_is_that_of_its_file);
    UNIT_RUN(c30_tag_that_is_taken_at_the_last_moment_gets_a_number_inside_too);
    UNIT_RUN(c32_report_is_json_whatever_bytes_a_name_has);
    return unit_done();
}
