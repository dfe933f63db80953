/*
 * JSON Patch: what each difference becomes, word for word. That an implementation which is not
 * ours makes B of A is checked by tests/laws.bats.
 */
#include "lib/patch.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/pair_aid.h"
#include "tests/unit/unit.h"

static int patch(const struct dc_report *a, const struct dc_report *b,
                 struct dc_alloc alloc, struct dc_buf *out, struct dc_error *err) {
    struct dc_writer w;
    dc_buf_init(out, dc_alloc_libc);
    dc_writer_init(&w, dc_buf_sink(out), false, false);
    int rc = dc_patch_write(&w, a, b, alloc, err);
    return dc_writer_finish(&w) < 0 ? -1 : rc;
}

/* Two texts to a patch. */
static int patch_texts(const char *a, const char *b, struct dc_buf *out,
                       struct dc_error *err) {
    struct dc_report reports[2];
    int rc = -1;
    dc_buf_init(out, dc_alloc_libc);
    if (!unit_check(aid_read_text(&reports[0], a, err) == 0, a, __FILE__, __LINE__))
        return -1;
    if (unit_check(aid_read_text(&reports[1], b, err) == 0, b, __FILE__, __LINE__)) {
        rc = patch(&reports[0], &reports[1], dc_alloc_libc, out, err);
        dc_report_done(&reports[1]);
    }
    dc_report_done(&reports[0]);
    return rc;
}

static void check_patch(const char *a, const char *b, const char *want) {
    struct dc_buf out;
    struct dc_error err = {.message = ""};
    if (!unit_check(patch_texts(a, b, &out, &err) == 0, b, __FILE__, __LINE__))
        printf("#   %s: %s\n", err.pointer, err.message);
    else
        CHECK_MEM(out.data, out.len, want, strlen(want));
    dc_buf_done(&out);
}

/* Members of a single report. */
static void check_single(const char *a, const char *b, const char *want) {
    char texts[2][4096];
    const char *members[] = {a, b};
    for (int i = 0; i < 2; i++)
        snprintf(texts[i], sizeof(texts[i]), "{\"schema\":\"single\"%s%s%s}",
                 strstr(members[i], "\"maps\"") ? "" : ",\"maps\":[]",
                 *members[i] ? "," : "", members[i]);
    check_patch(texts[0], texts[1], want);
}

/* The value of the only map. */
static void check_value(const char *a, const char *b, const char *want) {
    static const char map[] = "\"maps\":[{\"name\":\"m\",\"map_type\":2,\"value_size\":8,"
                              "\"max_entries\":1,\"value\":%s}]";
    char texts[2][1024];
    const char *values[] = {a, b};
    for (int i = 0; i < 2; i++)
        snprintf(texts[i], sizeof(texts[i]), map, values[i]);
    check_single(texts[0], texts[1], want);
}

/* ---- members ---- */

static void what_is_left_out_is_added_and_removed(void) {
    check_single("", "", "[]");
    check_single("\"maps_truncated\":0,\"active_obj_name\":null,\"vcpu_regs\":[],"
                 "\"scx_static_ranges\":{\"skipped\":0}",
                 "", "[]");
    check_single("", "\"maps_truncated\":3",
                 "[{\"op\":\"add\",\"path\":\"/maps_truncated\",\"value\":3}]");
    check_single("\"maps_truncated\":3", "\"maps_truncated\":0",
                 "[{\"op\":\"remove\",\"path\":\"/maps_truncated\"}]");
    check_single("\"maps_truncated\":3", "\"maps_truncated\":4",
                 "[{\"op\":\"replace\",\"path\":\"/maps_truncated\",\"value\":4}]");
    check_single("\"active_obj_name\":null", "\"active_obj_name\":\"\"",
                 "[{\"op\":\"add\",\"path\":\"/active_obj_name\",\"value\":\"\"}]");
    check_single("\"active_obj_name\":\"a\\u0062\"", "\"active_obj_name\":\"ab\"", "[]");
    check_single("", "\"scx_static_ranges\":{\"skipped\":2,\"ranges\":[]}",
                 "[{\"op\":\"add\",\"path\":\"/scx_static_ranges\",\"value\":"
                 "{\"skipped\":2}}]");
    check_single("\"scx_static_ranges\":{\"skipped\":1}",
                 "\"scx_static_ranges\":{\"skipped\":2}",
                 "[{\"op\":\"replace\",\"path\":\"/scx_static_ranges/skipped\","
                 "\"value\":2}]");
    check_single(
        "", "\"dumpctl\":{\"version\":\"1\"}",
        "[{\"op\":\"add\",\"path\":\"/dumpctl\",\"value\":{\"version\":\"1\"}}]");
}

