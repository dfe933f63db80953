#include "lib/show_rows.h"

#include "lib/escape.h"
#include "lib/ids.h"
#include "lib/number.h"

#include <inttypes.h>
#include <string.h>

enum {
    N_REGS = 4,
    ADDRESS_WIDTH = 18,
    MARGIN = 2,
};

static const struct reg {
    const char *name;
    int field;
} regs[N_REGS] = {
    {"ip", DC_AT_VCPU_REGS_instruction_pointer},
    {"sp", DC_AT_VCPU_REGS_stack_pointer},
    {"ptroot", DC_AT_VCPU_REGS_page_table_root},
    {"uptroot", DC_AT_VCPU_REGS_user_page_table_root},
};

/* Columns of "dumpctl" that are shown where the screen has room for them. */
static const struct extra {
    const char *title;
    int field;
    unsigned most; /* columns */
    bool right;    /* aligned */
} extras[DC_SHOW_EXTRAS] = {
    {"symbol", -1, 32, false}, /* of the ip, where symbols were given */
    {"park", DC_AT_VCPU_park_us, 10, true},
    {"last_exit", DC_AT_VCPU_last_exit, 24, false},
    {"mp_state", DC_AT_VCPU_mp_state, 16, false},
};

/* ---- survey ---- */

bool dc_show_next_vcpu(const struct dc_show *s, struct dc_vcpu_walk *walk) {
    while (dc_vcpu_next(walk))
        if (dc_ids_has(s->options->vcpus, walk->vcpu.id))
            return true;
    return false;
}

/* A majority vote: if any ip is that of more than half, it is the one that remains. */
static void vote(struct dc_show_rows *rows, const struct dc_rec *vcpu_regs,
                 size_t *votes) {
    uint64_t ip = dc_u64(vcpu_regs, DC_AT_VCPU_REGS_instruction_pointer);
    if (*votes == 0)
        rows->common_ip = ip;
    *votes += rows->common_ip == ip ? 1 : (size_t)-1;
}

static unsigned extra_width(struct dc_show *s, const struct dc_vcpu *vcpu,
                            const struct extra *extra) {
    dc_show_restart(s);
    if (extra->field < 0) {
        uint64_t ip = dc_u64(vcpu->regs, DC_AT_VCPU_REGS_instruction_pointer);
        if (!vcpu->regs || !dc_cell_add_symbol(&s->cells, ip, &s->scratch))
            return 0;
    } else if (!dc_has(vcpu->detail, extra->field)) {
        return 0;
    } else if (extra->field == DC_AT_VCPU_park_us)
        dc_show_add_us(s, dc_u64(vcpu->detail, extra->field));
    else
        dc_show_add_str(s, dc_string(vcpu->detail, extra->field));
    size_t width = dc_escaped_width(s->scratch.data, s->scratch.len);
    size_t least = strlen(extra->title);
    return width > extra->most ? extra->most
           : width < least     ? (unsigned)least
                               : (unsigned)width;
}

static void survey_vcpu(struct dc_show_rows *rows, const struct dc_vcpu *vcpu) {
    rows->count[vcpu->state]++;
    if (vcpu->state != DC_PARKED)
        return;
    rows->user_root |= dc_has(vcpu->regs, DC_AT_VCPU_REGS_user_page_table_root);
    rows->tcr |= dc_has(vcpu->regs, DC_AT_VCPU_REGS_tcr_el1);
    rows->general |= dc_has(vcpu->detail, DC_AT_VCPU_regs);
    for (int i = 0; i < DC_SHOW_EXTRAS; i++) {
        unsigned width = extra_width(rows->s, vcpu, &extras[i]);
        if (width > rows->width[i])
            rows->width[i] = width;
    }
}

bool dc_show_is_common(const struct dc_show_rows *rows, const struct dc_vcpu *vcpu) {
    return rows->common && vcpu->state == DC_PARKED &&
           dc_u64(vcpu->regs, DC_AT_VCPU_REGS_instruction_pointer) == rows->common_ip;
}

static void survey(struct dc_show_rows *rows) {
    const struct dc_snapshot *snapshot = rows->snapshot;
    size_t votes = 0;
    for (struct dc_vcpu_walk walk = dc_vcpu_walk(snapshot);
         dc_show_next_vcpu(rows->s, &walk);) {
        survey_vcpu(rows, &walk.vcpu);
        if (walk.vcpu.state == DC_PARKED)
            vote(rows, walk.vcpu.regs, &votes);
    }
    rows->common = votes > 0;
    for (struct dc_vcpu_walk walk = dc_vcpu_walk(snapshot);
         dc_show_next_vcpu(rows->s, &walk);)
        rows->common_count += dc_show_is_common(rows, &walk.vcpu);
    rows->common =
        rows->common_count * 2 > rows->count[DC_PARKED] && rows->common_count > 1;
}

