#include "cmd/view_follow.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- what to read ---- */

static int touch(void *ctx, const char *path, bool inside) {
    struct cmd_view_follow *of = ctx;
    return cmd_shelf_touch(&of->shelf, path, inside);
}

static int doubt(void *ctx) {
    struct cmd_view_follow *of = ctx;
    cmd_shelf_doubt(&of->shelf);
    return 0;
}

static struct cmd_follow_ops ops_of(struct cmd_view_follow *of) {
    return (struct cmd_follow_ops){.ctx = of, .file = touch, .all = doubt};
}

static int no_memory(struct dc_error *err) {
    return dc_fail(err, DC_ENOMEM, "out of memory for the list of reports");
}

static void describe_waiting(struct cmd_view_follow *of) {
    const struct cmd_follow *follow = &of->follow;
    const struct cmd_follow_place *first = &follow->places[0];
    char more[48] = "";
    if (follow->count > 1)
        snprintf(more, sizeof(more), " and %zu more", follow->count - 1);
    if (follow->lost == follow->count)
        snprintf(of->waiting, sizeof(of->waiting), "nothing more will come: gone is %s%s",
                 first->folder, more);
    else
        snprintf(of->waiting, sizeof(of->waiting), "waiting for %s%s%s",
                 first->only ? "" : "reports in ", first->path, more);
}

int cmd_view_follow_open(struct cmd_view_follow *of, const struct cmd_documents *docs,
                         char **operands, size_t count, struct dc_error *err) {
    *of = (struct cmd_view_follow){.follow.fd = -1};
    cmd_shelf_init(&of->shelf, docs);
    if (cmd_follow_open(&of->follow, operands, count, err) < 0)
        return -1;
    of->alone = count == 1 && of->follow.places[0].only;
    describe_waiting(of);
    return 0;
}

void cmd_view_follow_close(struct cmd_view_follow *of) {
    cmd_shelf_done(&of->shelf);
    cmd_follow_close(&of->follow);
}

/* ---- documents ---- */

static int open_document(void *ctx, size_t i, const struct dc_model **model,
                         struct dc_error *err) {
    struct cmd_view_follow *of = ctx;
    if (cmd_shelf_open(&of->shelf, i, err) < 0)
        return -1;
    *model = &of->shelf.open->model;
    return 0;
}

static struct dc_str line_of(void *ctx, size_t i) {
    const struct cmd_view_follow *of = ctx;
    const struct cmd_shelf_row *row = cmd_shelf_row(&of->shelf, i);
    return (struct dc_str){row->line, row->len};
}

static enum view_mark mark_of(void *ctx, size_t i) {
    const struct cmd_view_follow *of = ctx;
    return cmd_shelf_mark(&of->shelf, i);
}

static size_t newest(void *ctx) {
    const struct cmd_view_follow *of = ctx;
    return cmd_shelf_newest(&of->shelf);
}

int cmd_view_follow_read(struct cmd_view_follow *of, struct view_documents *documents,
                         struct dc_error *err) {
    const struct cmd_follow_ops ops = ops_of(of);
    enum cmd_shelf_news news;
    size_t row;
    if (cmd_follow_scan(&of->follow, &ops) < 0)
        return no_memory(err);
    while (cmd_shelf_is_stale(&of->shelf))
        if (cmd_shelf_read(&of->shelf, &news, &row, err) < 0)
            return -1;
    of->shelf.begun = true;
    documents->ctx = of;
    documents->count = of->shelf.count;
    documents->failed_files = cmd_shelf_failed(&of->shelf);
    documents->open = open_document;
    documents->line = line_of;
    documents->mark = mark_of;
    documents->newest = newest;
    documents->waiting = of->waiting;
    return 0;
}

int cmd_view_follow_begin(struct cmd_view_follow *of, struct view *view,
                          struct dc_error *err) {
    return of->alone && of->shelf.count == 1 ? view_open_document(view, 0, err) : 0;
}

/* ---- what happens ---- */

static void say_new(struct cmd_view_follow *of, struct view *view, const char *name,
                    bool was_newest) {
    of->n_new++;
    if (of->n_new > 1)
        view_say(view, "%zu new reports (} opens the newest): %s", of->n_new, name);
    else if (was_newest)
        view_say(view, "there is a newer report now (} opens it): %s", name);
    else
        view_say(view, "new report (} opens it): %s", name);
}