static void integers_are_exact(void) {
    check_single("\"dump_truncated_at_us\":18446744073709551614",
                 "\"dump_truncated_at_us\":18446744073709551615",
                 "[{\"op\":\"replace\",\"path\":\"/dump_truncated_at_us\",\"value\":"
                 "18446744073709551615}]");
}

/* Null where there is none, and a default that is always written. */
static void what_is_always_written_is_replaced(void) {
#define ENUM(members) "{\"kind\":\"enum\",\"bits\":8,\"value\":1" members "}"
    check_value(ENUM(""), ENUM(",\"variant\":null,\"is_signed\":false"), "[]");
    check_value(ENUM(""), ENUM(",\"variant\":\"V\""),
                "[{\"op\":\"replace\",\"path\":\"/maps/0/value/variant\",\"value\":"
                "\"V\"}]");
    check_value(
        ENUM(",\"variant\":\"V\""), ENUM(",\"variant\":null"),
        "[{\"op\":\"replace\",\"path\":\"/maps/0/value/variant\",\"value\":null}]");
    check_value(ENUM(""), ENUM(",\"is_signed\":true"),
                "[{\"op\":\"replace\",\"path\":\"/maps/0/value/is_signed\",\"value\":"
                "true}]");
    check_value(ENUM(",\"is_signed\":true"), ENUM(""),
                "[{\"op\":\"replace\",\"path\":\"/maps/0/value/is_signed\",\"value\":"
                "false}]");
}

static void reals_differ_by_their_bits(void) {
#define REAL(value) "{\"kind\":\"float\",\"bits\":64,\"value\":" value "}"
    check_value(REAL("1e2"), REAL("100.0"), "[]");
    check_value(REAL("0"), REAL("0.0"), "[]");
    check_value(REAL("0"), REAL("-0.0"),
                "[{\"op\":\"replace\",\"path\":\"/maps/0/value/value\",\"value\":-0.0}]");
    check_value(REAL("0.1"), REAL("0.10000000000000001"), "[]");
    check_value(REAL("0.1"), REAL("0.10000000000000002"),
                "[{\"op\":\"replace\",\"path\":\"/maps/0/value/value\",\"value\":"
                "0.10000000000000002}]");
}

/* ---- unions and variants ---- */

static void another_kind_is_replaced_whole(void) {
    check_value("{\"kind\":\"int\",\"bits\":8,\"value\":1}",
                "{\"value\":1,\"kind\":\"uint\",\"bits\":8}",
                "[{\"op\":\"replace\",\"path\":\"/maps/0/value\",\"value\":{\"kind\":"
                "\"uint\",\"bits\":8,\"value\":1}}]");
    check_value("{\"kind\":\"int\",\"bits\":8,\"value\":1}",
                "{\"value\":-1,\"kind\":\"int\",\"bits\":8}",
                "[{\"op\":\"replace\",\"path\":\"/maps/0/value/value\",\"value\":-1}]");
}

#define SAMPLE(reason) "{\"MissingStats\":{\"tag\":\"t\",\"reason\":" reason "}}"

