/* Reports in files that come, change and go: which rows there are, and what is open. */
#include "cmd/shelf.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/dumpctl-shelf-XXXXXX";

static struct cmd_common common;
static struct cmd_documents docs;

#define REPORT(reason)                                                                   \
    "{\"schema\":\"degraded\",\"reason\":\"" reason                                      \
    "\",\"vcpu_regs\":[null],\"watchpoint_hit\":true,\"bss_latch_state\":\"triggered\"}"

static void put(const char *name, const char *text) {
    int fd = open(".new", O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    CHECK_EQ_I64(rename(".new", name), 0);
}

static void begin(struct cmd_shelf *shelf) {
    cmd_common_init(&common);
    cmd_documents_init(&docs, &common);
    cmd_shelf_init(shelf, &docs);
}

/* Touches, reads, and gives what was found. */
static enum cmd_shelf_news hear(struct cmd_shelf *shelf, const char *name, size_t *row) {
    enum cmd_shelf_news news;
    struct dc_error err;
    CHECK_EQ_I64(cmd_shelf_touch(shelf, name, false), 0);
    CHECK(cmd_shelf_is_stale(shelf));
    CHECK_EQ_I64(cmd_shelf_read(shelf, &news, row, &err), 0);
    CHECK(!cmd_shelf_is_stale(shelf));
    return news;
}

static void hear_as(struct cmd_shelf *shelf, const char *name, enum cmd_shelf_news news,
                    size_t row) {
    size_t found;
    CHECK_EQ_U64(hear(shelf, name, &found), news);
    CHECK_EQ_U64(found, row);
}

static bool says(const struct cmd_shelf *shelf, size_t i, const char *text) {
    const struct cmd_shelf_row *row = cmd_shelf_row(shelf, i);
    return memmem(row->line, row->len, text, strlen(text)) != NULL;
}

static bool is_shown(const struct cmd_shelf *shelf, const char *reason) {
    struct dc_buf cause;
    dc_buf_init(&cause, dc_alloc_libc);
    dc_model_cause(&shelf->open->model, &cause);
    bool shown = memmem(cause.data, cause.len, reason, strlen(reason)) != NULL;
    dc_buf_done(&cause);
    return shown;
}

static void what_comes_stands_behind(void) {
    struct cmd_shelf shelf;
    begin(&shelf);
    put("b", REPORT("first"));
    hear_as(&shelf, "b", CMD_SHELF_NEW, 0);
    CHECK(!cmd_shelf_row(&shelf, 0)->fresh); /* it was there */
    shelf.begun = true;
    put("a", REPORT("second"));
    hear_as(&shelf, "a", CMD_SHELF_NEW, 1);
    CHECK_EQ_U64(shelf.count, 2);
    CHECK(says(&shelf, 0, "first") && says(&shelf, 1, "second"));
    CHECK(cmd_shelf_row(&shelf, 1)->fresh);
    CHECK_EQ_U64(cmd_shelf_newest(&shelf), 1);
    put("b", REPORT("third"));
    hear_as(&shelf, "b", CMD_SHELF_NEW, 0);
    CHECK(says(&shelf, 0, "third"));
    CHECK_EQ_U64(cmd_shelf_newest(&shelf), 0);
    CHECK_EQ_U64(cmd_shelf_failed(&shelf), 0);
    cmd_shelf_done(&shelf);
}

static void a_bad_file_has_a_row(void) {
    struct cmd_shelf shelf;
    struct dc_error err;
    begin(&shelf);
    shelf.begun = true;
    put("a", REPORT("good"));
    hear_as(&shelf, "a", CMD_SHELF_NEW, 0);
    put("x", "{\"schema\":\"degraded\"}");
    hear_as(&shelf, "x", CMD_SHELF_BAD, 1);
    CHECK(cmd_shelf_row(&shelf, 1)->bad);
    CHECK(says(&shelf, 1, "x:1:1: the required member"));
    CHECK_EQ_U64(cmd_shelf_failed(&shelf), 1);
    CHECK_EQ_U64(cmd_shelf_newest(&shelf), 0);
    CHECK_EQ_I64(cmd_shelf_open(&shelf, 1, &err), -1);
    CHECK(shelf.open == NULL);
    put("e", "");
    hear_as(&shelf, "e", CMD_SHELF_BAD, 2);
    CHECK_EQ_I64(mkdir("d", 0700), 0);
    hear_as(&shelf, "d", CMD_SHELF_BAD, 3);
    CHECK(says(&shelf, 3, "is a folder"));
    put("x", REPORT("mended"));
    hear_as(&shelf, "x", CMD_SHELF_NEW, 1);
    CHECK_EQ_U64(cmd_shelf_failed(&shelf), 2);
    cmd_shelf_done(&shelf);
    CHECK_EQ_I64(rmdir("d") | unlink("e") | unlink("x"), 0);
}

static void the_open_one_is_replaced(void) {
    struct cmd_shelf shelf;
    struct dc_error err;
    begin(&shelf);
    put("a", REPORT("old"));
    hear_as(&shelf, "a", CMD_SHELF_NEW, 0);
    shelf.begun = true;
    CHECK_EQ_I64(cmd_shelf_open(&shelf, 0, &err), 0);
    CHECK(is_shown(&shelf, "old"));
    put("a", REPORT("young"));
    hear_as(&shelf, "a", CMD_SHELF_REPLACED, 0);
    CHECK(is_shown(&shelf, "old")); /* until it is turned to */
    cmd_shelf_turn(&shelf);
    CHECK(is_shown(&shelf, "young"));
    CHECK(!cmd_shelf_row(&shelf, 0)->fresh); /* it is seen */
    put("a", "nonsense");
    hear_as(&shelf, "a", CMD_SHELF_BROKEN, 0);
    CHECK(is_shown(&shelf, "young"));
    CHECK(cmd_shelf_row(&shelf, 0)->bad);
    put("a", REPORT("whole"));
    hear_as(&shelf, "a", CMD_SHELF_REPLACED, 0);
    cmd_shelf_turn(&shelf);
    CHECK(is_shown(&shelf, "whole"));
    cmd_shelf_done(&shelf);
}

static void the_open_one_outlives_its_file(void) {
    struct cmd_shelf shelf;
    struct dc_error err;
    enum cmd_shelf_news news;
    size_t row;
    begin(&shelf);
    put("a", REPORT("one") "\n" REPORT("two") "\n" REPORT("three"));
    put("b", REPORT("other"));
    hear_as(&shelf, "a", CMD_SHELF_NEW, 2);
    hear_as(&shelf, "b", CMD_SHELF_NEW, 3);
    shelf.begun = true;
    CHECK_EQ_I64(cmd_shelf_open(&shelf, 1, &err), 0);
    CHECK_EQ_I64(unlink("a"), 0);
    hear_as(&shelf, "a", CMD_SHELF_LEFT, 0);
    CHECK_EQ_U64(shelf.count, 2);
    CHECK(says(&shelf, 0, "two") && is_shown(&shelf, "two"));
    hear_as(&shelf, "a", CMD_SHELF_NOTHING, 0); /* it is told once */
    CHECK_EQ_I64(cmd_shelf_open(&shelf, 1, &err), 0);
    CHECK(cmd_shelf_is_stale(&shelf));
    CHECK_EQ_I64(cmd_shelf_read(&shelf, &news, &row, &err), 0);
    CHECK_EQ_U64(news, CMD_SHELF_NOTHING);
    CHECK_EQ_U64(shelf.count, 1);
    CHECK(says(&shelf, 0, "other"));
    put("a", REPORT("back"));
    hear_as(&shelf, "a", CMD_SHELF_NEW, 1);
    CHECK_EQ_I64(unlink("a"), 0);
    hear_as(&shelf, "a", CMD_SHELF_GONE, 1);
    hear_as(&shelf, "never", CMD_SHELF_NOTHING, 1);
    CHECK_EQ_U64(shelf.count, 1);
    cmd_shelf_done(&shelf);
}

/* Lines that are added to a file leave the others what they were. */
static void a_file_that_grows_has_new_rows(void) {
    struct cmd_shelf shelf;
    struct dc_error err;
    begin(&shelf);
    put("a", REPORT("one") "\n" REPORT("two") "\n");
    hear_as(&shelf, "a", CMD_SHELF_NEW, 1);
    shelf.begun = true;
    CHECK_EQ_I64(cmd_shelf_open(&shelf, 0, &err), 0);
    put("a", REPORT("one") "\n" REPORT("two") "\n" REPORT("three") "\n");
    hear_as(&shelf, "a", CMD_SHELF_NEW, 2);
    CHECK(!cmd_shelf_row(&shelf, 0)->fresh && !cmd_shelf_row(&shelf, 1)->fresh);
    CHECK(cmd_shelf_row(&shelf, 2)->fresh);
    CHECK_EQ_U64(cmd_shelf_newest(&shelf), 2);
    CHECK_EQ_I64(cmd_shelf_open(&shelf, 2, &err), 0);
    CHECK(!cmd_shelf_row(&shelf, 2)->fresh);
    put("a", REPORT("zero") "\n");
    hear_as(&shelf, "a", CMD_SHELF_BROKEN, 0); /* there is no third */
    CHECK(is_shown(&shelf, "three"));
    CHECK_EQ_U64(cmd_shelf_find(&shelf, shelf.open->file, shelf.open->row), 0);
    cmd_shelf_done(&shelf);
}

/* After events were lost: only what stat() finds changed is read and told. */
static void doubt_reads_what_has_changed(void) {
    struct cmd_shelf shelf;
    enum cmd_shelf_news news;
    struct dc_error err;
    size_t row, heard = 0;
    begin(&shelf);
    put("a", REPORT("a"));
    put("b", REPORT("b"));
    put("c", REPORT("c"));
    hear_as(&shelf, "a", CMD_SHELF_NEW, 0);
    hear_as(&shelf, "b", CMD_SHELF_NEW, 1);
    hear_as(&shelf, "c", CMD_SHELF_NEW, 2);
    shelf.begun = true;
    put("b", REPORT("another"));
    CHECK_EQ_I64(unlink("c"), 0);
    cmd_shelf_doubt(&shelf);
    static const enum cmd_shelf_news wanted[] = {CMD_SHELF_NOTHING, CMD_SHELF_NEW,
                                                 CMD_SHELF_GONE};
    for (; cmd_shelf_is_stale(&shelf) && heard < 3; heard++) {
        CHECK_EQ_I64(cmd_shelf_read(&shelf, &news, &row, &err), 0);
        CHECK_EQ_U64(news, wanted[heard]);
    }
    CHECK_EQ_U64(heard, 3);
    CHECK_EQ_U64(shelf.count, 2);
    /* Told again of what was read already: that is nothing new. */
    CHECK_EQ_I64(cmd_shelf_open(&shelf, 1, &err), 0);
    hear_as(&shelf, "b", CMD_SHELF_NOTHING, 1);
    CHECK(!cmd_shelf_row(&shelf, 1)->fresh);
    cmd_shelf_done(&shelf);
}

int main(void) {
    if (!mkdtemp(folder) || chdir(folder) < 0)
        return 1;
    UNIT_RUN(what_comes_stands_behind);
    UNIT_RUN(a_bad_file_has_a_row);
    UNIT_RUN(the_open_one_is_replaced);
    UNIT_RUN(the_open_one_outlives_its_file);
    UNIT_RUN(a_file_that_grows_has_new_rows);
    UNIT_RUN(doubt_reads_what_has_changed);
    (void)unlink("a");
    (void)unlink("b");
    (void)!chdir("/");
    (void)rmdir(folder);
    return unit_done();
}
