#include "capture/report_full.h"

#include <stdio.h>
#include <string.h>

#include "capture/msr.h"

/* ---- small pieces ---- */

static void name_text(struct dc_writer *w, const char *name, const char *text) {
    dc_write_name(w, name);
    dc_write_text(w, text);
}

static void name_u64(struct dc_writer *w, const char *name, uint64_t value) {
    dc_write_name(w, name);
    dc_write_u64(w, value);
}

/* A member that the wire form omits where it is 0. */
static void name_some(struct dc_writer *w, const char *name, uint64_t value) {
    if (value != 0)
        name_u64(w, name, value);
}

static void name_if(struct dc_writer *w, const char *name, bool value) {
    if (!value)
        return;
    dc_write_name(w, name);
    dc_write_bool(w, true);
}

/* Lists that the wire form omits where they are empty are opened by their first element. */
struct list {
    struct dc_writer *w;
    const char *name;
    bool open;
};

static void list_next(struct list *list) {
    if (!list->open) {
        dc_write_name(list->w, list->name);
        dc_write_open(list->w, '[');
        list->open = true;
    }
    dc_write_open(list->w, '{');
}

static void list_end(struct list *list) {
    if (list->open)
        dc_write_close(list->w, ']');
}

static bool is_zero(const uint8_t *bytes, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (bytes[i])
            return false;
    return true;
}

/* ---- debug registers ---- */

static void write_debug(struct dc_writer *w, const struct kvm_debugregs *debug) {
    dc_write_name(w, "debug");
    dc_write_open(w, '{');
    name_u64(w, "dr0", debug->db[0]);
    name_u64(w, "dr1", debug->db[1]);
    name_u64(w, "dr2", debug->db[2]);
    name_u64(w, "dr3", debug->db[3]);
    name_u64(w, "dr6", debug->dr6);
    name_u64(w, "dr7", debug->dr7);
    dc_write_close(w, '}');
}

static void write_xcr0(struct dc_writer *w, const struct kvm_xcrs *xcrs) {
    for (uint32_t i = 0; i < xcrs->nr_xcrs && i < KVM_MAX_XCRS; i++)
        if (xcrs->xcrs[i].xcr == 0)
            name_u64(w, "xcr0", xcrs->xcrs[i].value);
}

/* ---- the XSAVE area ---- */

/* Offsets of the FXSAVE image and the header behind it, as in the manuals. */
enum {
    FCW = 0,
    FSW = 2,
    FTW = 4,
    FOP = 6,
    FIP = 8,
    FDP = 16,
    MXCSR = 24,
    MXCSR_MASK = 28,
    ST = 32,
    XMM = 160,
    SLOT = 16, /* bytes that a register of either kind takes */
    ST_BYTES = 10,
    N_ST = 8,
    N_XMM = 16,
    HEADER = 512, /* XSTATE_BV */
    AVX = 2,      /* the component with the upper halves of YMM registers */
};

static uint64_t number_at(const uint8_t *area, size_t offset, size_t bytes) {
    uint64_t value = 0; /* x86-64 is little-endian, as is the area */
    memcpy(&value, area + offset, bytes);
    return value;
}

static void write_fpu(struct dc_writer *w, const uint8_t *area) {
    dc_write_name(w, "fpu");
    dc_write_open(w, '{');
    name_u64(w, "fcw", number_at(area, FCW, 2));
    name_u64(w, "fsw", number_at(area, FSW, 2));
    name_u64(w, "ftw", number_at(area, FTW, 1));
    name_u64(w, "fop", number_at(area, FOP, 2));
    name_u64(w, "fip", number_at(area, FIP, 8));
    name_u64(w, "fdp", number_at(area, FDP, 8));
    name_u64(w, "mxcsr", number_at(area, MXCSR, 4));
    name_u64(w, "mxcsr_mask", number_at(area, MXCSR_MASK, 4));
    dc_write_close(w, '}');
}

/* Registers side by side in slots of 16 bytes. */
static void write_wide(struct dc_writer *w, const char *member, const char *prefix,
                       const uint8_t *from, unsigned count, unsigned bytes,
                       bool with_zeros) {
    struct list list = {.w = w, .name = member};
    for (unsigned i = 0; i < count; i++) {
        const uint8_t *slot = from + (size_t)i * SLOT;
        char name[16], value[2 + 2 * SLOT + 1] = "0x";
        if (!with_zeros && is_zero(slot, bytes))
            continue;
        snprintf(name, sizeof(name), "%s%u", prefix, i);
        for (unsigned k = 0; k < bytes; k++)
            snprintf(value + 2 + 2 * (size_t)k, 3, "%02x", slot[bytes - 1 - k]);
        list_next(&list);
        name_text(w, "name", name);
        name_text(w, "value", value);
        dc_write_close(w, '}');
    }
    list_end(&list);
}

