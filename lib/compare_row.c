#include "lib/compare_private.h"

#include <math.h>
#include <string.h>

/* ---- values ---- */

struct dc_diff_value dc_diff_none(void) {
    return (struct dc_diff_value){.kind = DC_DIFF_NONE};
}

struct dc_diff_value dc_diff_text(struct dc_str s) {
    return (struct dc_diff_value){.kind = s.p ? DC_DIFF_TEXT : DC_DIFF_NONE, .text = s};
}

struct dc_diff_value dc_diff_word(const char *word) {
    return dc_diff_text((struct dc_str){word, strlen(word)});
}

struct dc_diff_value dc_diff_number(int kind, uint64_t number) {
    return (struct dc_diff_value){.kind = kind, .number = number};
}

static struct dc_diff_value unsigned_value(const struct dc_field *field, uint64_t value) {
    bool hex = field->unit == DC_ADDRESS || field->unit == DC_BITMAP;
    return dc_diff_number(hex ? DC_DIFF_HEX : DC_DIFF_NUMBER, value);
}

/* What stands for a value that is not there: a default, or nothing. */
static struct dc_diff_value absent_value(const struct dc_field *field) {
    if (field->shape != DC_ONE)
        return dc_diff_number(DC_DIFF_ELEMENTS, 0);
    if (field->rule != DC_DEFAULTED && field->rule != DC_WRITTEN)
        return dc_diff_none();
    switch (field->kind) {
    case DC_BOOL:
        return dc_diff_number(DC_DIFF_TRUTH, 0);
    case DC_U8:
    case DC_U32:
    case DC_U64:
        return unsigned_value(field, 0);
    case DC_I32:
    case DC_I64:
        return (struct dc_diff_value){.kind = DC_DIFF_SIGNED, .integer = 0};
    case DC_STRING:
        return dc_diff_word("");
    default:
        return dc_diff_none();
    }
}

struct dc_diff_value dc_diff_value_of(const struct dc_field *field,
                                      const union dc_slot *slot) {
    if (!slot)
        return absent_value(field);
    if (field->shape != DC_ONE)
        return dc_diff_number(DC_DIFF_ELEMENTS, slot->list->count);
    switch (field->kind) {
    case DC_BOOL:
        return dc_diff_number(DC_DIFF_TRUTH, slot->u);
    case DC_I32:
    case DC_I64:
        return (struct dc_diff_value){.kind = DC_DIFF_SIGNED, .integer = slot->i};
    case DC_F64:
        return (struct dc_diff_value){.kind = DC_DIFF_REAL, .real = slot->f};
    case DC_STRING:
        return dc_diff_text(*slot->str);
    case DC_ANY:
        return (struct dc_diff_value){.kind = DC_DIFF_JSON, .text = *slot->any};
    case DC_RECORD:
        if (field->type == &dc_type_RV)
            return (struct dc_diff_value){.kind = DC_DIFF_VALUE, .value = slot->rec};
        return dc_diff_number(DC_DIFF_OBJECT, 0);
    default:
        return unsigned_value(field, slot->u);
    }
}

/* An exit kind in a field is a plain number, in the model it has a name. */
bool dc_diff_equal(struct dc_diff_value a, struct dc_diff_value b) {
    if (a.kind == DC_DIFF_KIND)
        a.kind = DC_DIFF_NUMBER;
    if (b.kind == DC_DIFF_KIND)
        b.kind = DC_DIFF_NUMBER;
    if (a.kind != b.kind)
        return false;
    if (a.kind == DC_DIFF_TEXT || a.kind == DC_DIFF_JSON)
        return dc_str_same(a.text, b.text);
    return a.kind == DC_DIFF_NONE || a.number == b.number;
}

/* ---- numbers ---- */

/* A number with its sign beside it, or a real one. */
struct number {
    enum { NO_NUMBER, WHOLE, REAL } kind;
    bool negative;
    uint64_t whole;
    double real;
};

static struct number signed_number(int64_t value) {
    return (struct number){.kind = WHOLE,
                           .negative = value < 0,
                           .whole = value < 0 ? 0 - (uint64_t)value : (uint64_t)value};
}

static struct number rendered_number(const struct dc_rec *value) {
    if (value->type == &dc_type_RV_INT)
        return signed_number(dc_i64(value, DC_AT_RV_INT_value));
    if (value->type == &dc_type_RV_UINT)
        return (struct number){.kind = WHOLE,
                               .whole = dc_u64(value, DC_AT_RV_UINT_value)};
    if (value->type == &dc_type_RV_FLOAT)
        return (struct number){.kind = REAL,
                               .real = dc_slot(value, DC_AT_RV_FLOAT_value)->f};
    return (struct number){.kind = NO_NUMBER};
}

static struct number number_of(struct dc_diff_value value) {
    switch (value.kind) {
    case DC_DIFF_NUMBER:
    case DC_DIFF_ELEMENTS:
        return (struct number){.kind = WHOLE, .whole = value.number};
    case DC_DIFF_SIGNED:
        return signed_number(value.integer);
    case DC_DIFF_REAL:
        return (struct number){.kind = REAL, .real = value.real};
    case DC_DIFF_VALUE:
        return rendered_number(value.value);
    default:
        return (struct number){.kind = NO_NUMBER};
    }
}

static double size_of(struct number n) {
    return n.kind == REAL ? fabs(n.real) : (double)n.whole;
}

