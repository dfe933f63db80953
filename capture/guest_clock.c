#include "capture/guest_clock.h"

#include <errno.h>
#include <sys/ioctl.h>

static void note_error(struct cap_guest_clock *clock, int error) {
    if (clock->facts.error == 0)
        clock->facts.error = error;
}

void cap_guest_clock_save(struct cap_guest_clock *clock) {
    struct kvm_clock_data now = {0};

    clock->facts = (struct cap_clock_facts){0};
    if (ioctl(clock->vm, KVM_GET_CLOCK, &now)) {
        note_error(clock, errno);
        return;
    }
    /* Without flags: with KVM_CLOCK_REALTIME, KVM would add the time of the pause. */
    clock->data = (struct kvm_clock_data){.clock = now.clock};
    clock->facts.saved = true;
    clock->facts.ns = now.clock;
}

void cap_guest_clock_tell(struct cap_guest_clock *clock, int vcpu_fd) {
    if (!clock->facts.saved || clock->facts.restored)
        return;
    if (ioctl(vcpu_fd, KVM_KVMCLOCK_CTRL, 0) == 0)
        clock->facts.told++;
    else if (errno == EINVAL)
        clock->facts.without++;
    else
        note_error(clock, errno);
}

void cap_guest_clock_restore(struct cap_guest_clock *clock) {
    if (!clock->facts.saved || clock->facts.restored)
        return;
    clock->facts.restored = true;
    if (ioctl(clock->vm, KVM_SET_CLOCK, &clock->data)) {
        clock->facts.restored = false;
        clock->facts.saved = false; /* tried once, and not again */
        note_error(clock, errno);
    }
}
