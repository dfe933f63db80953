/*
 * demo: a miniature of a sched_ext scheduler that fails in the ways that real ones do.
 *
 * CPU 0 keeps the time and is the watchdog; every CPU runs "tasks" and stamps runnable_at[]
 * when it does. What goes wrong depends on the scenario in the boot page. Freestanding,
 * CPL 3, no interrupts: see guest.h. Everything that several CPUs touch is volatile and
 * written by one CPU only; x86 keeps the order of the stores.
 *
 * All times are those of the guest's own clock, which CPU 0 moves on in each of its turns,
 * never by more than a step: a pause of the whole machine, such as a freeze, counts as one
 * step, however long it was. So nobody looks stalled because nobody could run.
 */
#include "capture/guests/demo_work.h"

#define START_MS 100 /* scenarios begin to fail when the guest is this old */
#define RELAPSE_MS 300
#define FLIP_EVERY_MS 100
#define FLIP_US 2 /* how long an error shows that is taken back */
#define REQUESTS 2
#define PATIENCE_MS 30000 /* for the answer to a request */

/* The host finds these by name. */
extern volatile uint64_t jiffies;
extern volatile uint64_t runnable_at[MAX_CPUS];
extern volatile uint32_t err_exit_detected;
extern struct guest_scx *volatile scx_root;
extern volatile uint32_t answers[REQUESTS];
void demo_main(uint32_t cpu, const struct guest_boot *boot);

/* guest.ld gives a page to each of them. */
#define ALONE(name) __attribute__((section(".bss.alone." name), aligned(4096)))

ALONE("scheduler") static volatile struct guest_scx scheduler;
ALONE("latch") volatile uint32_t err_exit_detected;
volatile uint64_t jiffies;               /* from 1; 0: CPU 0 has not begun */
volatile uint64_t runnable_at[MAX_CPUS]; /* 0 until the CPU runs its first task */
struct guest_scx *volatile scx_root;
volatile uint32_t answers[REQUESTS]; /* how the requests of demo:ask ended */

/* ---- time ---- */

/* A turn of CPU 0 takes a millisecond or two; more where CPUs share few processors. */
static uint64_t longest_step(const struct guest_boot *boot) {
    uint64_t step = (10 + 2 * (uint64_t)boot->cpus) * boot->tsc_khz;
    uint64_t most = boot->watchdog_ticks / 8;
    return step < most ? step : most;
}

static void tick(const struct guest_boot *boot) {
    static uint64_t last, clock;
    uint64_t now = demo_rdtsc(), most = longest_step(boot);
    uint64_t step = last ? now - last : 0;

    clock += step < most ? step : most;
    last = now;
    jiffies = 1 + clock / (boot->tsc_khz * 1000 / GUEST_HZ);
}

static uint64_t age_ms(void) {
    uint64_t now = jiffies;
    return now ? (now - 1) * 1000 / GUEST_HZ : 0;
}

static uint64_t watchdog_ms(const struct guest_boot *boot) {
    return boot->watchdog_ticks / boot->tsc_khz;
}

/* ---- the scheduler ---- */

static void fail(uint32_t exit_kind) {
    if (err_exit_detected)
        return;
    scheduler.exit_kind = exit_kind;
    err_exit_detected = 1;
}

/*
 * Has some CPU not run a task for too long? Stamps are never younger than jiffies: only this
 * CPU moves them on. A CPU that has not started does not count.
 */
static int watchdog_expired(const struct guest_boot *boot) {
    uint64_t now = jiffies, limit = watchdog_ms(boot) * GUEST_HZ / 1000;
    for (uint32_t cpu = 0; cpu < boot->cpus && cpu < MAX_CPUS; cpu++) {
        uint64_t stamp = runnable_at[cpu];
        if (stamp != 0 && now - stamp > limit)
            return 1;
    }
    return 0;
}

static void run_task(uint32_t cpu) {
    runnable_at[cpu] = jiffies;
    demo_run_task(cpu);
}

/* ---- scenarios ---- */

/* Half as long again as the watchdog waits: a clean run must get past it. */
static uint64_t over_ms(const struct guest_boot *boot) {
    return watchdog_ms(boot) * 3 / 2;
}

static void play_error(const struct guest_boot *boot) {
    (void)boot;
    if (age_ms() >= START_MS)
        fail(GUEST_EXIT_ERROR);
}

static void play_clean(const struct guest_boot *boot) {
    if (age_ms() < over_ms(boot))
        return;
    scheduler.exit_kind = GUEST_EXIT_UNREG;
    demo_outl(GUEST_PORT_END, 0);
}

/* In any case after the CPU that stalls has recovered. */
static void play_late_error(const struct guest_boot *boot) {
    uint64_t recovered = START_MS + watchdog_ms(boot), over = over_ms(boot);
    if (age_ms() >= (over > recovered ? over : recovered))
        fail(GUEST_EXIT_ERROR);
}

/*
 * Every FLIP_EVERY_MS the exit kind says error for FLIP_US. The host can freeze the machine
 * between any two stores: so that it finds no error whenever it does, scx_root leads to
 * another scheduler, which is well, before this one reports its error, and comes back when
 * that is gone.
 */
