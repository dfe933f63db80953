/* Output: colour, width, standard output that goes away or is full, files, the pager. */
#include "cmd/fail.h"
#include "cmd/output.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static struct cmd_common common;

/* Puts `fd` (taken) in the place of `standard`; returns what was there. */
static int exchange(int standard, int fd) {
    fflush(stdout);
    int kept = dup(standard);
    dup2(fd, standard);
    close(fd);
    return kept;
}

static void put_back(int standard, int kept) {
    dup2(kept, standard);
    close(kept);
}

static const char *text_of(int fd) {
    static char text[2048];
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static void decides_on_colour(void) {
    static const struct {
        const char *when, *no_color, *term;
        bool tty, colour;
    } table[] = {
        {"auto", NULL, "xterm", true, true},   {NULL, NULL, "xterm", true, true},
        {"auto", NULL, "xterm", false, false}, {"auto", "", "xterm", true, true},
        {"auto", "1", "xterm", true, false},   {"auto", "0", "xterm", true, false},
        {"auto", NULL, "dumb", true, false},   {"auto", NULL, NULL, true, false},
        {"auto", NULL, "", true, false},       {"always", "1", "dumb", false, true},
        {"always", NULL, NULL, false, true},   {"never", NULL, "xterm", true, false},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        CHECK_EQ_U64(cmd_output_colour(table[i].when, table[i].tty, table[i].no_color,
                                       table[i].term),
                     table[i].colour);
}

static void decides_on_width(void) {
    setenv("COLUMNS", "123", 1);
    CHECK_EQ_U64(cmd_output_width(&common), 123);
    common.width = 77;
    CHECK_EQ_U64(cmd_output_width(&common), 77);
    common.width = 0;
    setenv("COLUMNS", "3", 1);
    CHECK_EQ_U64(cmd_output_width(&common), CMD_WIDTH_LEAST);
    setenv("COLUMNS", "99999", 1);
    CHECK_EQ_U64(cmd_output_width(&common), CMD_WIDTH_MOST);
    static const char *const useless[] = {"", "0", "wide", "80x", "-5"};
    unsetenv("COLUMNS");
    unsigned without = cmd_output_width(&common);
    for (size_t i = 0; i < sizeof(useless) / sizeof(useless[0]); i++) {
        setenv("COLUMNS", useless[i], 1);
        CHECK_EQ_U64(cmd_output_width(&common), without);
    }
    unsetenv("COLUMNS");
    setenv("LINES", "55", 1);
    CHECK_EQ_U64(cmd_output_height(), 55);
    unsetenv("LINES");
}

static void decides_on_a_pager(void) {
    CHECK_STR(cmd_pager_command(NULL, NULL), "less");
    CHECK_STR(cmd_pager_command(NULL, "more"), "more");
    CHECK_STR(cmd_pager_command("most", "more"), "most");
    CHECK_STR(cmd_pager_command("", "more"), NULL);
    CHECK_STR(cmd_pager_command("cat", "more"), NULL);
    CHECK_STR(cmd_pager_command(NULL, ""), NULL);
    CHECK_STR(cmd_pager_command(NULL, "cat"), NULL);
    CHECK_STR(cmd_pager_command("less", "cat"), "less");
}

static void counts_what_it_writes(void) {
    struct cmd_output out;
    int memory = memfd_create("stdout", 0);
    int kept = exchange(STDOUT_FILENO, dup(memory));
    cmd_output_open(&out, &common, true);
    out.sink.write(out.sink.ctx, "one\n", 4);
    out.sink.write(out.sink.ctx, "two\n", 4);
    int code = cmd_output_finish(&out, &common, EXIT_DIFFERENT);
    put_back(STDOUT_FILENO, kept);
    CHECK_EQ_I64(code, EXIT_DIFFERENT);
    CHECK_STR(text_of(memory), "one\ntwo\n");
    CHECK_EQ_U64(out.written, 8);
    CHECK(!out.tty && !out.colour);
    close(memory);
}

/* Writes to `fd` (taken) in the place of stdout; gives code and what stderr got. */
static int write_to(int fd, int code, const char **errors) {
    struct cmd_output out;
    int memory = memfd_create("stderr", 0);
    int kept = exchange(STDOUT_FILENO, fd);
    int kept_errors = exchange(STDERR_FILENO, dup(memory));
    cmd_output_open(&out, &common, false);
    bool ended = cmd_output_ended(&out);
    int first = out.sink.write(out.sink.ctx, "text", 4);
    int second = out.sink.write(out.sink.ctx, "text", 4);
    bool ended_now = cmd_output_ended(&out);
    code = cmd_output_finish(&out, &common, code);
    put_back(STDOUT_FILENO, kept);
    put_back(STDERR_FILENO, kept_errors);
    CHECK(!ended && ended_now && first == -1 && second == -1);
    CHECK_EQ_U64(out.written, 0);
    *errors = text_of(memory);
    close(memory);
    return code;
}

static void is_quiet_when_the_reader_goes_away(void) {
    const char *errors;
    for (int code = EXIT_DONE; code <= EXIT_CANNOT; code++) {
        int ends[2];
        CHECK(pipe(ends) == 0);
        close(ends[0]);
        CHECK_EQ_I64(write_to(ends[1], code, &errors), code);
        CHECK_STR(errors, "");
    }
}

static void tells_once_that_a_device_is_full(void) {
    const char *errors;
    CHECK_EQ_I64(write_to(open("/dev/full", O_WRONLY), EXIT_DONE, &errors), EXIT_TROUBLE);
    CHECK_STR(errors,
              "dumpctl: cannot write to standard output: No space left on device\n");
    common.json = true;
    CHECK_EQ_I64(write_to(open("/dev/full", O_WRONLY), EXIT_DONE, &errors), EXIT_TROUBLE);
    common.json = false;
    CHECK(strstr(errors, "{\"error\":{\"code\":\"io\",") == errors);
}

static void tells_that_standard_output_is_closed(void) {
    const char *errors;
    CHECK_EQ_I64(write_to(open("/dev/null", O_RDONLY), EXIT_DONE, &errors), EXIT_TROUBLE);
    CHECK_STR(errors, "dumpctl: cannot write to standard output: Bad file descriptor\n");
}

static void publishes_files_only_of_success(void) {
    static const struct {
        int code;
        bool there;
    } table[] = {{EXIT_TROUBLE, false},
                 {EXIT_CANNOT, false},
                 {EXIT_DONE, true},
                 {EXIT_DIFFERENT, true},
                 {EXIT_DEGRADED, true}};
    char folder[] = "/tmp/dumpctl-output.XXXXXX", path[64];
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof(path), "%s/file", folder);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct cmd_output out;
        struct dc_error err;
        CHECK_EQ_I64(cmd_output_open_file(&out, &common, path, false, &err), 0);
        CHECK_EQ_I64(out.sink.write(out.sink.ctx, "text", 4), 0);
        CHECK_EQ_I64(cmd_output_finish(&out, &common, table[i].code), table[i].code);
        CHECK_EQ_U64(access(path, F_OK) == 0, table[i].there);
        unlink(path);
    }
    CHECK(rmdir(folder) == 0);
}

