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

/* What a capture left behind, if it did. */
struct aid_run {
    int failed; /* what cap_run() returned */
    struct dc_error err;
    long files, threads; /* more than before */
};

/* Runs a capture and counts descriptors and threads before and after it. */
struct aid_run aid_capture(const struct cap_options *options, struct cap_result *result);

#endif
