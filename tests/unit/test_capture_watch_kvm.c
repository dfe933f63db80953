/*
 * Watches of memory on real KVM. Skipped by name where it is missing; those of hardware also
 * where a trial says that it does not fire.
 */
#include "tests/unit/capture_aid.h"

#include "capture/clock.h"
#include "capture/guest.h"
#include "capture/machine.h"
#include "capture/trial.h"

/* In the same 2 MiB page of the guest as its code. */
#define PLACE (GUEST_MEMORY_START + 0x100000)
#define LIMIT_NS (30 * CAP_NS_PER_S)
#define NO_VCPUS (UINT32_C(1) << 30)

#define END_GUEST                                                                        \
    0x31, 0xc0,                 /* xor %eax, %eax */                                     \
        0x66, 0xba, 0x04, 0x05, /* mov $GUEST_PORT_END, %dx */                           \
        0xef                    /* out %eax, (%dx) */

struct bench {
    struct cap_guest guest;
    struct cap_machine *machine;
    struct cap_source *source;
    struct cap_freeze *freeze;
    int fd;
};

static bool set_up(struct bench *bench, const uint8_t *code, size_t size,
                   uint32_t vcpus) {
    static const struct cap_inject none;
    struct dc_error err = {0};
    char path[AID_PATH];
    struct cap_machine_config config = {
        .guest = &bench->guest,
        .inject = &none,
        .vcpus = vcpus,
        .memory_bytes = UINT64_C(16) << 20,
    };
    *bench = (struct bench){.fd = aid_make_guest(code, size, path)};
    bool good = bench->fd >= 0 && cap_guest_open(&bench->guest, path, &err) == 0;
    bench->machine = good ? cap_machine_new(&config, &err) : NULL;
    if (bench->machine) {
        bench->source = cap_machine_source(bench->machine);
        bench->freeze = cap_freeze_new(bench->source, &err);
    }
    if (!CHECK(bench->freeze != NULL))
        printf("# %s\n", err.message);
    return bench->freeze != NULL;
}

static void tear_down(struct bench *bench) {
    if (bench->source)
        CHECK_EQ_I64(bench->source->ops->stop(bench->source, NULL), 0);
    cap_freeze_free(bench->freeze);
    (void)cap_machine_free(bench->machine);
    cap_guest_close(&bench->guest);
    close(bench->fd);
}

static void start(struct bench *bench) {
    CHECK_EQ_I64(bench->source->ops->start(bench->source, NULL), 0);
}

static enum cap_life wait_for_end(struct bench *bench) {
    uint64_t limit = cap_now_ns() + LIMIT_NS;
    struct cap_source *source = bench->source;
    for (;;) {
        struct cap_mark mark = cap_board_mark(source->board);
        enum cap_life life = source->ops->life(source, NULL);
        if (life != CAP_RUNNING || cap_now_ns() >= limit)
            return life;
        cap_board_wait(source->board, mark, NO_VCPUS, CAP_NS_PER_MS);
    }
}

static bool wait_for_hit(struct bench *bench, unsigned index, struct cap_watch_hit *hit) {
    uint64_t limit = cap_now_ns() + LIMIT_NS;
    struct cap_source *source = bench->source;
    for (;;) {
        struct cap_mark mark = cap_board_mark(source->board);
        if (source->ops->watch_hit(source, index, hit))
            return true;
        if (cap_now_ns() >= limit || source->ops->life(source, NULL) != CAP_RUNNING)
            return false;
        cap_board_wait(source->board, mark, NO_VCPUS, CAP_NS_PER_MS);
    }
}

/* Do all vCPUs run? One that does not would make every wait that follows a long one. */
static bool all_run(const struct bench *bench) {
    struct cap_source *source = bench->source;
    bool run = CHECK_EQ_U64(source->ops->life(source, NULL), CAP_RUNNING);
    for (uint32_t id = 0; id < source->board->count && !run; id++) {
        struct cap_vcpu_facts facts;
        source->ops->collect(source, id, &facts);
        printf("# vCPU %u: life %d, exit %u, errno %d, detail 0x%llx, rip 0x%llx\n", id,
               facts.life, facts.exit_reason, facts.run_errno,
               (unsigned long long)facts.detail,
               (unsigned long long)source->board->seats[id].slot.registers.general.rip);
    }
    return run;
}

