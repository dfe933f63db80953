/*
 * The rules of the tables (wire-format, legend and 1.4), tried on every field of every
 * type: what may be missing, null, doubled, of another type or out of range.
 */
#include "lib/reader.h"

#include "lib/number.h"
#include "tests/unit/lib_aid.h"
#include "tests/unit/schema_aid.h"
#include "tests/unit/unit.h"

/* ---- a record of one type, put into the way to it and read ---- */

static unsigned shown; /* failures with their text: a few are enough */

/* head + "{" (+ the tag) + members + "}" + tail. */
static void put_document(struct dc_buf *out, const struct aid_way *way,
                         const struct dc_buf *members) {
    const struct dc_type *declared = way->declared;
    bool named = declared->choices && !declared->tag;
    dc_buf_add(out, way->head.data, way->head.len);
    if (named)
        aid_put(out, "{\"%s\":", way->type->tag_value);
    dc_buf_text(out, "{");
    if (declared->tag)
        aid_put(out, "\"%s\":\"%s\"%s", declared->tag, way->type->tag_value,
                members->len ? "," : "");
    dc_buf_add(out, members->data, members->len);
    dc_buf_text(out, named ? "}}" : "}");
    dc_buf_add(out, way->tail.data, way->tail.len);
}

/* The pointer of the record's member `name`, or of the record where that is NULL. */
static void put_pointer(struct dc_buf *out, const struct aid_way *way, const char *name) {
    dc_buf_add(out, way->pointer.data, way->pointer.len);
    if (way->list)
        dc_buf_text(out, "/0");
    if (way->declared->choices && !way->declared->tag)
        aid_put(out, "/%s", way->type->tag_value);
    if (name)
        aid_put(out, "/%s", name);
    dc_buf_add(out, "", 1);
}

/* Checks that the record is accepted (want DC_OK), or refused with that code and with a
   pointer to `name` (NULL: to the record itself). */
static void check(const struct aid_way *way, const struct dc_buf *members,
                  enum dc_code want, const char *name) {
    struct dc_buf text, pointer;
    struct dc_report report;
    struct dc_error err = {.code = DC_OK};
    dc_buf_init(&text, dc_alloc_libc);
    dc_buf_init(&pointer, dc_alloc_libc);
    put_document(&text, way, members);
    put_pointer(&pointer, way, name);
    if (aid_read(&report, text.data, text.len, &err) == 0)
        dc_report_done(&report);
    bool good = err.code == want;
    if (good && want != DC_OK)
        good = err.line == 1 && strcmp(err.pointer, pointer.data) == 0;
    if (!good && shown++ < 20) {
        unit_bytes("text", text.data, text.len);
        printf("#   want %s at %s\n#   got  %s at %s: %s\n", dc_code_name(want),
               pointer.data, dc_code_name(err.code), err.pointer, err.message);
    }
    unit_check(good, "accepted or refused by the table", __FILE__, __LINE__);
    dc_buf_done(&text);
    dc_buf_done(&pointer);
}

/* What the record needs, but field `i`, and `text` behind it. */
static void check_with(const struct aid_way *way, size_t i, const char *text,
                       enum dc_code want, const char *name) {
    struct dc_buf members;
    dc_buf_init(&members, dc_alloc_libc);
    bool any = aid_put_required(&members, way->type, (int)i);
    if (*text)
        aid_put(&members, "%s%s", any ? "," : "", text);
    check(way, &members, want, name);
    dc_buf_done(&members);
}

static void each_way(void (*fn)(const struct aid_way *way)) {
    size_t count;
    struct aid_way *ways = aid_ways(&count);
    CHECK(count > 60);
    for (size_t i = 0; i < count; i++)
        fn(&ways[i]);
    aid_ways_free(ways, count);
}

static void each_field(const struct aid_way *way,
                       void (*fn)(const struct aid_way *way, size_t i,
                                  const struct dc_field *field)) {
    for (size_t i = 0; i < way->type->n_fields; i++)
        fn(way, i, &way->type->fields[i]);
}

/* The least value of a field; "schema" decides over the variant and is tested apart. */
static void least(char *out, size_t size, const struct dc_field *field,
                  const struct dc_type *type) {
    struct dc_buf value;
    dc_buf_init(&value, dc_alloc_libc);
    if (field->rule == DC_TAG)
        aid_put(&value, "\"%s\"", type->tag_value);
    else
        aid_put_least(&value, field);
    if (value.len >= size)
        abort();
    memcpy(out, value.data, value.len);
    out[value.len] = '\0';
    dc_buf_done(&value);
}

