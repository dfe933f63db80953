/* Arrays of a rendered value on one line: text, runs, zeros, and what is missing. */
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
#define U8(value) "{\"kind\":\"uint\",\"bits\":8,\"value\":" value "}"
#define I8(value) "{\"kind\":\"int\",\"bits\":8,\"value\":" value "}"
#define CHAR(value) "{\"kind\":\"char\",\"value\":" value "}"
#define BYTES(hex) "{\"kind\":\"bytes\",\"hex\":\"" hex "\"}"
#define PTR(value, more) "{\"kind\":\"ptr\",\"value\":" value more "}"
#define TRUNCATED(partial)                                                               \
    "{\"kind\":\"truncated\",\"needed\":64,\"had\":8,\"partial\":" partial "}"
#define ARRAY(len, elements)                                                             \
    "{\"kind\":\"array\",\"len\":" len ",\"elements\":[" elements "]}"
#define M(name, value) "{\"name\":\"" name "\",\"value\":" value "}"
#define T(members) "{\"kind\":\"struct\",\"type_name\":\"T\",\"members\":[" members "]}"

static void check_array(const char *text, const struct dc_cell_style *style,
                        const char *want) {
    struct fixture f;
    struct dc_buf out;
    if (!start(&f, text))
        return;
    dc_buf_init(&out, dc_alloc_libc);
    CHECK(dc_value_add_array(f.value, style, &out, strlen(want)));
    CHECK_MEM(out.data, out.len, want, strlen(want));
    out.len = 0;
    CHECK(!dc_value_add_array(f.value, style, &out, strlen(want) - 1));
    dc_buf_done(&out);
    stop(&f);
}

static void runs_of_zeros_are_left_out(void) {
    static const char runs[] = ARRAY(
        "7", U("0") "," U("7") "," U("9") "," U("12") "," U("0") "," U("0") "," U("1"));
    check_array(runs, &plain, "[[1-3]={7, 9, 12}  [6]=1] /* of 7 */");
    check_array(runs, &all, "[0, 7, 9, 12, 0, 0, 1]");
    check_array(ARRAY("3", U("0") "," U("0") "," U("5")), &plain, "[[2]=5] /* of 3 */");
    check_array(ARRAY("4", U("5") "," U("0") "," U("6") "," U("7")), &plain,
                "[[0]=5  [2-3]={6, 7}] /* of 4 */");
    check_array(ARRAY("3", U("5") "," U("6") "," U("7")), &plain, "[5, 6, 7]");
    check_array(ARRAY("2", BYTES("00") "," PTR("0", "")), &plain, "[[0]=00] /* of 2 */");
}

static void all_zeros_are_counted(void) {
    check_array(ARRAY("3", U("0") "," U("0") "," U("0")), &plain, "[all 3 zero]");
    check_array(ARRAY("2", T(M("a", U("0"))) "," T("")), &plain, "[all 2 zero]");
    check_array(ARRAY("0", ""), &plain, "[]");
}

static void missing_elements_are_told(void) {
    check_array(ARRAY("8", U("5") "," U("6")), &plain,
                "[5, 6] /* 2 of 8 in the report */");
    check_array(ARRAY("8", U("0")), &plain, "[all 1 zero] /* 1 of 8 in the report */");
    check_array(ARRAY("8", U("0") "," U("5")), &plain,
                "[[1]=5] /* 2 of 8 in the report */"); /* not "of 2", too */
    check_array(ARRAY("8", U("0") "," U("5")), &all, "[0, 5] /* 2 of 8 in the report */");
    check_array(ARRAY("8", ""), &plain, "[] /* 0 of 8 in the report */");
    check_array(ARRAY("8", CHAR("65") "," CHAR("66")), &plain,
                "\"AB\" /* 2 of 8 in the report */");
}

static void bytes_that_are_text_are_text(void) {
    check_array(ARRAY("3", CHAR("72") "," CHAR("105") "," CHAR("0")), &plain, "\"Hi\"");
    check_array(ARRAY("3", U8("72") "," U8("10") "," U8("0")), &plain, "\"H\n\"");
    check_array(ARRAY("3", I8("72") "," I8("126") "," I8("32")), &all, "\"H~ \"");
    /* One element, a byte that is no text, a zero at the start, wider numbers: no text. */
    check_array(ARRAY("1", U8("72")), &plain, "[72]");
    check_array(ARRAY("2", U8("72") "," U8("31")), &plain, "[72, 31]");
    check_array(ARRAY("2", U8("72") "," U8("127")), &plain, "[72, 127]");
    check_array(ARRAY("2", I8("72") "," I8("-1")), &plain, "[72, -1]");
    check_array(ARRAY("2", U8("0") "," U8("72")), &plain, "[[1]=72] /* of 2 */");
    check_array(ARRAY("2", U("72") "," U("105")), &plain, "[72, 105]");
    check_array(ARRAY("2", CHAR("72") "," CHAR("7")), &plain, "['H', 0x07]");
}

/* A text may have zeros behind its end, and nothing else: it would be left out. */
static void nothing_may_stand_behind_the_end_of_a_text(void) {
    check_array(ARRAY("4", CHAR("72") "," CHAR("105") "," CHAR("0") "," CHAR("0")), &all,
                "\"Hi\"");
    check_array(ARRAY("3", U8("72") "," U8("0") "," U8("105")), &plain,
                "[[0]=72  [2]=105] /* of 3 */");
    check_array(ARRAY("3", U8("72") "," U8("0") "," U8("105")), &all, "[72, 0, 105]");
    check_array(ARRAY("4", CHAR("72") "," CHAR("0") "," CHAR("0") "," CHAR("10")), &plain,
                "[[0]='H'  [3]=0x0a] /* of 4 */");
    check_array(ARRAY("3", I8("72") "," I8("0") "," I8("-1")), &plain,
                "[[0]=72  [2]=-1] /* of 3 */");
    check_array(ARRAY("9", U8("72") "," U8("0") "," U8("0")), &plain,
                "\"H\" /* 3 of 9 in the report */");
}

static void others_have_no_line(void) {
    static const char *const texts[] = {
        ARRAY("1", T(M("a", U("1")))),
        ARRAY("1", ARRAY("1", U("1"))),
        ARRAY("1", TRUNCATED(U("1"))),
        ARRAY("2", U("1") "," PTR("1", ",\"deref\":" U("1"))),
    };
    struct fixture f;
    struct dc_buf out;
    dc_buf_init(&out, dc_alloc_libc);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && start(&f, texts[i]); i++) {
        CHECK(!dc_value_add_array(f.value, &plain, &out, SIZE_MAX / 2));
        stop(&f);
    }
    dc_buf_done(&out);
}

int main(void) {
    UNIT_RUN(runs_of_zeros_are_left_out);
    UNIT_RUN(all_zeros_are_counted);
    UNIT_RUN(missing_elements_are_told);
    UNIT_RUN(bytes_that_are_text_are_text);
    UNIT_RUN(nothing_may_stand_behind_the_end_of_a_text);
    UNIT_RUN(others_have_no_line);
    return unit_done();
}
