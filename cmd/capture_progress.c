#include "cmd/capture_progress.h"

#include "lib/text.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static const char WIPE[] = "\r\033[K";

/* A line on its way, so that it is one write. What is too long is left out. */
struct line {
    char text[256];
    size_t length;
};

static int line_write(void *ctx, const char *data, size_t len) {
    struct line *line = ctx;
    if (len > sizeof(line->text) - line->length)
        len = sizeof(line->text) - line->length;
    memcpy(line->text + line->length, data, len);
    line->length += len;
    return 0;
}

static void begin_line(struct line *line, struct dc_text *t) {
    line->length = 0;
    line_write(line, WIPE, strlen(WIPE));
    dc_text_init(t, (struct dc_sink){.write = line_write, .ctx = line}, false, 80);
}

/* Once, and only where it is taken at once: this may be called inside a freeze, and a
   terminal that was stopped (Ctrl-S) takes nothing. The next line says it again. */
static void show(const struct cmd_progress *progress, const struct line *line) {
    struct pollfd ready = {.fd = progress->fd, .events = POLLOUT};
    if (poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT))
        (void)!write(progress->fd, line->text, line->length);
}

static void finish_line(const struct cmd_progress *progress, const struct line *line,
                        struct dc_text *t) {
    if (dc_text_finish(t) == 0)
        show(progress, line);
}

/* parked 3/4, waiting for vcpu 2, 1.4 s */
static void show_freeze(void *context, const struct cap_progress *freeze) {
    enum {
        FEW = 4, /* a line must not be wider than a terminal: it could not be wiped */
        LONG = 100000 /* us; what is over before could not be read */
    };
    struct cmd_progress *progress = context;
    if (freeze->decided || freeze->elapsed_us < LONG)
        return;
    struct dc_text t;
    struct line line;
    begin_line(&line, &t);
    dc_text_put(&t, "parked %u/%u", freeze->parked, freeze->total);
    for (uint32_t i = 0; i < freeze->missing_count && i < FEW; i++)
        dc_text_put(&t, "%s%u", i ? "," : ", waiting for vcpu ", freeze->missing[i]);
    if (freeze->missing_count > FEW)
        dc_text_put(&t, " and %u more", freeze->missing_count - FEW);
    dc_text_put(&t, ", %.1f s", (double)freeze->elapsed_us / 1e6);
    finish_line(progress, &line, &t);
}

const char *cmd_progress_awaited(const struct cap_options *options) {
    return options->triggers == CAP_ON(CAP_TRIGGER_LATCH)    ? "the latch"
           : options->triggers == CAP_ON(CAP_TRIGGER_TIMER)  ? "the timer"
           : options->triggers == 0 && options->every_ms > 0 ? "the next period"
           : options->triggers == 0                          ? "requests"
                                                             : "a trigger";
}

/* demo:stall, 4 vCPUs: waiting for the latch, 1.4 s (Ctrl-C ends it) */
static void show_wait(void *context, uint64_t elapsed_us) {
    struct cmd_progress *progress = context;
    const struct cap_options *options = progress->options;
    struct dc_text t;
    struct line line;
    begin_line(&line, &t);
    dc_text_cut(&t, options->guest, strlen(options->guest), 20);
    dc_text_put(&t, ", %u vCPU%s: waiting for %s, %.1f s (Ctrl-C ends it)",
                options->vcpus, options->vcpus == 1 ? "" : "s",
                cmd_progress_awaited(options), (double)elapsed_us / 1e6);
    finish_line(progress, &line, &t);
}

void cmd_progress_begin(struct cmd_progress *progress, struct cap_options *options,
                        bool json) {
    *progress = (struct cmd_progress){.fd = -1, .options = options};
    if (json || !isatty(STDERR_FILENO))
        return;
    /* A description of our own: O_NONBLOCK on the shared one would hit the shell too. */
    progress->fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (progress->fd < 0)
        return;
    options->waiting = show_wait;
    options->progress = show_freeze;
    options->progress_context = progress;
    show_wait(progress, 0);
}

void cmd_progress_wipe(struct cmd_progress *progress) {
    struct dc_text t;
    struct line line;
    if (progress->fd < 0)
        return;
    begin_line(&line, &t);
    finish_line(progress, &line, &t);
}

void cmd_progress_end(struct cmd_progress *progress) {
    cmd_progress_wipe(progress);
    if (progress->fd < 0)
        return;
    close(progress->fd);
    progress->fd = -1;
}