static void a_choice_without_a_tag_is_a_step_of_the_path(void) {
    check_patch("\"Cancelled\"", "{\"Cancelled\":null}", "[]");
    check_patch("\"Cancelled\"", "\"DuringFreeze\"",
                "[{\"op\":\"replace\",\"path\":\"\",\"value\":\"DuringFreeze\"}]");
    check_patch(SAMPLE("\"Cancelled\""), SAMPLE("{\"NoScheduler\":{\"reason\":\"r\"}}"),
                "[{\"op\":\"replace\",\"path\":\"/MissingStats/reason\",\"value\":"
                "{\"NoScheduler\":{\"reason\":\"r\"}}}]");
    check_patch(
        SAMPLE("{\"NoScheduler\":{\"reason\":\"r\"}}"),
        SAMPLE("{\"NoScheduler\":{\"reason\":\"s\",\"x\":1}}"),
        "[{\"op\":\"replace\",\"path\":\"/MissingStats/reason/NoScheduler/reason\","
        "\"value\":\"s\"},"
        "{\"op\":\"add\",\"path\":\"/MissingStats/reason/NoScheduler/x\","
        "\"value\":1}]");
}

static void free_json_is_compared_in_its_canonical_form(void) {
#define ERROR(args) "{\"SchedulerError\":{\"errno\":1,\"args\":" args "}}"
    check_patch(ERROR("null"), ERROR("null"), "[]");
    check_patch(ERROR("{\"a\":1,\"b\":1e2}"), ERROR("{\"b\":0,\"a\":1,\"b\":100.0}"),
                "[]");
    check_patch(ERROR("1"), ERROR("1.0"),
                "[{\"op\":\"replace\",\"path\":\"/SchedulerError/args\",\"value\":1.0}]");
    check_patch(ERROR("1"), ERROR("{\"b\":1,\"a\":null}"),
                "[{\"op\":\"replace\",\"path\":\"/SchedulerError/args\",\"value\":"
                "{\"a\":null,\"b\":1}}]");
}

static void another_variant_is_replaced_whole(void) {
    check_patch("{\"schema\":\"single\",\"maps\":[]}",
                "{\"schema\":\"dual\",\"late\":{\"maps\":[],\"schema\":\"\"}}",
                "[{\"op\":\"replace\",\"path\":\"\",\"value\":{\"schema\":\"dual\","
                "\"late\":{\"schema\":\"single\",\"maps\":[]}}}]");
    check_patch(
        "\"Cancelled\"", SAMPLE("\"Cancelled\""),
        "[{\"op\":\"replace\",\"path\":\"\",\"value\":" SAMPLE("\"Cancelled\"") "}]");
}

static void halves_of_a_dual_report_are_changed_in_place(void) {
#define HALF(n) "{\"schema\":\"single\",\"maps\":[],\"maps_truncated\":" #n "}"
    check_patch("{\"schema\":\"dual\",\"late\":" HALF(1) "}",
                "{\"schema\":\"dual\",\"early\":" HALF(2) ",\"late\":" HALF(3) "}",
                "[{\"op\":\"add\",\"path\":\"/early\",\"value\":" HALF(
                    2) "},{\"op\":\"replace\",\"path\":\"/late/maps_truncated\","
                       "\"value\":3}]");
}

/* ---- lists ---- */

static void holes_are_null(void) {
#define REGS(ip)                                                                         \
    "{\"instruction_pointer\":" #ip ",\"stack_pointer\":2,\"page_table_root\":3}"
    check_single("\"vcpu_regs\":[null,null," REGS(1) "]",
                 "\"vcpu_regs\":[null," REGS(1) "," REGS(2) "]",
                 "[{\"op\":\"replace\",\"path\":\"/vcpu_regs/1\",\"value\":" REGS(
                     1) "},{\"op\":\"replace\",\"path\":\"/vcpu_regs/2/"
                        "instruction_pointer\",\"value\":2}]");
    check_single("\"vcpu_regs\":[" REGS(1) ",null,null,null]",
                 "\"vcpu_regs\":[null,null,null]",
                 "[{\"op\":\"replace\",\"path\":\"/vcpu_regs/0\",\"value\":null},"
                 "{\"op\":\"remove\",\"path\":\"/vcpu_regs/3\"}]");
    check_single("\"vcpu_regs\":[null]", "\"vcpu_regs\":[null," REGS(1) ",null]",
                 "[{\"op\":\"add\",\"path\":\"/vcpu_regs/1\",\"value\":" REGS(
                     1) "},{\"op\":\"add\",\"path\":\"/vcpu_regs/2\",\"value\":null}]");
    check_single("\"vcpu_regs\":[null,null," REGS(1) "," REGS(2) "]",
                 "\"vcpu_regs\":[null,null]",
                 "[{\"op\":\"remove\",\"path\":\"/vcpu_regs/3\"},"
                 "{\"op\":\"remove\",\"path\":\"/vcpu_regs/2\"}]");
    check_single("\"vcpu_regs\":[null]", "",
                 "[{\"op\":\"remove\",\"path\":\"/vcpu_regs\"}]");
}

