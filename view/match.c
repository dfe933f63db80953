#include "view/match.h"

#include <string.h>

/* Letters of ASCII alone: what else there is may be cut anywhere. */
static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool same(const char *a, const char *b, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

static bool has(const char *pattern, size_t n, const char *text, size_t len) {
    char first = lower(pattern[0]);
    for (size_t i = 0; i + n <= len; i++)
        if (lower(text[i]) == first && same(pattern, text + i, n))
            return true;
    return false;
}

/* Goes back to the last star alone: linear for each of them. */
static bool glob(const char *pattern, const char *text, size_t len) {
    const char *star = NULL;
    size_t i = 0, behind = 0;
    while (i < len) {
        if (*pattern == '*') {
            star = pattern++;
            behind = i;
        } else if (*pattern && (*pattern == '?' || lower(*pattern) == lower(text[i]))) {
            pattern++;
            i++;
        } else if (star) {
            pattern = star + 1;
            i = ++behind;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

bool view_match(const char *pattern, const char *text, size_t len) {
    if (!strpbrk(pattern, "*?"))
        return has(pattern, strlen(pattern), text, len);
    for (size_t from = 0; from <= len;) {
        const char *tab = from < len ? memchr(text + from, '\t', len - from) : NULL;
        size_t to = tab ? (size_t)(tab - text) : len;
        if (to > from && glob(pattern, text + from, to - from))
            return true;
        from = to + 1;
    }
    return false;
}
