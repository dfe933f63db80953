#include "capture/vcpu.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capture/clock.h"
#include "capture/futex.h"
#include "capture/guests/guest.h"
#include "capture/priority.h"
#include "capture/signals.h"

/*
 * A standard signal: one that is pending already swallows the next, so that a thread that
 * takes none collects no queue, and sending it cannot fail for want of room, whatever
 * RLIMIT_SIGPENDING says (a real-time signal fails with EAGAIN there). Of those, SIGURG
 * is the one that nobody sends otherwise and that does no harm where nobody catches it.
 */
#define CAP_KICK_SIGNAL SIGURG

#define STACK_BYTES (256 * 1024) /* a thousand threads must fit */
#define HOLD_SLICE_NS (100 * CAP_NS_PER_MS)
#define IDLE_LIMIT_US 1000000u
#define DRAIN_LIMIT 16 /* fragments of one instruction's I/O; x86 makes two */
#define EVENT_LIFE_SHIFT 32

static bool must_quit(const struct cap_vcpu *vcpu) {
    return atomic_load(&vcpu->shared->quit);
}

/* ---- coming to rest ---- */

/* The first vCPU that ends or fails decides what has become of the machine. */
static void come_to_rest(struct cap_vcpu *vcpu, enum cap_life life, int run_errno,
                         uint64_t detail) {
    uint64_t none = 0, event = (uint64_t)life << EVENT_LIFE_SHIFT | vcpu->id;

    atomic_store(&vcpu->run_errno, run_errno);
    atomic_store(&vcpu->detail, detail);
    if (run_errno == 0) /* also where a park finished the access that failed */
        atomic_store(&vcpu->exit_reason, vcpu->run->exit_reason);
    atomic_store(&vcpu->life, (uint32_t)life);
    if (life == CAP_HALTED)
        return;
    atomic_compare_exchange_strong(&vcpu->shared->event, &none, event);
    cap_board_ring(vcpu->shared->board);
}

static bool at_rest(const struct cap_vcpu *vcpu) {
    return atomic_load(&vcpu->life) != CAP_RUNNING;
}

/* ---- exits ---- */

static void count_access(struct cap_vcpu *vcpu) {
    atomic_fetch_add_explicit(&vcpu->accesses, 1, memory_order_relaxed);
}

static void handle_out(struct cap_vcpu *vcpu, uint16_t port, uint32_t value) {
    const struct cap_doorbell *bell = vcpu->shared->request;

    if (port == GUEST_PORT_END) {
        come_to_rest(vcpu, CAP_ENDED, 0, value);
    } else if (port == GUEST_PORT_IDLE) {
        uint32_t us = value < IDLE_LIMIT_US ? value : IDLE_LIMIT_US;
        cap_board_idle(vcpu->shared->board, us * CAP_NS_PER_US);
    } else if (port != GUEST_PORT_REQUEST) {
        count_access(vcpu);
    } else if (bell) {
        bell->ask(bell->context, vcpu->id, value);
    }
}

/* Ports that nobody listens on read as ones. */
static uint32_t handle_in(struct cap_vcpu *vcpu, uint16_t port) {
    const struct cap_doorbell *bell = vcpu->shared->request;

    if (port == GUEST_PORT_REQUEST)
        return bell ? bell->state(bell->context, vcpu->id) : GUEST_REQUEST_REFUSED;
    count_access(vcpu);
    return UINT32_MAX;
}

/* Of 1, 2 or 4 bytes; an instruction that repeats itself may bring several at once. */
static void handle_io(struct cap_vcpu *vcpu) {
    struct kvm_run *run = vcpu->run;
    uint8_t *data = (uint8_t *)run + run->io.data_offset;
    size_t size = run->io.size < sizeof(uint32_t) ? run->io.size : sizeof(uint32_t);

    for (uint32_t i = 0; i < run->io.count; i++, data += run->io.size) {
        uint32_t value = 0;
        if (run->io.direction == KVM_EXIT_IO_IN) {
            value = handle_in(vcpu, run->io.port);
            memcpy(data, &value, size);
        } else {
            memcpy(&value, data, size);
            handle_out(vcpu, run->io.port, value);
        }
    }
}

/* The page of the guest that is a device. False: the access is to something else. */
static bool handle_device(struct cap_vcpu *vcpu) {
    struct kvm_run *run = vcpu->run;
    uint64_t offset = run->mmio.phys_addr - GUEST_MMIO;

    if (offset >= GUEST_MMIO_BYTES || run->mmio.len > GUEST_MMIO_BYTES - offset)
        return false;
    if (!run->mmio.is_write)
        memset(run->mmio.data, 0xff, sizeof(run->mmio.data));
    count_access(vcpu);
    return true;
}

