#include "capture/watch.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "capture/clock.h"

#define MOST_FAILURES 3u
#define DR7_NONE UINT64_C(0x700) /* bit 10 is always 1; GE and LE ask for exact reports */

const char *cap_watch_kind_name(enum cap_watch_kind kind) {
    static const char *const names[] = {
        [CAP_WATCH_NONE] = "none",
        [CAP_WATCH_HARDWARE] = "hardware watchpoint",
        [CAP_WATCH_SLOT] = "read-only slot",
        [CAP_WATCH_POLL] = "poll",
    };
    return names[kind];
}

int cap_watch_choose(const struct cap_watch_means *means, enum cap_watch_by by,
                     bool costly, enum cap_watch_kind *kind, struct dc_error *err) {
    if (by == CAP_WATCH_BY_HARDWARE && !means->hardware)
        return dc_fail(err, DC_ECANNOT,
                       "hardware watchpoints do not fire in guests of this machine");
    if (by == CAP_WATCH_BY_SLOT && !means->slot)
        return dc_fail(err, DC_ECANNOT, "KVM has no read-only memory on this machine");
    if (by == CAP_WATCH_BY_HARDWARE || (by == CAP_WATCH_BY_AUTO && means->hardware))
        *kind = CAP_WATCH_HARDWARE;
    else if (by == CAP_WATCH_BY_SLOT ||
             (by == CAP_WATCH_BY_AUTO && means->slot && !costly))
        *kind = CAP_WATCH_SLOT;
    else
        *kind = CAP_WATCH_POLL;
    return 0;
}

/* Intel SDM volume 3, "Debug control register (DR7)": of register i, the enable bits L and G
   begin at 2i, and R/W (1: stores) and LEN (3: 4 bytes) at 16 + 4i. */
uint64_t cap_watch_dr7(unsigned mask) {
    uint64_t dr7 = mask ? DR7_NONE : 0;
    for (unsigned i = 0; i < CAP_WATCHES; i++)
        if (mask >> i & 1)
            dr7 |= UINT64_C(3) << 2 * i | UINT64_C(1) << (16 + 4 * i) |
                   UINT64_C(3) << (18 + 4 * i);
    return dr7;
}

static int set_guest_debug(int fd, const struct kvm_guest_debug *debug) {
    return ioctl(fd, KVM_SET_GUEST_DEBUG, debug) ? errno : 0;
}

int cap_watches_open(struct cap_watches *watches, struct cap_ram *ram,
                     struct cap_board *board, struct dc_error *err) {
    size_t bytes = board->count * sizeof(*watches->seats);

    _Static_assert(CAP_WATCHES <= CAP_RAM_PAGES, "each watch has a page");
    memset(watches, 0, sizeof(*watches));
    watches->seats = aligned_alloc(_Alignof(struct cap_watch_seat), bytes);
    if (!watches->seats)
        return dc_fail(err, DC_ENOMEM, "no memory for %u vCPUs", board->count);
    memset(watches->seats, 0, bytes);
    watches->ram = ram;
    watches->board = board;
    watches->count = board->count;
    watches->set_debug = set_guest_debug;
    return 0;
}

void cap_watches_close(struct cap_watches *watches) {
    free(watches->seats);
    watches->seats = NULL;
}

/* ---- coordinator ---- */

static uint32_t number_of(uint64_t state) {
    return (uint32_t)(state >> 32);
}

static uint64_t state_of(uint32_t number) {
    return (uint64_t)number << 32;
}

/* All is sequentially consistent: no copy can have the new address between two looks at the
   old number. */
static void publish(struct cap_watches *watches, unsigned index, enum cap_watch_kind kind,
                    const struct cap_watch_request *request) {
    struct cap_watch *watch = &watches->watch[index];
    uint32_t number = number_of(atomic_load(&watch->state));
    bool seen_by_vcpus = kind == CAP_WATCH_HARDWARE || kind == CAP_WATCH_SLOT;

    watch->kind = kind;
    watch->request = *request;
    atomic_store(&watch->state, state_of(number + 1));
    atomic_store(&watch->physical, request->physical);
    atomic_store(&watch->virtual, request->virtual);
    atomic_store(&watch->at_least, request->at_least);
    atomic_store(&watch->published_kind, seen_by_vcpus ? kind : CAP_WATCH_NONE);
    atomic_store(&watch->state, state_of(number + 2));
    atomic_fetch_add(&watches->version, 1);
}

