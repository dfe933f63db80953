/*
 * What differs without meaning anything: which fields, which words, and a hash that does
 * not see it.
 */
#include "lib/noise.h"
#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

#include <string.h>

static bool words(const char *a, const char *b) {
    return dc_noise_words((struct dc_str){a, strlen(a)}, (struct dc_str){b, strlen(b)});
}

static void tells_times_in_words_from_other_numbers(void) {
    CHECK(words("", ""));
    CHECK(words("x: 9ms; 1/2", "x: 9ms; 1/2"));
    CHECK(words("x: 9ms; 1/2", "x: 10000ms; 1/2"));
    CHECK(!words("x: 9ms; 1/2", "x: 9ms; 2/2"));
    CHECK(!words("x: 9ms", "x: ms"));
    CHECK(!words("9", "19"));
    CHECK(words("(peak=66j, threshold=5j)", "(peak=7j, threshold=5j)"));
    CHECK(!words("(peak=66j, threshold=5j)", "(peak=66j, threshold=6j)"));
    CHECK(!words("peak=1", "peak="));
    CHECK(words("kick pending 900 ms, host thread R",
                "kick pending 1400 ms, host thread R"));
    CHECK(!words("kick pending 900 ms, host thread R",
                 "kick pending 900 ms, host thread S"));
    CHECK(!words("9 mice", "8 mice"));
}

/* Where a vCPU came out of the guest last passes; what it is doing, or died of, does not. */
static void last_exits_in_words_pass(void) {
    CHECK(words("R, last exit INTR 4 ms ago", "R, last exit IO out 0x500 90 ms ago"));
    CHECK(words("R, last exit INTR 4 ms ago", "R"));
    CHECK(words("R", "R, last exit INTR 4 ms ago"));
    CHECK(!words("R, last exit INTR 4 ms ago", "S, last exit INTR 4 ms ago"));
    CHECK(!words("R, last exit INTR 4 ms ago; crashed: A", "R, last exit INTR 4 ms ago"));
    CHECK(!words("R, last exit X; crashed: A", "R, last exit Y; crashed: B"));
    CHECK(words("R, last exit X; crashed: A", "R, last exit Y; crashed: A"));
    CHECK(!words("R, last exit", "R"));
}

static void tells_addresses_in_words(void) {
    CHECK(words("cycle \xe2\x86\x92 0xffff1234", "cycle \xe2\x86\x92 0xabcdef0123"));
    CHECK(!words("cycle 0xffff", "cycles 0xffff"));
    CHECK(!words("0x", "0x1"));
    CHECK(!words("0x1g", "0x1h"));
    CHECK(words("read ffff888100000000", "read ffff888200000000"));
    CHECK(!words("read 1234888100000000", "read 1234888200000000"));
    CHECK(!words("read ffff8881", "read ffff8882"));
}

