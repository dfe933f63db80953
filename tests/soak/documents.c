#include "tests/soak/documents.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/report.h"
#include "lib/buf.h"
#include "lib/report.h"
#include "lib/wire.h"
#include "lib/writer.h"

int soak_documents_open(struct soak_documents *documents) {
    char path[sizeof(documents->disk->path) + 16];
    enum soak_disk disk = documents->plan->disk;

    documents->to_files = disk == SOAK_FILES || disk == SOAK_FULL;
    if (!documents->to_files)
        return 0;
    cmd_common_init(&documents->common);
    documents->common.json = documents->plan->number % 2;
    snprintf(path, sizeof(path), "%s/report.json", documents->disk->path);
    if (cmd_capture_reports_open(&documents->reports, &documents->common, path, false) ==
        0)
        return 0;
    documents->to_files = false;
    soak_fault(documents->fault, SOAK_INVALID, "%s cannot be opened", path);
    return -1;
}

/* ---- is it a document? ---- */

static bool same(const struct dc_buf *a, const char *data, size_t len) {
    return a->len == len && memcmp(a->data, data, len) == 0;
}

static void check_text(struct soak_documents *self, const struct dc_buf *text) {
    struct dc_report_options options = {.alloc = dc_alloc_libc, .strict = true};
    struct dc_report report;
    struct dc_error err = {0};
    struct dc_writer w;
    struct dc_buf again;
    size_t used = 0;

    if (dc_report_read(&report, text->data, text->len, &used, &options, &err)) {
        soak_fault(self->fault, SOAK_INVALID, "a document cannot be read: %s: %s",
                   err.pointer, err.message);
        return;
    }
    dc_buf_init(&again, dc_alloc_libc);
    dc_writer_init(&w, dc_buf_sink(&again), false, false);
    if (dc_wire_write(&w, report.root, report.declared, report.text, report.len,
                      dc_alloc_libc, &err) ||
        dc_writer_finish(&w) || !dc_buf_ok(&again))
        soak_fault(self->fault, SOAK_INVALID, "a document cannot be written again");
    else if (!same(&again, text->data, text->len))
        soak_fault(self->fault, SOAK_INVALID, "a document is not canonical: %.*s",
                   (int)(text->len < 300 ? text->len : 300), text->data);
    dc_buf_done(&again);
    dc_report_done(&report);
}

/* ---- can it be true? ---- */

/* The registers of SOAK_THREADS say what had been counted. */
static void check_moment(struct soak_documents *self, const struct cap_result *result,
                         const struct cap_vcpu_result *vcpu) {
    uint64_t seen = self->wrapper->seen[vcpu->id];
    uint64_t rip = vcpu->registers.general.rip;

    if (vcpu->state != CAP_PARKED || self->plan->kind != SOAK_THREADS)
        return;
    if (vcpu->registers.general.rsp != ~rip)
        soak_fault(self->fault, SOAK_TORN, "registers of vCPU %u are of two moments",
                   vcpu->id);
    /* An early snapshot is given out when later freezes were made. */
    if (result->trigger != CAP_TRIGGER_EARLY && rip != seen)
        soak_fault(self->fault, SOAK_TORN,
                   "vCPU %u is at %llu in a report of a freeze in which it was at %llu",
                   vcpu->id, (unsigned long long)rip, (unsigned long long)seen);
}

static void check_vcpu(struct soak_documents *self, const struct cap_result *result,
                       uint32_t id) {
    const struct cap_inject *inject = &self->plan->options.inject;
    const struct cap_vcpu_result *vcpu = &result->vcpus[id];

    if (vcpu->id != id)
        soak_fault(self->fault, SOAK_INVALID, "vCPU %u is called %u", id, vcpu->id);
    if (cap_id_list_has(&inject->stuck, id) && vcpu->state != CAP_NOT_PARKED)
        soak_fault(self->fault, SOAK_INVALID, "vCPU %u is stuck, and parked", id);
    if (cap_id_list_has(&inject->unreadable, id) && vcpu->state == CAP_PARKED)
        soak_fault(self->fault, SOAK_INVALID, "vCPU %u is unreadable, and was read", id);
    check_moment(self, result, vcpu);
}