/* ---- layout ---- */

static unsigned row_width(const struct dc_show_rows *rows, unsigned in_row,
                          unsigned gap) {
    unsigned width = rows->indent + MARGIN + rows->id_width + 2 + rows->state_width;
    return width + (in_row > 0 ? 2 - gap : 0) + in_row * (gap + ADDRESS_WIDTH);
}

/* As many registers in the row as fit, with wide gaps where that costs none. */
static void lay_out(struct dc_show_rows *rows) {
    rows->state_width = (unsigned)strlen("state");
    for (int i = 0; i < DC_SHOW_STATES; i++) {
        size_t len = strlen(dc_state_name((enum dc_vcpu_state)i));
        if (rows->count[i] > 0 && len > rows->state_width)
            rows->state_width = (unsigned)len;
    }
    char number[DC_NUMBER_MAX];
    unsigned width = rows->s->text.width;
    rows->id_width = (unsigned)dc_format_u64(rows->snapshot->vcpus - 1, number);
    if (rows->id_width < strlen("vcpu"))
        rows->id_width = (unsigned)strlen("vcpu");
    rows->n_regs = rows->user_root ? N_REGS : N_REGS - 1;
    rows->in_row = rows->n_regs;
    /* The name of an address tells more than a stack pointer. */
    unsigned symbol = rows->width[0] > 0 ? rows->width[0] + 2 : 0;
    while (rows->in_row > 0 && row_width(rows, rows->in_row, 1) + symbol > width)
        rows->in_row--;
    if (rows->in_row == 0)
        symbol = 0;
    rows->gap = row_width(rows, rows->in_row, 2) + symbol <= width ? 2 : 1;
    unsigned column = row_width(rows, rows->in_row, rows->gap);
    for (int i = 0; i < DC_SHOW_EXTRAS; i++) {
        bool possible = i == 0 ? symbol > 0 : rows->in_row == rows->n_regs;
        rows->extra[i] =
            rows->width[i] > 0 && possible && column + 2 + rows->width[i] <= width;
        if (rows->extra[i])
            column += 2 + rows->width[i];
    }
}

struct dc_show_rows dc_show_rows(struct dc_show *s, unsigned indent,
                                 const struct dc_snapshot *snapshot) {
    struct dc_show_rows rows = {
        .s = s, .snapshot = snapshot, .indent = indent, .whole = s->options->all};
    survey(&rows);
    lay_out(&rows);
    return rows;
}

/* Below the first register, where that leaves room for one. */
static unsigned below_indent(const struct dc_show_rows *rows) {
    enum { LONGEST = ADDRESS_WIDTH + 8 }; /* "uptroot=" */
    unsigned column = row_width(rows, 0, 0) + 2;
    return column + LONGEST <= rows->s->text.width ? column : rows->indent + MARGIN + 2;
}

/* Registers that have no room in the row stand below it; where symbols took their room,
   only if that was asked for. */
static bool has_below(const struct dc_show_rows *rows) {
    return !rows->extra[0] || rows->s->options->all || rows->s->options->vcpus;
}

/* ---- parts of rows ---- */

void dc_show_rows_header(const struct dc_show_rows *rows) {
    struct dc_text *t = &rows->s->text;
    unsigned column = rows->indent + MARGIN + rows->id_width + 2;
    dc_text_style(t, DC_STYLE_FAINT);
    dc_text_put(t, "%*s", (int)(rows->indent + MARGIN + rows->id_width), "vcpu");
    dc_text_put(t, "  state");
    column += rows->state_width + 2;
    for (unsigned i = 0; i < rows->in_row; i++) {
        dc_text_tab(t, column);
        dc_text_put(t, "%s", regs[i].name);
        column += ADDRESS_WIDTH + rows->gap;
    }
    column += 2 - rows->gap;
    for (int i = 0; i < DC_SHOW_EXTRAS; i++) {
        if (!rows->extra[i])
            continue;
        size_t title = strlen(extras[i].title);
        unsigned blank = extras[i].right ? rows->width[i] - (unsigned)title : 0;
        dc_text_tab(t, column + blank);
        dc_text_put(t, "%s", extras[i].title);
        column += rows->width[i] + 2;
    }
    dc_text_style(t, DC_STYLE_PLAIN);
    dc_text_put(t, "\n");
}

