/*
 * patch: what turns one report into another, as a JSON Patch (RFC 6902).
 *
 * The patch is between the wire forms (lib/wire.h): what is left out there is not in the
 * document that it is applied to. Applied to the wire form of A it gives a document whose
 * wire form is that of B, byte for byte; the order of its members may be another, since
 * a patch cannot say it. Where the two forms are the same the patch is [].
 *
 * Lists whose elements have a key (dc_type.key) are changed where that is shorter: what
 * stays is changed in place, what is gone is removed from the last to the first, and what
 * is new is added from the first to the last. Others are changed by place. A list of which
 * little stays, a packed list that is shorter as a whole, and a value of another kind are
 * replaced.
 */
#ifndef DUMPCTL_LIB_PATCH_H
#define DUMPCTL_LIB_PATCH_H

#include "lib/report.h"
#include "lib/writer.h"

/*
 * Writes the patch from `a` to `b`, one array of "add", "remove" and "replace". Takes time
 * in proportion to the reports, but n log n for lists that are matched by key and for
 * unknown members; and a few bytes of memory for each of these. 0; or -1 with `err` set,
 * and what has been written is to be thrown away: memory ran out, or (DC_EDUPLICATE, with
 * the pointer of the place) an object that differs has an unknown member twice, which
 * reports may have and no patch can say. Failures of the sink are the writer's to tell.
 */
int dc_patch_write(struct dc_writer *w, const struct dc_report *a,
                   const struct dc_report *b, struct dc_alloc alloc,
                   struct dc_error *err) DC_MUST_USE;

#endif