/* A store to a page that is watched. KVM has not done it, and will not: once for each exit,
   be it one that a park got when it completed the exit before. */
static bool handle_store(struct cap_vcpu *vcpu) {
    const struct kvm_run *run = vcpu->run;
    return run->mmio.is_write &&
           cap_watches_store(vcpu->shared->watches, vcpu->id, run->mmio.phys_addr,
                             run->mmio.data, run->mmio.len);
}

static void handle_exit(struct cap_vcpu *vcpu) {
    const struct kvm_run *run = vcpu->run;

    switch (run->exit_reason) {
    case KVM_EXIT_IO:
        handle_io(vcpu);
        break;
    case KVM_EXIT_INTR:
    case KVM_EXIT_IRQ_WINDOW_OPEN:
        break;
    case KVM_EXIT_HLT: /* there is no interrupt that could end it */
        come_to_rest(vcpu, CAP_HALTED, 0, 0);
        break;
    case KVM_EXIT_FAIL_ENTRY:
        come_to_rest(vcpu, CAP_FAILED, 0, run->fail_entry.hardware_entry_failure_reason);
        break;
    case KVM_EXIT_INTERNAL_ERROR:
        come_to_rest(vcpu, CAP_FAILED, 0, run->internal.suberror);
        break;
    case KVM_EXIT_MMIO: /* else it is an address beyond memory */
        if (!handle_device(vcpu) && !handle_store(vcpu))
            come_to_rest(vcpu, CAP_FAILED, 0, run->mmio.phys_addr);
        break;
    case KVM_EXIT_DEBUG:
        cap_watches_debug(vcpu->shared->watches, vcpu->id, run->debug.arch.dr6);
        break;
    default: /* KVM_EXIT_SHUTDOWN: an exception; others: nothing that we know to handle */
        come_to_rest(vcpu, CAP_FAILED, 0, 0);
        break;
    }
}

/* ---- what others may know of it without touching it ---- */

/* One word, so that a reader never sees the address of one exit and the way of another. */
#define ACCESS_REASON_SHIFT 53
#define ACCESS_WRITE (UINT64_C(1) << 52) /* above it no x86 has physical addresses */

static uint64_t access_of(const struct kvm_run *run) {
    uint64_t access = (uint64_t)run->exit_reason << ACCESS_REASON_SHIFT;
    if (run->exit_reason == KVM_EXIT_MMIO)
        return access | (run->mmio.is_write ? ACCESS_WRITE : 0) |
               (run->mmio.phys_addr & (ACCESS_WRITE - 1));
    if (run->exit_reason == KVM_EXIT_IO)
        return access | (run->io.direction == KVM_EXIT_IO_OUT ? ACCESS_WRITE : 0) |
               run->io.port;
    return access;
}

/* Plain stores: this thread alone writes them, and nothing is decided by them. */
static void note_exit(struct cap_vcpu *vcpu) {
    atomic_store_explicit(&vcpu->access, access_of(vcpu->run), memory_order_relaxed);
    atomic_store_explicit(&vcpu->exit_ns, cap_now_ns(), memory_order_relaxed);
}

static void note_turn(struct cap_vcpu *vcpu) {
    uint64_t turns = atomic_load_explicit(&vcpu->turns, memory_order_relaxed);
    atomic_store_explicit(&vcpu->turns, turns + 1, memory_order_relaxed);
}

static int kvm_run(struct cap_vcpu *vcpu) {
    note_turn(vcpu);
    int status = ioctl(vcpu->fd, KVM_RUN, 0);
    note_turn(vcpu);
    return status;
}

/* ---- stopping ---- */

static void set_immediate_exit(struct cap_vcpu *vcpu, uint8_t on) {
    __atomic_store_n(&vcpu->run->immediate_exit, on, __ATOMIC_SEQ_CST);
}

/*
 * Completes what the last exit left half done, without entering the guest: a KVM_RUN that
 * exits at once moves the result of an IN into its register and the instruction pointer
 * past the instruction. An access that KVM splits into fragments exits once more for each.
 * Returns 0, or the errno to report when the vCPU cannot be brought to a clean stop.
 */
static int drain(struct cap_vcpu *vcpu) {
    int error = EBUSY;

    for (int i = 0; i < DRAIN_LIMIT && error == EBUSY; i++) {
        set_immediate_exit(vcpu, 1);
        if (kvm_run(vcpu) == 0)
            handle_exit(vcpu);
        else if (errno == EINTR)
            error = 0;
        else if (errno != EAGAIN)
            error = errno;
    }
    set_immediate_exit(vcpu, 0);
    return error;
}

