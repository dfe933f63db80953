#include "lib/samples.h"

#include "lib/model.h"
#include "lib/number.h"

static size_t reason_of(const struct dc_rec *missing) {
    size_t i = 0;
    while (i + 1 < DC_REASONS && dc_type_REASON.choices[i] != missing->type)
        i++;
    return i;
}

struct dc_coverage dc_samples_cover(const struct dc_list *samples) {
    struct dc_coverage coverage = {.samples = samples->count};
    for (struct dc_list_walk walk = dc_list_walk(samples); dc_list_next(&walk);) {
        const struct dc_rec *missing =
            dc_record(walk.value.rec, DC_AT_STATS_SAMPLE_missing_stats);
        if (missing)
            coverage.missing[reason_of(missing)]++;
        else
            coverage.have++;
    }
    return coverage;
}

static void add_u64(struct dc_buf *out, uint64_t value) {
    char text[DC_NUMBER_MAX];
    dc_buf_add(out, text, dc_format_u64(value, text));
}

void dc_coverage_add(const struct dc_coverage *coverage, struct dc_buf *out) {
    const char *before = "; missing: ";
    if (coverage->samples == 0) {
        dc_buf_text(out, "no sample");
        return;
    }
    add_u64(out, coverage->have);
    dc_buf_text(out, " of ");
    add_u64(out, coverage->samples);
    dc_buf_text(out, coverage->samples == 1 ? " sample had statistics"
                                            : " samples had statistics");
    for (size_t i = 0; i < DC_REASONS; i++) {
        if (coverage->missing[i] == 0)
            continue;
        dc_buf_text(out, before);
        dc_buf_text(out, dc_type_REASON.choices[i]->tag_value);
        dc_buf_text(out, " ");
        add_u64(out, coverage->missing[i]);
        before = ", ";
    }
}

int dc_samples_why(const struct dc_rec *reason, uint64_t deadline_ms, struct dc_buf *out,
                   struct dc_error *err) {
    if (deadline_ms > 0) {
        dc_buf_text(out, "no answer within ");
        add_u64(out, deadline_ms);
        dc_buf_text(out, " ms");
    } else if (reason->type == &dc_type_CANCELLED) {
        dc_buf_text(out, "the run was to end before an answer came");
    } else if (reason->type == &dc_type_NO_SCHEDULER) {
        struct dc_str words = dc_string(reason, DC_AT_NO_SCHEDULER_reason);
        dc_buf_add(out, words.p, words.len);
    } else {
        return dc_missing_text(reason, out, err);
    }
    return dc_buf_ok(out) ? 0 : dc_fail(err, DC_ENOMEM, "out of memory");
}

bool dc_coverage_is_like(const struct dc_coverage *a, const struct dc_coverage *b) {
    for (size_t i = 0; i < DC_REASONS; i++)
        if (!a->missing[i] != !b->missing[i])
            return false;
    return !a->have == !b->have;
}
