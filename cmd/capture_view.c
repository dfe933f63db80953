/*
 * Who does what
 * =============
 *
 *      the run's thread                  this thread, the main one
 *      ----------------                  -------------------------
 *      callbacks, in the freeze too:     waits for keys, signals of the screen, live.fd
 *        single values, rings live.fd -> take(): copies them, draws
 *      deliver: writes the file,
 *        lists its path, rings --------> take(): reads that file like any other
 *      tells: kept (cmd/later.h)         shows what is kept, tells it at the end
 *                                        q, SIGINT, SIGTERM, SIGHUP: `cancel`, and the
 *      a question for statistics <------ signal that ends it is passed on
 *      SIGUSR1 comes here: a sibling
 *      over, rings --------------------> joined
 */
#include "cmd/capture_view.h"

#include "capture/signals.h"
#include "cmd/capture_signals.h"
#include "cmd/fail.h"
#include "cmd/later.h"
#include "cmd/live_words.h"
#include "cmd/shelf.h"
#include "view/live.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct live_view {
    const struct cmd_capture_view_run *run;
    struct cmd_capture_live live;
    struct cmd_later later;
    pthread_t thread;
    atomic_bool over; /* the run is */
    int code;         /* of the run; once it is over */
    bool ending;      /* somebody has asked for its end */
    bool told_over;

    /* What is shown: copies of the moment. */
    struct view_live shown;
    unsigned char *states;
    struct cmd_live_words words;
    struct dc_buf told;
    char line[512];
    struct cmd_live_facts facts;

    struct dc_buf text; /* of the document that has nothing but vCPUs */
    struct dc_report report;
    struct dc_model model;
    bool report_read;

    struct cmd_documents docs; /* the rest is in files */
    struct cmd_shelf shelf;
    char main_path[CAP_PATH]; /* "": not written yet */
    unsigned told_lost;
};

/* ---- what is shown of the run ---- */

/* Of a run that is over: there is more to tell than its reports. */
static bool went_wrong(const struct live_view *self) {
    return self->code == EXIT_TROUBLE || self->code == EXIT_CANNOT;
}

static void copy_states(struct live_view *self, bool over) {
    const unsigned char states[] = {
        [CMD_LIVE_VCPU_RUNS] = over ? VIEW_ENDED : VIEW_RUNNING,
        [CMD_LIVE_VCPU_PENDING] = VIEW_PENDING,
        [CMD_LIVE_VCPU_PARKED] = DC_PARKED,
        [CMD_LIVE_VCPU_NOT_PARKED] = DC_NOT_PARKED,
    };
    for (uint32_t id = 0; id < atomic_load(&self->live.total); id++)
        self->states[id] = states[cmd_live_vcpu(&self->live, id)];
}

static int copy_told(struct live_view *self, struct dc_error *err) {
    cmd_later_copy(&self->later, &self->told);
    self->shown.told = (struct dc_str){self->told.data, self->told.len};
    return dc_buf_ok(&self->told)
               ? 0
               : dc_fail(err, DC_ENOMEM, "out of memory for what the capture has told");
}

static int look(struct live_view *self, struct dc_error *err) {
    bool over = atomic_load(&self->over);
    if (copy_told(self, err) < 0)
        return -1;
    copy_states(self, over);
    self->shown.goes_on = !over && !self->ending;
    if (over)
        cmd_live_say_end(&self->live, went_wrong(self), &self->told, &self->words);
    else
        cmd_live_say_now(&self->live, self->run->options, &self->words);
    if (self->ending && !over)
        snprintf(self->words.what, sizeof(self->words.what), "ending");
    snprintf(self->line, sizeof(self->line), "the capture: %s", self->words.words);
    return 0;
}

/* ---- documents ---- */

/* As many vCPUs as the guest has, of which a report says nothing. */
static int make_model(struct live_view *self, struct dc_error *err) {
    const struct dc_report_options options = {.alloc = dc_alloc_libc};
    uint32_t total = atomic_load(&self->live.total);
    size_t used;
    dc_buf_text(&self->text, "{\"schema\":\"degraded\",\"reason\":\"\",\"vcpu_regs\":[");
    for (uint32_t i = 0; i < total; i++)
        dc_buf_text(&self->text, i ? ",null" : "null");
    dc_buf_text(&self->text,
                "],\"watchpoint_hit\":false,\"bss_latch_state\":\"not_triggered\"}");
    self->states = calloc(total ? total : 1, 1);
    if (!self->states || !dc_buf_ok(&self->text))
        return dc_fail(err, DC_ENOMEM, "out of memory for the vCPUs");
    self->report_read = true;
    if (dc_report_read(&self->report, self->text.data, self->text.len, &used, &options,
                       err) < 0)
        return -1;
    dc_model_init(&self->model, &self->report, self->run->options->guest);
    cmd_live_list(&self->facts, self->run->options, self->run->output);
    self->shown.what = self->words.what;
    self->shown.words = self->words.words;
    self->shown.states = self->states;
    self->shown.facts = self->facts.facts;
    self->shown.n_facts = self->facts.count;
    return 0;
}