#define MAP(name, size)                                                                  \
    "{\"name\":\"" name "\",\"map_type\":1,\"value_size\":" #size ",\"max_entries\":1}"
#define MAPS(list) "\"maps\":[" list "]"
#define OP(op, path, value)                                                              \
    "{\"op\":\"" op "\",\"path\":\"" path "\",\"value\":" value "}"
#define REMOVE(path) "{\"op\":\"remove\",\"path\":\"" path "\"}"

/* Changes at the places of A, removals from the last to the first, then additions at the
   places of B. */
static void elements_are_found_by_their_key(void) {
    check_single(
        MAPS(MAP("a", 1) "," MAP("b", 1) "," MAP("c", 1) "," MAP("d", 1)),
        MAPS(MAP("x", 1) "," MAP("b", 1) "," MAP("y", 1) "," MAP("d", 2)),
        "[" OP("replace", "/maps/3/value_size", "2") "," REMOVE("/maps/2") "," REMOVE(
            "/maps/0") "," OP("add", "/maps/0", MAP("x", 1)) "," OP("add", "/maps/2",
                                                                    MAP("y", 1)) "]");
    check_single(MAPS(MAP("a", 1) "," MAP("b", 1) "," MAP("c", 1)),
                 MAPS(MAP("b", 1) "," MAP("c", 1)), "[" REMOVE("/maps/0") "]");
    check_single(MAPS(MAP("a", 1) "," MAP("b", 1)),
                 MAPS(MAP("a", 1) "," MAP("z", 1) "," MAP("b", 1)),
                 "[" OP("add", "/maps/1", MAP("z", 1)) "]");
}

/* What moves is taken out and put in again; the most that can stay stays. */
static void elements_that_moved_are_put_elsewhere(void) {
    check_single(MAPS(MAP("a", 1) "," MAP("b", 1) "," MAP("c", 1) "," MAP("d", 1)),
                 MAPS(MAP("d", 1) "," MAP("a", 2) "," MAP("b", 1) "," MAP("c", 1)),
                 "[" OP("replace", "/maps/0/value_size", "2") "," REMOVE(
                     "/maps/3") "," OP("add", "/maps/0", MAP("d", 1)) "]");
}

static void a_list_of_which_little_stays_is_replaced(void) {
#define REVERSED MAP("d", 1) "," MAP("c", 1) "," MAP("b", 1) "," MAP("a", 1)
    check_single(MAPS(MAP("a", 1) "," MAP("b", 1) "," MAP("c", 1) "," MAP("d", 1)),
                 MAPS(REVERSED), "[" OP("replace", "/maps", "[" REVERSED "]") "]");
    check_single(MAPS(MAP("a", 1)), MAPS(), "[" OP("replace", "/maps", "[]") "]");
    check_single(MAPS(), MAPS(REVERSED),
                 "[" OP("replace", "/maps", "[" REVERSED "]") "]");
}

static void repeated_keys_leave_the_place(void) {
    check_single(MAPS(MAP("a", 1) "," MAP("a", 2) "," MAP("b", 3)),
                 MAPS(MAP("a", 1) "," MAP("b", 2) "," MAP("a", 3) "," MAP("c", 4)),
                 "[" OP("replace", "/maps/1/name", "\"b\"") "," OP(
                     "replace", "/maps/2/name", "\"a\"") "," OP("add", "/maps/3",
                                                                MAP("c", 4)) "]");
    check_single(MAPS(MAP("a", 1) "," MAP("b", 2) "," MAP("c", 3)),
                 MAPS(MAP("a", 1) "," MAP("a", 2)),
                 "[" OP("replace", "/maps/1/name", "\"a\"") "," REMOVE("/maps/2") "]");
}

