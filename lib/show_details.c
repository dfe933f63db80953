#include "lib/show_private.h"

void dc_show_members(struct dc_show *s, unsigned indent, const char *label,
                     const struct dc_rec *rec, bool zeros) {
    dc_show_restart(s);
    dc_show_add(s, label);
    size_t empty = s->scratch.len;
    for (size_t i = 0; i < rec->type->n_fields; i++) {
        struct dc_cell cell = dc_cell_of(rec, i);
        if (cell.kind == DC_CELL_NONE || (!zeros && dc_cell_is_zero(&cell)))
            continue;
        dc_show_add(s, s->scratch.len > 0 ? " " : "");
        dc_show_add(s, rec->type->fields[i].name);
        dc_show_add(s, "=");
        dc_cell_text(&cell, &s->cells, DC_SCALE_NS, &s->scratch);
    }
    if (!zeros && s->scratch.len == empty)
        dc_show_add(s, " none");
    dc_show_note(s, indent, DC_STYLE_PLAIN);
}

/* A stack, one function on a line. */
static void put_stack(struct dc_show *s, unsigned indent, const struct dc_list *stack) {
    for (struct dc_list_walk walk = dc_list_walk(stack); dc_list_next(&walk);) {
        const struct dc_rec *frame = walk.value.rec;
        dc_show_restart(s);
        dc_show_add_str(s, dc_string(frame, DC_AT_FRAME_function));
        if (dc_has(frame, DC_AT_FRAME_offset)) {
            dc_show_add(s, "+");
            dc_show_add_hex(s, dc_u64(frame, DC_AT_FRAME_offset), 0);
        }
        dc_show_note(s, indent, DC_STYLE_PLAIN);
    }
}

static void put_thread(struct dc_show *s, unsigned indent, const char *label,
                       const struct dc_rec *thread) {
    enum { DEEPER = 2 };
    dc_show_members(s, indent, label, thread, true);
    put_stack(s, indent + DEEPER, dc_list_of(thread, DC_AT_HOST_THREAD_stack));
}

void dc_show_vcpu_details(struct dc_show *s, unsigned indent,
                          const struct dc_vcpu *vcpu) {
    const struct dc_rec *detail = vcpu->detail;
    if (dc_has(vcpu->regs, DC_AT_VCPU_REGS_tcr_el1)) {
        dc_show_restart(s);
        dc_show_add(s, "tcr_el1=");
        dc_show_add_hex(s, dc_u64(vcpu->regs, DC_AT_VCPU_REGS_tcr_el1), 0);
        dc_show_note(s, indent, DC_STYLE_PLAIN);
    }
    if (!detail)
        return;
    static const struct {
        const char *label;
        int field;
    } parts[] = {{"regs:", DC_AT_VCPU_regs}, {"control:", DC_AT_VCPU_control}};
    dc_show_members(s, indent, "", detail, true);
    if (dc_has(detail, DC_AT_VCPU_thread_first))
        put_thread(s, indent,
                   "thread_first:", dc_record(detail, DC_AT_VCPU_thread_first));
    if (dc_has(detail, DC_AT_VCPU_thread_last))
        put_thread(s, indent, "thread_last:", dc_record(detail, DC_AT_VCPU_thread_last));
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (dc_has(detail, parts[i].field))
            dc_show_members(s, indent, parts[i].label, dc_record(detail, parts[i].field),
                            true);
    const struct dc_list *segments = dc_list_of(detail, DC_AT_VCPU_segments);
    for (struct dc_list_walk walk = dc_list_walk(segments); dc_list_next(&walk);)
        dc_show_members(s, indent, "segment:", walk.value.rec, true);
    if (dc_has(detail, DC_AT_VCPU_full))
        dc_show_full(s, indent, dc_record(detail, DC_AT_VCPU_full));
}
