/*
 * The demo guest on real KVM: each scenario does what the manual says of it, and what the
 * vCPUs are doing when they are frozen (halted, never started, in the middle of an access)
 * keeps none of them from parking. Skipped by name where KVM is missing.
 */
#include "tests/unit/machine_aid.h"

#include "capture/age.h"
#include "capture/boot.h"
#include "capture/clock.h"
#include "capture/trigger.h"

#define PAGE 4096

static bool latched(const struct bench *bench) {
    return bench_u32(bench, bench_symbol(bench, "err_exit_detected")) != 0;
}

static uint32_t exit_kind(const struct bench *bench) {
    return bench_u32(bench, bench_u64(bench, bench_symbol(bench, "scx_root")));
}

static enum cap_life life(const struct bench *bench, uint32_t *vcpu) {
    return bench->source->ops->life(bench->source, vcpu);
}

static struct cap_vcpu_facts facts_of(const struct bench *bench, uint32_t id) {
    struct cap_vcpu_facts facts;
    bench->source->ops->collect(bench->source, id, &facts);
    return facts;
}

/* Until the guest reports an error, ends or crashes. */
static bool wait_for_end(const struct bench *bench) {
    uint64_t limit = cap_now_ns() + 60 * CAP_NS_PER_S;
    while (!latched(bench) && life(bench, NULL) == CAP_RUNNING && cap_now_ns() < limit)
        usleep(200);
    return CHECK(cap_now_ns() < limit);
}

static void check_error(const char *guest, uint32_t vcpus, uint32_t kind) {
    struct bench bench;
    if (bench_set_up(&bench, &(struct bench_wish){.guest = guest, .vcpus = vcpus}) &&
        wait_for_end(&bench)) {
        CHECK_EQ_U64(life(&bench, NULL), CAP_RUNNING);
        CHECK(latched(&bench));
        CHECK_EQ_U64(exit_kind(&bench), kind);
    }
    bench_tear_down(&bench);
}

static void errors_are_reported(void) {
    static const uint32_t sizes[] = {1, 3};
    NEED_KVM;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        check_error("demo:error", sizes[i], GUEST_EXIT_ERROR);
        check_error("demo:relapse", sizes[i], GUEST_EXIT_ERROR_BPF);
        check_error("demo:halt", sizes[i], GUEST_EXIT_ERROR);
        check_error("demo:uninit", sizes[i], GUEST_EXIT_ERROR);
        check_error("demo:storm", sizes[i], GUEST_EXIT_ERROR);
        check_error("demo:ask", sizes[i], GUEST_EXIT_ERROR);
    }
}

static void flip_leaves_nothing_behind(void) {
    struct bench bench;
    NEED_KVM;
    if (bench_set_up(&bench, &(struct bench_wish){.guest = "demo:flip", .vcpus = 2}) &&
        wait_for_end(&bench)) {
        CHECK_EQ_U64(life(&bench, NULL), CAP_ENDED);
        CHECK(!latched(&bench));
        CHECK_EQ_U64(exit_kind(&bench), GUEST_EXIT_UNREG);
    }
    bench_tear_down(&bench);
}

static void last_vcpu_crashes(void) {
    static const uint32_t sizes[] = {1, 3};
    NEED_KVM;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct bench bench;
        struct bench_wish wish = {.guest = "demo:crash", .vcpus = sizes[i]};
        uint32_t vcpu = UINT32_MAX;
        if (bench_set_up(&bench, &wish) && wait_for_end(&bench)) {
            CHECK_EQ_U64(life(&bench, &vcpu), CAP_FAILED);
            CHECK_EQ_U64(vcpu, sizes[i] - 1);
            CHECK_EQ_U64(facts_of(&bench, vcpu).exit_reason, KVM_EXIT_SHUTDOWN);
            CHECK(!latched(&bench));
        }
        bench_tear_down(&bench);
    }
}

/* ---- time ---- */

/* Looks at the age until the guest reports an error. Returns the longest. */
static uint64_t longest_age(const struct bench *bench) {
    struct cap_age_source age;
    uint64_t longest = 0, now = 0, limit = cap_now_ns() + 60 * CAP_NS_PER_S;

    cap_age_bind(&age, bench->guest.elf, bench->source->board->count);
    CHECK(cap_age_missing(&age) == NULL);
    while (!latched(bench) && cap_now_ns() < limit) {
        if (cap_age_read(bench->source, &age, &now) == CAP_AGE_READ && now > longest)
            longest = now;
        usleep(100);
    }
    CHECK(cap_now_ns() < limit);
    return longest;
}

