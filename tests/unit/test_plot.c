/* A counter over time: what is said of it, and its line of blocks. */
#include "lib/plot.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

struct fixture {
    struct dc_report report;
    struct dc_plot plot;
    char *text;
};

/* A timeline of `n` samples, 10 ms apart from 5 ms on, with `values` in one counter. */
static bool start(struct fixture *f, const int64_t *values, size_t n) {
    struct dc_buf text;
    struct dc_error err;
    dc_buf_init(&text, dc_alloc_libc);
    dc_buf_text(&text, "{\"schema\":\"single\",\"maps\":[],\"event_counter_timeline\":[");
    for (size_t i = 0; i < n; i++) {
        char sample[640];
        snprintf(sample, sizeof(sample),
                 "%s{\"elapsed_ms\":%zu,\"select_cpu_fallback\":%" PRId64
                 ",\"dispatch_local_dsq_offline\":3,\"dispatch_keep_last\":0,"
                 "\"enq_skip_exiting\":0,\"enq_skip_migration_disabled\":0,"
                 "\"reenq_immed\":0,\"reenq_local_repeat\":0,\"refill_slice_dfl\":0,"
                 "\"bypass_duration\":0,\"bypass_dispatch\":0,\"bypass_activate\":0,"
                 "\"insert_not_owned\":0,\"sub_bypass_dispatch\":0}",
                 i ? "," : "", 5 + 10 * i, values[i]);
        dc_buf_text(&text, sample);
    }
    dc_buf_text(&text, "]}");
    f->text = text.data;
    if (!CHECK(aid_read(&f->report, text.data, text.len, &err) == 0)) {
        printf("#   %s: %s\n", err.pointer, err.message);
        free(f->text);
        return false;
    }
    f->plot = (struct dc_plot){
        .name = "select_cpu_fallback",
        .list = dc_list_of(f->report.root, DC_AT_SINGLE_event_counter_timeline),
        .field = DC_AT_EVENT_SAMPLE_select_cpu_fallback,
        .at = DC_AT_EVENT_SAMPLE_elapsed_ms,
    };
    return true;
}

static void stop(struct fixture *f) {
    dc_report_done(&f->report);
    free(f->text);
}

/* want: a digit for each block, 0 the lowest. */
static void check_spark(const int64_t *values, size_t n, unsigned columns,
                        const char *want) {
    struct fixture f;
    struct dc_buf out;
    char blocks[256];
    size_t len = 0;
    if (!start(&f, values, n))
        return;
    for (; *want; want++)
        len += (size_t)sprintf(blocks + len, "\xe2\x96%c", (char)(0x81 + *want - '0'));
    dc_buf_init(&out, dc_alloc_libc);
    dc_plot_spark(&f.plot, columns, &out);
    CHECK_MEM(out.data, out.len, blocks, len);
    dc_buf_done(&out);
    stop(&f);
}
#define SPARK(columns, want, ...)                                                        \
    check_spark((const int64_t[]){__VA_ARGS__},                                          \
                sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (columns),     \
                (want))

static void blocks_rise_with_the_value(void) {
    SPARK(60, "01234567", 0, 1, 2, 3, 4, 5, 6, 7);
    SPARK(60, "70", 1, 0);
    SPARK(60, "07", 1000000, 1000001);
    SPARK(60, "0367", -100, -50, -1, 0);
    /* Only the greatest has the highest block. */
    SPARK(60, "067", 0, 999999, 1000000);
}

static void what_never_changes_is_flat(void) {
    SPARK(60, "000", 0, 0, 0);
    SPARK(60, "444", 5, 5, 5);
    SPARK(60, "44", INT64_MIN, INT64_MIN);
    SPARK(60, "4", INT64_MAX);
    SPARK(60, "0", 0);
    check_spark(NULL, 0, 60, "");
    check_spark(NULL, 0, 0, "");
}

/* The span is 2^64 - 1; halfway is 3.5 of 7. */
static void the_widest_span_does_not_overflow(void) {
    SPARK(60, "07", INT64_MIN, INT64_MAX);
    SPARK(60, "70", INT64_MAX, INT64_MIN);
    SPARK(60, "0367", INT64_MIN, 0, INT64_MAX - 1, INT64_MAX);
    SPARK(60, "0337", INT64_MIN, -1, 1, INT64_MAX);
    SPARK(60, "07", INT64_MIN, INT64_MIN + 1);
}

