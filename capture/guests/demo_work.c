#include "capture/guests/demo_work.h"

struct demo_turn turns[MAX_CPUS];

static volatile uint64_t results[MAX_CPUS]; /* keeps the work of the tasks alive */

/* Three kinds of task, so that a frozen machine has more than one place to be at. */
static __attribute__((noinline)) uint64_t task_hash(uint64_t seed,
                                                    volatile uint64_t *turn) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (int i = 0; i < 4000; i++, ++*turn)
        hash = (hash ^ ((seed >> (i & 56)) & 0xff)) * 0x100000001b3u;
    return hash;
}

static __attribute__((noinline)) uint64_t task_collatz(uint64_t seed,
                                                       volatile uint64_t *turn) {
    uint64_t value = (seed & 0xffff) + 27, steps = 0;
    for (int i = 0; i < 4000; i++, steps++, ++*turn)
        value = value <= 1  ? (seed & 0xffff) + steps
                : value & 1 ? 3 * value + 1
                            : value / 2;
    return steps + value;
}

static __attribute__((noinline)) uint64_t task_gcd(uint64_t seed,
                                                   volatile uint64_t *turn) {
    uint64_t sum = 0;
    for (uint64_t i = 1; i < 100; i++) {
        uint64_t a = (seed & 0xffffff) + 1, b = i * 7919;
        for (; b; ++*turn) {
            uint64_t rest = a % b;
            a = b;
            b = rest;
        }
        sum += a;
    }
    return sum;
}

void demo_run_task(uint32_t cpu) {
    static uint64_t (*const tasks[])(uint64_t, volatile uint64_t *) = {
        task_hash, task_collatz, task_gcd};
    static uint64_t done[MAX_CPUS];
    uint64_t number = done[cpu]++;
    results[cpu] = tasks[(number + cpu) % 3](results[cpu] + number, &turns[cpu].count);
}

void demo_crash(void) {
    __asm__ volatile("ud2");
    __builtin_unreachable();
}

/* What the host says must have arrived, whatever happened between the access and its end. */
static void expect_ones(uint32_t value) {
    if (value != UINT32_MAX)
        demo_crash();
}

void demo_storm(uint32_t cpu) {
    volatile uint64_t *turn = &turns[cpu].count;
    volatile uint32_t *device = (volatile uint32_t *)GUEST_MMIO;
    uint32_t value;

    __asm__ volatile("movl %1, %0" : "=m"(device[0]) : "r"(cpu));
    ++*turn;
    __asm__ volatile("movl %1, %0" : "=r"(value) : "m"(device[1]));
    ++*turn;
    expect_ones(value);
    demo_outl(GUEST_PORT_NOBODY, cpu);
    ++*turn;
    value = demo_inl(GUEST_PORT_NOBODY);
    ++*turn;
    expect_ones(value);
    /* KVM makes two accesses of it, which the host ends one after the other. */
    __asm__ volatile("movaps %%xmm0, (%0)" : : "r"(&device[4]) : "memory");
    *turn += 2;
}
