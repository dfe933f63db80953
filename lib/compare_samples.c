#include "lib/compare_private.h"

#include "lib/samples.h"

#include <string.h>

/* What the samples of one report come to, in words that live as long as the comparison. */
static struct dc_diff_value words_of(struct dc_compare *c,
                                     const struct dc_coverage *coverage) {
    struct dc_buf text;
    struct dc_str words = {"", 0};
    dc_buf_init(&text, c->options.alloc);
    dc_coverage_add(coverage, &text);
    char *copy = dc_buf_ok(&text) ? dc_arena_get(&c->diff->arena, text.len) : NULL;
    if (copy) {
        memcpy(copy, text.data, text.len);
        words = (struct dc_str){copy, text.len};
    } else {
        dc_diff_no_memory(c);
    }
    dc_buf_done(&text);
    return dc_diff_text(words);
}

/* Every number in them is that of another moment, and so is how many samples there are:
   that passes, and is summed up. Whether there are statistics, and why not, is a
   difference. */
void dc_diff_compare_samples(struct dc_compare *c, const struct dc_diff_step *up,
                             const struct dc_rec *a, const struct dc_rec *b) {
    const int field = DC_AT_DUMPCTL_samples;
    struct dc_diff_step at = {
        .up = up, .kind = DC_STEP_WORD, .word = dc_type_DUMPCTL.fields[field].name};
    struct dc_coverage one = dc_samples_cover(dc_list_of(a, field));
    struct dc_coverage other = dc_samples_cover(dc_list_of(b, field));
    struct dc_diff_row row = {.class = DC_DIFF_COUNTS, .what = "changed", .at = &at};
    if (!dc_coverage_is_like(&one, &other)) {
        row.a = words_of(c, &one);
        row.b = words_of(c, &other);
        dc_diff_tell(c, &row);
    }
    c->passing = true;
    dc_diff_compare_lists(c, &at, &dc_type_DUMPCTL, a, b, (size_t)field);
    c->passing = false;
}
