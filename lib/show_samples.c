#include "lib/show_private.h"

#include "lib/samples.h"

#include <string.h>

enum {
    MOST_ROWS = 16,   /* of the table, */
    MOST_SERIES = 32, /* and of series, without --all, times what the renderer shows; */
    MOST_NAMES = 12,  /* in one remark */
};

/* ---- the banner ---- */

/* p NULL: nobody was configured to be asked. */
static struct dc_str socket_of(const struct dc_model *model) {
    return dc_string(dc_record(model->own, DC_AT_DUMPCTL_stats_source),
                     DC_AT_STATS_SOURCE_socket);
}

/* How many samples had statistics; of those that are gone it is not known. */
static void add_coverage(struct dc_show *s, const struct dc_list *samples) {
    const struct dc_rec *source = dc_record(s->model->own, DC_AT_DUMPCTL_stats_source);
    struct dc_coverage coverage = dc_samples_cover(samples);
    uint64_t evicted = source ? dc_u64(source, DC_AT_STATS_SOURCE_evicted) : 0;
    dc_coverage_add(&coverage, &s->scratch);
    if (evicted == 0)
        return;
    dc_show_add(s, "; ");
    dc_show_add_u64(s, evicted);
    dc_show_add(s, evicted == 1 ? " older is gone" : " older are gone");
}

void dc_show_coverage(struct dc_show *s) {
    const struct dc_snapshot *last = dc_model_main(s->model);
    struct dc_str path = socket_of(s->model);
    if (!last || (last->samples->count == 0 && !path.p))
        return;
    struct dc_coverage coverage = dc_samples_cover(last->samples);
    dc_show_restart(s);
    if (coverage.samples == 0)
        dc_show_add(s, "nobody was asked before this report");
    else
        add_coverage(s, last->samples);
    dc_show_field(s, 0, "samples",
                  coverage.have == coverage.samples ? DC_STYLE_PLAIN : DC_STYLE_WARN, 1);
}

/* ---- where they come from ---- */

static void add_count_of(struct dc_show *s, const struct dc_rec *source, int field,
                         const char *before, const char *after) {
    if (dc_u64(source, field) == 0)
        return;
    dc_show_add(s, before);
    dc_show_add_u64(s, dc_u64(source, field));
    dc_show_add(s, after);
}

static void show_source(struct dc_show *s) {
    const struct dc_rec *source = dc_record(s->model->own, DC_AT_DUMPCTL_stats_source);
    dc_show_restart(s);
    if (!source)
        return;
    dc_show_add_str(s, dc_string(source, DC_AT_STATS_SOURCE_socket));
    add_count_of(s, source, DC_AT_STATS_SOURCE_timeout_ms, "; deadline ", " ms");
    add_count_of(s, source, DC_AT_STATS_SOURCE_max_bytes, ", at most ", " bytes");
    add_count_of(s, source, DC_AT_STATS_SOURCE_discarded_bytes, "; ",
                 " bytes came that nobody had asked for");
    add_count_of(s, source, DC_AT_STATS_SOURCE_evicted, "; ",
                 " older samples are not in the report any more");
    s->ops->fact(s, "stats_source", DC_STYLE_PLAIN);
}

/* ---- the table ---- */

static struct dc_cell reason(const struct dc_column *column, const struct dc_row *row) {
    (void)column;
    if (!dc_has(row->rec, DC_AT_STATS_SAMPLE_missing_stats))
        return (struct dc_cell){.kind = DC_CELL_NONE};
    return (struct dc_cell){.kind = DC_CELL_REASON, .value = row->rec};
}

/* What a person wants to see at one place: the statistics, or why there are none. */
static struct dc_cell either(const struct dc_column *column, const struct dc_row *row) {
    if (dc_has(row->rec, DC_AT_STATS_SAMPLE_missing_stats))
        return reason(column, row);
    return dc_cell_of(row->rec, DC_AT_STATS_SAMPLE_stats);
}

