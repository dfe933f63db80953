#include "cmd/capture_signals.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

/* All that the handlers touch. */
static atomic_int cancelled, asked;

static void on_signal(int number) {
    if (number == SIGUSR1)
        atomic_store(&asked, 1);
    else
        atomic_store(&cancelled, number);
}

/* The last one is that of a snapshot. */
static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};

enum { SIGNALS = sizeof(signals) / sizeof(signals[0]), ENDING = SIGNALS - 1 };

/* What they did before, while they are caught. */
static struct sigaction before[SIGNALS];
static bool caught[SIGNALS];

/* But for a SIGHUP that nohup has us ignore. */
static void catch_one(size_t i) {
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(signals[i], NULL, &before[i]);
    if (signals[i] == SIGHUP && before[i].sa_handler == SIG_IGN)
        return;
    caught[i] = sigaction(signals[i], &action, NULL) == 0;
}

void cmd_capture_signals_catch(void) {
    for (size_t i = 0; i < SIGNALS; i++)
        if (!caught[i])
            catch_one(i);
}

static void release(size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (caught[i])
            sigaction(signals[i], &before[i], NULL);
        caught[i] = false;
    }
}

void cmd_capture_signals_release(void) {
    release(ENDING);
}

void cmd_capture_signals_done(void) {
    release(SIGNALS);
}

const atomic_int *cmd_capture_signals_cancel(void) {
    return &cancelled;
}

atomic_int *cmd_capture_signals_ask(void) {
    return &asked;
}