static void read_stopped(struct cap_vcpu *vcpu, struct cap_slot *slot) {
    bool sync = vcpu->shared->sync_regs;

    /* Only this KVM_RUN copies the registers, so that no other pays for it. */
    vcpu->run->kvm_valid_regs = sync ? CAP_SYNC_SETS : 0;
    slot->error = drain(vcpu);
    vcpu->run->kvm_valid_regs = 0;
    if (slot->error == 0)
        slot->error = cap_registers_read(vcpu->fd, vcpu->run, sync, &slot->registers);
    if (vcpu->unreadable)
        slot->error = EIO;
}

/* Kicks end a sleep, but not the delay; only the end of the machine does. */
static void be_late(const struct cap_vcpu *vcpu) {
    uint64_t until = cap_now_ns() + vcpu->late_ms * CAP_NS_PER_MS;
    struct timespec at = {.tv_sec = (time_t)(until / CAP_NS_PER_S),
                          .tv_nsec = (long)(until % CAP_NS_PER_S)};
    while (!must_quit(vcpu) &&
           clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
        ;
}

static void park(struct cap_vcpu *vcpu, uint32_t epoch) {
    struct cap_board *board = vcpu->shared->board;
    struct cap_slot *slot = &board->seats[vcpu->id].slot;

    if (at_rest(vcpu))
        *slot = vcpu->rest;
    else
        read_stopped(vcpu, slot);
    if (vcpu->late_ms > 0)
        be_late(vcpu);
    slot->parked_ns = cap_now_ns();
    cap_board_ack(board, vcpu->id, epoch);

    while (cap_board_wanted(board) == epoch && !must_quit(vcpu))
        cap_board_hold(board, epoch, HOLD_SLICE_NS);
    vcpu->has_parked = true;
    cap_board_leave(board, vcpu->id, epoch);
}

/* ---- priority ---- */

/*
 * A thread gives its priority back only when it has left its park: at normal priority it
 * would wait for a processor behind everything else on the host, and the barrier of the
 * next freeze for it. That freeze may have begun by then, and what the coordinator gave for
 * it must not be given back. So both change the priority under a mutex. A freeze is
 * published before anybody is raised for it: either the thread sees it there, and keeps
 * what it has until it has parked again, or it was faster and is raised after that.
 *
 * Taking the priority away needs no mutex: nobody raises anybody at the same time.
 */
int cap_vcpu_hurry(struct cap_vcpu *vcpu, bool on) {
    pid_t tid = atomic_load(&vcpu->tid);

    if (tid == 0) /* it has not begun, and 0 would mean the caller */
        return ESRCH;
    if (!on) {
        cap_priority_drop(tid);
        return 0;
    }
    pthread_mutex_lock(&vcpu->rank); /* its holder makes one system call */
    atomic_store(&vcpu->shared->hurried, true);
    int error = cap_priority_raise(tid, CAP_PRIORITY_VCPU);
    pthread_mutex_unlock(&vcpu->rank);
    return error;
}

/* Does not wait. False: a freeze is in force, or was a moment ago; look at the board. */
static bool give_priority_back(struct cap_vcpu *vcpu) {
    if (!vcpu->has_parked)
        return true;
    if (pthread_mutex_trylock(&vcpu->rank) != 0)
        return false;
    bool wanted = cap_board_wanted(vcpu->shared->board) != 0;
    if (!wanted && atomic_load(&vcpu->shared->hurried))
        cap_priority_drop(0);
    vcpu->has_parked = wanted;
    pthread_mutex_unlock(&vcpu->rank);
    return !wanted;
}

/* ---- running ---- */

/* Is there a freeze that this thread should park for? */
static uint32_t wanted(const struct cap_vcpu *vcpu) {
    return vcpu->stuck ? 0 : cap_board_wanted(vcpu->shared->board);
}

/*
 * One stay in the guest. A kick is: freeze (or quit) published, then immediate_exit set,
 * then the signal. Here immediate_exit is cleared first and the two are looked at after
 * it, all sequentially consistent: either the look sees what was published, or the clearing
 * came before the kick's store, which KVM_RUN then sees. The signal ends a stay that had
 * begun already. So it is with a change of the watches.
 */
static void enter_guest(struct cap_vcpu *vcpu) {
    set_immediate_exit(vcpu, 0);
    if (must_quit(vcpu) || wanted(vcpu) != 0 ||
        !cap_watches_arm(vcpu->shared->watches, vcpu->id, vcpu->fd))
        return;
    int status = kvm_run(vcpu);
    note_exit(vcpu);
    if (status == 0) {
        atomic_store(&vcpu->exit_reason, vcpu->run->exit_reason);
        handle_exit(vcpu);
    } else if (errno == EINTR) {
        atomic_store(&vcpu->exit_reason, KVM_EXIT_INTR);
    } else if (errno != EAGAIN) {
        come_to_rest(vcpu, CAP_FAILED, errno, 0);
    }
    if (at_rest(vcpu))
        read_stopped(vcpu, &vcpu->rest);
}

static void *vcpu_main(void *arg) {
    struct cap_vcpu *vcpu = arg;

    atomic_store(&vcpu->tid, (int32_t)syscall(SYS_gettid));
    while (atomic_load(&vcpu->shared->go) == 0 && !must_quit(vcpu))
        cap_futex_wait(&vcpu->shared->go, 0, HOLD_SLICE_NS);
    while (!must_quit(vcpu)) {
        uint32_t epoch = wanted(vcpu);
        if (epoch != 0)
            park(vcpu, epoch);
        else if (!give_priority_back(vcpu))
            continue;
        else if (at_rest(vcpu))
            cap_board_idle(vcpu->shared->board, HOLD_SLICE_NS);
        else
            enter_guest(vcpu);
    }
    atomic_store(&vcpu->done, true);
    return NULL;
}

/* 0 or errno. */
static int create_thread(struct cap_vcpu *vcpu) {
    sigset_t old;
    pthread_attr_t attr;

    int error = pthread_attr_init(&attr);
    if (error)
        return error;
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    cap_signals_block(&old, CAP_KICK_SIGNAL);
    error = pthread_create(&vcpu->thread, &attr, vcpu_main, vcpu);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    return error;
}

int cap_vcpu_start(struct cap_vcpu *vcpu, struct dc_error *err) {
    char name[16];

    int error = cap_priority_mutex(&vcpu->rank);
    if (error)
        return dc_fail_errno(err, DC_EINTERNAL, error, "cannot make a mutex");
    error = create_thread(vcpu);
    if (error) {
        pthread_mutex_destroy(&vcpu->rank);
        return dc_fail_errno(err, DC_ECANNOT, error,
                             "cannot start the thread of vCPU %u; use fewer vCPUs, or "
                             "raise the limit on processes (ulimit -u)",
                             vcpu->id);
    }
    vcpu->started = true;
    snprintf(name, sizeof(name), "vcpu-%u", vcpu->id);
    pthread_setname_np(vcpu->thread, name);
    return 0;
}

void cap_vcpu_join(struct cap_vcpu *vcpu) {
    if (!vcpu->started)
        return;
    pthread_join(vcpu->thread, NULL);
    pthread_mutex_destroy(&vcpu->rank);
    vcpu->started = false;
}

void cap_vcpu_kick(struct cap_vcpu *vcpu) {
    set_immediate_exit(vcpu, 1);
    if (vcpu->started)
        pthread_kill(vcpu->thread, CAP_KICK_SIGNAL);
}

void cap_vcpu_facts(const struct cap_vcpu *vcpu, struct cap_vcpu_facts *out) {
    out->life = (enum cap_life)atomic_load(&vcpu->life);
    out->host_tid = atomic_load(&vcpu->tid);
    out->kick_signal = CAP_KICK_SIGNAL;
    out->exit_reason = atomic_load(&vcpu->exit_reason);
    out->run_errno = atomic_load(&vcpu->run_errno);
    out->detail = atomic_load(&vcpu->detail);
    out->accesses = atomic_load(&vcpu->accesses);
    uint64_t access = atomic_load(&vcpu->access), turns = atomic_load(&vcpu->turns);
    out->exit_ns = atomic_load(&vcpu->exit_ns);
    out->has_access =
        out->exit_ns && access >> ACCESS_REASON_SHIFT == out->exit_reason &&
        (out->exit_reason == KVM_EXIT_MMIO || out->exit_reason == KVM_EXIT_IO);
    out->access_write = out->has_access && (access & ACCESS_WRITE);
    out->access = out->has_access ? access & (ACCESS_WRITE - 1) : 0;
    out->in_run = turns % 2 == 1;
    out->runs = turns / 2;
}

/* The signal has done its work when it interrupts a system call. */
static void on_kick(int number) {
    (void)number;
}

void cap_vcpu_catch_kicks(struct sigaction *old) {
    struct sigaction action = {.sa_handler = on_kick}; /* no SA_RESTART */
    sigemptyset(&action.sa_mask);
    sigaction(CAP_KICK_SIGNAL, &action, old);
}

void cap_vcpu_uncatch_kicks(const struct sigaction *old) {
    sigaction(CAP_KICK_SIGNAL, old, NULL);
}
