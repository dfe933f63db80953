#include "lib/cell.h"

#include "lib/model.h"
#include "lib/number.h"
#include "lib/samples.h"
#include "lib/uniform.h"
#include "lib/value_text.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *name;
    uint64_t ns;         /* of one */
    uint64_t thousandth; /* of it, in ns; 0: it is written as it is */
} scales[] = {
    [DC_SCALE_OWN] = {"", 1, 0}, /* never looked at: it becomes one of the others */
    [DC_SCALE_NS] = {"ns", 1, 0},          [DC_SCALE_US] = {"us", 1000, 1},
    [DC_SCALE_MS] = {"ms", 1000000, 1000}, [DC_SCALE_S] = {"s", 1000000000, 1000000},
};

struct dc_cell dc_cell_of(const struct dc_rec *rec, size_t i) {
    const struct dc_field *field = &rec->type->fields[i];
    const union dc_slot *slot = dc_slot(rec, (int)i);
    struct dc_cell cell = {.kind = DC_CELL_NONE, .unit = field->unit};
    if (field->shape != DC_ONE && field->kind <= DC_U64) {
        cell.kind = DC_CELL_LIST;
        cell.list = dc_list_of(rec, (int)i);
        return cell;
    }
    bool defaulted = field->rule == DC_DEFAULTED || field->rule == DC_WRITTEN;
    if (field->shape != DC_ONE || field->kind == DC_RECORD || (!slot && !defaulted))
        return cell;
    switch (field->kind) {
    case DC_BOOL:
        cell.kind = DC_CELL_TRUTH;
        cell.number = dc_u64(rec, (int)i);
        break;
    case DC_I32:
    case DC_I64:
        cell.kind = DC_CELL_SIGNED;
        cell.integer = dc_i64(rec, (int)i);
        break;
    case DC_F64:
        cell = (struct dc_cell){.kind = DC_CELL_REAL, .decimals = 3};
        cell.real = slot ? slot->f : 0;
        break;
    case DC_STRING:
    case DC_ANY:
        cell.kind = field->kind == DC_ANY ? DC_CELL_JSON : DC_CELL_TEXT;
        cell.text = slot ? *slot->str : (struct dc_str){"", 0};
        break;
    default:
        cell.kind = DC_CELL_NUMBER;
        cell.number = dc_u64(rec, (int)i);
        break;
    }
    return cell;
}

bool dc_cell_is_zero(const struct dc_cell *cell) {
    switch (cell->kind) {
    case DC_CELL_NONE:
        return true;
    case DC_CELL_REAL:
        return cell->real == 0;
    case DC_CELL_TEXT:
        return cell->text.len == 0;
    case DC_CELL_VALUE:
        return dc_value_is_zero(cell->value);
    case DC_CELL_JSON:
    case DC_CELL_REASON:
        return false;
    case DC_CELL_LIST:
        return cell->list->count == 0;
    default:
        return cell->number == 0; /* an int64_t of 0 is one, too */
    }
}

/* ---- nanoseconds ---- */

enum dc_scale dc_scale_for(uint64_t most) {
    /* From 10 of a unit on; 10 s is where milliseconds get too long to read. */
    for (int scale = DC_SCALE_S; scale > DC_SCALE_NS; scale--)
        if (most / 10 >= scales[scale].ns)
            return (enum dc_scale)scale;
    return DC_SCALE_NS;
}

const char *dc_scale_name(enum dc_scale scale) {
    return scales[scale].name;
}

static void add_u64(struct dc_buf *out, uint64_t value) {
    char text[DC_NUMBER_MAX];
    dc_buf_add(out, text, dc_format_u64(value, text));
}

/* "." and three digits. */
static void add_thousandths(struct dc_buf *out, uint64_t value) {
    char text[] = ".000";
    for (size_t i = 3; i > 0; i--, value /= 10)
        text[i] = (char)('0' + value % 10);
    dc_buf_text(out, text);
}

