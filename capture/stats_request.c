#include "capture/stats_request.h"

#include <stdlib.h>
#include <string.h>

#include "lib/writer.h"

/* Equal keys in the order in which they were given: they are elements of one array. */
static int compare(const void *a, const void *b) {
    const struct cap_stats_arg *one = *(const struct cap_stats_arg *const *)a;
    const struct cap_stats_arg *other = *(const struct cap_stats_arg *const *)b;
    int order = strcmp(one->key, other->key);
    return order ? order : (one > other) - (one < other);
}

static void write_args(struct dc_writer *w, const struct cap_stats_arg **sorted,
                       size_t n) {
    dc_write_name(w, "args");
    dc_write_open(w, '{');
    for (size_t i = 0; i < n; i++) {
        if (i + 1 < n && strcmp(sorted[i]->key, sorted[i + 1]->key) == 0)
            continue;
        dc_write_name(w, sorted[i]->key);
        dc_write_text(w, sorted[i]->value);
    }
    dc_write_close(w, '}');
}

static void write_line(struct dc_writer *w, const struct cap_stats_request *request,
                       const struct cap_stats_arg **sorted) {
    dc_write_open(w, '{');
    dc_write_name(w, "req");
    dc_write_text(w, request->meta ? "stats_meta" : "stats");
    if (request->n_args > 0)
        write_args(w, sorted, request->n_args);
    dc_write_close(w, '}');
    dc_write_newline(w);
}

int cap_stats_request_write(const struct cap_stats_request *request, struct dc_buf *out,
                            struct dc_error *err) {
    const struct dc_alloc *alloc = &out->alloc;
    const struct cap_stats_arg **sorted = NULL;
    size_t n = request->n_args;
    struct dc_writer w;
    if (n > 0) {
        sorted =
            alloc->resize(alloc->ctx, NULL, n * sizeof(const struct cap_stats_arg *));
        if (!sorted)
            return dc_fail(err, DC_ENOMEM, "out of memory");
        for (size_t i = 0; i < n; i++)
            sorted[i] = &request->args[i];
        qsort(sorted, n, sizeof(const struct cap_stats_arg *), compare);
    }
    dc_writer_init(&w, dc_buf_sink(out), false, false);
    write_line(&w, request, sorted);
    int rc = dc_writer_finish(&w);
    if (sorted)
        alloc->resize(alloc->ctx, sorted, 0);
    return rc < 0 ? dc_fail(err, DC_ENOMEM, "out of memory") : 0;
}
