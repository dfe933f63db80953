/*
 * soak: freezes machines thousands of times while everything goes wrong around them.
 *
 * Runs follow each other until there have been enough freezes and enough time has passed, or
 * until the first fault. What a run does is decided by the seed and its number (plan.h). The
 * last line tells it all; 0 where nothing was found, 1 where something was, 2 for wrong
 * usage, 77 where there is no KVM to run on.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "capture/clock.h"
#include "capture/trial.h"
#include "cmd/cmd.h"
#include "tests/soak/leaks.h"
#include "tests/soak/run.h"

#define WARM_UP 40 /* runs, after which memory is to stay what it is */
#define TELL_NS (10 * CAP_NS_PER_S)
#define NO_KVM 77

struct soak {
    enum soak_source_kind kind;
    unsigned long long freezes, seconds, seed, first, most_runs, vcpus, hang_seconds;
    bool only_plan, no_realtime;
    FILE *out;
    uint64_t begun_ns, tell_at_ns;
    struct soak_bench bench;
    struct soak_tally tally;
    struct soak_fault fault;
    struct soak_plan plan;         /* of the run that is on */
    _Atomic uint64_t run_began_ns; /* 0: none is */
};

/* ---- the end ---- */

static uint64_t degraded(const struct soak_tally *tally) {
    uint64_t sum = 0;
    for (int i = CAP_UNREADABLE; i <= CAP_CRASHED; i++)
        sum += tally->outcomes[i];
    return sum;
}

static void tell_end(const struct soak *self) {
    const struct soak_tally *tally = &self->tally;
    const uint64_t *outcomes = tally->outcomes;
    enum soak_fault_kind kind = self->fault.kind;

    fprintf(self->out,
            "soak: %llu freezes in %llu s (complete %llu, degraded %llu: timeout %llu, "
            "killed %llu, unreadable %llu, crashed %llu; dual %llu, suppressed %llu, "
            "undelivered %llu, busy %llu, runs %llu; counters compared %llu, moved in "
            "between %llu; invalid %d), torn %d, leaks %d, hangs %d, seed %llu\n",
            (unsigned long long)tally->freezes,
            (unsigned long long)((cap_now_ns() - self->begun_ns) / CAP_NS_PER_S),
            (unsigned long long)outcomes[CAP_COMPLETE],
            (unsigned long long)degraded(tally),
            (unsigned long long)outcomes[CAP_TIMEOUT],
            (unsigned long long)outcomes[CAP_KILLED],
            (unsigned long long)outcomes[CAP_UNREADABLE],
            (unsigned long long)outcomes[CAP_CRASHED], (unsigned long long)tally->duals,
            (unsigned long long)tally->suppressed, (unsigned long long)tally->undelivered,
            (unsigned long long)tally->busy, (unsigned long long)tally->runs,
            (unsigned long long)tally->looked_at, (unsigned long long)tally->advanced,
            kind == SOAK_INVALID, kind == SOAK_TORN, kind == SOAK_LEAK, kind == SOAK_HANG,
            self->seed);
    fflush(self->out);
}

static void tell_fault(const struct soak *self) {
    char text[SOAK_PLAN_TEXT];
    fprintf(self->out, "soak: %s\nsoak: in run %u (%s)\n", self->fault.text,
            self->plan.number, soak_plan_text(&self->plan, text));
}

/* ---- hangs ---- */

static void tell_file(const struct soak *self, const char *folder, const char *name) {
    char path[64], text[128] = "";
    snprintf(path, sizeof(path), "/proc/self/task/%.16s/%s", folder, name);
    FILE *file = fopen(path, "re");
    if (file && !fgets(text, sizeof(text), file))
        text[0] = '\0';
    if (file)
        fclose(file);
    text[strcspn(text, "\n")] = '\0';
    fprintf(self->out, " %s", text);
}

