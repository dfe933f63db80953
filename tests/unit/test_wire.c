/* The wire form: order, omissions and nulls by the tables; exact integers; unknown members. */
#include "lib/wire.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/schema_aid.h"
#include "tests/unit/unit.h"

static void check_rewrite(const char *in, const char *want) {
    struct dc_buf out;
    struct dc_error err = {.message = ""};
    if (!unit_check(aid_rewrite(in, strlen(in), &out, &err) == 0, in, __FILE__, __LINE__))
        printf("#   %s: %s\n", err.pointer, err.message);
    CHECK_MEM(out.data, out.len, want, strlen(want));
    dc_buf_done(&out);
}

/* ---- every field of every type ---- */

static unsigned shown;

/* The members given, in that order, become the members wanted. */
static void check_members(const struct aid_way *way, const struct dc_buf *in,
                          const struct dc_buf *want) {
    struct dc_buf text, expected, out;
    struct dc_error err = {.message = ""};
    const struct dc_buf *members[] = {in, want};
    struct dc_buf *made[] = {&text, &expected};
    bool named = way->declared->choices && !way->declared->tag;
    for (int i = 0; i < 2; i++) {
        dc_buf_init(made[i], dc_alloc_libc);
        dc_buf_add(made[i], way->head.data, way->head.len);
        if (named)
            aid_put(made[i], "{\"%s\":", way->type->tag_value);
        dc_buf_text(made[i], "{");
        if (way->declared->tag)
            aid_put(made[i], "\"%s\":\"%s\"%s", way->declared->tag, way->type->tag_value,
                    members[i]->len ? "," : "");
        dc_buf_add(made[i], members[i]->data, members[i]->len);
        dc_buf_text(made[i], named ? "}}" : "}");
        dc_buf_add(made[i], way->tail.data, way->tail.len);
    }
    /* The way to the record is canonical only after one writing. */
    struct dc_buf canonical;
    dc_buf_init(&canonical, dc_alloc_libc);
    /* An object of defaults in a field with a default has a test of its own. */
    bool omitted = way->field && way->field->rule == DC_DEFAULTED && !way->list;
    bool good = aid_rewrite(text.data, text.len, &out, &err) == 0 &&
                aid_rewrite(expected.data, expected.len, &canonical, &err) == 0;
    good = good && out.len == canonical.len &&
           memcmp(out.data, canonical.data, out.len) == 0 &&
           (want->len == 0 || omitted ||
            memmem(out.data, out.len, want->data, want->len) != NULL);
    if (!unit_check(good, "the wire form of the record", __FILE__, __LINE__) &&
        shown++ < 10) {
        unit_bytes("in  ", text.data, text.len);
        unit_bytes("out ", out.data, out.len);
        unit_bytes("want", want->data, want->len);
        printf("#   %s: %s\n", err.pointer, err.message);
    }
    dc_buf_done(&text);
    dc_buf_done(&expected);
    dc_buf_done(&out);
    dc_buf_done(&canonical);
}