static bool is_dispatch(const struct aid_way *way, const struct dc_field *field) {
    return field->rule == DC_TAG && !way->field;
}

/* ---- missing, doubled, null ---- */

static void check_missing(const struct aid_way *way, size_t i,
                          const struct dc_field *field) {
    bool needed = field->rule == DC_REQUIRED || field->rule == DC_TAG ||
                  field->rule == DC_VALUE || field->rule == DC_EITHER;
    if (!is_dispatch(way, field))
        check_with(way, i, "", needed ? DC_EMISSING : DC_OK, NULL);
}

static void missing(const struct aid_way *way) {
    each_field(way, check_missing);
}

static void a_member_may_be_missing_where_the_table_says_so(void) {
    each_way(missing);
}

static void check_doubled(const struct aid_way *way, size_t i,
                          const struct dc_field *field) {
    char value[512], escaped[512] = "", text[2048];
    least(value, sizeof(value), field, way->type);
    for (const char *p = field->name; *p; p++)
        snprintf(escaped + strlen(escaped), sizeof(escaped) - strlen(escaped), "\\u%04x",
                 (unsigned char)*p);
    snprintf(text, sizeof(text), "\"%s\":%s", field->name, value);
    check_with(way, i, text, DC_OK, NULL);
    snprintf(text, sizeof(text), "\"%s\":%s", escaped, value);
    check_with(way, i, text, DC_OK, NULL);
    snprintf(text, sizeof(text), "\"%s\":%s,\"%s\":%s", field->name, value, field->name,
             value);
    check_with(way, i, text, DC_EDUPLICATE, field->name);
    snprintf(text, sizeof(text), "\"%s\":%s,\"%s\":%s", escaped, value, field->name,
             value);
    check_with(way, i, text, DC_EDUPLICATE, field->name);
    snprintf(text, sizeof(text), "\"%s\":%s,\"%s\":%s", field->name, value, escaped,
             value);
    check_with(way, i, text, DC_EDUPLICATE, field->name);
    if (field->rule == DC_OPTIONAL || field->rule == DC_NULLED) {
        snprintf(text, sizeof(text), "\"%s\":null,\"%s\":%s", field->name, field->name,
                 value);
        check_with(way, i, text, DC_EDUPLICATE, field->name);
    }
}

static void doubled(const struct aid_way *way) {
    each_field(way, check_doubled);
}

static void a_known_member_may_stand_once_however_it_is_written(void) {
    each_way(doubled);
}

static void check_null(const struct aid_way *way, size_t i,
                       const struct dc_field *field) {
    char text[128];
    bool good = field->rule == DC_OPTIONAL || field->rule == DC_NULLED ||
                field->rule == DC_LAST || field->rule == DC_VALUE ||
                (field->rule == DC_EITHER && field->kind == DC_ANY);
    snprintf(text, sizeof(text), "\"%s\":null", field->name);
    if (!is_dispatch(way, field))
        check_with(way, i, text, good ? DC_OK : DC_ETYPE, field->name);
}

static void nulled(const struct aid_way *way) {
    each_field(way, check_null);
}

static void null_is_a_value_where_the_table_says_so(void) {
    each_way(nulled);
}

/* ---- types and ranges ---- */

enum json { BOOLEAN, INTEGER, REAL, STRING, LIST, OBJECT };

struct value {
    const char *text;
    enum json type;
    double about; /* of numbers: enough to compare with bounds that are no neighbours */
};

