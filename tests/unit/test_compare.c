/*
 * Differences as rows: what happens when memory runs out, laws over pairs of documents,
 * and the walk over registers.
 */
#include "lib/show_diff.h"
#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

/* Two reports and their models. */
struct two {
    struct dc_report reports[2];
    struct dc_model models[2];
};

static bool read_two(struct two *two, const char *a, const char *b) {
    struct dc_error err;
    if (!CHECK(aid_read_text(&two->reports[0], a, &err) == 0))
        return false;
    if (!CHECK(aid_read_text(&two->reports[1], b, &err) == 0)) {
        dc_report_done(&two->reports[0]);
        return false;
    }
    dc_model_init(&two->models[0], &two->reports[0], "a");
    dc_model_init(&two->models[1], &two->reports[1], "b");
    return true;
}

static void done_two(struct two *two) {
    dc_report_done(&two->reports[0]);
    dc_report_done(&two->reports[1]);
}

/* Compares, and renders both ways into `text` and `json`. */
static int render(const struct two *two, struct dc_alloc alloc, enum dc_noise noise,
                  struct dc_buf *text, struct dc_buf *json, size_t *rows) {
    struct dc_error err;
    struct dc_diff diff;
    struct dc_writer w;
    struct dc_diff_options how = {.alloc = alloc, .noise = noise};
    struct dc_show_diff_options show = {.alloc = alloc, .width = 80, .names = {"a", "b"}};
    int rc = dc_diff_init(&diff, &two->models[0], &two->models[1], &how, &err);
    dc_buf_init(text, alloc);
    dc_buf_init(json, alloc);
    if (rc == 0) {
        *rows = diff.n_rows + dc_diff_total(&diff);
        rc = dc_show_diff(dc_buf_sink(text), &diff, &show, &err);
        dc_writer_init(&w, dc_buf_sink(json), true, false);
        if (rc == 0)
            rc = dc_show_diff_json(&w, &diff, &show, &err);
        if (dc_writer_finish(&w) < 0)
            rc = -1;
    }
    dc_diff_done(&diff);
    return rc;
}

#define REGS(ip)                                                                         \
    "{\"instruction_pointer\":" #ip ",\"stack_pointer\":2,\"page_table_root\":3}"
#define MAP(name, error)                                                                 \
    "{\"name\":\"" name "\",\"map_type\":1,\"value_size\":1,\"max_entries\":1,"          \
    "\"error\":\"" error "\"}"

static const char rich_a[] = "{\"schema\":\"single\",\"maps\":[" MAP("x", "1") "," MAP(
    "y", "2") "],"
              "\"vcpu_regs\":[" REGS(1) ",null," REGS(
                  5) ",null],\"u\":{\"b\":1,\"a\":[2]},"
                     "\"dumpctl\":{\"version\":\"1\",\"guest\":{\"name\":\"g\"},"
                     "\"elapsed_us\":1}}";
static const char rich_b[] = "{\"schema\":\"single\",\"maps\":[" MAP("y", "3") "," MAP(
    "x", "1") "],"
              "\"vcpu_regs\":[null," REGS(1) "," REGS(
                  6) "],\"u\":{\"a\":[2],\"b\":3},"
                     "\"dumpctl\":{\"version\":\"1\",\"guest\":{\"name\":\"h\"},"
                     "\"elapsed_us\":2}}";

/* What takes memory elsewhere: storage that is paired by what it says, text in arrays, free
   JSON in other spellings, unknown members in lists. */
#define STORED(key, pid, runs)                                                           \
    "{\"key\":{\"kind\":\"ptr\",\"value\":" key                                          \
    "},\"key_hex\":\"\",\"value_hex\":\"\",\"u\":"                                       \
    "[1],\"value\":{\"kind\":\"struct\",\"members\":[{\"name\":\"pid\",\"value\":{"      \
    "\"kind\":"                                                                          \
    "\"int\",\"bits\":32,\"value\":" pid                                                 \
    "}},{\"name\":\"runs\",\"value\":{\"kind\":\"int\","                                 \
    "\"bits\":32,\"value\":" runs "}}]}}"
#define CHAR(c) "{\"kind\":\"char\",\"value\":" #c "}"
#define STORAGE(entries, text, free)                                                     \
    "{\"schema\":\"single\",\"maps\":[{\"name\":\"s\",\"map_type\":29,\"value_size\":8," \
    "\"max_entries\":0,\"entries\":[" entries                                            \
    "],\"value\":{\"kind\":\"array\",\"len\":3,"                                         \
    "\"elements\":[" text "]}}],\"u\":" free                                             \
    ",\"vcpu_regs\":[" REGS(18446744071578845184) "]}"

static const char stored_a[] =
    STORAGE(STORED("1", "7", "1") "," STORED("2", "8", "2"),
            CHAR(97) "," CHAR(98) "," CHAR(0), "{\"a\":1.50,\"b\":2}");
static const char stored_b[] =
    STORAGE(STORED("3", "8", "5") "," STORED("4", "7", "6"),
            CHAR(97) "," CHAR(0) "," CHAR(0), "{\"b\":2,\"a\":1.5}");

