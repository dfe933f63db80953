/* The numbers in statistics, over samples: which fields there are, gaps, exact values. */
#include "lib/series.h"

#include "lib/samples.h"
#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

static struct dc_report report;
static struct dc_model model;
static struct dc_series_set set;
static struct dc_buf text;

/* `samples`: elements of the list. */
static bool begin(const char *samples) {
    struct dc_error err;
    dc_buf_init(&text, dc_alloc_libc);
    dc_buf_text(&text,
                "{\"schema\":\"single\",\"maps\":[],\"dumpctl\":{\"version\":\"1\","
                "\"samples\":[");
    dc_buf_text(&text, samples);
    dc_buf_text(&text, "]}}");
    if (!CHECK(aid_read(&report, text.data, text.len, &err) == 0)) {
        printf("# %s: %s\n", err.pointer, err.message);
        return false;
    }
    dc_model_init(&model, &report, NULL);
    const struct dc_list *list = dc_model_main(&model)->samples;
    return CHECK(dc_series_collect(&set, list, dc_alloc_libc, &err) == 0);
}

static void end(void) {
    dc_series_done(&set);
    dc_report_done(&report);
    dc_buf_done(&text);
}

#define HAS(json) "{\"tag\":\"t\",\"elapsed_ms\":1,\"stats\":" json "}"
#define LACKS "{\"tag\":\"t\",\"elapsed_ms\":1,\"missing_stats\":\"Cancelled\"}"

static const struct dc_series *field(const char *name) {
    for (size_t i = 0; i < set.n; i++)
        if (dc_str_is(set.all[i]->name, name))
            return set.all[i];
    CHECK(!"the field");
    printf("# no field %s\n", name);
    static const struct dc_series none;
    return &none;
}

static bool is(struct dc_series_value value, const char *want) {
    struct dc_buf out;
    dc_buf_init(&out, dc_alloc_libc);
    dc_series_add_value(value, &out);
    bool same = dc_str_is((struct dc_str){out.data, out.len}, want);
    if (!same)
        unit_bytes(want, out.data, out.len);
    dc_buf_done(&out);
    return same;
}

static bool draws(const char *name, unsigned columns, const char *want) {
    struct dc_buf out;
    dc_buf_init(&out, dc_alloc_libc);
    dc_series_spark(&set, field(name), columns, &out);
    bool same = dc_str_is((struct dc_str){out.data, out.len}, want);
    if (!same)
        printf("# %s: \"%.*s\", not \"%s\"\n", name, (int)out.len, out.data, want);
    dc_buf_done(&out);
    return same;
}

static void fields_are_those_of_all_samples(void) {
    if (!begin(LACKS
               "," HAS("{\"b\":1}") "," HAS("null") "," HAS("{\"a\":{\"x\":{\"y\":2}},"
                                                            "\"b\":3}")))
        return;
    CHECK_EQ_U64(set.n, 3);
    CHECK_EQ_U64(field("$")->count, 0); /* null is no number */
    CHECK_EQ_U64(field("a.x.y")->count, 1);
    CHECK_EQ_U64(field("b")->count, 2);
    CHECK(draws("b", 8, "\xc2\xb7\xe2\x96\x81\xc2\xb7\xe2\x96\x88"));
    end();
}

static void names_are_sorted_and_never_run_together(void) {
    static const char *const want[] = {"\"\"",   "\"$\"", "\"a.b\"", "\"a\\\"\"",
                                       "a.\"\"", "a.b",   "é"};
    if (!begin(HAS("{\"\xc3\xa9\":1,\"a.b\":2,\"a\":{\"b\":3,\"\":4},\"\":5,\"$\":6,"
                   "\"a\\\"\":7}")))
        return;
    CHECK_EQ_U64(set.n, 7);
    for (size_t i = 0; i < set.n && i < 7; i++)
        if (!CHECK(dc_str_is(set.all[i]->name, want[i])))
            unit_bytes(want[i], set.all[i]->name.p, set.all[i]->name.len);
    CHECK(is(field("a.b")->last, "3"));
    CHECK(is(field("\"a.b\"")->last, "2"));
    end();
}

static void statistics_may_be_a_single_number(void) {
    if (!begin(HAS("5") "," HAS("7") "," HAS("\"x\"")))
        return;
    CHECK_EQ_U64(set.n, 1);
    CHECK(is(field("$")->last, "7"));
    CHECK(draws("$", 8, "\xe2\x96\x81\xe2\x96\x88\xc2\xb7"));
    end();
}

static void what_is_no_number_is_a_gap(void) {
    if (!begin(HAS("{\"n\":0}") "," HAS("{\"n\":\"1\"}") "," HAS("{\"n\":true}") "," HAS(
            "{"
            "\""
            "n"
            "\""
            ":n"
            "ul"
            "l"
            "}") "," HAS("{\"n\":[1]}") "," HAS("{\"n\":{\"m\":1}}") "," HAS("{}") "," HAS("{\"n\""
                                                                                           ":0}")))
        return;
    CHECK_EQ_U64(field("n")->count, 2);
    CHECK(!field("n")->moved);
    CHECK(draws("n", 8,
                "\xe2\x96\x81\xc2\xb7\xc2\xb7\xc2\xb7\xc2\xb7\xc2\xb7\xc2\xb7"
                "\xe2\x96\x81"));
    end();
}

