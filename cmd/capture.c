#include "cmd/capture_options.h"
#include "cmd/capture_progress.h"
#include "cmd/capture_reports.h"
#include "cmd/capture_signals.h"
#include "cmd/capture_tell.h"
#include "cmd/capture_view.h"
#include "cmd/fail.h"
#include "cmd/memory_image.h"

static const char details[] =
    "Runs a guest on /dev/kvm, waits for a trigger, stops all vCPUs at a rendezvous, "
    "reads their registers and writes a failure dump: \"single\" where every vCPU parked "
    "(\"dual\" with --dual), else \"degraded\", which names those that did not. The path "
    "of each report, alone on a line, is printed on standard output; everything else on "
    "standard error.\n"
    "\n"
    "SIGUSR1, the control socket, the guest's doorbell and --every capture too, without "
    "ending the run: these reports stand beside the main one, as "
    "NAME.snapshot.TAG.json.\n"
    "\n"
    "With --view the screen is that of dumpctl-view: + runs, ~ was asked to park, . has "
    "parked; Enter opens a vCPU, i tells the capture so far. q ends the capture, and q "
    "once more leaves; paths and remarks are printed when the screen is closed. Needs a "
    "terminal, and a file for the reports.\n"
    "\n"
    "SIGINT or SIGTERM during the rendezvous end it with what is there (degraded); "
    "before "
    "the trigger they end the run.\n"
    "\n"
    "Exit codes: 0 full report; 1 nothing to capture (the guest ended, --run-for passed, "
    "the exit-kind gate suppressed it, or a signal came before the trigger); 2 usage, a "
    "guest that is none, an output that cannot be written; 3 degraded report; 4 cannot "
    "run "
    "here (no /dev/kvm, no permission).\n"
    "\n"
    "Examples:\n"
    "  dumpctl capture\n"
    "  dumpctl capture --guest demo:stall --vcpus 8 --dual -o both.json\n"
    "  dumpctl capture --view --vcpus 64 --inject late=9:3000\n"
    "  dumpctl capture --trigger latch,watchpoint --guest demo:error\n"
    "  dumpctl capture --vcpus 8 --inject stuck=2,5 --timeout 500 -o degraded.json\n"
    "  dumpctl capture --guest demo:spin --every 100 --count 5 -o run.json\n"
    "  dumpctl capture --every 500 --stats /var/run/scx/root/stats -o run.json\n"
    "  dumpctl capture --guest demo:spin --trigger timer=200 -o - | dumpctl show -\n";

struct capture {
    struct cmd_common common;
    struct cmd_capture_options options;
    struct cmd_capture_reports reports;
    struct cmd_memory_image image;
};

static int make_run(void *ctx) {
    struct capture *capture = ctx;
    struct cap_end end;
    struct dc_error err;
    int rc = cap_run(&capture->options.run, &end, &err);
    if (capture->reports.progress)
        cmd_progress_end(capture->reports.progress);
    if (rc < 0)
        return cmd_fail(&capture->common, &err);
    int failed = cmd_memory_image_finish(&capture->image, &end);
    int code = cmd_capture_tell_end(&capture->common, &capture->options.run, &end);
    return failed ? EXIT_TROUBLE : code;
}

static int run_guest(struct capture *capture, struct cmd_screen *screen) {
    struct cmd_progress progress;
    const struct cmd_capture_view_run viewed = {
        .common = &capture->common,
        .options = &capture->options.run,
        .output = capture->reports.main.path,
        .run = make_run,
        .ctx = capture,
    };
    capture->options.run.cancel = cmd_capture_signals_cancel();
    capture->options.run.asking = cmd_capture_signals_asking();
    capture->options.run.ask = cmd_capture_signals_ask();
    capture->options.run.deliver = cmd_capture_reports_deliver;
    capture->options.run.deliver_context = &capture->reports;
    capture->reports.after = capture->options.run.after;
    if (screen)
        return cmd_capture_view(&viewed, screen);
    cmd_progress_begin(&progress, &capture->options.run, capture->common.json);
    capture->reports.progress = &progress;
    int code = make_run(capture);
    capture->reports.progress = NULL;
    return code;
}

/* Signals are caught before there is a temporary file that they could leave behind; but
   not yet while a FIFO waits for its other side. `screen`: NULL without --view. */
static int open_and_run(struct capture *capture, struct cmd_screen *screen) {
    struct cmd_capture_reports *reports = &capture->reports;
    struct cmd_memory_image *image = &capture->image;
    bool direct = cmd_report_file_is_direct(capture->options.output);
    if (!direct)
        cmd_capture_signals_catch();
    if (cmd_capture_reports_open(reports, &capture->common, capture->options.output,
                                 capture->options.force) < 0)
        return EXIT_TROUBLE;
    cmd_capture_signals_catch();
    int code = EXIT_TROUBLE;
    if (cmd_memory_image_open(image, &capture->common, capture->options.image,
                              capture->options.force, &reports->main,
                              &capture->options.run.image_fd) == 0) {
        cmd_capture_signals_guard(image->file.folder_fd, image->file.temporary);
        code = run_guest(capture, screen);
    }
    cmd_capture_signals_guard(-1, "");
    cmd_memory_image_close(image);
    cmd_capture_signals_done();
    return cmd_capture_reports_close(reports) < 0 ? EXIT_TROUBLE : code;
}

static int open_screen_and_run(struct capture *capture) {
    struct cmd_screen screen;
    struct dc_error err;
    if (cmd_screen_open(&screen, NULL, "without --view a capture needs none", &err) < 0)
        return cmd_fail(&capture->common, &err);
    int code = open_and_run(capture, &screen);
    cmd_screen_close(&screen);
    return code;
}

static int run(const struct cmd_verb *verb, int argc, char **argv) {
    struct capture capture = {0};
    int code = EXIT_TROUBLE;
    cmd_common_init(&capture.common);
    if (cmd_capture_take_options(&capture.options, verb, &capture.common, argc, argv) ==
        0)
        code = capture.options.view ? open_screen_and_run(&capture)
                                    : open_and_run(&capture, NULL);
    cmd_capture_options_done(&capture.options);
    return code;
}

const struct cmd_verb cmd_capture = {
    .name = "capture",
    .summary = "run a guest on /dev/kvm, freeze it when a trigger fires, write a report",
    .synopsis = "[OPTION...]",
    .shared = CMD_JSON,
    .options = cmd_capture_option_table,
    .details = details,
    .run = run,
};
