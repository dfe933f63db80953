/* What is told while a screen is shown, and told again when it is not. */
#include "cmd/fail.h"
#include "cmd/later.h"
#include "tests/unit/files_aid.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static char text[4096];

/* Notes and errors, and lines for standard output in between. */
static void tell(struct cmd_common *common, struct cmd_later *later) {
    struct dc_error err;
    struct dc_sink out = cmd_later_out(later);
    cmd_note(common, "one \x1b[2J");
    out.write(out.ctx, "a.json\n", 7);
    dc_fail(&err, DC_EIO, "two");
    cmd_fail(common, &err);
    out.write(out.ctx, "b.json\n", 7);
}

static int tell_later(void) {
    static const char all[] = "dumpctl: one \\x1b[2J\na.json\ndumpctl: two\nb.json\n";
    struct cmd_common common;
    struct cmd_later later;
    struct dc_buf kept;
    cmd_common_init(&common);
    cmd_later_init(&later);
    dc_buf_init(&kept, dc_alloc_libc);
    common.later = &later;
    tell(&common, &later);
    /* Nothing has come out, and all of it can be looked at, in its order. */
    int rc =
        lseek(STDOUT_FILENO, 0, SEEK_END) != 0 || lseek(STDERR_FILENO, 0, SEEK_END) != 0;
    cmd_later_copy(&later, &kept);
    rc |= kept.len != sizeof(all) - 1 || memcmp(kept.data, all, kept.len) != 0;
    /* What has come since, and nothing twice. */
    kept.len = 0;
    cmd_later_copy(&later, &kept);
    rc |= kept.len != 0;
    cmd_note(&common, "three");
    cmd_later_copy(&later, &kept);
    rc |= kept.len != 15 || memcmp(kept.data, "dumpctl: three\n", kept.len) != 0;
    dc_buf_done(&kept);
    common.later = NULL;
    return cmd_later_tell(&later, &common, rc ? EXIT_CANNOT : EXIT_DEGRADED);
}

static void all_is_told_where_it_belongs(void) {
    files_begin();
    CHECK_EQ_I64(files_in_child(tell_later), EXIT_DEGRADED);
    files_load("../out", text, sizeof(text));
    CHECK_STR(text, "a.json\nb.json\n");
    files_load("../err", text, sizeof(text));
    CHECK_STR(text, "dumpctl: one \\x1b[2J\ndumpctl: two\ndumpctl: three\n");
    files_end();
}

/* Memory has an end: what comes then is told at once, and before what is kept. */
static int tell_too_much(void) {
    static char block[1 << 20];
    struct cmd_common common;
    struct cmd_later later;
    cmd_common_init(&common);
    cmd_later_init(&later);
    common.later = &later;
    struct dc_sink err = cmd_later_err(&later);
    for (size_t kept = 0; kept <= CMD_LATER_MOST; kept += sizeof(block))
        err.write(err.ctx, block, sizeof(block));
    int rc = lseek(STDERR_FILENO, 0, SEEK_END) != 0;
    cmd_note(&common, "no room");
    rc |= lseek(STDERR_FILENO, 0, SEEK_END) != 17;
    common.later = NULL;
    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
    return cmd_later_tell(&later, &common, rc ? EXIT_CANNOT : EXIT_DONE);
}

static void memory_has_an_end(void) {
    files_begin();
    CHECK_EQ_I64(files_in_child(tell_too_much), EXIT_DONE);
    files_load("../err", text, sizeof(text));
    CHECK_STR(text, "dumpctl: no room\n");
    files_end();
}

static int tell_a_full_disk(void) {
    struct cmd_common common;
    struct cmd_later later;
    cmd_common_init(&common);
    cmd_later_init(&later);
    common.later = &later;
    tell(&common, &later);
    dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
    common.later = NULL;
    return cmd_later_tell(&later, &common, EXIT_DONE);
}

static void stdout_that_takes_nothing_is_an_error(void) {
    files_begin();
    CHECK_EQ_I64(files_in_child(tell_a_full_disk), EXIT_TROUBLE);
    files_load("../err", text, sizeof(text));
    CHECK(strstr(text, "dumpctl: two\n") != NULL);
    CHECK(strstr(text, "No space left on device") != NULL);
    files_end();
}

int main(void) {
    UNIT_RUN(all_is_told_where_it_belongs);
    UNIT_RUN(memory_has_an_end);
    UNIT_RUN(stdout_that_takes_nothing_is_an_error);
    return unit_done();
}
