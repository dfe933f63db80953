/*
 * The banner when memory or the sink fails, and folding, which it stands on.
 */
#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

#include "lib/show.h"
#include "lib/text.h"

static const char degraded[] =
    "{\"schema\":\"degraded\",\"reason\":\"a \\u001b reason\",\"watchpoint_hit\":true,"
    "\"bss_latch_state\":\"triggered\",\"vcpu_regs\":[null,{\"instruction_pointer\":1,"
    "\"stack_pointer\":2,\"page_table_root\":3,\"user_page_table_root\":4},null],"
    "\"dumpctl\":{\"version\":\"1\",\"guest\":{\"name\":\"demo:stall\"},\"vcpus\":["
    "{\"id\":0,\"state\":\"unavailable\",\"read_errno\":14},"
    "{\"id\":1,\"state\":\"parked\",\"park_us\":7,\"why\":\"crashed\"},"
    "{\"id\":2,\"state\":\"not_parked\",\"last_exit\":\"KVM_EXIT_IO\"}]}}";
static const char missing[] = "{\"MissingStats\":{\"tag\":\"t\",\"reason\":{"
                              "\"MissingResp\":{\"args\":{\"b\":1}}}}}";
static const char dual[] =
    "{\"schema\":\"dual\",\"early_skipped_reason\":\"r\",\"late\":{\"schema\":\"single\","
    "\"maps\":[],\"sdt_alloc_unavailable\":\"x\",\"scx_walker_unavailable\":\"x\"}}";

/* Something of every kind of section, as short as it can be. */
static const char full[] =
    "{\"schema\":\"single\",\"maps\":[{\"name\":\"h\",\"map_type\":1,\"value_size\":4,"
    "\"max_entries\":4,\"entries\":[{\"key\":{\"kind\":\"uint\",\"bits\":32,\"value\":1},"
    "\"key_hex\":\"01\",\"value\":{\"kind\":\"uint\",\"bits\":32,\"value\":2},"
    "\"value_hex\":\"02\",\"payload\":{\"kind\":\"struct\",\"type_name\":\"t\","
    "\"members\":"
    "[{\"name\":\"a\",\"value\":{\"kind\":\"array\",\"len\":2,\"elements\":["
    "{\"kind\":\"struct\",\"type_name\":null,\"members\":[]},"
    "{\"kind\":\"ptr\",\"value\":5}]}}]}}]},{\"name\":\"p\",\"map_type\":5,"
    "\"value_size\":4,\"max_entries\":1,\"percpu_hash_entries\":[{\"key_hex\":\"07\","
    "\"per_cpu\":[{\"kind\":\"uint\",\"bits\":32,\"value\":1},null,"
    "{\"kind\":\"uint\",\"bits\":32,\"value\":3}]}]}],\"vcpu_regs\":["
    "{\"instruction_pointer\":1,\"stack_pointer\":2,\"page_table_root\":3},"
    "{\"instruction_pointer\":1,\"stack_pointer\":2,\"page_table_root\":3}],"
    "\"rq_scx_states\":[{\"cpu\":0,\"nr_running\":1,\"flags\":0,\"cpu_released\":false,"
    "\"ops_qseq\":0,\"runnable_task_kvas\":[7]}],\"prog_runtime_stats\":[{\"name\":\"n\","
    "\"cnt\":1,\"nsecs\":5,\"misses\":0}],\"scx_static_ranges\":{\"skipped\":1}}";

/* ---- memory ---- */

typedef int (*show_fn)(struct dc_sink sink, const struct dc_model *model,
                       const struct dc_show_options *options, struct dc_error *err);

static int short_json(struct dc_sink sink, const struct dc_model *model,
                      const struct dc_show_options *options, struct dc_error *err) {
    struct dc_writer w;
    dc_writer_init(&w, sink, true, false);
    int rc = dc_show_short_json(&w, model, options, err);
    return dc_writer_finish(&w) < 0 ? -1 : rc;
}

static int data(struct dc_sink sink, const struct dc_model *model,
                const struct dc_show_options *options, struct dc_error *err) {
    struct dc_writer w;
    dc_writer_init(&w, sink, true, false);
    int rc = dc_show_json(&w, model, options, err);
    return dc_writer_finish(&w) < 0 ? -1 : rc;
}

static int discard(void *ctx, const char *data, size_t len) {
    (void)data;
    *(size_t *)ctx += len;
    return 0;
}

/* Lets each allocation of one call fail in turn. */
static void fail_each(show_fn show, const struct dc_model *model) {
    for (size_t fail = 1; fail < 1000; fail++) {
        struct aid_memory memory = {.fail = fail};
        struct dc_show_options how = {
            .alloc = aid_alloc(&memory), .width = 80, .name = "r.json", .titled = true};
        struct dc_error err = {.code = DC_OK};
        size_t written = 0;
        struct dc_sink sink = {.write = discard, .ctx = &written};
        int rc = show(sink, model, &how, &err);
        CHECK_EQ_U64(memory.live, 0);
        if (!memory.failed) {
            CHECK(rc == 0 && written > 0 && fail > 1);
            return;
        }
        CHECK(rc < 0);
        CHECK_EQ_U64(err.code, DC_ENOMEM);
    }
    CHECK(false);
}

