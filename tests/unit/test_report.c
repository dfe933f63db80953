/* The dispatcher, and every sample document: accepted or refused as its name says. */
#include "lib/report.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

#define SAMPLES "tests/data/samples"

/* ---- the samples that must be refused, with the place and the words ---- */

struct refusal {
    const char *name;
    enum dc_code code;
    const char *pointer;
    uint64_t line, column;
    const char *message;
};

static const struct refusal refusals[] = {
    {"degraded-hit-as-int.json", DC_ETYPE, "/watchpoint_hit", 1, 52,
     "expected true or false, found 0"},
    {"degraded-no-latch.json", DC_EMISSING, "", 1, 1,
     "the required member \"bss_latch_state\" is missing (DegradedFailureDumpReport)"},
    {"dual-inner-no-schema.json", DC_EMISSING, "/late", 1, 25,
     "the required member \"schema\" is missing (FailureDumpReport); the oldest reports "
     "have none: --assume-single reads them"},
    {"dual-no-late.json", DC_EMISSING, "", 1, 1,
     "the required member \"late\" is missing (DualFailureDumpReport)"},
    {"not-json.json", DC_ESYNTAX, "", 1, 1,
     "expected a report, which is a JSON object, found 'n'"},
    {"schema-empty.json", DC_EVARIANT, "/schema", 1, 11,
     "the schema is empty, so this is no report that is known; some of the oldest have "
     "none: --assume-single reads them"},
    {"schema-not-string.json", DC_EVARIANT, "/schema", 1, 11,
     "expected \"single\", \"dual\" or \"degraded\", found 1"},
    {"schema-null.json", DC_EVARIANT, "/schema", 1, 11,
     "expected \"single\", \"dual\" or \"degraded\", found null"},
    {"schema-unknown.json", DC_EVARIANT, "/schema", 1, 11,
     "unknown variant \"triple\"; this dumpctl reads \"single\", \"dual\" and "
     "\"degraded\""},
    {"schema-wrong-case.json", DC_EVARIANT, "/schema", 1, 11,
     "unknown variant \"Single\"; this dumpctl reads \"single\", \"dual\" and "
     "\"degraded\""},
    {"single-dup-known-key.json", DC_EDUPLICATE, "/maps", 1, 30,
     "this member stands twice"},
    {"single-event-missing-counter.json", DC_EMISSING, "/event_counter_timeline/0", 1, 56,
     "the required member \"select_cpu_fallback\" is missing (EventSample)"},
    {"single-float-for-int.json", DC_ETYPE, "/maps_truncated", 1, 47,
     "expected an unsigned 32-bit integer, found 1.0"},
    {"single-kind-missing.json", DC_EMISSING, "/maps/0/value", 1, 92,
     "the required member \"kind\" is missing (RenderedValue)"},
    {"single-maps-null.json", DC_ETYPE, "/maps", 1, 27, "expected an array, found null"},
    {"single-negative-u32.json", DC_ETYPE, "/maps_truncated", 1, 47,
     "expected an unsigned 32-bit integer, found -1"},
    {"single-no-maps.json", DC_EMISSING, "", 1, 1,
     "the required member \"maps\" is missing (FailureDumpReport)"},
    {"single-regs-missing-field.json", DC_EMISSING, "/vcpu_regs/0", 1, 43,
     "the required member \"page_table_root\" is missing (VcpuRegs)"},
    {"single-softirqs-nine.json", DC_ETYPE, "/per_cpu_time/0/softirqs", 1, 271,
     "expected an array of exactly 10 elements, found 9"},
    {"single-u32-null.json", DC_ETYPE, "/maps_truncated", 1, 47,
     "expected an unsigned 32-bit integer, found null"},
    {"single-u64-overflow.json", DC_ETYPE, "/dump_truncated_at_us", 1, 53,
     "expected an unsigned 64-bit integer, found 18446744073709551616"},
    {"single-unknown-kind.json", DC_EVARIANT, "/maps/0/value/kind", 1, 100,
     "unknown kind \"Uint\" (RenderedValue)"},
    {"single-vec-null.json", DC_ETYPE, "/vcpu_regs", 1, 42,
     "expected an array, found null"},
    {"top-level-array.json", DC_ESYNTAX, "", 1, 1,
     "expected a report, which is a JSON object, found an array"},
    {"trailing-garbage.json", DC_ESYNTAX, "", 1, 31,
     "unexpected bytes behind the document; another document may begin on the next line"},
};

