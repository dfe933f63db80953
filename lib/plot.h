/*
 * plot: one counter over time, before anybody knows how it will look. It does not hold its
 * samples, it says where they are.
 */
#ifndef DUMPCTL_LIB_PLOT_H
#define DUMPCTL_LIB_PLOT_H

#include "lib/buf.h"
#include "lib/doc.h"

struct dc_plot {
    const char *name;
    const char *meaning;
    const struct dc_list *list; /* of EVENT_SAMPLE, in order */
    int field;                  /* an i64 */
    enum dc_unit unit;
    int at; /* the field that has the time, in milliseconds */
};

/* What is to be said of one counter. */
struct dc_plot_facts {
    size_t count;
    int64_t first, last, least, most;
    uint64_t first_ms, last_ms;
    bool moved;        /* it was not the same all the time */
    uint64_t moved_ms; /* when it was last seen to have moved */
    int64_t moved_by;  /* in that step; wraps as the counter does */
};

struct dc_plot_facts dc_plot_look(const struct dc_plot *plot);

/*
 * The samples in `most` equal parts, or one by one where there are fewer: of each part the
 * greatest value, so that none is missed.
 * for (struct dc_plot_parts p = dc_plot_parts(plot, most); dc_plot_next(&p);) p.value
 */
struct dc_plot_parts {
    const struct dc_plot *plot;
    int64_t value;
    size_t index; /* of the part's last sample */
    /* private */
    struct dc_list_walk walk;
    size_t parts, next;
};

struct dc_plot_parts dc_plot_parts(const struct dc_plot *plot, size_t most);
bool dc_plot_next(struct dc_plot_parts *parts);

/*
 * Adds a line of at most `columns` blocks, one for each part of dc_plot_parts(), the
 * lowest for the least value, also where that is negative; one that never changes is in
 * the middle, a zero at the bottom. Exact for any span of 64 bits.
 */
void dc_plot_spark(const struct dc_plot *plot, unsigned columns, struct dc_buf *out);

#endif
