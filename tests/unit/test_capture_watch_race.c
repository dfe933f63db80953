/*
 * Watches and stores of several vCPUs at once, each a thread, for ThreadSanitizer too; and
 * stores to read-only pages, in all sizes.
 */
#include "tests/unit/watch_aid.h"

#include <pthread.h>
#include <sched.h>

#include "capture/clock.h"

#define A UINT64_C(0x300000)
#define B UINT64_C(0x300100)

#define ROUNDS 1000

/* Threads that sleep at a barrier wake one after another; these are to act in the same
   instant. Processors may be fewer than threads: who waits for long lets others run. */
static atomic_uint gate, through;

static void pass(atomic_uint *count, uint32_t want) {
    for (unsigned i = 1; atomic_load(count) < want; i++)
        if (i % 50 == 0)
            sched_yield();
}

struct actor {
    struct aid_bench *bench;
    uint32_t id;
    atomic_bool *stop;
    pthread_t thread;
    uint32_t wrong;
};

static bool run_actors(struct actor *actors, struct aid_bench *bench, atomic_bool *stop,
                       void *(*act)(void *)) {
    bool good = true;
    for (uint32_t id = 0; id < AID_VCPUS; id++) {
        actors[id] = (struct actor){.bench = bench, .id = id, .stop = stop};
        good = good && pthread_create(&actors[id].thread, NULL, act, &actors[id]) == 0;
    }
    return CHECK(good);
}

static void join_actors(struct actor *actors) {
    for (uint32_t id = 0; id < AID_VCPUS; id++) {
        pthread_join(actors[id].thread, NULL);
        CHECK_EQ_U64(actors[id].wrong, 0);
    }
}

static void *hit_together(void *arg) {
    struct actor *actor = arg;
    cap_watches_arm(&actor->bench->watches, actor->id, (int)actor->id);
    for (uint32_t i = 1; i <= 3 * ROUNDS; i++) {
        pass(&gate, i);
        cap_watches_debug(&actor->bench->watches, actor->id, 1);
        cap_watches_debug(&actor->bench->watches, actor->id, 1);
        atomic_fetch_add(&through, 1);
    }
    return NULL;
}

static void g2_hits_at_the_same_time_are_one_event(void) {
    struct aid_bench bench;
    struct actor actors[AID_VCPUS];
    struct cap_watch_hit hit;
    uint32_t bad = 0;

    if (!aid_set_up(&bench))
        return;
    aid_poke(&bench, A, AID_EDGE);
    aid_set(&bench, 0, A);
    atomic_store(&gate, 0);
    atomic_store(&through, 0);
    if (!run_actors(actors, &bench, NULL, hit_together))
        return;
    for (uint32_t i = 1; i <= 3 * ROUNDS; i++) {
        uint32_t before = aid_rings(&bench);
        cap_watches_reset(&bench.watches, 0);
        atomic_store(&gate, i);
        pass(&through, i * AID_VCPUS);
        bad += aid_rings(&bench) != before + 1;
        bad += !cap_watches_hit(&bench.watches, 0, &hit) || hit.value != AID_EDGE;
    }
    join_actors(actors);
    CHECK_EQ_U64(bad, 0);
    aid_tear_down(&bench);
}

/* False where there is none in 30 s. */
static bool wait_for_hit(struct aid_bench *bench, struct cap_watch_hit *hit) {
    uint64_t limit = cap_now_ns() + 30 * CAP_NS_PER_S;
    while (!cap_watches_hit(&bench->watches, 0, hit)) {
        if (cap_now_ns() >= limit)
            return false;
        sched_yield();
    }
    return true;
}

/* A vCPU whose guest writes all the time wherever its registers point. */
static void *hit_what_is_armed(void *arg) {
    struct actor *actor = arg;
    while (!atomic_load(actor->stop)) {
        if (!cap_watches_arm(&actor->bench->watches, actor->id, (int)actor->id))
            actor->wrong++;
        if (aid_debug[actor->id].control != 0)
            cap_watches_debug(&actor->bench->watches, actor->id, 1);
        sched_yield();
    }
    return NULL;
}

