#include "capture/ram.h"

#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

int cap_ram_open(struct cap_ram *ram, uint64_t size, struct dc_error *err) {
    ram->fd = memfd_create("dumpctl-guest", MFD_CLOEXEC);
    if (ram->fd < 0)
        return dc_fail_errno(err, DC_ENOMEM, errno, "no memory for the guest");
    int status = ftruncate(ram->fd, (off_t)size);
    if (status < 0 && errno == EFBIG)
        return dc_fail(err, DC_ECANNOT,
                       "the limit on file sizes (ulimit -f) holds for the guest's memory "
                       "too, and is below its %llu MiB; raise it",
                       (unsigned long long)(size >> 20));
    if (status < 0)
        return dc_fail_errno(err, DC_ENOMEM, errno, "no memory for the guest");
    void *bytes =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, ram->fd, 0);
    if (bytes == MAP_FAILED)
        return dc_fail_errno(err, DC_ENOMEM, errno, "no memory for the guest");
    ram->bytes = bytes;
    ram->size = size;
    return 0;
}

/* ---- slots ---- */

/* Returns 0 or errno. No bytes: the slot is given back. */
static int set_slot(int vm, uint32_t slot, const struct cap_ram_part *part, void *host) {
    struct kvm_userspace_memory_region region = {
        .slot = slot,
        .flags = part->readonly ? KVM_MEM_READONLY : 0,
        .guest_phys_addr = part->address,
        .memory_size = part->bytes,
        .userspace_addr = (uintptr_t)host,
    };
    return ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) ? errno : 0;
}

int cap_ram_map(int vm, uint32_t slot, uint64_t address, void *host, uint64_t bytes,
                struct dc_error *err) {
    struct cap_ram_part part = {.address = address, .bytes = bytes};
    int error = set_slot(vm, slot, &part, host);
    if (error)
        return dc_fail_errno(err, DC_EINTERNAL, error, "KVM refused %llu bytes of memory",
                             (unsigned long long)bytes);
    return 0;
}

/* Cuts the memory at its read-only pages. */
static void divide(const struct cap_ram *ram, const uint64_t *readonly,
                   struct cap_ram_part *parts) {
    uint64_t low = readonly[0] < readonly[1] ? readonly[0] : readonly[1];
    uint64_t high = readonly[0] < readonly[1] ? readonly[1] : readonly[0];
    const uint64_t cuts[] = {low, high != low ? high : CAP_RAM_NOWHERE};
    uint64_t at = 0;
    unsigned used = 0;

    memset(parts, 0, CAP_RAM_SLOTS * sizeof(*parts));
    for (size_t i = 0; i < CAP_RAM_PAGES && cuts[i] != CAP_RAM_NOWHERE; i++) {
        if (cuts[i] > at)
            parts[used++] = (struct cap_ram_part){.address = at, .bytes = cuts[i] - at};
        parts[used++] = (struct cap_ram_part){cuts[i], CAP_RAM_PAGE, true};
        at = cuts[i] + CAP_RAM_PAGE;
    }
    if (ram->size > at)
        parts[used] = (struct cap_ram_part){.address = at, .bytes = ram->size - at};
}

static bool same_part(const struct cap_ram_part *a, const struct cap_ram_part *b) {
    return a->address == b->address && a->bytes == b->bytes && a->readonly == b->readonly;
}

static bool same_parts(const struct cap_ram_part *a, const struct cap_ram_part *b) {
    for (size_t i = 0; i < CAP_RAM_SLOTS; i++)
        if (!same_part(&a[i], &b[i]))
            return false;
    return true;
}

/* Returns 0 or errno; ram->parts says what is in force in either case. All that goes goes
   before anything comes: slots must not overlap, and KVM changes none in its place. */
static int set_parts(struct cap_ram *ram, const struct cap_ram_part *parts) {
    int error = 0;

    for (uint32_t slot = 0; slot < CAP_RAM_SLOTS && !error; slot++) {
        struct cap_ram_part *now = &ram->parts[slot];
        if (now->bytes == 0 || same_part(now, &parts[slot]))
            continue;
        struct cap_ram_part gone = {.address = now->address};
        error = set_slot(ram->vm, slot, &gone, ram->bytes + now->address);
        if (!error)
            *now = (struct cap_ram_part){0};
    }
    for (uint32_t slot = 0; slot < CAP_RAM_SLOTS && !error; slot++) {
        const struct cap_ram_part *part = &parts[slot];
        if (part->bytes == 0 || same_part(&ram->parts[slot], part))
            continue;
        error = set_slot(ram->vm, slot, part, ram->bytes + part->address);
        if (!error)
            ram->parts[slot] = *part;
    }
    return error;
}

int cap_ram_plug(struct cap_ram *ram, int vm, struct dc_error *err) {
    struct cap_ram_part parts[CAP_RAM_SLOTS];

    ram->vm = vm;
    divide(ram, ram->readonly, parts);
    int error = set_parts(ram, parts);
    if (error)
        return dc_fail_errno(err, DC_EINTERNAL, error, "KVM refused %llu bytes of memory",
                             (unsigned long long)ram->size);
    return 0;
}

