/* Parts of one report: which are the same to the letter, and that their hash agrees. */
#include "lib/same.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

/* Two records, the values of the first two elements of one array map. */
struct fixture {
    struct dc_report report;
    const struct dc_rec *a, *b;
    char *text;
};

static bool start(struct fixture *f, const char *a, const char *b) {
    struct dc_error err;
    if (asprintf(&f->text,
                 "{\"schema\":\"single\",\"maps\":[{\"name\":\"m\",\"map_type\":2,"
                 "\"value_size\":4,\"max_entries\":2,\"array_entries\":["
                 "{\"key\":0,\"value\":%s},{\"key\":1,\"value\":%s}]}]}",
                 a, b) < 0)
        return CHECK(false);
    if (!CHECK(aid_read_text(&f->report, f->text, &err) == 0)) {
        printf("#   %s: %s\n", err.pointer, err.message);
        free(f->text);
        return false;
    }
    const struct dc_rec *map =
        dc_list_rec(dc_list_of(f->report.root, DC_AT_SINGLE_maps), 0);
    const struct dc_list *entries = dc_list_of(map, DC_AT_MAP_array_entries);
    f->a = dc_record(dc_list_rec(entries, 0), DC_AT_ARRAY_ENTRY_value);
    f->b = dc_record(dc_list_rec(entries, 1), DC_AT_ARRAY_ENTRY_value);
    return true;
}

static void stop(struct fixture *f) {
    dc_report_done(&f->report);
    free(f->text);
}

#define UINT(value) "{\"kind\":\"uint\",\"bits\":64,\"value\":" value "}"
#define FLOAT(value) "{\"kind\":\"float\",\"bits\":64,\"value\":" value "}"
#define MEMBER(name, value) "{\"name\":\"" name "\",\"value\":" value "}"
#define STRUCT(members)                                                                  \
    "{\"kind\":\"struct\",\"type_name\":\"T\",\"members\":[" members "]}"
#define ARRAY(len, elements)                                                             \
    "{\"kind\":\"array\",\"len\":" len ",\"elements\":[" elements "]}"
#define PTR(more) "{\"kind\":\"ptr\",\"value\":5" more "}"
#define BYTES(hex) "{\"kind\":\"bytes\",\"hex\":\"" hex "\"}"

static void equal_parts_are_the_same(void) {
    static const char *const values[] = {
        UINT("0"),
        UINT("18446744073709551615"),
        "{\"kind\":\"int\",\"bits\":8,\"value\":-1}",
        "{\"kind\":\"bool\",\"value\":true}",
        "{\"kind\":\"char\",\"value\":65}",
        FLOAT("0.1"),
        FLOAT("-0.0"),
        "{\"kind\":\"enum\",\"bits\":32,\"value\":1,\"variant\":\"ON\"}",
        "{\"kind\":\"enum\",\"bits\":32,\"value\":1,\"variant\":null}",
        BYTES(""),
        BYTES("00ff"),
        STRUCT(""),
        STRUCT(
            MEMBER("a", UINT("1")) "," MEMBER("b", ARRAY("2", UINT("1") "," UINT("2")))),
        PTR(",\"deref\":" STRUCT(MEMBER("a", UINT("1")))),
        "{\"kind\":\"truncated\",\"needed\":8,\"had\":4,\"partial\":" UINT("1") "}",
        "{\"kind\":\"unsupported\",\"reason\":\"why\"}",
        "{\"kind\":\"cpu_list\",\"cpus\":\"0-3\"}",
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct fixture f;
        if (!start(&f, values[i], values[i]))
            continue;
        if (!CHECK(f.a != f.b && dc_same(f.a, f.b)))
            printf("#   %s\n", values[i]);
        CHECK(dc_same(f.a, f.a));
        CHECK_EQ_U64(dc_same_hash(f.a), dc_same_hash(f.b));
        stop(&f);
    }
}