/* Every allocation fails once; both renderers, with and without what does not count. */
static size_t fail_each(const char *a, const char *b, enum dc_noise noise) {
    struct two two;
    struct aid_memory memory = {.fail = 0};
    struct dc_buf text, json;
    size_t rows = 0, failures = 0;
    if (!read_two(&two, a, b))
        return 0;
    for (size_t fail = 1; fail < 1000; fail++) {
        memory = (struct aid_memory){.fail = fail};
        int rc = render(&two, aid_alloc(&memory), noise, &text, &json, &rows);
        dc_buf_done(&text);
        dc_buf_done(&json);
        CHECK_EQ_U64(memory.live, 0);
        if (!memory.failed) {
            CHECK(rc == 0);
            break;
        }
        CHECK(rc < 0);
        failures++;
    }
    done_two(&two);
    return failures;
}

static void survives_each_failing_allocation(void) {
    static const char *const pairs[][2] = {{rich_a, rich_b}, {stored_a, stored_b}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        for (int noise = DC_NOISE_BOTH; noise <= DC_NOISE_NONE; noise++) {
            size_t failures = fail_each(pairs[i][0], pairs[i][1], (enum dc_noise)noise);
            CHECK(failures > 10 && failures < 900);
        }
}

static const char *const samples[] = {
    rich_a,
    rich_b,
    "{\"schema\":\"single\",\"maps\":[]}",
    "{\"schema\":\"single\",\"maps\":[],\"is_placeholder\":true}",
    "{\"schema\":\"degraded\",\"reason\":\"r\",\"watchpoint_hit\":true,"
    "\"bss_latch_state\":\"triggered\",\"vcpu_regs\":[null," REGS(9) "]}",
    "{\"schema\":\"degraded\",\"reason\":\"\",\"watchpoint_hit\":false,"
    "\"bss_latch_state\":\"\",\"exit_kind\":1026,\"zz\":[]}",
    "{\"schema\":\"dual\",\"late\":{\"schema\":\"single\",\"maps\":[]}}",
    "{\"schema\":\"dual\",\"early\":{\"schema\":\"\",\"maps\":[],\"vcpu_regs\":[null]},"
    "\"late\":{\"schema\":\"single\",\"maps\":[],\"vcpu_regs\":[" REGS(4) "]}}",
    "{\"RequestTooLarge\":{\"size\":1,\"max\":2}}",
    "{\"MissingStats\":{\"tag\":\"t\",\"reason\":{\"NoScheduler\":{\"reason\":\"\"}}}}",
    "{\"MissingStats\":{\"tag\":\"t\",\"reason\":{\"RequestTooLarge\":{\"size\":1,"
    "\"max\":2,\"q\":1}}}}",
};
enum { N_SAMPLES = sizeof(samples) / sizeof(samples[0]) };

/* Whether comparing b to a finds as much as a to b; and nothing in what is the same. */
static void check_pair(size_t i, size_t k) {
    struct two two, back;
    struct dc_buf text, json;
    size_t rows = 0, rows_back = 0;
    if (!read_two(&two, samples[i], samples[k]))
        return;
    if (read_two(&back, samples[k], samples[i])) {
        CHECK(render(&two, dc_alloc_libc, DC_NOISE_NONE, &text, &json, &rows) == 0);
        CHECK((rows == 0) == (i == k));
        CHECK((text.len == 0) == (i == k));
        dc_buf_done(&text);
        dc_buf_done(&json);
        CHECK(render(&back, dc_alloc_libc, DC_NOISE_NONE, &text, &json, &rows_back) == 0);
        CHECK_EQ_U64(rows_back, rows);
        dc_buf_done(&text);
        dc_buf_done(&json);
        done_two(&back);
    }
    done_two(&two);
}

static void finds_nothing_only_in_what_is_the_same(void) {
    for (size_t i = 0; i < N_SAMPLES; i++)
        for (size_t k = 0; k < N_SAMPLES; k++)
            check_pair(i, k);
}

static void counts_states_and_registers(void) {
    struct two two;
    struct dc_diff diff;
    struct dc_error err;
    struct dc_diff_options how = {.alloc = dc_alloc_libc};
    if (!read_two(&two, rich_a, rich_b))
        return;
    CHECK(dc_diff_init(&diff, &two.models[0], &two.models[1], &how, &err) == 0);
    CHECK_EQ_U64(diff.n_pairs, 1);
    CHECK_EQ_U64(diff.pairs[0].regs.compared, 1);
    CHECK_EQ_U64(diff.pairs[0].regs.moved.count, 1);
    CHECK_EQ_U64(diff.pairs[0].changed[DC_PARKED][DC_UNAVAILABLE].count, 1);
    CHECK_EQ_U64(diff.pairs[0].changed[DC_UNAVAILABLE][DC_PARKED].count, 1);
    CHECK_EQ_U64(diff.pairs[0].changed[DC_UNAVAILABLE][DC_DIFF_ABSENT].count, 1);
    CHECK_EQ_U64(diff.pairs[0].regs.still.count, 0);
    dc_diff_done(&diff);
    done_two(&two);
}

int main(void) {
    UNIT_RUN(survives_each_failing_allocation);
    UNIT_RUN(finds_nothing_only_in_what_is_the_same);
    UNIT_RUN(counts_states_and_registers);
    return unit_done();
}
