#include "lib/buf.h"

#include <stdint.h>
#include <string.h>

void dc_buf_init(struct dc_buf *buf, struct dc_alloc alloc) {
    *buf = (struct dc_buf){.alloc = alloc};
}

void dc_buf_done(struct dc_buf *buf) {
    if (buf->data)
        buf->alloc.resize(buf->alloc.ctx, buf->data, 0);
    dc_buf_init(buf, buf->alloc);
}

static bool make_room(struct dc_buf *buf, size_t more) {
    if (more <= buf->room - buf->len)
        return true;
    size_t room = buf->room ? buf->room : 256;
    while (room - buf->len < more && room <= SIZE_MAX / 2)
        room *= 2;
    char *data = room - buf->len < more
                     ? NULL
                     : buf->alloc.resize(buf->alloc.ctx, buf->data, room);
    if (!data)
        return false;
    buf->data = data;
    buf->room = room;
    return true;
}

void dc_buf_add(struct dc_buf *buf, const char *data, size_t len) {
    if (buf->failed || len == 0)
        return;
    if (!make_room(buf, len)) {
        buf->failed = true;
        return;
    }
    memcpy(buf->data + buf->len, data, len);
    buf->len += len;
}

void dc_buf_text(struct dc_buf *buf, const char *text) {
    dc_buf_add(buf, text, strlen(text));
}

bool dc_buf_ok(const struct dc_buf *buf) {
    return !buf->failed;
}

static int sink_write(void *ctx, const char *data, size_t len) {
    struct dc_buf *buf = ctx;
    dc_buf_add(buf, data, len);
    return buf->failed ? -1 : 0;
}

struct dc_sink dc_buf_sink(struct dc_buf *buf) {
    return (struct dc_sink){.write = sink_write, .ctx = buf};
}
