/*
 * dumpctl: finds the verb and runs it. Each verb is a file beside this one.
 */
#include "cmd/cmd.h"
#include "cmd/help.h"
#include "cmd/output.h"

#include <locale.h>
#include <string.h>

int main(int argc, char **argv) {
    struct cmd_common common;
    /* Only for the characters of a terminal: numbers never depend on the language. */
    setlocale(LC_CTYPE, "");
    cmd_output_prepare();
    if (argc < 2)
        return cmd_help_short();
    cmd_common_init(&common);
    common.json = cmd_json_anywhere(argc, argv);
    if (*argv[1] == '-')
        return cmd_without_verb(argc, argv);
    if (strcmp(argv[1], "help") == 0)
        return cmd_help_run(&common, argc - 1, argv + 1);
    const struct cmd_verb *verb = cmd_verb_find(argv[1]);
    if (verb)
        return verb->run(verb, argc - 1, argv + 1);
    return cmd_verb_unknown(&common, argv[1]);
}
