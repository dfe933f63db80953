/*
 * pressing: how long each key of `view` takes on a report, from the key to the finished
 * picture, in CPU time: the slowest of each kind. Ends with 1 where one took more than MOST
 * microseconds. Usage: pressing FILE MOST
 */
#include "lib/model.h"
#include "view/key.h"
#include "view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What people do, with the name under which it is counted. In order: each begins where the
   one before has ended. */
static const struct {
    const char *name, *keys;
} steps[] = {
    {"grid: move", "jjjjlllhkG<PgUp><PgDn>g"},
    {"grid: next not_parked", "nnNN"},
    {"grid: filter", "ffff"},
    {"grid: sort", "sss"},
    {"grid: zoom", "zzzz"},
    {"grid: groups", "=jjG="},
    {"grid: search", "/0xffffffff81a3c2f1<Enter>nnN<Esc>"},
    {"grid: vCPU by number", ":500<Enter>"},
    {"detail", "<Enter>lllj<PgDn>G<Esc>"},
    {"report", "ij<Esc>"},
};

struct shelf {
    struct dc_report report;
    struct dc_model model;
};

static int open_report(void *ctx, size_t i, const struct dc_model **model,
                       struct dc_error *err) {
    struct shelf *shelf = ctx;
    (void)i, (void)err;
    *model = &shelf->model;
    return 0;
}

static double now_us(void) {
    struct timespec ts;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static void die(const char *what) {
    fprintf(stderr, "pressing: %s\n", what);
    exit(2);
}

/* Every key press of a round, by its place: all rounds press the same keys. The machine does
   other things, too: what counts is the quickest of all rounds. */
enum { ROUNDS = 5, MOST_PRESSES = 4096 };
static struct {
    char name[48];
    double us;
} presses[MOST_PRESSES];
static size_t n_presses;

static void press(struct view *view, const char *name, int key) {
    struct dc_error err;
    double start = now_us();
    if (view_press(view, key, &err) < 0 || view_draw(view, &err) < 0)
        die(err.message);
    double took = now_us() - start;
    if (n_presses == MOST_PRESSES)
        die("too many keys");
    if (!presses[n_presses].name[0] || took < presses[n_presses].us)
        presses[n_presses].us = took;
    snprintf(presses[n_presses++].name, sizeof(presses[0].name), "%s", name);
}

static void press_all(struct view *view, const char *name, const char *keys) {
    struct view_script script = view_script(keys);
    struct dc_error err;
    int key;
    while (view_script_next(&script, &key, &err) > 0)
        press(view, name, key);
}

/* One thing that one does in the section on top. */
static void do_there(struct view *view, const char *what, const char *keys) {
    char name[48];
    snprintf(name, sizeof(name), "%s: %s", view_tab_name(view->tabs.current), what);
    press_all(view, name, keys);
}

static void do_maps(struct view *view) {
    for (int map = 0; map < 4; map++) {
        do_there(view, "move", "g");
        for (int j = 0; j <= map; j++)
            do_there(view, "move", "j");
        do_there(view, "unfold", "<Enter>");
        do_there(view, "unfolded, move and sort", "jjjjls<PgDn>");
        do_there(view, "unfolded, search", "/zz9<Enter><Esc>");
        do_there(view, "unfolded, filter", "f77<Enter><Esc>");
        do_there(view, "fold", "-");
    }
}

static void do_sections(struct view *view) {
    for (size_t i = 1; i < view->tabs.count; i++) {
        press(view, "next section", VIEW_KEY_TAB);
        do_there(view, "move", "gjjjj<PgDn><PgDn>G<PgUp>g");
        do_there(view, "search", "/zz9<Enter><Esc>");
        do_there(view, "filter", "f7<Enter>j<Esc>");
        do_there(view, "sort", "jjjslslss");
        if (view->tabs.current == VIEW_TAB_SECTIONS + DC_SECTION_MAPS)
            do_maps(view);
    }
}

static void do_round(struct shelf *shelf) {
    const struct view_documents documents = {
        .ctx = shelf, .count = 1, .open = open_report};
    struct view view;
    struct dc_error err;
    if (view_init(&view, &documents, dc_alloc_libc, false, 132, 43, &err) < 0 ||
        view_draw(&view, &err) < 0)
        die(err.message);
    n_presses = 0;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        press_all(&view, steps[i].name, steps[i].keys);
    do_sections(&view);
    view_done(&view);
}

/* The slowest of each kind. Returns whether one was too slow. */
static bool tell(double most_us) {
    bool slow = false;
    for (size_t i = 0; i < n_presses; i++) {
        bool told = false;
        double most = 0;
        for (size_t j = 0; j < n_presses; j++) {
            if (strcmp(presses[i].name, presses[j].name) != 0)
                continue;
            told |= j < i;
            most = presses[j].us > most ? presses[j].us : most;
        }
        if (!told)
            printf("%-36s %8.0f us%s\n", presses[i].name, most,
                   most > most_us ? "  too slow" : "");
        slow |= most > most_us;
    }
    return slow;
}

static char *read_file(const char *path, size_t *len) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) < 0)
        die("the file cannot be opened");
    *len = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(*len);
    if (!text || fread(text, 1, *len, file) != *len)
        die("the file cannot be read");
    fclose(file);
    return text;
}

int main(int argc, char **argv) {
    struct shelf shelf;
    struct dc_error err;
    size_t len, used = 0;
    if (argc != 3)
        die("usage: pressing FILE MOST");
    char *text = read_file(argv[1], &len);
    struct dc_report_options options = {.alloc = dc_alloc_libc};
    if (dc_report_read(&shelf.report, text, len, &used, &options, &err) < 0)
        die(err.message);
    dc_model_init(&shelf.model, &shelf.report, argv[1]);
    for (int round = 0; round < ROUNDS; round++)
        do_round(&shelf);
    bool slow = tell(strtod(argv[2], NULL));
    dc_report_done(&shelf.report);
    free(text);
    return slow;
}
