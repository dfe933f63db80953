/*
 * The full state of a vCPU: how MSRs are read in batches, what becomes of it in a report,
 * and, on real KVM, whether what is read is what was there.
 */
#include "tests/unit/capture_aid.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

#include "capture/full_state.h"
#include "capture/msr.h"
#include "capture/report_full.h"
#include "lib/buf.h"

/* ---- MSRs ---- */

/* A KVM that cannot read some of them, and fails for good at its `fail_at`th call. */
struct fake {
    uint32_t unreadable[3];
    unsigned calls, fail_at; /* fail_at 0: never */
    uint32_t largest;
};

static int fake_get(void *context, struct kvm_msrs *batch) {
    struct fake *fake = context;
    if (++fake->calls == fake->fail_at) {
        errno = EFAULT;
        return -1;
    }
    fake->largest = batch->nmsrs > fake->largest ? batch->nmsrs : fake->largest;
    for (uint32_t i = 0; i < batch->nmsrs; i++) {
        for (size_t k = 0; k < 3; k++)
            if (batch->entries[i].index == fake->unreadable[k])
                return (int)i;
        batch->entries[i].data = UINT64_C(0x1000) + batch->entries[i].index;
    }
    return (int)batch->nmsrs;
}

/* Indexes 1 to `count`. */
static int read_fake(struct fake *fake, uint32_t count, struct cap_full_state *state) {
    struct cap_full_list list = {.msr_count = count,
                                 .xsave_bytes = sizeof(struct kvm_xsave)};
    list.msrs = calloc(count + 1, sizeof(*list.msrs));
    for (uint32_t i = 0; i < count; i++)
        list.msrs[i] = i + 1;
    CHECK_EQ_I64(cap_full_state_init(state, &list, NULL), 0);
    int error = cap_full_msrs_read(fake_get, fake, &list, state);
    free(list.msrs);
    return error;
}

static void check_msrs(const struct fake *fake, const struct cap_full_state *state,
                       uint32_t count) {
    uint32_t good = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct cap_full_msr *msr = &state->msrs[i];
        bool refused = msr->index == fake->unreadable[0] ||
                       msr->index == fake->unreadable[1] ||
                       msr->index == fake->unreadable[2];
        good += msr->index == i + 1 && msr->unreadable == refused &&
                (refused || msr->value == UINT64_C(0x1000) + i + 1);
    }
    CHECK_EQ_U64(good, count);
}

static void goes_on_behind_an_unreadable_msr(void) {
    static const struct {
        struct fake fake;
        uint32_t count;
        unsigned calls;
    } cases[] = {
        {{{0}, 0, 0, 0}, 0, 0},
        {{{0}, 0, 0, 0}, 5, 1},
        {{{3}, 0, 0, 0}, 5, 2},
        {{{1}, 0, 0, 0}, 5, 2},
        {{{5}, 0, 0, 0}, 5, 1},
        {{{2, 3, 4}, 0, 0, 0}, 5, 4},
        {{{1, 2, 3}, 0, 0, 0}, 3, 3},
        {{{0}, 0, 0, 0}, 255, 1},
        {{{0}, 0, 0, 0}, 256, 2},
        {{{255}, 0, 0, 0}, 600, 3},
        {{{256, 300, 600}, 0, 0, 0}, 600, 5},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake fake = cases[i].fake;
        struct cap_full_state state;
        CHECK_EQ_I64(read_fake(&fake, cases[i].count, &state), 0);
        check_msrs(&fake, &state, cases[i].count);
        CHECK_EQ_U64(fake.calls, cases[i].calls);
        CHECK(fake.largest <= 255); /* KVM refuses 256 */
        cap_full_state_done(&state);
    }
}

static void says_the_errno_of_a_failed_batch(void) {
    struct fake fake = {.fail_at = 2};
    struct cap_full_state state;
    CHECK_EQ_I64(read_fake(&fake, 600, &state), EFAULT);
    CHECK_EQ_U64(fake.calls, 2);
    cap_full_state_done(&state);
}

static void knows_names(void) {
    CHECK_STR(cap_msr_name(0x10), "IA32_TIME_STAMP_COUNTER");
    CHECK_STR(cap_msr_name(0xc0000082), "IA32_LSTAR");
    CHECK_STR(cap_msr_name(0xc0011029), "DE_CFG");
    CHECK_STR(cap_msr_name(0x4b564d01), "MSR_KVM_SYSTEM_TIME_NEW");
    CHECK_STR(cap_msr_name(0x11), "MSR_KVM_WALL_CLOCK");
    CHECK_STR(cap_msr_name(0x13), NULL);
    CHECK_STR(cap_msr_name(UINT32_MAX), NULL);
}