static int check_request(const struct cap_watches *watches,
                         const struct cap_watch_request *request, struct dc_error *err) {
    uint64_t size = watches->ram->size;

    if (request->physical % 4 != 0 || request->virtual % 4 != 0)
        return dc_fail(err, DC_EUSAGE,
                       "0x%llx cannot be watched: it is not a multiple of 4",
                       (unsigned long long)request->virtual);
    if (request->physical >= size || size - request->physical < 4)
        return dc_fail(err, DC_EUSAGE, "0x%llx cannot be watched: it is not memory",
                       (unsigned long long)request->physical);
    if (request->at_least == 0)
        return dc_fail(err, DC_EUSAGE, "a watch that 0 hits would always be hit");
    return 0;
}

static bool same_request(const struct cap_watch_request *a,
                         const struct cap_watch_request *b) {
    return a->physical == b->physical && a->virtual == b->virtual &&
           a->at_least == b->at_least;
}

int cap_watches_set(struct cap_watches *watches, unsigned index, enum cap_watch_kind kind,
                    const struct cap_watch_request *request, bool still,
                    struct dc_error *err) {
    static const struct cap_watch_request nothing;
    const struct cap_watch *watch = &watches->watch[index];

    if (!request || kind == CAP_WATCH_NONE) {
        request = &nothing;
        kind = CAP_WATCH_NONE;
    } else if (check_request(watches, request, err)) {
        return -1;
    }
    if (kind == watch->kind && same_request(request, &watch->request))
        return CAP_WATCH_SET;
    uint64_t page = kind == CAP_WATCH_SLOT ? request->physical : CAP_RAM_NOWHERE;
    if (cap_ram_watch(watches->ram, index, page, still, err))
        return -1;
    if (watch->kind == CAP_WATCH_HARDWARE && kind == CAP_WATCH_HARDWARE) {
        publish(watches, index, CAP_WATCH_NONE, &nothing);
        return CAP_WATCH_AGAIN;
    }
    publish(watches, index, kind, request);
    return CAP_WATCH_SET;
}

bool cap_watches_hit(const struct cap_watches *watches, unsigned index,
                     struct cap_watch_hit *out) {
    uint32_t vcpu = (uint32_t)atomic_load(&watches->watch[index].state);
    if (vcpu == 0)
        return false;
    if (out)
        *out = (struct cap_watch_hit){
            .vcpu = vcpu - 1,
            .value = atomic_load(&watches->seats[vcpu - 1].seen[index].value),
            .ns = atomic_load(&watches->seats[vcpu - 1].seen[index].ns),
        };
    return true;
}

void cap_watches_reset(struct cap_watches *watches, unsigned index) {
    struct cap_watch *watch = &watches->watch[index];
    atomic_store(&watch->state, state_of(number_of(atomic_load(&watch->state))));
}

bool cap_watches_arming(const struct cap_watches *watches, unsigned index, uint32_t id,
                        struct cap_watch_arming *out) {
    const struct cap_watch_seat *seat = &watches->seats[id];

    if (watches->watch[index].kind != CAP_WATCH_HARDWARE)
        return true;
    if (atomic_load(&seat->settled) != atomic_load(&watches->version))
        return false;
    int error = atomic_load(&seat->failed);
    if (error) {
        out->failed++;
        out->error = error;
    } else {
        out->armed++;
    }
    return true;
}

/* ---- threads of vCPUs: arming ---- */

/* What is being written counts as nothing: the version will change once more. */
static void copy(const struct cap_watch *watch, struct cap_watch_armed *to) {
    uint32_t number = number_of(atomic_load(&watch->state));

    *to = (struct cap_watch_armed){
        .number = number,
        .kind = (enum cap_watch_kind)atomic_load(&watch->published_kind),
        .request = {.physical = atomic_load(&watch->physical),
                    .virtual = atomic_load(&watch->virtual),
                    .at_least = atomic_load(&watch->at_least)},
    };
    if (number % 2 != 0 || number_of(atomic_load(&watch->state)) != number)
        to->kind = CAP_WATCH_NONE;
}

/* What stands in the debug registers now is no longer what is published: no exit that comes
   of it may count. */
static void give_up(struct cap_watch_seat *seat) {
    for (unsigned i = 0; i < CAP_WATCHES; i++)
        if (seat->armed[i].kind == CAP_WATCH_HARDWARE)
            seat->armed[i].kind = CAP_WATCH_NONE;
    atomic_store(&seat->failed, seat->error);
}