static void of_a_name_that_stands_twice_the_last_counts(void) {
    if (!begin(HAS("{\"n\":1,\"n\":2}") "," HAS("{\"n\":3,\"n\":\"x\"}") "," HAS(
            "{\"n\":null,\"n\":4}")))
        return;
    CHECK_EQ_U64(field("n")->count, 2);
    CHECK(is(field("n")->least, "2"));
    CHECK(is(field("n")->last, "4"));
    CHECK(draws("n", 8, "\xe2\x96\x81\xc2\xb7\xe2\x96\x88"));
    end();
}

/* Neighbours that no double tells apart. */
static void numbers_are_exact(void) {
    if (!begin(HAS("{\"u\":18446744073709551615,\"i\":-9223372036854775808,\"f\":0.1}") "," HAS(
            "{\"u\":18446744073709551614,\"i\":-9223372036854775807,\"f\":-1e308}") "," HAS("{\"u\":9007199254740993,\"i\":18446744073709551615,\"f\":1e308}")))
        return;
    CHECK(is(field("u")->most, "18446744073709551615"));
    CHECK(is(field("u")->least, "9007199254740993"));
    CHECK(is(field("i")->least, "-9223372036854775808"));
    CHECK(is(field("i")->most, "18446744073709551615"));
    CHECK(is(field("f")->least, "-1e+308"));
    CHECK(field("u")->moved);
    const struct dc_series_point *u = field("u")->points;
    CHECK(dc_series_compare(u->value, u->next->value) > 0);
    /* Only the greatest is at the top, be the others as near as they can. */
    CHECK(draws("u", 8, "\xe2\x96\x88\xe2\x96\x87\xe2\x96\x81"));
    CHECK(draws("f", 8, "\xe2\x96\x84\xe2\x96\x81\xe2\x96\x88"));
    end();
}

static void many_samples_share_a_block(void) {
    struct dc_buf list;
    dc_buf_init(&list, dc_alloc_libc);
    for (int i = 0; i < 100; i++) {
        dc_buf_text(&list, i ? "," : "");
        dc_buf_text(&list, i == 55  ? HAS("{\"n\":9}")
                           : i < 50 ? HAS("{\"n\":1}")
                                    : LACKS);
    }
    dc_buf_add(&list, "", 1);
    if (begin(list.data)) {
        CHECK(draws("n", 4, "\xe2\x96\x81\xe2\x96\x81\xe2\x96\x88\xc2\xb7"));
        end();
    }
    dc_buf_done(&list);
}

static void more_fields_than_there_is_room_for_are_counted(void) {
    struct dc_buf list;
    char name[64], longest[DC_SERIES_NAME + 2];
    dc_buf_init(&list, dc_alloc_libc);
    dc_buf_text(&list, "{\"tag\":\"t\",\"elapsed_ms\":1,\"stats\":{");
    for (int i = 0; i < DC_SERIES_MOST + 10; i++) {
        snprintf(name, sizeof(name), "%s\"f%d\":1", i ? "," : "", i);
        dc_buf_text(&list, name);
    }
    memset(longest, 'x', sizeof(longest));
    longest[DC_SERIES_NAME + 1] = '\0';
    dc_buf_text(&list, ",\"");
    dc_buf_text(&list, longest);
    dc_buf_text(&list, "\":1}}");
    dc_buf_add(&list, "", 1);
    if (begin(list.data)) {
        CHECK_EQ_U64(set.n, DC_SERIES_MOST);
        CHECK_EQ_U64(set.left_out, 11);
        end();
    }
    dc_buf_done(&list);
}

static void every_lack_of_memory_is_told(void) {
    struct aid_memory memory;
    struct dc_error err;
    if (!begin(HAS("{\"a\":1,\"b\":{\"c\":2}}") "," HAS("{\"d\":-1.5}")))
        return;
    const struct dc_list *list = dc_model_main(&model)->samples;
    bool done = false;
    for (size_t fail = 1; !done && fail < 100; fail++) {
        struct dc_series_set other;
        memory = (struct aid_memory){.fail = fail};
        int rc = dc_series_collect(&other, list, aid_alloc(&memory), &err);
        CHECK_EQ_U64(rc == 0, !memory.failed);
        CHECK(rc == 0 || err.code == DC_ENOMEM);
        done = rc == 0;
        dc_series_done(&other);
        CHECK_EQ_U64(memory.live, 0);
    }
    CHECK(done);
    end();
}

/* ---- what the samples come to ---- */

