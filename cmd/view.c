#include "cmd/fail.h"
#include "cmd/output.h"
#include "cmd/screen.h"
#include "cmd/view_source.h"
#include "view/key.h"

#include <getopt.h>
#include <string.h>
#include <unistd.h>

enum {
    OPT_ONCE = CMD_N_DOCUMENT_OPTIONS,
    OPT_SIZE,
    OPT_KEYS,
    OPT_DIFF,
    OPT_FOLLOW,
    OPT_SYMBOLS,
    OPT_OSC52
};

static const struct cmd_option options[] = {
    CMD_DOCUMENT_OPTIONS,
    {0, "once", NULL, "Print the screen as text and exit; needs no terminal."},
    {0, "size", "WxH",
     "The size of that screen, 40x10 to 1000x1000 (default: --width or the terminal's, "
     "else 80x24)."},
    {0, "keys", "SCRIPT", "Press these keys first."},
    {0, "diff", NULL, "Look at two reports side by side, with what differs marked."},
    {0, "follow", NULL,
     "Show reports of the folder as they come, and anew what has changed."},
    {0, "symbols", "FILE",
     "Name addresses by FILE, a System.map or a copy of /proc/kallsyms."},
    {0, "osc52", NULL, "Let the key y give a value to the terminal's clipboard."},
    {0, NULL, NULL, NULL},
};

static const char details[] =
    "Shows a cell for each vCPU: parked (.), not_parked (X), unavailable (?). Enter "
    "opens one with all that is known of it; Tab goes through the other sections, whose "
    "maps and values unfold, whose tables are sorted (s), and which are filtered (f) and "
    "searched (/). ? lists all keys. Of several documents, or of a folder, there is a "
    "list, in which Enter opens one and Esc goes back. A report on standard input leaves "
    "the keys to the terminal.\n"
    "\n"
    "With --follow the folders are followed, and the files by way of theirs, also where "
    "there is none yet: a new report comes into the list, and } opens it; one that is "
    "replaced while it is shown is shown anew, with what was selected. A bad one is in "
    "the list, too, and does not make the exit code 2.\n"
    "\n"
    "SCRIPT is a row of keys. A character is the key of that name; other keys stand in "
    "angle brackets:\n"
    "  <Enter> <Esc> <Tab> <BackTab> <Space> <Backspace> <Up> <Down> <Left> <Right>\n"
    "  <PgUp> <PgDn> <Home> <End> <WheelUp> <WheelDown>\n"
    "  <C-l>      the letter with Control\n"
    "  <lt>       the character <\n"
    "  <Click4,7> the mouse in column 4 and row 7, from 1\n"
    "  <40x10>    no key: the screen gets this size\n"
    "\n"
    "Exit codes: 0 done; 2 a file was unreadable or invalid (the others are shown all "
    "the "
    "same), there is no terminal to show them on, or the screen of --once is too small.\n"
    "\n"
    "Examples:\n"
    "  dumpctl view report.json\n"
    "  dumpctl view /var/crash/dumps\n"
    "  dumpctl view --follow /var/crash/dumps\n"
    "  dumpctl view --diff good.json bad.json\n"
    "  dumpctl view --once --size 100x30 --keys 'n<Enter>' report.json\n"
    "  zcat report.json.gz | dumpctl view -\n";

struct screen {
    struct cmd_common common;
    struct cmd_view_source source;
    struct view view;
    bool once, clipboard;
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
    if (screen->source.follow && (screen->once || screen->source.diff)) {
        cmd_usage(verb, &screen->common, "--follow and --%s exclude each other",
                  screen->once ? "once" : "diff");
        return -1;
    }
    return check_keys(screen, verb);
}

static int take_option(struct screen *screen, const struct cmd_verb *verb, int option,
                       const char *value) {
    screen->once |= option == OPT_ONCE;
    screen->clipboard |= option == OPT_OSC52;
    screen->source.diff |= option == OPT_DIFF;
    screen->source.follow |= option == OPT_FOLLOW;
    if (option == OPT_KEYS)
        screen->keys = value;
    if (option == OPT_SYMBOLS)
        screen->source.symbols_path = value;
    if (option != OPT_SIZE ||
        view_parse_size(value, strlen(value), &screen->width, &screen->height))
        return 0;
    cmd_usage(verb, &screen->common,
              "--size takes WxH, such as 80x24, each side from 1 to %d, not '%s'",
              VIEW_SIDE_MOST, value);
    return -1;
}

