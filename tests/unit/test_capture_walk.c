/*
 * The walk through page tables that were made by hand, and, where there is KVM, compared
 * with what KVM says of the same tables.
 */
#include "tests/unit/capture_aid.h"

#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "capture/walk.h"
#include "tests/unit/memory_aid.h"

#define SIZE UINT64_C(0x40000)
#define ROOT UINT64_C(0x1000)
#define RW (AID_P | AID_W)
#define RWU (AID_P | AID_W | AID_U)
#define KERNEL UINT64_C(0xffffffff81000000)

static uint8_t bytes[SIZE] __attribute__((aligned(4096)));

/* One page of each kind, each level refused once, and holes. */
static void make_tables(struct aid_memory *memory) {
    memset(bytes, 0, sizeof(bytes));
    aid_memory_init(memory, bytes, SIZE, ROOT);
    aid_map(memory, 0x5000, 0x20000, 0, RWU);
    aid_map(memory, 0x6000, 0x22000, 0, AID_P | AID_U);
    aid_map(memory, 0x7000, 0x21000, 0, RW | AID_XD);
    aid_map(memory, 0x8000, 0x23000, 0, AID_W | AID_U); /* not present */
    aid_map(memory, 0x9000, 0x24000, 0, RWU | AID_PS);  /* there it is the PAT bit */
    aid_map(memory, 0x400000, 0x200000, 1, RWU | AID_PS);
    aid_map(memory, 0x600000, 0x400000, 1, AID_W | AID_PS);
    aid_map(memory, UINT64_C(3) << 30, UINT64_C(1) << 30, 2, RW | AID_PS);
    aid_map(memory, UINT64_C(4) << 30, UINT64_C(1) << 30, 2, AID_PS);
    aid_map(memory, KERNEL, 0x25000, 0, RW);
    aid_map(memory, UINT64_C(0x00007ffffffff000), 0x26000, 0, RWU);
    aid_map(memory, UINT64_C(0xffff800000000000), 0x27000, 0, RWU);
    aid_map(memory, UINT64_C(0xfffffffffffff000), 0x28000, 0, RWU);
}

static void pages_of_each_size_are_found(void) {
    static const struct {
        uint64_t virtual, physical, left;
        bool writable, user, executable;
    } cases[] = {
        {0x5000, 0x20000, 4096, true, true, true},
        {0x5001, 0x20001, 4095, true, true, true},
        {0x5fff, 0x20fff, 1, true, true, true},
        {0x6000, 0x22000, 4096, false, true, true},
        {0x7ff8, 0x21ff8, 8, true, false, false},
        {0x9000, 0x24000, 4096, true, true, true},
        {0x400000, 0x200000, 0x200000, true, true, true},
        {0x5fffff, 0x3fffff, 1, true, true, true},
        {0x412345, 0x212345, 0x1edcbb, true, true, true},
        {UINT64_C(3) << 30, UINT64_C(1) << 30, UINT64_C(1) << 30, true, false, true},
        {(UINT64_C(4) << 30) - 1, (UINT64_C(2) << 30) - 1, 1, true, false, true},
        {KERNEL + 8, 0x25008, 4088, true, false, true},
        {UINT64_C(0x00007fffffffffff), 0x26fff, 1, true, true, true},
        {UINT64_C(0xffff800000000000), 0x27000, 4096, true, true, true},
        {UINT64_MAX, 0x28fff, 1, true, true, true},
    };
    struct aid_memory memory;
    make_tables(&memory);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cap_page page = {0};
        CHECK_EQ_U64(cap_walk(&memory.source, ROOT, cases[i].virtual, &page),
                     CAP_WALK_OK);
        CHECK_EQ_U64(page.physical, cases[i].physical);
        CHECK_EQ_U64(page.left, cases[i].left);
        CHECK_EQ_U64(page.writable, cases[i].writable);
        CHECK_EQ_U64(page.user, cases[i].user);
        CHECK_EQ_U64(page.executable, cases[i].executable);
        CHECK_EQ_U64(memory.last_read, 8);
        /* Flags of CR3, and the bit that keeps the TLB, do not matter. */
        struct cap_page again = {0};
        CHECK_EQ_U64(
            cap_walk(&memory.source, ROOT | AID_XD | 0xfff, cases[i].virtual, &again),
            CAP_WALK_OK);
        CHECK_EQ_U64(again.physical, page.physical);
    }
}