static const char *part_name(uint32_t bit) {
    static const char *const names[] = {
        [3] = "BNDREGS",  [4] = "BNDCSR", [5] = "opmask",   [6] = "ZMM_Hi256",
        [7] = "Hi16_ZMM", [9] = "PKRU",   [17] = "TILECFG", [18] = "TILEDATA",
        [19] = "APX",     [62] = "LWP",
    };
    return bit < sizeof(names) / sizeof(names[0]) ? names[bit] : NULL;
}

/* Into pieces on the stack, as a component may have thousands of bytes. */
static void write_part(struct list *list, uint32_t bit, const uint8_t *bytes, size_t n) {
    static const char digits[] = "0123456789abcdef";
    enum { MOST = 8192 }; /* TILEDATA, the largest there is */
    char hex[3 * MOST + 1];
    size_t used = 0;
    while (n > 0 && bytes[n - 1] == 0)
        n--;
    for (size_t i = 0; i < n && i < MOST; i++) {
        hex[used++] = digits[bytes[i] >> 4];
        hex[used++] = digits[bytes[i] & 0xf];
        hex[used++] = ' ';
    }
    list_next(list);
    name_u64(list->w, "bit", bit);
    if (part_name(bit))
        name_text(list->w, "name", part_name(bit));
    dc_write_name(list->w, "hex");
    dc_write_string(list->w, hex, used > 0 ? used - 1 : 0);
    dc_write_close(list->w, '}');
}

static void write_parts(struct dc_writer *w, const struct cap_full_list *list,
                        const uint8_t *area) {
    struct list parts = {.w = w, .name = "components"};
    const struct cap_xsave_part *avx = &list->parts[AVX];
    if (avx->bytes >= N_XMM * SLOT)
        write_wide(w, "ymm_high", "ymm", area + avx->offset, N_XMM, SLOT, false);
    for (uint32_t bit = AVX + 1; bit < CAP_XSAVE_PARTS; bit++) {
        const struct cap_xsave_part *part = &list->parts[bit];
        if (!is_zero(area + part->offset, part->bytes))
            write_part(&parts, bit, area + part->offset, part->bytes);
    }
    list_end(&parts);
}

static void write_xsave(struct dc_writer *w, const struct cap_full_list *list,
                        const struct kvm_xsave *xsave) {
    const uint8_t *area = (const uint8_t *)xsave;
    name_u64(w, "xstate_bv", number_at(area, HEADER, 8));
    write_fpu(w, area);
    write_wide(w, "st", "st", area + ST, N_ST, ST_BYTES, true);
    write_wide(w, "xmm", "xmm", area + XMM, N_XMM, SLOT, true);
    write_parts(w, list, area);
}

/* ---- MSRs ---- */

static void write_msrs(struct dc_writer *w, const struct cap_full_msr *msrs,
                       uint32_t count) {
    struct list list = {.w = w, .name = "msrs"};
    for (uint32_t i = 0; i < count; i++) {
        const char *name = cap_msr_name(msrs[i].index);
        list_next(&list);
        name_u64(w, "index", msrs[i].index);
        if (name)
            name_text(w, "name", name);
        if (!msrs[i].unreadable)
            name_u64(w, "value", msrs[i].value);
        name_if(w, "unreadable", msrs[i].unreadable);
        dc_write_close(w, '}');
    }
    list_end(&list);
}

/* ---- the local APIC ---- */

/* Registers are 32 bits wide and lie 16 bytes apart (Intel SDM 3A, table 11-1). */
static uint32_t apic(const struct kvm_lapic_state *lapic, size_t offset) {
    uint32_t value;
    memcpy(&value, lapic->regs + offset, sizeof(value));
    return value;
}

static bool has_vector(const struct kvm_lapic_state *lapic, size_t offset,
                       unsigned vector) {
    return apic(lapic, offset + (size_t)vector / 32 * 16) >> vector % 32 & 1;
}

/* "48,236-238": the bits that are set in the eight registers from `offset` on. */
static void write_vectors(struct dc_writer *w, const char *name,
                          const struct kvm_lapic_state *lapic, size_t offset) {
    enum { VECTORS = 256 };
    char text[4 * VECTORS + 1];
    size_t used = 0;
    for (unsigned i = 0, end; i < VECTORS; i = end) {
        for (end = i; end < VECTORS && has_vector(lapic, offset, end);)
            end++;
        if (end == i) {
            end++;
            continue;
        }
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u",
                                 used > 0 ? "," : "", i);
        if (end - i > 1)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "-%u", end - 1);
    }
    if (used > 0)
        name_text(w, name, text);
}

/* In x2APIC mode all 32 bits are the id, else the upper 8 (KVM gives them as they lie in
   the page unless KVM_CAP_X2APIC_API is switched on, and we do not do that). */
