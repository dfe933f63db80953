#include "view/rescue.h"

#include <curses.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

/* Written before a handler is in force, read by it. There is one terminal. */
static struct {
    int fd;
    bool known; /* how it was */
    struct termios modes;
    char words[512];
    size_t len;
} rescue;

static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
enum { N_CRASHES = sizeof(crashes) / sizeof(crashes[0]) };
static struct sigaction before[N_CRASHES];

static void restore(int number) {
    /* What comes of it cannot be helped any more. */
    ssize_t ignored = write(rescue.fd, rescue.words, rescue.len);
    (void)ignored;
    if (rescue.known)
        tcsetattr(rescue.fd, TCSANOW, &rescue.modes);
    for (int i = 0; i < N_CRASHES; i++)
        if (crashes[i] == number)
            sigaction(number, &before[i], NULL);
    raise(number); /* blocked: it strikes when this function is left */
}

/* A capability without its delays, which no terminal needs that has a clock of its own. */
static void add(const char *capability) {
    for (const char *p = capability; p && *p && rescue.len < sizeof(rescue.words);) {
        const char *end = strncmp(p, "$<", 2) == 0 ? strchr(p, '>') : NULL;
        if (end)
            p = end + 1;
        else
            rescue.words[rescue.len++] = *p++;
    }
}

void view_rescue_prepare(int fd) {
    rescue.fd = fd;
    rescue.known = tcgetattr(fd, &rescue.modes) == 0;
    rescue.len = 0;
    if (key_mouse)
        add("\033[?1000l\033[?1006l");
    add(exit_attribute_mode);
    add(cursor_normal);
    add(keypad_local);
    add(exit_ca_mode);
}

void view_rescue_begin(void) {
    struct sigaction action = {.sa_handler = restore};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < N_CRASHES; i++)
        sigaction(crashes[i], &action, &before[i]);
}

void view_rescue_end(void) {
    for (int i = 0; i < N_CRASHES; i++)
        sigaction(crashes[i], &before[i], NULL);
}