static void late_error_stalls_before(void) {
    struct bench bench;
    struct bench_wish wish = {.guest = "demo:late-error", .vcpus = 3, .watchdog_ms = 800};
    NEED_KVM;
    if (bench_set_up(&bench, &wish)) {
        uint64_t longest = longest_age(&bench);
        CHECK(longest >= 400 && longest <= 800);
        CHECK_EQ_U64(exit_kind(&bench), GUEST_EXIT_ERROR); /* and not the watchdog's */
        CHECK(bench_u64(&bench, bench_symbol(&bench, "jiffies")) >= 1200);
    }
    bench_tear_down(&bench);
}

static void stall_grows_to_the_watchdog(void) {
    struct bench bench;
    struct bench_wish wish = {.guest = "demo:stall", .vcpus = 3, .watchdog_ms = 300};
    struct guest_boot boot;
    NEED_KVM;
    if (bench_set_up(&bench, &wish)) {
        CHECK(bench.source->ops->read_memory(bench.source, CAP_BOOT_PAGE, &boot,
                                             sizeof(boot)));
        CHECK_EQ_U64(boot.version, GUEST_VERSION);
        CHECK_EQ_U64(boot.watchdog_ticks / boot.tsc_khz, 300);
        CHECK(longest_age(&bench) >= 150);
        CHECK_EQ_U64(exit_kind(&bench), GUEST_EXIT_ERROR_STALL);
        uint64_t stamps = bench_symbol(&bench, "runnable_at");
        uint64_t stalled = bench_u64(&bench, stamps + 2 * sizeof(uint64_t));
        uint64_t now = bench_u64(&bench, bench_symbol(&bench, "jiffies"));
        CHECK(now - stalled > 300);
        CHECK_EQ_U64(bench_u64(&bench, stamps + 3 * sizeof(uint64_t)), 0);
    }
    bench_tear_down(&bench);
}

/* ---- parks ---- */

static bool all_others_are(const struct bench *bench, uint32_t mp_state) {
    for (uint32_t id = 1; id < bench->source->board->count; id++)
        if (bench_registers(bench, id)->mp_state != mp_state)
            return false;
    return true;
}

/* Freezes until all have got there, and then a number of times more. */
static void idle_case(const char *guest, uint32_t mp_state, uint64_t rip) {
    struct bench bench;
    uint64_t limit = cap_now_ns() + 60 * CAP_NS_PER_S;
    bool arrived = false;

    if (!bench_set_up(&bench, &(struct bench_wish){.guest = guest, .vcpus = 4}))
        limit = 0;
    for (int i = 0; i < 50 && cap_now_ns() < limit; i += arrived) {
        bench_freeze(&bench);
        arrived = arrived || all_others_are(&bench, mp_state);
        CHECK_EQ_U64(bench_registers(&bench, 0)->mp_state, KVM_MP_STATE_RUNNABLE);
        for (uint32_t id = 1; arrived && id < 4; id++) {
            CHECK_EQ_U64(bench_registers(&bench, id)->mp_state, mp_state);
            CHECK_EQ_U64(bench_registers(&bench, id)->general.rip, rip);
            CHECK_EQ_U64(facts_of(&bench, id).life, CAP_RUNNING);
        }
        cap_freeze_thaw(bench.freeze);
    }
    CHECK(arrived);
    bench_tear_down(&bench);
}

static void halted_vcpus_park(void) {
    NEED_KVM;
    idle_case("demo:halt", KVM_MP_STATE_HALTED, CAP_HALT_CODE + 1);
}

static void vcpus_that_never_started_park(void) {
    NEED_KVM;
    idle_case("demo:uninit", KVM_MP_STATE_UNINITIALIZED, 0xfff0);
}

/* An access that a freeze interrupts is neither lost nor made twice: the guest counts what
   it has done, and dies of a read that brings the wrong thing. */
