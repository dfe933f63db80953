/*
 * The statistics client over thousands of failed requests, and without memory: descriptors
 * and memory stay where they were (scheduler-stats 7.7).
 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "tests/unit/lib_aid.h"
#include "tests/unit/stats_aid.h"

#define CAP 4096

/* Bytes in use, counted in front of each block. */
static size_t bytes, most_bytes;

static void *resize_and_count(void *ctx, void *p, size_t size) {
    size_t *block = p ? (size_t *)p - 2 : NULL, *moved;
    (void)ctx;
    bytes -= block ? *block : 0;
    if (size == 0) {
        free(block);
        return NULL;
    }
    moved = realloc(block, size + 2 * sizeof(*block));
    if (!moved)
        abort();
    *moved = size;
    bytes += size;
    most_bytes = bytes > most_bytes ? bytes : most_bytes;
    return moved + 2;
}

static struct cap_stats *counted_client(const char *path, uint64_t timeout_ms) {
    struct dc_error err;
    struct cap_stats_options options = {.path = path,
                                        .cap = CAP,
                                        .timeout_ms = timeout_ms,
                                        .alloc = {resize_and_count, NULL}};
    struct cap_stats *client = cap_stats_new(&options, &err);
    if (!client)
        abort();
    return client;
}

static void fail(struct cap_stats *client, size_t n, enum cap_missing want) {
    struct cap_stats_answer answer;
    const struct cap_stats_request request = {.n_args = 0};
    struct dc_error err;
    size_t bad = 0;
    for (size_t i = 0; i < n; i++) {
        int rc = cap_stats_ask(client, &request, &answer, &err);
        bad += rc < 0 || answer.have || (want != CAP_N_MISSING && answer.missing != want);
        cap_stats_answer_done(&answer);
    }
    CHECK_EQ_U64(bad, 0);
}

/* After `warm` requests nothing grows any more. */
static void check_flat(struct cap_stats *client, size_t warm, size_t n,
                       enum cap_missing want) {
    fail(client, warm, want);
    size_t files = aid_descriptors(), held = bytes, most = most_bytes;
    fail(client, n, want);
    CHECK_EQ_U64(bytes, held);
    CHECK_EQ_U64(most_bytes, most);
    CHECK_EQ_U64(aid_descriptors(), files);
}

/* Nine ways in which a scheduler can fail, in turn, a thousand times. */
static void s7_9000_failures_of_a_scheduler(void) {
    struct aid_scheduler scheduler;
    size_t files = aid_descriptors();
    aid_scheduler_begin(&scheduler,
                        AID_SCRIPT("loop", "close", "torn", "error=22:no\\nway",
                                   "relay=gone", "not-utf8", "line=hello", "open=4097",
                                   "args={}", "glued", "line="));
    struct cap_stats *client = counted_client(scheduler.path, AID_PLENTY_MS);
    check_flat(client, 90, 9000, CAP_N_MISSING);
    CHECK(cap_stats_discarded(client) > 0);
    CHECK_EQ_U64(aid_scheduler_asked(&scheduler), 9090);
    CHECK(most_bytes < sizeof(void *) * 1024 + 4 * CAP);
    cap_stats_free(client);
    aid_scheduler_end(&scheduler);
    CHECK_EQ_U64(bytes, 0);
    CHECK_EQ_U64(aid_descriptors(), files);
}

static void s7_4000_failures_without_a_scheduler(void) {
    struct aid_scheduler scheduler;
    aid_scheduler_begin(&scheduler, AID_SCRIPT("echo"));
    aid_scheduler_kill(&scheduler);
    struct cap_stats *client = counted_client(scheduler.path, AID_PLENTY_MS);
    check_flat(client, 10, 1000, CAP_NO_SCHEDULER); /* a stale socket */
    remove(scheduler.path);
    check_flat(client, 10, 1000, CAP_NO_SCHEDULER); /* none */
    cap_stats_freeze(client, true);
    check_flat(client, 10, 1000, CAP_DURING_FREEZE);
    cap_stats_cancel(client);
    cap_stats_freeze(client, false);
    check_flat(client, 10, 1000, CAP_CANCELLED);
    cap_stats_free(client);
    aid_scheduler_end(&scheduler);
    CHECK_EQ_U64(bytes, 0);
}

/* Nothing comes, or half an answer. */
static void s7_500_deadlines(void) {
    struct aid_scheduler scheduler;
    aid_scheduler_begin(&scheduler, AID_SCRIPT("loop", "silent", "open=100"));
    struct cap_stats *client = counted_client(scheduler.path, 1);
    check_flat(client, 20, 480, CAP_CANCELLED);
    cap_stats_free(client);
    aid_scheduler_end(&scheduler);
    CHECK_EQ_U64(bytes, 0);
}

/* Every allocation fails in turn: it is told, the client goes on, and nothing is left. */
static void s7_memory_that_runs_out(void) {
    static const struct cap_stats_arg args[] = {{"b", "1"}, {"a", "2"}};
    const struct cap_stats_request request = {.args = args, .n_args = 2};
    struct aid_scheduler scheduler;
    struct aid_memory memory = {.failed = true};
    size_t files = aid_descriptors();
    aid_scheduler_begin(&scheduler, AID_SCRIPT("echo"));
    struct cap_stats_options options = {
        .path = scheduler.path, .timeout_ms = AID_PLENTY_MS, .alloc = aid_alloc(&memory)};
    size_t n = 1;
    for (; memory.failed && n < 100; n++) {
        struct cap_stats_answer answer;
        struct dc_error err = {.code = DC_OK};
        memory = (struct aid_memory){.fail = n};
        struct cap_stats *client = cap_stats_new(&options, &err);
        int rc = client ? cap_stats_ask(client, &request, &answer, &err) : -1;
        CHECK((rc < 0) == memory.failed);
        CHECK((err.code == DC_ENOMEM) == memory.failed);
        if (client && rc < 0) /* it fails once: then all is well again */
            CHECK(cap_stats_ask(client, &request, &answer, &err) == 0 && answer.have);
        if (client)
            cap_stats_answer_done(&answer);
        cap_stats_free(client);
        CHECK_EQ_U64(memory.live, 0);
    }
    CHECK(n > 5 && !memory.failed);
    aid_scheduler_end(&scheduler);
    CHECK_EQ_U64(aid_descriptors(), files);
}

int main(void) {
    UNIT_RUN(s7_9000_failures_of_a_scheduler);
    UNIT_RUN(s7_4000_failures_without_a_scheduler);
    UNIT_RUN(s7_500_deadlines);
    UNIT_RUN(s7_memory_that_runs_out);
    return unit_done();
}
