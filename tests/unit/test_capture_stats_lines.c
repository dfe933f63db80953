/*
 * Lines of a scheduler's socket, decoded, and requests, composed. No socket is needed.
 * The head of test_capture_stats.c says which property is tested where.
 */
#include "tests/unit/unit.h"

#include "capture/stats_line.h"
#include "capture/stats_reply.h"
#include "capture/stats_request.h"
#include "lib/wire.h"
#include "tests/unit/lib_aid.h"

#define CASES "tests/data/samples/stats-line-cases.jsonl"

static struct cap_stats_answer answer;

/* The answer's JSON as a string, good until the next call. */
static const char *decode(const char *line, size_t len) {
    static char text[1 << 16];
    struct dc_error err;
    /* No byte is readable behind the line. */
    char *copy = malloc(len ? len : 1);
    if (!copy || len > sizeof(text) / 4)
        abort();
    memcpy(copy, line, len);
    cap_stats_answer_init(&answer, dc_alloc_libc);
    CHECK(cap_stats_decode(copy, len, &answer, &err) == 0);
    free(copy);
    snprintf(text, sizeof(text), "%.*s", (int)answer.json.len, answer.json.data);
    cap_stats_answer_done(&answer);
    return text;
}

static const char *decode_text(const char *line) {
    return decode(line, strlen(line));
}

/* As decode_text(), keeping what cap_stats_answer_done() forgets. */
static bool is_have(const char *line) {
    struct dc_error err;
    cap_stats_answer_init(&answer, dc_alloc_libc);
    bool have = cap_stats_decode(line, strlen(line), &answer, &err) == 0 && answer.have;
    cap_stats_answer_done(&answer);
    return have;
}

/* ---- 1: lines ---- */

static bool feed(struct cap_stats_line *line, const char *bytes, size_t n) {
    size_t size = 0;
    while (n > 0 && !line->whole && !cap_stats_line_is_too_long(line)) {
        char *space = cap_stats_line_space(line, &size);
        if (!space || size == 0)
            return false;
        size = size < n ? size : n;
        memcpy(space, bytes, size);
        cap_stats_line_added(line, size);
        bytes += size;
        n -= size;
    }
    return true;
}

static void p1_a_line_ends_before_its_newline(void) {
    struct cap_stats_line line;
    cap_stats_line_init(&line, 10, dc_alloc_libc);
    CHECK(feed(&line, "he", 2) && !line.whole);
    CHECK(feed(&line, "llo\nxyz", 7) && line.whole);
    CHECK_MEM(line.data, line.len, "hello", 5);
    CHECK_EQ_U64(cap_stats_line_surplus(&line), 3);
    cap_stats_line_clear(&line);
    CHECK(feed(&line, "\n", 1) && line.whole && line.len == 0);
    CHECK_EQ_U64(cap_stats_line_surplus(&line), 0);
    cap_stats_line_clear(&line);
    CHECK(feed(&line, "0123456789\n", 11) && line.whole && line.len == 10);
    cap_stats_line_clear(&line);
    CHECK(feed(&line, "0123456789x\n", 12) && cap_stats_line_is_too_long(&line));
    CHECK_EQ_U64(line.used, 11);
    cap_stats_line_done(&line);
}

static void p1_a_line_holds_no_more_than_its_cap(void) {
    struct cap_stats_line line;
    struct aid_memory memory = {.fail = 0};
    cap_stats_line_init(&line, 100000, aid_alloc(&memory));
    for (int i = 0; i < 100000; i++)
        if (!feed(&line, "x", 1))
            break;
    CHECK(!cap_stats_line_is_too_long(&line));
    CHECK_EQ_U64(line.used, 100000);
    CHECK(line.room <= 100001);
    CHECK(feed(&line, "xx", 2) && cap_stats_line_is_too_long(&line));
    CHECK_EQ_U64(line.used, 100001);
    CHECK_EQ_U64(line.room, 100001);
    CHECK(memory.calls < 10);
    cap_stats_line_done(&line);
    CHECK_EQ_U64(memory.live, 0);
}

/* ---- the cases of the reference ---- */

