/* Rendered values that need lines of their own: grids, groups, and what is followed. */
#include "lib/value_text.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

static const struct dc_cell_style plain, all = {.all = true};

struct fixture {
    struct dc_report report;
    const struct dc_rec *value;
    char *text;
};

/* A rendered value, out of a report with one map. */
static bool start(struct fixture *f, const char *value) {
    struct dc_error err;
    if (asprintf(&f->text,
                 "{\"schema\":\"single\",\"maps\":[{\"name\":\"m\",\"map_type\":2,"
                 "\"value_size\":4,\"max_entries\":1,\"value\":%s}]}",
                 value) < 0)
        return CHECK(false);
    if (!CHECK(aid_read_text(&f->report, f->text, &err) == 0)) {
        printf("#   %s: %s\n", err.pointer, err.message);
        free(f->text);
        return false;
    }
    const struct dc_rec *map =
        dc_list_rec(dc_list_of(f->report.root, DC_AT_SINGLE_maps), 0);
    f->value = dc_record(map, DC_AT_MAP_value);
    return true;
}

static void stop(struct fixture *f) {
    dc_report_done(&f->report);
    free(f->text);
}

#define U(value) "{\"kind\":\"uint\",\"bits\":64,\"value\":" value "}"
#define BYTES(hex) "{\"kind\":\"bytes\",\"hex\":\"" hex "\"}"
#define PTR(value, more) "{\"kind\":\"ptr\",\"value\":" value more "}"
#define TRUNCATED(partial)                                                               \
    "{\"kind\":\"truncated\",\"needed\":64,\"had\":8,\"partial\":" partial "}"
#define ARRAY(len, elements)                                                             \
    "{\"kind\":\"array\",\"len\":" len ",\"elements\":[" elements "]}"
#define M(name, value) "{\"name\":\"" name "\",\"value\":" value "}"
#define T(members) "{\"kind\":\"struct\",\"type_name\":\"T\",\"members\":[" members "]}"

/* Each line stands behind its indent. */
static void put_line(void *ctx, unsigned indent, const struct dc_buf *line) {
    struct dc_buf *out = ctx;
    for (unsigned i = 0; i < indent; i++)
        dc_buf_text(out, " ");
    dc_buf_add(out, line->data, line->len);
    dc_buf_text(out, "\n");
}

/* Returns how many zeros were left out. */
static size_t write_value(const struct fixture *f, const struct dc_cell_style *style,
                          unsigned width, struct dc_alloc alloc, struct dc_buf *out,
                          bool *failed) {
    struct dc_buf buf, trial;
    dc_buf_init(&buf, alloc);
    dc_buf_init(&trial, alloc);
    struct dc_value_lines lines = {.style = style,
                                   .width = width,
                                   .line = put_line,
                                   .ctx = out,
                                   .buf = &buf,
                                   .trial = &trial};
    dc_buf_text(&buf, "v ");
    dc_value_write(&lines, 1, f->value);
    CHECK_EQ_U64(buf.len, 0);
    *failed = !dc_buf_ok(&buf) || !dc_buf_ok(&trial);
    dc_buf_done(&buf);
    dc_buf_done(&trial);
    return lines.zeros;
}

static void check_lines(const char *text, const struct dc_cell_style *style,
                        unsigned width, const char *want, size_t zeros) {
    struct fixture f;
    struct dc_buf out;
    bool failed;
    if (!start(&f, text))
        return;
    dc_buf_init(&out, dc_alloc_libc);
    CHECK_EQ_U64(write_value(&f, style, width, dc_alloc_libc, &out, &failed), zeros);
    CHECK_MEM(out.data, out.len, want, strlen(want));
    dc_buf_done(&out);
    stop(&f);
}

static const char wide[] =
    T(M("first", U("1")) "," M("z", U("0")) "," M("second", U("22")) "," M(
        "third", U("3")) "," M("list", ARRAY("3", U("0") "," U("4") "," U("5"))));

