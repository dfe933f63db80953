#include "capture/stats_line.h"

#include <string.h>

#define FIRST_ROOM 4096

void cap_stats_line_init(struct cap_stats_line *line, size_t cap, struct dc_alloc alloc) {
    *line = (struct cap_stats_line){.alloc = alloc, .cap = cap};
}

void cap_stats_line_done(struct cap_stats_line *line) {
    if (line->data)
        line->alloc.resize(line->alloc.ctx, line->data, 0);
    cap_stats_line_init(line, line->cap, line->alloc);
}

void cap_stats_line_clear(struct cap_stats_line *line) {
    line->used = line->len = 0;
    line->whole = false;
}

static bool grow(struct cap_stats_line *line) {
    size_t most = line->cap + 1;
    size_t room = line->room == 0         ? FIRST_ROOM
                  : line->room > most / 2 ? most
                                          : line->room * 2;
    if (room > most)
        room = most;
    char *data = line->alloc.resize(line->alloc.ctx, line->data, room);
    if (!data)
        return false;
    line->data = data;
    line->room = room;
    return true;
}

char *cap_stats_line_space(struct cap_stats_line *line, size_t *size) {
    if (line->used == line->room && !grow(line))
        return NULL;
    *size = line->room - line->used;
    return line->data + line->used;
}

void cap_stats_line_added(struct cap_stats_line *line, size_t n) {
    const char *from = line->data + line->used, *newline = memchr(from, '\n', n);
    line->used += n;
    line->whole = newline != NULL;
    if (newline)
        line->len = (size_t)(newline - line->data);
}

bool cap_stats_line_is_too_long(const struct cap_stats_line *line) {
    return !line->whole && line->used > line->cap;
}

size_t cap_stats_line_surplus(const struct cap_stats_line *line) {
    return line->whole ? line->used - line->len - 1 : 0;
}
