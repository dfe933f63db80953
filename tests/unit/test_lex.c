/* Tokens: what is JSON and what is not, with the place of each fault. */
#include "lib/lex.h"
#include "tests/unit/unit.h"

struct bytes {
    const char *p;
    size_t len;
};
#define BYTES(literal)                                                                   \
    { literal, sizeof(literal) - 1 }

/* Whether the bytes are exactly one JSON value with white space around it. */
static bool is_json(struct bytes text, struct dc_error *err) {
    struct dc_lex lex;
    char *copy = malloc(text.len ? text.len : 1); /* nothing readable behind it */
    if (!copy)
        abort();
    memcpy(copy, text.p, text.len);
    dc_lex_init(&lex, copy, text.len, err);
    bool good = dc_lex_skip(&lex, NULL) == 0 && dc_lex_peek(&lex) < 0 && lex.depth == 0;
    free(copy);
    return good;
}

static void check_all(const struct bytes *texts, size_t n, bool good) {
    for (size_t i = 0; i < n; i++) {
        struct dc_error err = {.code = DC_OK};
        if (CHECK(is_json(texts[i], &err) == good))
            continue;
        unit_bytes("text", texts[i].p, texts[i].len);
        if (good)
            printf("#   %s\n", err.message);
    }
}
#define CHECK_ALL(texts, good) check_all(texts, sizeof(texts) / sizeof(texts[0]), good)

