/*
 * documents: takes what a run gives out, and looks whether it can be true.
 *
 * Each document is rendered, read by the strict reader, and written again, which must give
 * the same bytes; what it says of vCPUs is compared with what was done to them. Then it goes
 * where the plan says, through the same code as those of `dumpctl capture`. A file must hold
 * the same bytes, or not be there.
 */
#ifndef TESTS_SOAK_DOCUMENTS_H
#define TESTS_SOAK_DOCUMENTS_H

#include "cmd/capture_reports.h"
#include "tests/soak/disk.h"
#include "tests/soak/fault.h"
#include "tests/soak/plan.h"

/* How often; of a soak, or of a run. */
struct soak_tally {
    uint64_t freezes, looked_at, advanced;
    uint64_t outcomes[CAP_CRASHED + 1];
    uint64_t documents, duals, undelivered, suppressed, answers, busy, runs, refused;
};

struct soak_documents {
    const struct soak_plan *plan;
    const struct soak_wrapper *wrapper;
    struct soak_disk_folder *disk;
    struct soak_random random;
    struct soak_tally *tally;
    struct soak_fault *fault;
    struct cmd_common common;
    struct cmd_capture_reports reports;
    bool to_files;
    uint32_t kept, refused; /* of this run */
};

/* Everything is borrowed. 0, or -1 with the fault set. */
int soak_documents_open(struct soak_documents *documents) DC_MUST_USE;

/* A cap_deliver_fn; `context` is the documents. */
int soak_deliver(void *context, const struct cap_document *document,
                 struct cap_delivery *out);

void soak_documents_close(struct soak_documents *documents);

#endif
