#include "cmd/capture_signals.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

/* All that the handlers touch. */
static atomic_int cancelled, asked;
static struct {
    int folder_fd;
    char name[32];
} guarded; /* written while remove_and_end() is not installed */
static struct cap_samples *_Atomic asking;

/* The thread that makes `asking` and takes it away is the one that is interrupted here. */
static void on_signal(int number) {
    if (number == SIGUSR1) {
        atomic_store(&asked, 1);
        return;
    }
    atomic_store(&cancelled, number);
    struct cap_samples *samples = atomic_load(&asking);
    if (samples)
        cap_samples_cancel(samples);
}

/* Once: then the signal does what it does by itself, and ends the program. */
static void remove_and_end(int number) {
    unlinkat(guarded.folder_fd, guarded.name, 0);
    raise(number);
}

/* The last one is that of a snapshot. */
static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};

enum { SIGNALS = sizeof(signals) / sizeof(signals[0]), ENDING = SIGNALS - 1 };

/* What they did before they were caught for the first time. */
static struct sigaction before[SIGNALS];
static bool known[SIGNALS];

/* But for a SIGHUP that nohup has us ignore. */
static void catch_one(size_t i) {
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    if (!known[i])
        known[i] = sigaction(signals[i], NULL, &before[i]) == 0;
    if (signals[i] != SIGHUP || before[i].sa_handler != SIG_IGN)
        sigaction(signals[i], &action, NULL);
}

void cmd_capture_signals_catch(void) {
    for (size_t i = 0; i < SIGNALS; i++)
        catch_one(i);
}

/* `ending`: for those that end the program by themselves; NULL: as they were. */
static void release(size_t count, const struct sigaction *ending) {
    for (size_t i = 0; i < count; i++) {
        bool ends = before[i].sa_handler == SIG_DFL;
        if (known[i])
            sigaction(signals[i], ending && ends ? ending : &before[i], NULL);
    }
}

void cmd_capture_signals_release(void) {
    struct sigaction action = {.sa_handler = remove_and_end,
                               .sa_flags = (int)SA_RESETHAND | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    release(ENDING, *guarded.name ? &action : NULL);
}

void cmd_capture_signals_guard(int folder_fd, const char *name) {
    guarded.folder_fd = folder_fd;
    snprintf(guarded.name, sizeof(guarded.name), "%s", name);
}

void cmd_capture_signals_done(void) {
    release(SIGNALS, NULL);
    for (size_t i = 0; i < SIGNALS; i++)
        known[i] = false;
}

const atomic_int *cmd_capture_signals_cancel(void) {
    return &cancelled;
}

atomic_int *cmd_capture_signals_ask(void) {
    return &asked;
}

struct cap_samples *_Atomic *cmd_capture_signals_asking(void) {
    return &asking;
}
