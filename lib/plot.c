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
    if (least == most)
        return value == 0 ? 0 : MIDDLE;
    unsigned __int128 above = (uint64_t)value - (uint64_t)least;
    return (unsigned)(above * HIGHEST / ((uint64_t)most - (uint64_t)least));
}

void dc_plot_spark(const struct dc_plot *plot, unsigned columns, struct dc_buf *out) {
    struct dc_plot_facts facts = dc_plot_look(plot);
    size_t count = plot->list->count, parts = count < columns ? count : columns, part = 0;
    if (parts == 0)
        return;
    for (struct dc_list_walk walk = dc_list_walk(plot->list); dc_list_next(&walk);) {
        /* The counters are running totals: the last sample of a part stands for it. */
        size_t last = (size_t)((unsigned __int128)(part + 1) * count / parts) - 1;
        if (walk.index != last)
            continue;
        unsigned block = level(value_of(plot, walk.value.rec), facts.least, facts.most);
        const char text[] = {'\xe2', '\x96', (char)(0x81 + block)};
        dc_buf_add(out, text, sizeof(text));
        part++;
    }
}