static void many_samples_keep_the_greatest_of_each_part(void) {
    SPARK(1, "7", 0, 1, 2, 7);
    SPARK(2, "37", 0, 3, 5, 7);
    SPARK(4, "0257", 0, 2, 5, 7); /* as many as there is room for: all */
    SPARK(3, "027", 0, 2, 5, 7);  /* parts of 1, 1 and 2 */
    /* A peak is shown wherever in its part it stands. */
    SPARK(2, "77", 7, 0, 7, 0);
    SPARK(2, "77", 0, 7, 3, 0, 7, 4);
    SPARK(2, "70", 0, 7, 0, 0);
    SPARK(2, "57", -9, -4, -7, -2);
    SPARK(2, "07", INT64_MIN, INT64_MIN, INT64_MIN, INT64_MAX);
}

static void a_line_has_as_many_blocks_as_columns(void) {
    int64_t values[100];
    for (size_t i = 0; i < 100; i++)
        values[i] = (int64_t)i;
    for (unsigned columns = 1; columns <= 110; columns++) {
        struct fixture f;
        struct dc_buf out;
        if (!start(&f, values, 100))
            return;
        dc_buf_init(&out, dc_alloc_libc);
        dc_plot_spark(&f.plot, columns, &out);
        CHECK_EQ_U64(out.len, 3 * (size_t)(columns < 100 ? columns : 100));
        /* The last sample is always there: it is the greatest here. */
        CHECK_MEM(out.data + out.len - 3, 3, "\xe2\x96\x88", 3);
        dc_buf_done(&out);
        stop(&f);
    }
}

/* ---- parts ---- */

/* want: value and last sample of each part, such as "7@1 -3@4 ". */
static void check_parts(const int64_t *values, size_t n, size_t most, const char *want) {
    struct fixture f;
    char got[256] = "";
    size_t len = 0;
    if (!start(&f, values, n))
        return;
    struct dc_plot_parts parts = dc_plot_parts(&f.plot, most);
    while (len < sizeof(got) - 50 && dc_plot_next(&parts))
        len += (size_t)sprintf(got + len, "%" PRId64 "@%zu ", parts.value, parts.index);
    CHECK_STR(got, want);
    CHECK(!dc_plot_next(&parts)); /* and it stays at the end */
    stop(&f);
}
#define PARTS(most, want, ...)                                                           \
    check_parts((const int64_t[]){__VA_ARGS__},                                          \
                sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (most),        \
                (want))

static void a_part_has_its_greatest_value(void) {
    PARTS(1, "9@4 ", 4, 9, 2, -5, -3);
    PARTS(2, "9@1 2@4 ", 4, 9, 2, -5, -3);
    PARTS(3, "4@0 9@2 -3@4 ", 4, 9, 2, -5, -3);
    PARTS(2, "-4@1 -2@3 ", -4, -9, -7, -2); /* none is taken over from the part before */
    PARTS(1, "-9223372036854775808@1 ", INT64_MIN, INT64_MIN);
    PARTS(1, "9223372036854775807@1 ", INT64_MAX, INT64_MIN);
}

static void few_samples_come_one_by_one(void) {
    PARTS(3, "4@0 9@1 2@2 ", 4, 9, 2);
    PARTS(4, "4@0 9@1 2@2 ", 4, 9, 2);
    PARTS(SIZE_MAX, "4@0 9@1 2@2 ", 4, 9, 2);
    PARTS(1, "4@0 ", 4);
    PARTS(0, "", 4, 9, 2);
    check_parts(NULL, 0, 0, "");
    check_parts(NULL, 0, 60, "");
}