/* The field as given, and as it is written: NULL for not at all. */
static void check_field(const struct aid_way *way, size_t at, const char *in,
                        const char *want) {
    struct dc_buf before, after;
    dc_buf_init(&before, dc_alloc_libc);
    dc_buf_init(&after, dc_alloc_libc);
    if (in)
        aid_put(&before, "\"%s\":%s", way->type->fields[at].name, in);
    bool any = false;
    for (size_t i = 0; i < way->type->n_fields; i++) {
        const struct dc_field *field = &way->type->fields[i];
        struct dc_buf value;
        bool instead =
            field->rule == DC_EITHER && way->type->fields[at].rule == DC_EITHER;
        bool written = aid_is_required(way->type, i) && !instead;
        dc_buf_init(&value, dc_alloc_libc);
        if (i == at && want) {
            dc_buf_text(&value, want);
        } else if (i != at && field->rule == DC_TAG) {
            aid_put(&value, "\"%s\"", way->type->tag_value);
        } else if (i != at && written) {
            aid_put_least(&value, field);
        } else if (i != at && field->rule == DC_NULLED) {
            dc_buf_text(&value, "null");
        } else if (i != at && field->rule == DC_WRITTEN) {
            dc_buf_text(&value, field->kind == DC_BOOL ? "false" : "0");
        }
        if (value.len > 0) {
            aid_put(&after, "%s\"%s\":", any ? "," : "", field->name);
            dc_buf_add(&after, value.data, value.len);
            any = true;
        }
        if (value.len > 0 && i != at && (written || field->rule == DC_TAG)) {
            aid_put(&before, "%s\"%s\":", before.len ? "," : "", field->name);
            dc_buf_add(&before, value.data, value.len);
        }
        dc_buf_done(&value);
    }
    check_members(way, &before, &after);
    dc_buf_done(&before);
    dc_buf_done(&after);
}

static const char *zero_of(const struct dc_field *field) {
    if (field->shape == DC_LIST_OF_10)
        return "[0,0,0,0,0,0,0,0,0,0]";
    if (field->shape != DC_ONE)
        return "[]";
    switch (field->kind) {
    case DC_BOOL:
        return "false";
    case DC_STRING:
        return "\"\"";
    case DC_F64:
        return "0.0";
    case DC_ANY:
        return "null";
    default:
        return "0";
    }
}

static const char *some_of(const struct dc_field *field) {
    if (field->shape == DC_LIST_OF_10)
        return "[1,2,3,4,5,6,7,8,9,18446744073709551615]";
    if (field->shape == DC_HOLES)
        return "[null,null]";
    if (field->shape != DC_ONE)
        return field->kind == DC_RECORD ? NULL : "[0,255,7]";
    switch (field->kind) {
    case DC_BOOL:
        return "true";
    case DC_STRING:
        return "\"\xe2\x86\x92\\n\"";
    case DC_F64:
        return "-1.5e-7";
    case DC_ANY:
        return "{\"a\":[1]}";
    case DC_U8:
        return "255";
    case DC_U32:
        return "4294967295";
    case DC_U64:
        return "18446744073709551615";
    case DC_I32:
        return "-2147483648";
    case DC_I64:
        return "-9223372036854775808";
    default:
        return NULL; /* records are written where the way leads through them */
    }
}

static void check_rules(const struct aid_way *way, size_t i) {
    const struct dc_field *field = &way->type->fields[i];
    const char *zero = zero_of(field), *some = some_of(field);
    bool record = field->kind == DC_RECORD && field->shape == DC_ONE;
    if (field->rule == DC_TAG)
        return;
    if (some)
        check_field(way, i, some, some);
    if (!record) /* a zero: left out where it is the default, and only there */
        check_field(way, i, zero, field->rule == DC_DEFAULTED ? NULL : zero);
    if (field->rule == DC_OPTIONAL || field->rule == DC_LAST) {
        check_field(way, i, "null", NULL);
        check_field(way, i, NULL, NULL);
    }
    if (field->rule == DC_NULLED) {
        check_field(way, i, "null", "null");
        check_field(way, i, NULL, "null");
    }
    if (field->rule == DC_DEFAULTED)
        check_field(way, i, NULL, NULL);
    if (field->rule == DC_WRITTEN)
        check_field(way, i, NULL, zero);
}

static void fields_are_written_by_their_rule(void) {
    size_t count;
    struct aid_way *ways = aid_ways(&count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < ways[i].type->n_fields; k++)
            check_rules(&ways[i], k);
    CHECK(count > 60);
    aid_ways_free(ways, count);
}

/* ---- single facts ---- */

