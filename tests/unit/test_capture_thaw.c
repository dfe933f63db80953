/*
 * Park and thaw, property by property: the real threads of vcpu.c on a KVM that the test
 * plays (vcpu_aid.h), and the guest's clock. The table of properties is in
 * test_capture_rendezvous.c.
 */
#include "tests/unit/vcpu_aid.h"

#include <sched.h>

#include "capture/guest_clock.h"
#include "capture/guests/guest.h"

/* The count follows what it counts. */
static void check_arrivals(uint32_t want) {
    uint64_t limit = cap_now_ns() + RIG_LIMIT_NS;
    while (atomic_load(&rig.board->arrivals) < want && cap_now_ns() < limit)
        usleep(100);
    CHECK_EQ_U64(atomic_load(&rig.board->arrivals), want);
}

/* Every wake-up of the coordinator is an arrival: one acknowledgement and one departure. */
static void t1_each_park_acknowledges_exactly_once(void) {
    rig_make(RIG_VCPUS);
    rig_start();
    for (uint32_t i = 1; i <= 20; i++) {
        uint32_t epoch = rig_freeze_by_one_kick();
        for (uint32_t id = 0; id < RIG_VCPUS; id++) /* it is parked, and stays it */
            cap_vcpu_kick(&rig.vcpus[id]);
        check_arrivals(RIG_VCPUS * (2 * i - 1));
        cap_board_close(rig.board);
        rig_until(rig_all_left, epoch);
        check_arrivals(RIG_VCPUS * 2 * i);
    }
    rig_end();
}

/* `quit` alone, without a wake-up or a thaw: the next slice of its sleep ends the park. */
static void t2_kill_releases_a_park_and_nobody_enters_the_guest_again(void) {
    static const bool closed[] = {false, true};
    for (size_t i = 0; i < 2; i++) {
        uint32_t runs[RIG_VCPUS];
        rig_make(RIG_VCPUS);
        rig_start();
        (void)rig_freeze_by_one_kick();
        for (uint32_t id = 0; id < RIG_VCPUS; id++)
            runs[id] = atomic_load(&rig.stages[id].runs);
        atomic_store(&rig.shared.quit, true);
        if (closed[i])
            cap_board_close(rig.board);
        for (uint32_t id = 0; id < RIG_VCPUS; id++) {
            rig_until(rig_is_done, id);
            CHECK_EQ_U64(atomic_load(&rig.stages[id].runs), runs[id]);
            CHECK(!rig_is_inside(id));
        }
        rig_end();
    }
}

static void t3_one_thaw_releases_all(void) {
    rig_make(RIG_VCPUS);
    rig_start();
    for (int i = 0; i < 20; i++) {
        uint32_t epoch = rig_freeze_by_one_kick();
        cap_board_close(rig.board); /* nothing else */
        rig_until(rig_all_left, epoch);
    }
    rig_end();
}

/* ---- the barrier ---- */

/* At the first kick of a freeze all have left the one before. */
static uint32_t inside_at_a_kick, first_kicks;

static void kick_and_look(struct cap_source *source, uint32_t id) {
    uint32_t epoch = cap_board_wanted(source->board);
    if (id == 0 && epoch > 1) {
        first_kicks++;
        for (uint32_t other = 0; other < rig.count; other++)
            inside_at_a_kick += !cap_board_left(source->board, other, epoch - 1);
    }
    rig_kick(source, id);
}

