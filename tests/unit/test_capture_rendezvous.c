/*
 * The rendezvous, property by property, on a source without KVM (source_aid.h): faults are
 * those of its vCPUs, all else is the coordinator that captures use.
 *
 * Which property is tested where. The name of a test begins with its number.
 *
 *   R1   r1_* here: exhaustively for one freeze, and through the coordinator
 *   R2   test_capture_vcpu.c
 *   R3   here
 *   R4   here; T5 is the same seen from the other side
 *   R5   test_capture_vcpu.c (exact order), test_capture_rendezvous_kvm.c
 *   R6   the same two; the latter in HLT, too
 *   R7   the same two
 *   R8   the same two
 *   R9   test_capture_vcpu.c (under ThreadSanitizer, too)
 *   R10  here
 *   R11  here
 *   R12  here
 *   R13  test_capture_vcpu.c, and here for the report. There is no thread that is not
 *        expected any more: a vCPU that has ended parks like the others
 *   R14  test_capture_vcpu.c
 *   R15  test_capture_vcpu.c, and here: as R13, it parks and is counted
 *   R16, R17  do not apply: there is no device worker, devices are served by vCPU threads
 *   R18  here
 *   R19  here: nothing that comes after the decision changes what is reported
 *   T1 to T9  test_capture_thaw.c; T9, the way of a priority out of a freeze and into the
 *        next, also test_capture_kvm.c; T2, T6, T7 also test_capture_rendezvous_kvm.c
 *   G1, G2  test_capture_watch.c, and test_capture_triggers.c through the coordinator
 *   G3, G4  test_capture_watch.c, and test_capture_lookout.c
 *   G5, G7  test_capture_triggers.c; G10 the same, and test_capture_lookout.c
 *   G6, G8, G9  test_capture_gate.c
 *   F1, F2, F4, C28 to C32  test_capture_files.c, of C31 and a part of F2 test_capture_told.c;
 *                          F4 also test_capture_tag.c
 *   F3   test_capture_early.c
 *   C13  as R13 to R15; C14  test_capture_vcpu.c, test_capture_rendezvous_kvm.c
 */
#include "tests/unit/unit.h"

#include "capture/clock.h"
#include "capture/report.h"
#include "tests/unit/source_aid.h"

static struct aid_source aid;

/* ---- one capture, by the latch ---- */

static void latch_at_2(struct aid_source *self, uint32_t look) {
    if (look == 2)
        aid_store(self, AID_LATCH, 1);
}

static atomic_int cancel;

/* On 4 vCPUs that do `act`. Its main report must be there. */
static struct aid_run capture(aid_act_fn *act, uint64_t timeout_ms) {
    struct cap_options options = aid_options();
    atomic_store(&cancel, 0);
    options.timeout_ms = timeout_ms;
    options.cancel = &cancel;
    aid.act = act;
    aid.at_look = latch_at_2;
    struct aid_run run = aid_coordinate(&aid, &options, 0);
    if (!CHECK(aid_document(&run.documents, NULL) != NULL))
        exit(1);
    return run;
}

static const struct cap_result *main_of(const struct aid_run *run) {
    return &aid_document(&run->documents, NULL)->result;
}

static void end(struct aid_run *run) {
    aid_documents_free(&run->documents);
    aid_source_close(&aid);
}

static void check_reason(const struct cap_result *result, const char *begin,
                         const char *tail) {
    char text[CAP_REASON];
    cap_reason_text(result, text);
    if (!CHECK(strncmp(text, begin, strlen(begin)) == 0 && strstr(text, tail) != NULL))
        printf("# reason: %s\n", text);
}

#define TIMED_OUT "vCPU rendezvous timed out before parked acknowledgement: "
#define KILLED "vCPU rendezvous aborted by external kill before parked acknowledgement: "

/* ---- acknowledgements ---- */

/* Of what the vCPU that stays in the guest acknowledges wrongly: a set of these. */
static unsigned wrong_acks;

static void ack_wrongly(struct aid_source *self, uint32_t id, uint32_t kick) {
    struct cap_board *board = self->memory.source.board;
    uint32_t epoch = cap_board_wanted(board);
    static const int offsets[] = {-1, -2, 1};

    if (id != 1) {
        aid_park(self, id, kick);
        aid_park(self, id, kick); /* once more */
        return;
    }
    for (unsigned i = 0; i < 3; i++)
        if (wrong_acks >> i & 1)
            cap_board_ack(board, 1, epoch + (uint32_t)offsets[i]);
    if (wrong_acks >> 3 & 1)
        cap_board_ack(board, 1, 0);
}

/* No mix of late, doubled and stale acknowledgements completes a freeze while one vCPU is
   in the guest. */
