/*
 * patch_private: what the parts of lib/patch.h share (patch.c, patch_list.c, patch_op.c,
 * patch_keep.c and patch_unknown.c). Nobody else includes it.
 *
 * Everything here returns 0, or -1 with the error set.
 */
#ifndef DUMPCTL_LIB_PATCH_PRIVATE_H
#define DUMPCTL_LIB_PATCH_PRIVATE_H

#include "lib/buf.h"
#include "lib/patch.h"
#include "lib/wire.h"

struct dc_patch {
    const struct dc_report *reports[2]; /* A, B */
    struct dc_wire wire;                /* writes parts of B */
    struct dc_buf path;                 /* of the latest operation: a JSON Pointer */
};

/* A member or an element, and what it is in; only its operation turns it into text. */
struct dc_patch_place {
    const struct dc_patch_place *up; /* NULL: the document */
    struct dc_span name;             /* raw; p NULL: `index` counts */
    size_t index;
};

/* ---- patch_op.c ---- */

/* Makes patch->path the pointer of `place` (NULL: the document). */
int dc_patch_point(struct dc_patch *patch,
                   const struct dc_patch_place *place) DC_MUST_USE;

/* Puts the pointer of `place` into the error that has been set. Returns -1. */
int dc_patch_locate(struct dc_patch *patch, const struct dc_patch_place *place);

/* One operation; what is put there comes from B. */
int dc_patch_remove(struct dc_patch *patch,
                    const struct dc_patch_place *place) DC_MUST_USE;
/* An element of a list, or the document, as `op`: "add" or "replace". */
int dc_patch_element(struct dc_patch *patch, const struct dc_patch_place *place,
                     const char *op, const struct dc_field *field,
                     union dc_slot slot) DC_MUST_USE;
int dc_patch_field(struct dc_patch *patch, const struct dc_patch_place *place,
                   const char *op, const struct dc_rec *rec, size_t i) DC_MUST_USE;
int dc_patch_raw(struct dc_patch *patch, const struct dc_patch_place *place,
                 const char *op, struct dc_span value) DC_MUST_USE;

/* Bytes of a compact operation without its value; patch->path must be set. */
size_t dc_patch_op_size(const struct dc_patch *patch, const char *op);

/* ---- patch.c ---- */

/* A value that is there in both: an element, or a field of shape DC_ONE. */
int dc_patch_value(struct dc_patch *patch, const struct dc_patch_place *place,
                   const struct dc_field *field, union dc_slot a,
                   union dc_slot b) DC_MUST_USE;

/* ---- patch_list.c ---- */

/* A list in field `i` of both, which are of one type. */
int dc_patch_list(struct dc_patch *patch, const struct dc_patch_place *place,
                  const struct dc_rec *a, const struct dc_rec *b, size_t i) DC_MUST_USE;

/* ---- patch_unknown.c ---- */

/* The unknown members of two records of one type, read as `declared`. */
int dc_patch_unknown(struct dc_patch *patch, const struct dc_patch_place *place,
                     const struct dc_type *declared, const struct dc_rec *a,
                     const struct dc_rec *b) DC_MUST_USE;

/* Whether two values are written alike: 1, 0, or -1. */
int dc_patch_same_raw(const struct dc_patch *patch, struct dc_span a, struct dc_span b);
int dc_patch_same_any(const struct dc_patch *patch, struct dc_span a, struct dc_span b);

/* ---- lib/patch_keep.c: what stays of a list ---- */

#define DC_PATCH_NONE UINT32_MAX

/*
 * Of the elements that both lists have, as many as possible that stand in the same order in
 * both: they need not be moved.
 */
struct dc_patch_kept {
    bool unique;    /* elements have keys, all of them different, and do not stand in the
                       same places anyway; else nothing else is set */
    size_t count;   /* how many stay */
    uint32_t *in_b; /* for each element of A its place in B, or DC_PATCH_NONE */
    uint32_t *in_a; /* for each element of B its place in A, or DC_PATCH_NONE */
    struct dc_arena memory;
};

/* Compares the lists, of records of `type`, in n log n. 0, or -1 with `err` set where memory
   ran out; in both cases dc_patch_kept_done() must follow. */
int dc_patch_keep(struct dc_patch_kept *kept, const struct dc_type *type,
                  const struct dc_list *a, const struct dc_list *b, struct dc_alloc alloc,
                  struct dc_error *err) DC_MUST_USE;
void dc_patch_kept_done(struct dc_patch_kept *kept);

#endif
