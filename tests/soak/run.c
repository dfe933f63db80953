#include "tests/soak/run.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/soak/leaks.h"
#include "tests/soak/machine_under.h"
#include "tests/soak/mischief.h"

/* Too large for a stack. */
struct run {
    const struct soak_plan *plan;
    struct cap_options options;
    struct soak_machine machine;
    struct soak_wrapper wrapper;
    struct soak_documents documents;
    struct soak_mischief_run mischief;
    struct cap_doorbell doorbell;
    struct cap_desk *desk;
    struct cap_live live;
    struct cap_end end;
    struct soak_fault *fault;
};

static void wake(void *context) {
    struct run *run = context;
    cap_board_ring(run->machine.source->board);
}

static int ask_of_guest(void *context, uint32_t vcpu, uint32_t value) {
    struct run *run = context;
    struct cap_request request = {.asker = CAP_ASK_GUEST, .vcpu = vcpu, .value = value};
    snprintf(request.tag, sizeof(request.tag), "guest_%u", value);
    return cap_desk_ask(run->desk, &request) ? 0 : -1;
}

static uint32_t state_for_guest(void *context, uint32_t vcpu) {
    struct run *run = context;
    return cap_desk_state(run->desk, vcpu);
}

static int set_up(struct run *run, struct soak_bench *bench, struct soak_tally *tally) {
    struct soak_random random = run->plan->random;
    struct dc_error err = {0};

    if (soak_machine_open(&run->machine, run->plan, &bench->means, &err)) {
        soak_fault(run->fault, SOAK_INVALID, "no machine: %s", err.message);
        return -1;
    }
    run->desk = cap_desk_new(run->plan->options.vcpus, wake, run, &err);
    if (!run->desk) {
        soak_fault(run->fault, SOAK_INVALID, "no desk: %s", err.message);
        return -1;
    }
    run->doorbell = (struct cap_doorbell){ask_of_guest, state_for_guest, run};
    soak_machine_set_doorbell(&run->machine, &run->doorbell);
    soak_wrap(&run->wrapper, run->machine.source, &run->plan->faults,
              &run->machine.counters, soak_random(soak_next(&random), 0));
    run->documents = (struct soak_documents){
        .plan = run->plan,
        .wrapper = &run->wrapper,
        .disk = &bench->disk,
        .random = soak_random(soak_next(&random), 0),
        .tally = tally,
        .fault = run->fault,
    };
    run->mischief = (struct soak_mischief_run){
        .plan = run->plan,
        .wrapper = &run->wrapper,
        .desk = run->desk,
        .live = &run->live,
        .random = soak_random(soak_next(&random), 0),
    };
    run->options = run->plan->options;
    run->options.cancel = &run->mischief.cancel;
    run->options.ask = &run->mischief.ask;
    run->options.deliver = soak_deliver;
    run->options.deliver_context = &run->documents;
    return soak_documents_open(&run->documents);
}

/* Do the coordinator and those beside it tell the same story? */
static void check_end(struct run *run, int failed) {
    const struct cap_end *end = &run->end;
    const struct soak_wrapper *wrapper = &run->wrapper;
    uint32_t kept = end->siblings + end->main_made;

    if (failed != (wrapper->start_failed ? -1 : 0))
        soak_fault(run->fault, SOAK_INVALID, "it %s, but the source %s",
                   failed ? "failed" : "ran",
                   wrapper->start_failed ? "failed" : "started");
    if (failed)
        return;
    if (kept != run->documents.kept || end->undelivered != run->documents.refused)
        soak_fault(run->fault, SOAK_INVALID,
                   "%u documents kept and %u lost, says the end; it was %u and %u", kept,
                   end->undelivered, run->documents.kept, run->documents.refused);
    if (end->threads_lost && !wrapper->stop_failed)
        soak_fault(run->fault, SOAK_HANG, "threads of vCPUs did not end");
    if (!end->threads_lost && wrapper->stop_failed)
        soak_fault(run->fault, SOAK_INVALID, "threads are lost, and nobody says so");
    if (atomic_load(&run->live.frozen) ||
        cap_board_wanted(run->machine.source->board) != 0)
        soak_fault(run->fault, SOAK_INVALID, "it is over, and still frozen");
}

static void check_torn(struct run *run) {
    const struct soak_torn *torn = &run->wrapper.torn;
    if (torn->found)
        soak_fault(run->fault, SOAK_TORN,
                   "vCPU %u went on from %llu to %llu in freeze %u of its run",
                   torn->vcpu, (unsigned long long)torn->before,
                   (unsigned long long)torn->after, torn->epoch);
}

static void go(struct run *run, struct soak_tally *tally) {
    struct dc_error err = {0};

    if (soak_mischief_start(&run->mischief, run->fault) == 0) {
        int failed =
            cap_coordinate(&run->wrapper.source, &run->options, &run->machine.facts,
                           run->desk, &run->live, &run->end, &err);
        check_end(run, failed);
        tally->refused += failed != 0;
        cap_desk_close(run->desk); /* where it did not start nobody has */
    }
    soak_mischief_end(&run->mischief, tally, run->fault);
    check_torn(run);
    tally->runs++;
    tally->freezes += run->wrapper.freezes;
    tally->looked_at += run->wrapper.looked_at;
    tally->advanced += run->wrapper.advanced;
    tally->undelivered += run->end.undelivered;
    tally->suppressed += run->end.suppressed;
}

void soak_run(const struct soak_plan *plan, struct soak_bench *bench,
              struct soak_tally *tally, struct soak_fault *fault) {
    struct soak_holdings before = soak_holdings();
    struct run *run = calloc(1, sizeof(*run));
    if (!run) {
        soak_fault(fault, SOAK_LEAK, "no memory for a run");
        return;
    }
    run->plan = plan;
    run->fault = fault;
    if (set_up(run, bench, tally) == 0)
        go(run, tally);
    soak_documents_close(&run->documents);
    soak_machine_close(&run->machine);
    cap_desk_free(run->desk);
    free(run);
    soak_leaks_of_run(&before, fault);
}
