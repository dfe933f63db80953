/* Reasons for missing statistics: shapes, texts, free JSON (spec scheduler-stats 3). */
#include "lib/model.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

#include <jansson.h>

#define SAMPLES "tests/data/samples"

static void check_text(const char *name, const char *want) {
    char path[256];
    struct aid_file file;
    struct dc_report report;
    struct dc_error err;
    struct dc_model model;
    struct dc_buf text;
    snprintf(path, sizeof(path), SAMPLES "/%s", name);
    if (!aid_load(&file, path))
        return;
    if (CHECK(aid_read(&report, file.data, file.len, &err) == 0)) {
        dc_model_init(&model, &report, NULL);
        dc_buf_init(&text, dc_alloc_libc);
        CHECK(dc_missing_text(model.missing, &text, &err) == 0);
        CHECK_MEM(text.data, text.len, want, strlen(want));
        dc_buf_done(&text);
        dc_report_done(&report);
    }
    aid_unload(&file);
}

/* missing-stats-NAME.json is the bare form of snapshot-error-NAME.json. */
static void texts_of_reasons_are_those_of_the_reference(void) {
    json_error_t error;
    json_t *texts = json_load_file(SAMPLES "/rendered-text.json", 0, &error), *entry;
    size_t i;
    if (!CHECK(json_array_size(texts) >= 13))
        return;
    json_array_foreach(texts, i, entry) {
        const char *name = json_string_value(json_object_get(entry, "file"));
        const char *want = json_string_value(json_object_get(entry, "reason_text"));
        char wrapped[128];
        check_text(name, want);
        snprintf(wrapped, sizeof(wrapped), "snapshot-error-%s",
                 name + strlen("missing-stats-"));
        check_text(wrapped, want);
    }
    json_decref(texts);
}

static void reasons_have_the_shapes_of_the_reference(void) {
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"\"NoSchedulerBinary\"", true},
        {"{\"NoSchedulerBinary\":null}", true},
        {"{\"NoSchedulerBinary\":{}}", false},
        {"{\"NoSchedulerBinary\":[]}", false},
        {"\"NoScheduler\"", false},
        {"{\"NoScheduler\":{\"reason\":\"x\"}}", true},
        {"{\"NoScheduler\":{\"reason\":\"x\",\"more\":1}}", true},
        {"{\"NoScheduler\":{}}", false},
        {"{\"NoScheduler\":null}", false},
        {"{\"NoScheduler\":{\"reason\":null}}", false},
        {"{\"NoScheduler\":[\"x\"]}", false}, /* never written: wire-format 1.4 */
        {"{\"NoScheduler\":{\"reason\":\"x\"},\"DuringFreeze\":null}", false},
        {"{\"NoScheduler\":{\"reason\":\"x\"},\"x\":1}", false},
        {"{\"\\u004eoScheduler\":{\"reason\":\"x\"}}", true},
        {"{\"MissingStats\":{\"tag\":\"t\",\"reason\":\"Cancelled\"}}", true},
        {"{\"Missing\\u0053tats\":{\"tag\":\"t\",\"reason\":\"Cancelled\"}}", true},
        {"{\"MissingStats\":{\"reason\":\"Cancelled\",\"tag\":\"t\"}}", true},
        {"{\"MissingStats\":{\"tag\":\"t\"}}", false}, /* an older reference wrote it */
        {"{\"MissingStats\":{\"tag\":\"t\",\"reason\":\"Other\"}}", false},
        {"{\"MissingStats\":{\"tag\":\"t\",\"reason\":{\"Other\":null}}}", false},
        {"\"MissingStats\"", false},
        {"\"cancelled\"", false},
        {"\"Cancelled\\u0000\"", false},
        {"\"Cancelled \"", false},
        {"\"\"", false},
        {"{\"SchedulerError\":{\"errno\":-2147483648,\"args\":{}}}", true},
        {"{\"SchedulerError\":{\"errno\":2147483648,\"args\":{}}}", false},
        {"{\"SchedulerError\":{\"args\":{},\"errno\":22}}", true},
        {"{\"SchedulerError\":{\"errno\":22}}", false},
        {"{\"SchedulerError\":{\"errno\":null,\"args\":1}}", false},
        {"{\"SchedulerError\":{\"errno\":1,\"args\":1,\"args\":2}}", false},
        {"{\"MissingResp\":{\"args\":null}}", true},
        {"{\"MissingResp\":{}}", false},
        {"{\"MissingResp\":{\"args\":1e400}}", false},
        {"{\"RequestTooLarge\":{\"size\":18446744073709551615,\"max\":0}}", true},
        {"{\"RequestTooLarge\":{\"size\":-1,\"max\":0}}", false},
        {"{\"RequestTooLarge\":{\"size\":1.0,\"max\":0}}", false},
        {"{\"RequestTooLarge\":{\"size\":1}}", false},
        {"\"MutexPoisoned\" x", false},
        {"\"MutexPoisoned\"\n\n", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dc_report report;
        struct dc_error err;
        int rc = aid_read_text(&report, cases[i].text, &err);
        unit_check((rc == 0) == cases[i].good, cases[i].text, __FILE__, __LINE__);
        if (rc == 0)
            dc_report_done(&report);
    }
}

/* scheduler-stats 3.3 */
static void args_come_out_as_the_reference_writes_them(void) {
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"{\"b\":1,\"a\":2}", "{\"a\":2,\"b\":1}"},
        {"{\"a\":1,\"a\":[2]}", "{\"a\":[2]}"},
        {"{\"a\":1,\"\\u0061\":2,\"a\":3}", "{\"a\":3}"},
        {"[1.0,1e3,-0,0,-5,1E-7]", "[1.0,1000.0,-0.0,0,-5,1e-7]"},
        {"[18446744073709551615,18446744073709551616,-9223372036854775808,"
         "-9223372036854775809]",
         "[18446744073709551615,1.8446744073709552e+19,-9223372036854775808,"
         "-9.223372036854776e+18]"},
        {"{\"z\":{\"y\":{\"x\":null,\"w\":true}},\"\":[]}",
         "{\"\":[],\"z\":{\"y\":{\"w\":true,\"x\":null}}}"},
        {"\"\\u0001\\n\\/\\u00e9\\u2028\\\"\"",
         "\"\\u0001\\n/\xc3\xa9\xe2\x80\xa8\\\"\""},
        {"{\"\xef\xbf\xbf\":1,\"\\ud800\\udc00\":2,\"~\":3}",
         "{\"~\":3,\"\xef\xbf\xbf\":1,\"\xf0\x90\x80\x80\":2}"},
        {" [ { } , [ ] ] ", "[{},[]]"},
        {"1.7976931348623157e308", "1.7976931348623157e+308"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char in[512], want[512];
        struct dc_buf out;
        struct dc_error err;
        snprintf(in, sizeof(in), "{\"MissingResp\":{\"args\":%s}}", cases[i].in);
        snprintf(want, sizeof(want), "{\"MissingResp\":{\"args\":%s}}", cases[i].out);
        CHECK(aid_rewrite(in, strlen(in), &out, &err) == 0);
        CHECK_MEM(out.data, out.len, want, strlen(want));
        dc_buf_done(&out);
    }
}

int main(void) {
    UNIT_RUN(texts_of_reasons_are_those_of_the_reference);
    UNIT_RUN(reasons_have_the_shapes_of_the_reference);
    UNIT_RUN(args_come_out_as_the_reference_writes_them);
    return unit_done();
}