static unsigned refused;

static void check_refusal(const struct refusal *want, const struct dc_error *err) {
    CHECK_STR(dc_code_name(err->code), dc_code_name(want->code));
    CHECK_STR(err->pointer, want->pointer);
    CHECK_STR(err->message, want->message);
    CHECK_EQ_U64(err->line, want->line);
    CHECK_EQ_U64(err->column, want->column);
}

static void refuse(const char *path, const char *name) {
    struct aid_file file;
    struct dc_report report;
    struct dc_error err = {.code = DC_OK};
    if (!aid_load(&file, path))
        return;
    bool known = false;
    if (!unit_check(aid_read(&report, file.data, file.len, &err) < 0, name, __FILE__,
                    __LINE__))
        dc_report_done(&report);
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        if (strcmp(refusals[i].name, name) == 0) {
            known = true;
            refused++;
            check_refusal(&refusals[i], &err);
        }
    }
    unit_check(known, name, __FILE__, __LINE__); /* a new sample needs a row */
    aid_unload(&file);
}

static void samples_to_refuse_are_refused_where_they_are_wrong(void) {
    aid_each_json(SAMPLES "/reject", refuse);
    CHECK_EQ_U64(refused, sizeof(refusals) / sizeof(refusals[0]));
}

/* ---- the samples that must be accepted ---- */