static void lists_without_a_key_go_by_place(void) {
#define INT(value) "{\"kind\":\"int\",\"bits\":8,\"value\":" #value "}"
#define ARRAY(elements) "{\"kind\":\"array\",\"len\":9,\"elements\":[" elements "]}"
    check_value(ARRAY(INT(1) "," INT(2) "," INT(3)), ARRAY(INT(1) "," INT(3)),
                "[" OP("replace", "/maps/0/value/elements/1/value",
                       "3") "," REMOVE("/maps/0/value/elements/2") "]");
    check_value(ARRAY(INT(1)), ARRAY(INT(2) "," INT(3)),
                "[" OP("replace", "/maps/0/value/elements/0/value",
                       "2") "," OP("add", "/maps/0/value/elements/1", INT(3)) "]");
}

/* As a whole exactly where that is shorter. */
static void packed_lists_take_the_shorter_way(void) {
    check_single("\"active_map_kvas\":[1,2,3]", "\"active_map_kvas\":[1,2,3]", "[]");
    check_single("\"active_map_kvas\":[1,2,3]", "\"active_map_kvas\":[1,7,3]",
                 "[" OP("replace", "/active_map_kvas/1", "7") "]");
    check_single("\"active_map_kvas\":[1,2,3]", "\"active_map_kvas\":[7,8,3]",
                 "[" OP("replace", "/active_map_kvas", "[7,8,3]") "]");
    check_single("\"active_map_kvas\":[18446744073709551615,2,3]",
                 "\"active_map_kvas\":[18446744073709551615,2,3,4]",
                 "[" OP("add", "/active_map_kvas/3", "4") "]");
    check_single("\"active_map_kvas\":[18446744073709551615,2,3]",
                 "\"active_map_kvas\":[18446744073709551615,2]",
                 "[" REMOVE("/active_map_kvas/2") "]");
    check_single("\"active_map_kvas\":[1,2,3,4]", "\"active_map_kvas\":[1,2]",
                 "[" OP("replace", "/active_map_kvas", "[1,2]") "]");
    check_single("\"active_map_kvas\":[1,2,3]", "\"active_map_kvas\":[]",
                 "[" REMOVE("/active_map_kvas") "]");
}

/* ---- unknown members ---- */

static void unknown_members_are_whole_values(void) {
    check_single("\"x\":{\"b\":1, \"a\":[ ]}", "\"x\" : {\"b\":1,\"\\u0061\":[]}", "[]");
    check_single("\"x\":{\"b\":1,\"a\":2}", "\"x\":{\"a\":2,\"b\":1}",
                 "[" OP("replace", "/x", "{\"a\":2,\"b\":1}") "]");
    check_single("\"x\":1.5", "\"x\":1.50", "[" OP("replace", "/x", "1.50") "]");
    check_single("\"x\":1,\"z\":2", "\"y\":1,\"z\":2",
                 "[" REMOVE("/x") "," OP("add", "/y", "1") "]");
    check_single("", "\"x\":18446744073709551616",
                 "[" OP("add", "/x", "18446744073709551616") "]");
    check_single("\"x\":null", "", "[" REMOVE("/x") "]");
    check_single("\"dumpctl\":{\"version\":\"1\",\"q\":1}",
                 "\"dumpctl\":{\"version\":\"1\",\"q\":2}",
                 "[" OP("replace", "/dumpctl/q", "2") "]");
}

static void paths_are_escaped(void) {
    check_single("", "\"a/b~c\\\"\":1", "[" OP("add", "/a~1b~0c\\\"", "1") "]");
    check_single("", "\"~1\":1", "[" OP("add", "/~01", "1") "]");
    check_single("", "\"\":1", "[" OP("add", "/", "1") "]");
    check_single("\"\\u007e\\u002f\":1", "", "[" REMOVE("/~0~1") "]");
    check_single("", "\"\\u0000\\u00e9\":1", "[" OP("add", "/\\u0000\xc3\xa9", "1") "]");
    check_single("\"-\":1", "\"-\":2", "[" OP("add", "/-", "2") "]");
}

