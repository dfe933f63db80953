#include "lib/show_private.h"

#include "lib/number.h"

#include <string.h>

enum {
    WIDE = 80, /* columns of the screen that limits on lines are made for */
    CAPTURE_LINES = 3,
};

static int count_write(void *ctx, const char *data, size_t len) {
    struct dc_show *s = ctx;
    for (const char *p = data; (p = memchr(p, '\n', len - (size_t)(p - data))); p++)
        s->lines++;
    return s->sink.write(s->sink.ctx, data, len);
}

size_t dc_show_lines(struct dc_show *s) {
    if (dc_text_finish(&s->text) < 0)
        return 0; /* and nothing is written any more */
    return s->lines;
}

/* ---- putting words together ---- */

void dc_show_restart(struct dc_show *s) {
    s->scratch.len = 0;
}

void dc_show_add(struct dc_show *s, const char *text) {
    dc_buf_text(&s->scratch, text);
}

void dc_show_add_str(struct dc_show *s, struct dc_str str) {
    dc_buf_add(&s->scratch, str.p, str.len);
}

void dc_show_add_u64(struct dc_show *s, uint64_t value) {
    char text[DC_NUMBER_MAX];
    dc_buf_add(&s->scratch, text, dc_format_u64(value, text));
}

/* `value` / `unit` with one decimal, rounded. */
static void add_tenths(struct dc_show *s, uint64_t value, uint64_t unit,
                       const char *name) {
    uint64_t tenths = value / unit * 10 + (value % unit * 10 + unit / 2) / unit;
    dc_show_add_u64(s, tenths / 10);
    dc_show_add(s, ".");
    dc_show_add_u64(s, tenths % 10);
    dc_show_add(s, name);
}

void dc_show_add_us(struct dc_show *s, uint64_t us) {
    enum { MS = 1000, LEAST_S = 999950, S = 1000000 }; /* from where it rounds to 1.0 s */
    if (us >= LEAST_S) {
        add_tenths(s, us, S, " s");
    } else if (us >= MS) {
        add_tenths(s, us, MS, " ms");
    } else {
        dc_show_add_u64(s, us);
        dc_show_add(s, " us");
    }
}

void dc_show_add_seconds(struct dc_show *s, uint64_t ms) {
    add_tenths(s, ms, 1000, " s");
}

void dc_show_add_value(struct dc_show *s, const struct dc_rec *rec, int field) {
    const struct dc_field *row = &rec->type->fields[field];
    char number[DC_NUMBER_MAX];
    if (row->shape != DC_ONE)
        dc_show_add_u64(s, dc_list_of(rec, field)->count);
    else if (row->kind == DC_BOOL)
        dc_show_add(s, dc_u64(rec, field) ? "true" : "false");
    else if (row->kind <= DC_U64)
        dc_show_add_u64(s, dc_u64(rec, field));
    else if (row->kind == DC_I32 || row->kind == DC_I64)
        dc_buf_add(&s->scratch, number, dc_format_i64(dc_i64(rec, field), number));
    else if (row->kind == DC_F64)
        dc_buf_add(&s->scratch, number, dc_format_f64(dc_slot(rec, field)->f, number));
    else if (row->kind == DC_STRING)
        dc_show_add_str(s, dc_string(rec, field));
    else
        dc_show_add(s, "present");
}

/* ---- lines ---- */

void dc_show_label(struct dc_show *s, unsigned indent, const char *label) {
    char text[64];
    size_t len = strlen(label) < sizeof(text) - 1 ? strlen(label) : sizeof(text) - 1;
    memcpy(text, label, len);
    text[len] = ':';
    dc_text_put(&s->text, "%*s", (int)indent, "");
    dc_text_style(&s->text, DC_STYLE_FAINT);
    dc_text_fold(&s->text, text, len + 1, indent + 2, 0);
    dc_text_style(&s->text, DC_STYLE_PLAIN);
}

void dc_show_note(struct dc_show *s, unsigned indent, enum dc_style style) {
    dc_text_put(&s->text, "%*s", (int)indent, "");
    dc_text_style(&s->text, style);
    dc_text_fold(&s->text, s->scratch.data, s->scratch.len, indent + 2, 0);
    dc_text_style(&s->text, DC_STYLE_PLAIN);
    dc_text_put(&s->text, "\n");
}

static void note_left_out(struct dc_show *s, unsigned indent, size_t left_out,
                          size_t total) {
    if (left_out == 0)
        return;
    dc_show_restart(s);
    dc_show_add(s, "(");
    dc_show_add_u64(s, left_out);
    dc_show_add(s, " of ");
    dc_show_add_u64(s, total);
    dc_show_add(s, " bytes left out; --all shows them)");
    dc_show_note(s, indent, DC_STYLE_FAINT);
}

