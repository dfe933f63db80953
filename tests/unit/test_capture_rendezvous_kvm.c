/*
 * Rendezvous, park and thaw on real KVM: what only the kernel can prove. Skipped by name
 * where it is missing. The table of properties is in test_capture_rendezvous.c.
 */
#include "tests/unit/machine_aid.h"

#include <errno.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <semaphore.h>

#include "capture/boot.h"
#include "capture/clock.h"
#include "capture/guests/guest.h"
#include "capture/report.h"
#include "tests/unit/ioctl_aid.h"

#define VCPUS 4
#define LIMIT_NS (60 * CAP_NS_PER_S)

/* ---- what the program asks of KVM ---- */

enum { OPEN, WAITING, PASSED };

static struct {
    _Atomic uint32_t runs, gets, sets, tells, bad;
    _Atomic int gate;    /* WAITING: the next KVM_RUN stops before it begins */
    _Atomic int failing; /* errno of the next KVM_RUN of vCPU 1 */
} asked;
static sem_t at_gate, go;

static void pass_gate(void) {
    int waiting = WAITING;
    if (!atomic_compare_exchange_strong(&asked.gate, &waiting, PASSED))
        return;
    sem_post(&at_gate);
    while (sem_wait(&go) != 0) /* a signal that comes here is gone */
        ;
}

static bool must_fail(void) {
    char name[16] = "";
    int error = atomic_load(&asked.failing);
    if (error == 0)
        return false;
    pthread_getname_np(pthread_self(), name, sizeof(name));
    if (strcmp(name, "vcpu-1") != 0)
        return false;
    atomic_store(&asked.failing, 0);
    errno = error;
    return true;
}

static int spy(int fd, unsigned long request, void *argument) {
    const struct kvm_clock_data *data = argument;
    if (request == KVM_RUN) {
        atomic_fetch_add(&asked.runs, 1);
        pass_gate();
        if (must_fail())
            return -1;
    }
    if (request == KVM_SET_CLOCK)
        atomic_fetch_add(&asked.bad, data->flags != 0);
    atomic_fetch_add(&asked.gets, request == KVM_GET_CLOCK);
    atomic_fetch_add(&asked.sets, request == KVM_SET_CLOCK);
    atomic_fetch_add(&asked.tells, request == KVM_KVMCLOCK_CTRL);
    return aid_real_ioctl(fd, request, argument);
}

/* ---- a machine ---- */

static bool begin(struct bench *bench, const char *guest, uint32_t vcpus) {
    aid_ioctl = spy;
    atomic_store(&asked.gate, OPEN);
    return bench_set_up(bench, &(struct bench_wish){.guest = guest, .vcpus = vcpus});
}

static uint64_t turns_at(const struct bench *bench, uint32_t id) {
    return bench_symbol(bench, "turns") + UINT64_C(64) * id;
}

static bool all_parked(const struct bench *bench, uint32_t epoch) {
    for (uint32_t id = 0; id < bench->source->board->count; id++)
        if (!cap_board_parked(bench->source->board, id, epoch))
            return false;
    return true;
}

static bool all_left(const struct bench *bench, uint32_t epoch) {
    for (uint32_t id = 0; id < bench->source->board->count; id++)
        if (!cap_board_left(bench->source->board, id, epoch))
            return false;
    return true;
}

static void wait_until(const struct bench *bench,
                       bool (*holds)(const struct bench *bench, uint32_t epoch),
                       uint32_t epoch) {
    uint64_t limit = cap_now_ns() + LIMIT_NS;
    while (!holds(bench, epoch) && cap_now_ns() < limit)
        usleep(200);
    CHECK(holds(bench, epoch));
}

/* One kick for each, which is not repeated: one that is lost is a failed check. */
static uint32_t freeze_by_one_kick(const struct bench *bench) {
    uint32_t epoch = cap_board_open(bench->source->board);
    for (uint32_t id = 0; id < bench->source->board->count; id++)
        bench->source->ops->kick(bench->source, id);
    wait_until(bench, all_parked, epoch);
    return epoch;
}

static void thaw(const struct bench *bench, uint32_t epoch) {
    bench->source->ops->thaw(bench->source);
    wait_until(bench, all_left, epoch);
}

/* ---- kicks ---- */

/* The vCPU stands between its look at the board and KVM_RUN when the kick comes, and the
   signal does its work there. */