static void wait_for_arming(struct bench *bench, unsigned index) {
    uint64_t limit = cap_now_ns() + LIMIT_NS;
    struct cap_watch_arming arming;
    do {
        bench->source->ops->watch_kind(bench->source, index, &arming);
        usleep(200);
    } while (arming.pending > 0 && cap_now_ns() < limit);
    CHECK_EQ_U64(arming.pending, 0);
    CHECK_EQ_U64(arming.failed, 0);
}

static int watch(struct bench *bench, unsigned index, enum cap_watch_kind kind,
                 uint64_t place, uint32_t at_least) {
    struct cap_watch_request request = {place, place, at_least};
    struct dc_error err = {0};
    int result = bench->source->ops->watch(bench->source, index, kind, &request, &err);
    if (result < 0)
        printf("# %s\n", err.message);
    return result;
}

static int unwatch(struct bench *bench, unsigned index) {
    return bench->source->ops->watch(bench->source, index, CAP_WATCH_NONE, NULL, NULL);
}

static bool freeze(struct bench *bench) {
    static const struct cap_freeze_limits patient = {.timeout_ns = LIMIT_NS};
    struct cap_freeze_outcome outcome;
    cap_freeze_begin(bench->freeze, &patient, &outcome);
    return CHECK_EQ_U64(outcome.end, CAP_FREEZE_COMPLETE);
}

static const struct kvm_regs *regs_of(const struct bench *bench, uint32_t id) {
    return &bench->source->board->seats[id].slot.registers.general;
}

static uint32_t read_u32(const struct bench *bench, uint64_t address) {
    uint32_t value = 0;
    CHECK(bench->source->ops->read_memory(bench->source, address, &value, sizeof(value)));
    return value;
}

/* ---- one vCPU that stores in all sizes ---- */

static const uint8_t stores[] = {
    0xbf,      0x00, 0x00, 0x30, 0x00, /* mov $PLACE, %edi */
    0x48,      0xb8, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, /* mov $..., %rax */
    0x88,      0x47, 0x01,                         /* mov %al, 1(%rdi) */
    0x66,      0x89, 0x47, 0x02,                   /* mov %ax, 2(%rdi) */
    0x89,      0x47, 0x08,                         /* mov %eax, 8(%rdi) */
    0x48,      0x89, 0x47, 0x10,                   /* mov %rax, 16(%rdi) */
    0x66,      0x89, 0x47, 0x1f,                   /* mov %ax, 31(%rdi) */
    0x89,      0x47, 0x26,                         /* mov %eax, 38(%rdi) */
    0x48,      0x89, 0x47, 0x35,                   /* mov %rax, 53(%rdi) */
    0x48,      0x89, 0x87, 0xfc, 0x0f, 0x00, 0x00, /* mov %rax, 0xffc(%rdi) */
    END_GUEST,
};

static const struct {
    uint16_t at;
    uint8_t bytes;
} stored[] = {{1, 1}, {2, 2}, {8, 4}, {16, 8}, {31, 2}, {38, 4}, {53, 8}, {0xffc, 8}};

static const struct watched {
    uint16_t offset;
    uint32_t at_least;
    uint32_t value; /* 0: no hit */
} watched[] = {
    {0x00, 1, 0x1100},
    {0x00, 0x1101, 0x22111100},
    {0x08, 1024, 0x44332211},
    {0x08, 0x44332212, 0},
    {0x0c, 1, 0},
    {0x10, 1, 0x44332211},
    {0x14, 1024, 0x88776655},
    {0x1c, 1024, 0x11000000},
    {0x20, 1024, 0},
    {0x20, 1, 0x22},
    {0x24, 1, 0x22110000},
    {0x28, 1, 0x4433},
    {0x34, 1024, 0x33221100},
    {0x38, 1024, 0x77665544},
    {0x3c, 1024, 0},
    {0x40, 1, 0},
    {0xffc, 1024, 0x44332211},
    {0x1000, 1024, 0x88776655},
};

/* What the guest's memory must look like. */
static void check_stores(const struct bench *bench) {
    static const uint8_t value[] = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88};
    static uint8_t want[0x2000], got[0x2000];
    memset(want, 0, sizeof(want));
    for (size_t i = 0; i < sizeof(stored) / sizeof(stored[0]); i++)
        memcpy(want + stored[i].at, value, stored[i].bytes);
    CHECK(bench->source->ops->read_memory(bench->source, PLACE, got, sizeof(got)));
    CHECK(memcmp(want, got, sizeof(want)) == 0);
}