static void write_lapic(struct dc_writer *w, const struct kvm_lapic_state *lapic) {
    dc_write_name(w, "lapic");
    dc_write_open(w, '{');
    name_u64(w, "id", apic(lapic, 0x20) >> 24);
    name_u64(w, "version", apic(lapic, 0x30));
    name_u64(w, "tpr", apic(lapic, 0x80));
    name_u64(w, "apr", apic(lapic, 0x90));
    name_u64(w, "ppr", apic(lapic, 0xa0));
    name_u64(w, "ldr", apic(lapic, 0xd0));
    name_u64(w, "dfr", apic(lapic, 0xe0));
    name_u64(w, "svr", apic(lapic, 0xf0));
    write_vectors(w, "isr", lapic, 0x100);
    write_vectors(w, "tmr", lapic, 0x180);
    write_vectors(w, "irr", lapic, 0x200);
    name_u64(w, "esr", apic(lapic, 0x280));
    name_u64(w, "icr", (uint64_t)apic(lapic, 0x310) << 32 | apic(lapic, 0x300));
    name_u64(w, "lvt_cmci", apic(lapic, 0x2f0));
    name_u64(w, "lvt_timer", apic(lapic, 0x320));
    name_u64(w, "lvt_thermal", apic(lapic, 0x330));
    name_u64(w, "lvt_pmi", apic(lapic, 0x340));
    name_u64(w, "lvt_lint0", apic(lapic, 0x350));
    name_u64(w, "lvt_lint1", apic(lapic, 0x360));
    name_u64(w, "lvt_error", apic(lapic, 0x370));
    name_u64(w, "timer_initial", apic(lapic, 0x380));
    name_u64(w, "timer_current", apic(lapic, 0x390));
    name_u64(w, "timer_divide", apic(lapic, 0x3e0));
    dc_write_close(w, '}');
}

/* ---- events ---- */

/* Numbers that say nothing without their flag are left out where it is not set. */
static void write_exception(struct dc_writer *w, const struct kvm_vcpu_events *events) {
    bool is = events->exception.injected || events->exception.pending;
    bool has_error = is && events->exception.has_error_code;
    bool has_payload = is && events->exception_has_payload;
    name_if(w, "exception_injected", events->exception.injected);
    name_if(w, "exception_pending", events->exception.pending);
    name_some(w, "exception_vector", is ? events->exception.nr : 0);
    name_if(w, "exception_has_error", has_error);
    name_some(w, "exception_error_code", has_error ? events->exception.error_code : 0);
    name_if(w, "exception_has_payload", has_payload);
    name_some(w, "exception_payload", has_payload ? events->exception_payload : 0);
}

static void write_events(struct dc_writer *w, const struct kvm_vcpu_events *events) {
    bool interrupt = events->interrupt.injected;
    dc_write_name(w, "events");
    dc_write_open(w, '{');
    write_exception(w, events);
    name_if(w, "interrupt_injected", interrupt);
    name_some(w, "interrupt_vector", interrupt ? events->interrupt.nr : 0);
    name_if(w, "interrupt_soft", interrupt && events->interrupt.soft);
    name_some(w, "interrupt_shadow", events->interrupt.shadow);
    name_if(w, "nmi_injected", events->nmi.injected);
    name_if(w, "nmi_pending", events->nmi.pending);
    name_if(w, "nmi_masked", events->nmi.masked);
    name_some(w, "sipi_vector", events->sipi_vector);
    name_if(w, "smm", events->smi.smm);
    name_if(w, "smi_pending", events->smi.pending);
    name_if(w, "smm_inside_nmi", events->smi.smm_inside_nmi);
    name_if(w, "smi_latched_init", events->smi.latched_init);
    name_if(w, "triple_fault_pending", events->triple_fault.pending);
    dc_write_close(w, '}');
}

/* ---- the whole ---- */

static void write_unread(struct dc_writer *w, const struct cap_full_state *state) {
    const struct {
        const char *part;
        int number;
    } parts[] = {
        {"debug", state->debug_errno}, {"xcr0", state->xcrs_errno},
        {"xsave", state->xsave_errno}, {"msrs", state->msrs_errno},
        {"lapic", state->lapic_errno}, {"events", state->events_errno},
    };
    struct list list = {.w = w, .name = "unread"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].number == 0)
            continue;
        list_next(&list);
        name_text(w, "part", parts[i].part);
        name_u64(w, "errno", (uint64_t)parts[i].number);
        dc_write_close(w, '}');
    }
    list_end(&list);
}

void cap_report_full(struct dc_writer *w, const struct cap_full_list *list,
                     const struct cap_full_state *state) {
    dc_write_name(w, "full");
    dc_write_open(w, '{');
    if (state->debug_errno == 0)
        write_debug(w, &state->debug);
    if (state->xcrs_errno == 0)
        write_xcr0(w, &state->xcrs);
    if (state->xsave_errno == 0)
        write_xsave(w, list, state->xsave);
    if (state->msrs_errno == 0)
        write_msrs(w, state->msrs, list->msr_count);
    if (state->lapic_none)
        name_text(w, "lapic_state", "none");
    else if (state->lapic_errno == 0)
        write_lapic(w, &state->lapic);
    if (state->events_errno == 0)
        write_events(w, &state->events);
    write_unread(w, state);
    dc_write_close(w, '}');
}
