/*
 * capture_aid: what the tests of capture share: small guests, and captures that are checked
 * for what they leave behind.
 */
#ifndef TESTS_UNIT_CAPTURE_AID_H
#define TESTS_UNIT_CAPTURE_AID_H

#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "capture/capture.h"
#include "lib/buf.h"
#include "tests/unit/unit.h"

#define NEED_KVM                                                                         \
    do {                                                                                 \
        if (access("/dev/kvm", R_OK | W_OK) != 0)                                        \
            SKIP("/dev/kvm is missing or not permitted");                                \
    } while (0)

#define AID_PATH 64

/* Makes an ELF file of one segment, at GUEST_MEMORY_START, that holds `code` (64 bytes at
   most). Returns its descriptor, or -1 with a note on stdout; `path` names it. */
int aid_make_guest(const uint8_t *code, size_t size, char path[AID_PATH]);

/* A document that was delivered, copied. */
struct aid_document {
    bool sibling, dual, has_early;
    char tag[CAP_TAG];
    struct dc_buf text; /* the report */
    struct cap_result
        result; /* its vcpus are owned; looks, full and dump are not copied */
    struct cap_result early; /* likewise; with has_early */
    uint64_t early_max_age_jiffies, early_threshold_jiffies;
    char early_skipped_reason[512]; /* "": none */
};

struct aid_documents {
    struct aid_document *list; /* owned */
    size_t count;
    int refuse; /* so many deliveries fail, from the first on */
};

/* A cap_deliver_fn; `context` is a struct aid_documents. */
int aid_deliver(void *context, const struct cap_document *document,
                struct cap_delivery *out);

/* The main report, or the sibling with that tag; NULL: there is none. */
const struct aid_document *aid_document(const struct aid_documents *documents,
                                        const char *tag);
void aid_documents_free(struct aid_documents *documents);

/* What a capture gave out, and what it left behind, if it did. */
struct aid_run {
    int failed; /* what cap_run() returned */
    struct dc_error err;
    struct cap_end end;
    struct aid_documents documents;
    long files, threads; /* more than before */
};

/* Runs a capture and counts descriptors and threads before and after it. */
struct aid_run aid_capture(const struct cap_options *options);

#endif
