/* Rows and columns: which rows are picked, in which order, and which columns they need. */
#include "lib/table.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

/* A list of run queues, or of registers with holes. */
struct fixture {
    struct dc_report report;
    struct dc_table table;
    char *text;
};

static const struct dc_column columns[] = {
    {.title = "CPU", .field = DC_AT_RQ_SCX_cpu},
    {.title = "running", .field = DC_AT_RQ_SCX_nr_running, .quiet = true},
    {.title = "clock", .field = DC_AT_RQ_SCX_rq_clock, .unit = DC_NS},
    {.title = "kick", .field = DC_AT_RQ_SCX_kick_sync, .quiet = true},
};

static bool before(const struct dc_row *a, const struct dc_row *b) {
    return dc_u64(a->rec, DC_AT_RQ_SCX_nr_running) >
           dc_u64(b->rec, DC_AT_RQ_SCX_nr_running);
}

static bool busy(const void *ctx, const struct dc_row *row) {
    return dc_u64(row->rec, DC_AT_RQ_SCX_nr_running) > *(const uint64_t *)ctx;
}

/* Run queues of CPU 0, 1, ... with so many tasks; `more` stands in each of them. */
static bool start(struct fixture *f, const unsigned *running, size_t n,
                  const char *more) {
    struct dc_buf text;
    dc_buf_init(&text, dc_alloc_libc);
    dc_buf_text(&text, "{\"schema\":\"single\",\"maps\":[],\"rq_scx_states\":[");
    for (size_t i = 0; i < n; i++) {
        char rq[256];
        snprintf(rq, sizeof(rq),
                 "%s{\"cpu\":%zu,\"nr_running\":%u,\"flags\":0,\"cpu_released\":false,"
                 "\"ops_qseq\":0,\"runnable_task_kvas\":[]%s}",
                 i ? "," : "", i, running[i], more);
        dc_buf_text(&text, rq);
    }
    dc_buf_text(&text, "]}");
    f->text = text.data;
    if (!CHECK(aid_read(&f->report, text.data, text.len, NULL) == 0)) {
        free(f->text);
        return false;
    }
    f->table = (struct dc_table){
        .name = "runqueues",
        .columns = columns,
        .n_columns = sizeof(columns) / sizeof(columns[0]),
        .list = dc_list_of(f->report.root, DC_AT_SINGLE_rq_scx_states),
        .before = before,
    };
    return true;
}

static void stop(struct fixture *f) {
    dc_report_done(&f->report);
    free(f->text);
}

/* want: the places of the rows that are given, such as "0 2 5 ". */
static void check_rows(struct dc_rows *rows, const char *want) {
    char got[256] = "";
    struct dc_row row;
    size_t len = 0, n = 0;
    for (; dc_rows_next(rows, &row) && len < sizeof(got) - 8; n++) {
        CHECK(row.rec == NULL || dc_u64(row.rec, DC_AT_RQ_SCX_cpu) == row.index);
        len += (size_t)sprintf(got + len, "%zu ", row.index);
    }
    CHECK_STR(got, want);
    CHECK_EQ_U64(n, rows->shown);
    CHECK(!dc_rows_next(rows, &row)); /* and it stays at the end */
    dc_rows_rewind(rows);
}

static void pick(const struct fixture *f, size_t most, size_t total, bool ranked,
                 const char *want) {
    struct dc_rows rows;
    dc_rows_pick(&rows, &f->table, most);
    CHECK_EQ_U64(rows.total, total);
    CHECK(rows.ranked == ranked);
    check_rows(&rows, want);
    check_rows(&rows, want); /* once more, after rewinding */
}

static const unsigned some[] = {3, 0, 9, 3, 7, 0};

static void all_rows_come_as_they_stand(void) {
    struct fixture f;
    if (!start(&f, some, 6, ""))
        return;
    pick(&f, 0, 6, false, "0 1 2 3 4 5 ");
    pick(&f, 6, 6, false, "0 1 2 3 4 5 "); /* enough room: no ranking */
    pick(&f, 100, 6, false, "0 1 2 3 4 5 ");
    stop(&f);
    if (!start(&f, NULL, 0, ""))
        return;
    pick(&f, 0, 0, false, "");
    pick(&f, 3, 0, false, "");
    stop(&f);
}

static void where_there_are_more_the_most_telling_come_first(void) {
    struct fixture f;
    if (!start(&f, some, 6, ""))
        return;
    pick(&f, 5, 6, true, "2 4 0 3 1 "); /* equal ones as they stand */
    pick(&f, 3, 6, true, "2 4 0 ");
    pick(&f, 1, 6, true, "2 ");
    f.table.before = NULL;
    pick(&f, 4, 6, true, "0 1 2 3 ");
    stop(&f);
}