static void show_table(struct dc_show *s, const struct dc_list *samples) {
    static const struct dc_column for_people[] = {
        {.title = "tag", .field = DC_AT_STATS_SAMPLE_tag, .left = true},
        {.title = "elapsed_ms", .field = DC_AT_STATS_SAMPLE_elapsed_ms},
        {.title = "stats, or why there are none",
         .field = -1,
         .make = either,
         .left = true,
         .wide = true},
        {.title = "took_us", .field = DC_AT_STATS_SAMPLE_took_us},
        {.title = "first", .field = DC_AT_STATS_SAMPLE_first, .quiet = true},
        {.title = "deadline_ms", .field = DC_AT_STATS_SAMPLE_deadline_ms, .quiet = true},
        {.title = "offset_ms", .field = DC_AT_STATS_SAMPLE_offset_ms, .quiet = true},
        {.title = "phase", .field = DC_AT_STATS_SAMPLE_phase, .left = true},
    };
    static const struct dc_column missing = {
        .title = "", .member = "missing_stats", .field = -1, .make = reason};
    struct dc_column columns[DC_SHOW_COLUMNS + 1];
    struct dc_table table = {.name = "samples",
                             .columns = for_people,
                             .n_columns = sizeof(for_people) / sizeof(for_people[0]),
                             .list = samples,
                             .most = MOST_ROWS};
    if (s->ops->rows == 0) {
        table.n_columns = dc_show_columns(&dc_type_STATS_SAMPLE, NULL, 0, columns);
        columns[table.n_columns++] = missing;
        table.columns = columns;
    }
    s->ops->table(s, &table);
}

/* ---- what a table has no room for ---- */

/* Cancelled is two things: nobody answered in time, or the run was to end. */
struct cause {
    const struct dc_type *type;
    bool late;
};

static bool is_missing_by(const struct dc_rec *sample, const void *arg) {
    const struct cause *cause = arg;
    const struct dc_rec *missing = dc_record(sample, DC_AT_STATS_SAMPLE_missing_stats);
    bool late = dc_u64(sample, DC_AT_STATS_SAMPLE_deadline_ms) > 0;
    return missing && missing->type == cause->type && late == cause->late;
}

static bool is_first(const struct dc_rec *sample, const void *unused) {
    (void)unused;
    return dc_u64(sample, DC_AT_STATS_SAMPLE_first);
}

/* "periodic_000, periodic_004": the tags of those samples. Returns the latest of them. */
static const struct dc_rec *
add_tags(struct dc_show *s, const struct dc_list *samples,
         bool (*which)(const struct dc_rec *sample, const void *arg), const void *arg) {
    enum { MOST_TAGS = 4 };
    const struct dc_rec *latest = NULL;
    size_t n = 0, most = s->options->all ? SIZE_MAX : MOST_TAGS;
    for (struct dc_list_walk walk = dc_list_walk(samples); dc_list_next(&walk);) {
        if (!which(walk.value.rec, arg))
            continue;
        latest = walk.value.rec;
        if (n++ >= most)
            continue;
        dc_show_add(s, n > 1 ? ", " : "");
        dc_show_add_short(s, dc_string(latest, DC_AT_STATS_SAMPLE_tag));
    }
    if (n > most) {
        dc_show_add(s, ", \xe2\x80\xa6 (+");
        dc_show_add_u64(s, n - most);
        dc_show_add(s, " more)");
    }
    return latest;
}

/* Of each reason the latest text in full, and which samples have that reason. */
static void show_reasons(struct dc_show *s, const struct dc_list *samples) {
    struct dc_error ignored;
    for (size_t i = 0; i < 2 * dc_type_REASON.n_choices; i++) {
        const struct cause cause = {dc_type_REASON.choices[i / 2], i % 2};
        dc_show_restart(s);
        const struct dc_rec *latest = add_tags(s, samples, is_missing_by, &cause);
        if (!latest)
            continue;
        dc_show_add(s, ": ");
        if (dc_samples_why(dc_record(latest, DC_AT_STATS_SAMPLE_missing_stats),
                           dc_u64(latest, DC_AT_STATS_SAMPLE_deadline_ms), &s->scratch,
                           &ignored) < 0)
            s->scratch.failed = true;
        s->ops->fact(s, cause.type->tag_value, DC_STYLE_WARN);
    }
}

