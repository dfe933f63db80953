/*
 * Paths of differences: what they look like, and patterns for them.
 */
#include "lib/diff_path.h"
#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

#include <string.h>

static bool path_is(const struct dc_diff_step *step, const char *wanted) {
    struct dc_buf buf;
    dc_buf_init(&buf, dc_alloc_libc);
    dc_diff_path_add(step, &buf);
    bool same = dc_str_is((struct dc_str){buf.data, buf.len}, wanted);
    dc_buf_done(&buf);
    return same;
}

static void writes_steps(void) {
    const struct dc_diff_step maps = {.kind = DC_STEP_WORD, .word = "maps"};
    const struct dc_diff_step index = {.up = &maps, .kind = DC_STEP_INDEX, .index = 3};
    const struct dc_diff_step value = {
        .up = &index, .kind = DC_STEP_WORD, .word = "value"};
    const struct dc_diff_step member = {
        .up = &value, .kind = DC_STEP_MEMBER, .name = {"a\x1b", 2}};
    const struct dc_diff_step anonymous = {.up = &member, .kind = DC_STEP_MEMBER};
    const struct dc_diff_step page = {
        .up = &value, .kind = DC_STEP_OFFSET, .index = 0x3000};
    CHECK(path_is(&maps, "maps"));
    CHECK(path_is(&index, "maps[3]"));
    CHECK(path_is(&anonymous, "maps[3].value.a\x1b.<anon>"));
    CHECK(path_is(&page, "maps[3].value[+0x3000]"));
    CHECK(!dc_diff_path_is_listed(&maps));
    CHECK(dc_diff_path_is_listed(&member));
}

/* The path of the first element of a list of a single report. */
static bool key_is(const char *member, int field, size_t nth, const char *wanted) {
    char text[1024];
    struct dc_report report;
    struct dc_error err;
    snprintf(text, sizeof(text), "{\"schema\":\"single\",\"maps\":[],%s}", member);
    if (!CHECK(aid_read_text(&report, text, &err) == 0))
        return false;
    const struct dc_diff_step step = {.kind = DC_STEP_ELEMENT,
                                      .rec =
                                          dc_list_rec(dc_list_of(report.root, field), 0),
                                      .nth = nth};
    bool same = path_is(&step, wanted);
    dc_report_done(&report);
    return same;
}

static void calls_elements_by_their_keys(void) {
    CHECK(key_is("\"dsq_states\":[{\"id\":9223372036854775810,\"origin\":\"local cpu "
                 "3\",\"nr\":0,\"seq\":0,\"task_kvas\":[]}]",
                 DC_AT_SINGLE_dsq_states, 0, "[local cpu 3]"));
    CHECK(key_is("\"dsq_states\":[{\"id\":7,\"origin\":\"user\",\"nr\":0,\"seq\":0,"
                 "\"task_kvas\":[]}]",
                 DC_AT_SINGLE_dsq_states, 1, "[user 0x7 #2]"));
    CHECK(key_is("\"cgroup_psi\":[{\"cgroup_kva\":255,\"total_ns\":1,\"avg10_raw\":1}]",
                 DC_AT_SINGLE_cgroup_psi, 0, "[0xff]"));
    CHECK(key_is("\"prog_runtime_stats\":[{\"name\":\"\",\"cnt\":1,\"nsecs\":1,"
                 "\"misses\":1}]",
                 DC_AT_SINGLE_prog_runtime_stats, 0, "[]"));
}

static bool matches(const char *pattern, const char *path) {
    return dc_diff_path_matches(pattern, path, strlen(path));
}

static void matches_a_path_or_what_is_above_it(void) {
    CHECK(matches("maps", "maps"));
    CHECK(matches("maps", "maps[a].value"));
    CHECK(matches("maps[a]", "maps[a].value"));
    CHECK(matches("maps[a].value", "maps[a].value"));
    CHECK(!matches("maps[a].val", "maps[a].value"));
    CHECK(!matches("map", "maps[a]"));
    CHECK(!matches("maps[a].value.x", "maps[a].value"));
    CHECK(matches("*.value", "maps[a].value.x"));
    CHECK(matches("maps[*.bss]", "maps[k.bss].value"));
    CHECK(!matches("maps[*.bss]", "maps[k.data].value"));
    CHECK(matches("*", ""));
    CHECK(matches("", ""));
    CHECK(!matches("", "maps"));
    CHECK(matches("ma?s", "maps"));
    CHECK(!matches("maps?", "maps"));
    CHECK(matches("*a*b*c", "xaybzc"));
    CHECK(!matches("*a*b*c", "xaybz"));
    /* What a terminal shows can be given back; the rest stands for itself. */
    CHECK(matches("maps[a\\x0ab]", "maps[a\nb]"));
    CHECK(matches("maps[\\u202e]", "maps[\xe2\x80\xae]"));
    CHECK(matches("maps[\\xe9]", "maps[\xc3\xa9]"));
    CHECK(matches("maps[\\*]", "maps[*]"));
    CHECK(!matches("maps[\\*]", "maps[a]"));
    CHECK(matches("maps[\\?\\\\]", "maps[?\\]"));
    CHECK(matches("maps[a\\b]", "maps[a\\b]"));
    CHECK(!matches("maps[\\x0", "maps[\n"));
    CHECK(!matches("maps[\\u20", "maps[ "));
}

/* A pattern that is made to try everything must not take forever. */
static void is_not_slow(void) {
    char path[20001], pattern[2001];
    memset(path, 'a', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    for (size_t i = 0; i + 1 < sizeof(pattern); i++)
        pattern[i] = i % 2 ? 'a' : '*';
    pattern[sizeof(pattern) - 2] = 'b';
    pattern[sizeof(pattern) - 1] = '\0';
    CHECK(!matches(pattern, path));
}

int main(void) {
    UNIT_RUN(writes_steps);
    UNIT_RUN(calls_elements_by_their_keys);
    UNIT_RUN(matches_a_path_or_what_is_above_it);
    UNIT_RUN(is_not_slow);
    return unit_done();
}