static void upper_levels_take_rights_away(void) {
    struct aid_memory memory;
    struct cap_page page;
    make_tables(&memory);
    uint64_t top = *(uint64_t *)(bytes + ROOT);
    aid_put_u64(&memory, ROOT, (top & ~AID_W) | AID_XD);
    CHECK_EQ_U64(cap_walk(&memory.source, ROOT, 0x5000, &page), CAP_WALK_OK);
    CHECK(!page.writable && page.user && !page.executable);
    aid_put_u64(&memory, ROOT, top & ~AID_U);
    CHECK_EQ_U64(cap_walk(&memory.source, ROOT, 0x400000, &page), CAP_WALK_OK);
    CHECK(page.writable && !page.user && page.executable);
}

static void what_is_missing_is_told_apart(void) {
    static const struct {
        uint64_t root, virtual;
        enum cap_walk_result want;
    } cases[] = {
        {ROOT, 0, CAP_WALK_NOT_PRESENT}, /* a hole in the last level */
        {ROOT, 0x8000, CAP_WALK_NOT_PRESENT},
        {ROOT, 0x200000, CAP_WALK_NOT_PRESENT}, /* in the second */
        {ROOT, 0x600000, CAP_WALK_NOT_PRESENT}, /* a large page that is not there */
        {ROOT, UINT64_C(4) << 30, CAP_WALK_NOT_PRESENT},
        {ROOT, UINT64_C(5) << 30, CAP_WALK_NOT_PRESENT},
        {ROOT, UINT64_C(1) << 40, CAP_WALK_NOT_PRESENT}, /* in the first */
        {ROOT, UINT64_C(1) << 47, CAP_WALK_NOT_CANONICAL},
        {ROOT, UINT64_C(0xffff7fffffffffff), CAP_WALK_NOT_CANONICAL},
        {ROOT, UINT64_C(1) << 63, CAP_WALK_NOT_CANONICAL},
        {SIZE, 0x5000, CAP_WALK_OUT_OF_MEMORY},
        {UINT64_C(0x000ffffffffff000), 0x5000, CAP_WALK_OUT_OF_MEMORY},
        {UINT64_MAX, UINT64_MAX, CAP_WALK_OUT_OF_MEMORY},
    };
    struct aid_memory memory;
    make_tables(&memory);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cap_page page = {.physical = 77};
        CHECK_EQ_U64(cap_walk(&memory.source, cases[i].root, cases[i].virtual, &page),
                     cases[i].want);
        CHECK_EQ_U64(page.physical, 77);
    }
}

static void tables_outside_of_memory_are_told(void) {
    struct aid_memory memory;
    struct cap_page page;
    for (int level = 3; level > 0; level--) {
        make_tables(&memory);
        uint64_t virtual = UINT64_C(1) << 41; /* nothing is mapped near it */
        aid_map(&memory, virtual, 0x20000, 0, RWU);
        CHECK_EQ_U64(cap_walk(&memory.source, ROOT, virtual, &page), CAP_WALK_OK);
        uint64_t entry = aid_map(&memory, virtual, SIZE, level, RWU);
        CHECK_EQ_U64(cap_walk(&memory.source, ROOT, virtual, &page),
                     CAP_WALK_OUT_OF_MEMORY);
        aid_put_u64(&memory, entry, UINT64_C(0x000ffffffffff000) | RWU);
        CHECK_EQ_U64(cap_walk(&memory.source, ROOT, virtual, &page),
                     CAP_WALK_OUT_OF_MEMORY);
    }
    /* A large page is not for the first level. */
    aid_map(&memory, UINT64_C(1) << 41, 0, 3, RWU | AID_PS);
    CHECK_EQ_U64(cap_walk(&memory.source, ROOT, UINT64_C(1) << 41, &page),
                 CAP_WALK_NOT_PRESENT);
}