/* ---- a part that fails ---- */

/* A descriptor of no vCPU: every part fails, and nothing else happens. */
static void every_part_has_an_errno(void) {
    struct cap_full_list list = {.msr_count = 1, .xsave_bytes = sizeof(struct kvm_xsave)};
    uint32_t index = 0x10;
    struct cap_full_state state;
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    list.msrs = &index;
    CHECK_EQ_I64(cap_full_state_init(&state, &list, NULL), 0);
    CHECK_EQ_I64(cap_full_state_read(fd, &list, &state), ENOTTY);
    CHECK_EQ_I64(state.debug_errno, ENOTTY);
    CHECK_EQ_I64(state.xcrs_errno, ENOTTY);
    CHECK_EQ_I64(state.xsave_errno, ENOTTY);
    CHECK_EQ_I64(state.msrs_errno, ENOTTY);
    CHECK_EQ_I64(state.lapic_errno, ENOTTY);
    CHECK(!state.lapic_none);
    CHECK_EQ_I64(state.events_errno, ENOTTY);
    cap_full_state_done(&state);
    close(fd);
}

/* ---- the report ---- */

static void check_report(const struct cap_full_list *list,
                         const struct cap_full_state *state, const char *want) {
    struct dc_buf text;
    struct dc_writer w;
    dc_buf_init(&text, dc_alloc_libc);
    dc_writer_init(&w, dc_buf_sink(&text), true, false);
    dc_write_open(&w, '{');
    cap_report_full(&w, list, state);
    dc_write_close(&w, '}');
    CHECK_EQ_I64(dc_writer_finish(&w), 0);
    CHECK_MEM(text.data, text.len, want, strlen(want));
    dc_buf_done(&text);
}

static struct cap_full_state nothing_read(void) {
    return (struct cap_full_state){
        .debug_errno = EIO,
        .xcrs_errno = EINVAL,
        .xsave_errno = EIO,
        .msrs_errno = ENOMEM,
        .lapic_errno = EIO,
        .events_errno = EIO,
    };
}

static void writes_what_could_not_be_read(void) {
    struct cap_full_list list = {.msr_count = 0};
    struct cap_full_state state = nothing_read();
    check_report(&list, &state,
                 "{\"full\":{\"unread\":[{\"part\":\"debug\",\"errno\":5},"
                 "{\"part\":\"xcr0\",\"errno\":22},{\"part\":\"xsave\",\"errno\":5},"
                 "{\"part\":\"msrs\",\"errno\":12},{\"part\":\"lapic\",\"errno\":5},"
                 "{\"part\":\"events\",\"errno\":5}]}}");
    state.lapic_errno = 0;
    state.lapic_none = true;
    state.events_errno = state.msrs_errno = state.xsave_errno = state.debug_errno = 0;
    state.xcrs_errno = EINVAL;
    state.xsave_errno = EINVAL;
    check_report(
        &list, &state,
        "{\"full\":{\"debug\":{\"dr0\":0,\"dr1\":0,\"dr2\":0,\"dr3\":0,\"dr6\":0,"
        "\"dr7\":0},\"lapic_state\":\"none\",\"events\":{},"
        "\"unread\":[{\"part\":\"xcr0\",\"errno\":22},"
        "{\"part\":\"xsave\",\"errno\":22}]}}");
}

static void put(uint8_t *area, size_t offset, uint64_t value, size_t bytes) {
    memcpy(area + offset, &value, bytes);
}

/* Adds a list of registers that are 0 but for one. */
static void add_registers(struct dc_buf *out, const char *member, const char *prefix,
                          unsigned count, unsigned digits, unsigned which,
                          const char *value) {
    char text[128], zeros[] = "00000000000000000000000000000000";
    zeros[digits] = '\0';
    snprintf(text, sizeof(text), "\"%s\":[", member);
    dc_buf_text(out, text);
    for (unsigned i = 0; i < count; i++) {
        snprintf(text, sizeof(text), "%s{\"name\":\"%s%u\",\"value\":\"0x%s\"}",
                 i > 0 ? "," : "", prefix, i, i == which ? value : zeros);
        dc_buf_text(out, text);
    }
    dc_buf_text(out, "],");
}

