#include "view/detail.h"

#include "view/detail_cpu.h"
#include "view/key.h"
#include "view/record.h"

#include <stdio.h>
#include <string.h>

/* Columns for the names of members, of registers, of segments, of keys. */
enum { NAMES = 24, REGISTERS = 14, SEGMENTS = 7, KEYS = 22 };

static struct dc_str words(const char *text) {
    return (struct dc_str){text, strlen(text)};
}

static void add_section(struct view *view, const char *title, const struct dc_rec *rec,
                        uint32_t skip) {
    view_record_section(&view->lines, title, rec, skip, view_model(view)->report);
}

/* ---- one vCPU ---- */

/* What the state means for this vCPU, as far as the report tells. */
static const char *explain(const struct view *view, const struct dc_vcpu *vcpu) {
    if (vcpu->regs)
        return "it stopped at the freeze, and its registers were read";
    if (view->index.states[vcpu->id] == VIEW_PENDING)
        return "it was asked to stop and has not answered yet";
    if (view->index.states[vcpu->id] == VIEW_RUNNING)
        return "it runs in the guest: no freeze is in force";
    if (view->index.states[vcpu->id] == VIEW_ENDED)
        return "the guest has ended, with no freeze in force";
    if (view->index.states[vcpu->id] == DC_PARKED)
        return "it has stopped at the freeze; its registers will be in the report";
    if (vcpu->state == DC_NOT_PARKED)
        return "it never stopped at the freeze, so there are no registers";
    if (vcpu->detail)
        return "its registers could not be read";
    if (view_snapshot(view)->placeholder)
        return "the report is a placeholder: the capture produced nothing";
    return "its registers were not obtained; the report does not say whether it stopped";
}

/* One line; flags as the tables call them, where they are set. */
static void add_segment(struct view_lines *lines, const struct dc_rec *segment) {
    char text[256];
    int n = snprintf(text, sizeof(text),
                     "0x%04llx base 0x%016llx limit 0x%llx type %llu dpl %llu",
                     (unsigned long long)dc_u64(segment, DC_AT_SEGMENT_selector),
                     (unsigned long long)dc_u64(segment, DC_AT_SEGMENT_base),
                     (unsigned long long)dc_u64(segment, DC_AT_SEGMENT_limit),
                     (unsigned long long)dc_u64(segment, DC_AT_SEGMENT_type),
                     (unsigned long long)dc_u64(segment, DC_AT_SEGMENT_dpl));
    for (int field = DC_AT_SEGMENT_present; field <= DC_AT_SEGMENT_unusable; field++)
        if (dc_u64(segment, field))
            n += snprintf(text + n, sizeof(text) - (size_t)n, " %s",
                          segment->type->fields[field].name);
    view_lines_add(lines, dc_string(segment, DC_AT_SEGMENT_name),
                   (struct dc_str){text, (size_t)n}, NULL, DC_STYLE_PLAIN);
}

static void add_segments(struct view_lines *lines, const struct dc_list *segments) {
    if (segments->count == 0)
        return;
    view_lines_title(lines, "", DC_STYLE_PLAIN);
    view_lines_title(lines, "segments", DC_STYLE_TITLE);
    view_lines_column(lines, SEGMENTS);
    for (struct dc_list_walk walk = dc_list_walk(segments);
         view_lines_ok(lines) && dc_list_next(&walk);)
        add_segment(lines, walk.value.rec);
}

/* The name of the instruction pointer, where symbols have one. */
static void add_symbol(struct view *view, const struct dc_rec *regs) {
    struct dc_buf symbol;
    dc_buf_init(&symbol, view->canvas.alloc);
    if (regs &&
        dc_cell_add_symbol(&view->cells,
                           dc_u64(regs, DC_AT_VCPU_REGS_instruction_pointer), &symbol))
        view_lines_add(&view->lines, words("symbol"),
                       (struct dc_str){symbol.data, symbol.len},
                       view->cells.doubtful ? "doubtful: the symbols may be of another "
                                              "kernel"
                                            : "of the instruction pointer",
                       DC_STYLE_PLAIN);
    view->lines.text.failed |= !dc_buf_ok(&symbol);
    dc_buf_done(&symbol);
}

