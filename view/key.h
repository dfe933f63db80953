/*
 * key: what was pressed, whatever terminal it came from, and scripts of keys.
 *
 * A script drives the screen without a terminal. Each character is the key of that name;
 * other keys stand in angle brackets: <Enter>, <PgDn>, <C-l>; <lt> is the character '<'.
 * <40x10> is the size that the screen gets at that point, <Click4,7> the mouse in column 4
 * and row 7, counted from 1.
 */
#ifndef DUMPCTL_VIEW_KEY_H
#define DUMPCTL_VIEW_KEY_H

#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>

/* A key: a Unicode character (letters of Control are 1 to 26), or one of these. */
enum view_key {
    VIEW_KEY_NONE = 0,
    VIEW_KEY_TAB = '\t',
    VIEW_KEY_ENTER = '\r',
    VIEW_KEY_ESC = 0x1b,
    VIEW_KEY_SPACE = ' ',
    VIEW_KEY_UP = 0x110000, /* behind the last character */
    VIEW_KEY_DOWN,
    VIEW_KEY_LEFT,
    VIEW_KEY_RIGHT,
    VIEW_KEY_PAGE_UP,
    VIEW_KEY_PAGE_DOWN,
    VIEW_KEY_HOME,
    VIEW_KEY_END,
    VIEW_KEY_BACK_TAB,
    VIEW_KEY_BACKSPACE,
    VIEW_KEY_WHEEL_UP, /* of the mouse */
    VIEW_KEY_WHEEL_DOWN,
    VIEW_KEY_OTHER,  /* one that has no name here, such as F5 */
    VIEW_KEY_CLICK,  /* no key: the mouse; view_click() has the place */
    VIEW_KEY_RESIZE, /* no key: the screen has another size */
};

enum { VIEW_KEY_NAME = 16 };

/* What the key is called in help and in scripts: "q", "PgDn", "C-l". */
const char *view_key_name(int key, char name[VIEW_KEY_NAME]);

struct view_script {
    const char *text, *pos; /* borrowed, terminated */
    unsigned width, height; /* of the last VIEW_KEY_RESIZE */
    unsigned x, y;          /* of the last VIEW_KEY_CLICK, from 0 */
};

struct view_script view_script(const char *text);

/* The next key into *key. 1; 0 at the end; -1 with `err` set where the script is wrong. */
int view_script_next(struct view_script *script, int *key,
                     struct dc_error *err) DC_MUST_USE;

/* "80x24", each side from 1 to VIEW_SIDE_MOST; `len` bytes. false: that is no size. */
bool view_parse_size(const char *text, size_t len, unsigned *width, unsigned *height);

#endif
