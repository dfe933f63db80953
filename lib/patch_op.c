#include "lib/patch_private.h"

#include "lib/number.h"

#include <string.h>

/* ---- paths ---- */

/* RFC 6901: "~" and "/" inside a name become "~0" and "~1". */
static void put_name(struct dc_buf *path, struct dc_span name) {
    while (name.len > 0) {
        char text[4];
        size_t len = dc_unescape_one(&name, text);
        if (text[0] == '~' || text[0] == '/')
            dc_buf_text(path, text[0] == '~' ? "~0" : "~1");
        else
            dc_buf_add(path, text, len);
    }
}

static void put_place(struct dc_buf *path, const struct dc_patch_place *place) {
    char text[DC_NUMBER_MAX];
    if (!place)
        return;
    put_place(path, place->up);
    dc_buf_text(path, "/");
    if (place->name.p)
        put_name(path, place->name);
    else
        dc_buf_add(path, text, dc_format_u64(place->index, text));
}

int dc_patch_point(struct dc_patch *patch, const struct dc_patch_place *place) {
    patch->path.len = 0;
    put_place(&patch->path, place);
    if (dc_buf_ok(&patch->path))
        return 0;
    return dc_fail(patch->wire.err, DC_ENOMEM, "out of memory");
}

/* The pointer of an error is a C string: a NUL in a name ends it. */
int dc_patch_locate(struct dc_patch *patch, const struct dc_patch_place *place) {
    struct dc_error *err = patch->wire.err;
    struct dc_error fault;
    if (!err || err->code == DC_ENOMEM)
        return -1;
    fault = *err;
    if (dc_patch_point(patch, place) < 0)
        return -1;
    size_t n = strnlen(patch->path.data ? patch->path.data : "", patch->path.len);
    size_t room = sizeof(fault.pointer) - sizeof("...");
    bool cut = n < patch->path.len || n > room;
    if (n > room)
        for (n = room; ((unsigned char)patch->path.data[n] & 0xc0) == 0x80;)
            n--;
    if (n > 0)
        memcpy(fault.pointer, patch->path.data, n);
    memcpy(fault.pointer + n, cut ? "..." : "", cut ? sizeof("...") : 1);
    *err = fault;
    return -1;
}

/* ---- operations ---- */

static int begin(struct dc_patch *patch, const struct dc_patch_place *place,
                 const char *op) {
    struct dc_writer *w = patch->wire.w;
    if (dc_patch_point(patch, place) < 0)
        return -1;
    dc_write_open(w, '{');
    dc_write_name(w, "op");
    dc_write_text(w, op);
    dc_write_name(w, "path");
    dc_write_string(w, patch->path.data, patch->path.len);
    return 0;
}

size_t dc_patch_op_size(const struct dc_patch *patch, const char *op) {
    static const char frame[] = "{\"op\":\"\",\"path\":\"\",\"value\":},";
    return sizeof(frame) - 1 + strlen(op) + patch->path.len;
}

int dc_patch_remove(struct dc_patch *patch, const struct dc_patch_place *place) {
    if (begin(patch, place, "remove") < 0)
        return -1;
    dc_write_close(patch->wire.w, '}');
    return 0;
}

/* The value has been written, or `rc` says that it could not be. */
static int end(struct dc_patch *patch, const struct dc_patch_place *place, int rc) {
    if (rc < 0)
        return dc_patch_locate(patch, place);
    dc_write_close(patch->wire.w, '}');
    return 0;
}

int dc_patch_element(struct dc_patch *patch, const struct dc_patch_place *place,
                     const char *op, const struct dc_field *field, union dc_slot slot) {
    if (begin(patch, place, op) < 0)
        return -1;
    dc_write_name(patch->wire.w, "value");
    return end(patch, place, dc_wire_write_element(&patch->wire, field, slot));
}

int dc_patch_field(struct dc_patch *patch, const struct dc_patch_place *place,
                   const char *op, const struct dc_rec *rec, size_t i) {
    if (begin(patch, place, op) < 0)
        return -1;
    dc_write_name(patch->wire.w, "value");
    return end(patch, place, dc_wire_write_field(&patch->wire, rec, i));
}

int dc_patch_raw(struct dc_patch *patch, const struct dc_patch_place *place,
                 const char *op, struct dc_span value) {
    if (begin(patch, place, op) < 0)
        return -1;
    dc_write_name(patch->wire.w, "value");
    return end(patch, place, dc_wire_write_unknown(&patch->wire, value));
}