static bool starts(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

static const char *variant_by_name(const char *name) {
    return starts(name, "single-")     ? "single"
           : starts(name, "dual-")     ? "dual"
           : starts(name, "degraded-") ? "degraded"
                                       : "missing_stats";
}

static bool is_no_report(const char *name) {
    return starts(name, "legacy-") || starts(name, "rendered-");
}

/* The file without the white space between its tokens. */
static size_t compact(const struct aid_file *file, char *out) {
    size_t n = 0;
    bool quoted = false;
    for (size_t i = 0; i < file->len; i++) {
        char c = file->data[i];
        if (!quoted && strchr(" \t\r\n", c))
            continue;
        out[n++] = c;
        if (c == '"')
            quoted = !quoted;
        if (quoted && c == '\\')
            out[n++] = file->data[++i];
    }
    return n;
}

/* These say the same in another way than the reference writes it. */
static bool is_canonical(const char *name) {
    return strcmp(name, "single-tolerances.json") != 0 &&
           strcmp(name, "single-every-field-newest.json") != 0; /* \u2192 for an arrow */
}

static void check_wire(const struct aid_file *file, const struct dc_report *report,
                       const char *name) {
    struct dc_buf once, twice;
    struct dc_error err;
    char *text = malloc(file->len);
    CHECK(aid_wire(report, &once) == 0);
    CHECK(aid_rewrite(once.data, once.len, &twice, &err) == 0);
    CHECK_MEM(twice.data, twice.len, once.data, once.len);
    if (is_canonical(name))
        CHECK_MEM(once.data, once.len, text, compact(file, text));
    dc_buf_done(&once);
    dc_buf_done(&twice);
    free(text);
}

static void accept(const char *path, const char *name) {
    struct aid_file file;
    struct dc_report report;
    struct dc_error err = {.code = DC_OK};
    if (is_no_report(name) || !aid_load(&file, path))
        return;
    if (unit_check(aid_read(&report, file.data, file.len, &err) == 0, name, __FILE__,
                   __LINE__)) {
        CHECK_STR(dc_variant_name(report.variant), variant_by_name(name));
        CHECK_EQ_U64(report.unknown, strstr(name, "tolerances") ? 2 : 0);
        check_wire(&file, &report, name);
        dc_report_done(&report);
    } else {
        printf("#   %s\n", err.message);
    }
    aid_unload(&file);
}

static void samples_are_accepted_and_come_back_byte_for_byte(void) {
    aid_each_json(SAMPLES, accept);
}

static void tolerances_come_out_canonical(void) {
    static const char want[] =
        "{\"schema\":\"single\",\"maps\":[{\"name\":\"t\",\"map_type\":2,\"value_size\":"
        "4,"
        "\"max_entries\":1,\"value\":{\"kind\":\"uint\",\"bits\":32,\"value\":5,"
        "\"extra\":[1]}}],\"x_vendor\":{\"note\":\"ignored\"}}";
    struct aid_file file;
    struct dc_buf out;
    struct dc_error err;
    if (!aid_load(&file, SAMPLES "/single-tolerances.json"))
        return;
    CHECK(aid_rewrite(file.data, file.len, &out, &err) == 0);
    CHECK_MEM(out.data, out.len, want, sizeof(want) - 1);
    dc_buf_done(&out);
    aid_unload(&file);
}

/* ---- the oldest reports ---- */

static int read_as_single(struct dc_report *report, const char *text, size_t len,
                          struct dc_error *err) {
    struct dc_report_options options = {.alloc = dc_alloc_libc, .assume_single = true};
    size_t used = 0;
    return dc_report_read(report, text, len, &used, &options, err);
}

static void legacy_needs_the_option(void) {
    struct aid_file file;
    struct dc_report report;
    struct dc_error err;
    if (!aid_load(&file, SAMPLES "/legacy-no-schema.json"))
        return;
    CHECK(aid_read(&report, file.data, file.len, &err) < 0);
    CHECK_EQ_U64(err.code, DC_EVARIANT);
    CHECK(strstr(err.message, "--assume-single") != NULL);
    CHECK_EQ_U64(err.line, 1);
    CHECK_EQ_U64(err.column, 1);
    if (CHECK(read_as_single(&report, file.data, file.len, &err) == 0)) {
        CHECK_STR(dc_variant_name(report.variant), "single");
        dc_report_done(&report);
    }
    aid_unload(&file);
}

static void assume_single_changes_nothing_else(void) {
    static const struct {
        const char *text, *variant; /* NULL: refused */
    } cases[] = {
        {"{\"maps\":[]}", "single"},
        {"{\"schema\":\"\",\"maps\":[]}", "single"},
        {"{\"schema\":\"single\",\"maps\":[]}", "single"},
        {"{\"schema\":\"dual\",\"late\":{\"schema\":\"x\",\"maps\":[]}}", "dual"},
        {"\"Cancelled\"", "missing_stats"},
        {"{\"Cancelled\":null}", "missing_stats"},
        {"{\"schema\":\"triple\",\"maps\":[]}", NULL},
        {"{\"schema\":null,\"maps\":[]}", NULL},
        {"{\"schema\":1,\"maps\":[]}", NULL},
        {"{}", NULL},
        {"[]", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dc_report report;
        struct dc_error err;
        int rc = read_as_single(&report, cases[i].text, strlen(cases[i].text), &err);
        CHECK_STR(rc < 0 ? NULL : dc_variant_name(report.variant), cases[i].variant);
        if (rc == 0)
            dc_report_done(&report);
    }
}

/* ---- several documents, and what stands around them ---- */

/* Reads all of them. Returns how many; *code is DC_OK or why it ended. */
static unsigned count_documents(const char *text, enum dc_code *code) {
    struct dc_report_options options = {.alloc = dc_alloc_libc};
    size_t used = 0, len = strlen(text);
    unsigned n = 0;
    *code = DC_OK;
    do {
        struct dc_report report;
        struct dc_error err;
        if (dc_report_read(&report, text, len, &used, &options, &err) < 0) {
            *code = err.code;
            break;
        }
        n++;
        dc_report_done(&report);
    } while (dc_report_more(text, len, &used));
    return n;
}

static void documents_stand_on_lines_of_their_own(void) {
#define MINIMAL "{\"schema\":\"single\",\"maps\":[]}"
    static const struct {
        const char *text;
        unsigned n;
        enum dc_code code;
    } cases[] = {
        {MINIMAL, 1, DC_OK},
        {" \r\n\t" MINIMAL " \t\r\n\n ", 1, DC_OK},
        {MINIMAL "\n" MINIMAL, 2, DC_OK},
        {MINIMAL "\r\n" MINIMAL "\r\n", 2, DC_OK},
        {MINIMAL "  \n\n  \"Cancelled\"\n" MINIMAL, 3, DC_OK},
        {"{\"schema\":\"single\",\n\"maps\":\n[]}\n" MINIMAL, 2, DC_OK},
        {MINIMAL MINIMAL, 0, DC_ESYNTAX},
        {MINIMAL " " MINIMAL, 0, DC_ESYNTAX},
        {MINIMAL "\r" MINIMAL, 0, DC_ESYNTAX},
        {MINIMAL "," MINIMAL, 0, DC_ESYNTAX},
        {MINIMAL "\n" MINIMAL MINIMAL, 1, DC_ESYNTAX},
        {MINIMAL "\n,", 1, DC_ESYNTAX},
        {MINIMAL "\nx", 1, DC_ESYNTAX},
        {MINIMAL "\n\xef\xbb\xbf" MINIMAL, 1, DC_ESYNTAX},
        {MINIMAL "\n{\"schema\":\"other\"}", 1, DC_EVARIANT},
        {"", 0, DC_ESYNTAX},
        {" \n\t\r\n ", 0, DC_ESYNTAX},
        {"\xef\xbb\xbf" MINIMAL, 0, DC_ESYNTAX},
        {"\x1e" MINIMAL, 0, DC_ESYNTAX},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum dc_code code;
        unsigned n = count_documents(cases[i].text, &code);
        if (!CHECK_EQ_U64(n, cases[i].n) || !CHECK_EQ_U64(code, cases[i].code))
            unit_bytes("text", cases[i].text, strlen(cases[i].text));
    }
}

static void a_fault_in_a_later_document_has_its_own_line(void) {
    static const char text[] =
        MINIMAL "\n" MINIMAL "\n\n  {\"schema\":\"single\",\n "
                "\"maps\":[], \"x\\u0061\":1, \"maps_truncated\":-1}";
    struct dc_report_options options = {.alloc = dc_alloc_libc};
    struct dc_report report;
    struct dc_error err;
    size_t used = 0;
    for (int i = 0; i < 2; i++) {
        if (!CHECK(dc_report_read(&report, text, sizeof(text) - 1, &used, &options,
                                  &err) == 0))
            return;
        dc_report_done(&report);
    }
    CHECK(dc_report_read(&report, text, sizeof(text) - 1, &used, &options, &err) < 0);
    CHECK_EQ_U64(err.line, 5);
    CHECK_EQ_U64(err.column, 43);
    CHECK_STR(err.pointer, "/maps_truncated");
}

/* Behind a bad document it goes on where the next one begins. */
static void documents_behind_a_bad_one_are_found(void) {
    static const struct {
        const char *text;
        unsigned good, bad;
        bool unread;
    } cases[] = {
        {"{\"schema\":\"other\"}\n" MINIMAL, 1, 1, false},
        {"\"Nobody\"\n\"Cancelled\"\n", 1, 1, false},
        {"{\"schema\":\"single\",\n\"maps\":1}\n" MINIMAL, 1, 1, false},
        {"{\"schema\":\"single\",\"maps\":[\n" MINIMAL "\n" MINIMAL, 2, 1, false},
        {MINIMAL " x\n" MINIMAL, 1, 1, false},
        {"7\n" MINIMAL "\n", 1, 1, false},
        {"{\n  \"a\": tru,\n  \"b\": {\n  }\n}\n{\n\"schema\":\"single\",\"maps\":[]}", 1,
         1, false},
        {"tru\n  " MINIMAL, 0, 1, true},
        {"{\"a\":tru}\n", 0, 1, false},
        {"", 0, 1, false},
    };
    struct dc_report_options options = {.alloc = dc_alloc_libc};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dc_report report;
        struct dc_error err;
        struct dc_place place = {.at = NULL};
        size_t used = 0, len = strlen(cases[i].text);
        unsigned good = 0, bad = 0;
        options.place = &place;
        do {
            size_t before = used;
            if (dc_report_read(&report, cases[i].text, len, &used, &options, &err) == 0) {
                dc_report_done(&report);
                good++;
            } else {
                bad++;
            }
            CHECK(used > before || used == len);
        } while (dc_report_more(cases[i].text, len, &used));
        if (!CHECK_EQ_U64(good, cases[i].good) || !CHECK_EQ_U64(bad, cases[i].bad) ||
            !CHECK_EQ_U64(report.unread, cases[i].unread))
            unit_bytes("text", cases[i].text, len);
    }
}

static void messages_say_what_to_do(void) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "the input is empty: there is no report in it"},
        {"\n \n", "the input is empty: there is no report in it"},
        {"\xef\xbb\xbf{}", "begins with a byte order mark, which JSON must not have"},
        {"{\"version\":1,\"file\":\"a\",\"variant\":\"single\",\"snapshots\":[]}",
         "decode --wire"},
        {"{\"maps\":[]}", "--assume-single"},
        {"\"Nobody\"", "unknown name \"Nobody\" (MissingStatsReason)"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dc_report report;
        struct dc_error err;
        CHECK(aid_read_text(&report, cases[i].text, &err) < 0);
        unit_check(strstr(err.message, cases[i].message) != NULL, cases[i].message,
                   __FILE__, __LINE__);
    }
}

