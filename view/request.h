/*
 * request: what a person can ask of the screen.
 *
 * One table binds keys to requests and has the words for them: keys are looked up in it,
 * and the help screen and the line of hints at the bottom are made from it.
 */
#ifndef DUMPCTL_VIEW_REQUEST_H
#define DUMPCTL_VIEW_REQUEST_H

#include <stddef.h>

enum view_request {
    VIEW_NOTHING, /* the key has no meaning here */
    VIEW_UP,
    VIEW_DOWN,
    VIEW_LEFT,
    VIEW_RIGHT,
    VIEW_PAGE_UP,
    VIEW_PAGE_DOWN,
    VIEW_FIRST,
    VIEW_LAST,
    VIEW_NEXT, /* match of the search; among vCPUs without one: not_parked */
    VIEW_PREVIOUS,
    VIEW_NEXT_TAB,
    VIEW_PREVIOUS_TAB,
    VIEW_SEARCH,
    VIEW_FILTER,
    VIEW_SORT,
    VIEW_GOTO,
    VIEW_GROUPS,
    VIEW_ZOOM,
    VIEW_PHASE,
    VIEW_NEXT_DOCUMENT,
    VIEW_PREVIOUS_DOCUMENT,
    VIEW_NEWEST,
    VIEW_OPEN,
    VIEW_UNFOLD_ALL,
    VIEW_FOLD_ALL,
    VIEW_BACK,
    VIEW_FACTS,
    VIEW_HELP,
    VIEW_COPY,
    VIEW_MOUSE,
    VIEW_REDRAW,
    VIEW_QUIT,
};

/* Where a key works: bits. */
enum {
    VIEW_IN_GRID = 1 << 0,
    VIEW_IN_SHEET = 1 << 1,
    VIEW_IN_LIST = 1 << 2,
    VIEW_IN_DETAIL = 1 << 3,
    VIEW_IN_RECORD = 1 << 4,
    VIEW_IN_FACTS = 1 << 5,
    VIEW_IN_HELP = 1 << 6,
    VIEW_IN_TABS = VIEW_IN_GRID | VIEW_IN_SHEET,
    VIEW_IN_TEXT = VIEW_IN_DETAIL | VIEW_IN_RECORD | VIEW_IN_FACTS | VIEW_IN_HELP,
    VIEW_IN_REPORT = VIEW_IN_TABS | VIEW_IN_DETAIL | VIEW_IN_RECORD | VIEW_IN_FACTS,
    VIEW_ANYWHERE = VIEW_IN_TABS | VIEW_IN_LIST | VIEW_IN_TEXT,
};

enum { VIEW_MOST_KEYS = 4 };

struct view_binding {
    enum view_request request;
    unsigned where;
    int keys[VIEW_MOST_KEYS]; /* enum view_key; 0 behind the last */
    const char *hint;         /* for the bottom line; NULL: not there */
    const char *meaning;      /* for the help */
};

/* Ends with VIEW_NOTHING; what stands first is hinted at first. */
extern const struct view_binding view_bindings[];

/* What `key` asks for on a screen with the bit `where`. */
enum view_request view_request_of(int key, unsigned where);

#endif
