/* Memory that runs out, at each call in turn: a clean refusal, nothing left behind. */
#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

#include "lib/wire.h"

/* Everything that takes memory, with one allocator. 0, or -1 with `err` set. */
static int use(const char *text, size_t len, struct dc_alloc alloc,
               struct dc_error *err) {
    struct dc_report_options options = {.alloc = alloc};
    struct dc_uniform_options uniform = {.alloc = alloc};
    struct dc_report report;
    struct dc_model model;
    struct dc_writer w;
    struct dc_buf out;
    size_t used = 0;
    if (dc_report_read(&report, text, len, &used, &options, err) < 0)
        return -1;
    dc_model_init(&model, &report, "file");
    dc_buf_init(&out, alloc);
    dc_writer_init(&w, dc_buf_sink(&out), true, true);
    int rc = dc_uniform_write(&w, &model, &uniform, err);
    if (rc == 0 && dc_writer_finish(&w) < 0)
        rc = dc_fail(err, DC_ENOMEM, "out of memory");
    dc_writer_init(&w, dc_buf_sink(&out), false, false);
    if (rc == 0)
        rc = dc_wire_write(&w, report.root, report.declared, report.text, report.len,
                           alloc, err);
    if (rc == 0 && dc_writer_finish(&w) < 0)
        rc = dc_fail(err, DC_ENOMEM, "out of memory");
    dc_buf_done(&out);
    dc_buf_init(&out, alloc);
    if (rc == 0 && model.missing)
        rc = dc_missing_text(model.missing, &out, err);
    dc_buf_done(&out);
    dc_report_done(&report);
    return rc;
}

/* Returns how many calls there were. */
static size_t fail_everywhere(const char *text, size_t len, const char *name) {
    struct dc_error err;
    size_t fail = 1;
    for (; fail < 20000; fail++) {
        struct aid_memory memory = {.fail = fail};
        err = (struct dc_error){.code = DC_OK};
        int rc = use(text, len, aid_alloc(&memory), &err);
        bool good = memory.live == 0 && (rc < 0) == memory.failed &&
                    (rc == 0 || (err.code == DC_ENOMEM && *err.message));
        if (!unit_check(good, name, __FILE__, __LINE__)) {
            printf("#   call %zu: %d, %zu blocks left, %s: %s\n", fail, rc, memory.live,
                   dc_code_name(err.code), err.message);
            break;
        }
        if (!memory.failed)
            break;
    }
    CHECK(fail > 1);
    return fail - 1;
}

static void fail_file(const char *path, const char *name) {
    struct aid_file file;
    struct dc_report report;
    struct dc_error err;
    if (!aid_load(&file, path))
        return;
    if (aid_read(&report, file.data, file.len, &err) == 0) {
        dc_report_done(&report);
        fail_everywhere(file.data, file.len, name);
    }
    aid_unload(&file);
}

static void every_sample_survives_every_failure(void) {
    aid_each_json("tests/data/samples", fail_file);
}

static void unknown_members_and_late_tags_do_too(void) {
    static const char *const texts[] = {
        "{\"b\":[{\"x\":1}],\"a\":2,\"schema\":\"single\",\"maps\":[{\"z\":0,\"y\":0,"
        "\"name\":\"\\n\\u0000\",\"map_type\":0,\"value_size\":0,\"max_entries\":0,"
        "\"value\":{\"elements\":[{\"value\":1,\"kind\":\"char\"},{\"deref\":{\"value\":"
        "true,\"kind\":\"bool\"},\"value\":0,\"kind\":\"ptr\"}],\"len\":0,\"kind\":"
        "\"array\"}}]}",
        "{\"MissingStats\":{\"tag\":\"\\t\",\"reason\":{\"SchedulerError\":{\"errno\":1,"
        "\"args\":{\"b\":{\"d\":1,\"c\":[{\"a\":1}]},\"a\":[1.5,\"\\n\"]},\"x\":0}}}}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        fail_everywhere(texts[i], strlen(texts[i]), "text");
}

/*
 * An arena asks for memory in blocks. A string of every length before the rest moves the
 * end of the first block over all that follows, so that each piece is once the one that
 * does not fit.
 */
static void every_piece_is_once_refused(void) {
    static const char *const rest[][2] = {
        {"{\"schema\":\"single\",\"active_obj_name\":\"\\n",
         "\",\"vcpu_regs\":[null,{\"instruction_pointer\":1,\"stack_pointer\":2,"
         "\"page_table_root\":3}],\"active_map_kvas\":[1,2,3],\"maps\":[{\"name\":"
         "\"\\t\",\"map_type\":0,\"value_size\":0,\"max_entries\":0,\"value\":"
         "{\"elements\":[{\"value\":1,\"kind\":\"char\"}],\"len\":0,\"kind\":"
         "\"array\"},\"arena\":{\"declared_pages\":1,\"kern_vm_start\":0,"
         "\"user_vm_start\":0,\"pages\":[{\"user_addr\":0,\"bytes\":[1,2]}]}}],"
         "\"dumpctl\":{\"version\":\"\\n\",\"vcpus\":[{\"id\":0,\"state\":\"\"}]}}"},
        {"{\"MissingStats\":{\"tag\":\"\\n",
         "\",\"reason\":{\"SchedulerError\":{\"errno\":1,\"args\":{\"a\":[1]}}}}}"},
        {"{\"MissingStats\":{\"tag\":\"\\n", "\",\"reason\":\"Cancelled\"}}"},
    };
    size_t calls = 0;
    for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++) {
        for (size_t pad = 3000; pad < 4100; pad += 8) {
            struct dc_buf text;
            dc_buf_init(&text, dc_alloc_libc);
            dc_buf_text(&text, rest[i][0]);
            for (size_t n = 0; n < pad; n++)
                dc_buf_add(&text, "x", 1);
            dc_buf_text(&text, rest[i][1]);
            calls += fail_everywhere(text.data, text.len, "padded");
            dc_buf_done(&text);
        }
    }
    printf("# %zu failures\n", calls);
}

