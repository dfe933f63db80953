#include "tests/bench/floor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/boot.h"
#include "capture/clock.h"
#include "capture/futex.h"
#include "capture/priority.h"

#define MEMORY (UINT64_C(32) << 20)
#define TSS_ADDRESS UINT64_C(0xfffbd000)
#define SYNC_SETS (KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS)
#define SIGNAL SIGURG
#define WAIT_NS CAP_NS_PER_S

struct processor {
    struct floor *floor;
    int fd;
    struct kvm_run *run;
    pthread_t thread;
    bool started;
    _Atomic int32_t tid;
    _Alignas(64) struct kvm_sync_regs registers;
};

struct floor {
    int kvm, vm;
    uint32_t count;
    size_t run_bytes;
    uint8_t *memory;
    struct processor *processors;
    uint32_t stops;           /* so far */
    _Atomic uint32_t stop;    /* not 0: stand still for this one; a futex */
    _Atomic uint32_t arrived; /* in this stop */
    _Atomic uint32_t all;     /* a futex; counts stops that are complete */
    atomic_bool quit;
    struct sigaction old_action;
};

/* 1: inc %rax; jmp 1b */
static const uint8_t code[] = {0x48, 0xff, 0xc0, 0xeb, 0xfb};

static void on_signal(int number) {
    (void)number;
}

/* ---- a vCPU ---- */

static void park(struct processor *self, uint32_t stop) {
    struct floor *floor = self->floor;

    self->run->kvm_valid_regs = SYNC_SETS;
    self->run->immediate_exit = 1;
    (void)ioctl(self->fd, KVM_RUN, 0);
    self->run->kvm_valid_regs = 0;
    self->registers = self->run->s.regs;
    if (atomic_fetch_add(&floor->arrived, 1) + 1 == floor->count) {
        atomic_fetch_add(&floor->all, 1);
        cap_futex_wake_all(&floor->all);
    }
    /* One that is slow to wake may find itself in the next stop. */
    while (atomic_load(&floor->stop) == stop && !atomic_load(&floor->quit))
        cap_futex_wait(&floor->stop, stop, WAIT_NS);
    cap_priority_drop(0);
}

static void *processor_main(void *arg) {
    struct processor *self = arg;
    struct floor *floor = self->floor;

    atomic_store(&self->tid, gettid());
    while (!atomic_load(&floor->quit)) {
        __atomic_store_n(&self->run->immediate_exit, 0, __ATOMIC_SEQ_CST);
        uint32_t stop = atomic_load(&floor->stop);
        if (stop)
            park(self, stop);
        else
            (void)ioctl(self->fd, KVM_RUN, 0);
    }
    return NULL;
}

