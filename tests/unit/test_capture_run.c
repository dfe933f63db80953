/*
 * Whole captures on real KVM: scenarios, vCPUs that cannot be stopped, crashes, guests that
 * end, what is refused, and what is left behind (nothing). Skipped by name where KVM is
 * missing.
 */
#include "tests/unit/capture_aid.h"

#include <errno.h>
#include <sys/wait.h>

#include "capture/exit_reason.h"
#include "capture/guests/guest.h"
#include "capture/machine.h"
#include "capture/report.h"

static const uint8_t crash_on_2[] = {
    0x83, 0xff, 0x02, /* cmp $2, %edi    which vCPU is this? */
    0x75, 0x02,       /* jne 1f */
    0x0f, 0x0b,       /* ud2 */
    0xf3, 0x90,       /* 1: pause */
    0xeb, 0xfc,       /* jmp 1b */
};

static const uint8_t end_with_42[] = {
    0xba, 0x04, 0x05, 0x00, 0x00, /* mov $0x504, %edx */
    0xb8, 0x2a, 0x00, 0x00, 0x00, /* mov $42, %eax */
    0xef,                         /* out %eax, (%dx) */
    0xeb, 0xfe,                   /* 1: jmp 1b */
};

static const uint8_t spin[] = {0xeb, 0xfe};

static struct cap_end ended; /* of the latest capture */

/* A capture that must work, and must leave nothing behind. Its main report, whose vcpus are
   the caller's; NULL where there is none. */
static struct cap_result capture(const struct cap_options *options) {
    struct aid_run run = aid_capture(options);
    struct cap_result result = {0};

    CHECK_EQ_I64(run.failed, 0);
    CHECK(!run.end.threads_lost);
    CHECK_EQ_I64(run.files, 0);
    CHECK_EQ_I64(run.threads, 0);
    CHECK(run.end.main_made == (aid_document(&run.documents, NULL) != NULL));
    for (size_t i = 0; i < run.documents.count; i++) {
        struct aid_document *document = &run.documents.list[i];
        if (document->sibling)
            continue;
        result = document->result;
        document->result.vcpus = NULL;
    }
    ended = run.end;
    aid_documents_free(&run.documents);
    return result;
}

/* A capture that must be refused, and must leave nothing behind either. */
static void refused(const struct cap_options *options, enum dc_code code,
                    const char *say) {
    struct aid_run run = aid_capture(options);

    CHECK_EQ_I64(run.failed, -1);
    CHECK_EQ_U64(run.err.code, code);
    if (!CHECK(strstr(run.err.message, say) != NULL))
        printf("# wanted \"%s\", got \"%s\"\n", say, run.err.message);
    CHECK_EQ_I64(run.files, 0);
    CHECK_EQ_I64(run.threads, 0);
    aid_documents_free(&run.documents);
}

/* The registers and memory of a capture of the demo make sense. */
static void complete_capture_has_everything(void) {
    NEED_KVM;
    struct cap_options options = CAP_OPTIONS_DEFAULT;
    time_t before = time(NULL);
    struct cap_result result = capture(&options);

    CHECK_EQ_U64(result.outcome, CAP_COMPLETE);
    CHECK_EQ_U64(ended.ending, CAP_ENDED_BY_REPORT);
    CHECK_EQ_U64(result.trigger, CAP_TRIGGER_LATCH);
    CHECK_EQ_U64(result.parked, 4);
    CHECK_EQ_U64(result.latch_at_trigger, CAP_LATCH_TRIGGERED);
    CHECK_EQ_U64(result.latch_at_report, CAP_LATCH_TRIGGERED);
    CHECK_EQ_U64(result.exit_kind_state, CAP_EXIT_KIND_READ);
    CHECK_EQ_U64(result.exit_kind, GUEST_EXIT_ERROR_STALL);
    CHECK(result.run_us > 0);
    CHECK(result.captured_at >= before && result.captured_at <= time(NULL));
    for (uint32_t id = 0; result.vcpus && id < result.vcpu_count; id++) {
        const struct cap_vcpu_result *vcpu = &result.vcpus[id];
        CHECK_EQ_U64(vcpu->state, CAP_PARKED);
        CHECK_EQ_U64(vcpu->id, id);
        CHECK(vcpu->kicks >= 1);
        CHECK(vcpu->facts.host_tid > 0);
        CHECK_EQ_U64(vcpu->facts.life, CAP_RUNNING);
        CHECK_EQ_U64(vcpu->registers.system.cs.selector & 3, 3);
        CHECK(vcpu->registers.general.rip >= GUEST_MEMORY_START);
        CHECK(vcpu->registers.general.rflags & 2);
        CHECK(vcpu->registers.has_mp_state);
    }
    free(result.vcpus);
}