static void r5_r7_kick_before_kvm_run_is_not_lost(void) {
    struct bench bench;
    NEED_KVM;
    sem_init(&at_gate, 0, 0);
    sem_init(&go, 0, 0);
    if (begin(&bench, "demo:spin", 1)) {
        for (int i = 0; i < 10; i++) {
            bench_wait_for_change(&bench, turns_at(&bench, 0),
                                  bench_u64(&bench, turns_at(&bench, 0)));
            atomic_store(&asked.gate, WAITING);
            bench.source->ops->kick(bench.source, 0); /* to get it there */
            while (sem_wait(&at_gate) != 0)
                ;
            uint32_t epoch = cap_board_open(bench.source->board);
            bench.source->ops->kick(bench.source, 0);
            sem_post(&go);
            wait_until(&bench, all_parked, epoch);
            thaw(&bench, epoch);
        }
    }
    bench_tear_down(&bench);
    sem_destroy(&at_gate);
    sem_destroy(&go);
}

static void r6_one_kick_stops_a_vcpu_in_the_guest(void) {
    struct bench bench;
    NEED_KVM;
    if (begin(&bench, "demo:spin", VCPUS))
        for (int i = 0; i < 30; i++) {
            for (uint32_t id = 0; id < VCPUS; id++)
                bench_wait_for_change(&bench, turns_at(&bench, id),
                                      bench_u64(&bench, turns_at(&bench, id)));
            thaw(&bench, freeze_by_one_kick(&bench));
        }
    bench_tear_down(&bench);
}

static bool all_others_halt(const struct bench *bench) {
    for (uint32_t id = 1; id < VCPUS; id++)
        if (bench_registers(bench, id)->mp_state != KVM_MP_STATE_HALTED)
            return false;
    return true;
}

static void r6_one_kick_stops_a_vcpu_that_idles_in_hlt(void) {
    struct bench bench;
    uint64_t limit = cap_now_ns() + LIMIT_NS;
    int halted = 0;
    NEED_KVM;
    if (begin(&bench, "demo:halt", VCPUS))
        while (halted < 10 && cap_now_ns() < limit) {
            uint32_t epoch = freeze_by_one_kick(&bench);
            halted += all_others_halt(&bench);
            if (halted > 0)
                CHECK(all_others_halt(&bench));
            thaw(&bench, epoch);
        }
    CHECK_EQ_I64(halted, 10);
    bench_tear_down(&bench);
}

/* The kicks that come when all are parked leave the byte set. */
static void r8_late_kicks_do_not_keep_the_guest_from_running(void) {
    struct bench bench;
    NEED_KVM;
    if (begin(&bench, "demo:spin", VCPUS))
        for (int i = 0; i < 10; i++) {
            uint64_t seen[VCPUS];
            uint32_t epoch = freeze_by_one_kick(&bench);
            for (uint32_t id = 0; id < VCPUS; id++) {
                bench.source->ops->kick(bench.source, id);
                seen[id] = bench_u64(&bench, turns_at(&bench, id));
            }
            thaw(&bench, epoch);
            for (uint32_t id = 0; id < VCPUS; id++) {
                bench_wait_for_change(&bench, turns_at(&bench, id), seen[id]);
                CHECK(bench_u64(&bench, turns_at(&bench, id)) > seen[id]);
            }
        }
    bench_tear_down(&bench);
}

/* ---- vCPUs that run no more ---- */

static void r13_r15_guest_that_has_ended_parks(void) {
    struct bench bench;
    uint64_t limit = cap_now_ns() + LIMIT_NS;
    NEED_KVM;
    if (begin(&bench, "demo:clean", VCPUS)) {
        while (bench.source->ops->life(bench.source, NULL) == CAP_RUNNING &&
               cap_now_ns() < limit)
            usleep(200);
        CHECK_EQ_U64(bench.source->ops->life(bench.source, NULL), CAP_ENDED);
        for (int i = 0; i < 3; i++) {
            uint32_t epoch = freeze_by_one_kick(&bench);
            CHECK_EQ_I64(bench.source->board->seats[0].slot.error, 0);
            CHECK(bench_registers(&bench, 0)->general.rip >= GUEST_MEMORY_START);
            thaw(&bench, epoch);
        }
    }
    bench_tear_down(&bench);
}

/* Neither tried for ever nor taken for a kill: the report says who, and which errno. */
static void c14_kvm_run_that_fails_is_reported(void) {
    char text[CAP_CRASH_TEXT];
    NEED_KVM;
    struct cap_options options = CAP_OPTIONS_DEFAULT;
    options.guest = "demo:spin";
    aid_ioctl = spy;
    atomic_store(&asked.failing, EIO);
    struct aid_run run = aid_capture(&options);
    const struct aid_document *document = aid_document(&run.documents, NULL);
    if (CHECK(document != NULL)) {
        CHECK_EQ_U64(document->result.outcome, CAP_CRASHED);
        CHECK_EQ_U64(document->result.event_vcpu, 1);
        CHECK_EQ_U64(document->result.parked, 4);
        CHECK_STR(cap_crash_text(&document->result.vcpus[1], text),
                  "KVM_RUN failed: Input/output error");
    }
    CHECK_EQ_U64(run.documents.count, 1);
    aid_documents_free(&run.documents);
}

