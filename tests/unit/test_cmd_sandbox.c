/* What the process can no longer do once it reads reports. */
#include "cmd/atomic.h"
#include "cmd/sandbox.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern void __asan_init(void) __attribute__((weak));
extern void __tsan_init(void) __attribute__((weak));
extern void __gcov_init(void *) __attribute__((weak));

static char readable[] = "/tmp/dumpctl-sandbox-r.XXXXXX";
static char writable[] = "/tmp/dumpctl-sandbox-w.XXXXXX";

static long landlock_abi(void) {
    return syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
}

static const char *below(const char *folder, const char *name) {
    static char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

/* The errno of opening, 0 where it can be opened. */
static int opening(const char *path, int flags) {
    int fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static void write_a_file(const char *path, bool force, int want) {
    struct cmd_atomic file;
    struct dc_error err = {.message = ""};
    int status = cmd_atomic_open(&file, path, force, &err);
    if (status == 0) {
        struct dc_sink sink = cmd_atomic_sink(&file);
        sink.write(sink.ctx, "text", 4);
        status = cmd_atomic_commit(&file, &err);
    }
    if (!CHECK_EQ_I64(status, want))
        printf("# %s: %s\n", path, err.message);
}

static void try_to_connect(void) {
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(9)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&there, sizeof(there)) < 0 &&
          errno == EACCES);
    close(fd);
}

/* Runs `body` in a process of its own, as there is no way out of the sandbox. */
static void apart(void (*body)(void)) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        unit_state()->bad = 0;
        body();
        fflush(stdout);
        _exit(unit_state()->bad > 0 ? 1 : 0);
    }
    int status = -1;
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
    CHECK_EQ_I64(status, 0);
}

static void in_the_sandbox(void) {
    const struct cmd_allowed allowed[] = {
        {readable, CMD_ALLOW_READ},
        {writable, CMD_ALLOW_REPLACE},
        {"/proc/self/status", CMD_ALLOW_READ},
        {"/no/such/folder", CMD_ALLOW_READ},
        {NULL, CMD_ALLOW_READ},
    };
    char *const arguments[] = {(char *)"true", NULL};
    int kept = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    char byte;
    CHECK_EQ_I64(opening("/etc/passwd", O_RDONLY), 0);
    CHECK(cmd_sandbox(allowed, sizeof(allowed) / sizeof(allowed[0])));
    CHECK_EQ_I64(opening("/etc/passwd", O_RDONLY), EACCES);
    CHECK_EQ_I64(opening("/tmp", O_RDONLY | O_DIRECTORY), EACCES);
    CHECK_EQ_I64(opening(below(readable, "file"), O_RDONLY), 0);
    CHECK_EQ_I64(opening(below(readable, "file"), O_WRONLY), EACCES);
    CHECK_EQ_I64(opening(below(readable, "new"), O_WRONLY | O_CREAT), EACCES);
    CHECK_EQ_I64(opening(readable, O_RDONLY | O_DIRECTORY), 0);
    CHECK(unlink(below(readable, "file")) < 0 && errno == EACCES);
    CHECK_EQ_I64(opening(below(writable, "file"), O_RDONLY), EACCES);
    CHECK_EQ_I64(opening("/proc/self/status", O_RDONLY), 0);
    CHECK(execv("/bin/true", arguments) < 0 && errno == EACCES);
    CHECK_EQ_I64(read(kept, &byte, 1), 1);
    CHECK_EQ_I64(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
    write_a_file(below(writable, "file"), true, 0);
    write_a_file(below(writable, "new"), false, 0);
    write_a_file(below(readable, "new"), false, -1);
    if (landlock_abi() >= 4)
        try_to_connect();
}

static void nothing_at_all(void) {
    CHECK(cmd_sandbox(NULL, 0));
    CHECK_EQ_I64(opening("/etc/passwd", O_RDONLY), EACCES);
    CHECK_EQ_I64(opening(below(writable, "other"), O_WRONLY | O_CREAT), EACCES);
}

/* An output that was opened before must still be published. */
static void an_open_output(void) {
    struct cmd_atomic file;
    struct dc_error err = {.message = ""};
    CHECK_EQ_I64(cmd_atomic_open(&file, below(writable, "before"), false, &err), 0);
    const struct cmd_allowed allowed[] = {{file.folder, CMD_ALLOW_REPLACE}};
    CHECK(cmd_sandbox(allowed, 1));
    CHECK_EQ_I64(cmd_atomic_commit(&file, &err), 0);
    CHECK_STR(err.message, "");
    CHECK(access(below(writable, "before"), F_OK) == 0);
}

static void no_new_privileges(void) {
    cmd_sandbox(NULL, 0);
    CHECK_EQ_I64(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
}

static const char *why_not(void) {
    if (__asan_init || __tsan_init || __gcov_init)
        return "built with sanitizers or coverage";
    return landlock_abi() < 1 ? "this kernel has no Landlock" : NULL;
}

static void forbids_all_but_what_is_named(void) {
    if (why_not())
        SKIP(why_not());
    apart(in_the_sandbox);
    CHECK(access(below(writable, "new"), F_OK) == 0);
}

static void forbids_everything(void) {
    if (why_not())
        SKIP(why_not());
    apart(nothing_at_all);
}

static void leaves_open_outputs_usable(void) {
    if (why_not())
        SKIP(why_not());
    apart(an_open_output);
}

static void gains_no_privileges(void) {
    apart(no_new_privileges);
    CHECK_EQ_I64(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
}

int main(void) {
    static const char *const left[] = {"file", "new", "before"};
    if (!mkdtemp(readable) || !mkdtemp(writable) ||
        opening(below(readable, "file"), O_WRONLY | O_CREAT) != 0 ||
        opening(below(writable, "file"), O_WRONLY | O_CREAT) != 0)
        return 1;
    UNIT_RUN(gains_no_privileges);
    UNIT_RUN(forbids_all_but_what_is_named);
    UNIT_RUN(forbids_everything);
    UNIT_RUN(leaves_open_outputs_usable);
    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
        unlink(below(readable, left[i]));
        unlink(below(writable, left[i]));
    }
    rmdir(readable);
    rmdir(writable);
    return unit_done();
}