/* Each of the exceptions, by what it is for. */
static void knows_every_exception(void) {
    static const struct {
        const struct dc_type *type;
        int field;
        enum { TOLD, PASSES, IDENTIFIES } what;
    } cases[] = {
        {&dc_type_DUAL, DC_AT_DUAL_early_threshold_jiffies, TOLD},
        {&dc_type_DUAL, DC_AT_DUAL_early_max_age_jiffies, PASSES},
        {&dc_type_FREEZE, DC_AT_FREEZE_timeout_ms, TOLD},
        {&dc_type_FREEZE, DC_AT_FREEZE_latency_us, PASSES},
        {&dc_type_FREEZE, DC_AT_FREEZE_rekicks, PASSES},
        {&dc_type_VCPU, DC_AT_VCPU_kicks, PASSES},
        {&dc_type_VCPU, DC_AT_VCPU_last_exit, PASSES},
        {&dc_type_VCPU, DC_AT_VCPU_mp_state, PASSES},
        {&dc_type_VCPU, DC_AT_VCPU_last_exit_access, PASSES},
        {&dc_type_VCPU, DC_AT_VCPU_last_exit_us, PASSES},
        {&dc_type_VCPU, DC_AT_VCPU_state, TOLD},
        {&dc_type_HOST_THREAD, DC_AT_HOST_THREAD_state, TOLD},
        {&dc_type_HOST_THREAD, DC_AT_HOST_THREAD_kick_pending, TOLD},
        {&dc_type_HOST_THREAD, DC_AT_HOST_THREAD_wchan, TOLD},
        {&dc_type_HOST_THREAD, DC_AT_HOST_THREAD_at_us, PASSES},
        {&dc_type_HOST_THREAD, DC_AT_HOST_THREAD_kvm_runs, PASSES},
        {&dc_type_HOST_THREAD, DC_AT_HOST_THREAD_cpu, PASSES},
        {&dc_type_HOST_THREAD, DC_AT_HOST_THREAD_run_ns, PASSES},
        {&dc_type_HOST_THREAD, DC_AT_HOST_THREAD_wait_ns, PASSES},
        {&dc_type_FRAME, DC_AT_FRAME_function, TOLD},
        {&dc_type_FRAME, DC_AT_FRAME_offset, PASSES},
        {&dc_type_VCPU_REGS, DC_AT_VCPU_REGS_tcr_el1, IDENTIFIES},
        {&dc_type_CONTROL_REGS, DC_AT_CONTROL_REGS_cr8, IDENTIFIES},
        {&dc_type_CONTROL_REGS, DC_AT_CONTROL_REGS_gdt_limit, IDENTIFIES},
        {&dc_type_SEGMENT, DC_AT_SEGMENT_dpl, IDENTIFIES},
        {&dc_type_SEGMENT, DC_AT_SEGMENT_name, TOLD},
        {&dc_type_DEBUG_REGS, DC_AT_DEBUG_REGS_dr7, IDENTIFIES},
        {&dc_type_FPU_STATE, DC_AT_FPU_STATE_mxcsr, IDENTIFIES},
        {&dc_type_FULL_STATE, DC_AT_FULL_STATE_xcr0, TOLD},
        {&dc_type_FULL_STATE, DC_AT_FULL_STATE_xstate_bv, IDENTIFIES},
        {&dc_type_FULL_STATE, DC_AT_FULL_STATE_ymm_high, IDENTIFIES},
        {&dc_type_FULL_STATE, DC_AT_FULL_STATE_components, IDENTIFIES},
        {&dc_type_FULL_STATE, DC_AT_FULL_STATE_msrs, TOLD},
        {&dc_type_FULL_STATE, DC_AT_FULL_STATE_lapic_state, TOLD},
        {&dc_type_WIDE_REG, DC_AT_WIDE_REG_name, TOLD},
        {&dc_type_WIDE_REG, DC_AT_WIDE_REG_value, IDENTIFIES},
        {&dc_type_XSAVE_PART, DC_AT_XSAVE_PART_hex, IDENTIFIES},
        {&dc_type_MSR, DC_AT_MSR_value, IDENTIFIES},
        {&dc_type_MSR, DC_AT_MSR_unreadable, TOLD},
        {&dc_type_LAPIC, DC_AT_LAPIC_id, TOLD},
        {&dc_type_LAPIC, DC_AT_LAPIC_irr, IDENTIFIES},
        {&dc_type_EVENTS, DC_AT_EVENTS_nmi_pending, IDENTIFIES},
        {&dc_type_EVENTS, DC_AT_EVENTS_triple_fault_pending, TOLD},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t field = (size_t)cases[i].field;
        CHECK(dc_noise_is(cases[i].type, field, DC_NOISE_BOTH) ==
              (cases[i].what != TOLD));
        CHECK(dc_noise_is(cases[i].type, field, DC_NOISE_TIMES) ==
              (cases[i].what == PASSES));
    }
}

static void knows_words(void) {
    CHECK(dc_noise_has_words(&dc_type_VCPU, DC_AT_VCPU_why));
    CHECK(dc_noise_has_words(&dc_type_FRAME, DC_AT_FRAME_function));
    CHECK(dc_noise_has_words(&dc_type_MAP, DC_AT_MAP_error));
    CHECK(dc_noise_has_words(&dc_type_RV_PTR, DC_AT_RV_PTR_deref_skipped_reason));
    CHECK(dc_noise_has_words(&dc_type_DUAL, DC_AT_DUAL_early_skipped_reason));
    CHECK(!dc_noise_has_words(&dc_type_TASK, DC_AT_TASK_comm));
}

