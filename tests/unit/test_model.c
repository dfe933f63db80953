/* What a report says: states, counts, causes, the two meanings of null. */
#include "lib/model.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

/* A report and its model. */
struct fixture {
    struct dc_report report;
    struct dc_model model;
    char *text;
};

static bool start(struct fixture *f, const char *text) {
    struct dc_error err;
    f->text = strdup(text);
    if (!CHECK(aid_read_text(&f->report, f->text, &err) == 0)) {
        printf("#   %s: %s\n", err.pointer, err.message);
        free(f->text);
        return false;
    }
    dc_model_init(&f->model, &f->report, "f.json");
    return true;
}

static void stop(struct fixture *f) {
    dc_report_done(&f->report);
    free(f->text);
}

#define REGS "{\"instruction_pointer\":1,\"stack_pointer\":2,\"page_table_root\":3}"
#define DEGRADED(reason, regs, more)                                                     \
    "{\"schema\":\"degraded\",\"reason\":\"" reason "\",\"vcpu_regs\":[" regs            \
    "],\"watchpoint_hit\":true,\"bss_latch_state\":\"triggered\"" more "}"
#define SINGLE(more) "{\"schema\":\"single\",\"maps\":[]" more "}"

static void check_counts(const struct dc_snapshot *s, size_t parked, size_t not_parked,
                         size_t unavailable) {
    CHECK_EQ_U64(s->vcpus, parked + not_parked + unavailable);
    CHECK_EQ_U64(s->parked, parked);
    CHECK_EQ_U64(s->not_parked, not_parked);
    CHECK_EQ_U64(s->unavailable, unavailable);
}

static void null_means_never_parked_in_a_degraded_report(void) {
    struct fixture f;
    if (!start(&f, DEGRADED("r", REGS ",null," REGS, "")))
        return;
    CHECK_EQ_U64(f.model.n_snapshots, 1);
    CHECK_STR(dc_phase_name(f.model.snapshots[0].phase), "only");
    check_counts(&f.model.snapshots[0], 2, 1, 0);
    CHECK_EQ_U64(dc_snapshot_vcpu(&f.model.snapshots[0], 1).state, DC_NOT_PARKED);
    CHECK_EQ_U64(dc_snapshot_vcpu(&f.model.snapshots[0], 2).state, DC_PARKED);
    CHECK(dc_snapshot_vcpu(&f.model.snapshots[0], 1).regs == NULL);
    stop(&f);
}

static void null_means_unavailable_in_any_other(void) {
    struct fixture f;
    if (!start(&f, SINGLE(",\"vcpu_regs\":[null," REGS "]")))
        return;
    check_counts(&f.model.snapshots[0], 1, 0, 1);
    CHECK_STR(dc_state_name(dc_snapshot_vcpu(&f.model.snapshots[0], 0).state),
              "unavailable");
    stop(&f);
}

/* "dumpctl" knows better, but not of a vCPU that has registers, nor of another one. */
static void our_own_detail_wins_over_null(void) {
    struct fixture f;
    if (!start(&f, DEGRADED("r", "null,null,null," REGS,
                            ",\"dumpctl\":{\"version\":\"1\",\"vcpus\":["
                            "{\"id\":0,\"state\":\"unavailable\",\"read_errno\":14},"
                            "{\"id\":7,\"state\":\"unavailable\"},"
                            "{\"id\":2,\"state\":\"not_parked\"},"
                            "{\"id\":3,\"state\":\"not_parked\"}]}")))
        return;
    check_counts(&f.model.snapshots[0], 1, 2, 1);
    struct dc_vcpu vcpu = dc_snapshot_vcpu(&f.model.snapshots[0], 0);
    CHECK_EQ_U64(vcpu.state, DC_UNAVAILABLE);
    CHECK_EQ_I64(dc_i64(vcpu.detail, DC_AT_VCPU_read_errno), 14);
    CHECK(dc_snapshot_vcpu(&f.model.snapshots[0], 1).detail == NULL);
    CHECK_EQ_U64(dc_snapshot_vcpu(&f.model.snapshots[0], 3).state, DC_PARKED);
    stop(&f);
}

static void more_details_than_slots_are_harmless(void) {
    struct fixture f;
    if (!start(&f, SINGLE(",\"dumpctl\":{\"version\":\"1\",\"vcpus\":[{\"id\":0,"
                          "\"state\":\"not_parked\"}]}")))
        return;
    check_counts(&f.model.snapshots[0], 0, 0, 0);
    stop(&f);
}

