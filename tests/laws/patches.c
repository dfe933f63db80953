/*
 * patches: what the laws of JSON Patch are checked on. A line for each pair of documents:
 * the wire form of A, that of B, and the patch, with tabs between. Usage:
 *
 *     patches SEEDS          generated pairs (tests/unit/pair_aid.h) of the seeds 0 to SEEDS-1
 *     patches 0 FILE...      each of the files with each, itself too
 */
#include "lib/patch.h"
#include "lib/wire.h"
#include "tests/unit/lib_aid.h"
#include "tests/unit/pair_aid.h"
#include "tests/unit/unit.h"

static int put(void *ctx, const char *data, size_t len) {
    return fwrite(data, 1, len, ctx) == len ? 0 : -1;
}

static int put_wire(const struct dc_report *report) {
    struct dc_error err;
    struct dc_writer w;
    dc_writer_init(&w, (struct dc_sink){put, stdout}, false, false);
    int rc = dc_wire_write(&w, report->root, report->declared, report->text, report->len,
                           dc_alloc_libc, &err);
    return dc_writer_finish(&w) < 0 || putchar('\t') == EOF ? -1 : rc;
}

static int put_patch(const struct dc_report *a, const struct dc_report *b) {
    struct dc_error err = {.message = ""};
    struct dc_writer w;
    dc_writer_init(&w, (struct dc_sink){put, stdout}, false, false);
    int rc = dc_patch_write(&w, a, b, dc_alloc_libc, &err);
    if (rc < 0)
        fprintf(stderr, "patches: %s: %s\n", err.pointer, err.message);
    return dc_writer_finish(&w) < 0 || putchar('\n') == EOF ? -1 : rc;
}

static int put_line(const struct dc_report *a, const struct dc_report *b) {
    return put_wire(a) < 0 || put_wire(b) < 0 ? -1 : put_patch(a, b);
}

static int put_pair(uint64_t seed) {
    struct dc_report a, b;
    struct dc_error err;
    struct pair pair;
    int rc = -1;
    pair_make(&pair, seed);
    if (aid_read(&a, pair.a.data, pair.a.len, &err) == 0) {
        if (aid_read(&b, pair.b.data, pair.b.len, &err) == 0) {
            rc = put_line(&a, &b);
            dc_report_done(&b);
        }
        dc_report_done(&a);
    }
    pair_done(&pair);
    return rc;
}

static int put_files(char **paths, size_t n) {
    struct dc_error err = {.message = ""};
    struct aid_file *files = calloc(n, sizeof(*files));
    struct dc_report *reports = calloc(n, sizeof(*reports));
    size_t read = 0;
    int rc = files && reports ? 0 : -1;
    for (; rc == 0 && read < n; read += rc == 0) {
        if (!aid_load(&files[read], paths[read]))
            rc = -1;
        else if ((rc = aid_read(&reports[read], files[read].data, files[read].len,
                                &err)) < 0)
            fprintf(stderr, "patches: %s: %s\n", paths[read], err.message);
    }
    for (size_t i = 0; rc == 0 && i < n * n; i++)
        rc = put_line(&reports[i / n], &reports[i % n]);
    while (read-- > 0) {
        dc_report_done(&reports[read]);
        aid_unload(&files[read]);
    }
    free(reports);
    free(files);
    return rc;
}

int main(int argc, char **argv) {
    uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    int rc = 0;
    for (uint64_t seed = 0; rc == 0 && seed < seeds; seed++)
        rc = put_pair(seed);
    if (rc == 0 && argc > 2)
        rc = put_files(argv + 2, (size_t)argc - 2);
    return rc < 0 || fflush(stdout) != 0 ? 1 : 0;
}