static void interrupted_accesses_happen_once(void) {
    struct bench bench;
    uint32_t ahead = 0;
    NEED_KVM;
    if (bench_set_up(&bench, &(struct bench_wish){.guest = "demo:storm", .vcpus = 4})) {
        uint64_t turns = bench_symbol(&bench, "turns");
        for (int i = 0; i < 200; i++) {
            usleep(200);
            bench_freeze(&bench);
            for (uint32_t id = 0; id < 4; id++) {
                uint64_t done = bench_u64(&bench, turns + UINT64_C(64) * id);
                uint64_t served = facts_of(&bench, id).accesses;
                CHECK(served >= done && served - done <= 2);
                ahead += served != done;
            }
            cap_freeze_thaw(bench.freeze);
        }
        CHECK(ahead > 0); /* some were interrupted */
        CHECK_EQ_U64(life(&bench, NULL), CAP_RUNNING);
        for (uint32_t id = 0; id < 4; id++)
            CHECK(facts_of(&bench, id).accesses > 10);
    }
    bench_tear_down(&bench);
}

/* What the guest counts without leaving it stands still while it is frozen. */
static void nobody_runs_while_frozen(void) {
    struct bench bench;
    NEED_KVM;
    if (bench_set_up(&bench, &(struct bench_wish){.guest = "demo:spin", .vcpus = 4})) {
        uint64_t turns = bench_symbol(&bench, "turns"), seen[4];
        for (int i = 0; i < 30; i++) {
            bench_freeze(&bench);
            for (uint32_t id = 0; id < 4; id++)
                seen[id] = bench_u64(&bench, turns + UINT64_C(64) * id);
            usleep(2000);
            for (uint32_t id = 0; id < 4; id++)
                CHECK_EQ_U64(bench_u64(&bench, turns + UINT64_C(64) * id), seen[id]);
            cap_freeze_thaw(bench.freeze);
            for (uint32_t id = 0; id < 4; id++)
                bench_wait_for_change(&bench, turns + UINT64_C(64) * id, seen[id]);
        }
        for (uint32_t id = 0; id < 4; id++)
            CHECK(bench_u64(&bench, turns + UINT64_C(64) * id) > seen[id]);
    }
    bench_tear_down(&bench);
}

/* ---- the device page ---- */

static const uint8_t beyond_memory[] = {
    0xb8, 0x00, 0x00, 0xf0, 0x03, /* mov $0x3f00000, %eax   the end of 63 MiB */
    0x89, 0x00,                   /* mov %eax, (%rax) */
    0x0f, 0x0b,                   /* ud2 */
};

static const uint8_t beyond_device[] = {
    0xb8, 0x00, 0x00, 0x00, 0xd0,       /* mov $GUEST_MMIO, %eax */
    0x89, 0x80, 0xfc, 0x0f, 0x00, 0x00, /* mov %eax, 4092(%rax)   the last word of it */
    0x89, 0x80, 0x00, 0x10, 0x00, 0x00, /* mov %eax, 4096(%rax)   not mapped */
    0xeb, 0xfe,                         /* jmp . */
};

static void only_the_page_is_a_device(void) {
    static const struct {
        const uint8_t *code;
        size_t size;
        uint64_t accesses, detail;
        uint32_t exit_reason;
    } cases[] = {
        {beyond_memory, sizeof(beyond_memory), 0, 0x3f00000, KVM_EXIT_MMIO},
        {beyond_device, sizeof(beyond_device), 1, 0, KVM_EXIT_SHUTDOWN},
    };
    NEED_KVM;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bench bench;
        char path[AID_PATH];
        int fd = aid_make_guest(cases[i].code, cases[i].size, path);
        struct bench_wish wish = {path, 1, UINT64_C(63) << 20, 0, NULL};
        uint64_t limit = cap_now_ns() + 30 * CAP_NS_PER_S;
        if (bench_set_up(&bench, &wish)) {
            while (life(&bench, NULL) == CAP_RUNNING && cap_now_ns() < limit)
                usleep(200);
            struct cap_vcpu_facts facts = facts_of(&bench, 0);
            CHECK_EQ_U64(facts.life, CAP_FAILED);
            CHECK_EQ_U64(facts.exit_reason, cases[i].exit_reason);
            CHECK_EQ_U64(facts.detail, cases[i].detail);
            CHECK_EQ_U64(facts.accesses, cases[i].accesses);
        }
        bench_tear_down(&bench);
        close(fd);
    }
}

