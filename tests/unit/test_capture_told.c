/*
 * What a capture says of the files that it leaves: where each is, and what happens where
 * nobody takes that. The table of properties is in test_capture_rendezvous.c.
 */
#include "cmd/capture_signals.h"
#include "cmd/output.h"
#include "tests/unit/files_aid.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAIN "run.json"
#define SIBLING "run.snapshot.x.json"

static struct cmd_common common;
static char text_of[1 << 16];

static int tell_paths(void) {
    return files_make(&common, MAIN);
}

static void c31_each_path_is_told_alone_on_a_line(void) {
    files_begin();
    CHECK_EQ_I64(files_in_child(tell_paths), 0);
    files_load("../out", text_of, sizeof(text_of));
    CHECK_STR(text_of, SIBLING "\n" MAIN "\nrun.snapshot.x-2.json\n");
    files_end();
}

/* A report whose path nobody took is kept, and counts as that: what is not kept is given
   out again in another way, and there would be two of it. */
static int tell_nobody(void) {
    struct cmd_capture_reports reports;
    struct cap_delivery out;
    int full = open("/dev/full", O_WRONLY);
    dup2(full, STDOUT_FILENO);
    int rc = cmd_capture_reports_open(&reports, &common, MAIN, false) |
             files_deliver(&reports, "x", &out) | files_deliver(&reports, NULL, &out);
    return rc == 0 && cmd_capture_reports_close(&reports) == -1 ? 0 : 1;
}

static void c31_path_that_stdout_does_not_take_is_told_on_stderr(void) {
    files_begin();
    CHECK_EQ_I64(files_in_child(tell_nobody), 0);
    CHECK(files_is_whole_file(MAIN));
    CHECK(files_is_whole_file(SIBLING));
    files_load("../err", text_of, sizeof(text_of));
    CHECK(strstr(text_of, MAIN) != NULL && strstr(text_of, SIBLING) != NULL);
    CHECK(strstr(text_of, "\n{") == NULL); /* it stands in its file, and only there */
    files_end();
}

/* A pipe that is full, as standard output. */
static void clog_stdout(void) {
    int ends[2];
    char dirt[4096] = {0};
    if (pipe2(ends, O_NONBLOCK) != 0)
        _exit(7);
    while (write(ends[1], dirt, sizeof(dirt)) > 0)
        ;
    fcntl(ends[1], F_SETFL, 0); /* a write blocks from now on */
    dup2(ends[1], STDOUT_FILENO);
}

static void terminate(int number) {
    (void)number;
    raise(SIGTERM);
}

/* The signal comes when the capture waits for its reader, and the run goes on to its end. */
static int tell_nobody_who_reads(void) {
    struct cmd_capture_reports reports;
    struct cap_delivery out;
    signal(SIGALRM, terminate);
    cmd_capture_signals_catch();
    clog_stdout();
    int rc = cmd_capture_reports_open(&reports, &common, MAIN, false);
    ualarm(100000, 0);
    rc |= files_deliver(&reports, "x", &out);
    rc |= files_deliver(&reports, NULL, &out);
    return rc == 0 && cmd_capture_reports_close(&reports) == -1 ? 0 : 1;
}

static void c31_end_is_not_held_up_by_a_reader_that_reads_nothing(void) {
    files_begin();
    CHECK_EQ_I64(files_in_child(tell_nobody_who_reads), 0);
    CHECK(files_is_whole_file(MAIN));
    CHECK(files_is_whole_file(SIBLING));
    files_load("../err", text_of, sizeof(text_of));
    CHECK(strstr(text_of, "takes nothing; the report is in " MAIN "\n") != NULL);
    CHECK(strstr(text_of, "takes nothing; the report is in " SIBLING "\n") != NULL);
    files_end();
}

/* ---- ended while a direct output blocks ---- */

/* Does not return. */
static int end_while_a_write_blocks(void) {
    struct cmd_capture_reports reports;
    struct cap_delivery out;
    struct cmd_atomic image;
    struct dc_error err;
    signal(SIGALRM, terminate);
    clog_stdout();
    if (cmd_capture_reports_open(&reports, &common, "-", false) != 0 ||
        cmd_atomic_open(&image, "core", false, &err) != 0)
        return 2;
    cmd_capture_signals_catch();
    cmd_capture_signals_guard(image.folder_fd, image.temporary);
    if (files_entries(".", ".dumpctl-", false) != 1)
        return 3;
    ualarm(100000, 0);
    (void)files_deliver(&reports, NULL, &out);
    return 1;
}

static void f2_signal_that_ends_a_blocked_write_leaves_no_temporary_file(void) {
#ifdef __SANITIZE_THREAD__
    SKIP("ThreadSanitizer holds back a signal for as long as a write blocks");
#endif
    int status = -1;
    files_begin();
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        files_be_quiet();
        _exit(end_while_a_write_blocks());
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    CHECK_EQ_U64(files_entries(".", "", false), 0);
    files_end();
}

static int write_lines(void) {
    struct cmd_capture_reports reports;
    struct cap_delivery out;
    int rc = cmd_capture_reports_open(&reports, &common, "-", false);
    rc |= files_deliver(&reports, "x", &out);
    if (strcmp(out.path, "-") != 0)
        rc = -1;
    rc |= files_deliver_as(&reports, NULL, CAP_TIMEOUT, "demo:stall", &out);
    rc |= files_deliver(&reports, "periodic_000", &out);
    return rc | cmd_capture_reports_close(&reports);
}

static void c31_standard_output_gets_one_document_a_line(void) {
    files_begin();
    CHECK_EQ_I64(files_in_child(write_lines), 0);
    files_load("../out", text_of, sizeof(text_of));
    unsigned lines = 0;
    for (char *line = text_of, *next; (next = strchr(line, '\n'));
         line = next + 1, lines++)
        CHECK(files_is_whole(line, (size_t)(next - line)));
    CHECK_EQ_U64(lines, 3);
    CHECK_EQ_U64(files_entries(".", "", false), 0);
    files_end();
}

int main(void) {
    cmd_common_init(&common);
    cmd_output_prepare();
    UNIT_RUN(c31_each_path_is_told_alone_on_a_line);
    UNIT_RUN(c31_path_that_stdout_does_not_take_is_told_on_stderr);
    UNIT_RUN(c31_end_is_not_held_up_by_a_reader_that_reads_nothing);
    UNIT_RUN(f2_signal_that_ends_a_blocked_write_leaves_no_temporary_file);
    UNIT_RUN(c31_standard_output_gets_one_document_a_line);
    return unit_done();
}