/* What capture adds. */
static void add_capture(struct view *view, const struct dc_vcpu *vcpu) {
    struct view_lines *lines = &view->lines;
    add_section(view, "at the freeze", vcpu->detail,
                1U << DC_AT_VCPU_id | 1U << DC_AT_VCPU_state | 1U << DC_AT_VCPU_why |
                    1U << DC_AT_VCPU_regs | 1U << DC_AT_VCPU_control |
                    1U << DC_AT_VCPU_segments);
    view_lines_column(lines, REGISTERS);
    add_section(view, "general registers", dc_record(vcpu->detail, DC_AT_VCPU_regs), 0);
    add_section(view, "control registers", dc_record(vcpu->detail, DC_AT_VCPU_control),
                0);
    add_segments(lines, dc_list_of(vcpu->detail, DC_AT_VCPU_segments));
}

void view_detail_build(struct view *view) {
    struct view_lines *lines = &view->lines;
    struct dc_vcpu vcpu = dc_snapshot_vcpu(view_snapshot(view), view->selected);
    char text[64];
    view_lines_begin(lines);
    view_lines_column(lines, NAMES);
    unsigned state = view->index.states[vcpu.id];
    snprintf(text, sizeof(text), "vCPU %zu  %c %s", vcpu.id, view_glyph(state),
             view_state_name(state));
    view_lines_title(lines, text, view_state_style(state));
    view_lines_words(lines, explain(view, &vcpu), DC_STYLE_PLAIN);
    if (dc_has(vcpu.detail, DC_AT_VCPU_why))
        view_lines_add(lines, words("why"), dc_string(vcpu.detail, DC_AT_VCPU_why), NULL,
                       view_state_style(vcpu.state));
    add_section(view, "registers", vcpu.regs, 0);
    add_symbol(view, vcpu.regs);
    if (vcpu.detail)
        add_capture(view, &vcpu);
    view_lines_column(lines, NAMES);
    view_detail_cpu(view, vcpu.id);
}

/* ---- help ---- */

static void add_binding(struct view_lines *lines, const struct view_binding *binding) {
    char keys[VIEW_MOST_KEYS * (VIEW_KEY_NAME + 2)] = "", name[VIEW_KEY_NAME];
    size_t n = 0;
    for (int i = 0; i < VIEW_MOST_KEYS && binding->keys[i]; i++)
        n += (size_t)snprintf(keys + n, sizeof(keys) - n, "%s%s", i ? ", " : "",
                              view_key_name(binding->keys[i], name));
    view_lines_add(lines, words(keys), words(binding->meaning), NULL, DC_STYLE_PLAIN);
}

/* Each key stands once, under the first title that has all of its places. */
static const struct {
    unsigned where;
    const char *title;
} help_sections[] = {
    {VIEW_IN_GRID, "among the vCPUs"},        {VIEW_IN_SHEET, "in a section"},
    {VIEW_IN_LIST, "in the list of reports"}, {VIEW_IN_TEXT, "in a text"},
    {VIEW_ANYWHERE, "in several of these"},
};

static size_t section_of(const struct view_binding *binding) {
    size_t i = 0;
    while (binding->where & ~help_sections[i].where)
        i++;
    return i;
}

void view_help_build(struct view *view) {
    struct view_lines *lines = &view->lines;
    view_lines_begin(lines);
    view_lines_column(lines, KEYS);
    for (size_t i = 0; i < sizeof(help_sections) / sizeof(help_sections[0]); i++) {
        view_lines_title(lines, help_sections[i].title, DC_STYLE_TITLE);
        for (const struct view_binding *b = view_bindings; b->request; b++)
            if (section_of(b) == i)
                add_binding(lines, b);
        view_lines_title(lines, "", DC_STYLE_PLAIN);
    }
    view_lines_words(lines,
                     "When a line is typed at the bottom: Enter takes it, Esc leaves it, "
                     "Backspace, C-w and C-u take off a character, a word, all.",
                     DC_STYLE_FAINT);
    view_lines_words(lines,
                     "The mouse selects, and opens what is selected; its wheel scrolls.",
                     DC_STYLE_FAINT);
}