static int take_options(struct screen *screen, const struct cmd_verb *verb, int argc,
                        char **argv) {
    const char *value;
    int option;
    while ((option = cmd_next_option(verb, argc, argv, &screen->common, &value)) >= 0)
        if (!cmd_documents_option(&screen->source.docs, option) &&
            take_option(screen, verb, option, value) < 0)
            return -1;
    return option < -1 ? -1 : check_options(screen, verb);
}

/* ---- the view ---- */

static int press(struct view *view, const struct view_script *script, int key,
                 struct dc_error *err) {
    if (key == VIEW_KEY_RESIZE)
        return view_resize(view, script->width, script->height, err);
    if (key == VIEW_KEY_CLICK)
        return view_click(view, script->x, script->y, err);
    return view_press(view, key, err);
}

static int press_keys(struct screen *screen, struct dc_error *err) {
    struct view_script script = view_script(screen->keys);
    struct view *view = &screen->view;
    int key, rc = view_script_next(&script, &key, err);
    for (; rc > 0 && !view->quit; rc = view_script_next(&script, &key, err)) {
        /* A person sees each screen before the next key: pages depend on it. */
        if (view_draw(view, err) < 0)
            return -1;
        if (press(view, &script, key, err) < 0)
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

static int print_screen(struct screen *screen, const struct view_documents *documents,
                        struct dc_text *text, struct dc_error *err) {
    unsigned height = cmd_output_height();
    unsigned width = screen->width ? screen->width : cmd_output_width(&screen->common);
    if (screen->height)
        height = screen->height;
    if (view_init(&screen->view, documents, dc_alloc_libc, cmd_screen_is_ascii(), width,
                  height, err) < 0 ||
        press_keys(screen, err) < 0 || check_canvas(&screen->view, err) < 0 ||
        view_draw(&screen->view, err) < 0)
        return -1;
    view_canvas_print(&screen->view.canvas, text);
    return 0;
}

static int run_once(struct screen *screen) {
    struct view_documents documents;
    struct cmd_output out;
    struct dc_text text;
    struct dc_error err;
    cmd_output_open(&out, &screen->common, false);
    dc_text_init(&text, out.sink, out.colour, VIEW_SIDE_MOST);
    int code = cmd_view_source_read(&screen->source, &documents);
    documents.clipboard = screen->clipboard;
    if (documents.count > 0) {
        if (print_screen(screen, &documents, &text, &err) < 0)
            code = cmd_worse(code, fail(screen, &err));
        view_done(&screen->view);
    }
    return cmd_output_finish_text(&out, &screen->common, &text, code);
}

/* ---- on a terminal ---- */

/* Ends as the signal would have ended the program, now that the terminal is restored. */
static int end_by(int number) {
    raise(number);
    return EXIT_TROUBLE; /* where the signal is ignored */
}

static int show(struct screen *screen, struct view_terminal *terminal) {
    struct cmd_view_follow *following = &screen->source.following;
    struct view_feed feed = cmd_view_follow_feed(following);
    struct view_documents documents;
    struct dc_error err;
    unsigned width, height;
    int code = cmd_view_source_read(&screen->source, &documents), rc = 0;
    documents.clipboard = screen->clipboard;
    if (documents.count == 0 && !documents.waiting)
        return code;
    view_terminal_size(terminal, &width, &height);
    rc = view_init(&screen->view, &documents, dc_alloc_libc, cmd_screen_is_ascii(), width,
                   height, &err);
    if (rc == 0 && screen->source.follow)
        rc = cmd_view_follow_begin(following, &screen->view, &err);
    if (rc == 0)
        rc = press_keys(screen, &err);
    if (rc == 0)
        rc = view_terminal_run(terminal, &screen->view,
                               screen->source.follow ? &feed : NULL, &err);
    view_done(&screen->view);
    if (rc < 0)
        code = cmd_worse(code, fail(screen, &err));
    return rc > 0 ? end_by(rc) : code;
}

static int run_screen(struct screen *screen) {
    struct cmd_screen place;
    struct dc_error err;
    if (cmd_screen_open(&place, screen->common.colour,
                        "view --once prints the screen as text", &err) < 0)
        return fail(screen, &err);
    int code = show(screen, &place.terminal);
    cmd_screen_close(&place);
    return code;
}

static int run(const struct cmd_verb *verb, int argc, char **argv) {
    struct screen screen = {.keys = ""};
    cmd_common_init(&screen.common);
    cmd_view_source_init(&screen.source, &screen.common);
    int code = EXIT_TROUBLE;
    if (take_options(&screen, verb, argc, argv) == 0 &&
        cmd_view_source_open(&screen.source, verb, argv + optind,
                             (size_t)(argc - optind)) == 0)
        code = screen.once ? run_once(&screen) : run_screen(&screen);
    cmd_view_source_close(&screen.source);
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