static void check_result(struct soak_documents *self, const struct cap_result *result) {
    uint32_t states[CAP_UNAVAILABLE + 1] = {0};

    for (uint32_t id = 0; id < result->vcpu_count; id++) {
        states[result->vcpus[id].state]++;
        check_vcpu(self, result, id);
    }
    if (result->parked != states[CAP_PARKED] + states[CAP_UNAVAILABLE] ||
        result->unavailable != states[CAP_UNAVAILABLE])
        soak_fault(self->fault, SOAK_INVALID, "%u parked, %u unavailable do not add up",
                   result->parked, result->unavailable);
    if (result->outcome == CAP_COMPLETE && states[CAP_PARKED] != result->vcpu_count)
        soak_fault(self->fault, SOAK_INVALID, "complete, but not all are parked");
    if (result->outcome == CAP_TIMEOUT && states[CAP_NOT_PARKED] == 0)
        soak_fault(self->fault, SOAK_INVALID, "timed out, but all are parked");
}

/* ---- where it goes ---- */

static bool holds(const char *path, const struct dc_buf *text) {
    char bytes[4096];
    size_t at = 0;
    ssize_t got = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    while (at <= text->len && (got = read(fd, bytes, sizeof(bytes))) > 0) {
        size_t part = (size_t)got;
        if (at + part == text->len + 1 && bytes[part - 1] == '\n')
            part--;
        if (at + part > text->len || memcmp(bytes, text->data + at, part) != 0)
            break;
        at += part;
    }
    close(fd);
    return got == 0 && at == text->len;
}

/* The document as it was delivered: a tag that was taken has got a number, inside too. */
static bool is_kept(const struct cap_document *document, const struct cap_delivery *out) {
    struct cap_document named = *document;
    struct dc_buf text;

    named.tag = document->tag ? out->tag : NULL;
    dc_buf_init(&text, dc_alloc_libc);
    bool kept = cap_report_write(dc_buf_sink(&text), false, &named) == 0 &&
                dc_buf_ok(&text) && holds(out->path, &text);
    dc_buf_done(&text);
    return kept;
}

static int to_file(struct soak_documents *self, const struct cap_document *document,
                   struct cap_delivery *out) {
    bool full = self->plan->disk == SOAK_FULL && soak_chance(&self->random, 2);

    if (full)
        soak_disk_fill(self->disk);
    int rc = cmd_capture_reports_deliver(&self->reports, document, out);
    soak_disk_clear(self->disk);
    if (rc == 0 && !is_kept(document, out))
        soak_fault(self->fault, SOAK_INVALID, "%s is not what was to be written",
                   out->path);
    if (rc != 0 && !full)
        soak_fault(self->fault, SOAK_INVALID, "%s could not be written", out->path);
    if (rc != 0 && access(out->path, F_OK) == 0)
        soak_fault(self->fault, SOAK_INVALID, "%s is there, but was not written",
                   out->path);
    if (rc == 0)
        unlink(out->path);
    return rc;
}

static int pass_on(struct soak_documents *self, const struct cap_document *document,
                   struct cap_delivery *out) {
    if (self->to_files)
        return to_file(self, document, out);
    if (self->plan->disk == SOAK_REFUSED && soak_chance(&self->random, 3))
        return -1;
    snprintf(out->path, sizeof(out->path), "nowhere");
    snprintf(out->tag, sizeof(out->tag), "%s", document->tag ? document->tag : "");
    return 0;
}

int soak_deliver(void *context, const struct cap_document *document,
                 struct cap_delivery *out) {
    struct soak_documents *self = context;
    struct dc_buf text;

    dc_buf_init(&text, dc_alloc_libc);
    if (cap_report_write(dc_buf_sink(&text), false, document) || !dc_buf_ok(&text))
        soak_fault(self->fault, SOAK_INVALID, "a document cannot be rendered");
    else
        check_text(self, &text);
    check_result(self, document->result);
    self->tally->documents++;
    self->tally->duals += document->dual != NULL;
    self->tally->outcomes[document->result->outcome]++;
    int rc = pass_on(self, document, out);
    self->kept += rc == 0;
    self->refused += rc != 0;
    dc_buf_done(&text);
    return rc;
}

void soak_documents_close(struct soak_documents *documents) {
    char name[256];
    if (!documents->to_files)
        return;
    if (cmd_capture_reports_close(&documents->reports))
        soak_fault(documents->fault, SOAK_INVALID, "reports cannot be closed");
    if (soak_disk_sweep(documents->disk, name) > 0)
        soak_fault(documents->fault, SOAK_LEAK, "a file was left behind: %s", name);
}