/* Which thread waits where. */
static void tell_threads(const struct soak *self) {
    for (uint32_t i = 0; i < SOAK_VCPUS + 8; i++) {
        char folder[16];
        snprintf(folder, sizeof(folder), "%d", (int)getpid() + (int)i);
        char path[64];
        snprintf(path, sizeof(path), "/proc/self/task/%s", folder);
        if (access(path, F_OK) != 0)
            continue;
        fprintf(self->out, "soak:   thread %s:", folder);
        tell_file(self, folder, "comm");
        tell_file(self, folder, "wchan");
        fprintf(self->out, "\n");
    }
}

/* Nothing can be ended in an orderly way any more. */
static void *watch_for_hangs(void *arg) {
    struct soak *self = arg;
    for (;;) {
        usleep(100000);
        uint64_t began = atomic_load(&self->run_began_ns);
        if (began == 0 || cap_now_ns() - began < self->hang_seconds * CAP_NS_PER_S)
            continue;
        struct soak_fault fault = {SOAK_HANG, "a run does not end"};
        self->fault = fault;
        tell_fault(self);
        tell_threads(self);
        tell_end(self);
        _exit(1);
    }
    return NULL;
}

/* ---- the runs ---- */

static bool enough(const struct soak *self) {
    uint64_t runs = self->tally.runs;
    if (self->fault.kind != SOAK_FINE)
        return true;
    if (self->most_runs > 0)
        return runs >= self->most_runs;
    return self->tally.freezes >= self->freezes &&
           cap_now_ns() - self->begun_ns >= self->seconds * CAP_NS_PER_S;
}

static void tell_progress(struct soak *self) {
    uint64_t now = cap_now_ns();
    if (now < self->tell_at_ns)
        return;
    self->tell_at_ns = now + TELL_NS;
    fprintf(self->out, "soak: %llu runs, %llu freezes, %llu documents\n",
            (unsigned long long)self->tally.runs, (unsigned long long)self->tally.freezes,
            (unsigned long long)self->tally.documents);
    fflush(self->out);
}

static void run_all(struct soak *self) {
    struct soak_holdings warm = {0};

    self->begun_ns = cap_now_ns();
    self->tell_at_ns = self->begun_ns + TELL_NS;
    for (uint32_t number = (uint32_t)self->first; !enough(self); number++) {
        if (self->tally.runs == WARM_UP)
            warm = soak_holdings();
        soak_plan(&self->plan, self->kind, self->seed, number, (uint32_t)self->vcpus);
        if (self->no_realtime) {
            self->plan.options.allow_realtime = false;
            self->plan.faults.refuse_hurry = 1;
        }
        atomic_store(&self->run_began_ns, cap_now_ns());
        soak_run(&self->plan, &self->bench, &self->tally, &self->fault);
        atomic_store(&self->run_began_ns, 0);
        tell_progress(self);
    }
    if (self->tally.runs > WARM_UP)
        soak_leaks_of_all(&warm, &self->fault);
    /* Counters that never move would prove nothing. */
    if (self->tally.freezes > 100 && self->tally.advanced == 0)
        soak_fault(&self->fault, SOAK_INVALID, "no vCPU has ever counted");
}

/* ---- what it is given ---- */

static const struct option words[] = {
    {"source", required_argument, NULL, 's'},
    {"freezes", required_argument, NULL, 'n'},
    {"time", required_argument, NULL, 't'},
    {"seed", required_argument, NULL, 'x'},
    {"first", required_argument, NULL, 'f'},
    {"runs", required_argument, NULL, 'r'},
    {"vcpus", required_argument, NULL, 'c'},
    {"hang", required_argument, NULL, 'h'},
    {"plan", no_argument, NULL, 'p'},
    {"no-realtime", no_argument, NULL, 'o'},
    {NULL, 0, NULL, 0},
};

static int usage(void) {
    fputs("usage: soak [--source kvm|threads] [--freezes N] [--time SECONDS] [--seed N]\n"
          "            [--first RUN] [--runs N] [--vcpus N] [--hang SECONDS] [--plan]\n"
          "            [--no-realtime]\n"
          "  It ends when N freezes and SECONDS are both reached, or after --runs N.\n"
          "  --plan only says what RUN would be.\n",
          stderr);
    return 2;
}