/* The value of a member of the object at `lex`, which is not moved; p NULL: none. */
static struct dc_span member(const struct dc_lex *object, const char *name) {
    struct dc_lex lex = *object;
    struct dc_span value, found = {NULL, 0};
    struct dc_string_token key;
    bool first = true;
    if (dc_lex_open(&lex, '{') < 0)
        return found;
    while (dc_lex_more(&lex, '}', first) > 0 && dc_lex_key(&lex, &key) == 0 &&
           dc_lex_skip(&lex, &value) == 0) {
        if (dc_compare_raw(key.raw, (struct dc_span){name, strlen(name)}) == 0)
            found = value;
        first = false;
    }
    return found;
}

static struct dc_span inside(struct dc_span quoted) {
    return (struct dc_span){quoted.p + 1, quoted.len - 2};
}

/* `line`, or the bytes of `line_hex`. */
static size_t line_of(const struct dc_lex *object, char *out) {
    struct dc_span text = member(object, "line"), hex = member(object, "line_hex");
    if (text.p)
        return dc_unescape(inside(text), out);
    hex = inside(hex);
    for (size_t i = 0; i + 1 < hex.len; i += 2)
        out[i / 2] = (char)strtoul((char[]){hex.p[i], hex.p[i + 1], '\0'}, NULL, 16);
    return hex.len / 2;
}

/* In the form of scheduler-stats 3.3, members of a reason in the order of its table. */
static void canonical(struct dc_span value, bool reason, struct dc_buf *out) {
    struct dc_error err;
    if (reason) {
        CHECK(aid_rewrite(value.p, value.len, out, &err) == 0);
        return;
    }
    dc_buf_init(out, dc_alloc_libc);
    cap_reason_any(out, value);
    CHECK(dc_buf_ok(out));
}

static void check_reason_text(const char *json, struct dc_span want) {
    struct dc_report report;
    struct dc_error err;
    struct dc_model model;
    struct dc_buf text;
    char plain[1024];
    size_t len = dc_unescape(inside(want), plain);
    if (!CHECK(aid_read_text(&report, json, &err) == 0))
        return;
    dc_model_init(&model, &report, NULL);
    dc_buf_init(&text, dc_alloc_libc);
    CHECK(dc_missing_text(model.missing, &text, &err) == 0);
    CHECK_MEM(text.data, text.len, plain, len);
    dc_buf_done(&text);
    dc_report_done(&report);
}

/* Returns whether the case is one of those whose text is the parser's own. */
static bool check_case(const struct dc_lex *object) {
    char line[1024];
    struct dc_buf want;
    struct dc_span ok = member(object, "ok"), missing = member(object, "missing");
    size_t len = line_of(object, line);
    bool have = is_have((line[len] = '\0', line));
    const char *json = decode(line, len);
    if (!CHECK((ok.p != NULL) != (missing.p != NULL)))
        return false;
    if (strlen(line) == len)
        CHECK(have == (ok.p != NULL));
    if (member(object, "reason_is_parser_text").p) {
        static const char head[] = "{\"NoScheduler\":{\"reason\":\"";
        CHECK(strncmp(json, head, strlen(head)) == 0);
        CHECK(strlen(json) > strlen(head) + strlen("\"}}"));
        return true;
    }
    canonical(ok.p ? ok : missing, missing.p, &want);
    if (!CHECK_MEM(json, strlen(json), want.data, want.len)) {
        struct dc_span name = member(object, "name");
        printf("#   in case %.*s\n", (int)name.len, name.p);
    }
    dc_buf_done(&want);
    if (missing.p)
        check_reason_text(json, member(object, "text"));
    return false;
}

static void s8_every_case_of_the_reference(void) {
    struct aid_file file;
    struct dc_error err;
    struct dc_lex lex;
    size_t n = 0, parsers = 0;
    if (!aid_load(&file, CASES))
        return;
    dc_lex_init(&lex, file.data, file.len, &err);
    for (; dc_lex_peek(&lex) >= 0; n++) {
        parsers += check_case(&lex);
        if (!CHECK(dc_lex_skip(&lex, NULL) == 0))
            break;
    }
    CHECK_EQ_U64(n, 43);
    CHECK(parsers > 0 && parsers < n);
    aid_unload(&file);
}

