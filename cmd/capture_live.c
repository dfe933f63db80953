#include "cmd/capture_live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* KVM has a limit of its own, which is far below. */
#define MOST_VCPUS 65536u

int cmd_live_open(struct cmd_capture_live *live, struct dc_error *err) {
    *live = (struct cmd_capture_live){.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1};
    live->last = &live->first;
    live->room = MOST_VCPUS;
    live->vcpus = calloc(live->room, sizeof(*live->vcpus));
    if (!live->vcpus)
        return dc_fail(err, DC_ENOMEM, "no memory for the screen of a capture");
    live->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (live->fd < 0)
        return dc_fail_errno(err, DC_EIO, errno, "no descriptor for a capture's screen");
    return 0;
}

void cmd_live_close(struct cmd_capture_live *live) {
    struct cmd_live_report *report;
    while ((report = cmd_live_take(live)))
        free(report);
    if (live->fd >= 0)
        close(live->fd);
    free(live->vcpus);
    pthread_mutex_destroy(&live->lock);
}

/* A counter that is full is readable, too. */
void cmd_live_ring(const struct cmd_capture_live *live) {
    (void)!eventfd_write(live->fd, 1);
}

void cmd_live_calm(const struct cmd_capture_live *live) {
    eventfd_t count;
    (void)!eventfd_read(live->fd, &count);
}

enum cmd_live_vcpu cmd_live_vcpu(const struct cmd_capture_live *live, uint32_t id) {
    return (enum cmd_live_vcpu)atomic_load(&live->vcpus[id]);
}

/* ---- the thread of the run ---- */

static void set(struct cmd_capture_live *live, uint32_t from, uint32_t to,
                enum cmd_live_vcpu state) {
    for (uint32_t id = from; id < to && id < live->room; id++)
        atomic_store_explicit(&live->vcpus[id], state, memory_order_relaxed);
}

static void note_waiting(void *context, uint64_t elapsed_us) {
    struct cmd_capture_live *live = context;
    atomic_store(&live->waited_us, elapsed_us);
    atomic_store(&live->doing, CMD_LIVE_RUNNING);
    atomic_store(&live->total, live->count);
    cmd_live_ring(live);
}

static void note_progress(void *context, const struct cap_progress *progress) {
    struct cmd_capture_live *live = context;
    uint32_t next = 0;
    for (uint32_t i = 0; i < progress->missing_count; i++) {
        uint32_t id = progress->missing[i];
        set(live, next, id, CMD_LIVE_VCPU_PARKED);
        set(live, id, id + 1,
            progress->decided ? CMD_LIVE_VCPU_NOT_PARKED : CMD_LIVE_VCPU_PENDING);
        next = id + 1;
    }
    set(live, next, progress->total, CMD_LIVE_VCPU_PARKED);
    atomic_store(&live->parked, progress->parked);
    atomic_store(&live->freeze_us, progress->elapsed_us);
    atomic_store(&live->doing, progress->decided ? CMD_LIVE_FROZEN : CMD_LIVE_FREEZING);
    cmd_live_ring(live);
}

static void note_thawed(void *context) {
    struct cmd_capture_live *live = context;
    set(live, 0, atomic_load(&live->total), CMD_LIVE_VCPU_RUNS);
    atomic_store(&live->doing, CMD_LIVE_RUNNING);
    cmd_live_ring(live);
}

/* Without memory it is not listed; it is in its file all the same. */
static void add_report(struct cmd_capture_live *live, const char *path, bool main) {
    size_t size = strlen(path) + 1;
    struct cmd_live_report *report = malloc(sizeof(*report) + size);
    if (!report)
        return;
    report->next = NULL;
    report->main = main;
    memcpy(report->path, path, size);
    pthread_mutex_lock(&live->lock);
    *live->last = report;
    live->last = &report->next;
    pthread_mutex_unlock(&live->lock);
}

static int deliver(void *context, const struct cap_document *document,
                   struct cap_delivery *out) {
    struct cmd_capture_live *live = context;
    int rc = live->deliver(live->deliver_context, document, out);
    if (rc == 0)
        add_report(live, out->path, !document->tag);
    atomic_fetch_add(rc == 0 ? &live->reports : &live->lost, 1);
    if (!document->tag) {
        atomic_store(&live->goes_on, document->goes_on);
        atomic_store(&live->main, rc == 0 ? CMD_LIVE_MAIN_WRITTEN : CMD_LIVE_MAIN_LOST);
    }
    cmd_live_ring(live);
    return rc;
}

void cmd_live_attach(struct cmd_capture_live *live, struct cap_options *options) {
    live->count = options->vcpus < live->room ? options->vcpus : live->room;
    live->deliver = options->deliver;
    live->deliver_context = options->deliver_context;
    options->deliver = deliver;
    options->deliver_context = live;
    options->waiting = note_waiting;
    options->progress = note_progress;
    options->thawed = note_thawed;
    options->progress_context = live;
}

/* ---- the other one ---- */

struct cmd_live_report *cmd_live_take(struct cmd_capture_live *live) {
    pthread_mutex_lock(&live->lock);
    struct cmd_live_report *report = live->first;
    if (report)
        live->first = report->next;
    if (!live->first)
        live->last = &live->first;
    pthread_mutex_unlock(&live->lock);
    return report;
}