static void flip(const struct guest_boot *boot) {
    static struct guest_scx well;
    static uint64_t next_ms = START_MS;
    uint64_t start = demo_rdtsc();

    if (age_ms() < next_ms)
        return;
    next_ms += FLIP_EVERY_MS;
    scx_root = &well;
    scheduler.exit_kind = GUEST_EXIT_ERROR;
    while (demo_rdtsc() - start < FLIP_US * boot->tsc_khz / 1000)
        demo_relax();
    scheduler.exit_kind = GUEST_EXIT_NONE;
    scx_root = (struct guest_scx *)&scheduler;
}

static void play_flip(const struct guest_boot *boot) {
    flip(boot);
    play_clean(boot);
}

static void play_relapse(const struct guest_boot *boot) {
    flip(boot);
    if (age_ms() >= START_MS + RELAPSE_MS)
        fail(GUEST_EXIT_ERROR_BPF);
}

/* One step in each turn of CPU 0: it goes on keeping the time while it waits. */
static void play_ask(const struct guest_boot *boot) {
    static const uint32_t values[REQUESTS] = {7, 8};
    static uint32_t done, asked;
    static uint64_t since;

    (void)boot;
    if (done == REQUESTS)
        fail(GUEST_EXIT_ERROR);
    if (done == REQUESTS || age_ms() < START_MS)
        return;
    if (since == 0)
        since = age_ms();
    if (!asked) {
        demo_outl(GUEST_PORT_REQUEST, values[done]);
        asked = 1;
        return;
    }
    uint32_t state = demo_inl(GUEST_PORT_REQUEST);
    int waits = state == GUEST_REQUEST_PENDING || state == GUEST_REQUEST_BUSY;
    if (waits && age_ms() - since < PATIENCE_MS) {
        asked = state == GUEST_REQUEST_PENDING;
        return;
    }
    answers[done++] = state;
    since = asked = 0;
}

static void play(const struct guest_boot *boot) {
    static void (*const plays[])(const struct guest_boot *) = {
        [GUEST_SCENARIO_CLEAN] = play_clean,
        [GUEST_SCENARIO_ERROR] = play_error,
        [GUEST_SCENARIO_FLIP] = play_flip,
        [GUEST_SCENARIO_LATE_ERROR] = play_late_error,
        [GUEST_SCENARIO_HALT] = play_error,
        [GUEST_SCENARIO_UNINIT] = play_error,
        [GUEST_SCENARIO_STORM] = play_error,
        [GUEST_SCENARIO_ASK] = play_ask,
        [GUEST_SCENARIO_RELAPSE] = play_relapse,
    };
    uint32_t scenario = boot->scenario;
    if (scenario < sizeof(plays) / sizeof(plays[0]) && plays[scenario])
        plays[scenario](boot);
}

/* Is CPU `cpu` the one that fails, and is it time? */
static int is_bad(const struct guest_boot *boot, uint32_t cpu) {
    return cpu == boot->cpus - 1 && age_ms() >= START_MS;
}

static int stalls(const struct guest_boot *boot, uint32_t cpu) {
    uint64_t recovery = START_MS + watchdog_ms(boot) * 3 / 4;

    return is_bad(boot, cpu) &&
           (boot->scenario == GUEST_SCENARIO_STALL ||
            (boot->scenario == GUEST_SCENARIO_LATE_ERROR && age_ms() < recovery));
}

/* ---- the CPUs ---- */

/* Where a CPU that stalls stays, perhaps for ever: a name of its own in a report. */
static __attribute__((noinline)) void stalled_task(const struct guest_boot *boot,
                                                   uint32_t cpu) {
    for (; stalls(boot, cpu); turns[cpu].count++)
        demo_relax();
}

static void work(const struct guest_boot *boot, uint32_t cpu, uint32_t idle_us) {
    if (boot->scenario == GUEST_SCENARIO_CRASH && is_bad(boot, cpu))
        demo_crash();
    if (boot->scenario == GUEST_SCENARIO_STORM) {
        runnable_at[cpu] = jiffies;
        demo_storm(cpu);
        return;
    }
    run_task(cpu);
    if (boot->scenario == GUEST_SCENARIO_SPIN)
        demo_relax();
    else
        demo_outl(GUEST_PORT_IDLE, idle_us);
}

/* Where it is the one that stalls it runs no tasks, but keeps the time as ever. */
static __attribute__((noreturn)) void timekeeper(const struct guest_boot *boot) {
    scx_root = (struct guest_scx *)&scheduler;
    for (;;) {
        tick(boot);
        if (watchdog_expired(boot))
            fail(GUEST_EXIT_ERROR_STALL);
        play(boot);
        if (stalls(boot, 0))
            demo_outl(GUEST_PORT_IDLE, 1000);
        else
            work(boot, 0, 1000);
    }
}

void demo_main(uint32_t cpu, const struct guest_boot *boot) {
    if (cpu == 0)
        timekeeper(boot);
    for (;;) {
        stalled_task(boot, cpu);
        work(boot, cpu, boot->idle_us);
    }
}
