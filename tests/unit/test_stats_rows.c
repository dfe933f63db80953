/* Statistics into rows: what is known of each, paths, finding, changes, memory. */
#include "lib/stats_change.h"
#include "lib/stats_rows.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

static const char meta_text[] =
    "{\"Layer\":{\"fields\":{\"util\":{\"datum\":\"float\",\"desc\":\"CPU %\"},"
    "\"bits\":{\"array\":\"u64\"}},\"user\":{\"_om_label\":\"l\"}},"
    "\"Top\":{\"top\":\"true\",\"desc\":\"all\",\"fields\":{"
    "\"layers\":{\"dict\":{\"key\":\"string\",\"datum\":{\"struct\":\"Layer\"}}},"
    "\"main\":{\"datum\":{\"struct\":\"Layer\"}},"
    "\"list\":{\"array\":{\"struct\":\"Layer\"}},"
    "\"odd\":7,\"lost\":{\"datum\":{\"struct\":\"None\"}}}}}";

struct sample {
    struct dc_stats_meta meta;
    struct dc_stats_rows rows;
};

static bool open_sample(struct sample *s, const char *meta, const char *text,
                        const char *target) {
    struct dc_error err = {.code = DC_OK};
    if (!CHECK(dc_stats_meta_read(&s->meta, meta, strlen(meta), dc_alloc_libc, &err) ==
               0))
        return false;
    if (CHECK(dc_stats_rows_read(&s->rows, text, strlen(text), &s->meta, target,
                                 dc_alloc_libc, &err) == 0))
        return true;
    dc_stats_meta_done(&s->meta);
    return false;
}

static void close_sample(struct sample *s) {
    dc_stats_rows_done(&s->rows);
    dc_stats_meta_done(&s->meta);
}

static bool row_is(const struct dc_stats_row *row, const char *path,
                   enum dc_stats_kind kind, const char *text) {
    char got[DC_STATS_PATH_MAX];
    size_t len = dc_stats_path(row->node, got);
    bool good = CHECK(len == strlen(path) && memcmp(got, path, len) == 0);
    good &= CHECK_EQ_U64(row->kind, kind);
    good &= CHECK(dc_str_is(row->text, text));
    if (!good)
        printf("#   %.*s = %.*s\n", (int)len, got, (int)row->text.len, row->text.p);
    return good;
}

static void every_value_is_a_row_with_its_text(void) {
    static const char text[] =
        "{\"a\":18446744073709551615,\"b\":-9223372036854775808,\"c\":1.50,\"d\":null,"
        "\"e\":true,\"f\":\"x\\ny\",\"g\":[1,\"a,\\\"b\",null],\"h\":{},\"i\":[],"
        "\"j\":[[1],{\"k\":2}]}";
    struct sample s;
    if (!open_sample(&s, "{}", text, NULL))
        return;
    const struct dc_stats_row *row = s.rows.rows;
    if (CHECK_EQ_U64(s.rows.count, 11)) {
        row_is(row++, "a", DC_STATS_NUMBER, "18446744073709551615");
        row_is(row++, "b", DC_STATS_NUMBER, "-9223372036854775808");
        row_is(row++, "c", DC_STATS_NUMBER, "1.50");
        row_is(row++, "d", DC_STATS_NULL, "null");
        row_is(row++, "e", DC_STATS_TRUTH, "true");
        row_is(row++, "f", DC_STATS_STRING, "x\ny");
        row_is(row++, "g", DC_STATS_LIST, "1, \"a,\\\"b\", null");
        row_is(row++, "h", DC_STATS_EMPTY, "{}");
        row_is(row++, "i", DC_STATS_EMPTY, "[]");
        row_is(row++, "j[0]", DC_STATS_LIST, "1");
        row_is(row++, "j[1].k", DC_STATS_NUMBER, "2");
    }
    close_sample(&s);
}

static void meta_describes_structs_dictionaries_and_arrays(void) {
    static const char text[] =
        "{\"layers\":{\"x\":{\"util\":1.0,\"more\":2}},\"list\":[{\"util\":3.0}],"
        "\"lost\":{\"util\":4.0},\"main\":{\"bits\":[5],\"util\":6.0},\"odd\":7}";
    struct sample s;
    if (!open_sample(&s, meta_text, text, "top"))
        return;
    const struct dc_stats_row *rows = s.rows.rows;
    if (CHECK_EQ_U64(s.rows.count, 7)) {
        CHECK(dc_str_is(dc_stats_unit(rows[0].node->field), "%"));
        CHECK_EQ_U64(rows[0].node->parent->step, DC_STATS_KEY);
        CHECK(rows[1].node->field == NULL); /* more */
        CHECK(dc_str_is(rows[2].node->field->desc, "CPU %"));
        CHECK_EQ_U64(rows[2].node->parent->step, DC_STATS_ELEMENT);
        CHECK(rows[3].node->field == NULL); /* its struct is not in meta */
        CHECK_EQ_U64(rows[4].node->field->shape, DC_STATS_ARRAY);
        CHECK(dc_str_is(rows[5].node->field->name, "util"));
        CHECK_EQ_U64(rows[6].node->field->shape, DC_STATS_UNKNOWN);
    }
    CHECK(s.meta.top && dc_str_is(s.meta.top->name, "Top"));
    CHECK_EQ_U64(s.meta.structs->references, 3);
    close_sample(&s);
}

