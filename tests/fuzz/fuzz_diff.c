/*
 * Any two reports through the comparison and all of its renderers: no crash, no leak; a
 * report and itself are the same; what is counted is what is told; the text has no byte that
 * a terminal obeys and keeps to its width, the data is JSON, the page has no markup of the
 * reports' own, and a patch is empty exactly where nothing differs.
 *
 * The first two bytes of the input choose options; the rest is one report, or two, one after
 * the other. One is compared with itself and with a small one.
 */
#include "lib/patch.h"
#include "lib/show_diff.h"
#include "tests/fuzz/output.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SAME_RUN = 4, TOLERANT = 8, PATTERN = 16, SECTION = 32, SIDES = 64 };

static const char small[] =
    "{\"schema\":\"single\",\"maps\":[{\"name\":\"m\",\"map_type\":1,\"value_size\":4,"
    "\"max_entries\":2,\"entries\":[{\"key_hex\":\"01\",\"value_hex\":\"02\"}]}],"
    "\"vcpu_regs\":[null],\"x\":{\"a\":[1]}}";

static int count(void *ctx, const struct dc_diff_row *row) {
    (void)row;
    ++*(size_t *)ctx;
    return 0;
}

static void render(const struct dc_diff *diff, const uint8_t *flags) {
    struct dc_show_diff_options show = {.alloc = dc_alloc_libc, .names = {"a", "b"}};
    struct dc_buf out;
    struct dc_writer w;
    struct dc_error err;
    show.width = 40 + flags[1] % 120;
    show.form = flags[0] & SIDES ? DC_SHOW_DIFF_SIDES : DC_SHOW_DIFF_ALL;
    dc_buf_init(&out, dc_alloc_libc);
    struct dc_sink sink = dc_buf_sink(&out);
    require(dc_show_diff(sink, diff, &show, &err) == 0);
    check_text(&out, show.width);
    require((out.len == 0) == dc_diff_is_silent(diff));
    out.len = 0;
    dc_writer_init(&w, sink, true, false);
    require(dc_show_diff_json(&w, diff, &show, &err) == 0 && dc_writer_finish(&w) == 0);
    check_json(&out);
    out.len = 0;
    require(dc_show_diff_html(sink, diff, &show, &err) == 0);
    check_html(&out);
    dc_buf_done(&out);
}

static bool is_patch_empty(const struct dc_model *a, const struct dc_model *b,
                           bool *told) {
    struct dc_buf out;
    struct dc_writer w;
    struct dc_error err;
    dc_buf_init(&out, dc_alloc_libc);
    dc_writer_init(&w, dc_buf_sink(&out), true, false);
    int rc = dc_patch_write(&w, a->report, b->report, dc_alloc_libc, &err);
    require(dc_writer_finish(&w) == 0 && (rc == 0 || err.code == DC_EDUPLICATE));
    *told = rc == 0;
    bool empty = out.len == 2 && memcmp(out.data, "[]", 2) == 0;
    dc_buf_done(&out);
    return empty;
}

static void compare(const struct dc_model *a, const struct dc_model *b,
                    const uint8_t *flags) {
    static const char *const patterns[] = {"maps[*].value", "dumpctl"};
    struct dc_diff_options how = {.alloc = dc_alloc_libc,
                                  .noise = (enum dc_noise)((flags[0] & 3) % 3),
                                  .same_run = flags[0] & SAME_RUN};
    struct dc_diff diff;
    struct dc_error err;
    size_t told = 0;
    if (flags[0] & TOLERANT)
        how.tolerance = (struct dc_tolerance){.percent = 5, .number = 2};
    how.ignore = patterns;
    how.n_ignore = flags[0] & PATTERN ? 2 : 0;
    if (flags[0] & SECTION)
        how.only = (uint32_t)1 << flags[1] % DC_DIFF_N_SECTIONS;
    require(dc_diff_init(&diff, a, b, &how, &err) == 0);
    require(dc_diff_each(&diff, DC_DIFF_COUNTS, count, &told, &err) == 0);
    require(told == dc_diff_total(&diff));
    require(a != b || dc_diff_is_silent(&diff));
    render(&diff, flags);
    bool whole =
        how.noise == DC_NOISE_NONE && !(flags[0] & (TOLERANT | PATTERN | SECTION));
    bool patched, empty = is_patch_empty(a, b, &patched);
    if (whole && patched)
        require(empty == (dc_diff_total(&diff) == 0));
    dc_diff_done(&diff);
}

static void compare_all(const struct dc_model *models, size_t n, const uint8_t *flags) {
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            compare(&models[i], &models[k], flags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t ways[][2] = {{0, 40}, {2, 40}, {1 | SIDES, 80}, {SAME_RUN, 0}};
    bool document = size > 0 && (*data == '{' || *data == '"' || *data == ' ');
    size_t skip = document ? 0 : 2, used = 0, n = 0, other = 0;
    if (size < skip)
        return 0;
    size_t len = size - skip;
    struct dc_report_options how = {.alloc = dc_alloc_libc, .max_memory = 8 << 20};
    struct dc_report reports[2];
    struct dc_model models[2];
    struct dc_error err;
    char *text = malloc(len ? len : 1); /* nothing readable behind it */
    require(text != NULL);
    memcpy(text, data + skip, len);
    if (dc_report_read(&reports[0], text, len, &used, &how, &err) == 0) {
        bool more = dc_report_more(text, len, &used);
        n = 1;
        if ((more && dc_report_read(&reports[1], text, len, &used, &how, &err) == 0) ||
            dc_report_read(&reports[1], small, sizeof(small) - 1, &other, &how, &err) ==
                0)
            n = 2;
    }
    for (size_t i = 0; i < n; i++)
        dc_model_init(&models[i], &reports[i], "f");
    for (size_t i = 0; i < (document ? sizeof(ways) / sizeof(ways[0]) : 1); i++)
        compare_all(models, n, document ? ways[i] : data);
    for (size_t i = 0; i < n; i++)
        dc_report_done(&reports[i]);
    free(text);
    return 0;
}