/* White space, the order of members and the way a string is escaped are no difference. */
static void the_way_it_is_written_does_not_matter(void) {
    static const char *const pairs[][2] = {
        {UINT("7"), "{ \"value\" : 7 , \"bits\":64,\"kind\":\"uint\"}"},
        {BYTES("abc"), BYTES("\\u0061bc")},
        {FLOAT("1.0"), FLOAT("10e-1")},
        {"{\"kind\":\"enum\",\"bits\":8,\"value\":1,\"variant\":null}",
         "{\"kind\":\"enum\",\"bits\":8,\"value\":1}"},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct fixture f;
        if (!start(&f, pairs[i][0], pairs[i][1]))
            continue;
        if (!CHECK(dc_same(f.a, f.b)))
            printf("#   %s\n", pairs[i][1]);
        CHECK_EQ_U64(dc_same_hash(f.a), dc_same_hash(f.b));
        stop(&f);
    }
}

/* The hashes differ here too; they would collide once in 2^64 runs. */
static void any_difference_is_seen(void) {
    static const char *const pairs[][2] = {
        {UINT("0"), UINT("1")},
        {UINT("9007199254740992"), UINT("9007199254740993")},
        {UINT("1"), "{\"kind\":\"uint\",\"bits\":32,\"value\":1}"},
        {UINT("1"), "{\"kind\":\"int\",\"bits\":64,\"value\":1}"},
        {FLOAT("0.0"), FLOAT("-0.0")},
        {FLOAT("0.1"), FLOAT("0.10000000000000002")},
        {BYTES("ab"), BYTES("abc")},
        {BYTES("ab"), BYTES("ac")},
        {BYTES(""), BYTES("\\u0000")},
        {STRUCT(""), STRUCT(MEMBER("", UINT("0")))},
        {STRUCT(MEMBER("a", UINT("1"))), STRUCT(MEMBER("b", UINT("1")))},
        {STRUCT(MEMBER("a", UINT("1"))), STRUCT(MEMBER("a", UINT("2")))},
        {STRUCT(MEMBER("a", UINT("1")) "," MEMBER("b", UINT("2"))),
         STRUCT(MEMBER("b", UINT("2")) "," MEMBER("a", UINT("1")))},
        {STRUCT(MEMBER("ab", BYTES("c"))), STRUCT(MEMBER("a", BYTES("bc")))},
        {STRUCT(""), "{\"kind\":\"struct\",\"type_name\":null,\"members\":[]}"},
        {ARRAY("2", UINT("1") "," UINT("2")), ARRAY("2", UINT("2") "," UINT("1"))},
        {ARRAY("2", UINT("1")), ARRAY("2", UINT("1") "," UINT("1"))},
        {ARRAY("1", UINT("1")), ARRAY("2", UINT("1"))},
        {ARRAY("1", ARRAY("1", UINT("1"))), ARRAY("1", UINT("1"))},
        {PTR(""), PTR(",\"deref\":" UINT("0"))},
        {PTR(",\"deref_skipped_reason\":\"a\""), PTR(",\"cast_annotation\":\"a\"")},
        {PTR(",\"deref\":" UINT("0")), PTR(",\"deref\":" UINT("1"))},
        {PTR(""), PTR(",\"unknown\":1")},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct fixture f;
        if (!start(&f, pairs[i][0], pairs[i][1]))
            continue;
        if (!CHECK(!dc_same(f.a, f.b) && !dc_same(f.b, f.a)))
            printf("#   %s %s\n", pairs[i][0], pairs[i][1]);
        if (!CHECK(dc_same_hash(f.a) != dc_same_hash(f.b)))
            printf("#   %s %s\n", pairs[i][0], pairs[i][1]);
        stop(&f);
    }
}

static void nothing_is_the_same_as_nothing(void) {
    struct fixture f;
    if (!start(&f, UINT("0"), "null"))
        return;
    CHECK(f.b == NULL);
    CHECK(dc_same(NULL, NULL));
    CHECK(!dc_same(f.a, NULL) && !dc_same(NULL, f.a));
    CHECK_EQ_U64(dc_same_hash(NULL), dc_same_hash(f.b));
    CHECK(dc_same_hash(NULL) != dc_same_hash(f.a));
    stop(&f);
}

