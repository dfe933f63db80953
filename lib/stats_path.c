/* The path to a value, for a person. A part of stats_rows. */
#include "lib/stats_rows.h"

#include "lib/number.h"

#include <string.h>

struct path {
    char *out;
    size_t len;
    bool full;
};

/* Whole characters only, and room is kept for the dots. */
static void add(struct path *path, const char *s, size_t len) {
    size_t room = DC_STATS_PATH_MAX - 3 - path->len;
    if (path->full)
        return;
    if (len > room) {
        path->full = true;
        len = room;
        while (len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80)
            len--;
    }
    memcpy(path->out + path->len, s, len);
    path->len += len;
}

static void add_step(struct path *path, const struct dc_stats_node *node) {
    if (node->step == DC_STATS_ELEMENT) {
        char number[DC_NUMBER_MAX];
        size_t n = dc_format_u64(node->index, number);
        add(path, "[", 1);
        add(path, number, n);
        add(path, "]", 1);
        return;
    }
    if (path->len > 0)
        add(path, ".", 1);
    add(path, node->key.p, node->key.len);
}

size_t dc_stats_path(const struct dc_stats_node *node, char out[DC_STATS_PATH_MAX]) {
    const struct dc_stats_node *steps[DC_MAX_DEPTH + 1];
    struct path path = {.out = out};
    size_t n = 0;
    for (; node->parent && n < DC_MAX_DEPTH + 1; node = node->parent)
        steps[n++] = node;
    while (n > 0)
        add_step(&path, steps[--n]);
    if (path.full) {
        memcpy(out + path.len, "...", 3);
        path.len += 3;
    }
    return path.len;
}
