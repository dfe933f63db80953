#include "lib/show_private.h"

#include "lib/escape.h"
#include "lib/number.h"

#include <string.h>

/* Columns between those of a table, and what a row stands deeper than its title. */
enum { GAP = 2, DEEPER = 2 };

/* ---- rows of names and numbers ---- */

static void add_number(struct dc_show *s, const struct dc_rec *rec, size_t field) {
    struct dc_cell cell = dc_cell_of(rec, field);
    dc_cell_text(&cell, &s->cells, DC_SCALE_NS, &s->scratch);
}

/* The widest name in a list, within reason. */
static unsigned name_width(const struct dc_list *list, int field) {
    enum { MOST = 34 };
    size_t widest = 0;
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);) {
        struct dc_str name = dc_string(walk.value.rec, field);
        size_t width = name.p ? dc_escaped_width(name.p, name.len) : 0;
        widest = width > widest ? width : widest;
    }
    return widest > MOST ? MOST : (unsigned)widest;
}

static void put_title(struct dc_show *s, unsigned indent, const char *title) {
    dc_show_restart(s);
    dc_show_add(s, title);
    dc_show_note(s, indent, DC_STYLE_PLAIN);
}

/* ---- x87, SSE, AVX ---- */

/* "0x0000": no digit but zeros behind the x. */
static bool is_zero_text(struct dc_str text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.p[i] != '0' && !(i == 1 && text.p[i] == 'x'))
            return false;
    return true;
}

static void put_wide(struct dc_show *s, unsigned indent, const struct dc_rec *reg,
                     unsigned width) {
    struct dc_str name = dc_string(reg, DC_AT_WIDE_REG_name);
    struct dc_str value = dc_string(reg, DC_AT_WIDE_REG_value);
    struct dc_text *t = &s->text;
    dc_text_put(t, "%*s", (int)indent, "");
    dc_text_cut(t, name.p, name.len, width);
    dc_text_tab(t, indent + width + GAP);
    dc_text_cut(t, value.p, value.len, t->width > t->column ? t->width - t->column : 1);
    dc_text_put(t, "\n");
}

/* Registers that hold 0 are not listed, but counted. */
static void put_wides(struct dc_show *s, unsigned indent, const char *title,
                      const struct dc_list *list) {
    unsigned width = name_width(list, DC_AT_WIDE_REG_name);
    size_t zeros = 0;
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);)
        zeros += is_zero_text(dc_string(walk.value.rec, DC_AT_WIDE_REG_value));
    if (list->count == 0)
        return;
    bool all = s->options->all || zeros == 0;
    dc_show_restart(s);
    dc_show_add(s, title);
    dc_show_add(s, ":");
    if (!all && zeros == list->count)
        dc_show_add(s, " all zero");
    else if (!all) {
        dc_show_add(s, " (");
        dc_show_add_u64(s, zeros);
        dc_show_add(s, " zero)");
    }
    dc_show_note(s, indent, DC_STYLE_PLAIN);
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);)
        if (all || !is_zero_text(dc_string(walk.value.rec, DC_AT_WIDE_REG_value)))
            put_wide(s, indent + DEEPER, walk.value.rec, width);
}

static void put_components(struct dc_show *s, unsigned indent,
                           const struct dc_list *list) {
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);) {
        struct dc_str name = dc_string(walk.value.rec, DC_AT_XSAVE_PART_name);
        dc_show_restart(s);
        dc_show_add(s, "component ");
        dc_show_add_u64(s, dc_u64(walk.value.rec, DC_AT_XSAVE_PART_bit));
        if (name.len > 0) {
            dc_show_add(s, " (");
            dc_show_add_str(s, name);
            dc_show_add(s, ")");
        }
        dc_show_add(s, ": ");
        dc_show_add_short(s, dc_string(walk.value.rec, DC_AT_XSAVE_PART_hex));
        dc_show_note(s, indent, DC_STYLE_PLAIN);
    }
}

static void put_xstate(struct dc_show *s, unsigned indent, const struct dc_rec *full) {
    static const int numbers[] = {DC_AT_FULL_STATE_xcr0, DC_AT_FULL_STATE_xstate_bv};
    dc_show_restart(s);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (!dc_has(full, numbers[i]))
            continue;
        dc_show_add(s, s->scratch.len > 0 ? " " : "");
        dc_show_add(s, full->type->fields[numbers[i]].name);
        dc_show_add(s, "=");
        add_number(s, full, (size_t)numbers[i]);
    }
    if (s->scratch.len > 0)
        dc_show_note(s, indent, DC_STYLE_PLAIN);
    if (dc_has(full, DC_AT_FULL_STATE_fpu))
        dc_show_members(s, indent, "fpu:", dc_record(full, DC_AT_FULL_STATE_fpu), true);
    put_wides(s, indent, "st", dc_list_of(full, DC_AT_FULL_STATE_st));
    put_wides(s, indent, "xmm", dc_list_of(full, DC_AT_FULL_STATE_xmm));
    put_wides(s, indent, "ymm_high", dc_list_of(full, DC_AT_FULL_STATE_ymm_high));
    put_components(s, indent, dc_list_of(full, DC_AT_FULL_STATE_components));
}

