/* Where a fault is: line, column and JSON Pointer; and all faults of a document at once. */
#include "lib/reader.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

/* ---- places ---- */

static void faults_in_pretty_text_have_their_place(void) {
    static const struct {
        const char *text, *pointer;
        uint64_t line, column;
    } cases[] = {
        {"{\n  \"schema\": \"degraded\",\n  \"reason\": \"\xe2\x86\x92 caf\xc3\xa9\",\n"
         "  \"watchpoint_hit\": true, \"bss_latch_state\": \"\xf0\x9f\x98\x80\", "
         "\"elapsed_ms\": -5\n}",
         "/elapsed_ms", 4, 65},
        {"{\r\n\t\"schema\": \"single\",\r\n\t\"maps\": [\r\n\t\t{\r\n\t\t\t\"name\": "
         "\"\xc3\xa9\",\r\n\t\t\t\"map_type\": 1.5\r\n",
         "/maps/0/map_type", 6, 16},
        {"{\n \"schema\": \"single\",\n \"maps\": [],\n \"vcpu_regs\": [\n  null,\n  {\n"
         "   \"\xe2\x82\xac\": 1, \"stack_pointer\": \"x\"",
         "/vcpu_regs/1/stack_pointer", 7, 29},
        {"{\n \"schema\": \"single\",\n \"maps\": [],\n \"vcpu_regs\": [\n  null,\n  {\n"
         "   \"\xe2\x82\xac\": 1\n  }\n",
         "/vcpu_regs/1", 6, 3},
        {"{\"schema\": \"single\", \"maps\": [],\n \"a~b/c\\u0041\\n\": tru",
         "/a~0b~1cA\n", 2, 19},
        {"{\"schema\": \"single\", \"maps\": [],\n \"\xc3\xa9\\u00e9\\ud83d\\ude00\": @",
         "/\xc3\xa9\xc3\xa9\xf0\x9f\x98\x80", 2, 25},
        {"{\"schema\": \"single\", \"maps\": [],\n \"a\\u0000b\": @", "/a\\u0000b", 2,
         14},
        {"{\"schema\": \"single\",\n\"maps\": [{\"name\": \"a\", }", "/maps/0", 2, 24},
        {"{\"schema\": \"single\",\n\"maps\": [\n{\"name\" \"a\"}", "/maps/0", 3, 9},
        {"{\"schema\": \"single\",\n\"maps\": [\n\n", "/maps/0", 4, 1},
        {"{\"schema\": \"single\", \"maps\": [] \n ]", "", 2, 2},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dc_report report;
        struct dc_error err = {.message = ""};
        CHECK(aid_read_text(&report, cases[i].text, &err) < 0);
        if (!CHECK_STR(err.pointer, cases[i].pointer) ||
            !CHECK_EQ_U64(err.line, cases[i].line) ||
            !CHECK_EQ_U64(err.column, cases[i].column))
            printf("#   case %zu: %s\n", i, err.message);
    }
}

/* A pointer that does not fit ends in "..." and in a whole character. */
static void long_pointers_are_cut(void) {
    for (size_t n = 60; n < 100; n++) {
        struct dc_buf text;
        struct dc_report report;
        struct dc_error err;
        dc_buf_init(&text, dc_alloc_libc);
        dc_buf_text(&text, "{\"schema\":\"single\",\"maps\":[],\"a\":{},\"");
        for (size_t i = 0; i < n; i++)
            dc_buf_text(&text, n % 2 ? "\xe2\x82\xac" : "\\u20ac");
        dc_buf_text(&text, "\":?}");
        CHECK(aid_read(&report, text.data, text.len, &err) < 0);
        size_t len = strlen(err.pointer);
        size_t whole = 1 + 3 * n;
        CHECK(len < sizeof(err.pointer));
        if (whole <= len)
            CHECK_EQ_U64(len, whole);
        else
            CHECK(len >= 250 && strcmp(err.pointer + len - 3, "...") == 0 &&
                  (len - 4) % 3 == 0);
        dc_buf_done(&text);
    }
}

/* ---- all faults at once ---- */

