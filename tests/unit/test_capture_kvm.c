/*
 * A machine on real KVM, frozen and thawed over and over. Skipped by name where KVM is
 * missing.
 */
#include "tests/unit/machine_aid.h"

#include <sched.h>

#include "capture/clock.h"
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

static const struct cap_freeze_limits patient = {
    .timeout_ns = 30 * CAP_NS_PER_S,
    .realtime = true,
};

static const struct kvm_regs *regs_of(const struct bench *bench, uint32_t id) {
    return &bench->source->board->seats[id].slot.registers.general;
}

/* Every thread gives its real-time priority back when it has left the freeze. */
static void check_priorities(const struct bench *bench, uint32_t epoch) {
    for (uint32_t id = 0; id < bench->source->board->count; id++) {
        struct cap_vcpu_facts facts;
        uint64_t limit = cap_now_ns() + 30 * CAP_NS_PER_S;
        while (!cap_board_left(bench->source->board, id, epoch) && cap_now_ns() < limit)
            usleep(200);
        bench->source->ops->collect(bench->source, id, &facts);
        while (sched_getscheduler(facts.host_tid) != SCHED_OTHER && cap_now_ns() < limit)
            usleep(200);
        CHECK_EQ_I64(sched_getscheduler(facts.host_tid), SCHED_OTHER);
    }
    CHECK_EQ_I64(sched_getscheduler(0), SCHED_OTHER);
}

static void freezes_and_thaws_200_times(void) {
    struct bench bench;
    struct kvm_regs before[4] = {{0}};
    uint32_t complete = 0, moved[4] = {0}, unread = 0, ran = 0, last = 0;

    NEED_KVM;
    if (!bench_set_up(&bench, &(struct bench_wish){.guest = "demo:spin", .vcpus = 4}))
        return;
    uint64_t jiffies = bench_symbol(&bench, "jiffies");
    for (int i = 0; i < 200; i++) {
        struct cap_freeze_outcome outcome;
        bench_wait_for_change(&bench, jiffies, bench_u64(&bench, jiffies));
        cap_freeze_begin(bench.freeze, &patient, &outcome);
        complete += outcome.end == CAP_FREEZE_COMPLETE && outcome.parked == 4;
        CHECK(outcome.barrier);
        CHECK(outcome.epoch != last);
        last = outcome.epoch;
        uint64_t frozen_at = bench_u64(&bench, jiffies);
        for (uint32_t id = 0; id < 4; id++) {
            unread += bench.source->board->seats[id].slot.error != 0;
            moved[id] +=
                memcmp(&before[id], regs_of(&bench, id), sizeof(before[id])) != 0;
            before[id] = *regs_of(&bench, id);
        }
        if (i % 10 == 0)
            usleep(3000);
        ran += bench_u64(&bench, jiffies) != frozen_at;
        cap_freeze_thaw(bench.freeze);
    }
    CHECK_EQ_U64(complete, 200);
    CHECK_EQ_U64(unread, 0);
    CHECK_EQ_U64(ran, 0); /* nothing runs in a frozen machine */
    CHECK_EQ_U64(moved[0], 200);
    for (uint32_t id = 1; id < 4; id++)
        CHECK(moved[id] > 20);
    check_priorities(&bench, last);
    bench_tear_down(&bench);
}

/* Registers are read only after a half-done IN has got its value. */
static void pending_io_is_completed(void) {
    struct bench bench;
    char path[AID_PATH];
    uint32_t bad = 0, seen = 0;
    NEED_KVM;
    int fd = aid_make_guest(read_ports, sizeof(read_ports), path);
    if (bench_set_up(&bench, &(struct bench_wish){.guest = path, .vcpus = 2})) {
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
    bench_tear_down(&bench);
    close(fd);
}

/* The processor's clock runs on while it is frozen, that of the guest does not: its watchdog
   must not take a freeze for a stall when it is let go, and nobody who looks at ages. */
static void long_freeze_is_no_stall(void) {
    struct bench bench;
    uint64_t frozen_ms = cap_machine_watchdog_ms(4) + 300;
    NEED_KVM;
    if (!bench_set_up(&bench, &(struct bench_wish){.guest = "demo:spin", .vcpus = 4}))
        return;
    uint64_t jiffies = bench_symbol(&bench, "jiffies");
    bench_wait_for_change(&bench, jiffies, 0);
    bench_freeze(&bench);
    usleep((useconds_t)(frozen_ms * 1000));
    uint64_t before = bench_u64(&bench, jiffies);
    uint64_t thawed_ns = cap_now_ns();
    cap_freeze_thaw(bench.freeze);
    for (int i = 0; i < 20; i++) /* each is one look of the watchdog at least */
        bench_wait_for_change(&bench, jiffies, bench_u64(&bench, jiffies));
    uint64_t moved = bench_u64(&bench, jiffies) - before;
    uint64_t since_ms = (cap_now_ns() - thawed_ns) / CAP_NS_PER_MS;
    /* The freeze counts as one step of the guest's clock: for 4 CPUs 18 ms. */
    CHECK(moved >= 20 && moved <= since_ms + 18 + 2);
    struct cap_place_expr latch = {.known = true,
                                   .base = bench_symbol(&bench, "err_exit_detected")};
    CHECK_EQ_U64(
        cap_latch_read(bench.source, bench.source->ops->page_table(bench.source), &latch),
        CAP_LATCH_NOT_TRIGGERED);
    bench_tear_down(&bench);
}

int main(void) {
    UNIT_RUN(freezes_and_thaws_200_times);
    UNIT_RUN(pending_io_is_completed);
    UNIT_RUN(long_freeze_is_no_stall);
    return unit_done();
}
