#include "cmd/cmd.h"
#include "cmd/help.h"
#include "cmd/nearest.h"
#include "cmd/version.h"

#include <stdio.h>
#include <string.h>

const struct cmd_verb *const cmd_verbs[] = {
    &cmd_capture, &cmd_show,  &cmd_decode, &cmd_diff,
    &cmd_view,    &cmd_stats, &cmd_schema, NULL,
};

enum { N_VERBS = sizeof(cmd_verbs) / sizeof(cmd_verbs[0]) - 1 };

const struct cmd_verb *cmd_verb_find(const char *name) {
    for (const struct cmd_verb *const *verb = cmd_verbs; *verb; verb++)
        if (strcmp((*verb)->name, name) == 0)
            return *verb;
    return NULL;
}

int cmd_verb_unknown(const struct cmd_common *common, const char *name) {
    const char *names[N_VERBS + 1];
    char list[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < N_VERBS; i++) {
        names[i] = cmd_verbs[i]->name;
        int n =
            snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "", names[i]);
        if (n > 0 && (size_t)n < sizeof(list) - used)
            used += (size_t)n;
    }
    names[N_VERBS] = "help";
    const char *nearest = cmd_nearest(name, names, N_VERBS + 1);
    if (nearest)
        return cmd_usage(NULL, common, "unknown verb '%s'; did you mean '%s'?", name,
                         nearest);
    return cmd_usage(NULL, common, "unknown verb '%s'; there are %s and help", name,
                     list);
}

/* An option that stands where a verb should. */
static int misplaced(const struct cmd_common *common, const char *option) {
    static const char *const known[] = {"--help", "--version", "--json"};
    const char *nearest = cmd_nearest(option, known, sizeof(known) / sizeof(known[0]));
    if (nearest)
        return cmd_usage(NULL, common, "unknown option '%s'; did you mean '%s'?", option,
                         nearest);
    return cmd_usage(NULL, common, "'%s' before a verb; options stand behind it", option);
}

static bool is_either(const char *word, const char *one, const char *other) {
    return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

static bool is_verb(const char *word) {
    return strcmp(word, "help") == 0 || cmd_verb_find(word);
}

int cmd_without_verb(int argc, char **argv) {
    bool version = false;
    struct cmd_common common;
    cmd_common_init(&common);
    common.json = cmd_json_anywhere(argc, argv);
    for (int i = 1; i < argc; i++) {
        if (is_either(argv[i], "--help", "-h"))
            return cmd_help_run(&common, argc - i, argv + i);
        if (is_either(argv[i], "--version", "-V"))
            version = true;
        else if (*argv[i] == '-' && strcmp(argv[i], "--json") != 0)
            return misplaced(&common, argv[i]);
        else if (*argv[i] != '-' && !is_verb(argv[i]))
            return cmd_verb_unknown(&common, argv[i]);
        else if (*argv[i] != '-')
            return cmd_usage(NULL, &common, "'%s' behind an option; a verb comes first",
                             argv[i]);
    }
    if (version)
        return cmd_version(&common);
    return cmd_usage(NULL, &common, "--json stands behind a verb or --version");
}