static void another_target_is_described_by_its_members_alone(void) {
    struct sample s;
    if (!open_sample(&s, meta_text, "{\"s\":[{\"bits\":[],\"util\":1.0}]}", "other"))
        return;
    CHECK(s.rows.rows[1].node->field != NULL);
    close_sample(&s);
    if (!open_sample(&s, meta_text, "{\"s\":[{\"util\":1.0}]}", "other"))
        return;
    CHECK(s.rows.rows[0].node->field == NULL); /* one is missing: not this struct */
    close_sample(&s);
}

static void two_structs_with_the_same_members_describe_nothing(void) {
    static const char meta[] = "{\"A\":{\"fields\":{\"x\":{\"datum\":\"u64\"}}},"
                               "\"B\":{\"fields\":{\"x\":{\"datum\":\"u64\"}}},"
                               "\"C\":{\"fields\":{\"y\":{\"datum\":\"u64\"}}}}";
    struct sample s;
    if (!open_sample(&s, meta, "{\"s\":{\"x\":1},\"t\":{\"y\":1}}", "other"))
        return;
    CHECK(s.rows.rows[0].node->field == NULL);
    CHECK(s.rows.rows[1].node->field != NULL);
    close_sample(&s);
}

static void rows_are_found_again_by_their_steps(void) {
    struct sample a, b;
    if (!open_sample(&a, "{}", "{\"a\":{\"b\":1},\"a.b\":2,\"c\":[{\"d\":3},{\"d\":4}]}",
                     NULL))
        return;
    if (open_sample(&b, meta_text, "{\"c\":[{\"d\":5},{\"d\":6}],\"a.b\":7,\"x\":8}",
                    NULL)) {
        const struct dc_stats_row *found =
            dc_stats_rows_find(&a.rows, b.rows.rows[1].node);
        CHECK(found && dc_str_is(found->text, "4"));
        found = dc_stats_rows_find(&a.rows, b.rows.rows[2].node);
        CHECK(found && dc_str_is(found->text, "2"));
        CHECK(!dc_stats_rows_find(&a.rows, b.rows.rows[3].node));
        CHECK(!dc_stats_rows_find(&b.rows, a.rows.rows[0].node));
        close_sample(&b);
    }
    close_sample(&a);
}