static void put_regs(const struct dc_show_rows *rows, const struct dc_vcpu *vcpu) {
    struct dc_text *t = &rows->s->text;
    unsigned column = rows->indent + MARGIN + rows->id_width + 2 + rows->state_width + 2;
    for (unsigned i = 0; i < rows->in_row; i++) {
        dc_text_tab(t, column + i * (ADDRESS_WIDTH + rows->gap));
        if (dc_has(vcpu->regs, regs[i].field))
            dc_text_put(t, "0x%016" PRIx64, dc_u64(vcpu->regs, regs[i].field));
        else
            dc_text_put(t, "-");
    }
}

static void put_extras(const struct dc_show_rows *rows, const struct dc_vcpu *vcpu) {
    struct dc_text *t = &rows->s->text;
    const struct dc_buf *cell = &rows->s->scratch;
    unsigned column = row_width(rows, rows->in_row, rows->gap) + 2;
    for (int i = 0; i < DC_SHOW_EXTRAS; i++) {
        unsigned most = rows->width[i];
        if (rows->extra[i] && extra_width(rows->s, vcpu, &extras[i]) > 0) {
            size_t width = dc_escaped_width(cell->data, cell->len);
            bool right = extras[i].right && width < most;
            dc_text_tab(t, column + (right ? most - (unsigned)width : 0));
            dc_text_cut(t, cell->data, cell->len, most);
        }
        if (rows->extra[i])
            column += most + 2;
    }
}

/* Registers that have no room in the row. */
static void put_below(const struct dc_show_rows *rows, const struct dc_vcpu *vcpu) {
    struct dc_show *s = rows->s;
    dc_show_restart(s);
    for (unsigned i = rows->in_row; i < rows->n_regs; i++) {
        char number[DC_NUMBER_MAX];
        if (!dc_has(vcpu->regs, regs[i].field))
            continue;
        dc_show_add(s, s->scratch.len > 0 ? " " : "");
        dc_show_add(s, regs[i].name);
        dc_show_add(s, "=");
        dc_buf_add(&s->scratch, number,
                   dc_format_hex(dc_u64(vcpu->regs, regs[i].field), 16, number));
    }
    if (s->scratch.len == 0)
        return;
    unsigned indent = below_indent(rows);
    dc_text_put(&s->text, "\n%*s", (int)indent, "");
    dc_text_fold(&s->text, s->scratch.data, s->scratch.len, indent, 0);
}

static void add_errno(struct dc_show *s, int64_t number) {
    const char *name = strerrorname_np((int)number);
    dc_show_add(s, " (");
    dc_show_add(s, name ? name : "unknown errno");
    dc_show_add(s, ")");
}

/* Whether the words name the last exit themselves, as capture's do. */
static bool says_exit(struct dc_str why) {
    static const char words[] = ", last exit ";
    return why.p && memmem(why.p, why.len, words, sizeof(words) - 1) != NULL;
}

/* Why a vCPU has no registers, or what else is to be said of it, into s->scratch. */
static void explain(const struct dc_show_rows *rows, const struct dc_vcpu *vcpu,
                    unsigned room) {
    struct dc_show *s = rows->s;
    struct dc_str why = dc_string(vcpu->detail, DC_AT_VCPU_why);
    struct dc_str last_exit = dc_string(vcpu->detail, DC_AT_VCPU_last_exit);
    bool has_errno = dc_has(vcpu->detail, DC_AT_VCPU_read_errno);
    int64_t number = dc_i64(vcpu->detail, DC_AT_VCPU_read_errno);
    dc_show_restart(s);
    dc_show_add_str(s, why);
    if (!why.p && vcpu->state == DC_UNAVAILABLE) {
        const char *text = has_errno ? strerrordesc_np((int)number) : NULL;
        dc_show_add(s, "registers not obtained");
        dc_show_add(s, text ? ": " : "");
        dc_show_add(s, text ? text : "");
    }
    if (has_errno)
        add_errno(s, number);
    size_t len = s->scratch.len;
    if (vcpu->state == DC_NOT_PARKED && last_exit.p && !says_exit(why)) {
        dc_show_add(s, len > 0 ? "; last exit " : "last exit ");
        dc_show_add_str(s, last_exit);
    }
    /* Half a name is of no use: the hint below the table says where it is. */
    if (len > 0 && !rows->whole &&
        dc_escaped_width(s->scratch.data, s->scratch.len) > room)
        s->scratch.len = len;
}