/* ---- MSRs ---- */

enum msr_kind { MSR_VALUE, MSR_ZERO, MSR_UNREADABLE };

static enum msr_kind kind_of(const struct dc_show *s, const struct dc_rec *msr) {
    if (!dc_has(msr, DC_AT_MSR_value))
        return MSR_UNREADABLE;
    return dc_u64(msr, DC_AT_MSR_value) == 0 && !s->options->all ? MSR_ZERO : MSR_VALUE;
}

static void put_msr(struct dc_show *s, unsigned indent, const struct dc_rec *msr,
                    unsigned width) {
    enum { INDEX = 10 }; /* 0x12345678 */
    struct dc_text *t = &s->text;
    struct dc_str name = dc_string(msr, DC_AT_MSR_name);
    char number[DC_NUMBER_MAX];
    size_t n = dc_format_hex(dc_u64(msr, DC_AT_MSR_index), 8, number);
    dc_text_put(t, "%*s%.*s", (int)indent, "", (int)n, number);
    if (width > 0) {
        dc_text_tab(t, indent + INDEX + GAP);
        dc_text_cut(t, name.p ? name.p : "-", name.p ? name.len : 1, width);
    }
    dc_text_tab(t, indent + INDEX + GAP + (width > 0 ? width + GAP : 0));
    n = dc_format_hex(dc_u64(msr, DC_AT_MSR_value), 1, number);
    dc_text_put(t, "%.*s\n", (int)n, number);
}

/* Those that have no row, by name. */
static void put_msrs_of(struct dc_show *s, unsigned indent, const char *title,
                        const struct dc_list *list, enum msr_kind kind) {
    size_t count = 0;
    dc_show_restart(s);
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);) {
        struct dc_str name = dc_string(walk.value.rec, DC_AT_MSR_name);
        if (kind_of(s, walk.value.rec) != kind)
            continue;
        dc_show_add(s, count++ == 0 ? title : ", ");
        if (name.p)
            dc_show_add_short(s, name);
        else
            add_number(s, walk.value.rec, DC_AT_MSR_index);
    }
    if (count > 0)
        dc_show_note(s, indent, DC_STYLE_PLAIN);
}

static void put_msrs(struct dc_show *s, unsigned indent, const struct dc_list *list) {
    unsigned width = name_width(list, DC_AT_MSR_name);
    if (list->count == 0)
        return;
    put_title(s, indent, "msrs:");
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);)
        if (kind_of(s, walk.value.rec) == MSR_VALUE)
            put_msr(s, indent + DEEPER, walk.value.rec, width);
    put_msrs_of(s, indent + DEEPER, "zero: ", list, MSR_ZERO);
    put_msrs_of(s, indent + DEEPER, "unreadable: ", list, MSR_UNREADABLE);
}

/* ---- local APIC, events, what failed ---- */

static void put_lapic(struct dc_show *s, unsigned indent, const struct dc_rec *full) {
    struct dc_str state = dc_string(full, DC_AT_FULL_STATE_lapic_state);
    if (state.p) {
        dc_show_restart(s);
        dc_show_add(s, "lapic_state: ");
        dc_show_add_short(s, state);
        dc_show_note(s, indent, DC_STYLE_PLAIN);
    }
    if (dc_has(full, DC_AT_FULL_STATE_lapic))
        dc_show_members(s, indent, "lapic:", dc_record(full, DC_AT_FULL_STATE_lapic),
                        s->options->all);
}

static void put_unread(struct dc_show *s, unsigned indent, const struct dc_list *list) {
    dc_show_restart(s);
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);) {
        const char *name =
            strerrorname_np((int)dc_i64(walk.value.rec, DC_AT_UNREAD_errno));
        dc_show_add(s, s->scratch.len > 0 ? ", " : "unread: ");
        dc_show_add_short(s, dc_string(walk.value.rec, DC_AT_UNREAD_part));
        dc_show_add(s, " (");
        dc_show_add(s, name ? name : "unknown errno");
        dc_show_add(s, ")");
    }
    if (s->scratch.len > 0)
        dc_show_note(s, indent, DC_STYLE_WARN);
}

/* ---- the whole ---- */

void dc_show_full(struct dc_show *s, unsigned indent, const struct dc_rec *full) {
    if (dc_has(full, DC_AT_FULL_STATE_debug))
        dc_show_members(s, indent, "debug:", dc_record(full, DC_AT_FULL_STATE_debug),
                        true);
    put_xstate(s, indent, full);
    put_msrs(s, indent, dc_list_of(full, DC_AT_FULL_STATE_msrs));
    put_lapic(s, indent, full);
    if (dc_has(full, DC_AT_FULL_STATE_events))
        dc_show_members(s, indent, "events:", dc_record(full, DC_AT_FULL_STATE_events),
                        s->options->all);
    put_unread(s, indent, dc_list_of(full, DC_AT_FULL_STATE_unread));
}
