/*
 * The guest's clock across a freeze, on a machine that never runs: capture/guest_clock.c
 * says what has to hold.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/kvm_para.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/clock.h"
#include "capture/guest_clock.h"
#include "tests/unit/capture_aid.h"

#define PAUSE_NS (80 * CAP_NS_PER_MS)

struct bare {
    int kvm, vm, vcpu;
    void *page; /* the guest's page 0 */
};

static bool open_bare(struct bare *bare) {
    bare->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    bare->vm = ioctl(bare->kvm, KVM_CREATE_VM, 0);
    bare->vcpu = ioctl(bare->vm, KVM_CREATE_VCPU, 0);
    bare->page =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct kvm_userspace_memory_region region = {.memory_size = 4096,
                                                 .userspace_addr = (uintptr_t)bare->page};
    return CHECK(bare->vcpu >= 0) && CHECK(bare->page != MAP_FAILED) &&
           CHECK(ioctl(bare->vm, KVM_SET_USER_MEMORY_REGION, &region) == 0);
}

static void close_bare(const struct bare *bare) {
    close(bare->vcpu);
    close(bare->vm);
    close(bare->kvm);
    munmap(bare->page, 4096);
}

/* As a guest does when it boots. */
static bool turn_on(const struct bare *bare) {
    _Alignas(struct kvm_msrs)
        uint8_t room[sizeof(struct kvm_msrs) + sizeof(struct kvm_msr_entry)] = {0};
    struct kvm_msrs *msrs = (struct kvm_msrs *)room;
    msrs->nmsrs = 1;
    msrs->entries[0] =
        (struct kvm_msr_entry){.index = MSR_KVM_SYSTEM_TIME_NEW, .data = 0x100 | 1};
    return CHECK(ioctl(bare->vcpu, KVM_SET_MSRS, msrs) == 1);
}

static uint64_t clock_now(const struct bare *bare) {
    struct kvm_clock_data now = {0};
    CHECK_EQ_I64(ioctl(bare->vm, KVM_GET_CLOCK, &now), 0);
    return now.clock;
}

static void pause_for(uint64_t ns) {
    uint64_t until = cap_now_ns() + ns;
    while (cap_now_ns() < until)
        usleep(1000);
}

/* No time passes on it between the two, and setting it back a second time would lose what
   has passed since. */
static void t6_clock_is_restored_once(void) {
    struct bare bare;
    NEED_KVM;
    if (!open_bare(&bare))
        return;
    struct cap_guest_clock clock = {.vm = bare.vm};
    for (int turn = 0; turn < 3; turn++) {
        uint64_t before = clock_now(&bare);
        cap_guest_clock_save(&clock);
        CHECK(clock.facts.saved && !clock.facts.restored);
        CHECK(clock.facts.ns >= before);
        CHECK_EQ_U64(clock.data.flags, 0);
        uint64_t start = cap_now_ns();
        pause_for(PAUSE_NS);
        cap_guest_clock_restore(&clock);
        uint64_t took = cap_now_ns() - start;
        uint64_t after = clock_now(&bare);
        CHECK(clock.facts.restored);
        CHECK(after >= clock.facts.ns);
        CHECK(after < clock.facts.ns + took); /* as it would be, were it not set back */
        pause_for(PAUSE_NS);
        cap_guest_clock_restore(&clock);
        CHECK(clock_now(&bare) >= after + PAUSE_NS);
        CHECK_EQ_I64(clock.facts.error, 0);
    }
    close_bare(&bare);
}

static void guests_without_kvmclock_are_a_fact(void) {
    struct bare bare;
    NEED_KVM;
    if (!open_bare(&bare))
        return;
    struct cap_guest_clock clock = {.vm = bare.vm};
    cap_guest_clock_tell(&clock, bare.vcpu); /* not saved: nothing is touched */
    CHECK_EQ_U64(clock.facts.without, 0);
    cap_guest_clock_save(&clock);
    cap_guest_clock_tell(&clock, bare.vcpu);
    CHECK_EQ_U64(clock.facts.without, 1);
    CHECK_EQ_U64(clock.facts.told, 0);
    CHECK_EQ_I64(clock.facts.error, 0);
    cap_guest_clock_restore(&clock);
    cap_guest_clock_tell(&clock, bare.vcpu); /* it runs already */
    CHECK_EQ_U64(clock.facts.without, 1);
    close_bare(&bare);
}

static void guests_with_kvmclock_are_told(void) {
    struct bare bare;
    NEED_KVM;
    if (!open_bare(&bare))
        return;
    struct cap_guest_clock clock = {.vm = bare.vm};
    if (turn_on(&bare)) {
        cap_guest_clock_save(&clock);
        cap_guest_clock_tell(&clock, bare.vcpu);
        CHECK_EQ_U64(clock.facts.told, 1);
        CHECK_EQ_U64(clock.facts.without, 0);
        cap_guest_clock_restore(&clock);
        cap_guest_clock_save(&clock); /* the next freeze begins anew */
        CHECK_EQ_U64(clock.facts.told, 0);
    }
    close_bare(&bare);
}

static void faults_are_kept(void) {
    struct cap_guest_clock clock = {.vm = -1};
    cap_guest_clock_save(&clock);
    CHECK(!clock.facts.saved);
    CHECK_EQ_I64(clock.facts.error, EBADF);
    cap_guest_clock_tell(&clock, -1);
    cap_guest_clock_restore(&clock);
    CHECK(!clock.facts.restored);
}

int main(void) {
    UNIT_RUN(t6_clock_is_restored_once);
    UNIT_RUN(guests_without_kvmclock_are_a_fact);
    UNIT_RUN(guests_with_kvmclock_are_told);
    UNIT_RUN(faults_are_kept);
    return unit_done();
}
