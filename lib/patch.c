#include "lib/patch_private.h"

#include <string.h>

/* ---- values ---- */

static int same_scalar(const struct dc_patch *patch, const struct dc_field *field,
                       union dc_slot a, union dc_slot b) {
    switch (field->kind) {
    case DC_STRING:
        return a.str->len == b.str->len &&
               (a.str->len == 0 || memcmp(a.str->p, b.str->p, a.str->len) == 0);
    case DC_ANY:
        return dc_patch_same_any(patch, (struct dc_span){a.any->p, a.any->len},
                                 (struct dc_span){b.any->p, b.any->len});
    default:
        return a.u == b.u; /* the bits of a real: -0.0 is written otherwise than 0.0 */
    }
}

static int patch_record(struct dc_patch *patch, const struct dc_patch_place *place,
                        const struct dc_type *declared, const struct dc_rec *a,
                        const struct dc_rec *b);

int dc_patch_value(struct dc_patch *patch, const struct dc_patch_place *place,
                   const struct dc_field *field, union dc_slot a, union dc_slot b) {
    int same = 0;
    if (field->kind != DC_RECORD) {
        same = same_scalar(patch, field, a, b);
    } else if (!a.rec || !b.rec) {
        same = a.rec == b.rec;
    } else if (a.rec->type == b.rec->type) {
        return patch_record(patch, place, field->type, a.rec, b.rec);
    }
    return same ? same < 0 ? -1 : 0 : dc_patch_element(patch, place, "replace", field, b);
}

/* ---- records ---- */

/* A field that is written in both and does not stand in both: a null, or a default. */
static bool is_written_alike(const struct dc_field *field, const union dc_slot *a,
                             const union dc_slot *b) {
    if (!a && !b)
        return true;
    return field->rule == DC_WRITTEN && dc_wire_is_default(field, a ? a : b);
}

static int patch_field(struct dc_patch *patch, const struct dc_patch_place *place,
                       const struct dc_rec *a, const struct dc_rec *b, size_t i) {
    const struct dc_field *field = &a->type->fields[i];
    const union dc_slot *one = dc_slot(a, (int)i), *other = dc_slot(b, (int)i);
    bool in_a = !dc_wire_omits(field, one), in_b = !dc_wire_omits(field, other);
    if ((!in_a && !in_b) || field->rule == DC_TAG)
        return 0;
    if (!in_b)
        return dc_patch_remove(patch, place);
    if (!in_a)
        return dc_patch_field(patch, place, "add", b, i);
    if (!one || !other)
        return is_written_alike(field, one, other)
                   ? 0
                   : dc_patch_field(patch, place, "replace", b, i);
    if (field->shape != DC_ONE)
        return dc_patch_list(patch, place, a, b, i);
    return dc_patch_value(patch, place, field, *one, *other);
}

static int patch_members(struct dc_patch *patch, const struct dc_patch_place *place,
                         const struct dc_type *declared, const struct dc_rec *a,
                         const struct dc_rec *b) {
    for (size_t i = 0; i < a->type->n_fields; i++) {
        const char *name = a->type->fields[i].name;
        struct dc_patch_place member = {.up = place, .name = {name, strlen(name)}};
        if (patch_field(patch, &member, a, b, i) < 0)
            return -1;
    }
    return dc_patch_unknown(patch, place, declared, a, b);
}

/* Of one type. The members of a union without a tag stand one level deeper. */
static int patch_record(struct dc_patch *patch, const struct dc_patch_place *place,
                        const struct dc_type *declared, const struct dc_rec *a,
                        const struct dc_rec *b) {
    const char *choice = a->type->tag_value;
    if (!declared->choices || declared->tag)
        return patch_members(patch, place, declared, a, b);
    struct dc_patch_place inner = {.up = place, .name = {choice, strlen(choice)}};
    return patch_members(patch, &inner, declared, a, b);
}

/* ---- documents ---- */

static int patch_document(struct dc_patch *patch) {
    const struct dc_report *a = patch->reports[0], *b = patch->reports[1];
    struct dc_field field = {.kind = DC_RECORD, .type = b->declared};
    union dc_slot one = {.rec = a->root}, other = {.rec = b->root};
    if (a->declared != b->declared)
        return dc_patch_element(patch, NULL, "replace", &field, other);
    return dc_patch_value(patch, NULL, &field, one, other);
}

int dc_patch_write(struct dc_writer *w, const struct dc_report *a,
                   const struct dc_report *b, struct dc_alloc alloc,
                   struct dc_error *err) {
    struct dc_patch patch = {
        .reports = {a, b},
        .wire = {.w = w, .text = b->text, .len = b->len, .alloc = alloc, .err = err}};
    patch.wire.unique = true;
    dc_buf_init(&patch.path, alloc);
    dc_write_open(w, '[');
    int rc = patch_document(&patch);
    dc_write_close(w, ']');
    dc_buf_done(&patch.path);
    return rc;
}