/* An XSAVE area made by hand, with a byte in every place that means something. */
static void takes_an_xsave_area_apart(void) {
    struct cap_full_list list = {.xsave_bytes = sizeof(struct kvm_xsave)};
    struct cap_full_state state = nothing_read();
    struct kvm_xsave xsave;
    uint8_t *area = (uint8_t *)&xsave;

    memset(area, 0, sizeof(xsave));
    list.parts[2] = (struct cap_xsave_part){.offset = 576, .bytes = 256};
    list.parts[5] = (struct cap_xsave_part){.offset = 1088, .bytes = 64};
    list.parts[9] = (struct cap_xsave_part){.offset = 2688, .bytes = 8};
    list.parts[20] = (struct cap_xsave_part){.offset = 3000, .bytes = 8};
    state.xsave = &xsave;
    state.xsave_errno = 0;
    put(area, 0, 0x37f, 2);
    put(area, 2, 0x3800, 2);
    put(area, 4, 0x80, 1);
    put(area, 6, 0x1d8, 2);
    put(area, 8, 0x200010, 8);
    put(area, 16, 0x300020, 8);
    put(area, 24, 0x1fa0, 4);
    put(area, 28, 0xffff, 4);
    put(area, 32, UINT64_C(0x8000000000000000), 8);
    put(area, 40, 0x3fff, 2);
    put(area, 42, 0xffff, 2); /* reserved: no part of the register */
    put(area, 160 + 15 * 16, UINT64_C(0x8899aabbccddeeff), 8);
    put(area, 168 + 15 * 16, UINT64_C(0x0011223344556677), 8);
    put(area, 512, 0x207, 8);
    put(area, 576 + 16, 0x42, 8);
    put(area, 2688, 0x55555554, 4);
    put(area, 3001, 0xab, 1);
    struct dc_buf want;
    dc_buf_init(&want, dc_alloc_libc);
    dc_buf_text(&want, "{\"full\":{\"xstate_bv\":519,\"fpu\":{\"fcw\":895,\"fsw\":14336,"
                       "\"ftw\":128,\"fop\":472,\"fip\":2097168,\"fdp\":3145760,"
                       "\"mxcsr\":8096,\"mxcsr_mask\":65535},");
    add_registers(&want, "st", "st", 8, 20, 0, "3fff8000000000000000");
    add_registers(&want, "xmm", "xmm", 16, 32, 15, "00112233445566778899aabbccddeeff");
    dc_buf_text(&want,
                "\"ymm_high\":[{\"name\":\"ymm1\",\"value\":"
                "\"0x00000000000000000000000000000042\"}],"
                "\"components\":[{\"bit\":9,\"name\":\"PKRU\",\"hex\":\"54 55 55 55\"},"
                "{\"bit\":20,\"hex\":\"00 ab\"}],"
                "\"unread\":[{\"part\":\"debug\",\"errno\":5},"
                "{\"part\":\"xcr0\",\"errno\":22},{\"part\":\"msrs\",\"errno\":12},"
                "{\"part\":\"lapic\",\"errno\":5},{\"part\":\"events\",\"errno\":5}]}}");
    dc_buf_add(&want, "", 1);
    if (CHECK(dc_buf_ok(&want)))
        check_report(&list, &state, want.data);
    dc_buf_done(&want);
}

static void writes_msrs_apic_and_events(void) {
    struct cap_full_msr msrs[] = {{0x10, false, UINT64_MAX}, {0x13, true, 0}};
    struct cap_full_list list = {.msr_count = 2};
    struct cap_full_state state = nothing_read();
    uint8_t *apic = (uint8_t *)state.lapic.regs;

    state.msrs = msrs;
    state.msrs_errno = state.lapic_errno = state.events_errno = 0;
    put(apic, 0x20, 0x05000000, 4);
    put(apic, 0x110, 1u << 16, 4);             /* in service: 48 */
    put(apic, 0x200, 3u << 30, 4);             /* requested: 30, 31, */
    put(apic, 0x210, 1, 4);                    /* 32 */
    put(apic, 0x270, UINT64_C(0x80000000), 4); /* and 255 */
    put(apic, 0x300, 0x4fd, 4);
    put(apic, 0x310, 0x01000000, 4);
    state.events.exception.injected = 1;
    state.events.exception.nr = 14;
    state.events.exception.has_error_code = 1;
    state.events.exception.error_code = 2;
    state.events.interrupt.nr = 99; /* without its flag it says nothing */
    state.events.interrupt.soft = 1;
    state.events.nmi.masked = 1;
    state.events.triple_fault.pending = 1;
    check_report(
        &list, &state,
        "{\"full\":{\"msrs\":[{\"index\":16,\"name\":\"IA32_TIME_STAMP_COUNTER\","
        "\"value\":18446744073709551615},{\"index\":19,\"unreadable\":true}],"
        "\"lapic\":{\"id\":5,\"version\":0,\"tpr\":0,\"apr\":0,\"ppr\":0,\"ldr\":0,"
        "\"dfr\":0,\"svr\":0,\"isr\":\"48\",\"irr\":\"30-32,255\",\"esr\":0,"
        "\"icr\":72057594037929213,\"lvt_cmci\":0,\"lvt_timer\":0,\"lvt_thermal\":0,"
        "\"lvt_pmi\":0,\"lvt_lint0\":0,\"lvt_lint1\":0,\"lvt_error\":0,"
        "\"timer_initial\":0,\"timer_current\":0,\"timer_divide\":0},"
        "\"events\":{\"exception_injected\":true,\"exception_vector\":14,"
        "\"exception_has_error\":true,\"exception_error_code\":2,\"nmi_masked\":true,"
        "\"triple_fault_pending\":true},"
        "\"unread\":[{\"part\":\"debug\",\"errno\":5},{\"part\":\"xcr0\",\"errno\":22},"
        "{\"part\":\"xsave\",\"errno\":5}]}}");
}