static void accepts_json(void) {
    static const struct bytes texts[] = {
        BYTES("{}"),
        BYTES("[]"),
        BYTES(" \t\r\n[ 1 , 2 ] "),
        BYTES("null"),
        BYTES("true"),
        BYTES("false"),
        BYTES("0"),
        BYTES("-0"),
        BYTES("-0.0e-0"),
        BYTES("1E5"),
        BYTES("1e+5"),
        BYTES("1.25e-400"),
        BYTES("123456789012345678901"),
        BYTES("\"\""),
        BYTES("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uFfFf\""),
        BYTES("\"\\ud83d\\ude00\""),
        BYTES("\"\x7f\""),
        BYTES("\"\xc2\x80\""),
        BYTES("\"\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\""),
        BYTES("\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""),
        BYTES("{\"a\":{\"\":[[],{}]},\"a\":1}"),
        BYTES("[[],[[]],{\"a\":{}},1,\"\"]"),
    };
    CHECK_ALL(texts, true);
}

static void refuses_broken_structure(void) {
    static const struct bytes texts[] = {
        BYTES(""),
        BYTES(" "),
        BYTES("{"),
        BYTES("["),
        BYTES("}"),
        BYTES("]"),
        BYTES("[1"),
        BYTES("[1,"),
        BYTES("[1,]"),
        BYTES("[,1]"),
        BYTES("[1 2]"),
        BYTES("[1}"),
        BYTES("{]"),
        BYTES("{\"a\"}"),
        BYTES("{\"a\":}"),
        BYTES("{\"a\":1,}"),
        BYTES("{,}"),
        BYTES("{a:1}"),
        BYTES("{1:1}"),
        BYTES("{\"a\" 1}"),
        BYTES("{\"a\":1 \"b\":2}"),
        BYTES("{\"a\":1,\"b\"}"),
        BYTES("{'a':1}"),
        BYTES("[1]]"),
        BYTES("{}{}"),
        BYTES("1 2"),
        BYTES("nul"),
        BYTES("nulL"),
        BYTES("nullx"),
        BYTES("True"),
        BYTES("tru"),
        BYTES("NaN"),
        BYTES("-NaN"),
        BYTES("Infinity"),
        BYTES("-Infinity"),
        BYTES("undefined"),
        BYTES("[1,//\n2]"),
        BYTES("/**/1"),
        BYTES("#\n1"),
        BYTES("\xef\xbb\xbf{}"),
        BYTES("\0"),
        BYTES("1\0"),
        BYTES("[\0]"),
        BYTES("[1,\0]"),
        BYTES("\v1"),
        BYTES("\xc2\xa0"
              "1"),
        BYTES("\x1e{}"),
        BYTES("[1;2]"),
    };
    CHECK_ALL(texts, false);
}

static void refuses_broken_numbers(void) {
    static const struct bytes texts[] = {
        BYTES("-"),   BYTES("+1"),    BYTES("01"),     BYTES("-01"),     BYTES("00"),
        BYTES("1."),  BYTES(".5"),    BYTES("-.5"),    BYTES("1.e5"),    BYTES("1e"),
        BYTES("1e+"), BYTES("1e5.5"), BYTES("0x10"),   BYTES("1_000"),   BYTES("1,5"),
        BYTES("- 1"), BYTES("1e400"), BYTES("-1e400"), BYTES("[1e309]"), BYTES("1.8e308"),
        BYTES("--1"), BYTES("1-1"),   BYTES("0e"),     BYTES("-e1"),     BYTES("1e 5"),
    };
    CHECK_ALL(texts, false);
}

static void refuses_broken_strings(void) {
    static const struct bytes texts[] = {
        BYTES("\""),          BYTES("\"a"),         BYTES("\"\\\""),
        BYTES("\"\\"),        BYTES("\"\\x41\""),   BYTES("\"\\'\""),
        BYTES("\"\\0\""),     BYTES("\"\\\0\""),    BYTES("\"\n\""),
        BYTES("\"\t\""),      BYTES("\"\0\""),      BYTES("\"\x1f\""),
        BYTES("\"\\u\""),     BYTES("\"\\u12\""),   BYTES("\"\\u123\""),
        BYTES("\"\\u123g\""), BYTES("\"\\u"),       BYTES("\"\\u12"),
        BYTES("\"\\U0041\""), BYTES("\"\\u+041\""),
    };
    CHECK_ALL(texts, false);
}

static void refuses_lone_surrogates(void) {
    static const struct bytes texts[] = {
        BYTES("\"\\ud800\""),        BYTES("\"\\udbff\""),
        BYTES("\"\\udc00\""),        BYTES("\"\\udfff\""),
        BYTES("\"\\ud800x\""),       BYTES("\"\\ud800\\n\""),
        BYTES("\"\\ud800\\ud800\""), BYTES("\"\\ud800\\u0041\""),
        BYTES("\"\\udc00\\ud800\""), BYTES("\"\\ud800\\u\""),
        BYTES("\"\\ud800\\udc0\""),  BYTES("\"\\ud800\\"),
        BYTES("\"\\ud800\\u"),       BYTES("\"\\ud800\\udc00\\udc00\""),
        BYTES("{\"\\ud800\":1}"),
    };
    CHECK_ALL(texts, false);
}

static void refuses_invalid_utf8(void) {
    static const struct bytes texts[] = {
        BYTES("\"\x80\""),
        BYTES("\"\xbf\""),
        BYTES("\"\xff\""),
        BYTES("\"\xfe\""),
        /* overlong */
        BYTES("\"\xc0\x80\""),
        BYTES("\"\xc1\xbf\""),
        BYTES("\"\xe0\x80\x80\""),
        BYTES("\"\xe0\x9f\xbf\""),
        BYTES("\"\xf0\x80\x80\x80\""),
        BYTES("\"\xf0\x8f\xbf\xbf\""),
        /* surrogates */
        BYTES("\"\xed\xa0\x80\""),
        BYTES("\"\xed\xbf\xbf\""),
        BYTES("\"\xed\xa0\xbd\xed\xb8\x80\""),
        /* above U+10FFFF */
        BYTES("\"\xf4\x90\x80\x80\""),
        BYTES("\"\xf5\x80\x80\x80\""),
        BYTES("\"\xf8\x88\x80\x80\x80\""),
        BYTES("\"\xfc\x84\x80\x80\x80\x80\""),
        /* cut short */
        BYTES("\"\xc2\""),
        BYTES("\"\xe2\x82\""),
        BYTES("\"\xf0\x9f\x98\""),
        BYTES("\"\xc2"),
        BYTES("\"\xe2\x82"),
        BYTES("\"\xf0\x9f\x98"),
        BYTES("\"\xe2\x28\xa1\""),
        BYTES("\"\xf0\x28\x8c\x28\""),
        /* in a name, outside of strings */
        BYTES("{\"\xff\":1}"),
        BYTES("[\xc2\xa0]"),
        BYTES("\xff"),
    };
    CHECK_ALL(texts, false);
}

/* ---- nesting ---- */

static char *nested(unsigned depth, const char *open, const char *inner,
                    const char *close) {
    size_t a = strlen(open), b = strlen(close), n = 0;
    char *text = malloc(depth * (a + b) + strlen(inner) + 1);
    if (!text)
        abort();
    for (unsigned i = 0; i < depth; i++, n += a)
        memcpy(text + n, open, a);
    n += (size_t)sprintf(text + n, "%s", inner);
    for (unsigned i = 0; i < depth; i++, n += b)
        memcpy(text + n, close, b);
    text[n] = '\0';
    return text;
}

static void check_nested(unsigned depth, const char *open, const char *close, bool good) {
    struct dc_error err;
    char *text = nested(depth, open, "1", close);
    bool accepted = is_json((struct bytes){text, strlen(text)}, &err);
    CHECK(accepted == good);
    if (!accepted)
        CHECK_EQ_U64(err.code, DC_ELIMIT);
    free(text);
}

static void nests_up_to_127(void) {
    check_nested(127, "[", "]", true);
    check_nested(128, "[", "]", false);
    check_nested(127, "{\"a\":", "}", true);
    check_nested(128, "{\"a\":", "}", false);
    check_nested(63, "[{\"a\":", "}]", true);
    check_nested(64, "[{\"a\":", "}]", false);
    check_nested(100000, "[", "]", false);
}

static void depth_counts_what_is_open(void) {
    struct dc_error err;
    /* Many containers side by side are no nesting. */
    char *text = calloc(4, 1000);
    if (!text)
        abort();
    strcpy(text, "[");
    for (int i = 0; i < 500; i++)
        strcat(text, "[],{},");
    strcat(text, "0]");
    CHECK(is_json((struct bytes){text, strlen(text)}, &err));
    free(text);
}

/* ---- places ---- */

static void faults_have_line_and_column(void) {
    static const struct {
        struct bytes text;
        uint64_t line, column;
        const char *message;
    } cases[] = {
        {BYTES(""), 1, 1, "expected a value, found the end of the input"},
        {BYTES("\n\n  x"), 3, 3, "expected a value, found 'x'"},
        {BYTES("\r\n\r\nx"), 3, 1, "expected a value, found 'x'"},
        {BYTES("{\n  \"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\": tru\n}"), 2, 10,
         "expected a value, found 't'"},
        {BYTES("[\"\xe2\x82\xac\xe2\x82\xac\", 01]"), 1, 8, "not a JSON number"},
        {BYTES("[1,\n2\n3]"), 3, 1, "expected ',' or ']', found 3"},
        {BYTES("{\"a\":1\n\"b\":2}"), 2, 1, "expected ',' or '}', found a string"},
        {BYTES("[\n\"\xff\"]"), 2, 2, "invalid UTF-8: byte 0xff"},
        {BYTES("[\"a\xc3\xa9\xe2\x82\"]"), 1, 5, "invalid UTF-8: byte 0xe2"},
        {BYTES("[\"ab\\ud800\"]"), 1, 5, "lone surrogate \\ud800"},
        {BYTES("[\"ab\\q\"]"), 1, 5, "unknown escape in a string"},
        {BYTES("[\"ab\\u00g0\"]"), 1, 5, "\\u needs four hex digits"},
        {BYTES("[\"ab\tc\"]"), 1, 5, "raw control character 0x09 in a string"},
        {BYTES("[1, \"abc"), 1, 5, "this string never ends"},
        {BYTES("[1, 1e999]"), 1, 5, "this number is out of range"},
        {BYTES("[1,]"), 1, 4, "expected a value, found ']'"},
        {BYTES("{\"a\":1,}"), 1, 8, "expected a member name, found '}'"},
        {BYTES("{\"a\" 1}"), 1, 6, "expected ':', found 1"},
        {BYTES("[\x01]"), 1, 2, "expected a value, found byte 0x01"},
        {BYTES("[-]"), 1, 2, "not a JSON number"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dc_error err = {.code = DC_OK};
        CHECK(!is_json(cases[i].text, &err));
        CHECK_STR(err.message, cases[i].message);
        CHECK_EQ_U64(err.line, cases[i].line);
        CHECK_EQ_U64(err.column, cases[i].column);
    }
}

/* ---- tokens ---- */

static void numbers_know_whether_they_are_integers(void) {
    static const struct {
        const char *text;
        bool integer;
    } cases[] = {
        {"0", true},    {"12", true},    {"-12", true},  {"18446744073709551616", true},
        {"-0", false},  {"1.0", false},  {"1e2", false}, {"1E2", false},
        {"0.0", false}, {"-0.0", false}, {"0e0", false}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dc_lex lex;
        struct dc_number_token token;
        dc_lex_init(&lex, cases[i].text, strlen(cases[i].text), NULL);
        CHECK(dc_lex_number(&lex, &token) == 0);
        CHECK_MEM(token.raw.p, token.raw.len, cases[i].text, strlen(cases[i].text));
        CHECK(token.integer == cases[i].integer);
    }
}

static struct dc_span raw_of(const char *text) {
    return (struct dc_span){text, strlen(text)};
}

static void escapes_are_resolved(void) {
    static const struct {
        const char *raw;
        struct bytes text;
    } cases[] = {
        {"", BYTES("")},
        {"plain", BYTES("plain")},
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t", BYTES("\"\\/\b\f\n\r\t")},
        {"a\\u0000b", BYTES("a\0b")},
        {"\\u00e9\xc3\xa9\\u20AC", BYTES("\xc3\xa9\xc3\xa9\xe2\x82\xac")},
        {"\\ud83d\\ude00\\uD83D\\uDE00", BYTES("\xf0\x9f\x98\x80\xf0\x9f\x98\x80")},
        {"\\udbff\\udfff\\ud800\\udc00", BYTES("\xf4\x8f\xbf\xbf\xf0\x90\x80\x80")},
        {"\\ud7ff\\ue000\\uffff", BYTES("\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf")},
    };
    char out[64];
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t len = dc_unescape(raw_of(cases[i].raw), out);
        CHECK_MEM(out, len, cases[i].text.p, cases[i].text.len);
    }
}

