/*
 * A machine on real KVM, frozen and thawed over and over. Skipped by name where KVM is
 * missing.
 */
#include "tests/unit/capture_aid.h"

#include <sched.h>

#include "capture/clock.h"
#include "capture/guest.h"
#include "capture/machine.h"
#include "capture/trigger.h"

static const uint8_t read_ports[] = {
    0xba, 0x00, 0x05, 0x00, 0x00, /* mov $0x500, %edx */
    0x31, 0xc0,                   /* 1: xor %eax, %eax */
    0xed,                         /* in (%dx), %eax */
    0x83, 0xf8, 0xff,             /* cmp $-1, %eax   an open port reads as ones */
    0x74, 0xf8,                   /* je 1b */
    0x0f, 0x0b,                   /* ud2 */
};
#define AFTER_IN (GUEST_MEMORY_START + 8)

/* A machine on its own, for tests that freeze it themselves. */
struct bench {
    struct cap_guest guest;
    struct cap_machine *machine;
    struct cap_source *source;
    struct cap_freeze *freeze;
};

static bool set_up(struct bench *bench, const char *guest, uint32_t vcpus) {
    struct dc_error err = {0};
    static const struct cap_inject none;
    struct cap_machine_config config = {
        .guest = &bench->guest,
        .inject = &none,
        .vcpus = vcpus,
        .memory_bytes = UINT64_C(64) << 20,
    };
    *bench = (struct bench){0};
    bool good = cap_guest_open(&bench->guest, guest, &err) == 0;
    bench->machine = good ? cap_machine_new(&config, &err) : NULL;
    if (bench->machine) {
        bench->source = cap_machine_source(bench->machine);
        bench->freeze = cap_freeze_new(bench->source, &err);
    }
    good = bench->freeze && bench->source->ops->start(bench->source, &err) == 0;
    if (!CHECK(good))
        printf("# %s\n", err.message);
    return good;
}

static void tear_down(struct bench *bench) {
    struct dc_error err = {0};
    if (bench->source)
        CHECK_EQ_I64(bench->source->ops->stop(bench->source, &err), 0);
    cap_freeze_free(bench->freeze);
    cap_machine_free(bench->machine);
    cap_guest_close(&bench->guest);
}

static const struct cap_freeze_limits patient = {
    .timeout_ns = 30 * CAP_NS_PER_S,
    .realtime = true,
};

static const struct kvm_regs *regs_of(const struct bench *bench, uint32_t id) {
    return &bench->source->board->seats[id].slot.registers.general;
}

static uint64_t read_u64(const struct bench *bench, uint64_t address) {
    uint64_t value = 0;
    CHECK(bench->source->ops->read_memory(bench->source, address, &value, sizeof(value)));
    return value;
}

/* Waits until the guest has counted on. */
static void wait_for_jiffies(const struct bench *bench, uint64_t address, uint64_t old) {
    uint64_t limit = cap_now_ns() + 30 * CAP_NS_PER_S;
    while (read_u64(bench, address) == old && cap_now_ns() < limit)
        usleep(200);
}

/* Every thread has given its real-time priority back when it has left the freeze. */
static void check_priorities(const struct bench *bench, uint32_t epoch) {
    for (uint32_t id = 0; id < bench->source->board->count; id++) {
        struct cap_vcpu_facts facts;
        uint64_t limit = cap_now_ns() + 30 * CAP_NS_PER_S;
        while (!cap_board_left(bench->source->board, id, epoch) && cap_now_ns() < limit)
            usleep(200);
        bench->source->ops->collect(bench->source, id, &facts);
        CHECK_EQ_I64(sched_getscheduler(facts.host_tid), SCHED_OTHER);
    }
    CHECK_EQ_I64(sched_getscheduler(0), SCHED_OTHER);
}

