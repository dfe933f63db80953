/*
 * vcpu: one virtual processor of a KVM machine and the host thread that runs it.
 *
 * The thread ("vcpu-N") is the only one that calls ioctls on the vCPU once it runs. In each
 * turn it parks if a freeze is in force, rests if its vCPU can run no further, and else
 * enters the guest. Other threads kick it, read its facts, and end it.
 */
#ifndef DUMPCTL_CAPTURE_VCPU_H
#define DUMPCTL_CAPTURE_VCPU_H

#include <linux/kvm.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/board.h"
#include "capture/doorbell.h"
#include "capture/source.h"
#include "capture/watch.h"
#include "lib/error.h"

/* What all vCPUs of a machine share. Made before the threads, outlives them. */
struct cap_vcpu_shared {
    struct cap_board *board;
    struct cap_watches *watches;
    bool sync_regs; /* KVM_RUN can copy CAP_SYNC_SETS */
    _Atomic uint32_t
        go;           /* not 0: threads may enter the guest; a futex; the machine sets */
    atomic_bool quit; /* all threads are to end; the machine sets it */
    const struct cap_doorbell *request; /* of GUEST_PORT_REQUEST; NULL: nobody answers */
    atomic_bool hurried;                /* threads may have real-time priority */
    _Atomic uint64_t event; /* life << 32 | id of the first vCPU that ended or failed */
};

struct cap_vcpu {
    /* Set up before the thread starts, constant from then on. */
    uint32_t id;
    bool stuck;       /* --inject stuck: never parks */
    bool unreadable;  /* --inject unreadable: its registers cannot be read */
    uint32_t late_ms; /* --inject late: acknowledges so much later */
    bool started;
    int fd;
    struct kvm_run
        *run; /* mapped until after the join, so that a late kick is harmless */
    size_t run_bytes;
    struct cap_vcpu_shared *shared;
    pthread_t thread;

    pthread_mutex_t rank; /* for changes of the thread's priority: vcpu.c */

    /* Written by the thread, read by anybody. */
    _Atomic int32_t tid; /* 0 until the thread runs */
    atomic_bool done;    /* it will touch nothing any more: a join does not block */
    _Atomic uint32_t exit_reason;
    _Atomic int run_errno;
    _Atomic uint64_t detail;
    _Atomic uint64_t accesses; /* of GUEST_MMIO and of ports that nobody listens on */
    _Atomic uint64_t turns;    /* into KVM_RUN and out of it: odd inside */
    _Atomic uint64_t exit_ns;  /* of exit_reason; 0: none yet */
    _Atomic uint64_t access;   /* of exit_reason, with that in it: vcpu.c */
    _Atomic uint32_t life;     /* enum cap_life; written after the three above */

    /* The thread's own. */
    struct cap_slot rest; /* registers of the moment when its vCPU came to rest */
    bool has_parked;      /* since it last gave its priority back */
};

/* Starts the thread, which waits for shared->go. vcpu->fd is ready to run. */
int cap_vcpu_start(struct cap_vcpu *vcpu, struct dc_error *err);

/* Joins the thread, if it was started; it must have been told to end. */
void cap_vcpu_join(struct cap_vcpu *vcpu);

/* Makes the thread leave the guest, and any sleep, once. Never blocks. */
void cap_vcpu_kick(struct cap_vcpu *vcpu);

/* Gives the thread real-time priority for the freeze in force, which it gives back behind
   that by itself; or takes it away (`on` false). Returns 0 or errno. */
int cap_vcpu_hurry(struct cap_vcpu *vcpu, bool on);

void cap_vcpu_facts(const struct cap_vcpu *vcpu, struct cap_vcpu_facts *out);

/* Installs the handler of the kick signal (SIGURG), keeping what was there in *old. */
struct sigaction;
void cap_vcpu_catch_kicks(struct sigaction *old);
void cap_vcpu_uncatch_kicks(const struct sigaction *old);

#endif
