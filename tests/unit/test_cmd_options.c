/* Words of the command line: sizes, numbers, near misses, shared and own options. */
#include "cmd/cmd.h"
#include "cmd/nearest.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <getopt.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct cmd_option own[] = {
    {'o', "output", "FILE", "where to"},
    {0, "short", NULL, "one line"},
    {0, NULL, NULL, NULL},
};

static const struct cmd_verb verb = {
    .name = "try",
    .summary = "be tested",
    .synopsis = "FILE",
    .shared = CMD_ALL & ~CMD_MAX_MEMORY,
    .options = own,
};

/* What a run of cmd_next_option() over `words` leaves behind. */
struct outcome {
    struct cmd_common common;
    int last; /* -1 or -2 */
    int operand;
    char output[32];
    bool is_short;
    char errors[512];
};

static char *words[16];
static int count;

static void line(const char *const *given) {
    count = 0;
    words[count++] = (char *)"try";
    for (; *given; given++)
        words[count++] = (char *)*given;
    words[count] = NULL;
}

#define LINE(...) line((const char *const[]){__VA_ARGS__, NULL})

static struct outcome parse(void) {
    struct outcome out = {.last = 0};
    const char *value;
    int memory = memfd_create("stderr", 0), kept = dup(STDERR_FILENO);
    dup2(memory, STDERR_FILENO);
    cmd_common_init(&out.common);
    while ((out.last = cmd_next_option(&verb, count, words, &out.common, &value)) >= 0) {
        if (out.last == 0)
            snprintf(out.output, sizeof(out.output), "%s", value);
        else
            out.is_short = value == NULL;
    }
    out.operand = optind;
    dup2(kept, STDERR_FILENO);
    close(kept);
    ssize_t n = pread(memory, out.errors, sizeof(out.errors) - 1, 0);
    out.errors[n > 0 ? n : 0] = '\0';
    close(memory);
    return out;
}

static void reads_sizes(void) {
    static const struct {
        const char *text;
        size_t bytes;
    } good[] = {
        {"0", 0},
        {"1", 1},
        {"007", 7},
        {"64K", 65536},
        {"64k", 65536},
        {"16M", 16 << 20},
        {"1G", (size_t)1 << 30},
        {"2T", (size_t)2 << 40},
        {"18446744073709551615", SIZE_MAX},
        {"16777215T", (size_t)16777215 << 40},
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        size_t bytes = 99;
        CHECK_EQ_I64(cmd_parse_size(good[i].text, &bytes), 0);
        CHECK_EQ_U64(bytes, good[i].bytes);
    }
}

static void refuses_what_is_no_size(void) {
    static const char *const bad[] = {
        "",          "K",
        "-1",        "+1",
        " 1",        "1 ",
        "1.5",       "1,5G",
        "0x10",      "1KB",
        "1KiB",      "1P",
        "M1",        "1\xcb",
        "1\r",       "18446744073709551616",
        "16777216T", "99999999999999999999999999",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        size_t bytes = 99;
        CHECK_EQ_I64(cmd_parse_size(bad[i], &bytes), -1);
        CHECK_EQ_U64(bytes, 99);
    }
}

static void writes_sizes_as_it_reads_them(void) {
    static const size_t sizes[] = {
        0, 1, 1023, 1024, 1025, 65536, 1 << 20, (1 << 20) + 1024, 1 << 30, SIZE_MAX};
    char text[CMD_SIZE_TEXT];
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t bytes = 99;
        CHECK_EQ_I64(cmd_parse_size(cmd_size_text(sizes[i], text), &bytes), 0);
        CHECK_EQ_U64(bytes, sizes[i]);
    }
    CHECK_STR(cmd_size_text((size_t)256 << 20, text), "256M");
    CHECK_STR(cmd_size_text(1500, text), "1500");
}