static void store_and_check(enum cap_watch_kind kind, const struct watched *expected) {
    struct bench bench;
    struct cap_watch_hit hit = {0};
    uint64_t place = PLACE + expected->offset;

    if (!set_up(&bench, stores, sizeof(stores), 1))
        return;
    CHECK_EQ_I64(watch(&bench, 0, kind, place, expected->at_least), CAP_WATCH_SET);
    CHECK_EQ_U64(bench.source->ops->watch_kind(bench.source, 0, NULL), kind);
    start(&bench);
    CHECK_EQ_U64(wait_for_end(&bench), CAP_ENDED);
    bool is_hit = bench.source->ops->watch_hit(bench.source, 0, &hit);
    CHECK_EQ_U64(is_hit, expected->value != 0);
    if (!CHECK_EQ_U64(hit.value, expected->value))
        printf("# offset 0x%x\n", expected->offset);
    CHECK(!bench.source->ops->watch_hit(bench.source, 1, NULL));
    check_stores(&bench);
    tear_down(&bench);
}

static void slot_sees_exactly_what_is_stored(void) {
    NEED_KVM;
    for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++)
        store_and_check(CAP_WATCH_SLOT, &watched[i]);
}

static bool hardware_works(void) {
    struct cap_watch_means means;
    cap_watch_find_means(NULL, &means);
    return means.hardware;
}

static void hardware_sees_what_is_stored(void) {
    NEED_KVM;
    if (!hardware_works())
        SKIP("hardware watchpoints do not fire in guests of this machine");
    for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++)
        store_and_check(CAP_WATCH_HARDWARE, &watched[i]);
}

/* Stores to one page, reads and locked instructions: what KVM emulates there must come to
   the same as what the processor would have done. */
static const uint8_t locked[] = {
    0xbf,      0x00, 0x00, 0x30, 0x00, /* mov $PLACE, %edi */
    0xb9,      0xe8, 0x03, 0x00, 0x00, /* mov $1000, %ecx */
    0xf0,      0xff, 0x07,             /* 1: lock incl (%rdi) */
    0x87,      0x4f, 0x10,             /* xchg %ecx, 16(%rdi) */
    0x8b,      0x4f, 0x10,             /* mov 16(%rdi), %ecx */
    0x8b,      0x47, 0x20,             /* mov 32(%rdi), %eax */
    0x8d,      0x50, 0x03,             /* lea 3(%rax), %edx */
    0xf0,      0x0f, 0xb1, 0x57, 0x20, /* lock cmpxchg %edx, 32(%rdi) */
    0xff,      0xc9,                   /* dec %ecx */
    0x75,      0xe8,                   /* jnz 1b */
    END_GUEST,
};

static void locked_instructions_of_one_vcpu_are_exact(void) {
    struct bench bench;
    struct cap_watch_hit hit = {0};

    NEED_KVM;
    if (!set_up(&bench, locked, sizeof(locked), 1))
        return;
    CHECK_EQ_I64(watch(&bench, 0, CAP_WATCH_SLOT, PLACE, 500), CAP_WATCH_SET);
    CHECK_EQ_I64(watch(&bench, 1, CAP_WATCH_SLOT, PLACE + 32, 2999), CAP_WATCH_SET);
    start(&bench);
    CHECK_EQ_U64(wait_for_end(&bench), CAP_ENDED);
    CHECK_EQ_U64(read_u32(&bench, PLACE), 1000);
    CHECK_EQ_U64(read_u32(&bench, PLACE + 16), 1);
    CHECK_EQ_U64(read_u32(&bench, PLACE + 32), 3000);
    CHECK(bench.source->ops->watch_hit(bench.source, 0, &hit));
    CHECK_EQ_U64(hit.value, 500); /* the edge, not the 500 that follow */
    CHECK(bench.source->ops->watch_hit(bench.source, 1, &hit));
    CHECK_EQ_U64(hit.value, 3000);
    tear_down(&bench);
}

/* A read that came out of the guest would end the vCPU. */
static const uint8_t reads[] = {
    0xbf,      0x00, 0x00, 0x30, 0x00,       /* mov $PLACE, %edi */
    0xb9,      0x40, 0x42, 0x0f, 0x00,       /* mov $1000000, %ecx */
    0x03,      0x47, 0x04,                   /* 1: add 4(%rdi), %eax */
    0xff,      0xc9,                         /* dec %ecx */
    0x75,      0xf9,                         /* jnz 1b */
    0x89,      0x87, 0x00, 0x10, 0x00, 0x00, /* mov %eax, 0x1000(%rdi) */
    END_GUEST,
};

