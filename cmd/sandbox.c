#include "cmd/sandbox.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Landlock as the kernel's uapi has it (Documentation/userspace-api/landlock.rst). Headers
 * may be older than the kernel that dumpctl runs on: what they lack is written out here.
 */
enum {
    WRITE_FILE = 1 << 1,
    READ_FILE = 1 << 2,
    READ_DIR = 1 << 3,
    REMOVE_FILE = 1 << 5,
    MAKE_REG = 1 << 8,
    ALL_OF_ABI_1 = (1 << 13) - 1,
    REFER = 1 << 13,     /* ABI 2 */
    TRUNCATE = 1 << 14,  /* ABI 3 */
    IOCTL_DEV = 1 << 15, /* ABI 5 */

    BIND_TCP = 1 << 0, /* ABI 4 */
    CONNECT_TCP = 1 << 1,

    ASK_ABI = 1,
    RULE_PATH_BENEATH = 1,
};

struct ruleset {
    uint64_t files;
    uint64_t network; /* ABI 4 */
};

struct __attribute__((packed)) path_rule {
    uint64_t allowed;
    int32_t folder;
};

/* Present where the run-time part is: those of the sanitizers read /proc at the end, and
   gcov writes what it has counted. */
extern void __asan_init(void) __attribute__((weak));
extern void __tsan_init(void) __attribute__((weak));
extern void __gcov_init(void *) __attribute__((weak));

static bool is_instrumented(void) {
    return __asan_init || __tsan_init || __gcov_init;
}

/* Highest Landlock ABI of the kernel, below 1 where it has none or it is off. */
static long landlock_abi(void) {
    return syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_ABI);
}

static uint64_t files_of(long abi) {
    return ALL_OF_ABI_1 | (abi >= 2 ? REFER : 0) | (abi >= 3 ? TRUNCATE : 0) |
           (abi >= 5 ? IOCTL_DEV : 0);
}

static void allow(int ruleset, uint64_t handled, const struct cmd_allowed *entry) {
    struct path_rule rule = {.allowed = 0};
    struct stat stat;
    if (entry->rights & CMD_ALLOW_READ)
        rule.allowed |= READ_FILE | READ_DIR;
    if (entry->rights & CMD_ALLOW_REPLACE)
        rule.allowed |= WRITE_FILE | REMOVE_FILE | MAKE_REG | TRUNCATE;
    rule.allowed &= handled;
    int fd = open(entry->path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return;
    /* The kernel refuses rights of folders for what is none. */
    if (fstat(fd, &stat) == 0 && !S_ISDIR(stat.st_mode))
        rule.allowed &= READ_FILE | WRITE_FILE | TRUNCATE;
    rule.folder = fd;
    syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0);
    close(fd);
}

bool cmd_sandbox(const struct cmd_allowed *allowed, size_t count) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || is_instrumented())
        return false;
    long abi = landlock_abi();
    if (abi < 1)
        return false;
    struct ruleset attributes = {
        .files = files_of(abi),
        .network = abi >= 4 ? BIND_TCP | CONNECT_TCP : 0,
    };
    size_t size = abi >= 4 ? sizeof(attributes) : sizeof(attributes.files);
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
    if (ruleset < 0)
        return false;
    for (size_t i = 0; i < count; i++)
        if (allowed[i].path)
            allow(ruleset, attributes.files, &allowed[i]);
    bool bound = syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    close(ruleset);
    return bound;
}
