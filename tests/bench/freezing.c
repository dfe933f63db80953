/*
 * freezing: how long freezes take, beside the barest program that could make them (floor.h),
 * and what the wait for a trigger costs.
 *
 * Usage: freezing RUNS VCPUS...
 *
 * The two machines of a row run in turn, the other one standing still, so that both see the
 * same host. Times are from the trigger to the moment when the coordinator knows. Goals that
 * are missed are marked; only trouble is a failure, since hosts differ.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "capture/capture.h"
#include "capture/clock.h"
#include "capture/guest.h"
#include "capture/machine.h"
#include "tests/bench/floor.h"

#define MOST_RUNS 1000
#define RUN_US 100000 /* that a machine runs before it is frozen */
#define HOGS 2
#define HOGGED_VCPUS 250u

struct sample {
    uint64_t ns[MOST_RUNS];
    size_t count;
};

static void add(struct sample *sample, uint64_t ns) {
    if (sample->count < MOST_RUNS)
        sample->ns[sample->count++] = ns;
}

static int compare(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* In microseconds; the sample gets sorted. */
static double percentile(struct sample *sample, double part) {
    if (sample->count == 0)
        return 0;
    qsort(sample->ns, sample->count, sizeof(sample->ns[0]), compare);
    size_t at = (size_t)(part * (double)(sample->count - 1) + 0.5);
    return (double)sample->ns[at] / CAP_NS_PER_US;
}

static const char *mark(bool good) {
    return good ? "" : "  over the goal";
}

static int trouble(const struct dc_error *err) {
    fprintf(stderr, "freezing: %s\n", err->message);
    return -1;
}

/* ---- the machine that is ours ---- */

struct ours {
    struct cap_guest guest;
    struct cap_machine *machine;
    struct cap_source *source;
    struct cap_freeze *freeze;
    struct cap_vcpu_result *results; /* registers are copied to there */
};

static void close_ours(struct ours *ours) {
    if (ours->source)
        (void)ours->source->ops->stop(ours->source, NULL);
    cap_freeze_free(ours->freeze);
    (void)cap_machine_free(ours->machine);
    cap_guest_close(&ours->guest);
    free(ours->results);
}

static int open_ours(struct ours *ours, uint32_t vcpus, struct dc_error *err) {
    static const struct cap_inject none;
    struct cap_machine_config config = {
        .guest = &ours->guest,
        .inject = &none,
        .vcpus = vcpus,
        .memory_bytes = UINT64_C(64) << 20,
    };
    *ours = (struct ours){0};
    if (cap_guest_open(&ours->guest, "demo:spin", err))
        return -1;
    ours->machine = cap_machine_new(&config, err);
    ours->results = calloc(vcpus, sizeof(*ours->results));
    if (!ours->machine || !ours->results)
        return -1;
    ours->source = cap_machine_source(ours->machine);
    ours->freeze = cap_freeze_new(ours->source, err);
    return ours->freeze ? ours->source->ops->start(ours->source, err) : -1;
}

/* What was measured of one freeze; it stays in force. */
struct times {
    uint64_t parked, read;
};

static struct times freeze_ours(struct ours *ours) {
    static const struct cap_freeze_limits limits = {
        .timeout_ns = 30 * CAP_NS_PER_S,
        .realtime = true,
    };
    struct cap_freeze_outcome outcome;
    uint64_t began = cap_now_ns();

    cap_freeze_begin(ours->freeze, &limits, &outcome);
    for (uint32_t id = 0; id < outcome.total; id++)
        if (cap_freeze_vcpu(ours->freeze, id)->parked)
            ours->results[id].registers = ours->source->board->seats[id].slot.registers;
    uint64_t read = cap_now_ns();
    if (outcome.end != CAP_FREEZE_COMPLETE)
        printf("  (only %u of %u vCPUs parked)\n", outcome.parked, outcome.total);
    return (struct times){outcome.decided_ns - began, read - began};
}

/* ---- freezes ---- */

static int measure_row(uint32_t vcpus, unsigned runs, struct sample *least,
                       struct sample *parked, struct sample *read) {
    struct dc_error err = {0};
    struct ours ours;
    struct floor *floor = NULL;

    least->count = parked->count = read->count = 0;
    if (open_ours(&ours, vcpus, &err) == 0) {
        (void)freeze_ours(&ours); /* the first one is for the caches */
        floor = floor_new(vcpus, &err);
    }
    for (unsigned run = 0; floor && run < runs; run++) {
        cap_freeze_thaw(ours.freeze);
        usleep(RUN_US);
        struct times times = freeze_ours(&ours);
        add(parked, times.parked);
        add(read, times.read);
        floor_thaw(floor);
        usleep(RUN_US);
        add(least, floor_freeze(floor));
    }
    bool good = floor != NULL;
    floor_free(floor);
    close_ours(&ours);
    return good ? 0 : trouble(&err);
}

static int print_row(uint32_t vcpus, unsigned runs, double *p50) {
    static struct sample least, parked, read;
    if (measure_row(vcpus, runs, &least, &parked, &read))
        return -1;
    double floor_p50 = percentile(&least, 0.5);
    *p50 = percentile(&parked, 0.5);
    double ratio = floor_p50 > 0 ? *p50 / floor_p50 : 0;
    printf("%5u   %8.0f %8.0f   %8.0f %8.0f   %8.0f %8.0f   %5.2f%s\n", vcpus, floor_p50,
           percentile(&least, 1), *p50, percentile(&parked, 1), percentile(&read, 0.5),
           percentile(&read, 1), ratio, mark(ratio <= 1.3));
    fflush(stdout);
    return 0;
}

static pid_t start_hog(void) {
    pid_t child = fork();
    if (child == 0)
        for (volatile unsigned turns = 0;; turns++)
            ;
    return child;
}

static int print_hogged(uint32_t vcpus, unsigned runs, double quiet) {
    pid_t hogs[HOGS];
    double hogged = 0;
    for (int i = 0; i < HOGS; i++)
        hogs[i] = start_hog();
    printf("beside %d processes that take all they get (goal: parked within 2 x quiet)\n",
           HOGS);
    int rc = print_row(vcpus, runs, &hogged);
    for (int i = 0; i < HOGS; i++) {
        if (hogs[i] <= 0)
            continue;
        kill(hogs[i], SIGKILL);
        waitpid(hogs[i], NULL, 0);
    }
    if (rc == 0 && quiet > 0)
        printf("        %.2f x quiet%s\n", hogged / quiet, mark(hogged <= 2 * quiet));
    return rc;
}

static int print_freezes(unsigned runs, int n, char **sizes) {
    double quiet = 0;
    printf("us from the trigger; floor and ours in turn, %u times (goal: 1.3 x floor)\n"
           "%5s   %17s   %17s   %17s   ratio\n"
           "%5s   %8s %8s   %8s %8s   %8s %8s   of p50\n",
           runs, "", "floor", "ours: parked", "registers read", "vCPUs", "p50", "max",
           "p50", "max", "p50", "max");
    for (int i = 0; i < n; i++) {
        uint32_t vcpus = (uint32_t)strtoul(sizes[i], NULL, 10);
        double p50;
        if (print_row(vcpus, runs, &p50))
            return -1;
        quiet = vcpus == HOGGED_VCPUS || i == n - 1 ? p50 : quiet;
    }
    return print_hogged((uint32_t)strtoul(sizes[n - 1], NULL, 10), runs, quiet);
}

/* ---- the wait for a trigger ---- */

struct seen {
    uint64_t trigger_us;
    char by[64];
    bool made;
};

static int keep(void *context, const struct cap_document *document,
                struct cap_delivery *out) {
    struct seen *seen = context;
    (void)out;
    seen->made = true;
    seen->trigger_us = document->result->trigger_us;
    snprintf(seen->by, sizeof(seen->by), "%s", document->result->seen_by);
    return 0;
}

/* Store in the guest to the start of the freeze. */
static int print_latch(unsigned runs) {
    static struct sample sample;
    struct seen seen = {0};
    struct cap_end end;
    struct dc_error err = {0};
    struct cap_options options = CAP_OPTIONS_DEFAULT;

    options.guest = "demo:error";
    options.watch_by = CAP_WATCH_BY_SLOT;
    options.deliver = keep;
    options.deliver_context = &seen;
    options.run_for_ms = 30000;
    for (unsigned run = 0; run < runs; run++) {
        if (cap_run(&options, &end, &err))
            return trouble(&err);
        if (!seen.made || strstr(seen.by, "slot") == NULL) {
            printf("latch: not seen by a slot (%s)\n", seen.by);
            return 0;
        }
        add(&sample, seen.trigger_us * CAP_NS_PER_US);
    }
    double p50 = percentile(&sample, 0.5);
    printf("latch, %s: store to freeze p50 %.0f us, max %.0f us (goal: 1000)%s\n",
           seen.by, p50, percentile(&sample, 1), mark(p50 < 1000));
    return 0;
}

/* The coordinator is the thread that calls cap_run(): this one. */
struct idle {
    uint64_t first_cpu, first_wall, last_cpu, last_wall;
};

static uint64_t thread_cpu_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * CAP_NS_PER_S + (uint64_t)now.tv_nsec;
}

