/* What is told of files that come, change and go in real folders, and of lost events. */
#include "cmd/follow.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/dumpctl-follow-XXXXXX";

/* What was told, a character for each: the first of a file's name, '*' for all. */
static char told[256];
static size_t n_told;
static bool inside_told;

static int tell_file(void *ctx, const char *path, bool inside) {
    const char *slash = strrchr(path, '/');
    (void)ctx;
    inside_told = inside;
    if (n_told + 1 < sizeof(told))
        told[n_told++] = slash ? slash[1] : path[0];
    return 0;
}

static int tell_all(void *ctx) {
    (void)ctx;
    if (n_told + 1 < sizeof(told))
        told[n_told++] = '*';
    return 0;
}

static const struct cmd_follow_ops ops = {.file = tell_file, .all = tell_all};

static void forget(void) {
    memset(told, 0, sizeof(told));
    n_told = 0;
}

static bool is_readable(const struct cmd_follow *follow) {
    struct pollfd fd = {.fd = follow->fd, .events = POLLIN};
    return poll(&fd, 1, 0) == 1;
}

static void take(struct cmd_follow *follow, const char *wanted) {
    forget();
    CHECK_EQ_I64(cmd_follow_take(follow, &ops), 0);
    CHECK_STR(told, wanted);
    CHECK(!is_readable(follow));
}

static void write_file(const char *name) {
    int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && write(fd, "x", 1) == 1);
    close(fd);
}

static int follow_one(struct cmd_follow *follow, const char *path, struct dc_error *err) {
    static char *operands[1];
    operands[0] = (char *)path;
    return cmd_follow_open(follow, operands, 1, err);
}

static void reports_of_a_folder_are_told(void) {
    struct cmd_follow follow;
    struct dc_error err;
    CHECK_EQ_I64(mkdir("d", 0700), 0);
    write_file("d/b.json");
    write_file("d/a.jsonl");
    write_file("d/.hidden.json");
    write_file("d/readme.txt");
    CHECK_EQ_I64(follow_one(&follow, "d", &err), 0);
    forget();
    CHECK_EQ_I64(cmd_follow_scan(&follow, &ops), 0);
    CHECK_STR(told, "ab");
    CHECK(inside_told);
    CHECK(!is_readable(&follow));
    write_file("d/c.json");
    take(&follow, "c");
    write_file("d/.d.json.tmp");
    take(&follow, "");
    CHECK_EQ_I64(rename("d/.d.json.tmp", "d/d.json"), 0);
    take(&follow, "d");
    CHECK_EQ_I64(rename("d/d.json", "d/e.json"), 0);
    take(&follow, "de");
    CHECK_EQ_I64(unlink("d/e.json"), 0);
    take(&follow, "e");
    cmd_follow_close(&follow);
}

