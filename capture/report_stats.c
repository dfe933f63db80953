#include "capture/report_stats.h"

static void name_text(struct dc_writer *w, const char *name, const char *text) {
    dc_write_name(w, name);
    dc_write_text(w, text);
}

static void name_u64(struct dc_writer *w, const char *name, uint64_t value) {
    dc_write_name(w, name);
    dc_write_u64(w, value);
}

static void name_if(struct dc_writer *w, const char *name, uint64_t value) {
    if (value > 0)
        name_u64(w, name, value);
}

static void write_sample(struct dc_writer *w, const struct cap_sample *sample) {
    dc_write_open(w, '{');
    name_text(w, "tag", sample->tag);
    name_u64(w, "elapsed_ms", sample->elapsed_ms);
    name_if(w, "offset_ms", sample->offset_ms);
    name_text(w, "phase", sample->phase);
    dc_write_name(w, sample->have ? "stats" : "missing_stats");
    dc_write_value(w, (struct dc_span){sample->json, sample->len});
    if (sample->first) {
        dc_write_name(w, "first");
        dc_write_bool(w, true);
    }
    name_if(w, "deadline_ms", sample->deadline_ms);
    name_u64(w, "took_us", sample->took_us);
    dc_write_close(w, '}');
}

void cap_report_stats(struct dc_writer *w, const struct cap_samples *samples) {
    size_t count = samples ? cap_samples_count(samples) : 0;
    if (!samples)
        return;
    dc_write_name(w, "stats_source");
    dc_write_open(w, '{');
    name_text(w, "socket", cap_samples_path(samples));
    name_u64(w, "timeout_ms", cap_samples_timeout_ms(samples));
    name_u64(w, "max_bytes", CAP_STATS_CAP);
    name_if(w, "evicted", cap_samples_evicted(samples));
    name_if(w, "discarded_bytes", cap_samples_discarded(samples));
    dc_write_close(w, '}');
    if (count == 0)
        return;
    dc_write_name(w, "samples");
    dc_write_open(w, '[');
    for (size_t i = 0; i < count; i++)
        write_sample(w, cap_samples_at(samples, i));
    dc_write_close(w, ']');
}
