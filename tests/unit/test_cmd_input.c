/* Inputs: files, pipes that give little at a time, limits. */
#include "cmd/input.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* Opens `fd` as a path, so that pipes and memory files can be inputs. */
static int open_fd(struct cmd_input *in, int fd, struct dc_error *err) {
    static char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return cmd_input_open(in, path, err);
}

static int memory_file(size_t len) {
    int fd = memfd_create("input", MFD_CLOEXEC);
    char *text = malloc(len + 1);
    for (size_t i = 0; i < len; i++)
        text[i] = (char)('a' + i % 23);
    CHECK(write(fd, text, len) == (ssize_t)len);
    free(text);
    return fd;
}

static bool is_pattern(const struct cmd_input *in, size_t len) {
    bool same = in->len == len;
    for (size_t i = 0; same && i < len; i++)
        same = in->data[i] == (char)('a' + i % 23);
    return same;
}

static useconds_t pause_between; /* pieces of a pipe */

/* A process that writes `len` bytes in pieces of `step` into a pipe. Returns its end. */
static int piped(size_t len, size_t step) {
    int ends[2];
    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    fflush(stdout);
    if (fork() == 0) {
        close(ends[0]);
        signal(SIGPIPE, SIG_DFL);
        for (size_t i = 0; i < len; i += step) {
            char piece[4096];
            size_t n = len - i < step ? len - i : step;
            for (size_t k = 0; k < n; k++)
                piece[k] = (char)('a' + (i + k) % 23);
            if (write(ends[1], piece, n) < 0)
                break;
            if (pause_between > 0)
                usleep(pause_between);
        }
        _exit(0);
    }
    close(ends[1]);
    return ends[0];
}

static void reads_files_of_all_sizes(void) {
    static const size_t sizes[] = {0,     1,     4096,   65535,
                                   65536, 65537, 131072, (1 << 20) + 1};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct cmd_input in;
        struct dc_error err;
        int fd = memory_file(sizes[i]);
        CHECK_EQ_I64(open_fd(&in, fd, &err), 0);
        CHECK_EQ_I64(cmd_input_read(&in, sizes[i], &err), 0);
        CHECK(is_pattern(&in, sizes[i]));
        CHECK_EQ_I64(in.fd, -1);
        cmd_input_close(&in);
        cmd_input_close(&in);
        close(fd);
    }
}

static void reads_a_pipe_byte_by_byte(void) {
    struct cmd_input in;
    struct dc_error err;
    int fd = piped(3000, 1);
    CHECK_EQ_I64(open_fd(&in, fd, &err), 0);
    close(fd);
    CHECK_EQ_I64(cmd_input_read(&in, 4096, &err), 0);
    CHECK(is_pattern(&in, 3000));
    cmd_input_close(&in);
    wait(NULL);
}

static void reads_a_long_pipe(void) {
    struct cmd_input in;
    struct dc_error err;
    int fd = piped(1000003, 4093);
    CHECK_EQ_I64(open_fd(&in, fd, &err), 0);
    close(fd);
    CHECK_EQ_I64(cmd_input_read(&in, SIZE_MAX, &err), 0);
    CHECK(is_pattern(&in, 1000003));
    cmd_input_close(&in);
    wait(NULL);
}

static volatile sig_atomic_t signals;

static void count_signal(int signal_number) {
    (void)signal_number;
    signals++;
}

/* Signals without SA_RESTART, every few hundred microseconds, while a slow pipe is read. */
static void goes_on_after_signals(void) {
    struct sigaction handler = {.sa_handler = count_signal}, old;
    struct itimerval often = {{0, 300}, {0, 300}}, off = {{0, 0}, {0, 0}};
    struct cmd_input in;
    struct dc_error err;
    pause_between = 5000;
    int fd = piped(200, 10);
    pause_between = 0;
    signals = 0;
    sigaction(SIGALRM, &handler, &old);
    CHECK_EQ_I64(open_fd(&in, fd, &err), 0);
    close(fd);
    setitimer(ITIMER_REAL, &often, NULL);
    CHECK_EQ_I64(cmd_input_read(&in, 1 << 20, &err), 0);
    setitimer(ITIMER_REAL, &off, NULL);
    CHECK(signals > 0);
    CHECK(is_pattern(&in, 200));
    cmd_input_close(&in);
    sigaction(SIGALRM, &old, NULL);
    wait(NULL);
}