static void reads_stay_inside(void) {
    struct bench bench;

    NEED_KVM;
    if (!set_up(&bench, reads, sizeof(reads), 1))
        return;
    CHECK_EQ_I64(watch(&bench, 0, CAP_WATCH_SLOT, PLACE, 1), CAP_WATCH_SET);
    start(&bench);
    CHECK_EQ_U64(wait_for_end(&bench), CAP_ENDED);
    CHECK(!bench.source->ops->watch_hit(bench.source, 0, NULL));
    tear_down(&bench);
}

/* ---- vCPUs that store all the time ---- */

/* Each counts in a word of its own, and in a byte of its own behind the words. */
static const uint8_t counters[] = {
    0xbb, 0x00, 0x00, 0x30, 0x00, /* mov $PLACE, %ebx */
    0x31, 0xc0,                   /* xor %eax, %eax */
    0xff, 0xc0,                   /* 1: inc %eax */
    0x89, 0x04, 0xbb,             /* mov %eax, (%rbx,%rdi,4) */
    0x88, 0x44, 0x3b, 0x10,       /* mov %al, 16(%rbx,%rdi) */
    0xeb, 0xf5,                   /* jmp 1b */
};
#define AFTER_INC (GUEST_MEMORY_START + 9)
#define AFTER_WORD (GUEST_MEMORY_START + 12)

/* T7: at a park a store is done or not begun, never half done or lost. */
static void check_counters(const struct bench *bench, uint32_t id) {
    const struct kvm_regs *regs = regs_of(bench, id);
    uint32_t eax = (uint32_t)regs->rax;
    uint32_t word = read_u32(bench, PLACE + id * 4);
    uint8_t byte = (uint8_t)(read_u32(bench, PLACE + 16) >> id * 8);

    CHECK_EQ_U64(word, regs->rip == AFTER_INC ? eax - 1 : eax);
    CHECK_EQ_U64(
        byte,
        (uint8_t)(regs->rip == AFTER_INC || regs->rip == AFTER_WORD ? eax - 1 : eax));
}

static void stores_of_two_are_whole_at_every_park(void) {
    struct bench bench;
    uint32_t last[2] = {0}, moved = 0;

    NEED_KVM;
    if (!set_up(&bench, counters, sizeof(counters), 2))
        return;
    CHECK_EQ_I64(watch(&bench, 0, CAP_WATCH_SLOT, PLACE, UINT32_MAX), CAP_WATCH_SET);
    start(&bench);
    for (int i = 0; i < 200; i++) {
        usleep(300);
        if (!freeze(&bench) || !all_run(&bench))
            break;
        for (uint32_t id = 0; id < 2; id++) {
            check_counters(&bench, id);
            moved += read_u32(&bench, PLACE + id * 4) != last[id];
            last[id] = read_u32(&bench, PLACE + id * 4);
        }
        cap_freeze_thaw(bench.freeze);
    }
    CHECK(moved > 100);
    CHECK_EQ_U64(bench.source->ops->life(bench.source, NULL), CAP_RUNNING);
    tear_down(&bench);
}

/* Both watch one page, from a freeze on; the first store after it is the hit. */
static void come(struct bench *bench) {
    struct cap_watch_hit hit = {0};

    CHECK_EQ_I64(watch(bench, 0, CAP_WATCH_SLOT, PLACE + 4, 1), CAP_WATCH_SET);
    CHECK_EQ_I64(watch(bench, 1, CAP_WATCH_SLOT, PLACE, 1), CAP_WATCH_SET);
    uint32_t before[2] = {read_u32(bench, PLACE), read_u32(bench, PLACE + 4)};
    cap_freeze_thaw(bench->freeze);
    for (uint32_t index = 0; index < 2; index++) {
        CHECK(wait_for_hit(bench, index, &hit));
        CHECK_EQ_U64(hit.vcpu, 1 - index);
        CHECK_EQ_U64(hit.value, before[1 - index] + 1);
    }
    bench->source->ops->watch_reset(bench->source, 0);
    CHECK(wait_for_hit(bench, 0, NULL));
    CHECK_EQ_I64(unwatch(bench, 0), CAP_WATCH_SET); /* its page is the other's too */
    CHECK_EQ_I64(unwatch(bench, 1), -1);            /* not while they run */
    CHECK_EQ_U64(bench->source->ops->watch_kind(bench->source, 1, NULL), CAP_WATCH_SLOT);
}

