/*
 * vcpu_aid: the real threads of vcpu.c on a KVM that the test plays, so that the order of
 * kick, signal and KVM_RUN is exact, and ThreadSanitizer sees it all.
 *
 * The played KVM_RUN is as the kernel's: first it completes what the exit before left half
 * done, then it looks at immediate_exit, then the guest runs until a signal or an exit of
 * its script. Signals are blocked from the look to the sleep, so that none falls between.
 *
 * To be included by one file of a test program (see ioctl_aid.h).
 */
#ifndef TESTS_UNIT_VCPU_AID_H
#define TESTS_UNIT_VCPU_AID_H

#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>

#include "capture/clock.h"
#include "capture/freeze.h"
#include "capture/futex.h"
#include "capture/vcpu.h"
#include "tests/unit/ioctl_aid.h"
#include "tests/unit/unit.h"

#define RIG_VCPUS 4
#define RIG_FD 100000 /* no descriptor that is open */
#define RIG_LIMIT_NS (60 * CAP_NS_PER_S)

struct stage;

/* What the guest does when it is entered for the n-th time (from 1): fills run and returns 1
   for an exit; -1 with errno for a KVM_RUN that fails; 0: it runs until a signal. */
typedef int stage_enter_fn(struct stage *stage, uint32_t entry);

/* The played side of one vCPU. */
struct stage {
    uint32_t id;
    struct kvm_run run;
    stage_enter_fn *enter; /* NULL: always 0 */
    bool half_done;        /* an exit that the next KVM_RUN completes */
    uint32_t fragments;    /* MMIO exits that completing it makes */
    uint32_t entries;      /* so many times the guest was entered; its thread's */
    uint64_t rip;          /* its thread's */
    int drain_errno;       /* of a KVM_RUN with immediate_exit, once; 0: EINTR */
    int regs_errno;        /* of KVM_GET_REGS */
    bool gated;            /* each KVM_RUN posts `at_gate` and waits for `go` */
    sem_t at_gate, go;
    _Atomic uint32_t runs;   /* calls of KVM_RUN */
    _Atomic uint32_t inside; /* in the guest now */
};

struct rig {
    struct cap_source source; /* first */
    uint32_t count;
    struct cap_board *board;
    struct cap_watches watches;
    struct cap_vcpu_shared shared;
    struct cap_vcpu vcpus[RIG_VCPUS];
    struct stage stages[RIG_VCPUS];
    struct sigaction old;
    uint32_t thaws;
};

static struct rig rig;

/* ---- the played KVM ---- */

static inline void stage_registers(struct stage *stage, struct kvm_regs *regs) {
    *regs = (struct kvm_regs){.rip = stage->rip, .rsp = stage->rip, .r15 = stage->rip};
}

static inline void stage_pass_gate(struct stage *stage) {
    if (!stage->gated)
        return;
    sem_post(&stage->at_gate);
    while (sem_wait(&stage->go) != 0) /* a signal that comes here is gone */
        ;
}

static inline int stage_fragment(struct stage *stage) {
    stage->fragments--;
    stage->run.exit_reason = KVM_EXIT_MMIO;
    stage->run.mmio.phys_addr = UINT64_C(0xd0000000);
    stage->run.mmio.len = 4;
    stage->run.mmio.is_write = 1;
    return 0;
}

static inline int stage_stay(struct stage *stage, const sigset_t *old) {
    int what = stage->enter ? stage->enter(stage, ++stage->entries) : 0;
    if (what != 0)
        return what > 0 ? 0 : -1;
    atomic_store(&stage->inside, 1);
    ppoll(NULL, 0, NULL, old);
    atomic_store(&stage->inside, 0);
    errno = EINTR;
    return -1;
}

static inline int stage_run_blocked(struct stage *stage, const sigset_t *old) {
    if (stage->half_done) {
        if (stage->fragments > 0)
            return stage_fragment(stage);
        stage->half_done = false;
        stage->rip += 2;
    }
    if (stage->run.kvm_valid_regs)
        stage_registers(stage, &stage->run.s.regs.regs);
    if (__atomic_load_n(&stage->run.immediate_exit, __ATOMIC_SEQ_CST)) {
        errno = stage->drain_errno ? stage->drain_errno : EINTR;
        stage->drain_errno = 0;
        return -1;
    }
    return stage_stay(stage, old);
}

static inline int stage_run(struct stage *stage) {
    sigset_t kick, old;
    atomic_fetch_add(&stage->runs, 1);
    stage_pass_gate(stage);
    sigemptyset(&kick);
    sigaddset(&kick, SIGURG);
    pthread_sigmask(SIG_BLOCK, &kick, &old);
    int result = stage_run_blocked(stage, &old);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = error;
    return result;
}

static inline int stage_ioctl(int fd, unsigned long request, void *argument) {
    if (fd < RIG_FD || fd >= RIG_FD + RIG_VCPUS)
        return aid_real_ioctl(fd, request, argument);
    struct stage *stage = &rig.stages[fd - RIG_FD];
    switch (request) {
    case KVM_RUN:
        return stage_run(stage);
    case KVM_GET_REGS:
        stage_registers(stage, argument);
        errno = stage->regs_errno;
        return stage->regs_errno ? -1 : 0;
    case KVM_GET_SREGS:
        *(struct kvm_sregs *)argument = (struct kvm_sregs){.cr3 = stage->rip};
        return 0;
    default: /* KVM_GET_MP_STATE: a host without it */
        errno = ENOTTY;
        return -1;
    }
}

