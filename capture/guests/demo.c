/*
 * demo: a miniature of a sched_ext scheduler that fails in the ways that real ones do.
 *
 * CPU 0 keeps the time (`jiffies`) and is the watchdog; every CPU runs "tasks" and stamps
 * runnable_at[] when it does. What goes wrong depends on the scenario in the boot page.
 * Freestanding, CPL 3, no interrupts: see guest.h. Everything that several CPUs touch is
 * volatile and written by one CPU only; x86 keeps the order of the stores.
 */
#include "capture/guests/guest.h"

#define MAX_CPUS 4096
#define START_MS 100 /* scenarios begin to fail when the guest is this old */
#define JIFFIES_PER_S 1000

/* The host finds these by name. */
extern volatile uint64_t jiffies;
extern volatile uint64_t runnable_at[MAX_CPUS];
extern volatile uint32_t err_exit_detected;
extern struct guest_scx *volatile scx_root;
void demo_main(uint32_t cpu, const struct guest_boot *boot);

static struct guest_scx scheduler;
volatile uint64_t jiffies;
volatile uint64_t runnable_at[MAX_CPUS]; /* TSC; 0 until the CPU runs its first task */
volatile uint32_t err_exit_detected;
struct guest_scx *volatile scx_root;

static volatile uint64_t results[MAX_CPUS]; /* keeps the work of the tasks alive */

static uint64_t rdtsc(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

static void outl(uint16_t port, uint32_t value) {
    __asm__ volatile("outl %0, %1" : : "a"(value), "d"(port) : "memory");
}

static void relax(void) {
    __asm__ volatile("pause");
}

/* Three kinds of task, so that a frozen machine has more than one place to be at. */
static __attribute__((noinline)) uint64_t task_hash(uint64_t seed) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (int i = 0; i < 4000; i++)
        hash = (hash ^ ((seed >> (i & 56)) & 0xff)) * 0x100000001b3u;
    return hash;
}

static __attribute__((noinline)) uint64_t task_collatz(uint64_t seed) {
    uint64_t value = (seed & 0xffff) + 27, steps = 0;
    for (int i = 0; i < 4000; i++, steps++)
        value = value <= 1  ? (seed & 0xffff) + steps
                : value & 1 ? 3 * value + 1
                            : value / 2;
    return steps + value;
}

static __attribute__((noinline)) uint64_t task_gcd(uint64_t seed) {
    uint64_t sum = 0;
    for (uint64_t i = 1; i < 100; i++) {
        uint64_t a = (seed & 0xffffff) + 1, b = i * 7919;
        while (b) {
            uint64_t rest = a % b;
            a = b;
            b = rest;
        }
        sum += a;
    }
    return sum;
}

static void run_task(uint32_t cpu, uint64_t turn) {
    static uint64_t (*const tasks[])(uint64_t) = {task_hash, task_collatz, task_gcd};
    runnable_at[cpu] = rdtsc();
    results[cpu] = tasks[(turn + cpu) % 3](results[cpu] + turn);
}

/* Where the CPU that stalls stays for ever: a name of its own in a report. */
static __attribute__((noinline, noreturn)) void stalled_task(void) {
    for (;;)
        relax();
}

static void idle(const struct guest_boot *boot, uint32_t us) {
    if (boot->scenario == GUEST_SCENARIO_SPIN)
        relax();
    else
        outl(GUEST_PORT_IDLE, us);
}

static void fail(uint32_t exit_kind) {
    scx_root->exit_kind = exit_kind;
    __asm__ volatile("" ::: "memory");
    err_exit_detected = 1;
}

/*
 * Has some CPU not run a task for too long? `now` was read before any stamp: this CPU may
 * be preempted between the two, and then the stamps are younger than `now`, never older.
 * A CPU that has not started does not count. `since` is when the machine last ran on after
 * a pause (a freeze): until then nobody could stamp.
 */
static int watchdog_expired(const struct guest_boot *boot, uint64_t now, uint64_t since) {
    for (uint32_t cpu = 0; cpu < boot->cpus && cpu < MAX_CPUS; cpu++) {
        uint64_t stamp = runnable_at[cpu];
        if (stamp == 0)
            continue;
        if (stamp < since)
            stamp = since;
        if (now > stamp && now - stamp > boot->watchdog_ticks)
            return 1;
    }
    return 0;
}

/* Is CPU `cpu` the one that stalls, and is it time? */
static int stalls(const struct guest_boot *boot, uint32_t cpu, uint64_t age_ms) {
    return boot->scenario == GUEST_SCENARIO_STALL && cpu == boot->cpus - 1 &&
           age_ms >= START_MS;
}

/* Half as long again as the watchdog waits: a clean run must get past it. */
static int is_over(const struct guest_boot *boot, uint64_t age_ms) {
    return age_ms * boot->tsc_khz >= boot->watchdog_ticks * 3 / 2;
}

static void play_scenario(const struct guest_boot *boot, uint64_t age_ms) {
    if (boot->scenario == GUEST_SCENARIO_ERROR && age_ms >= START_MS &&
        !err_exit_detected)
        fail(GUEST_EXIT_ERROR);
    if (boot->scenario == GUEST_SCENARIO_CLEAN && is_over(boot, age_ms)) {
        scx_root->exit_kind = GUEST_EXIT_UNREG;
        outl(GUEST_PORT_END, 0);
    }
}

static __attribute__((noreturn)) void timekeeper(const struct guest_boot *boot) {
    uint64_t start = rdtsc(), last = start, since = start, turn = 0;

    scx_root = &scheduler;
    for (;;) {
        uint64_t now = rdtsc();
        uint64_t age_ms = (now - start) / boot->tsc_khz;
        jiffies = age_ms * JIFFIES_PER_S / 1000;
        if (now - last > boot->watchdog_ticks / 2)
            since = now;
        last = now;
        if (!err_exit_detected && watchdog_expired(boot, now, since))
            fail(GUEST_EXIT_ERROR_STALL);
        play_scenario(boot, age_ms);
        if (!stalls(boot, 0, age_ms))
            run_task(0, turn++);
        idle(boot, 1000);
    }
}

void demo_main(uint32_t cpu, const struct guest_boot *boot) {
    uint64_t start = rdtsc(), turn = 0;

    if (cpu == 0)
        timekeeper(boot);
    for (;;) {
        if (stalls(boot, cpu, (rdtsc() - start) / boot->tsc_khz))
            stalled_task();
        run_task(cpu, turn++);
        idle(boot, boot->idle_us);
    }
}
