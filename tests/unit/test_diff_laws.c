/*
 * Laws of comparing, over generated pairs of reports: a report and itself are the same; with
 * nothing ignored two reports are the same exactly where their wire forms are; what is told
 * is what was counted, and JSON lists it; one way round there is as much as the other.
 */
#include "lib/show_diff.h"
#include "lib/text.h"
#include "lib/wire.h"
#include "tests/unit/lib_aid.h"
#include "tests/unit/pair_aid.h"
#include "tests/unit/unit.h"

#include <string.h>

enum { PAIRS = 2000 };

struct two {
    struct pair pair;
    struct dc_report reports[2];
    struct dc_model models[2];
    struct dc_buf wire[2];
};

static bool read_one(struct two *two, int side) {
    struct dc_buf *text = side == 0 ? &two->pair.a : &two->pair.b;
    struct dc_report_options options = {.alloc = dc_alloc_libc};
    struct dc_error err;
    size_t used = 0;
    struct dc_report *report = &two->reports[side];
    if (!CHECK(dc_report_read(report, text->data, text->len, &used, &options, &err) == 0))
        return false;
    dc_model_init(&two->models[side], report, side == 0 ? "a" : "b");
    struct dc_writer w;
    dc_buf_init(&two->wire[side], dc_alloc_libc);
    dc_writer_init(&w, dc_buf_sink(&two->wire[side]), false, false);
    CHECK(dc_wire_write(&w, report->root, report->declared, report->text, report->len,
                        dc_alloc_libc, &err) == 0);
    return CHECK(dc_writer_finish(&w) == 0);
}

static void done_one(struct two *two, int side) {
    dc_report_done(&two->reports[side]);
    dc_buf_done(&two->wire[side]);
}

static bool are_same(const struct two *two) {
    return dc_str_same((struct dc_str){two->wire[0].data, two->wire[0].len},
                       (struct dc_str){two->wire[1].data, two->wire[1].len});
}

/* ---- one comparison ---- */

struct result {
    size_t total, told, listed;
    bool silent, text;
};

static int count_row(void *ctx, const struct dc_diff_row *row) {
    (void)row;
    ++*(size_t *)ctx;
    return 0;
}

/* Objects of the list "differences": no string of these documents has such a text. */
static size_t count_listed(const struct dc_buf *json) {
    static const char begin[] = "\"differences\":[", end[] = "],\"ignored\":[",
                      row[] = "{\"what\":\"";
    const char *at = memmem(json->data, json->len, begin, sizeof(begin) - 1);
    if (!CHECK(at != NULL))
        return 0;
    size_t left = json->len - (size_t)(at - json->data), n = 0;
    const char *stop = memmem(at, left, end, sizeof(end) - 1);
    if (!CHECK(stop != NULL))
        return 0;
    while ((at = memmem(at, (size_t)(stop - at), row, sizeof(row) - 1))) {
        n++;
        at += sizeof(row) - 1;
    }
    return n;
}

struct shown {
    const struct dc_buf *text;
    size_t looked_for, found;
};

/* Side by side each row has its whole path on one line, as long as that is wide enough. */
static int look_for(void *ctx, const struct dc_diff_row *row) {
    enum { WIDEST = 300 };
    struct shown *shown = ctx;
    struct dc_buf path, line;
    struct dc_text text;
    dc_buf_init(&path, dc_alloc_libc);
    dc_buf_init(&line, dc_alloc_libc);
    dc_diff_row_path(row, &path);
    dc_text_init(&text, dc_buf_sink(&line), false, 1000);
    dc_text_add(&text, path.data, path.len);
    CHECK(dc_text_finish(&text) == 0);
    if (row->at && line.len > 0 && line.len < WIDEST &&
        !memchr(line.data, ' ', line.len)) {
        shown->looked_for++;
        shown->found +=
            memmem(shown->text->data, shown->text->len, line.data, line.len) != NULL;
    }
    dc_buf_done(&path);
    dc_buf_done(&line);
    return 0;
}

static size_t paths_looked_for;