static void add_ns(struct dc_buf *out, uint64_t ns, enum dc_scale scale) {
    bool own = scale == DC_SCALE_OWN;
    if (own)
        scale = dc_scale_for(ns);
    uint64_t unit = scales[scale].thousandth;
    if (unit == 0) {
        add_u64(out, ns);
    } else {
        uint64_t thousandths = ns / unit + (ns % unit >= (unit + 1) / 2);
        if (ns > 0 && thousandths == 0) {
            dc_buf_text(out, "<");
            thousandths = 1;
        }
        add_u64(out, thousandths / 1000);
        add_thousandths(out, thousandths % 1000);
    }
    if (own) {
        dc_buf_text(out, " ");
        dc_buf_text(out, scales[scale].name);
    }
}

/* ---- text ---- */

bool dc_cell_add_symbol(const struct dc_cell_style *style, uint64_t address,
                        struct dc_buf *out) {
    if (!style->symbols || !dc_symbols_add(style->symbols, address, out))
        return false;
    if (style->doubtful)
        dc_buf_text(out, "?");
    return true;
}

static void add_hex(struct dc_buf *out, uint64_t value, unsigned digits) {
    char text[DC_NUMBER_MAX];
    dc_buf_add(out, text, dc_format_hex(value, digits, text));
}

static void add_address(struct dc_buf *out, uint64_t value,
                        const struct dc_cell_style *style) {
    size_t len = out->len;
    add_hex(out, value, 0);
    if (!style->symbols)
        return;
    size_t before = out->len;
    dc_buf_text(out, " ");
    if (!dc_cell_add_symbol(style, value, out) && out->len > len)
        out->len = before;
}

static void add_number(struct dc_buf *out, uint64_t value, enum dc_unit unit,
                       const struct dc_cell_style *style, enum dc_scale scale) {
    bool own = scale == DC_SCALE_OWN;
    if (unit == DC_NS && !style->exact) {
        add_ns(out, value, scale);
        return;
    }
    if (unit == DC_ADDRESS) {
        add_address(out, value, style);
        return;
    }
    if (unit == DC_BITMAP) {
        add_hex(out, value, 0);
        return;
    }
    static const char *const names[] = {
        [DC_BYTES] = " B", [DC_PAGES] = " pages",     [DC_NS] = " ns",   [DC_US] = " us",
        [DC_MS] = " ms",   [DC_JIFFIES] = " jiffies", [DC_BITMAP] = NULL};
    add_u64(out, value);
    if (own && names[unit])
        dc_buf_text(out, names[unit]);
}

/* With `decimals` digits behind the point, rounded; no printf, whose point depends on
   the language. */
static void add_real(struct dc_buf *out, double value, unsigned decimals) {
    char text[DC_NUMBER_MAX];
    double power = 1, most = 1e15;
    for (unsigned i = 0; i < decimals; i++)
        power *= 10;
    if (!isfinite(value) || value < 0 || value * power > most) {
        if (isfinite(value))
            dc_buf_add(out, text, dc_format_f64(value, text));
        else
            dc_buf_text(out, isnan(value) ? "NaN" : value < 0 ? "-inf" : "inf");
        return;
    }
    uint64_t scaled = (uint64_t)(value * power + 0.5), unit = (uint64_t)power;
    if (value > 0 && scaled == 0) {
        dc_buf_text(out, "<");
        scaled = 1;
    }
    add_u64(out, scaled / unit);
    if (decimals == 0)
        return;
    size_t n = dc_format_u64(scaled % unit + unit, text); /* its first digit is a 1 */
    text[0] = '.';
    dc_buf_add(out, text, n);
}

/* "3: 0x1 0x2 ..." */
static void add_list(struct dc_buf *out, const struct dc_cell *cell,
                     const struct dc_cell_style *style, enum dc_scale scale) {
    enum { MOST = 8 };
    size_t most = style->all ? SIZE_MAX : MOST, shown = 0;
    add_u64(out, cell->list->count);
    if (scale != DC_SCALE_OWN) /* in a column: how many there are */
        return;
    struct dc_list_walk walk = dc_list_walk(cell->list);
    for (; shown < most && dc_list_next(&walk); shown++) {
        dc_buf_text(out, shown ? " " : ": ");
        add_number(out, walk.value.u, cell->unit, style, DC_SCALE_NS);
    }
    if (shown == cell->list->count)
        return;
    dc_buf_text(out, " \xe2\x80\xa6 (+");
    add_u64(out, cell->list->count - shown);
    dc_buf_text(out, " more; --all)");
}

