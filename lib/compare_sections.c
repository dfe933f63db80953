#include "lib/compare_private.h"

#include <string.h>

/* Fields that have rows of their own. */
static bool is_told(const struct dc_type *type, size_t i) {
    if (type == &dc_type_DEGRADED)
        return i == DC_AT_DEGRADED_schema || i == DC_AT_DEGRADED_reason ||
               i == DC_AT_DEGRADED_vcpu_regs || i == DC_AT_DEGRADED_watchpoint_hit ||
               i == DC_AT_DEGRADED_bss_latch_state || i == DC_AT_DEGRADED_exit_kind;
    if (type == &dc_type_DUAL)
        return i == DC_AT_DUAL_early || i == DC_AT_DUAL_late;
    return type == &dc_type_SINGLE && i == DC_AT_SINGLE_vcpu_regs;
}

/* Whether the model has taken its fact from this very field. */
static bool has_fact_row(const struct dc_compare *c, const char *name,
                         struct dc_diff_value a, struct dc_diff_value b) {
    if (c->snapshot && strcmp(c->snapshot, "early") == 0)
        return false;
    for (size_t i = 0; i < c->diff->n_rows; i++) {
        const struct dc_diff_row *row = &c->diff->rows[i];
        if (strcmp(row->what, name) == 0 && dc_diff_equal(row->a, a) &&
            dc_diff_equal(row->b, b))
            return true;
    }
    return false;
}

static void add_section(struct dc_compare *c, const struct dc_type *type, size_t i,
                        const struct dc_rec *a, const struct dc_rec *b, const char *path,
                        enum dc_alike found) {
    const struct dc_field *field = &type->fields[i];
    struct dc_diff_value one = dc_diff_value_of(field, dc_slot(a, (int)i));
    struct dc_diff_value other = dc_diff_value_of(field, dc_slot(b, (int)i));
    enum dc_diff_class class = found == DC_ALIKE_NOISE ? DC_DIFF_IGNORED : DC_DIFF_COUNTS;
    /* Facts of the run stand elsewhere in a dual report. */
    if (type == &dc_type_DUMPCTL && dc_diff_variants_differ(c) &&
        dc_has(a, (int)i) != dc_has(b, (int)i))
        class = DC_DIFF_MISSED;
    if (has_fact_row(c, field->name, one, other))
        return;
    struct dc_diff_row *row = dc_diff_add_values(c, class, "section", one, other);
    row->first = type == &dc_type_SINGLE && i == DC_AT_SINGLE_is_placeholder;
    row->path = dc_diff_join(c, path, field->name);
    if (type == &dc_type_DUMPCTL && i == DC_AT_DUMPCTL_vcpus &&
        c->diff->options.addresses && class == DC_DIFF_COUNTS)
        row->details = c->pair;
}

static void compare_unknown(struct dc_compare *c, const struct dc_type *type,
                            const struct dc_rec *a, const struct dc_rec *b,
                            const char *path) {
    enum dc_alike found = dc_alike_unknown(&c->alike, type, a, b);
    if (found == DC_ALIKE_FAILED)
        c->failed = true;
    if (found == DC_ALIKE_DIFFERENT)
        dc_diff_add(c, DC_DIFF_COUNTS, "unknown_members")->path = path;
}

/* A record that stands in a record, no union, is not one section but several: its own
   fields. So it goes as deep as the tables do outside of lists. */
static void compare_sections(struct dc_compare *c, const struct dc_type *type,
                             const struct dc_rec *a, const struct dc_rec *b,
                             const char *path) {
    for (size_t i = 0; i < type->n_fields && !c->failed; i++) {
        const struct dc_field *field = &type->fields[i];
        enum dc_alike found =
            is_told(type, i) ? DC_ALIKE_SAME : dc_alike_field(&c->alike, type, a, b, i);
        if (found == DC_ALIKE_SAME)
            continue;
        bool both = dc_has(a, (int)i) && dc_has(b, (int)i);
        if (found == DC_ALIKE_FAILED)
            c->failed = true;
        else if (field->kind == DC_RECORD && field->shape == DC_ONE &&
                 !field->type->choices && (both || field->rule == DC_DEFAULTED))
            compare_sections(c, field->type, dc_record(a, (int)i), dc_record(b, (int)i),
                             dc_diff_join(c, path, field->name));
        else
            add_section(c, type, i, a, b, path, found);
    }
    compare_unknown(c, type, a, b, path);
}

/* What one report has and the other's variant has no place for. */
static void miss_sections(struct dc_compare *c, const struct dc_rec *rec, int side) {
    for (size_t i = 0; i < rec->type->n_fields; i++) {
        const struct dc_field *field = &rec->type->fields[i];
        struct dc_diff_value none = {.kind = DC_DIFF_NONE};
        bool early = rec->type == &dc_type_DUAL && i == DC_AT_DUAL_early;
        bool defaulted = field->rule == DC_DEFAULTED || field->shape != DC_ONE;
        if ((is_told(rec->type, i) && !early) || field->rule == DC_LAST ||
            field->rule == DC_TAG || !dc_has(rec, (int)i) ||
            (defaulted &&
             dc_alike_field(&c->alike, rec->type, rec, NULL, i) == DC_ALIKE_SAME))
            continue;
        struct dc_diff_value value = dc_diff_value_of(field, dc_slot(rec, (int)i));
        dc_diff_add_values(c, DC_DIFF_MISSED, "section", side == 0 ? value : none,
                           side == 0 ? none : value)
            ->path = field->name;
    }
    if (dc_has_unknown(rec)) {
        struct dc_diff_value some = {.kind = DC_DIFF_OBJECT},
                             none = {.kind = DC_DIFF_NONE};
        dc_diff_add_values(c, DC_DIFF_MISSED, "unknown_members", side == 0 ? some : none,
                           side == 0 ? none : some);
    }
}

/* The member "dumpctl" of two snapshots of different types. */
static void compare_own(struct dc_compare *c, const struct dc_rec *a,
                        const struct dc_rec *b) {
    struct dc_diff_value some = {.kind = DC_DIFF_OBJECT}, none = {.kind = DC_DIFF_NONE};
    if (a && b)
        compare_sections(c, &dc_type_DUMPCTL, a, b, "dumpctl");
    else if (a || b)
        dc_diff_add_values(c, DC_DIFF_MISSED, "section", a ? some : none, b ? some : none)
            ->path = "dumpctl";
}

void dc_diff_compare_snapshots(struct dc_compare *c, struct dc_diff_pair *pair) {
    const struct dc_rec *a = pair->a->rec, *b = pair->b->rec;
    c->pair = pair;
    if (a->type == b->type) {
        compare_sections(c, a->type, a, b, NULL);
    } else {
        miss_sections(c, a, 0);
        miss_sections(c, b, 1);
        compare_own(c, pair->a->own, pair->b->own);
    }
    c->pair = NULL;
}

/* The root of a dual report beside its snapshots. */
void dc_diff_compare_roots(struct dc_compare *c) {
    const struct dc_model *a = c->diff->a, *b = c->diff->b;
    if (a->variant == DC_DUAL && b->variant == DC_DUAL) {
        compare_sections(c, &dc_type_DUAL, a->report->root, b->report->root, NULL);
        return;
    }
    for (int side = 0; side < 2; side++) {
        const struct dc_model *model = side == 0 ? a : b;
        if (model->variant != DC_DUAL)
            continue;
        miss_sections(c, model->report->root, side);
        if (model->own)
            compare_own(c, side == 0 ? model->own : NULL, side == 0 ? NULL : model->own);
    }
}
