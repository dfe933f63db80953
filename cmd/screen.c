#include "cmd/screen.h"

#include "cmd/output.h"

#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int check_terminal(const char *type, const char *otherwise, struct dc_error *err) {
    if (!isatty(STDOUT_FILENO))
        return dc_fail(err, DC_EUSAGE, "standard output is not a terminal; %s",
                       otherwise);
    if (!type || !*type)
        return dc_fail(err, DC_EUSAGE,
                       "TERM is not set, so the terminal cannot be used; %s", otherwise);
    if (strcmp(type, "dumb") == 0)
        return dc_fail(err, DC_EUSAGE, "the terminal shows lines only (TERM=dumb); %s",
                       otherwise);
    return 0;
}

static FILE *open_keys(const char *otherwise, struct dc_error *err) {
    if (isatty(STDIN_FILENO))
        return stdin;
    FILE *keys = fopen("/dev/tty", "r+e");
    if (!keys)
        dc_fail_errno(err, DC_EUSAGE, errno,
                      "there is no terminal to read keys from (%s)", otherwise);
    return keys;
}

/* Of a terminal that cannot be used, with what to do then. */
static int fail_with(const char *otherwise, struct dc_error *err) {
    const struct dc_error cause = *err;
    return dc_fail(err, cause.code, "%s; %s", cause.message, otherwise);
}

int cmd_screen_open(struct cmd_screen *screen, const char *colour, const char *otherwise,
                    struct dc_error *err) {
    const char *type = getenv("TERM");
    bool coloured = cmd_output_colour(colour, true, getenv("NO_COLOR"), type);
    if (check_terminal(type, otherwise, err) < 0)
        return -1;
    screen->keys = open_keys(otherwise, err);
    if (!screen->keys)
        return -1;
    if (view_terminal_open(&screen->terminal, type, screen->keys, stdout, coloured,
                           err) == 0)
        return 0;
    if (screen->keys != stdin)
        fclose(screen->keys);
    return fail_with(otherwise, err);
}

void cmd_screen_close(struct cmd_screen *screen) {
    view_terminal_close(&screen->terminal);
    if (screen->keys != stdin)
        fclose(screen->keys);
}

bool cmd_screen_is_ascii(void) {
    return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}
