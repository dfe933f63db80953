/*
 * Memory: the most costly repetitions that the tables allow, found by trying all of them,
 * stay below 100 MiB for 16 MiB of text; limits are kept and say how to raise them.
 *
 * With an argument it is a tool of limits.bats: `test_memory list N` names the N most
 * costly documents, `test_memory make I` writes number I of them (16 MiB), and
 * `test_memory peak COMMAND...` runs a command and prints its peak of memory in KiB.
 */
#include "tests/unit/heavy_aid.h"
#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

#include "lib/wire.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 16 << 20, MOST_KIB = 100 << 10 };

/* Sanitizers keep books of their own about every byte. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = true, TRIED = 4, TRIED_SIZE = 1 << 20 };
#else
enum { SANITIZED = false, TRIED = 10, TRIED_SIZE = SIZE };
#endif

static int null_write(void *ctx, const char *data, size_t len) {
    size_t *sum = ctx;
    (void)data;
    *sum += len;
    return 0;
}

/* Read, model, uniform shape, wire form. Returns whether all of it could be done. */
static bool work(const struct dc_buf *text) {
    struct dc_uniform_options uniform = {.alloc = dc_alloc_libc};
    struct dc_report report;
    struct dc_model model;
    struct dc_writer w;
    struct dc_error err;
    size_t sum = 0;
    struct dc_sink sink = {null_write, &sum};
    if (aid_read(&report, text->data, text->len, &err) < 0)
        return false;
    dc_model_init(&model, &report, NULL);
    dc_writer_init(&w, sink, true, false);
    bool good = dc_uniform_write(&w, &model, &uniform, &err) == 0;
    dc_writer_init(&w, sink, false, false);
    good = good && dc_wire_write(&w, report.root, report.declared, report.text,
                                 report.len, dc_alloc_libc, &err) == 0;
    dc_report_done(&report);
    return good && sum > 0;
}

/* Runs child(ctx) in a process of its own. Returns its peak in KiB, or -1. */
static long peak_of(bool (*child)(const void *ctx), const void *ctx) {
    struct rusage usage;
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(child(ctx) ? 0 : 1);
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || !WIFEXITED(status) ||
        WEXITSTATUS(status) != 0)
        return -1;
    return usage.ru_maxrss;
}

static bool work_on(const void *ctx) {
    struct dc_buf text;
    heavy_document(ctx, TRIED_SIZE, &text);
    return work(&text);
}

static void the_worst_of_all_tables_stays_below_100_mib(void) {
    size_t count;
    long most = 0;
    struct heavy *all = heavy_all(&count);
    CHECK(count > 60);
    for (size_t i = 0; i < count; i++) {
        /* The most costly to read, and what is unknown: that costs when it is written. */
        if (i >= TRIED && !strstr(all[i].name, ".unknown"))
            continue;
        long peak = peak_of(work_on, &all[i]);
        if (peak > most || peak < 0)
            printf("# %ld KiB: %s: %.*s\n", peak, all[i].name,
                   all[i].element.len < 100 ? (int)all[i].element.len : 100,
                   all[i].element.data);
        most = peak > most ? peak : most;
        CHECK(peak > 0 && (SANITIZED || peak < MOST_KIB));
    }
    heavy_free(all, count);
}

/* Long escaped strings are kept resolved beside the text. */
static void long_strings_stay_below_100_mib(void) {
    static const char *const escapes[] = {"\\n", "\\u0000", "\\ud83d\\ude00"};
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        struct heavy heavy = {.cost = 0};
        char head[] = "{\"schema\":\"degraded\",\"watchpoint_hit\":true,"
                      "\"bss_latch_state\":\"\",\"reason\":\"";
        char element[256] = "", tail[] = "\"}";
        for (int n = 0; n < 8; n++)
            strcat(element, escapes[i]);
        heavy.head = (struct dc_buf){.data = head, .len = strlen(head)};
        heavy.element = (struct dc_buf){.data = element, .len = strlen(element)};
        heavy.tail = (struct dc_buf){.data = tail, .len = strlen(tail)};
        long peak = peak_of(work_on, &heavy);
        CHECK(peak > 0 && (SANITIZED || peak < MOST_KIB));
    }
}

/* ---- limits ---- */

static int read_limited(const struct dc_buf *text, size_t limit,
                        struct aid_memory *memory, struct dc_error *err) {
    struct dc_report_options options = {.alloc = aid_alloc(memory), .max_memory = limit};
    struct dc_report report;
    size_t used = 0;
    int rc = dc_report_read(&report, text->data, text->len, &used, &options, err);
    if (rc == 0) {
        CHECK(report.arena.taken <= limit);
        dc_report_done(&report);
    }
    return rc;
}

static void a_limit_is_kept_and_named(void) {
    static const char head[] = "{\"schema\":\"single\",\"maps\":[],\"vcpu_regs\":[";
    static const size_t limits[] = {1, 4096, 5000, 100000, 1 << 20, 3 << 20};
    struct dc_buf text;
    dc_buf_init(&text, dc_alloc_libc);
    dc_buf_text(&text, head);
    for (int i = 0; i < 500000; i++)
        dc_buf_text(&text, i ? ",null" : "null");
    dc_buf_text(&text, "]}");
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        struct aid_memory memory = {.live = 0};
        struct dc_error err;
        CHECK(read_limited(&text, limits[i], &memory, &err) < 0);
        CHECK_EQ_U64(err.code, DC_ELIMIT);
        CHECK(strstr(err.message, "--max-memory") != NULL);
        CHECK(strstr(err.message, " 0 ") == NULL);
        CHECK(strncmp(err.pointer, "/vcpu_regs", 10) == 0 || limits[i] <= 5000);
        CHECK_EQ_U64(memory.live, 0);
    }
    struct aid_memory memory = {.live = 0};
    struct dc_error err;
    CHECK(read_limited(&text, 8 << 20, &memory, &err) == 0);
    CHECK_EQ_U64(memory.live, 0);
    dc_buf_done(&text);
}

/* ---- the tool ---- */

static int tool_list(unsigned long n) {
    size_t count;
    struct heavy *all = heavy_all(&count);
    for (size_t i = 0; i < count; i++)
        if (i < n || strstr(all[i].name, ".unknown"))
            printf("%zu %s\n", i, all[i].name);
    heavy_free(all, count);
    return 0;
}

static int tool_make(unsigned long i) {
    size_t count;
    struct dc_buf text;
    struct heavy *all = heavy_all(&count);
    if (i >= count)
        return 1;
    heavy_document(&all[i], SIZE, &text);
    bool good = fwrite(text.data, 1, text.len, stdout) == text.len && fflush(stdout) == 0;
    dc_buf_done(&text);
    heavy_free(all, count);
    return good ? 0 : 1;
}

static int tool_peak(char **command) {
    struct rusage usage;
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        execvp(command[0], command);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid)
        return 126;
    fprintf(stderr, "peak %ld\n", usage.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "list") == 0)
        return tool_list(strtoul(argv[2], NULL, 10));
    if (argc == 3 && strcmp(argv[1], "make") == 0)
        return tool_make(strtoul(argv[2], NULL, 10));
    if (argc > 2 && strcmp(argv[1], "peak") == 0)
        return tool_peak(argv + 2);
    UNIT_RUN(the_worst_of_all_tables_stays_below_100_mib);
    UNIT_RUN(long_strings_stay_below_100_mib);
    UNIT_RUN(a_limit_is_kept_and_named);
    return unit_done();
}