/* Tables that lead to themselves, and tables full of noise. */
static void hostile_tables_end(void) {
    struct aid_memory memory;
    struct cap_page page;
    make_tables(&memory);
    aid_map(&memory, UINT64_C(0xffff888000000000), ROOT, 3, RW);
    for (uint64_t at = 0; at < UINT64_C(1) << 39; at += (UINT64_C(1) << 29) - 8) {
        memory.reads = 0;
        (void)cap_walk(&memory.source, ROOT, UINT64_C(0xffff888000000000) + at, &page);
        CHECK(memory.reads <= 4);
    }
    uint64_t noise = 88172645463325252u;
    for (size_t i = 0; i < SIZE; i += 8) {
        noise ^= noise << 13, noise ^= noise >> 7, noise ^= noise << 17;
        uint64_t entry = (noise & UINT64_C(0x800000000003f0ff)) | (noise >> 60 ? 1 : 0);
        memcpy(bytes + i, &entry, 8);
    }
    for (uint64_t i = 0, at = 0; i < 5000; i++, at += UINT64_C(0x9e3779b97f4a7c15)) {
        memory.reads = 0;
        page.left = 1;
        (void)cap_walk(&memory.source, at, (uint64_t)((int64_t)at >> 16), &page);
        CHECK(memory.reads <= 4);
        CHECK(page.left > 0);
    }
}

static void reads_cross_pages(void) {
    struct aid_memory memory;
    uint8_t got[0x3000], want[0x2000];
    make_tables(&memory);
    for (size_t i = 0x20000; i < 0x29000; i++)
        bytes[i] = (uint8_t)(i * 7 + (i >> 8));
    memcpy(want, bytes + 0x20000, 0x1000);
    memcpy(want + 0x1000, bytes + 0x22000, 0x1000);
    CHECK(cap_virtual_read(&memory.source, ROOT, 0x5000, got, 0x2000));
    CHECK_MEM(got, 0x2000, want, 0x2000);
    CHECK(cap_virtual_read(&memory.source, ROOT, 0x5ffd, got, 7));
    CHECK_MEM(got, 7, want + 0xffd, 7);
    CHECK(cap_virtual_read(&memory.source, ROOT, 0x5000, got, 0x3000));
    CHECK_MEM(got + 0x2000, 0x1000, bytes + 0x21000, 0x1000);
    CHECK(!cap_virtual_read(&memory.source, ROOT, 0x5000, got, 0x3001)); /* 0x8000 */
    CHECK(!cap_virtual_read(&memory.source, ROOT, 0x4fff, got, 2));
    /* Mapped, but not memory. */
    CHECK(!cap_virtual_read(&memory.source, ROOT, 0x400000, got, 4));
    CHECK(!cap_virtual_read(&memory.source, ROOT, UINT64_C(3) << 30, got, 1));
    /* The ends of both halves, and of everything. */
    CHECK(cap_virtual_read(&memory.source, ROOT, UINT64_C(0x00007ffffffffffc), got, 4));
    CHECK(!cap_virtual_read(&memory.source, ROOT, UINT64_C(0x00007ffffffffffd), got, 4));
    CHECK(cap_virtual_read(&memory.source, ROOT, UINT64_MAX - 3, got, 4));
    CHECK_MEM(got, 4, bytes + 0x28ffc, 4);
    CHECK(!cap_virtual_read(&memory.source, ROOT, UINT64_MAX - 2, got, 4));
    CHECK(!cap_virtual_read(&memory.source, ROOT, UINT64_MAX, got, 2));
    CHECK(cap_virtual_read(&memory.source, ROOT, UINT64_MAX, got, 1));
    CHECK(!cap_virtual_read(&memory.source, ROOT, 0x5000, got, SIZE_MAX));
    CHECK(cap_virtual_read(&memory.source, ROOT, 1, got, 0));
}

static void aligned_reads_are_one_access(void) {
    struct aid_memory memory;
    uint64_t value;
    make_tables(&memory);
    for (size_t size = 4; size <= 8; size += 4) {
        memory.reads = 0;
        CHECK(cap_virtual_read(&memory.source, ROOT, 0x6000 - size, &value, size));
        CHECK_EQ_U64(memory.reads, 5); /* one for each level, and the value */
        CHECK_EQ_U64(memory.last_read, size);
    }
}

/* ---- beside KVM ---- */

struct machine {
    int kvm, vm, vcpu;
    void *ram;
};

#define RAM_BYTES (UINT64_C(4) << 20)

static bool set_paging(const struct machine *machine) {
    struct kvm_sregs sregs;
    if (ioctl(machine->vcpu, KVM_GET_SREGS, &sregs))
        return false;
    sregs.cr3 = ROOT;
    sregs.cr4 |= 1u << 5;                        /* PAE */
    sregs.efer |= 1u << 8 | 1u << 10 | 1u << 11; /* LME, LMA, NXE */
    sregs.cr0 |= 1u << 31 | 1u;
    sregs.cs.l = 1;
    sregs.cs.db = 0;
    return ioctl(machine->vcpu, KVM_SET_SREGS, &sregs) == 0;
}

