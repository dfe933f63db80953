#define NCURSES_WIDECHAR 1

#include "view/terminal.h"

#include "view/copy.h"
#include "view/key.h"
#include "view/rescue.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistr.h>

enum { ESC_WAIT_MS = 25 }; /* for the rest of a key that begins with ESC */

/* ---- signals ---- */

/* What has arrived. The handlers write, the loop reads and clears; all are blocked but
   during ppoll(), so neither interrupts the other. */
static volatile sig_atomic_t ended_by, resized, suspended, continued;

static void note_end(int number) {
    ended_by = number;
}

static void note_resize(int number) {
    (void)number;
    resized = 1;
}

static void note_suspend(int number) {
    (void)number;
    suspended = 1;
}

static void note_continue(int number) {
    (void)number;
    continued = 1;
}

static const struct {
    int number;
    void (*handler)(int);
} handled[VIEW_N_SIGNALS] = {
    {SIGINT, note_end},       {SIGTERM, note_end},     {SIGHUP, note_end},
    {SIGQUIT, note_end},      {SIGWINCH, note_resize}, {SIGTSTP, note_suspend},
    {SIGCONT, note_continue},
};

/* Before curses looks: it leaves alone what is not at its default. What the parent has
   switched off (nohup) stays so. */
static void take_signals(struct view_terminal *terminal) {
    sigset_t ours;
    sigemptyset(&ours);
    for (int i = 0; i < VIEW_N_SIGNALS; i++)
        sigaddset(&ours, handled[i].number);
    ended_by = resized = suspended = continued = 0;
    sigprocmask(SIG_BLOCK, &ours, &terminal->mask);
    for (int i = 0; i < VIEW_N_SIGNALS; i++) {
        struct sigaction action = {.sa_handler = handled[i].handler};
        sigemptyset(&action.sa_mask);
        sigaction(handled[i].number, NULL, &terminal->actions[i]);
        if (terminal->actions[i].sa_handler != SIG_IGN)
            sigaction(handled[i].number, &action, NULL);
    }
}

static void give_signals_back(const struct view_terminal *terminal) {
    for (int i = 0; i < VIEW_N_SIGNALS; i++)
        sigaction(handled[i].number, &terminal->actions[i], NULL);
    sigprocmask(SIG_SETMASK, &terminal->mask, NULL);
}

/* ---- the terminal ---- */

/* Before curses itself begins: what it has begun it does not give back when it fails. */
static int check_type(const struct view_terminal *terminal, const char *type,
                      struct dc_error *err) {
    int found;
    if (setupterm(type, fileno(terminal->out), &found) == ERR)
        return dc_fail(err, DC_EUSAGE, "the terminal type '%s' (TERM) is not known here",
                       type);
    bool able = cursor_address != NULL;
    view_rescue_prepare(fileno(terminal->out));
    del_curterm(cur_term);
    if (able)
        return 0;
    return dc_fail(err, DC_EUSAGE, "the terminal (TERM=%s) cannot place its cursor",
                   type);
}

static int open_screen(struct view_terminal *terminal, const char *type,
                       struct dc_error *err) {
    if (check_type(terminal, type, err) < 0)
        return -1;
    /* The kernel knows the size better than COLUMNS, which does not follow a resize. */
    use_tioctl(TRUE);
    terminal->screen = newterm(type, terminal->out, terminal->in);
    return terminal->screen ? 0
                            : dc_fail(err, DC_EINTERNAL,
                                      "the terminal (TERM=%s) cannot be prepared", type);
}

static void start_colours(const struct view_terminal *terminal) {
    if (!terminal->colour || !has_colors() || start_color() == ERR)
        return;
    short ground = use_default_colors() == OK ? -1 : COLOR_BLACK;
    init_pair(DC_STYLE_GOOD, COLOR_GREEN, ground);
    init_pair(DC_STYLE_BAD, COLOR_RED, ground);
    init_pair(DC_STYLE_WARN, COLOR_YELLOW, ground);
}

int view_terminal_open(struct view_terminal *terminal, const char *type, FILE *in,
                       FILE *out, bool colour, struct dc_error *err) {
    *terminal = (struct view_terminal){.in = in, .out = out, .colour = colour};
    take_signals(terminal);
    if (open_screen(terminal, type, err) < 0) {
        view_terminal_close(terminal);
        give_signals_back(terminal);
        return -1;
    }
    start_colours(terminal);
    cbreak();
    noecho();
    nonl();
    intrflush(stdscr, FALSE);
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(ESC_WAIT_MS);
    curs_set(0);
    mouseinterval(0); /* a press is a click: nobody waits for a second one */
    /* What is read until the first picture may take long: until then the terminal and its
       ^C are as always. */
    endwin();
    give_signals_back(terminal);
    return 0;
}

void view_terminal_close(struct view_terminal *terminal) {
    if (!terminal->screen)
        return;
    if (!isendwin())
        endwin();
    delscreen(terminal->screen);
    terminal->screen = NULL;
}

