/*
 * Who is let through: the exit-kind gate for triggers (G6), and the desk for those who ask
 * (G8, G9), on a source without KVM. The table of properties is in test_capture_rendezvous.c.
 */
#include "tests/unit/unit.h"

#include "capture/clock.h"
#include "capture/coordinator_private.h"
#include "tests/unit/source_aid.h"

#define BEYOND UINT64_C(0x20000) /* mapped, but no memory */
#define POINTER UINT64_C(0xc000) /* of a latch that is reached through it */

static struct aid_source aid;
static atomic_int cancel, ask;
static struct cap_options options;
static struct aid_run run;

static bool begin(uint32_t vcpus, unsigned triggers) {
    atomic_store(&cancel, 0);
    atomic_store(&ask, 0);
    options = aid_options();
    options.triggers = triggers;
    options.cancel = &cancel;
    options.ask = &ask;
    return aid_source_open(&aid, vcpus) == 0;
}

/* Each look is soon followed by the next. */
static aid_look_fn *script;

static void look(struct aid_source *self, uint32_t number) {
    cap_board_ring(self->memory.source.board);
    if (script)
        script(self, number);
}

static void go(aid_look_fn *what) {
    script = what;
    aid.at_look = look;
    run = aid_coordinate(&aid, &options, 100);
    CHECK_EQ_I64(run.failed, 0);
}

static void end(void) {
    aid_documents_free(&run.documents);
    aid_source_close(&aid);
}

static const struct cap_result *result_of(const char *tag) {
    const struct aid_document *document = aid_document(&run.documents, tag);
    static const struct cap_result none = {.outcome = CAP_KILLED};
    return CHECK(document != NULL) ? &document->result : &none;
}

#define LATCH CAP_ON(CAP_TRIGGER_LATCH)
#define WATCHPOINT CAP_ON(CAP_TRIGGER_WATCHPOINT)

static void never_parks(struct aid_source *self, uint32_t id, uint32_t kick) {
    if (id != 1)
        aid_park(self, id, kick);
}

/* ---- the gate ---- */

static void flip(struct aid_source *self, uint32_t number) {
    if (number == 3)
        aid_store64(self, POINTER, AID_LATCH);
    if (number == 5) {
        aid_store(self, AID_EXIT_KIND, 1024);
        aid_store(self, AID_EXIT_KIND, 0);
    }
    if (number == 10)
        self->life = CAP_ENDED;
}

/* The guest sets the latch between the trigger and its own park. */
static void latch_and_park(struct aid_source *self, uint32_t id, uint32_t kick) {
    aid_store(self, AID_LATCH, 1);
    aid_park(self, id, kick);
}

static void flip_case(aid_act_fn *act, bool latch_out_at_first, bool reported) {
    if (!begin(2, WATCHPOINT))
        return;
    aid.means.slot = true;
    aid.act = act;
    aid.latch = (struct cap_place_expr){.known = true, .indirect = true, .base = POINTER};
    aid_store64(&aid, POINTER, latch_out_at_first ? BEYOND : AID_LATCH);
    go(flip);
    CHECK_EQ_U64(run.documents.count, reported);
    CHECK_EQ_U64(run.end.suppressed, !reported);
    if (reported) {
        CHECK_EQ_U64(result_of(NULL)->gate, CAP_GATE_LATCH);
        CHECK_EQ_U64(result_of(NULL)->exit_kind, 0);
        CHECK(result_of(NULL)->watchpoint_hit);
    } else {
        CHECK_EQ_U64(run.end.ending, CAP_ENDED_BY_GUEST);
    }
    end();
}

static void g6_value_that_is_gone_again_needs_the_latch(void) {
    flip_case(aid_park, false, false);
    flip_case(latch_and_park, false, true);
}

static void g6_latch_that_was_out_of_bounds_is_not_trusted(void) {
    flip_case(latch_and_park, true, false);
}

static void scheduler_goes(struct aid_source *self, uint32_t number) {
    if (number == 3) {
        aid_store(self, AID_EXIT_KIND, 1024);
        aid_store64(self, AID_POINTER, 0);
    }
    if (number == 8)
        self->life = CAP_ENDED;
}