static struct dc_diff_delta delta_of(struct number a, struct number b) {
    struct dc_diff_delta delta = {.kind = DC_DELTA_NONE};
    if (a.kind != b.kind || a.kind == NO_NUMBER)
        return delta;
    if (a.kind == REAL) {
        delta.real = b.real - a.real;
        delta.kind = isfinite(delta.real) ? DC_DELTA_REAL : DC_DELTA_NONE;
        delta.negative = delta.real < 0;
        return delta;
    }
    delta.kind = DC_DELTA_WHOLE;
    if (a.negative != b.negative) { /* two i64: their distance fits */
        delta.negative = b.negative;
        delta.whole = a.whole + b.whole;
    } else {
        delta.negative = (b.whole < a.whole) != a.negative;
        delta.whole = b.whole > a.whole ? b.whole - a.whole : a.whole - b.whole;
    }
    return delta;
}

void dc_diff_measure(const struct dc_compare *c, struct dc_diff_row *row) {
    const struct dc_tolerance *tolerance = &c->options.tolerance;
    struct number a = number_of(row->a), b = number_of(row->b);
    row->delta = delta_of(a, b);
    if (row->delta.kind == DC_DELTA_NONE || row->class != DC_DIFF_COUNTS)
        return;
    double apart = row->delta.kind == DC_DELTA_REAL ? fabs(row->delta.real)
                                                    : (double)row->delta.whole;
    double larger = size_of(a) > size_of(b) ? size_of(a) : size_of(b);
    bool near = (tolerance->number > 0 && apart <= tolerance->number) ||
                (tolerance->percent > 0 && apart * 100 <= tolerance->percent * larger);
    if (near) {
        row->class = DC_DIFF_IGNORED;
        row->why = DC_DIFF_NEAR;
    }
}

/* ---- rows ---- */

bool dc_diff_variants_differ(const struct dc_compare *c) {
    return c->diff->a->variant != c->diff->b->variant;
}

void dc_diff_no_memory(struct dc_compare *c) {
    if (!c->failed)
        dc_fail(c->err, DC_ENOMEM, "out of memory");
    c->failed = true;
}

/* Inside one run the address of a map, a task or a scheduler says which one it is. */
bool dc_diff_is_noise(const struct dc_compare *c, const struct dc_type *type, size_t i) {
    static const char one[] = "_kva", several[] = "_kvas";
    const char *name = type->fields[i].name;
    size_t len = strlen(name);
    bool says_who =
        (len >= strlen(one) && strcmp(name + len - strlen(one), one) == 0) ||
        (len >= strlen(several) && strcmp(name + len - strlen(several), several) == 0);
    if (c->options.same_run && says_who)
        return false;
    return dc_noise_is(type, i, c->options.noise);
}

bool dc_diff_is_wanted(const struct dc_compare *c, int section) {
    return c->options.only == 0 || (c->options.only >> section & 1);
}

void dc_diff_row_path(const struct dc_diff_row *row, struct dc_buf *out) {
    if (row->at)
        dc_diff_path_add(row->at, out);
    else
        dc_buf_text(out, row->path ? row->path : row->what);
}

static bool is_to_ignore(struct dc_compare *c, const struct dc_diff_row *row) {
    if (c->options.n_ignore == 0)
        return false;
    c->path.len = 0;
    dc_diff_row_path(row, &c->path);
    if (!dc_buf_ok(&c->path)) {
        dc_diff_no_memory(c);
        return false;
    }
    for (size_t i = 0; i < c->options.n_ignore; i++)
        if (dc_diff_path_matches(c->options.ignore[i], c->path.data, c->path.len))
            return true;
    return false;
}

static void count(struct dc_compare *c, const struct dc_diff_row *row) {
    struct dc_diff_counts *counts = &c->diff->counts[row->section];
    counts->present = true;
    if (row->class == DC_DIFF_IGNORED)
        counts->ignored[row->why]++;
    else if (row->class == DC_DIFF_COUNTS && strcmp(row->what, "added") == 0)
        counts->added++;
    else if (row->class == DC_DIFF_COUNTS && strcmp(row->what, "removed") == 0)
        counts->removed++;
    else if (row->class == DC_DIFF_COUNTS)
        counts->changed++;
}

/* What was not to be told is counted; of noise what stands in a list is too much. */
static bool is_summed(const struct dc_diff_row *row) {
    return row->class == DC_DIFF_IGNORED &&
           (row->why != DC_DIFF_NOISE || dc_diff_path_is_listed(row->at));
}

static void judge(struct dc_compare *c, struct dc_diff_row *row) {
    if (c->passing && row->class == DC_DIFF_COUNTS) {
        row->class = DC_DIFF_IGNORED;
        row->why = DC_DIFF_NOISE;
    }
    if (row->class == DC_DIFF_COUNTS && is_to_ignore(c, row)) {
        row->class = DC_DIFF_IGNORED;
        row->why = DC_DIFF_PATTERN;
    }
}

void dc_diff_tell(struct dc_compare *c, struct dc_diff_row *row) {
    row->section = c->section;
    row->snapshot = c->snapshot;
    judge(c, row);
    if (dc_diff_is_over(c))
        return;
    if (!c->telling)
        count(c, row);
    else if (is_summed(row))
        c->summed[row->section][row->why]++;
    else if (row->class == c->class && c->fn(c->ctx, row) < 0)
        c->stopped = true;
}

void dc_diff_keep(struct dc_compare *c, struct dc_diff_row row) {
    struct dc_diff *diff = c->diff;
    struct dc_alloc alloc = diff->options.alloc;
    row.snapshot = c->snapshot;
    if (!dc_diff_is_wanted(c, row.section))
        return;
    judge(c, &row);
    if (diff->n_rows == diff->room) {
        size_t room = diff->room ? 2 * diff->room : 16;
        void *p = alloc.resize(alloc.ctx, diff->rows, room * sizeof(*diff->rows));
        if (!p) {
            dc_diff_no_memory(c);
            return;
        }
        diff->rows = p;
        diff->room = room;
    }
    diff->rows[diff->n_rows++] = row;
    count(c, &row);
}
