#include "cmd/fail.h"
#include "cmd/output.h"
#include "cmd/reports.h"
#include "view/key.h"
#include "view/terminal.h"

#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPT_ONCE = CMD_N_DOCUMENT_OPTIONS, OPT_SIZE, OPT_KEYS };

static const struct cmd_option options[] = {
    CMD_DOCUMENT_OPTIONS,
    {0, "once", NULL, "Print the screen as text and exit; needs no terminal."},
    {0, "size", "WxH",
     "The size of that screen, 40x10 to 1000x1000 (default: --width or the terminal's, "
     "else 80x24)."},
    {0, "keys", "SCRIPT", "Press these keys first."},
    {0, NULL, NULL, NULL},
};

static const char details[] =
    "Shows a cell for each vCPU: parked (.), not_parked (X), unavailable (?). Enter "
    "opens "
    "one with its registers, ? lists the keys. Several documents are shown one at a "
    "time: "
    "] goes to the next, [ to the one before. A report on standard input leaves the keys "
    "to the terminal.\n"
    "\n"
    "SCRIPT is a row of keys. A character is the key of that name; other keys stand in "
    "angle brackets:\n"
    "  <Enter> <Esc> <Tab> <Space> <Up> <Down> <Left> <Right> <PgUp> <PgDn> <Home> "
    "<End>\n"
    "  <C-l>   the letter with Control\n"
    "  <lt>    the character <\n"
    "  <40x10> no key: the screen gets this size\n"
    "\n"
    "Exit codes: 0 done; 2 a file was unreadable or invalid (the others are shown all "
    "the "
    "same), there is no terminal to show them on, or the screen of --once is too small.\n"
    "\n"
    "Examples:\n"
    "  dumpctl view report.json\n"
    "  dumpctl view --once --size 100x30 --keys 'n<Enter>' report.json\n"
    "  zcat report.json.gz | dumpctl view -\n";

struct screen {
    struct cmd_common common;
    struct cmd_documents docs;
    struct cmd_reports reports;
    struct view view;
    bool once;
    const char *keys;       /* "": none */
    unsigned width, height; /* of --size; 0: not given */
};

/* ---- the command line ---- */

/* A script is checked before anything is read, so that its faults are usage errors. */
static int check_keys(const struct screen *screen, const struct cmd_verb *verb) {
    struct view_script script = view_script(screen->keys);
    struct dc_error err;
    int key, rc;
    while ((rc = view_script_next(&script, &key, &err)) > 0)
        ;
    if (rc < 0)
        cmd_usage(verb, &screen->common, "--keys: %s", err.message);
    return rc;
}

static int check_options(const struct screen *screen, const struct cmd_verb *verb) {
    if (!screen->once && (screen->width > 0 || screen->common.width > 0)) {
        cmd_usage(verb, &screen->common, "--%s has no meaning without --once",
                  screen->width > 0 ? "size" : "width");
        return -1;
    }
    if (screen->width > 0 && screen->common.width > 0) {
        cmd_usage(verb, &screen->common, "--size and --width exclude each other");
        return -1;
    }
    return check_keys(screen, verb);
}

static int take_options(struct screen *screen, const struct cmd_verb *verb, int argc,
                        char **argv) {
    const char *value;
    int option;
    while ((option = cmd_next_option(verb, argc, argv, &screen->common, &value)) >= 0) {
        if (cmd_documents_option(&screen->docs, option))
            continue;
        screen->once |= option == OPT_ONCE;
        if (option == OPT_KEYS)
            screen->keys = value;
        if (option == OPT_SIZE &&
            !view_parse_size(value, strlen(value), &screen->width, &screen->height)) {
            cmd_usage(verb, &screen->common,
                      "--size takes WxH, such as 80x24, each side from 1 to %d, not '%s'",
                      VIEW_SIDE_MOST, value);
            return -1;
        }
    }
    return option < -1 ? -1 : check_options(screen, verb);
}

/* ---- the view ---- */

static int open_document(void *ctx, size_t i, const struct dc_model **model,
                         struct dc_error *err) {
    struct screen *screen = ctx;
    /* The first has been opened when all were read. */
    if (i > 0 || screen->view.model)
        if (cmd_reports_open(&screen->reports, i, err) < 0)
            return -1;
    *model = &screen->reports.model;
    return 0;
}