static void check_refused(const char *a, const char *b, const char *pointer) {
    static const char root[] = "{\"schema\":\"single\",\"maps\":[],%s}";
    char texts[2][512];
    struct dc_buf out;
    struct dc_error err = {.message = ""};
    snprintf(texts[0], sizeof(texts[0]), root, a);
    snprintf(texts[1], sizeof(texts[1]), root, b);
    unit_check(patch_texts(texts[0], texts[1], &out, &err) < 0, b, __FILE__, __LINE__);
    CHECK_EQ_U64(err.code, DC_EDUPLICATE);
    CHECK_STR(err.pointer, pointer);
    CHECK(strstr(err.message, "stands twice"));
    dc_buf_done(&out);
}

/* No patch can tell two members of one name apart. */
static void members_that_stand_twice_must_not_change(void) {
    check_single("\"x\":1,\"y\":3,\"x\":2", "\"x\":1,\"x\":2,\"y\":3", "[]");
    check_single("\"x\":1,\"x\":2", "\"x\":1,\"x\":2,\"maps_truncated\":1",
                 "[" OP("add", "/maps_truncated", "1") "]");
    check_refused("\"x\":1,\"x\":2", "\"x\":2,\"x\":1", "");
    check_refused("\"x\":1,\"x\":2", "\"x\":1", "");
    check_refused("\"x\":1,\"x\":2", "\"x\":1,\"x\":2,\"y\":1", "");
    check_refused("\"x\":1", "\"x\":1,\"\\u0078\":1", "");
    check_refused("\"dumpctl\":{\"version\":\"\"}",
                  "\"dumpctl\":{\"version\":\"\",\"x\":1,\"x\":1}", "/dumpctl");
    /* Inside of what is new. */
    check_refused("\"y\":0", "\"dumpctl\":{\"version\":\"\",\"x\":1,\"x\":1}",
                  "/dumpctl");
    check_refused("\"y\":0", "\"y\":[0,{\"x\":1,\"z\":{},\"x\":1}]", "/y");
    check_single("\"y\":[0,{\"x\":1,\"x\":1}]", "\"y\":[0]",
                 "[" OP("replace", "/y", "[0]") "]");
}

static void long_pointers_of_errors_are_cut(void) {
    char a[1024], name[400];
    struct dc_buf out;
    struct dc_error err = {.message = ""};
    for (size_t i = 0; i < sizeof(name) - 1; i += 3)
        memcpy(name + i, "\xe2\x86\x92", 3);
    name[sizeof(name) - 1] = '\0';
    snprintf(a, sizeof(a), "{\"schema\":\"single\",\"maps\":[],\"%s\":{\"x\":1,\"x\":1}}",
             name);
    CHECK(patch_texts("{\"schema\":\"single\",\"maps\":[]}", a, &out, &err) < 0);
    size_t len = strlen(err.pointer);
    CHECK(len > 240 && len % 3 == 1); /* "/", whole characters, "..." */
    CHECK_STR(err.pointer + len - 3, "...");
    dc_buf_done(&out);
}

/* ---- whole documents ---- */

static const char rich_a[] =
    "{\"schema\":\"single\"," MAPS(MAP("a", 1) "," MAP("b", 1) "," MAP("c", 1) "," MAP(
        "d", 1)) ",\"u\":[1,{\"a\":0}],\"v\":1,\"active_map_kvas\":[1,2,3]}";
static const char rich_b[] =
    "{\"schema\":\"single\"," MAPS(MAP("a", 1) "," MAP("c", 1) "," MAP("b", 1) "," MAP(
        "d", 1)) ",\"u\":[1,{\"b\":0}],\"w\":1,\"active_map_kvas\":[9,2,3]}";

