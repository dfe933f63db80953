/* The writer: structure, escapes, numbers, sinks that fail. */
#include "lib/writer.h"

#include "lib/buf.h"
#include "lib/number.h"
#include "tests/unit/unit.h"

#include <jansson.h>
#include <math.h>

struct fixture {
    struct dc_writer w;
    struct dc_buf out;
};

static void start(struct fixture *f, bool ascii, bool pretty) {
    dc_buf_init(&f->out, dc_alloc_libc);
    dc_writer_init(&f->w, dc_buf_sink(&f->out), ascii, pretty);
}

static void expect(struct fixture *f, const char *want) {
    CHECK(dc_writer_finish(&f->w) == 0);
    CHECK_MEM(f->out.data, f->out.len, want, strlen(want));
    CHECK_EQ_U64(f->w.written, strlen(want));
    dc_buf_done(&f->out);
}

static void write_some(struct dc_writer *w) {
    dc_write_open(w, '{');
    dc_write_name(w, "a");
    dc_write_open(w, '[');
    dc_write_u64(w, UINT64_MAX);
    dc_write_i64(w, INT64_MIN);
    dc_write_open(w, '{');
    dc_write_close(w, '}');
    dc_write_open(w, '[');
    dc_write_close(w, ']');
    dc_write_close(w, ']');
    dc_write_name(w, "b");
    dc_write_null(w);
    dc_write_close(w, '}');
}

static void compact_has_no_white_space(void) {
    struct fixture f;
    start(&f, false, false);
    write_some(&f.w);
    expect(&f, "{\"a\":[18446744073709551615,-9223372036854775808,{},[]],\"b\":null}");
}

static void pretty_is_indented(void) {
    struct fixture f;
    start(&f, false, true);
    write_some(&f.w);
    expect(
        &f,
        "{\n  \"a\": [\n    18446744073709551615,\n    -9223372036854775808,\n    {},\n"
        "    []\n  ],\n  \"b\": null\n}");
}

static void strings_get_the_escapes_of_the_wire(void) {
    static const char text[] =
        "\"\\/\b\t\n\f\r\x01\x1f\x7f\xc3\xa9\xf0\x9f\x98\x80\xe2\x80\xa8";
    struct fixture f;
    start(&f, false, false);
    dc_write_string(&f.w, text, sizeof(text) - 1);
    expect(&f, "\"\\\"\\\\/"
               "\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\xc3\xa9\xf0\x9f\x98\x80\xe2\x80\xa8\"");
    start(&f, true, false);
    dc_write_string(&f.w, text, sizeof(text) - 1);
    expect(
        &f,
        "\"\\\"\\\\/\\b\\t\\n\\f\\r\\u0001\\u001f\\u007f\\u00e9\\ud83d\\ude00\\u2028\"");
    start(&f, true, false);
    dc_write_string(&f.w, "a\0b", 3);
    expect(&f, "\"a\\u0000b\"");
}

static void broken_utf8_becomes_replacement_characters(void) {
    static const char text[] = "a\xff\xc3(\xed\xa0\x80\xf0\x9f\x98";
    static const char repl[] = "\xef\xbf\xbd";
    struct fixture f;
    json_error_t error;
    for (int ascii = 0; ascii < 2; ascii++) {
        start(&f, ascii, false);
        dc_write_open(&f.w, '[');
        dc_write_string(&f.w, text, sizeof(text) - 1);
        dc_write_close(&f.w, ']');
        CHECK(dc_writer_finish(&f.w) == 0);
        json_t *array = json_loadb(f.out.data, f.out.len, 0, &error);
        const char *got = json_string_value(json_array_get(array, 0));
        if (CHECK(got != NULL)) {
            CHECK(strncmp(got, "a", 1) == 0 && strncmp(got + 1, repl, 3) == 0 &&
                  strncmp(got + 4, repl, 3) == 0 && got[7] == '(');
        }
        json_decref(array);
        dc_buf_done(&f.out);
    }
}

static struct dc_span span(const char *text) {
    return (struct dc_span){text, strlen(text)};
}

static void raw_strings_are_written_anew(void) {
    struct fixture f;
    start(&f, false, false);
    dc_write_open(&f.w, '{');
    dc_write_raw_name(&f.w, span("a\\u0062\\/\\u000A\\u001F\\ud83d\\ude00\\u00e9x"));
    dc_write_raw_string(&f.w, span("\\\\u0041\\\"\\b"));
    dc_write_close(&f.w, '}');
    expect(&f, "{\"ab/\\n\\u001f\xf0\x9f\x98\x80\xc3\xa9x\":\"\\\\u0041\\\"\\b\"}");
    start(&f, true, false);
    dc_write_raw_string(&f.w, span("\xf0\x9f\x98\x80\\ud83d\\ude00\x7f"));
    expect(&f, "\"\\ud83d\\ude00\\ud83d\\ude00\\u007f\"");
}

