/* Metrics: what becomes one, what it is called, and that names do not follow the values. */
#include "lib/openmetrics.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

struct told {
    struct dc_buf out, remarks;
};

static void left_out(void *ctx, struct dc_str path, enum dc_om_why why) {
    struct told *told = ctx;
    dc_buf_add(&told->remarks, path.p, path.len);
    dc_buf_text(&told->remarks, ":");
    dc_buf_text(&told->remarks, dc_om_why_words(why));
    dc_buf_text(&told->remarks, ";");
}

static void renamed(void *ctx, struct dc_str path, const char *wanted, const char *name) {
    struct told *told = ctx;
    dc_buf_add(&told->remarks, path.p, path.len);
    dc_buf_text(&told->remarks, ":");
    dc_buf_text(&told->remarks, wanted);
    dc_buf_text(&told->remarks, "->");
    dc_buf_text(&told->remarks, name);
    dc_buf_text(&told->remarks, ";");
}

/* Metrics of `text` into *told, which tell_done() frees. 0, or -1. */
static int tell(struct told *told, const char *meta_text, const char *text, bool visible,
                struct dc_alloc alloc, struct dc_error *err) {
    const struct dc_om_remarks remarks = {left_out, renamed, told};
    struct dc_stats_meta meta;
    struct dc_stats_rows rows;
    dc_buf_init(&told->out, dc_alloc_libc);
    dc_buf_init(&told->remarks, dc_alloc_libc);
    if (meta_text &&
        dc_stats_meta_read(&meta, meta_text, strlen(meta_text), alloc, err) < 0)
        return -1;
    const struct dc_stats_meta *known = meta_text ? &meta : NULL;
    int rc = dc_stats_rows_read(&rows, text, strlen(text), known, NULL, alloc, err);
    if (rc == 0) {
        rc = dc_openmetrics_write(dc_buf_sink(&told->out), &rows, known, visible,
                                  &remarks, alloc, err);
        dc_stats_rows_done(&rows);
    }
    if (known)
        dc_stats_meta_done(&meta);
    return rc;
}

static void tell_done(struct told *told) {
    dc_buf_done(&told->out);
    dc_buf_done(&told->remarks);
}

static void check(const char *meta, const char *text, const char *want,
                  const char *remarks) {
    struct told told = {0};
    struct dc_error err;
    CHECK(tell(&told, meta, text, false, dc_alloc_libc, &err) == 0);
    CHECK_MEM(told.out.data, told.out.len, want, strlen(want));
    CHECK_MEM(told.remarks.data, told.remarks.len, remarks, strlen(remarks));
    tell_done(&told);
}

static void numbers_become_gauges_and_the_rest_is_told(void) {
    check(NULL,
          "{\"a\":18446744073709551615,\"b\":-0.5,\"c\":\"x\",\"d\":[1],\"e\":null,"
          "\"f\":true,\"g\":{},\"h\":[{\"x\":1},{\"x\":2}]}",
          "# TYPE a gauge\na 18446744073709551615\n# TYPE b gauge\nb -0.5\n"
          "# TYPE f gauge\nf 1\n# EOF\n",
          "c:text;d:array;e:null;h:array;");
    check(NULL, "{}", "# EOF\n", "");
    check(NULL, "7", "# EOF\n", "(value):no name, or one that is too long;");
}

static const char prefixed[] =
    "{\"L\":{\"fields\":{\"u\":{\"datum\":\"u64\",\"desc\":\"a \\\"b\\\"\\nc\\\\\"},"
    "\"s\":{\"datum\":\"u64\",\"user\":{\"_om_skip\":\"true\"}}},"
    "\"user\":{\"_om_label\":\"layer-name\",\"_om_prefix\":\"l_\"}},"
    "\"T\":{\"top\":\"true\",\"fields\":{\"ls\":{\"dict\":{\"key\":\"string\","
    "\"datum\":{\"struct\":\"L\"}}}}}}";

static void prefix_label_and_skip_are_honoured(void) {
    check(prefixed,
          "{\"ls\":{\"a\":{\"s\":1,\"u\":2},\"b\\\"\\\\\\n\":{\"s\":3,\"u\":4}}}",
          "# TYPE l_u gauge\n# HELP l_u a \\\"b\\\" c\\\\\n"
          "l_u{layer_name=\"a\"} 2\nl_u{layer_name=\"b\\\"\\\\\\n\"} 4\n# EOF\n",
          "");
}

static void a_key_that_no_label_can_hold_is_told(void) {
    check(prefixed, "{\"ls\":{\"a\\rb\":{\"u\":2}}}", "# EOF\n",
          "ls.*.u:a key that no label can hold;");
}

