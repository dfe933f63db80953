#include "lib/value_text.h"

#include "lib/escape.h"
#include "lib/number.h"

#include <math.h>
#include <string.h>

enum {
    STEP = 2,        /* columns that a member stands deeper than its struct */
    GAP = 3,         /* between the columns of a grid */
    MOST_CELL = 60,  /* bytes of a cell in a grid, */
    USUAL_CELL = 24, /* and columns of one that the grid is made for */
    MOST_IN_ROW = 6,
};

static void add_str(struct dc_buf *out, struct dc_str str) {
    dc_buf_add(out, str.p, str.len);
}

static void add_u64(struct dc_buf *out, uint64_t value) {
    char text[DC_NUMBER_MAX];
    dc_buf_add(out, text, dc_format_u64(value, text));
}

static void add_i64(struct dc_buf *out, int64_t value) {
    char text[DC_NUMBER_MAX];
    dc_buf_add(out, text, dc_format_i64(value, text));
}

/* ---- what is zero ---- */

/*
 * Looked for at every level of a value and for every trial: so it gives up after so many
 * members, and what is larger counts as not zero. It is shown then, and not left out.
 */
enum { MOST_LOOKED_AT = 2048 };

static bool is_zero(const struct dc_rec *value, unsigned *budget);

static bool all_zero(const struct dc_list *list, int field, unsigned *budget) {
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);) {
        const struct dc_rec *rec = walk.value.rec;
        if (!is_zero(field < 0 ? rec : dc_record(rec, field), budget))
            return false;
    }
    return true;
}

static bool is_zero(const struct dc_rec *value, unsigned *budget) {
    const struct dc_type *type = value->type;
    if (*budget == 0)
        return false;
    --*budget;
    if (type == &dc_type_RV_INT)
        return dc_i64(value, DC_AT_RV_INT_value) == 0;
    if (type == &dc_type_RV_UINT)
        return dc_u64(value, DC_AT_RV_UINT_value) == 0;
    if (type == &dc_type_RV_BOOL)
        return dc_u64(value, DC_AT_RV_BOOL_value) == 0;
    if (type == &dc_type_RV_CHAR)
        return dc_u64(value, DC_AT_RV_CHAR_value) == 0;
    if (type == &dc_type_RV_FLOAT)
        return dc_slot(value, DC_AT_RV_FLOAT_value)->f == 0;
    if (type == &dc_type_RV_ENUM)
        return dc_i64(value, DC_AT_RV_ENUM_value) == 0;
    if (type == &dc_type_RV_CPU_LIST)
        return dc_string(value, DC_AT_RV_CPU_LIST_cpus).len == 0;
    if (type == &dc_type_RV_PTR)
        return dc_u64(value, DC_AT_RV_PTR_value) == 0 &&
               !dc_has(value, DC_AT_RV_PTR_deref) &&
               !dc_has(value, DC_AT_RV_PTR_deref_skipped_reason);
    if (type == &dc_type_RV_STRUCT)
        return all_zero(dc_list_of(value, DC_AT_RV_STRUCT_members), DC_AT_MEMBER_value,
                        budget);
    if (type == &dc_type_RV_ARRAY) /* of what is missing nothing is known */
        return dc_list_of(value, DC_AT_RV_ARRAY_elements)->count ==
                   dc_u64(value, DC_AT_RV_ARRAY_len) &&
               all_zero(dc_list_of(value, DC_AT_RV_ARRAY_elements), -1, budget);
    return false;
}

bool dc_value_is_zero(const struct dc_rec *value) {
    unsigned budget = MOST_LOOKED_AT;
    return is_zero(value, &budget);
}

bool dc_value_is_scalar(const struct dc_rec *value) {
    if (value->type == &dc_type_RV_PTR)
        return !dc_has(value, DC_AT_RV_PTR_deref) &&
               !dc_has(value, DC_AT_RV_PTR_deref_skipped_reason);
    return value->type != &dc_type_RV_STRUCT && value->type != &dc_type_RV_ARRAY &&
           value->type != &dc_type_RV_TRUNCATED;
}

/* ---- scalars ---- */