/* ---- 17, 18, 21 to 27: what the cases leave open ---- */

struct pair {
    const char *line, *json;
};

static void check_pairs(const struct pair *pairs, size_t n) {
    for (size_t i = 0; i < n; i++)
        CHECK_STR(decode_text(pairs[i].line), pairs[i].json);
}

#define CHECK_PAIRS(pairs) check_pairs(pairs, sizeof(pairs) / sizeof(pairs[0]))

static void p17_the_relay_says_that_nobody_is_there(void) {
    static const struct pair pairs[] = {
        {"{\"ktstr_relay_error\":\"X\"}", "{\"NoScheduler\":{\"reason\":\"X\"}}"},
        {"{\"ktstr_relay_error\":\"\"}", "{\"NoScheduler\":{\"reason\":\"\"}}"},
        {"{\"ktstr_relay\\u005ferror\":\"\\u00e9\\n\\u001f/\"}",
         "{\"NoScheduler\":{\"reason\":\"\xc3\xa9\\n\\u001f/\"}}"},
    };
    CHECK_PAIRS(pairs);
}

static void p18_the_relay_beats_the_envelope(void) {
    static const struct pair pairs[] = {
        {"{\"errno\":\"bad\",\"errno\":1,\"ktstr_relay_error\":\"X\",\"args\":{}}",
         "{\"NoScheduler\":{\"reason\":\"X\"}}"},
        {"{\"ktstr_relay_error\":null,\"args\":{\"resp\":1}}", "1"},
        {"{\"ktstr_relay_error\":[\"x\"]}", "{\"MissingResp\":{\"args\":null}}"},
        {"{\"KTSTR_relay_error\":\"x\"}", "{\"MissingResp\":{\"args\":null}}"},
        /* twice is not the relay's form; the envelope ignores the name */
        {"{\"ktstr_relay_error\":\"x\",\"ktstr_relay_error\":\"y\"}",
         "{\"MissingResp\":{\"args\":null}}"},
    };
    CHECK_PAIRS(pairs);
}

static void p21_statistics(void) {
    static const struct pair pairs[] = {
        {"{\"errno\":0,\"args\":{\"resp\":{\"foo\":42}}}", "{\"foo\":42}"},
        {" \t{ \"args\" : { \"resp\" : [ 1 , { } , \"x\" ] } } \r", "[1,{},\"x\"]"},
        {"{\"args\":{\"resp\":{\"b\":1,\"a\":{\"z\":1,\"y\":2},\"b\":3}}}",
         "{\"a\":{\"y\":2,\"z\":1},\"b\":3}"},
        {"{\"args\":{\"resp\":[-1,-9223372036854775808,18446744073709551616,1.0,1e3,-0,"
         "1E-7,0.10]}}",
         "[-1,-9223372036854775808,1.8446744073709552e+19,1.0,1000.0,-0.0,1e-7,0.1]"},
        {"{\"args\":{\"resp\":\"\\/\\u2028\\ud83d\\ude00\\u0000\"}}",
         "\"/\xe2\x80\xa8\xf0\x9f\x98\x80\\u0000\""},
        {"{\"\\u0061rgs\":{\"r\\u0065sp\":true}}", "true"},
        {"[0,{\"resp\":false}]", "false"},
    };
    CHECK_PAIRS(pairs);
}

static void p22_errors_of_the_scheduler(void) {
    static const struct pair pairs[] = {
        {"{\"args\":{\"resp\":\"a\\nb\",\"b\":1,\"a\":2},\"errno\":22}",
         "{\"SchedulerError\":{\"errno\":22,\"args\":{\"a\":2,\"b\":1,\"resp\":\"a\\nb\"}"
         "}}"},
        {"{\"errno\":2147483647,\"args\":[]}",
         "{\"SchedulerError\":{\"errno\":2147483647,\"args\":[]}}"},
        {"[5]", "{\"SchedulerError\":{\"errno\":5,\"args\":null}}"},
    };
    CHECK_PAIRS(pairs);
}