static void kick(struct processor *processor) {
    __atomic_store_n(&processor->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
    pthread_kill(processor->thread, SIGNAL);
}

/* ---- a stop ---- */

void floor_thaw(struct floor *floor) {
    atomic_store(&floor->arrived, 0);
    atomic_store(&floor->stop, 0);
    cap_futex_wake_all(&floor->stop);
}

uint64_t floor_freeze(struct floor *floor) {
    uint64_t began = cap_now_ns();
    uint32_t before = atomic_load(&floor->all);
    struct cap_priority was;

    cap_priority_raise_self(&was, CAP_PRIORITY_COORDINATOR);
    atomic_store(&floor->stop, ++floor->stops);
    for (uint32_t id = 0; id < floor->count; id++) {
        cap_priority_raise(atomic_load(&floor->processors[id].tid), CAP_PRIORITY_VCPU);
        kick(&floor->processors[id]);
    }
    while (atomic_load(&floor->all) == before)
        cap_futex_wait(&floor->all, before, WAIT_NS);
    uint64_t took = cap_now_ns() - began;
    cap_priority_restore_self(&was);
    return took;
}

/* ---- the machine ---- */

static int open_machine(struct floor *self, struct dc_error *err) {
    struct guest_boot boot = {.cpus = self->count, .memory_bytes = MEMORY};
    struct kvm_userspace_memory_region region = {.memory_size = MEMORY};

    self->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    self->vm = self->kvm < 0 ? -1 : ioctl(self->kvm, KVM_CREATE_VM, 0);
    if (self->vm < 0)
        return dc_fail_errno(err, DC_ECANNOT, errno, "KVM cannot create a machine");
    if ((ioctl(self->kvm, KVM_CHECK_EXTENSION, KVM_CAP_SYNC_REGS) & SYNC_SETS) !=
        SYNC_SETS)
        return dc_fail(err, DC_ECANNOT, "KVM_RUN copies no registers here");
    (void)ioctl(self->vm, KVM_SET_TSS_ADDR, TSS_ADDRESS);
    self->memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (self->memory == MAP_FAILED) {
        self->memory = NULL;
        return dc_fail_errno(err, DC_ENOMEM, errno, "no memory for the machine");
    }
    region.userspace_addr = (uintptr_t)self->memory;
    if (ioctl(self->vm, KVM_SET_USER_MEMORY_REGION, &region))
        return dc_fail_errno(err, DC_EINTERNAL, errno, "KVM takes no memory");
    cap_boot_write(self->memory, &boot);
    memcpy(self->memory + GUEST_MEMORY_START, code, sizeof(code));
    int bytes = ioctl(self->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    self->run_bytes = bytes > 0 ? (size_t)bytes : 0;
    return 0;
}

static int open_processor(struct floor *self, uint32_t id, struct dc_error *err) {
    struct processor *one = &self->processors[id];
    struct guest_boot boot = {.cpus = self->count, .memory_bytes = MEMORY};
    struct cap_entry entry = cap_boot_entry(&boot, GUEST_MEMORY_START, id);
    struct kvm_sregs sregs;
    struct kvm_regs regs;

    one->floor = self;
    one->fd = ioctl(self->vm, KVM_CREATE_VCPU, (unsigned long)id);
    void *run = one->fd < 0 ? MAP_FAILED
                            : mmap(NULL, self->run_bytes, PROT_READ | PROT_WRITE,
                                   MAP_SHARED, one->fd, 0);
    if (run == MAP_FAILED)
        return dc_fail_errno(err, DC_ECANNOT, errno, "KVM cannot create vCPU %u", id);
    one->run = run;
    if (ioctl(one->fd, KVM_GET_SREGS, &sregs))
        return dc_fail_errno(err, DC_EINTERNAL, errno, "KVM_GET_SREGS failed");
    cap_entry_user(&entry, &sregs, &regs);
    if (ioctl(one->fd, KVM_SET_SREGS, &sregs) || ioctl(one->fd, KVM_SET_REGS, &regs))
        return dc_fail_errno(err, DC_EINTERNAL, errno, "KVM refused registers");
    int error = pthread_create(&one->thread, NULL, processor_main, one);
    if (error)
        return dc_fail_errno(err, DC_ECANNOT, error, "cannot start a thread");
    one->started = true;
    while (atomic_load(&one->tid) == 0)
        usleep(100);
    return 0;
}

/* They are born into a stop. */
static int start(struct floor *self, struct dc_error *err) {
    struct sigaction action = {.sa_handler = on_signal};

    sigemptyset(&action.sa_mask);
    sigaction(SIGNAL, &action, &self->old_action);
    atomic_store(&self->stop, ++self->stops);
    for (uint32_t id = 0; id < self->count; id++)
        if (open_processor(self, id, err))
            return -1;
    while (atomic_load(&self->arrived) < self->count)
        usleep(100);
    return 0;
}

struct floor *floor_new(uint32_t vcpus, struct dc_error *err) {
    struct floor *self = calloc(1, sizeof(*self));
    if (!self) {
        dc_fail(err, DC_ENOMEM, "no memory for the floor");
        return NULL;
    }
    self->count = vcpus;
    self->kvm = self->vm = -1;
    self->processors =
        aligned_alloc(_Alignof(struct processor), vcpus * sizeof(struct processor));
    if (self->processors)
        memset(self->processors, 0, vcpus * sizeof(struct processor));
    if (!self->processors)
        dc_fail(err, DC_ENOMEM, "no memory for the floor");
    if (!self->processors || open_machine(self, err) || start(self, err)) {
        floor_free(self);
        return NULL;
    }
    return self;
}

static void end_processor(struct floor *self, struct processor *one) {
    if (one->started) {
        kick(one);
        pthread_join(one->thread, NULL);
    }
    if (one->run)
        munmap(one->run, self->run_bytes);
    if (one->run || one->fd > 0)
        close(one->fd);
}

void floor_free(struct floor *floor) {
    if (!floor)
        return;
    atomic_store(&floor->quit, true);
    floor_thaw(floor);
    for (uint32_t id = 0; floor->processors && id < floor->count; id++)
        end_processor(floor, &floor->processors[id]);
    if (floor->memory)
        munmap(floor->memory, MEMORY);
    if (floor->vm >= 0)
        close(floor->vm);
    if (floor->kvm >= 0)
        close(floor->kvm);
    free(floor->processors);
    free(floor);
}
