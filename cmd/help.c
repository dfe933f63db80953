#include "cmd/help.h"

#include "cmd/fail.h"
#include "cmd/output.h"
#include "lib/text.h"

#include <stdio.h>
#include <string.h>

enum { MOST_COLUMN = 28, TERM_SIZE = 64 };

static const char purpose[] =
    "Captures and inspects failure dumps of KVM guests: why a guest was frozen, which "
    "vCPUs stopped at the freeze and which never did.";

static void fold(struct dc_text *t, const char *text, unsigned indent) {
    dc_text_fold(t, text, strlen(text), indent, 0);
}

/* "  TERM   words", the words folded behind `column`. */
static void row(struct dc_text *t, const char *term, const char *words, unsigned column) {
    dc_text_put(t, "  %s", term);
    if (t->column + 1 > column)
        dc_text_put(t, "\n");
    dc_text_tab(t, column);
    fold(t, words, column);
    dc_text_put(t, "\n");
}

/* "-o, --output=FILE"; an option without letter keeps the place of one. */
static void option_term(const struct cmd_option *option, char term[TERM_SIZE]) {
    char letter[4] = {'-', option->letter, ',', '\0'};
    snprintf(term, TERM_SIZE, "%3s --%s%s%s", option->letter ? letter : "", option->name,
             option->argument ? "=" : "", option->argument ? option->argument : "");
}

static bool is_shared(const struct cmd_verb *verb, int i) {
    bool help = !cmd_shared_options[i + 1].name;
    return help || (verb->shared & 1U << i);
}

static unsigned term_width(const struct cmd_option *option) {
    char term[TERM_SIZE];
    option_term(option, term);
    return (unsigned)strlen(term);
}

/* Where the words of options begin: behind the longest term that is not too long. */
static unsigned option_column(const struct cmd_verb *verb) {
    unsigned longest = 0;
    for (const struct cmd_option *o = verb->options; o && o->name; o++)
        if (term_width(o) > longest && term_width(o) + 4 <= MOST_COLUMN)
            longest = term_width(o);
    for (int i = 0; cmd_shared_options[i].name; i++)
        if (is_shared(verb, i) && term_width(&cmd_shared_options[i]) > longest)
            longest = term_width(&cmd_shared_options[i]);
    return longest + 4;
}

static void option_row(struct dc_text *t, const struct cmd_option *option,
                       unsigned column) {
    char term[TERM_SIZE];
    option_term(option, term);
    row(t, term, option->help, column);
}

static void options(struct dc_text *t, const struct cmd_verb *verb) {
    unsigned column = option_column(verb);
    dc_text_put(t, "\nOptions:\n");
    for (const struct cmd_option *o = verb->options; o && o->name; o++)
        option_row(t, o, column);
    for (int i = 0; cmd_shared_options[i].name; i++)
        if (is_shared(verb, i))
            option_row(t, &cmd_shared_options[i], column);
}

/* Lines that begin with a blank as they are, the others folded. */
static void details(struct dc_text *t, const char *text) {
    while (*text) {
        size_t len = strcspn(text, "\n");
        if (*text == ' ')
            dc_text_add(t, text, len);
        else
            dc_text_fold(t, text, len, 0, 0);
        dc_text_put(t, "\n");
        text += len + (text[len] == '\n');
    }
}

/* The line of the list of verbs, as a sentence. */
static void summary(struct dc_text *t, const char *text) {
    char sentence[256];
    snprintf(sentence, sizeof(sentence), "%s.", text);
    if (*sentence >= 'a' && *sentence <= 'z')
        *sentence = (char)(*sentence - 'a' + 'A');
    fold(t, sentence, 0);
    dc_text_put(t, "\n");
}

int cmd_help_verb(const struct cmd_common *common, const struct cmd_verb *verb) {
    struct cmd_output out;
    struct dc_text t;
    cmd_output_open(&out, common, false);
    dc_text_init(&t, out.sink, false, out.width);
    dc_text_put(&t, "Usage: dumpctl %s ", verb->name);
    fold(&t, verb->synopsis, 8);
    dc_text_put(&t, "\n\n");
    summary(&t, verb->summary);
    options(&t, verb);
    if (verb->details && *verb->details) {
        dc_text_put(&t, "\n");
        details(&t, verb->details);
    }
    return cmd_output_finish_text(&out, common, &t, EXIT_DONE);
}

static void verbs(struct dc_text *t) {
    unsigned longest = 0;
    for (int i = 0; cmd_verbs[i]; i++)
        if (strlen(cmd_verbs[i]->name) > longest)
            longest = (unsigned)strlen(cmd_verbs[i]->name);
    for (int i = 0; cmd_verbs[i]; i++)
        row(t, cmd_verbs[i]->name, cmd_verbs[i]->summary, longest + 4);
}

int cmd_help(const struct cmd_common *common) {
    struct cmd_output out;
    struct dc_text t;
    cmd_output_open(&out, common, false);
    dc_text_init(&t, out.sink, false, out.width);
    dc_text_put(&t, "Usage: dumpctl VERB [OPTION]... [ARGUMENT]...\n"
                    "       dumpctl help [VERB]\n"
                    "       dumpctl --version [--json]\n\n");
    fold(&t, purpose, 0);
    dc_text_put(&t, "\n\nVerbs:\n");
    verbs(&t);
    dc_text_put(&t, "\nExit codes:\n");
    row(&t, "0", "done; diff: no difference; capture: a full report was written", 5);
    row(&t, "1", "diff: they differ; stats: there are none; capture: nothing to capture",
        5);
    row(&t, "2", "usage, an input that is unreadable, invalid or over a limit", 5);
    row(&t, "3", "capture: a degraded report was written", 5);
    row(&t, "4", "capture: cannot run here; nothing was written", 5);
    dc_text_put(&t, "\n");
    fold(&t, "'dumpctl help VERB' tells the options and examples of a verb.", 0);
    dc_text_put(&t, "\n");
    return cmd_output_finish_text(&out, common, &t, EXIT_DONE);
}

int cmd_help_short(void) {
    struct cmd_common common;
    struct dc_text t;
    cmd_common_init(&common);
    dc_text_init(&t, cmd_stderr(&common), false, cmd_output_width(&common));
    dc_text_put(&t, "Usage: dumpctl VERB [OPTION]... [ARGUMENT]...\n\n");
    verbs(&t);
    dc_text_put(&t, "\nSee 'dumpctl --help'.\n");
    (void)!dc_text_finish(&t); /* there is no place to tell it */
    return EXIT_TROUBLE;
}

int cmd_help_run(const struct cmd_common *common, int argc, char **argv) {
    static const char *const all[] = {"--help", "-h", "help"};
    const char *name = NULL;
    int names = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            continue;
        name = argv[i];
        names++;
    }
    if (names > 1)
        return cmd_usage(NULL, common, "help takes one verb, not %d", names);
    for (size_t i = 0; name && i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(name, all[i]) == 0)
            name = NULL;
    if (!name)
        return cmd_help(common);
    const struct cmd_verb *verb = cmd_verb_find(name);
    return verb ? cmd_help_verb(common, verb) : cmd_verb_unknown(common, name);
}
