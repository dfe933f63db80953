/* Cells of records as text and as data: fields, lists, and addresses with their names. */
#include "lib/cell.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

static const struct dc_cell_style plain, all = {.all = true};

static void check_text(const struct dc_cell *cell, const struct dc_cell_style *style,
                       enum dc_scale scale, const char *want) {
    struct dc_buf out;
    dc_buf_init(&out, dc_alloc_libc);
    dc_cell_text(cell, style, scale, &out);
    CHECK_MEM(out.data, out.len, want, strlen(want));
    dc_buf_done(&out);
}

static void check_json(const struct dc_cell *cell, const char *want) {
    struct dc_buf out;
    struct dc_writer w;
    dc_buf_init(&out, dc_alloc_libc);
    dc_writer_init(&w, dc_buf_sink(&out), true, false);
    dc_cell_json(&w, cell);
    CHECK(dc_writer_finish(&w) == 0);
    CHECK_MEM(out.data, out.len, want, strlen(want));
    dc_buf_done(&out);
}

static struct dc_cell number(uint64_t value, enum dc_unit unit) {
    return (struct dc_cell){.kind = DC_CELL_NUMBER, .unit = unit, .number = value};
}

/* ---- symbols ---- */

static const char map[] = "ffffffff81000000 T _stext\nffffffff81000200 T schedule\n"
                          "ffffffff81001000 T _etext\n";

static void addresses_have_names_where_symbols_are(void) {
    struct dc_symbols symbols;
    struct dc_error err;
    if (!CHECK(dc_symbols_read(&symbols, map, strlen(map), dc_alloc_libc, &err) == 0))
        return;
    const struct dc_cell_style sure = {.symbols = &symbols},
                               unsure = {.symbols = &symbols, .doubtful = true};
    struct dc_cell cell = number(0xffffffff81000208, DC_ADDRESS);
    check_text(&cell, &plain, DC_SCALE_OWN, "0xffffffff81000208");
    check_text(&cell, &sure, DC_SCALE_OWN, "0xffffffff81000208 schedule+0x8");
    check_text(&cell, &unsure, DC_SCALE_NS, "0xffffffff81000208 schedule+0x8?");
    check_json(&cell, "\"0xffffffff81000208\"");
    cell = number(0xffffffff81000200, DC_ADDRESS);
    check_text(&cell, &unsure, DC_SCALE_OWN, "0xffffffff81000200 schedule?");
    cell = number(0x1234, DC_ADDRESS); /* nothing near: no blank at the end either */
    check_text(&cell, &sure, DC_SCALE_OWN, "0x1234");
    check_text(&cell, &unsure, DC_SCALE_OWN, "0x1234");
    cell = number(0xffffffff81000208, DC_BITMAP); /* no address */
    check_text(&cell, &sure, DC_SCALE_OWN, "0xffffffff81000208");
    struct dc_buf out;
    dc_buf_init(&out, dc_alloc_libc);
    CHECK(!dc_cell_add_symbol(&plain, 0xffffffff81000200, &out));
    CHECK(!dc_cell_add_symbol(&unsure, 0x1234, &out));
    CHECK_EQ_U64(out.len, 0);
    CHECK(dc_cell_add_symbol(&unsure, 0xffffffff81000201, &out));
    CHECK_MEM(out.data, out.len, "schedule+0x1?", 13);
    dc_buf_done(&out);
    dc_symbols_done(&symbols);
}

/* ---- cells of records ---- */

#define RQ(more, kvas)                                                                   \
    "{\"schema\":\"single\",\"maps\":[],\"rq_scx_states\":[{\"cpu\":0,\"nr_running\":7," \
    "\"flags\":16,\"cpu_released\":true,\"ops_qseq\":0" more                             \
    ",\"runnable_task_kvas\":[" kvas "]}]}"

static const struct dc_rec *start(struct dc_report *report, const char *text) {
    struct dc_error err;
    if (!CHECK(aid_read_text(report, text, &err) == 0)) {
        printf("#   %s: %s\n", err.pointer, err.message);
        return NULL;
    }
    return dc_list_rec(dc_list_of(report->root, DC_AT_SINGLE_rq_scx_states), 0);
}

