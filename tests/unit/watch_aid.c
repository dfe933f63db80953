#include "tests/unit/watch_aid.h"

struct kvm_guest_debug aid_debug[AID_VCPUS];
atomic_uint aid_calls;
const int *aid_answers;

static int set_debug(int fd, const struct kvm_guest_debug *debug) {
    int answer = 0;
    if (aid_answers) {
        answer = *aid_answers;
        if (aid_answers[1] >= 0)
            aid_answers++;
    }
    aid_calls++;
    if (answer == 0)
        aid_debug[fd] = *debug;
    return answer;
}

bool aid_set_up(struct aid_bench *bench) {
    *bench = (struct aid_bench){.ram = CAP_RAM_NONE};
    bench->board = cap_board_new(AID_VCPUS, NULL);
    memset(aid_debug, 0, sizeof(aid_debug));
    aid_calls = 0;
    aid_answers = NULL;
    if (!CHECK(bench->board && cap_ram_open(&bench->ram, AID_RAM_BYTES, NULL) == 0 &&
               cap_watches_open(&bench->watches, &bench->ram, bench->board, NULL) == 0))
        return false;
    bench->watches.set_debug = set_debug;
    return true;
}

void aid_tear_down(struct aid_bench *bench) {
    cap_watches_close(&bench->watches);
    cap_ram_close(&bench->ram);
    cap_board_free(bench->board);
}

int aid_set(struct aid_bench *bench, unsigned index, uint64_t place) {
    struct cap_watch_request request = {place, AID_VIRTUAL + place, AID_EDGE};
    return cap_watches_set(&bench->watches, index, CAP_WATCH_HARDWARE, &request, false,
                           NULL);
}

void aid_poke(struct aid_bench *bench, uint64_t place, uint32_t value) {
    struct cap_ram_words words;
    CHECK(cap_ram_store(&bench->ram, place, &value, sizeof(value), &words));
}

uint32_t aid_rings(const struct aid_bench *bench) {
    return atomic_load(&bench->board->gong);
}