static void units_are_those_that_are_said(void) {
    static const struct {
        const char *desc, *unit;
    } cases[] = {
        {"slice in usecs", "us"},
        {"latency (ms)", "ms"},
        {"size [bytes], rounded", "bytes"},
        {"% dispatched into idle CPU", "%"},
        {"CPU busy % (100% means all CPU)", "%"},
        {"Total CPU utilization (100% means one full CPU)", "%"},
        {"time in ms.", "ms"},
        {"busy above 80%", NULL},
        {"tasks in system", NULL},
        {"due to min_exec_us", NULL},
        {"ms", NULL},
        {"", NULL},
        {"in", NULL},
        {"( )", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dc_stats_field field = {.desc = {cases[i].desc, strlen(cases[i].desc)}};
        struct dc_str unit = dc_stats_unit(&field);
        if (!CHECK(cases[i].unit ? dc_str_is(unit, cases[i].unit) : !unit.p))
            printf("#   %s\n", cases[i].desc);
    }
    const struct dc_stats_user user = {{"unit", 4}, {"apples", 6}, NULL};
    struct dc_stats_field field = {.desc = {"in ms", 5}, .user = &user};
    CHECK(dc_str_is(dc_stats_unit(&field), "apples"));
}

static void changes_are_exact(void) {
    static const struct {
        const char *before, *now;
        uint64_t us;
        const char *by, *rate;
    } cases[] = {
        {"0", "18446744073709551615", 1000000, "+18446744073709551615",
         "+18446744073709551615"},
        {"-9223372036854775808", "18446744073709551615", 1000000, "+27670116110564327423",
         "+27670116110564327423"},
        {"18446744073709551615", "0", 2000000, "-18446744073709551615",
         "-9223372036854775807.5"},
        {"5", "5", 1000000, "0", "0"},
        {"5", "6", 100000000, "+1", "+0.01"},
        {"5", "6", 100000000000, "+1", "<0.001"},
        {"6", "5", 100000000000, "-1", "-<0.001"},
        {"1", "2", 0, "+1", "+1000000"},
        {"0.1", "0.3", 500000, "+0.2", "+0.4"},
        {"0.3", "0.1", 1000000, "-0.2", "-0.2"},
        {"1", "1.25", 1000000, "+0.25", "+0.25"},
        {"1e300", "0.0", 1000000, "-1e+300", "-1e+300"},
        {"0.0", "1e-12", 1000000, "+1e-12", "+1e-12"},
        {"1.0", "1.0", 1000000, "0", "0"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dc_stats_row before = {
            NULL, DC_STATS_NUMBER, {cases[i].before, strlen(cases[i].before)}};
        struct dc_stats_row now = {
            NULL, DC_STATS_NUMBER, {cases[i].now, strlen(cases[i].now)}};
        struct dc_stats_change got = dc_stats_change(&now, &before, cases[i].us);
        CHECK_STR(got.by, cases[i].by);
        CHECK_STR(got.rate, cases[i].rate);
    }
    struct dc_stats_row text = {NULL, DC_STATS_STRING, {"a", 1}};
    struct dc_stats_row number = {NULL, DC_STATS_NUMBER, {"1", 1}};
    CHECK_STR(dc_stats_change(&text, NULL, 1).by, "new");
    CHECK_STR(dc_stats_change(&text, &text, 1).by, "same");
    CHECK_STR(dc_stats_change(&text, &number, 1).by, "changed");
}

static void a_deep_path_is_cut_at_a_character(void) {
    char text[2048], path[DC_STATS_PATH_MAX];
    size_t n = 0, len;
    for (int i = 0; i < 100; i++)
        n += (size_t)sprintf(text + n, "{\"k\xc3\xa4y%d\":", i);
    n += (size_t)sprintf(text + n, "1");
    for (int i = 0; i < 100; i++)
        text[n++] = '}';
    text[n] = '\0';
    struct sample s;
    if (!open_sample(&s, "{}", text, NULL))
        return;
    len = dc_stats_path(s.rows.rows[0].node, path);
    CHECK(len <= DC_STATS_PATH_MAX && memcmp(path + len - 3, "...", 3) == 0);
    CHECK(memcmp(path, "k\xc3\xa4y0.k\xc3\xa4y1.", 12) == 0);
    close_sample(&s);
}

static void what_is_no_meta_is_a_fault_with_a_place(void) {
    static const char *const bad[] = {"", "[]", "7",
                                      "{\"a\":", "{\"a\":{\"fields\":{x}}}"};
    struct dc_stats_meta meta;
    struct dc_stats_rows rows;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct dc_error err = {.code = DC_OK};
        CHECK(dc_stats_meta_read(&meta, bad[i], strlen(bad[i]), dc_alloc_libc, &err) < 0);
        CHECK(err.code == DC_ESYNTAX || err.code == DC_ETYPE);
        CHECK(err.line == 1);
    }
    struct dc_error err = {.code = DC_OK};
    CHECK(dc_stats_rows_read(&rows, "{\"a\":[1,}", 9, NULL, NULL, dc_alloc_libc, &err) <
          0);
    CHECK_EQ_U64(err.code, DC_ESYNTAX);
}

static void every_failing_allocation_is_survived(void) {
    static const char text[] =
        "{\"layers\":{\"x\":{\"bits\":[1,2],\"util\":1.0}},\"s\":\"t\"}";
    for (size_t fail = 1; fail < 200; fail++) {
        struct aid_memory memory = {.fail = fail};
        struct dc_alloc alloc = aid_alloc(&memory);
        struct dc_stats_meta meta;
        struct dc_stats_rows rows;
        struct dc_error err = {.code = DC_OK};
        int rc = dc_stats_meta_read(&meta, meta_text, strlen(meta_text), alloc, &err);
        if (rc == 0) {
            rc = dc_stats_rows_read(&rows, text, strlen(text), &meta, NULL, alloc, &err);
            if (rc == 0)
                dc_stats_rows_done(&rows);
            dc_stats_meta_done(&meta);
        }
        CHECK_EQ_U64(memory.live, 0);
        CHECK_EQ_U64(rc < 0, memory.failed);
        CHECK(!memory.failed || err.code == DC_ENOMEM);
        if (!memory.failed)
            return;
    }
    CHECK(false);
}

int main(void) {
    UNIT_RUN(every_value_is_a_row_with_its_text);
    UNIT_RUN(meta_describes_structs_dictionaries_and_arrays);
    UNIT_RUN(another_target_is_described_by_its_members_alone);
    UNIT_RUN(two_structs_with_the_same_members_describe_nothing);
    UNIT_RUN(rows_are_found_again_by_their_steps);
    UNIT_RUN(units_are_those_that_are_said);
    UNIT_RUN(changes_are_exact);
    UNIT_RUN(a_deep_path_is_cut_at_a_character);
    UNIT_RUN(what_is_no_meta_is_a_fault_with_a_place);
    UNIT_RUN(every_failing_allocation_is_survived);
    return unit_done();
}
