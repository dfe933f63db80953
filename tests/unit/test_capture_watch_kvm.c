/*
 * Watches of memory on real KVM. Skipped by name where it is missing; those of hardware also
 * where a trial says that it does not fire.
 */
#include "tests/unit/capture_aid.h"

#include <stdlib.h>

#include "capture/clock.h"
#include "capture/guest.h"
#include "capture/machine.h"
#include "capture/trial.h"

/* In the same 2 MiB page of the guest as its code. */
#define PLACE (GUEST_MEMORY_START + 0x100000)
#define LIMIT_NS (30 * CAP_NS_PER_S)
#define NO_VCPUS (UINT32_C(1) << 30)
#define THRESHOLD 1024u
#define HALF_WORD 2

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
    cap_machine_free(bench->machine);
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
        if (cap_now_ns() >= limit)
            return false;
        cap_board_wait(source->board, mark, NO_VCPUS, CAP_NS_PER_MS);
    }
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

static void freeze(struct bench *bench) {
    static const struct cap_freeze_limits patient = {.timeout_ns = LIMIT_NS};
    struct cap_freeze_outcome outcome;
    cap_freeze_begin(bench->freeze, &patient, &outcome);
    CHECK_EQ_U64(outcome.end, CAP_FREEZE_COMPLETE);
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
    0xbf, 0x00, 0x00, 0x30, 0x00,                               /* mov $PLACE, %edi */
    0x48, 0xb8, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, /* mov $..., %rax */
    0x88, 0x47, 0x01,                                           /* mov %al, 1(%rdi) */
    0x66, 0x89, 0x47, 0x02,                                     /* mov %ax, 2(%rdi) */
    0x89, 0x47, 0x08,                                           /* mov %eax, 8(%rdi) */
    0x48, 0x89, 0x47, 0x10,                                     /* mov %rax, 16(%rdi) */
    0x66, 0x89, 0x47, 0x1f,                                     /* mov %ax, 31(%rdi) */
    0x89, 0x47, 0x26,                                           /* mov %eax, 38(%rdi) */
    0x48, 0x89, 0x47, 0x35,                                     /* mov %rax, 53(%rdi) */
    0x48, 0x89, 0x87, 0xfc, 0x0f, 0x00, 0x00, /* mov %rax, 0xffc(%rdi) */
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
    {0x00, 1, 0x1100},           {0x00, 0x1101, 0x22111100},
    {0x08, 1024, 0x44332211},    {0x08, 0x44332212, 0},
    {0x0c, 1, 0},                {0x10, 1, 0x44332211},
    {0x14, 1024, 0x88776655},    {0x1c, 1024, 0x11000000},
    {0x20, 1024, 0},             {0x20, 1, 0x22},
    {0x24, 1, 0x22110000},       {0x28, 1, 0x4433},
    {0x34, 1024, 0x33221100},    {0x38, 1024, 0x77665544},
    {0x3c, 1024, 0},             {0x40, 1, 0},
    {0xffc, 1024, 0x44332211},   {0x1000, 1024, 0x88776655},
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

static void store_and_check(enum cap_watch_kind kind, const struct watched *watched0) {
    struct bench bench;
    struct cap_watch_hit hit = {0};
    uint64_t place = PLACE + watched0->offset;

    if (!set_up(&bench, stores, sizeof(stores), 1))
        return;
    CHECK_EQ_I64(watch(&bench, 0, kind, place, watched0->at_least), CAP_WATCH_SET);
    CHECK_EQ_U64(bench.source->ops->watch_kind(bench.source, 0, NULL), kind);
    start(&bench);
    CHECK_EQ_U64(wait_for_end(&bench), CAP_ENDED);
    bool is_hit = bench.source->ops->watch_hit(bench.source, 0, &hit);
    CHECK_EQ_U64(is_hit, watched0->value != 0);
    if (!CHECK_EQ_U64(hit.value, watched0->value))
        printf("# offset 0x%x\n", watched0->offset);
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

int main(void) {
    UNIT_RUN(slot_sees_exactly_what_is_stored);
    UNIT_RUN(hardware_sees_what_is_stored);
    (void)wait_for_hit; (void)wait_for_arming; (void)unwatch; (void)freeze; (void)regs_of; (void)read_u32;
    return unit_done();
}