static int sign(int order) {
    return (order > 0) - (order < 0);
}

static void raw_strings_compare_as_their_text(void) {
    static const struct {
        const char *a, *b;
        int order;
    } cases[] = {
        {"", "", 0},
        {"", "a", -1},
        {"a", "\\u0061", 0},
        {"ab", "a", 1},
        {"a\\u0062", "ac", -1},
        {"\\u0000", "", 1},
        {"z", "\xc3\xa9", -1},
        {"\\u00e9", "\xc3\xa9", 0},
        /* U+FFFF comes before U+10000 in UTF-8, not in UTF-16 */
        {"\\uffff", "\\ud800\\udc00", -1},
        {"\xef\xbf\xbf", "\xf0\x90\x80\x80", -1},
        {"\\uffff", "\xf0\x90\x80\x80", -1},
        {"a\\/b", "a/b", 0},
        {"\\n", "n", -1},
        {"schema", "sch\\u0065ma", 0},
        {"ab\\u0063d", "abc", 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dc_span a = raw_of(cases[i].a), b = raw_of(cases[i].b);
        CHECK_EQ_I64(sign(dc_compare_raw(a, b)), cases[i].order);
        CHECK_EQ_I64(sign(dc_compare_raw(b, a)), -cases[i].order);
    }
}

static void skip_tells_what_it_skipped(void) {
    static const char text[] = "  {\"a\": [1, {\"b\": \"]\"}]}  ,x";
    struct dc_lex lex;
    struct dc_span value;
    dc_lex_init(&lex, text, strlen(text), NULL);
    CHECK(dc_lex_skip(&lex, &value) == 0);
    CHECK_MEM(value.p, value.len, "{\"a\": [1, {\"b\": \"]\"}]}", 22);
    CHECK(dc_lex_peek(&lex) == ',');
}

int main(void) {
    UNIT_RUN(accepts_json);
    UNIT_RUN(refuses_broken_structure);
    UNIT_RUN(refuses_broken_numbers);
    UNIT_RUN(refuses_broken_strings);
    UNIT_RUN(refuses_lone_surrogates);
    UNIT_RUN(refuses_invalid_utf8);
    UNIT_RUN(nests_up_to_127);
    UNIT_RUN(depth_counts_what_is_open);
    UNIT_RUN(faults_have_line_and_column);
    UNIT_RUN(numbers_know_whether_they_are_integers);
    UNIT_RUN(escapes_are_resolved);
    UNIT_RUN(raw_strings_compare_as_their_text);
    UNIT_RUN(skip_tells_what_it_skipped);
    return unit_done();
}
