/*
 * reading: the reader against jansson on the same text, in one run. Prints MB/s of both and
 * the ratio, for documents that jansson can hold.
 */
#include "lib/report.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXT_BYTES = 16 << 20, ROUNDS = 3 };

struct sample {
    const char *name, *before, *element, *after;
};

static const struct sample samples[] = {
    {"registers", "{\"schema\":\"single\",\"maps\":[],\"vcpu_regs\":[",
     "{\"instruction_pointer\":4503599627370496,\"stack_pointer\":281474976710656,"
     "\"page_table_root\":4372750336}",
     "]}"},
    {"arena pages",
     "{\"schema\":\"single\",\"maps\":[{\"name\":\"a\",\"map_type\":33,\"value_size\":0,"
     "\"max_entries\":1,\"arena\":{\"declared_pages\":1,\"kern_vm_start\":0,"
     "\"user_vm_start\":0,\"pages\":[{\"user_addr\":0,\"bytes\":[",
     "0,17,255,3", "]}]}}]}"},
    {"tasks", "{\"schema\":\"single\",\"maps\":[],\"task_enrichments\":[",
     "{\"pid\":4711,\"tgid\":4711,\"comm\":\"stress-ng-cpu\",\"weight\":100,\"prio\":120,"
     "\"static_prio\":120,\"normal_prio\":120,\"rt_priority\":0,"
     "\"pi_boosted_out_of_scx\":false,\"nvcsw\":1234,\"nivcsw\":56789}",
     "]}"},
};

static char *make_text(const struct sample *sample, size_t *len) {
    size_t element = strlen(sample->element);
    char *text = malloc(TEXT_BYTES + 1024);
    if (!text)
        exit(1);
    size_t used = (size_t)sprintf(text, "%s", sample->before);
    while (used + element < TEXT_BYTES) {
        used += (size_t)sprintf(text + used, "%s,", sample->element);
    }
    used += (size_t)sprintf(text + used - 1, "%s", sample->after) - 1;
    *len = used;
    return text;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double time_reader(const char *text, size_t len) {
    struct dc_report_options options = {.alloc = dc_alloc_libc};
    struct dc_report report;
    struct dc_error err;
    size_t used = 0;
    double begin = seconds();
    if (dc_report_read(&report, text, len, &used, &options, &err) < 0) {
        fprintf(stderr, "reading: %s\n", err.message);
        exit(1);
    }
    dc_report_done(&report);
    return seconds() - begin;
}

static double time_jansson(const char *text, size_t len) {
    json_error_t err;
    double begin = seconds();
    json_t *root = json_loadb(text, len, 0, &err);
    if (!root) {
        fprintf(stderr, "reading: jansson: %s\n", err.text);
        exit(1);
    }
    json_decref(root);
    return seconds() - begin;
}

int main(void) {
    printf("%-12s %9s %9s %7s\n", "", "dumpctl", "jansson", "ratio");
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        size_t len;
        char *text = make_text(&samples[i], &len);
        double ours = 1e9, theirs = 1e9;
        for (int round = 0; round < ROUNDS; round++) {
            double a = time_reader(text, len), b = time_jansson(text, len);
            ours = a < ours ? a : ours;
            theirs = b < theirs ? b : theirs;
        }
        double megabytes = (double)len / 1e6;
        printf("%-12s %4.0f MB/s %4.0f MB/s %6.1fx\n", samples[i].name, megabytes / ours,
               megabytes / theirs, theirs / ours);
        free(text);
    }
    return 0;
}
