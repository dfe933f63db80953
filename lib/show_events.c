#include "lib/show_private.h"

/* A counter that was 0 all the time has no line of its own. */
static bool is_flat_zero(const struct dc_plot *plot) {
    struct dc_plot_facts facts = dc_plot_look(plot);
    return facts.least == 0 && facts.most == 0;
}

static struct dc_plot plot_of(const struct dc_list *list, size_t field) {
    const struct dc_field *row = &dc_type_EVENT_SAMPLE.fields[field];
    return (struct dc_plot){.name = row->name,
                            .meaning = row->meaning,
                            .list = list,
                            .field = (int)field,
                            .unit = row->unit,
                            .at = DC_AT_EVENT_SAMPLE_elapsed_ms};
}

static void add_range(struct dc_show *s, const struct dc_list *list) {
    const struct dc_plot plot = plot_of(list, DC_AT_EVENT_SAMPLE_select_cpu_fallback);
    struct dc_plot_facts facts = dc_plot_look(&plot);
    dc_show_restart(s);
    dc_show_add_count(s, list->count, "sample", "samples");
    dc_show_add(s, ", elapsed_ms ");
    dc_show_add_u64(s, facts.first_ms);
    dc_show_add(s, " to ");
    dc_show_add_u64(s, facts.last_ms);
    dc_show_add(s,
                "; running totals, each line from its least to its greatest, a block for "
                "the greatest of one sample or of several");
}

void dc_show_events(struct dc_show *s) {
    const struct dc_list *list =
        dc_list_of(s->snapshot->rec, DC_AT_SINGLE_event_counter_timeline);
    const struct dc_type *type = &dc_type_EVENT_SAMPLE;
    add_range(s, list);
    s->ops->section(s, &dc_sections[DC_SECTION_EVENTS]);
    for (size_t i = 0; i < type->n_fields; i++) {
        const struct dc_plot plot = plot_of(list, i);
        if (i != DC_AT_EVENT_SAMPLE_elapsed_ms &&
            (s->options->all || !is_flat_zero(&plot)))
            s->ops->plot(s, &plot);
    }
    dc_show_restart(s);
    for (size_t i = 0; i < type->n_fields && !s->options->all; i++) {
        const struct dc_plot plot = plot_of(list, i);
        if (i == DC_AT_EVENT_SAMPLE_elapsed_ms || !is_flat_zero(&plot))
            continue;
        dc_show_add(s, s->scratch.len > 0 ? ", " : "(zero all the time: ");
        dc_show_add(s, type->fields[i].name);
    }
    if (s->scratch.len > 0) {
        dc_show_add(s, ")");
        s->ops->note(s, DC_STYLE_FAINT);
    }
    s->ops->section_end(s);
}

/* ---- which counters moved last ---- */

/* The last moment before *below at which a counter moved. false: there is none. */
static bool find_moment(const struct dc_list *list, bool bounded, uint64_t *below) {
    uint64_t latest = 0;
    bool found = false;
    for (size_t i = 0; i < dc_type_EVENT_SAMPLE.n_fields; i++) {
        const struct dc_plot plot = plot_of(list, i);
        struct dc_plot_facts facts = dc_plot_look(&plot);
        if (i == DC_AT_EVENT_SAMPLE_elapsed_ms || !facts.moved ||
            (bounded && facts.moved_ms >= *below) || (found && facts.moved_ms < latest))
            continue;
        found = true;
        latest = facts.moved_ms;
    }
    *below = latest;
    return found;
}

static void add_moved(struct dc_show *s, const struct dc_list *list, uint64_t moment) {
    bool any = false;
    dc_show_add(s, s->scratch.len > 0 ? "; at " : "at ");
    dc_show_add_u64(s, moment);
    dc_show_add(s, " ms");
    for (size_t i = 0; i < dc_type_EVENT_SAMPLE.n_fields; i++) {
        const struct dc_plot plot = plot_of(list, i);
        struct dc_plot_facts facts = dc_plot_look(&plot);
        if (i == DC_AT_EVENT_SAMPLE_elapsed_ms || !facts.moved ||
            facts.moved_ms != moment)
            continue;
        const struct dc_cell by = {
            .kind = DC_CELL_SIGNED, .unit = plot.unit, .integer = facts.moved_by};
        dc_show_add(s, any ? ", " : " ");
        any = true;
        dc_show_add(s, plot.name);
        dc_show_add(s, facts.moved_by < 0 ? " " : " +");
        dc_cell_text(&by, &s->cells, DC_SCALE_OWN, &s->scratch);
    }
}

bool dc_show_add_moved(struct dc_show *s) {
    enum { MOMENTS = 2 };
    const struct dc_list *list =
        dc_list_of(s->snapshot->rec, DC_AT_SINGLE_event_counter_timeline);
    uint64_t moment = 0;
    if (list->count < 2)
        return false;
    dc_show_restart(s);
    for (int i = 0; i < MOMENTS && find_moment(list, i > 0, &moment); i++)
        add_moved(s, list, moment);
    if (s->scratch.len == 0)
        dc_show_add(s, "none: every counter stood still");
    return true;
}