static void t4_after_the_barrier_nobody_is_parked(void) {
    struct cap_source_ops ops = rig_ops;
    struct cap_freeze_limits limits = {.timeout_ns = RIG_LIMIT_NS};
    struct dc_error err;
    ops.kick = kick_and_look;
    inside_at_a_kick = first_kicks = 0;
    rig_make(RIG_VCPUS);
    rig.source.ops = &ops;
    struct cap_freeze *freeze = cap_freeze_new(&rig.source, &err);
    rig_start();
    for (int i = 0; i < 100; i++) { /* one right after the other */
        struct cap_freeze_outcome outcome;
        cap_freeze_begin(freeze, &limits, &outcome);
        CHECK_EQ_U64(outcome.end, CAP_FREEZE_COMPLETE);
        if (!outcome.barrier) /* a thread got no processor for a second */
            inside_at_a_kick = 0;
        cap_freeze_thaw(freeze);
    }
    CHECK(first_kicks >= 99);
    CHECK_EQ_U64(inside_at_a_kick, 0);
    cap_freeze_free(freeze);
    rig_end();
}

static void park_and_stay(struct cap_source *source, uint32_t id) {
    cap_board_ack(source->board, id, cap_board_wanted(source->board));
}

static void t5_barrier_ends_at_its_deadline_and_the_next_freeze_copes(void) {
    struct cap_source_ops ops = rig_ops;
    struct cap_freeze_limits limits = {.timeout_ns = RIG_LIMIT_NS};
    struct cap_freeze_outcome outcome;
    struct dc_error err;
    ops.kick = park_and_stay;
    rig_make(2);
    rig.source.ops = &ops;
    struct cap_freeze *freeze = cap_freeze_new(&rig.source, &err);
    cap_freeze_begin(freeze, &limits, &outcome);
    CHECK(outcome.barrier);
    cap_freeze_thaw(freeze);
    cap_board_leave(rig.board, 0, outcome.epoch); /* the other one never does */
    uint64_t start = cap_now_ns();
    cap_freeze_begin(freeze, &limits, &outcome);
    CHECK(cap_now_ns() - start >= CAP_NS_PER_S);
    CHECK(!outcome.barrier);
    CHECK_EQ_U64(outcome.end, CAP_FREEZE_COMPLETE);
    CHECK_EQ_U64(outcome.parked, 2);
    cap_freeze_thaw(freeze);
    cap_freeze_free(freeze);
    rig_start(); /* so that there is something to end */
    rig_end();
}

/* ---- the way of a priority out of a freeze ---- */

/* Stands between the program and the kernel's scheduler, so that no permission is needed. */
static struct {
    _Atomic uint32_t changes; /* so far: by which the order is told */
    _Atomic uint32_t drops;   /* by threads, of their own priority */
    _Atomic uint32_t dropped_at, raised_at;
    atomic_bool gated; /* the next drop posts `at_drop` and waits for `go` */
    sem_t at_drop, go;
} scheduler;

int sched_setscheduler(pid_t pid, int policy, const struct sched_param *param) {
    (void)param;
    if (policy == SCHED_RR) {
        atomic_store(&scheduler.raised_at, atomic_fetch_add(&scheduler.changes, 1) + 1);
    } else if (pid == 0) {
        atomic_fetch_add(&scheduler.drops, 1);
        if (atomic_exchange(&scheduler.gated, false)) {
            sem_post(&scheduler.at_drop);
            while (sem_wait(&scheduler.go) != 0)
                ;
        }
        atomic_store(&scheduler.dropped_at, atomic_fetch_add(&scheduler.changes, 1) + 1);
    }
    return 0;
}

/* One vCPU, parked for the epoch that is returned, with a priority that it owes. */
static uint32_t park_hurried(void) {
    atomic_store(&scheduler.drops, 0);
    rig_make(1);
    rig_start();
    rig_until(rig_all_inside, 0);
    CHECK_EQ_I64(cap_vcpu_hurry(&rig.vcpus[0], true), 0);
    return rig_freeze_by_one_kick();
}

static void *hurry_0(void *unused) {
    (void)unused;
    CHECK_EQ_I64(cap_vcpu_hurry(&rig.vcpus[0], true), 0);
    return NULL;
}