static void one_vcpu_stalls_too(void) {
    NEED_KVM;
    struct cap_options options = CAP_OPTIONS_DEFAULT;
    options.vcpus = 1;
    struct cap_result result = capture(&options);
    CHECK_EQ_U64(result.outcome, CAP_COMPLETE);
    CHECK_EQ_U64(result.exit_kind, GUEST_EXIT_ERROR_STALL);
    free(result.vcpus);
}

static void error_scenario_triggers(void) {
    NEED_KVM;
    struct cap_options options = CAP_OPTIONS_DEFAULT;
    options.guest = "demo:error";
    struct cap_result result = capture(&options);
    CHECK_EQ_U64(result.outcome, CAP_COMPLETE);
    CHECK_EQ_U64(result.exit_kind, GUEST_EXIT_ERROR);
    free(result.vcpus);
}

static void clean_guest_ends(void) {
    static const uint32_t sizes[] = {1, 4, 250};
    NEED_KVM;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct cap_options options = CAP_OPTIONS_DEFAULT;
        options.guest = "demo:clean";
        options.vcpus = sizes[i];
        struct cap_result result = capture(&options);
        CHECK(!ended.main_made);
        CHECK_EQ_U64(ended.ending, CAP_ENDED_BY_GUEST);
        CHECK_EQ_U64(ended.event_vcpu, 0);
        CHECK(result.vcpus == NULL);
        free(result.vcpus);
    }
}

/* Longer than the watchdog of 250 vCPUs, with all of them busy on however few processors. */
static void busy_guest_never_fails(void) {
    NEED_KVM;
    struct cap_options options = CAP_OPTIONS_DEFAULT;
    options.guest = "demo:spin";
    options.vcpus = 250;
    options.run_for_ms = cap_machine_watchdog_ms(250) + 1500;
    struct cap_result result = capture(&options);
    CHECK(!ended.main_made);
    CHECK_EQ_U64(ended.ending, CAP_ENDED_BY_TIME);
    free(result.vcpus);
}

static void stuck_case(bool realtime) {
    static uint32_t stuck[] = {2, 5};
    struct cap_options options = CAP_OPTIONS_DEFAULT;
    options.guest = "demo:spin";
    options.vcpus = 8;
    options.triggers = CAP_ON(CAP_TRIGGER_TIMER);
    options.timer_ms = 20;
    options.timeout_ms = 1000;
    options.inject.stuck = (struct cap_id_list){stuck, 2};
    options.allow_realtime = realtime;
    struct cap_result result = capture(&options);
    CHECK_EQ_U64(result.outcome, CAP_TIMEOUT);
    CHECK_EQ_U64(result.parked, 6);
    CHECK(result.elapsed_us >= 1000000);
    for (uint32_t id = 0; result.vcpus && id < 8; id++) {
        const struct cap_vcpu_result *vcpu = &result.vcpus[id];
        bool is_stuck = id == 2 || id == 5;
        CHECK_EQ_U64(vcpu->state, is_stuck ? CAP_NOT_PARKED : CAP_PARKED);
        CHECK(vcpu->injected_stuck == is_stuck);
        if (is_stuck)
            CHECK(vcpu->kicks > 1); /* the coordinator does its part */
    }
    free(result.vcpus);
}

static void stuck_vcpus_do_not_park(void) {
    NEED_KVM;
    stuck_case(false);
    for (int i = 0; i < 3; i++)
        stuck_case(true);
}

static void unresolved_fault_does_not_park(void) {
    static uint32_t ids[] = {1};
    struct cap_fault_page page;
    struct dc_error err = {0};
    NEED_KVM;
    if (cap_fault_page_open(&page, &err))
        SKIP("userfaultfd is not permitted here");
    cap_fault_page_close(&page);
    struct cap_options options = CAP_OPTIONS_DEFAULT;
    options.guest = "demo:spin";
    options.triggers = CAP_ON(CAP_TRIGGER_TIMER);
    options.timer_ms = 50;
    options.timeout_ms = 500;
    options.inject.fault = (struct cap_id_list){ids, 1};
    struct cap_result result = capture(&options);
    if (result.outcome == CAP_COMPLETE) {
        free(result.vcpus);
        SKIP("this host lets a kick through an unresolved fault");
    }
    CHECK_EQ_U64(result.outcome, CAP_TIMEOUT);
    CHECK_EQ_U64(result.parked, 3);
    if (CHECK(result.vcpus != NULL))
        CHECK_EQ_U64(result.vcpus[1].state, CAP_NOT_PARKED);
    free(result.vcpus);
}