static void look(void *context, uint64_t elapsed_us) {
    struct idle *idle = context;
    (void)elapsed_us;
    idle->last_cpu = thread_cpu_ns();
    idle->last_wall = cap_now_ns();
    if (idle->first_wall == 0) {
        idle->first_cpu = idle->last_cpu;
        idle->first_wall = idle->last_wall;
    }
}

static int print_idle(const char *name, enum cap_watch_by by, double most) {
    struct idle idle = {0};
    struct seen seen = {0};
    struct cap_end end;
    struct dc_error err = {0};
    struct cap_options options = CAP_OPTIONS_DEFAULT;

    options.guest = "demo:clean"; /* idles nearly all of the time */
    options.watchdog_ms = 600000; /* and does not end before this does */
    options.watch_by = by;
    options.run_for_ms = 2600;
    options.deliver = keep;
    options.deliver_context = &seen;
    options.waiting = look;
    options.progress_context = &idle;
    if (cap_run(&options, &end, &err))
        return trouble(&err);
    uint64_t wall = idle.last_wall - idle.first_wall;
    if (wall == 0) {
        printf("%s: the run ended too soon\n", name);
        return 0;
    }
    double percent = 100.0 * (double)(idle.last_cpu - idle.first_cpu) / (double)wall;
    printf("%s: the coordinator takes %.2f %% of a processor in %.1f s (goal: %.1f)%s\n",
           name, percent, (double)wall / CAP_NS_PER_S, most, mark(percent < most));
    return 0;
}

int main(int argc, char **argv) {
    unsigned long runs = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;

    if (runs < 1 || runs > MOST_RUNS) {
        fprintf(stderr, "usage: freezing RUNS VCPUS...\n");
        return 2;
    }
    if (print_freezes((unsigned)runs, argc - 2, argv + 2) ||
        print_latch((unsigned)runs) ||
        print_idle("watched latch, idle guest", CAP_WATCH_BY_SLOT, 0.1) ||
        print_idle("polled latch, idle guest", CAP_WATCH_BY_POLL, 1.0))
        return 1;
    return 0;
}
