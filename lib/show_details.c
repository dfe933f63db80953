#include "lib/show_private.h"

/* Members of a record as names and values, all of them. */
static void put_record(struct dc_show *s, unsigned indent, const char *label,
                       const struct dc_rec *rec) {
    dc_show_restart(s);
    dc_show_add(s, label);
    for (size_t i = 0; i < rec->type->n_fields; i++) {
        struct dc_cell cell = dc_cell_of(rec, i);
        if (cell.kind == DC_CELL_NONE)
            continue;
        dc_show_add(s, s->scratch.len > 0 ? " " : "");
        dc_show_add(s, rec->type->fields[i].name);
        dc_show_add(s, "=");
        dc_cell_text(&cell, &s->cells, DC_SCALE_NS, &s->scratch);
    }
    dc_show_note(s, indent, DC_STYLE_PLAIN);
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
    put_record(s, indent, "", detail);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (dc_has(detail, parts[i].field))
            put_record(s, indent, parts[i].label, dc_record(detail, parts[i].field));
    const struct dc_list *segments = dc_list_of(detail, DC_AT_VCPU_segments);
    for (struct dc_list_walk walk = dc_list_walk(segments); dc_list_next(&walk);)
        put_record(s, indent, "segment:", walk.value.rec);
}