static void p24_no_resp(void) {
    static const struct pair pairs[] = {
        {"{\"args\":{}}", "{\"MissingResp\":{\"args\":{}}}"},
        {"{\"args\":[{\"resp\":1}]}", "{\"MissingResp\":{\"args\":[{\"resp\":1}]}}"},
        {"{\"args\":{\"x\":{\"resp\":1}}}",
         "{\"MissingResp\":{\"args\":{\"x\":{\"resp\":1}}}}"},
        {"{\"args\":{\"resp \":1,\"RESP\":2,\"res\":3,\"respx\":4}}",
         "{\"MissingResp\":{\"args\":{\"RESP\":2,\"res\":3,\"resp \":1,\"respx\":4}}}"},
        {"{\"resp\":1}", "{\"MissingResp\":{\"args\":null}}"},
        {"[0]", "{\"MissingResp\":{\"args\":null}}"},
        {"{\"args\":18446744073709551615}",
         "{\"MissingResp\":{\"args\":18446744073709551615}}"},
    };
    CHECK_PAIRS(pairs);
}

static void p25_null_is_an_answer(void) {
    CHECK(is_have("{\"args\":{\"resp\":null}}"));
    CHECK(!is_have("{\"args\":null}"));
    CHECK(!is_have("null"));
}

static void p26_errno_is_a_small_integer(void) {
    static const struct pair pairs[] = {
        {"{\"errno\":-2147483648}",
         "{\"SchedulerError\":{\"errno\":-2147483648,\"args\":null}}"},
        {"{\"args\":{\"resp\":1}}", "1"},
    };
    static const char *const bad[] = {"-2147483649",
                                      "2147483648",
                                      "1e0",
                                      "0.0",
                                      "-0",
                                      "true",
                                      "[]",
                                      "{}",
                                      "null",
                                      "\"1\"",
                                      "18446744073709551616"};
    char line[80];
    CHECK_PAIRS(pairs);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(line, sizeof(line), "{\"errno\":%s,\"args\":{\"resp\":1}}", bad[i]);
        CHECK(strstr(decode_text(line), "errno: expected a 32-bit integer, found "));
    }
}

/* Where, what, and a NoScheduler each. */
static void p27_faults_are_told_with_their_place(void) {
    static const struct pair pairs[] = {
        {"{\"args\":1,\"args\":2}", "args stands twice at line 1 column 18"},
        {"{\"\\u0061rgs\":1,\"args\":2}", "args stands twice at line 1 column 23"},
        {"[0,1,2]", "an answer has two elements at most at line 1 column 1"},
        {"[\"x\",1]",
         "errno: expected a 32-bit integer, found a string at line 1 column 2"},
        {"{\"args\":{\"resp\":\"\\ud800\"}}",
         "lone surrogate \\\\ud800 at line 1 column 18"},
        {"{\"a\":\"\xc3\xa9\xff\"}", "invalid UTF-8: byte 0xff at line 1 column 8"},
        {"{\"a\":\"\t\"}", "raw control character 0x09 in a string at line 1 column 7"},
        {"{\"a\":01}", "not a JSON number at line 1 column 6"},
        {"{\"a\":1,}", "expected a member name, found '}' at line 1 column 8"},
        {"{'a':1}", "expected a member name or '}', found ''' at line 1 column 2"},
        {"\"x\"", "expected an object with an answer, found a string at line 1 column 1"},
        {"{\"x\":1e999,\"args\":{\"resp\":1}}",
         "this number is out of range at line 1 column 6"},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        const char *json = decode_text(pairs[i].line);
        if (!CHECK(strstr(json, pairs[i].json)))
            unit_bytes("got ", json, strlen(json));
        CHECK(strncmp(json, "{\"NoScheduler\":{\"reason\":\"", 26) == 0);
    }
}

static void s7_nesting_has_a_limit(void) {
    static char line[70000];
    for (size_t deep = 1; deep < 20000; deep = deep < 130 ? deep + 1 : deep * 2) {
        size_t n = (size_t)sprintf(line, "{\"args\":{\"resp\":");
        memset(line + n, '[', deep);
        memset(line + n + deep, ']', deep);
        memcpy(line + n + 2 * deep, "}}", 3);
        CHECK(is_have(line) == (deep <= 125));
    }
}

