#include "lib/show_private.h"

#include "lib/escape.h"
#include "lib/number.h"

#include <string.h>

enum {
    N_LISTS = 2,
    LEAST_CAUSE = 24, /* columns of the cause, or its ids go to lines of their own */
};

/* The ids of the vCPUs in one state, as they stand in the line. */
struct ids {
    enum dc_vcpu_state state;
    unsigned label; /* columns of "; not_parked: "; 0: no vCPU is in that state */
    size_t want;    /* columns of all ids, or more than the line has */
    size_t least;   /* columns of the shortest form */
    size_t columns; /* that it gets */
};

/* The parts of the line; their words are put together when they are written. */
struct headline {
    const struct dc_snapshot *snapshot; /* NULL: the report has none */
    struct dc_buf cause;
    size_t cause_want, cause_columns;
    char parked[3 * DC_NUMBER_MAX]; /* "; parked 2/4" */
    struct ids ids[N_LISTS];
};

static size_t min(size_t a, size_t b) {
    return a < b ? a : b;
}

static void format_parked(const struct dc_snapshot *snapshot, char *out) {
    char *p = stpcpy(out, "; parked ");
    p += dc_format_u64(snapshot->parked, p);
    *p++ = '/';
    dc_format_u64(snapshot->vcpus, p);
}

/* `width` is that of the screen: it is of no use to know how much wider the ids are. */
static void measure_ids(struct dc_show *s, struct headline *h, struct ids *ids,
                        enum dc_vcpu_state state, size_t count, unsigned width) {
    static const char rest[] = "\xe2\x80\xa6 (+";
    char number[DC_NUMBER_MAX];
    *ids = (struct ids){.state = state};
    if (count == 0)
        return;
    ids->label = (unsigned)(strlen("; : ") + strlen(dc_state_name(state)));
    dc_show_restart(s);
    dc_snapshot_ids(h->snapshot, state, width, &s->scratch);
    bool cut = s->scratch.len > 0 &&
               memmem(s->scratch.data, s->scratch.len, rest, strlen(rest)) != NULL;
    ids->want = cut ? width + 1 : s->scratch.len;
    ids->least = min(ids->want, strlen("_ (+ more)") + dc_format_u64(count, number));
    ids->columns = ids->want;
}

/* What the statistics are missing for, in the words of the reference (scheduler-stats 3.1). */
void dc_show_add_cause(const struct dc_model *model, struct dc_buf *cause) {
    if (model->tag.p) {
        dc_buf_text(cause, "sample '");
        dc_buf_add(cause, model->tag.p, model->tag.len);
        dc_buf_text(cause, "': stats absent (");
    }
    dc_model_cause(model, cause);
    if (model->tag.p)
        dc_buf_text(cause, ")");
}

static void measure(struct dc_show *s, struct headline *h, unsigned width) {
    *h = (struct headline){.snapshot = dc_model_main(s->model)};
    dc_buf_init(&h->cause, s->options->alloc);
    dc_show_add_cause(s->model, &h->cause);
    h->cause_want = h->cause_columns = dc_escaped_width(h->cause.data, h->cause.len);
    if (!h->snapshot)
        return;
    format_parked(h->snapshot, h->parked);
    measure_ids(s, h, &h->ids[0], DC_NOT_PARKED, h->snapshot->not_parked, width);
    measure_ids(s, h, &h->ids[1], DC_UNAVAILABLE, h->snapshot->unavailable, width);
}

/* Gives each part its columns. false: `width` has no room for all parts in one line. */
static bool fit(const struct dc_show *s, struct headline *h, size_t width,
                size_t least_cause) {
    size_t fixed = strlen(dc_variant_name(s->model->variant)) + strlen(": ") +
                   strlen(h->parked) + h->ids[0].label + h->ids[1].label;
    size_t room = width > fixed ? width - fixed : 0;
    size_t least = h->ids[0].least + h->ids[1].least;
    if (h->cause_want + h->ids[0].want + h->ids[1].want <= room)
        return true;
    if (room < least || room - least < min(h->cause_want, least_cause))
        return false;
    h->cause_columns = min(h->cause_want, room - least);
    room -= h->cause_columns;
    h->ids[0].columns = min(h->ids[0].want, room - h->ids[1].least);
    h->ids[1].columns = min(h->ids[1].want, room - h->ids[0].columns);
    return true;
}

/* As fit(), but with the second list left to a line of its own (lib/show_vcpus.c). */
static bool fit_without(struct dc_show *s, struct headline *h, size_t width,
                        struct ids *ids) {
    struct ids kept = *ids;
    if (h->ids[0].label == 0 || ids->label == 0)
        return false;
    *ids = (struct ids){.state = kept.state};
    s->ids_cut[kept.state] = fit(s, h, width, LEAST_CAUSE);
    if (!s->ids_cut[kept.state])
        *ids = kept;
    return s->ids_cut[kept.state];
}

static void write_ids(struct dc_show *s, const struct headline *h, const struct ids *ids,
                      size_t columns) {
    s->ids_cut[ids->state] = columns < ids->want;
    dc_show_restart(s);
    dc_snapshot_ids(h->snapshot, ids->state, (unsigned)columns, &s->scratch);
    dc_text_style(&s->text, ids->state == DC_NOT_PARKED ? DC_STYLE_BAD : DC_STYLE_WARN);
    dc_text_put(&s->text, "%s: ", dc_state_name(ids->state));
    dc_text_cut(&s->text, s->scratch.data, s->scratch.len, (unsigned)columns);
    dc_text_style(&s->text, DC_STYLE_PLAIN);
}