static void r1_no_mix_of_acks_completes_a_freeze(void) {
    struct cap_freeze_limits one_look = {.timeout_ns = 0};
    struct dc_error err;

    if (aid_source_open(&aid, 4))
        return;
    aid.act = ack_wrongly;
    struct cap_freeze *freeze = cap_freeze_new(&aid.memory.source, &err);
    for (wrong_acks = 0; wrong_acks < 16; wrong_acks++) {
        struct cap_freeze_outcome outcome;
        /* What was acknowledged ahead must not meet its epoch in the next freeze. */
        aid.memory.source.board->last_epoch += 2;
        cap_freeze_begin(freeze, &one_look, &outcome);
        CHECK_EQ_U64(outcome.end, CAP_FREEZE_TIMEOUT);
        CHECK_EQ_U64(outcome.parked, 3);
        CHECK(!cap_freeze_vcpu(freeze, 1)->parked);
        cap_freeze_thaw(freeze);
    }
    cap_freeze_free(freeze);
    aid_source_close(&aid);
}

static void late_in_1(struct aid_source *self, uint32_t id, uint32_t kick) {
    struct cap_board *board = self->memory.source.board;
    if (id != 1)
        aid_park(self, id, kick);
    else if (cap_board_wanted(board) == 2) /* again, in the middle of the second */
        cap_board_ack(board, 1, 1);
}

/* Parks after its freeze was given up, and leaves at once. */
static void park_late(struct aid_source *self) {
    cap_board_ack(self->memory.source.board, 1, 1);
    cap_board_leave(self->memory.source.board, 1, 1);
}

static struct aid_run periodic(aid_act_fn *act, uint32_t count) {
    struct cap_options options = aid_options();
    options.triggers = 0;
    options.every_ms = 1;
    options.count = count;
    aid.act = act;
    return aid_coordinate(&aid, &options, 0);
}

static void r1_ack_left_over_from_an_earlier_cycle_is_not_counted(void) {
    if (aid_source_open(&aid, 4))
        return;
    aid.at_thaw = park_late;
    struct aid_run run = periodic(late_in_1, 2);
    const struct aid_document *second = aid_document(&run.documents, "periodic_001");
    if (CHECK(second != NULL)) {
        CHECK_EQ_U64(second->result.outcome, CAP_TIMEOUT);
        CHECK_EQ_U64(second->result.parked, 3);
        CHECK_EQ_U64(second->result.vcpus[1].state, CAP_NOT_PARKED);
        check_reason(&second->result, TIMED_OUT, "; 3/4 vCPUs parked");
    }
    end(&run);
}

/* ---- registers ---- */

static void less_in_2(struct aid_source *self, uint32_t id, uint32_t kick) {
    bool second = cap_board_wanted(self->memory.source.board) == 2;
    if (second && id == 2)
        self->register_error[2] = 5;
    if (!second || id != 3)
        aid_park(self, id, kick);
}

static bool has_no_registers(const struct cap_vcpu_result *vcpu) {
    const struct cap_registers *registers = &vcpu->registers;
    return registers->general.rip == 0 && registers->general.rsp == 0 &&
           registers->system.cr3 == 0 && !registers->has_mp_state;
}

static void r3_registers_of_one_cycle_are_not_in_the_next_report(void) {
    if (aid_source_open(&aid, 4))
        return;
    struct aid_run run = periodic(less_in_2, 2);
    const struct aid_document *first = aid_document(&run.documents, "periodic_000");
    const struct aid_document *second = aid_document(&run.documents, "periodic_001");
    if (CHECK(first && second)) {
        for (uint32_t id = 0; id < 4; id++)
            CHECK_EQ_U64(first->result.vcpus[id].registers.general.rip, 1);
        CHECK_EQ_U64(second->result.vcpus[0].registers.general.rip, 2);
        CHECK_EQ_U64(second->result.vcpus[1].registers.general.rip, 2);
        CHECK_EQ_U64(second->result.vcpus[2].state, CAP_UNAVAILABLE);
        CHECK_EQ_I64(second->result.vcpus[2].error, 5);
        CHECK(has_no_registers(&second->result.vcpus[2]));
        CHECK_EQ_U64(second->result.vcpus[3].state, CAP_NOT_PARKED);
        CHECK(has_no_registers(&second->result.vcpus[3]));
        CHECK_EQ_U64(second->result.vcpus[3].park_us, 0);
    }
    end(&run);
}