static void c14_soft_errors_of_kvm_run_are_tried_again(void) {
    static const int errors[] = {EAGAIN, EINTR};
    NEED_KVM;
    for (size_t i = 0; i < 2; i++) {
        struct cap_options options = CAP_OPTIONS_DEFAULT;
        aid_ioctl = spy;
        atomic_store(&asked.failing, errors[i]);
        struct aid_run run = aid_capture(&options);
        const struct aid_document *document = aid_document(&run.documents, NULL);
        CHECK_EQ_I64(atomic_load(&asked.failing), 0);
        if (CHECK(document != NULL))
            CHECK_EQ_U64(document->result.outcome, CAP_COMPLETE);
        aid_documents_free(&run.documents);
    }
}

/* ---- parks ---- */

static void t2_kill_of_a_frozen_machine_runs_nobody(void) {
    struct bench bench;
    NEED_KVM;
    for (int i = 0; i < 5; i++) {
        if (begin(&bench, "demo:spin", VCPUS)) {
            uint64_t seen[VCPUS];
            (void)freeze_by_one_kick(&bench);
            uint32_t runs = atomic_load(&asked.runs);
            for (uint32_t id = 0; id < VCPUS; id++)
                seen[id] = bench_u64(&bench, turns_at(&bench, id));
            CHECK_EQ_I64(bench.source->ops->stop(bench.source, NULL), 0);
            CHECK_EQ_U64(atomic_load(&asked.runs), runs);
            for (uint32_t id = 0; id < VCPUS; id++)
                CHECK_EQ_U64(bench_u64(&bench, turns_at(&bench, id)), seen[id]);
        }
        bench_tear_down(&bench);
    }
}

/* In whole captures: full ones save it and set it back, degraded ones do neither. */
static void t6_clock_is_set_back_once_for_each_full_freeze(void) {
    static uint32_t ids[] = {1};
    NEED_KVM;
    for (int stuck = 0; stuck <= 1; stuck++) {
        struct cap_options options = CAP_OPTIONS_DEFAULT;
        options.guest = "demo:spin";
        options.triggers = 0;
        options.every_ms = 20;
        options.count = 2;
        options.timeout_ms = stuck ? 200 : 30000;
        if (stuck)
            options.inject.stuck = (struct cap_id_list){ids, 1};
        aid_ioctl = spy;
        atomic_store(&asked.gets, 0);
        atomic_store(&asked.sets, 0);
        atomic_store(&asked.tells, 0);
        struct aid_run run = aid_capture(&options);
        CHECK_EQ_U64(run.documents.count, 2);
        CHECK_EQ_U64(atomic_load(&asked.gets), stuck ? 0 : 2);
        CHECK_EQ_U64(atomic_load(&asked.sets), stuck ? 0 : 2);
        CHECK_EQ_U64(atomic_load(&asked.tells), stuck ? 0 : 8);
        CHECK_EQ_U64(atomic_load(&asked.bad), 0);
        aid_documents_free(&run.documents);
    }
}

/* The guest counts the accesses that it has done; the vCPU those that it has served. */
static void t7_access_that_a_freeze_interrupts_happens_once(void) {
    struct bench bench;
    NEED_KVM;
    if (begin(&bench, "demo:storm", VCPUS))
        for (int i = 0; i < 50; i++) {
            uint32_t epoch = freeze_by_one_kick(&bench);
            for (uint32_t id = 0; id < VCPUS; id++) {
                struct cap_vcpu_facts facts;
                uint64_t done = bench_u64(&bench, turns_at(&bench, id));
                bench.source->ops->collect(bench.source, id, &facts);
                CHECK(facts.accesses >= done && facts.accesses - done <= 2);
                CHECK_EQ_U64(facts.life, CAP_RUNNING);
            }
            thaw(&bench, epoch);
        }
    bench_tear_down(&bench);
}

int main(void) {
    UNIT_RUN(r5_r7_kick_before_kvm_run_is_not_lost);
    UNIT_RUN(r6_one_kick_stops_a_vcpu_in_the_guest);
    UNIT_RUN(r6_one_kick_stops_a_vcpu_that_idles_in_hlt);
    UNIT_RUN(r8_late_kicks_do_not_keep_the_guest_from_running);
    UNIT_RUN(r13_r15_guest_that_has_ended_parks);
    UNIT_RUN(c14_kvm_run_that_fails_is_reported);
    UNIT_RUN(c14_soft_errors_of_kvm_run_are_tried_again);
    UNIT_RUN(t2_kill_of_a_frozen_machine_runs_nobody);
    UNIT_RUN(t6_clock_is_set_back_once_for_each_full_freeze);
    UNIT_RUN(t7_access_that_a_freeze_interrupts_happens_once);
    return unit_done();
}