static void write_variant(struct dc_show *s) {
    enum dc_variant variant = s->model->variant;
    dc_text_style(&s->text, variant == DC_DEGRADED ? DC_STYLE_BAD : DC_STYLE_TITLE);
    dc_text_put(&s->text, "%s", dc_variant_name(variant));
    dc_text_style(&s->text, DC_STYLE_TITLE);
}

static void write_cause(struct dc_show *s, const struct headline *h, size_t columns) {
    s->cause_cut = columns < h->cause_want;
    dc_text_put(&s->text, ": ");
    dc_text_cut(&s->text, h->cause.data, h->cause.len, (unsigned)columns);
}

static void write_line(struct dc_show *s, const struct headline *h) {
    write_variant(s);
    if (h->cause_columns > 0 || h->cause_want == 0)
        write_cause(s, h, h->cause_columns);
    dc_text_put(&s->text, "%s", h->parked);
    dc_text_style(&s->text, DC_STYLE_PLAIN);
    for (int i = 0; i < N_LISTS; i++) {
        if (h->ids[i].label == 0)
            continue;
        dc_text_put(&s->text, "; ");
        write_ids(s, h, &h->ids[i], h->ids[i].columns);
    }
    dc_text_put(&s->text, "\n");
}

/* For a narrow screen: the counts and each list of ids on lines of their own. */
static void write_stack(struct dc_show *s, const struct headline *h) {
    enum { INDENT = 2 };
    size_t width = s->text.width;
    write_variant(s);
    write_cause(s, h, width - s->text.column - strlen(": "));
    if (*h->parked)
        dc_text_put(&s->text, "\n%*s%s", INDENT, "", h->parked + strlen("; "));
    dc_text_style(&s->text, DC_STYLE_PLAIN);
    for (int i = 0; i < N_LISTS; i++) {
        const struct ids *ids = &h->ids[i];
        if (ids->label == 0)
            continue;
        if (s->text.column + ids->label + ids->want <= width)
            dc_text_put(&s->text, "; ");
        else
            dc_text_put(&s->text, "\n%*s", INDENT, "");
        size_t label = ids->label - strlen("; ");
        size_t used = s->text.column + label;
        write_ids(s, h, ids, used < width ? width - used : 1);
    }
    dc_text_put(&s->text, "\n");
}

void dc_show_headline(struct dc_show *s) {
    struct headline h;
    measure(s, &h, s->text.width);
    if (fit(s, &h, s->text.width, LEAST_CAUSE) ||
        fit_without(s, &h, s->text.width, &h.ids[1]))
        write_line(s, &h);
    else
        write_stack(s, &h);
    if (!dc_buf_ok(&h.cause))
        s->scratch.failed = true;
    dc_buf_done(&h.cause);
}

/* ---- one line for one report ---- */

enum { SHORT_WIDTH = 120, LEAST_SHORT_CAUSE = 8 };

/* The end of a path says more than its beginning. */
static void write_tail(struct dc_text *t, const char *s, size_t columns) {
    size_t len = strlen(s), at = 0, width = dc_escaped_width(s, len);
    if (width > columns) {
        dc_text_put(t, "...");
        columns = columns > strlen("...") ? columns - strlen("...") : 0;
    }
    while (at < len && width > columns) {
        struct dc_piece piece = dc_escape(s + at, len - at);
        at += piece.taken;
        width -= piece.width;
    }
    dc_text_add(t, s + at, len - at);
}

/* Name, and number where the file holds several documents; at most `columns` (0: all). */
void dc_show_name(struct dc_show *s, size_t columns) {
    char number[DC_NUMBER_MAX + 1] = "";
    size_t used = 0;
    if (s->options->number > 0) {
        number[0] = '#';
        used = 1 + dc_format_u64(s->options->number, number + 1);
    }
    size_t room = columns > used ? columns - used : 0;
    write_tail(&s->text, s->options->name, columns ? room : SIZE_MAX);
    dc_text_put(&s->text, "%s", number);
}

/* Columns of all parts, were there room for them. */
static size_t wanted(const struct dc_show *s, const struct headline *h) {
    size_t sum = strlen(dc_variant_name(s->model->variant)) + strlen(": ") +
                 h->cause_want + strlen(h->parked);
    for (int i = 0; i < N_LISTS; i++)
        sum += h->ids[i].label + h->ids[i].want;
    return sum;
}

/* Counts and ids are never left out, even where the line gets wider than was wished. */
static void drop_cause(struct headline *h) {
    h->cause_columns = 0;
    for (int i = 0; i < N_LISTS; i++)
        h->ids[i].columns = h->ids[i].least;
}

void dc_show_line(struct dc_show *s) {
    struct headline h;
    size_t width = s->options->width ? s->text.width : SHORT_WIDTH;
    measure(s, &h, (unsigned)width);
    if (s->options->width) {
        size_t want = wanted(s, &h) + strlen(": ");
        dc_show_name(s, want < width / 3 ? width - want : width / 3 - strlen(": "));
    } else {
        dc_show_name(s, 0);
    }
    dc_text_put(&s->text, ": ");
    if (s->options->width)
        width -= min(width, s->text.column);
    if (!fit(s, &h, width, LEAST_SHORT_CAUSE))
        drop_cause(&h);
    write_line(s, &h);
    if (!dc_buf_ok(&h.cause))
        s->scratch.failed = true;
    dc_buf_done(&h.cause);
}
