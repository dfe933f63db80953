/*
 * lib_aid: what the tests of lib/ share: text to a report and back, memory that is counted
 * and can be made to fail, and random numbers that are the same in every run.
 */
#ifndef TESTS_LIB_AID_H
#define TESTS_LIB_AID_H

#include "lib/buf.h"
#include "lib/model.h"
#include "lib/report.h"
#include "lib/uniform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- memory ---- */

struct aid_memory {
    size_t live;  /* blocks that were handed out and not given back */
    size_t calls; /* allocations and growths asked for */
    size_t fail;  /* the call that fails, from 1; 0: none */
    bool failed;  /* it has */
};

/* An allocator that counts in `memory`, which must outlive it. */
struct dc_alloc aid_alloc(struct aid_memory *memory);

/* ---- reports ---- */

/* Reads `len` bytes as one document, with the C library's memory. */
int aid_read(struct dc_report *report, const char *text, size_t len,
             struct dc_error *err);

/* As aid_read(), for a C string. */
int aid_read_text(struct dc_report *report, const char *text, struct dc_error *err);

/* The wire form of a report, its uniform form (file "r.json"); the caller frees `out` with
   dc_buf_done(). 0, or -1. */
int aid_wire(const struct dc_report *report, struct dc_buf *out);
int aid_uniform(const struct dc_report *report, bool exact, struct dc_buf *out);

/* Text to wire form: reads, writes, frees. 0, or -1 with `err` set. */
int aid_rewrite(const char *text, size_t len, struct dc_buf *out, struct dc_error *err);

/* ---- files ---- */

struct aid_file {
    char *data; /* owned; no byte is readable behind it */
    size_t len;
};

/* Reads a file of the source tree, named from its root. Checks that it could be read. */
bool aid_load(struct aid_file *file, const char *path);
void aid_unload(struct aid_file *file);

/* Calls fn(path, name) for each *.json in a folder of the source tree, sorted by name. */
void aid_each_json(const char *folder, void (*fn)(const char *path, const char *name));

/* ---- random numbers ---- */

struct aid_random {
    uint64_t state; /* not 0 */
};

uint64_t aid_random(struct aid_random *random);
/* 0 <= result < most. */
size_t aid_below(struct aid_random *random, size_t most);

#endif
