/* Rendered values for a person: what is zero, one line, and a grid where one is too long. */
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

#define UINT(value) "{\"kind\":\"uint\",\"bits\":64,\"value\":" value "}"
#define INT(value) "{\"kind\":\"int\",\"bits\":64,\"value\":" value "}"
#define BOOL(value) "{\"kind\":\"bool\",\"value\":" value "}"
#define CHAR(value) "{\"kind\":\"char\",\"value\":" value "}"
#define FLOAT(value) "{\"kind\":\"float\",\"bits\":64,\"value\":" value "}"
#define ENUM(value, more) "{\"kind\":\"enum\",\"bits\":64,\"value\":" value more "}"
#define CPUS(cpus) "{\"kind\":\"cpu_list\",\"cpus\":\"" cpus "\"}"
#define BYTES(hex) "{\"kind\":\"bytes\",\"hex\":\"" hex "\"}"
#define PTR(value, more) "{\"kind\":\"ptr\",\"value\":" value more "}"
#define TRUNCATED(partial)                                                               \
    "{\"kind\":\"truncated\",\"needed\":64,\"had\":8,\"partial\":" partial "}"
#define UNSUPPORTED "{\"kind\":\"unsupported\",\"reason\":\"too deep\"}"
#define ARRAY(len, elements)                                                             \
    "{\"kind\":\"array\",\"len\":" len ",\"elements\":[" elements "]}"
#define M(name, value) "{\"name\":\"" name "\",\"value\":" value "}"
#define STRUCT(name, members)                                                            \
    "{\"kind\":\"struct\",\"type_name\":" name ",\"members\":[" members "]}"
#define T(members) STRUCT("\"T\"", members)

static void zero_goes_through_and_through(void) {
    static const char *const zero[] = {
        UINT("0"),
        INT("0"),
        BOOL("false"),
        CHAR("0"),
        FLOAT("0.0"),
        FLOAT("-0.0"),
        ENUM("0", ",\"variant\":\"NONE\""),
        CPUS(""),
        PTR("0", ""),
        PTR("0", ",\"cast_annotation\":\"arena\""),
        T(""),
        T(M("a", UINT("0")) "," M("b", T(M("c", ARRAY("2", INT("0") "," INT("0")))))),
        ARRAY("0", ""),
        ARRAY("2", T(M("a", UINT("0"))) "," T("")),
    };
    static const char *const more[] = {
        UINT("1"),
        INT("-1"),
        BOOL("true"),
        CHAR("48"),
        FLOAT("5e-324"),
        ENUM("-1", ""),
        CPUS("0"),
        BYTES("00"), /* nobody knows what bytes mean */
        BYTES(""),
        PTR("1", ""),
        PTR("0", ",\"deref\":" UINT("0")),
        PTR("0", ",\"deref_skipped_reason\":\"unmapped\""),
        TRUNCATED(UINT("0")),
        UNSUPPORTED,
        T(M("a", UINT("0")) "," M("b", T(M("c", ARRAY("2", INT("0") "," INT("1")))))),
        ARRAY("2", T(M("a", UINT("0"))) "," T(M("a", UNSUPPORTED))),
        ARRAY("1", ""), /* of what is missing nothing is known */
        ARRAY("3", UINT("0") "," UINT("0")),
        ARRAY("18446744073709551615", UINT("0")),
        T(M("a", ARRAY("2", UINT("0")))),
    };
    struct fixture f;
    for (size_t i = 0; i < sizeof(zero) / sizeof(zero[0]) && start(&f, zero[i]); i++) {
        if (!CHECK(dc_value_is_zero(f.value)))
            printf("#   %s\n", zero[i]);
        stop(&f);
    }
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]) && start(&f, more[i]); i++) {
        if (!CHECK(!dc_value_is_zero(f.value)))
            printf("#   %s\n", more[i]);
        stop(&f);
    }
}

static void check_scalar(const char *text, bool want) {
    struct fixture f;
    if (!start(&f, text))
        return;
    if (!CHECK(dc_value_is_scalar(f.value) == want))
        printf("#   %s\n", text);
    stop(&f);
}

