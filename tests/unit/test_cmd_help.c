/* The help names everything that the table of verbs has, at every width. */
#include "cmd/help.h"
#include "tests/unit/unit.h"

#include <sys/mman.h>
#include <unistd.h>

static struct cmd_common common;
static char text[65536];

/* The help of `verb`, or that of dumpctl where it is NULL, in `text`. */
static int printed(const struct cmd_verb *verb) {
    fflush(stdout);
    int memory = memfd_create("stdout", 0), kept = dup(STDOUT_FILENO);
    dup2(memory, STDOUT_FILENO);
    int code = verb ? cmd_help_verb(&common, verb) : cmd_help(&common);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    ssize_t n = pread(memory, text, sizeof(text) - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    close(memory);
    return code;
}

/* Whether the help has a line for the option, with its letter and argument. */
static bool has_option(const struct cmd_option *option) {
    char line[128];
    const char *argument = option->argument ? option->argument : "";
    if (option->letter)
        snprintf(line, sizeof(line), "\n  -%c, --%s%s%s", option->letter, option->name,
                 *argument ? "=" : "", argument);
    else
        snprintf(line, sizeof(line), "\n      --%s%s%s", option->name,
                 *argument ? "=" : "", argument);
    const char *found = strstr(text, line);
    return found && (found[strlen(line)] == ' ' || found[strlen(line)] == '\n');
}

static void check_verb(const struct cmd_verb *verb) {
    char usage[64];
    CHECK_EQ_I64(printed(verb), EXIT_DONE);
    snprintf(usage, sizeof(usage), "Usage: dumpctl %s ", verb->name);
    CHECK(strncmp(text, usage, strlen(usage)) == 0);
    for (const struct cmd_option *o = verb->options; o && o->name; o++)
        if (!CHECK(has_option(o)))
            printf("# %s --%s\n", verb->name, o->name);
    for (int i = 0; cmd_shared_options[i].name; i++) {
        bool taken = !cmd_shared_options[i + 1].name || (verb->shared & 1U << i);
        if (!CHECK_EQ_U64(has_option(&cmd_shared_options[i]), taken))
            printf("# %s --%s\n", verb->name, cmd_shared_options[i].name);
    }
}

static void verbs_list_their_options(void) {
    static const unsigned widths[] = {CMD_WIDTH_LEAST, 40, 80, CMD_WIDTH_MOST};
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
        common.width = widths[i];
        for (int v = 0; cmd_verbs[v]; v++)
            check_verb(cmd_verbs[v]);
    }
    common.width = 0;
}

static void lists_all_verbs(void) {
    common.width = 200; /* no summary is folded */
    CHECK_EQ_I64(printed(NULL), EXIT_DONE);
    for (int v = 0; cmd_verbs[v]; v++) {
        char line[64];
        snprintf(line, sizeof(line), "\n  %s ", cmd_verbs[v]->name);
        CHECK(strstr(text, line) != NULL);
        CHECK(strstr(text, cmd_verbs[v]->summary) != NULL);
    }
    common.width = 0;
}

static const struct cmd_option own[] = {
    {'o', "output", "FILE",
     "Write FILE instead of standard output, whole or not at all."},
    {0, "an-option-with-a-name-that-is-long", "ARGUMENT", "Does something."},
    {0, NULL, NULL, NULL},
};

/* Takes the blanks at the ends of lines out of `text`. */
static void trim_lines(void) {
    char *to = text;
    for (const char *from = text; *from; from++) {
        while (*from == '\n' && to > text && to[-1] == ' ')
            to--;
        *to++ = *from;
    }
    *to = '\0';
}

static void folds_and_keeps(void) {
    static const struct cmd_verb verb = {
        .name = "try",
        .summary = "be tried",
        .synopsis = "[OPTION]... FILE",
        .shared = CMD_JSON,
        .options = own,
        .details = "A paragraph of words that must be folded.\n\nExamples:\n"
                   "  kept as it is, however long the line may be here\n",
    };
    common.width = 40;
    CHECK_EQ_I64(printed(&verb), EXIT_DONE);
    trim_lines();
    CHECK_STR(text, "Usage: dumpctl try [OPTION]... FILE\n"
                    "\n"
                    "Be tried.\n"
                    "\n"
                    "Options:\n"
                    "  -o, --output=FILE  Write FILE instead\n"
                    "                     of standard output,\n"
                    "                     whole or not at\n"
                    "                     all.\n"
                    "      --an-option-with-a-name-that-is-long=ARGUMENT\n"
                    "                     Does something.\n"
                    "      --json         Print JSON; errors\n"
                    "                     and notes on stderr\n"
                    "                     are JSON objects\n"
                    "                     too.\n"
                    "  -h, --help         Show this text.\n"
                    "\n"
                    "A paragraph of words that must be\n"
                    "folded.\n"
                    "\n"
                    "Examples:\n"
                    "  kept as it is, however long the line may be here\n");
    common.width = 0;
}

int main(void) {
    cmd_common_init(&common);
    UNIT_RUN(verbs_list_their_options);
    UNIT_RUN(lists_all_verbs);
    UNIT_RUN(folds_and_keeps);
    return unit_done();
}