static void survives_each_failing_allocation(void) {
    struct dc_report a, b;
    struct aid_memory memory = {.fail = 0};
    struct dc_error err;
    struct dc_buf out;
    size_t failures = 0;
    if (!CHECK(aid_read_text(&a, rich_a, &err) == 0 &&
               aid_read_text(&b, rich_b, &err) == 0))
        return;
    for (size_t fail = 1; fail < 1000; fail++) {
        memory = (struct aid_memory){.fail = fail};
        err.code = DC_OK;
        int rc = patch(&a, &b, aid_alloc(&memory), &out, &err);
        dc_buf_done(&out);
        CHECK_EQ_U64(memory.live, 0);
        if (!memory.failed) {
            CHECK(rc == 0);
            break;
        }
        CHECK(rc < 0);
        CHECK_EQ_U64(err.code, DC_ENOMEM);
        failures++;
    }
    CHECK(failures > 5 && failures < 900);
    dc_report_done(&a);
    dc_report_done(&b);
}

/* Whether the patch is empty exactly where the wire forms are the same. */
static bool check_pair(const struct pair *pair, bool *same) {
    struct dc_report a, b;
    struct dc_buf wires[2], out;
    struct dc_error err;
    if (!CHECK(aid_read(&a, pair->a.data, pair->a.len, &err) == 0))
        return false;
    if (!CHECK(aid_read(&b, pair->b.data, pair->b.len, &err) == 0)) {
        dc_report_done(&a);
        return false;
    }
    bool good = CHECK(aid_wire(&a, &wires[0]) == 0);
    good = CHECK(aid_wire(&b, &wires[1]) == 0) && good;
    *same = wires[0].len == wires[1].len &&
            memcmp(wires[0].data, wires[1].data, wires[0].len) == 0;
    good = CHECK(patch(&a, &b, dc_alloc_libc, &out, &err) == 0) && good;
    good = CHECK((out.len == 2) == *same) && CHECK(*same || !pair->told_anew) && good;
    dc_buf_done(&out);
    dc_buf_done(&wires[0]);
    dc_buf_done(&wires[1]);
    dc_report_done(&a);
    dc_report_done(&b);
    return good;
}

static void is_empty_only_where_nothing_differs(void) {
    enum { PAIRS = 2000 };
    size_t n_same = 0, n_other_text = 0;
    for (uint64_t seed = 0; seed < PAIRS; seed++) {
        struct pair pair;
        bool same = false;
        pair_make(&pair, seed);
        if (!check_pair(&pair, &same))
            printf("#   seed %" PRIu64 "\n", seed);
        n_same += same;
        n_other_text += same && (pair.a.len != pair.b.len ||
                                 memcmp(pair.a.data, pair.b.data, pair.a.len) != 0);
        pair_done(&pair);
    }
    CHECK(n_same > PAIRS / 4 && n_same < PAIRS / 2);
    CHECK(n_other_text > PAIRS / 5);
}

int main(void) {
    UNIT_RUN(what_is_left_out_is_added_and_removed);
    UNIT_RUN(integers_are_exact);
    UNIT_RUN(what_is_always_written_is_replaced);
    UNIT_RUN(reals_differ_by_their_bits);
    UNIT_RUN(another_kind_is_replaced_whole);
    UNIT_RUN(a_choice_without_a_tag_is_a_step_of_the_path);
    UNIT_RUN(free_json_is_compared_in_its_canonical_form);
    UNIT_RUN(another_variant_is_replaced_whole);
    UNIT_RUN(halves_of_a_dual_report_are_changed_in_place);
    UNIT_RUN(holes_are_null);
    UNIT_RUN(elements_are_found_by_their_key);
    UNIT_RUN(elements_that_moved_are_put_elsewhere);
    UNIT_RUN(a_list_of_which_little_stays_is_replaced);
    UNIT_RUN(repeated_keys_leave_the_place);
    UNIT_RUN(lists_without_a_key_go_by_place);
    UNIT_RUN(packed_lists_take_the_shorter_way);
    UNIT_RUN(unknown_members_are_whole_values);
    UNIT_RUN(paths_are_escaped);
    UNIT_RUN(members_that_stand_twice_must_not_change);
    UNIT_RUN(long_pointers_of_errors_are_cut);
    UNIT_RUN(survives_each_failing_allocation);
    UNIT_RUN(is_empty_only_where_nothing_differs);
    return unit_done();
}