/* Long enough for several blocks, chunks and segments. */
static void long_documents_do_too(void) {
    struct dc_buf text;
    dc_buf_init(&text, dc_alloc_libc);
    dc_buf_text(&text, "{\"schema\":\"single\",\"vcpu_regs\":[");
    for (int i = 0; i < 3000; i++)
        dc_buf_text(&text, i ? ",null" : "null");
    dc_buf_text(&text, "],\"maps\":[{\"name\":\"\",\"map_type\":0,\"value_size\":0,"
                       "\"max_entries\":0,\"value\":{\"elements\":[");
    for (int i = 0; i < 500; i++)
        dc_buf_text(&text, i ? ",{\"value\":1,\"kind\":\"char\"}"
                             : "{\"value\":1,\"kind\":\"char\"}");
    dc_buf_text(&text, "],\"len\":0,\"kind\":\"array\"}}]");
    for (int i = 0; i < 500; i++)
        dc_buf_text(&text, ",\"x\":1");
    dc_buf_text(&text, "}");
    fail_everywhere(text.data, text.len, "long");
    dc_buf_done(&text);
}

static void broken_documents_leave_nothing_behind(void) {
    static const char *const texts[] = {
        "{\"schema\":\"single\",\"maps\":[{\"name\":\"\\n\"",
        "{\"schema\":\"single\",\"maps\":[],\"vcpu_regs\":[null,null,1",
        "{\"MissingResp\":{\"args\":[1,",
        "{\"schema\":\"single\",\"maps\":[]} x",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct aid_memory memory = {.live = 0};
        struct dc_error err = {.code = DC_OK};
        CHECK(use(texts[i], strlen(texts[i]), aid_alloc(&memory), &err) < 0);
        CHECK(err.code != DC_OK && err.code != DC_ENOMEM);
        CHECK_EQ_U64(memory.live, 0);
    }
}

/* ---- buffers and arenas alone ---- */

static void a_buffer_remembers_that_it_failed(void) {
    struct aid_memory memory = {.fail = 2};
    struct dc_buf buf;
    char text[300];
    memset(text, 'x', sizeof(text));
    dc_buf_init(&buf, aid_alloc(&memory));
    dc_buf_add(&buf, text, 100);
    CHECK(dc_buf_ok(&buf));
    dc_buf_add(&buf, text, sizeof(text));
    CHECK(!dc_buf_ok(&buf));
    dc_buf_add(&buf, text, 1);
    CHECK(!dc_buf_ok(&buf));
    CHECK_EQ_U64(buf.len, 100);
    dc_buf_done(&buf);
    CHECK_EQ_U64(memory.live, 0);
}

static void an_arena_can_be_used_again(void) {
    struct aid_memory memory = {.live = 0};
    struct dc_arena arena;
    dc_arena_init(&arena, aid_alloc(&memory), 64 << 10);
    for (int round = 0; round < 3; round++) {
        for (size_t size = 0; size < 100; size++) {
            unsigned char *p = dc_arena_get(&arena, size);
            if (!CHECK(p != NULL))
                return;
            CHECK(((uintptr_t)p & 7) == 0);
            memset(p, 0xff, size);
        }
        CHECK(arena.taken <= 64 << 10 && arena.given <= arena.taken);
        CHECK(dc_arena_get(&arena, 64 << 10) == NULL);
        CHECK(dc_arena_get(&arena, SIZE_MAX) == NULL);
        CHECK(dc_arena_get(&arena, 8) != NULL); /* what is left can still be had */
        dc_arena_done(&arena);
        CHECK_EQ_U64(memory.live, 0);
        CHECK_EQ_U64(arena.taken, 0);
    }
}

int main(void) {
    UNIT_RUN(every_sample_survives_every_failure);
    UNIT_RUN(unknown_members_and_late_tags_do_too);
    UNIT_RUN(every_piece_is_once_refused);
    UNIT_RUN(long_documents_do_too);
    UNIT_RUN(broken_documents_leave_nothing_behind);
    UNIT_RUN(a_buffer_remembers_that_it_failed);
    UNIT_RUN(an_arena_can_be_used_again);
    return unit_done();
}
