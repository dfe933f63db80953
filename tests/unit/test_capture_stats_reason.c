/*
 * Reasons for missing statistics as capture writes them, read back by lib. The head of
 * test_capture_stats.c says which property is tested where.
 */
#include "tests/unit/unit.h"

#include "capture/stats_reason.h"
#include "tests/unit/lib_aid.h"

/* Each as the client makes it. */
static void write_reason(struct dc_buf *out, enum cap_missing missing) {
    static const char args[] = "{ \"b\":18446744073709551615, \"a\":\"x\\ny\" }";
    struct dc_span span = {args, sizeof(args) - 1};
    switch (missing) {
    case CAP_NO_SCHEDULER:
        cap_reason_no_scheduler(out, "gone \xff\n\"", 8);
        break;
    case CAP_SCHEDULER_ERROR:
        cap_reason_scheduler_error(out, -22, span);
        break;
    case CAP_MISSING_RESP:
        cap_reason_missing_resp(out, span);
        break;
    case CAP_REQUEST_TOO_LARGE:
    case CAP_RESPONSE_TOO_LARGE:
        cap_reason_too_large(out, missing, 262145, 262144);
        break;
    default:
        cap_reason_unit(out, missing);
    }
}

#define ARGS "{\"a\":\"x\\ny\",\"b\":18446744073709551615}"

static const char *const wanted[CAP_N_MISSING] = {
    [CAP_NO_SCHEDULER_BINARY] = "\"NoSchedulerBinary\"",
    [CAP_NO_SCHEDULER] = "{\"NoScheduler\":{\"reason\":\"gone \xef\xbf\xbd\\n\\\"\"}}",
    [CAP_DURING_FREEZE] = "\"DuringFreeze\"",
    [CAP_CANCELLED] = "\"Cancelled\"",
    [CAP_SCHEDULER_ERROR] = "{\"SchedulerError\":{\"errno\":-22,\"args\":" ARGS "}}",
    [CAP_MISSING_RESP] = "{\"MissingResp\":{\"args\":" ARGS "}}",
    [CAP_REQUEST_TOO_LARGE] = "{\"RequestTooLarge\":{\"size\":262145,\"max\":262144}}",
    [CAP_RESPONSE_TOO_LARGE] = "{\"ResponseTooLarge\":{\"size\":262145,\"max\":262144}}",
};

static void p28_each_reason_has_its_name_and_its_values(void) {
    for (enum cap_missing missing = 0; missing < CAP_N_MISSING; missing++) {
        struct dc_buf out;
        dc_buf_init(&out, dc_alloc_libc);
        write_reason(&out, missing);
        CHECK_MEM(out.data, out.len, wanted[missing], strlen(wanted[missing]));
        CHECK(strstr(wanted[missing], cap_missing_name(missing)));
        dc_buf_done(&out);
    }
}

static void p30_each_reason_has_a_text(void) {
    static const char *const words[CAP_N_MISSING] = {
        "scheduler_binary", "gone", "freeze", "cancel",
        "errno=-22",        "resp", "262145", "262145"};
    for (enum cap_missing missing = 0; missing < CAP_N_MISSING; missing++) {
        struct dc_report report;
        struct dc_model model;
        struct dc_error err;
        struct dc_buf text;
        if (!CHECK(aid_read_text(&report, wanted[missing], &err) == 0))
            continue;
        CHECK_EQ_I64(report.variant, DC_MISSING_STATS);
        dc_model_init(&model, &report, NULL);
        CHECK_STR(model.missing->type->tag_value, cap_missing_name(missing));
        dc_buf_init(&text, dc_alloc_libc);
        CHECK(dc_missing_text(model.missing, &text, &err) == 0);
        CHECK(memmem(text.data, text.len, words[missing], strlen(words[missing])));
        dc_buf_done(&text);
        dc_report_done(&report);
    }
}

static void p31_each_reason_survives_being_read_and_written(void) {
    char wrapped[512];
    for (int wrap = 0; wrap < 2; wrap++) {
        for (enum cap_missing missing = 0; missing < CAP_N_MISSING; missing++) {
            struct dc_error err;
            struct dc_buf out;
            snprintf(wrapped, sizeof(wrapped),
                     wrap ? "{\"MissingStats\":{\"tag\":\"periodic_000\",\"reason\":%s}}"
                          : "%s",
                     wanted[missing]);
            CHECK(aid_rewrite(wrapped, strlen(wrapped), &out, &err) == 0);
            CHECK_MEM(out.data, out.len, wrapped, strlen(wrapped));
            dc_buf_done(&out);
        }
    }
}

int main(void) {
    UNIT_RUN(p28_each_reason_has_its_name_and_its_values);
    UNIT_RUN(p30_each_reason_has_a_text);
    UNIT_RUN(p31_each_reason_survives_being_read_and_written);
    return unit_done();
}