static void t9_priority_is_given_back_behind_the_park_and_raised_behind_that(void) {
    pthread_t coordinator;
    sem_init(&scheduler.at_drop, 0, 0);
    sem_init(&scheduler.go, 0, 0);
    uint32_t epoch = park_hurried();
    atomic_store(&scheduler.gated, true);
    cap_board_close(rig.board);
    while (sem_wait(&scheduler.at_drop) != 0)
        ;
    CHECK(
        rig_all_left(epoch)); /* the barrier waits for nobody who waits for a processor */
    epoch = cap_board_open(rig.board);
    if (!CHECK_EQ_I64(pthread_create(&coordinator, NULL, hurry_0, NULL), 0))
        exit(1);
    usleep(20000); /* for it to do what it must not */
    sem_post(&scheduler.go);
    pthread_join(coordinator, NULL);
    CHECK(atomic_load(&scheduler.raised_at) > atomic_load(&scheduler.dropped_at));
    CHECK_EQ_U64(atomic_load(&scheduler.drops), 1);
    cap_vcpu_kick(&rig.vcpus[0]);
    rig_until(rig_all_parked, epoch);
    rig_end();
}

static bool has_dropped(uint32_t times) {
    return atomic_load(&scheduler.drops) == times;
}

/* The coordinator is as fast as can be: it raises the thread when that has just left. */
static void t9_priority_is_kept_where_the_next_freeze_has_begun(void) {
    uint32_t epoch = park_hurried();
    pthread_mutex_lock(&rig.vcpus[0].rank);
    cap_board_close(rig.board);
    rig_until(rig_all_left, epoch);
    epoch = cap_board_open(rig.board);
    pthread_mutex_unlock(&rig.vcpus[0].rank);
    rig_until(rig_all_parked, epoch);
    CHECK_EQ_U64(atomic_load(&scheduler.drops), 0);
    cap_board_close(rig.board);
    rig_until(rig_is_inside, 0);
    CHECK(has_dropped(1)); /* never into the guest with it */
    rig_end();
}

/* Whoever was never raised keeps what the user gave it. */
static void t9_a_thread_that_nobody_raised_gives_nothing_back(void) {
    atomic_store(&scheduler.drops, 0);
    rig_make(RIG_VCPUS);
    rig_start();
    for (int i = 0; i < 5; i++) {
        uint32_t epoch = rig_freeze_by_one_kick();
        cap_board_close(rig.board);
        rig_until(rig_all_left, epoch);
        rig_until(rig_all_inside, 0);
    }
    CHECK(has_dropped(0));
    rig_end();
}

/* ---- the clock ---- */

static struct {
    unsigned gets, sets, told, bad;
    int get_errno, set_errno;
} kvm_clock;

#define CLOCK_FD (RIG_FD + 50)
#define CLOCK_NS UINT64_C(123456789)

static int clock_ioctl(int fd, unsigned long request, void *argument) {
    struct kvm_clock_data *data = argument;
    if (fd != CLOCK_FD)
        return aid_real_ioctl(fd, request, argument);
    int error = 0;
    if (request == KVM_GET_CLOCK) {
        kvm_clock.gets++;
        *data = (struct kvm_clock_data){.clock = CLOCK_NS, .flags = 0xe, .realtime = 5};
        error = kvm_clock.get_errno;
    } else if (request == KVM_SET_CLOCK) {
        kvm_clock.sets++;
        kvm_clock.bad += data->clock != CLOCK_NS || data->flags != 0 ||
                         data->realtime != 0 || data->host_tsc != 0;
        error = kvm_clock.set_errno;
    } else {
        kvm_clock.told++;
    }
    errno = error;
    return error ? -1 : 0;
}