static void g6_pointer_that_is_gone_needs_the_latch_too(void) {
    static aid_act_fn *const acts[] = {aid_park, latch_and_park};
    for (size_t i = 0; i < 2; i++) {
        if (!begin(2, WATCHPOINT))
            return;
        aid.means.slot = true;
        aid.act = acts[i];
        go(scheduler_goes);
        CHECK_EQ_U64(run.end.suppressed, i == 0);
        CHECK_EQ_U64(run.documents.count, i);
        end();
    }
}

/* A rendezvous that failed is reported whatever the gate would say. */
static void g6_gate_is_not_asked_of_a_degraded_freeze(void) {
    if (!begin(2, WATCHPOINT))
        return;
    aid.means.slot = true;
    aid.act = never_parks;
    go(flip);
    CHECK_EQ_U64(result_of(NULL)->outcome, CAP_TIMEOUT);
    CHECK_EQ_U64(result_of(NULL)->gate, CAP_GATE_NONE);
    CHECK_EQ_U64(run.end.suppressed, 0);
    end();
}

static void error_at_the_thaw(struct aid_source *self) {
    if (self->thaws == 1)
        aid_store(self, AID_EXIT_KIND, 1025);
}

/* The guest goes on, and its first store is the real error. */
static void g6_error_right_after_a_suppression_is_seen(void) {
    if (!begin(2, WATCHPOINT))
        return;
    aid.means.slot = true;
    aid.at_thaw = error_at_the_thaw;
    go(flip);
    CHECK_EQ_U64(run.end.suppressed, 1);
    CHECK_EQ_U64(result_of(NULL)->exit_kind, 1025);
    CHECK_EQ_U64(result_of(NULL)->gate, CAP_GATE_ERROR);
    end();
}

/* ---- one at a time ---- */

static unsigned asked, busy, answered;

static void count_answer(void *context) {
    (void)context;
    answered++;
}

static void ask_desk(const char *tag) {
    struct cap_request request = {
        .asker = CAP_ASK_CONTROL, .unattended = true, .answered = count_answer};
    snprintf(request.tag, sizeof(request.tag), "%s", tag);
    if (cap_desk_ask(aid.desk, &request))
        asked++;
    else
        busy++;
}

static void ask_again(struct aid_source *self, const struct cap_document *document) {
    (void)self;
    (void)document;
    ask_desk("loser");
}

static void ask_then_latch(struct aid_source *self, uint32_t number) {
    if (number == 2)
        ask_desk("winner");
    if (number == 4)
        aid_store(self, AID_LATCH, 1);
}

static void g8_one_capture_at_a_time_and_the_loser_is_told(void) {
    asked = busy = answered = 0;
    if (!begin(2, LATCH))
        return;
    aid.at_deliver = ask_again;
    go(ask_then_latch);
    CHECK_EQ_U64(result_of("winner")->trigger, CAP_TRIGGER_CONTROL);
    CHECK_EQ_U64(result_of(NULL)->trigger, CAP_TRIGGER_LATCH);
    CHECK_EQ_U64(run.documents.count, 2);
    CHECK_EQ_U64(asked, 1);
    CHECK_EQ_U64(busy, 2); /* during the delivery of each */
    CHECK_EQ_U64(answered, 1);
    end();
}

static void both_and_latch(struct aid_source *self, uint32_t number) {
    if (number == 2) {
        ask_desk("winner");
        atomic_store(&ask, 1);
    }
    if (number == 4)
        aid_store(self, AID_LATCH, 1);
}

/* A signal is put off by a request, and not lost. */
static void g8_signal_waits_for_the_request_before_it(void) {
    asked = busy = answered = 0;
    if (!begin(2, LATCH))
        return;
    go(both_and_latch);
    CHECK_EQ_U64(run.documents.count, 3);
    if (run.documents.count == 3) {
        CHECK_STR(run.documents.list[0].tag, "winner");
        CHECK_STR(run.documents.list[1].tag, "signal");
        CHECK(!run.documents.list[2].sibling);
    }
    end();
}