static void freezes_and_thaws_200_times(void) {
    struct bench bench;
    struct cap_symbol jiffies;
    struct kvm_regs before[4] = {{0}};
    uint32_t complete = 0, moved[4] = {0}, unread = 0, ran = 0, last = 0;

    NEED_KVM;
    if (!set_up(&bench, "demo:spin", 4))
        return;
    CHECK(cap_elf_symbol(bench.guest.elf, "jiffies", &jiffies));
    for (int i = 0; i < 200; i++) {
        struct cap_freeze_outcome outcome;
        wait_for_jiffies(&bench, jiffies.value, read_u64(&bench, jiffies.value));
        cap_freeze_begin(bench.freeze, &patient, &outcome);
        complete += outcome.end == CAP_FREEZE_COMPLETE && outcome.parked == 4;
        CHECK(outcome.barrier);
        CHECK(outcome.epoch != last);
        last = outcome.epoch;
        uint64_t frozen_at = read_u64(&bench, jiffies.value);
        for (uint32_t id = 0; id < 4; id++) {
            unread += bench.source->board->seats[id].slot.error != 0;
            moved[id] +=
                memcmp(&before[id], regs_of(&bench, id), sizeof(before[id])) != 0;
            before[id] = *regs_of(&bench, id);
        }
        if (i % 10 == 0)
            usleep(3000);
        ran += read_u64(&bench, jiffies.value) != frozen_at;
        cap_freeze_thaw(bench.freeze);
    }
    CHECK_EQ_U64(complete, 200);
    CHECK_EQ_U64(unread, 0);
    CHECK_EQ_U64(ran, 0); /* nothing runs in a frozen machine */
    CHECK_EQ_U64(moved[0], 200);
    for (uint32_t id = 1; id < 4; id++)
        CHECK(moved[id] > 20);
    check_priorities(&bench, last);
    tear_down(&bench);
}

/* Registers are read only after a half-done IN has got its value. */
static void pending_io_is_completed(void) {
    struct bench bench;
    char path[AID_PATH];
    uint32_t bad = 0, seen = 0;
    NEED_KVM;
    int fd = aid_make_guest(read_ports, sizeof(read_ports), path);
    if (set_up(&bench, path, 2)) {
        for (int i = 0; i < 200; i++) {
            struct cap_freeze_outcome outcome;
            usleep(200);
            cap_freeze_begin(bench.freeze, &patient, &outcome);
            CHECK_EQ_U64(outcome.end, CAP_FREEZE_COMPLETE);
            for (uint32_t id = 0; id < 2; id++) {
                const struct kvm_regs *regs = regs_of(&bench, id);
                bool after = regs->rip == AFTER_IN;
                seen += after;
                bad += after && (uint32_t)regs->rax != UINT32_MAX;
            }
            cap_freeze_thaw(bench.freeze);
        }
        CHECK_EQ_U64(bench.source->ops->life(bench.source, NULL), CAP_RUNNING);
    }
    CHECK(seen > 0);
    CHECK_EQ_U64(bad, 0);
    tear_down(&bench);
    close(fd);
}

/* The guest's clock runs on while it is frozen; its watchdog must not take that for a stall
   when it is let go. */
static void long_freeze_is_no_stall(void) {
    struct bench bench;
    struct cap_symbol jiffies;
    struct cap_freeze_outcome outcome;
    NEED_KVM;
    if (!set_up(&bench, "demo:spin", 4))
        return;
    CHECK(cap_elf_symbol(bench.guest.elf, "jiffies", &jiffies));
    wait_for_jiffies(&bench, jiffies.value, 0);
    cap_freeze_begin(bench.freeze, &patient, &outcome);
    usleep((useconds_t)(cap_machine_watchdog_ms(4) * 1000 + 300000));
    uint64_t before = read_u64(&bench, jiffies.value);
    cap_freeze_thaw(bench.freeze);
    for (int i = 0; i < 20; i++) /* each is one look of the watchdog at least */
        wait_for_jiffies(&bench, jiffies.value, read_u64(&bench, jiffies.value));
    CHECK(read_u64(&bench, jiffies.value) >= before + cap_machine_watchdog_ms(4));
    struct cap_place_expr latch;
    struct dc_error err;
    CHECK_EQ_I64(cap_place_parse(&latch, CAP_LATCH_PLACE, &err), 0);
    CHECK_EQ_I64(cap_place_bind(&latch, bench.guest.elf, &err), 0);
    CHECK_EQ_U64(
        cap_latch_read(bench.source, bench.source->ops->page_table(bench.source), &latch),
        CAP_LATCH_NOT_TRIGGERED);
    tear_down(&bench);
}

int main(void) {
    UNIT_RUN(freezes_and_thaws_200_times);
    UNIT_RUN(pending_io_is_completed);
    UNIT_RUN(long_freeze_is_no_stall);
    return unit_done();
}