static void a_filter_counts_what_it_lets_through(void) {
    struct fixture f;
    uint64_t least = 0;
    if (!start(&f, some, 6, ""))
        return;
    f.table.filter = busy;
    f.table.ctx = &least;
    pick(&f, 0, 4, false, "0 2 3 4 ");
    pick(&f, 4, 4, false, "0 2 3 4 ");
    pick(&f, 2, 4, true, "2 4 ");
    least = 3;
    pick(&f, 2, 2, false, "2 4 ");
    least = 100;
    pick(&f, 0, 0, false, "");
    pick(&f, 2, 0, false, "");
    stop(&f);
}

/* However many are asked for, no more are ranked than there is room for. */
static void ranking_has_a_limit(void) {
    unsigned running[600];
    struct fixture f;
    struct dc_rows rows;
    struct dc_row row;
    for (unsigned i = 0; i < 600; i++)
        running[i] = i * 7 % 601; /* all of them different */
    if (!start(&f, running, 600, ""))
        return;
    dc_rows_pick(&rows, &f.table, DC_ROWS_MOST + 1);
    CHECK(rows.ranked && rows.total == 600);
    CHECK_EQ_U64(rows.shown, DC_ROWS_MOST);
    uint64_t last = UINT64_MAX, n = 0;
    for (; dc_rows_next(&rows, &row); n++) {
        CHECK(dc_u64(row.rec, DC_AT_RQ_SCX_nr_running) < last);
        last = dc_u64(row.rec, DC_AT_RQ_SCX_nr_running);
    }
    CHECK_EQ_U64(n, DC_ROWS_MOST);
    uint64_t better = 0;
    for (unsigned i = 0; i < 600; i++)
        better += running[i] > last;
    CHECK_EQ_U64(better, DC_ROWS_MOST - 1); /* none of the best was lost */
    dc_rows_pick(&rows, &f.table, 0);
    CHECK(!rows.ranked && rows.shown == 600);
    stop(&f);
}

/* ---- cells and columns ---- */

static struct dc_cell make_place(const struct dc_column *column,
                                 const struct dc_row *row) {
    return (struct dc_cell){.kind = DC_CELL_NUMBER,
                            .number = row->index + (uint64_t)column->arg};
}

static void holes_have_rows_without_values(void) {
    static const char text[] = "{\"schema\":\"single\",\"maps\":[],\"vcpu_regs\":[null,{"
                               "\"instruction_pointer\":9,"
                               "\"stack_pointer\":2,\"page_table_root\":3},null]}";
    static const struct dc_column two[] = {
        {.title = "vCPU", .field = -1, .make = make_place, .arg = 10},
        {.title = "ip", .field = DC_AT_VCPU_REGS_instruction_pointer},
    };
    struct dc_report report;
    struct dc_error err;
    struct dc_rows rows;
    struct dc_row row;
    if (!CHECK(aid_read_text(&report, text, &err) == 0))
        return;
    const struct dc_table table = {
        .columns = two,
        .n_columns = 2,
        .list = dc_list_of(report.root, DC_AT_SINGLE_vcpu_regs),
    };
    dc_rows_pick(&rows, &table, 0);
    CHECK_EQ_U64(rows.total, 3);
    for (size_t i = 0; i < 3 && CHECK(dc_rows_next(&rows, &row)); i++) {
        struct dc_cell place = dc_table_cell(&two[0], &row);
        struct dc_cell ip = dc_table_cell(&two[1], &row);
        CHECK_EQ_U64(place.number, 10 + i);
        CHECK_EQ_U64(ip.kind, i == 1 ? DC_CELL_NUMBER : DC_CELL_NONE);
        CHECK((row.rec != NULL) == (i == 1));
    }
    dc_report_done(&report);
}

static void titles_are_ours_or_the_reports(void) {
    const struct dc_column ours = {.title = "CPU", .name = {"foreign", 7}};
    const struct dc_column foreign = {.name = {"a\0b", 3}};
    struct dc_buf out;
    dc_buf_init(&out, dc_alloc_libc);
    dc_table_title(&ours, &out);
    dc_table_title(&foreign, &out);
    CHECK_MEM(out.data, out.len, "CPUa\0b", 6);
    dc_buf_done(&out);
}

static struct dc_survey survey(const struct fixture *f, size_t most, bool exact,
                               bool all) {
    struct dc_rows rows;
    struct dc_row row;
    dc_rows_pick(&rows, &f->table, most);
    struct dc_survey result = dc_rows_survey(&rows, exact, all);
    CHECK(dc_rows_next(&rows, &row)); /* it has rewound */
    return result;
}

