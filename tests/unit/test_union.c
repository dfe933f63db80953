/* Tagged unions: the tag at any place, nested as deep as may be. */
#include "lib/reader.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/schema_aid.h"
#include "tests/unit/unit.h"

static unsigned shown; /* failures with their text: a few are enough */

/* ---- tagged unions ---- */

static void check_value_text(const char *value, enum dc_code want, const char *pointer) {
    char text[1024];
    struct dc_report report;
    struct dc_error err = {.code = DC_OK};
    snprintf(text, sizeof(text),
             "{\"schema\":\"single\",\"maps\":[{\"name\":\"\",\"map_type\":0,"
             "\"value_size\":0,\"max_entries\":0,\"value\":%s}]}",
             value);
    if (aid_read_text(&report, text, &err) == 0)
        dc_report_done(&report);
    unit_check(err.code == want, value, __FILE__, __LINE__);
    if (want != DC_OK)
        CHECK_STR(err.pointer, pointer);
}

static void the_tag_may_stand_anywhere_but_once(void) {
    static const struct {
        const char *value;
        enum dc_code code;
        const char *pointer;
    } cases[] = {
        {"{\"kind\":\"bool\",\"value\":true}", DC_OK, ""},
        {"{\"value\":true,\"kind\":\"bool\"}", DC_OK, ""},
        {"{\"value\":true,\"k\\u0069nd\":\"b\\u006fol\"}", DC_OK, ""},
        {"{\"x\":{\"kind\":1},\"value\":true,\"kind\":\"bool\"}", DC_OK, ""},
        {"{\"value\":true}", DC_EMISSING, "/maps/0/value"},
        {"{}", DC_EMISSING, "/maps/0/value"},
        {"{\"x\":{\"kind\":\"bool\"},\"value\":true}", DC_EMISSING, "/maps/0/value"},
        {"{\"kind\":\"bool\",\"value\":true,\"kind\":\"bool\"}", DC_EDUPLICATE,
         "/maps/0/value/kind"},
        {"{\"value\":true,\"kind\":\"bool\",\"\\u006bind\":\"int\"}", DC_EDUPLICATE,
         "/maps/0/value/kind"},
        {"{\"kind\":null,\"value\":true}", DC_ETYPE, "/maps/0/value/kind"},
        {"{\"value\":true,\"kind\":1}", DC_ETYPE, "/maps/0/value/kind"},
        {"{\"kind\":\"Bool\",\"value\":true}", DC_EVARIANT, "/maps/0/value/kind"},
        {"{\"kind\":\"bool\\u0000\",\"value\":true}", DC_EVARIANT, "/maps/0/value/kind"},
        {"{\"kind\":\"\",\"value\":true}", DC_EVARIANT, "/maps/0/value/kind"},
        {"{\"kind\":\"int\",\"value\":true}", DC_ETYPE, "/maps/0/value/value"},
        {"{\"bits\":1,\"kind\":\"int\"}", DC_EMISSING, "/maps/0/value"},
        {"\"bool\"", DC_ETYPE, "/maps/0/value"},
        {"[]", DC_ETYPE, "/maps/0/value"},
        {"null", DC_OK, ""},
        {"{\"deref\":{\"value\":1,\"kind\":\"char\"},\"kind\":\"ptr\",\"value\":0}",
         DC_OK, ""},
        {"{\"deref\":{\"value\":256,\"kind\":\"char\"},\"kind\":\"ptr\",\"value\":0}",
         DC_ETYPE, "/maps/0/value/deref/value"},
        {"{\"deref\":{\"value\":2},\"kind\":\"ptr\",\"value\":0}", DC_EMISSING,
         "/maps/0/value/deref"},
        {"{\"elements\":[{\"value\":1,\"kind\":\"char\"},{\"deref\":{\"value\":true,"
         "\"kind\":\"bool\"},\"value\":1,\"kind\":\"ptr\"},{\"kind\":\"char\",\"value\":"
         "1},"
         "{\"value\":1,\"kind\":\"chars\"}],\"kind\":\"array\",\"len\":1}",
         DC_EVARIANT, "/maps/0/value/elements/3/kind"},
        /* a member of another kind is unknown: whatever it holds is no fault */
        {"{\"kind\":\"bool\",\"value\":true,\"deref\":5,\"bits\":\"x\"}", DC_OK, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_value_text(cases[i].value, cases[i].code, cases[i].pointer);
}

/* Nested unions with the tag last at every level, deep, many, and mixed with other
   objects, so that what a look ahead remembers is used in every way. */
static void put_late(struct dc_buf *out, struct aid_random *random, unsigned depth) {
    size_t what = depth ? aid_below(random, 6) : 5;
    bool late = aid_below(random, 4) > 0;
    const char *kind = what == 0   ? "array"
                       : what == 1 ? "ptr"
                       : what == 2 ? "truncated"
                       : what == 3 ? "struct"
                                   : "bool";
    dc_buf_text(out, "{");
    if (!late)
        aid_put(out, "\"kind\":\"%s\",", kind);
    if (aid_below(random, 3) == 0)
        dc_buf_text(out, "\"x\":[{},{\"kind\":1,\"y\":{\"a\":2,\"kind\":[]}}],");
    size_t n = what == 0 || what == 3 ? aid_below(random, 4) : 1;
    dc_buf_text(out, what == 0   ? "\"elements\":["
                     : what == 1 ? "\"deref\":"
                     : what == 2 ? "\"partial\":"
                     : what == 3 ? "\"members\":["
                                 : "\"value\":true");
    for (size_t i = 0; i < n && what < 4; i++) {
        dc_buf_text(out, i ? "," : "");
        dc_buf_text(out, what == 3 ? "{\"name\":\"\",\"value\":" : "");
        put_late(out, random, depth - 1);
        dc_buf_text(out, what == 3 ? "}" : "");
    }
    dc_buf_text(out, what == 0   ? "],\"len\":0"
                     : what == 1 ? ",\"value\":0"
                     : what == 2 ? ",\"needed\":0,\"had\":0"
                     : what == 3 ? "]"
                                 : "");
    if (late)
        aid_put(out, ",\"kind\":\"%s\"", kind);
    dc_buf_text(out, "}");
}

static void late_tags_nest(void) {
    struct aid_random random = {12345};
    static const char
        head[] = "{\"maps\":[{\"value\":",
        tail[] = ",\"name\":\"\",\"map_type\":0,\"value_size\":0,\"max_entries\":0}],"
                 "\"schema\":\"single\"}";
    for (int i = 0; i < 2000; i++) {
        struct dc_buf text, once, twice;
        struct dc_error err = {.message = ""};
        dc_buf_init(&text, dc_alloc_libc);
        dc_buf_text(&text, head);
        put_late(&text, &random, 1 + (unsigned)aid_below(&random, 12));
        dc_buf_text(&text, tail);
        bool good = aid_rewrite(text.data, text.len, &once, &err) == 0;
        if (good) { /* now the tags stand first: the same must come out */
            good = aid_rewrite(once.data, once.len, &twice, &err) == 0 &&
                   once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0;
            dc_buf_done(&twice);
        }
        if (!CHECK(good) && shown++ < 20) {
            unit_bytes("text", text.data, text.len);
            printf("#   %s: %s\n", err.pointer, err.message);
        }
        dc_buf_done(&once);
        dc_buf_done(&text);
    }
}

/* ---- nesting, in known and in unknown members ---- */

/* head, `depth` times open, inner, as often close, tail. */
static int read_nested(const char *head, const char *open, unsigned depth,
                       const char *inner, const char *close, const char *tail,
                       struct dc_error *err) {
    struct dc_buf text;
    struct dc_report report;
    dc_buf_init(&text, dc_alloc_libc);
    dc_buf_text(&text, head);
    for (unsigned i = 0; i < depth; i++)
        dc_buf_text(&text, open);
    dc_buf_text(&text, inner);
    for (unsigned i = 0; i < depth; i++)
        dc_buf_text(&text, close);
    dc_buf_text(&text, tail);
    int rc = aid_read(&report, text.data, text.len, err);
    if (rc == 0)
        dc_report_done(&report);
    dc_buf_done(&text);
    return rc;
}

static void nests_up_to_127_everywhere(void) {
    static const char unknown_head[] = "{\"schema\":\"single\",\"maps\":[],\"x\":";
    static const char value_head[] = "{\"schema\":\"single\",\"maps\":[{\"name\":\"\","
                                     "\"map_type\":0,\"value_size\":0,\"max_entries\":0,"
                                     "\"value\":";
    static const struct {
        const char *head, *open, *inner, *close, *tail;
        unsigned most; /* levels of open that make 127 with what is around them */
    } cases[] = {
        {unknown_head, "[", "0", "]", "}", 126},
        {unknown_head, "{\"\":", "0", "}", "}", 126},
        {unknown_head, "[{\"\":", "0", "}]", "}", 63},
        {"{\"x\":", "[", "0", "]", ",\"schema\":\"single\",\"maps\":[]}", 126},
        {"{\"MissingResp\":{\"args\":", "[", "0", "]", "}}", 125},
        {"{\"MissingResp\":{\"args\":", "{\"a\":", "0", "}", "}}", 125},
        {value_head, "{\"kind\":\"ptr\",\"value\":0,\"deref\":",
         "{\"kind\":\"char\",\"value\":0}", "}", "}]}", 123},
        {value_head, "{\"deref\":", "{\"value\":0,\"kind\":\"char\"}",
         ",\"kind\":\"ptr\",\"value\":0}", "}]}", 123},
        {value_head, "{\"elements\":[", "{\"value\":0,\"kind\":\"char\"}",
         "],\"kind\":\"array\",\"len\":0}", "}]}", 61},
        {value_head, "{\"kind\":\"struct\",\"members\":[{\"name\":\"\",\"value\":",
         "{\"kind\":\"char\",\"value\":0}", "}]}", "}]}", 41},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dc_error err = {.message = ""};
        if (!CHECK(read_nested(cases[i].head, cases[i].open, cases[i].most,
                               cases[i].inner, cases[i].close, cases[i].tail, &err) == 0))
            printf("#   %zu: %s\n", i, err.message);
        CHECK(read_nested(cases[i].head, cases[i].open, cases[i].most + 1, cases[i].inner,
                          cases[i].close, cases[i].tail, &err) < 0);
        CHECK_EQ_U64(err.code, DC_ELIMIT);
        CHECK(strstr(err.message, "127") != NULL);
    }
}

int main(void) {
    UNIT_RUN(the_tag_may_stand_anywhere_but_once);
    UNIT_RUN(late_tags_nest);
    UNIT_RUN(nests_up_to_127_everywhere);
    return unit_done();
}
