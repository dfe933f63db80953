/*
 * rescue: a crash must not leave the terminal unusable.
 *
 * While a screen is shown, signals of a crash first give the terminal back, with nothing but
 * what a handler may call and with words that were put together before; then they do what
 * they would have done.
 */
#ifndef DUMPCTL_VIEW_RESCUE_H
#define DUMPCTL_VIEW_RESCUE_H

/* Remembers how the terminal `fd` is now, and how its screen is left: before curses takes
   it, but with its description loaded. */
void view_rescue_prepare(int fd);

/* From now on, until view_rescue_end(), crashes give the terminal back. */
void view_rescue_begin(void);
void view_rescue_end(void);

#endif