void view_terminal_size(const struct view_terminal *terminal, unsigned *width,
                        unsigned *height) {
    struct winsize size = {0};
    ioctl(fileno(terminal->out), TIOCGWINSZ, &size);
    *width = size.ws_col ? size.ws_col : (unsigned)COLS;
    *height = size.ws_row ? size.ws_row : (unsigned)LINES;
    *width = *width < VIEW_SIDE_MOST ? *width : VIEW_SIDE_MOST;
    *height = *height < VIEW_SIDE_MOST ? *height : VIEW_SIDE_MOST;
}

/* ---- the mouse and the clipboard ---- */

static void choose_mouse(const struct view *view) {
    mmask_t wanted = BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED;
    mousemask(view->mouse ? wanted : 0, NULL);
}

static int take_mouse(struct view *view, struct dc_error *err) {
    MEVENT event;
    if (getmouse(&event) == ERR)
        return 0;
    if (event.bstate & BUTTON4_PRESSED)
        return view_press(view, VIEW_KEY_WHEEL_UP, err);
    if (event.bstate & BUTTON5_PRESSED)
        return view_press(view, VIEW_KEY_WHEEL_DOWN, err);
    if (!(event.bstate & BUTTON1_PRESSED) || event.x < 0 || event.y < 0)
        return 0;
    return view_click(view, (unsigned)event.x, (unsigned)event.y, err);
}

static int give_clip(const struct view_terminal *terminal, struct view *view,
                     struct dc_error *err) {
    struct dc_buf sequence;
    if (!view->clip_ready)
        return 0;
    view->clip_ready = false;
    dc_buf_init(&sequence, view->canvas.alloc);
    view_copy_sequence(view->clip.data, view->clip.len, &sequence);
    bool ok = dc_buf_ok(&sequence);
    if (ok)
        fwrite(sequence.data, 1, sequence.len, terminal->out);
    fflush(terminal->out);
    dc_buf_done(&sequence);
    return ok ? 0 : dc_fail(err, DC_ENOMEM, "out of memory for copying");
}

/* ---- pictures ---- */

static attr_t attributes_of(unsigned style) {
    static const attr_t attributes[] = {
        [DC_STYLE_PLAIN] = A_NORMAL, [DC_STYLE_TITLE] = A_BOLD,
        [DC_STYLE_GOOD] = A_NORMAL,  [DC_STYLE_BAD] = A_BOLD,
        [DC_STYLE_WARN] = A_NORMAL,  [DC_STYLE_FAINT] = A_DIM,
    };
    attr_t reverse = style & VIEW_REVERSE ? A_REVERSE : A_NORMAL;
    return attributes[style & ~(unsigned)VIEW_REVERSE] | reverse;
}

static short pair_of(const struct view_terminal *terminal, unsigned style) {
    style &= ~(unsigned)VIEW_REVERSE;
    bool coloured =
        style == DC_STYLE_GOOD || style == DC_STYLE_BAD || style == DC_STYLE_WARN;
    return terminal->colour && coloured && has_colors() ? (short)style : 0;
}

/* A character and its marks, as curses wants them. */
static void characters_of(const struct view_cell *cell, wchar_t out[CCHARW_MAX + 1]) {
    size_t n = 0;
    for (size_t i = 0; i < cell->len && n < CCHARW_MAX;) {
        ucs4_t c;
        int taken = u8_mbtouc(&c, (const uint8_t *)cell->text + i, cell->len - i);
        out[n++] = (wchar_t)c;
        i += (size_t)taken;
    }
    out[n] = L'\0';
}

static void paint_cell(const struct view_terminal *terminal, const struct view_cell *cell,
                       unsigned x, unsigned y) {
    wchar_t characters[CCHARW_MAX + 1];
    cchar_t cchar;
    if (cell->len == 0 || (cell->style == 0 && cell->text[0] == ' '))
        return;
    characters_of(cell, characters);
    if (setcchar(&cchar, characters, attributes_of(cell->style),
                 pair_of(terminal, cell->style), NULL) == OK)
        mvadd_wch((int)y, (int)x, &cchar);
}

static int paint(const struct view_terminal *terminal, struct view *view,
                 struct dc_error *err) {
    if (view_draw(view, err) < 0)
        return -1;
    erase();
    for (unsigned y = 0; y < view->canvas.height; y++)
        for (unsigned x = 0; x < view->canvas.width; x++)
            paint_cell(terminal, view_canvas_cell(&view->canvas, x, y), x, y);
    if (view->redraw)
        clearok(curscr, TRUE);
    view->redraw = false;
    choose_mouse(view);
    refresh();
    return give_clip(terminal, view, err);
}

/* ---- keys ---- */