static void a_struct_keeps_one_line_where_it_fits(void) {
    check_lines(wide, &plain, 80,
                " v T{first=1, second=22, third=3, list=[[1-2]={4, 5}] /* of 3 */}\n", 1);
    check_lines(wide, &plain, 65,
                " v T{first=1, second=22, third=3, list=[[1-2]={4, 5}] /* of 3 */}\n", 1);
}

static void a_longer_one_becomes_a_grid(void) {
    check_lines(wide, &plain, 64,
                " v T:\n"
                "   first=1     second=22   third=3\n"
                "   list [[1-2]={4, 5}] /* of 3 */\n",
                1);
    check_lines(wide, &plain, 30,
                " v T:\n"
                "   first=1     second=22\n"
                "   third=3\n"
                "   list [[1-2]={4, 5}] /* of 3 */\n",
                1);
    check_lines(wide, &all, 30,
                " v T:\n"
                "   first=1     z=0\n"
                "   second=22   third=3\n"
                "   list [0, 4, 5]\n",
                0);
    check_lines(wide, &plain, 0, /* however narrow: one on a line */
                " v T:\n"
                "   first=1\n"
                "   second=22\n"
                "   third=3\n"
                "   list [[1-2]={4, 5}] /* of 3 */\n",
                1);
}

static void members_stand_under_their_struct(void) {
    static const char twice[] = ARRAY("2", T(M("a", U("1"))) "," T(M("b", U("2"))));
    char text[1024];
    snprintf(text, sizeof(text), T(M("x", "%s") "," M("y", "%s")), twice, twice);
    check_lines(text, &plain, 8,
                " v T:\n"
                "   x array of 2:\n"
                "     [0] T:\n"
                "       a=1\n"
                "     [1] T:\n"
                "       b=2\n"
                "   y array of 2:\n"
                "     [0] T:\n"
                "       a=1\n"
                "     [1] T:\n"
                "       b=2\n",
                0);
}

/* What is wider than usual takes several places, and does not make the others wide. */
static void a_wide_cell_takes_several_places(void) {
    check_lines(
        T(M("a", U("1")) "," M("b", BYTES("0123456789abcdef0123456789abcdef")) "," M(
            "c", U("3")) "," M("ddd", U("4"))),
        &plain, 45,
        " v T:\n"
        "   a=1\n"
        "   b=0123456789abcdef0123456789abcdef\n"
        "   c=3     ddd=4\n",
        0);
}

static void groups_join_equal_neighbours(void) {
    static const char groups[] =
        ARRAY("9", T(M("a", U("1"))) "," T(M("a", U("1"))) "," T(M("a", U("0"))) "," T(
                       M("a", U("0"))) "," T(M("a", U("2"))) "," T(M("a", U("1"))));
    check_lines(groups, &plain, 80,
                " v array of 6: /* 6 of 9 in the report */\n"
                "   [0-1] T{a=1}\n"
                "   [4] T{a=2}\n"
                "   [5] T{a=1}\n",
                2);
    check_lines(groups, &all, 80,
                " v array of 6: /* 6 of 9 in the report */\n"
                "   [0-1] T{a=1}\n"
                "   [2-3] T{a=0}\n"
                "   [4] T{a=2}\n"
                "   [5] T{a=1}\n",
                0);
    check_lines(ARRAY("2", T(M("a", U("0"))) "," T(M("a", U("0")))), &plain, 80,
                " v [all 2 zero]\n", 0);
}

static void what_is_followed_goes_on_behind_it(void) {
    static const char array[] = ARRAY("1", T(M("a", U("1"))));
    struct dc_buf text;
    dc_buf_init(&text, dc_alloc_libc);
    dc_buf_text(&text, "{\"kind\":\"ptr\",\"value\":5,\"deref\":");
    dc_buf_text(&text, array);
    dc_buf_add(&text, "}", 2);
    check_lines(text.data, &plain, 80,
                " v 0x5 \xe2\x86\x92 array of 1:\n"
                "   [0] T{a=1}\n",
                0);
    dc_buf_done(&text);
    check_lines(TRUNCATED(ARRAY("1", T(M("a", U("1"))))), &plain, 80,
                " v <truncated needed=64 had=8> array of 1:\n"
                "   [0] T{a=1}\n",
                0);
    check_lines(PTR("5", ",\"deref_skipped_reason\":\"a long reason\""), &plain, 10,
                " v 0x5 [chase: a long reason]\n", 0);
}

