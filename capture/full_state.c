#include "capture/full_state.h"

#include <cpuid.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "capture/kvm.h"

/* KVM_GET_MSRS takes fewer than 256 (MAX_IO_MSRS in the kernel) and says E2BIG to more. */
#define BATCH_MOST 255u

/* ---- what there is ---- */

static int read_msr_list(struct cap_full_list *list, int kvm_fd, struct dc_error *err) {
    struct kvm_msr_list empty = {.nmsrs = 0}, *msrs;

    /* E2BIG is the answer; it comes with the number that there are. */
    if (ioctl(kvm_fd, KVM_GET_MSR_INDEX_LIST, &empty) && errno != E2BIG)
        return dc_fail_errno(err, DC_ECANNOT, errno, "KVM does not list its MSRs");
    msrs = calloc(1, sizeof(*msrs) + empty.nmsrs * sizeof(msrs->indices[0]));
    list->msrs = calloc(empty.nmsrs > 0 ? empty.nmsrs : 1, sizeof(*list->msrs));
    if (!msrs || !list->msrs) {
        free(msrs);
        return dc_fail(err, DC_ENOMEM, "no memory for the list of MSRs");
    }
    msrs->nmsrs = empty.nmsrs;
    int result = 0;
    if (empty.nmsrs > 0 && ioctl(kvm_fd, KVM_GET_MSR_INDEX_LIST, msrs))
        result = dc_fail_errno(err, DC_ECANNOT, errno, "KVM does not list its MSRs");
    else if (msrs->nmsrs <= empty.nmsrs)
        list->msr_count = msrs->nmsrs;
    memcpy(list->msrs, msrs->indices, list->msr_count * sizeof(*list->msrs));
    free(msrs);
    return result;
}

/* The components lie where CPUID leaf 0xD of the *host* says, whatever the guest was told
   (KVM's api.rst, KVM_GET_XSAVE). The first two are the FXSAVE image, at fixed places. */
static void find_parts(struct cap_full_list *list) {
    uint32_t eax, ebx, ecx, edx;

    for (uint32_t i = 2; i < CAP_XSAVE_PARTS; i++) {
        if (!__get_cpuid_count(0xd, i, &eax, &ebx, &ecx, &edx))
            return;
        /* ECX bit 0: a component of IA32_XSS, which is not in this form of the area. */
        if (ecx & 1 || eax == 0 || ebx > list->xsave_bytes ||
            eax > list->xsave_bytes - ebx)
            continue;
        list->parts[i] = (struct cap_xsave_part){.offset = ebx, .bytes = eax};
    }
}

int cap_full_list_open(struct cap_full_list *list, int kvm_fd, int vm_fd,
                       struct dc_error *err) {
    *list = (struct cap_full_list){.xsave_bytes = sizeof(struct kvm_xsave)};
    int bytes = cap_kvm_has(vm_fd, KVM_CAP_XSAVE2);
    list->xsave2 = bytes > 0;
    if (bytes > (int)sizeof(struct kvm_xsave))
        list->xsave_bytes = (uint32_t)bytes;
    find_parts(list);
    if (read_msr_list(list, kvm_fd, err)) {
        cap_full_list_close(list);
        return -1;
    }
    return 0;
}

void cap_full_list_close(struct cap_full_list *list) {
    free(list->msrs);
    *list = (struct cap_full_list){0};
}

/* ---- one vCPU ---- */

int cap_full_state_init(struct cap_full_state *state, const struct cap_full_list *list,
                        struct dc_error *err) {
    uint32_t room = list->msr_count < BATCH_MOST ? list->msr_count : BATCH_MOST;

    *state = (struct cap_full_state){0};
    state->xsave = calloc(1, list->xsave_bytes);
    state->msrs = calloc(list->msr_count + 1, sizeof(*state->msrs));
    state->batch =
        calloc(1, sizeof(*state->batch) + room * sizeof(state->batch->entries[0]));
    if (state->xsave && state->msrs && state->batch)
        return 0;
    cap_full_state_done(state);
    return dc_fail(err, DC_ENOMEM, "no memory for the full state of a vCPU");
}

void cap_full_state_done(struct cap_full_state *state) {
    free(state->xsave);
    free(state->msrs);
    free(state->batch);
    *state = (struct cap_full_state){0};
}