static void members_come_in_table_order(void) {
    check_rewrite("{\"elapsed_ms\":1,\"exit_kind\":0,\"bss_latch_state\":\"b\","
                  "\"watchpoint_hit\":false,\"vcpu_regs\":[{\"page_table_root\":3,"
                  "\"tcr_el1\":5,\"stack_pointer\":2,\"instruction_pointer\":1}],"
                  "\"reason\":\"r\",\"schema\":\"degraded\"}",
                  "{\"schema\":\"degraded\",\"reason\":\"r\",\"vcpu_regs\":["
                  "{\"instruction_pointer\":1,\"stack_pointer\":2,\"page_table_root\":3,"
                  "\"tcr_el1\":5}],\"watchpoint_hit\":false,\"bss_latch_state\":\"b\","
                  "\"exit_kind\":0,\"elapsed_ms\":1}");
}

static void inner_schemas_become_single(void) {
    check_rewrite("{\"schema\":\"dual\",\"late\":{\"maps\":[],\"schema\":\"any\"}}",
                  "{\"schema\":\"dual\",\"late\":{\"schema\":\"single\",\"maps\":[]}}");
}

static void an_object_of_defaults_is_left_out_whole(void) {
    static const char single[] = "{\"schema\":\"single\",\"maps\":[]}";
    check_rewrite(
        "{\"schema\":\"single\",\"maps\":[],\"scx_static_ranges\":{\"ranges\":[],"
        "\"skipped\":0}}",
        single);
    check_rewrite("{\"schema\":\"single\",\"maps\":[],\"scx_static_ranges\":{"
                  "\"skipped\":0}}",
                  single);
    check_rewrite(
        "{\"schema\":\"single\",\"maps\":[],\"scx_static_ranges\":{\"ranges\":[],"
        "\"skipped\":1}}",
        "{\"schema\":\"single\",\"maps\":[],\"scx_static_ranges\":{"
        "\"skipped\":1}}");
    check_rewrite("{\"schema\":\"single\",\"maps\":[],\"scx_static_ranges\":{\"x\":1,"
                  "\"skipped\":0}}",
                  "{\"schema\":\"single\",\"maps\":[],\"scx_static_ranges\":{"
                  "\"skipped\":0,\"x\":1}}");
}

static void integers_are_exact(void) {
    static const char *const numbers[] = {"0",
                                          "9007199254740993",
                                          "9223372036854775807",
                                          "9223372036854775808",
                                          "18446744071589577456",
                                          "18446744073709551615"};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        char text[256], want[256];
        struct dc_report report;
        struct dc_error err;
        struct dc_buf out;
        snprintf(
            text, sizeof(text),
            "{\"schema\":\"single\",\"maps\":[],\"vcpu_regs\":[{"
            "\"instruction_pointer\":%s,\"stack_pointer\":%s,\"page_table_root\":%s}],"
            "\"dump_truncated_at_us\":%s}",
            numbers[i], numbers[i], numbers[i], numbers[i]);
        check_rewrite(text, text);
        if (!CHECK(aid_read_text(&report, text, &err) == 0))
            continue;
        CHECK(aid_uniform(&report, true, &out) == 0);
        snprintf(want, sizeof(want), "\"dump_truncated_at_us\":%s", numbers[i]);
        CHECK(memmem(out.data, out.len, want, strlen(want)) != NULL);
        dc_buf_done(&out);
        CHECK(aid_uniform(&report, false, &out) == 0);
        bool quoted = i > 0;
        snprintf(want, sizeof(want), "\"dump_truncated_at_us\":%s%s%s",
                 quoted ? "\"" : "", numbers[i], quoted ? "\"" : "");
        CHECK(memmem(out.data, out.len, want, strlen(want)) != NULL);
        snprintf(want, sizeof(want), "\"instruction_pointer\":\"0x%llx\"",
                 strtoull(numbers[i], NULL, 10));
        CHECK(memmem(out.data, out.len, want, strlen(want)) != NULL);
        dc_buf_done(&out);
        dc_report_done(&report);
    }
}