/* A has one value and B another: a hit with the wrong one paired them across a rebind. */
static void g3_rebind_beside_running_vcpus(void) {
    static const uint64_t places[] = {A, B};
    struct aid_bench bench;
    struct actor actors[AID_VCPUS];
    atomic_bool stop = false;
    uint32_t bad = 0;

    if (!aid_set_up(&bench))
        return;
    aid_poke(&bench, A, AID_EDGE);
    aid_poke(&bench, B, AID_EDGE + 1);
    if (!run_actors(actors, &bench, &stop, hit_what_is_armed))
        return;
    for (uint32_t i = 0; i < ROUNDS && bad == 0; i++) {
        struct cap_watch_hit hit;
        while (aid_set(&bench, 0, places[i % 2]) == CAP_WATCH_AGAIN)
            bad += cap_watches_hit(&bench.watches, 0, NULL);
        bad += !wait_for_hit(&bench, &hit);
        bad += hit.value != AID_EDGE + i % 2;
        bad += hit.vcpu >= AID_VCPUS;
    }
    atomic_store(&stop, true);
    join_actors(actors);
    CHECK_EQ_U64(bad, 0);
    aid_tear_down(&bench);
}

/* ---- stores to read-only pages ---- */

static void stores_of_all_sizes_and_places(void) {
    static const uint8_t value[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct aid_bench bench;
    uint8_t want[32], got[32];
    uint32_t bad = 0;

    if (!aid_set_up(&bench))
        return;
    for (size_t at = 0; at < 16; at++) {
        for (size_t bytes = 1; bytes <= sizeof(value); bytes++) {
            struct cap_ram_words words = {0};
            memset(want, 0xee, sizeof(want));
            memset(bench.ram.bytes + A, 0xee, sizeof(want));
            memcpy(want + at, value, bytes);
            CHECK(cap_ram_store(&bench.ram, A + at, value, bytes, &words));
            CHECK(cap_ram_read(&bench.ram, A, got, sizeof(got)));
            bad += memcmp(got, want, sizeof(want)) != 0;
            bad += words.first != A + at / 4 * 4;
            bad += words.count != (at % 4 + bytes + 3) / 4;
            bad += memcmp(words.value, want + at / 4 * 4, words.count * 4) != 0;
        }
    }
    CHECK_EQ_U64(bad, 0);
    aid_tear_down(&bench);
}

/* All in one word, of which each has a byte. */
static void *store_own_byte(void *arg) {
    struct actor *actor = arg;
    for (uint32_t i = 0; i < 500 * ROUNDS; i++) {
        struct cap_ram_words words;
        uint8_t byte = (uint8_t)i, got;
        if (!cap_ram_store(&actor->bench->ram, A + actor->id, &byte, 1, &words))
            actor->wrong++;
        memcpy(&got, (uint8_t *)words.value + actor->id, 1);
        uint32_t word;
        cap_ram_read(&actor->bench->ram, A, &word, sizeof(word));
        actor->wrong += got != byte || (uint8_t)(word >> actor->id * 8) != byte;
    }
    return NULL;
}

static void neighbours_lose_nothing(void) {
    struct aid_bench bench;
    struct actor actors[AID_VCPUS];

    if (!aid_set_up(&bench))
        return;
    if (run_actors(actors, &bench, NULL, store_own_byte))
        join_actors(actors);
    aid_tear_down(&bench);
}

/* The stores of three vCPUs to a watched word: the hit is a value that one of them stored. */
static void *store_watched_word(void *arg) {
    struct actor *actor = arg;
    while (!atomic_load(actor->stop)) {
        uint32_t low = 0, high = AID_EDGE + actor->id;
        cap_watches_arm(&actor->bench->watches, actor->id, (int)actor->id);
        cap_watches_store(&actor->bench->watches, actor->id, A, &low, 4);
        cap_watches_store(&actor->bench->watches, actor->id, A, &high, 4);
        sched_yield();
    }
    return NULL;
}

static void g2_hit_is_of_the_vcpu_that_stored(void) {
    struct aid_bench bench;
    struct actor actors[AID_VCPUS];
    atomic_bool stop = false;
    uint32_t bad = 0;

    if (!aid_set_up(&bench))
        return;
    aid_set(&bench, 0, A);
    if (!run_actors(actors, &bench, &stop, store_watched_word))
        return;
    for (int i = 0; i < ROUNDS && bad == 0; i++) {
        struct cap_watch_hit hit;
        bad += !wait_for_hit(&bench, &hit);
        bad += hit.value != AID_EDGE + hit.vcpu;
        cap_watches_reset(&bench.watches, 0);
    }
    atomic_store(&stop, true);
    join_actors(actors);
    CHECK_EQ_U64(bad, 0);
    aid_tear_down(&bench);
}

int main(void) {
    UNIT_RUN(g2_hits_at_the_same_time_are_one_event);
    UNIT_RUN(g3_rebind_beside_running_vcpus);
    UNIT_RUN(stores_of_all_sizes_and_places);
    UNIT_RUN(neighbours_lose_nothing);
    UNIT_RUN(g2_hit_is_of_the_vcpu_that_stored);
    return unit_done();
}