/* A blank at the beginning goes where a line is folded there. */
static void put_blank_before(struct dc_show *s) {
    size_t len = s->scratch.len;
    dc_show_add(s, " ");
    if (s->scratch.len <= len)
        return; /* no memory: told at the end */
    memmove(s->scratch.data + 1, s->scratch.data, len);
    s->scratch.data[0] = ' ';
}

static int discard(void *ctx, const char *data, size_t len) {
    (void)ctx, (void)data, (void)len;
    return 0;
}

/* Whether s->scratch can be folded into `lines` lines, the first from where we are. */
static bool fits(const struct dc_show *s, unsigned indent, unsigned lines) {
    struct dc_text trial;
    dc_text_init(&trial, (struct dc_sink){.write = discard}, false, s->text.width);
    trial.column = s->text.column;
    return dc_text_fold(&trial, s->scratch.data, s->scratch.len, indent, lines) == 0;
}

void dc_show_field(struct dc_show *s, unsigned indent, const char *label,
                   enum dc_style style, unsigned lines) {
    enum { SHORT_LABEL = 10 }; /* a tenth of the width may be blank */
    size_t total = s->scratch.len;
    if (total == 0)
        dc_show_add(s, "(empty)");
    put_blank_before(s);
    dc_show_label(s, indent, label);
    unsigned hang = s->text.column + 1;
    if (hang * SHORT_LABEL > s->text.width)
        hang = indent + 2;
    if (s->options->all)
        lines = 0;
    if (lines > 0 && s->text.width < WIDE)
        lines = lines * WIDE / s->text.width;
    if (lines > 0 && fits(s, hang, lines + 1))
        lines = 0; /* the line that counts what is left out does as well */
    dc_text_style(&s->text, style);
    size_t left_out =
        dc_text_fold(&s->text, s->scratch.data, s->scratch.len, hang, lines);
    dc_text_style(&s->text, DC_STYLE_PLAIN);
    dc_text_put(&s->text, "\n");
    note_left_out(s, indent + 2, left_out < total ? left_out : total, total);
}

/* ---- the variants ---- */

void dc_show_unknown(struct dc_show *s) {
    uint64_t unknown = s->model->report->unknown;
    if (unknown == 0)
        return;
    dc_show_restart(s);
    dc_show_add_u64(s, unknown);
    dc_show_add(s, unknown == 1 ? " unknown member" : " unknown members");
    dc_show_add(s, ", kept by `dumpctl decode --wire`");
    if (s->model->report->around)
        dc_show_add(s, " where they stand in the failure dump, dropped where in the "
                       "debug capture around it");
    dc_show_note(s, 0, DC_STYLE_WARN);
}

static void show_around(struct dc_show *s) {
    const struct dc_rec *around = s->model->report->around;
    if (!around)
        return;
    dc_show_restart(s);
    dc_show_add(s, "from a debug capture, kernel ");
    dc_show_add_str(s, dc_string(around, DC_AT_DEBUG_CAPTURE_kernel_release));
    dc_show_add(s, "; its ");
    dc_show_add_u64(s, dc_list_of(around, DC_AT_DEBUG_CAPTURE_ctprof_samples)->count);
    dc_show_add(s, " profiles and its fingerprint are not shown");
    dc_show_note(s, 0, DC_STYLE_FAINT);
}

/* How far the names of addresses can be trusted. */
static void show_symbols(struct dc_show *s) {
    if (!s->options->symbols)
        return;
    dc_show_restart(s);
    dc_show_add_symbols(s);
    dc_show_field(s, 0, "symbols", s->cells.doubtful ? DC_STYLE_WARN : DC_STYLE_PLAIN, 0);
}

static void show_snapshot(struct dc_show *s, const struct dc_snapshot *snapshot,
                          unsigned indent) {
    s->snapshot = snapshot;
    s->indent = indent;
    dc_show_sections(s);
}

/* Whether nothing was chosen: the banner then has everything. */
static bool is_whole(const struct dc_show *s) {
    return s->options->sections == 0;
}

void dc_show_facts(struct dc_show *s) {
    static void (*const facts[])(struct dc_show *) = {
        [DC_SINGLE] = dc_show_single_facts,
        [DC_DUAL] = dc_show_dual_facts,
        [DC_DEGRADED] = dc_show_degraded_facts,
        [DC_MISSING_STATS] = dc_show_missing_facts,
    };
    enum { MANY_FACTS = 9 };
    bool degraded = s->model->variant == DC_DEGRADED;
    show_around(s);
    if (is_whole(s) || s->model->variant == DC_MISSING_STATS) {
        facts[s->model->variant](s);
        /* A degraded report has a screen to fit. */
        bool many = degraded && dc_show_lines(s) > MANY_FACTS;
        dc_show_capture(s, 0, s->model->own, many ? 1 : CAPTURE_LINES);
        dc_show_coverage(s);
    }
    show_symbols(s);
}

