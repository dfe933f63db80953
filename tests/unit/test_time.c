/*
 * No input makes the work grow faster than its size: four times the text may take four
 * times as long (sixteen would be quadratic). Ratios in one run; no limit in seconds.
 */
#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

#include "lib/wire.h"

#include <time.h>

static int null_write(void *ctx, const char *data, size_t len) {
    (void)ctx;
    (void)data;
    (void)len;
    return 0;
}

/* Read, model, uniform shape, wire form of each document. Faults take time too. Returns
   whether there was none. */
static bool work(const struct dc_buf *text) {
    struct dc_report_options options = {.alloc = dc_alloc_libc};
    struct dc_uniform_options uniform = {.alloc = dc_alloc_libc};
    struct dc_writer w;
    struct dc_error err;
    size_t used = 0;
    do {
        struct dc_report report;
        struct dc_model model;
        if (dc_report_read(&report, text->data, text->len, &used, &options, &err) < 0)
            return false;
        dc_model_init(&model, &report, NULL);
        dc_writer_init(&w, (struct dc_sink){null_write, NULL}, true, true);
        bool written = dc_uniform_write(&w, &model, &uniform, &err) == 0;
        dc_writer_init(&w, (struct dc_sink){null_write, NULL}, false, false);
        written = written && dc_wire_write(&w, report.root, report.declared, report.text,
                                           report.len, dc_alloc_libc, &err) == 0;
        CHECK(written);
        dc_report_done(&report);
    } while (dc_report_more(text->data, text->len, &used));
    return true;
}

