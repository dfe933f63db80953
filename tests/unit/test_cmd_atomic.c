/* Files that are written whole or not at all. */
#include "cmd/atomic.h"
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[256];

static const char *in_folder(const char *name) {
    static char path[1024];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const char *text) {
    int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static const char *content(const char *name) {
    static char text[64];
    int fd = open(in_folder(name), O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    return n < 0 ? NULL : text;
}

/* Entries of the folder but "." and "..", hidden ones too. */
static unsigned entries(void) {
    unsigned found = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        found += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (dir)
        closedir(dir);
    return found;
}

static void begin(void) {
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%s/dumpctl-atomic.XXXXXX", base ? base : "/tmp");
    CHECK(mkdtemp(folder) != NULL);
}

static void end(void) {
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir)
        closedir(dir);
    CHECK(rmdir(folder) == 0);
}

static int add(struct cmd_atomic *file, const char *text) {
    struct dc_sink sink = cmd_atomic_sink(file);
    return sink.write(sink.ctx, text, strlen(text));
}

/* Opens, writes and commits; what went wrong is in `err`. */
static int write_file(const char *path, bool force, const char *text,
                      struct dc_error *err) {
    struct cmd_atomic file;
    if (cmd_atomic_open(&file, path, force, err) < 0)
        return -1;
    add(&file, text);
    return cmd_atomic_commit(&file, err);
}

static void check_fails(const char *path, bool force, const char *message) {
    struct dc_error err = {.code = DC_OK};
    CHECK_EQ_I64(write_file(path, force, "new", &err), -1);
    CHECK_EQ_I64(err.code, DC_EIO);
    CHECK_STR(err.file, *path ? path : NULL);
    CHECK_STR(err.message, message);
}

static void appears_at_the_commit(void) {
    struct cmd_atomic file;
    struct dc_error err;
    struct stat stat_of;
    begin();
    if (!CHECK(cmd_atomic_open(&file, in_folder("a"), false, &err) == 0))
        return;
    CHECK_EQ_I64(add(&file, "one "), 0);
    CHECK_EQ_I64(add(&file, "two"), 0);
    CHECK_EQ_U64(file.written, 7);
    CHECK_STR(content("a"), NULL);
    CHECK_EQ_U64(entries(), 1);
    CHECK_EQ_I64(cmd_atomic_commit(&file, &err), 0);
    CHECK_STR(content("a"), "one two");
    CHECK_EQ_U64(entries(), 1);
    CHECK(stat(in_folder("a"), &stat_of) == 0);
    CHECK_EQ_U64(stat_of.st_mode & 07777, 0600);
    CHECK_EQ_U64(stat_of.st_nlink, 1);
    cmd_atomic_abort(&file);
    CHECK_STR(content("a"), "one two");
    end();
}

static void abort_leaves_nothing(void) {
    struct cmd_atomic file;
    struct dc_error err;
    begin();
    CHECK_EQ_I64(cmd_atomic_open(&file, in_folder("a"), false, &err), 0);
    add(&file, "text");
    cmd_atomic_abort(&file);
    cmd_atomic_abort(&file);
    CHECK_EQ_U64(entries(), 0);
    end();
}

static void replaces_only_by_force(void) {
    struct dc_error err;
    begin();
    put("a", "old");
    check_fails(in_folder("a"), false, "exists already; --force replaces it");
    CHECK_STR(content("a"), "old");
    CHECK_EQ_I64(write_file(in_folder("a"), true, "new", &err), 0);
    CHECK_STR(content("a"), "new");
    CHECK_EQ_U64(entries(), 1);
    end();
}

/* Somebody else takes the name while we write. */
static void does_not_replace_what_came_meanwhile(void) {
    struct cmd_atomic file;
    struct dc_error err;
    begin();
    CHECK_EQ_I64(cmd_atomic_open(&file, in_folder("a"), false, &err), 0);
    add(&file, "new");
    put("a", "theirs");
    CHECK_EQ_I64(cmd_atomic_commit(&file, &err), -1);
    CHECK_STR(err.message, "exists already; --force replaces it");
    CHECK(file.taken);
    CHECK_STR(content("a"), "theirs");
    CHECK_EQ_I64(cmd_atomic_open(&file, in_folder("a"), false, &err), -1);
    CHECK(file.taken);
    CHECK_EQ_I64(cmd_atomic_open(&file, in_folder("none/a"), false, &err), -1);
    CHECK(!file.taken);
    CHECK_EQ_U64(entries(), 1);
    end();
}

static void refuses_folders(void) {
    begin();
    check_fails(folder, false, "is a folder; name a file in it");
    check_fails(folder, true, "is a folder; name a file in it");
    CHECK(mkdir(in_folder("sub"), 0700) == 0);
    check_fails(in_folder("sub/"), true, "is a folder; name a file in it");
    CHECK(rmdir(in_folder("sub")) == 0);
    check_fails(in_folder("sub/"), false,
                "names a folder, which does not exist; name a file");
    CHECK_EQ_U64(entries(), 0);
    end();
}

static void says_what_is_wrong_with_the_path(void) {
    char name[400];
    begin();
    check_fails(in_folder("none/a"), false,
                "cannot be created: its folder does not exist");
    put("file", "x");
    check_fails(in_folder("file/a"), false, "cannot be created: Not a directory");
    memset(name, 'n', 300);
    name[300] = '\0';
    check_fails(in_folder(name), false, "cannot be created: File name too long");
    check_fails("", false, "the name of the output is empty");
    check_fails("/proc/a", false, "cannot be created: its folder takes no new files");
    CHECK_EQ_U64(entries(), 1);
    end();
}

static void follows_a_link_to_the_file(void) {
    struct dc_error err;
    struct stat link;
    begin();
    put("file", "old");
    CHECK(symlink("file", in_folder("link")) == 0);
    check_fails(in_folder("link"), false, "exists already; --force replaces it");
    CHECK_EQ_I64(write_file(in_folder("link"), true, "new", &err), 0);
    CHECK_STR(content("file"), "new");
    CHECK(lstat(in_folder("link"), &link) == 0 && S_ISLNK(link.st_mode));
    CHECK(symlink("nowhere", in_folder("dangling")) == 0);
    check_fails(in_folder("dangling"), false, "exists already; --force replaces it");
    CHECK_EQ_U64(entries(), 3);
    end();
}

static void devices_are_written_to(void) {
    struct dc_error err;
    struct stat before, after;
    CHECK(stat("/dev/null", &before) == 0);
    CHECK_EQ_I64(write_file("/dev/null", true, "x", &err), 0);
    CHECK(stat("/dev/null", &after) == 0 && S_ISCHR(after.st_mode));
    CHECK_EQ_U64(after.st_ino, before.st_ino);
    check_fails("/dev/full", false, "cannot be written: No space left on device");
}

static void a_failed_write_leaves_nothing(void) {
    struct rlimit old, small;
    struct cmd_atomic file;
    struct dc_error err;
    begin();
    put("a", "old");
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    small = old;
    small.rlim_cur = 5;
    setrlimit(RLIMIT_FSIZE, &small);
    CHECK_EQ_I64(cmd_atomic_open(&file, in_folder("a"), true, &err), 0);
    CHECK_EQ_I64(add(&file, "1234"), 0);
    CHECK_EQ_I64(add(&file, "5678"), -1);
    CHECK_EQ_I64(add(&file, ""), -1);
    setrlimit(RLIMIT_FSIZE, &old);
    CHECK_EQ_I64(cmd_atomic_commit(&file, &err), -1);
    CHECK_STR(err.message, "cannot be written: File too large");
    CHECK_STR(content("a"), "old");
    CHECK_EQ_U64(entries(), 1);
    end();
}

/* Root may write everywhere, so it becomes somebody else for a while. */
static void needs_permission_for_the_folder(void) {
    bool root = geteuid() == 0;
    begin();
    CHECK(chmod(folder, 0555) == 0 && (!root || seteuid(65534) == 0));
    check_fails(in_folder("a"), false, "cannot be created: Permission denied");
    CHECK((!root || seteuid(0) == 0) && chmod(folder, 0700) == 0);
    CHECK_EQ_U64(entries(), 0);
    end();
}

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

/* In a process that cannot rename without replacing, nor link if `linkless`. */
static void publish_the_old_way(bool linkless) {
    struct dc_error err;
    begin();
    put("taken", "old");
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        struct cmd_atomic file;
        unit_state()->bad = 0;
        CHECK(forbid(SYS_renameat2, EINVAL) && (!linkless || forbid(SYS_linkat, EPERM)));
        CHECK_EQ_I64(write_file(in_folder("a"), false, "new", &err), 0);
        CHECK_STR(content("a"), "new");
        CHECK_EQ_I64(cmd_atomic_open(&file, in_folder("b"), false, &err), 0);
        put("b", "theirs");
        CHECK_EQ_I64(cmd_atomic_commit(&file, &err), -1);
        CHECK_STR(content("b"), "theirs");
        CHECK_EQ_I64(write_file(in_folder("taken"), true, "new", &err), 0);
        CHECK_STR(content("taken"), "new");
        fflush(stdout);
        _exit(unit_state()->bad > 0 ? 1 : 0);
    }
    int status = -1;
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
    CHECK_EQ_U64(entries(), 3);
    end();
}

static void publishes_by_hard_links(void) {
    publish_the_old_way(false);
}

static void publishes_without_hard_links(void) {
    publish_the_old_way(true);
}

int main(void) {
    UNIT_RUN(appears_at_the_commit);
    UNIT_RUN(abort_leaves_nothing);
    UNIT_RUN(replaces_only_by_force);
    UNIT_RUN(does_not_replace_what_came_meanwhile);
    UNIT_RUN(refuses_folders);
    UNIT_RUN(says_what_is_wrong_with_the_path);
    UNIT_RUN(follows_a_link_to_the_file);
    UNIT_RUN(devices_are_written_to);
    UNIT_RUN(a_failed_write_leaves_nothing);
    UNIT_RUN(needs_permission_for_the_folder);
    UNIT_RUN(publishes_by_hard_links);
    UNIT_RUN(publishes_without_hard_links);
    return unit_done();
}