/* ---- real KVM ---- */

/* A machine with one vCPU that never runs. */
struct bare {
    int kvm, vm, vcpu;
    bool avx; /* the guest may have it */
};

static bool give_cpuid(const struct bare *bare) {
    enum { ENTRIES = 256 };
    struct kvm_cpuid2 *cpuid =
        calloc(1, sizeof(*cpuid) + ENTRIES * sizeof(cpuid->entries[0]));
    cpuid->nent = ENTRIES;
    CHECK_EQ_I64(ioctl(bare->kvm, KVM_GET_SUPPORTED_CPUID, cpuid), 0);
    CHECK_EQ_I64(ioctl(bare->vcpu, KVM_SET_CPUID2, cpuid), 0);
    bool avx = false;
    for (uint32_t i = 0; i < cpuid->nent; i++)
        if (cpuid->entries[i].function == 1)
            avx = cpuid->entries[i].ecx >> 28 & 1;
    free(cpuid);
    return avx;
}

static bool bare_open(struct bare *bare, bool irqchip) {
    bare->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    bare->vm = ioctl(bare->kvm, KVM_CREATE_VM, 0);
    if (irqchip)
        CHECK_EQ_I64(ioctl(bare->vm, KVM_CREATE_IRQCHIP, 0), 0);
    bare->vcpu = ioctl(bare->vm, KVM_CREATE_VCPU, 0);
    if (!CHECK(bare->vcpu >= 0))
        return false;
    bare->avx = give_cpuid(bare);
    return true;
}

static void bare_close(struct bare *bare) {
    close(bare->vcpu);
    close(bare->vm);
    close(bare->kvm);
}

static void set_debug(const struct bare *bare) {
    struct kvm_debugregs debug = {
        .db = {0x1111, 0x2222, 0x3333, 0x4444}, .dr6 = 0xffff0ff1, .dr7 = 0x455};
    CHECK_EQ_I64(ioctl(bare->vcpu, KVM_SET_DEBUGREGS, &debug), 0);
}

/* xmm5, and the upper half of ymm3 where the guest has one. */
static void set_vectors(const struct bare *bare, const struct cap_full_list *list) {
    struct kvm_xsave *xsave = calloc(1, list->xsave_bytes);
    uint8_t *area = (uint8_t *)xsave;
    struct kvm_xcrs xcrs = {.nr_xcrs = 1, .xcrs = {{.xcr = 0, .value = 7}}};
    if (bare->avx)
        CHECK_EQ_I64(ioctl(bare->vcpu, KVM_SET_XCRS, &xcrs), 0);
    CHECK_EQ_I64(ioctl(bare->vcpu, list->xsave2 ? KVM_GET_XSAVE2 : KVM_GET_XSAVE, xsave),
                 0);
    put(area, 160 + 5 * 16, UINT64_C(0x1122334455667788), 8);
    put(area, 512, bare->avx ? 7 : 3, 8);
    if (bare->avx)
        put(area, list->parts[2].offset + 3 * 16, UINT64_C(0x99aabbccddeeff00), 8);
    CHECK_EQ_I64(ioctl(bare->vcpu, KVM_SET_XSAVE, xsave), 0);
    free(xsave);
}