struct told {
    char text[2048];
    size_t count;
};

static void tell(void *ctx, const struct dc_error *err) {
    struct told *told = ctx;
    size_t used = strlen(told->text);
    told->count++;
    snprintf(told->text + used, sizeof(told->text) - used, "%d:%d %s %s\n",
             (int)err->line, (int)err->column, dc_code_name(err->code), err->pointer);
}

static size_t tell_all(const char *text, struct told *told) {
    struct dc_faults faults = {tell, told};
    struct dc_report_options options = {
        .alloc = dc_alloc_libc, .strict = true, .faults = &faults};
    struct dc_report report;
    struct dc_error err;
    size_t used = 0;
    *told = (struct told){.count = 0};
    if (dc_report_read(&report, text, strlen(text), &used, &options, &err) == 0)
        dc_report_done(&report);
    return used;
}

static void all_faults_are_told_in_order(void) {
    static const char text[] =
        "{\"schema\":\"single\",\"maps\":[{\"name\":1,\"map_type\":-1,\n"
        "\"value_size\":0,\"value\":{\"bits\":1,\"kind\":\"x\"},\"x\":{}},[]],\n"
        "\"maps\":[],\"vcpu_regs\":[null,{\"stack_pointer\":1.5},null],\n"
        "\"per_cpu_time\":[{\"softirqs\":[1]}],\"dump_truncated_at_us\":true}"
        "\n\"Cancelled\"";
    static const char want[] = "1:36 type /maps/0/name\n"
                               "1:49 type /maps/0/map_type\n"
                               "2:41 variant /maps/0/value/kind\n"
                               "2:46 unknown /maps/0/x\n"
                               "1:28 missing /maps/0\n"
                               "2:54 type /maps/1\n"
                               "3:1 duplicate /maps\n"
                               "3:46 type /vcpu_regs/1/stack_pointer\n"
                               "3:29 missing /vcpu_regs/1\n"
                               "3:29 missing /vcpu_regs/1\n"
                               "4:29 type /per_cpu_time/0/softirqs\n";
    struct told told;
    CHECK_EQ_U64(tell_all(text, &told), strlen(text) - strlen("\n\"Cancelled\"") + 1);
    CHECK_EQ_U64(told.count, 11 + 10 + 1); /* ten more are missing in per_cpu_time */
    told.text[sizeof(want) - 1] = '\0';
    CHECK_STR(told.text, want);
}

/* A fault of syntax ends it; what was wrong before it is told all the same. */
static void a_fault_of_syntax_is_the_last(void) {
    struct told told;
    CHECK_EQ_U64(
        tell_all("{\"schema\":\"single\",\"maps\":1,\"vcpu_regs\":[null,],\"x\":1}",
                 &told),
        strlen("{\"schema\":\"single\",\"maps\":1,\"vcpu_regs\":[null,],\"x\":1}"));
    CHECK_STR(told.text, "1:27 type /maps\n1:47 syntax /vcpu_regs\n");
    tell_all("{\"schema\":\"single\",\"maps\":[[1,tru]]}", &told);
    CHECK_STR(told.text, "1:28 type /maps/0\n1:31 syntax /maps/0\n");
    tell_all("{\"schema\":\"single\",\"maps\":[],\"maps_truncated\":1e999}", &told);
    CHECK_STR(told.text, "1:47 type /maps_truncated\n");
    tell_all("{\"schema\":\"other\"}", &told);
    CHECK_STR(told.text, "1:11 variant /schema\n");
    tell_all("{\"schema\":\"single\",\"maps\":[]} x", &told);
    CHECK_STR(told.text, "1:31 syntax \n");
    tell_all("{\"schema\":\"single\",\"maps\":[]}", &told);
    CHECK_EQ_U64(told.count, 0);
}

int main(void) {
    UNIT_RUN(faults_in_pretty_text_have_their_place);
    UNIT_RUN(long_pointers_are_cut);
    UNIT_RUN(all_faults_are_told_in_order);
    UNIT_RUN(a_fault_of_syntax_is_the_last);
    return unit_done();
}