static int take_source(struct soak *self, const char *value) {
    if (strcmp(value, "kvm") == 0)
        self->kind = SOAK_KVM;
    else if (strcmp(value, "threads") == 0)
        self->kind = SOAK_THREADS;
    else
        return -1;
    return 0;
}

static int take(struct soak *self, int letter, const char *value) {
    switch (letter) {
    case 's':
        return take_source(self, value);
    case 'n':
        return cmd_parse_number(value, 1, UINT32_MAX, &self->freezes);
    case 't':
        return cmd_parse_number(value, 0, UINT32_MAX, &self->seconds);
    case 'x':
        return cmd_parse_number(value, 0, UINT64_MAX, &self->seed);
    case 'f':
        return cmd_parse_number(value, 0, UINT32_MAX, &self->first);
    case 'r':
        return cmd_parse_number(value, 1, UINT32_MAX, &self->most_runs);
    case 'c':
        return cmd_parse_number(value, 1, SOAK_VCPUS, &self->vcpus);
    case 'h':
        return cmd_parse_number(value, 1, 86400, &self->hang_seconds);
    case 'o':
        self->no_realtime = true;
        return 0;
    case 'p':
        self->only_plan = true;
        return 0;
    default:
        return -1;
    }
}

/* Reports and summaries of the captures are not for whoever reads this: descriptors 1 and 2
   lead nowhere, but for what the sanitizers find. */
void __sanitizer_set_report_fd(void *fd) __attribute__((weak));

static int silence(struct soak *self) {
    int out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int errors = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);

    self->out = out < 0 ? NULL : fdopen(out, "w");
    if (!self->out || nowhere < 0 || errors < 0)
        return -1;
    if (__sanitizer_set_report_fd)
        __sanitizer_set_report_fd((void *)(intptr_t)errors);
    fflush(NULL);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
    return 0;
}

static int prepare(struct soak *self) {
    struct dc_error err = {0};
    pthread_t thread;

    if (self->kind == SOAK_KVM && access("/dev/kvm", R_OK | W_OK) != 0) {
        printf(
            "soak: not run: /dev/kvm cannot be used (%s); --source threads needs none\n",
            strerror(errno));
        return NO_KVM;
    }
    if (soak_disk_open(&self->bench.disk, &err)) {
        fprintf(stderr, "soak: %s\n", err.message);
        return 2;
    }
    if (self->kind == SOAK_KVM)
        cap_watch_find_means(NULL, &self->bench.means);
    if (silence(self) || pthread_create(&thread, NULL, watch_for_hangs, self) != 0)
        return 2;
    pthread_detach(thread);
    return 0;
}

static int tell_plan(struct soak *self) {
    char text[SOAK_PLAN_TEXT];
    soak_plan(&self->plan, self->kind, self->seed, (uint32_t)self->first,
              (uint32_t)self->vcpus);
    puts(soak_plan_text(&self->plan, text));
    return 0;
}

int main(int argc, char **argv) {
    static struct soak self = {.freezes = 10000, .vcpus = 16, .hang_seconds = 120};

    if (getrandom(&self.seed, sizeof(self.seed), 0) < 0)
        self.seed = cap_now_ns();
    self.seed >>= 32; /* short enough to be typed */
    for (int letter; (letter = getopt_long(argc, argv, "", words, NULL)) != -1;)
        if (take(&self, letter, optarg) < 0)
            return usage();
    if (optind < argc)
        return usage();
    if (self.only_plan)
        return tell_plan(&self);
    int refused = prepare(&self);
    if (refused)
        return refused;
    fprintf(self.out, "soak: seed %llu\n", self.seed);
    fflush(self.out);
    run_all(&self);
    soak_disk_close(&self.bench.disk);
    if (self.fault.kind != SOAK_FINE)
        tell_fault(&self);
    tell_end(&self);
    return self.fault.kind == SOAK_FINE ? 0 : 1;
}