static void waits_for_a_pipe_that_does_not_block(void) {
    struct cmd_input in;
    struct dc_error err;
    pause_between = 1000;
    int fd = piped(300, 13);
    pause_between = 0;
    int kept = dup(STDIN_FILENO);
    dup2(fd, STDIN_FILENO);
    fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
    CHECK_EQ_I64(cmd_input_open(&in, "-", &err), 0);
    CHECK_EQ_I64(cmd_input_read(&in, 1 << 20, &err), 0);
    CHECK(is_pattern(&in, 300));
    cmd_input_close(&in);
    dup2(kept, STDIN_FILENO);
    close(kept);
    close(fd);
    wait(NULL);
}

static void check_too_large(int fd, size_t max_size, const char *message) {
    struct cmd_input in;
    struct dc_error err;
    CHECK_EQ_I64(open_fd(&in, fd, &err), 0);
    CHECK_EQ_I64(cmd_input_read(&in, max_size, &err), -1);
    CHECK_EQ_I64(err.code, DC_ELIMIT);
    CHECK_STR(err.message, message);
    CHECK_STR(err.file, in.name);
    CHECK(in.data == NULL && in.fd == -1);
}

static void holds_to_the_limit(void) {
    int file = memory_file(1025), empty = memory_file(1);
    check_too_large(file, 1024,
                    "is larger than the limit of 1K; allow more with --max-size=SIZE");
    check_too_large(
        empty, 0, "is larger than the limit of 0 bytes; allow more with --max-size=SIZE");
    close(file);
    close(empty);
}

/* A pipe without end must be left in the middle. */
static void holds_to_the_limit_in_a_pipe(void) {
    int fd = piped((size_t)1 << 40, 4096);
    check_too_large(
        fd, 100000,
        "is larger than the limit of 100000 bytes; allow more with --max-size=SIZE");
    close(fd);
    wait(NULL);
}

static void check_not_opened(const char *path, const char *name, const char *message) {
    struct cmd_input in;
    struct dc_error err;
    CHECK_EQ_I64(cmd_input_open(&in, path, &err), -1);
    CHECK_EQ_I64(err.code, DC_EIO);
    CHECK_STR(err.message, message);
    CHECK_STR(err.file, name);
    CHECK_EQ_I64(in.fd, -1);
}

static void says_why_it_cannot_open(void) {
    check_not_opened("/", "/", "is a folder; name the report files in it");
    check_not_opened("/dev/null/x", "/dev/null/x", "cannot be opened: Not a directory");
    check_not_opened("/nowhere\x1b", "/nowhere\x1b",
                     "cannot be opened: No such file or directory");
    check_not_opened("", NULL, "the name of the file is empty");
}

static void says_why_it_cannot_read(void) {
    struct cmd_input in;
    struct dc_error err;
    CHECK_EQ_I64(cmd_input_open(&in, "/proc/self/mem", &err), 0);
    CHECK_EQ_I64(cmd_input_read(&in, 100, &err), -1);
    CHECK_EQ_I64(err.code, DC_EIO);
    CHECK_STR(err.message, "cannot be read: Input/output error");
    CHECK_STR(err.file, "/proc/self/mem");
}

static void standard_input_stays_open(void) {
    struct cmd_input in;
    struct dc_error err;
    int kept = dup(STDIN_FILENO), file = memory_file(10);
    lseek(file, 0, SEEK_SET);
    dup2(file, STDIN_FILENO);
    CHECK_EQ_I64(cmd_input_open(&in, "-", &err), 0);
    CHECK_STR(in.name, "<stdin>");
    CHECK_EQ_I64(cmd_input_read(&in, 100, &err), 0);
    CHECK(is_pattern(&in, 10));
    cmd_input_close(&in);
    CHECK(fcntl(STDIN_FILENO, F_GETFD) >= 0);
    dup2(kept, STDIN_FILENO);
    close(kept);
    close(file);
}

int main(void) {
    UNIT_RUN(reads_files_of_all_sizes);
    UNIT_RUN(reads_a_pipe_byte_by_byte);
    UNIT_RUN(reads_a_long_pipe);
    UNIT_RUN(goes_on_after_signals);
    UNIT_RUN(waits_for_a_pipe_that_does_not_block);
    UNIT_RUN(holds_to_the_limit);
    UNIT_RUN(holds_to_the_limit_in_a_pipe);
    UNIT_RUN(says_why_it_cannot_open);
    UNIT_RUN(says_why_it_cannot_read);
    UNIT_RUN(standard_input_stays_open);
    return unit_done();
}