static void show_degraded(struct dc_show *s) {
    enum { ROOM_NARROW = 14 };
    const struct dc_snapshot *snapshot = &s->model->snapshots[0];
    if (!is_whole(s)) {
        show_snapshot(s, snapshot, 0);
        return;
    }
    size_t used = dc_show_lines(s) + (s->model->report->unknown > 0);
    size_t room = DC_SHOW_SCREEN > used ? DC_SHOW_SCREEN - used : 1;
    if (s->text.width < WIDE && room < ROOM_NARROW)
        room = ROOM_NARROW;
    dc_show_vcpus(s, 0, snapshot, room);
    s->snapshot = snapshot;
    if (s->options->all)
        dc_show_findings(s);
    if (s->options->all && snapshot->samples->count > 0)
        dc_show_samples(s);
}

static void show_single(struct dc_show *s) {
    show_snapshot(s, &s->model->snapshots[0], 0);
}

/* The late snapshot is what the report is about: it comes first. */
static void show_dual(struct dc_show *s) {
    enum { INDENT = 2, NARROW = 40 };
    static const char *const headings[] = {
        [DC_EARLY] = "early snapshot (sched_ext watchdog half-way):",
        [DC_LATE] = "late snapshot (error exit):",
    };
    unsigned indent = s->text.width < NARROW ? 0 : INDENT;
    if (dc_show_wants(s, DC_SECTION_FINDINGS))
        dc_show_phases(s);
    for (size_t i = s->model->n_snapshots; i-- > 0;) {
        const struct dc_snapshot *snapshot = &s->model->snapshots[i];
        dc_show_restart(s);
        dc_show_add(s, headings[snapshot->phase]);
        dc_text_put(&s->text, "\n");
        dc_show_note(s, 0, DC_STYLE_TITLE);
        if (is_whole(s))
            dc_show_capture(s, indent, snapshot->own, CAPTURE_LINES);
        show_snapshot(s, snapshot, indent);
    }
}

static void show_nothing(struct dc_show *s) {
    if (is_whole(s))
        return;
    dc_show_restart(s);
    dc_show_add(s, "a reason for missing statistics has no sections");
    dc_show_note(s, 0, DC_STYLE_WARN);
}

static void show_body(struct dc_show *s) {
    static void (*const bodies[])(struct dc_show *) = {
        [DC_SINGLE] = show_single,
        [DC_DUAL] = show_dual,
        [DC_DEGRADED] = show_degraded,
        [DC_MISSING_STATS] = show_nothing,
    };
    if (s->options->titled) {
        dc_show_name(s, s->text.width - 1);
        dc_text_put(&s->text, ":\n");
    }
    dc_show_headline(s);
    dc_show_facts(s);
    bodies[s->model->variant](s);
    dc_show_unknown(s);
}

void dc_show_init(struct dc_show *s, const struct dc_show_ops *ops, struct dc_sink sink,
                  const struct dc_model *model, const struct dc_show_options *options) {
    *s = (struct dc_show){
        .ops = ops, .model = model, .options = options, .sink = sink, .item_indent = 2};
    s->cells = (struct dc_cell_style){
        .exact = options->exact, .all = options->all, .symbols = options->symbols};
    if (options->symbols)
        s->cells.doubtful =
            dc_symbols_judge(options->symbols, model).fit == DC_SYMBOLS_DOUBTFUL;
    dc_buf_init(&s->scratch, options->alloc);
    dc_buf_init(&s->cell, options->alloc);
    dc_buf_init(&s->trial, options->alloc);
}

int dc_show_done(struct dc_show *s, struct dc_error *err) {
    bool ok = dc_buf_ok(&s->scratch) && dc_buf_ok(&s->cell) && dc_buf_ok(&s->trial);
    dc_buf_done(&s->scratch);
    dc_buf_done(&s->cell);
    dc_buf_done(&s->trial);
    return ok ? 0 : dc_fail(err, DC_ENOMEM, "out of memory");
}

static int run(struct dc_sink sink, const struct dc_model *model,
               const struct dc_show_options *options, void (*body)(struct dc_show *),
               struct dc_error *err) {
    struct dc_show s;
    dc_show_init(&s, &dc_show_text, sink, model, options);
    struct dc_sink counter = {.write = count_write, .ctx = &s};
    dc_text_init(&s.text, counter, options->colour, options->width);
    body(&s);
    bool written = dc_text_finish(&s.text) == 0;
    if (dc_show_done(&s, err) < 0)
        return -1;
    return written ? 0 : dc_fail(err, DC_EIO, "cannot be written");
}

int dc_show(struct dc_sink sink, const struct dc_model *model,
            const struct dc_show_options *options, struct dc_error *err) {
    return run(sink, model, options, show_body, err);
}

int dc_show_short(struct dc_sink sink, const struct dc_model *model,
                  const struct dc_show_options *options, struct dc_error *err) {
    return run(sink, model, options, dc_show_line, err);
}