static void check_paths(const struct dc_diff *diff, const struct dc_buf *text) {
    struct shown shown = {.text = text};
    struct dc_error err;
    CHECK(dc_diff_each(diff, DC_DIFF_COUNTS, look_for, &shown, &err) == 0);
    CHECK_EQ_U64(shown.found, shown.looked_for);
    paths_looked_for += shown.looked_for;
}

static void render(const struct dc_diff *diff, struct result *result) {
    struct dc_show_diff_options show = {
        .alloc = dc_alloc_libc, .width = 80, .names = {"a", "b"}};
    struct dc_buf out;
    struct dc_error err;
    struct dc_writer w;
    dc_buf_init(&out, dc_alloc_libc);
    CHECK(dc_show_diff(dc_buf_sink(&out), diff, &show, &err) == 0);
    result->text = out.len > 0;
    out.len = 0;
    dc_writer_init(&w, dc_buf_sink(&out), true, false);
    CHECK(dc_show_diff_json(&w, diff, &show, &err) == 0);
    CHECK(dc_writer_finish(&w) == 0);
    result->listed = count_listed(&out);
    out.len = 0;
    CHECK(dc_show_diff_html(dc_buf_sink(&out), diff, &show, &err) == 0);
    out.len = 0;
    show.form = DC_SHOW_DIFF_SIDES;
    show.width = 1000;
    CHECK(dc_show_diff(dc_buf_sink(&out), diff, &show, &err) == 0);
    check_paths(diff, &out);
    dc_buf_done(&out);
}

static struct result compare(const struct dc_model *a, const struct dc_model *b,
                             enum dc_noise noise, bool rendered) {
    struct dc_diff_options how = {.alloc = dc_alloc_libc, .noise = noise};
    struct result result = {.total = 0};
    struct dc_diff diff;
    struct dc_error err;
    CHECK(dc_diff_init(&diff, a, b, &how, &err) == 0);
    result.total = dc_diff_total(&diff);
    result.silent = dc_diff_is_silent(&diff);
    CHECK(dc_diff_each(&diff, DC_DIFF_COUNTS, count_row, &result.told, &err) == 0);
    if (rendered)
        render(&diff, &result);
    dc_diff_done(&diff);
    return result;
}

/* ---- the laws ---- */

static void check_itself(const struct two *two, enum dc_noise noise) {
    for (int side = 0; side < 2; side++) {
        const struct dc_model *model = &two->models[side];
        struct result itself = compare(model, model, noise, false);
        CHECK(itself.silent && itself.total == 0 && itself.told == 0);
    }
}

static void check_pair(const struct two *two, enum dc_noise noise) {
    struct result there = compare(&two->models[0], &two->models[1], noise, true);
    struct result back = compare(&two->models[1], &two->models[0], noise, false);
    CHECK_EQ_U64(there.told, there.total);
    CHECK_EQ_U64(there.listed, there.total);
    CHECK_EQ_U64(back.total, there.total);
    CHECK(there.text == !there.silent);
    if (noise == DC_NOISE_NONE)
        CHECK((there.total == 0) == are_same(two));
    if (are_same(two))
        CHECK(there.silent && there.total == 0);
}

static size_t differing, same;

static void check_seed(uint64_t seed) {
    struct two two;
    pair_make(&two.pair, seed);
    if (read_one(&two, 0)) {
        if (read_one(&two, 1)) {
            for (int noise = DC_NOISE_BOTH; noise <= DC_NOISE_NONE; noise++) {
                check_itself(&two, (enum dc_noise)noise);
                check_pair(&two, (enum dc_noise)noise);
            }
            differing += !are_same(&two);
            same += are_same(&two);
            done_one(&two, 1);
        }
        done_one(&two, 0);
    }
    pair_done(&two.pair);
}

static void hold_over_generated_pairs(void) {
    for (uint64_t seed = 0; seed < PAIRS; seed++) {
        unsigned before = unit_state()->bad;
        check_seed(seed);
        if (unit_state()->bad > before)
            printf("# pair %llu\n", (unsigned long long)seed);
    }
    CHECK(differing > PAIRS / 4 && same > PAIRS / 8);
    CHECK(paths_looked_for > PAIRS);
}

int main(void) {
    UNIT_RUN(hold_over_generated_pairs);
    return unit_done();
}