/* ---- the doorbell ---- */

/* Is busy at first, and then answers what is asked for the third time. */
struct desk {
    _Atomic uint32_t asks, looks;
    _Atomic uint32_t asked[8];
};

static int ask(void *context, uint32_t vcpu, uint32_t value) {
    struct desk *desk = context;
    uint32_t number = atomic_fetch_add(&desk->asks, 1);
    if (number < 8)
        atomic_store(&desk->asked[number], value);
    atomic_store(&desk->looks, 0);
    return vcpu == 0 ? 0 : -1;
}

static uint32_t state(void *context, uint32_t vcpu) {
    struct desk *desk = context;
    uint32_t asks = atomic_load(&desk->asks);
    if (vcpu != 0 || asks == 0)
        return GUEST_REQUEST_NONE;
    if (asks == 1)
        return GUEST_REQUEST_BUSY;
    if (atomic_fetch_add(&desk->looks, 1) < 3)
        return GUEST_REQUEST_PENDING;
    return asks == 2 ? GUEST_REQUEST_CAPTURED : GUEST_REQUEST_DEGRADED;
}

static void check_answers(const struct cap_doorbell *doorbell, uint32_t first,
                          uint32_t second) {
    struct bench bench;
    struct bench_wish wish = {.guest = "demo:ask", .vcpus = 2, .doorbell = doorbell};
    if (bench_set_up(&bench, &wish) && wait_for_end(&bench)) {
        uint64_t answers = bench_symbol(&bench, "answers");
        CHECK_EQ_U64(bench_u32(&bench, answers), first);
        CHECK_EQ_U64(bench_u32(&bench, answers + 4), second);
        CHECK_EQ_U64(exit_kind(&bench), GUEST_EXIT_ERROR);
    }
    bench_tear_down(&bench);
}

static void requests_are_answered(void) {
    struct desk desk = {0};
    struct cap_doorbell doorbell = {ask, state, &desk};
    NEED_KVM;
    check_answers(&doorbell, GUEST_REQUEST_CAPTURED, GUEST_REQUEST_DEGRADED);
    CHECK_EQ_U64(atomic_load(&desk.asks), 3);
    CHECK_EQ_U64(atomic_load(&desk.asked[0]), 7);
    CHECK_EQ_U64(atomic_load(&desk.asked[1]), 7); /* again, since it was busy */
    CHECK_EQ_U64(atomic_load(&desk.asked[2]), 8);
    check_answers(NULL, GUEST_REQUEST_REFUSED, GUEST_REQUEST_REFUSED);
}

/* ---- pages ---- */

static void watched_words_have_pages_of_their_own(void) {
    static const char *const others[] = {"jiffies", "runnable_at", "scx_root", "turns",
                                         "answers"};
    struct bench bench;
    NEED_KVM;
    if (bench_set_up(&bench, &(struct bench_wish){.guest = "demo:error", .vcpus = 1}) &&
        wait_for_end(&bench)) {
        uint64_t latch = bench_symbol(&bench, "err_exit_detected");
        uint64_t scheduler = bench_u64(&bench, bench_symbol(&bench, "scx_root"));
        CHECK_EQ_U64(latch % PAGE, 0);
        CHECK_EQ_U64(scheduler % PAGE, 0);
        CHECK(latch != scheduler);
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
            uint64_t page = bench_symbol(&bench, others[i]) / PAGE;
            CHECK(page != latch / PAGE && page != scheduler / PAGE);
        }
    }
    bench_tear_down(&bench);
}

int main(void) {
    UNIT_RUN(errors_are_reported);
    UNIT_RUN(flip_leaves_nothing_behind);
    UNIT_RUN(last_vcpu_crashes);
    UNIT_RUN(late_error_stalls_before);
    UNIT_RUN(stall_grows_to_the_watchdog);
    UNIT_RUN(halted_vcpus_park);
    UNIT_RUN(vcpus_that_never_started_park);
    UNIT_RUN(interrupted_accesses_happen_once);
    UNIT_RUN(nobody_runs_while_frozen);
    UNIT_RUN(only_the_page_is_a_device);
    UNIT_RUN(requests_are_answered);
    UNIT_RUN(watched_words_have_pages_of_their_own);
    return unit_done();
}
