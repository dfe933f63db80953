/*
 * What --full and --dump ask for, on the whole way from guest code to the report. Skipped
 * by name where KVM is missing.
 */
#include "tests/unit/capture_aid.h"

#include "lib/buf.h"

static const uint8_t load_xmm[] = {
    0x48, 0xb8, 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01, /* mov $..., %rax */
    0x66, 0x48, 0x0f, 0x6e, 0xc0,                               /* movq %rax, %xmm0 */
    0x66, 0x0f, 0x6c, 0xc0,                                     /* punpcklqdq */
    0xf3, 0x90,                                                 /* 1: pause */
    0xeb, 0xfc,                                                 /* jmp 1b */
};

static bool has(const struct dc_buf *text, const char *what) {
    return memmem(text->data, text->len, what, strlen(what)) != NULL;
}

static void check_text(const struct dc_buf *text) {
    CHECK(has(text, "{\"name\":\"xmm0\",\"value\":"
                    "\"0x0123456789abcdef0123456789abcdef\"}"));
    CHECK(has(text, "\"lapic_state\":\"none\""));
    CHECK(has(text, "\"name\":\"IA32_PAT\",\"value\":1974748653749254}"));
    CHECK(has(text, "{\"name\":\"0x200000\",\"map_kva\":2097152,\"map_type\":2,"
                    "\"value_size\":4,\"max_entries\":1,\"value\":"
                    "{\"kind\":\"bytes\",\"hex\":\"48 b8 ef cd\"}}"));
}

/* What guest code put into a register and what its memory holds stand in the report. */
static void captures_full_state_and_memory(void) {
    char path[AID_PATH];
    struct cap_options options = CAP_OPTIONS_DEFAULT;
    NEED_KVM;
    int fd = aid_make_guest(load_xmm, sizeof(load_xmm), path);
    options.guest = path;
    options.vcpus = 2;
    options.triggers = CAP_ON(CAP_TRIGGER_TIMER);
    options.timer_ms = 200;
    options.full = true;
    CHECK_EQ_I64(cap_dump_parse(&options.dumps, "0x200000:4", NULL), 0);
    struct aid_run run = aid_capture(&options);
    const struct aid_document *document = aid_document(&run.documents, NULL);
    CHECK_EQ_I64(run.failed, 0);
    if (CHECK(document != NULL)) {
        CHECK_EQ_U64(document->result.outcome, CAP_COMPLETE);
        check_text(&document->text);
    }
    aid_documents_free(&run.documents);
    CHECK_EQ_I64(run.files, 0);
    CHECK_EQ_I64(run.threads, 0);
    cap_dump_requests_free(&options.dumps);
    close(fd);
}

int main(void) {
    UNIT_RUN(captures_full_state_and_memory);
    return unit_done();
}