/* ---- 19, 20: requests ---- */

static void check_request(bool meta, const struct cap_stats_arg *args, size_t n,
                          const char *want) {
    const struct cap_stats_request request = {meta, args, n, 0};
    struct dc_error err;
    struct dc_buf line;
    dc_buf_init(&line, dc_alloc_libc);
    CHECK(cap_stats_request_write(&request, &line, &err) == 0);
    CHECK_MEM(line.data, line.len, want, strlen(want));
    dc_buf_done(&line);
}

static void p19_a_request_with_an_argument(void) {
    const struct cap_stats_arg top = {"target", "top"}, odd = {"a\"\n\x7f", "\\\xc3\xa9"};
    check_request(false, &top, 1, "{\"req\":\"stats\",\"args\":{\"target\":\"top\"}}\n");
    check_request(false, &odd, 1,
                  "{\"req\":\"stats\",\"args\":{\"a\\\"\\n\x7f\":\"\\\\\xc3\xa9\"}}\n");
}

static void p20_arguments_are_sorted_or_left_out(void) {
    const struct cap_stats_arg args[] = {{"b", "1"}, {"a", "2"}, {"\xc3\xa9", "3"},
                                         {"b", "4"}, {"", "5"},  {"B", "6"}};
    check_request(false, NULL, 0, "{\"req\":\"stats\"}\n");
    check_request(true, NULL, 0, "{\"req\":\"stats_meta\"}\n");
    check_request(false, args, 6,
                  "{\"req\":\"stats\",\"args\":{\"\":\"5\",\"B\":\"6\",\"a\":\"2\","
                  "\"b\":\"4\",\"\xc3\xa9\":\"3\"}}\n");
}

/* ---- memory ---- */

/* Every allocation fails in turn: told, and nothing is left. */
static void s7_memory_that_runs_out(void) {
    static const char *const lines[] = {
        "{\"errno\":0,\"args\":{\"resp\":{\"b\":[1,{\"d\":1,\"c\":2}],\"a\":2}}}",
        "{\"errno\":1,\"args\":{\"resp\":{\"b\":[1,{\"d\":1,\"c\":2}],\"a\":2}}}",
        "{\"args\":{\"b\":1}}", "{\"ktstr_relay_error\":\"x\"}", "hello"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct aid_memory memory = {.failed = true};
        for (size_t fail = 1; memory.failed && fail < 100; fail++) {
            struct dc_error err = {.code = DC_OK};
            memory = (struct aid_memory){.fail = fail};
            cap_stats_answer_init(&answer, aid_alloc(&memory));
            int rc = cap_stats_decode(lines[i], strlen(lines[i]), &answer, &err);
            CHECK((rc < 0) == memory.failed);
            CHECK((err.code == DC_ENOMEM) == memory.failed);
            cap_stats_answer_done(&answer);
            CHECK_EQ_U64(memory.live, 0);
        }
        CHECK(!memory.failed);
    }
}

int main(void) {
    UNIT_RUN(p1_a_line_ends_before_its_newline);
    UNIT_RUN(p1_a_line_holds_no_more_than_its_cap);
    UNIT_RUN(s8_every_case_of_the_reference);
    UNIT_RUN(p17_the_relay_says_that_nobody_is_there);
    UNIT_RUN(p18_the_relay_beats_the_envelope);
    UNIT_RUN(p19_a_request_with_an_argument);
    UNIT_RUN(p20_arguments_are_sorted_or_left_out);
    UNIT_RUN(p21_statistics);
    UNIT_RUN(p22_errors_of_the_scheduler);
    UNIT_RUN(p24_no_resp);
    UNIT_RUN(p25_null_is_an_answer);
    UNIT_RUN(p26_errno_is_a_small_integer);
    UNIT_RUN(p27_faults_are_told_with_their_place);
    UNIT_RUN(s7_nesting_has_a_limit);
    UNIT_RUN(s7_memory_that_runs_out);
    return unit_done();
}
