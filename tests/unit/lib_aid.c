#include "tests/unit/lib_aid.h"

#include "lib/wire.h"
#include "tests/unit/unit.h"

#include <dirent.h>

/* ---- memory ---- */

static void *counted_resize(void *ctx, void *p, size_t size) {
    struct aid_memory *memory = ctx;
    if (size == 0) {
        memory->live -= p != NULL;
        free(p);
        return NULL;
    }
    if (++memory->calls == memory->fail) {
        memory->failed = true;
        return NULL;
    }
    void *moved = realloc(p, size);
    memory->live += moved && !p;
    return moved;
}

struct dc_alloc aid_alloc(struct aid_memory *memory) {
    return (struct dc_alloc){.resize = counted_resize, .ctx = memory};
}

/* ---- reports ---- */

int aid_read(struct dc_report *report, const char *text, size_t len,
             struct dc_error *err) {
    struct dc_report_options options = {.alloc = dc_alloc_libc};
    size_t used = 0;
    return dc_report_read(report, text, len, &used, &options, err);
}

int aid_read_text(struct dc_report *report, const char *text, struct dc_error *err) {
    return aid_read(report, text, strlen(text), err);
}

int aid_wire(const struct dc_report *report, struct dc_buf *out) {
    struct dc_writer w;
    struct dc_error err;
    dc_buf_init(out, dc_alloc_libc);
    dc_writer_init(&w, dc_buf_sink(out), false, false);
    int rc = dc_wire_write(&w, report->root, report->declared, report->text, report->len,
                           dc_alloc_libc, &err);
    return dc_writer_finish(&w) < 0 ? -1 : rc;
}

int aid_uniform(const struct dc_report *report, bool exact, struct dc_buf *out) {
    struct dc_uniform_options options = {.alloc = dc_alloc_libc, .exact_numbers = exact};
    struct dc_model model;
    struct dc_writer w;
    struct dc_error err;
    dc_model_init(&model, report, "r.json");
    dc_buf_init(out, dc_alloc_libc);
    dc_writer_init(&w, dc_buf_sink(out), true, false);
    int rc = dc_uniform_write(&w, &model, &options, &err);
    return dc_writer_finish(&w) < 0 ? -1 : rc;
}

int aid_rewrite(const char *text, size_t len, struct dc_buf *out, struct dc_error *err) {
    struct dc_report report;
    dc_buf_init(out, dc_alloc_libc);
    if (aid_read(&report, text, len, err) < 0)
        return -1;
    int rc = aid_wire(&report, out);
    dc_report_done(&report);
    return rc;
}

/* ---- files ---- */

bool aid_load(struct aid_file *file, const char *path) {
    FILE *stream = fopen(path, "rb");
    *file = (struct aid_file){NULL, 0};
    if (!stream || fseek(stream, 0, SEEK_END) < 0)
        goto out;
    long size = ftell(stream);
    rewind(stream);
    if (size < 0)
        goto out;
    file->data = malloc(size > 0 ? (size_t)size : 1);
    if (file->data)
        file->len = fread(file->data, 1, (size_t)size, stream);
out:
    if (stream)
        fclose(stream);
    if (!unit_check(file->data != NULL, path, __FILE__, __LINE__))
        printf("#   cannot be read; the tests run in the root of the source tree\n");
    return file->data != NULL;
}

void aid_unload(struct aid_file *file) {
    free(file->data);
    *file = (struct aid_file){NULL, 0};
}

static int is_json(const struct dirent *entry) {
    size_t len = strlen(entry->d_name);
    return len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0;
}

void aid_each_json(const char *folder, void (*fn)(const char *path, const char *name)) {
    struct dirent **entries;
    int n = scandir(folder, &entries, is_json, alphasort);
    if (!unit_check(n > 0, folder, __FILE__, __LINE__))
        return;
    for (int i = 0; i < n; i++) {
        char path[512];
        snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        fn(path, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

/* ---- random numbers ---- */

uint64_t aid_random(struct aid_random *random) {
    uint64_t x = random->state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    random->state = x;
    return x * UINT64_C(2685821657736338717);
}

size_t aid_below(struct aid_random *random, size_t most) {
    return (size_t)(aid_random(random) >> 11) % most;
}