static int function_key(wint_t code) {
    static const struct {
        int code, key;
    } keys[] = {
        {KEY_UP, VIEW_KEY_UP},         {KEY_DOWN, VIEW_KEY_DOWN},
        {KEY_LEFT, VIEW_KEY_LEFT},     {KEY_RIGHT, VIEW_KEY_RIGHT},
        {KEY_PPAGE, VIEW_KEY_PAGE_UP}, {KEY_NPAGE, VIEW_KEY_PAGE_DOWN},
        {KEY_HOME, VIEW_KEY_HOME},     {KEY_END, VIEW_KEY_END},
        {KEY_FIND, VIEW_KEY_HOME},     {KEY_SELECT, VIEW_KEY_END},
        {KEY_ENTER, VIEW_KEY_ENTER},   {KEY_BACKSPACE, VIEW_KEY_BACKSPACE},
        {KEY_BTAB, VIEW_KEY_BACK_TAB}, {KEY_F(1), '?'},
        {KEY_RESIZE, VIEW_KEY_NONE}, /* a signal has told it */
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (keys[i].code == (int)code)
            return keys[i].key;
    return VIEW_KEY_OTHER;
}

/* Does all keys that have arrived. */
static int take_keys(struct view *view, struct dc_error *err) {
    wint_t code;
    int rc;
    while (!view->quit && (rc = get_wch(&code)) != ERR) {
        if (rc == KEY_CODE_YES && code == KEY_MOUSE) {
            if (take_mouse(view, err) < 0)
                return -1;
            continue;
        }
        bool back = code == 0x7f || code == '\b'; /* what that key sends */
        int key = rc == KEY_CODE_YES ? function_key(code)
                  : code == L'\n'    ? VIEW_KEY_ENTER
                  : back             ? VIEW_KEY_BACKSPACE
                                     : (int)code;
        if (key != VIEW_KEY_NONE && view_press(view, key, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- the loop ---- */

static int fit(const struct view_terminal *terminal, struct view *view,
               struct dc_error *err) {
    unsigned width, height;
    view_terminal_size(terminal, &width, &height);
    resize_term((int)height, (int)width);
    /* After endwin() curses would switch the keypad on only when it reads a key: too late
       for that key. */
    keypad(stdscr, TRUE);
    view->redraw = true;
    return view_resize(view, width, height, err);
}

/* Stops here until somebody continues the program. */
static void suspend(void) {
    struct sigaction standard = {.sa_handler = SIG_DFL}, ours;
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, SIGTSTP);
    endwin();
    sigaction(SIGTSTP, &standard, &ours);
    raise(SIGTSTP); /* blocked: it strikes with the next line */
    sigprocmask(SIG_UNBLOCK, &one, NULL);
    sigprocmask(SIG_BLOCK, &one, NULL);
    sigaction(SIGTSTP, &ours, NULL);
}

/* What signals have asked for. */
static int obey(const struct view_terminal *terminal, struct view *view,
                struct dc_error *err) {
    bool new_size = resized || continued || suspended;
    if (suspended)
        suspend();
    /* A shell may have set the terminal to its own taste in between. */
    if (suspended || continued)
        reset_prog_mode();
    resized = continued = suspended = 0;
    return new_size ? fit(terminal, view, err) : 0;
}

/* When the feed wants to be asked at the latest, as ppoll() takes it; NULL: not at all. */
static const struct timespec *bound_of(const struct view_feed *feed,
                                       struct timespec *bound) {
    int ms = feed && feed->wait_ms ? feed->wait_ms(feed->ctx) : -1;
    if (ms < 0)
        return NULL;
    *bound = (struct timespec){ms / 1000, ms % 1000 * 1000000L};
    return bound;
}

/* Waits for a key, a signal or the feed, which `fed` says. false: the terminal is gone. */
static bool wait_for_any(const struct view_terminal *terminal,
                         const struct view_feed *feed, bool *fed) {
    struct pollfd fds[] = {{.fd = fileno(terminal->in), .events = POLLIN},
                           {.fd = feed ? feed->fd : -1, .events = POLLIN}};
    struct timespec bound;
    sigset_t mask = terminal->mask;
    *fed = false;
    /* The caller's mask may block what must wake us. */
    for (int i = 0; i < VIEW_N_SIGNALS; i++)
        sigdelset(&mask, handled[i].number);
    int n = ppoll(fds, 2, bound_of(feed, &bound), &mask);
    if (n < 0)
        return errno == EINTR;
    *fed = feed && (n == 0 || fds[1].revents);
    return !(fds[0].revents & (POLLHUP | POLLERR | POLLNVAL));
}

static int loop(const struct view_terminal *terminal, struct view *view,
                const struct view_feed *feed, struct dc_error *err) {
    bool fed;
    if (fit(terminal, view, err) < 0)
        return -1;
    while (!view->quit && !ended_by) {
        if (paint(terminal, view, err) < 0)
            return -1;
        if (!wait_for_any(terminal, feed, &fed))
            return SIGHUP;
        if (obey(terminal, view, err) < 0 || take_keys(view, err) < 0)
            return -1;
        if (fed && !view->quit && feed->take(feed->ctx, view, err) < 0)
            return -1;
    }
    return ended_by;
}

int view_terminal_run(struct view_terminal *terminal, struct view *view,
                      const struct view_feed *feed, struct dc_error *err) {
    take_signals(terminal);
    view_rescue_begin();
    int rc = loop(terminal, view, feed, err);
    mousemask(0, NULL);
    endwin();
    view_rescue_end();
    give_signals_back(terminal);
    return rc;
}