/* The parts of the coordinator by themselves: somebody asks between two of its steps. */
static void g8_periodic_capture_is_put_off_while_a_request_waits(void) {
    struct cap_end over = {0};
    struct dc_error err;
    if (!begin(2, 0))
        return;
    options.every_ms = 10;
    struct aid_documents documents = {0};
    options.deliver = aid_deliver;
    options.deliver_context = &documents;
    aid.desk = cap_desk_new(2, NULL, NULL, &err);
    struct coordinator self = {.options = &options,
                               .source = &aid.memory.source,
                               .desk = aid.desk,
                               .live = &aid.live,
                               .end = &over,
                               .start_ns = cap_now_ns()};
    self.freeze = cap_freeze_new(self.source, &err);
    self.lookout.source = self.source;
    CHECK_EQ_I64(cap_shot_room(&self.current, &self, &err), 0);
    self.next_ns = self.start_ns;
    ask_desk("first");
    cap_beside_periodic(&self, cap_now_ns());
    CHECK_EQ_U64(documents.count, 0);
    CHECK_EQ_U64(self.next_ns, self.start_ns); /* still due */
    cap_beside_serve(&self, false);
    cap_beside_periodic(&self, cap_now_ns());
    if (CHECK_EQ_U64(documents.count, 2)) {
        CHECK_STR(documents.list[0].tag, "first");
        CHECK_STR(documents.list[1].tag, "periodic_000");
    }
    CHECK(self.next_ns > self.start_ns);
    cap_shot_room_free(&self.current);
    cap_freeze_free(self.freeze);
    cap_desk_free(aid.desk);
    aid_documents_free(&documents);
    aid_source_close(&aid);
}

/* ---- the gate at the desk ---- */

/* What holds the desk happens in the first looks; afterwards somebody asks, and is let in. */
static void probe(struct aid_source *self, uint32_t number) {
    if (number == 2)
        atomic_store(&ask, options.every_ms == 0 && !options.dual);
    if (number == 4 && (options.triggers & LATCH))
        aid_store(self, AID_LATCH, 1);
    if (number == 4 && (options.triggers & WATCHPOINT)) {
        aid_store(self, AID_EXIT_KIND, 1024);
        aid_store(self, AID_EXIT_KIND, 0);
    }
    if (number == 20)
        ask_desk("probe");
    if (number == 30)
        self->life = CAP_ENDED;
}

static void probe_case(unsigned triggers, bool dual, uint64_t every_ms, bool parks,
                       int refuse) {
    asked = busy = answered = 0;
    if (!begin(2, triggers))
        return;
    aid.means.slot = true;
    aid.act = parks ? aid_park : never_parks;
    aid.refuse = refuse;
    options.timeout_ms = 1;
    options.after = CAP_AFTER_RESUME;
    options.dual = dual;
    options.every_ms = every_ms;
    options.count = every_ms > 0;
    if (dual) {
        aid_store64(&aid, AID_JIFFIES, 500);
        aid_store64(&aid, AID_RUNNABLE, 100);
    }
    go(probe);
    if (!CHECK_EQ_U64(asked, 1) || !CHECK_EQ_U64(busy, 0))
        printf("# triggers %x dual %d every %d parks %d refuse %d\n", triggers, dual,
               (int)every_ms, parks, refuse);
    CHECK_EQ_U64(answered, 1);
    CHECK_EQ_I64(run.documents.refuse, 0); /* that many deliveries did fail */
    CHECK_EQ_U64(run.end.undelivered, (unsigned)refuse);
    end();
}

static void g9_gate_is_released_on_every_path(void) {
    for (int refuse = 0; refuse <= 1; refuse++)
        for (int parks = 0; parks <= 1; parks++) {
            probe_case(LATCH, false, 0, parks, refuse);      /* signal, main report */
            probe_case(LATCH, false, 0, parks, refuse * 2);  /* both refused */
            probe_case(WATCHPOINT, false, 0, parks, refuse); /* suppressed */
            probe_case(LATCH, true, 0, parks, refuse);       /* early */
            probe_case(LATCH, false, 1, parks, refuse);      /* periodic */
        }
}

int main(void) {
    UNIT_RUN(g6_value_that_is_gone_again_needs_the_latch);
    UNIT_RUN(g6_latch_that_was_out_of_bounds_is_not_trusted);
    UNIT_RUN(g6_pointer_that_is_gone_needs_the_latch_too);
    UNIT_RUN(g6_gate_is_not_asked_of_a_degraded_freeze);
    UNIT_RUN(g6_error_right_after_a_suppression_is_seen);
    UNIT_RUN(g8_one_capture_at_a_time_and_the_loser_is_told);
    UNIT_RUN(g8_signal_waits_for_the_request_before_it);
    UNIT_RUN(g8_periodic_capture_is_put_off_while_a_request_waits);
    UNIT_RUN(g9_gate_is_released_on_every_path);
    return unit_done();
}