static void each_reason_is_counted_by_its_name(void) {
    struct dc_buf out;
    if (!begin(LACKS "," HAS(
            "null") "," LACKS
                    ",{\"tag\":\"a\",\"elapsed_ms\":1,\"missing_stats\":{\"NoScheduler\":"
                    "{\"reason\":\"x\"}}}"))
        return;
    struct dc_coverage coverage = dc_samples_cover(dc_model_main(&model)->samples);
    struct dc_coverage none = {0}, more = coverage;
    dc_buf_init(&out, dc_alloc_libc);
    dc_coverage_add(&coverage, &out);
    static const char want[] =
        "1 of 4 samples had statistics; missing: NoScheduler 1, Cancelled 2";
    CHECK_MEM(out.data, out.len, want, strlen(want));
    more.missing[3]++;
    CHECK(dc_coverage_is_like(&coverage, &more));
    CHECK(!dc_coverage_is_like(&coverage, &none));
    more.missing[8]++;
    CHECK(!dc_coverage_is_like(&coverage, &more));
    dc_buf_done(&out);
    end();
}

/* Nothing of a relay, or of a watchdog, that a run of one's own does not have. */
static void why_there_are_none_is_said_as_it_was(void) {
    static const char *const want[] = {"no answer within 500 ms",
                                       "the run was to end before an answer came",
                                       "connect x: refused"};
    struct dc_buf out;
    struct dc_error err;
    size_t i = 0;
    if (!begin(
            "{\"tag\":\"a\",\"elapsed_ms\":1,\"missing_stats\":\"Cancelled\","
            "\"deadline_ms\":500}," LACKS ",{\"tag\":\"a\",\"elapsed_ms\":1,"
            "\"missing_stats\":{\"NoScheduler\":{\"reason\":\"connect x: refused\"}}}"))
        return;
    const struct dc_list *list = dc_model_main(&model)->samples;
    dc_buf_init(&out, dc_alloc_libc);
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk); i++) {
        const struct dc_rec *sample = walk.value.rec;
        out.len = 0;
        CHECK_EQ_I64(dc_samples_why(dc_record(sample, DC_AT_STATS_SAMPLE_missing_stats),
                                    dc_u64(sample, DC_AT_STATS_SAMPLE_deadline_ms), &out,
                                    &err),
                     0);
        CHECK_MEM(out.data, out.len, want[i], strlen(want[i]));
    }
    CHECK_EQ_U64(i, 3);
    dc_buf_done(&out);
    end();
}

/* ---- never both, never neither ---- */

static void refused(const char *sample, enum dc_code code, const char *pointer,
                    const char *message) {
    struct dc_error err = {0};
    struct dc_report other;
    char document[512];
    snprintf(
        document, sizeof(document),
        "{\"schema\":\"single\",\"maps\":[],\"dumpctl\":{\"version\":\"1\",\"samples\":"
        "[" HAS("1") ",%s]}}",
        sample);
    int rc = aid_read_text(&other, document, &err);
    CHECK_EQ_I64(rc, -1);
    CHECK_EQ_U64(err.code, code);
    CHECK_STR(err.pointer, pointer);
    CHECK(strstr(err.message, message) != NULL);
    dc_report_done(&other);
}

static void a_sample_has_statistics_or_a_reason(void) {
    static const char at[] = "/dumpctl/samples/1";
    refused("{\"tag\":\"t\",\"elapsed_ms\":1}", DC_EMISSING, at,
            "one of the members \"stats\" and \"missing_stats\" must be there");
    refused(
        "{\"tag\":\"t\",\"elapsed_ms\":1,\"stats\":null,\"missing_stats\":\"Cancelled\"}",
        DC_EDUPLICATE, at,
        "of the members \"stats\" and \"missing_stats\" only one may be there");
    refused(
        "{\"tag\":\"t\",\"missing_stats\":\"Cancelled\",\"elapsed_ms\":1,\"stats\":{}}",
        DC_EDUPLICATE, at, "only one may be there");
    refused("{\"tag\":\"t\",\"elapsed_ms\":1,\"missing_stats\":null}", DC_ETYPE,
            "/dumpctl/samples/1/missing_stats", "expected");
    refused("{\"tag\":\"t\",\"elapsed_ms\":1,\"missing_stats\":\"Nope\"}", DC_EVARIANT,
            "/dumpctl/samples/1/missing_stats", "Nope");
}

int main(void) {
    UNIT_RUN(fields_are_those_of_all_samples);
    UNIT_RUN(names_are_sorted_and_never_run_together);
    UNIT_RUN(statistics_may_be_a_single_number);
    UNIT_RUN(what_is_no_number_is_a_gap);
    UNIT_RUN(of_a_name_that_stands_twice_the_last_counts);
    UNIT_RUN(numbers_are_exact);
    UNIT_RUN(many_samples_share_a_block);
    UNIT_RUN(more_fields_than_there_is_room_for_are_counted);
    UNIT_RUN(every_lack_of_memory_is_told);
    UNIT_RUN(each_reason_is_counted_by_its_name);
    UNIT_RUN(why_there_are_none_is_said_as_it_was);
    UNIT_RUN(a_sample_has_statistics_or_a_reason);
    return unit_done();
}