static void r4_vcpu_still_parked_from_the_cycle_before_does_not_time_out(void) {
    if (aid_source_open(&aid, 4))
        return;
    aid.linger = 1u << 1;
    struct aid_run run = periodic(aid_park, 2);
    const struct aid_document *second = aid_document(&run.documents, "periodic_001");
    if (CHECK(second != NULL)) {
        CHECK_EQ_U64(second->result.outcome, CAP_COMPLETE);
        CHECK_EQ_U64(second->result.vcpus[1].registers.general.rip, 2); /* and not 1 */
    }
    end(&run);
}

/* ---- which of several ends it is ---- */

static void park_and_cancel(struct aid_source *self, uint32_t id, uint32_t kick) {
    aid_park(self, id, kick);
    if (id == 3)
        atomic_store(&cancel, 1);
}

static void park_and_stop(struct aid_source *self, uint32_t id, uint32_t kick) {
    aid_park(self, id, kick);
    if (id == 3)
        atomic_store(&self->live.stop, 1);
}

static void r10_last_ack_and_kill_together_are_a_full_report(void) {
    static aid_act_fn *const acts[] = {park_and_cancel, park_and_stop};
    for (size_t i = 0; i < 2; i++) {
        if (aid_source_open(&aid, 4))
            return;
        struct aid_run run = capture(acts[i], 60000);
        CHECK_EQ_U64(main_of(&run)->outcome, CAP_COMPLETE);
        CHECK_EQ_U64(main_of(&run)->parked, 4);
        CHECK_EQ_U64(run.end.ending, CAP_ENDED_BY_REPORT);
        CHECK(!run.end.main_degraded);
        end(&run);
    }
}

static void cancel_without_1(struct aid_source *self, uint32_t id, uint32_t kick) {
    if (id != 1)
        park_and_cancel(self, id, kick);
}

static void r11_kill_with_missing_acks_ends_the_wait_at_once(void) {
    if (aid_source_open(&aid, 4))
        return;
    struct aid_run run = capture(cancel_without_1, CAP_MAX_MS);
    CHECK_EQ_U64(main_of(&run)->outcome, CAP_KILLED);
    CHECK_EQ_U64(main_of(&run)->rekicks, 0);
    check_reason(main_of(&run), KILLED, "; 3/4 vCPUs parked");
    CHECK(run.end.main_degraded);
    end(&run);
}

static void park_all_but_1(struct aid_source *self, uint32_t id, uint32_t kick) {
    if (id != 1)
        aid_park(self, id, kick);
}

static void cancel_now(struct aid_source *self) {
    (void)self;
    atomic_store(&cancel, 1);
}

static void r12_kill_after_the_timeout_does_not_change_the_reason(void) {
    if (aid_source_open(&aid, 4))
        return;
    aid.at_collect = cancel_now;
    struct aid_run run = capture(park_all_but_1, 20);
    CHECK_EQ_I64(atomic_load(&cancel), 1);
    CHECK_EQ_U64(main_of(&run)->outcome, CAP_TIMEOUT);
    CHECK(main_of(&run)->elapsed_us >= 20000);
    check_reason(main_of(&run), TIMED_OUT, "; 3/4 vCPUs parked");
    end(&run);
}

/* ---- guests that end ---- */

static void end_in_0(struct aid_source *self, uint32_t id, uint32_t kick) {
    if (id == 0)
        self->life = CAP_ENDED;
    aid_park(self, id, kick);
}

static void fail_in_0(struct aid_source *self, uint32_t id, uint32_t kick) {
    if (id == 0)
        self->life = CAP_FAILED;
    aid_park(self, id, kick);
}

/* Nor does a crash in the rendezvous turn it into another report. */
static void r13_guest_that_ends_during_the_wait_is_no_timeout(void) {
    static aid_act_fn *const acts[] = {end_in_0, fail_in_0};
    for (size_t i = 0; i < 2; i++) {
        if (aid_source_open(&aid, 4))
            return;
        struct aid_run run = capture(acts[i], CAP_MAX_MS);
        CHECK_EQ_U64(main_of(&run)->outcome, CAP_COMPLETE);
        CHECK_EQ_U64(main_of(&run)->trigger, CAP_TRIGGER_LATCH);
        CHECK_EQ_U64(main_of(&run)->parked, 4);
        CHECK(main_of(&run)->vcpus[0].facts.life != CAP_RUNNING);
        CHECK_EQ_U64(run.documents.count, 1);
        end(&run);
    }
}

static void ended_at_2(struct aid_source *self, uint32_t look) {
    latch_at_2(self, look);
    if (look == 2)
        self->life = CAP_ENDED;
}