#define Z(name) M(name, U("0"))
#define INNER T(M("a", U("1")) "," Z("y") "," Z("z"))

/* Whatever stands on one line, or in a cell of a grid: what it leaves out is counted. */
static void zeros_are_counted_wherever_they_stand(void) {
    static const char ptr[] = PTR("5", ",\"deref\":" INNER);
    /* cppcheck-suppress unknownMacro */
    static const char cells[] = T(M("s", INNER) "," Z("x") "," M("b", U("22")) "," M(
        "", T(M("c", U("3")) "," Z("d"))));
    check_lines(INNER, &plain, 80, " v T{a=1}\n", 2);
    check_lines(T(M("s", INNER) "," Z("x")), &plain, 80, " v T{s=T{a=1}}\n", 3);
    check_lines(ptr, &plain, 80, " v 0x5 \xe2\x86\x92 T{a=1}\n", 2);
    check_lines(ptr, &all, 80, " v 0x5 \xe2\x86\x92 T{a=1, y=0, z=0}\n", 0);
    check_lines(ptr, &plain, 10, " v 0x5 \xe2\x86\x92 T:\n   a=1\n", 2);
    check_lines(TRUNCATED(INNER), &plain, 80, " v <truncated needed=64 had=8> T{a=1}\n",
                2);
    check_lines(TRUNCATED(INNER), &all, 80,
                " v <truncated needed=64 had=8> T{a=1, y=0, z=0}\n", 0);
    check_lines(T(M("p", PTR("5", ",\"deref\":" TRUNCATED(INNER))) "," Z("x")), &plain,
                80, " v T{p=0x5 \xe2\x86\x92 <truncated needed=64 had=8> T{a=1}}\n", 3);
    check_lines(cells, &plain, 80, " v T{s=T{a=1}, b=22, c=3}\n", 4);
    check_lines(cells, &plain, 20, " v T:\n   s=T{a=1}\n   b=22\n   c=3\n", 4);
    check_lines(cells, &all, 20,
                " v T:\n   s=T{a=1, y=0, z=0}\n   x=0\n   b=22\n   c=3\n   d=0\n", 0);
}

/* A member with elements that are not in the report is there, though the others are 0. */
static void what_is_missing_is_not_left_out(void) {
    check_lines(T(M("a", ARRAY("8", U("0"))) "," M("b", ARRAY("1", U("0")))), &plain, 80,
                " v T{a=[all 1 zero] /* 1 of 8 in the report */}\n", 1);
    check_lines(T(M("a", ARRAY("8", ""))), &plain, 80,
                " v T{a=[] /* 0 of 8 in the report */}\n", 0);
}

static void says_when_memory_runs_out(void) {
    struct fixture f;
    if (!start(&f, wide))
        return;
    for (size_t fail = 1; fail < 100; fail++) {
        struct aid_memory memory = {.fail = fail};
        struct dc_buf out;
        bool failed;
        dc_buf_init(&out, dc_alloc_libc);
        write_value(&f, &plain, 30, aid_alloc(&memory), &out, &failed);
        dc_buf_done(&out);
        CHECK(failed == memory.failed);
        CHECK_EQ_U64(memory.live, 0);
        if (!memory.failed) {
            CHECK(fail > 2); /* the line and the trial have been through it */
            break;
        }
    }
    stop(&f);
}

int main(void) {
    UNIT_RUN(a_struct_keeps_one_line_where_it_fits);
    UNIT_RUN(a_longer_one_becomes_a_grid);
    UNIT_RUN(members_stand_under_their_struct);
    UNIT_RUN(a_wide_cell_takes_several_places);
    UNIT_RUN(groups_join_equal_neighbours);
    UNIT_RUN(what_is_followed_goes_on_behind_it);
    UNIT_RUN(zeros_are_counted_wherever_they_stand);
    UNIT_RUN(what_is_missing_is_not_left_out);
    UNIT_RUN(says_when_memory_runs_out);
    return unit_done();
}
