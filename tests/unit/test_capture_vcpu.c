/*
 * The rendezvous seen from the vCPU: the real threads of vcpu.c, on a KVM_RUN that the test
 * plays (vcpu_aid.h). Which property is tested where: test_capture_rendezvous.c.
 */
#include "tests/unit/vcpu_aid.h"

#include "capture/guests/guest.h"

/* ---- kicks ---- */

/* The guest waits at the gate, which lies between the look at the board and KVM_RUN. */
static uint32_t freeze_at_the_gate(bool signal) {
    rig_make(1);
    rig.stages[0].gated = true;
    rig_start();
    rig_wait_gate(0);
    uint32_t epoch = cap_board_open(rig.board);
    if (signal)
        cap_vcpu_kick(&rig.vcpus[0]);
    else
        __atomic_store_n(&rig.stages[0].run.immediate_exit, 1, __ATOMIC_SEQ_CST);
    rig.stages[0].gated = false; /* ordered by the semaphore */
    sem_post(&rig.stages[0].go);
    return epoch;
}

static void r5_signal_between_look_and_run_does_not_lose_the_kick(void) {
    uint32_t epoch = freeze_at_the_gate(true);
    rig_until(rig_all_parked, epoch);
    CHECK_EQ_U64(atomic_load(&rig.stages[0].runs), 2); /* and the one that drains */
    rig_end();
}

static void r7_byte_alone_ends_a_run_that_has_not_begun(void) {
    uint32_t epoch = freeze_at_the_gate(false);
    rig_until(rig_all_parked, epoch);
    CHECK_EQ_U64(atomic_load(&rig.stages[0].runs), 2);
    rig_end();
}

static void r6_signal_ends_a_stay_in_the_guest(void) {
    rig_make(RIG_VCPUS);
    rig_start();
    for (int i = 0; i < 50; i++) {
        rig_until(rig_all_inside, 0);
        uint32_t epoch = rig_freeze_by_one_kick();
        for (uint32_t id = 0; id < RIG_VCPUS; id++)
            CHECK(!rig_is_inside(id));
        cap_board_close(rig.board);
        rig_until(rig_all_left, epoch);
    }
    rig_end();
}

/* Kicks that come when it is parked already leave the byte set, too. */
static void r8_byte_that_was_left_set_makes_no_endless_loop(void) {
    rig_make(2);
    rig_start();
    for (int i = 0; i < 20; i++) {
        uint32_t epoch = rig_freeze_by_one_kick();
        uint32_t before[2];
        for (uint32_t id = 0; id < 2; id++) {
            before[id] = atomic_load(&rig.stages[id].runs);
            __atomic_store_n(&rig.stages[id].run.immediate_exit, 1, __ATOMIC_SEQ_CST);
        }
        cap_board_close(rig.board);
        rig_until(rig_all_left, epoch);
        rig_until(rig_all_inside, 0);
        for (uint32_t id = 0; id < 2; id++) {
            CHECK_EQ_U64(atomic_load(&rig.stages[id].runs), before[id] + 1);
            CHECK_EQ_U64(rig.stages[id].run.immediate_exit, 0);
        }
    }
    rig_end();
}

/* ---- parks ---- */

/* Wake-ups of every kind, and the thaw of the freeze before, release nobody. */
static void r2_only_the_own_thaw_releases_a_park(void) {
    uint32_t runs[RIG_VCPUS];
    rig_make(RIG_VCPUS);
    rig_start();
    uint32_t first = rig_freeze_by_one_kick();
    cap_board_close(rig.board);
    rig_until(rig_all_left, first);
    cap_futex_wake_all(&rig.board->frozen); /* that thaw, once more */
    uint32_t epoch = rig_freeze_by_one_kick();
    for (uint32_t id = 0; id < RIG_VCPUS; id++)
        runs[id] = atomic_load(&rig.stages[id].runs);
    for (int i = 0; i < 100; i++) {
        cap_futex_wake_all(&rig.board->frozen);
        cap_board_ring(rig.board);
        cap_vcpu_kick(&rig.vcpus[i % RIG_VCPUS]);
        usleep(200);
    }
    for (uint32_t id = 0; id < RIG_VCPUS; id++) {
        CHECK_EQ_U64(atomic_load(&rig.stages[id].runs), runs[id]);
        CHECK(!cap_board_left(rig.board, id, epoch));
    }
    cap_board_close(rig.board);
    rig_until(rig_all_left, epoch);
    rig_end();
}

/* Each stay in the guest moves the registers, so that one of another freeze, or half of
   one, would be seen. */
static int advance(struct stage *stage, uint32_t entry) {
    stage->rip = entry;
    return 0;
}

static void r9_parked_means_that_the_registers_are_there(void) {
    struct dc_error err;
    struct cap_freeze_limits limits = {.timeout_ns = RIG_LIMIT_NS};
    uint64_t last[RIG_VCPUS] = {0};
    rig_make(RIG_VCPUS);
    for (uint32_t id = 0; id < RIG_VCPUS; id++)
        rig.stages[id].enter = advance;
    struct cap_freeze *freeze = cap_freeze_new(&rig.source, &err);
    rig_start();
    for (int i = 0; i < 200; i++) {
        struct cap_freeze_outcome outcome;
        rig_until(rig_all_inside, 0); /* all of them have advanced */
        cap_freeze_begin(freeze, &limits, &outcome);
        CHECK_EQ_U64(outcome.end, CAP_FREEZE_COMPLETE);
        for (uint32_t id = 0; id < RIG_VCPUS; id++) {
            const struct cap_slot *slot = &rig.board->seats[id].slot;
            CHECK_EQ_I64(slot->error, 0);
            CHECK(slot->registers.general.rip > last[id]);
            CHECK_EQ_U64(slot->registers.general.rsp, slot->registers.general.rip);
            CHECK_EQ_U64(slot->registers.general.r15, slot->registers.general.rip);
            last[id] = slot->registers.general.rip;
        }
        cap_freeze_thaw(freeze);
    }
    cap_freeze_free(freeze);
    rig_end();
}