static void scalars_fit_a_cell(void) {
    check_scalar(UINT("1"), true);
    check_scalar(BYTES("00"), true);
    check_scalar(UNSUPPORTED, true);
    check_scalar(CPUS("0"), true);
    check_scalar(PTR("1", ",\"cast_annotation\":\"x\""), true);
    check_scalar(PTR("1", ",\"deref\":" UINT("1")), false);
    check_scalar(PTR("1", ",\"deref_skipped_reason\":\"x\""), false);
    check_scalar(TRUNCATED(UINT("1")), false);
    check_scalar(T(""), false);
    check_scalar(ARRAY("0", ""), false);
}

/* ---- one line ---- */

static void check_line(const char *text, const struct dc_cell_style *style,
                       const char *want) {
    struct fixture f;
    struct dc_buf out;
    if (!start(&f, text))
        return;
    dc_buf_init(&out, dc_alloc_libc);
    dc_value_add_line(f.value, style, &out);
    CHECK_MEM(out.data, out.len, want, strlen(want));
    /* It fits into what it takes, and not into one byte less. */
    size_t len = out.len;
    out.len = 0;
    CHECK(dc_value_add_inline(f.value, style, &out, len));
    out.len = 0;
    CHECK(len == 0 || dc_value_is_scalar(f.value) ||
          !dc_value_add_inline(f.value, style, &out, len - 1));
    dc_buf_done(&out);
    stop(&f);
}

static void scalars_are_short(void) {
    check_line(UINT("18446744073709551615"), &plain, "18446744073709551615");
    check_line(INT("-9223372036854775808"), &plain, "-9223372036854775808");
    check_line(BOOL("true"), &plain, "true");
    check_line(CHAR("65"), &plain, "'A'");
    check_line(CHAR("126"), &plain, "'~'");
    check_line(CHAR("127"), &plain, "0x7f");
    check_line(CHAR("10"), &plain, "0x0a");
    check_line(CHAR("31"), &plain, "0x1f");
    check_line(CHAR("32"), &plain, "' '");
    check_line(FLOAT("1.0"), &plain, "1");
    check_line(FLOAT("0.1"), &plain, "0.1");
    check_line(FLOAT("-2.50"), &plain, "-2.5");
    check_line(FLOAT("1e300"), &plain, "1e+300");
    check_line(ENUM("3", ",\"variant\":\"ON\""), &plain, "ON (3)");
    check_line(ENUM("3", ",\"variant\":null"), &plain, "3");
    check_line(ENUM("-1", ",\"is_signed\":true"), &plain, "-1");
    check_line(ENUM("-1", ",\"is_signed\":false"), &plain, "18446744073709551615");
    check_line(CPUS("0-3,9"), &plain, "{0-3,9}");
    check_line(BYTES("00ff"), &plain, "00ff");
    check_line(UNSUPPORTED, &plain, "<unsupported: too deep>");
}

static void pointers_say_where_they_lead(void) {
    check_line(PTR("4096", ""), &plain, "0x1000");
    check_line(PTR("4096", ",\"cast_annotation\":\"arena\""), &plain, "0x1000 (arena)");
    check_line(PTR("4096", ",\"deref\":" T(M("a", UINT("1")))), &plain,
               "0x1000 \xe2\x86\x92 T{a=1}");
    check_line(PTR("1", ",\"deref\":" PTR("2", ",\"deref\":" UINT("3"))), &plain,
               "0x1 \xe2\x86\x92 0x2 \xe2\x86\x92 3");
    check_line(PTR("1", ",\"deref_skipped_reason\":\"cycle to 0x1\""), &plain,
               "0x1 [cycle]");
    check_line(PTR("1", ",\"deref_skipped_reason\":\"cycles\""), &plain,
               "0x1 [chase: cycles]");
    check_line(PTR("1", ",\"deref_skipped_reason\":\"unmapped\""), &plain,
               "0x1 [chase: unmapped]");
    check_line(TRUNCATED(UINT("5")), &plain, "<truncated needed=64 had=8> 5");
}

