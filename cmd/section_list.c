#include "cmd/section_list.h"

#include "cmd/nearest.h"

#include <string.h>

enum { LONGEST = 64, MOST = 32 };

static size_t add_names(const char *(*name)(int section), int count, const char **names) {
    size_t n = 0;
    for (int i = 0; name && i < count; i++)
        if (name(i))
            names[n++] = name(i);
    return n;
}

static int refuse(const struct cmd_sections *sections, const struct cmd_verb *verb,
                  const struct cmd_common *common, const char *name, size_t len) {
    const char *names[2 * MOST];
    char word[LONGEST];
    size_t n = add_names(sections->name, sections->count, names);
    n += add_names(sections->other_name, sections->count, names + n);
    len = len < LONGEST - 1 ? len : LONGEST - 1;
    memcpy(word, name, len);
    word[len] = '\0';
    const char *nearest = cmd_nearest(word, names, n);
    if (nearest)
        cmd_usage(verb, common, "there is no section '%s'; did you mean '%s'?", word,
                  nearest);
    else
        cmd_usage(verb, common, "there is no section '%s'; %s", word, sections->hint);
    return -1;
}

int cmd_section_list(const struct cmd_sections *sections, const struct cmd_verb *verb,
                     const struct cmd_common *common, const char *value, uint32_t *set) {
    for (const char *p = value;;) {
        size_t len = strcspn(p, ",");
        int id = sections->find(p, len);
        if (id < 0)
            return refuse(sections, verb, common, p, len);
        *set |= (uint32_t)1 << id;
        if (p[len] == '\0')
            return 0;
        p += len + 1;
    }
}