static void foreign_values_keep_numbers_and_order(void) {
    static const char in[] =
        " { \"b\\u0041\" : [ 1.50 , 1E5,-0 ,123456789012345678901234567890"
        " ] ,\n\"a\":{} , \"a\" : [ ],\"c\":\"\\u0041, ]}:\",\"d\":true,"
        "\"e\":null,\"f\":[false] } ";
    struct fixture f;
    start(&f, false, false);
    dc_write_value(&f.w, span(in));
    expect(&f, "{\"bA\":[1.50,1E5,-0,123456789012345678901234567890],\"a\":{},\"a\":[],"
               "\"c\":\"A, ]}:\",\"d\":true,\"e\":null,\"f\":[false]}");
    start(&f, false, true);
    dc_write_value(&f.w, span("{\"a\":[1,[]],\"b\":{}}"));
    expect(&f, "{\n  \"a\": [\n    1,\n    []\n  ],\n  \"b\": {}\n}");
}

static void large_counts_are_strings(void) {
    struct fixture f;
    start(&f, false, false);
    dc_write_open(&f.w, '[');
    dc_write_count(&f.w, 0);
    dc_write_count(&f.w, UINT64_C(1) << 53);
    dc_write_count(&f.w, (UINT64_C(1) << 53) + 1);
    dc_write_count(&f.w, UINT64_MAX);
    dc_write_signed_count(&f.w, -(INT64_C(1) << 53));
    dc_write_signed_count(&f.w, -(INT64_C(1) << 53) - 1);
    dc_write_signed_count(&f.w, INT64_MIN);
    dc_write_address(&f.w, 0);
    dc_write_address(&f.w, UINT64_MAX);
    dc_write_close(&f.w, ']');
    expect(&f, "[0,9007199254740992,\"9007199254740993\",\"18446744073709551615\","
               "-9007199254740992,\"-9007199254740993\",\"-9223372036854775808\","
               "\"0x0\",\"0xffffffffffffffff\"]");
}

static void reals_are_written_as_on_the_wire(void) {
    struct fixture f;
    start(&f, false, false);
    dc_write_open(&f.w, '[');
    dc_write_f64(&f.w, 2);
    dc_write_f64(&f.w, -0.0);
    dc_write_f64(&f.w, NAN);
    dc_write_f64(&f.w, INFINITY);
    dc_write_f64(&f.w, -INFINITY);
    dc_write_f64(&f.w, 1e16);
    dc_write_close(&f.w, ']');
    expect(&f, "[2.0,-0.0,null,null,null,1e+16]");
}

static void text_is_any_c_string_or_null(void) {
    struct fixture f;
    start(&f, true, false);
    dc_write_open(&f.w, '{');
    dc_write_string_name(&f.w, "\xc3\xa9\0", 3);
    dc_write_text(&f.w, NULL);
    dc_write_name(&f.w, "t");
    dc_write_text(&f.w, "\xff");
    dc_write_close(&f.w, '}');
    expect(&f, "{\"\\u00e9\\u0000\":null,\"t\":\"\\ufffd\"}");
}

/* Strings of every length around the size of the writer's buffer come out whole. */
static void nothing_is_lost_where_the_buffer_ends(void) {
    static char text[9000], want[9100];
    for (size_t len = 4080; len <= 4110; len++) {
        struct fixture f;
        memset(text, 'x', len);
        snprintf(want, sizeof(want), "[\"%.*s\",\"\xe2\x82\xac\",1]", (int)len, text);
        start(&f, false, false);
        dc_write_open(&f.w, '[');
        dc_write_string(&f.w, text, len);
        dc_write_string(&f.w, "\xe2\x82\xac", 3);
        dc_write_u64(&f.w, 1);
        dc_write_close(&f.w, ']');
        expect(&f, want);
    }
}

/* ---- sinks that fail ---- */

struct failing {
    size_t room;
    unsigned after; /* calls after the failure */
    bool failed;
};

static int failing_write(void *ctx, const char *data, size_t len) {
    struct failing *failing = ctx;
    (void)data;
    failing->after += failing->failed;
    failing->failed |= len > failing->room;
    failing->room -= failing->failed ? 0 : len;
    return failing->failed ? -1 : 0;
}

static void a_failed_sink_is_left_alone(void) {
    struct failing failing = {.room = 5000};
    struct dc_writer w;
    dc_writer_init(&w, (struct dc_sink){failing_write, &failing}, true, true);
    dc_write_open(&w, '[');
    for (int i = 0; i < 5000; i++)
        dc_write_string(&w, "\xe2\x82\xac", 3);
    dc_write_value(&w, span("[1,{\"a\":[]}]"));
    dc_write_raw_string(&w, span("\\u20ac"));
    dc_write_close(&w, ']');
    CHECK(dc_writer_finish(&w) < 0);
    CHECK(dc_writer_finish(&w) < 0);
    CHECK_EQ_U64(failing.after, 0);
    CHECK_EQ_U64(w.written, 4096);
}

int main(void) {
    UNIT_RUN(compact_has_no_white_space);
    UNIT_RUN(pretty_is_indented);
    UNIT_RUN(strings_get_the_escapes_of_the_wire);
    UNIT_RUN(broken_utf8_becomes_replacement_characters);
    UNIT_RUN(raw_strings_are_written_anew);
    UNIT_RUN(foreign_values_keep_numbers_and_order);
    UNIT_RUN(large_counts_are_strings);
    UNIT_RUN(reals_are_written_as_on_the_wire);
    UNIT_RUN(text_is_any_c_string_or_null);
    UNIT_RUN(nothing_is_lost_where_the_buffer_ends);
    UNIT_RUN(a_failed_sink_is_left_alone);
    return unit_done();
}