int cap_ram_watch(struct cap_ram *ram, unsigned index, uint64_t address, bool still,
                  struct dc_error *err) {
    struct cap_ram_part was[CAP_RAM_SLOTS], parts[CAP_RAM_SLOTS];
    uint64_t readonly[CAP_RAM_PAGES];

    if (address != CAP_RAM_NOWHERE && address >= ram->size)
        return dc_fail(err, DC_EUSAGE, "0x%llx is beyond the guest's memory",
                       (unsigned long long)address);
    memcpy(readonly, ram->readonly, sizeof(readonly));
    divide(ram, readonly, was);
    readonly[index] =
        address == CAP_RAM_NOWHERE ? CAP_RAM_NOWHERE : address & ~(CAP_RAM_PAGE - 1);
    divide(ram, readonly, parts);
    if (same_parts(parts, was)) {
        memcpy(ram->readonly, readonly, sizeof(readonly));
        return 0;
    }
    if (!still)
        return dc_fail(err, DC_ECANNOT,
                       "memory can be made read-only, or writable again, only while all "
                       "vCPUs are parked");
    int error = set_parts(ram, parts);
    if (error && set_parts(ram, was) != 0)
        return dc_fail_errno(err, DC_EINTERNAL, error,
                             "KVM took memory from the guest and does not give it back");
    if (error)
        return dc_fail_errno(err, DC_ECANNOT, error, "KVM refused a read-only page");
    memcpy(ram->readonly, readonly, sizeof(readonly));
    return 0;
}

void cap_ram_close(struct cap_ram *ram) {
    if (ram->bytes)
        munmap(ram->bytes, ram->size);
    if (ram->fd >= 0)
        close(ram->fd);
    *ram = CAP_RAM_NONE;
}

int cap_ram_fd(const struct cap_ram *ram) {
    return ram->fd;
}

bool cap_ram_read(const struct cap_ram *ram, uint64_t address, void *to, size_t bytes) {
    if (bytes > ram->size || address > ram->size - bytes)
        return false;
    const uint8_t *from = ram->bytes + address;
    if (bytes == 4 && address % 4 == 0) {
        uint32_t value =
            __atomic_load_n((const uint32_t *)(const void *)from, __ATOMIC_ACQUIRE);
        memcpy(to, &value, sizeof(value));
    } else if (bytes == 8 && address % 8 == 0) {
        uint64_t value =
            __atomic_load_n((const uint64_t *)(const void *)from, __ATOMIC_ACQUIRE);
        memcpy(to, &value, sizeof(value));
    } else {
        memcpy(to, from, bytes);
    }
    return true;
}

/* ---- stores for the guest ---- */

/* Puts less than a word into its word. Returns what became of it. */
static uint32_t merge(uint32_t *word, size_t offset, const uint8_t *from, size_t bytes) {
    uint32_t was = __atomic_load_n(word, __ATOMIC_ACQUIRE), now;
    do {
        now = was;
        memcpy((uint8_t *)&now + offset, from, bytes);
    } while (!__atomic_compare_exchange_n(word, &was, now, false, __ATOMIC_SEQ_CST,
                                          __ATOMIC_ACQUIRE));
    return now;
}

/* The largest aligned access at `address` of at most `most` bytes. */
static size_t piece(uint64_t address, size_t most) {
    size_t bytes = 8;
    while (bytes > most || address % bytes != 0)
        bytes /= 2;
    return bytes;
}

/* Stores one piece; word[0], and with 8 bytes word[1], get what their words became. */
static void store_piece(uint8_t *to, uint64_t address, const uint8_t *from, size_t bytes,
                        uint32_t *word) {
    void *aligned = to - address % 4;
    if (bytes == 8) {
        uint64_t value;
        memcpy(&value, from, sizeof(value));
        __atomic_store_n((uint64_t *)aligned, value, __ATOMIC_SEQ_CST);
        memcpy(word, from, sizeof(value));
    } else if (bytes == 4) {
        memcpy(word, from, sizeof(*word));
        __atomic_store_n((uint32_t *)aligned, *word, __ATOMIC_SEQ_CST);
    } else {
        *word = merge(aligned, address % 4, from, bytes);
    }
}

bool cap_ram_store(struct cap_ram *ram, uint64_t address, const void *from, size_t bytes,
                   struct cap_ram_words *words) {
    if (bytes == 0 || bytes > 8 || bytes > ram->size || address > ram->size - bytes)
        return false;
    words->first = address & ~UINT64_C(3);
    words->count = (unsigned)((address + bytes - 1 - words->first) / 4 + 1);
    for (size_t done = 0; done < bytes;) {
        uint64_t at = address + done;
        size_t now = piece(at, bytes - done);
        store_piece(ram->bytes + at, at, (const uint8_t *)from + done, now,
                    &words->value[(at - words->first) / 4]);
        done += now;
    }
    return true;
}