static void structs_leave_zeros_out(void) {
    static const char two[] = T(M("a", UINT("1")) "," M("z", UINT("0")) "," M(
        "b", T(M("c", INT("-2")) "," M("z", BOOL("false")))));
    check_line(two, &plain, "T{a=1, b=T{c=-2}}");
    check_line(two, &all, "T{a=1, z=0, b=T{c=-2, z=false}}");
    check_line(T(M("z", UINT("0"))), &plain, "T{}");
    check_line(T(""), &all, "T{}");
    check_line(STRUCT("null", M("a", UINT("1"))), &plain, "{a=1}");
}

/* The members of an anonymous struct are those of the one around it, as in C. */
static void anonymous_structs_are_flattened(void) {
    static const char nested[] =
        T(M("", STRUCT("null", M("z", UINT("0")) "," M("a", UINT("1")))) "," M(
            "", UINT("2")) "," M("", STRUCT("null", M("b", UINT("3")))));
    check_line(nested, &plain, "T{a=1, <anon>=2, b=3}");
    check_line(nested, &all, "T{z=0, a=1, <anon>=2, b=3}");
}

#define LIST ARRAY("1", T(M("a", UINT("1"))))

static void check_no_short_form(const char *text, const char *want) {
    struct fixture f;
    struct dc_buf out;
    if (!start(&f, text))
        return;
    dc_buf_init(&out, dc_alloc_libc);
    dc_buf_text(&out, "key=");
    dc_value_add_line(f.value, &plain, &out);
    CHECK_MEM(out.data, out.len, want, strlen(want));
    out.len = 0;
    CHECK(!dc_value_add_inline(f.value, &plain, &out, SIZE_MAX / 2));
    dc_buf_done(&out);
    stop(&f);
}

static void what_has_no_short_form_is_counted(void) {
    check_no_short_form(ARRAY("9", T(M("a", UINT("1"))) "," T(M("a", UINT("2")))),
                        "key=[2 elements]");
    check_no_short_form(LIST, "key=[1 elements]");
}

static void what_holds_structs_in_arrays_is_cut(void) {
    check_no_short_form(T(M("b", UINT("2")) "," M("l", LIST)), "key=T{...}");
    /* cppcheck-suppress unknownMacro */
    check_no_short_form(STRUCT("null", M("l", LIST)), "key={...}");
    check_no_short_form(T(M("t", STRUCT("\"U\"", M("l", LIST)))), "key=T{...}");
    check_no_short_form(PTR("5", ",\"deref\":" LIST), "key={...}");
    check_no_short_form(TRUNCATED(LIST), "key={...}");
}

/* A long text from outside must not be copied only to find that it is too long. */
static void long_texts_are_not_tried(void) {
    struct fixture f;
    struct dc_buf out;
    if (!start(&f, BYTES("0123456789abcdef")))
        return;
    dc_buf_init(&out, dc_alloc_libc);
    CHECK(!dc_value_add_inline(f.value, &plain, &out, 15));
    CHECK_EQ_U64(out.len, 0);
    CHECK(dc_value_add_inline(f.value, &plain, &out, 16));
    dc_buf_done(&out);
    stop(&f);
}

static void says_when_memory_runs_out(void) {
    struct fixture f;
    if (!start(&f, T(M("a", ARRAY("2", UINT("1") "," UINT("2"))) "," M(
                       "b", PTR("1", ",\"deref\":" T(M("c", BYTES("00"))))))))
        return;
    struct aid_memory memory = {.fail = 1};
    struct dc_buf out;
    dc_buf_init(&out, aid_alloc(&memory));
    dc_value_add_line(f.value, &plain, &out);
    CHECK(memory.failed && !dc_buf_ok(&out) && out.len == 0);
    dc_buf_done(&out);
    CHECK_EQ_U64(memory.live, 0);
    stop(&f);
}

int main(void) {
    UNIT_RUN(zero_goes_through_and_through);
    UNIT_RUN(scalars_fit_a_cell);
    UNIT_RUN(scalars_are_short);
    UNIT_RUN(pointers_say_where_they_lead);
    UNIT_RUN(structs_leave_zeros_out);
    UNIT_RUN(anonymous_structs_are_flattened);
    UNIT_RUN(what_has_no_short_form_is_counted);
    UNIT_RUN(what_holds_structs_in_arrays_is_cut);
    UNIT_RUN(long_texts_are_not_tried);
    UNIT_RUN(says_when_memory_runs_out);
    return unit_done();
}
