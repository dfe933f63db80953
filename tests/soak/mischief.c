#include "tests/soak/mischief.h"

#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capture/clock.h"

static void ring(struct soak_mischief_run *run) {
    cap_board_ring(run->wrapper->source.board);
}

/* ---- somebody at the desk ---- */

static void check_answer(struct soak_asker *asker, const struct cap_answer *answer) {
    asker->answers++;
    if (answer->code == CAP_ANSWER_DEGRADED && answer->reason[0] == '\0')
        soak_fault(&asker->fault, SOAK_INVALID, "degraded, for no reason");
    if (answer->code == CAP_ANSWER_CAPTURED && answer->parked != answer->total)
        soak_fault(&asker->fault, SOAK_INVALID, "captured, but %u of %u are parked",
                   answer->parked, answer->total);
}

static void wait_for_answer(struct soak_asker *asker, uint64_t ticket) {
    struct cap_desk *desk = asker->shared->desk;
    struct cap_answer answer;
    uint64_t ns = soak_below(&asker->random, 50) * CAP_NS_PER_MS;

    for (;;) {
        int rc = cap_desk_wait(desk, ticket, ns, &answer);
        if (rc < 0)
            soak_fault(&asker->fault, SOAK_INVALID, "a ticket is unknown at the desk");
        if (rc == 0)
            check_answer(asker, &answer);
        if (rc != 1)
            return;
        if (soak_chance(&asker->random, 3)) {
            cap_desk_forget(desk, ticket);
            return;
        }
    }
}

static void *asker_main(void *arg) {
    struct soak_asker *asker = arg;

    while (!atomic_load(&asker->shared->over)) {
        struct cap_request request = {
            .asker = CAP_ASK_CONTROL,
            .unattended = soak_chance(&asker->random, 5),
        };
        snprintf(request.tag, sizeof(request.tag), "asked%u",
                 soak_below(&asker->random, 3));
        uint64_t ticket = cap_desk_ask(asker->shared->desk, &request);
        if (ticket == 0)
            asker->busy++;
        else if (!request.unattended)
            wait_for_answer(asker, ticket);
        usleep(soak_below(&asker->random, 8000));
    }
    return NULL;
}

/* ---- everything else ---- */

static void kick_somebody(struct soak_mischief_run *run) {
    uint32_t id = soak_below(&run->random, run->wrapper->count);
    int32_t tid = atomic_load(&run->wrapper->tids[id]);
    if (tid > 0)
        syscall(SYS_tgkill, getpid(), tid, SIGURG);
}

static void end_the_run(struct soak_mischief_run *run, uint64_t begun_ns) {
    const struct soak_mischief *what = &run->plan->mischief;
    uint64_t ms = (cap_now_ns() - begun_ns) / CAP_NS_PER_MS;

    if (what->cancel_ms && ms >= what->cancel_ms)
        atomic_store(&run->cancel, SIGINT);
    if (what->stop_ms && ms >= what->stop_ms) {
        atomic_store(&run->live->stop, 1);
        ring(run);
    }
}

static void *mischief_main(void *arg) {
    struct soak_mischief_run *run = arg;
    const struct soak_mischief *what = &run->plan->mischief;
    uint64_t begun_ns = cap_now_ns();

    while (!atomic_load(&run->over)) {
        usleep(soak_between(&run->random, 200, 4000));
        end_the_run(run, begun_ns);
        if (what->kicks)
            kick_somebody(run);
        if (what->rings)
            ring(run);
        if (what->signals && soak_chance(&run->random, 4))
            atomic_store(&run->ask, 1);
    }
    return NULL;
}

int soak_mischief_start(struct soak_mischief_run *run, struct soak_fault *fault) {
    for (uint32_t i = 0; i < run->plan->mischief.askers && i < SOAK_ASKERS; i++) {
        struct soak_asker *asker = &run->askers[i];
        asker->shared = run;
        asker->random = soak_random(run->random.state, i + 1);
        asker->started = pthread_create(&asker->thread, NULL, asker_main, asker) == 0;
    }
    run->started = pthread_create(&run->thread, NULL, mischief_main, run) == 0;
    if (!run->started)
        soak_fault(fault, SOAK_LEAK, "there can be no more threads");
    return run->started ? 0 : -1;
}

void soak_mischief_end(struct soak_mischief_run *run, struct soak_tally *tally,
                       struct soak_fault *fault) {
    atomic_store(&run->over, true);
    for (uint32_t i = 0; i < SOAK_ASKERS; i++) {
        struct soak_asker *asker = &run->askers[i];
        if (!asker->started)
            continue;
        pthread_join(asker->thread, NULL);
        tally->answers += asker->answers;
        tally->busy += asker->busy;
        if (asker->fault.kind != SOAK_FINE)
            soak_fault(fault, asker->fault.kind, "%s", asker->fault.text);
    }
    if (run->started)
        pthread_join(run->thread, NULL);
}