/* ---- the source ---- */

static inline uint32_t rig_count(const struct cap_source *source) {
    return ((const struct rig *)source)->count;
}

static inline void rig_kick(struct cap_source *source, uint32_t id) {
    cap_vcpu_kick(&((struct rig *)source)->vcpus[id]);
}

static inline void rig_thaw(struct cap_source *source) {
    ((struct rig *)source)->thaws++;
    cap_board_close(source->board);
}

static const struct cap_source_ops rig_ops = {
    .vcpu_count = rig_count,
    .kick = rig_kick,
    .thaw = rig_thaw,
};

/* ---- life ---- */

static inline void rig_init_stage(uint32_t id) {
    struct stage *stage = &rig.stages[id];
    stage->id = id;
    stage->rip = 0x1000 * (id + 1);
    sem_init(&stage->at_gate, 0, 0);
    sem_init(&stage->go, 0, 0);
    rig.vcpus[id] = (struct cap_vcpu){
        .id = id, .fd = RIG_FD + (int)id, .run = &stage->run, .shared = &rig.shared};
}

/* `count` vCPUs whose threads do not run yet. */
static inline void rig_make(uint32_t count) {
    struct dc_error err;
    rig = (struct rig){.source = {.ops = &rig_ops}, .count = count};
    rig.source.board = rig.board = rig.shared.board = cap_board_new(count, &err);
    rig.shared.watches = &rig.watches;
    rig.shared.sync_regs = true;
    if (!CHECK(rig.board && cap_watches_open(&rig.watches, NULL, rig.board, &err) == 0))
        exit(1);
    for (uint32_t id = 0; id < count; id++)
        rig_init_stage(id);
    aid_ioctl = stage_ioctl;
    cap_vcpu_catch_kicks(&rig.old);
}

static inline void rig_start(void) {
    struct dc_error err;
    for (uint32_t id = 0; id < rig.count; id++)
        CHECK_EQ_I64(cap_vcpu_start(&rig.vcpus[id], &err), 0);
    atomic_store(&rig.shared.go, 1);
    cap_futex_wake_all(&rig.shared.go);
}

/* Waits until it holds; a failed check where it never does. */
static inline bool rig_until(bool (*holds)(uint32_t), uint32_t argument) {
    uint64_t limit = cap_now_ns() + RIG_LIMIT_NS;
    while (!holds(argument) && cap_now_ns() < limit)
        usleep(100);
    return CHECK(holds(argument));
}

static inline bool rig_is_inside(uint32_t id) {
    return atomic_load(&rig.stages[id].inside) == 1;
}

static inline bool rig_is_done(uint32_t id) {
    return atomic_load(&rig.vcpus[id].done);
}

static inline bool rig_all_inside(uint32_t unused) {
    (void)unused;
    for (uint32_t id = 0; id < rig.count; id++)
        if (!rig_is_inside(id))
            return false;
    return true;
}

static inline bool rig_all_parked(uint32_t epoch) {
    for (uint32_t id = 0; id < rig.count; id++)
        if (!cap_board_parked(rig.board, id, epoch))
            return false;
    return true;
}

static inline bool rig_all_left(uint32_t epoch) {
    for (uint32_t id = 0; id < rig.count; id++)
        if (!cap_board_left(rig.board, id, epoch))
            return false;
    return true;
}

/* A freeze whose kicks are not repeated: one that is lost is a failed check. */
static inline uint32_t rig_freeze_by_one_kick(void) {
    uint32_t epoch = cap_board_open(rig.board);
    for (uint32_t id = 0; id < rig.count; id++)
        cap_vcpu_kick(&rig.vcpus[id]);
    rig_until(rig_all_parked, epoch);
    return epoch;
}

static inline void rig_wait_gate(uint32_t id) {
    while (sem_wait(&rig.stages[id].at_gate) != 0)
        ;
}

static inline void rig_stop_threads(void) {
    atomic_store(&rig.shared.quit, true);
    cap_board_close(rig.board);
    for (uint32_t id = 0; id < rig.count; id++) {
        uint64_t limit = cap_now_ns() + RIG_LIMIT_NS;
        while (!rig_is_done(id) && cap_now_ns() < limit) {
            sem_post(&rig.stages[id].go);
            cap_vcpu_kick(&rig.vcpus[id]);
            usleep(1000);
        }
        if (!CHECK(rig_is_done(id)))
            exit(1); /* its memory is in use */
    }
}

static inline void rig_free(void) {
    for (uint32_t id = 0; id < rig.count; id++) {
        cap_vcpu_join(&rig.vcpus[id]);
        sem_destroy(&rig.stages[id].at_gate);
        sem_destroy(&rig.stages[id].go);
    }
    cap_vcpu_uncatch_kicks(&rig.old);
    aid_ioctl = NULL;
    cap_watches_close(&rig.watches);
    cap_board_free(rig.board);
}

static inline void rig_end(void) {
    rig_stop_threads();
    rig_free();
}

#endif
