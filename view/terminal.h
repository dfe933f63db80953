/*
 * terminal: the canvas on a real screen, and the keys from it, by curses.
 *
 * The only file that knows curses. Signals do nothing but set a flag, and they can arrive
 * only while the program waits for a key or its feed; what they mean happens outside of the handler.
 * Whatever ends view_terminal_run(), the terminal is as it was before.
 */
#ifndef DUMPCTL_VIEW_TERMINAL_H
#define DUMPCTL_VIEW_TERMINAL_H

#include "view/feed.h"
#include "view/view.h"

#include <signal.h>
#include <stdio.h>

enum { VIEW_N_SIGNALS = 7 };

struct view_terminal {
    FILE *in, *out; /* borrowed; the same terminal */
    void *screen;   /* of curses; NULL: not open */
    bool colour;
    sigset_t mask; /* as it was before */
    struct sigaction actions[VIEW_N_SIGNALS];
};

/*
 * Reads the description of the terminal `type` (the value of TERM), which needs its file:
 * to be done before the sandbox. Nothing is shown yet. `colour`: where the terminal has
 * any. 0, or -1 with `err` set, then nothing is to close. One at a time.
 */
int view_terminal_open(struct view_terminal *terminal, const char *type, FILE *in,
                       FILE *out, bool colour, struct dc_error *err) DC_MUST_USE;

/* Harmless when done twice. */
void view_terminal_close(struct view_terminal *terminal);

/* The size of the terminal now, at most VIEW_SIDE_MOST each. */
void view_terminal_size(const struct view_terminal *terminal, unsigned *width,
                        unsigned *height);

/*
 * Shows `view` until the person leaves: 0. `feed` changes it meanwhile; NULL: nothing does. Or the number of the signal that ended it
 * (SIGHUP also where the terminal went away), or -1 with `err` set.
 */
int view_terminal_run(struct view_terminal *terminal, struct view *view,
                      const struct view_feed *feed, struct dc_error *err) DC_MUST_USE;

#endif