static const struct value values[] = {
    {"true", BOOLEAN, 0},
    {"false", BOOLEAN, 0},
    {"\"x\"", STRING, 0},
    {"\"1\"", STRING, 0},
    {"\"\\u0000\"", STRING, 0},
    {"[0,0]", LIST, 0},
    {"[{}]", LIST, 0},
    {"[[]]", LIST, 0},
    {"{\"x\":1}", OBJECT, 0},
    {"1.0", REAL, 1},
    {"0.0", REAL, 0},
    {"1e2", REAL, 100},
    {"1E0", REAL, 1},
    {"-0", REAL, 0},
    {"-0.0", REAL, 0},
    {"1e-400", REAL, 0},
    {"0", INTEGER, 0},
    {"255", INTEGER, 255},
    {"256", INTEGER, 256},
    {"2147483647", INTEGER, 2147483647.0},
    {"2147483648", INTEGER, 2147483648.0},
    {"4294967295", INTEGER, 4294967295.0},
    {"4294967296", INTEGER, 4294967296.0},
    {"9007199254740993", INTEGER, 9007199254740993.0},
    {"9223372036854775807", INTEGER, 9.223372036854770e18},
    {"9223372036854775808", INTEGER, 9.223372036854780e18},
    {"18446744073709551615", INTEGER, 1.8446744073709550e19},
    {"18446744073709551616", INTEGER, 1.8446744073709560e19},
    {"184467440737095516160", INTEGER, 1.8e20},
    {"-1", INTEGER, -1},
    {"-5", INTEGER, -5},
    {"-2147483648", INTEGER, -2147483648.0},
    {"-2147483649", INTEGER, -2147483649.0},
    {"-9223372036854775808", INTEGER, -9.223372036854770e18},
    {"-9223372036854775809", INTEGER, -9.223372036854780e18},
};

static bool in_range(enum dc_kind kind, double about) {
    static const struct {
        double least, most;
    } ranges[] = {
        [DC_U8] = {0, 255},
        [DC_U32] = {0, 4294967295.0},
        [DC_U64] = {0, 1.84467440737095505e19},
        [DC_I32] = {-2147483648.0, 2147483647.0},
        [DC_I64] = {-9.223372036854775e18, 9.223372036854775e18},
    };
    return about >= ranges[kind].least && about <= ranges[kind].most;
}

/* Whether a single value (no list) is right for the kind. Records are told apart by what
   they need, so an object is not tried for them. */
static bool is_right(enum dc_kind kind, const struct value *value) {
    switch (kind) {
    case DC_ANY:
        return true;
    case DC_BOOL:
        return value->type == BOOLEAN;
    case DC_STRING:
        return value->type == STRING;
    case DC_F64:
        return value->type == INTEGER || value->type == REAL;
    case DC_RECORD:
        return false;
    default:
        return value->type == INTEGER && in_range(kind, value->about);
    }
}

static void check_value(const struct aid_way *way, size_t i, const struct dc_field *field,
                        const struct value *value) {
    char text[256], name[128];
    bool list = field->shape != DC_ONE;
    snprintf(text, sizeof(text), "\"%s\":%s", field->name, value->text);
    if (!list &&
        !(field->kind == DC_RECORD && (value->type == OBJECT || value->type == STRING)))
        check_with(way, i, text, is_right(field->kind, value) ? DC_OK : DC_ETYPE,
                   field->name);
    if (list && value->type != LIST)
        check_with(way, i, text, DC_ETYPE, field->name);
    if (!list || (field->kind == DC_RECORD && value->type == OBJECT))
        return;
    const char *pad = field->shape == DC_LIST_OF_10 ? ",0,0,0,0,0,0,0,0,0" : "";
    snprintf(text, sizeof(text), "\"%s\":[%s%s]", field->name, value->text, pad);
    snprintf(name, sizeof(name), "%s/0", field->name);
    check_with(way, i, text, is_right(field->kind, value) ? DC_OK : DC_ETYPE, name);
}

static void check_values(const struct aid_way *way, size_t i,
                         const struct dc_field *field) {
    for (size_t k = 0; k < sizeof(values) / sizeof(values[0]); k++)
        if (field->rule != DC_TAG)
            check_value(way, i, field, &values[k]);
}

static void typed(const struct aid_way *way) {
    each_field(way, check_values);
}

static void values_have_the_type_and_the_range_of_the_table(void) {
    each_way(typed);
}

static void check_list(const struct aid_way *way, size_t i,
                       const struct dc_field *field) {
    char text[256], name[128];
    if (field->shape == DC_ONE)
        return;
    snprintf(text, sizeof(text), "\"%s\":[null]", field->name);
    snprintf(name, sizeof(name), "%s/0", field->name);
    check_with(way, i, text, field->shape == DC_HOLES ? DC_OK : DC_ETYPE, name);
    snprintf(text, sizeof(text), "\"%s\":[nul]", field->name);
    if (field->shape == DC_HOLES)
        check_with(way, i, text, DC_ESYNTAX, name);
    if (field->shape != DC_LIST_OF_10)
        return;
    snprintf(text, sizeof(text), "\"%s\":[0,0,0,0,0,0,0,0,0]", field->name);
    check_with(way, i, text, DC_ETYPE, field->name);
    snprintf(text, sizeof(text), "\"%s\":[0,0,0,0,0,0,0,0,0,0,0]", field->name);
    check_with(way, i, text, DC_ETYPE, field->name);
    snprintf(text, sizeof(text), "\"%s\":[]", field->name);
    check_with(way, i, text, DC_ETYPE, field->name);
}