static void tells_once_that_a_file_cannot_be_written(void) {
    struct cmd_output out;
    struct dc_error err;
    int memory = memfd_create("stderr", 0);
    int kept = exchange(STDERR_FILENO, dup(memory));
    int status = cmd_output_open_file(&out, &common, "/dev/full", false, &err);
    int first = out.sink.write(out.sink.ctx, "text", 4);
    int code = cmd_output_finish(&out, &common, EXIT_DONE);
    put_back(STDERR_FILENO, kept);
    CHECK(status == 0 && first == -1);
    CHECK_EQ_I64(code, EXIT_TROUBLE);
    CHECK_STR(text_of(memory),
              "dumpctl: /dev/full: cannot be written: No space left on device\n");
    close(memory);
}

/* What cmd_fail() says of `err`, and the code that it gives. */
static const char *said(const struct dc_error *err, bool json, int *code) {
    int memory = memfd_create("stderr", 0);
    int kept = exchange(STDERR_FILENO, dup(memory));
    common.json = json;
    *code = cmd_fail(&common, err);
    common.json = false;
    put_back(STDERR_FILENO, kept);
    const char *text = text_of(memory);
    close(memory);
    return text;
}

static void fails_with_place_and_pointer(void) {
    int code;
    struct dc_error err = {.code = DC_ETYPE,
                           .file = "a.json",
                           .line = 14,
                           .column = 7,
                           .pointer = "/vcpu_regs/2",
                           .message = "expected a number"};
    CHECK_STR(said(&err, false, &code),
              "dumpctl: a.json:14:7: /vcpu_regs/2: expected a number\n");
    CHECK_EQ_I64(code, EXIT_TROUBLE);
    CHECK_STR(
        said(&err, true, &code),
        "{\"error\":{\"code\":\"type\",\"file\":\"a.json\",\"line\":14,\"column\":7,"
        "\"pointer\":\"/vcpu_regs/2\",\"message\":\"expected a number\"}}\n");
    err.file = NULL;
    CHECK_STR(said(&err, false, &code),
              "dumpctl: line 14, column 7: /vcpu_regs/2: expected a number\n");
    err.line = 0;
    *err.pointer = '\0';
    err.code = DC_ECANNOT;
    CHECK_STR(said(&err, false, &code), "dumpctl: expected a number\n");
    CHECK_EQ_I64(code, EXIT_CANNOT);
}