static void unknown_members_stand_behind_sorted(void) {
    check_rewrite(
        "{\"zz\":1,\"schema\":\"single\",\"a\\u0062\":[ 1.50 , {} ],\"dumpctl\":{"
        "\"x\":0,\"version\":\"1\"},\"maps\":[],\"\":null,\"zz\":2,\"aa\":"
        "{\"b\":1,\"a\":2},\"\\ud800\\udc00\":3,\"\xef\xbf\xbf\":4}",
        "{\"schema\":\"single\",\"maps\":[],\"\":null,\"aa\":{\"b\":1,\"a\":2},"
        "\"ab\":[1.50,{}],\"zz\":1,\"zz\":2,\"\xef\xbf\xbf\":4,"
        "\"\xf0\x90\x80\x80\":3,\"dumpctl\":{\"version\":\"1\",\"x\":0}}");
    check_rewrite("{\"MissingStats\":{\"z\":0,\"tag\":\"t\",\"reason\":{\"NoScheduler\":{"
                  "\"b\":1,\"reason\":\"r\",\"a\":2}}}}",
                  "{\"MissingStats\":{\"tag\":\"t\",\"reason\":{\"NoScheduler\":{"
                  "\"reason\":\"r\",\"a\":2,\"b\":1}},\"z\":0}}");
}

/* Members of another kind than the value's own are unknown there. */
static void members_of_another_kind_are_unknown(void) {
    check_rewrite(
        "{\"schema\":\"single\",\"maps\":[{\"name\":\"\",\"map_type\":0,"
        "\"value_size\":0,\"max_entries\":0,\"value\":{\"value\":true,\"bits\":"
        "[1],\"kind\":\"bool\",\"deref\":null}}]}",
        "{\"schema\":\"single\",\"maps\":[{\"name\":\"\",\"map_type\":0,"
        "\"value_size\":0,\"max_entries\":0,\"value\":{\"kind\":\"bool\",\"value\":"
        "true,\"bits\":[1],\"deref\":null}}]}");
}

static void strings_get_the_escapes_of_the_reference(void) {
    check_rewrite("{\"schema\":\"single\",\"maps\":[],\"active_obj_name\":"
                  "\"\\u0041\\/\\u2192\\u000a\\u001F\\u007f\\ud83d\\ude00\\\"\\\\\"}",
                  "{\"schema\":\"single\",\"maps\":[],\"active_obj_name\":"
                  "\"A/\xe2\x86\x92\\n\\u001f\x7f\xf0\x9f\x98\x80\\\"\\\\\"}");
}

static void reals_come_out_shortest(void) {
    static const char *const pairs[][2] = {{"1e2", "100.0"},
                                           {"-0", "-0.0"},
                                           {"3", "3.0"},
                                           {"1e16", "1e+16"},
                                           {"0.000010", "0.00001"},
                                           {"1E-6", "1e-6"},
                                           {"9007199254740993", "9007199254740992.0"}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        char text[2][256];
        for (int k = 0; k < 2; k++)
            snprintf(text[k], sizeof(text[k]),
                     "{\"schema\":\"single\",\"maps\":[{\"name\":\"\",\"map_type\":0,"
                     "\"value_size\":0,\"max_entries\":0,\"value\":{\"kind\":\"float\","
                     "\"bits\":64,\"value\":%s}}]}",
                     pairs[i][k]);
        check_rewrite(text[0], text[1]);
    }
}

int main(void) {
    UNIT_RUN(fields_are_written_by_their_rule);
    UNIT_RUN(members_come_in_table_order);
    UNIT_RUN(inner_schemas_become_single);
    UNIT_RUN(an_object_of_defaults_is_left_out_whole);
    UNIT_RUN(integers_are_exact);
    UNIT_RUN(unknown_members_stand_behind_sorted);
    UNIT_RUN(members_of_another_kind_are_unknown);
    UNIT_RUN(strings_get_the_escapes_of_the_reference);
    UNIT_RUN(reals_come_out_shortest);
    return unit_done();
}