static void add_float(struct dc_buf *out, double value) {
    char text[DC_NUMBER_MAX];
    if (!isfinite(value)) {
        dc_buf_text(out, isnan(value) ? "NaN" : value < 0 ? "-inf" : "inf");
        return;
    }
    size_t n = dc_format_f64(value, text);
    if (n > 2 && memcmp(text + n - 2, ".0", 2) == 0)
        n -= 2;
    dc_buf_add(out, text, n);
}

static void add_char(struct dc_buf *out, uint64_t byte) {
    char text[DC_NUMBER_MAX];
    if (byte >= 0x20 && byte < 0x7f) {
        const char quoted[3] = {'\'', (char)byte, '\''};
        dc_buf_add(out, quoted, sizeof(quoted));
        return;
    }
    dc_buf_add(out, text, dc_format_hex(byte, 2, text));
}

/* An unsigned enum keeps its bit pattern in a signed field (wire-format 5). */
static void add_enum(struct dc_buf *out, const struct dc_rec *value) {
    struct dc_str name = dc_string(value, DC_AT_RV_ENUM_variant);
    int64_t number = dc_i64(value, DC_AT_RV_ENUM_value);
    add_str(out, name);
    dc_buf_text(out, name.p ? " (" : "");
    if (dc_u64(value, DC_AT_RV_ENUM_is_signed))
        add_i64(out, number);
    else
        add_u64(out, (uint64_t)number);
    dc_buf_text(out, name.p ? ")" : "");
}

static void add_pointer(struct dc_buf *out, const struct dc_rec *value,
                        const struct dc_cell_style *style) {
    const struct dc_cell cell = {.kind = DC_CELL_NUMBER,
                                 .unit = DC_ADDRESS,
                                 .number = dc_u64(value, DC_AT_RV_PTR_value)};
    struct dc_str cast = dc_string(value, DC_AT_RV_PTR_cast_annotation);
    dc_cell_text(&cell, style, DC_SCALE_OWN, out);
    if (!cast.p)
        return;
    dc_buf_text(out, " (");
    add_str(out, cast);
    dc_buf_text(out, ")");
}

static void add_reason(struct dc_buf *out, struct dc_str reason) {
    static const char cycle[] = "cycle ";
    size_t n = strlen(cycle);
    if (reason.len >= n && memcmp(reason.p, cycle, n) == 0) {
        dc_buf_text(out, " [cycle]");
        return;
    }
    dc_buf_text(out, " [chase: ");
    add_str(out, reason);
    dc_buf_text(out, "]");
}

static void add_scalar(const struct dc_rec *value, const struct dc_cell_style *style,
                       struct dc_buf *out) {
    const struct dc_type *type = value->type;
    if (type == &dc_type_RV_INT) {
        add_i64(out, dc_i64(value, DC_AT_RV_INT_value));
    } else if (type == &dc_type_RV_UINT) {
        add_u64(out, dc_u64(value, DC_AT_RV_UINT_value));
    } else if (type == &dc_type_RV_BOOL) {
        dc_buf_text(out, dc_u64(value, DC_AT_RV_BOOL_value) ? "true" : "false");
    } else if (type == &dc_type_RV_CHAR) {
        add_char(out, dc_u64(value, DC_AT_RV_CHAR_value));
    } else if (type == &dc_type_RV_FLOAT) {
        add_float(out, dc_slot(value, DC_AT_RV_FLOAT_value)->f);
    } else if (type == &dc_type_RV_ENUM) {
        add_enum(out, value);
    } else if (type == &dc_type_RV_CPU_LIST) {
        dc_buf_text(out, "{");
        add_str(out, dc_string(value, DC_AT_RV_CPU_LIST_cpus));
        dc_buf_text(out, "}");
    } else if (type == &dc_type_RV_PTR) {
        add_pointer(out, value, style);
    } else if (type == &dc_type_RV_BYTES) {
        add_str(out, dc_string(value, DC_AT_RV_BYTES_hex));
    } else {
        dc_buf_text(out, "<unsupported: ");
        add_str(out, dc_string(value, DC_AT_RV_UNSUPPORTED_reason));
        dc_buf_text(out, ">");
    }
}

static void add_truncation(const struct dc_rec *value, struct dc_buf *out) {
    dc_buf_text(out, "<truncated needed=");
    add_u64(out, dc_u64(value, DC_AT_RV_TRUNCATED_needed));
    dc_buf_text(out, " had=");
    add_u64(out, dc_u64(value, DC_AT_RV_TRUNCATED_had));
    dc_buf_text(out, "> ");
}

