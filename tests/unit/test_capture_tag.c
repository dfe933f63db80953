/*
 * Tags: what they may contain, and where their reports go.
 */
#include "tests/unit/unit.h"

#include "capture/tag.h"

static void cleans_what_is_no_name(void) {
    static const struct {
        const char *from, *want;
        bool same;
    } cases[] = {
        {"", "", true},
        {"x", "x", true},
        {"Az09._-", "Az09._-", true},
        {"a..b", "a..b", true},
        {"a.", "a.", true},
        {"-", "-", true},
        {".", "_", false},
        {"..", "__", false},
        {".hidden", "_hidden", false},
        {"...a.b", "___a.b", false},
        {"../../etc/passwd", "___.._etc_passwd", false},
        {"/abs", "_abs", false},
        {"a b\tc\nd", "a_b_c_d", false},
        {"%s%n", "_s_n", false},
        {"\x1b[31m", "__31m", false},
        {"caf\xc3\xa9", "caf__", false},
        {"\xff\xfe", "__", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char tag[CAP_TAG_SIZE];
        bool same = cap_tag_clean(tag, sizeof(tag), cases[i].from);
        CHECK_STR(tag, cases[i].want);
        CHECK(same == cases[i].same);
    }
}

/* Whatever byte it is, a path never gets a slash from it. */
static void cleans_every_byte(void) {
    for (int c = 1; c < 256; c++) {
        char from[] = {'a', (char)c, 'b', '\0'}, tag[CAP_TAG_SIZE];
        bool plain = strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                            "0123456789._-",
                            c) != NULL;
        CHECK(cap_tag_clean(tag, sizeof(tag), from) == plain);
        CHECK(tag[1] == (plain ? (char)c : '_'));
        CHECK_EQ_U64(strlen(tag), 3);
    }
}

static void cuts_at_its_size(void) {
    char longest[CAP_TAG_SIZE], longer[CAP_TAG_SIZE + 1], tag[CAP_TAG_SIZE], none[1];

    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    memset(longer, 'x', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    CHECK(cap_tag_clean(tag, sizeof(tag), longest));
    CHECK_STR(tag, longest);
    CHECK(!cap_tag_clean(tag, sizeof(tag), longer));
    CHECK_STR(tag, longest);
    CHECK(!cap_tag_clean(none, sizeof(none), "x"));
    CHECK_STR(none, "");
}

static void f4_stands_beside_the_main_report(void) {
    static const struct {
        const char *main_path, *tag, *want;
    } cases[] = {
        {"run.failure-dump.json", "x", "run.snapshot.x.json"},
        {"a/b/run.failure-dump.json", "x", "a/b/run.snapshot.x.json"},
        {"/run.failure-dump.json", "x", "/run.snapshot.x.json"},
        {"run.json", "periodic_000", "run.snapshot.periodic_000.json"},
        {"run.1.json", "x", "run.1.snapshot.x.json"},
        {"run", "x", "run.snapshot.x"},
        {"run.failure-dump", "x", "run.snapshot.x"},
        {"run.out", "x", "run.snapshot.x.out"},
        {"a.b/run", "x", "a.b/run.snapshot.x"},
        {".run", "x", ".run.snapshot.x"},
        {".run.json", "x", ".run.snapshot.x.json"},
        {".failure-dump.json", "x", "dump.snapshot.x.json"},
        {"a/.failure-dump", "x", "a/dump.snapshot.x"},
        {"", "x", "dump.snapshot.x"},
        {"a/", "x", "a/dump.snapshot.x"},
        {"a/..", "x", "a/dump.snapshot.x"},
        {".", "x", "dump.snapshot.x"},
        {"run.failure-dump.failure-dump.json", "x", "run.failure-dump.snapshot.x.json"},
        {"a/run.json", "../../b", "a/run.snapshot.___.._b.json"},
        {"a/run.json", "..", "a/run.snapshot.__.json"},
        {"%s.json", "%d", "%s.snapshot._d.json"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char path[4096];
        CHECK_EQ_I64(
            cap_tag_path(path, sizeof(path), cases[i].main_path, cases[i].tag, NULL), 0);
        CHECK_STR(path, cases[i].want);
    }
}

static void refuses_what_gives_no_path(void) {
    char path[32], longer[4096];
    struct dc_error err;

    CHECK_EQ_I64(cap_tag_path(path, sizeof(path), "run.json", "", &err), -1);
    CHECK_EQ_U64(err.code, DC_EUSAGE);
    CHECK_EQ_I64(cap_tag_path(path, 20, "run.json", "x", &err), 0);
    CHECK_STR(path, "run.snapshot.x.json");
    CHECK_EQ_I64(cap_tag_path(path, 19, "run.json", "x", &err), -1);
    CHECK(strstr(err.message, "too long") != NULL);
    memset(longer, 'a', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    CHECK_EQ_I64(cap_tag_path(path, sizeof(path), longer, "x", &err), -1);
    CHECK(strstr(err.message, "too long") != NULL);
}

int main(void) {
    UNIT_RUN(cleans_what_is_no_name);
    UNIT_RUN(cleans_every_byte);
    UNIT_RUN(cuts_at_its_size);
    UNIT_RUN(f4_stands_beside_the_main_report);
    UNIT_RUN(refuses_what_gives_no_path);
    return unit_done();
}
