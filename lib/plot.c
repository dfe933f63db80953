#include "lib/plot.h"

static int64_t value_of(const struct dc_plot *plot, const struct dc_rec *rec) {
    return dc_i64(rec, plot->field);
}

struct dc_plot_facts dc_plot_look(const struct dc_plot *plot) {
    struct dc_plot_facts facts = {.count = plot->list->count};
    for (struct dc_list_walk walk = dc_list_walk(plot->list); dc_list_next(&walk);) {
        int64_t value = value_of(plot, walk.value.rec);
        uint64_t ms = dc_u64(walk.value.rec, plot->at);
        if (walk.index == 0) {
            facts.first = facts.last = facts.least = facts.most = value;
            facts.first_ms = ms;
        }
        if (value != facts.last) {
            facts.moved = true;
            facts.moved_ms = ms;
            facts.moved_by = (int64_t)((uint64_t)value - (uint64_t)facts.last);
        }
        facts.least = value < facts.least ? value : facts.least;
        facts.most = value > facts.most ? value : facts.most;
        facts.last = value;
        facts.last_ms = ms;
    }
    return facts;
}

/* 0 to 7; only the greatest value has 7. The span of two i64 needs 64 bits, and seven times
   that three more. */
static unsigned level(int64_t value, int64_t least, int64_t most) {
    enum { HIGHEST = 7, MIDDLE = 4 };
    uint64_t span = (uint64_t)most - (uint64_t)least;
    if (span == 0)
        return value == 0 ? 0 : MIDDLE;
    unsigned __int128 above = (uint64_t)value - (uint64_t)least;
    return (unsigned)(above * HIGHEST / span);
}

struct dc_plot_parts dc_plot_parts(const struct dc_plot *plot, size_t most) {
    size_t count = plot->list->count;
    return (struct dc_plot_parts){.plot = plot,
                                  .walk = dc_list_walk(plot->list),
                                  .parts = count < most ? count : most};
}

bool dc_plot_next(struct dc_plot_parts *parts) {
    size_t count = parts->plot->list->count;
    if (parts->next == parts->parts)
        return false;
    size_t last = (size_t)((unsigned __int128)++parts->next * count / parts->parts) - 1;
    bool fresh = true;
    while (parts->walk.next <= last && dc_list_next(&parts->walk)) {
        int64_t value = value_of(parts->plot, parts->walk.value.rec);
        parts->value = fresh || value > parts->value ? value : parts->value;
        fresh = false;
    }
    parts->index = last;
    return true;
}

void dc_plot_spark(const struct dc_plot *plot, unsigned columns, struct dc_buf *out) {
    struct dc_plot_facts facts = dc_plot_look(plot);
    struct dc_plot_parts parts = dc_plot_parts(plot, columns);
    while (dc_plot_next(&parts)) {
        unsigned block = level(parts.value, facts.least, facts.most);
        const char text[] = {'\xe2', '\x96', (char)(0x81 + block)};
        dc_buf_add(out, text, sizeof(text));
    }
}