/* One moves to where nobody stores, in a freeze, and the other goes. */
static void move(struct bench *bench) {
    CHECK_EQ_I64(watch(bench, 0, CAP_WATCH_SLOT, PLACE + 0x5000, 1), CAP_WATCH_SET);
    CHECK_EQ_I64(unwatch(bench, 1), CAP_WATCH_SET);
    check_counters(bench, 0);
    cap_freeze_thaw(bench->freeze);
    usleep(500);
    CHECK(!bench->source->ops->watch_hit(bench->source, 0, NULL));
    CHECK(!bench->source->ops->watch_hit(bench->source, 1, NULL));
}

static void slots_come_and_go_in_a_freeze(void) {
    struct bench bench;
    struct dc_error err = {0};
    struct cap_watch_request request = {PLACE + 4, PLACE + 4, 1};

    NEED_KVM;
    if (!set_up(&bench, counters, sizeof(counters), 2))
        return;
    start(&bench);
    CHECK_EQ_I64(
        bench.source->ops->watch(bench.source, 0, CAP_WATCH_SLOT, &request, &err), -1);
    CHECK_EQ_U64(err.code, DC_ECANNOT);
    CHECK_EQ_U64(bench.source->ops->watch_kind(bench.source, 0, NULL), CAP_WATCH_NONE);
    for (int i = 0; i < 20; i++) {
        if (!freeze(&bench) || !all_run(&bench))
            break;
        come(&bench);
        if (!freeze(&bench) || !all_run(&bench))
            break;
        move(&bench);
        if (!freeze(&bench) || !all_run(&bench))
            break;
        CHECK_EQ_I64(unwatch(&bench, 0), CAP_WATCH_SET);
        check_counters(&bench, 1);
        cap_freeze_thaw(bench.freeze);
    }
    tear_down(&bench);
}

/* ---- arming beside running vCPUs ---- */

/* KVM takes breakpoints where they never fire, too: what is checked is that they are set and
   taken away by all threads, and that the guest is none the worse for it. */
static void hardware_is_armed_while_the_guest_runs(void) {
    struct bench bench;
    struct cap_watch_hit hit;

    NEED_KVM;
    bool fires = hardware_works();
    if (!set_up(&bench, counters, sizeof(counters), 2))
        return;
    start(&bench);
    for (int i = 0; i < 20; i++) {
        uint64_t place = PLACE + (i % 2 ? 4 : 0);
        int want = i == 0 ? CAP_WATCH_SET : CAP_WATCH_AGAIN;
        CHECK_EQ_I64(watch(&bench, 0, CAP_WATCH_HARDWARE, place, 1), want);
        if (want == CAP_WATCH_AGAIN)
            CHECK_EQ_I64(watch(&bench, 0, CAP_WATCH_HARDWARE, place, 1), CAP_WATCH_SET);
        wait_for_arming(&bench, 0);
        if (fires && CHECK(wait_for_hit(&bench, 0, &hit)))
            CHECK_EQ_U64(hit.vcpu, i % 2);
        if (!freeze(&bench) || !all_run(&bench))
            break;
        for (uint32_t id = 0; id < 2; id++)
            check_counters(&bench, id);
        cap_freeze_thaw(bench.freeze);
    }
    CHECK_EQ_I64(unwatch(&bench, 0), CAP_WATCH_SET);
    CHECK_EQ_U64(bench.source->ops->watch_kind(bench.source, 0, NULL), CAP_WATCH_NONE);
    tear_down(&bench);
}

/* Every machine must have an answer, and one that its KVM's own claim allows. */
static void means_are_found_twice_alike(void) {
    struct cap_watch_means first, again, none;

    NEED_KVM;
    cap_watch_find_means(NULL, &first);
    cap_watch_find_means("/dev/kvm", &again);
    cap_watch_find_means("/dev/null", &none);
    printf("# hardware watchpoints: %d, read-only slots: %d\n", first.hardware,
           first.slot);
    CHECK_EQ_U64(first.hardware, again.hardware);
    CHECK_EQ_U64(first.slot, again.slot);
    CHECK(first.slot);
    CHECK(!none.hardware && !none.slot);
}

int main(void) {
    UNIT_RUN(means_are_found_twice_alike);
    UNIT_RUN(slot_sees_exactly_what_is_stored);
    UNIT_RUN(hardware_sees_what_is_stored);
    UNIT_RUN(locked_instructions_of_one_vcpu_are_exact);
    UNIT_RUN(reads_stay_inside);
    UNIT_RUN(stores_of_two_are_whole_at_every_park);
    UNIT_RUN(slots_come_and_go_in_a_freeze);
    UNIT_RUN(hardware_is_armed_while_the_guest_runs);
    return unit_done();
}