static void walking_and_asking_agree(void) {
    struct dc_buf text;
    struct fixture f;
    struct aid_random random = {4711};
    dc_buf_init(&text, dc_alloc_libc);
    dc_buf_text(&text, "{\"schema\":\"degraded\",\"reason\":\"\",\"watchpoint_hit\":true,"
                       "\"bss_latch_state\":\"\",\"vcpu_regs\":[");
    for (int i = 0; i < 20000; i++) {
        dc_buf_text(&text, i ? "," : "");
        dc_buf_text(&text, aid_below(&random, 3) ? "null" : REGS);
    }
    dc_buf_text(&text, "]}");
    dc_buf_add(&text, "", 1);
    if (start(&f, text.data)) {
        const struct dc_snapshot *s = &f.model.snapshots[0];
        size_t n = 0, different = 0;
        for (struct dc_vcpu_walk walk = dc_vcpu_walk(s); dc_vcpu_next(&walk); n++) {
            struct dc_vcpu vcpu = dc_snapshot_vcpu(s, n);
            different += vcpu.id != n || walk.vcpu.id != n ||
                         vcpu.state != walk.vcpu.state || vcpu.regs != walk.vcpu.regs;
        }
        CHECK_EQ_U64(n, 20000);
        CHECK_EQ_U64(different, 0);
        CHECK_EQ_U64(s->parked + s->not_parked, 20000);
        stop(&f);
    }
    dc_buf_done(&text);
}

/* ---- counts in the reason ---- */

static void counts_of_the_reason_are_compared(void) {
    static const struct {
        const char *text;
        bool disagree;
    } cases[] = {
        {DEGRADED("x: 5ms; 1/2 vCPUs parked", REGS ",null", ""), false},
        {DEGRADED("x: 5ms; 2/2 vCPUs parked", REGS ",null", ""), true},
        {DEGRADED("x: 5ms; 1/3 vCPUs parked", REGS ",null", ""), true},
        {DEGRADED("x: 5ms; 01/2 vCPUs parked", REGS ",null", ""), false},
        {DEGRADED("1/2 vCPUs parked", REGS ",null", ""), false},
        {DEGRADED("0/2 vCPUs parked", REGS ",null", ""), true},
        {DEGRADED("/2 vCPUs parked", REGS ",null", ""), false},
        {DEGRADED("1/ vCPUs parked", REGS ",null", ""), false},
        {DEGRADED("9/9/9 vCPUs parked", REGS ",null", ""), false},
        {DEGRADED(" vCPUs parked", REGS ",null", ""), false},
        {DEGRADED("99999999999999999999/2 vCPUs parked", REGS ",null", ""), false},
        {DEGRADED("9/9 vCPUs parked.", REGS ",null", ""), false},
        {DEGRADED("9/9 vCPUs parked", "", ""), false}, /* no slots to compare with */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture f;
        if (!start(&f, cases[i].text))
            continue;
        unit_check(f.model.counts_disagree == cases[i].disagree, cases[i].text, __FILE__,
                   __LINE__);
        stop(&f);
    }
}

/* ---- causes ---- */