/* What the debug registers should hold. */
static struct kvm_guest_debug wanted(const struct cap_watch_seat *seat) {
    struct kvm_guest_debug debug = {0};
    unsigned mask = 0;

    for (unsigned i = 0; i < CAP_WATCHES; i++) {
        if (seat->armed[i].kind != CAP_WATCH_HARDWARE)
            continue;
        mask |= 1u << i;
        debug.arch.debugreg[i] = seat->armed[i].request.virtual;
    }
    debug.arch.debugreg[7] = cap_watch_dr7(mask);
    if (mask)
        debug.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP;
    return debug;
}

static bool in_force(const struct cap_watch_seat *seat,
                     const struct kvm_guest_debug *debug) {
    return debug->arch.debugreg[7] == seat->dr7 &&
           memcmp(debug->arch.debugreg, seat->address, sizeof(seat->address)) == 0;
}

/* Switching off is tried even by those that have given up: what fires for nothing costs the
   guest an exit each time. */
static bool may_try(const struct cap_watch_seat *seat,
                    const struct kvm_guest_debug *debug, unsigned tries) {
    return seat->failures < MOST_FAILURES || (debug->control == 0 && tries == 0);
}

/* False only where a signal came in between. */
static bool set_registers(struct cap_watches *watches, struct cap_watch_seat *seat,
                          int fd) {
    struct kvm_guest_debug debug = wanted(seat);

    for (unsigned tries = 0; !in_force(seat, &debug); tries++) {
        if (!may_try(seat, &debug, tries)) {
            give_up(seat);
            return true;
        }
        int error = watches->set_debug(fd, &debug);
        if (error == EINTR)
            return false;
        if (error) {
            seat->failures++;
            seat->error = error;
            continue;
        }
        seat->dr7 = debug.arch.debugreg[7];
        memcpy(seat->address, debug.arch.debugreg, sizeof(seat->address));
        seat->failures = seat->failures < MOST_FAILURES ? 0 : seat->failures;
    }
    atomic_store(&seat->failed, 0);
    return true;
}

bool cap_watches_arm(struct cap_watches *watches, uint32_t id, int fd) {
    struct cap_watch_seat *seat = &watches->seats[id];
    uint32_t version = atomic_load(&watches->version);

    if (seat->looked == version)
        return true;
    for (unsigned i = 0; i < CAP_WATCHES; i++)
        copy(&watches->watch[i], &seat->armed[i]);
    if (!set_registers(watches, seat, fd))
        return false;
    seat->looked = version;
    atomic_store(&seat->settled, version);
    return true;
}

/* ---- threads of vCPUs: hits ---- */

/* The value of an armed watch's word after a store to it. */
static void see(struct cap_watches *watches, uint32_t id, unsigned index,
                uint32_t value) {
    struct cap_watch *watch = &watches->watch[index];
    struct cap_watch_seat *seat = &watches->seats[id];
    uint64_t state = state_of(seat->armed[index].number);

    if (value < seat->armed[index].request.at_least)
        return;
    if (atomic_load(&watch->state) != state) /* hit already, perhaps by this very vCPU */
        return;
    atomic_store(&seat->seen[index].value, value);
    atomic_store(&seat->seen[index].ns, cap_now_ns());
    if (atomic_compare_exchange_strong(&watch->state, &state, state | (id + 1)))
        cap_board_ring(watches->board);
}

void cap_watches_debug(struct cap_watches *watches, uint32_t id, uint64_t dr6) {
    const struct cap_watch_seat *seat = &watches->seats[id];
    uint32_t value;

    for (unsigned i = 0; i < CAP_WATCHES; i++)
        if (dr6 >> i & 1 && seat->armed[i].kind == CAP_WATCH_HARDWARE &&
            cap_ram_read(watches->ram, seat->armed[i].request.physical, &value,
                         sizeof(value)))
            see(watches, id, i, value);
}

/* Whatever its kind: KVM has emulated the store, and that meets no data breakpoint. */
bool cap_watches_store(struct cap_watches *watches, uint32_t id, uint64_t address,
                       const void *from, size_t bytes) {
    const struct cap_watch_seat *seat = &watches->seats[id];
    struct cap_ram_words words;

    if (!cap_ram_store(watches->ram, address, from, bytes, &words))
        return false;
    for (unsigned i = 0; i < CAP_WATCHES; i++) {
        uint64_t word = (seat->armed[i].request.physical - words.first) / 4;
        if (seat->armed[i].kind != CAP_WATCH_NONE && word < words.count)
            see(watches, id, i, words.value[word]);
    }
    return true;
}