static void show_first(struct dc_show *s, const struct dc_list *samples) {
    dc_show_restart(s);
    dc_show_add(s, "(first on a connection: ");
    if (!add_tags(s, samples, is_first, NULL))
        return;
    dc_show_add(s, "; what a scheduler counts since the last question begins there)");
    s->ops->note(s, DC_STYLE_FAINT);
}

/* ---- the numbers ---- */

static bool is_zero(const struct dc_series *series) {
    const struct dc_series_value zero = {.kind = DC_SERIES_U64};
    return !series->moved && dc_series_compare(series->last, zero) == 0;
}

/* Whether a field stands in a remark, and in which. */
static bool has_no_number(const struct dc_series *series) {
    return series->count == 0;
}

static bool is_zero_all_the_time(const struct dc_series *series) {
    return series->count > 0 && is_zero(series);
}

/* "$": the answer itself, where it is no object. */
static bool is_whole(const struct dc_series *series) {
    return series->name.len == 1 && series->name.p[0] == '$';
}

static void note_names(struct dc_show *s, const struct dc_series_set *set,
                       bool (*which)(const struct dc_series *series),
                       const char *before) {
    size_t n = 0, most = s->options->all || s->ops->rows == 0 ? SIZE_MAX : MOST_NAMES;
    dc_show_restart(s);
    for (size_t i = 0; i < set->n; i++) {
        if (!which(set->all[i]) || n++ >= most)
            continue;
        dc_show_add(s, n == 1 ? before : ", ");
        dc_show_add_short(s, set->all[i]->name);
        if (is_whole(set->all[i]))
            dc_show_add(s, " (the whole answer)");
    }
    if (n == 0)
        return;
    if (n > most) {
        dc_show_add(s, ", \xe2\x80\xa6 (+");
        dc_show_add_u64(s, n - most);
        dc_show_add(s, " more)");
    }
    dc_show_add(s, ")");
    s->ops->note(s, DC_STYLE_FAINT);
}

/* Fields that moved tell more than those that stood still: they come first. */
static size_t choose(const struct dc_show *s, const struct dc_series_set *set,
                     const struct dc_series **chosen) {
    bool all = s->options->all || s->ops->rows == 0;
    size_t n = 0;
    for (int still = 0; still < 2; still++)
        for (size_t i = 0; i < set->n; i++) {
            const struct dc_series *one = set->all[i];
            if (one->count > 0 && one->moved != still && (all || !is_zero(one)))
                chosen[n++] = one;
        }
    return n;
}

static void show_series(struct dc_show *s, const struct dc_series_set *set,
                        const struct dc_list *samples) {
    const struct dc_series *chosen[DC_SERIES_MOST];
    struct dc_show_series series = {.set = set, .all = chosen, .samples = samples};
    size_t n = choose(s, set, chosen), most = dc_show_most(s, MOST_SERIES);
    series.n = most > 0 && n > most ? most : n;
    if (series.n > 0)
        s->ops->series(s, &series);
    dc_show_note_more(s, n - series.n, "more number", "more numbers", ": --all");
    if (!s->options->all && s->ops->rows > 0)
        note_names(s, set, is_zero_all_the_time, "(zero all the time: ");
    note_names(s, set, has_no_number, "(no number at any time: ");
    if (set->left_out == 0)
        return;
    dc_show_restart(s);
    dc_show_add(s, "(");
    dc_show_add_count(s, set->left_out, "number is", "numbers are");
    dc_show_add(s, " not drawn: no more than 4096 fields are, with names of no more than "
                   "256 bytes)");
    s->ops->note(s, DC_STYLE_WARN);
}

void dc_show_samples(struct dc_show *s) {
    const struct dc_list *samples = s->snapshot->samples;
    struct dc_series_set set;
    struct dc_error ignored;
    dc_show_restart(s);
    add_coverage(s, samples);
    s->ops->section(s, &dc_sections[DC_SECTION_SAMPLES]);
    show_source(s);
    show_table(s, samples);
    if (s->ops->rows > 0) {
        show_reasons(s, samples);
        show_first(s, samples);
    }
    if (dc_series_collect(&set, samples, s->options->alloc, &ignored) == 0)
        show_series(s, &set, samples);
    else
        s->scratch.failed = true;
    dc_series_done(&set);
    s->ops->section_end(s);
}
