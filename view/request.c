#include "view/request.h"

#include "view/key.h"

#define CONTROL(letter) ((letter) - 'a' + 1)

/* A table reads best with a row on a line. clang-format must not touch it. */
/* clang-format off */
const struct view_binding view_bindings[] = {
    {VIEW_QUIT, VIEW_IN_GRID, {'q'}, "quit", "leave"},
    {VIEW_BACK, VIEW_IN_TEXT, {VIEW_KEY_ESC, 'q'}, "back", "back to the screen before"},
    {VIEW_HELP, VIEW_ANYWHERE & ~VIEW_IN_HELP, {'?'}, "help", "all keys"},
    {VIEW_OPEN, VIEW_IN_GRID, {VIEW_KEY_ENTER}, "registers", "all about the selected vCPU"},
    {VIEW_FILTER, VIEW_IN_GRID, {'f'}, "filter",
     "which vCPUs are shown: all, not_parked, unavailable, parked"},
    {VIEW_NEXT_BAD, VIEW_IN_GRID | VIEW_IN_DETAIL, {'n'}, "next not_parked",
     "next vCPU that is not_parked"},
    {VIEW_PREVIOUS_BAD, VIEW_IN_GRID | VIEW_IN_DETAIL, {'N'}, NULL,
     "previous vCPU that is not_parked"},
    {VIEW_PHASE, VIEW_ANYWHERE & ~VIEW_IN_HELP, {VIEW_KEY_TAB}, "early/late",
     "early or late snapshot of a dual report"},
    {VIEW_FACTS, VIEW_IN_GRID | VIEW_IN_DETAIL, {'i'}, "report",
     "what the report says of the freeze"},
    {VIEW_ZOOM, VIEW_IN_GRID, {'z'}, "zoom",
     "one vCPU on a line with its registers, several, or one glyph for each"},
    {VIEW_UP, VIEW_IN_GRID, {VIEW_KEY_UP, 'k'}, NULL, "up"},
    {VIEW_DOWN, VIEW_IN_GRID, {VIEW_KEY_DOWN, 'j'}, NULL, "down"},
    {VIEW_LEFT, VIEW_IN_GRID, {VIEW_KEY_LEFT, 'h'}, NULL, "left"},
    {VIEW_RIGHT, VIEW_IN_GRID, {VIEW_KEY_RIGHT, 'l'}, NULL, "right"},
    {VIEW_UP, VIEW_IN_TEXT, {VIEW_KEY_UP, 'k'}, NULL, "a line up"},
    {VIEW_DOWN, VIEW_IN_TEXT, {VIEW_KEY_DOWN, 'j'}, NULL, "a line down"},
    {VIEW_LEFT, VIEW_IN_DETAIL, {VIEW_KEY_LEFT, 'h'}, NULL, "vCPU before"},
    {VIEW_RIGHT, VIEW_IN_DETAIL, {VIEW_KEY_RIGHT, 'l'}, NULL, "vCPU behind"},
    {VIEW_PAGE_UP, VIEW_ANYWHERE, {VIEW_KEY_PAGE_UP, CONTROL('b')}, NULL, "a page up"},
    {VIEW_PAGE_DOWN, VIEW_ANYWHERE, {VIEW_KEY_PAGE_DOWN, VIEW_KEY_SPACE, CONTROL('f')}, NULL,
     "a page down"},
    {VIEW_FIRST, VIEW_ANYWHERE, {VIEW_KEY_HOME, 'g'}, NULL, "to the beginning"},
    {VIEW_LAST, VIEW_ANYWHERE, {VIEW_KEY_END, 'G'}, NULL, "to the end"},
    {VIEW_NEXT_DOCUMENT, VIEW_ANYWHERE & ~VIEW_IN_HELP, {']'}, NULL, "next report"},
    {VIEW_PREVIOUS_DOCUMENT, VIEW_ANYWHERE & ~VIEW_IN_HELP, {'['}, NULL, "previous report"},
    {VIEW_REDRAW, VIEW_ANYWHERE, {CONTROL('l')}, NULL, "draw the screen anew"},
    {VIEW_NOTHING, 0, {0}, NULL, NULL},
};
/* clang-format on */

static int has_key(const struct view_binding *binding, int key) {
    for (int i = 0; i < VIEW_MOST_KEYS && binding->keys[i]; i++)
        if (binding->keys[i] == key)
            return 1;
    return 0;
}

enum view_request view_request_of(int key, unsigned where) {
    for (const struct view_binding *b = view_bindings; b->request; b++)
        if ((b->where & where) && has_key(b, key))
            return b->request;
    return VIEW_NOTHING;
}