static void schema_is_found_wherever_it_stands(void) {
    static const char *const texts[] = {
        "{\"sch\\u0065ma\":\"single\",\"maps\":[]}",
        "{\"schema\":\"\\u0073ingle\",\"maps\":[]}",
        "{\"x\":{\"schema\":\"dual\"},\"maps\":[],\"schema\":\"single\"}",
        "{\"Cancelled\":null,\"schema\":\"single\",\"maps\":[]}",
        "{\"version\":1,\"variant\":1,\"snapshots\":1,\"maps\":[],\"schema\":\"single\"}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct dc_report report;
        struct dc_error err;
        if (unit_check(aid_read_text(&report, texts[i], &err) == 0, texts[i], __FILE__,
                       __LINE__)) {
            CHECK_STR(dc_variant_name(report.variant), "single");
            dc_report_done(&report);
        }
    }
}

int main(void) {
    UNIT_RUN(samples_to_refuse_are_refused_where_they_are_wrong);
    UNIT_RUN(samples_are_accepted_and_come_back_byte_for_byte);
    UNIT_RUN(tolerances_come_out_canonical);
    UNIT_RUN(legacy_needs_the_option);
    UNIT_RUN(assume_single_changes_nothing_else);
    UNIT_RUN(documents_stand_on_lines_of_their_own);
    UNIT_RUN(a_fault_in_a_later_document_has_its_own_line);
    UNIT_RUN(documents_behind_a_bad_one_are_found);
    UNIT_RUN(messages_say_what_to_do);
    UNIT_RUN(schema_is_found_wherever_it_stands);
    return unit_done();
}