static int open_document(void *ctx, size_t i, const struct dc_model **model,
                         struct dc_error *err) {
    struct live_view *self = ctx;
    if (i > 0 && cmd_shelf_open(&self->shelf, i - 1, err) < 0)
        return -1;
    *model = i > 0 ? &self->shelf.open->model : &self->model;
    return 0;
}

static struct dc_str line_of(void *ctx, size_t i) {
    const struct live_view *self = ctx;
    if (i == 0)
        return (struct dc_str){self->line, strlen(self->line)};
    const struct cmd_shelf_row *row = cmd_shelf_row(&self->shelf, i - 1);
    return (struct dc_str){row->line, row->len};
}

static enum view_mark mark_of(void *ctx, size_t i) {
    const struct live_view *self = ctx;
    return i == 0 ? VIEW_MARK_NONE : cmd_shelf_mark(&self->shelf, i - 1);
}

static size_t newest(void *ctx) {
    const struct live_view *self = ctx;
    return self->shelf.count > 0 ? cmd_shelf_newest(&self->shelf) + 1 : 0;
}

static const struct view_live *live_of(void *ctx) {
    const struct live_view *self = ctx;
    return &self->shown;
}

static const char being_ended[] = "the capture is being ended; q again leaves";

static bool may_leave(void *ctx, struct view *view) {
    struct live_view *self = ctx;
    if (self->ending || atomic_load(&self->over))
        return true;
    self->ending = true;
    self->shown.goes_on = false;
    cmd_capture_signals_end(SIGINT);
    view_say(view, "%s", being_ended);
    return false;
}

static struct view_documents documents_of(struct live_view *self) {
    return (struct view_documents){
        .ctx = self,
        .count = 1,
        .open = open_document,
        .line = line_of,
        .mark = mark_of,
        .newest = newest,
        .live = live_of,
        .may_leave = may_leave,
        .waiting = "waiting for the capture",
    };
}

/* ---- what happens ---- */

/* Whoever looks at the vCPUs of the run sees them in its report now. */
static int turn_to(struct live_view *self, struct view *view, size_t row,
                   struct dc_error *err) {
    const char *name = self->shelf.places[row].file->name;
    struct dc_error fault;
    if (cmd_shelf_open(&self->shelf, row, &fault) < 0) {
        view_say(view, "%s: %s", name, fault.message);
        return 0;
    }
    view_say(view, "the report of this freeze: %s", name);
    return view_live_become(view, row + 1, &self->shelf.open->model, err);
}

static int read_one(struct live_view *self, struct view *view, struct dc_error *err) {
    struct cmd_shelf *shelf = &self->shelf;
    enum cmd_shelf_news news;
    size_t row;
    if (cmd_shelf_read(shelf, &news, &row, err) < 0)
        return -1;
    const struct view_change change = {
        .count = shelf->count + 1,
        .failed_files = cmd_shelf_failed(shelf),
        .document = view->document,
        .cursor = view->list.cursor,
        .waiting = view->documents.waiting,
    };
    view_documents_change(view, &change);
    if (news == CMD_SHELF_BAD)
        view_say(view, "bad: %s", cmd_shelf_row(shelf, row)->line);
    if (news != CMD_SHELF_NEW)
        return 0;
    const struct cmd_shelf_file *file = shelf->places[row].file;
    if (strcmp(file->path, self->main_path) == 0 && view->top != VIEW_TOP_LIST &&
        view_live(view))
        return turn_to(self, view, row, err);
    view_say(view, "new report (} opens it): %s", file->name);
    return 0;
}

static int touch_new(struct live_view *self, struct dc_error *err) {
    struct cmd_live_report *report;
    while ((report = cmd_live_take(&self->live))) {
        if (report->main)
            snprintf(self->main_path, sizeof(self->main_path), "%s", report->path);
        /* All are in one folder. */
        int rc = cmd_shelf_touch(&self->shelf, report->path, true);
        free(report);
        if (rc < 0)
            return dc_fail(err, DC_ENOMEM, "out of memory for the list of reports");
    }
    return 0;
}

static void say_lost(struct live_view *self, struct view *view) {
    unsigned lost = atomic_load(&self->live.lost);
    if (lost == self->told_lost)
        return;
    self->told_lost = lost;
    view_say(view, "a report could not be written (i in the capture says why)");
}