/* ---- vCPUs that run no more ---- */

static int fail_with_eio(struct stage *stage, uint32_t entry) {
    (void)entry;
    stage->rip = 0xdead;
    errno = EIO;
    return -1;
}

static int end_guest(struct stage *stage, uint32_t entry) {
    (void)entry;
    stage->run.exit_reason = KVM_EXIT_IO;
    stage->run.io.direction = KVM_EXIT_IO_OUT;
    stage->run.io.port = GUEST_PORT_END;
    stage->run.io.size = 4;
    stage->run.io.count = 1;
    stage->run.io.data_offset = offsetof(struct kvm_run, padding);
    stage->half_done = true;
    return 1;
}

static struct cap_vcpu_facts facts_of(uint32_t id) {
    struct cap_vcpu_facts facts;
    cap_vcpu_facts(&rig.vcpus[id], &facts);
    return facts;
}

static bool is_at_rest(uint32_t id) {
    return facts_of(id).life != CAP_RUNNING;
}

/* One that is dead parks like the others, with the registers of its end, again and again. */
static void dead_one_parks(uint32_t dead, stage_enter_fn *enter, uint64_t rip,
                           enum cap_life life) {
    rig_make(RIG_VCPUS);
    rig.stages[dead].enter = enter;
    rig_start();
    rig_until(is_at_rest, dead);
    CHECK_EQ_U64(facts_of(dead).life, life);
    CHECK_EQ_U64(atomic_load(&rig.shared.event), (uint64_t)life << 32 | dead);
    uint32_t runs = 0;
    for (int i = 0; i < 3; i++) {
        uint32_t epoch = rig_freeze_by_one_kick();
        CHECK_EQ_I64(rig.board->seats[dead].slot.error, 0);
        CHECK_EQ_U64(rig.board->seats[dead].slot.registers.general.rip, rip);
        CHECK(runs == 0 || atomic_load(&rig.stages[dead].runs) == runs);
        runs = atomic_load(&rig.stages[dead].runs); /* it never runs again */
        cap_board_close(rig.board);
        rig_until(rig_all_left, epoch);
    }
}

static void r14_kick_of_a_vcpu_that_died_is_harmless(void) {
    dead_one_parks(2, fail_with_eio, 0xdead, CAP_FAILED);
    CHECK_EQ_I64(facts_of(2).run_errno, EIO);
    rig_stop_threads();
    for (int i = 0; i < 100; i++) /* their threads are gone, and not joined yet */
        cap_vcpu_kick(&rig.vcpus[i % RIG_VCPUS]);
    rig_free();
}

static void r15_bsp_that_ended_before_the_freeze_parks(void) {
    dead_one_parks(0, end_guest, 0x1002, CAP_ENDED);
    rig_end();
}

static int end_at_the_kick(struct stage *stage, uint32_t entry) {
    sigset_t none;
    if (entry > 1)
        return end_guest(stage, entry);
    atomic_store(&stage->inside, 1);
    sigemptyset(&none);
    ppoll(NULL, 0, NULL, &none); /* a kick ends this stay, and the guest ends at once */
    atomic_store(&stage->inside, 0);
    return end_guest(stage, entry);
}

static void r13_bsp_that_ends_during_the_rendezvous_parks(void) {
    rig_make(RIG_VCPUS);
    rig.stages[0].enter = end_at_the_kick;
    rig_start();
    rig_until(rig_all_inside, 0);
    uint32_t epoch = rig_freeze_by_one_kick();
    CHECK_EQ_U64(facts_of(0).life, CAP_ENDED);
    CHECK_EQ_U64(rig.board->seats[0].slot.registers.general.rip, 0x1002);
    cap_board_close(rig.board);
    rig_until(rig_all_left, epoch);
    rig_end();
}

/* EINTR and EAGAIN are no ends; any other errno is, at its first time. */
static int soft_then_hard(struct stage *stage, uint32_t entry) {
    errno = entry < 10 ? (entry % 2 ? EINTR : EAGAIN) : EFAULT;
    (void)stage;
    return -1;
}

static void c14_soft_errors_are_retried_and_hard_ones_reported(void) {
    rig_make(1);
    rig.stages[0].enter = soft_then_hard;
    rig_start();
    rig_until(is_at_rest, 0);
    CHECK_EQ_U64(facts_of(0).life, CAP_FAILED);
    CHECK_EQ_I64(facts_of(0).run_errno, EFAULT);
    rig_end();
    CHECK_EQ_U64(rig.stages[0].entries, 10);
}

int main(void) {
    UNIT_RUN(r2_only_the_own_thaw_releases_a_park);
    UNIT_RUN(r5_signal_between_look_and_run_does_not_lose_the_kick);
    UNIT_RUN(r6_signal_ends_a_stay_in_the_guest);
    UNIT_RUN(r7_byte_alone_ends_a_run_that_has_not_begun);
    UNIT_RUN(r8_byte_that_was_left_set_makes_no_endless_loop);
    UNIT_RUN(r9_parked_means_that_the_registers_are_there);
    UNIT_RUN(r13_bsp_that_ends_during_the_rendezvous_parks);
    UNIT_RUN(r14_kick_of_a_vcpu_that_died_is_harmless);
    UNIT_RUN(r15_bsp_that_ended_before_the_freeze_parks);
    UNIT_RUN(c14_soft_errors_are_retried_and_hard_ones_reported);
    return unit_done();
}
