/*
 * screen: the terminal that a verb shows a view on, and where its keys come from.
 */
#ifndef DUMPCTL_CMD_SCREEN_H
#define DUMPCTL_CMD_SCREEN_H

#include "view/terminal.h"

struct cmd_screen {
    struct view_terminal terminal;
    FILE *keys; /* standard input or, where that is none, the terminal opened again */
};

/*
 * Standard output must be a terminal that can place its cursor; `otherwise` says, behind a
 * semicolon, what to do where it is none. `colour` is --color as given, NULL where there is
 * no such option. To be done before the sandbox; nothing is shown yet. 0, or -1 with `err`
 * set, then nothing is to close.
 */
int cmd_screen_open(struct cmd_screen *screen, const char *colour, const char *otherwise,
                    struct dc_error *err) DC_MUST_USE;

void cmd_screen_close(struct cmd_screen *screen);

/* Whether the locale is not UTF-8: then only ASCII is drawn. */
bool cmd_screen_is_ascii(void);

#endif
