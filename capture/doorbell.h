/*
 * doorbell: how a guest asks for a capture (GUEST_PORT_REQUEST in guests/guest.h).
 *
 * Both functions are called by the threads of the vCPUs, by several at the same time, and
 * must not block: a vCPU that waits there cannot park.
 */
#ifndef DUMPCTL_CAPTURE_DOORBELL_H
#define DUMPCTL_CAPTURE_DOORBELL_H

#include <stdint.h>

struct cap_doorbell {
    /* vCPU `vcpu` asks, with a value of its own. 0 if the request was taken; the guest
       learns of it from the state, whatever is returned. */
    int (*ask)(void *context, uint32_t vcpu, uint32_t value);

    /* GUEST_REQUEST_*: the state of that vCPU's latest request. */
    uint32_t (*state)(void *context, uint32_t vcpu);

    void *context;
};

#endif
