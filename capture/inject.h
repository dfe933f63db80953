/*
 * inject: faults that dumpctl causes on purpose, so that the degraded path can be seen.
 *
 *   stuck=ID[,ID...]  the host thread of that vCPU enters KVM_RUN again instead of parking.
 *                     The coordinator knows nothing of it and kicks as ever.
 *   fault=ID[,ID...]  the vCPU runs in kernel mode and touches a page of its memory that
 *                     never arrives (userfaultfd, and nobody resolves the fault). On hosts
 *                     that emulate kernel mode, no kick gets it out of there; on others it
 *                     may, and then the capture is simply complete.
 *   late=ID[:MS][,...] the thread stops its vCPU as ever, and says so only MS (30)
 *                     milliseconds later, be it that nobody waits for it any more.
 *   unreadable=ID[,ID...] the thread parks, but reading its registers fails with EIO.
 */
#ifndef DUMPCTL_CAPTURE_INJECT_H
#define DUMPCTL_CAPTURE_INJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

struct cap_id_list {
    uint32_t *ids; /* owned; in the order of the command line, doubles possible */
    size_t count;
};

struct cap_late {
    uint32_t id, ms;
};

struct cap_late_list {
    struct cap_late *list; /* owned; of two with one id the first counts */
    size_t count;
};

#define CAP_LATE_MS 30u

/* All zero: nothing is injected. */
struct cap_inject {
    struct cap_id_list stuck;
    struct cap_id_list fault;
    struct cap_id_list unreadable;
    struct cap_late_list late;
};

/* Adds what one --inject argument says. -1 with DC_EUSAGE or DC_ENOMEM; then the lists keep
   what they had and perhaps part of the new ids. */
int cap_inject_parse(struct cap_inject *inject, const char *text, struct dc_error *err);
void cap_inject_free(struct cap_inject *inject);

/* DC_EUSAGE if an id is not below `vcpus`. */
int cap_inject_check(const struct cap_inject *inject, uint32_t vcpus,
                     struct dc_error *err);

bool cap_id_list_has(const struct cap_id_list *list, uint32_t id);

/* By how many milliseconds vCPU `id` is late; 0: it is not. */
uint32_t cap_late_ms(const struct cap_late_list *late, uint32_t id);

/* A page that never arrives: reading it blocks until the descriptor is closed. */
struct cap_fault_page {
    int fd;        /* userfaultfd, -1: closed */
    void *address; /* of this process, or NULL */
    size_t bytes;
};

#define CAP_FAULT_PAGE_NONE ((struct cap_fault_page){.fd = -1})

/* DC_ECANNOT where the kernel or the lack of a permission forbids it. */
int cap_fault_page_open(struct cap_fault_page *page, struct dc_error *err);

/* Lets everybody who waits for the page go on. */
void cap_fault_page_release(struct cap_fault_page *page);

/* Releases and unmaps; nobody may use the page any more. */
void cap_fault_page_close(struct cap_fault_page *page);

#endif