/* To whom looks at a report, which says nothing of it. */
static void say_over(struct live_view *self, struct view *view) {
    if (self->told_over || !atomic_load(&self->over))
        return;
    self->told_over = true;
    if (went_wrong(self) && atomic_load(&self->live.lost) == 0)
        view_say(view, "something went wrong (i in the capture says what)");
    else if (strcmp(view->message, being_ended) == 0)
        view_say(view, "the capture is over; q leaves");
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int take(void *ctx, struct view *view, struct dc_error *err) {
    enum { PATIENCE_MS = 10 }; /* then the keys come first */
    struct live_view *self = ctx;
    int64_t end = now_ms() + PATIENCE_MS;
    cmd_live_calm(&self->live);
    if (look(self, err) < 0 || view_live_change(view, err) < 0 ||
        touch_new(self, err) < 0)
        return -1;
    while (cmd_shelf_is_stale(&self->shelf) && now_ms() < end)
        if (read_one(self, view, err) < 0)
            return -1;
    say_lost(self, view);
    say_over(self, view);
    return 0;
}

static int wait_ms(void *ctx) {
    const struct live_view *self = ctx;
    return cmd_shelf_is_stale(&self->shelf) ? 0 : -1;
}

/* ---- the thread of the run ---- */

static void *run_it(void *ctx) {
    struct live_view *self = ctx;
    cmd_capture_signals_let_in();
    self->code = self->run->run(self->run->ctx);
    atomic_store(&self->over, true);
    cmd_live_ring(&self->live);
    return NULL;
}

static int start_run(struct live_view *self, sigset_t *old, struct dc_error *err) {
    sigset_t mask;
    cap_signals_block(old, 0);
    int failed = pthread_create(&self->thread, NULL, run_it, self);
    if (!failed) {
        pthread_setname_np(self->thread, "run");
        cmd_capture_signals_run_by(&self->thread);
    }
    mask = *old;
    cmd_capture_signals_keep_out(&mask);
    pthread_sigmask(SIG_SETMASK, failed ? old : &mask, NULL);
    return failed ? dc_fail_errno(err, DC_EIO, failed, "the capture has no thread") : 0;
}

/* Until the guest runs, or never will; or until the run is over. */
static void wait_for_run(struct live_view *self, bool end) {
    struct pollfd ready = {.fd = self->live.fd, .events = POLLIN};
    while (!atomic_load(&self->over) && (end || !atomic_load(&self->live.total))) {
        if (poll(&ready, 1, -1) == 1)
            cmd_live_calm(&self->live);
    }
    cmd_live_ring(&self->live); /* what came meanwhile is to be looked at */
}

static void join_run(struct live_view *self, const sigset_t *old) {
    sigset_t mask;
    wait_for_run(self, true);
    cap_signals_block(&mask, 0);
    cmd_capture_signals_run_by(NULL);
    pthread_join(self->thread, NULL);
    pthread_sigmask(SIG_SETMASK, old, NULL);
}

/* ---- the screen ---- */

static int show(struct live_view *self, struct cmd_screen *screen, struct dc_error *err) {
    const struct view_documents documents = documents_of(self);
    const struct view_feed feed = {
        .ctx = self, .fd = self->live.fd, .wait_ms = wait_ms, .take = take};
    struct view view;
    unsigned width, height;
    if (make_model(self, err) < 0 || look(self, err) < 0)
        return -1;
    view_terminal_size(&screen->terminal, &width, &height);
    int rc = view_init(&view, &documents, dc_alloc_libc, cmd_screen_is_ascii(), width,
                       height, err);
    if (rc == 0)
        rc = view_open_document(&view, 0, err);
    if (rc == 0)
        rc = view_terminal_run(&screen->terminal, &view, &feed, err);
    view_done(&view);
    return rc;
}

static int show_run(struct live_view *self, struct cmd_screen *screen) {
    struct dc_error err;
    sigset_t old;
    int rc = 0;
    if (start_run(self, &old, &err) < 0)
        return cmd_fail(self->run->common, &err);
    wait_for_run(self, false);
    if (atomic_load(&self->live.total) > 0)
        rc = show(self, screen, &err);
    /* A screen that failed ends the run, like one that was closed by a signal. */
    if (rc != 0)
        cmd_capture_signals_end(rc > 0 ? rc : SIGTERM);
    join_run(self, &old);
    return rc < 0 ? cmd_worse(self->code, cmd_fail(self->run->common, &err)) : self->code;
}

int cmd_capture_view(const struct cmd_capture_view_run *run, struct cmd_screen *screen) {
    struct live_view self = {.run = run};
    struct dc_error err;
    int code = EXIT_TROUBLE;
    cmd_later_init(&self.later);
    dc_buf_init(&self.told, dc_alloc_libc);
    dc_buf_init(&self.text, dc_alloc_libc);
    cmd_documents_init(&self.docs, run->common);
    cmd_shelf_init(&self.shelf, &self.docs);
    self.shelf.begun = true;
    if (cmd_live_open(&self.live, &err) == 0) {
        cmd_live_attach(&self.live, run->options);
        run->common->later = &self.later;
        code = show_run(&self, screen);
        run->common->later = NULL;
    } else {
        cmd_fail(run->common, &err);
    }
    if (self.report_read)
        dc_report_done(&self.report);
    cmd_live_close(&self.live);
    cmd_shelf_done(&self.shelf);
    dc_buf_done(&self.told);
    dc_buf_done(&self.text);
    free(self.states);
    return cmd_later_tell(&self.later, run->common, code);
}