/* ---- one line ---- */

/* Members of an anonymous struct belong to the one around it, as in C. */
static bool is_flattened(struct dc_str name, const struct dc_rec *value) {
    return name.len == 0 && value->type == &dc_type_RV_STRUCT;
}

static bool is_left_out(const struct dc_rec *value, const struct dc_cell_style *style) {
    return !style->all && dc_value_is_zero(value);
}

bool dc_value_is_too_long(const struct dc_list *list, size_t limit) {
    enum { MOST_IN_LINE = 4096, SHORT = 4096 };
    return limit < SHORT && list->count > MOST_IN_LINE;
}

static bool add_members(const struct dc_rec *value, const struct dc_cell_style *style,
                        struct dc_buf *out, size_t limit, bool *first) {
    const struct dc_list *members = dc_list_of(value, DC_AT_RV_STRUCT_members);
    size_t start = out->len;
    if (dc_value_is_too_long(members, limit))
        return false;
    for (struct dc_list_walk walk = dc_list_walk(members); dc_list_next(&walk);) {
        struct dc_str name = dc_string(walk.value.rec, DC_AT_MEMBER_name);
        const struct dc_rec *inner = dc_record(walk.value.rec, DC_AT_MEMBER_value);
        if (out->len - start > limit)
            return false;
        size_t rest = limit - (out->len - start);
        if (is_left_out(inner, style))
            continue;
        if (is_flattened(name, inner)) {
            if (!add_members(inner, style, out, rest, first))
                return false;
            continue;
        }
        dc_buf_text(out, *first ? "" : ", ");
        *first = false;
        if (name.len > 0)
            add_str(out, name);
        else
            dc_buf_text(out, "<anon>");
        dc_buf_text(out, "=");
        if (!dc_value_add_inline(inner, style, out, rest))
            return false;
    }
    return out->len - start <= limit;
}

static bool add_followed(const struct dc_rec *value, const struct dc_cell_style *style,
                         struct dc_buf *out, size_t limit) {
    const struct dc_rec *target = dc_record(value, DC_AT_RV_PTR_deref);
    struct dc_str reason = dc_string(value, DC_AT_RV_PTR_deref_skipped_reason);
    add_pointer(out, value, style);
    if (reason.p)
        add_reason(out, reason);
    if (!target)
        return true;
    dc_buf_text(out, " \xe2\x86\x92 ");
    return dc_value_add_inline(target, style, out, limit);
}

/* Bytes of a scalar that come from outside: what is too long is not even tried. */
static size_t foreign_bytes(const struct dc_rec *value) {
    static const struct {
        const struct dc_type *type;
        int field;
    } texts[] = {{&dc_type_RV_ENUM, DC_AT_RV_ENUM_variant},
                 {&dc_type_RV_CPU_LIST, DC_AT_RV_CPU_LIST_cpus},
                 {&dc_type_RV_PTR, DC_AT_RV_PTR_cast_annotation},
                 {&dc_type_RV_BYTES, DC_AT_RV_BYTES_hex},
                 {&dc_type_RV_UNSUPPORTED, DC_AT_RV_UNSUPPORTED_reason}};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (value->type == texts[i].type)
            return dc_string(value, texts[i].field).len;
    return 0;
}

bool dc_value_add_inline(const struct dc_rec *value, const struct dc_cell_style *style,
                         struct dc_buf *out, size_t limit) {
    size_t start = out->len;
    bool first = true, done = true;
    if (dc_value_is_scalar(value)) {
        if (foreign_bytes(value) > limit)
            return false;
        add_scalar(value, style, out);
    } else if (value->type == &dc_type_RV_ARRAY) {
        done = dc_value_add_array(value, style, out, limit);
    } else if (value->type == &dc_type_RV_PTR) {
        done = add_followed(value, style, out, limit);
    } else if (value->type == &dc_type_RV_TRUNCATED) {
        add_truncation(value, out);
        done = dc_value_add_inline(dc_record(value, DC_AT_RV_TRUNCATED_partial), style,
                                   out, limit);
    } else {
        add_str(out, dc_string(value, DC_AT_RV_STRUCT_type_name));
        dc_buf_text(out, "{");
        done = add_members(value, style, out, limit, &first);
        dc_buf_text(out, "}");
    }
    return done && out->len - start <= limit;
}