/* Two structs without prefix have a field `x`; which dictionaries are filled differs. */
static void names_do_not_follow_the_values(void) {
    static const char meta[] =
        "{\"A\":{\"fields\":{\"x\":{\"datum\":\"u64\"}}},"
        "\"B\":{\"fields\":{\"x\":{\"datum\":\"u64\"}}},"
        "\"T\":{\"top\":\"true\",\"fields\":{"
        "\"as\":{\"dict\":{\"key\":\"u64\",\"datum\":{\"struct\":\"A\"}}},"
        "\"bs\":{\"dict\":{\"key\":\"u64\",\"datum\":{\"struct\":\"B\"}}}}}}";
    check(meta, "{\"as\":{},\"bs\":{\"1\":{\"x\":2}}}",
          "# TYPE bs_x gauge\nbs_x{bs=\"1\"} 2\n# EOF\n", "");
    check(meta, "{\"as\":{\"0\":{\"x\":1}},\"bs\":{\"1\":{\"x\":2}}}",
          "# TYPE as_x gauge\nas_x{as=\"0\"} 1\n# TYPE bs_x gauge\nbs_x{bs=\"1\"} 2\n"
          "# EOF\n",
          "");
}

static void names_that_become_the_same_are_numbered(void) {
    check(NULL, "{\"a b\":1,\"a-b\":2,\"a_b_2\":3,\"\":4}",
          "# TYPE a_b gauge\na_b 1\n# TYPE a_b_3 gauge\na_b_3 2\n"
          "# TYPE a_b_2 gauge\na_b_2 3\n# TYPE _ gauge\n_ 4\n# EOF\n",
          "a-b:a_b->a_b_3;");
}

static void who_is_called_so_keeps_the_name(void) {
    check(NULL, "{\"a-b\":1,\"a\":{\"b\":2},\"a_b\":3}",
          "# TYPE a_b_3 gauge\na_b_3 1\n# TYPE a_b_2 gauge\na_b_2 2\n"
          "# TYPE a_b gauge\na_b 3\n# EOF\n",
          "a.b:a_b->a_b_2;a-b:a_b->a_b_3;");
}

/* As text, both ways are "a.b" and "ls.*.u". */
static void a_dot_and_an_asterisk_in_a_key_are_no_steps(void) {
    check(NULL, "{\"a.b\":1,\"a\":{\"b\":2}}",
          "# TYPE a_b_2 gauge\na_b_2 1\n# TYPE a_b gauge\na_b 2\n# EOF\n",
          "a.b:a_b->a_b_2;");
    check(prefixed, "{\"ls\":{\"k\":{\"u\":2}},\"ls.*\":{\"u\":3}}",
          "# TYPE l_u gauge\n# HELP l_u a \\\"b\\\" c\\\\\n"
          "l_u{layer_name=\"k\"} 2\n# TYPE ls___u gauge\nls___u 3\n# EOF\n",
          "");
}

static void a_name_without_end_is_told(void) {
    char text[2000], name[1501];
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    snprintf(text, sizeof(text), "{\"%s\":1}", name);
    struct told told = {0};
    struct dc_error err;
    CHECK(tell(&told, NULL, text, false, dc_alloc_libc, &err) == 0);
    CHECK_MEM(told.out.data, told.out.len, "# EOF\n", 6);
    CHECK(told.remarks.len < 400);
    tell_done(&told);
}

static void on_a_terminal_nothing_is_hidden(void) {
    struct told told = {0};
    struct dc_error err;
    CHECK(tell(&told, prefixed, "{\"ls\":{\"\\u001b[2J\":{\"u\":1}}}", true,
               dc_alloc_libc, &err) == 0);
    CHECK(!memchr(told.out.data, '\033', told.out.len));
    CHECK(memmem(told.out.data, told.out.len, "\\\\x1b[2J", 8) != NULL);
    tell_done(&told);
}

static void every_failing_allocation_is_survived(void) {
    for (size_t fail = 1; fail < 300; fail++) {
        struct aid_memory memory = {.fail = fail};
        struct told told = {0};
        struct dc_error err = {.code = DC_OK};
        int rc = tell(&told, prefixed, "{\"ls\":{\"a\":{\"u\":2}},\"x\":[1]}", false,
                      aid_alloc(&memory), &err);
        tell_done(&told);
        CHECK_EQ_U64(memory.live, 0);
        CHECK_EQ_U64(rc < 0, memory.failed);
        CHECK(!memory.failed || err.code == DC_ENOMEM);
        if (!memory.failed)
            return;
    }
    CHECK(false);
}

int main(void) {
    UNIT_RUN(numbers_become_gauges_and_the_rest_is_told);
    UNIT_RUN(prefix_label_and_skip_are_honoured);
    UNIT_RUN(a_key_that_no_label_can_hold_is_told);
    UNIT_RUN(names_do_not_follow_the_values);
    UNIT_RUN(names_that_become_the_same_are_numbered);
    UNIT_RUN(who_is_called_so_keeps_the_name);
    UNIT_RUN(a_dot_and_an_asterisk_in_a_key_are_no_steps);
    UNIT_RUN(a_name_without_end_is_told);
    UNIT_RUN(on_a_terminal_nothing_is_hidden);
    UNIT_RUN(every_failing_allocation_is_survived);
    return unit_done();
}