/* CPUID decides how large addresses are and whether bit 63 may be used. */
static bool set_cpuid(const struct machine *machine) {
    enum { ENTRIES = 256 };
    _Alignas(struct kvm_cpuid2) uint8_t
        room[sizeof(struct kvm_cpuid2) + ENTRIES * sizeof(struct kvm_cpuid_entry2)] = {0};
    struct kvm_cpuid2 *cpuid = (struct kvm_cpuid2 *)room;
    cpuid->nent = ENTRIES;
    return ioctl(machine->kvm, KVM_GET_SUPPORTED_CPUID, cpuid) == 0 &&
           ioctl(machine->vcpu, KVM_SET_CPUID2, cpuid) == 0;
}

static bool make_machine(struct machine *machine) {
    machine->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    machine->vm = machine->kvm < 0 ? -1 : ioctl(machine->kvm, KVM_CREATE_VM, 0);
    machine->vcpu = machine->vm < 0 ? -1 : ioctl(machine->vm, KVM_CREATE_VCPU, 0);
    machine->ram =
        mmap(NULL, RAM_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (machine->vcpu < 0 || machine->ram == MAP_FAILED)
        return false;
    struct kvm_userspace_memory_region region = {
        .memory_size = RAM_BYTES,
        .userspace_addr = (uintptr_t)machine->ram,
    };
    return ioctl(machine->vm, KVM_SET_USER_MEMORY_REGION, &region) == 0 &&
           set_cpuid(machine) && set_paging(machine);
}

static void close_machine(const struct machine *machine) {
    close(machine->vcpu);
    close(machine->vm);
    close(machine->kvm);
    if (machine->ram != MAP_FAILED)
        munmap(machine->ram, RAM_BYTES);
}

static void compare_at(const struct machine *machine, struct aid_memory *memory,
                       uint64_t virtual) {
    struct kvm_translation said = {.linear_address = virtual};
    struct cap_page page = {0};
    bool found = cap_walk(&memory->source, ROOT, virtual, &page) == CAP_WALK_OK;
    if (!CHECK_EQ_I64(ioctl(machine->vcpu, KVM_TRANSLATE, &said), 0))
        return;
    if (!CHECK_EQ_U64(found, said.valid))
        printf("# at 0x%llx\n", (unsigned long long)virtual);
    if (found)
        CHECK_EQ_U64(page.physical, said.physical_address);
}

/* Not asked: addresses that are not canonical, which KVM walks as if they were. */
static void kvm_finds_the_same(void) {
    static const uint64_t pages[] = {
        0x0,
        0x5000,
        0x6000,
        0x7000,
        0x8000,
        0x9000,
        0xa000,
        0x200000,
        0x400000,
        0x600000,
        UINT64_C(3) << 30,
        UINT64_C(4) << 30,
        UINT64_C(5) << 30,
        UINT64_C(1) << 40,
        KERNEL,
        UINT64_C(0x00007ffffffff000),
        UINT64_C(0xffff800000000000),
        UINT64_C(0xfffffffffffff000),
    };
    struct machine machine;
    struct aid_memory memory;
    NEED_KVM;
    if (CHECK(make_machine(&machine))) {
        make_tables(&memory);
        memcpy(machine.ram, bytes, SIZE);
        for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
            compare_at(&machine, &memory, pages[i]);
            compare_at(&machine, &memory, pages[i] + 0x123);
            compare_at(&machine, &memory, pages[i] + 0xfff);
        }
        for (uint64_t in = 0; in < 0x200000; in += 0x34567)
            compare_at(&machine, &memory, 0x400000 + in);
        for (uint64_t in = 0; in < UINT64_C(1) << 30; in += 0x1234567)
            compare_at(&machine, &memory, (UINT64_C(3) << 30) + in);
    }
    close_machine(&machine);
}

int main(void) {
    UNIT_RUN(pages_of_each_size_are_found);
    UNIT_RUN(upper_levels_take_rights_away);
    UNIT_RUN(what_is_missing_is_told_apart);
    UNIT_RUN(tables_outside_of_memory_are_told);
    UNIT_RUN(hostile_tables_end);
    UNIT_RUN(reads_cross_pages);
    UNIT_RUN(aligned_reads_are_one_access);
    UNIT_RUN(kvm_finds_the_same);
    return unit_done();
}
