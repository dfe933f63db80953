#include "view/request.h"

#include "view/key.h"

#define CONTROL(letter) ((letter) - 'a' + 1)

/* A table reads best with a row on a line. clang-format must not touch it. */
/* clang-format off */
const struct view_binding view_bindings[] = {
    {VIEW_QUIT, VIEW_IN_TABS | VIEW_IN_LIST, {'q'}, "quit", "leave"},
    {VIEW_BACK, VIEW_IN_TEXT, {VIEW_KEY_ESC, 'q', VIEW_KEY_BACKSPACE}, "back",
     "back to the screen before"},
    {VIEW_HELP, VIEW_ANYWHERE & ~VIEW_IN_HELP, {'?'}, "help", "all keys"},
    {VIEW_OPEN, VIEW_IN_GRID, {VIEW_KEY_ENTER}, "open", "all about the selected vCPU"},
    {VIEW_OPEN, VIEW_IN_SHEET, {VIEW_KEY_ENTER}, "open",
     "unfold or fold; of any other line all that is in it"},
    {VIEW_OPEN, VIEW_IN_LIST, {VIEW_KEY_ENTER}, "open", "open the selected report"},
    {VIEW_NEXT_TAB, VIEW_IN_TABS, {VIEW_KEY_TAB}, "section", "next section of the report"},
    {VIEW_PREVIOUS_TAB, VIEW_IN_TABS, {VIEW_KEY_BACK_TAB}, NULL, "section before"},
    {VIEW_NEXT, VIEW_IN_GRID | VIEW_IN_DETAIL, {'n'}, "next not_parked",
     "next vCPU that the search finds, or that is not_parked"},
    {VIEW_PREVIOUS, VIEW_IN_GRID | VIEW_IN_DETAIL, {'N'}, NULL,
     "previous vCPU that the search finds, or that is not_parked"},
    {VIEW_PHASE, VIEW_IN_REPORT, {'e'}, "other side",
     "early or late half of a dual report, with --diff A or B; of the vCPUs both, too"},
    {VIEW_SEARCH, VIEW_IN_TABS | VIEW_IN_LIST, {'/'}, "search",
     "search; a pattern with * or ? must match a whole cell"},
    {VIEW_NEXT, VIEW_IN_SHEET | VIEW_IN_LIST, {'n'}, "next match",
     "next line that the search finds"},
    {VIEW_PREVIOUS, VIEW_IN_SHEET | VIEW_IN_LIST, {'N'}, NULL,
     "previous line that the search finds"},
    {VIEW_FILTER, VIEW_IN_GRID, {'f'}, "filter",
     "which vCPUs are shown: all, not_parked, unavailable, parked"},
    {VIEW_FILTER, VIEW_IN_SHEET, {'f'}, "filter", "show matching lines only; empty: all"},
    {VIEW_SORT, VIEW_IN_GRID, {'s'}, "sort", "order: by id, state, instruction pointer"},
    {VIEW_SORT, VIEW_IN_SHEET, {'s'}, "sort",
     "sort a table by the selected column, the other way, not at all"},
    {VIEW_FACTS, VIEW_IN_TABS | VIEW_IN_DETAIL, {'i'}, "report",
     "what the report says of the freeze"},
    {VIEW_ZOOM, VIEW_IN_GRID, {'z'}, "zoom",
     "a vCPU on a line with its registers, its state, its id, or one glyph"},
    {VIEW_GROUPS, VIEW_IN_GRID, {'='}, "groups",
     "vCPUs at one instruction pointer together, or each for itself"},
    {VIEW_GOTO, VIEW_IN_TABS, {':'}, "go to", "a vCPU by its number, a section by its name"},
    {VIEW_UP, VIEW_IN_TABS | VIEW_IN_LIST, {VIEW_KEY_UP, 'k'}, NULL, "up"},
    {VIEW_DOWN, VIEW_IN_TABS | VIEW_IN_LIST, {VIEW_KEY_DOWN, 'j'}, NULL, "down"},
    {VIEW_LEFT, VIEW_IN_GRID, {VIEW_KEY_LEFT, 'h'}, NULL, "left"},
    {VIEW_RIGHT, VIEW_IN_GRID, {VIEW_KEY_RIGHT, 'l'}, NULL, "right"},
    {VIEW_LEFT, VIEW_IN_SHEET, {VIEW_KEY_LEFT, 'h'}, NULL, "column before; fold, or out of it"},
    {VIEW_RIGHT, VIEW_IN_SHEET, {VIEW_KEY_RIGHT, 'l'}, NULL, "column behind; unfold"},
    {VIEW_UNFOLD_ALL, VIEW_IN_SHEET, {'+'}, NULL, "unfold all that stand beside this line"},
    {VIEW_FOLD_ALL, VIEW_IN_SHEET, {'-'}, NULL, "fold all"},
    {VIEW_UP, VIEW_IN_TEXT, {VIEW_KEY_UP, 'k'}, NULL, "a line up"},
    {VIEW_DOWN, VIEW_IN_TEXT, {VIEW_KEY_DOWN, 'j'}, NULL, "a line down"},
    {VIEW_LEFT, VIEW_IN_DETAIL | VIEW_IN_RECORD, {VIEW_KEY_LEFT, 'h'}, NULL,
     "vCPU or row before"},
    {VIEW_RIGHT, VIEW_IN_DETAIL | VIEW_IN_RECORD, {VIEW_KEY_RIGHT, 'l'}, NULL,
     "vCPU or row behind"},
    {VIEW_PAGE_UP, VIEW_ANYWHERE, {VIEW_KEY_PAGE_UP, CONTROL('b')}, NULL, "a page up"},
    {VIEW_PAGE_DOWN, VIEW_ANYWHERE, {VIEW_KEY_PAGE_DOWN, VIEW_KEY_SPACE, CONTROL('f')}, NULL,
     "a page down"},
    {VIEW_FIRST, VIEW_ANYWHERE, {VIEW_KEY_HOME, 'g'}, NULL, "to the beginning"},
    {VIEW_LAST, VIEW_ANYWHERE, {VIEW_KEY_END, 'G'}, NULL, "to the end"},
    {VIEW_BACK, VIEW_IN_TABS, {VIEW_KEY_ESC, VIEW_KEY_BACKSPACE}, NULL,
     "end search, filter and groups; then to the list of reports"},
    {VIEW_NEXT_DOCUMENT, VIEW_IN_REPORT, {']'}, NULL, "next report"},
    {VIEW_PREVIOUS_DOCUMENT, VIEW_IN_REPORT, {'['}, NULL, "previous report"},
    {VIEW_NEWEST, VIEW_IN_REPORT | VIEW_IN_LIST, {'}'}, "newest",
     "the newest report (--follow), else the last"},
    {VIEW_COPY, VIEW_IN_REPORT, {'y'}, NULL,
     "copy the selected value to the clipboard (--osc52)"},
    {VIEW_MOUSE, VIEW_ANYWHERE, {'m'}, NULL, "the mouse is ours, or the terminal's"},
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