static double seconds(const struct dc_buf *text, bool good) {
    struct timespec from, to;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    CHECK(work(text) == good);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/* head, `element` with commas between until `size` bytes are full, tail. `element` may
   hold a #, which becomes a number of seven digits. */
struct shape {
    const char *name, *head, *element, *comma, *tail;
    unsigned
        levels; /* so often stands `open` behind the head and `close` before the tail */
    const char *open, *close;
    const char *inner, *end; /* around the elements; may be NULL */
    bool broken;             /* no report: how long does the refusal take? */
};

static void repeat(struct dc_buf *out, const char *text, unsigned n) {
    for (unsigned i = 0; i < n; i++)
        dc_buf_text(out, text);
}

static void build(struct dc_buf *out, const struct shape *shape, size_t size) {
    dc_buf_init(out, dc_alloc_libc);
    dc_buf_text(out, shape->head);
    repeat(out, shape->open, shape->levels);
    if (shape->inner)
        dc_buf_text(out, shape->inner);
    for (size_t i = 0; out->len < size; i++) {
        char text[256];
        int n = 0;
        const char *number = strstr(shape->element, "#");
        if (number)
            n = snprintf(text, sizeof(text), "%.*s%07zu%s",
                         (int)(number - shape->element), shape->element,
                         i * 7919 % 9999991, number + 1);
        dc_buf_text(out, i ? shape->comma : "");
        dc_buf_add(out, n ? text : shape->element,
                   n ? (size_t)n : strlen(shape->element));
    }
    if (shape->end)
        dc_buf_text(out, shape->end);
    repeat(out, shape->close, shape->levels);
    dc_buf_text(out, shape->tail);
}

#define HEAD "{\"schema\":\"single\",\"maps\":["
#define MAP "{\"name\":\"\",\"map_type\":0,\"value_size\":0,\"max_entries\":0"

/* A list of elements between head and tail. */
#define FLAT(name_, head_, element_, comma_, tail_)                                      \
    { .name = name_, .head = head_, .element = element_, .comma = comma_, .tail = tail_ }

#define BROKEN(name_, head_, element_, comma_, tail_)                                    \
    {                                                                                    \
        .name = name_, .head = head_, .element = element_, .comma = comma_,              \
        .tail = tail_, .broken = true                                                    \
    }

/* A map whose value nests `levels_` deep. */
#define DEEP(name_, levels_, open_, close_, inner_, element_, end_)                      \
    {                                                                                    \
        .name = name_, .head = HEAD MAP ",\"value\":", .element = element_,              \
        .comma = ",", .tail = "}]}", .levels = levels_, .open = open_, .close = close_,  \
        .inner = inner_, .end = end_                                                     \
    }

static const struct shape shapes[] = {
    FLAT("unknown members", HEAD "],", "\"#\":0", ",", "}"),
    FLAT("unknown members with long names", HEAD "],",
         "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa#\":"
         "0",
         ",", "}"),
    FLAT("one name many times", HEAD "],", "\"x\\u0041\":{}", ",", "}"),
    FLAT("one very long name", HEAD "],\"", "a\\n", "", "\":0}"),
    FLAT("one very long string", HEAD "],\"active_obj_name\":\"", "\\ud83d\\ude00\\n", "",
         "\"}"),
    FLAT("one very long integer", HEAD "],\"x\":1e-1", "0", "", "}"),
    FLAT("one very long real", HEAD "],\"x\":1.", "3", "", "}"),
    FLAT("one very long exponent", HEAD "],\"x\":1e-", "0", "", "1}"),
    FLAT("many reals", HEAD "],\"x\":[", "1.5e300", ",", "]}"),
    FLAT("white space", HEAD "]", " \n", "", "}"),
    FLAT("schema last", "{\"maps\":[],\"x\":[", "{}", ",", "],\"schema\":\"single\"}"),
    FLAT("tags last, side by side", HEAD MAP ",\"value\":{\"elements\":[",
         "{\"deref\":{\"value\":0,\"kind\":\"ptr\"},\"value\":1#,\"kind\":\"ptr\"}", ",",
         "],\"kind\":\"array\",\"len\":0}}]}"),
    DEEP("tags last, deep around much", 120,
         "{\"deref\":", ",\"kind\":\"ptr\",\"value\":0}", "{\"x\":[", "0",
         "],\"kind\":\"char\",\"value\":0}"),
    DEEP("tags last, deep around unions", 60, "{\"elements\":[",
         "],\"kind\":\"array\",\"len\":0}", "", "{\"value\":1#,\"kind\":\"ptr\"}", ""),
    {.name = "no tag inside, deep",
     .head = HEAD MAP ",\"value\":",
     .element = "0",
     .comma = ",",
     .tail = "}]}",
     .levels = 120,
     .open = "{\"deref\":",
     .close = ",\"kind\":\"ptr\",\"value\":0}",
     .inner = "{\"x\":[",
     .end = "]}",
     .broken = true},
    DEEP("unknown members at each level", 60,
         "{\"kind\":\"array\",\"len\":0,\"x\":1,\"elements\":[", "]}", "",
         "{\"kind\":\"ptr\",\"value\":1#,\"x\":1}", ""),
    DEEP("anonymous structs", 39,
         "{\"kind\":\"struct\",\"members\":[{\"name\":\"\",\"value\":", "}]}",
         "{\"kind\":\"array\",\"len\":0,\"elements\":[",
         "{\"kind\":\"struct\",\"members\":[{\"name\":\"\",\"value\":{\"kind\":\"char\","
         "\"value\":0}}]}",
         "]}"),
    {.name = "free JSON, deep",
     .head = "{\"MissingResp\":{\"args\":",
     .levels = 120,
     .open = "{\"a\":",
     .close = "}",
     .inner = "{\"x\":[",
     .element = "0",
     .comma = ",",
     .end = "]}",
     .tail = "}}"},
    FLAT("free JSON, wide", "{\"MissingResp\":{\"args\":{", "\"#\":0", ",", "}}}"),
    FLAT("vCPUs without registers", HEAD "],\"vcpu_regs\":[", "null", ",", "]}"),
    FLAT("documents on lines", "", HEAD "]}", "\n", ""),
    BROKEN("documents, the last one wrong", "", HEAD "]}", "\n", "\nx"),
    BROKEN("open arrays", HEAD "],\"x\":", "[", "", ""),
    BROKEN("backslashes without end", HEAD "],\"x\":\"", "\\\\", "", ""),
    BROKEN("no document", "", "x", "", ""),
};

static void four_times_the_text_takes_no_sixteen_times_as_long(void) {
    enum { SMALL = 256 << 10, FACTOR = 4 };
    static const double most = 10, nothing = 0.03;
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        struct dc_buf small, large;
        double ratio = 0, slow = 0;
        build(&small, &shapes[i], SMALL);
        build(&large, &shapes[i], FACTOR * SMALL);
        for (int try = 0; try < 3; try++) { /* another process may have disturbed one */
            double fast = seconds(&small, !shapes[i].broken);
            slow = seconds(&large, !shapes[i].broken);
            ratio = fast > 0 ? slow / fast : 0;
            if (ratio < most || slow < nothing)
                break;
        }
        printf("# %-36s %8.1f ms for 1 MiB, ratio %.1f\n", shapes[i].name, slow * 1000,
               ratio);
        unit_check(ratio < most || slow < nothing, shapes[i].name, __FILE__, __LINE__);
        dc_buf_done(&small);
        dc_buf_done(&large);
    }
}

int main(void) {
    UNIT_RUN(four_times_the_text_takes_no_sixteen_times_as_long);
    return unit_done();
}