static void t6_guest_clock_is_restored_once_for_each_freeze(void) {
    struct cap_guest_clock clock = {.vm = CLOCK_FD};
    kvm_clock.gets = kvm_clock.sets = kvm_clock.bad = 0;
    aid_ioctl = clock_ioctl;
    cap_guest_clock_restore(&clock); /* nothing was saved */
    CHECK_EQ_U64(kvm_clock.sets, 0);
    for (unsigned i = 1; i <= 3; i++) {
        cap_guest_clock_save(&clock);
        CHECK(clock.facts.saved && !clock.facts.restored);
        cap_guest_clock_restore(&clock);
        cap_guest_clock_restore(&clock);
        CHECK(clock.facts.restored);
        CHECK_EQ_U64(kvm_clock.gets, i);
        CHECK_EQ_U64(kvm_clock.sets, i);
    }
    CHECK_EQ_U64(kvm_clock.bad, 0);
    kvm_clock.set_errno = EIO; /* tried once, said, and not tried again */
    cap_guest_clock_save(&clock);
    cap_guest_clock_restore(&clock);
    cap_guest_clock_restore(&clock);
    CHECK_EQ_U64(kvm_clock.sets, 4);
    CHECK_EQ_I64(clock.facts.error, EIO);
    CHECK(!clock.facts.restored);
    kvm_clock.get_errno = ENOTTY;
    cap_guest_clock_save(&clock);
    cap_guest_clock_restore(&clock);
    CHECK_EQ_U64(kvm_clock.sets, 4);
    kvm_clock.get_errno = kvm_clock.set_errno = 0;
    aid_ioctl = NULL;
}

/* ---- half-done accesses ---- */

/* The first exit is an IN, or a write to a device; a freeze comes before it is completed. */
static uint32_t frozen_at_exit;

static int access_then_run(struct stage *stage, uint32_t entry) {
    if (entry > 1)
        return 0;
    frozen_at_exit = cap_board_open(rig.board);
    cap_vcpu_kick(&rig.vcpus[0]);
    stage->run.exit_reason = KVM_EXIT_IO;
    stage->run.io.direction = KVM_EXIT_IO_IN;
    stage->run.io.port = GUEST_PORT_NOBODY;
    stage->run.io.size = 4;
    stage->run.io.count = 1;
    stage->run.io.data_offset = offsetof(struct kvm_run, padding);
    stage->half_done = true;
    return 1;
}

static void access_case(uint32_t fragments, bool sync, int drain_errno, int want_errno) {
    rig_make(1);
    rig.shared.sync_regs = sync;
    rig.stages[0].enter = access_then_run;
    rig.stages[0].fragments = fragments;
    rig.stages[0].drain_errno = drain_errno;
    rig_start();
    uint64_t limit = cap_now_ns() + RIG_LIMIT_NS;
    while (!cap_board_parked(rig.board, 0, 1) && cap_now_ns() < limit)
        usleep(100);
    CHECK_EQ_U64(frozen_at_exit, 1);
    const struct cap_slot *slot = &rig.board->seats[0].slot;
    if (CHECK(cap_board_parked(rig.board, 0, 1))) {
        CHECK_EQ_I64(slot->error, want_errno);
        if (want_errno == 0)
            CHECK_EQ_U64(slot->registers.general.rip, 0x1002); /* behind the IN */
        CHECK_EQ_U64(atomic_load(&rig.vcpus[0].accesses), 1 + fragments);
        CHECK_EQ_U64(rig.stages[0].run.immediate_exit, 0);
    }
    cap_board_close(rig.board);
    rig_until(rig_is_inside, 0);
    CHECK_EQ_U64(atomic_load(&rig.vcpus[0].accesses), 1 + fragments); /* no second time */
    CHECK_EQ_U64(rig.stages[0].rip, 0x1002);
    rig_end();
}

static void t7_pending_access_is_completed_before_registers_are_read(void) {
    access_case(0, true, 0, 0);
    access_case(0, false, 0, 0);
}

/* A park serves the fragments that its own KVM_RUNs bring, instead of dropping them. */
static void t7_fragments_of_an_access_are_not_lost(void) {
    access_case(1, true, 0, 0);
    access_case(3, true, 0, 0);
}

static void t7_completion_that_fails_is_said(void) {
    access_case(0, true, EFAULT, EFAULT);
    access_case(0, true, EAGAIN, 0); /* tried again */
}