static void listed(const struct aid_way *way) {
    each_field(way, check_list);
}

static void lists_have_holes_and_lengths_by_the_table(void) {
    each_way(listed);
}

static void a_record_is_no_positional_array(void) {
    static const char text[] = "{\"schema\":\"single\",\"maps\":[],"
                               "\"vcpu_regs\":[[1,2,3,null,null]]}";
    struct dc_report report;
    struct dc_error err;
    CHECK(aid_read_text(&report, text, &err) < 0);
    CHECK_STR(err.pointer, "/vcpu_regs/0");
    CHECK_STR(err.message, "expected an object, found an array");
}

/* ---- unknown members ---- */

static void unknown(const struct aid_way *way) {
    struct dc_buf members;
    dc_buf_init(&members, dc_alloc_libc);
    dc_buf_text(&members,
                "\"\":{},\"x_\\u0001~/\":[1,{\"schema\":2}],\"x\":1,\"x\":\"2\"");
    if (way->type->n_fields > 0) {
        dc_buf_text(&members, ",");
        if (!aid_put_required(&members, way->type, -1))
            members.len--;
        check(way, &members, DC_OK, NULL);
    }
    dc_buf_done(&members);
}

static void unknown_members_are_kept_twice_too(void) {
    each_way(unknown);
}

/* Names that begin as known ones do, or end in a NUL, are unknown. */
static void check_near(const struct aid_way *way, size_t i,
                       const struct dc_field *field) {
    char value[512], text[2048];
    size_t n = strlen(field->name);
    least(value, sizeof(value), field, way->type);
    snprintf(text, sizeof(text),
             "\"%s\":%s,\"%s\\u0000\":1,\"%s_\":1,\"%.*s\":1,\"%s"
             "\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\":1",
             field->name, value, field->name, field->name, (int)n - 1, field->name,
             field->name);
    check_with(way, i, text, DC_OK, NULL);
}

static void near(const struct aid_way *way) {
    each_field(way, check_near);
}

static void names_that_are_nearly_known_are_unknown(void) {
    each_way(near);
}

static void unknown_members_are_counted_and_strict_refuses_them(void) {
    static const char text[] = "{\"schema\":\"single\",\"maps\":[],\"x\":{\"y\":{}},"
                               "\"vcpu_regs\":[{\"instruction_pointer\":1,"
                               "\"stack_pointer\":2,\"page_table_root\":3,\"~/\":4}],"
                               "\"x\":1}";
    struct dc_report_options options = {.alloc = dc_alloc_libc, .strict = true};
    struct dc_report report;
    struct dc_error err;
    size_t used = 0;
    if (CHECK(aid_read_text(&report, text, &err) == 0)) {
        CHECK_EQ_U64(report.unknown, 3);
        dc_report_done(&report);
    }
    CHECK(dc_report_read(&report, text, strlen(text), &used, &options, &err) < 0);
    CHECK_EQ_U64(err.code, DC_EUNKNOWN);
    CHECK_STR(err.pointer, "/x");
    CHECK(strstr(err.message, "--strict") != NULL);
}

int main(void) {
    UNIT_RUN(a_member_may_be_missing_where_the_table_says_so);
    UNIT_RUN(a_known_member_may_stand_once_however_it_is_written);
    UNIT_RUN(null_is_a_value_where_the_table_says_so);
    UNIT_RUN(values_have_the_type_and_the_range_of_the_table);
    UNIT_RUN(lists_have_holes_and_lengths_by_the_table);
    UNIT_RUN(a_record_is_no_positional_array);
    UNIT_RUN(unknown_members_are_kept_twice_too);
    UNIT_RUN(names_that_are_nearly_known_are_unknown);
    UNIT_RUN(unknown_members_are_counted_and_strict_refuses_them);
    return unit_done();
}
