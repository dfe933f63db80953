/*
 * buf: bytes that grow. A failed allocation is remembered; then every call does nothing
 * and dc_buf_ok() is false, so that a caller checks once, at the end.
 */
#ifndef DUMPCTL_LIB_BUF_H
#define DUMPCTL_LIB_BUF_H

#include "lib/arena.h"
#include "lib/sink.h"

struct dc_buf {
    struct dc_alloc alloc;
    char *data; /* not terminated; NULL while empty */
    size_t len, room;
    bool failed;
};

void dc_buf_init(struct dc_buf *buf, struct dc_alloc alloc);
void dc_buf_done(struct dc_buf *buf);

void dc_buf_add(struct dc_buf *buf, const char *data, size_t len);
void dc_buf_text(struct dc_buf *buf, const char *text);
bool dc_buf_ok(const struct dc_buf *buf);

/* A sink that adds to `buf`; fails where memory does. */
struct dc_sink dc_buf_sink(struct dc_buf *buf);

#endif