/* Nobody knows what unknown members mean, however deep inside they are. */
static void with_unknown_members_only_itself_is_the_same(void) {
    static const char *const values[] = {
        PTR(",\"unknown\":1"),
        "{\"kind\":\"uint\",\"bits\":64,\"value\":1,\"unknown\":null}",
        STRUCT(MEMBER("a", PTR(",\"unknown\":1"))),
        STRUCT("{\"name\":\"a\",\"value\":" UINT("1") ",\"unknown\":[]}"),
        ARRAY("2", UINT("1") "," PTR(",\"unknown\":{}")),
        PTR(",\"deref\":" PTR(",\"unknown\":1")),
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct fixture f;
        if (!start(&f, values[i], values[i]))
            continue;
        if (!CHECK(!dc_same(f.a, f.b) && !dc_same(f.b, f.a)))
            printf("#   %s\n", values[i]);
        CHECK(dc_same(f.a, f.a) && dc_same(f.b, f.b));
        stop(&f);
    }
    struct fixture f;
    if (!start(&f, PTR(",\"unknown\":1"), PTR(",\"unknown\":2")))
        return;
    CHECK(!dc_same(f.a, f.b) && !dc_same(f.b, f.a));
    stop(&f);
}

/* ---- lists with holes, and of numbers ---- */

#define REGS(ip)                                                                         \
    "{\"instruction_pointer\":" ip ",\"stack_pointer\":2,\"page_table_root\":3}"
#define SINGLE(regs, kvas)                                                               \
    "{\"schema\":\"single\",\"maps\":[],\"vcpu_regs\":[" regs                            \
    "],\"active_map_kvas\":[" kvas "]}"

static void check_snapshots(const char *early, const char *late, bool same) {
    struct dc_report report;
    struct dc_error err;
    char *text;
    if (asprintf(&text, "{\"schema\":\"dual\",\"early\":%s,\"late\":%s}", early, late) <
        0)
        return;
    if (CHECK(aid_read_text(&report, text, &err) == 0)) {
        const struct dc_rec *a = dc_record(report.root, DC_AT_DUAL_early);
        const struct dc_rec *b = dc_record(report.root, DC_AT_DUAL_late);
        if (!CHECK(dc_same(a, b) == same))
            printf("#   %s\n", text);
        CHECK((dc_same_hash(a) == dc_same_hash(b)) == same);
        dc_report_done(&report);
    }
    free(text);
}

static void holes_have_a_place(void) {
    const char *left = SINGLE("null," REGS("1"), "1,2");
    check_snapshots(left, left, true);
    check_snapshots(left, SINGLE(REGS("1") ",null", "1,2"), false);
    check_snapshots(left, SINGLE("null," REGS("2"), "1,2"), false);
    check_snapshots(left, SINGLE("null," REGS("1") ",null", "1,2"), false);
    check_snapshots(SINGLE("null", ""), SINGLE("", ""), false);
}

static void numbers_in_lists_count(void) {
    const char *left = SINGLE("", "1,18446744073709551615");
    check_snapshots(left, left, true);
    check_snapshots(left, SINGLE("", "1,18446744073709551614"), false);
    check_snapshots(left, SINGLE("", "18446744073709551615,1"), false);
    check_snapshots(left, SINGLE("", "1"), false);
}

int main(void) {
    UNIT_RUN(equal_parts_are_the_same);
    UNIT_RUN(the_way_it_is_written_does_not_matter);
    UNIT_RUN(any_difference_is_seen);
    UNIT_RUN(nothing_is_the_same_as_nothing);
    UNIT_RUN(with_unknown_members_only_itself_is_the_same);
    UNIT_RUN(holes_have_a_place);
    UNIT_RUN(numbers_in_lists_count);
    return unit_done();
}