static void r15_guest_that_ended_before_the_freeze_parks_and_counts(void) {
    struct cap_options options = aid_options();
    if (aid_source_open(&aid, 4))
        return;
    aid.at_look = ended_at_2;
    struct aid_run run = aid_coordinate(&aid, &options, 0);
    const struct aid_document *document = aid_document(&run.documents, NULL);
    if (CHECK(document != NULL)) {
        CHECK_EQ_U64(document->result.outcome, CAP_COMPLETE);
        CHECK_EQ_U64(document->result.parked, 4);
        CHECK_EQ_U64(document->result.vcpus[0].state, CAP_PARKED);
    }
    end(&run);
}

/* ---- the deadline ---- */

/* It acknowledges when it is kicked again, but so late that the deadline has passed. */
static void park_at_the_deadline(struct aid_source *self, uint32_t id, uint32_t kick) {
    static uint64_t begin;
    if (id == 0)
        begin = cap_now_ns();
    if (id == 1 && kick == 1)
        return;
    while (id == 1 && cap_now_ns() - begin < 60 * CAP_NS_PER_MS)
        ;
    aid_park(self, id, kick);
}

static void r18_ack_that_arrives_as_the_deadline_passes_counts(void) {
    if (aid_source_open(&aid, 4))
        return;
    struct aid_run run = capture(park_at_the_deadline, 50);
    /* Where this thread got no processor for 50 ms there was no second kick. */
    if (main_of(&run)->vcpus[1].kicks > 1) {
        CHECK_EQ_U64(main_of(&run)->outcome, CAP_COMPLETE);
        CHECK(main_of(&run)->elapsed_us >= 50000);
    } else {
        CHECK_EQ_U64(main_of(&run)->outcome, CAP_TIMEOUT);
    }
    end(&run);
}

/* All acknowledge within the first kicks, and those alone take longer than the timeout. */
static void r18_acks_within_slow_kicks_count(void) {
    struct cap_freeze_limits one_look = {.timeout_ns = 0};
    struct cap_freeze_outcome outcome;
    struct dc_error err;
    if (aid_source_open(&aid, 4))
        return;
    struct cap_freeze *freeze = cap_freeze_new(&aid.memory.source, &err);
    cap_freeze_begin(freeze, &one_look, &outcome);
    CHECK_EQ_U64(outcome.end, CAP_FREEZE_COMPLETE);
    cap_freeze_thaw(freeze);
    cap_freeze_free(freeze);
    aid_source_close(&aid);
}

/* The guest ends, and the missing one acknowledges. */
static void end_and_ack(struct aid_source *self) {
    struct cap_board *board = self->memory.source.board;
    self->life = CAP_ENDED;
    if (!cap_board_parked(board, 1, cap_board_wanted(board)))
        aid_park(self, 1, 9);
}

/* Neither is a full report turned into one of a timeout, nor is one of a timeout mended by
   half: its reason and its slots say the same. */
static void r19_what_comes_between_decision_and_report_changes_nothing(void) {
    if (aid_source_open(&aid, 4))
        return;
    aid.at_collect = end_and_ack;
    struct aid_run run = capture(aid_park, 20);
    CHECK_EQ_U64(main_of(&run)->outcome, CAP_COMPLETE);
    end(&run);

    if (aid_source_open(&aid, 4))
        return;
    aid.at_collect = end_and_ack;
    run = capture(park_all_but_1, 20);
    CHECK_EQ_U64(main_of(&run)->outcome, CAP_TIMEOUT);
    CHECK_EQ_U64(main_of(&run)->parked, 3);
    CHECK_EQ_U64(main_of(&run)->vcpus[1].state, CAP_NOT_PARKED);
    CHECK(has_no_registers(&main_of(&run)->vcpus[1]));
    check_reason(main_of(&run), TIMED_OUT, "; 3/4 vCPUs parked");
    end(&run);
}

int main(void) {
    UNIT_RUN(r1_no_mix_of_acks_completes_a_freeze);
    UNIT_RUN(r1_ack_left_over_from_an_earlier_cycle_is_not_counted);
    UNIT_RUN(r3_registers_of_one_cycle_are_not_in_the_next_report);
    UNIT_RUN(r4_vcpu_still_parked_from_the_cycle_before_does_not_time_out);
    UNIT_RUN(r10_last_ack_and_kill_together_are_a_full_report);
    UNIT_RUN(r11_kill_with_missing_acks_ends_the_wait_at_once);
    UNIT_RUN(r12_kill_after_the_timeout_does_not_change_the_reason);
    UNIT_RUN(r13_guest_that_ends_during_the_wait_is_no_timeout);
    UNIT_RUN(r15_guest_that_ended_before_the_freeze_parks_and_counts);
    UNIT_RUN(r18_ack_that_arrives_as_the_deadline_passes_counts);
    UNIT_RUN(r18_acks_within_slow_kicks_count);
    UNIT_RUN(r19_what_comes_between_decision_and_report_changes_nothing);
    return unit_done();
}
