#include "view/key.h"

#include "view/canvas.h"

#include <stdio.h>
#include <string.h>
#include <unistr.h>

static const struct {
    int key;
    const char *name;
} names[] = {
    {VIEW_KEY_TAB, "Tab"},
    {VIEW_KEY_ENTER, "Enter"},
    {VIEW_KEY_ESC, "Esc"},
    {VIEW_KEY_SPACE, "Space"},
    {VIEW_KEY_UP, "Up"},
    {VIEW_KEY_DOWN, "Down"},
    {VIEW_KEY_LEFT, "Left"},
    {VIEW_KEY_RIGHT, "Right"},
    {VIEW_KEY_PAGE_UP, "PgUp"},
    {VIEW_KEY_PAGE_DOWN, "PgDn"},
    {VIEW_KEY_HOME, "Home"},
    {VIEW_KEY_END, "End"},
    {VIEW_KEY_BACK_TAB, "BackTab"},
    {VIEW_KEY_BACKSPACE, "Backspace"},
    {VIEW_KEY_WHEEL_UP, "WheelUp"},
    {VIEW_KEY_WHEEL_DOWN, "WheelDown"},
};

const char *view_key_name(int key, char name[VIEW_KEY_NAME]) {
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].key == key)
            return names[i].name;
    if (key > 0 && key < 0x20)
        snprintf(name, VIEW_KEY_NAME, "C-%c", key + 0x60);
    else if (key < 0x7f)
        snprintf(name, VIEW_KEY_NAME, "%c", key);
    else
        snprintf(name, VIEW_KEY_NAME, "U+%04x", (unsigned)key);
    return name;
}

/* ---- sizes ---- */

static bool take_side(const char **p, const char *end, unsigned *side) {
    const char *from = *p;
    unsigned value = 0;
    while (*p < end && **p >= '0' && **p <= '9' && value <= VIEW_SIDE_MOST)
        value = value * 10 + (unsigned)(*(*p)++ - '0');
    *side = value;
    return *p > from && value >= 1 && value <= VIEW_SIDE_MOST;
}

bool view_parse_size(const char *text, size_t len, unsigned *width, unsigned *height) {
    const char *p = text, *end = text + len;
    return take_side(&p, end, width) && p < end && *p++ == 'x' &&
           take_side(&p, end, height) && p == end;
}

/* ---- scripts ---- */

struct view_script view_script(const char *text) {
    return (struct view_script){.text = text, .pos = text};
}

/* "4,7": columns and rows from 1. */
static bool take_place(struct view_script *script, const char *text, size_t len) {
    const char *p = text, *end = text + len;
    unsigned x, y;
    if (!take_side(&p, end, &x) || p == end || *p++ != ',' || !take_side(&p, end, &y) ||
        p != end)
        return false;
    script->x = x - 1;
    script->y = y - 1;
    return true;
}

/* The key that stands in angle brackets, or VIEW_KEY_NONE. */
static int named_key(struct view_script *script, const char *name, size_t len) {
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strlen(names[i].name) == len && memcmp(names[i].name, name, len) == 0)
            return names[i].key;
    if (len == 2 && memcmp(name, "lt", 2) == 0)
        return '<';
    if (len == 3 && memcmp(name, "C-", 2) == 0 && name[2] >= 'a' && name[2] <= 'z')
        return name[2] - 0x60;
    if (view_parse_size(name, len, &script->width, &script->height))
        return VIEW_KEY_RESIZE;
    if (len > 5 && memcmp(name, "Click", 5) == 0 && take_place(script, name + 5, len - 5))
        return VIEW_KEY_CLICK;
    return VIEW_KEY_NONE;
}

static int take_name(struct view_script *script, int *key, struct dc_error *err) {
    const char *name = script->pos + 1, *end = strchr(name, '>');
    size_t at = (size_t)(script->pos - script->text) + 1;
    if (!end)
        return dc_fail(err, DC_EUSAGE,
                       "the '<' at place %zu of the keys has no '>'; the key itself is "
                       "<lt>",
                       at);
    *key = named_key(script, name, (size_t)(end - name));
    if (*key == VIEW_KEY_NONE)
        return dc_fail(err, DC_EUSAGE, "no key is called <%.*s> (place %zu of the keys)",
                       (int)(end - name), name, at);
    script->pos = end + 1;
    return 1;
}

int view_script_next(struct view_script *script, int *key, struct dc_error *err) {
    if (*script->pos == '\0')
        return 0;
    if (*script->pos == '<')
        return take_name(script, key, err);
    ucs4_t c;
    size_t left = strlen(script->pos);
    int n = u8_mbtoucr(&c, (const uint8_t *)script->pos, left);
    if (n < 0)
        return dc_fail(err, DC_EUSAGE, "the keys are not UTF-8 at place %zu",
                       (size_t)(script->pos - script->text) + 1);
    script->pos += n;
    *key = c == '\n' ? VIEW_KEY_ENTER : (int)c;
    return 1;
}
