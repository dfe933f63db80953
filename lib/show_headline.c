#include "lib/show_private.h"

#include "lib/escape.h"
#include "lib/number.h"

#include <string.h>

enum {
    N_LISTS = 2,
    LEAST_CAUSE = 24, /* columns of the cause, or its ids go to lines of their own */
};

/* What stands before a single id, and where the line has no room for that. */
static const char mark[] = "1 vCPU ", short_mark[] = "id ";

/* The ids of the vCPUs in one state, as they stand in the line. */
struct ids {
    enum dc_vcpu_state state;
    const char *before; /* the label: one id alone would read as a count */
    unsigned label;     /* columns of "; not_parked: "; 0: no vCPU is in that state */
    size_t want;        /* columns of all ids, or more than the line has */
    size_t least;       /* columns of the shortest form */
    size_t columns;     /* that it gets */
};

/* The parts of the line; their words are put together when they are written. */
struct headline {
    const struct dc_snapshot *snapshot; /* NULL: the report has none */
    struct dc_buf cause;
    size_t cause_want, cause_columns;
    char parked[4 * DC_NUMBER_MAX]; /* "; parked 2/4" */
    struct ids ids[N_LISTS];
};

static size_t min(size_t a, size_t b) {
    return a < b ? a : b;
}

static char *put_ratio(char *p, uint64_t part, uint64_t all) {
    p += dc_format_u64(part, p);
    *p++ = '/';
    return p + dc_format_u64(all, p);
}

/* What the reason counts is told too, where `width` has room for it beside a cause. */
static void format_parked(const struct dc_show *s, struct headline *h, size_t width) {
    const struct dc_model *model = s->model;
    if (h->snapshot->vcpus > 0) {
        char *ratio = stpcpy(h->parked, "; parked ");
        put_ratio(ratio, h->snapshot->parked, h->snapshot->vcpus);
        return;
    }
    char *counts = stpcpy(h->parked, "; vCPUs not recorded");
    if (!model->reason_counts)
        return;
    char *end = stpcpy(counts, " (reason: ");
    end = put_ratio(end, model->reason_parked, model->reason_total);
    end = stpcpy(end, " parked)");
    size_t before = strlen(dc_variant_name(model->variant)) + strlen(": ") +
                    min(h->cause_want, LEAST_CAUSE);
    if (before + (size_t)(end - h->parked) > width)
        *counts = '\0';
}

/* `width` is that of the screen: it is of no use to know how much wider the ids are. */
static void measure_ids(struct dc_show *s, struct headline *h, struct ids *ids,
                        enum dc_vcpu_state state, size_t count, unsigned width) {
    static const char rest[] = "\xe2\x80\xa6 (+";
    char number[DC_NUMBER_MAX];
    *ids = (struct ids){.state = state, .before = ""};
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

static bool is_crash(const struct dc_model *model) {
    static const char words[] = "guest crashed before capture";
    size_t n = strlen(words);
    return model->reason.len >= n && memcmp(model->reason.p, words, n) == 0;
}

/* How the vCPU crashed; p NULL: it did not. */
static struct dc_str crash_of(const struct dc_vcpu *vcpu) {
    static const char later[] = "; crashed: ";
    const char *first = later + strlen("; ");
    size_t n = strlen(first);
    struct dc_str why = dc_string(vcpu->detail, DC_AT_VCPU_why);
    if (why.len < n)
        return (struct dc_str){0};
    const char *at = why.p, *end = why.p + why.len;
    if (memcmp(at, first, n) != 0 && !(at = memmem(at, why.len, later, strlen(later))))
        return (struct dc_str){0};
    at += *at == ';' ? strlen(later) : n;
    return (struct dc_str){at, (size_t)(end - at)};
}

/* Who crashed, and how, where "dumpctl" knows it: " (vCPU 0: KVM_EXIT_SHUTDOWN)". Of
   several the one that it says was the first, else that with the least id. */
static void add_crash(const struct dc_snapshot *snapshot, struct dc_buf *cause) {
    bool named = dc_has(snapshot->own, DC_AT_DUMPCTL_crashed_vcpu);
    size_t count = 0, first = dc_u64(snapshot->own, DC_AT_DUMPCTL_crashed_vcpu);
    char number[DC_NUMBER_MAX];
    struct dc_vcpu told = {0};
    for (struct dc_vcpu_walk walk = dc_vcpu_walk(snapshot); dc_vcpu_next(&walk);) {
        if (!crash_of(&walk.vcpu).p)
            continue;
        if (count++ == 0 || (named && walk.vcpu.id == first))
            told = walk.vcpu;
    }
    if (count == 0)
        return;
    struct dc_str how = crash_of(&told);
    dc_buf_text(cause, " (vCPU ");
    dc_buf_add(cause, number, dc_format_u64(told.id, number));
    dc_buf_text(cause, ": ");
    dc_buf_add(cause, how.p, how.len);
    if (count > 1) {
        dc_buf_text(cause, "; +");
        dc_buf_add(cause, number, dc_format_u64(count - 1, number));
        dc_buf_text(cause, " more");
    }
    dc_buf_text(cause, ")");
}

/* Columns of all parts, were there room for them. */
static size_t wanted(const struct dc_show *s, const struct headline *h) {
    size_t sum = strlen(dc_variant_name(s->model->variant)) + strlen(": ") +
                 h->cause_want + strlen(h->parked);
    for (int i = 0; i < N_LISTS; i++)
        sum += h->ids[i].label + h->ids[i].want;
    return sum;
}

/* Marks a single id as what it is. */
static void mark_single(struct headline *h, const char *before) {
    for (int i = 0; i < N_LISTS; i++) {
        struct ids *ids = &h->ids[i];
        size_t count = ids->state == DC_NOT_PARKED ? h->snapshot->not_parked
                                                   : h->snapshot->unavailable;
        if (count != 1)
            continue;
        ids->label -= (unsigned)strlen(ids->before);
        ids->label += (unsigned)strlen(before);
        ids->before = before;
    }
}

static void measure(struct dc_show *s, struct headline *h, unsigned width) {
    *h = (struct headline){.snapshot = dc_model_main(s->model)};
    dc_buf_init(&h->cause, s->options->alloc);
    dc_show_add_cause(s->model, &h->cause);
    if (is_crash(s->model))
        add_crash(h->snapshot, &h->cause);
    h->cause_want = h->cause_columns = dc_escaped_width(h->cause.data, h->cause.len);
    if (!h->snapshot)
        return;
    format_parked(s, h, width);
    measure_ids(s, h, &h->ids[0], DC_NOT_PARKED, h->snapshot->not_parked, width);
    measure_ids(s, h, &h->ids[1], DC_UNAVAILABLE, h->snapshot->unavailable, width);
    mark_single(h, mark);
    if (wanted(s, h) > width)
        mark_single(h, short_mark);
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
    *ids = (struct ids){.state = kept.state, .before = ""};
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
    dc_text_put(&s->text, "%s%s: ", ids->before, dc_state_name(ids->state));
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

static void stack(struct dc_show *s, struct headline *h) {
    enum { ROOM_FOR_MARK = 40 };
    if (h->snapshot && s->text.width >= ROOM_FOR_MARK)
        mark_single(h, mark);
    write_stack(s, h);
}

void dc_show_headline(struct dc_show *s) {
    struct headline h;
    measure(s, &h, s->text.width);
    if (fit(s, &h, s->text.width, LEAST_CAUSE) ||
        fit_without(s, &h, s->text.width, &h.ids[1]))
        write_line(s, &h);
    else
        stack(s, &h);
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
