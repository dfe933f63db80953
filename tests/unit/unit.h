/*
 * The harness of the unit tests: one program per test_*.c, one test per function, TAP on
 * stdout.
 *
 *     static void reads_zero(void) { CHECK_EQ_U64(parse("0"), 0); }
 *     int main(void) { UNIT_RUN(reads_zero); return unit_done(); }
 *
 * A check that fails is printed with its place and the test goes on, so that one run
 * shows all that is wrong. Each check has the value of its condition: `if (!CHECK(p))
 * return;` stops where going on makes no sense. Not thread-safe: check in the thread that
 * runs the test.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <inttypes.h>
#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit_state {
    unsigned tests;      /* that have ended */
    unsigned failed;     /* of these */
    unsigned checks;     /* made by the test that runs */
    unsigned bad;        /* of these */
    const char *skipped; /* why the test that runs is skipped, or NULL */
};

static inline struct unit_state *unit_state(void) {
    static struct unit_state state;
    return &state;
}

/* Counts one check; on failure prints its place and text. Returns `good`. */
static inline bool unit_check(bool good, const char *text, const char *file, int line) {
    unit_state()->checks++;
    if (!good) {
        unit_state()->bad++;
        printf("# %s:%d: failed: %s\n", file, line, text);
    }
    return good;
}

static inline bool unit_eq_u64(uint64_t got, uint64_t want, const char *text,
                               const char *file, int line) {
    if (!unit_check(got == want, text, file, line))
        printf("#   got  %" PRIu64 " (0x%" PRIx64 ")\n#   want %" PRIu64 " (0x%" PRIx64
               ")\n",
               got, got, want, want);
    return got == want;
}

static inline bool unit_eq_i64(int64_t got, int64_t want, const char *text,
                               const char *file, int line) {
    if (!unit_check(got == want, text, file, line))
        printf("#   got  %" PRId64 "\n#   want %" PRId64 "\n", got, want);
    return got == want;
}

/* Prints bytes so that a terminal and a TAP reader survive them: each line begins with #. */
static inline void unit_bytes(const char *label, const void *bytes, size_t len) {
    const unsigned char *byte = bytes;

    printf("#   %s \"", label);
    for (size_t i = 0; i < len; i++) {
        if (byte[i] >= 0x20 && byte[i] < 0x7f && byte[i] != '"' && byte[i] != '\\')
            putchar(byte[i]);
        else
            printf("\\x%02x", byte[i]);
    }
    printf("\" (%zu bytes)\n", len);
}

static inline bool unit_mem(const void *got, size_t got_len, const void *want,
                            size_t want_len, const char *text, const char *file,
                            int line) {
    bool same =
        got_len == want_len && (want_len == 0 || memcmp(got, want, want_len) == 0);

    if (!unit_check(same, text, file, line)) {
        unit_bytes("got ", got, got_len);
        unit_bytes("want", want, want_len);
    }
    return same;
}

/* Either string may be NULL; NULL equals only NULL. */
static inline bool unit_str(const char *got, const char *want, const char *text,
                            const char *file, int line) {
    if (got != NULL && want != NULL)
        return unit_mem(got, strlen(got), want, strlen(want), text, file, line);
    unit_check(got == want, text, file, line);
    if (got != NULL)
        unit_bytes("got ", got, strlen(got));
    if (want != NULL)
        unit_bytes("want", want, strlen(want));
    return got == want;
}

static inline void unit_skip(const char *why) {
    unit_state()->skipped = why;
}

/* Runs one test and prints its line. A test that checked nothing has failed. */
static inline void unit_run(void (*test)(void), const char *name) {
    struct unit_state *unit = unit_state();

    setvbuf(stdout, NULL, _IOLBF, 0);
    unit->checks = unit->bad = 0;
    unit->skipped = NULL;
    printf("# run: %s\n", name); /* names the culprit if the program dies in it */
    test();
    unit->tests++;
    if (unit->bad == 0 && unit->skipped != NULL) {
        printf("ok %u - %s # SKIP %s\n", unit->tests, name, unit->skipped);
        return;
    }
    if (unit->checks == 0)
        printf("# %s made no check\n", name);
    if (unit->bad > 0 || unit->checks == 0)
        unit->failed++;
    printf("%s %u - %s\n", unit->bad > 0 || unit->checks == 0 ? "not ok" : "ok",
           unit->tests, name);
}

/* Prints the plan. Returns the exit status for main. */
static inline int unit_done(void) {
    printf("1..%u\n", unit_state()->tests);
    return unit_state()->failed > 0 || unit_state()->tests == 0;
}

/*
 * Sets a language with a decimal comma for the rest of the program. `make check` makes one and
 * says in TEST_LOCPATH where it is. Returns false where there is none: then SKIP.
 */
static inline bool unit_decimal_comma(void) {
    const char *made = getenv("TEST_LOCPATH");

    return (made == NULL || setenv("LOCPATH", made, 1) == 0) &&
           setlocale(LC_ALL, "de_DE.UTF-8") != NULL &&
           *localeconv()->decimal_point == ',';
}

#define CHECK(cond) unit_check((cond), #cond, __FILE__, __LINE__)
#define CHECK_EQ_U64(got, want)                                                          \
    unit_eq_u64((got), (want), #got " == " #want, __FILE__, __LINE__)
#define CHECK_EQ_I64(got, want)                                                          \
    unit_eq_i64((got), (want), #got " == " #want, __FILE__, __LINE__)
#define CHECK_STR(got, want)                                                             \
    unit_str((got), (want), #got " is " #want, __FILE__, __LINE__)
#define CHECK_MEM(got, got_len, want, want_len)                                          \
    unit_mem((got), (got_len), (want), (want_len), #got " is " #want, __FILE__, __LINE__)

/* Leaves the test function: what it would check cannot be checked, and `why` says so. */
#define SKIP(why)                                                                        \
    do {                                                                                 \
        unit_skip(why);                                                                  \
        return;                                                                          \
    } while (0)

#define UNIT_RUN(test) unit_run((test), #test)

#endif