static void columns_are_shown_where_some_row_has_them(void) {
    struct fixture f;
    if (!start(&f, some, 6, ""))
        return;
    struct dc_survey s = survey(&f, 0, false, false);
    CHECK_EQ_U64(s.n, 4);
    CHECK(dc_survey_shows(&s, 0));
    CHECK(dc_survey_shows(&s, 1));
    CHECK(!dc_survey_shows(&s, 2)); /* optional, in no row */
    CHECK(!dc_survey_shows(&s, 3));
    CHECK_EQ_U64(s.quiet, UINT64_C(1) << 3);
    stop(&f);
}

static void quiet_columns_of_zeros_are_left_out(void) {
    static const unsigned idle[] = {0, 0};
    struct fixture f;
    if (!start(&f, idle, 2, ",\"kick_sync\":0,\"rq_clock\":0"))
        return;
    struct dc_survey s = survey(&f, 0, false, false);
    CHECK(dc_survey_shows(&s, 0)); /* not quiet, though CPU 0 and 1 are no zeros either */
    CHECK(!dc_survey_shows(&s, 1));
    CHECK(dc_survey_shows(&s, 2)); /* all zero, but not quiet */
    CHECK(!dc_survey_shows(&s, 3));
    s = survey(&f, 0, false, true);
    for (size_t i = 0; i < 4; i++)
        CHECK(dc_survey_shows(&s, i));
    stop(&f);
}

static void one_scale_serves_all_rows_that_are_shown(void) {
    static const unsigned two[] = {1, 2};
    struct fixture f;
    if (!start(&f, two, 2, ",\"rq_clock\":12000000"))
        return;
    CHECK_EQ_U64(survey(&f, 0, false, false).scale, DC_SCALE_MS);
    CHECK_EQ_U64(survey(&f, 0, true, false).scale, DC_SCALE_NS);
    stop(&f);
    if (!start(&f, two, 2, ",\"rq_clock\":9999,\"kick_sync\":99999999999"))
        return;
    CHECK_EQ_U64(survey(&f, 0, false, false).scale, DC_SCALE_NS); /* no time: no scale */
    stop(&f);
}

static struct dc_cell make_late(const struct dc_column *column,
                                const struct dc_row *row) {
    (void)row;
    return (struct dc_cell){.kind = DC_CELL_SIGNED,
                            .unit = DC_NS,
                            .integer = column->arg ? INT64_MIN : -12000};
}

static void negative_times_have_their_scale(void) {
    static const unsigned one[] = {1};
    static const struct dc_column late[] = {
        {.title = "late", .field = -1, .make = make_late},
        {.title = "later", .field = -1, .make = make_late, .arg = 1}};
    struct fixture f;
    if (!start(&f, one, 1, ""))
        return;
    f.table.columns = late;
    f.table.n_columns = 1;
    CHECK_EQ_U64(survey(&f, 0, false, false).scale, DC_SCALE_US);
    f.table.n_columns = 2;
    CHECK_EQ_U64(survey(&f, 0, false, false).scale, DC_SCALE_S);
    CHECK_EQ_U64(survey(&f, 0, true, false).scale, DC_SCALE_NS);
    stop(&f);
}

/* What only rows that are left out would need does not count. */
static void the_survey_looks_at_shown_rows_only(void) {
    static const unsigned two[] = {0, 1, 0};
    static const struct dc_column place[] = {
        {.title = "place", .field = -1, .make = make_place, .arg = -1, .quiet = true}};
    struct fixture f;
    if (!start(&f, two, 3, ""))
        return;
    f.table.columns = place;
    f.table.n_columns = 1;
    struct dc_survey s = survey(&f, 1, false, false);
    CHECK(!dc_survey_shows(&s, 0)); /* row 1 has a 0 there, the others have not */
    s = survey(&f, 0, false, false);
    CHECK(dc_survey_shows(&s, 0));
    stop(&f);
}

int main(void) {
    UNIT_RUN(all_rows_come_as_they_stand);
    UNIT_RUN(where_there_are_more_the_most_telling_come_first);
    UNIT_RUN(a_filter_counts_what_it_lets_through);
    UNIT_RUN(ranking_has_a_limit);
    UNIT_RUN(holes_have_rows_without_values);
    UNIT_RUN(titles_are_ours_or_the_reports);
    UNIT_RUN(columns_are_shown_where_some_row_has_them);
    UNIT_RUN(quiet_columns_of_zeros_are_left_out);
    UNIT_RUN(one_scale_serves_all_rows_that_are_shown);
    UNIT_RUN(negative_times_have_their_scale);
    UNIT_RUN(the_survey_looks_at_shown_rows_only);
    return unit_done();
}
