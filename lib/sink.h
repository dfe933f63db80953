/*
 * sink: where written bytes go. lib/ writes to a sink, cmd/ decides what is behind it.
 */
#ifndef DUMPCTL_LIB_SINK_H
#define DUMPCTL_LIB_SINK_H

#include <stddef.h>

/* write() takes all `len` bytes or returns -1 and has said why in its own way. */
struct dc_sink {
    int (*write)(void *ctx, const char *data, size_t len);
    void *ctx;
};

#endif
