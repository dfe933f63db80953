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

/* The thread of a run that is not the main one, and what wakes it to cancel. */
static atomic_bool elsewhere;
static pthread_t runner; /* written while `elsewhere` is false */
enum { PASSED_ON = SIGUSR2 };
static struct sigaction before_passed_on;
static bool passing_on; /* it is caught: until the end, for one may be under way still */

/* On the thread that makes `asking` and takes it away. */
static void cancel_asking(void) {
    struct cap_samples *samples = atomic_load(&asking);
    if (samples && atomic_load(&cancelled))
        cap_samples_cancel(samples);
}

static void on_passed_on(int number) {
    (void)number;
    cancel_asking();
}

static void on_signal(int number) {
    if (number == SIGUSR1) {
        atomic_store(&asked, 1);
        return;
    }
    atomic_store(&cancelled, number);
    if (atomic_load(&elsewhere))
        pthread_kill(runner, PASSED_ON);
    else
        cancel_asking();
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
    if (passing_on)
        sigaction(PASSED_ON, &before_passed_on, NULL);
    passing_on = false;
    for (size_t i = 0; i < SIGNALS; i++)
        known[i] = false;
}

/* ---- another thread ---- */

void cmd_capture_signals_run_by(const pthread_t *thread) {
    struct sigaction action = {.sa_handler = on_passed_on};
    sigemptyset(&action.sa_mask);
    if (thread) {
        runner = *thread;
        sigaction(PASSED_ON, &action, &before_passed_on);
        passing_on = true;
    }
    atomic_store(&elsewhere, thread != NULL);
}

/* Also where somebody else sends it: only one thread may look at `asking`. */
void cmd_capture_signals_keep_out(sigset_t *mask) {
    sigaddset(mask, SIGUSR1);
    sigaddset(mask, PASSED_ON);
}

void cmd_capture_signals_let_in(void) {
    sigset_t ours;
    sigemptyset(&ours);
    cmd_capture_signals_keep_out(&ours);
    pthread_sigmask(SIG_UNBLOCK, &ours, NULL);
}

void cmd_capture_signals_end(int number) {
    on_signal(number);
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