/* Parts are equal but for one sample, and each sample is in one of them. */
static void parts_miss_no_sample(void) {
    enum { COUNT = 100 };
    struct aid_random random = {4711};
    struct fixture f;
    int64_t values[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        values[i] = (int64_t)aid_random(&random);
    if (!start(&f, values, COUNT))
        return;
    for (size_t most = 1; most <= COUNT + 1; most++) {
        struct dc_plot_parts parts = dc_plot_parts(&f.plot, most);
        size_t n = most < COUNT ? most : COUNT, at = 0, bad = 0, found = 0;
        for (; dc_plot_next(&parts); found++) {
            size_t size = parts.index + 1 - at;
            int64_t greatest = INT64_MIN;
            bad += size != COUNT / n && size != (COUNT + n - 1) / n;
            for (; at <= parts.index && at < COUNT; at++)
                greatest = values[at] > greatest ? values[at] : greatest;
            bad += parts.value != greatest;
        }
        CHECK_EQ_U64(found, n);
        CHECK_EQ_U64(at, COUNT);
        CHECK_EQ_U64(bad, 0);
    }
    stop(&f);
}

/* ---- facts ---- */

static bool look(const int64_t *values, size_t n, struct dc_plot_facts *facts) {
    struct fixture f;
    if (!start(&f, values, n))
        return false;
    *facts = dc_plot_look(&f.plot);
    stop(&f);
    return true;
}
#define LOOK(facts, ...)                                                                 \
    look((const int64_t[]){__VA_ARGS__},                                                 \
         sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (facts))

static void facts_say_where_it_was_and_when_it_moved(void) {
    struct dc_plot_facts facts;
    if (!LOOK(&facts, 4, 4, 9, 7, 7))
        return;
    CHECK_EQ_U64(facts.count, 5);
    CHECK_EQ_I64(facts.first, 4);
    CHECK_EQ_I64(facts.last, 7);
    CHECK_EQ_I64(facts.least, 4);
    CHECK_EQ_I64(facts.most, 9);
    CHECK_EQ_U64(facts.first_ms, 5);
    CHECK_EQ_U64(facts.last_ms, 45);
    CHECK(facts.moved);
    CHECK_EQ_U64(facts.moved_ms, 35);
    CHECK_EQ_I64(facts.moved_by, -2);
}

static void what_stands_still_has_not_moved(void) {
    struct dc_plot_facts facts;
    if (!LOOK(&facts, -3, -3, -3))
        return;
    CHECK(!facts.moved);
    CHECK_EQ_U64(facts.moved_ms, 0);
    CHECK_EQ_I64(facts.moved_by, 0);
    CHECK(facts.least == -3 && facts.most == -3 && facts.first == -3 && facts.last == -3);
    if (LOOK(&facts, 8))
        CHECK(!facts.moved && facts.count == 1 && facts.first_ms == 5 &&
              facts.last_ms == 5 && facts.last == 8);
    if (look(NULL, 0, &facts))
        CHECK(!facts.moved && facts.count == 0 && facts.last == 0);
}

static void a_return_to_the_first_value_has_moved(void) {
    struct dc_plot_facts facts;
    if (LOOK(&facts, 0, 1, 0))
        CHECK(facts.moved && facts.moved_ms == 25 && facts.moved_by == -1);
}

static void steps_wrap_as_the_counter_does(void) {
    struct dc_plot_facts facts;
    if (LOOK(&facts, INT64_MAX, INT64_MIN)) {
        CHECK_EQ_I64(facts.moved_by, 1);
        CHECK_EQ_I64(facts.least, INT64_MIN);
        CHECK_EQ_I64(facts.most, INT64_MAX);
    }
    if (LOOK(&facts, INT64_MIN, INT64_MAX))
        CHECK_EQ_I64(facts.moved_by, -1);
    if (LOOK(&facts, INT64_MIN, 0))
        CHECK_EQ_I64(facts.moved_by, INT64_MIN);
}

static void another_field_is_another_plot(void) {
    struct fixture f;
    const int64_t values[] = {1, 2};
    if (!start(&f, values, 2))
        return;
    f.plot.field = DC_AT_EVENT_SAMPLE_dispatch_local_dsq_offline;
    struct dc_plot_facts facts = dc_plot_look(&f.plot);
    CHECK(!facts.moved && facts.last == 3);
    stop(&f);
}

static void says_when_memory_runs_out(void) {
    struct aid_memory memory = {.fail = 1};
    struct fixture f;
    struct dc_buf out;
    const int64_t values[] = {1, 2, 3};
    if (!start(&f, values, 3))
        return;
    dc_buf_init(&out, aid_alloc(&memory));
    dc_plot_spark(&f.plot, 60, &out);
    CHECK(memory.failed && !dc_buf_ok(&out) && out.len == 0);
    dc_buf_done(&out);
    CHECK_EQ_U64(memory.live, 0);
    stop(&f);
}

int main(void) {
    UNIT_RUN(blocks_rise_with_the_value);
    UNIT_RUN(what_never_changes_is_flat);
    UNIT_RUN(the_widest_span_does_not_overflow);
    UNIT_RUN(many_samples_keep_the_greatest_of_each_part);
    UNIT_RUN(a_line_has_as_many_blocks_as_columns);
    UNIT_RUN(a_part_has_its_greatest_value);
    UNIT_RUN(few_samples_come_one_by_one);
    UNIT_RUN(parts_miss_no_sample);
    UNIT_RUN(facts_say_where_it_was_and_when_it_moved);
    UNIT_RUN(what_stands_still_has_not_moved);
    UNIT_RUN(a_return_to_the_first_value_has_moved);
    UNIT_RUN(steps_wrap_as_the_counter_does);
    UNIT_RUN(another_field_is_another_plot);
    UNIT_RUN(says_when_memory_runs_out);
    return unit_done();
}