/* On one line. */
static void add_json(struct dc_buf *out, struct dc_str value) {
    struct dc_writer w;
    dc_writer_init(&w, dc_buf_sink(out), false, false);
    dc_write_value(&w, (struct dc_span){value.p, value.len});
    (void)!dc_writer_finish(&w); /* the buffer remembers it */
}

static void add_reason(struct dc_buf *out, const struct dc_rec *sample) {
    const struct dc_rec *reason = dc_record(sample, DC_AT_STATS_SAMPLE_missing_stats);
    struct dc_error ignored;
    dc_buf_text(out, reason->type->tag_value);
    dc_buf_text(out, ": ");
    if (dc_samples_why(reason, dc_u64(sample, DC_AT_STATS_SAMPLE_deadline_ms), out,
                       &ignored) < 0)
        out->failed = true;
}

/* Without its sign; that of -2^63, too. */
static uint64_t magnitude(int64_t value) {
    return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

void dc_cell_text(const struct dc_cell *cell, const struct dc_cell_style *style,
                  enum dc_scale scale, struct dc_buf *out) {
    switch (cell->kind) {
    case DC_CELL_NONE:
        break;
    case DC_CELL_NUMBER:
        add_number(out, cell->number, cell->unit, style, scale);
        break;
    case DC_CELL_SIGNED:
        if (cell->integer < 0)
            dc_buf_text(out, "-");
        add_number(out, magnitude(cell->integer), cell->unit, style, scale);
        break;
    case DC_CELL_REAL:
        add_real(out, cell->real, cell->decimals);
        break;
    case DC_CELL_TRUTH:
        dc_buf_text(out, cell->number ? "true" : "false");
        break;
    case DC_CELL_TEXT:
        dc_buf_add(out, cell->text.p, cell->text.len);
        break;
    case DC_CELL_VALUE:
        dc_value_add_line(cell->value, style, out);
        break;
    case DC_CELL_JSON:
        add_json(out, cell->text);
        break;
    case DC_CELL_REASON:
        add_reason(out, cell->value);
        break;
    case DC_CELL_LIST:
        add_list(out, cell, style, scale);
        break;
    }
    if (cell->name) {
        dc_buf_text(out, " (");
        dc_buf_text(out, cell->name);
        dc_buf_text(out, ")");
    }
}

/* ---- data ---- */

static void json_number(struct dc_writer *w, uint64_t value, enum dc_unit unit) {
    if (unit == DC_ADDRESS || unit == DC_BITMAP)
        dc_write_address(w, value);
    else
        dc_write_count(w, value);
}

void dc_cell_json(struct dc_writer *w, const struct dc_cell *cell) {
    switch (cell->kind) {
    case DC_CELL_NONE:
        dc_write_null(w);
        break;
    case DC_CELL_NUMBER:
        json_number(w, cell->number, cell->unit);
        break;
    case DC_CELL_SIGNED:
        dc_write_signed_count(w, cell->integer);
        break;
    case DC_CELL_REAL:
        dc_write_f64(w, cell->real);
        break;
    case DC_CELL_TRUTH:
        dc_write_bool(w, cell->number);
        break;
    case DC_CELL_TEXT:
        dc_write_string(w, cell->text.p, cell->text.len);
        break;
    case DC_CELL_VALUE:
        dc_uniform_value(w, cell->value, false);
        break;
    case DC_CELL_JSON:
        dc_write_value(w, (struct dc_span){cell->text.p, cell->text.len});
        break;
    case DC_CELL_REASON:
        dc_uniform_choice(w, dc_record(cell->value, DC_AT_STATS_SAMPLE_missing_stats),
                          false);
        break;
    case DC_CELL_LIST:
        dc_write_open(w, '[');
        for (struct dc_list_walk walk = dc_list_walk(cell->list); dc_list_next(&walk);)
            json_number(w, walk.value.u, cell->unit);
        dc_write_close(w, ']');
        break;
    }
}