void dc_value_add_line(const struct dc_rec *value, const struct dc_cell_style *style,
                       struct dc_buf *out) {
    size_t start = out->len;
    if (dc_value_add_inline(value, style, out, SIZE_MAX / 2))
        return;
    /* An array of structs is in it: there is no short form. */
    out->len = start;
    if (value->type == &dc_type_RV_ARRAY) {
        dc_buf_text(out, "[");
        add_u64(out, dc_list_of(value, DC_AT_RV_ARRAY_elements)->count);
        dc_buf_text(out, " elements]");
    } else {
        add_str(out, dc_string(value->type == &dc_type_RV_STRUCT ? value : NULL,
                               DC_AT_RV_STRUCT_type_name));
        dc_buf_text(out, "{...}");
    }
}

/* ---- several lines ---- */

void dc_value_break(struct dc_value_lines *lines) {
    if (lines->buf->len > 0)
        lines->line(lines->ctx, lines->indent, lines->buf);
    lines->buf->len = 0;
}

/* What the grid of a struct is laid out by. */
struct grid {
    struct dc_value_lines *lines;
    size_t widest, in_row, column, zeros, others;
};

static void add_cell(struct dc_buf *out, struct dc_str name, const struct dc_buf *text) {
    if (name.len > 0)
        add_str(out, name);
    else
        dc_buf_text(out, "<anon>");
    dc_buf_text(out, "=");
    dc_buf_add(out, text->data, text->len);
}

/* The member's value in few words, into lines->trial. false: it needs lines of its own. */
static bool is_cell(struct dc_value_lines *lines, struct dc_str name,
                    const struct dc_rec *value) {
    lines->trial->len = 0;
    return name.len < MOST_CELL &&
           (dc_value_is_scalar(value) || value->type == &dc_type_RV_STRUCT) &&
           dc_value_add_inline(value, lines->style, lines->trial, MOST_CELL - name.len);
}

typedef void (*member_fn)(struct grid *grid, struct dc_str name,
                          const struct dc_rec *value);

static void each_member(struct grid *grid, const struct dc_rec *value, member_fn fn) {
    const struct dc_list *members = dc_list_of(value, DC_AT_RV_STRUCT_members);
    for (struct dc_list_walk walk = dc_list_walk(members); dc_list_next(&walk);) {
        struct dc_str name = dc_string(walk.value.rec, DC_AT_MEMBER_name);
        const struct dc_rec *inner = dc_record(walk.value.rec, DC_AT_MEMBER_value);
        if (is_left_out(inner, grid->lines->style))
            grid->zeros++;
        else if (is_flattened(name, inner))
            each_member(grid, inner, fn);
        else
            fn(grid, name, inner);
    }
}

/* Members that one line leaves out count too. */
static void count_zeros(struct dc_value_lines *lines, const struct dc_rec *value) {
    if (value->type == &dc_type_RV_PTR && dc_has(value, DC_AT_RV_PTR_deref))
        count_zeros(lines, dc_record(value, DC_AT_RV_PTR_deref));
    if (value->type == &dc_type_RV_TRUNCATED)
        count_zeros(lines, dc_record(value, DC_AT_RV_TRUNCATED_partial));
    if (lines->style->all || value->type != &dc_type_RV_STRUCT)
        return;
    const struct dc_list *members = dc_list_of(value, DC_AT_RV_STRUCT_members);
    for (struct dc_list_walk walk = dc_list_walk(members); dc_list_next(&walk);) {
        const struct dc_rec *inner = dc_record(walk.value.rec, DC_AT_MEMBER_value);
        if (dc_value_is_zero(inner))
            lines->zeros++;
        else
            count_zeros(lines, inner);
    }
}

static size_t cell_width(const struct dc_value_lines *lines, struct dc_str name) {
    return dc_escaped_width(name.p, name.len) + 1 +
           dc_escaped_width(lines->trial->data, lines->trial->len);
}

static void measure(struct grid *grid, struct dc_str name, const struct dc_rec *value) {
    if (!is_cell(grid->lines, name, value)) {
        grid->others++;
        return;
    }
    size_t width = cell_width(grid->lines, name);
    if (width > grid->widest && width <= USUAL_CELL)
        grid->widest = width;
}