/* A file that is only opened for writing is not whole; a link is. */
static void what_is_not_whole_waits(void) {
    struct cmd_follow follow;
    struct dc_error err;
    CHECK_EQ_I64(follow_one(&follow, "d", &err), 0);
    int fd = open("d/f.json", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    take(&follow, "");
    CHECK(write(fd, "x", 1) == 1);
    take(&follow, "");
    close(fd);
    take(&follow, "f");
    CHECK_EQ_I64(link("d/f.json", "d/g.json"), 0);
    take(&follow, "g");
    CHECK_EQ_I64(symlink("f.json", "d/h.json"), 0);
    take(&follow, "h");
    CHECK_EQ_I64(mkdir("d/i.json", 0700), 0);
    take(&follow, "");
    cmd_follow_close(&follow);
    CHECK_EQ_I64(rmdir("d/i.json"), 0);
}

/* By its folder: before it is there, and when another takes its place. */
static void one_file_is_told_alone(void) {
    struct cmd_follow follow;
    struct dc_error err;
    CHECK_EQ_I64(follow_one(&follow, "x", &err), 0);
    forget();
    CHECK_EQ_I64(cmd_follow_scan(&follow, &ops), 0);
    CHECK_STR(told, "");
    write_file("y.json");
    take(&follow, "");
    write_file("x");
    take(&follow, "x");
    CHECK(!inside_told);
    CHECK_EQ_I64(rename("y.json", "x"), 0);
    take(&follow, "x");
    cmd_follow_close(&follow);
    CHECK_EQ_I64(unlink("x"), 0);
}

/* Under one path, whichever way it was named. */
static void a_file_of_two_places_is_told_once(void) {
    char *operands[] = {"d/a.jsonl", "d", "./d"};
    struct cmd_follow follow;
    struct dc_error err;
    CHECK_EQ_I64(cmd_follow_open(&follow, operands, 3, &err), 0);
    forget();
    CHECK_EQ_I64(cmd_follow_scan(&follow, &ops), 0);
    CHECK_STR(told, "abcfgh");
    write_file("d/a.jsonl");
    take(&follow, "a");
    CHECK(!inside_told);
    cmd_follow_close(&follow);
}

static void a_folder_that_goes_is_lost(void) {
    char *operands[] = {"e", "f", "f/one"};
    struct cmd_follow follow;
    struct dc_error err;
    CHECK_EQ_I64(mkdir("e", 0700) | mkdir("f", 0700), 0);
    CHECK_EQ_I64(cmd_follow_open(&follow, operands, 3, &err), 0);
    CHECK(cmd_follow_lost(&follow) == NULL);
    CHECK_EQ_I64(rmdir("e"), 0);
    take(&follow, "*");
    CHECK_EQ_U64(follow.lost, 1);
    CHECK_STR(cmd_follow_lost(&follow), "e");
    CHECK_EQ_I64(rename("f", "g"), 0);
    take(&follow, "*");
    CHECK_EQ_U64(follow.lost, 3);
    write_file("g/later.json");
    take(&follow, "");
    forget();
    CHECK_EQ_I64(cmd_follow_scan(&follow, &ops), 0);
    CHECK_STR(told, "");
    cmd_follow_close(&follow);
    CHECK_EQ_I64(unlink("g/later.json") | rmdir("g"), 0);
}

/* The kernel keeps so many events; then it says that it has lost some. */
static void lost_events_are_made_up_for(void) {
    struct cmd_follow follow;
    struct dc_error err;
    CHECK_EQ_I64(follow_one(&follow, "d", &err), 0);
    unsigned long most = 0;
    FILE *limit = fopen("/proc/sys/fs/inotify/max_queued_events", "re");
    int got = limit ? fscanf(limit, "%lu", &most) : 0;
    if (limit)
        fclose(limit);
    if (!CHECK_EQ_I64(got, 1))
        return;
    if (most > 200000) {
        unit_skip("this machine keeps too many events to make it lose any");
        cmd_follow_close(&follow);
        return;
    }
    /* Equal events in a row are one: so two in turn. */
    for (unsigned long i = 0; i <= most / 2 + 1; i++) {
        CHECK_EQ_I64(rename("d/b.json", "d/.z"), 0);
        CHECK_EQ_I64(rename("d/.z", "d/b.json"), 0);
    }
    write_file("d/z.json");
    bool all = false;
    for (int i = 0; i < 10000 && is_readable(&follow); i++) {
        forget();
        CHECK_EQ_I64(cmd_follow_take(&follow, &ops), 0);
        all = all || strchr(told, '*');
    }
    CHECK(all);
    CHECK(strstr(told, "*abcfghz") != NULL);
    CHECK(!is_readable(&follow));
    cmd_follow_close(&follow);
}

static void what_cannot_be_followed_is_named(void) {
    static const struct {
        const char *path, *message;
    } cases[] = {
        {"nowhere/x.json", "its folder cannot be followed: No such file or directory"},
        {"nowhere/", "there is no such folder to follow"},
        {"", "there is no such folder to follow"},
        {"d/b.json/x", "its folder cannot be followed: Not a directory"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cmd_follow follow;
        struct dc_error err;
        CHECK_EQ_I64(follow_one(&follow, cases[i].path, &err), -1);
        CHECK_STR(err.message, cases[i].message);
        CHECK(err.file && strcmp(err.file, cases[i].path) == 0);
        cmd_follow_close(&follow);
    }
}

int main(void) {
    if (!mkdtemp(folder) || chdir(folder) < 0)
        return 1;
    UNIT_RUN(reports_of_a_folder_are_told);
    UNIT_RUN(what_is_not_whole_waits);
    UNIT_RUN(one_file_is_told_alone);
    UNIT_RUN(a_file_of_two_places_is_told_once);
    UNIT_RUN(a_folder_that_goes_is_lost);
    UNIT_RUN(lost_events_are_made_up_for);
    UNIT_RUN(what_cannot_be_followed_is_named);
    static const char *const left[] = {"d/a.jsonl", "d/b.json",       "d/c.json",
                                       "d/f.json",  "d/g.json",       "d/h.json",
                                       "d/z.json",  "d/.hidden.json", "d/readme.txt"};
    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
        (void)unlink(left[i]);
    (void)rmdir("d");
    (void)!chdir("/");
    (void)rmdir(folder);
    return unit_done();
}
