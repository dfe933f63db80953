#include "cmd/stats_signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* All that the handler touches. */
static atomic_int signalled;
static int wake_fd = -1;
static struct cap_stats *cancelled;

static void on_signal(int number) {
    const uint64_t one = 1;
    int saved = errno;
    (void)number;
    atomic_store(&signalled, 1);
    cap_stats_cancel(cancelled);
    (void)!write(wake_fd, &one, sizeof(one));
    errno = saved;
}

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

/* What they did before. */
static struct sigaction before[SIGNALS];
static bool known;

/* But for a SIGHUP that nohup has us ignore. A shell has a job in its background ignore
   SIGINT, and who sends it one all the same means it. */
static void set_all(void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; known && i < SIGNALS; i++)
        if (signals[i] != SIGHUP || before[i].sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
}

int cmd_stats_signals_init(struct cap_stats *stats, struct dc_error *err) {
    atomic_store(&signalled, 0);
    cancelled = stats;
    wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_fd < 0)
        return dc_fail_errno(err, DC_EINTERNAL, errno, "cannot create an eventfd");
    for (size_t i = 0; i < SIGNALS; i++)
        sigaction(signals[i], NULL, &before[i]);
    known = true;
    cmd_stats_signals_release();
    return 0;
}

void cmd_stats_signals_done(void) {
    for (size_t i = 0; known && i < SIGNALS; i++)
        sigaction(signals[i], &before[i], NULL);
    known = false;
    if (wake_fd >= 0)
        close(wake_fd);
    wake_fd = -1;
    cancelled = NULL;
}

void cmd_stats_signals_catch(void) {
    set_all(on_signal);
}

void cmd_stats_signals_release(void) {
    set_all(SIG_DFL);
}

bool cmd_stats_signalled(void) {
    return atomic_load(&signalled) != 0;
}

uint64_t cmd_stats_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void cmd_stats_sleep(uint64_t until_us) {
    struct pollfd wake = {.fd = wake_fd, .events = POLLIN};
    for (;;) {
        uint64_t now = cmd_stats_now_us();
        if (now >= until_us || cmd_stats_signalled())
            return;
        struct timespec left = {.tv_sec = (time_t)((until_us - now) / 1000000),
                                .tv_nsec = (long)((until_us - now) % 1000000 * 1000)};
        ppoll(&wake, 1, &left, NULL);
    }
}