static bool is_utf8(void) {
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static int start_view(struct screen *screen, unsigned width, unsigned height,
                      struct dc_error *err) {
    struct view_documents documents = {screen, screen->reports.count,
                                       screen->reports.failed_files, open_document};
    return view_init(&screen->view, &documents, dc_alloc_libc, !is_utf8(), width, height,
                     err);
}

static int press_keys(struct screen *screen, struct dc_error *err) {
    struct view_script script = view_script(screen->keys);
    struct view *view = &screen->view;
    int key, rc = view_script_next(&script, &key, err);
    for (; rc > 0 && !view->quit; rc = view_script_next(&script, &key, err)) {
        /* A person sees each screen before the next key: pages depend on it. */
        if (view_draw(view, err) < 0)
            return -1;
        rc = key == VIEW_KEY_RESIZE ? view_resize(view, script.width, script.height, err)
                                    : view_press(view, key, err);
        if (rc < 0)
            return -1;
    }
    return rc < 0 ? -1 : 0;
}

static int fail(const struct screen *screen, struct dc_error *err) {
    return cmd_fail(&screen->common, err);
}

/* ---- as text ---- */

/* On a terminal that is a state which passes; here it would be all there is. */
static int check_canvas(const struct view *view, struct dc_error *err) {
    if (!view_too_small(view))
        return 0;
    return dc_fail(
        err, DC_EUSAGE, "a screen of %ux%u is too small: view needs %dx%d (--size)",
        view->canvas.width, view->canvas.height, VIEW_LEAST_WIDTH, VIEW_LEAST_HEIGHT);
}

static int print_screen(struct screen *screen, struct dc_text *text,
                        struct dc_error *err) {
    unsigned height = cmd_output_height();
    unsigned width = screen->width ? screen->width : cmd_output_width(&screen->common);
    if (screen->height)
        height = screen->height;
    if (start_view(screen, width, height, err) < 0 || press_keys(screen, err) < 0 ||
        check_canvas(&screen->view, err) < 0 || view_draw(&screen->view, err) < 0)
        return -1;
    view_canvas_print(&screen->view.canvas, text);
    return 0;
}

static int run_once(struct screen *screen) {
    struct cmd_output out;
    struct dc_text text;
    struct dc_error err;
    cmd_output_open(&out, &screen->common, false);
    dc_text_init(&text, out.sink, out.colour, VIEW_SIDE_MOST);
    cmd_sandbox(NULL, 0);
    int code = cmd_reports_read(&screen->reports, &screen->docs);
    if (screen->reports.count > 0) {
        if (print_screen(screen, &text, &err) < 0)
            code = cmd_worse(code, fail(screen, &err));
        view_done(&screen->view);
    }
    return cmd_output_finish_text(&out, &screen->common, &text, code);
}

/* ---- on a terminal ---- */

static int check_terminal(const char *type, struct dc_error *err) {
    if (!isatty(STDOUT_FILENO))
        return dc_fail(err, DC_EUSAGE,
                       "standard output is not a terminal; view --once prints the screen "
                       "as text");
    if (!type || !*type)
        return dc_fail(
            err, DC_EUSAGE,
            "TERM is not set, so the terminal cannot be used; view --once prints "
            "the screen as text");
    if (strcmp(type, "dumb") == 0)
        return dc_fail(
            err, DC_EUSAGE,
            "the terminal shows lines only (TERM=dumb); view --once prints the "
            "screen as text");
    return 0;
}

/* Where the keys come from: standard input, unless it is something else. */
static FILE *open_keys(struct dc_error *err) {
    if (isatty(STDIN_FILENO))
        return stdin;
    FILE *keys = fopen("/dev/tty", "r+e");
    if (!keys)
        dc_fail_errno(err, DC_EUSAGE, errno,
                      "there is no terminal to read keys from (view --once needs none)");
    return keys;
}

/* Ends as the signal would have ended the program, now that the terminal is restored. */
static int end_by(int number) {
    raise(number);
    return EXIT_TROUBLE; /* where the signal is ignored */
}

static int show(struct screen *screen, struct view_terminal *terminal) {
    struct dc_error err;
    unsigned width, height;
    cmd_sandbox(NULL, 0);
    int code = cmd_reports_read(&screen->reports, &screen->docs), rc = 0;
    if (screen->reports.count == 0)
        return code;
    view_terminal_size(terminal, &width, &height);
    rc = start_view(screen, width, height, &err);
    if (rc == 0)
        rc = press_keys(screen, &err);
    if (rc == 0)
        rc = view_terminal_run(terminal, &screen->view, &err);
    view_done(&screen->view);
    if (rc < 0)
        code = cmd_worse(code, fail(screen, &err));
    return rc > 0 ? end_by(rc) : code;
}

static int run_screen(struct screen *screen) {
    struct view_terminal terminal;
    struct dc_error err;
    const char *type = getenv("TERM");
    bool colour =
        cmd_output_colour(screen->common.colour, true, getenv("NO_COLOR"), type);
    if (check_terminal(type, &err) < 0)
        return fail(screen, &err);
    FILE *keys = open_keys(&err);
    if (!keys)
        return fail(screen, &err);
    int code;
    if (view_terminal_open(&terminal, type, keys, stdout, colour, &err) < 0) {
        code = fail(screen, &err);
    } else {
        code = show(screen, &terminal);
        view_terminal_close(&terminal);
    }
    if (keys != stdin)
        fclose(keys);
    return code;
}

static int run(const struct cmd_verb *verb, int argc, char **argv) {
    struct screen screen = {.keys = ""};
    cmd_common_init(&screen.common);
    cmd_documents_init(&screen.docs, &screen.common);
    screen.docs.faults_later = true;
    if (take_options(&screen, verb, argc, argv) < 0 ||
        cmd_documents_open(&screen.docs, verb, argv + optind, (size_t)(argc - optind)) <
            0)
        return EXIT_TROUBLE;
    screen.docs.sandboxed = true; /* by us, before the first byte is read */
    int code = screen.once ? run_once(&screen) : run_screen(&screen);
    cmd_reports_close(&screen.reports);
    cmd_documents_close(&screen.docs);
    return code;
}

const struct cmd_verb cmd_view = {
    .name = "view",
    .summary = "look at the vCPUs of a report on a full screen",
    .synopsis = "[OPTION...] FILE...",
    .shared = CMD_COLOR | CMD_WIDTH | CMD_INPUT,
    .options = options,
    .details = details,
    .run = run,
};