static void causes_in_a_few_words(void) {
    static const struct {
        const char *text, *cause;
    } cases[] = {
        {DEGRADED(
             "vCPU rendezvous timed out before parked acknowledgement: 1ms; 0/1 vCPUs "
             "parked",
             "null", ""),
         "vCPU rendezvous timed out"},
        {DEGRADED(
             "vCPU rendezvous aborted by external kill before parked acknowledgement: "
             "1ms; 0/1 vCPUs parked",
             "null", ",\"exit_kind\":1026"),
         "vCPU rendezvous aborted by external kill"},
        {DEGRADED("guest crashed before capture: 1ms; 0/1 vCPUs parked", "null", ""),
         "guest crashed before capture"},
        {DEGRADED("vCPU register read failed: 1ms; 0/1 vCPUs parked", "null", ""),
         "vCPU register read failed"},
        {DEGRADED("something \\u001b else", "", ""), "something \x1b else"},
        {DEGRADED("", "", ""), ""},
        {SINGLE(""), "cause not recorded"},
        {SINGLE(",\"is_placeholder\":true"), "placeholder, the capture produced nothing"},
        {SINGLE(",\"scx_sched_state\":{\"aborting\":true,\"bypass_depth\":0,"
                "\"exit_kind\":1026}"),
         "exit_kind 1026 (SCX_EXIT_ERROR_STALL)"},
        {SINGLE(",\"scx_sched_state\":{\"aborting\":true,\"bypass_depth\":0,"
                "\"exit_kind\":77}"),
         "exit_kind 77 (unknown)"},
        {SINGLE(",\"scx_sched_state\":{\"aborting\":true,\"bypass_depth\":0,"
                "\"exit_kind\":0}"),
         "cause not recorded"},
        {SINGLE(",\"dumpctl\":{\"version\":\"1\",\"trigger\":\"timer\"}"),
         "trigger timer"},
        {SINGLE(
             ",\"dumpctl\":{\"version\":\"1\",\"trigger\":\"latch\",\"exit_kind\":1025}"),
         "exit_kind 1025 (SCX_EXIT_ERROR_BPF), trigger latch"},
        {"{\"schema\":\"dual\",\"late\":" SINGLE("") ",\"dumpctl\":{\"version\":\"1\","
                                                     "\"trigger\":\"latch\"}}",
         "trigger latch"},
        {"\"DuringFreeze\"", "stats request cancelled \xe2\x80\x94 freeze coordinator "
                             "paused the scheduler"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture f;
        struct dc_buf cause;
        if (!start(&f, cases[i].text))
            continue;
        dc_buf_init(&cause, dc_alloc_libc);
        dc_model_cause(&f.model, &cause);
        CHECK(dc_buf_ok(&cause));
        CHECK_MEM(cause.data, cause.len, cases[i].cause, strlen(cases[i].cause));
        dc_buf_done(&cause);
        stop(&f);
    }
}

/* ---- variants ---- */

static void dual_has_early_before_late(void) {
    struct fixture f;
    if (!start(
            &f,
            "{\"schema\":\"dual\",\"early\":" SINGLE(
                ",\"vcpu_regs\":[null]") ",\"late\":" SINGLE(",\"vcpu_regs\":[" REGS
                                                             "," REGS
                                                             "]") ",\"early_max_age_"
                                                                  "jiffies\":5,\"early_"
                                                                  "threshold_jiffies\":4,"
                                                                  "\"early_skipped_"
                                                                  "reason\":\"both\"}"))
        return;
    CHECK_EQ_U64(f.model.n_snapshots, 2);
    CHECK_STR(dc_phase_name(f.model.snapshots[0].phase), "early");
    CHECK_STR(dc_phase_name(f.model.snapshots[1].phase), "late");
    check_counts(&f.model.snapshots[0], 0, 0, 1);
    check_counts(dc_model_main(&f.model), 2, 0, 0);
    CHECK_EQ_U64(f.model.early_max_age_jiffies, 5);
    CHECK(dc_str_is(f.model.early_skipped_reason, "both"));
    stop(&f);
}

static void missing_stats_have_no_snapshot(void) {
    struct fixture f;
    if (!start(&f, "{\"MissingStats\":{\"tag\":\"t\\n\",\"reason\":\"Cancelled\"}}"))
        return;
    CHECK_EQ_U64(f.model.n_snapshots, 0);
    CHECK(dc_model_main(&f.model) == NULL);
    CHECK(dc_str_is(f.model.tag, "t\n"));
    CHECK(f.model.missing->type == &dc_type_CANCELLED);
    stop(&f);
    if (!start(&f, "\"Cancelled\""))
        return;
    CHECK(f.model.tag.p == NULL);
    stop(&f);
}

/* ---- ranges ---- */

static void check_ids(const char *slots, unsigned columns, const char *want) {
    char text[4096], got[256] = "";
    struct fixture f;
    struct dc_buf out;
    snprintf(text, sizeof(text),
             "{\"schema\":\"degraded\",\"reason\":\"\",\"watchpoint_hit\":true,"
             "\"bss_latch_state\":\"\",\"vcpu_regs\":[");
    for (const char *p = slots; *p; p++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
                 p == slots ? "" : ",", *p == '.' ? "null" : REGS);
    strcat(text, "]}");
    if (!start(&f, text))
        return;
    dc_buf_init(&out, dc_alloc_libc);
    dc_snapshot_ids(&f.model.snapshots[0], DC_NOT_PARKED, columns, &out);
    if (out.len < sizeof(got) && out.len > 0)
        memcpy(got, out.data, out.len);
    CHECK_STR(got, want);
    dc_buf_done(&out);
    stop(&f);
}

static void ids_are_ranges_that_fit(void) {
    check_ids("xxx", 0, "");
    check_ids(".", 0, "0");
    check_ids("..", 0, "0,1");
    check_ids("...", 0, "0-2");
    check_ids("x.x.xx....", 0, "1,3,6-9");
    check_ids("x.x.xx....", 7, "1,3,6-9");
    check_ids(".x.x.x.x.x.x.x.x.x.x.x.x.x.x.x", 38,
              "0,2,4,6,8,10,12,14,16,18 \xe2\x80\xa6 (+5 more)");
    /* A column less than all of them need; and the count's own digits change. */
    check_ids(".x.x.x.x.x.x.x.x.x.x.x.x.x.x.x", 35,
              "0,2,4,6,8,10,12,14,16 \xe2\x80\xa6 (+6 more)");
    check_ids(".x.x.x.x.x.x.x.x.x.x.x.x.x.x.x", 23, "0,2,4,6,8 \xe2\x80\xa6 (+10 more)");
    check_ids(".x.x.x.x.x.x.x.x.x.x.x.x.x.x.x", 24,
              "0,2,4,6,8,10 \xe2\x80\xa6 (+9 more)");
    check_ids(".x.x.x.x.x.x.x", 10, "\xe2\x80\xa6 (+7 more)");
    check_ids("..............................", 4, "0-29");
}

int main(void) {
    UNIT_RUN(null_means_never_parked_in_a_degraded_report);
    UNIT_RUN(null_means_unavailable_in_any_other);
    UNIT_RUN(our_own_detail_wins_over_null);
    UNIT_RUN(more_details_than_slots_are_harmless);
    UNIT_RUN(walking_and_asking_agree);
    UNIT_RUN(counts_of_the_reason_are_compared);
    UNIT_RUN(causes_in_a_few_words);
    UNIT_RUN(dual_has_early_before_late);
    UNIT_RUN(missing_stats_have_no_snapshot);
    UNIT_RUN(ids_are_ranges_that_fit);
    return unit_done();
}
