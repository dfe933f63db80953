#include "cmd/capture_progress.h"

#include "cmd/fail.h"
#include "lib/text.h"

#include <string.h>
#include <unistd.h>

static const char WIPE[] = "\r\033[K";

static void begin_line(struct dc_text *t) {
    struct dc_sink sink = cmd_stderr();
    sink.write(sink.ctx, WIPE, strlen(WIPE));
    dc_text_init(t, sink, false, 80);
}

/* parked 3/4, waiting for vcpu 2, 1.4 s */
static void show_freeze(void *context, const struct cap_progress *progress) {
    enum { FEW = 8 };
    struct dc_text t;
    struct cmd_progress *shown = context;
    begin_line(&t);
    dc_text_put(&t, "parked %u/%u", progress->parked, progress->total);
    for (uint32_t i = 0; i < progress->missing_count && i < FEW; i++)
        dc_text_put(&t, "%s%u", i ? "," : ", waiting for vcpu ", progress->missing[i]);
    if (progress->missing_count > FEW)
        dc_text_put(&t, " and %u more", progress->missing_count - FEW);
    dc_text_put(&t, ", %.1f s", (double)progress->elapsed_us / 1e6);
    shown->on = dc_text_finish(&t) == 0;
}

void cmd_progress_begin(struct cmd_progress *progress, struct cap_options *options,
                        bool json) {
    progress->on = !json && isatty(STDERR_FILENO);
    if (!progress->on)
        return;
    struct dc_text t;
    options->progress = show_freeze;
    options->progress_context = progress;
    begin_line(&t);
    dc_text_cut(&t, options->guest, strlen(options->guest), 40);
    dc_text_put(&t, " runs on %u vCPU%s, waiting for the %s (Ctrl-C ends it)",
                options->vcpus, options->vcpus == 1 ? "" : "s",
                options->trigger == CAP_TRIGGER_LATCH ? "latch" : "timer");
    progress->on = dc_text_finish(&t) == 0;
}

void cmd_progress_end(struct cmd_progress *progress) {
    struct dc_sink sink = cmd_stderr();
    if (progress->on)
        sink.write(sink.ctx, WIPE, strlen(WIPE));
}