/* ---- without help ---- */

static void t8_without_capabilities_registers_are_read_by_ioctl(void) {
    rig_make(2);
    rig.shared.sync_regs = false;
    rig.stages[1].regs_errno = ENXIO;
    rig_start();
    uint32_t epoch = rig_freeze_by_one_kick();
    const struct cap_slot *slot = &rig.board->seats[0].slot;
    CHECK_EQ_I64(slot->error, 0);
    CHECK_EQ_U64(slot->registers.general.rip, 0x1000);
    CHECK_EQ_U64(slot->registers.system.cr3, 0x1000);
    CHECK(!slot->registers.has_mp_state); /* nor is KVM_CAP_MP_STATE there */
    CHECK_EQ_I64(rig.board->seats[1].slot.error, ENXIO); /* parked, and said */
    cap_board_close(rig.board);
    rig_until(rig_all_left, epoch);
    rig_end();
}

/* Acknowledges at its second kick, and rings for nobody. */
static uint32_t kicks_of_1;

static void ack_silently(struct cap_source *source, uint32_t id) {
    uint32_t epoch = cap_board_wanted(source->board);
    if (id == 1 && ++kicks_of_1 == 1)
        return;
    atomic_store(&source->board->seats[id].acked, epoch);
}

/* Wake-ups decide nothing: where they are lost, each side looks again by itself. */
static void t8_lost_wakeups_of_the_coordinator_only_cost_time(void) {
    struct cap_source_ops ops = rig_ops;
    struct cap_freeze_limits limits = {.timeout_ns = RIG_LIMIT_NS};
    struct cap_freeze_outcome outcome;
    struct dc_error err;
    ops.kick = ack_silently;
    kicks_of_1 = 0;
    rig_make(2);
    rig.source.ops = &ops;
    struct cap_freeze *freeze = cap_freeze_new(&rig.source, &err);
    cap_freeze_begin(freeze, &limits, &outcome);
    CHECK_EQ_U64(outcome.end, CAP_FREEZE_COMPLETE);
    CHECK_EQ_U64(outcome.rekicks, 1);
    cap_freeze_thaw(freeze);
    cap_freeze_free(freeze);
    rig_start();
    rig_end();
}

static void t8_lost_wakeups_of_a_park_only_cost_time(void) {
    rig_make(RIG_VCPUS);
    rig_start();
    uint32_t epoch = rig_freeze_by_one_kick();
    atomic_store(&rig.board->frozen, 0); /* a thaw that wakes nobody */
    rig_until(rig_all_left, epoch);
    rig_until(rig_all_inside, 0);
    rig_end();
}

int main(void) {
    UNIT_RUN(t1_each_park_acknowledges_exactly_once);
    UNIT_RUN(t2_kill_releases_a_park_and_nobody_enters_the_guest_again);
    UNIT_RUN(t3_one_thaw_releases_all);
    UNIT_RUN(t4_after_the_barrier_nobody_is_parked);
    UNIT_RUN(t5_barrier_ends_at_its_deadline_and_the_next_freeze_copes);
    UNIT_RUN(t6_guest_clock_is_restored_once_for_each_freeze);
    UNIT_RUN(t7_pending_access_is_completed_before_registers_are_read);
    UNIT_RUN(t7_fragments_of_an_access_are_not_lost);
    UNIT_RUN(t7_completion_that_fails_is_said);
    UNIT_RUN(t8_without_capabilities_registers_are_read_by_ioctl);
    UNIT_RUN(t8_lost_wakeups_of_the_coordinator_only_cost_time);
    UNIT_RUN(t8_lost_wakeups_of_a_park_only_cost_time);
    UNIT_RUN(t9_priority_is_given_back_behind_the_park_and_raised_behind_that);
    UNIT_RUN(t9_priority_is_kept_where_the_next_freeze_has_begun);
    UNIT_RUN(t9_a_thread_that_nobody_raised_gives_nothing_back);
    return unit_done();
}