static void escapes_what_it_says(void) {
    int code;
    struct dc_error err = {.code = DC_EIO,
                           .file = "a\xff\x7f\n",
                           .pointer = "/\xe2\x80\xae",
                           .message = "found \x1b[2J \xc3\xa4"};
    CHECK_STR(said(&err, false, &code),
              "dumpctl: a\\xff\\x7f\\x0a: /\\u202e: found \\x1b[2J \xc3\xa4\n");
    CHECK_STR(said(&err, true, &code),
              "{\"error\":{\"code\":\"io\",\"file\":\"a\\uFFFD\\u007f\\n\",\"line\":null,"
              "\"column\":null,\"pointer\":\"/\\u202E\",\"message\":\"found \\u001B[2J "
              "\\u00E4\"}}\n");
}

static void notes_are_one_line(void) {
    int memory = memfd_create("stderr", 0);
    int kept = exchange(STDERR_FILENO, dup(memory));
    cmd_note(&common, "wrote %s, %d bytes", "a\nb", 5);
    common.json = true;
    cmd_note(&common, "wrote %s", "a\nb");
    common.json = false;
    put_back(STDERR_FILENO, kept);
    CHECK_STR(text_of(memory), "dumpctl: wrote a\\x0ab, 5 bytes\n"
                               "{\"note\":{\"message\":\"wrote a\\nb\"}}\n");
    close(memory);
}

static void memory_that_is_gone_is_told(void) {
    struct cmd_output out;
    int memory = memfd_create("stderr", 0);
    int kept = exchange(STDERR_FILENO, dup(memory));
    cmd_output_open(&out, &common, false);
    int status = cmd_output_json(&out, NULL, false);
    int code = cmd_output_finish(&out, &common, EXIT_DONE);
    put_back(STDERR_FILENO, kept);
    CHECK_EQ_I64(status, -1);
    CHECK_EQ_I64(code, EXIT_TROUBLE);
    CHECK_STR(text_of(memory),
              "dumpctl: cannot write to standard output: Cannot allocate memory\n");
    close(memory);
}

int main(void) {
    cmd_output_prepare();
    cmd_common_init(&common);
    UNIT_RUN(decides_on_colour);
    UNIT_RUN(decides_on_width);
    UNIT_RUN(decides_on_a_pager);
    UNIT_RUN(counts_what_it_writes);
    UNIT_RUN(is_quiet_when_the_reader_goes_away);
    UNIT_RUN(tells_once_that_a_device_is_full);
    UNIT_RUN(tells_that_standard_output_is_closed);
    UNIT_RUN(publishes_files_only_of_success);
    UNIT_RUN(tells_once_that_a_file_cannot_be_written);
    UNIT_RUN(fails_with_place_and_pointer);
    UNIT_RUN(escapes_what_it_says);
    UNIT_RUN(notes_are_one_line);
    UNIT_RUN(memory_that_is_gone_is_told);
    return unit_done();
}
