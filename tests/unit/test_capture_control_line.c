/*
 * The language of the control socket: what is understood, what is refused, what is said.
 */
#include "tests/unit/unit.h"

#include "capture/control_line.h"
#include "lib/buf.h"

static void understands(void) {
    static const struct {
        const char *line;
        enum cap_command command;
        const char *tag;
    } cases[] = {
        {"capture", CAP_COMMAND_CAPTURE, ""},
        {"capture x", CAP_COMMAND_CAPTURE, "x"},
        {" \tcapture \t x-1.a_b \r", CAP_COMMAND_CAPTURE, "x-1.a_b"},
        {"capture ../../x", CAP_COMMAND_CAPTURE, "___.._x"},
        {"capture caf\xc3\xa9\xff", CAP_COMMAND_CAPTURE, "caf___"},
        {"status", CAP_COMMAND_STATUS, ""},
        {"status\r", CAP_COMMAND_STATUS, ""},
        {"stop", CAP_COMMAND_STOP, ""},
        {"{\"command\":\"capture\"}", CAP_COMMAND_CAPTURE, ""},
        {"{\"command\":\"capture\",\"tag\":\"\"}", CAP_COMMAND_CAPTURE, ""},
        {"{\"tag\":\"a b\",\"command\":\"capture\"}", CAP_COMMAND_CAPTURE, "a_b"},
        {"  {\"command\" : \"capture\", \"tag\" : \"..\"}  \r", CAP_COMMAND_CAPTURE,
         "__"},
        {"{\"command\":\"\\u0073top\"}", CAP_COMMAND_STOP, ""},
        {"{\"command\":\"status\"}", CAP_COMMAND_STATUS, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cap_control_line line;
        struct dc_error err = {0};
        int rc = cap_control_read(cases[i].line, strlen(cases[i].line), &line, &err);
        if (!CHECK_EQ_I64(rc, 0)) {
            unit_bytes("line", cases[i].line, strlen(cases[i].line));
            continue;
        }
        CHECK(line.command == cases[i].command);
        CHECK_STR(line.tag, cases[i].tag);
    }
}

static void refuses(void) {
    static const struct {
        const char *line;
        enum dc_code code;
    } cases[] = {
        {"", DC_EMISSING},
        {" \t\r", DC_EMISSING},
        {"Capture", DC_EUNKNOWN},
        {"captur", DC_EUNKNOWN},
        {"capture2", DC_EUNKNOWN},
        {"help", DC_EUNKNOWN},
        {"\xff\xfe", DC_EUNKNOWN},
        {"\"capture\"", DC_EUNKNOWN},
        {"[\"capture\"]", DC_EUNKNOWN},
        {"capture a b", DC_EUSAGE},
        {"status x", DC_EUSAGE},
        {"stop now", DC_EUSAGE},
        {"{", DC_ESYNTAX},
        {"{}", DC_EMISSING},
        {"{\"command\":\"capture\"", DC_ESYNTAX},
        {"{\"command\":\"capture\"} {}", DC_ESYNTAX},
        {"{\"command\":\"capture\",\"command\":\"stop\"}", DC_ESYNTAX},
        {"{\"command\":\"capture\",\"tag\":\"\xff\"}", DC_ESYNTAX},
        {"{\"command\":\"capture\",\"tag\":\"a\\u0000b\"}", DC_ESYNTAX},
        {"{\"command\":null}", DC_ETYPE},
        {"{\"command\":[]}", DC_ETYPE},
        {"{\"command\":\"capture\",\"tag\":7}", DC_ETYPE},
        {"{\"command\":\"capture\",\"tag\":null}", DC_ETYPE},
        {"{\"command\":\"capture\",\"vcpu\":1}", DC_EUNKNOWN},
        {"{\"command\":\"capture\",\"tag\":\"x\",\"vcpu\":1}", DC_EUNKNOWN},
        {"{\"command\":\"dump\"}", DC_EUNKNOWN},
        {"{\"command\":\"stop\",\"tag\":\"x\"}", DC_EUSAGE},
        {"{\"Command\":\"stop\"}", DC_EMISSING},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cap_control_line line;
        struct dc_error err = {0};
        int rc = cap_control_read(cases[i].line, strlen(cases[i].line), &line, &err);
        if (!CHECK_EQ_I64(rc, -1) || !CHECK_EQ_U64(err.code, cases[i].code))
            unit_bytes("line", cases[i].line, strlen(cases[i].line));
        CHECK(strlen(err.message) > 0);
    }
}

static void refuses_a_nul(void) {
    static const char text[] = "capture\0x";
    struct cap_control_line line;
    struct dc_error err;

    CHECK_EQ_I64(cap_control_read(text, sizeof(text) - 1, &line, &err), -1);
    CHECK_EQ_U64(err.code, DC_ESYNTAX);
}

/* A tag that is too long is not cut: it might become that of another capture. */
static void limits_tags(void) {
    char text[128];
    struct cap_control_line line;
    struct dc_error err;

    int len = snprintf(text, sizeof(text), "capture %063d", 7);
    CHECK_EQ_I64(cap_control_read(text, (size_t)len, &line, &err), 0);
    CHECK_STR(line.tag, text + strlen("capture "));
    len = snprintf(text, sizeof(text), "capture %064d", 7);
    CHECK_EQ_I64(cap_control_read(text, (size_t)len, &line, &err), -1);
    CHECK_EQ_U64(err.code, DC_ELIMIT);
    len = snprintf(text, sizeof(text), "{\"command\":\"capture\",\"tag\":\"%064d\"}", 7);
    CHECK_EQ_I64(cap_control_read(text, (size_t)len, &line, &err), -1);
    CHECK_EQ_U64(err.code, DC_ELIMIT);
}

static struct dc_buf new_buf(void) {
    struct dc_buf buf;
    dc_buf_init(&buf, dc_alloc_libc);
    return buf;
}

static void check_text(struct dc_buf *buf, const char *want) {
    CHECK_MEM(buf->data, buf->len, want, strlen(want));
    dc_buf_done(buf);
}

static void says_what_was_captured(void) {
    struct cap_answer answer = {
        .code = CAP_ANSWER_CAPTURED,
        .path = "dump.snapshot.x.json",
        .tag = "x",
        .parked = 4,
        .total = 4,
        .latency_us = 812,
    };
    struct dc_buf buf = new_buf();
    CHECK_EQ_I64(cap_control_write_answer(dc_buf_sink(&buf), &answer, "/a"), 0);
    check_text(&buf, "{\"ok\":true,\"command\":\"capture\",\"tag\":\"x\",\"report\":"
                     "\"/a/dump.snapshot.x.json\",\"variant\":\"single\",\"parked\":4,"
                     "\"total\":4,\"latency_us\":812}\n");
    answer.code = CAP_ANSWER_DEGRADED;
    answer.parked = 3;
    snprintf(answer.path, sizeof(answer.path), "/b/\xff\x1b\x7f");
    snprintf(answer.reason, sizeof(answer.reason), "caf\xc3\xa9: 3/4 vCPUs parked");
    buf = new_buf();
    CHECK_EQ_I64(cap_control_write_answer(dc_buf_sink(&buf), &answer, "/a"), 0);
    check_text(&buf, "{\"ok\":true,\"command\":\"capture\",\"tag\":\"x\",\"report\":"
                     "\"/b/\\ufffd\\u001b\\u007f\",\"variant\":\"degraded\",\"reason\":"
                     "\"caf\\u00e9: 3/4 vCPUs parked\",\"parked\":3,\"total\":4,"
                     "\"latency_us\":812}\n");
}

static void says_where_relative_paths_are(void) {
    static const char *const cases[][3] = {
        {"/", "x", "\"/x\""},
        {"/a", "x/y", "\"/a/x/y\""},
        {NULL, "x", "\"x\""},
        {"/a", "", "null"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cap_answer answer = {.code = CAP_ANSWER_CAPTURED};
        struct dc_buf buf = new_buf();
        char want[128];
        snprintf(answer.path, sizeof(answer.path), "%s", cases[i][1]);
        snprintf(want, sizeof(want), "\"report\":%s,", cases[i][2]);
        CHECK_EQ_I64(cap_control_write_answer(dc_buf_sink(&buf), &answer, cases[i][0]),
                     0);
        dc_buf_add(&buf, "", 1);
        CHECK(strstr(buf.data, want) != NULL);
        dc_buf_done(&buf);
    }
}

static void says_why_not(void) {
    struct cap_answer answer = {
        .code = CAP_ANSWER_FAILED, .reason = "disk full", .tag = "x", .total = 2};
    struct dc_error err;
    struct dc_buf buf = new_buf();

    cap_control_write_answer(dc_buf_sink(&buf), &answer, "/a");
    check_text(&buf, "{\"ok\":false,\"command\":\"capture\",\"error\":\"failed\","
                     "\"message\":\"disk full\",\"tag\":\"x\",\"parked\":0,\"total\":2,"
                     "\"latency_us\":0}\n");
    answer = (struct cap_answer){.code = CAP_ANSWER_ENDED, .reason = CAP_ENDED_TEXT};
    buf = new_buf();
    cap_control_write_answer(dc_buf_sink(&buf), &answer, "/a");
    check_text(&buf, "{\"ok\":false,\"command\":\"capture\",\"error\":\"ended\","
                     "\"message\":\"the run ended before the request was served\"}\n");
    buf = new_buf();
    cap_control_write_busy(dc_buf_sink(&buf));
    check_text(&buf,
               "{\"ok\":false,\"command\":\"capture\",\"error\":\"busy\",\"message\":"
               "\"another snapshot capture is in flight; retry\"}\n");
    dc_fail(&err, DC_ESYNTAX, "bad \xff");
    buf = new_buf();
    cap_control_write_error(dc_buf_sink(&buf), &err);
    check_text(&buf, "{\"ok\":false,\"error\":\"syntax\",\"message\":\"bad \\ufffd\"}\n");
}

static void says_how_it_goes(void) {
    struct cap_status status = {
        .state = CAP_RUN_TOOK_EARLY,
        .guest = "demo:stall",
        .vcpus = 4,
        .uptime_ms = UINT64_MAX, /* beyond 2^53: digits */
        .captures = 2,
        .early_held = true,
        .triggers = {"latch", "timer"},
        .trigger_count = 2,
    };
    static const char *const states[] = {"idle", "took_early", "done", "frozen",
                                         "capturing"};
    struct dc_buf buf = new_buf();

    cap_control_write_status(dc_buf_sink(&buf), &status);
    check_text(&buf,
               "{\"ok\":true,\"command\":\"status\",\"state\":\"took_early\",\"guest\":"
               "\"demo:stall\",\"vcpus\":4,\"uptime_ms\":\"18446744073709551615\","
               "\"captures\":2,\"pending\":false,\"triggers\":[\"latch\",\"timer\"],"
               "\"early_held\":true}\n");
    for (uint32_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        char want[64];
        status.state = (enum cap_run_state)i;
        snprintf(want, sizeof(want), "\"state\":\"%s\"", states[i]);
        buf = new_buf();
        cap_control_write_status(dc_buf_sink(&buf), &status);
        dc_buf_add(&buf, "", 1);
        CHECK(strstr(buf.data, want) != NULL);
        dc_buf_done(&buf);
    }
    buf = new_buf();
    cap_control_write_stop(dc_buf_sink(&buf));
    check_text(&buf, "{\"ok\":true,\"command\":\"stop\"}\n");
}

int main(void) {
    UNIT_RUN(understands);
    UNIT_RUN(refuses);
    UNIT_RUN(refuses_a_nul);
    UNIT_RUN(limits_tags);
    UNIT_RUN(says_what_was_captured);
    UNIT_RUN(says_where_relative_paths_are);
    UNIT_RUN(says_why_not);
    UNIT_RUN(says_how_it_goes);
    return unit_done();
}