static void put_why(const struct dc_show_rows *rows, struct dc_text *t,
                    const struct dc_vcpu *vcpu) {
    enum { LEAST = 16 }; /* columns that are worth a beginning */
    const struct dc_buf *words = &rows->s->scratch;
    unsigned indent = below_indent(rows), column = row_width(rows, 0, 0) + 2;
    unsigned room = t->width > column ? t->width - column : 1;
    explain(rows, vcpu, room);
    if (words->len == 0)
        return;
    if (vcpu->regs || room < LEAST)
        dc_text_put(t, "\n%*s", (int)indent, "");
    else
        dc_text_tab(t, column);
    if (rows->whole)
        dc_text_fold(t, words->data, words->len, indent, 0);
    else
        dc_text_cut(t, words->data, words->len, t->width - t->column);
}

/* ---- height ---- */

static int count_newlines(void *ctx, const char *data, size_t len) {
    size_t *lines = ctx;
    for (const char *p = data; (p = memchr(p, '\n', len - (size_t)(p - data))); p++)
        ++*lines;
    return 0;
}

/* Lines that begin inside what is said of it: found by writing it to nowhere. */
static size_t why_height(const struct dc_show_rows *rows, const struct dc_vcpu *vcpu) {
    size_t lines = 0;
    struct dc_text t;
    dc_text_init(&t, (struct dc_sink){.write = count_newlines, .ctx = &lines}, false,
                 rows->s->text.width);
    put_why(rows, &t, vcpu);
    return dc_text_finish(&t) == 0 ? lines : 0;
}

/* Likewise of its registers. */
static size_t below_height(const struct dc_show_rows *rows, const struct dc_vcpu *vcpu) {
    unsigned start = below_indent(rows), column = 0;
    size_t height = 0;
    for (unsigned i = rows->in_row; i < rows->n_regs; i++) {
        unsigned width = (unsigned)strlen(regs[i].name) + 1 + ADDRESS_WIDTH;
        if (!dc_has(vcpu->regs, regs[i].field))
            continue;
        if (column == 0 || column + 1 + width > rows->s->text.width) {
            height++;
            column = start;
        }
        column += width + 1;
    }
    return height;
}

size_t dc_show_row_height(const struct dc_show_rows *rows, const struct dc_vcpu *vcpu) {
    size_t below = vcpu->regs && has_below(rows) ? below_height(rows, vcpu) : 0;
    return 1 + below + why_height(rows, vcpu);
}

/* ---- rows ---- */

void dc_show_row(struct dc_show_rows *rows, const struct dc_vcpu *vcpu) {
    static const enum dc_style styles[DC_SHOW_STATES] = {
        [DC_PARKED] = DC_STYLE_GOOD,
        [DC_NOT_PARKED] = DC_STYLE_BAD,
        [DC_UNAVAILABLE] = DC_STYLE_WARN,
    };
    struct dc_text *t = &rows->s->text;
    dc_text_put(t, "%*zu  ", (int)(rows->indent + MARGIN + rows->id_width), vcpu->id);
    dc_text_style(t, styles[vcpu->state]);
    dc_text_put(t, "%s", dc_state_name(vcpu->state));
    dc_text_style(t, DC_STYLE_PLAIN);
    if (vcpu->regs) {
        put_regs(rows, vcpu);
        put_extras(rows, vcpu);
        if (has_below(rows))
            put_below(rows, vcpu);
    }
    put_why(rows, t, vcpu);
    dc_text_put(t, "\n");
    if (rows->s->options->vcpus)
        dc_show_vcpu_details(rows->s, rows->indent + 2 * MARGIN, vcpu);
    rows->shown[vcpu->state]++;
    rows->shown_common += dc_show_is_common(rows, vcpu);
}

/* ---- what has no column ---- */

void dc_show_rows_hints(const struct dc_show_rows *rows) {
    struct dc_show *s = rows->s;
    unsigned width = row_width(rows, rows->n_regs, 2);
    size_t narrow = 0;
    dc_show_restart(s);
    for (unsigned i = rows->in_row; i < rows->n_regs && !has_below(rows); i++) {
        dc_show_add(s, narrow++ ? ", " : "more: ");
        dc_show_add(s, regs[i].name);
    }
    for (int i = 0; i < DC_SHOW_EXTRAS; i++) {
        if (rows->width[i] == 0)
            continue;
        width += 2 + rows->width[i];
        if (rows->extra[i])
            continue;
        dc_show_add(s, narrow++ ? ", " : "more: ");
        dc_show_add(s, extras[i].title);
    }
    if (narrow > 0) {
        dc_show_add(s, " (--width=");
        dc_show_add_u64(s, width);
        dc_show_add(s, ")");
    }
    if ((!rows->tcr && !rows->general) || s->options->vcpus)
        return;
    dc_show_add(s, narrow ? ", " : "more: ");
    dc_show_add(s, rows->tcr ? "tcr_el1" : "all registers");
    dc_show_add(s, " (--vcpu=N)");
}