static void reads_numbers_in_a_range(void) {
    unsigned long long n = 0;
    CHECK(cmd_parse_number("20", 20, 30, &n) == 0 && n == 20);
    CHECK(cmd_parse_number("30", 20, 30, &n) == 0 && n == 30);
    CHECK(cmd_parse_number("0", 0, 0, &n) == 0 && n == 0);
    CHECK(cmd_parse_number("18446744073709551615", 0, UINT64_MAX, &n) == 0);
    CHECK_EQ_U64(n, UINT64_MAX);
    static const char *const bad[] = {
        "19", "31", "", "-20", "+20", "20 ", "2e1", "0x14", "18446744073709551636"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK_EQ_I64(cmd_parse_number(bad[i], 20, 30, &n), -1);
    CHECK_EQ_U64(n, UINT64_MAX);
}

static void measures_distance(void) {
    CHECK_EQ_U64(cmd_distance("show", "show"), 0);
    CHECK_EQ_U64(cmd_distance("hsow", "show"), 1);
    CHECK_EQ_U64(cmd_distance("sho", "show"), 1);
    CHECK_EQ_U64(cmd_distance("shhow", "show"), 1);
    CHECK_EQ_U64(cmd_distance("shew", "show"), 1);
    CHECK_EQ_U64(cmd_distance("", "show"), 4);
    CHECK_EQ_U64(cmd_distance("view", "diff"), 3);
    CHECK_EQ_U64(cmd_distance("0123456789012345678901234567890123456789", "a"), 40);
}

static void finds_the_nearest_word(void) {
    static const char *const verbs[] = {"capture", "show", "decode", "diff", "view"};
    CHECK_STR(cmd_nearest("shoow", verbs, 5), "show");
    CHECK_STR(cmd_nearest("captrue", verbs, 5), "capture");
    CHECK_STR(cmd_nearest("dif", verbs, 5), "diff");
    CHECK_STR(cmd_nearest("encode", verbs, 5), "decode");
    CHECK_STR(cmd_nearest("frobnicate", verbs, 5), NULL);
    CHECK_STR(cmd_nearest("", verbs, 5), NULL);
    CHECK_STR(cmd_nearest("xy", verbs, 5), NULL);
    CHECK_STR(cmd_nearest("show", verbs, 0), NULL);
}

static void finds_the_nearest_verb_only_among_those_there_are(void) {
    CHECK(cmd_verb_find("show") == &cmd_show);
    CHECK(cmd_verb_find("sho") == NULL);
    CHECK(cmd_verb_find("") == NULL);
    for (int i = 0; cmd_verbs[i]; i++)
        CHECK(cmd_verb_find(cmd_verbs[i]->name) == cmd_verbs[i]);
}

/* A verb that says less about itself than the help shows would crash there or lie. */
static void verbs_are_described(void) {
    for (int i = 0; cmd_verbs[i]; i++) {
        const struct cmd_verb *v = cmd_verbs[i];
        CHECK(v->summary && *v->summary && v->synopsis && v->details && v->run);
        for (const struct cmd_option *o = v->options; o && o->name; o++) {
            CHECK(o->help && *o->help && o->letter != 'h');
            for (int k = 0; cmd_shared_options[k].name; k++)
                CHECK(strcmp(o->name, cmd_shared_options[k].name) != 0);
            for (const struct cmd_option *other = v->options; other != o; other++)
                CHECK(strcmp(o->name, other->name) != 0 &&
                      (!o->letter || o->letter != other->letter));
        }
    }
}

static void gives_defaults(void) {
    LINE("file");
    struct outcome out = parse();
    CHECK_EQ_I64(out.last, -1);
    CHECK_EQ_I64(out.operand, 1);
    CHECK_STR(out.errors, "");
    CHECK_STR(out.common.colour, "auto");
    CHECK(!out.common.json && !out.common.no_pager && out.common.width == 0);
    CHECK_EQ_U64(out.common.max_size, (size_t)256 << 20);
    CHECK_EQ_U64(out.common.max_memory, (size_t)1 << 30);
}

static void takes_options_before_and_behind_operands(void) {
    LINE("--color=never", "-oa", "file", "--short", "--width", "100", "--no-pager",
         "--max-size=1K", "--json", "--output=b");
    struct outcome out = parse();
    CHECK_EQ_I64(out.last, -1);
    CHECK_STR(out.errors, "");
    CHECK_STR(out.common.colour, "never");
    CHECK_STR(out.output, "b");
    CHECK(out.is_short && out.common.no_pager && out.common.json);
    CHECK_EQ_U64(out.common.width, 100);
    CHECK_EQ_U64(out.common.max_size, 1024);
    CHECK_EQ_I64(out.operand, count - 1);
    CHECK_STR(words[out.operand], "file");
}

static void two_dashes_end_the_options(void) {
    LINE("--short", "--", "--json", "-o");
    struct outcome out = parse();
    CHECK_EQ_I64(out.last, -1);
    CHECK(out.is_short && !out.common.json);
    CHECK_STR(words[out.operand], "--json");
}

static void an_argument_is_no_option(void) {
    LINE("-o", "--json");
    struct outcome out = parse();
    CHECK_STR(out.output, "--json");
    CHECK(!out.common.json);
}

/* Parses and checks that stderr holds `error`, and nothing else when it is whole. */
static void check_refused(const char *error) {
    struct outcome out = parse();
    CHECK_EQ_I64(out.last, -2);
    if (!CHECK(strstr(out.errors, error) != NULL))
        unit_bytes("got", out.errors, strlen(out.errors));
    CHECK(strchr(out.errors, '\n') == out.errors + strlen(out.errors) - 1);
}

static void refuses_with_the_nearest_option(void) {
    LINE("--widht=3");
    check_refused("dumpctl: try: unknown option '--widht'; did you mean '--width'? "
                  "(see 'dumpctl try --help')\n");
    LINE("--shrot");
    check_refused("did you mean '--short'?");
    LINE("--frobnicate");
    check_refused("unknown option '--frobnicate' (see");
    LINE("-x");
    check_refused("unknown option '-x'");
    LINE("--\x1b[31m");
    check_refused("unknown option '--\\x1b[31m'");
    LINE("--o\xff");
    check_refused("--o\\xff");
}

static void refuses_an_option_that_means_nothing_here(void) {
    LINE("--max-memory=1G");
    check_refused("unknown option '--max-memory'");
}

static void refuses_wrong_arguments(void) {
    LINE("--output");
    check_refused("option '--output' needs an argument: FILE");
    LINE("-o");
    check_refused("option '--output' needs an argument: FILE");
    LINE("--short=1");
    check_refused("option '--short' takes no argument");
    LINE("--json=1");
    check_refused("option '--json' takes no argument");
    LINE("--width=19");
    check_refused("--width takes a number from 20 to 1000, not '19'");
    LINE("--width=1001");
    check_refused("not '1001'");
    LINE("--color=red");
    check_refused("--color takes auto, always or never, not 'red'");
    LINE("--max-size=0");
    check_refused("--max-size takes a size such as 64K, 16M or 1G, not '0'");
    LINE("--max-size=x");
    check_refused("not 'x'");
}

static void usage_errors_obey_json_wherever_it_stands(void) {
    LINE("--nope", "file", "--json");
    check_refused("{\"error\":{\"code\":\"usage\",\"file\":null,\"line\":null,"
                  "\"column\":null,\"pointer\":null,\"message\":\"try: unknown option "
                  "'--nope' (see 'dumpctl try --help')\"}}\n");
}

static void long_arguments_are_cut(void) {
    char text[8192];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    LINE("--width", text);
    check_refused("(see 'dumpctl try --help')\n");
    memcpy(text, "--", 2);
    LINE(text);
    check_refused("unknown option '--xxx");
}

int main(void) {
    UNIT_RUN(reads_sizes);
    UNIT_RUN(refuses_what_is_no_size);
    UNIT_RUN(writes_sizes_as_it_reads_them);
    UNIT_RUN(reads_numbers_in_a_range);
    UNIT_RUN(measures_distance);
    UNIT_RUN(finds_the_nearest_word);
    UNIT_RUN(finds_the_nearest_verb_only_among_those_there_are);
    UNIT_RUN(verbs_are_described);
    UNIT_RUN(gives_defaults);
    UNIT_RUN(takes_options_before_and_behind_operands);
    UNIT_RUN(two_dashes_end_the_options);
    UNIT_RUN(an_argument_is_no_option);
    UNIT_RUN(refuses_with_the_nearest_option);
    UNIT_RUN(refuses_an_option_that_means_nothing_here);
    UNIT_RUN(refuses_wrong_arguments);
    UNIT_RUN(usage_errors_obey_json_wherever_it_stands);
    UNIT_RUN(long_arguments_are_cut);
    return unit_done();
}
