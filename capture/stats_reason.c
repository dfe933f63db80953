#include "capture/stats_reason.h"

#include "lib/wire.h"
#include "lib/writer.h"

const char *cap_missing_name(enum cap_missing missing) {
    static const char *const names[CAP_N_MISSING] = {
        [CAP_NO_SCHEDULER_BINARY] = "NoSchedulerBinary",
        [CAP_NO_SCHEDULER] = "NoScheduler",
        [CAP_DURING_FREEZE] = "DuringFreeze",
        [CAP_CANCELLED] = "Cancelled",
        [CAP_SCHEDULER_ERROR] = "SchedulerError",
        [CAP_MISSING_RESP] = "MissingResp",
        [CAP_REQUEST_TOO_LARGE] = "RequestTooLarge",
        [CAP_RESPONSE_TOO_LARGE] = "ResponseTooLarge",
    };
    return names[missing];
}

/* ---- the frame: {"NAME":{...}} ---- */

static void begin(struct dc_writer *w, struct dc_buf *out, enum cap_missing missing) {
    dc_writer_init(w, dc_buf_sink(out), false, false);
    dc_write_open(w, '{');
    dc_write_name(w, cap_missing_name(missing));
    dc_write_open(w, '{');
}

/* A sink fails only where the buffer has, which remembers it. */
static void finish(struct dc_writer *w, struct dc_buf *out) {
    if (dc_writer_finish(w) < 0)
        out->failed = true;
}

static void end(struct dc_writer *w, struct dc_buf *out) {
    dc_write_close(w, '}');
    dc_write_close(w, '}');
    finish(w, out);
}

static void write_any(struct dc_writer *w, struct dc_buf *out, struct dc_span value) {
    if (dc_wire_write_any(w, value, out->alloc, NULL) < 0)
        out->failed = true;
}

/* ---- the reasons ---- */

void cap_reason_unit(struct dc_buf *out, enum cap_missing missing) {
    dc_buf_text(out, "\"");
    dc_buf_text(out, cap_missing_name(missing));
    dc_buf_text(out, "\"");
}

void cap_reason_no_scheduler(struct dc_buf *out, const char *text, size_t len) {
    struct dc_writer w;
    begin(&w, out, CAP_NO_SCHEDULER);
    dc_write_name(&w, "reason");
    dc_write_string(&w, text, len);
    end(&w, out);
}

void cap_reason_no_scheduler_raw(struct dc_buf *out, struct dc_span raw) {
    struct dc_writer w;
    begin(&w, out, CAP_NO_SCHEDULER);
    dc_write_name(&w, "reason");
    dc_write_raw_string(&w, raw);
    end(&w, out);
}

void cap_reason_scheduler_error(struct dc_buf *out, int32_t number, struct dc_span args) {
    struct dc_writer w;
    begin(&w, out, CAP_SCHEDULER_ERROR);
    dc_write_name(&w, "errno");
    dc_write_i64(&w, number);
    dc_write_name(&w, "args");
    write_any(&w, out, args);
    end(&w, out);
}

void cap_reason_missing_resp(struct dc_buf *out, struct dc_span args) {
    struct dc_writer w;
    begin(&w, out, CAP_MISSING_RESP);
    dc_write_name(&w, "args");
    write_any(&w, out, args);
    end(&w, out);
}

void cap_reason_too_large(struct dc_buf *out, enum cap_missing missing, uint64_t size,
                          uint64_t max) {
    struct dc_writer w;
    begin(&w, out, missing);
    dc_write_name(&w, "size");
    dc_write_u64(&w, size);
    dc_write_name(&w, "max");
    dc_write_u64(&w, max);
    end(&w, out);
}

void cap_reason_any(struct dc_buf *out, struct dc_span value) {
    struct dc_writer w;
    dc_writer_init(&w, dc_buf_sink(out), false, false);
    write_any(&w, out, value);
    finish(&w, out);
}