static void knows_fields_by_unit_and_by_exception(void) {
    const struct {
        const struct dc_type *type;
        int field;
        bool both, times;
    } cases[] = {
        {&dc_type_MAP, DC_AT_MAP_map_kva, true, false},
        {&dc_type_MAP, DC_AT_MAP_max_entries, false, false},
        {&dc_type_RQ_SCX, DC_AT_RQ_SCX_rq_clock, true, true},
        {&dc_type_RQ_SCX, DC_AT_RQ_SCX_ops_qseq, false, false},
        {&dc_type_PROG_STATS, DC_AT_PROG_STATS_nsecs, false, false},
        {&dc_type_CPU_TIME, DC_AT_CPU_TIME_cpustat_idle_ns, false, false},
        {&dc_type_SCX_SCHED, DC_AT_SCX_SCHED_watchdog_timeout, false, false},
        {&dc_type_DUMPCTL, DC_AT_DUMPCTL_captured_at, true, true},
        {&dc_type_VCPU, DC_AT_VCPU_host_tid, true, true},
        {&dc_type_TASK, DC_AT_TASK_core_cookie, true, false},
        {&dc_type_GENERAL_REGS, DC_AT_GENERAL_REGS_rflags, true, false},
        {&dc_type_RV_PTR, DC_AT_RV_PTR_value, true, false},
        {&dc_type_RV_UINT, DC_AT_RV_UINT_value, false, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t field = (size_t)cases[i].field;
        CHECK(dc_noise_is(cases[i].type, field, DC_NOISE_BOTH) == cases[i].both);
        CHECK(dc_noise_is(cases[i].type, field, DC_NOISE_TIMES) == cases[i].times);
        CHECK(!dc_noise_is(cases[i].type, field, DC_NOISE_NONE));
    }
}

/* The hash of the first map of a report with this one. */
static uint64_t hash(const char *map, enum dc_noise noise) {
    char text[512];
    struct dc_report report;
    struct dc_error err;
    snprintf(text, sizeof(text), "{\"schema\":\"single\",\"maps\":[%s]}", map);
    if (!CHECK(aid_read_text(&report, text, &err) == 0))
        return 0;
    const struct dc_list *maps = dc_list_of(report.root, DC_AT_SINGLE_maps);
    uint64_t value = dc_noise_hash(dc_list_rec(maps, 0), noise);
    dc_report_done(&report);
    return value;
}

#define HEAD "{\"name\":\"m\",\"map_type\":1,\"value_size\":4,\"max_entries\":4"
#define ENTRY(key, value)                                                                \
    ",\"entries\":[{\"key_hex\":\"" key                                                  \
    "\",\"value_hex\":\"00\",\"key\":{\"kind\":\"ptr\","                                 \
    "\"value\":" key "},\"value\":{\"kind\":\"uint\",\"bits\":8,\"value\":" value "}}]"

static void hashes_what_is_left(void) {
    uint64_t plain = hash(HEAD "}", DC_NOISE_BOTH);
    CHECK(plain == hash(HEAD ",\"map_kva\":77}", DC_NOISE_BOTH));
    CHECK(plain == hash(HEAD ",\"map_kva\":0,\"entries\":[],\"u\":1}", DC_NOISE_NONE));
    CHECK(plain != hash(HEAD ",\"map_kva\":77}", DC_NOISE_TIMES));
    CHECK(hash(HEAD ENTRY("11", "5") "}", DC_NOISE_BOTH) ==
          hash(HEAD ENTRY("22", "5") "}", DC_NOISE_BOTH));
    CHECK(hash(HEAD ENTRY("11", "5") "}", DC_NOISE_BOTH) !=
          hash(HEAD ENTRY("11", "6") "}", DC_NOISE_BOTH));
    CHECK_EQ_U64(dc_noise_hash(NULL, DC_NOISE_BOTH), 0);
}

int main(void) {
    UNIT_RUN(tells_times_in_words_from_other_numbers);
    UNIT_RUN(last_exits_in_words_pass);
    UNIT_RUN(tells_addresses_in_words);
    UNIT_RUN(knows_every_exception);
    UNIT_RUN(knows_words);
    UNIT_RUN(knows_fields_by_unit_and_by_exception);
    UNIT_RUN(hashes_what_is_left);
    return unit_done();
}