/* A wide cell takes the place of several. */
static void put_cell(struct grid *grid, struct dc_str name, const struct dc_rec *value) {
    struct dc_buf *line = grid->lines->buf;
    if (!is_cell(grid->lines, name, value))
        return;
    size_t place = grid->widest + GAP;
    size_t places = (cell_width(grid->lines, name) + GAP + place - 1) / place;
    if (grid->column > 0 && grid->column + places > grid->in_row) {
        dc_value_break(grid->lines);
        grid->column = 0;
    }
    if (grid->column > 0) {
        size_t used = dc_escaped_width(line->data, line->len);
        size_t want = grid->column * (grid->widest + GAP);
        for (; used < want; used++)
            dc_buf_text(line, " ");
    }
    add_cell(line, name, grid->lines->trial);
    count_zeros(grid->lines, value);
    grid->column += places;
    if (grid->column >= grid->in_row) {
        dc_value_break(grid->lines);
        grid->column = 0;
    }
}

static void put_other(struct grid *grid, struct dc_str name, const struct dc_rec *value) {
    if (is_cell(grid->lines, name, value))
        return;
    if (name.len > 0)
        add_str(grid->lines->buf, name);
    else
        dc_buf_text(grid->lines->buf, "<anon>");
    dc_buf_text(grid->lines->buf, " ");
    dc_value_continue(grid->lines, value);
}

static void write_struct(struct dc_value_lines *lines, const struct dc_rec *value) {
    struct dc_str name = dc_string(value, DC_AT_RV_STRUCT_type_name);
    struct grid grid = {.lines = lines};
    each_member(&grid, value, measure);
    add_str(lines->buf, name);
    dc_buf_text(lines->buf, name.len > 0 ? ":" : "struct:");
    dc_value_break(lines);
    lines->zeros += grid.zeros;
    lines->indent += STEP;
    size_t room = lines->width > lines->indent ? lines->width - lines->indent : 0;
    if (grid.widest == 0)
        grid.widest = USUAL_CELL;
    grid.in_row = (room + GAP) / (grid.widest + GAP);
    grid.in_row = grid.in_row < 1             ? 1
                  : grid.in_row > MOST_IN_ROW ? MOST_IN_ROW
                                              : grid.in_row;
    each_member(&grid, value, put_cell);
    dc_value_break(lines);
    each_member(&grid, value, put_other);
    lines->indent -= STEP;
}

void dc_value_continue(struct dc_value_lines *lines, const struct dc_rec *value) {
    size_t used = dc_escaped_width(lines->buf->data, lines->buf->len) + lines->indent;
    size_t room = lines->width > used ? lines->width - used : 0;
    lines->trial->len = 0;
    if (value->type == &dc_type_RV_BYTES &&
        dc_value_write_bytes(lines, dc_string(value, DC_AT_RV_BYTES_hex), room))
        return;
    if (dc_value_is_scalar(value)) {
        add_scalar(value, lines->style, lines->buf);
        dc_value_break(lines);
    } else if (dc_value_add_inline(value, lines->style, lines->trial, room)) {
        dc_buf_add(lines->buf, lines->trial->data, lines->trial->len);
        count_zeros(lines, value);
        dc_value_break(lines);
    } else if (value->type == &dc_type_RV_STRUCT) {
        write_struct(lines, value);
    } else if (value->type == &dc_type_RV_ARRAY) {
        dc_value_write_array(lines, value);
    } else if (value->type == &dc_type_RV_PTR) {
        const struct dc_rec *target = dc_record(value, DC_AT_RV_PTR_deref);
        struct dc_str reason = dc_string(value, DC_AT_RV_PTR_deref_skipped_reason);
        add_pointer(lines->buf, value, lines->style);
        if (reason.p)
            add_reason(lines->buf, reason);
        if (target)
            dc_buf_text(lines->buf, " \xe2\x86\x92 ");
        if (target)
            dc_value_continue(lines, target);
        else
            dc_value_break(lines);
    } else {
        add_truncation(value, lines->buf);
        dc_value_continue(lines, dc_record(value, DC_AT_RV_TRUNCATED_partial));
    }
}

void dc_value_write(struct dc_value_lines *lines, unsigned indent,
                    const struct dc_rec *value) {
    lines->indent = indent;
    dc_value_continue(lines, value);
}