int cap_full_msrs_read(cap_full_get_msrs *get, void *context,
                       const struct cap_full_list *list, struct cap_full_state *out) {
    struct kvm_msrs *batch = out->batch;

    for (uint32_t at = 0; at < list->msr_count;) {
        uint32_t left = list->msr_count - at;
        batch->nmsrs = left < BATCH_MOST ? left : BATCH_MOST;
        for (uint32_t i = 0; i < batch->nmsrs; i++)
            batch->entries[i] = (struct kvm_msr_entry){.index = list->msrs[at + i]};
        int got = get(context, batch);
        if (got < 0)
            return errno;
        uint32_t filled = (uint32_t)got < batch->nmsrs ? (uint32_t)got : batch->nmsrs;
        for (uint32_t i = 0; i < filled; i++)
            out->msrs[at + i] = (struct cap_full_msr){.index = list->msrs[at + i],
                                                      .value = batch->entries[i].data};
        at += filled;
        if (filled == batch->nmsrs)
            continue;
        out->msrs[at] =
            (struct cap_full_msr){.index = list->msrs[at], .unreadable = true};
        at++; /* go on behind the one at which it stopped */
    }
    return 0;
}

static int get_msrs(void *context, struct kvm_msrs *batch) {
    return ioctl(*(const int *)context, KVM_GET_MSRS, batch);
}

static int ask(int fd, unsigned long request, void *to) {
    return ioctl(fd, request, to) < 0 ? errno : 0;
}

/*
 * Without an APIC in the kernel KVM_GET_LAPIC says EINVAL, and that has no other meaning:
 * it takes no argument that could be wrong. ENXIO is what KVM says of a whole irqchip that
 * is missing (KVM_GET_IRQCHIP), and is understood likewise.
 */
static void read_lapic(int fd, struct cap_full_state *out) {
    out->lapic_errno = ask(fd, KVM_GET_LAPIC, &out->lapic);
    out->lapic_none = out->lapic_errno == EINVAL || out->lapic_errno == ENXIO;
    if (out->lapic_none)
        out->lapic_errno = 0;
}

int cap_full_state_read(int vcpu_fd, const struct cap_full_list *list,
                        struct cap_full_state *out) {
    unsigned long get_xsave = list->xsave2 ? KVM_GET_XSAVE2 : KVM_GET_XSAVE;

    out->debug_errno = ask(vcpu_fd, KVM_GET_DEBUGREGS, &out->debug);
    out->xcrs_errno = ask(vcpu_fd, KVM_GET_XCRS, &out->xcrs);
    out->xsave_errno = ask(vcpu_fd, get_xsave, out->xsave);
    out->msrs_errno = cap_full_msrs_read(get_msrs, &vcpu_fd, list, out);
    read_lapic(vcpu_fd, out);
    out->events_errno = ask(vcpu_fd, KVM_GET_VCPU_EVENTS, &out->events);

    const int errors[] = {out->debug_errno, out->xcrs_errno,  out->xsave_errno,
                          out->msrs_errno,  out->lapic_errno, out->events_errno};
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (errors[i])
            return errors[i];
    return 0;
}

/* ---- all of them ---- */

static int make_states(struct cap_full *full, uint32_t vcpus, struct dc_error *err) {
    full->states = calloc(vcpus > 0 ? vcpus : 1, sizeof(*full->states));
    full->taken = calloc(vcpus > 0 ? vcpus : 1, sizeof(*full->taken));
    if (!full->states || !full->taken)
        return dc_fail(err, DC_ENOMEM, "no memory for the full state of %u vCPUs", vcpus);
    for (; full->count < vcpus; full->count++)
        if (cap_full_state_init(&full->states[full->count], &full->list, err))
            return -1;
    return 0;
}

struct cap_full *cap_full_new(int kvm_fd, int vm_fd, uint32_t vcpus,
                              struct dc_error *err) {
    struct cap_full *full = calloc(1, sizeof(*full));
    if (!full) {
        dc_fail(err, DC_ENOMEM, "no memory for the full state of %u vCPUs", vcpus);
        return NULL;
    }
    if (cap_full_list_open(&full->list, kvm_fd, vm_fd, err) ||
        make_states(full, vcpus, err)) {
        cap_full_free(full);
        return NULL;
    }
    return full;
}

void cap_full_free(struct cap_full *full) {
    if (!full)
        return;
    for (uint32_t id = 0; id < full->count; id++)
        cap_full_state_done(&full->states[id]);
    free(full->states);
    free(full->taken);
    cap_full_list_close(&full->list);
    free(full);
}

void cap_full_take(struct cap_full *full, uint32_t id, int vcpu_fd) {
    if (id >= full->count)
        return;
    cap_full_state_read(vcpu_fd, &full->list, &full->states[id]);
    full->taken[id] = true;
}

const struct cap_full_state *cap_full_of(const struct cap_full *full, uint32_t id) {
    return full && id < full->count && full->taken[id] ? &full->states[id] : NULL;
}