static void set_lstar(const struct bare *bare) {
    _Alignas(struct kvm_msrs)
        uint8_t room[sizeof(struct kvm_msrs) + sizeof(struct kvm_msr_entry)] = {0};
    struct kvm_msrs *one = (struct kvm_msrs *)room;
    one->nmsrs = 1;
    one->entries[0] = (struct kvm_msr_entry){.index = 0xc0000082, .data = 0x123456789};
    CHECK_EQ_I64(ioctl(bare->vcpu, KVM_SET_MSRS, one), 1);
}

static const struct cap_full_msr *find_msr(const struct cap_full *full, uint32_t index) {
    for (uint32_t i = 0; i < full->list.msr_count; i++)
        if (full->states[0].msrs[i].index == index)
            return &full->states[0].msrs[i];
    return NULL;
}

static uint64_t number_in(const struct kvm_xsave *xsave, size_t offset) {
    uint64_t value;
    memcpy(&value, (const uint8_t *)xsave + offset, sizeof(value));
    return value;
}

static void check_state(const struct cap_full *full, bool with_avx) {
    const struct cap_full_state *state = cap_full_of(full, 0);
    const struct cap_xsave_part *avx = &full->list.parts[2];
    const struct cap_full_msr *lstar = find_msr(full, 0xc0000082);
    if (!CHECK(state != NULL))
        return;
    CHECK_EQ_I64(state->debug_errno, 0);
    CHECK_EQ_U64(state->debug.db[2], 0x3333);
    CHECK_EQ_U64(state->debug.dr7, 0x455);
    CHECK_EQ_I64(state->xsave_errno, 0);
    CHECK_EQ_U64(number_in(state->xsave, 160 + 5 * 16), UINT64_C(0x1122334455667788));
    if (with_avx) {
        CHECK_EQ_U64(avx->bytes, 256);
        CHECK_EQ_U64(number_in(state->xsave, avx->offset + 3 * 16),
                     UINT64_C(0x99aabbccddeeff00));
        CHECK_EQ_I64(state->xcrs_errno, 0);
        CHECK_EQ_U64(state->xcrs.xcrs[0].value, 7);
    }
    printf("# %s AVX, %u MSRs, XSAVE area of %u bytes\n", with_avx ? "with" : "without",
           full->list.msr_count, full->list.xsave_bytes);
    CHECK_EQ_I64(state->msrs_errno, 0);
    if (CHECK(lstar != NULL))
        CHECK_EQ_U64(lstar->value, 0x123456789);
    CHECK_EQ_I64(state->events_errno, 0);
}

/* What was set from outside is what is read. */
static void reads_what_was_set(void) {
    struct bare bare;
    struct dc_error err = {0};
    NEED_KVM;
    if (!bare_open(&bare, false))
        return;
    struct cap_full *full = cap_full_new(bare.kvm, bare.vm, 1, &err);
    if (CHECK(full != NULL)) {
        set_debug(&bare);
        set_vectors(&bare, &full->list);
        set_lstar(&bare);
        CHECK(cap_full_of(full, 0) == NULL);
        cap_full_take(full, 0, bare.vcpu);
        check_state(full, bare.avx);
        CHECK(full->states[0].lapic_none);
        CHECK_EQ_I64(full->states[0].lapic_errno, 0);
        CHECK(cap_full_of(full, 1) == NULL);
    }
    cap_full_free(full);
    bare_close(&bare);
}

static void reads_a_local_apic(void) {
    struct bare bare;
    struct dc_error err = {0};
    NEED_KVM;
    if (!bare_open(&bare, true))
        return;
    struct cap_full *full = cap_full_new(bare.kvm, bare.vm, 1, &err);
    if (CHECK(full != NULL)) {
        cap_full_take(full, 0, bare.vcpu);
        CHECK(!full->states[0].lapic_none);
        CHECK_EQ_I64(full->states[0].lapic_errno, 0);
        uint32_t version;
        memcpy(&version, full->states[0].lapic.regs + 0x30, sizeof(version));
        CHECK_EQ_U64(version & 0xf0, 0x10); /* an integrated APIC */
    }
    cap_full_free(full);
    bare_close(&bare);
}

int main(void) {
    UNIT_RUN(goes_on_behind_an_unreadable_msr);
    UNIT_RUN(says_the_errno_of_a_failed_batch);
    UNIT_RUN(knows_names);
    UNIT_RUN(every_part_has_an_errno);
    UNIT_RUN(writes_what_could_not_be_read);
    UNIT_RUN(takes_an_xsave_area_apart);
    UNIT_RUN(writes_msrs_apic_and_events);
    UNIT_RUN(reads_what_was_set);
    UNIT_RUN(reads_a_local_apic);
    return unit_done();
}