static void a_field_becomes_a_cell_of_its_kind(void) {
    struct dc_report report;
    const struct dc_rec *rq =
        start(&report, RQ(",\"rq_clock\":12000,\"curr_pid\":-1", "1,2"));
    if (!rq)
        return;
    static const struct {
        int field;
        const char *text, *json;
    } cases[] = {
        {DC_AT_RQ_SCX_cpu, "0", "0"},
        {DC_AT_RQ_SCX_nr_running, "7", "7"},
        {DC_AT_RQ_SCX_flags, "0x10", "\"0x10\""},
        {DC_AT_RQ_SCX_cpu_released, "true", "true"},
        {DC_AT_RQ_SCX_kick_sync, "", "null"}, /* optional, and not there */
        {DC_AT_RQ_SCX_rq_clock, "12.000 us", "12000"},
        {DC_AT_RQ_SCX_curr_pid, "-1", "-1"},
        {DC_AT_RQ_SCX_curr_comm, "", "null"},
        {DC_AT_RQ_SCX_runnable_task_kvas, "2: 0x1 0x2", "[\"0x1\",\"0x2\"]"},
        {DC_AT_RQ_SCX_runnable_truncated, "false", "false"}, /* its default */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dc_cell cell = dc_cell_of(rq, (size_t)cases[i].field);
        check_text(&cell, &plain, DC_SCALE_OWN, cases[i].text);
        check_json(&cell, cases[i].json);
    }
    struct dc_cell cell = dc_cell_of(report.root, DC_AT_SINGLE_maps);
    CHECK_EQ_U64(cell.kind, DC_CELL_NONE); /* lists of records have tables */
    dc_report_done(&report);
}

static void long_lists_are_cut_and_counted(void) {
    struct dc_report report;
    const struct dc_rec *rq = start(&report, RQ("", "1,2,3,4,5,6,7,8,9,10"));
    if (!rq)
        return;
    struct dc_cell cell = dc_cell_of(rq, DC_AT_RQ_SCX_runnable_task_kvas);
    check_text(&cell, &plain, DC_SCALE_OWN,
               "10: 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8 \xe2\x80\xa6 (+2 more; --all)");
    check_text(&cell, &all, DC_SCALE_OWN, "10: 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8 0x9 0xa");
    check_text(&cell, &all, DC_SCALE_NS, "10"); /* in a column: how many */
    CHECK(!dc_cell_is_zero(&cell));
    dc_report_done(&report);
    rq = start(&report, RQ("", ""));
    if (!rq)
        return;
    cell = dc_cell_of(rq, DC_AT_RQ_SCX_runnable_task_kvas);
    check_text(&cell, &plain, DC_SCALE_OWN, "0");
    check_json(&cell, "[]");
    CHECK(dc_cell_is_zero(&cell));
    dc_report_done(&report);
    rq = start(&report, RQ("", "1,2,3,4,5,6,7,8"));
    if (!rq)
        return;
    cell = dc_cell_of(rq, DC_AT_RQ_SCX_runnable_task_kvas);
    check_text(&cell, &plain, DC_SCALE_OWN, "8: 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8");
    dc_report_done(&report);
}

/* A symbol that had no room must not take the address with it. */
static void says_when_memory_runs_out(void) {
    struct dc_symbols symbols;
    struct dc_error err;
    if (!CHECK(dc_symbols_read(&symbols, map, strlen(map), dc_alloc_libc, &err) == 0))
        return;
    const struct dc_cell_style style = {.symbols = &symbols};
    char filler[256 - 18];
    memset(filler, '-', sizeof(filler));
    for (size_t fail = 1; fail <= 3; fail++) {
        struct aid_memory memory = {.fail = fail};
        struct dc_cell cell = number(0xffffffff81000200, DC_ADDRESS);
        struct dc_buf out;
        dc_buf_init(&out, aid_alloc(&memory));
        dc_buf_add(&out, filler, sizeof(filler)); /* the address fills the first block */
        dc_cell_text(&cell, &style, DC_SCALE_OWN, &out);
        CHECK(dc_buf_ok(&out) == (fail > 2));
        CHECK_EQ_U64(out.len, fail == 1 ? 0 : fail == 2 ? 256 : 256 + 9);
        dc_buf_done(&out);
        CHECK_EQ_U64(memory.live, 0);
    }
    dc_symbols_done(&symbols);
}

int main(void) {
    UNIT_RUN(addresses_have_names_where_symbols_are);
    UNIT_RUN(a_field_becomes_a_cell_of_its_kind);
    UNIT_RUN(long_lists_are_cut_and_counted);
    UNIT_RUN(says_when_memory_runs_out);
    return unit_done();
}
