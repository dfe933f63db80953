/*
 * Any report through the three renderers of show: no crash, no leak; the text keeps to its
 * width and has no byte that a terminal obeys, the data is JSON, the page has no markup of
 * the report's own.
 *
 * The first two bytes of the input choose options; the rest is the text.
 */
#include "lib/show.h"
#include "tests/fuzz/output.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ALL = 1, EXACT = 2, FILTER = 4, SYMBOLS = 8, SECTION = 16 };

static const char system_map[] = "ffffffff81000000 T _stext\n"
                                 "ffffffff81a3c200 t native_safe_halt\n"
                                 "ffffffff82000000 T _etext\n";

static struct dc_show_options options_of(const uint8_t *flags,
                                         const struct dc_symbols *symbols) {
    struct dc_show_options options = {.alloc = dc_alloc_libc,
                                      .all = flags[0] & ALL,
                                      .exact = flags[0] & EXACT,
                                      .name = "f"};
    options.width = 20 + flags[1] % 120;
    if (flags[0] & FILTER) {
        options.cpus = "0-1";
        options.vcpus = "0,2";
        options.maps = "*a*";
        options.tasks = "1*";
    }
    if (flags[0] & SECTION)
        options.sections = (uint32_t)1 << flags[1] % DC_N_SECTIONS;
    if (flags[0] & SYMBOLS)
        options.symbols = symbols;
    return options;
}

static void show(const struct dc_model *model, const struct dc_show_options *options) {
    struct dc_buf out;
    struct dc_writer w;
    struct dc_error err;
    dc_buf_init(&out, dc_alloc_libc);
    struct dc_sink sink = dc_buf_sink(&out);
    require(dc_show(sink, model, options, &err) == 0);
    check_text(&out, options->width);
    out.len = 0;
    dc_writer_init(&w, sink, true, false);
    require(dc_show_json(&w, model, options, &err) == 0 && dc_writer_finish(&w) == 0);
    check_json(&out);
    out.len = 0;
    require(dc_show_html(sink, model, options, &err) == 0);
    check_html(&out);
    dc_buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* A document of the suite is shown in several ways: 80 columns, narrow ones, all. */
    static const uint8_t ways[][2] = {{0, 60},   {0, 0},       {ALL, 0},      {ALL, 3},
                                      {ALL, 60}, {FILTER, 60}, {SYMBOLS, 112}};
    bool document = size > 0 && (*data == '{' || *data == '"' || *data == ' ');
    size_t skip = document ? 0 : 2;
    if (size < skip)
        return 0;
    struct dc_symbols symbols;
    struct dc_report_options how = {.alloc = dc_alloc_libc, .max_memory = 8 << 20};
    struct dc_report report;
    struct dc_error err;
    size_t used = 0, len = size - skip;
    char *text = malloc(len ? len : 1); /* nothing readable behind it */
    require(text != NULL);
    memcpy(text, data + skip, len);
    require(dc_symbols_read(&symbols, system_map, sizeof(system_map) - 1, dc_alloc_libc,
                            &err) == 0);
    if (dc_report_read(&report, text, len, &used, &how, &err) == 0) {
        struct dc_model model;
        dc_model_init(&model, &report, "f");
        size_t n = document ? sizeof(ways) / sizeof(ways[0]) : 1;
        for (size_t i = 0; i < n; i++) {
            struct dc_show_options options =
                options_of(document ? ways[i] : data, &symbols);
            show(&model, &options);
        }
        dc_report_done(&report);
    }
    dc_symbols_done(&symbols);
    free(text);
    return 0;
}
