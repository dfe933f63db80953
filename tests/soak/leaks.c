#include "tests/soak/leaks.h"

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* Chunks that threads keep for themselves count as used, unless tests/soak/run has told the C
   library to have none of them. */
#define HEAP_SLACK (256u << 10)
#define HEAP_SLACK_UNCACHED (32u << 10)
/* Stacks for the next threads. */
#define MAPS_SLACK 150
#define SETTLE_MS 2000

static long entries(const char *path) {
    long count = 0;
    DIR *dir = opendir(path);
    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count;
}

static long lines(const char *path) {
    long count = 0;
    FILE *file = fopen(path, "re");
    for (int c; file && (c = getc(file)) != EOF;)
        count += c == '\n';
    if (file)
        fclose(file);
    return count;
}

struct soak_holdings soak_holdings(void) {
    return (struct soak_holdings){
        .files = entries("/proc/self/fd"),
        .threads = entries("/proc/self/task"),
        .maps = SANITIZED ? -1 : lines("/proc/self/maps"),
        .heap = SANITIZED ? 0 : mallinfo2().uordblks,
    };
}

void soak_leaks_of_run(const struct soak_holdings *before, struct soak_fault *fault) {
    long files = entries("/proc/self/fd"), threads = entries("/proc/self/task");

    /* A thread that was joined may stay listed for a moment. */
    for (int ms = 0; threads > before->threads && ms < SETTLE_MS; ms++) {
        usleep(1000);
        threads = entries("/proc/self/task");
    }
    if (files != before->files)
        soak_fault(fault, SOAK_LEAK, "%ld descriptors more than before",
                   files - before->files);
    if (threads > before->threads)
        soak_fault(fault, SOAK_LEAK, "%ld threads more than before",
                   threads - before->threads);
}

static size_t heap_slack(void) {
    const char *tunables = getenv("GLIBC_TUNABLES");
    return tunables && strstr(tunables, "tcache_count=0") ? HEAP_SLACK_UNCACHED
                                                          : HEAP_SLACK;
}

void soak_leaks_of_all(const struct soak_holdings *before, struct soak_fault *fault) {
    struct soak_holdings now = soak_holdings();
    if (now.heap > before->heap + heap_slack())
        soak_fault(fault, SOAK_LEAK, "the heap has grown from %zu to %zu bytes",
                   before->heap, now.heap);
    if (now.maps > before->maps + MAPS_SLACK)
        soak_fault(fault, SOAK_LEAK, "there were %ld mappings, and now %ld", before->maps,
                   now.maps);
}