static atomic_int cancel;

static void cancel_now(void *context, const struct cap_progress *progress) {
    (void)context;
    if (progress->parked == 3)
        atomic_store(&cancel, 1);
}

static void cancel_kills_or_ends(void) {
    static uint32_t stuck[] = {0};
    NEED_KVM;
    struct cap_options options = CAP_OPTIONS_DEFAULT;
    options.guest = "demo:spin";
    options.cancel = &cancel;
    atomic_store(&cancel, 1);
    struct cap_result result = capture(&options);
    CHECK(!ended.main_made);
    CHECK_EQ_U64(ended.ending, CAP_ENDED_BY_CANCEL);
    free(result.vcpus);

    atomic_store(&cancel, 0);
    options.triggers = CAP_ON(CAP_TRIGGER_TIMER);
    options.inject.stuck = (struct cap_id_list){stuck, 1};
    options.timeout_ms = 60000;
    options.progress = cancel_now;
    result = capture(&options);
    CHECK_EQ_U64(result.outcome, CAP_KILLED);
    CHECK_EQ_U64(result.parked, 3);
    CHECK(result.elapsed_us < 30000000);
    free(result.vcpus);
}

static void crash_texts_say_what_is_known(void) {
    static const struct {
        struct cap_vcpu_facts facts;
        const char *text;
    } cases[] = {
        {{.run_errno = EFAULT, .exit_reason = KVM_EXIT_INTR},
         "KVM_RUN failed: Bad address"},
        {{.exit_reason = KVM_EXIT_FAIL_ENTRY, .detail = 33},
         "KVM_EXIT_FAIL_ENTRY, hardware reason 0x21"},
        {{.exit_reason = KVM_EXIT_INTERNAL_ERROR, .detail = 1},
         "KVM_EXIT_INTERNAL_ERROR, suberror 0x1"},
        {{.exit_reason = KVM_EXIT_MMIO, .detail = 0xdead000},
         "KVM_EXIT_MMIO, no memory at 0xdead000"},
        {{.exit_reason = KVM_EXIT_SHUTDOWN}, "KVM_EXIT_SHUTDOWN"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[CAP_CRASH_TEXT];
        struct cap_vcpu_result vcpu = {.facts = cases[i].facts};
        vcpu.exit_name = cap_exit_reason_name(vcpu.facts.exit_reason);
        CHECK_STR(cap_crash_text(&vcpu, text), cases[i].text);
    }
}

static void crash_is_captured(void) {
    char path[AID_PATH], text[CAP_CRASH_TEXT];
    NEED_KVM;
    int fd = aid_make_guest(crash_on_2, sizeof(crash_on_2), path);
    struct cap_options options = CAP_OPTIONS_DEFAULT;
    options.guest = path;
    options.triggers = CAP_ON(CAP_TRIGGER_TIMER);
    options.timer_ms = 60000;
    struct cap_result result = capture(&options);
    CHECK_EQ_U64(result.outcome, CAP_CRASHED);
    CHECK_EQ_U64(result.trigger, CAP_TRIGGER_CRASH);
    CHECK_EQ_U64(result.event_vcpu, 2);
    CHECK_EQ_U64(result.parked, 4);
    CHECK_EQ_U64(result.latch_at_report, CAP_LATCH_NOT_RESOLVED);
    CHECK_EQ_U64(result.exit_kind_state, CAP_EXIT_KIND_NOT_RESOLVED);
    if (CHECK(result.vcpus != NULL)) {
        CHECK_EQ_U64(result.vcpus[2].facts.life, CAP_FAILED);
        CHECK_STR(result.vcpus[2].exit_name, "KVM_EXIT_SHUTDOWN");
        CHECK_STR(cap_crash_text(&result.vcpus[2], text), "KVM_EXIT_SHUTDOWN");
        CHECK_EQ_U64(result.vcpus[1].facts.life, CAP_RUNNING);
    }
    free(result.vcpus);
    close(fd);
}

static void file_guest_ends_with_status(void) {
    char path[AID_PATH];
    NEED_KVM;
    int fd = aid_make_guest(end_with_42, sizeof(end_with_42), path);
    struct cap_options options = CAP_OPTIONS_DEFAULT;
    options.guest = path;
    options.triggers = CAP_ON(CAP_TRIGGER_TIMER);
    options.timer_ms = 60000;
    struct cap_result result = capture(&options);
    CHECK_EQ_U64(ended.ending, CAP_ENDED_BY_GUEST);
    CHECK_EQ_U64(ended.end_status, 42);
    free(result.vcpus);
    close(fd);
}

static void impossible_captures_are_refused(void) {
    static uint32_t ids[] = {4};
    char path[AID_PATH];
    struct cap_options options = CAP_OPTIONS_DEFAULT;

    options.kvm_path = "/nonexistent/kvm";
    refused(&options, DC_ECANNOT, "does not exist");
    options.kvm_path = "/dev/null";
    refused(&options, DC_ECANNOT, "not a KVM device");
    options.kvm_path = NULL;
    options.timeout_ms = 0;
    refused(&options, DC_EUSAGE, "timeout");
    options.timeout_ms = CAP_MAX_MS + 1;
    refused(&options, DC_EUSAGE, "times");
    options = CAP_OPTIONS_DEFAULT;
    options.guest = "demo:nothing";
    refused(&options, DC_EUSAGE, "demo:stall");

    int fd = aid_make_guest(spin, sizeof(spin), path);
    options.guest = path;
    refused(&options, DC_EUSAGE, "--trigger timer");
    close(fd);

    NEED_KVM;
    options = CAP_OPTIONS_DEFAULT;
    options.vcpus = 1000000;
    refused(&options, DC_EUSAGE, "too many");
    options.vcpus = 0;
    refused(&options, DC_EUSAGE, "at least 1");
    options.vcpus = 4;
    options.inject.stuck = (struct cap_id_list){ids, 1};
    refused(&options, DC_EUSAGE, "stuck=4");
    options = CAP_OPTIONS_DEFAULT;
    options.memory_mib = 3;
    refused(&options, DC_EUSAGE, "4 to 3072");
    options.memory_mib = 4;
    options.vcpus = 200;
    refused(&options, DC_EUSAGE, "--memory 6");
    options.memory_mib = 6; /* the remedy works */
    options.guest = "demo:error";
    struct cap_result result = capture(&options);
    CHECK_EQ_U64(result.outcome, CAP_COMPLETE);
    free(result.vcpus);
}

/* In a child, which cannot get its rights back. 0: refused as it should be. */
static int run_as_nobody(void) {
    struct cap_options options = CAP_OPTIONS_DEFAULT;
    struct cap_end end;
    struct dc_error err = {0};

    if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
        return 2;
    if (access("/dev/kvm", R_OK | W_OK) == 0)
        return 3;
    return cap_run(&options, &end, &err) == -1 && err.code == DC_ECANNOT &&
                   strstr(err.message, "no permission") != NULL
               ? 0
               : 1;
}

static void missing_permission_is_named(void) {
    int status;
    NEED_KVM;
    if (geteuid() != 0)
        SKIP("only root can give its rights away");
    pid_t child = fork();
    if (child == 0)
        _exit(run_as_nobody());
    CHECK(waitpid(child, &status, 0) == child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 3)
        SKIP("everybody may use /dev/kvm here");
    CHECK(WIFEXITED(status));
    CHECK_EQ_I64(WEXITSTATUS(status), 0);
}

int main(void) {
    UNIT_RUN(complete_capture_has_everything);
    UNIT_RUN(one_vcpu_stalls_too);
    UNIT_RUN(error_scenario_triggers);
    UNIT_RUN(clean_guest_ends);
    UNIT_RUN(busy_guest_never_fails);
    UNIT_RUN(stuck_vcpus_do_not_park);
    UNIT_RUN(unresolved_fault_does_not_park);
    UNIT_RUN(cancel_kills_or_ends);
    UNIT_RUN(crash_texts_say_what_is_known);
    UNIT_RUN(crash_is_captured);
    UNIT_RUN(file_guest_ends_with_status);
    UNIT_RUN(impossible_captures_are_refused);
    UNIT_RUN(missing_permission_is_named);
    return unit_done();
}
