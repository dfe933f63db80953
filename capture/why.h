/*
 * why: why a vCPU did not park, in one sentence.
 *
 * It is composed of facts that were gathered without touching the vCPU (looks.h), and says
 * no more than they do:
 *
 *   kick pending 1400 ms, host thread R, spinning in KVM_RUN (10 ms after the kick: S in
 *   handle_userfault), last exit MMIO write 0xfee00300 1520 ms ago
 *   injected (stuck): 12 kicks taken, host thread R in KVM_RUN, last exit INTR 4 ms ago
 *
 * All times are whole milliseconds: two runs then differ in digits alone, and `dumpctl diff`
 * sees through those.
 */
#ifndef DUMPCTL_CAPTURE_WHY_H
#define DUMPCTL_CAPTURE_WHY_H

#include <stdint.h>

#include "capture/looks.h"

struct cap_why {
    const char *injected;        /* cap_injected_name() */
    uint32_t kicks;              /* that were sent in this freeze */
    uint64_t kicked_ns;          /* the first of them */
    uint64_t decided_ns;         /* end of the rendezvous */
    const struct cap_look *look; /* borrowed; NULL: nobody looked */
};

enum { CAP_WHY_TEXT = 512, CAP_EXIT_TEXT = 80 };

/* The sentence, for a vCPU that is not parked. ASCII but for what the kernel calls its
   functions. Returns `text`. */
const char *cap_why_text(const struct cap_why *why, char text[CAP_WHY_TEXT]);

/* "write 0xfee00300" after KVM_EXIT_MMIO, "out 0x500" after KVM_EXIT_IO, else "". Returns
   `text`. */
const char *cap_access_text(const struct cap_vcpu_facts *facts, char text[CAP_EXIT_TEXT]);

#endif