static void say(struct cmd_view_follow *of, struct view *view, enum cmd_shelf_news news,
                size_t row, bool was_newest) {
    const struct cmd_shelf *shelf = &of->shelf;
    const char *name = row < shelf->count ? shelf->places[row].file->name : "";
    if (news == CMD_SHELF_NEW)
        say_new(of, view, name, was_newest);
    else if (news == CMD_SHELF_BAD)
        view_say(view, "bad: %s", cmd_shelf_row(shelf, row)->line);
    else if (news == CMD_SHELF_GONE)
        view_say(view, "a report has gone from the list: its file was removed");
    else if (news == CMD_SHELF_REPLACED)
        view_say(view, "replaced: this is what it says now: %s", name);
    else if (news == CMD_SHELF_BROKEN)
        view_say(view, "replaced by what is bad; this is what it said: %s", name);
    else if (news == CMD_SHELF_LEFT)
        view_say(view, "its file is gone; this is what it said: %s", name);
}

static bool has(const struct cmd_shelf *shelf, const struct cmd_shelf_file *file) {
    for (size_t i = 0; i < shelf->n_files; i++)
        if (shelf->files[i] == file)
            return true;
    return false;
}

/* Reads one file; what was selected in the list stays so, wherever it stands now. */
static int read_one(struct cmd_view_follow *of, struct view *view,
                    enum cmd_shelf_news *news, size_t *row, struct dc_error *err) {
    struct cmd_shelf *shelf = &of->shelf;
    struct cmd_shelf_file *file = NULL;
    struct view_change change = {.cursor = view->list.cursor, .waiting = of->waiting};
    size_t selected = 0;
    if (change.cursor < shelf->count) {
        file = shelf->places[change.cursor].file;
        selected = shelf->places[change.cursor].row;
    }
    if (cmd_shelf_read(shelf, news, row, err) < 0)
        return -1;
    if (has(shelf, file))
        change.cursor = cmd_shelf_find(shelf, file, selected);
    if (shelf->open)
        change.document = cmd_shelf_find(shelf, shelf->open->file, shelf->open->row);
    change.count = shelf->count;
    change.failed_files = cmd_shelf_failed(shelf);
    view_documents_change(view, &change);
    return 0;
}

static int step(struct cmd_view_follow *of, struct view *view, struct dc_error *err) {
    struct cmd_shelf *shelf = &of->shelf;
    bool was_newest =
        view->model && shelf->count && view->document == cmd_shelf_newest(shelf);
    enum cmd_shelf_news news;
    size_t row;
    if (read_one(of, view, &news, &row, err) < 0)
        return -1;
    say(of, view, news, row, was_newest);
    if (news == CMD_SHELF_REPLACED) {
        if (view_replace(view, &shelf->next->model, err) < 0)
            return -1;
        cmd_shelf_turn(shelf);
    }
    if (news == CMD_SHELF_NEW && of->alone && !view->model && shelf->count == 1)
        return view_open_document(view, row, err);
    return 0;
}

static void say_lost(struct cmd_view_follow *of, struct view *view) {
    if (of->lost == of->follow.lost)
        return;
    of->lost = of->follow.lost;
    view_say(view, "a folder is gone, and is followed no more: %s",
             cmd_follow_lost(&of->follow));
    describe_waiting(of);
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int take(void *ctx, struct view *view, struct dc_error *err) {
    enum { PATIENCE_MS = 10 }; /* then the keys come first */
    struct cmd_view_follow *of = ctx;
    const struct cmd_follow_ops ops = ops_of(of);
    int64_t end = now_ms() + PATIENCE_MS;
    if (!cmd_shelf_is_stale(&of->shelf))
        of->n_new = 0;
    if (cmd_follow_take(&of->follow, &ops) < 0)
        return no_memory(err);
    while (cmd_shelf_is_stale(&of->shelf) && now_ms() < end)
        if (step(of, view, err) < 0)
            return -1;
    say_lost(of, view);
    return 0;
}

static int wait_ms(void *ctx) {
    const struct cmd_view_follow *of = ctx;
    return cmd_shelf_is_stale(&of->shelf) ? 0 : -1;
}

struct view_feed cmd_view_follow_feed(struct cmd_view_follow *of) {
    return (struct view_feed){
        .ctx = of, .fd = of->follow.fd, .wait_ms = wait_ms, .take = take};
}