static void says_when_memory_runs_out(void) {
    static const char *const texts[] = {degraded, missing, dual, full};
    static const show_fn calls[] = {dc_show, dc_show_short, short_json, data,
                                    dc_show_html};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct dc_report report;
        struct dc_model model;
        struct dc_error err;
        if (!CHECK(aid_read_text(&report, texts[i], &err) == 0))
            continue;
        dc_model_init(&model, &report, "r.json");
        for (size_t k = 0; k < sizeof(calls) / sizeof(calls[0]); k++)
            fail_each(calls[k], &model);
        dc_report_done(&report);
    }
}

static int refuse(void *ctx, const char *data, size_t len) {
    (void)ctx, (void)data, (void)len;
    return -1;
}

static void says_when_the_sink_fails(void) {
    struct dc_report report;
    struct dc_model model;
    struct dc_error err;
    if (!CHECK(aid_read_text(&report, degraded, &err) == 0))
        return;
    dc_model_init(&model, &report, "r.json");
    struct dc_show_options how = {.alloc = dc_alloc_libc, .width = 80, .name = "r"};
    struct dc_sink sink = {.write = refuse};
    CHECK(dc_show(sink, &model, &how, &err) < 0);
    CHECK_EQ_U64(err.code, DC_EIO);
    CHECK(dc_show_short(sink, &model, &how, &err) < 0);
    CHECK_EQ_U64(err.code, DC_EIO);
    CHECK(dc_show_html(sink, &model, &how, &err) < 0);
    CHECK_EQ_U64(err.code, DC_EIO);
    dc_report_done(&report);
}

/* ---- folding ---- */

static void check_fold(const char *text, unsigned indent, unsigned lines,
                       const char *want, size_t left_out) {
    struct dc_buf out;
    struct dc_text t;
    dc_buf_init(&out, dc_alloc_libc);
    dc_text_init(&t, dc_buf_sink(&out), false, 20);
    CHECK_EQ_U64(dc_text_fold(&t, text, strlen(text), indent, lines), left_out);
    CHECK(dc_text_finish(&t) == 0);
    CHECK_MEM(out.data, out.len, want, strlen(want));
    dc_buf_done(&out);
}

static void folds_at_blanks(void) {
    check_fold("", 2, 0, "", 0);
    check_fold("one two", 2, 0, "one two", 0);
    check_fold("0123456789 012345678 x", 2, 0, "0123456789 012345678\n  x", 0);
    check_fold("0123456789 0123456789", 2, 0, "0123456789\n  0123456789", 0);
    /* Blanks at a fold and at the end are not written, others are. */
    check_fold("01234567890123456789     x   y  ", 2, 0, "01234567890123456789\n  x   y",
               0);
    check_fold("                              x", 2, 0, "x", 0);
    check_fold("     ", 2, 0, "", 0);
}

static void breaks_words_longer_than_a_line(void) {
    check_fold("0123456789012345678901234567", 0, 0, "01234567890123456789\n01234567", 0);
    /* Where the line still has room that is worth it, the word begins there. */
    check_fold("a 0123456789012345678901234567", 2, 0,
               "a 012345678901234567\n  8901234567", 0);
    check_fold("0123456789 0123456789012345678901", 2, 0,
               "0123456789\n  012345678901234567\n  8901", 0);
}

static void counts_what_has_no_room(void) {
    check_fold("0123456789 0123456789", 2, 1, "0123456789 ...", 11);
    check_fold("0123456789012345678", 2, 1, "0123456789012345678", 0);
    check_fold("one two three four five six", 2, 2, "one two three four\n  five six", 0);
    check_fold("one two three four five six seven eight", 2, 2,
               "one two three four\n  five six seven ...", 6);
}

/* A character that becomes wider than the narrowest line must not stop the loop. */
static void ends_with_wide_escapes(void) {
    check_fold("\xf3\xa0\x81\x81\xf3\xa0\x81\x81", 10, 0, "\\u{e0041}\\u{e0041}", 0);
    check_fold("\xf3\xa0\x81\x81\xf3\xa0\x81\x81\xf3\xa0\x81\x81", 10, 1, "\\u{e0041}...",
               8);
}

int main(void) {
    UNIT_RUN(says_when_memory_runs_out);
    UNIT_RUN(says_when_the_sink_fails);
    UNIT_RUN(folds_at_blanks);
    UNIT_RUN(breaks_words_longer_than_a_line);
    UNIT_RUN(counts_what_has_no_room);
    UNIT_RUN(ends_with_wide_escapes);
    return unit_done();
}
